"""What people do in Telegram as it shows in Discord: answers, reactions, forwards, pins."""

import re
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from tests.scenarios.crossing import Crossing
from tests.scenarios.harness import Json, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    async with scene(tmp_path_factory.mktemp("discord_out")) as stage:
        yield Crossing(stage)


def url(talk: Crossing, message: Json) -> str:
    """The address of a message in Discord."""
    guild = talk.stage.discord.world.guild_id
    return f"https://discord.com/channels/{guild}/{message['channel_id']}/{message['id']}"


async def bias_words(talk: Crossing, text: str) -> tuple[Json, Json]:
    """Bia says something; her message and its copy in Telegram."""
    said: list[Json] = []
    (copy,) = await talk.to_telegram(lambda: said.append(talk.stage.discord_says(text)))
    return said[0], copy


async def test_3_1_an_answer_rings_for_the_person_of_discord(talk: Crossing) -> None:
    """Who wrote in Discord is mentioned and pinged, with a link; the line follows the original."""
    stage = talk.stage
    said, there = await bias_words(talk, "shall we *meet*?")
    (copy,) = await talk.to_discord(
        lambda: stage.telegram_says("yes @everyone", reply_to=there["message_id"])
    )
    line = f"-# [↪]({url(talk, said)}) <@{stage.bia['id']}>: "
    assert copy["content"].startswith(line)
    assert copy["content"].endswith("\nyes @everyone")
    assert stage.discord.pinged(copy["id"]) == [stage.bia["id"]]
    stage.discord.edit(stage.channel, said["id"], "shall we eat?")
    await stage.until(lambda: "shall we eat?" in talk.discord_copy(copy)["content"])
    stage.discord.delete(stage.channel, said["id"])
    await stage.until(lambda: "<@" not in talk.discord_copy(copy)["content"])
    line, text = talk.discord_copy(copy)["content"].splitlines()
    assert (line, text) == ("-# ↪ Bia: (deleted message)", "yes @everyone")


async def test_3_1_an_answer_among_people_of_telegram_rings_for_nobody(talk: Crossing) -> None:
    """The line leads to the copy of what is answered, by the name alone."""
    stage, said = talk.stage, []
    (first,) = await talk.to_discord(
        lambda: said.append(stage.telegram.say(stage.rui["id"], stage.group, "who comes?"))
    )
    (copy,) = await talk.to_discord(
        lambda: stage.telegram_says("me", reply_to=said[0]["message_id"])
    )
    assert copy["content"] == f"-# ↪ [Rui]({url(talk, first)}): who comes?\nme"
    assert stage.discord.pinged(copy["id"]) == []


async def test_3_2_what_was_quoted_is_shown(talk: Crossing) -> None:
    """The quoted part stands below the name, in the place of the first words."""
    said: list[Json] = []
    stage = talk.stage
    await talk.to_discord(
        lambda: said.append(stage.telegram.say(stage.rui["id"], stage.group, "tea, or coffee?"))
    )
    (copy,) = await talk.to_discord(
        lambda: stage.telegram_says("this", reply_to=said[0]["message_id"], quote="coffee")
    )
    assert copy["content"].splitlines()[1:] == ["> coffee", "this"]


async def test_3_7_reactions_are_the_bots_emoji_by_emoji(talk: Crossing) -> None:
    """Each emoji once, in full form, on the original and on copies; taken back when taken back."""
    stage = talk.stage
    said, there = await bias_words(talk, "we won")

    def own() -> list[str]:
        found = stage.discord.message(stage.channel, said["id"]).get("reactions", ())
        return [each["emoji"]["name"] for each in found]

    stage.telegram.react(stage.ana["id"], stage.group, there["message_id"], ["👍"])
    stage.telegram.react(stage.rui["id"], stage.group, there["message_id"], ["❤"])
    await stage.until(lambda: sorted(own()) == ["❤\ufe0f", "👍"])
    stage.telegram.react(stage.rui["id"], stage.group, there["message_id"], ["👍"])
    await stage.until(lambda: own() == ["👍"])
    stage.telegram.react(stage.rui["id"], stage.group, there["message_id"], [])
    stage.telegram.react(stage.ana["id"], stage.group, there["message_id"], [])
    await stage.until(lambda: own() == [])


async def test_3_8_forwards_tell_their_origin(talk: Crossing) -> None:
    """A small line above the text; the forwarder is the author."""
    stage = talk.stage
    origin = {"type": "hidden_user", "sender_user_name": "Old *Tom*", "date": 1}
    (copy,) = await talk.to_discord(
        lambda: stage.telegram_says("an old story", forward_origin=origin)
    )
    assert copy["content"] == "-# ↪ Forwarded from Old \\*Tom\\*\nan old story"
    assert copy["author"]["username"] == "Ana"


async def test_3_9_pins_and_titles(talk: Crossing) -> None:
    """What is pinned in Telegram is pinned in Discord; a new title is a small line of MateBot's."""
    stage = talk.stage
    said, there = await bias_words(talk, "the rules")
    stage.telegram.pin(stage.ana["id"], stage.group, there["message_id"])
    await stage.until(lambda: stage.discord.message(stage.channel, said["id"])["pinned"])
    (notice,) = await talk.to_discord(
        lambda: stage.telegram.rename_group(stage.group, "New *name*")
    )
    assert notice["author"]["username"] == "MateBot"
    assert re.fullmatch(r"-# ✏️ .+ changed the name to: New \\\*name\\\*", notice["content"])


async def test_3_13_links_become_the_counterparts(talk: Crossing) -> None:
    """The address of a bridged message leads to what stands in Discord for it."""
    stage = talk.stage
    said, there = await bias_words(talk, "look at me")
    link = f"https://t.me/c/{str(stage.group)[4:]}/{there['message_id']}"
    (copy,) = await talk.to_discord(lambda: stage.telegram_says(f"see {link} again"))
    assert copy["content"] == f"see {url(talk, said)} again"


async def test_2_6_look_alikes_are_marked(talk: Crossing) -> None:
    """A name that passes for a member's, or for MateBot's, is marked; other names are not."""
    stage = talk.stage
    for name, shown in (("Вiа", "Вiа (Telegram)"), ("MATEBOT", "MATEBOT (Telegram)")):
        person = stage.telegram.add_user(name)
        stage.telegram.join(stage.group, person["id"], quiet=True)
        say = partial(stage.telegram.say, person["id"], stage.group, "trust me")
        (copy,) = await talk.to_discord(say)
        assert copy["author"]["username"] == shown
    (copy,) = await talk.to_discord(lambda: stage.telegram_says("me too"))
    assert copy["author"]["username"] == "Ana"


async def test_1_9_a_preview_taken_away_stays_away(talk: Crossing) -> None:
    """Addresses in a message without preview show none in Discord; an edit keeps it so."""
    stage = talk.stage
    sent = stage.telegram_says("before")
    quiet = sent | {"message_id": sent["message_id"] + 5000}
    quiet |= {"text": "no card: https://example.com", "link_preview_options": {"is_disabled": True}}
    (copy,) = [
        each
        for each in await talk.to_discord(lambda: stage.telegram.push_raw({"message": quiet}))
        if "no card" in each["content"]
    ]
    assert copy["flags"] == 1 << 2
    edited = quiet | {"text": "still none: https://example.com", "edit_date": sent["date"] + 5}
    stage.telegram.push_raw({"edited_message": edited})
    await stage.until(lambda: "still none" in talk.discord_copy(copy)["content"])
    assert talk.discord_copy(copy)["flags"] == 1 << 2


async def test_3_6_a_deletion_may_mark_the_copy(talk: Crossing) -> None:
    """Where the bridge marks deletions, the copy says so and its words are struck."""
    stage, said = talk.stage, []

    def page() -> list[Json]:
        return [m for m in stage.in_telegram() if "Settings of" in m.get("text", "")]

    def button(message: Json) -> Json:
        rows = message["reply_markup"]["inline_keyboard"]
        found: Json = next(e for row in rows for e in row if e["text"].startswith("Deleted"))
        return found

    stage.telegram_says("/settings")
    await stage.until(lambda: bool(page()))
    (keyboard,) = page()
    data = button(keyboard)["callback_data"]
    stage.telegram.press(stage.ana["id"], stage.group, keyboard["message_id"], data)
    await stage.until(lambda: "mark" in button(page()[0])["text"])
    (copy,) = await talk.to_discord(lambda: said.append(stage.telegram_says("a *rash* word")))
    stage.telegram_says("/delete", reply_to=said[0]["message_id"])
    await stage.until(lambda: "deleted" in talk.discord_copy(copy)["content"])
    assert talk.discord_copy(copy)["content"] == "-# 🗑 deleted\n~~a \\*rash\\* word~~"
