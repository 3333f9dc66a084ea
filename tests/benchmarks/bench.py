"""A daemon with a history, between two services, ready to be measured."""

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.benchmarks.daemon import MeasuredDaemon, cores
from tests.benchmarks.fill import fill
from tests.benchmarks.load import Load, Outcome
from tests.benchmarks.services import Services, Way

TALKING: Final = 10
"""Bridges in which people talk."""
WINDOW: Final = 20
"""Messages of a room that are under way at most, where people talk as fast as they can."""
_CAUGHT_UP_S: Final = 60.0


@dataclass(frozen=True)
class History:
    """What the daemon finds in its database.

    Attributes:
        bridged: Bridges.
        mapped: Messages in the map.
        backlog: Deliveries that wait, in other bridges than people talk in.
        due: Whether they are due at once; otherwise they wait for an hour.
    """

    bridged: int = TALKING
    mapped: int = 0
    backlog: int = 0
    due: bool = False


@dataclass(frozen=True)
class Cost:
    """What messages cost the daemon.

    Attributes:
        outcome: What became of them.
        cpu_s: CPU seconds for 1,000 of them.
        peak_mb: The most resident memory meanwhile.
    """

    outcome: Outcome
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True)
class Bench:
    """What is measured.

    Attributes:
        started_s: How long the daemon took until it said that it is well.
        idle_mb: Resident memory before anybody talked.
    """

    services: Services
    daemon: MeasuredDaemon
    load: Load
    started_s: float
    idle_mb: float

    async def sustained(self, ways: Sequence[Way], count: int) -> Cost:
        """As fast as messages arrive."""
        self.daemon.forget_peak()
        before = self.daemon.cpu_s()
        outcome = await self.load.sustained(ways, count, WINDOW)
        cpu_s = (self.daemon.cpu_s() - before) / max(1, len(outcome.latencies_s)) * 1000
        return Cost(outcome, cpu_s, self.daemon.peak_mb())

    async def drained(self, seconds: float) -> tuple[float, float]:
        """Let a due backlog flow for a while; returns copies a second and CPU s for 1,000."""
        before, cpu_s, began = self.load.count, self.daemon.cpu_s(), time.perf_counter()
        await asyncio.sleep(seconds)
        copies = self.load.count - before
        cpu_s = self.daemon.cpu_s() - cpu_s
        return copies / (time.perf_counter() - began), cpu_s / max(1, copies) * 1000


@asynccontextmanager
async def bench(history: History, settings: dict[str, str] | None = None) -> AsyncIterator[Bench]:
    """The daemon with that history, well, caught up and warm (or busy with a due backlog).

    Raises:
        RuntimeError: At the end: the daemon asked for something that the stand-ins do not know.
    """
    daemons, others = cores()
    os.sched_setaffinity(0, {others})
    load = Load(TALKING)
    with tempfile.TemporaryDirectory(prefix="matebot-bench-") as name:
        folder = Path(name)
        await asyncio.to_thread(_fill, folder, history)
        async with Services(history.bridged, load.arrived) as services:
            daemon = MeasuredDaemon(folder, services, daemons, settings or {})
            try:
                yield await _started(services, daemon, load, history)
                await daemon.stop()
            finally:
                await load.close()
                if daemon.process is not None and daemon.process.returncode is None:
                    await daemon.kill()
        if services.unknown:
            raise RuntimeError(f"the stand-ins do not know: {sorted(services.unknown)[:5]}")


def _fill(folder: Path, history: History) -> None:
    fill(
        folder / "data" / "matebot.sqlite",
        bridged=history.bridged,
        mapped=history.mapped,
        backlog=history.backlog,
        waits_in=range(TALKING, history.bridged),
        not_before=0.0 if history.due else time.time() + 3600.0,
    )


async def _started(
    services: Services, daemon: MeasuredDaemon, load: Load, history: History
) -> Bench:
    started_s = await daemon.start_measured()
    await load.connect(services, daemon.port)
    if not history.due:
        await _until_read(services, history.bridged)
    idle_mb = daemon.resident_mb()
    if not history.due:
        await load.warm_up()
    gc.collect()
    gc.freeze()  # the stand-ins' own pauses are not the daemon's
    return Bench(services, daemon, load, started_s, idle_mb)


async def _until_read(services: Services, bridges: int) -> None:
    async with asyncio.timeout(_CAUGHT_UP_S):
        while len(services.read) < bridges:
            await asyncio.sleep(0.05)


async def commit_ms(folder: Path) -> float:
    """What one commit costs on this disk, milliseconds: the middle of 200."""
    return await asyncio.to_thread(partial(_commit_ms, folder))


def _commit_ms(folder: Path) -> float:
    from matebot.storage.database import connect

    connection = connect(folder / "commits.sqlite")
    connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    times = []
    for number in range(200):
        began = time.perf_counter()
        connection.execute("INSERT INTO numbers VALUES (?)", (number,))
        times.append(time.perf_counter() - began)
    connection.close()
    return sorted(times)[100] * 1000
