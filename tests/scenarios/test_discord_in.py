"""What people, bots and Discord itself do besides plain text, as it shows in Telegram."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from matebot.sandbox.discord.places import clear_reactions
from matebot.sandbox.discord.posts import tell, tell_channel
from matebot.sandbox.discord.world import Event
from tests.scenarios.crossing import Crossing, body, styled_parts
from tests.scenarios.harness import Json, Scene, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUPPRESS_EMBEDS = 1 << 2
V2 = 1 << 15
SCHEDULED_EVENTS = 1 << 16


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    async with scene(tmp_path_factory.mktemp("discord-in")) as stage:
        talk = Crossing(stage)
        await talk.discord_fence()
        yield talk


async def _said(talk: Crossing, text: str) -> tuple[Json, Json]:
    """Something that Bia says, and its copy."""
    said: list[Json] = []
    (copy,) = await talk.to_telegram(lambda: said.append(talk.stage.discord_says(text)))
    return said[0], copy


def _bot_says(stage: Scene, content: str = "", **more: Any) -> Json:
    """Another bot says something."""
    bot = next((u for u in stage.discord.world.users.values() if u["username"] == "ci"), None)
    if bot is None:
        bot = stage.discord.add_user("ci", global_name="CI", bot=True)
        stage.discord.add_member(bot["id"])
    return stage.discord.say(bot["id"], stage.channel, content, **more)


def _reaction(stage: Scene, number: int) -> list[str]:
    """What MateBot reacts with to a message in Telegram."""
    found: list[str] = stage.telegram.reactions(stage.group, number).get(
        stage.telegram.bot["id"], []
    )
    return found


async def test_3_7_reactions_of_people_in_discord(talk: Crossing) -> None:
    """The copy bears the leading one and counts them all, each person once, until taken back."""
    stage = talk.stage
    said, copy = await _said(talk, "thumbs")
    number = copy["message_id"]

    def last_line() -> str:
        now = stage.telegram.message(stage.group, number)
        return "" if now is None else str(now["text"].splitlines()[-1])

    for who, emoji in ((stage.leo, "👍"), (stage.bia, "👍"), (stage.leo, "🎉")):
        stage.discord.react(who["id"], stage.channel, said["id"], emoji)
    await stage.until(lambda: _reaction(stage, number) == ["👍"])
    await stage.until(lambda: "👍 2" in last_line() and "🎉" in last_line())
    stage.discord.unreact(stage.leo["id"], stage.channel, said["id"], "👍")
    await stage.until(lambda: "👍 2" not in last_line())
    message = stage.discord.world.message(stage.channel, int(said["id"]))
    clear_reactions(stage.discord.world, message)
    await stage.until(lambda: _reaction(stage, number) == [])
    await stage.until(lambda: last_line() == "thumbs")


async def test_3_9_pins_both_of_originals_and_of_copies(talk: Crossing) -> None:
    """A pin in Discord is one in Telegram until it is taken away; nothing comes back."""
    stage = talk.stage
    said, copy = await _said(talk, "keep this")
    stage.discord.pin(stage.bia["id"], stage.channel, said["id"])
    await stage.until(lambda: copy["message_id"] in stage.telegram.pinned(stage.group))
    stage.discord.unpin(stage.channel, said["id"])
    await stage.until(lambda: copy["message_id"] not in stage.telegram.pinned(stage.group))
    written: list[Json] = []
    (there,) = await talk.to_discord(lambda: written.append(stage.telegram_says("and this")))
    stage.discord.pin(stage.leo["id"], stage.channel, there["id"])
    number = written[0]["message_id"]
    await stage.until(lambda: number in stage.telegram.pinned(stage.group))
    pins = len(stage.telegram.calls_of("pinChatMessage"))
    await talk.discord_fence()
    assert len(stage.telegram.calls_of("pinChatMessage")) == pins
    assert stage.discord.message(stage.channel, there["id"])["pinned"]


async def test_3_9_a_new_name_is_told_and_who_joins_is_not(talk: Crossing) -> None:
    """A channel's new name is a small notice; joins are told only where the bridge wants them."""
    stage = talk.stage
    kept = stage.discord.world.channel(stage.channel)

    def act() -> None:
        stage.discord.say(stage.leo["id"], stage.channel, "", more={"type": 7})
        kept["name"] = "tea_room"
        tell_channel(stage.discord.world, "CHANNEL_UPDATE", kept)

    (notice,) = await talk.to_telegram(act)
    assert notice["text"].endswith("changed the name to: tea_room")
    assert {kind for kind, _ in styled_parts(notice)} == {"italic"}


async def test_3_12_embeds_of_other_bots(talk: Crossing) -> None:
    """Author, title, text, fields and footer are read in order; a link's preview is nothing."""
    stage = talk.stage
    embed = {
        "type": "rich", "author": {"name": "octo"}, "title": "Build *7*",
        "url": "https://a.example/7", "description": "all **green**",
        "fields": [{"name": "Took", "value": "3 s", "inline": True}], "footer": {"text": "farm"},
    }  # fmt: skip
    (copy,) = await talk.to_telegram(lambda: _bot_says(stage, "done", embeds=[embed]))
    assert copy["text"].startswith("CI")
    lines = body(copy).splitlines()
    assert lines == ["done", "octo", "Build 7", "all green", "Took: 3 s", "farm"]
    assert {("bold", "green"), ("text_link", "Build 7")} <= styled_parts(copy)
    preview = {"type": "link", "url": "https://example.org", "title": "Example"}
    (copy,) = await talk.to_telegram(
        lambda: stage.discord_says("https://example.org", embeds=[preview])
    )
    assert body(copy) == "https://example.org"


async def test_3_12_components_and_commands(talk: Crossing) -> None:
    """Components are read in order, and a bot's answer names who asked with which command."""
    stage = talk.stage
    parts = [
        {"type": 17, "components": [
            {"type": 10, "content": "**Now playing**"},
            {"type": 9, "components": [{"type": 10, "content": "a song"}],
             "accessory": {"type": 2, "style": 5, "label": "Open", "url": "https://a.example/s"}},
        ]},
    ]  # fmt: skip
    asked = {"id": "1", "type": 2, "user": stage.leo}
    more = {
        "type": 20, "flags": V2, "components": parts,
        "interaction_metadata": asked, "interaction": asked | {"name": "play"},
    }  # fmt: skip
    (copy,) = await talk.to_telegram(lambda: _bot_says(stage, more=more))
    lines = (
        body(copy).replace("\u2060", "").splitlines()
    )  # that joiner keeps it from being a command
    assert lines == ["⌨️ Leo: /play", "Now playing", "a song", "🔗 Open"]
    assert {("bold", "Now playing"), ("text_link", "Open")} <= styled_parts(copy)
    assert not any(kind == "bot_command" for kind, _ in styled_parts(copy))


SYSTEM: list[tuple[Json, str]] = [
    ({"type": 8, "content": "3"}, "🚀 Leo boosted the server 3 times"),
    ({"type": 9}, "🚀 Leo boosted the server: it has level 1 now"),
    ({"type": 18, "content": "side talk"}, "🧵 Leo started a thread: side talk"),
    ({"type": 27, "content": "Live"}, "🎙 Leo started the stage: Live"),
    ({"type": 4242}, "ℹ️ unknown 4242"),
]


async def test_3_12_what_discord_itself_tells(talk: Crossing) -> None:
    """Each is a small line of its own, tomorrow's kinds included; planned events are told once."""
    stage = talk.stage
    who = stage.leo["id"]

    def act() -> None:
        for more, _ in SYSTEM:
            stage.discord.say(who, stage.channel, "", more=more)

    notices = await talk.to_telegram(act)
    assert [notice["text"] for notice in notices] == [line for _, line in SYSTEM]
    event = {
        "id": "9001", "guild_id": str(stage.discord.guild_id), "name": "Mate night",
        "entity_type": 3, "status": 1, "privacy_level": 2, "creator": stage.bia,
        "scheduled_start_time": "2026-12-01T12:00:00+00:00",
        "entity_metadata": {"location": "Club"},
    }  # fmt: skip
    made = Event("GUILD_SCHEDULED_EVENT_CREATE", event, SCHEDULED_EVENTS)
    (notice,) = await talk.to_telegram(lambda: stage.discord.world.emit(made))
    assert notice["text"].startswith("📅 Bia planned an event: Mate night · ")
    assert notice["text"].endswith(" · Club")


async def test_3_8_discord_forwards_tell_where_from(talk: Crossing) -> None:
    """What is passed on crosses whole, under its channel where everybody here may see that."""
    stage = talk.stage
    news = stage.discord.add_channel("news")
    said = stage.discord.say(stage.leo["id"], news["id"], "from **afar**")
    (copy,) = await talk.to_telegram(
        lambda: stage.discord_says("", forward=(news["id"], said["id"]))
    )
    assert "#\u2060news" in copy["text"]  # no hashtag of Telegram's
    assert copy["text"].splitlines()[-1] == "from afar"
    assert ("bold", "afar") in styled_parts(copy)
    hidden = stage.discord.add_channel("mod-secrets")
    rules = [{"id": str(stage.discord.guild_id), "type": 0, "allow": "0", "deny": str(1 << 10)}]
    kept = stage.discord.world.channel(int(hidden["id"]))
    said = stage.discord.say(stage.leo["id"], hidden["id"], "psst")
    kept["permission_overwrites"] = rules
    tell_channel(stage.discord.world, "CHANNEL_UPDATE", kept)
    (copy,) = await talk.to_telegram(
        lambda: stage.discord_says("", forward=(hidden["id"], said["id"]))
    )
    assert "secrets" not in copy["text"]


async def test_1_9_a_preview_kept_away_stays_away(talk: Crossing) -> None:
    """Brackets around an address keep its preview away, and so does taking it away later."""
    stage = talk.stage
    await talk.to_telegram(lambda: stage.discord_says("see <https://example.org/a>"))
    call = next(c for c in reversed(stage.telegram.calls_of("sendMessage"))
                if "example.org/a" in str(c.params["text"]))  # fmt: skip
    assert "is_disabled" in str(call.params["link_preview_options"])
    said, _ = await _said(talk, "look https://example.org/b")
    message = stage.discord.world.message(stage.channel, int(said["id"]))
    message["flags"] |= SUPPRESS_EMBEDS
    tell(stage.discord.world, "MESSAGE_UPDATE", message)
    await stage.until(lambda: bool(stage.telegram.calls_of("editMessageText")) and "is_disabled"
                      in str(stage.telegram.calls_of("editMessageText")[-1].params))  # fmt: skip


async def test_3_14_typing_shows(talk: Crossing) -> None:
    """Somebody types in Discord, and Telegram shows it, once for many."""
    stage = talk.stage
    for _ in range(5):
        stage.discord.typing(stage.bia["id"], stage.channel)
    await stage.until(lambda: bool(stage.telegram.calls_of("sendChatAction")))
    await talk.discord_fence()
    (call,) = stage.telegram.calls_of("sendChatAction")
    assert call.params["action"] == "typing"
