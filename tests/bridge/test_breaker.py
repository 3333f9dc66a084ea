"""The circuit breaker: when it opens, who asks, and when all go on."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.bridge.breaker import (
    CLOSED,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    OPENING_FAILURES,
    PROBE_S,
    Breaker,
    after_failure,
    answered,
)
from matebot.core.errors import (
    DeliveryError,
    NoAccess,
    NotConnected,
    PermanentError,
    RoomMoved,
    SourceUnavailable,
    TemporaryError,
    UnsureError,
)
from matebot.core.events import Posted
from matebot.core.ids import Platform, Room
from matebot.core.ports import Mark
from tests.bridge.world import bridge, message, world

SIDE = Platform.TELEGRAM


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TemporaryError("503"), False),
        (UnsureError("no answer"), False),
        (TemporaryError("429", 3600.0), True),
        (RoomMoved("moved", -1), True),
        (PermanentError("400"), True),
        (NoAccess("kicked"), True),
        (NotConnected("revoked"), None),
        (SourceUnavailable("the other side"), None),
    ],
)
def test_what_an_error_tells(error: DeliveryError, told: bool | None) -> None:
    """Any answer, even a refusal, shows that the service is there; a paused side tells nothing."""
    assert answered(error) is told


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60))
def test_pauses_grow_and_stay_bounded(calls: list[tuple[bool, float]]) -> None:
    """It opens at the fifth failure in a row, not before; only probes prolong; never for long."""
    circuit, now, probes = CLOSED, 0.0, 0
    for number, (probe, chance) in enumerate(calls, 1):
        was_open = circuit.is_open
        after = after_failure(circuit, now, chance, probe=probe)
        if not was_open:
            assert after.is_open == (number >= OPENING_FAILURES)
        elif not probe:
            assert after == circuit
        if after.is_open and after != circuit:
            probes += 1
            assert after.probe_at is not None
            pause_s = after.probe_at - now
            step_s = min(FIRST_PAUSE_S * 2 ** (probes - 1), LONGEST_PAUSE_S)
            assert 0.7 * step_s <= pause_s <= 1.3 * step_s
            now = after.probe_at
        circuit = after


class Service:
    """A service that answers, or does not, and counts who calls at the same time."""

    def __init__(self) -> None:
        self.up = True
        self.calls = self.inside = self.most_inside = 0
        self.now = 1000.0
        self.recovered: list[Platform] = []
        self.breaker = Breaker(self._recovered, clock=lambda: self.now)

    async def _recovered(self, platform: Platform) -> None:
        self.recovered.append(platform)

    async def call(self) -> None:
        """One call, through the breaker."""
        async with self.breaker.passing(SIDE):
            self.calls += 1
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)
            await asyncio.sleep(0)
            self.inside -= 1
            if not self.up:
                raise TemporaryError("503")

    async def fails(self, times: int) -> None:
        """Have calls fail one after the other."""
        for _ in range(times):
            with contextlib.suppress(TemporaryError):
                await self.call()


async def turns(number: int = 20) -> None:
    """Let everything that can go on do so."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_one_asks_while_all_others_wait() -> None:
    """While it is down one call at a time is made; when one succeeds, all go on."""
    service = Service()
    service.up = False
    await service.fails(OPENING_FAILURES)
    assert service.breaker.is_open(SIDE)
    assert not service.breaker.is_open(Platform.DISCORD)
    service.most_inside = 0
    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(service.fails(1))
        await turns()
        assert service.calls == OPENING_FAILURES
        for asked in range(1, 4):
            service.now += 100.0
            service.breaker.ask_now(SIDE)
            await turns()
            assert service.calls == OPENING_FAILURES + asked
        assert service.most_inside == 1
        service.up = True
        service.breaker.ask_now(SIDE)
    assert service.calls == OPENING_FAILURES + 50
    assert service.recovered == [SIDE]
    assert not service.breaker.is_open(SIDE)


async def test_who_is_cancelled_while_asking_makes_room() -> None:
    """A lane that ends in the middle of the one call leaves the asking to the next."""
    service = Service()
    service.up = False
    await service.fails(OPENING_FAILURES)
    service.now += 100.0
    started, never = asyncio.Event(), asyncio.Event()

    async def hangs() -> None:
        async with service.breaker.passing(SIDE):
            started.set()
            await never.wait()

    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(hangs())
        await started.wait()
        service.up = True
        waiting = group.create_task(service.call())
        await turns()
        assert not waiting.done()
        hanging.cancel()
    assert service.recovered == [SIDE]


async def test_who_asks_for_too_long_leaves_the_asking_to_the_next() -> None:
    """A lane that prepares a large file for minutes keeps no other from finding out."""
    service = Service()
    service.up = False
    await service.fails(OPENING_FAILURES)
    service.now += 100.0
    started, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with service.breaker.passing(SIDE):
            started.set()
            await go_on.wait()

    async with asyncio.TaskGroup() as group:
        group.create_task(slow())
        await started.wait()
        service.up = True
        service.now += PROBE_S
        await service.call()
        assert service.recovered == [SIDE]
        go_on.set()
    assert not service.breaker.is_open(SIDE)


async def test_a_file_that_its_own_side_withholds_tells_nothing_of_the_other() -> None:
    """However often that happens, calls to the side that was to be written to go on."""
    service = Service()
    for _ in range(3 * OPENING_FAILURES):
        with contextlib.suppress(SourceUnavailable):
            async with service.breaker.passing(SIDE):
                raise SourceUnavailable("503")
    assert not service.breaker.is_open(SIDE)


async def test_lanes_stop_hammering_and_all_go_on(tmp_path: Path) -> None:
    """Over the real lanes: thirty rooms, a service that is down, few calls; then all arrive."""
    groups = [Room.telegram(-1000 - number) for number in range(30)]
    channels = [Room.discord(5000 + number) for number in range(30)]
    bridges = [bridge(*pair) for pair in zip(groups, channels, strict=True)]
    async with world(tmp_path / "w.sqlite", *bridges) as parts:
        for number, group in enumerate(groups, 1):
            said = Posted(message(number, f"m{number}", group))
            await parts.relay.take([said], Mark(update_id=number))
        parts.discord.errors = [TemporaryError("503") for _ in range(1000)]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(parts.lanes.run())
            async with asyncio.timeout(30):
                while len(parts.discord.calls) < OPENING_FAILURES:
                    await asyncio.sleep(0.01)
                await turns(500)
                # What was under way at once failed at once; nothing came after it.
                assert len(parts.discord.calls) <= len(channels)
                parts.discord.errors.clear()
                await parts.lanes.retry_now(Platform.DISCORD)
                while await parts.store.lanes():
                    await asyncio.sleep(0.01)
            await parts.lanes.stop(1.0)
    assert sorted(parts.discord.lines) == sorted(f"m{number}" for number in range(1, 31))
