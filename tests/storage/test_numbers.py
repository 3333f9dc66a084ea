"""What is known of the numbers of a chat's messages, and what moves with a chat."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.core.delivery import Destination, Routed
from matebot.core.events import Moved, Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Message
from matebot.core.notice import Notice
from matebot.core.ports import Mark
from matebot.core.richtext import plain
from matebot.storage import messages, rooms
from matebot.storage.database import Database
from matebot.storage.opening import opened
from matebot.storage.store import Store

BASIC, OTHER_BASIC, PERSON = Room.telegram(-11), Room.telegram(-12), Room.telegram(13)
SUPERGROUP, CHANNEL = Room.telegram(-1_000_000_000_014), Room.discord(15)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(tmp_path / "t.sqlite") as database:
        yield database


async def said(store: Store, room: Room, message_id: int) -> None:
    """Somebody says something in a room that is bridged."""
    message = Message(MessageRef(room, message_id), Author(1, "Ana"), plain("hi"))
    where = (Destination("1", CHANNEL),)
    await store.accept([Routed(Posted(message), where, b"digest")], Mark())


async def test_chats_that_number_together_know_each_others_numbers(database: Database) -> None:
    """A number of one basic group is none of another's; supergroups have their own."""
    store = Store(database)
    await said(store, BASIC, 101)
    await said(store, OTHER_BASIC, 102)
    await said(store, PERSON, 103)
    await said(store, SUPERGROUP, 104)
    assert await store.known_after(BASIC, 100) == {101, 102, 103}
    assert await store.known_after(BASIC, 101) == {102, 103}
    assert await store.known_after(PERSON, 100) == {101, 102, 103}
    assert await store.known_after(SUPERGROUP, 100) == {104}


async def test_a_supergroup_numbers_its_messages_anew(database: Database) -> None:
    """Of a notice in the group that it was, nothing follows for what is on its way in it."""
    store = Store(database)
    await database.run(lambda conn: rooms.note_notice(conn, MessageRef(BASIC, 800)))
    await store.accept([Routed(Moved(BASIC, SUPERGROUP), ())], Mark())
    assert await database.run(lambda conn: messages.last_known(conn, SUPERGROUP)) == 0


async def test_a_trouble_that_was_told_moves_with_its_room(database: Database) -> None:
    """It is not told again under the new name, be it its room's or that of who was told."""
    store = Store(database)
    notice = Notice(plain("!"))
    await store.notify(CHANNEL, notice, trouble_in=BASIC, what="it")
    await store.notify(BASIC, notice, trouble_in=CHANNEL, what="it")
    await store.accept([Routed(Moved(BASIC, SUPERGROUP), ())], Mark())
    assert await store.troubled("it") == {SUPERGROUP, CHANNEL}
    assert not await store.notify(CHANNEL, notice, trouble_in=SUPERGROUP, what="it")
    assert not await store.notify(SUPERGROUP, notice, trouble_in=CHANNEL, what="it")


async def test_each_trouble_of_a_room_ends_by_itself(database: Database) -> None:
    """And each is told by itself."""
    store = Store(database)
    for what in ("one", "another"):
        assert await store.notify(BASIC, Notice(plain("!")), trouble_in=CHANNEL, what=what)
    await store.over(CHANNEL, "one")
    assert await store.troubled("one") == set()
    assert await store.troubled("one", "another") == {CHANNEL}


async def test_codes_and_polls_move_with_their_room(database: Database) -> None:
    """A code that was made in the group joins the supergroup; votes there are counted on."""
    await said(Store(database), CHANNEL, 5)

    def rows(conn: sqlite3.Connection) -> list[tuple[int, ...]]:
        return [
            row
            for table in ("pairings", "poll_twins")
            for row in conn.execute(f"SELECT chat FROM {table}")
        ]

    def make(conn: sqlite3.Connection) -> None:
        conn.execute(
            "INSERT INTO pairings (code_hash, platform, chat, topic, admin, admin_name, expires_at)"
            " VALUES (x'01', 'telegram', ?, 0, 7, 'Ana', 9e9)",
            (BASIC.chat,),
        )
        conn.execute(
            "INSERT INTO poll_twins (original, bridge, platform, chat, topic)"
            " SELECT id, '1', 'telegram', ?, 0 FROM messages",
            (BASIC.chat,),
        )

    await database.run(make)
    await Store(database).accept([Routed(Moved(BASIC, SUPERGROUP), ())], Mark())
    assert await database.run(rows) == [(SUPERGROUP.chat,)] * 2
