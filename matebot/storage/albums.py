"""Albums that wait in the outbox: posts that are to go out together."""

import sqlite3
from typing import Final

from matebot.core.delivery import MOST_OF_AN_ALBUM, Delivery, Destination
from matebot.storage.columns import room_columns
from matebot.storage.deliveries import COLUMNS, read

QUIET_S: Final = 1.0
"""An album is whole once no further part of it has come for so long: nothing tells its last."""


def waiting(conn: sqlite3.Connection, delivery: Delivery) -> list[Delivery]:
    """The posts of one album that wait for the same room, in order; none that stands there."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM deliveries d WHERE album = ? AND platform = ? AND chat = ?"  # noqa: S608  (constants)
        " AND topic = ? AND bridge = ? AND kind = 'post' AND attempted_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.original = d.original"
        " AND c.platform = d.platform AND c.chat = d.chat) ORDER BY id LIMIT ?",
        (delivery.album, *room_columns(delivery.room), delivery.bridge, MOST_OF_AN_ALBUM),
    )
    return [read(row) for row in rows]


def wait_for_more(
    conn: sqlite3.Connection, album: str, destination: Destination, now: float
) -> None:
    """Have an album's posts wait until no further one has come for a while, or all are there."""
    which = (album, *room_columns(destination.room), destination.bridge)
    untried = (
        "album = ? AND platform = ? AND chat = ? AND topic = ? AND bridge = ?"
        " AND kind = 'post' AND attempts = 0 AND failures = 0"
    )
    (there,) = conn.execute(
        f"SELECT count(*) FROM deliveries WHERE {untried}",  # noqa: S608  (a constant)
        which,
    ).fetchone()
    conn.execute(
        f"UPDATE deliveries SET not_before = ? WHERE {untried}",  # noqa: S608  (a constant)
        (now + QUIET_S if there < MOST_OF_AN_ALBUM else 0.0, *which),
    )


def part(conn: sqlite3.Connection, delivery: int) -> None:
    """Have posts that were attempted together as an album go by themselves from now on."""
    conn.execute(
        "UPDATE deliveries SET album = NULL WHERE id = ?1"
        " OR batch = (SELECT batch FROM deliveries WHERE id = ?1)",
        (delivery,),
    )
