"""What people do in Telegram besides plain text, as it shows in Discord."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.scenarios.crossing import Crossing, read_markdown
from tests.scenarios.harness import Json, Scene, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPRESS_EMBEDS = 1 << 2
FILE: Json = {"file_id": "f", "file_unique_id": "u"}
_NUMBERS = count(2_000_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    async with scene(tmp_path_factory.mktemp("telegram-in")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


def _push(stage: Scene, fields: Json, *, kind: str = "message", number: int | None = None) -> int:
    """A message of Ana's of a kind that the stand-in has no words for; its id."""
    like = next(m for m in stage.telegram.messages(stage.group) if m.get("from") == stage.ana)
    head = {name: like[name] for name in ("date", "chat", "from")}
    number = next(_NUMBERS) if number is None else number
    stage.telegram.push_raw(
        {kind: {"message_id": number} | head | fields}, queue=f"chat:{stage.group}"
    )
    return number


async def _copy_of(talk: Crossing, fields: Json) -> Json:
    """The one copy of such a message."""
    (copy,) = await talk.to_discord(lambda: _push(talk.stage, fields))
    return copy


def _text(copy: Json) -> str:
    return read_markdown(copy["content"]).text


def _reactions(stage: Scene, copy: Json) -> set[str]:
    """What MateBot reacts with to a message in Discord."""
    now = stage.discord.message(stage.channel, copy["id"])
    return {each["emoji"]["name"] for each in now.get("reactions") or ()}


STICKER: Json = FILE | {
    "type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False,
    "emoji": "🧸",
}  # fmt: skip
PLACE: Json = {"latitude": 1.0, "longitude": 2.0}
NEWS: Json = {"id": -1009, "type": "channel", "title": "News", "username": "news"}
THINGS: list[tuple[Json, str]] = [
    ({"venue": {"location": PLACE, "title": "Café", "address": "Rua 1"}, "location": PLACE},
     "📍 Location: Café\nRua 1\n1.000000, 2.000000"),
    ({"contact": {"phone_number": "+5551", "first_name": "Zé"}}, "👤 Contact: Zé\n+5551"),
    ({"dice": {"emoji": "🎯", "value": 6}}, "🎲 Dice: 🎯 6"),
    ({"game": {"title": "Chess", "description": "A game", "photo": []}}, "🎮 Game: Chess\nA game"),
    ({"invoice": {"title": "Tea", "description": "A cup", "start_parameter": "t",
                  "currency": "BRL", "total_amount": 1250}},
     "🧾 Invoice: Tea – 12.50 BRL\nA cup"),
    ({"story": {"chat": NEWS, "id": 4}}, "📖 Story: News"),
    ({"gift": {"gift": {"id": "g", "sticker": STICKER, "star_count": 15}, "text": "For you"}},
     "For you\n🎁 Gift: 🧸 15 ⭐"),
    ({"giveaway": {"chats": [NEWS], "winners_selection_date": 1_700_000_000, "winner_count": 3,
                   "premium_subscription_month_count": 6}},
     "🎉 Giveaway: 3 × Telegram Premium\n→ 2023-11-14 22:13 UTC\nNews"),
    ({"checklist": {"title": "Shop", "tasks": [
        {"id": 1, "text": "Milk", "completion_date": 5}, {"id": 2, "text": "Bread"}]}},
     "☑️ Shop\n☑ Milk\n☐ Bread"),
    ({"paid_media": {"star_count": 50, "paid_media": [{"type": "preview"}]}},
     "⭐ Paid media: 50 ⭐\n🔒"),
    ({"video_chat_started": {}}, "🎥 Ana started a video chat"),
    ({"video_chat_ended": {"duration": 3725}}, "🎥 The video chat has ended: 1:02:05"),
    ({"boost_added": {"boost_count": 4}}, "🚀 Ana boosted the group: ×4"),
]  # fmt: skip


async def test_3_11_everything_has_a_readable_form(talk: Crossing) -> None:
    """Places, contacts, dice, games, money, gifts, lists and notices say what they are."""
    for fields, text in THINGS:
        assert _text(await _copy_of(talk, fields)) == text
    place = await _copy_of(talk, {"location": PLACE})
    ((words, address),) = read_markdown(place["content"]).links
    assert words == "📍 Location: 1.000000, 2.000000"
    assert address.startswith("https://www.openstreetmap.org/?mlat=1.000000&mlon=2.000000")
    unknown = await _copy_of(talk, {"hologram": {"depth": 3}})
    ((words, address),) = read_markdown(unknown["content"]).links
    assert "hologram" in words
    assert address.startswith("https://t.me/c/")


async def test_3_11_a_live_location_moves_in_one_message(talk: Crossing) -> None:
    """Where somebody is now replaces where they were; there is one message."""
    stage = talk.stage
    sent: list[int] = []
    live = PLACE | {"live_period": 900}
    (copy,) = await talk.to_discord(lambda: sent.append(_push(stage, {"location": live})))
    assert _text(copy) == "📍 Live location: 1.000000, 2.000000"
    moved: Json = {"location": live | {"latitude": 1.5}, "edit_date": 1_700_000_100}
    assert await talk.to_discord(
        lambda: _push(stage, moved, kind="edited_message", number=sent[0])
    ) == []  # fmt: skip
    assert _text(talk.discord_copy(copy)) == "📍 Live location: 1.500000, 2.000000"


async def test_1_4_rich_messages_keep_their_blocks(talk: Crossing) -> None:
    """Headings, lists, tables, details, formulas and quotes take Discord's nearest form."""

    def cell(text: str) -> Json:
        return {"align": "left", "valign": "top", "text": text}

    def para(words: Any) -> Json:
        return {"type": "paragraph", "text": words}

    blocks = [
        {"type": "heading", "text": "Plan", "size": 1},
        para(["so ", {"type": "bold", "text": "bold"}]),
        {"type": "list", "items": [{"label": "•", "blocks": [para("one")]}]},
        {"type": "table", "cells": [[cell("a"), cell("bb")], [cell("ccc"), cell("d")]]},
        {"type": "details", "summary": "More", "blocks": [para("hidden")]},
        {"type": "mathematical_expression", "expression": "a^2"},
        {"type": "photo", "photo": [FILE | {"width": 1, "height": 1}]},
    ]
    copy = await _copy_of(talk, {"rich_message": {"blocks": blocks}})
    assert copy["content"].startswith(
        "# Plan\nso **bold**\n- one\n```\na   │ bb\nccc │ d\n```\n### More\n> hidden\n`a^2`\n"
    )
    assert "📷 Photo" in _text(copy)  # the stand-in has no such file: its note stands there


async def test_3_7_reactions_of_people_in_telegram(talk: Crossing) -> None:
    """The copy bears them emoji by emoji, custom ones as what they stand for, until taken back."""
    stage = talk.stage
    said: list[Json] = []
    (copy,) = await talk.to_discord(lambda: said.append(stage.telegram_says("thumbs")))
    number = said[0]["message_id"]
    stage.telegram.react(stage.rui["id"], stage.group, number, ["👍"])
    stage.telegram.custom_emoji["77"] = "🐱"
    custom = {"type": "custom_emoji", "custom_emoji_id": "77"}
    reaction = {
        "chat": said[0]["chat"], "message_id": number, "date": said[0]["date"],
        "user": stage.ana, "old_reaction": [], "new_reaction": [custom],
    }  # fmt: skip
    stage.telegram.push_raw({"message_reaction": reaction}, queue=f"reaction:{stage.group}")
    await stage.until(lambda: _reactions(stage, copy) == {"👍", "🐱"})
    stage.telegram.react(stage.rui["id"], stage.group, number, [])
    await stage.until(lambda: _reactions(stage, copy) == {"🐱"})


async def test_3_9_pins_and_titles(talk: Crossing) -> None:
    """A pin is a pin, a new title a small notice; who comes and goes is not told unless wanted."""
    stage = talk.stage
    said: list[Json] = []
    (copy,) = await talk.to_discord(lambda: said.append(stage.telegram_says("keep this")))
    stage.telegram.pin(stage.ana["id"], stage.group, said[0]["message_id"])
    await stage.until(lambda: stage.discord.message(stage.channel, copy["id"])["pinned"])
    newcomer = stage.telegram.add_user("Newcomer")

    def act() -> None:
        stage.telegram.join(stage.group, newcomer["id"])
        stage.telegram.leave(stage.group, newcomer["id"])
        stage.telegram.rename_group(stage.group, "Mate *house*")

    (notice,) = await talk.to_discord(act)
    assert _text(notice).endswith("changed the name to: Mate *house*")


async def test_3_8_forwards_tell_their_origin(talk: Crossing) -> None:
    """Who or what said it first heads the copy, with its address where it has one."""
    stage = talk.stage
    post = {"type": "channel", "date": 1_700_000_000, "chat": NEWS, "message_id": 3}
    (copy,) = await talk.to_discord(lambda: stage.telegram_says("news", forward_origin=post))
    reading = read_markdown(copy["content"])
    assert ("Forwarded from News" in reading.text, reading.text.endswith("news")) == (True, True)
    assert [address for _, address in reading.links] == ["https://t.me/news/3"]
    hidden = {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "Somebody"}
    (copy,) = await talk.to_discord(lambda: stage.telegram_says("wise", forward_origin=hidden))
    assert "Somebody" in _text(copy)


async def test_3_2_quotes_and_other_chats(talk: Crossing) -> None:
    """The part that an answer quotes is shown, and so is what stands in a chat elsewhere."""
    stage = talk.stage
    said = stage.telegram_says("one two three")
    await talk.telegram_fence()
    (copy,) = await talk.to_discord(
        lambda: stage.telegram_says("indeed", reply_to=said["message_id"], quote="two")
    )
    assert _text(copy).splitlines()[1:] == ["two", "indeed"]
    elsewhere = {
        "text": "so true",
        "external_reply": {"origin": {"type": "user", "date": 1, "sender_user": stage.rui}},
        "quote": {"text": "far away", "position": 0},
    }
    text = _text(await _copy_of(talk, elsewhere))
    assert "Rui" in text
    assert "far away" in text
    assert text.endswith("so true")


async def test_1_9_a_preview_taken_away_stays_away(talk: Crossing) -> None:
    """Links whose preview the author took away show none in Discord."""
    bare = {"text": "https://example.org/", "link_preview_options": {"is_disabled": True}}
    assert (await _copy_of(talk, bare))["flags"] & SUPPRESS_EMBEDS
    shown = {"text": "https://example.org/"}
    assert not (await _copy_of(talk, shown)).get("flags", 0) & SUPPRESS_EMBEDS


@pytest.mark.rows("3.7", "3.9")
async def test_a_topics_reactions_pins_and_name(tmp_path: Path) -> None:
    """In a forum too, where Telegram does not say in which topic somebody reacted."""
    async with scene(tmp_path, bridged=False, start=False, forum=True) as stage:
        topic = stage.telegram.add_topic(stage.group, "Cats")
        other = stage.discord.add_channel("elsewhere")["id"]
        stage.daemon.settings["MATEBOT_BRIDGES"] = (
            f"telegram:{stage.group}/{topic} <-> discord:{stage.channel};"
            f"telegram:{stage.group}/1 <-> discord:{other}"
        )
        await stage.daemon.start()
        await stage.daemon.ready()
        said = stage.telegram_says("in the topic", topic=topic)
        # That the topic was opened waited at Telegram and is told first.
        opened, copy = await stage.reaches_discord("in the topic")
        assert _text(opened) == "💬 Olga opened a topic: Cats"
        stage.telegram.react(stage.rui["id"], stage.group, said["message_id"], ["🔥"])
        await stage.until(lambda: _reactions(stage, copy) == {"🔥"})
        stage.telegram.pin(stage.ana["id"], stage.group, said["message_id"])
        await stage.until(lambda: stage.discord.message(stage.channel, copy["id"])["pinned"])
        stage.telegram.rename_topic(stage.group, topic, "Dogs")
        await stage.reaches_discord("changed the name to: Dogs")
        assert [m for m in stage.discord.messages(other) if m.get("webhook_id")] == []
