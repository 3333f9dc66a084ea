"""Who reacts with what, and what MateBot makes of it elsewhere."""

import sqlite3
from collections.abc import Sequence

from matebot.core.events import How, Reacted
from matebot.core.ids import Room
from matebot.core.message import Emoji, Tally


def change(conn: sqlite3.Connection, original: int, event: Reacted) -> None:
    """Note how somebody's reactions to an original, or to a copy of it, changed."""
    room = event.ref.room
    here = (original, room.platform.value, room.chat)
    match event.how:
        case How.ARE:
            conn.execute(
                "DELETE FROM reactions WHERE original = ? AND platform = ? AND chat = ?"
                " AND person = ?",
                (*here, event.person),
            )
            _add(conn, here, event)
        case How.ADDED:
            _add(conn, here, event)
        case How.REMOVED:
            conn.executemany(
                "DELETE FROM reactions WHERE original = ? AND platform = ? AND chat = ?"
                " AND person = ? AND emoji = ? AND custom_id = ?",
                [(*here, event.person, emoji.text, emoji.custom_id) for emoji in event.emoji],
            )
        case How.CLEARED:
            _clear(conn, here, event.emoji)


def _add(conn: sqlite3.Connection, here: tuple[int, str, int], event: Reacted) -> None:
    conn.executemany(
        "INSERT OR IGNORE INTO reactions VALUES (?, ?, ?, ?, ?, ?)",
        [(*here, event.person, emoji.text, emoji.custom_id) for emoji in event.emoji],
    )


def _clear(conn: sqlite3.Connection, here: tuple[int, str, int], emoji: Sequence[Emoji]) -> None:
    """Take away everybody's reactions, or those with some emoji."""
    where = "original = ? AND platform = ? AND chat = ?"
    if not emoji:
        conn.execute(f"DELETE FROM reactions WHERE {where}", here)  # noqa: S608  (a constant)
    for each in emoji:
        conn.execute(
            f"DELETE FROM reactions WHERE {where} AND emoji = ? AND custom_id = ?",  # noqa: S608  (constants)
            (*here, each.text, each.custom_id),
        )


def tally(conn: sqlite3.Connection, original: int, room: Room) -> tuple[Tally, ...]:
    """The reactions of people in all chats but a room's, most numerous first; each person once."""
    rows = conn.execute(
        "SELECT emoji, custom_id, count(DISTINCT platform || person) AS people FROM reactions"
        " WHERE original = ? AND NOT (platform = ? AND chat = ?)"
        " GROUP BY emoji, custom_id ORDER BY people DESC, emoji, custom_id",
        (original, room.platform.value, room.chat),
    )
    return tuple(Tally(Emoji(text, custom_id), count) for text, custom_id, count in rows)


def own(conn: sqlite3.Connection, original: int, room: Room) -> tuple[Emoji, ...]:
    """What MateBot reacts with in a room's chat."""
    rows = conn.execute(
        "SELECT emoji, custom_id FROM own_reactions"
        " WHERE original = ? AND platform = ? AND chat = ? ORDER BY emoji, custom_id",
        (original, room.platform.value, room.chat),
    )
    return tuple(Emoji(*row) for row in rows)


def note_own(conn: sqlite3.Connection, original: int, room: Room, emoji: Sequence[Emoji]) -> None:
    """Note what MateBot reacts with in a room's chat from now on."""
    here = (original, room.platform.value, room.chat)
    conn.execute("DELETE FROM own_reactions WHERE original = ? AND platform = ? AND chat = ?", here)
    conn.executemany(
        "INSERT OR IGNORE INTO own_reactions VALUES (?, ?, ?, ?, ?)",
        [(*here, each.text, each.custom_id) for each in emoji],
    )
