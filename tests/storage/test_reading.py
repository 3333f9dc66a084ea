"""What catching up asks of the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.core.delivery import Destination, Routed
from matebot.core.events import Deleted, Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Message
from matebot.core.ports import Mark
from matebot.core.richtext import plain
from matebot.storage.database import Database, connect
from matebot.storage.migrations import migrate
from matebot.storage.reading import Reading
from matebot.storage.store import Store

ROOM, OTHER = Room.discord(7), Room.discord(8)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty one."""
    path = tmp_path / "t.sqlite"
    connection = connect(path)
    migrate(connection, path)
    async with Database(connection) as opened:
        yield opened


def posted(message_id: int, room: Room = ROOM) -> Routed:
    """A message on its way."""
    message = Message(MessageRef(room, message_id), Author(1, "Ana"), plain("hi"))
    return Routed(Posted(message), (Destination("1", Room.telegram(-1)),), b"digest")


async def test_a_decision_is_kept_with_the_cursor(database: Database) -> None:
    """Both of a room, or neither; a room that was never read has none."""
    reading, store = Reading(database), Store(database)
    assert (await reading.cursor_of(ROOM), await reading.decided_at(ROOM)) == (None, 0.0)
    await store.accept([posted(5)], Mark(cursor=MessageRef(ROOM, 5), decided_at=1.25))
    await store.accept([posted(6)], Mark(cursor=MessageRef(ROOM, 6)))
    assert (await reading.cursor_of(ROOM), await reading.decided_at(ROOM)) == (6, 1.25)
    assert (await reading.cursor_of(OTHER), await reading.decided_at(OTHER)) == (None, 0.0)


async def test_what_stands(database: Database) -> None:
    """The newest originals up to a message, of that room alone, without those known to be gone."""
    reading, store = Reading(database), Store(database)
    await store.accept([posted(number) for number in range(1, 9)], Mark())
    await store.accept([posted(1000, OTHER)], Mark())
    await store.accept([Routed(Deleted((MessageRef(ROOM, 4),)), ())], Mark())
    assert await reading.standing(ROOM, 6, 3) == [6, 5, 3]
    assert await reading.standing(OTHER, 999, 3) == []
