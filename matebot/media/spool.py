"""A bounded area on the disk for files on their way, and for what was made of them.

A file is written as a draft and renamed into place, so what stands there under its key is whole;
drafts that a crash left are deleted at the start. The area has a size: what was not used for the
longest makes room, files as they were fetched before what cost a conversion, and who finds no room
waits. Names are hashes of the keys: nothing that a stranger chose becomes a path.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from matebot.core.errors import SourceUnavailable

HOLD_S: Final = 60.0
"""So long a file stays after it was asked for: time enough to open it."""
WAIT_S: Final = 120.0
"""How long somebody waits for room."""
MOST_FILES: Final = 8192
"""Bounds what is kept in memory about them."""
TOUCH_S: Final = 3600.0
"""How exactly it is noted on the disk when a file was last used, for the order after a start."""
log = logging.getLogger(__name__)

_DRAFT, _RAW, _MADE = ".draft", ".raw", ".made"


@dataclass(slots=True)
class _Kept:
    size_bytes: int
    touched_at: float
    held_until: float = 0.0


class Found(NamedTuple):
    """A file of the area.

    Attributes:
        path: Where it lies.
        size_bytes: Its size.
    """

    path: Path
    size_bytes: int


class Spool:
    """The area.

    Args:
        folder: Where; made when it is first needed.
        most_bytes: Its size; drafts count.
        hold_s: How long a file stays that was asked for.
        wait_s: How long somebody waits for room.
        clock: Seconds that only grow.

    Attributes:
        most_bytes: Its size.
    """

    def __init__(
        self,
        folder: Path,
        most_bytes: int,
        *,
        hold_s: float = HOLD_S,
        wait_s: float = WAIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.most_bytes = most_bytes
        self._folder = folder.absolute()  # those who convert stand elsewhere
        self._hold_s = hold_s
        self._wait_s = wait_s
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._used = 0
        self._leased = 0
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._loading = asyncio.Lock()
        self._loaded = False

    @property
    def used_bytes(self) -> int:
        """What lies there, and what is promised to those who write."""
        return self._used + self._leased

    async def open(self) -> None:
        """See, once, what lies there, and delete what a crash left half done."""
        async with self._loading:
            if self._loaded:
                return
            found: list[tuple[str, int]] = []
            try:
                found = await asyncio.to_thread(_scan, self._folder)
            except OSError as error:  # then nothing can be kept there either, which is told
                log.warning("the area for files cannot be read: %s", error.strerror)
            for name, size_bytes in found:
                self._kept[name] = _Kept(size_bytes, self._clock())
                self._used += size_bytes
            self._loaded = True

    async def find(self, key: str) -> Found | None:
        """A file by its key, if it is there; it counts as used now and stays for a while."""
        await self.open()
        for suffix in (_RAW, _MADE):
            name = _name(key, suffix)
            kept = self._kept.get(name)
            if kept is None:
                continue
            kept.held_until = self._clock() + self._hold_s
            self._kept.move_to_end(name)
            path = self._folder / name
            if await asyncio.to_thread(self._is_there, path, kept):
                return Found(path, kept.size_bytes)
            if self._kept.get(name) is kept:  # somebody else deleted it
                self._forget(name)
        return None

    @asynccontextmanager
    async def lease(self, size_bytes: int) -> AsyncIterator["Lease"]:
        """Wait for room, first come first served, and keep it as long as the context is.

        All that a piece of work needs is leased at once, so that no two can wait for each other.

        Raises:
            SourceUnavailable: There is no room for now, or the disk is full.
        """
        await self.open()
        size_bytes = min(size_bytes, self.most_bytes)
        try:
            async with asyncio.timeout(self._wait_s), self._turn:
                await self._make_room(size_bytes)
                self._leased += size_bytes
        except TimeoutError:
            raise SourceUnavailable("no room among the files on their way") from None
        lease = Lease(self, self._folder)
        try:
            yield lease
        except OSError as error:
            raise SourceUnavailable(f"files cannot be written: {error.strerror}") from error
        finally:
            self._leased -= size_bytes
            self._changed.set()
            await asyncio.to_thread(lease.drop)

    async def keep(self, draft: Path, key: str, *, made: bool) -> Found:
        """Put a draft in its place; to be called while its lease is held."""
        name = _name(key, _MADE if made else _RAW)
        path = self._folder / name
        size_bytes = await asyncio.to_thread(_put, draft, path)
        self._forget(name)
        now = self._clock()
        self._kept[name] = _Kept(size_bytes, now, now + self._hold_s)
        self._used += size_bytes
        if len(self._kept) > MOST_FILES:
            await self._drop_oldest()
        return Found(path, size_bytes)

    def _is_there(self, path: Path, kept: _Kept) -> bool:
        try:
            if self._clock() - kept.touched_at >= TOUCH_S:
                os.utime(path)
                kept.touched_at = self._clock()
            return path.stat().st_size == kept.size_bytes
        except OSError:
            return False

    def _forget(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._used -= kept.size_bytes

    async def _make_room(self, size_bytes: int) -> None:
        while self.used_bytes + size_bytes > self.most_bytes:
            self._changed.clear()
            if await self._drop_oldest():
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._next_free_s()):
                    await self._changed.wait()

    def _next_free_s(self) -> float | None:
        """Seconds until a file may be dropped that is held now; None if none is."""
        held = [kept.held_until for kept in self._kept.values()]
        return max(min(held) - self._clock(), 0.001) if held else None

    async def _drop_oldest(self) -> bool:
        """Drop the file that was not used for the longest; returns whether there was one."""
        now = self._clock()
        for suffix in (_RAW, _MADE):
            for name, kept in self._kept.items():
                if name.endswith(suffix) and kept.held_until <= now:
                    self._forget(name)
                    await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)
                    return True
        return False


class Lease:
    """Room in the area, for drafts.

    Args:
        spool: Whose.
        folder: Where drafts lie.
    """

    def __init__(self, spool: Spool, folder: Path) -> None:
        self._spool = spool
        self._folder = folder
        self._drafts: list[Path] = []

    async def draft(self) -> Path:
        """Where to write a file; nothing lies there yet. It goes with the lease unless kept."""
        path = self._folder / f"{secrets.token_hex(8)}{_DRAFT}"
        self._drafts.append(path)
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        return path

    async def keep(self, draft: Path, key: str, *, made: bool = False) -> Found:
        """Put a draft in its place.

        Args:
            draft: Which.
            key: Under which it is found.
            made: Whether it cost a conversion, and is kept longer for that.
        """
        return await self._spool.keep(draft, key, made=made)

    def drop(self) -> None:
        """Delete the drafts."""
        for path in self._drafts:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _name(key: str, suffix: str) -> str:
    return sha256(key.encode()).hexdigest()[:40] + suffix


def _put(draft: Path, path: Path) -> int:
    size_bytes = draft.stat().st_size
    draft.replace(path)
    return size_bytes


def _scan(folder: Path) -> list[tuple[str, int]]:
    """Names and sizes, the longest unused first; what nobody finished or knows is deleted."""
    found: list[tuple[float, str, int]] = []
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith((_RAW, _MADE)) and entry.is_file(follow_symlinks=False):
                stat = entry.stat(follow_symlinks=False)
                found.append((stat.st_mtime, entry.name, stat.st_size))
            elif entry.name.endswith(_DRAFT):
                Path(entry.path).unlink(missing_ok=True)
    found.sort()
    for _, name, _ in found[:-MOST_FILES]:
        (folder / name).unlink(missing_ok=True)
    return [(name, size) for _, name, size in found[-MOST_FILES:]]
