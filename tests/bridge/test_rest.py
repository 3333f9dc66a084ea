"""A chat rests as long as its service asked for, whatever call it was that was refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.core.errors import TemporaryError
from matebot.core.events import Edited, Posted
from matebot.core.notice import Notice
from matebot.core.ports import Mark
from matebot.core.richtext import plain
from tests.bridge.test_lanes import settle
from tests.bridge.world import CHANNEL, GROUP, World, message, world

HOUR_S = 3600.0


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "w.sqlite") as built:
        yield built


async def posts(parts: World, *numbers: int) -> None:
    """Ana says something."""
    said = [Posted(message(number, f"m{number}", CHANNEL)) for number in numbers]
    await parts.relay.take(said, Mark())


async def rests(parts: World) -> bool:
    """Whether nothing is called in the group now."""
    job = await parts.store.next_in(GROUP)
    assert job is not None
    return job.delivery.not_before > parts.clock.now


async def refused(parts: World) -> None:
    """What is due is refused for an hour."""
    parts.telegram.errors.append(TemporaryError("429", retry_after_s=HOUR_S))
    await settle(parts, until=lambda: bool(parts.reporter.failures))


async def answer(parts: World) -> None:
    """MateBot says something there."""
    await parts.store.notify(GROUP, Notice(plain("an answer")))


async def test_a_refused_answer_holds_up_posts(parts: World) -> None:
    await answer(parts)
    await refused(parts)
    await posts(parts, 1, 2)
    assert await rests(parts)


async def test_a_refused_post_holds_up_answers(parts: World) -> None:
    await posts(parts, 1)
    await refused(parts)
    await answer(parts)
    assert await rests(parts)


async def test_a_refused_edit_holds_up_posts_until_the_hour_is_over(parts: World) -> None:
    """Then all of it goes."""
    await posts(parts, 1)
    await settle(parts)
    await parts.relay.take([Edited(message(1, "m1, mended", CHANNEL))], Mark())
    await refused(parts)
    await posts(parts, 2)
    assert await rests(parts)
    parts.clock.now += HOUR_S
    assert not await rests(parts)
    await settle(parts)
    assert parts.telegram.lines == ["m1, mended", "m2"]
