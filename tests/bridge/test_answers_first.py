"""What MateBot answers somebody goes before a flood of posts to the same chat."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from matebot.core.delivery import DeliveryKind
from matebot.core.errors import PermanentError, TemporaryError, UnsureError
from matebot.core.events import Edited, Posted
from matebot.core.ids import Room
from matebot.core.notice import Notice
from matebot.core.ports import Mark
from matebot.core.richtext import plain
from tests.bridge.test_lanes import settle
from tests.bridge.world import CHANNEL, GROUP, World, bridge, message, under_pressure, world

FLOOD = 200
POSTS = [f"m{number}" for number in range(1, FLOOD + 1)]


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[World]:
    """A bridge on whose one side much was said."""
    async with world(tmp_path / "w.sqlite") as built:
        await flood(built)
        yield built


async def flood(parts: World, room: Room = GROUP) -> None:
    """Ana says a lot."""
    said = [Posted(message(number, text, room)) for number, text in enumerate(POSTS, 1)]
    await parts.relay.take(said, Mark())


async def answer(parts: World, text: str, room: Room = CHANNEL) -> None:
    """MateBot answers somebody."""
    assert await parts.store.notify(room, Notice(plain(text)))
    parts.lanes.wake([room])


async def next_kind(parts: World) -> DeliveryKind:
    """Of what the turn is in the channel."""
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    return job.delivery.kind


async def test_an_answer_is_next(parts: World) -> None:
    """However many posts waited before it."""
    assert await next_kind(parts) is DeliveryKind.POST
    await answer(parts, "here you are")
    assert await next_kind(parts) is DeliveryKind.NOTICE


async def test_answers_keep_their_order_and_so_do_posts(parts: World) -> None:
    """First what is answered, then what was said, each as it came."""
    for number in (1, 2, 3):
        await answer(parts, f"answer {number}")
    await settle(parts)
    assert parts.discord.lines == ["answer 1", "answer 2", "answer 3", *POSTS]


@pytest.mark.parametrize("after", [1, 50, FLOOD])
async def test_an_answer_does_not_wait_for_the_flood_under_way(parts: World, after: int) -> None:
    """One post that was begun goes out before it, and one whose turn was seen with that."""
    prepared = count(1)

    async def ask() -> None:
        if next(prepared) == after:
            await answer(parts, "here you are")

    parts.discord.preparing = ask
    await settle(parts)
    place = parts.discord.lines.index("here you are")
    assert after <= place <= after + 1
    assert [line for line in parts.discord.lines if line != "here you are"] == POSTS


async def test_an_answer_goes_before_what_goes_out_together(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under pressure, when many posts become one message, it is none of them."""
    under_pressure(monkeypatch)
    await answer(parts, "here you are")
    await settle(parts)
    assert parts.discord.lines[0] == "here you are"
    assert "+".join(parts.discord.lines[1:]).split("+") == POSTS


async def test_an_answer_in_another_topic_goes_before_the_flood(tmp_path: Path) -> None:
    """The topics of a chat share its lane."""
    flooded, quiet = Room.telegram(-1001, 5), Room.telegram(-1001, 6)
    async with world(tmp_path / "w.sqlite", bridge(flooded, CHANNEL)) as parts:
        await flood(parts, CHANNEL)
        await answer(parts, "here you are", quiet)
        await settle(parts)
        assert parts.telegram.lines == ["here you are", *POSTS]


async def test_an_answer_goes_before_edits_that_are_due(parts: World) -> None:
    """They are part of the flood."""
    await settle(parts)
    told = [Edited(message(number, f"{text}!")) for number, text in enumerate(POSTS, 1)]
    await parts.relay.take(told, Mark())
    parts.clock.now += 10.0
    assert await next_kind(parts) is DeliveryKind.EDIT
    await answer(parts, "here you are")
    assert await next_kind(parts) is DeliveryKind.NOTICE


async def test_an_answer_that_waits_holds_up_no_post(parts: World) -> None:
    """It failed for now: the posts go on, and it comes when it may."""
    parts.discord.errors.append(TemporaryError("503"))
    await answer(parts, "here you are")
    await settle(parts, until=lambda: len(parts.discord.lines) == FLOOD)
    assert parts.discord.lines == POSTS
    parts.clock.now += 100.0
    await settle(parts)
    assert parts.discord.lines == [*POSTS, "here you are"]


async def test_an_answer_that_is_refused_is_given_up(parts: World) -> None:
    """And is in nobody's way."""
    parts.discord.errors.append(PermanentError("400"))
    await answer(parts, "here you are")
    await settle(parts)
    assert parts.discord.lines == POSTS


async def test_an_answer_does_not_overtake_what_may_have_arrived(parts: World) -> None:
    """The post whose answer never came is looked for first: behind it nothing else is to stand."""
    parts.discord.errors_after.append(UnsureError("timeout"))
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    await answer(parts, "here you are")
    parts.clock.now += 100.0
    await settle(parts)
    assert parts.discord.lines == [POSTS[0], "here you are", *POSTS[1:]]
    assert parts.discord.calls.count("find") == 1
