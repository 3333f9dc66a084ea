"""A chat rests as long as its service asked for, whatever call it was that was refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.core.delivery import DeliveryKind
from matebot.core.errors import TemporaryError
from matebot.core.events import Edited, Posted
from matebot.core.ids import Platform
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


async def test_of_two_rests_the_longer_one_counts(parts: World) -> None:
    """The second one was asked for by the answer to a call that was under way."""
    await answer(parts)
    await answer(parts)
    first = await parts.store.next_in(GROUP)
    assert first is not None
    later = first.delivery._replace(id=first.delivery.id + 1)
    for delivery, hours in ((first.delivery, 1), (later, 2)):
        until = parts.clock.now + hours * HOUR_S
        await parts.store.retry(delivery, until, "429", unsure=False, asked=True)
    job = await parts.store.next_in(GROUP)
    assert job is not None
    assert job.delivery.not_before - parts.clock.now == 2 * HOUR_S


async def test_rights_that_come_back_shorten_no_rest(parts: World) -> None:
    """What failed for want of them is tried at once, what was asked for is kept."""
    await parts.store.notify(CHANNEL, Notice(plain("!")), trouble_in=GROUP, what="room-gone")
    await posts(parts, 1)
    await refused(parts)
    await parts.store.retry_troubled(Platform.TELEGRAM)
    assert await rests(parts)


async def test_discord_counts_each_kind_of_call_by_itself(parts: World) -> None:
    """There a refused answer holds up no post."""
    parts.discord.errors.append(TemporaryError("429", retry_after_s=HOUR_S))
    await parts.store.notify(CHANNEL, Notice(plain("an answer")))
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    await parts.relay.take([Posted(message(1, "m1"))], Mark())
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    assert (job.delivery.kind, job.delivery.not_before) == (DeliveryKind.POST, 0.0)
