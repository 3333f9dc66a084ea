import asyncio

import aiohttp
import pytest
from aiogram import exceptions
from aiogram.methods import SendMessage
from aiohttp.client_reqrep import ConnectionKey

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
from matebot.telegram.errors import FileRefused, translate, translated

METHOD = SendMessage(chat_id=-1, text="x")
KEY = ConnectionKey("api.example", 443, True, True, None, None, None)
TOKEN = "123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"


def bad(text: str) -> Exception:
    """A 400 with such a description."""
    return exceptions.TelegramBadRequest(METHOD, f"Bad Request: {text}")


def forbidden(text: str) -> Exception:
    """A 403 with such a description."""
    return exceptions.TelegramForbiddenError(METHOD, f"Forbidden: {text}")


def network(cause: BaseException) -> Exception:
    """The network's error in aiogram's wrapping."""
    error = exceptions.TelegramNetworkError(METHOD, f"{type(cause).__name__}: {cause}")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (bad("chat not found"), RoomGone),
        (bad("message thread not found"), RoomGone),
        (bad("TOPIC_CLOSED"), NoAccess),
        (bad("not enough rights to send text messages to the chat"), NoAccess),
        (bad("not enough rights to send photos to the chat"), FileRefused),
        (bad("CHAT_SEND_STICKERS_FORBIDDEN"), FileRefused),
        (bad("CHAT_SEND_PLAIN_FORBIDDEN"), NoAccess),
        (bad("PHOTO_INVALID_DIMENSIONS"), FileRefused),
        (bad("IMAGE_PROCESS_FAILED"), FileRefused),
        (bad("wrong file identifier/HTTP URL specified"), FileRefused),
        (exceptions.TelegramEntityTooLarge(METHOD, "Request Entity Too Large"), FileRefused),
        (bad("file is too big"), FileTooLarge),
        (bad("there is no text in the message to edit"), OtherKind),
        (bad("need administrator rights in the channel chat"), NoAccess),
        (bad("message to edit not found"), MessageGone),
        (bad("message can't be edited"), MessageGone),
        (bad("message is too long"), PermanentError),
        (forbidden("bot was kicked from the supergroup chat"), NoAccess),
        (forbidden("bot was blocked by the user"), NoAccess),
        (forbidden("bot can't initiate conversation with a user"), NoAccess),
        (forbidden("the group chat was deleted"), RoomGone),
        (forbidden("user is deactivated"), RoomGone),
        (exceptions.TelegramUnauthorizedError(METHOD, "Unauthorized"), NotConnected),
        (exceptions.TelegramNotFound(METHOD, "Not Found"), TemporaryError),
        (exceptions.TelegramServerError(METHOD, "Bad Gateway"), UnsureError),
        (exceptions.ClientDecodeError("x", ValueError("y"), "<html>"), UnsureError),
        (network(TimeoutError()), UnsureError),
        (network(aiohttp.ServerDisconnectedError()), UnsureError),
        (network(aiohttp.ClientOSError(104, "Connection reset by peer")), UnsureError),
        (network(aiohttp.ClientPayloadError()), UnsureError),
        (network(aiohttp.ClientConnectorError(KEY, OSError(111, "refused"))), TemporaryError),
        (network(aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown"))), TemporaryError),
        (network(aiohttp.ConnectionTimeoutError()), TemporaryError),
        (ConnectionResetError(), UnsureError),
    ],
)
def test_meanings(error: Exception, kind: type[DeliveryError]) -> None:
    """Each error of the library means exactly one of the bridge's."""
    assert type(translate(error)) is kind


def test_hints_are_carried() -> None:
    """The service's own wait and the chat's new id arrive as data."""
    wait = translate(exceptions.TelegramRetryAfter(METHOD, "Too Many Requests", 7))
    moved = translate(exceptions.TelegramMigrateToChat(METHOD, "upgraded", -100))
    assert isinstance(wait, TemporaryError)
    assert isinstance(moved, RoomMoved)
    assert (wait.retry_after_s, moved.new_chat) == (7.0, -100)


def test_reasons_hold_no_token_and_one_line() -> None:
    """Nothing secret and no manual's link comes along with a reason."""
    url = f"https://api.example/bot{TOKEN}/sendMessage"
    for error in (network(aiohttp.InvalidURL(url)), bad(f"x {url}\nsecond line"), OSError(url)):
        reason = str(translate(error))
        assert TOKEN not in reason
        assert "AAHf" not in reason
        assert "\n" not in reason
        assert reason


def test_an_idempotent_call_is_never_unsure() -> None:
    """What may be done twice is simply tried again."""
    with pytest.raises(TemporaryError), translated(idempotent=True):
        raise network(TimeoutError())


def test_a_revoked_token_is_told_once_called() -> None:
    """A 401 calls back, so that the side is paused."""
    told: list[bool] = []
    with pytest.raises(NotConnected), translated(lambda: told.append(True)):
        raise exceptions.TelegramUnauthorizedError(METHOD, "Unauthorized")
    assert told == [True]


def test_cancellation_passes() -> None:
    """A cancelled call stays cancelled."""
    with pytest.raises(asyncio.CancelledError), translated():
        raise asyncio.CancelledError
