"""What administrators do to link rooms by chat, and what they see; for the scenarios of linking."""

import re
from dataclasses import replace

from tests.scenarios.harness import ARRIVES_S, Json, Scene

CODE = re.compile(r"/bridge ([A-Z0-9]{4}-[A-Z0-9]{4})")


async def commands_listed(made: Scene) -> None:
    """Wait until Discord lists the commands, which comes a little after the start."""
    await made.discord.wait_for(lambda: _listed(made), timeout_s=ARRIVES_S)


def _listed(made: Scene) -> bool:
    """Whether Discord lists the commands, which comes a little after the start."""
    try:
        made.discord.invoke(made.leo["id"], made.channel, "help")
    except ValueError:
        return False
    return True


def new_rooms(built: Scene) -> Scene:
    """A group and a channel of one test's own, with the same people, and the one daemon."""
    group = built.telegram.add_group("Matehackers")["id"]
    built.telegram.join(group, built.ana["id"], status="administrator", quiet=True)
    built.telegram.join(group, built.rui["id"], quiet=True)
    return replace(built, group=group, channel=int(built.discord.add_channel("geral")["id"]))


async def telegram_hears(stage: Scene, text: str, *, chat: int | None = None) -> Json:
    """Wait until MateBot said a text in a Telegram chat, to all or to one; returns the message."""
    place = stage.group if chat is None else chat

    def found() -> Json | None:
        every = [*stage.telegram.bot_messages(place), *stage.telegram.ephemerals(place)]
        return next((m for m in reversed(every) if text in m.get("text", "")), None)

    return await stage.telegram.wait_for(found, timeout_s=ARRIVES_S)


async def discord_hears(stage: Scene, text: str, *, channel: int | None = None) -> Json:
    """Wait until MateBot said a text in a Discord channel, for everybody to see."""
    place = stage.channel if channel is None else channel

    def found() -> list[Json]:
        return [m for m in stage.discord.messages(place) if text in m["content"]]

    await stage.discord.wait_for(found, timeout_s=ARRIVES_S)
    return found()[-1]


async def discord_answers(stage: Scene, interaction: str) -> Json:
    """Wait for the answer to a command or a click; it is for the caller's eyes alone."""
    await stage.discord.wait_for(
        lambda: any(m["content"] for m in stage.discord.answers(interaction)), timeout_s=ARRIVES_S
    )
    (answer,) = stage.discord.answers(interaction)
    assert answer["ephemeral"]
    return answer


async def telegram_code(stage: Scene, *, topic: int | None = None) -> str:
    """Ana asks for a code in Telegram and sees it, alone."""
    seen = len(stage.telegram.ephemerals(stage.group))
    stage.telegram_says("/bridge", topic=topic)
    said = await stage.telegram.wait_for(
        lambda: next(iter(stage.telegram.ephemerals(stage.group)[seen:]), None), ARRIVES_S
    )
    assert "Say that in the other room" in said["text"]
    assert topic is None or said["message_thread_id"] == topic
    assert said["receiver_user"]["id"] == stage.ana["id"]
    assert not any(CODE.search(m["text"]) for m in stage.in_telegram())
    return code_in(said["text"])


async def discord_code(stage: Scene) -> str:
    """Bia asks for a code in Discord and sees it, alone."""
    answer = await discord_answers(stage, invoke(stage, stage.bia, "bridge"))
    return code_in(answer["content"])


def code_in(text: str) -> str:
    found = CODE.search(text.replace("`", ""))
    assert found, text
    return found[1]


def invoke(stage: Scene, who: Json, command: str, **options: str) -> str:
    """A slash command; the interaction's id."""
    return stage.discord.invoke(who["id"], stage.channel, command, options)


def button(message: Json, label: str) -> str:
    """What comes back when a button of a Telegram message is pressed."""
    rows = message["reply_markup"]["inline_keyboard"]
    return str(next(b["callback_data"] for row in rows for b in row if b["text"] == label))


def press(stage: Scene, who: Json, message: Json, label: str, *, chat: int | None = None) -> None:
    """Press a button of a Telegram message."""
    key = message["message_id"] or -message["ephemeral_message_id"]
    place = stage.group if chat is None else chat
    stage.telegram.press(who["id"], place, key, button(message, label))


def custom_id(message: Json, label: str) -> str:
    """What comes back when a button of a Discord message is clicked."""
    rows = message["components"]
    buttons = [each for row in rows for each in row["components"]]
    return str(next(each["custom_id"] for each in buttons if each["label"] == label))


async def link_from_telegram(stage: Scene) -> None:
    """Join the group and the channel: the code is made in Telegram."""
    code = await telegram_code(stage)
    answer = await discord_answers(stage, invoke(stage, stage.bia, "bridge", code=code))
    assert "asked the administrator" in answer["content"]
    question = await telegram_hears(stage, "wants to join")
    press(stage, stage.ana, question, "Join")
    await telegram_hears(stage, "This room is now joined with")
    await discord_hears(stage, "This room is now joined with")


async def talk_both_ways(stage: Scene, words: str) -> None:
    """What is said on each side arrives on the other."""
    stage.telegram_says(f"{words} from telegram")
    await stage.reaches_discord(f"{words} from telegram")
    stage.discord_says(f"{words} from discord")
    await stage.reaches_telegram(f"{words} from discord")
