"""The processes that convert: bounded, killed when they must be, gone when they are not needed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from matebot.core.errors import TemporaryError
from matebot.media import workers as module
from matebot.media.conversion import TIME_S, Conversion, Limits, Unconvertible
from matebot.media.workers import Workers
from tests.media import makers
from tests.media.makers import probe

C = Conversion


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    async with Workers() as pool:
        yield pool


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(makers.tgs())
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


def children(parent: int | None = None) -> set[int]:
    """The converting processes of a process."""
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            ppid = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            line = folder.joinpath("cmdline").read_bytes()
        except OSError:
            continue
        if ppid == (parent or os.getpid()) and b"convert_worker" in line:
            found.add(int(folder.name))
    return found


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def gone(pid: int) -> bool:
    """Whether a process has ended, be it that nobody has asked how."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


async def suspended(workers: Workers, source: Path, target: Path) -> int:
    """A process that has done a job and will answer nothing more."""
    await workers.convert(C.DESCRIBE, source, target)
    (pid,) = children()
    os.kill(pid, signal.SIGSTOP)
    return pid


async def test_a_file_is_converted(workers: Workers, source: Path, target: Path) -> None:
    facts = await workers.convert(C.STICKER_TO_DISCORD, source, target)
    result = probe(target.read_bytes())
    assert (facts.mime, result.kind, result.frames) == ("image/webp", "webp", 60)
    assert (await workers.convert(C.DESCRIBE, source, target)).width == 512
    assert len(children()) == 1


async def test_two_at_once_and_no_more(workers: Workers, source: Path, tmp_path: Path) -> None:
    async with asyncio.TaskGroup() as tasks:
        for n in range(6):
            target = tmp_path / f"target{n}"
            tasks.create_task(workers.convert(C.STICKER_STILL_TO_DISCORD, source, target))
    assert len(children()) == 2
    assert len({path.read_bytes() for path in tmp_path.glob("target*")}) == 1


async def test_films_leave_a_process_to_others(
    workers: Workers, source: Path, tmp_path: Path
) -> None:
    """A sticker is done while two films, which take minutes, still have to be."""
    film = tmp_path / "film"
    film.write_bytes(makers.mp4(640, 480, 3.0))
    limits = Limits(most_bytes=len(makers.mp4(640, 480, 3.0)) // 2)
    done: list[str] = []

    async def one(name: str, conversion: Conversion, path: Path, limits: Limits) -> None:
        await workers.convert(conversion, path, tmp_path / name, limits)
        done.append(name)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(one("first film", C.VIDEO_TO_FIT, film, limits))
        tasks.create_task(one("second film", C.VIDEO_TO_FIT, film, limits))
        tasks.create_task(one("sticker", C.STICKER_STILL_TO_DISCORD, source, Limits()))
    assert done.index("sticker") < done.index("second film")


async def test_what_takes_too_long_is_killed(
    workers: Workers, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = await suspended(workers, source, target)
    monkeypatch.setitem(TIME_S, C.STILL, 0.05)
    with pytest.raises(Unconvertible, match="too long"):
        await workers.convert(C.STILL, source, target)
    await until(lambda: gone(pid))
    assert (await workers.convert(C.DESCRIBE, source, target)).width == 512


async def test_what_uses_up_its_processor_time_is_not_tried_again(
    workers: Workers, source: Path, target: Path
) -> None:
    """Nor is it taken for the fault of an earlier file."""
    pid = await suspended(workers, source, target)
    async with asyncio.TaskGroup() as tasks:
        job = tasks.create_task(_refusal(workers, source, target))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGXCPU)  # as the kernel does
        os.kill(pid, signal.SIGCONT)
    assert "too long" in job.result()


async def test_a_worker_that_dies_of_its_first_job(
    workers: Workers, source: Path, target: Path
) -> None:
    """That job is refused, the next is done."""
    async with asyncio.TaskGroup() as tasks:
        job = tasks.create_task(_refusal(workers, source, target))
        await until(lambda: bool(children()))
        os.kill(children().pop(), signal.SIGKILL)
        assert "died" in await job
    assert (await workers.convert(C.DESCRIBE, source, target)).width == 512


async def _refusal(workers: Workers, source: Path, target: Path) -> str:
    with pytest.raises(Unconvertible) as caught:
        await workers.convert(C.STICKER_TO_TELEGRAM_MOVING, source, target)
    assert not target.exists()
    return str(caught.value)


async def test_a_worker_that_an_earlier_file_hurt(
    workers: Workers, source: Path, target: Path
) -> None:
    """The job was not at fault: it is done by another."""
    pid = await suspended(workers, source, target)
    async with asyncio.TaskGroup() as tasks:
        job = tasks.create_task(workers.convert(C.STILL, source, target))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        assert (await job).mime == "image/png"
    assert pid not in children()


async def test_a_cancelled_job_ends_its_process(
    workers: Workers, source: Path, target: Path
) -> None:
    pid = await suspended(workers, source, target)
    target.write_bytes(b"half a file")
    async with asyncio.TaskGroup() as tasks:
        job = tasks.create_task(workers.convert(C.STILL, source, target))
        await asyncio.sleep(0.01)
        job.cancel()
    assert job.cancelled()
    assert not target.exists()
    await until(lambda: gone(pid))
    assert (await workers.convert(C.DESCRIBE, source, target)).width == 512


async def test_closing_ends_what_is_under_way(source: Path, target: Path) -> None:
    """It says nothing against the file: it is tried again after the next start."""
    workers = Workers()
    async with asyncio.TaskGroup() as tasks:
        async with workers:
            pid = await suspended(workers, source, target)
            job = tasks.create_task(_temporary(workers, source, target))
            await asyncio.sleep(0.01)
        assert gone(pid)
        await job
    await _temporary(workers, source, target)
    assert children() == set()


async def _temporary(workers: Workers, source: Path, target: Path) -> None:
    with pytest.raises(TemporaryError):
        await workers.convert(C.STILL, source, target)


async def test_idle_processes_end(source: Path, target: Path) -> None:
    """And come again when there is something to do."""
    async with Workers(idle_s=0.01) as workers:
        await workers.convert(C.DESCRIBE, source, target)
        await until(lambda: children() == set())
        assert (await workers.convert(C.DESCRIBE, source, target)).width == 512


async def test_a_process_is_replaced_after_many_jobs(
    workers: Workers, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_JOBS", 2)
    pids: list[int] = []
    for _ in range(3):
        await workers.convert(C.DESCRIBE, source, target)
        pids.extend(children())
    assert len(set(pids)) == 2


async def test_what_a_process_knows_and_may(
    workers: Workers, source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the daemon's settings; little memory; the last in line for the processor."""
    monkeypatch.setenv("MATEBOT_TELEGRAM_TOKEN", "123:SECRET")
    await workers.convert(C.DESCRIBE, source, target)
    (pid,) = children()
    process = Path(f"/proc/{pid}")
    assert b"MATEBOT" not in process.joinpath("environ").read_bytes()
    limits = process.joinpath("limits").read_text()
    rows = {line[:25].strip(): line[25:].split()[0] for line in limits.splitlines()}
    assert rows["Max address space"] == str(1 << 30)
    assert rows["Max core file size"] == "0"
    assert rows["Max file size"] == "64000000"
    assert int(rows["Max cpu time"]) < 60
    assert process.joinpath("stat").read_text().rpartition(")")[2].split()[16] == "10"
    assert "NoNewPrivs:\t1" in process.joinpath("status").read_text()
    assert os.getsid(pid) == pid


async def test_a_full_disk_says_nothing_against_a_file(workers: Workers, tmp_path: Path) -> None:
    for name, conversion, data in (
        ("picture", C.STICKER_STILL_TO_DISCORD, makers.tgs()),
        ("photo", C.PHOTO_TO_FIT, makers.jpeg()),
        ("voice", C.VOICE_TO_OPUS, makers.ogg_opus()),
        ("film", C.VIDEO_TO_FIT, makers.mp4()),
    ):
        source, target = tmp_path / name, tmp_path / f"{name}.full"
        source.write_bytes(data)
        target.symlink_to("/dev/full")
        with pytest.raises(TemporaryError):
            await workers.convert(conversion, source, target)
        assert not target.is_symlink()
    assert Path("/dev/full").exists()


async def test_a_file_that_is_not_there(workers: Workers, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await workers.convert(C.STILL, tmp_path / "nothing", tmp_path / "target")


PARENT = """
import asyncio, sys
from pathlib import Path
from matebot.media.conversion import Conversion
from matebot.media.workers import Workers

async def main():
    async with Workers() as workers:
        await workers.convert(Conversion.DESCRIBE, Path(sys.argv[1]), Path("/nowhere"))
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("stopped", [False, True])
async def test_no_orphans_when_the_daemon_is_killed(source: Path, *, stopped: bool) -> None:
    """Not even one that is in the midst of something and does not look at its input."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(source)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"ready\n"
    (pid,) = children(parent.pid)
    if stopped:
        os.kill(pid, signal.SIGSTOP)
    parent.kill()
    await parent.wait()
    await until(lambda: gone(pid))
