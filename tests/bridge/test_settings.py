"""What a bridge's people choose: shown on both services, changed by administrators, told to all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from matebot.bridge.settings import parse_action
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.choices import TABLE, DeleteReaction, Deletes
from matebot.core.errors import TemporaryError
from matebot.core.ids import Room
from matebot.core.message import Author
from matebot.core.notice import Menu, Notice
from matebot.core.ports import Mark
from matebot.storage import rooms
from matebot.storage.pairings import snowflake
from tests.bridge.linking_world import ANNA, CHANNEL, DORA, EVE, GROUP, World, open_world

ATTIC = Room.discord(6000)


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The group and the channel, joined by chat."""
    async with open_world(tmp_path) as made:
        await made.join((ANNA, GROUP), (DORA, CHANNEL))
        yield made


def action(notice: Notice, label: str) -> str:
    """What the button with that label says."""
    return next(each.action for each in notice.buttons if each.label.startswith(label))


def menu(notice: Notice, name: str) -> Menu:
    """A menu below a notice."""
    return next(each for each in notice.menus if each.name == name)


def option(notice: Notice, name: str, label: str) -> str:
    """What an option of a menu says."""
    return next(each.action for each in menu(notice, name).options if each.label == label)


async def answer(world: World, caller: Author, action: str) -> Notice:
    """What a choice on Discord is answered with."""
    notice = await world.press(caller, CHANNEL, action)
    assert notice is not None
    return notice


def the_bridge(world: World) -> Bridge:
    return world.routes.bridges[-1]


async def test_telegram_shows_a_button_for_each_row(world: World) -> None:
    """Every choice stands on a button of its own, whose action both services take."""
    page = await world.call(ANNA, GROUP, "settings")
    assert page.stacked
    assert len(page.buttons) == len(TABLE) + 1
    assert all(len(each.action.encode()) <= 64 for each in page.buttons)
    assert "#general (Hikers)" in page.text.text
    assert "Deleted messages: delete the copies" in [each.label for each in page.buttons]


async def test_a_press_takes_the_next_value_in_place(world: World) -> None:
    """The notice is edited, every room hears who did it, and the routes follow at once."""
    page = await world.call(ANNA, GROUP, "settings")
    for value in (Deletes.MARK, Deletes.KEEP, Deletes.DELETE):
        assert await world.press(ANNA, GROUP, action(page, "Deleted"), 77) is None
        assert the_bridge(world).choices.deletes is value
        page = next(
            each.notice for each in reversed(await world.said(GROUP)) if each.notice.edits == 77
        )
    told = [each.notice.text.text for each in await world.said(CHANNEL)][-3:]
    assert told[0] == "Anna changed the settings: Deleted messages → mark the copies"
    assert "Anna changed the settings" in (await world.last_said(GROUP)).text.text


async def test_only_administrators_count_at_each_press(world: World) -> None:
    """Others are told so alone and change nothing; rights that are lost since count no more."""
    page = await world.call(ANNA, GROUP, "settings")
    wanted = action(page, "Pins")
    before = await world.said()
    for caller in (EVE, ANNA):
        world.rooms.admins.discard((GROUP, ANNA.id))
        refused = await world.press(caller, GROUP, wanted, 77)
        assert refused is not None
        assert "only an administrator" in refused.text.text
    world.rooms.error = TemporaryError("outage")
    unsure = await world.press(EVE, GROUP, wanted, 77)
    assert unsure is not None
    assert "try again" in unsure.text.text
    assert await world.said() == before
    assert the_bridge(world).choices.pins


async def test_an_anonymous_administrator_is_named_as_the_room(world: World) -> None:
    """Who acts in the room's name there is not betrayed elsewhere."""
    world.rooms.anonymous.add(ANNA.id)
    page = await world.call(ANNA, GROUP, "settings")
    await world.press(ANNA, GROUP, action(page, "Pins"), 77)
    told = (await world.last_said(CHANNEL)).text.text
    assert told == "Hikers changed the settings: Pins → off"


async def test_a_repeated_update_changes_and_tells_once(world: World) -> None:
    """A press that Telegram sends again does nothing more, whatever was chosen meanwhile."""
    page = await world.call(ANNA, GROUP, "settings")
    wanted, mark = action(page, "Pins"), Mark(update_id=999)
    await world.commands.press(wanted, GROUP, ANNA, mark, message_id=77)
    said = await world.said()
    await world.commands.press(wanted, GROUP, ANNA, mark, message_id=77)
    assert await world.said() == said
    # Another press of a button that shows what was is no change, and nobody is told of one.
    await world.press(ANNA, GROUP, wanted, 77)
    assert len(await world.said(CHANNEL)) == len([s for s in said if s.room == CHANNEL])
    assert not the_bridge(world).choices.pins


async def test_a_row_of_many_values_opens(world: World) -> None:
    """More values than one presses through are buttons of their own, with a way back."""
    page = await world.call(ANNA, GROUP, "settings")
    await world.press(ANNA, GROUP, action(page, "Reaction that deletes"), 77)
    opened = await world.last_said(GROUP)
    assert [each.label for each in opened.buttons] == ["✓ off", "👾", "🙈", "💩", "🤮", "« Back"]
    await world.press(ANNA, GROUP, action(opened, "🙈"), 77)
    assert the_bridge(world).choices.delete_reaction is DeleteReaction.MONKEY
    await world.press(ANNA, GROUP, action(opened, "« Back"), 77)
    back = await world.last_said(GROUP)
    assert len(back.buttons) == len(page.buttons)
    assert "Reaction that deletes in Telegram: 🙈" in [each.label for each in back.buttons]


async def test_discord_shows_menus(world: World) -> None:
    """A menu of the rows, then one of the row's values; changes are told."""
    page = await world.call(DORA, CHANNEL, "settings")
    assert "• Deleted messages: delete the copies" in page.text.text
    assert len(menu(page, "choice").options) == len(TABLE) + 1 <= 25
    opened = await answer(world, DORA, option(page, "choice", "Deleted messages"))
    assert [each.chosen for each in menu(opened, "value").options] == [True, False, False]
    changed = await answer(world, DORA, option(opened, "value", "keep the copies"))
    assert "• Deleted messages: keep the copies" in changed.text.text
    assert [each.chosen for each in menu(changed, "value").options] == [False, False, True]
    assert the_bridge(world).choices.deletes is Deletes.KEEP
    for room in (GROUP, CHANNEL):
        assert "Dora changed the settings" in (await world.last_said(room)).text.text
    refused = await answer(world, EVE, option(opened, "value", "mark the copies"))
    assert "only an administrator" in refused.text.text


async def test_the_direction_of_a_room(world: World) -> None:
    """Each room's administrators set where its messages go; what was said unread stays unread."""
    page = await world.call(DORA, CHANNEL, "settings")
    opened = await answer(world, DORA, option(page, "choice", "Direction of this room"))
    await answer(world, DORA, option(opened, "value", "only into the room"))
    parts = {part.room: (part.reads, part.writes) for part in the_bridge(world).rooms}
    assert parts == {GROUP: (True, True), CHANNEL: (False, True)}
    assert world.routes.destinations(CHANNEL) == ()
    told = (await world.last_said(GROUP)).text.text
    assert told == "Dora changed the direction of #general (Hikers): only into the room"
    world.time += 3600
    await answer(world, DORA, option(opened, "value", "both ways"))
    assert world.routes.is_read(CHANNEL)
    cursor = await world.database.run(lambda conn: rooms.cursor_of(conn, CHANNEL))
    assert cursor == snowflake(world.time)
    shown = await world.call(ANNA, GROUP, "settings")
    assert "Direction of this room: both ways" in [each.label for each in shown.buttons]


async def test_a_configured_bridge_has_choices_but_no_direction(tmp_path: Path) -> None:
    """Its choices are kept by its name, over a restart; where it stands is told."""
    parts = (
        BridgeRoom(GROUP, reads=True, writes=True),
        BridgeRoom(CHANNEL, reads=True, writes=False),
    )
    configured = [Bridge("config-12ab", parts, configured=True)]
    async with open_world(tmp_path, configured) as world:
        page = await world.call(ANNA, GROUP, "settings")
        assert "Direction of this room: both ways (set by the operator" in page.text.text
        assert len(page.buttons) == len(TABLE)
        await world.press(ANNA, GROUP, action(page, "Messages from"), 7)
        gone = await world.press(ANNA, GROUP, "set:config-12ab:direction:in", 7)
        assert gone is not None
        assert "no longer there" in gone.text.text
    async with open_world(tmp_path, configured) as world:
        assert not the_bridge(world).choices.other_bots


async def test_several_bridges_of_one_room(tmp_path: Path) -> None:
    """Where a room is in several conversations, it is asked which one is meant."""
    parts = (BridgeRoom(GROUP, reads=True, writes=True), BridgeRoom(ATTIC, reads=True, writes=True))
    async with open_world(tmp_path, [Bridge("config-1", parts, configured=True)]) as world:
        world.rooms.titles[ATTIC] = "#attic"
        await world.join((ANNA, GROUP), (DORA, CHANNEL))
        question = await world.call(ANNA, GROUP, "settings")
        assert [each.label for each in question.buttons] == ["#attic", "#general (Hikers)"]
        await world.press(ANNA, GROUP, action(question, "#general"), 5)
        page = await world.last_said(GROUP)
        assert page.edits == 5
        await world.press(ANNA, GROUP, action(page, "Show who"), 5)
        assert [each.choices.typing for each in world.routes.bridges] == [True, False]
        assert await world.said(ATTIC) == []


async def test_what_ended_has_no_settings(world: World) -> None:
    """Buttons of a bridge that is no more say so, and a new bridge begins with the defaults."""
    page = await world.call(ANNA, GROUP, "settings")
    await world.press(ANNA, GROUP, action(page, "Pins"), 7)
    await world.call(ANNA, GROUP, "unbridge")
    for wanted in (action(page, "Pins"), "see:1", "see:1:pins"):
        gone = await world.press(ANNA, GROUP, wanted, 7)
        assert gone is not None
        assert "no longer there" in gone.text.text
    assert "not joined" in (await world.call(ANNA, GROUP, "settings")).text.text
    await world.join((ANNA, GROUP), (DORA, CHANNEL))
    assert the_bridge(world).choices.pins
    rows = await world.database.run(lambda conn: conn.execute("SELECT * FROM choices").fetchall())
    assert rows == []


@pytest.mark.parametrize(
    "forged", ["set:1:pins:maybe", "set:1:nothing:on", "set:1:direction:up", "see:1:nothing"]
)
async def test_forged_actions_change_nothing(world: World, forged: str) -> None:
    """What no button says is politely refused."""
    forged = forged.replace(":1:", f":{the_bridge(world).id}:")
    before = the_bridge(world)
    refused = await world.press(ANNA, GROUP, forged, 7)
    assert refused is not None
    assert "no longer there" in refused.text.text
    assert the_bridge(world) == before


def test_other_buttons_are_not_the_settings() -> None:
    """A button of linking, and noise, is none of the settings'."""
    assert parse_action("pair:yes:7") is None
    assert parse_action("set:1") is None
    assert parse_action("see:1:a:b") is None
    assert parse_action("") is None
