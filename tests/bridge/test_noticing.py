"""What was deleted in Telegram is noticed, and nothing else is taken for deleted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from matebot.bridge.noticing import MOST_DELETES, Noticing, noticing_chats
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.choices import Choices
from matebot.core.errors import TemporaryError
from matebot.core.events import Deleted, Posted
from matebot.core.ids import MessageRef
from matebot.core.ports import Mark
from matebot.core.presence import Standing
from matebot.storage.presence import Presence
from tests.bridge.world import CHANNEL, GROUP, World, bridge, message, world

APART_S = 60.0
POSTPONED_S = 5 * APART_S


@dataclass
class Oracle:
    """Implements Probe: messages stand unless a test says otherwise."""

    gone: set[int] = field(default_factory=set)
    blind: bool = False
    error: TemporaryError | None = None
    asked: list[int] = field(default_factory=list)

    async def standing(self, ref: MessageRef) -> Standing:
        """What the test says."""
        self.asked.append(ref.message_id)
        if self.error is not None:
            raise self.error
        missing = self.blind or ref.message_id in self.gone
        return Standing.MISSING if missing else Standing.STANDS


@dataclass
class Watch:
    """The real store and relay, an oracle for Telegram, and a clock that the test moves."""

    world: World
    oracle: Oracle
    noticing: Noticing

    async def look(self, seconds: float = 0.0, times: int = 1) -> None:
        """Let time pass, then let it look so often."""
        self.world.clock.now += seconds
        for _ in range(times):
            await self.noticing.look()

    async def deleted(self) -> set[int]:
        """The ids of the originals that count as deleted."""
        presence = self.noticing._store
        found = [
            (number, await presence.target(MessageRef(GROUP, number))) for number in range(1, 60)
        ]
        return {number for number, target in found if target is not None and target.deleted}


@pytest.fixture
async def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    """Three messages of Ana's, and no budget to wait for."""
    monkeypatch.setattr("matebot.bridge.noticing.CALLS", 1e9)
    async with world(tmp_path / "db.sqlite") as built:
        for number in (1, 2, 3):
            await built.relay.take([Posted(message(number, f"words {number}"))], Mark())
        oracle = Oracle()
        presence = Presence(built.store._database, built.clock)
        noticing = Noticing(
            presence, oracle, built.relay,
            chats=lambda: noticing_chats(built.routes.bridges), apart_s=APART_S, now=built.clock,
        )  # fmt: skip
        yield Watch(built, oracle, noticing)


async def test_two_misses_a_minute_apart_delete(watch: Watch) -> None:
    """One miss is not enough, nor are two within the minute; each is beside one that stands."""
    watch.oracle.gone = {3}
    await watch.look(15, times=5)
    assert watch.oracle.asked == [3, 2, 2, 1]  # the miss, its control, then the other two
    assert await watch.deleted() == set()
    await watch.look(30)
    assert await watch.deleted() == set()
    await watch.look(31)
    assert await watch.deleted() == {3}


async def test_nothing_is_concluded_where_nothing_is_found(watch: Watch) -> None:
    """A server that finds no message at all makes none of them deleted."""
    watch.oracle.blind = True
    for _ in range(50):
        await watch.look(61, times=5)
    assert await watch.deleted() == set()


async def test_the_oldest_known_message_has_no_witness(watch: Watch) -> None:
    """Messages newer than it prove nothing: the past may be hidden from the bot."""
    watch.oracle.gone = {1}
    for _ in range(50):
        await watch.look(61, times=5)
    assert await watch.deleted() == set()


async def test_what_comes_back_was_not_deleted(watch: Watch) -> None:
    """A miss followed by a sight of the message is forgotten."""
    watch.oracle.gone = {2}
    await watch.look(15, times=3)
    watch.oracle.gone = set()
    await watch.look(61, times=3)
    watch.oracle.gone = {2}
    await watch.look(300, times=3)
    assert await watch.deleted() == set()
    await watch.look(61, times=3)
    assert await watch.deleted() == {2}


async def test_errors_change_nothing(watch: Watch) -> None:
    """What the service answers otherwise postpones, after its own hint."""
    watch.oracle.error = TemporaryError("Too Many Requests", 0.01)
    await watch.look(15, times=9)
    assert len(watch.oracle.asked) == 3
    watch.oracle.error = None
    watch.oracle.gone = {3}
    await watch.look(POSTPONED_S)
    await watch.look(61)
    assert await watch.deleted() == {3}


async def test_it_looks_ever_more_seldom_and_ends(watch: Watch) -> None:
    """Eight looks in two days, then none."""
    await watch.look(15, times=3)
    for _ in range(60 * 50):
        await watch.look(60, times=3)
    assert {number: watch.oracle.asked.count(number) for number in (1, 2, 3)} == dict.fromkeys(
        (1, 2, 3), 8
    )


async def test_many_at_once_wait(watch: Watch) -> None:
    """No more than a few of one chat are deleted within five minutes."""
    for number in range(10, 30):
        await watch.world.relay.take([Posted(message(number, "spam"))], Mark())
    watch.oracle.gone = set(range(10, 30))
    await watch.look(15, times=300)
    await watch.look(61, times=300)
    first = await watch.deleted()
    assert 0 < len(first) <= MOST_DELETES
    for _ in range(60):
        await watch.look(61, times=60)
    assert await watch.deleted() == set(range(10, 30))


async def test_only_where_people_want_it(watch: Watch) -> None:
    """A bridge may switch it off, and rooms that are only written to are left alone."""
    off = Bridge("1", bridge(GROUP, CHANNEL).rooms, choices=Choices(notice_deletes=False))
    deaf = Bridge("2", (BridgeRoom(GROUP, False, True), BridgeRoom(CHANNEL, True, False)))
    assert noticing_chats([off, deaf]) == frozenset()
    assert noticing_chats([bridge(GROUP, CHANNEL)]) == {GROUP.chat}
    watch.world.routes.replace([off])
    await watch.look(15, times=5)
    assert watch.oracle.asked == []


async def test_what_is_deleted_is_asked_about_no_more(watch: Watch) -> None:
    """A deletion that was told otherwise ends the looks."""
    await watch.world.relay.take([Deleted((MessageRef(GROUP, 3),))], Mark())
    await watch.look(15, times=5)
    assert watch.oracle.asked == [2, 1]
