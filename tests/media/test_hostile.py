"""Hostile and harmed files: each ends in facts or a refusal, in good time, and hurts nothing."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from matebot.media.conversion import TIME_S, Conversion, Facts, Limits, Unconvertible
from matebot.media.workers import Workers
from tests.media import hostile, makers
from tests.media.hostile import Case
from tests.media.test_convert_workers import children

MOST_S = 10.0  # none of these files is worth more
MOST_GROWTH = 8_000_000
LIMITS = {Conversion.VIDEO_TO_FIT: Limits(most_bytes=1_000_000)}

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for conversion in Conversion:
        monkeypatch.setitem(TIME_S, conversion, min(TIME_S[conversion], MOST_S))


def memory() -> int:
    """What this very process has in memory, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def outcomes(folder: Path, cases: Iterator[Case]) -> dict[str, Facts | str]:
    """What becomes of each file; anything but facts or a refusal is raised."""
    ends: dict[str, Facts | str] = {}

    async def one(workers: Workers, case: Case, n: int) -> None:
        source, target = folder / f"source{n}", folder / f"target{n}"
        source.write_bytes(case.data)
        limits = LIMITS.get(case.conversion, Limits())
        try:
            facts = await workers.convert(case.conversion, source, target, limits)
            ends[case.name] = facts
            assert target.exists() == (case.conversion is not Conversion.DESCRIBE)
        except Unconvertible as refusal:
            ends[case.name] = str(refusal)
            assert not target.exists()
        finally:
            source.unlink()
            target.unlink(missing_ok=True)

    async with Workers() as workers:
        for batch in _batches(cases, 20):
            async with asyncio.TaskGroup() as tasks:
                for n, case in enumerate(batch):
                    tasks.create_task(one(workers, case, n))
        assert len(children()) <= 2
        source = folder / "sound"
        source.write_bytes(makers.tgs())
        assert (await workers.convert(Conversion.DESCRIBE, source, folder / "none")).width == 512
    assert children() == set()
    return ends


def _batches(cases: Iterator[Case], size: int) -> Iterator[list[Case]]:
    batch: list[Case] = []
    for case in cases:
        batch.append(case)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


async def test_harmed_files(tmp_path: Path) -> None:
    """Over 500 of them; what little harm was done is often made good."""
    for data, _ in hostile.sources().values():
        assert data
    before = memory()
    ends = await outcomes(tmp_path, hostile.harmed())
    assert len(ends) >= 500
    kinds = Counter("made" if isinstance(end, Facts) else "refused" for end in ends.values())
    assert kinds["made"] > 100
    assert kinds["refused"] > 100
    assert not [name for name, end in ends.items() if isinstance(end, str) and "too long" in end]
    assert memory() - before < MOST_GROWTH


async def test_bombs(tmp_path: Path) -> None:
    """Absurd dimensions, lengths and depths, endless files, and what is not what it says."""
    for data, _ in hostile.sources().values():
        assert data
    before = memory()
    ends = await outcomes(tmp_path, hostile.bombs())
    assert len(ends) >= 150
    for name, end in ends.items():
        if name.startswith(
            ("png-60000", "png-30000", "jpeg-(65535, 65", "tgs-bomb", "lottie-deep")
        ):
            assert isinstance(end, str) or not end.width, name
    endless = ends["gif-endless-sticker-to-telegram-moving"]
    assert isinstance(endless, Facts)
    assert endless.duration_s < 3
    assert isinstance(ends["gif-endless-to-animation"], str)
    assert memory() - before < MOST_GROWTH


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "apng", "webm-sticker", "mp4", "ogg"])
async def test_the_sound_files_are_sound(tmp_path: Path, name: str) -> None:
    """So that the refusals above mean something."""
    data, conversion = hostile.sources()[name]
    ends = await outcomes(tmp_path, iter([Case(name, data, conversion)]))
    assert isinstance(ends[name], Facts)
