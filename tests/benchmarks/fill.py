"""Databases of a daemon that has run for long: bridges, a map of messages, a backlog."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from typing import Final

from matebot.bridge.relay import visible_digest
from matebot.core.bridges import BridgeRoom
from matebot.core.delivery import Destination, Routed
from matebot.core.events import Posted
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.message import Author, Message
from matebot.core.ports import Mark
from matebot.core.richtext import plain
from matebot.storage import bridges, intake, rooms
from matebot.storage.database import connect
from matebot.storage.migrations import migrate
from matebot.storage.pairings import snowflake
from tests.benchmarks import places

_DAY_S: Final = 86_400.0
_OLDEST_S: Final = 300 * _DAY_S
_NEWEST_S: Final = 3 * _DAY_S  # what was said is forgotten by then
_NUMBERS: Final = 10_000_000
"""Messages of the backlog are numbered from here on, out of the way of those that people say."""
_OLD_SNOWFLAKES: Final = 1_300_000_000_000_000_000


def fill(
    path: Path,
    *,
    bridged: int,
    mapped: int = 0,
    backlog: int = 0,
    waits_in: range = range(0),
    not_before: float = 0.0,
) -> None:
    """Make the database.

    Args:
        path: Its file.
        bridged: How many bridges there are.
        mapped: How many messages, each with its copy, are in the map.
        backlog: How many deliveries wait.
        waits_in: In which bridges they do, half of them on each side.
        not_before: When they are due, unix seconds.
    """
    path.parent.mkdir(mode=0o700)
    with closing(connect(path)) as conn:
        migrate(conn, path)
        conn.execute("BEGIN")
        _add_bridges(conn, bridged)
        _add_mapped(conn, bridged, mapped)
        _add_backlog(conn, backlog, waits_in)
        conn.execute("UPDATE deliveries SET not_before = ?", (not_before,))
        conn.execute("COMMIT")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _add_bridges(conn: Connection, bridged: int) -> None:
    now = time.time()
    for bridge in range(bridged):
        both = (Room.telegram(places.group(bridge)), Room.discord(places.channel(bridge)))
        bridges.add(conn, [BridgeRoom(room, reads=True, writes=True) for room in both], now)
        rooms.begin_cursor(conn, both[1], snowflake(now))


def _add_mapped(conn: Connection, bridged: int, mapped: int) -> None:
    """Messages of the last months in all bridges, half of them from each side."""
    conn.executemany(
        "INSERT INTO messages (id, platform, chat, topic, message_id, author_id, digest, at)"
        " VALUES (?, ?, ?, 0, ?, ?, zeroblob(16), ?)",
        _originals(bridged, mapped),
    )
    conn.executemany(
        "INSERT INTO copies VALUES (?, ?, ?, 0, ?, 0, zeroblob(16))", _copies(bridged, mapped)
    )


def _originals(bridged: int, mapped: int) -> Iterator[tuple[int, str, int, int, int, float]]:
    now = time.time()
    for number in range(1, mapped + 1):
        at = now - _OLDEST_S + (_OLDEST_S - _NEWEST_S) * number / mapped
        platform, chat, message = _place(number, bridged, copy=False)
        yield number, platform, chat, message, number % 1000, at


def _copies(bridged: int, mapped: int) -> Iterator[tuple[int, str, int, int]]:
    for number in range(1, mapped + 1):
        yield number, *_place(number, bridged, copy=True)


def _place(number: int, bridged: int, *, copy: bool) -> tuple[str, int, int]:
    """Where a message of the map stands, or its copy: platform, chat and id."""
    bridge = number // 2 % bridged
    if (number % 2 == 0) != copy:
        return Platform.TELEGRAM.value, places.group(bridge), number
    return Platform.DISCORD.value, places.channel(bridge), _OLD_SNOWFLAKES + number


def _add_backlog(conn: Connection, backlog: int, waits_in: range) -> None:
    """Messages that people said lately, taken in as the daemon takes them in."""
    now = time.time()
    for number in range(1, backlog + 1):
        bridge = waits_in[number // 2 % len(waits_in)]
        there = (Room.telegram(places.group(bridge)), Room.discord(places.channel(bridge)))
        here, to = there if number % 2 else there[::-1]
        key = 500_000_000 + number if number % 2 else snowflake(now) + number
        author = Author(bridge * places.PEOPLE + number % places.PEOPLE, f"Rui {number % 5}")
        said = Message(
            MessageRef(here, key), author, plain(places.TEXT % (_NUMBERS + number)), sent_at=now
        )
        routed = Routed(Posted(said), (Destination(str(bridge + 1), to),), visible_digest(said))
        intake.accept(conn, [routed], Mark(), now)
