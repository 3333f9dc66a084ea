"""The pace of calls, with the real services' rates, on a loop that skips every wait."""

import asyncio
import selectors
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from matebot.bridge import pacing
from matebot.bridge.pacing import MOST_CHATS, Pacer
from matebot.core.ids import Platform, Room
from matebot.core.limits import Rate
from matebot.discord.limits import RATES as DISCORD_RATES
from matebot.telegram.limits import RATES as TELEGRAM_RATES

T = TypeVar("T")
RATES = {Platform.TELEGRAM: TELEGRAM_RATES, Platform.DISCORD: DISCORD_RATES}
GROUP, CHANNEL = Room.telegram(-1001), Room.discord(500)
TICK_S = 1e-6
"""So long everything takes at least."""
SOON_S = 0.1
BOTH = pytest.mark.parametrize("room", [GROUP, CHANNEL], ids=["telegram", "discord"])


class Skipping(selectors.DefaultSelector):
    """Where others would wait, the time is at once as late as they would have waited for."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.BaseSelector.select`."""
        assert timeout is not None, "everybody waits for something that never comes"
        self.now += max(timeout, TICK_S)
        return super().select(0)


class QuickLoop(asyncio.SelectorEventLoop):
    """A loop on which an hour takes as long as what is done in it."""

    def __init__(self) -> None:
        self.clock = Skipping()
        super().__init__(self.clock)

    def time(self) -> float:
        """The time of the selector."""
        return self.clock.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, in no time."""
    with asyncio.Runner(loop_factory=QuickLoop) as runner:
        return runner.run(main)


def now() -> float:
    """Seconds since the loop began."""
    return asyncio.get_running_loop().time()


@dataclass
class Bucket:
    """What a service counts by: so many calls at once, and then as many as are refilled."""

    amount: float
    period_s: float
    level: float = 0.0
    at: float = 0.0

    def take(self, calls: int) -> None:
        """Count calls; there must not be too many."""
        refilled = (now() - self.at) * self.amount / self.period_s
        self.level, self.at = max(self.level - refilled, 0.0) + calls, now()
        assert self.level <= self.amount + 1e-3, f"{self} at {now():.2f} s"


@dataclass
class Services:
    """Both services, as strict as they say that they are, and who keeps to that.

    Attributes:
        sent: When calls were made, for each chat.
    """

    factor: float = 1.0
    pacer: Pacer = field(init=False)
    sent: dict[Room, list[float]] = field(default_factory=lambda: defaultdict(list))
    buckets: dict[object, list[Bucket]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pacer = Pacer(RATES, self.factor)

    async def call(self, room: Room, times: int = 1, *, posts: int = 1) -> None:
        """Make calls, one after the other, as a lane does, each when it is its turn."""
        for _ in range(times):
            await self.pacer.turn(room, posts=posts)
            self.sent[room].append(now())
            self._count(room.platform, "all", room.platform, max(posts, 1))
            self._count(room, "chat", room.platform, posts)

    def _count(self, key: object, scope: str, platform: Platform, calls: int) -> None:
        if key not in self.buckets:
            rates = [rate for rate in RATES[platform] if rate.scope == scope]
            self.buckets[key] = [Bucket(r.amount, r.period_s / self.factor) for r in rates]
        for bucket in self.buckets[key]:
            bucket.take(calls)

    async def call_all(self, rooms: list[Room], times: int = 1) -> None:
        """Make calls to many chats at the same time."""
        async with asyncio.TaskGroup() as group:
            for room in rooms:
                group.create_task(self.call(room, times))


def chats(platform: Platform, number: int) -> list[Room]:
    """So many chats."""
    return [Room(platform, 10_000 + each) for each in range(number)]


def takes_s(room: Room, calls: int, scope: str) -> float:
    """How long so many calls take at the least, when each bucket is used up to its last but one."""

    def of(rate: Rate) -> float:
        return (calls - rate.amount + 1) * rate.period_s / rate.amount

    return max(of(rate) for rate in RATES[room.platform] if rate.scope == scope)


@BOTH
def test_a_chat_is_written_to_as_fast_as_it_takes_it(room: Room) -> None:
    """Not one call too many at any moment, and none later than it has to be."""

    async def flood() -> None:
        services = Services()
        await services.call(room, 200)
        assert services.sent[room][0] < SOON_S
        assert now() == pytest.approx(takes_s(room, 200, "chat"), abs=SOON_S)

    run(flood())


@BOTH
def test_many_chats_keep_to_what_the_platform_takes(room: Room) -> None:
    """Each is within its own limits; all together they wait for the platform's."""

    async def flood() -> None:
        services = Services()
        await services.call_all(chats(room.platform, 500))
        assert [len(sent) for sent in services.sent.values()] == [1] * 500
        assert now() == pytest.approx(takes_s(room, 500, "all"), abs=SOON_S)

    run(flood())


@BOTH
def test_both_limits_hold_at_once(room: Room) -> None:
    """A hundred chats, each with more than it takes at once, and too much for all together."""

    async def flood() -> None:
        services = Services()
        await services.call_all(chats(room.platform, 100), 25)
        slower = max(takes_s(room, 2500, "all"), takes_s(room, 25, "chat"))
        assert slower < now() < 1.1 * slower

    run(flood())


@BOTH
def test_a_chat_that_waits_holds_up_no_other(room: Room) -> None:
    """Nor does a platform that is at its limit hold up the other one."""

    async def flood() -> None:
        services = Services()
        (other,) = chats(room.platform, 1)
        far = CHANNEL if room is GROUP else GROUP
        async with asyncio.TaskGroup() as group:
            group.create_task(services.call(room, 100))
            group.create_task(services.call(other))
        assert services.sent[other][0] < SOON_S
        began = now()
        async with asyncio.TaskGroup() as group:
            group.create_task(services.call_all(chats(room.platform, 300)))
            group.create_task(services.call(far))
        assert services.sent[far][0] - began < SOON_S
        assert now() - began > 1.0

    run(flood())


@BOTH
def test_a_deletion_counts_for_the_platform_alone(room: Room) -> None:
    """A chat in which much is deleted can be written to at once."""

    async def clean_up() -> None:
        services = Services()
        await services.call(room, 300, posts=0)
        assert now() == pytest.approx(takes_s(room, 300, "all"), abs=SOON_S)
        cleaned = now()
        await services.call(room)
        assert now() - cleaned < SOON_S

    run(clean_up())


def test_an_album_gets_its_turn_among_many() -> None:
    """A hundred and fifty chats that always have one more post do not go before it for ever."""

    async def show() -> None:
        pacer, over = Pacer(RATES), asyncio.Event()

        async def chatter(room: Room) -> None:
            while not over.is_set():
                await pacer.turn(room)

        async with asyncio.TaskGroup() as group:
            for room in chats(Platform.TELEGRAM, 150):
                group.create_task(chatter(room))
            await asyncio.sleep(30.0)
            began = now()
            await pacer.turn(GROUP, posts=10)
            assert now() - began < 30.0
            over.set()

    run(show())


def test_there_is_no_room_while_somebody_waits() -> None:
    """What is written now would go behind them, however much the platform takes by then."""

    async def show() -> None:
        pacer = Pacer(RATES)
        other, waiting, *talking = chats(Platform.TELEGRAM, 31)
        for room in talking:
            await pacer.turn(room)
        async with asyncio.TaskGroup() as group:
            group.create_task(pacer.turn(waiting, posts=10))
            await asyncio.sleep(0.2)
            assert not pacer.has_room(other)
        await asyncio.sleep(2.0)
        assert pacer.has_room(other)

    run(show())


@pytest.mark.parametrize(("posts", "times"), [(10, 6), (19, 3), (30, 3)])
def test_an_album_counts_as_its_posts(posts: int, times: int) -> None:
    """Six of ten take as long as sixty posts; one larger than a bucket waits for all of it."""

    async def show() -> None:
        pacer = Pacer(RATES)
        for _ in range(times):
            await pacer.turn(GROUP, posts=posts)
        counted = min(posts, 19) * times
        assert now() == pytest.approx((counted - 19) * 3.0, abs=SOON_S)

    run(show())


@BOTH
def test_whether_there_is_room_is_told_and_nothing_taken(room: Room) -> None:
    """Not while the chat, or the whole platform, has had its fill; again once a call may go."""

    async def look() -> None:
        services = Services()
        pacer = services.pacer
        (other,) = chats(room.platform, 1)
        assert all(pacer.has_room(room) for _ in range(1000))
        while pacer.has_room(room):
            await services.call(room)
        assert pacer.has_room(other)
        waited = now()
        await services.call(room)
        assert now() - waited > SOON_S
        await services.call_all(chats(room.platform, 200))
        fresh = Room(room.platform, 1)
        assert not pacer.has_room(fresh)
        await asyncio.sleep(1.0)
        assert pacer.has_room(fresh)

    run(look())


@BOTH
def test_a_service_that_is_faster_is_asked_faster(room: Room) -> None:
    """Ten times as fast, a tenth of the time, and still not one call too many."""

    async def flood() -> None:
        services = Services(factor=10.0)
        await services.call(room, 100)
        alone = now()
        assert alone == pytest.approx(takes_s(room, 100, "chat") / 10, abs=SOON_S)
        await services.call_all(chats(room.platform, 300))
        assert now() - alone == pytest.approx(takes_s(room, 300, "all") / 10, abs=SOON_S)

    run(flood())


# Of chats that were idle the longest nothing is kept


def test_a_chat_that_is_forgotten_keeps_the_wait_that_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who waits for a turn there gets it, when it is due and not before."""
    monkeypatch.setattr(pacing, "MOST_CHATS", 2)

    async def wait() -> None:
        services = Services()
        due_s = takes_s(GROUP, 60, "chat")

        async def push_out() -> None:
            await asyncio.sleep(due_s - 1.0)
            await services.call_all(chats(Platform.TELEGRAM, 3))

        async with asyncio.TaskGroup() as group:
            group.create_task(services.call(GROUP, 60))
            group.create_task(push_out())
        assert services.sent[GROUP][-2] < due_s - 1.0
        assert services.sent[GROUP][-1] == pytest.approx(due_s, abs=SOON_S)
        assert services.pacer.has_room(GROUP)  # it begins anew

    run(wait())


def test_a_chat_in_use_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many others there are, it keeps to its limits; one idle for longer begins anew."""
    monkeypatch.setattr(pacing, "MOST_CHATS", 2)

    async def talk() -> None:
        services = Services()
        others = chats(Platform.TELEGRAM, 60)
        for other in others:
            await services.call(GROUP)
            await services.call(other)
        assert services.sent[GROUP][-1] == pytest.approx(takes_s(GROUP, 60, "chat"), abs=SOON_S)
        for _ in range(2):
            await services.pacer.turn(others[0])
        assert not services.pacer.has_room(others[0])
        for other in others[1:3]:
            await services.pacer.turn(other)
        assert services.pacer.has_room(others[0])

    run(talk())


@BOTH
def test_so_many_chats_are_kept_that_none_is_forgotten_too_early(room: Room) -> None:
    """Until as many others had a call, a chat may be written to as if nobody had been there."""

    async def tour() -> None:
        services = Services()
        await services.call(room, 30)
        await services.call_all(chats(room.platform, MOST_CHATS + 1))
        await services.call(room, 30)

    run(tour())
