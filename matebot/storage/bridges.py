"""The bridges that were made by chat."""

import sqlite3
from collections.abc import Sequence

import msgspec

from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.choices import DEFAULTS, Choices
from matebot.core.ids import Room
from matebot.storage.columns import room_columns, to_room

_encode = msgspec.json.Encoder().encode
_decode_choices = msgspec.json.Decoder(Choices).decode


def add(conn: sqlite3.Connection, rooms: Sequence[BridgeRoom], now: float) -> int:
    """Make a bridge of two or more rooms; returns its number."""
    bridge = conn.execute("INSERT INTO bridges (created_at) VALUES (?)", (now,)).lastrowid
    if bridge is None:
        raise sqlite3.IntegrityError("a bridge got no number")
    for room in rooms:
        extend(conn, bridge, room)
    return bridge


def extend(conn: sqlite3.Connection, bridge: int, room: BridgeRoom) -> None:
    """Add a room to a bridge; one that is in it takes the new directions."""
    conn.execute(
        "INSERT OR REPLACE INTO bridge_rooms VALUES (?, ?, ?, ?, ?, ?)",
        (bridge, *room_columns(room.room), room.reads, room.writes),
    )


def remove(conn: sqlite3.Connection, bridge: int) -> None:
    """End a bridge, and forget what its people chose."""
    conn.execute("DELETE FROM bridges WHERE id = ?", (bridge,))
    conn.execute("DELETE FROM choices WHERE bridge = ?", (str(bridge),))


def take_out(conn: sqlite3.Connection, bridge: int, room: Room) -> int:
    """Take a room out of a bridge, and end the bridge if fewer than two are left.

    Returns:
        How many rooms were left.
    """
    conn.execute(
        "DELETE FROM bridge_rooms WHERE bridge = ? AND platform = ? AND chat = ? AND topic = ?",
        (bridge, *room_columns(room)),
    )
    (left,) = conn.execute(
        "SELECT count(*) FROM bridge_rooms WHERE bridge = ?", (bridge,)
    ).fetchone()
    if left < 2:
        remove(conn, bridge)
    return int(left)


def all_bridges(conn: sqlite3.Connection) -> tuple[Bridge, ...]:
    """Every bridge that was made by chat, oldest first."""
    rooms: dict[int, list[BridgeRoom]] = {}
    for bridge, platform, chat, topic, reads, writes in conn.execute(
        "SELECT bridge, platform, chat, topic, reads, writes FROM bridge_rooms ORDER BY bridge"
    ):
        room = BridgeRoom(to_room(platform, chat, topic), bool(reads), bool(writes))
        rooms.setdefault(bridge, []).append(room)
    return tuple(Bridge(str(bridge), tuple(members)) for bridge, members in rooms.items())


def move(conn: sqlite3.Connection, platform: str, old: int, new: int) -> None:
    """Give a chat its new id wherever bridges name it."""
    conn.execute(
        "UPDATE OR REPLACE bridge_rooms SET chat = ? WHERE platform = ? AND chat = ?",
        (new, platform, old),
    )


def choices(conn: sqlite3.Connection) -> dict[str, Choices]:
    """What the people of bridges chose, by the bridge's name."""
    rows = conn.execute("SELECT bridge, body FROM choices")
    return {bridge: _decode_choices(body) for bridge, body in rows}


def choices_of(conn: sqlite3.Connection, bridge: str) -> Choices:
    """What the people of a bridge chose."""
    row = conn.execute("SELECT body FROM choices WHERE bridge = ?", (bridge,)).fetchone()
    return DEFAULTS if row is None else _decode_choices(row[0])


def set_choices(conn: sqlite3.Connection, bridge: str, chosen: Choices) -> None:
    """Note what the people of a bridge chose."""
    conn.execute("INSERT OR REPLACE INTO choices VALUES (?, ?)", (bridge, _encode(chosen)))


def direct(conn: sqlite3.Connection, bridge: int, part: BridgeRoom) -> bool:
    """Give a room of a bridge its directions; returns whether they were others."""
    changed = conn.execute(
        "UPDATE bridge_rooms SET reads = ?, writes = ?"
        " WHERE bridge = ? AND platform = ? AND chat = ? AND topic = ?"
        " AND (reads, writes) <> (?, ?)",
        (part.reads, part.writes, bridge, *room_columns(part.room), part.reads, part.writes),
    )
    return changed.rowcount > 0
