"""Latency, throughput, CPU and memory of the daemon on one core."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from tests.benchmarks.bench import Bench, Cost, History, bench, commit_ms
from tests.benchmarks.floor import least
from tests.benchmarks.load import Outcome
from tests.benchmarks.services import Way
from tests.benchmarks.tables import Line

PER_S: Final = 20.0
PACED: Final = 500
FAST: Final = 6000


async def lines() -> AsyncIterator[Line]:
    """The figures, one by one."""
    with tempfile.TemporaryDirectory(prefix="matebot-bench-") as name:
        yield Line("one commit on this disk", await commit_ms(Path(name)), "ms")
    floor = (await least(PACED, PER_S)).percentile_ms(50)
    yield Line(f"the libraries and a commit alone, {PER_S:.0f} messages/s: p50", floor, "ms")
    async with bench(History()) as ready:
        yield Line("start to ready", ready.started_s, "s", most=2.0)
        yield Line("resident, idle", ready.idle_mb, "MB", most=90.0)
        for way in Way:
            outcome = await ready.load.paced(way, PACED, PER_S)
            for line in _latencies(way, outcome):
                yield line
        for line in await _sustained(ready):
            yield line


def _latencies(way: Way, outcome: Outcome) -> list[Line]:
    name = f"{way.value}, {PER_S:.0f} messages/s"
    return [
        Line(f"{name}: p50", outcome.percentile_ms(50), "ms", most=2.0),
        Line(f"{name}: p99", outcome.percentile_ms(99), "ms", most=8.0),
        Line(f"{name}: lost, doubled or out of order", _wrong(outcome), "", most=0),
    ]


async def _sustained(ready: Bench) -> list[Line]:
    found: list[Line] = []
    for ways in ((Way.TO_DISCORD,), (Way.TO_TELEGRAM,), tuple(Way)):
        cost = await ready.sustained(ways, FAST)
        name = ways[0].value if len(ways) == 1 else "both ways"
        found += _cost(f"{name}, sustained over 10 bridges", cost)
    return found


def _cost(name: str, cost: Cost) -> list[Line]:
    return [
        Line(f"{name}: rate", cost.outcome.per_s, "messages/s", least=700.0),
        Line(f"{name}: CPU for 1,000", cost.cpu_s, "s", most=1.2),
        Line(f"{name}: resident at most", cost.peak_mb, "MB", most=110.0),
        Line(f"{name}: lost, doubled or out of order", _wrong(cost.outcome), "", most=0),
    ]


def _wrong(outcome: Outcome) -> int:
    return outcome.lost + outcome.doubled + outcome.disordered
