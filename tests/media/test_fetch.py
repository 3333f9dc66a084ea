"""Reading a file onto the disk: in small pieces, at the disk's pace, and not for ever."""

import asyncio
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PosixPath
from typing import Any, ClassVar

import pytest

from matebot.core.errors import FileTooLarge, TemporaryError
from matebot.core.ids import MessageRef
from matebot.core.media import Opened
from matebot.core.message import File
from matebot.media.fetch import download
from tests.media.world import CHANNEL, Source, until

MB = 1_000_000
OF = MessageRef(CHANNEL, 1)
FILE = File("a", "u")
CHUNK = b"x" * 65_536


class Endless:
    """Sends for as long as somebody reads, or stops sending (`matebot.core.media.FileSource`)."""

    most_bytes = sys.maxsize

    def __init__(self, chunks: int | None = None) -> None:
        self.sent = 0
        self._chunks = chunks

    @asynccontextmanager
    async def open(self, file: File, of: MessageRef) -> AsyncIterator[Opened]:  # noqa: ARG002  (the protocol's)
        """See `FileSource.open`."""
        yield Opened(None, self._send())

    async def _send(self) -> AsyncIterator[bytes]:
        while self._chunks is None or self.sent < self._chunks:
            self.sent += 1
            yield CHUNK
        await asyncio.Event().wait()


async def test_a_file_arrives_whole(tmp_path: Path) -> None:
    """Byte for byte, of any length."""
    source = Source()
    for size in (0, 1, 65_536, 262_144, 300_001):
        source.files["a"] = bytes(number % 251 for number in range(size))
        target = tmp_path / f"{size}"
        assert await download(source, FILE, OF, target, MB) == size
        assert target.read_bytes() == source.files["a"]


async def test_what_comes_short_of_its_size_is_not_whole(tmp_path: Path) -> None:
    """A connection that closes early looks like an end."""
    source = Source()
    source.files["a"], source.told["a"] = b"half", 8
    with pytest.raises(TemporaryError, match="4 of 8"):
        await download(source, FILE, OF, tmp_path / "a", MB)


async def test_an_endless_file_is_left_at_the_limit(tmp_path: Path) -> None:
    """No more is asked for than the limit and a piece."""
    source = Endless()
    with pytest.raises(FileTooLarge):
        await download(source, FILE, OF, tmp_path / "a", MB)
    assert source.sent * len(CHUNK) <= MB + len(CHUNK)


async def test_a_service_that_falls_silent_is_not_waited_for(tmp_path: Path) -> None:
    """Its file can be tried again."""
    with pytest.raises(TemporaryError, match="nothing of the file came"):
        await download(Endless(3), FILE, OF, tmp_path / "a", MB, stall_s=0.01)


async def test_a_large_file_takes_no_memory(tmp_path: Path) -> None:
    """45 MB pass through some hundreds of kilobytes, ten at once through a few megabytes."""
    size = 45 * MB

    async def fetch(number: int) -> None:
        with pytest.raises(FileTooLarge):
            await download(Endless(), FILE, OF, tmp_path / f"{number}", size // 10)

    tracemalloc.start()
    try:
        with pytest.raises(FileTooLarge):
            await download(Endless(), FILE, OF, tmp_path / "one", size)
        assert tracemalloc.get_traced_memory()[1] < 2 * MB
        tracemalloc.reset_peak()
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(fetch(number))
        assert tracemalloc.get_traced_memory()[1] < 10 * MB
    finally:
        tracemalloc.stop()


def test_the_daemon_loads_no_codec() -> None:
    """Libraries that read strangers' files are for the processes that convert them."""
    code = (
        "import sys, matebot.assembly;"
        "print([name for name in ('av', 'PIL', 'rlottie_python', 'pebble') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


class SlowDisk(PosixPath):
    """Where a file takes its time to be created."""

    asked: ClassVar = threading.Event()
    goes_on: ClassVar = threading.Event()
    created: ClassVar[list[Any]] = []

    def open(self, *arguments: Any, **named: Any) -> Any:
        """See `Path.open`."""
        self.asked.set()
        assert self.goes_on.wait(10)
        self.created.append(super().open(*arguments, **named))
        return self.created[-1]


async def test_a_stop_while_the_file_is_created_leaves_nothing_open(tmp_path: Path) -> None:
    """Who is cancelled ends only once the file is there, so that it can be taken away."""
    source = Source()
    source.files["a"] = b"whole"
    async with asyncio.TaskGroup() as group:
        target = SlowDisk(tmp_path / "a")
        task = group.create_task(download(source, FILE, OF, target, MB))
        await until(SlowDisk.asked.is_set)
        task.cancel()
        await asyncio.sleep(0)
        SlowDisk.goes_on.set()
    assert task.cancelled()
    assert [each.closed for each in SlowDisk.created] == [True]
