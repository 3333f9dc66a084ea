"""A service that hands out files, a book and a converter, to be looked at and to be broken."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from matebot.core.errors import DeliveryError, MessageGone, TemporaryError
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import LeftOut, Opened, Ready, Sent, Takes
from matebot.core.message import Attachment, AttachmentKind, Author, File, Message
from matebot.core.richtext import RichText
from matebot.media.conversion import MAKES, Conversion, Facts, Limits, Unconvertible

GROUP, CHANNEL = Room.telegram(-1001), Room.discord(5000)
TO_DISCORD = Takes(Platform.DISCORD, 10_000_000)
TO_TELEGRAM = Takes(Platform.TELEGRAM, 50_000_000)


class Clock:
    """Seconds that stand until they are moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, not longer than a test may last."""
    async with asyncio.timeout(20.0):
        while not condition():
            await asyncio.sleep(0.001)


class Source:
    """A service's files (`matebot.core.media.FileSource`).

    Attributes:
        files: What it has, by source.
        opened: Which were asked for, in order.
        errors: Raised at the next requests, one each.
        told: Sizes told, where they are not the true ones; None tells none.
        breaks_after: Where the next downloads break off, one each.
        gate: While it is not set, no byte comes.
        most_open: How many were read at once, at most.
    """

    def __init__(self, most_bytes: int = 20_000_000) -> None:
        self.most_bytes = most_bytes
        self.files: dict[str, bytes] = {}
        self.opened: list[str] = []
        self.errors: list[DeliveryError] = []
        self.told: dict[str, int | None] = {}
        self.breaks_after: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.open_now = self.most_open = 0

    @asynccontextmanager
    async def open(self, file: File, of: MessageRef) -> AsyncIterator[Opened]:  # noqa: ARG002  (the protocol's)
        """See `FileSource.open`."""
        self.opened.append(file.source)
        if self.errors:
            raise self.errors.pop(0)
        if file.source not in self.files:
            raise MessageGone("no such file")
        data = self.files[file.source]
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            size = self.told.get(file.source, len(data))
            yield Opened(size, self._chunks(data))
        finally:
            self.open_now -= 1

    async def _chunks(self, data: bytes) -> AsyncIterator[bytes]:
        end = self.breaks_after.pop(0) if self.breaks_after else None
        yield b""  # services may do so
        for start in range(0, len(data), 65_536):
            await self.gate.wait()
            if end is not None and start >= end:
                raise TemporaryError("connection reset")
            yield data[start : start + 65_536]


class Book:
    """Remembers (`matebot.core.media.FileBook`); that of the database has tests of its own."""

    def __init__(self) -> None:
        self.rows: dict[str, Sent] = {}

    async def known(self, keys: Sequence[str]) -> dict[str, Sent]:
        """See `FileBook.known`."""
        return {key: self.rows[key] for key in keys if key in self.rows}

    async def note(self, key: str, outcome: Ready | LeftOut) -> None:
        """See `FileBook.note`."""
        self.rows[key] = Sent(outcome, self.rows[key].remote if key in self.rows else "")

    async def note_remote(self, key: str, remote: str) -> None:
        """See `FileBook.note_remote`."""
        self.rows[key] = Sent(self.rows[key].outcome if key in self.rows else None, remote)


class Converter:
    """Writes a line in place of a conversion.

    Attributes:
        done: How often each was made.
        cannot: What it makes nothing of.
        size_bytes: That of a result.
    """

    def __init__(self) -> None:
        self.done: Counter[Conversion] = Counter()
        self.cannot: set[Conversion] = set()
        self.errors: list[Exception] = []
        self.size_bytes = 100

    async def convert(
        self, conversion: Conversion, source: Path, target: Path, limits: Limits
    ) -> Facts:
        """See `matebot.media.desk.Converter`."""
        assert source.is_absolute()
        assert source.stat().st_size
        assert limits.most_bytes >= 0
        self.done[conversion] += 1
        if self.errors:
            raise self.errors.pop(0)
        if conversion in self.cannot:
            raise Unconvertible("broken")
        target.write_bytes(b"x" * self.size_bytes)
        mime = MAKES[conversion].mime
        return Facts(mime, self.size_bytes, 256, 256, 1.5, waveform=b"\x00\xff")


def attachment(
    kind: AttachmentKind = AttachmentKind.FILE,
    source: str = "a",
    size: int | None = None,
    *,
    name: str | None = None,
    mime: str = "",
    width: int = 0,
    height: int = 0,
    thumbnail: str = "",
    spoiler: bool = False,
    alt: str = "",
    unique: str = "",
) -> Attachment:
    """Something with a file."""
    file = File(
        source,
        unique or f"u-{source}",
        mime,
        width,
        height,
        spoiler=spoiler,
        alt=alt,
        thumbnail=thumbnail,
    )
    return Attachment(kind, name, size, file=file)


def message(*attachments: Attachment, room: Room = CHANNEL, number: int = 1) -> Message:
    """A message that comes with those."""
    ref = MessageRef(room, number)
    return Message(ref, Author(1, "Anna"), RichText(""), attachments)
