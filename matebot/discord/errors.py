"""The library's and the network's errors as core errors; the only module that knows both.

Discord's codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import discord

from matebot.core.errors import (
    DeliveryError,
    FileTooLarge,
    MessageGone,
    NoAccess,
    NotConnected,
    OtherKind,
    PermanentError,
    RoomGone,
    TemporaryError,
    UnsureError,
)

UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_MESSAGE: Final = 10008
UNKNOWN_WEBHOOK: Final = 10015
INVALID_WEBHOOK_TOKEN: Final = 50027
MISSING_PERMISSIONS: Final = 50013
CANNOT_EDIT_OTHERS: Final = 50005
CANNOT_DM: Final = 50007
UNKNOWN_EMOJI: Final = 10014
MAX_REACTIONS: Final = 30010
REACTION_BLOCKED: Final = 90001

BANNED_WAIT_S: Final = 600.0
"""After an answer that is not Discord's own (a ban of the address): its window is ten minutes."""

_SECRETS: Final = re.compile(r"\S*://\S+|/(webhooks|interactions)/\d+/\S+")
_NETWORK = (aiohttp.ClientError, OSError, TimeoutError)


class WebhookGone(TemporaryError):
    """The webhook was deleted, or its token changed: make another and post again."""


class MissingPermission(NoAccess):
    """The bot's roles do not allow it in that channel."""


class ThreadArchived(NoAccess):
    """A message of an archived thread cannot be changed; whoever may write there may open it."""


class FilesRefused(PermanentError):
    """Discord does not take the files, or not as a voice message; the text it may."""


class IdentityRefused(PermanentError):
    """Discord does not take the name or the picture under which a webhook was to post."""


class Foreign(PermanentError):
    """The message to edit is somebody else's."""


class UnknownEmoji(PermanentError):
    """Discord does not know the emoji, or the bot may not use it."""


class NoOpenPoll(PermanentError):
    """The message is no poll, or one that has ended."""


class NoMoreReactions(PermanentError):
    """The message bears as many kinds as it can, or its author blocked the bot."""


_MEANINGS: Final[dict[int, tuple[type[PermanentError], str]]] = {
    UNKNOWN_CHANNEL: (RoomGone, "the channel is gone"),
    10004: (RoomGone, "the server is gone"),
    UNKNOWN_MESSAGE: (MessageGone, "the message is gone"),
    CANNOT_EDIT_OTHERS: (Foreign, "the message is not MateBot's"),
    MISSING_PERMISSIONS: (MissingPermission, "a permission is missing in the channel"),
    UNKNOWN_EMOJI: (UnknownEmoji, "the emoji is unknown"),
    MAX_REACTIONS: (NoMoreReactions, "the message has all the reactions that it can have"),
    REACTION_BLOCKED: (NoMoreReactions, "the author takes no reactions of MateBot's"),
    520001: (NoOpenPoll, "the poll has ended"),
    520006: (NoOpenPoll, "the message is no poll"),
    40005: (FileTooLarge, "Discord takes no file of that size"),
    50045: (FileTooLarge, "Discord takes no file of that size"),
    50046: (FilesRefused, "Discord does not take the file"),
    50159: (FilesRefused, "a voice message is its sound alone"),
    50160: (FilesRefused, "a voice message is one sound"),
    50161: (FilesRefused, "the voice message lacks its duration or its waveform"),
    50162: (OtherKind, "a voice message cannot be edited"),
    50173: (FilesRefused, "there are no voice messages in the channel"),
    400001: (FilesRefused, "the server takes no files now"),
    30003: (PermanentError, "the channel has all the pins that it can have"),
    50001: (NoAccess, "no access to the channel"),
    CANNOT_DM: (NoAccess, "the person takes no private messages"),
    50009: (NoAccess, "the server's verification level is too high"),
    50083: (ThreadArchived, "the thread is archived"),
    160005: (NoAccess, "the thread is locked"),
    30007: (NoAccess, "the channel has all the webhooks that it can have"),
}


def core_error(error: BaseException, *, posting: bool) -> DeliveryError:
    """What a failed call means.

    Args:
        error: Of discord.py, aiohttp or the operating system.
        posting: Whether the call makes something: an answer that never came leaves it unsure.
    """
    if isinstance(error, discord.RateLimited):
        return TemporaryError("rate limited", error.retry_after)
    if isinstance(error, discord.LoginFailure):
        return NotConnected("Discord does not take the token")
    if isinstance(error, discord.HTTPException):
        return _of_answer(error, posting=posting)
    if isinstance(error, _NETWORK):
        return _of_network(error, posting=posting)
    return PermanentError(clean(f"{type(error).__name__}: {error}"))


def _of_answer(error: discord.HTTPException, *, posting: bool) -> DeliveryError:
    reason = clean(str(error))
    if error.code in (UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN):
        return WebhookGone("the webhook is gone", 0.0)
    if error.status == 401:
        return NotConnected("Discord does not take the token any more")
    if error.status == 429:
        return TemporaryError("rate limited", _hint(error))
    if error.status >= 500:
        return (UnsureError if posting else TemporaryError)(reason)
    if error.code in _MEANINGS:
        kind, words = _MEANINGS[error.code]
        return kind(f"{words} (Discord's code {error.code})")
    if error.status == 413:
        return FileTooLarge("Discord takes no message of that size")
    if error.status == 403 and error.code == 0:
        return TemporaryError(reason, BANNED_WAIT_S)
    if "In username:" in error.text or "In avatar_url:" in error.text:
        return IdentityRefused(reason)
    return PermanentError(reason)


def _of_network(error: BaseException, *, posting: bool) -> DeliveryError:
    """Before the request went out nothing arrived; after it nobody knows."""
    unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    reason = f"Discord could not be reached: {type(error).__name__}"
    if unsent or not posting:
        return TemporaryError(reason)
    return UnsureError(f"Discord's answer never came: {type(error).__name__}")


def _hint(error: discord.HTTPException) -> float:
    """Seconds from ``Retry-After``; without one the answer is not Discord's own."""
    try:
        return max(0.0, float(error.response.headers.get("Retry-After", "")))
    except ValueError:
        return BANNED_WAIT_S


def clean(reason: str) -> str:
    """A reason on one line, without addresses (they hold webhooks' tokens), not too long."""
    return _SECRETS.sub("(address)", " ".join(reason.split()))[:300]


@contextmanager
def translated(*, posting: bool = False) -> Iterator[None]:
    """Have the library's and the network's errors leave the block as core errors.

    The originals are cut off: their texts and frames may hold a webhook's token.

    Raises:
        DeliveryError: In place of what the library raised.
    """
    try:
        yield
    except (discord.DiscordException, *_NETWORK) as error:
        raise core_error(error, posting=posting) from None
