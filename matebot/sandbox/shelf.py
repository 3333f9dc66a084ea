"""Where the stand-ins keep files: a folder on disk, whatever their size."""

import asyncio
import itertools
import os
import shutil
import tempfile
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path

WRITE_BYTES = 512 * 1024
READ_BYTES = 64 * 1024


class TooMuchError(Exception):
    """More came than may come."""


class Shelf:
    """A folder that is made with its first file and is gone with its owner."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="matebot-stand-in-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def new(self) -> Path:
        """A path where there is no file yet."""
        return self.folder / str(next(self._numbers))

    def put(self, source: bytes | Path) -> Path:
        """Keep bytes, or a file; one of somebody else's is not changed."""
        if isinstance(source, Path) and source.parent == self._folder:
            return source
        place = self.new()
        if isinstance(source, bytes):
            place.write_bytes(source)
            return place
        try:
            os.link(source, place)
        except OSError:
            shutil.copyfile(source, place)
        return place

    async def receive(self, read: Callable[[int], Awaitable[bytes]], most_bytes: int) -> Path:
        """Write what comes, piece by piece.

        Args:
            read: The next bytes, at most so many; none at the end.
            most_bytes: How much may come.

        Raises:
            TooMuchError: More did; nothing is kept.
        """
        place = self.new()
        file = await asyncio.to_thread(place.open, "wb")
        try:
            waiting, left = bytearray(), most_bytes
            while chunk := await read(READ_BYTES):
                left = _less(left, chunk)
                waiting += chunk
                if len(waiting) >= WRITE_BYTES:
                    await asyncio.to_thread(file.write, waiting)
                    waiting = bytearray()
            await asyncio.to_thread(file.write, waiting)
        except BaseException:
            place.unlink(missing_ok=True)
            raise
        finally:
            file.close()
        return place


def _less(left: int, chunk: bytes) -> int:
    if len(chunk) > left:
        raise TooMuchError
    return left - len(chunk)
