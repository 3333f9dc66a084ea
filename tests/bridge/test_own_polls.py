"""MateBot's own polls: every room's votes are one tally, and there is one end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from matebot.bridge.answers import Scene
from matebot.bridge.asking import Asking
from matebot.core.asking import Draft
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.delivery import MappedCopy
from matebot.core.events import Deleted, Event, Polled, Voted
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.linking import Stamp
from matebot.core.message import Author, Poll
from matebot.core.ports import Mark
from matebot.storage.own_polls import OwnPolls
from matebot.storage.presence import Presence
from tests.bridge.world import CHANNEL, GROUP, World, bridge, world

ANA = Author(7, "Ana")
MATE = Draft("Mate?", ("Yes", "No"), 3600.0)
TWINS = {GROUP: MessageRef(GROUP, 41), CHANNEL: MessageRef(CHANNEL, 42)}


@pytest.fixture
async def built(tmp_path: Path) -> AsyncIterator[World]:
    """Real store and relay, two rooms."""
    async with world(tmp_path / "db.sqlite", bridge(GROUP, CHANNEL)) as made:
        yield made


def store(built: World) -> OwnPolls:
    """The polls' transactions."""
    return OwnPolls(built.store._database, built.clock)


def asking(built: World) -> Asking:
    """What asks."""
    return Asking(store(built), built.routes.bridges_of, lambda _: None)


async def ask(built: World, room: Room = GROUP, update_id: int | None = 1) -> bool:
    """Ana asks whether there is mate."""
    scene = Scene(room, ANA, "en", Stamp(built.clock.now, update_id), 5)
    asks = asking(built)
    return await asks.ask(scene, MATE, asks.places(room))


async def arrive(built: World) -> dict[Room, Poll]:
    """Let what waits arrive; the poll as it is brought to each room."""
    brought: dict[Room, Poll] = {}
    for room, ref in TWINS.items():
        built.clock.now += 4.0
        while (job := await built.store.next_in(room)) is not None:
            assert job.message is not None
            assert job.message.poll is not None
            brought[room] = job.message.poll
            await built.store.arrived(job.delivery, [MappedCopy(ref, 0, b"")], done=True)
    return brought


async def take(built: World, event: Event, update_id: int | None = None) -> None:
    """Something happens."""
    await built.relay.take([event], Mark(update_id=update_id))


async def test_one_tally(built: World) -> None:
    """Figures of one side and people of the other are added up, each told once."""
    assert await ask(built)
    assert not await ask(built)  # the same update again
    asked = await arrive(built)
    assert set(asked) == {GROUP, CHANNEL}
    assert asked[GROUP].own
    await store(built).sent("1-0", "99")
    here = Poll("Mate?", ("Yes", "No"), votes=(2, 0), id="99")
    await take(built, Polled(here), 2)
    for _ in range(2):  # told twice
        await take(built, Voted(TWINS[CHANNEL], 8, 1, chosen=True))
    assert {poll.votes for poll in (await arrive(built)).values()} == {(2, 1)}
    await take(built, Voted(TWINS[CHANNEL], 8, 1, chosen=False))
    await take(built, Polled(replace(here, votes=())), 3)  # all votes were taken back
    assert {poll.votes for poll in (await arrive(built)).values()} == {(0, 0)}
    for event in (
        Voted(MessageRef(CHANNEL, 1), 8, 1, chosen=True),
        Voted(TWINS[CHANNEL], 8, 7, chosen=True),
        Polled(replace(here, id="98", question="Other?")),
    ):
        await take(built, event)
    assert await arrive(built) == {}


async def test_an_id_that_was_never_told(built: World) -> None:
    """Where the answer to the sending was lost, the first figures tell which poll it is."""
    await ask(built)
    await arrive(built)
    await take(built, Polled(Poll("Mate?", ("Yes", "No"), votes=(1, 0), id="77")), 2)
    assert {poll.votes for poll in (await arrive(built)).values()} == {(1, 0)}
    await ask(built, update_id=3)
    await arrive(built)
    await take(built, Polled(Poll("Mate?", ("Yes", "No"), votes=(0, 1), id="77")), 4)
    assert {poll.votes for poll in (await arrive(built)).values()} == {(0, 1)}
    assert await store(built).end(GROUP, 7, Stamp(built.clock.now)) is not None
    assert {poll.votes for poll in (await arrive(built)).values()} == {(0, 0)}  # the newer one


async def test_it_ends_in_time(built: World) -> None:
    """Once its time has come it ends in all rooms, once, and final figures still come in."""
    await ask(built, CHANNEL, None)
    await arrive(built)
    polls = store(built)
    assert await polls.close_due() == frozenset()
    built.clock.now += 3600.0
    assert await polls.close_due() == {GROUP, CHANNEL}
    assert await polls.close_due() == frozenset()
    assert {poll.closed for poll in (await arrive(built)).values()} == {True}
    final = Poll("Mate?", ("Yes", "No"), votes=(3, 1), closed=True)
    await take(built, Polled(final, TWINS[CHANNEL]))
    assert {poll.votes for poll in (await arrive(built)).values()} == {(3, 1)}


async def test_a_vote_before_the_answer(built: World) -> None:
    """Who votes before it is known that the poll stands there is counted once it is."""
    await ask(built)
    job = await built.store.next_in(CHANNEL)
    assert job is not None
    early = Voted(TWINS[CHANNEL], 8, 1, chosen=True)
    await take(built, early)  # nothing was posted yet: it is in somebody else's poll
    delivery = await built.store.begin(job, posts=1)
    assert delivery is not None
    polls = store(built)
    for event in (early, Voted(TWINS[CHANNEL], 9, 0, chosen=True), replace(early, person=10)):
        await take(built, event)
    await take(built, replace(early, person=10, chosen=False))
    await take(built, replace(early, ref=MessageRef(CHANNEL, 43)))  # in no poll of MateBot's own
    assert await polls.close_due() == frozenset()
    await built.store.arrived(delivery, [MappedCopy(TWINS[CHANNEL], 0, b"")], done=True)
    assert await polls.close_due() == {GROUP, CHANNEL}
    assert {poll.votes for poll in (await arrive(built)).values()} == {(1, 1)}
    assert await polls.close_due() == frozenset()
    left = await built.store._database.run(
        lambda conn: conn.execute("SELECT count(*) FROM parked_votes").fetchone()[0]
    )
    assert left == 0


async def test_whose_it_is(built: World) -> None:
    """Who asked ends it, or whoever may end anybody's; ended in one room, it ends in all."""
    await ask(built)
    await arrive(built)
    polls, stamp = store(built), Stamp(built.clock.now)
    assert await polls.end(GROUP, 8, stamp) is None
    assert await polls.end(CHANNEL, 7, stamp) is None  # another platform's 7
    assert await polls.end(CHANNEL, None, stamp) == frozenset({GROUP, CHANNEL})
    assert await polls.end(CHANNEL, None, stamp) is None
    await arrive(built)
    await ask(built, update_id=9)
    await arrive(built)
    await take(built, Polled(Poll("Mate?", ("Yes", "No"), closed=True, id="3")), 10)
    assert {poll.closed for poll in (await arrive(built)).values()} == {True}


async def test_it_is_deleted_everywhere(built: World) -> None:
    """A poll that is deleted by one of its copies goes in all rooms, and never ends."""
    await ask(built)
    await arrive(built)
    target = await Presence(built.store._database, built.clock).target(TWINS[GROUP])
    assert target is not None
    await take(built, Deleted((target.original,)))
    kinds = set()
    for room in TWINS:
        while (job := await built.store.next_in(room)) is not None:
            kinds.add((room, job.delivery.kind.value))
            await built.store.finish(job)
    assert kinds == {(GROUP, "delete"), (CHANNEL, "delete")}
    built.clock.now += 3600.0
    assert await store(built).close_due() == frozenset()


async def test_where(built: World) -> None:
    """Each chat once; a room that is only read gets none; one that nobody reads asks nobody."""
    topic = Room.telegram(GROUP.chat, 4)
    other = Room.discord(501)
    built.routes.replace(
        [
            bridge(GROUP, CHANNEL),
            Bridge(
                "2", (BridgeRoom(GROUP, reads=True, writes=True), BridgeRoom(CHANNEL, True, True))
            ),
            Bridge(
                "3", (BridgeRoom(other, reads=True, writes=False), BridgeRoom(CHANNEL, True, True))
            ),
        ]
    )
    places = [place.room for place in asking(built).places(topic)]
    assert places == [topic, CHANNEL]
    assert [place.room for place in asking(built).places(CHANNEL)] == [CHANNEL, GROUP]
    assert [place.room for place in asking(built).places(other)] == [other, CHANNEL]
    assert asking(built).places(Room(Platform.TELEGRAM, -5)) == ()
