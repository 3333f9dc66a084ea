"""aiogram's and the network's errors as those of `matebot.core.errors`; nothing else knows both.

Pure but for the context manager's own callback. Reasons hold no token.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from matebot.core.errors import (
    DeliveryError,
    FileTooLarge,
    MessageGone,
    NoAccess,
    NotConnected,
    OtherKind,
    PermanentError,
    RoomGone,
    RoomMoved,
    TemporaryError,
    UnsureError,
)

REVOKED: Final = "the token was revoked"
_TOKEN: Final = re.compile(r"\d{3,}:[A-Za-z0-9_-]{8,}")


class FileRefused(PermanentError):
    """The service takes this file not in this form, or does not know it by this id."""


#: What chats may forbid by itself: https://core.telegram.org/bots/api#chatpermissions
_SENT: Final = "photos|videos?|video notes?|voice notes?|audios?|documents?|stickers?|media|gifs?"
_FORBIDDEN: Final = re.compile(
    rf"rights to send (?:{_SENT}|animations?|music)"
    r"|chat_send_(?!plain)\w+_forbidden|voice_messages_forbidden"
)

# What the server writes after "Bad Request: " or "Forbidden: ", in lower case; the first counts.
_MEANINGS: Final[tuple[tuple[str, type[PermanentError]], ...]] = (
    ("file is too big", FileTooLarge),
    ("there is no text in the message to edit", OtherKind),
    ("there is no caption in the message to edit", OtherKind),
    ("there is no media in the message to edit", OtherKind),
    ("media can't be edited", OtherKind),
    ("can't change media type", OtherKind),
    ("can't be used in an album", OtherKind),
    ("media_grouped_invalid", OtherKind),
    ("message to edit not found", MessageGone),
    ("message to delete not found", MessageGone),
    ("message can't be edited", MessageGone),
    ("message to react not found", MessageGone),
    ("message to pin not found", MessageGone),
    ("message to unpin not found", MessageGone),
    ("message_id_invalid", MessageGone),
    ("message to be replied not found", MessageGone),
    ("replied message not found", MessageGone),
    ("chat not found", RoomGone),
    ("thread not found", RoomGone),
    ("topic_deleted", RoomGone),
    ("group chat was deleted", RoomGone),
    ("group chat was deactivated", RoomGone),
    ("user is deactivated", RoomGone),
    ("peer_id_invalid", RoomGone),
    ("topic_closed", NoAccess),
    ("not enough rights", NoAccess),
    ("need administrator rights", NoAccess),
    ("have no rights", NoAccess),
    ("chat_write_forbidden", NoAccess),
    ("chat_restricted", NoAccess),
    ("chat_admin_required", NoAccess),
    ("chat_send_plain_forbidden", NoAccess),
    ("user_banned_in_channel", NoAccess),
    ("wrong file identifier", FileRefused),
    ("wrong remote file identifier", FileRefused),
    ("wrong file_id", FileRefused),
    ("invalid file_id", FileRefused),
    ("file_reference_", FileRefused),
    ("can't use file of type", FileRefused),
    ("type of file mismatch", FileRefused),
    ("wrong type of the web page content", FileRefused),
    ("file must be non-empty", FileRefused),
    ("too big for a", FileRefused),
    ("wrong file type", FileRefused),
    ("photo_", FileRefused),
    ("image_process_failed", FileRefused),
    ("media_invalid", FileRefused),
    ("media_empty", FileRefused),
    ("media_file_invalid", FileRefused),
    ("file_parts_invalid", FileRefused),
    ("file_part_", FileRefused),
    ("video_file_invalid", FileRefused),
    ("video_content_type_invalid", FileRefused),
    ("sticker_", FileRefused),
    ("group send failed", FileRefused),
    ("failed to send message #", FileRefused),
)


@contextmanager
def translated(
    on_revoked: Callable[[], None] | None = None, *, idempotent: bool = False
) -> Iterator[None]:
    """Raise what aiogram raises inside as a `DeliveryError`.

    Args:
        on_revoked: Called when the service no longer knows the token.
        idempotent: Whether doing it twice does no harm, so that nobody needs to look for it.
    """
    try:
        yield
    except (AiogramError, aiohttp.ClientError, OSError, TimeoutError) as error:
        translation = translate(error)
        if isinstance(translation, NotConnected) and on_revoked is not None:
            on_revoked()
        if idempotent and isinstance(translation, UnsureError):
            translation = TemporaryError(str(translation))
        # Without its cause: a traceback would print what the reason was cleaned of.
        raise translation from None


def translate(error: Exception) -> DeliveryError:
    """What an error of a call to the Bot API means."""
    reason = _reason(error)
    match error:
        case TelegramRetryAfter():
            return TemporaryError(reason, float(error.retry_after))
        case TelegramMigrateToChat():
            return RoomMoved(reason, error.migrate_to_chat_id)
        case TelegramUnauthorizedError():
            return NotConnected(REVOKED)
        case TelegramForbiddenError() | TelegramBadRequest():
            otherwise = NoAccess if isinstance(error, TelegramForbiddenError) else PermanentError
            return _meaning(reason, otherwise)(reason)
        case TelegramEntityTooLarge():
            return FileRefused(reason)
        case TelegramConflictError() | TelegramNotFound():
            # 404 is the server's "no such method" or a gateway's own: nothing was done.
            return TemporaryError(reason)
        case TelegramServerError() | ClientDecodeError():
            # A gateway's 502 or 504, even the server's own 500, may follow a message that went out.
            return UnsureError(reason)
        case TelegramNetworkError() if error.__cause__ is not None:
            return _network(error.__cause__, reason)
        case TelegramAPIError() | AiogramError():
            return PermanentError(reason)
        case _:
            return _network(error, reason)


def _network(error: BaseException, reason: str) -> DeliveryError:
    """Nothing was sent while there was no connection; after that nobody knows."""
    before = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
    return TemporaryError(reason) if isinstance(error, before) else UnsureError(reason)


def _meaning(reason: str, otherwise: type[PermanentError]) -> type[PermanentError]:
    lowered = reason.lower()
    if _FORBIDDEN.search(lowered):
        return FileRefused  # the room itself is well: something else may stand for the file
    return next((kind for words, kind in _MEANINGS if words in lowered), otherwise)


def _reason(error: Exception) -> str:
    """One line without a token, a link to a manual or the body of an answer."""
    match error:
        case ClientDecodeError():
            text = f"unreadable answer: {type(error.original).__name__}"
        case TelegramRetryAfter() | TelegramMigrateToChat():
            # aiogram's own sentence stands before the server's; its first line says all.
            text = error.message
        case TelegramAPIError():
            text = error.message
        case _:
            text = f"{type(error).__name__}: {error}"
    line = (text or type(error).__name__).strip().partition("\n")[0]
    return _TOKEN.sub("<token>", line)
