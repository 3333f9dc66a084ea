"""Linking by chat: a code, a confirmation, and two rooms are one conversation."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.scenarios.harness import ARRIVES_S, Json, Scene, scene
from tests.scenarios.linking_acts import (
    CODE,
    button,
    code_in,
    commands_listed,
    custom_id,
    discord_answers,
    discord_code,
    discord_hears,
    invoke,
    link_from_telegram,
    new_rooms,
    press,
    talk_both_ways,
    telegram_code,
    telegram_hears,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with scene(tmp_path_factory.mktemp("linking"), bridged=False) as made:
        await commands_listed(made)
        yield made


@pytest.fixture
def stage(built: Scene) -> Scene:
    return new_rooms(built)


async def test_linking_from_telegram(stage: Scene) -> None:
    """Code in the group, used in the channel, confirmed in the group: messages cross at once."""
    stage.telegram_says("said before")
    code = await telegram_code(stage)
    answer = await discord_answers(stage, invoke(stage, stage.bia, "bridge", code=code.lower()))
    assert "asked the administrator" in answer["content"]
    question = await telegram_hears(stage, "wants to join")
    assert "Bia" in question["text"]
    assert "#geral" in question["text"]
    assert question["receiver_user"]["id"] == stage.ana["id"]
    press(stage, stage.ana, question, "Join")
    await telegram_hears(stage, "This room is now joined with #geral")
    await discord_hears(stage, "This room is now joined with Matehackers")
    await talk_both_ways(stage, "hello")
    texts = [m["content"] for m in stage.discord.messages(stage.channel)]
    assert not any("said before" in text or "/bridge" in text for text in texts)

    # The bridge outlives the process that made it.
    await stage.daemon.kill()
    await stage.daemon.start()
    await stage.daemon.ready()
    await talk_both_ways(stage, "again")

    # Whoever presses again is told that it is over; the rooms know what they are joined with.
    press(stage, stage.ana, question, "Join")
    await telegram_hears(stage, "no longer open")
    status = await discord_answers(stage, invoke(stage, stage.leo, "status"))
    assert "Matehackers" in status["content"]
    assert "Telegram is connected" in status["content"]
    stage.telegram.say(stage.rui["id"], stage.group, "/status@matebot")
    await telegram_hears(stage, "#geral")

    # A member may not end it, an administrator may, and nothing crosses any more.
    stage.telegram.say(stage.rui["id"], stage.group, "/unbridge")
    await telegram_hears(stage, "only an administrator")
    stage.telegram_says("/unbridge")
    await telegram_hears(stage, "no longer joined with #geral")
    await discord_hears(stage, "has left this conversation")
    stage.telegram_says("to oneself")
    stage.discord_says("to oneself")
    stage.telegram_says("/status")
    await telegram_hears(stage, "not joined with any other")
    assert not any(m["content"] == "to oneself" for m in stage.in_discord())
    assert not any("to oneself" in m["text"] for m in stage.in_telegram())
    # None of the commands was relayed.
    assert not any(m["content"].startswith("/") for m in stage.in_discord())


async def test_linking_from_discord(stage: Scene) -> None:
    """Code in the channel, used in the group, confirmed in private on Discord; then ended there."""
    code = await discord_code(stage)
    stage.telegram_says(f"/bridge {code}")
    await telegram_hears(stage, "asked the administrator")
    await stage.discord.wait_for(lambda: stage.discord.dms(stage.bia["id"]), timeout_s=ARRIVES_S)
    (question,) = stage.discord.dms(stage.bia["id"])
    assert "Ana wants to join" in question["content"]
    assert "Matehackers" in question["content"]
    assert not any("wants to join" in m["content"] for m in stage.discord.messages(stage.channel))
    clicked = stage.discord.click(
        stage.bia["id"], question["channel_id"], question["id"], custom_id(question, "Join")
    )
    assert "Done" in (await discord_answers(stage, clicked))["content"]
    await telegram_hears(stage, "This room is now joined with")
    await talk_both_ways(stage, "hello")
    again = await discord_answers(stage, invoke(stage, stage.bia, "unbridge"))
    assert "no longer joined with Matehackers" in again["content"]
    await telegram_hears(stage, "has left this conversation")


async def test_wrong_codes_strangers_and_declining(stage: Scene) -> None:
    """Wrong codes are told so, members politely refused, and a carried-off code joins nothing."""
    wrong = await discord_answers(stage, invoke(stage, stage.bia, "bridge", code="AAAA-AAAA"))
    assert "do not know this code" in wrong["content"]
    stage.telegram.say(stage.rui["id"], stage.group, "/bridge")
    await telegram_hears(stage, "only an administrator")
    assert not any(CODE.search(m["text"]) for m in stage.telegram.ephemerals(stage.group))
    with pytest.raises(PermissionError):  # Discord does not even show it to them
        invoke(stage, stage.leo, "bridge")

    code = await telegram_code(stage)
    stage.telegram_says(f"/bridge {code}")
    await telegram_hears(stage, "made right here")

    # A stranger carries it off into a group of their own.
    stranger = stage.telegram.add_user("Stranger")
    own = stage.telegram.add_group("Listening post", owner_id=stranger["id"])["id"]
    stage.telegram.say(stranger["id"], own, f"/bridge {code}")
    await telegram_hears(stage, "asked the administrator", chat=own)
    question = await telegram_hears(stage, "wants to join")
    assert "Stranger" in question["text"]
    assert "Listening post" in question["text"]
    stage.telegram_says("a secret")
    # Only Ana's word counts: neither the stranger's nor another member's.
    for who in (stranger, stage.rui):
        data = button(question, "Join")
        stage.telegram.push_raw(_press_of(who, question, data), queue=f"press:{stage.group}")
    await telegram_hears(stage, "Only the administrator who made the code")
    press(stage, stage.ana, question, "Do not join")
    await telegram_hears(stage, "the rooms are not joined")
    await telegram_hears(stage, "did not confirm", chat=own)
    # The code is used up.
    stage.telegram.say(stranger["id"], own, f"/bridge {code}")
    await telegram_hears(stage, "do not know this code", chat=own)
    assert not any("a secret" in m["text"] for m in stage.telegram.bot_messages(own))


def _press_of(who: Json, message: Json, data: str) -> Json:
    """A press as a forged or shared button would make it."""
    return {
        "callback_query": {
            "id": f"forged-{who['id']}",
            "from": who,
            "message": message,
            "chat_instance": "1",
            "data": data,
        }
    }


async def test_a_code_reaches_its_administrator_alone_where_nothing_is_ephemeral(
    stage: Scene,
) -> None:
    """Where MateBot is no administrator: a hint with a link, then, once started, in private."""
    plain = stage.telegram.add_group("Plain", bot_admin=False)["id"]
    stage.telegram.join(plain, stage.ana["id"], status="administrator", quiet=True)
    stage.telegram.say(stage.ana["id"], plain, "/bridge")
    hint = await telegram_hears(stage, "could not write to you alone", chat=plain)
    assert "https://t.me/matebot?start=bridge" in hint["text"]
    assert "Ana" in hint["text"]
    assert not CODE.search(hint["text"])
    stage.telegram.start_private(stage.ana["id"], "bridge")
    await telegram_hears(stage, "I am MateBot", chat=stage.ana["id"])
    stage.telegram.say(stage.ana["id"], plain, "/bridge")
    private = await telegram_hears(stage, "Say that in the other room", chat=stage.ana["id"])
    assert code_in(private["text"])
    assert not any(CODE.search(m["text"]) for m in stage.telegram.bot_messages(plain))

    # An anonymous administrator is nobody whom a code could be given to.
    stage.telegram.say(stage.ana["id"], stage.group, "/bridge", sender_chat_id=stage.group)
    await telegram_hears(stage, "cannot see who you are")

    # In private, commands for rooms say where they belong.
    stage.telegram.say(stage.ana["id"], stage.ana["id"], "/bridge")
    await telegram_hears(stage, "belongs in a group", chat=stage.ana["id"])


async def test_a_repeated_update_makes_one_code(stage: Scene) -> None:
    """Telegram may send an update again: there is one code, one answer, and one bridge."""
    stage.telegram.repeat_updates = True
    await link_from_telegram(stage)
    await talk_both_ways(stage, "once")
    await stage.settled()
    stage.telegram.repeat_updates = False
    said = [m["text"] for m in stage.telegram.ephemerals(stage.group)]
    assert len([text for text in said if CODE.search(text)]) == 1
    assert len([text for text in said if "wants to join" in text]) == 1
    joined = [m for m in stage.in_telegram() if "now joined" in m["text"]]
    assert len(joined) == 1
    assert len([m for m in stage.in_discord() if "once from telegram" in m["content"]]) == 1


async def test_help_and_language(stage: Scene) -> None:
    """Help lists the commands; a room's language is set by its administrators and spoken there."""
    shown = await discord_answers(stage, invoke(stage, stage.leo, "help"))
    for command in ("/bridge", "/unbridge", "/status", "/help", "/language"):
        assert command in shown["content"]
    stage.telegram.say(stage.rui["id"], stage.group, "/help")
    await telegram_hears(stage, "I am MateBot")
    stage.telegram.say(stage.rui["id"], stage.group, "/language pt_BR")
    await telegram_hears(stage, "only an administrator")
    stage.telegram_says("/language klingon")
    await telegram_hears(stage, "do not speak that language")
    stage.telegram_says("/language pt-br")
    await telegram_hears(stage, "eu falo Português")
    stage.telegram.say(stage.rui["id"], stage.group, "/bridge")
    await telegram_hears(stage, "só um administrador")
    answer = await discord_answers(stage, invoke(stage, stage.bia, "language", language="pt_BR"))
    assert "Português" in answer["content"]
    answer = await discord_answers(stage, invoke(stage, stage.leo, "status"))
    assert "Esta é" in answer["content"]
    # A command for another bot, or one that MateBot does not have, is none of its business.
    before = len(stage.in_telegram())
    stage.telegram_says("/status@otherbot")
    stage.telegram_says("/weather")
    await stage.settled()
    assert len(stage.in_telegram()) == before


async def test_three_rooms_by_chat(stage: Scene) -> None:
    """A third room takes part in the same conversation, and leaves it without ending it."""
    await link_from_telegram(stage)
    third = stage.telegram.add_group("Third", owner_id=stage.rui["id"])["id"]
    code = await telegram_code(stage)
    stage.telegram.say(stage.rui["id"], third, f"/bridge {code}")
    await telegram_hears(stage, "asked the administrator", chat=third)
    question = await telegram_hears(stage, "with Third")
    press(stage, stage.ana, question, "Join")
    joined = await telegram_hears(stage, "This room is now joined with", chat=third)
    assert "Matehackers" in joined["text"]
    assert "#geral" in joined["text"]
    stage.telegram.say(stage.rui["id"], third, "from the third")
    await stage.reaches_discord("from the third")
    await stage.reaches_telegram("Rui\nfrom the third")
    stage.discord_says("from discord")
    await stage.reaches_telegram("from discord")
    await telegram_hears(stage, "from discord", chat=third)
    stage.telegram.say(stage.rui["id"], third, "/unbridge")
    await telegram_hears(stage, "no longer joined", chat=third)
    await talk_both_ways(stage, "without the third")
    assert not any("without" in m["text"] for m in stage.telegram.bot_messages(third))


async def test_a_configured_bridge_is_the_operators(tmp_path: Path) -> None:
    """/unbridge says where it stands, in either room; commands do not cross."""
    async with scene(tmp_path) as stage:
        stage.telegram_says("/unbridge")
        await telegram_hears(stage, "MATEBOT_BRIDGES")
        answer = await discord_answers(stage, invoke(stage, stage.bia, "unbridge"))
        assert "MATEBOT_BRIDGES" in answer["content"]
        stage.telegram_says("/status")
        await telegram_hears(stage, "set by the operator")
        await talk_both_ways(stage, "still joined")
        assert not any(m["content"].startswith("/") for m in stage.in_discord())
