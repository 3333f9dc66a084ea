"""What is known of a room, and small facts of the whole."""

import json
import sqlite3
from collections.abc import Collection, Iterable

from matebot.core.ids import MessageRef, Platform, Room
from matebot.storage.columns import NO_TOPIC, room_columns, to_room

_WHERE = "platform = ? AND chat = ? AND topic = ?"


def language_of(conn: sqlite3.Connection, room: Room) -> str | None:
    """The language that was set for a room, or for the chat that it lies in."""
    row = conn.execute(
        "SELECT language FROM rooms WHERE platform = ? AND chat = ? AND topic IN (?, ?)"
        " AND language IS NOT NULL ORDER BY topic DESC LIMIT 1",
        (*room_columns(room), NO_TOPIC),
    ).fetchone()
    return None if row is None else str(row[0])


def set_language(conn: sqlite3.Connection, room: Room, language: str) -> None:
    """Set a room's language."""
    conn.execute(
        "INSERT INTO rooms (platform, chat, topic, language) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET language = excluded.language",
        (*room_columns(room), language),
    )


def cursor_of(conn: sqlite3.Connection, room: Room) -> int | None:
    """The id of the message up to which a room has been read; None before it was ever linked."""
    row = conn.execute(
        f"SELECT cursor FROM rooms WHERE {_WHERE}",  # noqa: S608  (a constant)
        room_columns(room),
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def set_cursor(conn: sqlite3.Connection, room: Room, message_id: int) -> None:
    """Begin or continue reading a room behind a message; a cursor never goes back."""
    conn.execute(
        "INSERT INTO rooms (platform, chat, topic, cursor) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET cursor = max(coalesce(cursor, 0), excluded.cursor)",
        (*room_columns(room), message_id),
    )


def begin_cursor(conn: sqlite3.Connection, room: Room, message_id: int) -> None:
    """Read a room from behind a message on, unless it has been read before."""
    conn.execute(
        "INSERT INTO rooms (platform, chat, topic, cursor) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET cursor = coalesce(cursor, excluded.cursor)",
        (*room_columns(room), message_id),
    )


def forget_cursors(conn: sqlite3.Connection, but: Iterable[Room]) -> None:
    """Forget how far rooms were read that no bridge reads now: a link to come begins anew."""
    kept = {room_columns(room) for room in but}
    rows = conn.execute("SELECT platform, chat, topic FROM rooms WHERE cursor IS NOT NULL")
    conn.executemany(
        f"UPDATE rooms SET cursor = NULL WHERE {_WHERE}",  # noqa: S608  (a constant)
        [row for row in rows.fetchall() if row not in kept],
    )


def advance(conn: sqlite3.Connection, ref: MessageRef) -> None:
    """Note that a room has been read up to a message."""
    set_cursor(conn, ref.room, ref.message_id)


def note_notice(conn: sqlite3.Connection, ref: MessageRef) -> None:
    """Note the id of a notice, so that it is never taken for a copy that was under way."""
    conn.execute(
        "INSERT INTO rooms (platform, chat, topic, last_notice) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE"
        " SET last_notice = max(coalesce(last_notice, 0), excluded.last_notice)",
        (*room_columns(ref.room.whole), ref.message_id),
    )


PERMISSION = "permission"


def tell_once(
    conn: sqlite3.Connection, trouble_in: Room, what: str, now: float, *, told: Room | None = None
) -> bool:
    """Whether somebody is yet to be told of a room's trouble; from now on it counts as told.

    Args:
        conn: The connection.
        trouble_in: The room that has the trouble.
        what: Which.
        now: Unix seconds.
        told: The room that is told; None for the room itself.
    """
    return (
        conn.execute(
            "INSERT OR IGNORE INTO troubles VALUES (?, ?, ?, ?, ?, ?)",
            (*room_columns(trouble_in), what, str(told or ""), now),
        ).rowcount
        == 1
    )


def troubled(conn: sqlite3.Connection, whats: Collection[str]) -> set[Room]:
    """The rooms of one of whose troubles somebody was told."""
    rows = conn.execute(
        "SELECT DISTINCT platform, chat, topic FROM troubles"
        " WHERE what IN (SELECT value FROM json_each(?))",
        (json.dumps(list(whats)),),
    )
    return {to_room(*row) for row in rows}


def trouble_over(conn: sqlite3.Connection, room: Room, whats: Collection[str]) -> None:
    """Forget who was told of those troubles of a room."""
    conn.execute(
        f"DELETE FROM troubles WHERE {_WHERE}"  # noqa: S608  (a constant)
        " AND what IN (SELECT value FROM json_each(?))",
        (*room_columns(room), json.dumps(list(whats))),
    )


def note_move(conn: sqlite3.Connection, platform: Platform, old: int, new: int) -> None:
    """Note that a chat goes on under a new id, and numbers its messages anew."""
    conn.execute("INSERT OR REPLACE INTO moved VALUES (?, ?, ?)", (platform.value, old, new))
    conn.execute(
        "UPDATE OR IGNORE rooms SET chat = ?, last_notice = NULL WHERE platform = ? AND chat = ?",
        (new, platform.value, old),
    )
    conn.execute(
        "UPDATE OR IGNORE troubles SET chat = ? WHERE platform = ? AND chat = ?",
        (new, platform.value, old),
    )
    conn.execute(
        "UPDATE OR IGNORE troubles SET told = ? WHERE told = ?",
        (str(Room(platform, new)), str(Room(platform, old))),
    )


def moves(conn: sqlite3.Connection) -> dict[Room, Room]:
    """Every chat that has a new id: old room to new room, without topics."""
    return {
        to_room(platform, old, 0): to_room(platform, new, 0)
        for platform, old, new in conn.execute("SELECT platform, old_chat, new_chat FROM moved")
    }


def fact(conn: sqlite3.Connection, name: str) -> str | None:
    """A small fact that was noted before."""
    row = conn.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def note_fact(conn: sqlite3.Connection, name: str, value: str) -> None:
    """Note a small fact."""
    conn.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def own_webhooks(conn: sqlite3.Connection) -> set[int]:
    """The ids of the webhooks that MateBot made."""
    return {row[0] for row in conn.execute("SELECT id FROM webhooks")}


def add_webhook(conn: sqlite3.Connection, webhook_id: int, channel: int) -> None:
    """Note a webhook that MateBot made in a channel."""
    conn.execute("INSERT OR IGNORE INTO webhooks VALUES (?, ?)", (webhook_id, channel))
