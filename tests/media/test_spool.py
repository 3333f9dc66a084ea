"""The bounded area on the disk: whole files alone, room for who waits, and what a crash leaves."""

import asyncio
import os
from pathlib import Path

import pytest

from matebot.core.errors import SourceUnavailable
from matebot.media.spool import Spool
from tests.media.world import Clock, until

KB = 1024


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "media"


def spool_in(folder: Path, clock: Clock, size: int = 10 * KB, wait_s: float = 60.0) -> Spool:
    return Spool(folder, size, hold_s=60.0, wait_s=wait_s, clock=clock)


async def put(spool: Spool, key: str, size: int = KB, *, made: bool = False) -> Path:
    """Keep a file of that size."""
    async with spool.lease(size) as lease:
        draft = await lease.draft()
        draft.write_bytes(key.encode()[:1] * size)
        return (await lease.keep(draft, key, made=made)).path


async def there(spool: Spool, *keys: str) -> str:
    """Which of the keys have a file, without making them count as used for long."""
    return "".join([key for key in keys if await spool.find(key) is not None])


async def test_a_file_is_found_by_its_key(folder: Path, clock: Clock) -> None:
    """Whole, under a name that tells nothing, in a folder for MateBot alone."""
    spool = spool_in(folder, clock)
    path = await put(spool, "telegram:AQAD../../x:photo")
    found = await spool.find("telegram:AQAD../../x:photo")
    assert found is not None
    assert (found.path, found.size_bytes) == (path, KB)
    assert path.is_absolute()
    assert path.parent == folder
    assert "telegram" not in path.name
    assert folder.stat().st_mode & 0o077 == 0
    assert await spool.find("telegram:other") is None


async def test_a_draft_that_is_not_kept_is_gone(folder: Path, clock: Clock) -> None:
    """Whether the work failed or was cancelled; its room is free again."""
    spool = spool_in(folder, clock)

    async def fail() -> None:
        async with spool.lease(9 * KB) as lease:
            (await lease.draft()).write_bytes(b"half")
            assert spool.used_bytes == 9 * KB
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert list(folder.iterdir()) == []
    assert spool.used_bytes == 0


async def test_after_a_crash_drafts_go_and_files_stay(folder: Path, clock: Clock) -> None:
    """What was converted need not be converted again; half a file is nothing."""
    await put(spool_in(folder, clock), "sticker", made=True)
    await put(spool_in(folder, clock), "photo")
    (folder / "0123456789abcdef.draft").write_bytes(b"half a file")
    (folder / "notes.txt").write_text("the operator's own")
    again = spool_in(folder, clock)
    assert await there(again, "sticker", "photo") == "stickerphoto"
    assert again.used_bytes == 2 * KB
    assert not list(folder.glob("*.draft"))
    assert (folder / "notes.txt").exists()


async def test_the_longest_unused_makes_room(folder: Path, clock: Clock) -> None:
    """Files as they were fetched before what cost a conversion; use counts, also over a start."""
    spool = spool_in(folder, clock, 4 * KB)
    for key, made in (("m", True), ("a", False), ("b", False), ("c", False)):
        await put(spool, key, made=made)
    clock.now += 100.0
    await spool.find("a")
    clock.now += 100.0
    await put(spool, "d")
    assert await there(spool, *"mabcd") == "macd"
    clock.now += 100.0
    await put(spool, "e", 3 * KB)
    assert await there(spool, *"mabcde") == "me"


async def test_the_order_of_use_outlives_a_start(folder: Path, clock: Clock) -> None:
    """By the times of the files themselves."""
    spool = spool_in(folder, clock, 3 * KB)
    for age, key in enumerate("abc"):
        path = await put(spool, key)
        os.utime(path, (1000.0 - age, 1000.0 - age))
    again = spool_in(folder, clock, 3 * KB)
    await put(again, "d")
    assert await there(again, *"abcd") == "abd"


async def test_a_smaller_area_is_kept_to_after_a_start(folder: Path, clock: Clock) -> None:
    """The operator's new figure counts from the next file on."""
    for key in "abcd":
        await put(spool_in(folder, clock), key)
    small = spool_in(folder, clock, 2 * KB)
    await put(small, "e")
    assert small.used_bytes <= 2 * KB


async def test_who_finds_no_room_waits_in_turn(folder: Path, clock: Clock) -> None:
    """Nobody writes beyond the area's size; a small one does not overtake a large one."""
    spool = spool_in(folder, clock, 4 * KB)
    order: list[str] = []

    async def write(name: str, size: int) -> None:
        async with spool.lease(size):
            order.append(name)
            assert spool.used_bytes <= 4 * KB

    async with asyncio.TaskGroup() as group:
        async with spool.lease(3 * KB):
            tasks = [
                group.create_task(write("large", 4 * KB)),
                group.create_task(write("small", KB)),
            ]
            for _ in range(50):
                await asyncio.sleep(0)
            assert order == []
        await until(lambda: all(task.done() for task in tasks))
    assert order == ["large", "small"]


async def test_what_was_just_asked_for_is_not_taken_away(folder: Path, clock: Clock) -> None:
    """Who was told a path has time to open it; then its room is to be had."""
    spool = spool_in(folder, clock, 2 * KB, wait_s=0.05)
    await put(spool, "a", 2 * KB)
    with pytest.raises(SourceUnavailable):
        await put(spool, "b")
    clock.now += 61.0
    await put(spool, "b")
    assert await there(spool, "a", "b") == "b"


async def test_a_full_disk_is_no_catastrophe(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written can be tried again; nothing half is left."""
    spool = spool_in(folder, clock)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SourceUnavailable, match="No space left"):
        await put(spool, "a")
    monkeypatch.undo()
    assert list(folder.iterdir()) == []
    assert spool.used_bytes == 0


async def test_what_somebody_deleted_is_not_there(folder: Path, clock: Clock) -> None:
    """The folder may be emptied while MateBot runs."""
    spool = spool_in(folder, clock)
    path = await put(spool, "a")
    path.unlink()
    assert await spool.find("a") is None
    assert spool.used_bytes == 0
    await put(spool, "a")
    folder.rename(folder.with_name("away"))
    assert await spool.find("a") is None
    await put(spool, "a")


async def test_a_folder_that_cannot_be_used_is_no_catastrophe(folder: Path, clock: Clock) -> None:
    """Somebody put a file there: texts still cross, and all works once it is gone."""
    folder.parent.mkdir()
    folder.write_text("in the way")
    spool = spool_in(folder, clock)
    await spool.open()
    with pytest.raises(SourceUnavailable):
        await put(spool, "a")
    folder.unlink()
    await put(spool, "a")
    assert await there(spool, "a") == "a"
