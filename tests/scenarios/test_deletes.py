"""What goes in Telegram goes in Discord: by a command, by a reaction, and by being noticed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from matebot.sandbox.discord import permissions
from tests.scenarios.harness import Json, Scene, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

APART_S = "0.6"
NEEDED = (
    permissions.VIEW_CHANNEL
    | permissions.SEND_MESSAGES
    | permissions.READ_MESSAGE_HISTORY
    | permissions.MANAGE_WEBHOOKS
    | permissions.ADD_REACTIONS
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """One daemon for all, that asks twice within a second."""
    folder: Path = tmp_path_factory.mktemp("deletes")
    async with scene(folder, settings={"DELETE_CHECK_SECONDS": APART_S}) as built:
        yield built


async def crossed(stage: Scene, who: Json, text: str) -> tuple[int, str]:
    """Somebody in Telegram says it; the ids of the original and of its copy."""
    said: int = stage.telegram.say(who["id"], stage.group, text)["message_id"]
    await stage.reaches_discord(text)
    return said, next(m["id"] for m in stage.in_discord() if text in m["content"])


async def copied(stage: Scene, text: str) -> tuple[str, int]:
    """Bia says it in Discord; the ids of the original and of its copy."""
    said: str = stage.discord_says(text)["id"]
    await stage.reaches_telegram(text)
    return said, next(m["message_id"] for m in stage.in_telegram() if text in m["text"])


def in_discord(stage: Scene, message_id: str) -> bool:
    """Whether a message stands in the channel."""
    return any(m["id"] == message_id for m in stage.discord.messages(stage.channel))


def in_telegram(stage: Scene, message_id: int) -> bool:
    """Whether a message stands in the group."""
    return stage.telegram.message(stage.group, message_id) is not None


def delete(stage: Scene, who: Json, message_id: int) -> int:
    """Somebody answers a message with the command; its own id."""
    said = stage.telegram.say(who["id"], stage.group, "/delete", reply_to=message_id)
    number: int = said["message_id"]
    return number


async def answered(stage: Scene, command: int, words: str) -> None:
    """Wait for MateBot's answer to a command."""

    def found() -> bool:
        return any(
            m.get("reply_to_message", {}).get("message_id") == command and words in m["text"]
            for m in stage.in_telegram()
        )

    await stage.until(found)


async def test_3_5_delete_by_command(stage: Scene) -> None:
    """The author's and an administrator's `/delete` delete all of it; a stranger's nothing."""
    said, copy = await crossed(stage, stage.rui, "Rui regrets this")
    other, other_copy = await crossed(stage, stage.ana, "Ana stands by this")
    await answered(stage, delete(stage, stage.rui, other), "only who wrote that")
    command = delete(stage, stage.rui, said)
    await stage.until(lambda: not in_discord(stage, copy))
    await stage.until(lambda: not (in_telegram(stage, said) or in_telegram(stage, command)))
    assert in_telegram(stage, other)
    assert in_discord(stage, other_copy)
    said, copy = await crossed(stage, stage.rui, "Rui said too much")
    delete(stage, stage.ana, said)
    await stage.until(lambda: not (in_discord(stage, copy) or in_telegram(stage, said)))
    alone = stage.telegram_says("/delete")["message_id"]
    await answered(stage, alone, "Answer the message")
    await answered(stage, delete(stage, stage.ana, alone), "I do not know that message")


async def test_3_5_delete_a_copy_by_command(stage: Scene) -> None:
    """An administrator's `/delete` on a copy deletes it and its original in Discord."""
    said, copy = await copied(stage, "Bia went too far")
    await answered(stage, delete(stage, stage.rui, copy), "only who wrote that")
    delete(stage, stage.ana, copy)
    await stage.until(lambda: not (in_discord(stage, said) or in_telegram(stage, copy)))


async def test_3_5_delete_without_the_right(stage: Scene) -> None:
    """Where MateBot may not delete, what can go goes, and that the rest stays is said."""
    said, copy = await copied(stage, "Bia is safe there")
    stage.discord.set_bot_permissions(NEEDED, stage.channel)
    command = delete(stage, stage.ana, copy)
    await stage.until(lambda: not in_telegram(stage, copy))
    await stage.until(lambda: any("I lack the right" in m["text"] for m in stage.in_telegram()))
    assert in_discord(stage, said)
    assert not in_telegram(stage, command)
    stage.discord.set_bot_permissions(permissions.ALL, stage.channel)
    kept, kept_copy = await crossed(stage, stage.rui, "Rui keeps this here")
    stage.telegram.set_rights(stage.group, can_delete_messages=False)
    await answered(stage, delete(stage, stage.rui, kept), "I lack the right")
    await stage.until(lambda: not in_discord(stage, kept_copy))
    assert in_telegram(stage, kept)
    stage.telegram.set_rights(stage.group, can_delete_messages=True)


async def test_3_5_deletes_are_noticed(stage: Scene) -> None:
    """What people delete in Telegram goes in Discord within a while, and nothing else does."""
    first, first_copy = await crossed(stage, stage.ana, "still here, before")
    gone, gone_copy = await crossed(stage, stage.ana, "gone in a moment")
    last, last_copy = await crossed(stage, stage.rui, "still here, after")
    stage.telegram.delete(stage.group, gone)
    await stage.until(lambda: not in_discord(stage, gone_copy))
    assert in_discord(stage, first_copy)
    assert in_discord(stage, last_copy)
    assert in_telegram(stage, first)
    assert in_telegram(stage, last)


async def test_3_5_delete_by_reaction(stage: Scene) -> None:
    """Once a bridge agreed on one, an administrator's reaction deletes; a member's does not."""
    said, copy = await crossed(stage, stage.rui, "an opinion of Rui's")
    stage.telegram.react(stage.ana["id"], stage.group, said, ["👾"])
    await stage.settled()
    assert in_telegram(stage, said)  # not agreed on
    stage.telegram.react(stage.ana["id"], stage.group, said, [])
    await agree(stage)
    stage.telegram.react(stage.rui["id"], stage.group, said, ["👾"])
    await stage.settled()
    assert in_telegram(stage, said)
    stage.telegram.react(stage.ana["id"], stage.group, said, ["👾"])
    await stage.until(lambda: not (in_discord(stage, copy) or in_telegram(stage, said)))


async def agree(stage: Scene) -> None:
    """Ana sets the reaction with `/settings`."""
    stage.telegram_says("/settings")
    await press(stage, ":delete_reaction")
    await press(stage, "👾")
    await stage.until(lambda: any("changed the settings" in m["text"] for m in stage.in_telegram()))


async def press(stage: Scene, needle: str) -> None:
    """Ana presses the button whose data ends so, once it is there."""
    await stage.until(lambda: button(stage, needle) is not None)
    found = button(stage, needle)
    assert found is not None
    stage.telegram.press(stage.ana["id"], stage.group, *found)


def button(stage: Scene, needle: str) -> tuple[int, str] | None:
    """The message id and the data of the button whose data ends so."""
    for message in stage.in_telegram():
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for each in row:
                if each["callback_data"].endswith(needle):
                    return message["message_id"], each["callback_data"]
    return None
