"""What bridges, a long map and a long backlog cost: start, memory, and each message."""

from collections.abc import AsyncIterator
from typing import Final

from tests.benchmarks.bench import Bench, History, bench
from tests.benchmarks.services import Way
from tests.benchmarks.tables import Line

FEW: Final = 10
BRIDGES: Final = 1_000
MAPPED: Final = 1_000_000
BACKLOG: Final = 100_000
PACED: Final = 100
FAST: Final = 3000
DRAIN_S: Final = 10.0

HISTORIES: Final = {
    "new": History(),
    "1,000 bridges": History(bridged=BRIDGES),
    "1,000,000 mapped": History(mapped=MAPPED),
    "100,000 waiting": History(bridged=FEW * 11, backlog=BACKLOG),
    "all of these": History(BRIDGES, MAPPED, BACKLOG),
}


async def lines() -> AsyncIterator[Line]:
    """The figures, one history after the other."""
    for name, history in HISTORIES.items():
        async with bench(history) as ready:
            for line in await _measured(name, ready):
                yield line
    for backlog in (BACKLOG // 10, BACKLOG):
        async with bench(History(BRIDGES, 0, backlog, due=True)) as busy:
            for line in await _drained(f"{backlog:,} due in {BRIDGES:,} bridges", busy):
                yield line


async def _measured(name: str, ready: Bench) -> list[Line]:
    paced = [await ready.load.paced(way, PACED, 20.0) for way in Way]
    cost = await ready.sustained(tuple(Way), FAST)
    wrong = sum(each.lost + each.doubled + each.disordered for each in (*paced, cost.outcome))
    return [
        Line(f"{name}: start to ready", ready.started_s, "s", most=5.0),
        Line(f"{name}: resident, idle", ready.idle_mb, "MB"),
        Line(f"{name}: resident at most", cost.peak_mb, "MB"),
        Line(f"{name}: Telegram to Discord, p50", paced[0].percentile_ms(50), "ms"),
        Line(f"{name}: Discord to Telegram, p50", paced[1].percentile_ms(50), "ms"),
        Line(f"{name}: CPU for 1,000", cost.cpu_s, "s"),
        Line(f"{name}: rate", cost.outcome.per_s, "messages/s"),
        Line(f"{name}: lost, doubled or out of order", wrong, "", most=0),
    ]


async def _drained(name: str, busy: Bench) -> list[Line]:
    busy.daemon.forget_peak()
    per_s, cpu_s = await busy.drained(DRAIN_S)
    return [
        Line(f"{name}: start to ready", busy.started_s, "s", most=5.0),
        Line(f"{name}: resident at most", busy.daemon.peak_mb(), "MB"),
        Line(f"{name}: rate", per_s, "copies/s"),
        Line(f"{name}: CPU for 1,000", cpu_s, "s"),
    ]
