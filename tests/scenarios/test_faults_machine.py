"""The machine fails: a database that is busy, a disk that is full or slow, a clock that jumps."""

import asyncio
import os
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from matebot.sandbox.faults import Fault
from tests.scenarios.counting import all_arrive, both_say
from tests.scenarios.harness import Scene, scene
from tests.scenarios.trouble import locked_database, rows, troubled

DAY_S = 86_400.0
SLOW_COMMIT_S = 0.15
REFUSED = "503 Service Unavailable"


def last_error(stage: Scene) -> str:
    """What Telegram noted of the webhook's last failure."""
    return stage.telegram.state.caller.last_error_message or ""


async def refused(stage: Scene) -> None:
    """Wait until the webhook has refused an update and asked Telegram to come again."""
    await stage.until(lambda: REFUSED in last_error(stage), timeout_s=30)


@pytest.mark.timeout(120)
async def test_a_busy_database_is_waited_for(tmp_path: Path) -> None:
    """Another program holds the write lock: updates are refused, then all arrives, in order."""
    async with scene(tmp_path) as stage:
        both_say(stage, 1)
        await all_arrive(stage, 1)
        with locked_database(stage):
            both_say(stage, 2, 3)
            await refused(stage)
            health = await stage.daemon.health()
            assert health is not None
            assert not health["parts"]["database"]["ok"]
            both_say(stage, 4)
        await all_arrive(stage, 4)
        await stage.daemon.ready()


@contextmanager
def limited_files(stage: Scene) -> Iterator[None]:
    """The daemon's files may grow no more, as by a quota."""
    assert stage.daemon.process is not None
    data = stage.daemon.folder / "data"
    largest = max(file.stat().st_size for file in data.iterdir())
    pid = stage.daemon.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def filled_disk(stage: Scene) -> Iterator[None]:
    """Somebody fills the disk that the daemon's data lie on."""
    filler = stage.daemon.folder / "data" / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    yield
    filler.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own for the daemon's data."""
    data = folder / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(data)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only an administrator mounts a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(data)], check=True)


@contextmanager
def any_disk(_folder: Path) -> Iterator[None]:
    """The disk that is there."""
    yield


FULL = {"quota": (any_disk, limited_files), "disk": (small_disk, filled_disk)}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("how", FULL)
async def test_a_full_disk_loses_nothing(tmp_path: Path, how: str) -> None:
    """Updates are refused while nothing can be kept; with room again all arrives, in order."""
    disk, fills = FULL[how]
    with disk(tmp_path):
        # The log lies on the same disk; it is not what shall grow here.
        async with scene(tmp_path, settings={"LOG_LEVEL": "ERROR"}) as stage:
            both_say(stage, 1)
            await all_arrive(stage, 1)
            with fills(stage):
                said = await _says_until_refused(stage, 1)
                health = await stage.daemon.health()
                assert health is not None
                assert not health["parts"]["database"]["ok"]
                assert stage.daemon.log.count("\n") < 200, "a hot loop"
            await all_arrive(stage, said, timeout_s=60)
            await stage.daemon.ready()
            assert rows(stage, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.timeout(120)
async def test_a_start_on_a_full_disk_waits_for_room(tmp_path: Path) -> None:
    """No reason to stay down for good: with room again it starts by itself, and all arrives."""
    with small_disk(tmp_path):
        async with scene(tmp_path) as stage:
            both_say(stage, 1)
            await all_arrive(stage, 1)
            await stage.daemon.kill()
            with filled_disk(stage):
                await stage.daemon.start()
                await stage.daemon.logs("waiting for the database")
                both_say(stage, 2)
            await stage.daemon.ready()
            await all_arrive(stage, 2)


@pytest.mark.timeout(120)
async def test_who_waits_for_the_database_can_be_stopped(tmp_path: Path) -> None:
    """Another program holds the write lock as MateBot starts."""
    async with scene(tmp_path) as stage:
        await stage.daemon.kill()
        with locked_database(stage):
            await stage.daemon.start()
            await stage.daemon.logs("waiting for the database")
            assert await stage.daemon.stop() == 0


async def _says_until_refused(stage: Scene, said: int) -> int:
    """Say numbered messages until there is no room for them; returns the last number."""
    ends = time.monotonic() + 30.0
    while REFUSED not in last_error(stage):
        assert time.monotonic() < ends, "the disk does not fill"
        said += 1
        both_say(stage, said)
        await asyncio.sleep(0.02)
    said += 1
    both_say(stage, said)
    return said


@pytest.mark.timeout(120)
async def test_a_slow_disk_slows_down_and_no_more(tmp_path: Path) -> None:
    """Each commit takes long: what waits is committed together, nothing is refused or lost."""
    async with scene(tmp_path, start=False) as stage:
        trouble = troubled(stage.daemon)
        await stage.daemon.start()
        await stage.daemon.ready()
        trouble.commit_s = SLOW_COMMIT_S
        trouble.tell()
        both_say(stage, *range(1, 31))
        await all_arrive(stage, 30, timeout_s=60)
        assert REFUSED not in last_error(stage)


def failing(stage: Scene) -> None:
    """Discord takes no message; what Telegram says waits."""
    stage.discord.faults.add(Fault("status", "webhook.execute", times=None, status=503))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("offset_s", [DAY_S, -DAY_S], ids=["a day on", "a day back"])
async def test_a_clock_that_jumps_while_it_runs(tmp_path: Path, offset_s: float) -> None:
    """What waits is neither given up nor put off by it, and what is said then arrives as ever."""
    async with scene(tmp_path, start=False) as stage:
        trouble = troubled(stage.daemon)
        await stage.daemon.start()
        await stage.daemon.ready()
        failing(stage)
        both_say(stage, 1)
        await stage.daemon.logs('"will try again"')
        trouble.offset_s = offset_s
        trouble.tell()
        failures = stage.daemon.log.count('"will try again"')
        await stage.until(lambda: stage.daemon.log.count('"will try again"') > failures)
        stage.discord.faults.clear()
        both_say(stage, 2)
        await all_arrive(stage, 2)
        assert "gave up a delivery" not in stage.daemon.log


@pytest.mark.timeout(120)
@pytest.mark.parametrize("offset_s", [DAY_S, -DAY_S], ids=["a day on", "a day back"])
@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_clock_that_was_set_between_two_runs(
    tmp_path: Path, offset_s: float, end: str
) -> None:
    """The same where the machine comes up with another day."""
    async with scene(tmp_path, start=False) as stage:
        trouble = troubled(stage.daemon)
        await stage.daemon.start()
        await stage.daemon.ready()
        failing(stage)
        both_say(stage, 1)
        await stage.daemon.logs('"will try again"')
        if end == "stop":
            assert await stage.daemon.stop() == 0
        else:
            await stage.daemon.kill()
        trouble.offset_s = offset_s
        trouble.tell()
        await stage.daemon.start()
        await stage.daemon.ready()
        before = stage.daemon.log.count('"will try again"')
        await stage.until(lambda: stage.daemon.log.count('"will try again"') > before)
        stage.discord.faults.clear()
        both_say(stage, 2)
        await all_arrive(stage, 2)
        assert "gave up a delivery" not in stage.daemon.log
