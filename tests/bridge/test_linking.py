"""Linking by chat, from the code to the bridge, on the real store."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.bridge.linking import CODE_ALPHABET, code_hash, new_code
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.errors import NoAccess, TemporaryError
from matebot.core.ids import Room
from matebot.core.message import Author
from matebot.core.ports import Mark
from matebot.storage import rooms as stored_rooms
from matebot.storage.pairings import snowflake
from tests.bridge.linking_world import ANNA, CHANNEL, DORA, EVE, GROUP, World, open_world

FORUM = Room.telegram(-1002, 7)
ATTIC = Room.discord(6000)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A fresh world."""
    async with open_world(tmp_path) as world:
        yield world


def rooms_of(world: World, room: Room) -> set[Room]:
    """The rooms of the one bridge that a room is in."""
    (bridge,) = world.routes.bridges_of(room)
    return {part.room for part in bridge.rooms}


async def test_two_rooms_become_one_conversation(world: World) -> None:
    """From the code in Telegram over the code in Discord to the confirmation: joined both ways."""
    code = await world.code_of(ANNA, GROUP)
    answer = await world.call(DORA, CHANNEL, f"bridge {code}")
    assert "asked the administrator" in answer.text.text
    assert "Hikers" not in answer.text.text  # who carried a code off learns nothing of the room
    question = await world.last_said(GROUP)
    assert question.only_for == ANNA.id
    assert "Dora wants to join Hikers with #general (Hikers)" in question.text.text
    assert not world.routes.bridges

    assert await world.press(ANNA, GROUP, question.buttons[0].action) is None

    assert rooms_of(world, GROUP) == {GROUP, CHANNEL}
    (bridge,) = world.routes.bridges_of(GROUP)
    assert all(part.reads and part.writes for part in bridge.rooms)
    assert "now joined with #general (Hikers)" in (await world.last_said(GROUP)).text.text
    assert "now joined with Hikers" in (await world.last_said(CHANNEL)).text.text
    assert {GROUP, CHANNEL} <= world.woken


async def test_the_code_may_come_from_discord(world: World) -> None:
    """There the code is returned for the caller's eyes alone and stored nowhere in clear."""
    notice = await world.call(DORA, CHANNEL, "bridge")
    assert notice.only_for == DORA.id
    assert await world.said() == []
    (span,) = notice.text.spans
    code = notice.text.text[span.start : span.end]
    await world.call(ANNA, GROUP, f"bridge {code.lower().replace('-', ' ')}")
    question = await world.last_said(CHANNEL)
    answer = await world.press(DORA, CHANNEL, question.buttons[0].action)
    assert answer is not None
    assert answer.text.text == "Done: #general (Hikers) is now joined with Hikers."
    assert rooms_of(world, GROUP) == {GROUP, CHANNEL}


async def test_the_code_is_for_one_administrator_alone(world: World) -> None:
    """In a Telegram group only they may see it, and what everybody may see has no code in it."""
    notice = await world.call(ANNA, GROUP, "bridge", message_id=77)
    code = re.search(r"\w{4}-\w{4}", notice.text.text)
    assert code is not None
    assert notice.only_for == ANNA.id
    assert notice.reply_to == 77
    assert notice.or_else is not None
    assert code[0] not in notice.or_else.text
    assert "https://t.me/mate_bot?start=bridge" in notice.or_else.text


async def test_the_code_rests_as_a_hash(world: World) -> None:
    """The pairing holds no code that anybody could read."""
    notice = await world.call(DORA, CHANNEL, "bridge")
    (span,) = notice.text.spans
    code = notice.text.text[span.start : span.end]
    rows = await world.database.run(lambda conn: conn.execute("SELECT * FROM pairings").fetchall())
    assert code_hash(code) in rows[0]
    assert code not in repr(rows)
    assert code.replace("-", "") not in repr(rows)


@pytest.mark.parametrize("caller", [Author(GROUP.chat, "Hikers"), Author(0, "Somebody")])
async def test_an_anonymous_administrator_gets_an_explanation(world: World, caller: Author) -> None:
    """A code is never shown where it is not known who asks."""
    world.rooms.admins.add((GROUP, caller.id))
    notice = await world.call(caller, GROUP, "bridge")
    assert "Remain anonymous" in notice.text.text
    assert not notice.text.spans
    notice = await world.call(ANNA, GROUP, "bridge", anonymous=True)
    assert "Remain anonymous" in notice.text.text


async def test_an_anonymous_administrator_can_use_a_code(world: World) -> None:
    """In the second room nothing is secret, and the first administrator decides."""
    code = await world.code_of(DORA, CHANNEL)
    ghost = Author(GROUP.chat, "Hikers")
    world.rooms.admins.add((GROUP, ghost.id))
    await world.call(ghost, GROUP, f"bridge {code}", anonymous=True)
    assert "Hikers wants to join" in (await world.last_said(CHANNEL)).text.text


async def test_a_code_works_once(world: World) -> None:
    """A used code is unknown to the next who tries it."""
    code = await world.code_of(ANNA, GROUP)
    await world.call(DORA, CHANNEL, f"bridge {code}")
    world.rooms.admins.add((ATTIC, EVE.id))
    assert "do not know" in (await world.call(EVE, ATTIC, f"bridge {code}")).text.text


async def test_a_new_code_replaces_the_old_one(world: World) -> None:
    """A room has one open code."""
    old, new = await world.code_of(ANNA, GROUP), await world.code_of(ANNA, GROUP)
    assert "do not know" in (await world.call(DORA, CHANNEL, f"bridge {old}")).text.text
    assert "code is right" in (await world.call(DORA, CHANNEL, f"bridge {new}")).text.text


async def test_a_code_expires(world: World) -> None:
    """After ten minutes it is unknown."""
    code = await world.code_of(ANNA, GROUP)
    world.time += 600
    assert "do not know" in (await world.call(DORA, CHANNEL, f"bridge {code}")).text.text


async def test_a_confirmation_expires_with_its_code(world: World) -> None:
    """Ten minutes after the code was made, nobody can confirm."""
    action = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    world.time += 600
    await world.press(ANNA, GROUP, action)
    assert "no longer open" in (await world.last_said(GROUP)).text.text
    assert not world.routes.bridges


async def test_a_code_does_not_work_in_its_own_room(world: World) -> None:
    """It is refused, and still works elsewhere."""
    code = await world.code_of(ANNA, GROUP)
    assert "right here" in (await world.call(ANNA, GROUP, f"bridge {code}")).text.text
    assert "code is right" in (await world.call(DORA, CHANNEL, f"bridge {code}")).text.text


async def test_few_tries_even_over_a_restart(tmp_path: Path) -> None:
    """After five wrong codes even the right one is refused, for ten minutes."""
    async with open_world(tmp_path) as world:
        for number in range(5):
            answer = await world.call(DORA, CHANNEL, f"bridge WRONG{number}")
            assert "do not know" in answer.text.text
        now = world.time
    async with open_world(tmp_path) as world:
        world.time = now + 1
        code = await world.code_of(ANNA, GROUP)
        answer = await world.call(DORA, CHANNEL, f"bridge {code}")
        assert "too many" in answer.text.text
        world.rooms.admins.add((ATTIC, DORA.id))
        assert "too many" in (await world.call(DORA, ATTIC, f"bridge {code}")).text.text
        world.rooms.admins.add((CHANNEL, EVE.id))
        assert "too many" in (await world.call(EVE, CHANNEL, f"bridge {code}")).text.text
        world.time = now + 600
        answer = await world.call(DORA, CHANNEL, f"bridge {code}")
        assert "code is right" in answer.text.text


async def test_only_the_first_administrator_confirms(world: World) -> None:
    """Neither the other room's administrator nor another one of the first room can."""
    action = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    world.rooms.admins |= {(GROUP, EVE.id)}
    await world.press(EVE, GROUP, action)
    assert "Only the administrator" in (await world.last_said(GROUP)).text.text
    for caller in (DORA, Author(ANNA.id, "Anna's double")):  # an id of the other service's
        answer = await world.press(caller, CHANNEL, action)
        assert answer is not None
        assert "Only the administrator" in answer.text.text
    assert not world.routes.bridges


async def test_rights_are_checked_when_confirming(world: World) -> None:
    """Who is no longer an administrator joins nothing, and the other room hears of it."""
    action = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    world.rooms.admins.clear()
    await world.press(ANNA, GROUP, action)
    assert "no longer an administrator of Hikers" in (await world.last_said(GROUP)).text.text
    assert "did not confirm" in (await world.last_said(CHANNEL)).text.text
    world.rooms.admins.add((GROUP, ANNA.id))
    await world.press(ANNA, GROUP, action)
    assert not world.routes.bridges


async def test_rights_that_cannot_be_checked_join_nothing(world: World) -> None:
    """An outage asks for patience and leaves the question open; being thrown out ends it."""
    action = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    world.rooms.error = TemporaryError("outage")
    await world.press(ANNA, GROUP, action)
    assert "try again" in (await world.last_said(GROUP)).text.text
    world.rooms.error = NoAccess("kicked")
    await world.press(ANNA, GROUP, action)
    assert "no longer an administrator" in (await world.last_said(GROUP)).text.text
    assert not world.routes.bridges


async def test_declining_joins_nothing(world: World) -> None:
    """Both sides hear of it, and the question is answered for good."""
    action = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    await world.press(ANNA, GROUP, action.replace("yes", "no"))
    assert "not joined" in (await world.last_said(GROUP)).text.text
    assert "did not confirm" in (await world.last_said(CHANNEL)).text.text
    await world.press(ANNA, GROUP, action)
    assert "no longer open" in (await world.last_said(GROUP)).text.text
    assert not world.routes.bridges


async def test_bridge_shows_a_waiting_question_again(world: World) -> None:
    """Who could not be reached says /bridge and finds the question with its buttons."""
    action = await world.pair((DORA, CHANNEL), (ANNA, GROUP))
    notice = await world.call(DORA, CHANNEL, "bridge")
    assert [button.action for button in notice.buttons] == [action, action.replace("yes", "no")]
    assert "Anna wants to join" in notice.text.text


async def test_confirming_in_private(world: World) -> None:
    """A question that went to the private chat is answered there, and both rooms are told."""
    action = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    private = Room.telegram(ANNA.id)
    await world.press(ANNA, private, action)
    assert "Done: Hikers is now joined" in (await world.last_said(private)).text.text
    assert "now joined" in (await world.last_said(GROUP)).text.text
    assert rooms_of(world, GROUP) == {GROUP, CHANNEL}


async def test_many_rooms_in_one(world: World) -> None:
    """A room joined with one of a bridge takes part in all of it, and the question says so."""
    await world.join((ANNA, GROUP), (DORA, CHANNEL))
    world.rooms.admins |= {(FORUM, ANNA.id), (ATTIC, EVE.id)}
    notice = await world.call(ANNA, GROUP, "bridge")
    assert "already joined with #general" in notice.text.text
    action = await world.pair((ANNA, FORUM), (DORA, CHANNEL))
    question = (await world.last_said(FORUM)).text.text
    assert "#general (Hikers) is joined with Hikers" in question
    await world.press(ANNA, FORUM, action)
    await world.join((ANNA, GROUP), (EVE, ATTIC))
    assert rooms_of(world, ATTIC) == {GROUP, CHANNEL, FORUM, ATTIC}
    for room in (GROUP, CHANNEL, FORUM):
        assert str(ATTIC) in (await world.last_said(room)).text.text


async def test_joined_rooms_are_not_joined_again(world: World) -> None:
    """Two rooms of one bridge, and rooms of two bridges, get a polite no."""
    await world.join((ANNA, GROUP), (DORA, CHANNEL))
    code = await world.code_of(ANNA, GROUP)
    assert "joined already" in (await world.call(DORA, CHANNEL, f"bridge {code}")).text.text
    world.rooms.admins |= {(FORUM, EVE.id), (ATTIC, EVE.id)}
    await world.join((EVE, FORUM), (EVE, ATTIC))
    answer = await world.call(EVE, ATTIC, f"bridge {code}")
    assert "cannot become one" in answer.text.text
    assert len(world.routes.bridges) == 2


async def test_rooms_joined_between_question_and_answer(world: World) -> None:
    """A second confirmation of the same two rooms makes no second bridge."""
    first = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    second = await world.pair((DORA, CHANNEL), (ANNA, GROUP))
    await world.press(ANNA, GROUP, first)
    answer = await world.press(DORA, CHANNEL, second)
    assert answer is not None
    assert "joined already" in answer.text.text
    assert len(world.routes.bridges) == 1


async def test_reading_begins_at_the_link(world: World) -> None:
    """A Discord room is read from the moment on that it was linked, never from its beginning."""
    await world.join((ANNA, GROUP), (DORA, CHANNEL))
    cursor = await world.database.run(lambda conn: stored_rooms.cursor_of(conn, CHANNEL))
    assert cursor == snowflake(world.time)
    assert snowflake(1_420_070_400.001) == 1 << 22
    world.time += 60
    world.rooms.admins.add((FORUM, ANNA.id))
    await world.join((DORA, CHANNEL), (ANNA, FORUM))
    after = await world.database.run(lambda conn: stored_rooms.cursor_of(conn, CHANNEL))
    assert after == cursor  # it was being read: skipping ahead could lose something


async def test_a_repeated_update_changes_nothing(world: World) -> None:
    """Code, use, confirmation and leave of one update happen once, and are said once."""
    mark = Mark(update_id=900)
    notice = await world.call(ANNA, GROUP, "bridge", mark=mark)
    (span,) = notice.text.spans
    code = notice.text.text[span.start : span.end]
    with pytest.raises(IndexError):  # nothing more was said
        await world.call(ANNA, GROUP, "bridge", mark=mark)
    await world.call(DORA, CHANNEL, f"bridge {code}")
    action = (await world.last_said(GROUP)).buttons[0].action
    for _ in range(2):
        await world.commands.press(action, GROUP, ANNA, Mark(update_id=901))
    told = [say.notice.text.text for say in await world.said()]
    assert sum("now joined" in text for text in told) == 2
    assert not any("no longer open" in text for text in told)


async def test_leaving_ends_a_bridge_of_two(world: World) -> None:
    """Both rooms hear that they are apart."""
    await world.join((ANNA, GROUP), (DORA, CHANNEL))
    answer = await world.call(ANNA, GROUP, "unbridge")
    assert answer.text.text == "This room is no longer joined with #general (Hikers)."
    assert "Hikers has left" in (await world.last_said(CHANNEL)).text.text
    assert not world.routes.bridges
    assert "not joined" in (await world.call(ANNA, GROUP, "unbridge")).text.text


async def test_leaving_a_bridge_of_many(world: World) -> None:
    """The rooms that stay go on, and on Discord the room that left is told in public too."""
    await world.join((ANNA, GROUP), (DORA, CHANNEL))
    world.rooms.admins.add((FORUM, ANNA.id))
    await world.join((ANNA, FORUM), (DORA, CHANNEL))
    answer = await world.call(DORA, CHANNEL, "unbridge")
    assert "no longer joined with" in answer.text.text
    assert "no longer joined with" in (await world.last_said(CHANNEL)).text.text
    assert rooms_of(world, GROUP) == {GROUP, FORUM}


async def test_a_configured_bridge_is_removed_elsewhere(tmp_path: Path) -> None:
    """Its rooms cannot be joined again or taken out by chat: the answer says where it stands."""
    parts = tuple(BridgeRoom(room, reads=True, writes=True) for room in (GROUP, CHANNEL))
    async with open_world(tmp_path, [Bridge("config-1", parts, configured=True)]) as world:
        assert "MATEBOT_BRIDGES" in (await world.call(ANNA, GROUP, "unbridge")).text.text
        code = await world.code_of(ANNA, GROUP)
        assert "joined already" in (await world.call(DORA, CHANNEL, f"bridge {code}")).text.text
        assert len(world.routes.bridges) == 1


async def test_names_cannot_dress_up_the_question(world: World) -> None:
    """A name with line breaks or direction marks stays a short name on one line."""
    evil = Author(DORA.id, "Dora\nwants nothing\u202e. " + "x" * 500 + "\ud800")
    world.rooms.titles[CHANNEL] = "#a\n\n\nb"
    await world.pair((ANNA, GROUP), (evil, CHANNEL))
    text = (await world.last_said(GROUP)).text.text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 2
    assert len(text) < 400


async def test_each_room_hears_its_own_language(world: World) -> None:
    """The question and what both rooms are told follow the rooms' languages."""
    await world.call(ANNA, GROUP, "language pt-br")
    action = await world.pair((ANNA, GROUP), (DORA, CHANNEL))
    assert "quer unir" in (await world.last_said(GROUP)).text.text
    await world.press(ANNA, GROUP, action)
    assert "agora está unida" in (await world.last_said(GROUP)).text.text
    assert "now joined" in (await world.last_said(CHANNEL)).text.text


def test_codes_are_readable_and_differ() -> None:
    """Two groups of four from an alphabet without look-alikes; a thousand codes are a thousand."""
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(re.fullmatch(rf"[{CODE_ALPHABET}]{{4}}-[{CODE_ALPHABET}]{{4}}", c) for c in codes)
    assert not set("01OIL") & set(CODE_ALPHABET)


@given(st.text())
def test_anything_can_be_typed_as_a_code(typed: str) -> None:
    """A hash comes out, the same with other case, blanks and dashes around it."""
    assert code_hash(typed) == code_hash(f" -{typed}- ")
    assert len(code_hash(typed + "\ud800")) == 32
