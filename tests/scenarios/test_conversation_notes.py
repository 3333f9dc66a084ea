"""What is no text: files, places, polls, reactions, service messages; no silence by chance."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import count

import pytest
import pytest_asyncio

from tests.scenarios.crossing import Crossing, body, read_markdown
from tests.scenarios.harness import Json, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

PNG = "image/png"
_NUMBERS = count(1_000_000)
KIB = b"\0" * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    async with scene(tmp_path_factory.mktemp("notes")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


def _text(copy: Json) -> str:
    return read_markdown(copy["content"]).text


THINGS: list[tuple[str, Json, str]] = [
    ("location", {"location": {"latitude": -30.0346, "longitude": -51.2177}},
     "📍 Location: -30.034600, -51.217700"),
    ("venue", {"venue": {"location": {"latitude": 1.0, "longitude": 2.0},
               "title": "Café *Mate*", "address": "Rua 1"},
               "location": {"latitude": 1.0, "longitude": 2.0}},
     "📍 Location: Café *Mate*"),
    ("contact", {"contact": {"phone_number": "+5551", "first_name": "Zé", "last_name": "S"}},
     "👤 Contact: Zé S"),
    ("poll", {"poll": {"id": "1", "question": "Mate or coffee?", "options": [],
              "total_voter_count": 0, "is_closed": False, "is_anonymous": True,
              "type": "regular", "allows_multiple_answers": False,
              "allows_revoting": True, "members_only": False}},
     "📊 Poll: Mate or coffee?"),
    ("dice", {"dice": {"emoji": "🎲", "value": 4}}, "🎲 Dice: 🎲 4"),
    ("tomorrow", {"hologram": {"depth": 3}}, "💬 Something that I cannot show here: hologram"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "note"), [each[1:] for each in THINGS], ids=[each[0] for each in THINGS]
)
async def test_what_has_no_text_becomes_a_note(talk: Crossing, fields: Json, note: str) -> None:
    """Places, contacts, polls, dice, and tomorrow's novelties are named, never left out."""
    (copy,) = await talk.to_discord(lambda: _push(talk, fields))
    assert _text(copy).startswith(note)


def _push(talk: Crossing, fields: Json) -> None:
    """A message of Ana's of a kind that the stand-in has no words for."""
    stage = talk.stage
    like = next(m for m in stage.telegram.messages(stage.group) if m.get("from") == stage.ana)
    head = {name: like[name] for name in ("date", "chat", "from")}
    stage.telegram.push_raw(
        {"message": {"message_id": next(_NUMBERS)} | head | fields}, queue=f"chat:{stage.group}"
    )


async def test_who_comes_and_goes_is_not_told_unless_wanted(talk: Crossing) -> None:
    """Who comes and goes makes no message unless the bridge wants it, and a reaction never."""
    stage = talk.stage
    newcomer = stage.telegram.add_user("Newcomer")
    said = stage.telegram_says("worth a thumb")

    def act() -> None:
        stage.telegram.join(stage.group, newcomer["id"])
        stage.telegram.leave(stage.group, newcomer["id"])
        stage.telegram.react(stage.rui["id"], stage.group, said["message_id"], ["👍"])

    copies = await talk.to_discord(act)
    assert not any("Newcomer" in _text(copy) or "👍" in _text(copy) for copy in copies)


async def test_a_reaction_in_discord_is_no_message(talk: Crossing) -> None:
    """It says nothing in the other room."""
    stage = talk.stage
    said = stage.discord_says("nice")
    await talk.discord_fence()
    copies = await talk.to_telegram(
        lambda: stage.discord.react(stage.leo["id"], stage.channel, said["id"], "👍")
    )
    assert copies == []


async def test_what_is_not_to_be_spread_is_left_out(talk: Crossing) -> None:
    """What is for one person alone, or asks not to be spread, does not cross."""
    for why in ({"ephemeral_message_id": 7}, {"has_protected_content": True}):
        fields: Json = {"text": "not to be spread"} | why
        assert await talk.to_discord(partial(_push, talk, fields)) == []


def _sticker(talk: Crossing) -> None:
    sticker = {"id": "1", "name": "wave", "format_type": 1}
    talk.stage.discord_says("", stickers=[sticker])


def _embed(talk: Crossing) -> None:
    talk.stage.discord_says("", embeds=[{"type": "rich", "title": "A *title*"}])


def _forward(talk: Crossing) -> None:
    stage = talk.stage
    other = stage.discord.add_channel("elsewhere")
    said = stage.discord.say(stage.leo["id"], other["id"], "from **elsewhere**")
    stage.discord_says("", forward=(other["id"], said["id"]))


@pytest.mark.parametrize(
    ("act", "parts"),
    [
        (_sticker, ["🖼 Sticker: wave"]),
        (_embed, ["A title"]),
        (_forward, ["↪", "from elsewhere"]),
    ],
)
async def test_what_is_no_text_in_discord_is_named(
    talk: Crossing, act: Callable[[Crossing], None], parts: list[str]
) -> None:
    """Stickers, embeds and what was forwarded are no silence."""
    (copy,) = await talk.to_telegram(lambda: act(talk))
    assert all(part in body(copy) for part in parts)


async def test_a_silent_message_is_silent_on_the_other_side(talk: Crossing) -> None:
    """Discord's @silent rings nowhere in Telegram, an ordinary message does."""
    stage = talk.stage
    await talk.to_telegram(lambda: stage.discord_says("hush", flags=1 << 12))
    await talk.to_telegram(lambda: stage.discord_says("ring"))
    by_text = {call.params["text"]: call.params for call in stage.telegram.calls_of("sendMessage")}
    assert str(by_text["Bia\nhush"]["disable_notification"]).lower() == "true"
    assert "disable_notification" not in by_text["Bia\nring"]


async def test_telegram_forwards_cross(talk: Crossing) -> None:
    """Something forwarded is said by who forwarded it, whole."""
    stage = talk.stage
    origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 1_700_000_000}
    (copy,) = await talk.to_discord(
        lambda: stage.telegram_says("wise words", forward_origin=origin)
    )
    assert "wise words" in _text(copy)
    assert copy["author"]["username"].startswith("Ana")


async def test_notes_speak_the_rooms_language(talk: Crossing) -> None:
    """A note is in the language of the room that reads it."""
    stage = talk.stage
    stage.telegram_says("/language pt_BR")
    await stage.telegram.wait_for(
        lambda: any("português" in m.get("text", "").lower() for m in stage.in_telegram())
    )
    (copy,) = await talk.to_telegram(partial(_sticker, talk))
    assert "Figurinha: wave" in body(copy)
