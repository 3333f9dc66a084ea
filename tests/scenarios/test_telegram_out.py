"""What Discord's people do, as it stands in Telegram: the rows that are more than a text."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from tests.scenarios.crossing import Crossing, body, styled_parts
from tests.scenarios.harness import Json, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPRESS_EMBEDS = 4


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """One daemon for all of them."""
    async with scene(tmp_path_factory.mktemp("out")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


def now(talk: Crossing, copy: Json) -> Json:
    """A copy as it stands now."""
    found = talk.telegram_copy(copy)
    assert found is not None
    return found


def blocks(message: Json) -> list[tuple[str, Any]]:
    """A rich message's blocks: their kind and their text, or the texts of a list's items."""
    return [
        (block["type"], block.get("text") or [item["blocks"][0]["text"] for item in block["items"]])
        for block in message["rich_message"]["blocks"]
    ]


def own_reaction(talk: Crossing, message_id: int) -> list[str]:
    """With what MateBot reacts to a message in the group."""
    telegram = talk.stage.telegram
    found: list[str] = telegram.reactions(talk.stage.group, message_id).get(telegram.bot["id"], [])
    return found


async def counterpart(talk: Crossing, text: str) -> tuple[int, str]:
    """Ana says it in Telegram; the ids of the original and of its copy in Discord."""
    said = talk.stage.telegram_says(text)["message_id"]
    await talk.stage.reaches_discord(text)
    copy = next(m for m in talk.stage.in_discord() if text in m["content"])
    return said, copy["id"]


async def test_1_4_headings_and_lists_are_native(talk: Crossing) -> None:
    """A heading and a list make a rich message; its edits stay one, or become a text again."""
    stage = talk.stage
    said: Json = {}
    words = "# News\nhello **you**\n- one\n- two\n  - deeper\n1. first"
    (copy,) = await talk.to_telegram(lambda: said.update(stage.discord_says(words)))
    assert blocks(copy)[:3] == [
        ("paragraph", {"type": "bold", "text": "Bia"}),
        ("heading", "News"),
        ("paragraph", ["hello ", {"type": "bold", "text": "you"}]),
    ]
    assert blocks(copy)[3] == ("list", ["one", "two"])
    stage.discord.edit(stage.channel, said["id"], "## Other news\n- three")
    await stage.until(lambda: ("heading", "Other news") in blocks(now(talk, copy)))
    stage.discord.edit(stage.channel, said["id"], "no news")
    await stage.until(lambda: now(talk, copy).get("text") == "Bia\nno news")


async def test_1_5_times_are_shown_to_each_reader(talk: Crossing) -> None:
    """Discord's time is Telegram's own."""
    (copy,) = await talk.to_telegram(lambda: talk.stage.discord_says("at <t:1700000000:R> then"))
    (moment,) = (one for one in copy["entities"] if one["type"] == "date_time")
    assert (moment["unix_time"], moment["date_time_format"]) == (1700000000, "r")


async def test_1_6_custom_emoji_have_their_name(talk: Crossing) -> None:
    """Never the markup with the id."""
    emoji = talk.stage.discord.add_emoji("blobcat")
    words = f"look <:blobcat:{emoji['id']}>"
    (copy,) = await talk.to_telegram(lambda: talk.stage.discord_says(words))
    assert body(copy) == "look :blobcat:"


async def test_1_9_previews_stay_suppressed(talk: Crossing) -> None:
    """A link whose preview was suppressed shows none; another does."""
    stage = talk.stage
    (quiet,) = await talk.to_telegram(
        lambda: stage.discord_says("https://example.com/a", flags=SUPPRESS_EMBEDS)
    )
    (loud,) = await talk.to_telegram(lambda: stage.discord_says("https://example.com/b"))
    assert quiet["link_preview_options"] == {"is_disabled": True}
    assert "link_preview_options" not in loud


async def test_3_7_reactions_to_a_telegram_original(talk: Crossing) -> None:
    """MateBot reacts for Discord's people with the leading emoji, and takes it back with them."""
    stage = talk.stage
    said, copy = await counterpart(talk, "react to this original")
    stage.discord.react(stage.bia["id"], stage.channel, copy, "👍🏽")
    await stage.until(lambda: own_reaction(talk, said) == ["👍"])
    for person in (stage.bia, stage.leo):
        stage.discord.react(person["id"], stage.channel, copy, "🎉")
    await stage.until(lambda: own_reaction(talk, said) == ["🎉"])
    for person, emoji in ((stage.bia, "🎉"), (stage.leo, "🎉"), (stage.bia, "👍🏽")):
        stage.discord.unreact(person["id"], stage.channel, copy, emoji)
    await stage.until(lambda: own_reaction(talk, said) == [])


async def test_3_7_reactions_are_counted_in_the_copy(talk: Crossing) -> None:
    """Discord's reactions to a Discord original are the last line of its copy in Telegram."""
    stage = talk.stage
    said: Json = {}
    (copy,) = await talk.to_telegram(lambda: said.update(stage.discord_says("count on this")))
    emoji = stage.discord.add_emoji("pepe")
    custom = f"pepe:{emoji['id']}"
    for person, one in ((stage.bia, "🧀"), (stage.leo, "🧀"), (stage.leo, custom)):
        stage.discord.react(person["id"], stage.channel, said["id"], one)
    await stage.until(lambda: now(talk, copy)["text"].endswith("\n🧀 2 · :pepe: 1"))
    assert ("italic", "🧀 2 · :pepe: 1") in styled_parts(now(talk, copy))
    for person, one in ((stage.bia, "🧀"), (stage.leo, "🧀"), (stage.leo, custom)):
        stage.discord.unreact(person["id"], stage.channel, said["id"], one)
    await stage.until(lambda: now(talk, copy)["text"] == "Bia\ncount on this")


async def test_3_8_forwards_tell_their_origin(talk: Crossing) -> None:
    """What was passed on in Discord is marked so, with its words."""
    stage = talk.stage
    other = stage.discord.add_channel("outras")["id"]
    source = stage.discord.say(stage.leo["id"], other, "the original words")
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("", forward=(other, source["id"])))
    name, mark, *words = copy["text"].split("\n")
    assert name == "Bia"
    assert mark.startswith("↪ Forwarded")
    assert words == ["the original words"]


async def test_3_9_pins_cross(talk: Crossing) -> None:
    """Pinned in Discord, it is pinned in Telegram without a sound, and unpinned with it."""
    stage = talk.stage
    said: Json = {}
    (copy,) = await talk.to_telegram(lambda: said.update(stage.discord_says("pin this")))
    stage.discord.pin(stage.bia["id"], stage.channel, said["id"])
    await stage.until(lambda: stage.telegram.pinned(stage.group) == [copy["message_id"]])
    assert stage.telegram.calls_of("pinChatMessage")[-1].params["disable_notification"] is True
    stage.discord.unpin(stage.channel, said["id"])
    await stage.until(lambda: stage.telegram.pinned(stage.group) == [])


async def test_3_13_links_lead_to_the_counterpart(talk: Crossing) -> None:
    """A Discord address of a bridged message is that of its counterpart, typed or behind words."""
    stage = talk.stage
    said, copy = await counterpart(talk, "the message linked to")
    link = f"https://discord.com/channels/{stage.discord.guild_id}/{stage.channel}/{copy}"
    here = f"https://t.me/c/{str(stage.group)[4:]}/{said}"
    (told,) = await talk.to_telegram(lambda: stage.discord_says(f"see {link} and [that]({link})"))
    assert body(told) == f"see {here} and that"
    assert [one["url"] for one in told["entities"] if one["type"] == "text_link"] == [here]


async def choose(talk: Crossing, *choices: str) -> None:
    """Ana presses these buttons of `/settings`; each is another one afterwards."""
    stage = talk.stage
    stage.telegram_says("/settings")
    for choice in choices:
        await stage.until(partial(stands, talk, choice))
        found = button(talk, choice)
        assert found is not None
        stage.telegram.press(stage.ana["id"], stage.group, *found)
        await stage.until(partial(lacks, talk, choice))
    await stage.settled()


def stands(talk: Crossing, ending: str) -> bool:
    """Whether there is such a button."""
    return button(talk, ending) is not None


def lacks(talk: Crossing, ending: str) -> bool:
    """Whether there is none."""
    return not stands(talk, ending)


def button(talk: Crossing, ending: str) -> tuple[int, str] | None:
    """The latest button whose data ends so: its message's id and the data."""
    for message in reversed(talk.stage.in_telegram()):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for each in row:
                if each["callback_data"].endswith(ending):
                    return message["message_id"], each["callback_data"]
    return None


@pytest.mark.rows("1.4", "2.4", "3.7")
async def test_3_6_what_a_bridge_chooses_for_telegram(talk: Crossing) -> None:
    """No rich messages, mentions or tallies, and marks in place of deletions, if so chosen."""
    stage = talk.stage
    said: Json = {}
    await choose(talk, "rich:off", "usernames:off", "tally:off", "deletes:mark")
    (copy,) = await talk.to_telegram(
        lambda: said.update(stage.discord_says("# News for @someone\n- one"))
    )
    assert copy["text"] == "Bia\nNews for @\u2060someone\n• one"
    assert "mention" not in {one["type"] for one in copy["entities"]}
    stage.discord.react(stage.leo["id"], stage.channel, said["id"], "👍")
    await stage.until(lambda: own_reaction(talk, copy["message_id"]) == ["👍"])
    await stage.settled()
    assert now(talk, copy)["text"] == copy["text"]
    stage.discord.delete(stage.channel, said["id"])
    await stage.until(lambda: now(talk, copy)["text"].endswith("\n🗑 deleted"))
    struck = {part for kind, part in styled_parts(now(talk, copy)) if kind == "strikethrough"}
    assert any("• one" in part for part in struck)
    assert "Bia" not in struck
