"""The command table, and the answers that need no pairing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.bridge.commands import COMMANDS
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.errors import TemporaryError
from matebot.core.ids import Platform, Room
from matebot.core.message import Author
from matebot.core.ports import CommandCall, Mark
from tests.bridge.linking_world import ANNA, CHANNEL, DORA, EVE, GROUP, World, open_world

PRIVATE = Room.telegram(ANNA.id)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A fresh world."""
    async with open_world(tmp_path) as world:
        yield world


@pytest.mark.parametrize("line", ["bridge", "bridge K7QX-93MF", "unbridge", "language en"])
@pytest.mark.parametrize("room", [GROUP, CHANNEL])
async def test_others_get_a_polite_no(world: World, room: Room, line: str) -> None:
    """Who is no administrator changes nothing, on either side."""
    answer = await world.call(EVE, room, line)
    assert answer.text.text == "Sorry, only an administrator of this room can do that."


async def test_help_names_every_command(world: World) -> None:
    """All commands of the table stand in it, and /start says the same."""
    text = (await world.call(EVE, GROUP, "help")).text.text
    assert all(f"/{spec.name}:" in text for spec in COMMANDS)
    assert (await world.call(ANNA, PRIVATE, "start bridge", private=True)).text.text == text


@pytest.mark.parametrize("name", ["bridge", "unbridge", "status"])
async def test_rooms_only(world: World, name: str) -> None:
    """In a private chat the commands of rooms say where they belong."""
    answer = await world.call(ANNA, PRIVATE, name, private=True)
    assert f"say /{name}" in answer.text.text


async def test_unknown_commands_are_answered(world: World) -> None:
    """Nothing typed at MateBot meets silence."""
    assert "/help" in (await world.call(ANNA, GROUP, "dance")).text.text


async def test_answers_in_telegram_are_stored(world: World) -> None:
    """The answer waits as a delivery that replies to the command; a repeated update adds none."""
    for _ in range(2):
        call = CommandCall("help", "", GROUP, ANNA, message_id=42)
        returned = await world.commands.call(call, Mark(update_id=5))
        assert returned is None
    (say,) = await world.said(GROUP)
    assert say.notice.reply_to == 42
    assert world.woken == {GROUP}


async def test_answers_in_discord_are_returned(world: World) -> None:
    """They go out through the interaction, not through the lanes."""
    answer = await world.call(DORA, CHANNEL, "help")
    assert "MateBot" in answer.text.text
    assert await world.said() == []


async def test_language_of_a_room(world: World) -> None:
    """Anybody may ask for it, an administrator sets it, and it holds in the room alone."""
    assert "I speak English" in (await world.call(EVE, GROUP, "language")).text.text
    answer = await world.call(ANNA, GROUP, "language PT-BR")
    assert "Português" in answer.text.text
    assert "Nesta sala eu falo" in (await world.call(EVE, GROUP, "language")).text.text
    assert "I speak English" in (await world.call(EVE, CHANNEL, "language")).text.text
    assert "Não falo" in (await world.call(ANNA, GROUP, "language klingon")).text.text


@pytest.mark.parametrize(
    ("locale", "word"), [("pt-BR", "Oi"), ("en-US", "Hi"), ("ja", "Hi"), (None, "Hi")]
)
async def test_answers_for_one_follow_the_caller(
    world: World, locale: str | None, word: str
) -> None:
    """An answer that the caller alone sees is in their language, where no room's was set."""
    for room, caller, private in ((CHANNEL, DORA, False), (PRIVATE, ANNA, True)):
        answer = await world.call(caller, room, "help", locale=locale, private=private)
        assert answer.text.text.startswith(word)
    in_group = await world.call(ANNA, GROUP, "help", locale=locale)
    assert in_group.text.text.startswith("Hi")


async def test_language_in_private(world: World) -> None:
    """In a private chat everybody decides for themselves."""
    answer = await world.call(EVE, Room.telegram(EVE.id), "language pt", private=True)
    assert "Português" in answer.text.text


async def test_status_of_a_room_alone(world: World) -> None:
    """It names the room, says that it is joined with none, and how both services are."""
    world.health[Platform.DISCORD] = False
    text = (await world.call(EVE, GROUP, "status")).text.text
    assert text.splitlines() == [
        "This is Hikers.",
        "This room is not joined with any other. An administrator can say /bridge to change that.",
        "✅ Telegram is connected.",
        "⚠️ Discord is not connected. Nothing is lost: messages wait until it is.",
    ]


async def test_status_of_bridges(tmp_path: Path) -> None:
    """Rooms with titles and directions, where the bridge stands, and how much waits."""
    attic, cellar = Room.discord(6000), Room.discord(7000)
    parts = (
        BridgeRoom(GROUP, reads=True, writes=True),
        BridgeRoom(attic, reads=True, writes=False),
        BridgeRoom(cellar, reads=False, writes=True),
    )
    async with open_world(tmp_path, [Bridge("config-1", parts, configured=True)]) as world:
        world.rooms.titles |= {attic: "#attic", cellar: "#cellar"}
        await world.join((ANNA, GROUP), (DORA, CHANNEL))
        text = (await world.call(EVE, GROUP, "status")).text.text
    assert "• #attic (read there, never posted) (set by the operator" in text
    assert "• #cellar (posted there, never read)" in text
    assert "• #general (Hikers) 1 message is on its way there." in text
    assert "3 messages are on their way here." in text


async def test_names_that_are_unknown(world: World) -> None:
    """Where the service does not tell a title, the room's id stands in."""
    world.rooms.error = TemporaryError("outage")
    assert f"This is {GROUP}." in (await world.call(EVE, GROUP, "status")).text.text


@pytest.mark.parametrize(
    "action", ["", "pair", "pair:yes:", "pair:yes:x", "pair:no:²", f"pair:yes:{10**30}", "a:b:c"]
)
async def test_buttons_that_say_nothing(world: World, action: str) -> None:
    """A forged or old button gets a polite answer."""
    answer = await world.press(Author(DORA.id, "Dora"), CHANNEL, action)
    assert answer is not None
    assert "no longer open" in answer.text.text
