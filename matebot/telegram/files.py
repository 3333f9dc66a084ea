"""Reads the files that people sent: by the Bot API's getFile, or from a local server's own disk."""

import asyncio
import logging
import os
import stat
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from io import FileIO
from pathlib import PurePosixPath
from typing import Final

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import GetFile
from aiohttp import ClientResponse, ClientTimeout

from matebot.core.errors import FileTooLarge, MessageGone, PermanentError, TemporaryError
from matebot.core.ids import MessageRef
from matebot.core.media import Opened
from matebot.core.message import File
from matebot.telegram.errors import translated
from matebot.telegram.limits import DOWNLOAD_BYTES, LOCAL_BYTES

CHUNK_BYTES: Final = 64 * 1024
#: No bound on the whole, since a large file takes its time; but one that stalls is given up.
TIMEOUT: Final = ClientTimeout(total=None, connect=10, sock_read=30)
ATTEMPTS: Final = 2
PAUSE_S: Final = 1.0
_logger = logging.getLogger(__name__)


class TelegramFiles:
    """Implements `matebot.core.media.FileSource` for Telegram.

    Args:
        bot: Ours.
        local: Whether the Bot API server was started with ``--local``: it hands out files of any
            size by their paths on this machine.
    """

    def __init__(self, bot: Bot, *, local: bool = False) -> None:
        self._bot = bot
        self._local = local
        self.most_bytes = LOCAL_BYTES if local else DOWNLOAD_BYTES

    @asynccontextmanager
    async def open(self, file: File, of: MessageRef) -> AsyncIterator[Opened]:  # noqa: ARG002  (the protocol's)
        """Read a message's file from its beginning; see `read`."""
        async with self.read(file.source) as opened:
            yield opened

    @asynccontextmanager
    async def read(self, file_id: str) -> AsyncIterator[Opened]:
        """Read a file from its beginning; its address, an hour old at most, is asked each time.

        Raises:
            FileTooLarge: The service hands out no file of that size.
            MessageGone: There is no such file any more.
            TemporaryError: It cannot be read now; also from the chunks.
        """
        path, size = await self._locate(file_id)
        if PurePosixPath(path).is_absolute():
            if not self._local:
                _logger.error("a server started with --local: set MATEBOT_TELEGRAM_LOCAL=yes")
                raise MessageGone("a path of this machine is read only with a local server")
            opened = await asyncio.to_thread(_open_regular, path)
            with opened:
                async with aclosing(_read(opened)) as chunks:
                    yield Opened(os.fstat(opened.fileno()).st_size, chunks)
            return
        response = await self._get(path, file_id)
        try:
            async with aclosing(_stream(response)) as chunks:
                yield Opened(response.content_length or size, chunks)
        finally:
            response.close()  # what was not read is not fetched

    async def _locate(self, source: str) -> tuple[str, int | None]:
        """A fresh path, and the size if it is told."""
        refusal = "the service told no path"
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_S)
            try:
                with translated(idempotent=True):
                    told = await self._bot(GetFile(file_id=source))
            except PermanentError as error:
                if isinstance(error, FileTooLarge):
                    raise
                # "wrong file_id or the file is temporarily unavailable" does not say which.
                refusal = str(error)
            else:
                if told.file_path:
                    return told.file_path, told.file_size
        raise MessageGone(refusal)

    async def _get(self, path: str, source: str) -> ClientResponse:
        """The answer to a request for a file, whose address may have expired just now."""
        for _ in range(ATTEMPTS):
            response = await self._request(path)
            if response.status == 200:
                return response
            response.close()
            if response.status != 404:
                raise TemporaryError(f"the file server answers {response.status}")
            path, _ = await self._locate(source)
        raise MessageGone("the file server does not have it")

    async def _request(self, path: str) -> ClientResponse:
        session = self._bot.session
        if not isinstance(session, AiohttpSession):
            raise TypeError("files are read with aiohttp")
        url = session.api.file_url(self._bot.token, path)
        with translated(idempotent=True):
            client = await session.create_session()
            return await client.get(url, timeout=TIMEOUT)


async def _stream(response: ClientResponse) -> AsyncGenerator[bytes, None]:
    with translated(idempotent=True):
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            yield chunk


async def _read(opened: FileIO) -> AsyncGenerator[bytes, None]:
    with translated(idempotent=True):
        while chunk := await asyncio.to_thread(opened.read, CHUNK_BYTES):
            yield chunk


def _open_regular(path: str) -> FileIO:
    """Open a file of the local server's; nothing else than a file is ever opened.

    Raises:
        MessageGone: There is none.
        TemporaryError: It cannot be read.
    """
    try:
        # Without waiting for the other end of a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise MessageGone("the local server's file is not there") from None
    except OSError as error:
        raise TemporaryError(f"the local server's file: {type(error).__name__}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise MessageGone("the local server's path is no file")
    return FileIO(descriptor)
