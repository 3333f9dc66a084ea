"""The files of what is to be sent: whether Telegram has them already, and where they lie if not."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from aiogram import types

from matebot.core.errors import PermanentError, SourceUnavailable, StoreUnavailable
from matebot.core.ids import Platform
from matebot.core.media import FileBook, Media, Outcome, Ready, Takes, has_files
from matebot.core.message import AttachmentKind, Copy, Message
from matebot.telegram.limits import LOCAL_BYTES, UPLOAD_BYTES
from matebot.telegram.media_forms import Source, Sources
from matebot.telegram.own_files import is_own, own_outcomes, own_source, resendable
from matebot.telegram.render import TelegramPart

MOST_ORIGINS: Final = 1000
#: An animation is told as a document, too, for bots that know no animations.
_FIELDS: Final = (
    (AttachmentKind.ANIMATION, "animation"),
    (AttachmentKind.PHOTO, "photo"),
    (AttachmentKind.VIDEO, "video"),
    (AttachmentKind.AUDIO, "audio"),
    (AttachmentKind.VOICE, "voice"),
    (AttachmentKind.VIDEO_NOTE, "video_note"),
    (AttachmentKind.STICKER, "sticker"),
    (AttachmentKind.FILE, "document"),
)
_logger = logging.getLogger(__name__)


class Uploads:
    """Knows by what each file is sent: its id there, or its place on disk.

    Args:
        media: Fetches and converts files.
        book: Remembers the files that Telegram keeps.
        local: Whether the Bot API server was started with ``--local``.
    """

    def __init__(self, media: Media, book: FileBook, *, local: bool = False) -> None:
        self._media = media
        self._book = book
        self._takes = Takes(Platform.TELEGRAM, LOCAL_BYTES if local else UPLOAD_BYTES)
        # The latest message that each file came with: its address is the freshest.
        self._origins: OrderedDict[str, Message] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def foresee(self, message: Message) -> None:
        """Begin with the files of a message; Telegram has its own already."""
        if not is_own(message) and has_files(message):
            self._media.foresee(message, self._takes)

    async def settled(self, copy: Copy) -> tuple[Copy, Sequence[Outcome]]:
        """A copy as it is to be rendered, and what becomes of each of its attachments.

        Raises:
            TemporaryError: That cannot be told now.
        """
        message = copy.message
        if not has_files(message):
            return copy, [None] * len(message.attachments)
        found: Sequence[Outcome]
        if is_own(message):
            copy = resendable(copy)
            found = own_outcomes(copy.message)
        else:
            found = await self._media.outcomes(message, self._takes, fetch=not copy.stands)
        for outcome in found:
            if isinstance(outcome, Ready):
                self._remember(outcome.key, message)
        return copy, found

    @asynccontextmanager
    async def turn(self, parts: Sequence[TelegramPart]) -> AsyncIterator[None]:
        """Keep the files of parts that Telegram does not have yet from being uploaded twice.

        Another room that is to have one of them waits, and then sends it by its id.
        """
        keys = {part.media[0].key for part in parts}
        known = await self._book.known(list(keys))
        new = [key for key in keys if not (key in known and known[key].remote)]
        async with AsyncExitStack() as held:
            for key in sorted(new):  # in one order everywhere: nobody waits for each other
                if (message := self._origins.get(key)) is None or not is_own(message):
                    lock = self._locks.setdefault(key, asyncio.Lock())
                    await held.enter_async_context(lock)
            yield

    async def sources(self, parts: Sequence[TelegramPart], *, anew: bool = False) -> Sources:
        """By what each file of the parts is sent.

        Args:
            parts: Each with a file.
            anew: Whether those that Telegram should have are uploaded all the same.

        Raises:
            TemporaryError: A file is not to be had now.
        """
        files = [part.media[0] for part in parts]
        known = {} if anew else await self._book.known([file.key for file in files])
        sources = {}
        for file in files:
            there = known.get(file.key)
            if there is not None and there.remote:
                kind, _, file_id = there.remote.partition(":")
                sources[file.key] = Source(AttachmentKind(kind), file_id)
            else:
                sources[file.key] = await self._source(file, anew=anew)
        return sources

    async def sent(
        self, parts: Sequence[TelegramPart], sources: Sources, answers: Sequence[types.Message]
    ) -> None:
        """Remember by which ids the server knows what was just uploaded."""
        for part, answer in zip(parts, answers, strict=True):
            key = part.media[0].key
            if isinstance(sources[key].by, Path) and (remote := _remote(answer)):
                # What was posted stands, whether that is remembered or not.
                with suppress(StoreUnavailable):
                    await self._book.note_remote(key, remote)

    async def forget(self, parts: Sequence[TelegramPart]) -> None:
        """The server does not know the files by their ids any more."""
        for part in parts:
            await self._book.note_remote(part.media[0].key, "")

    async def _source(self, file: Ready, *, anew: bool) -> Source:
        message = self._origins.get(file.key)
        if message is None:
            raise SourceUnavailable("the message that a file came with is not at hand")
        if is_own(message):
            return Source(file.kind, None) if anew else own_source(message, file)
        try:
            return Source(file.kind, await self._media.path(message, file, self._takes))
        except PermanentError as error:
            _logger.warning("a file goes as a note: %s", error)
            return Source(file.kind, None)

    def _remember(self, key: str, message: Message) -> None:
        self._origins[key] = message
        self._origins.move_to_end(key)
        while len(self._origins) > MOST_ORIGINS:
            self._origins.popitem(last=False)


def _remote(message: types.Message) -> str:
    """The id of a message's file behind the kind that the server made of it."""
    for kind, field in _FIELDS:
        file = getattr(message, field, None)  # of a note it is not even read
        if file:
            largest = file[-1] if isinstance(file, list) else file
            return f"{kind.value}:{largest.file_id}"
    return ""
