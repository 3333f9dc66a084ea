"""Where the files of Discord's messages come from: its file servers, and nothing else.

Addresses of attachments are signed and expire after about a day:
https://discord.com/developers/docs/reference#signed-attachment-cdn-urls (2026-11-24).
"""

import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
from discord.http import Route
from yarl import URL

from matebot.core.errors import (
    DeliveryError,
    MessageGone,
    NoAccess,
    NotConnected,
    PermanentError,
    TemporaryError,
)
from matebot.core.ids import MessageRef
from matebot.core.media import Opened
from matebot.core.message import File
from matebot.discord.cdn import reachable
from matebot.discord.client import DiscordClient
from matebot.discord.errors import BANNED_WAIT_S

log = logging.getLogger(__name__)

_CHUNK: Final = 1 << 16
_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=30.0)
"""A large file may take long; a server that says nothing may not."""
_NETWORK: Final = (aiohttp.ClientError, OSError, TimeoutError)
_LATER: Final = frozenset({408, 425, 429})
"""Of the answers below 500, those that another attempt may change."""
_EXPIRED: Final = frozenset({403, 404})
_SIGNED: Final = ("/attachments/", "/ephemeral-attachments/")


class DiscordFiles:
    """Implements `matebot.core.media.FileSource` for Discord.

    Args:
        client: The connection; its session for webhooks carries no bot token.
    """

    most_bytes: int = sys.maxsize
    """Discord hands out all that it took."""

    def __init__(self, client: DiscordClient) -> None:
        self._client = client

    @asynccontextmanager
    async def open(self, file: File, of: MessageRef) -> AsyncIterator[Opened]:
        """Read a file from its beginning; see `FileSource.open`."""
        response = await self._get(file.source)
        try:
            if response.status in _EXPIRED:
                response.release()
                response = await self._get(await self._fresh(file, of))
            _check(response)
            yield Opened(_size(response), _chunks(response))
        finally:
            response.release()  # with an end put to what was not read

    async def _get(self, source: str) -> aiohttp.ClientResponse:
        """Ask for a file; Discord's servers lead nowhere else, so nothing is followed.

        Raises:
            MessageGone: The address is not one of Discord's.
            TemporaryError: Nobody answered.
        """
        url = reachable(source)
        if url is None:
            raise MessageGone("the file does not lie at Discord")
        try:
            return await self._client.session.get(
                URL(url, encoded=url.isascii()),  # what is signed stays as it is
                timeout=_TIMEOUT,
                allow_redirects=False,
                # Nothing unpacks on the way: the size is the size.
                headers={"Accept-Encoding": "identity"},
            )
        except _NETWORK as error:
            raise _unreached(error) from None
        except DeliveryError as error:
            raise TemporaryError(str(error)) from None

    async def _fresh(self, file: File, of: MessageRef) -> str:
        """A new address of a file, whose old one is not taken any more.

        Raises:
            MessageGone: Neither its message nor Discord has it.
            TemporaryError: Discord did not tell.
        """
        try:
            found = await self._in_message(file, of)
            if found is None and not file.unique.isdecimal():
                # None of its own, but one that its text leads to.
                found = await self._refreshed(file.source)
        except NoAccess:  # not to its history, perhaps
            found = await self._refreshed(file.source)
        except PermanentError as error:
            raise MessageGone(f"the file is gone: {error}") from None
        except NotConnected as error:
            raise TemporaryError(str(error)) from None
        if found is None:
            raise MessageGone("the file is gone")
        return found

    async def _in_message(self, file: File, of: MessageRef) -> str | None:
        """The address that the message now tells; None where it has no such file any more."""
        async with self._client.asking():
            message = await self._client.http.get_message(of.room.chat, of.message_id)
        return next(_addresses(message, file.unique), None)

    async def _refreshed(self, source: str) -> str | None:
        """The address signed anew, as Discord's own clients have it done; None if it is not."""
        if not any(step in source for step in _SIGNED):
            return None
        route = Route("POST", "/attachments/refresh-urls")
        try:
            async with self._client.asking():
                answer: Any = await self._client.http.request(
                    route, json={"attachment_urls": [source]}
                )
        except PermanentError as error:
            log.info("an address was not signed anew: %s", error)
            return None
        pairs = answer.get("refreshed_urls") or [] if isinstance(answer, dict) else []
        return next((each["refreshed"] for each in pairs if each.get("refreshed")), None)


def _addresses(told: Any, unique: str) -> Iterator[str]:
    """Where a message tells of a file: among its own, a forward's, or its components'."""
    if isinstance(told, list):
        for each in told:
            yield from _addresses(each, unique)
    elif isinstance(told, dict):
        if told.get("url") and unique in (told.get("id"), told.get("attachment_id")):
            yield str(told["url"])
        for each in told.values():
            yield from _addresses(each, unique)


def _check(response: aiohttp.ClientResponse) -> None:
    """Let a whole file pass.

    Raises:
        MessageGone: There is none.
        TemporaryError: It cannot be read now.
    """
    status = response.status
    if status == 200:
        return
    reason = f"Discord's file server answered {status}"
    if status >= 500 or status in _LATER:
        raise TemporaryError(reason, _hint(response) if status == 429 else None)
    raise MessageGone(reason)


def _hint(response: aiohttp.ClientResponse) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return BANNED_WAIT_S


def _size(response: aiohttp.ClientResponse) -> int | None:
    packed = "Content-Encoding" in response.headers
    return None if packed else response.content_length


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """A file's bytes, at most 64 KiB at once.

    Raises:
        TemporaryError: They ended before their end.
    """
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            yield chunk
    except _NETWORK as error:
        raise _unreached(error) from None


def _unreached(error: BaseException) -> TemporaryError:
    return TemporaryError(f"Discord's file server: {type(error).__name__}")
