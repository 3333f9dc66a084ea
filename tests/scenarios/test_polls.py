"""Polls cross as polls, and end with the figures of the room where they were asked."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from matebot.sandbox.discord import permissions
from tests.scenarios.harness import Json, Scene, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """One daemon for all."""
    folder: Path = tmp_path_factory.mktemp("polls")
    async with scene(folder) as built:
        yield built


def discord_poll(question: str, *options: str, **more: object) -> Json:
    """A poll as a client of Discord's sends it."""
    answers = [{"poll_media": {"text": option}} for option in options]
    return {"question": {"text": question}, "answers": answers, "duration": 24} | more


def asked_in_telegram(stage: Scene, question: str) -> Json | None:
    """MateBot's poll in the group."""
    found = (m for m in stage.in_telegram() if m.get("poll", {}).get("question") == question)
    return next(found, None)


def asked_in_discord(stage: Scene, question: str) -> Json | None:
    """MateBot's poll in the channel."""
    own = stage.discord.bot_user["id"]
    for message in stage.discord.messages(stage.channel):
        poll = message.get("poll") or {}
        if message["author"]["id"] == own and poll.get("question", {}).get("text") == question:
            return message
    return None


async def test_3_10_a_poll_of_telegram(stage: Scene) -> None:
    """It is asked in Discord with all that it is, and ends there with its own figures."""
    asked = stage.telegram.ask(
        stage.rui["id"], stage.group, "Mate or *coffee*?", ["Mate", "Coffee", "@both"],
        multiple=True, open_s=7000,
    )  # fmt: skip
    await stage.until(lambda: asked_in_discord(stage, "Mate or *coffee*?") is not None)
    twin = asked_in_discord(stage, "Mate or *coffee*?")
    assert twin is not None
    poll = twin["poll"]
    assert [each["poll_media"]["text"] for each in poll["answers"]] == ["Mate", "Coffee", "@both"]
    assert (twin["content"], poll["allow_multiselect"]) == ("**Rui**", True)
    (sent,) = [each for each in stage.discord.calls if each.body and "poll" in each.body]
    assert sent.body["poll"]["duration"] == 2
    stage.discord.vote(stage.leo["id"], stage.channel, twin["id"], [2])
    for person, options in ((stage.ana, [0, 2]), (stage.rui, [0])):
        stage.telegram.vote(person["id"], stage.group, asked["message_id"], options)
    stage.telegram.stop_poll(stage.group, asked["message_id"])
    copies = await stage.reaches_discord("The poll has ended: Mate or")
    ended = stage.discord.message(stage.channel, twin["id"])
    assert ended["poll"]["results"]["is_finalized"]
    figures = copies[-1]["content"].replace("\\", "").splitlines()[1:]
    assert [line.lstrip("•- ") for line in figures] == ["Mate: 2", "Coffee: 0", "@both: 1"]


async def test_3_10_a_poll_of_discord(stage: Scene) -> None:
    """It is asked in Telegram under its author's name, and ends there with its own figures."""
    poll = discord_poll("Where?", "Here", "There", allow_multiselect=False)
    asked = stage.discord.say(stage.bia["id"], stage.channel, "", poll=poll)
    await stage.until(lambda: asked_in_telegram(stage, "Where?") is not None)
    twin = asked_in_telegram(stage, "Where?")
    assert twin is not None
    assert twin["poll"]["description"] == "Bia"
    assert twin["poll"]["description_entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert [each["text"] for each in twin["poll"]["options"]] == ["Here", "There"]
    assert not twin["poll"]["allows_multiple_answers"]
    assert 86_000 < twin["poll"]["open_period"] <= 86_401
    stage.telegram.vote(stage.rui["id"], stage.group, twin["message_id"], [1])
    stage.discord.vote(stage.leo["id"], stage.channel, asked["id"], [1])
    stage.discord.end_poll(stage.channel, asked["id"])
    texts = await stage.reaches_telegram("The poll has ended: Where?")
    assert texts[-1]["text"].splitlines()[1:] == ["• Here: 1", "• There: 0"]
    message = stage.telegram.message(stage.group, twin["message_id"])
    assert message is not None
    assert message["poll"]["is_closed"]
    assert len([m for m in texts if "poll has ended" in m.get("text", "")]) == 1
    await stage.settled()


async def test_3_10_a_quiz_gives_nothing_away(stage: Scene) -> None:
    """Which answer is right is in no twin; too many answers become text; twins go with polls."""
    stage.telegram.ask(stage.ana["id"], stage.group, "2 + 2?", ["3", "4"], quiz=True)
    await stage.until(lambda: asked_in_discord(stage, "2 + 2?") is not None)
    options = [f"answer {number}" for number in range(12)]
    stage.telegram.ask(stage.ana["id"], stage.group, "Twelve?", options)
    copies = await stage.reaches_discord("Twelve?")
    assert "answer 11" in copies[-1]["content"]
    assert asked_in_discord(stage, "Twelve?") is None
    long = discord_poll("Two?", "x" * 55, "y")
    asked = stage.discord.say(stage.bia["id"], stage.channel, "", poll=long)
    await stage.until(lambda: asked_in_telegram(stage, "Two?") is not None)
    stage.discord.delete(stage.channel, asked["id"])
    await stage.until(lambda: asked_in_telegram(stage, "Two?") is None)
    quiz = asked_in_discord(stage, "2 + 2?")
    assert quiz is not None
    original = next(
        m
        for m in stage.telegram.messages(stage.group)
        if "poll" in m and m["poll"]["question"] == "2 + 2?"
    )
    number = original["message_id"]
    stage.telegram.say(stage.ana["id"], stage.group, "/delete", reply_to=number)
    await stage.until(lambda: asked_in_discord(stage, "2 + 2?") is None)


async def test_3_10_without_the_right_to_ask(stage: Scene) -> None:
    """Where MateBot may post no polls, they come in words, and their end as well."""
    stage.discord.set_bot_permissions(permissions.BOT & ~permissions.SEND_POLLS, stage.channel)
    asked = stage.telegram.ask(stage.rui["id"], stage.group, "In words?", ["Yes", "No"])
    own = stage.discord.bot_user["id"]

    def said() -> bool:
        return any(
            "In words?" in m["content"] and "Yes" in m["content"] and m["author"]["id"] == own
            for m in stage.discord.messages(stage.channel)
        )

    await stage.until(said)
    stage.telegram.stop_poll(stage.group, asked["message_id"])
    await stage.reaches_discord("The poll has ended: In words?")
    stage.discord.set_bot_permissions(permissions.BOT, stage.channel)
    await stage.settled()
