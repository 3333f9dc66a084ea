"""A bridge's choices through the wire, on both services; and bots that repeat one another."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.scenarios.harness import ARRIVES_S, Json, Scene, scene
from tests.scenarios.linking_acts import (
    commands_listed,
    discord_answers,
    discord_hears,
    invoke,
    link_from_telegram,
    new_rooms,
    press,
    talk_both_ways,
    telegram_hears,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with scene(tmp_path_factory.mktemp("settings"), bridged=False) as made:
        await commands_listed(made)
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def stage(built: Scene) -> Scene:
    """A group and a channel of one test's own, joined by chat."""
    made = new_rooms(built)
    await link_from_telegram(made)
    return made


def labels(message: Json) -> list[str]:
    """What stands on the buttons of a Telegram message."""
    return [each["text"] for row in message["reply_markup"]["inline_keyboard"] for each in row]


def label(message: Json, begin: str) -> str:
    """The whole label that begins like that."""
    return next(each for each in labels(message) if each.startswith(begin))


def shown(stage: Scene, message: Json) -> Json:
    """A Telegram message as it is now."""
    now = stage.telegram.message(stage.group, message["message_id"])
    assert now is not None
    return now


def option(message: Json, begin: str) -> tuple[str, str]:
    """The menu of a Discord message that has such an option, and what choosing that one says."""
    for row in message["components"]:
        for menu in row["components"]:
            for each in menu.get("options", ()):
                if each["label"].startswith(begin):
                    return menu["custom_id"], each["value"]
    raise AssertionError(f"no option {begin!r} in {message}")


async def choose(
    stage: Scene, asked: str, who: Json, begin: str, holds: Callable[[Json], object]
) -> Json:
    """Choose an option of an answer on Discord and wait until the answer is as told."""
    (answer,) = stage.discord.answers(asked)
    menu, value = option(answer, begin)
    stage.discord.click(who["id"], stage.channel, answer["id"], menu, values=[value])
    await stage.discord.wait_for(
        lambda: holds(stage.discord.answers(asked)[0]), timeout_s=ARRIVES_S
    )
    (changed,) = stage.discord.answers(asked)
    return changed


@pytest.mark.rows("3.6")
async def test_settings_in_telegram(stage: Scene) -> None:
    """A keyboard that is changed in place by administrators alone; all hear who changed what."""
    stage.telegram.say(stage.rui["id"], stage.group, "/settings")
    await telegram_hears(stage, "only an administrator")
    stage.telegram_says("/settings")
    page = await telegram_hears(stage, "Settings of the conversation with #geral")
    assert "Deleted messages: delete the copies" in labels(page)
    before = len(stage.in_telegram())

    # A member's press is answered to them alone, and changes nothing.
    press(stage, stage.rui, page, label(page, "Deleted messages"))
    await stage.telegram.wait_for(
        lambda: any(
            "only an administrator" in str(call.params.get("text", ""))
            for call in stage.telegram.calls_of("answerCallbackQuery")
        ),
        timeout_s=ARRIVES_S,
    )
    assert len(stage.in_telegram()) == before
    assert labels(shown(stage, page)) == labels(page)

    # Twice in a row: the label that stands on the button is what the second press goes on from.
    for value in ("mark the copies", "keep the copies"):
        press(stage, stage.ana, shown(stage, page), label(shown(stage, page), "Deleted messages"))
        told = f"Ana changed the settings: Deleted messages → {value}"
        await telegram_hears(stage, told)
        await discord_hears(stage, told)
        assert f"Deleted messages: {value}" in labels(shown(stage, page))

    # It holds: what is deleted in Discord stays in Telegram.
    said = stage.discord_says("keep me")
    await stage.reaches_telegram("keep me")
    stage.discord.delete(stage.channel, said["id"])
    await talk_both_ways(stage, "later")
    await stage.reaches_telegram("keep me")

    # A row with many values opens, and goes back.
    press(stage, stage.ana, page, label(page, "Reaction that deletes"))
    await stage.telegram.wait_for(lambda: "« Back" in labels(shown(stage, page)), ARRIVES_S)
    press(stage, stage.ana, shown(stage, page), "👾")
    await discord_hears(stage, "Reaction that deletes in Telegram → 👾")
    await stage.telegram.wait_for(
        lambda: "Reaction that deletes in Telegram: 👾" in labels(shown(stage, page)), ARRIVES_S
    )

    # The choices outlive the process, and the old keyboard goes on working.
    await stage.daemon.kill()
    await stage.daemon.start()
    await stage.daemon.ready()
    press(stage, stage.ana, shown(stage, page), label(page, "Pins"))
    await telegram_hears(stage, "Ana changed the settings: Pins → off")
    assert "Deleted messages: keep the copies" in labels(shown(stage, page))


async def test_settings_on_discord(stage: Scene) -> None:
    """Two menus in an answer of one's own, which takes each choice in place."""
    with pytest.raises(PermissionError):
        invoke(stage, stage.leo, "settings")
    asked = invoke(stage, stage.bia, "settings")
    answer = await discord_answers(stage, asked)
    assert "Settings of the conversation with Matehackers" in answer["content"]
    assert "• Messages from other bots: on" in answer["content"]
    await choose(
        stage, asked, stage.bia, "Messages from other bots", lambda now: len(now["components"]) == 2
    )
    changed = await choose(
        stage, asked, stage.bia, "off", lambda now: "other bots: off" in now["content"]
    )
    assert changed["ephemeral"]
    told = "Bia changed the settings: Messages from other bots → off"
    await telegram_hears(stage, told)
    await discord_hears(stage, told)
    robot = stage.discord.add_user("robot", bot=True)
    stage.discord.add_member(robot["id"])
    stage.discord.say(robot["id"], stage.channel, "beep")

    # The channel's messages go nowhere any more; what comes is still shown.
    await choose(
        stage, asked, stage.bia, "Direction", lambda now: "both ways" in str(now["components"][1])
    )
    await choose(
        stage, asked, stage.bia, "only into the room", lambda now: "room: only" in now["content"]
    )
    await telegram_hears(stage, "Bia changed the direction of #geral")
    stage.discord_says("said to the channel alone")
    stage.telegram_says("said to both")
    await stage.reaches_discord("said to both")
    await choose(stage, asked, stage.bia, "both ways", lambda now: "room: both" in now["content"])
    await telegram_hears(stage, "both ways")
    await talk_both_ways(stage, "again")
    await stage.settled()
    texts = [message["text"] for message in stage.in_telegram()]
    assert not any("beep" in text or "channel alone" in text for text in texts)


@pytest.mark.parametrize("names", [False, True], ids=["as it is", "behind names"])
async def test_two_bridges_on_the_same_rooms_end_their_loop(stage: Scene, names: bool) -> None:
    """A second bridge puts into Discord what MateBot says in Telegram: it ends, and is told."""
    other = stage.discord.add_user("otherbridge", bot=True)
    stage.discord.add_member(other["id"])
    stage.discord.say(other["id"], stage.channel, "the sentence that goes round")
    seen = len(stage.in_telegram())

    def stopped() -> list[Json]:
        return [
            message
            for message in stage.discord.messages(stage.channel)
            if "repeating each other" in message["content"]
        ]

    def news() -> list[Json]:
        return stage.in_telegram()[seen:]

    while not stopped():
        await stage.until(lambda: bool(news() or stopped()))
        for message in news():
            _, _, words = message["text"].partition("\n")
            stage.discord.say(other["id"], stage.channel, message["text"] if names else words)
            seen += 1
        assert len(stage.discord.messages(stage.channel)) < 20, "it goes on and on"
    stage.discord.say(other["id"], stage.channel, "and one more")
    await talk_both_ways(stage, "people go on")
    await stage.settled()
    assert not any("and one more" in message["text"] for message in stage.in_telegram())
    assert len(stopped()) == 1
    assert "otherbridge" in stopped()[0]["content"]


async def test_settings_where_nothing_is_joined(built: Scene) -> None:
    """Where rooms are joined by nobody, there is nothing to set."""
    alone = new_rooms(built)
    alone.telegram_says("/settings")
    await telegram_hears(alone, "not joined with any other")
    forged = {
        "callback_query": {
            "id": "forged",
            "from": alone.ana,
            "message": alone.in_telegram()[-1],
            "chat_instance": "1",
            "data": "set:1:pins:off",
        }
    }
    alone.telegram.push_raw(forged, queue=f"press:{alone.group}")
    await alone.telegram.wait_for(
        lambda: any(
            "no longer there" in str(call.params.get("text", ""))
            for call in alone.telegram.calls_of("answerCallbackQuery")
        ),
        timeout_s=ARRIVES_S,
    )
