"""A poll of which only the id is told finds its messages, and ends in their copies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from matebot.bridge.polls import Polling
from matebot.core.delivery import MappedCopy
from matebot.core.events import Deleted, Polled, Posted
from matebot.core.ids import MessageRef
from matebot.core.message import Message, Poll
from matebot.core.ports import Mark
from matebot.storage.polls import PollStore
from tests.bridge.world import CHANNEL, GROUP, World, message, world

ASKED = Poll("Mate?", ("Yes", "No"), id="77")
ENDED = replace(ASKED, votes=(2, 1), closed=True)


@pytest.fixture
async def built(tmp_path: Path) -> AsyncIterator[World]:
    """Real store and relay."""
    async with world(tmp_path / "db.sqlite") as made:
        yield made


def polling(built: World) -> Polling:
    """What stands before the relay."""
    return Polling(built.relay, PollStore(built.store._database))


async def said(built: World) -> list[Message | None]:
    """What the deliveries that wait for the channel are about; each arrives."""
    found = []
    while (job := await built.store.next_in(CHANNEL)) is not None:
        found.append(job.message)
        copy = MappedCopy(MessageRef(CHANNEL, 9000 + (job.delivery.original or 0)), 0, b"")
        await built.store.arrived(job.delivery, [copy], done=True)
    return found


async def test_an_end_is_an_edit(built: World) -> None:
    """Every message that asks it is brought anew, once; news without an end change nothing."""
    take = polling(built).take
    for number in (1, 2):  # asked, and forwarded
        await take([Posted(replace(message(number, ""), poll=ASKED))], Mark(update_id=number))
    assert len(await said(built)) == 2
    await take([Polled(replace(ASKED, votes=(1, 0)))], Mark(update_id=3))
    assert await said(built) == []
    for update_id in (4, 4, 5):
        await take([Polled(ENDED)], Mark(update_id=update_id))
    assert [each.poll for each in await said(built) if each is not None] == [ENDED, ENDED]
    await take([Polled(replace(ENDED, votes=(9, 9)))], Mark(update_id=6))
    assert await said(built) == []  # it ended only once


async def test_what_is_unknown_or_gone(built: World) -> None:
    """Other polls, our own twins among them, and deleted ones change nothing."""
    take = polling(built).take
    await take([Polled(ENDED)], Mark(update_id=1))
    await take([Posted(replace(message(1, ""), poll=ASKED))], Mark(update_id=1))
    assert await said(built) == []
    await take([Posted(replace(message(1, ""), poll=ASKED))], Mark(update_id=2))
    await take([Deleted((MessageRef(GROUP, 1),))], Mark(update_id=3))
    await take([Polled(ENDED)], Mark(update_id=4))
    assert [each for each in await said(built) if each is not None] == []


async def test_an_open_poll_is_kept(built: World) -> None:
    """What a poll asks is remembered until it ends, however long that takes."""
    take = polling(built).take
    await take([Posted(replace(message(1, ""), poll=ASKED))], Mark(update_id=1))
    await said(built)
    built.clock.now += 10 * 86_400
    await built.store.forget_old(content_s=3600, map_s=1e9)
    await take([Polled(ENDED)], Mark(update_id=2))
    assert len(await said(built)) == 1
    await built.store.forget_old(content_s=3600, map_s=1e9)
    store = PollStore(built.store._database)
    assert await store.asked("77") == []
