"""Posts that wait for their turn go out together; every original keeps its line."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.core.errors import PermanentError, UnsureError
from matebot.core.events import Deleted, Edited, Posted
from matebot.core.ids import MessageRef
from matebot.core.ports import Mark
from tests.bridge.test_lanes import settle
from tests.bridge.world import CHANNEL, GROUP, World, message, under_pressure, world


@pytest.fixture
async def pressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A bridge in which every post has waited long enough to be merged."""
    under_pressure(monkeypatch)
    async with world(tmp_path / "w.sqlite") as built:
        yield built


async def post(parts: World, *numbers: int) -> None:
    """Ana says some numbered things."""
    for number in numbers:
        await parts.relay.take([Posted(message(number, f"m{number}"))], Mark())


async def test_what_waits_goes_out_together_and_in_order(pressed: World) -> None:
    """Twelve posts become two messages, none lost, none doubled."""
    await post(pressed, *range(1, 13))
    await settle(pressed)
    assert pressed.discord.lines == ["m1+m2+m3+m4+m5+m6+m7+m8+m9", "m10+m11+m12"]
    assert await pressed.store.lanes() == []


async def test_an_edit_renders_the_merged_message_anew(pressed: World) -> None:
    """The line of the edited original changes, its neighbours stay."""
    await post(pressed, 1, 2, 3)
    await settle(pressed)
    await pressed.relay.take([Edited(message(2, "two"))], Mark())
    await settle(pressed)
    assert pressed.discord.lines == ["m1+two+m3"]


async def test_a_delete_takes_one_original_out(pressed: World) -> None:
    """The others stay; with the last one the message goes."""
    await post(pressed, 1, 2, 3)
    await settle(pressed)
    for number, left in ((2, ["m1+m3"]), (1, ["m3"]), (3, [])):
        await pressed.relay.take([Deleted((MessageRef(GROUP, number),))], Mark())
        await settle(pressed)
        assert pressed.discord.lines == left


async def test_an_edit_that_no_longer_fits_leaves_the_merged_message(pressed: World) -> None:
    """It stands by itself behind, whole; the others stay where they are."""
    await post(pressed, *range(1, 10))
    await settle(pressed)
    await pressed.relay.take([Edited(message(5, "a\nb"))], Mark())
    await settle(pressed)
    assert pressed.discord.lines == ["m1+m2+m3+m4+m6+m7+m8+m9", "a", "b"]
    await pressed.relay.take([Deleted((MessageRef(GROUP, 5),))], Mark())
    await settle(pressed)
    assert pressed.discord.lines == ["m1+m2+m3+m4+m6+m7+m8+m9"]


async def test_an_answer_to_a_merged_message_means_the_quoted_or_the_last_one(
    pressed: World,
) -> None:
    """In the room of the originals it answers that very original."""
    await post(pressed, 1, 2, 3)
    await settle(pressed)
    (copy,) = pressed.discord.posted
    await pressed.relay.take([Posted(message(77, "re", CHANNEL, reply_to=copy))], Mark())
    await settle(pressed)
    (answer,) = pressed.telegram.posted.values()
    assert answer.reply_to == 3


async def test_a_merged_message_whose_answer_never_came_is_found(pressed: World) -> None:
    """It is mapped to all its originals and not sent again."""
    pressed.discord.errors_after.append(UnsureError("timeout"))
    await post(pressed, 1, 2, 3)
    await settle(pressed, until=lambda: bool(pressed.reporter.failures))
    pressed.clock.now += 100
    await settle(pressed)
    assert pressed.discord.lines == ["m1+m2+m3"]
    await pressed.relay.take([Edited(message(3, "three"))], Mark())
    await settle(pressed)
    assert pressed.discord.lines == ["m1+m2+three"]


async def test_a_merged_message_that_did_not_arrive_is_sent_again(pressed: World) -> None:
    """Nothing was found: its posts go out, in order, each once."""
    pressed.discord.errors.append(UnsureError("timeout"))
    await post(pressed, 1, 2, 3)
    await settle(pressed, until=lambda: bool(pressed.reporter.failures))
    pressed.clock.now += 100
    await settle(pressed)
    assert pressed.discord.lines == ["m1", "m2", "m3"]


async def test_a_refused_merged_message_is_sent_one_by_one(pressed: World) -> None:
    """What the service refuses in one is not lost: each goes by itself."""
    pressed.discord.errors.append(PermanentError("400"))
    await post(pressed, 1, 2, 3)
    await settle(pressed)
    assert pressed.discord.lines == ["m1", "m2", "m3"]


async def test_an_edit_before_the_attempt_is_in_the_merged_message(pressed: World) -> None:
    """The posts are read when the turn has come, not before."""
    await post(pressed, 1, 2)
    await pressed.relay.take([Edited(message(1, "one"))], Mark())
    await settle(pressed)
    assert pressed.discord.lines == ["one+m2"]


async def test_no_pressure_no_merging(tmp_path: Path) -> None:
    """Where nothing has to wait, everything goes by itself."""
    async with world(tmp_path / "w.sqlite") as parts:
        await post(parts, 1, 2, 3)
        await asyncio.sleep(0)
        await settle(parts)
        assert parts.discord.lines == ["m1", "m2", "m3"]
