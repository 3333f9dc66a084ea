"""How far Discord's rooms have been read, and what is known of what stands there."""

import sqlite3

from matebot.core.ids import Room
from matebot.storage import rooms
from matebot.storage.database import Database


def note_decision(conn: sqlite3.Connection, room: Room, at: float) -> None:
    """Note when it was decided what of that which a room missed is brought."""
    rooms.note_fact(conn, _name(room), repr(at))


def _name(room: Room) -> str:
    return f"catch-up of {room}"


class Reading:
    """What catching up asks of the database (`matebot.discord.catchup.Books`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def cursor_of(self, room: Room) -> int | None:
        """The message up to which a room has been read; None if it never was."""
        return await self._database.run(lambda conn: rooms.cursor_of(conn, room))

    async def decided_at(self, room: Room) -> float:
        """When it was last decided what is skipped there, in unix seconds; 0.0 if it never was."""
        value = await self._database.run(lambda conn: rooms.fact(conn, _name(room)))
        return float(value or 0.0)

    async def standing(self, room: Room, upto: int, most: int) -> list[int]:
        """The newest originals of a room up to a message, as far as is known not deleted."""

        def transaction(conn: sqlite3.Connection) -> list[int]:
            rows = conn.execute(
                "SELECT message_id FROM messages WHERE platform = ? AND chat = ?"
                " AND message_id <= ? AND deleted = 0 ORDER BY message_id DESC LIMIT ?",
                (room.platform.value, room.chat, upto, most),
            )
            return [row[0] for row in rows]

        return await self._database.run(transaction)
