"""Linking by chat where rooms are topics and threads, and where somebody cannot be written to."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.scenarios.harness import ARRIVES_S, Scene, scene
from tests.scenarios.linking_acts import (
    commands_listed,
    custom_id,
    discord_answers,
    discord_code,
    discord_hears,
    invoke,
    new_rooms,
    press,
    telegram_code,
    telegram_hears,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with scene(tmp_path_factory.mktemp("places"), bridged=False) as made:
        await commands_listed(made)
        yield made


@pytest.fixture
def stage(built: Scene) -> Scene:
    return new_rooms(built)


async def test_a_topic_and_a_thread_are_linked_alone(stage: Scene) -> None:
    """The code, the question and the conversation stay in the topic where they began."""
    forum = stage.telegram.add_group("Forum", forum=True)["id"]
    stage.telegram.join(forum, stage.ana["id"], status="administrator", quiet=True)
    topic = stage.telegram.add_topic(forum, "Linked")
    thread = int(stage.discord.add_thread(stage.channel, "Linked")["id"])
    stage = replace(stage, group=forum, channel=thread)
    code = await telegram_code(stage, topic=topic)
    await discord_answers(stage, invoke(stage, stage.bia, "bridge", code=code))
    question = await telegram_hears(stage, "wants to join")
    assert question["message_thread_id"] == topic
    press(stage, stage.ana, question, "Join")
    joined = await telegram_hears(stage, "This room is now joined with")
    assert joined["message_thread_id"] == topic
    await discord_hears(stage, "This room is now joined with")
    stage.telegram_says("in General")
    stage.telegram_says("in the topic", topic=topic)
    await stage.reaches_discord("in the topic")
    stage.discord_says("in the thread")
    (copy,) = [m for m in await stage.reaches_telegram("in the thread") if "thread" in m["text"]]
    assert copy["message_thread_id"] == topic
    assert [m["content"] for m in stage.in_discord()] == ["in the topic"]
    # General is not joined, and says so; the topic is.
    stage.telegram_says("/status")
    await telegram_hears(stage, "not joined with any other")
    stage.telegram_says("/unbridge", topic=topic)
    left = await telegram_hears(stage, "no longer joined")
    assert left["message_thread_id"] == topic


async def test_who_takes_no_private_messages_asks_again(stage: Scene) -> None:
    """The question waits; the channel hears no more than that; /bridge shows it to Bia alone."""
    stage.discord.close_dms(stage.bia["id"])
    code = await discord_code(stage)
    stage.telegram_says(f"/bridge {code}")
    hint = await discord_hears(stage, "could not write to you alone")
    assert "Bia" in hint["content"]
    assert "Matehackers" not in hint["content"]
    question = await discord_answers(stage, invoke(stage, stage.bia, "bridge"))
    assert "Ana wants to join" in question["content"]
    clicked = stage.discord.click(
        stage.bia["id"], stage.channel, question["id"], custom_id(question, "Do not join")
    )
    answer = await discord_answers(stage, clicked)
    assert "the rooms are not joined" in answer["content"]
    await telegram_hears(stage, "did not confirm")
    stage.discord.close_dms(stage.bia["id"], closed=False)


async def test_who_is_no_administrator_any_more_joins_nothing(stage: Scene) -> None:
    """Between the code and the confirmation the first administrator lost the right to decide."""
    code = await telegram_code(stage)
    await discord_answers(stage, invoke(stage, stage.bia, "bridge", code=code))
    question = await telegram_hears(stage, "wants to join")
    stage.telegram.demote(stage.group, stage.ana["id"])
    press(stage, stage.ana, question, "Join")
    await telegram_hears(stage, "no longer an administrator")
    await discord_hears(stage, "did not confirm")


async def test_a_basic_group_is_linked_and_moves(stage: Scene) -> None:
    """A bridge that was made by chat follows the group to its new id."""
    basic = stage.telegram.add_group("Basic", kind="group")["id"]
    stage.telegram.join(basic, stage.ana["id"], status="administrator", quiet=True)
    code = await discord_code(stage)
    stage.telegram.say(stage.ana["id"], basic, f"/bridge {code}")
    await stage.discord.wait_for(
        lambda: any("Basic" in m["content"] for m in stage.discord.dms(stage.bia["id"])),
        timeout_s=ARRIVES_S,
    )
    question = stage.discord.dms(stage.bia["id"])[-1]
    stage.discord.click(
        stage.bia["id"], question["channel_id"], question["id"], custom_id(question, "Join")
    )
    await telegram_hears(stage, "This room is now joined with", chat=basic)
    new = stage.telegram.migrate(basic)
    stage.telegram.say(stage.ana["id"], new, "after the move")
    await stage.reaches_discord("after the move")
    stage.discord_says("to where it moved")
    await telegram_hears(stage, "to where it moved", chat=new)
    stage.telegram.say(stage.ana["id"], new, "/unbridge")
    await telegram_hears(stage, "no longer joined", chat=new)
