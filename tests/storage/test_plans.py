"""The cost of a message does not grow with the map: what is asked for each one goes by an index."""

import sqlite3

from matebot.core.delivery import Delivery, DeliveryKind, Destination
from matebot.core.ids import Room
from matebot.storage import albums, messages


def plans(conn: sqlite3.Connection, statements: list[str]) -> list[str]:
    """How SQLite goes about statements whose values stand in them."""
    return [
        row[3]
        for statement in statements
        if statement.startswith(("SELECT", "DELETE"))
        for row in conn.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]


def test_copies_are_found_by_their_original(conn: sqlite3.Connection) -> None:
    """And not by walking through all copies of a chat."""
    statements: list[str] = []
    conn.set_trace_callback(statements.append)
    messages.copies_in(conn, 1, Room.telegram(-1001))
    conn.set_trace_callback(None)
    (first, *_) = plans(conn, statements)
    assert "copies_of (original=?)" in first


def test_the_posts_of_an_album_are_found_by_it(conn: sqlite3.Connection) -> None:
    """However much waits in their lane."""
    statements: list[str] = []
    room = Room.telegram(-1001)
    delivery = Delivery(
        1, DeliveryKind.POST, "1", room, 1, None, 0.0, 0.0, 0, 0, None, 0, album="a"
    )
    conn.set_trace_callback(statements.append)
    albums.waiting(conn, delivery)
    albums.wait_for_more(conn, "a", Destination("1", room), 0.0)
    conn.set_trace_callback(None)
    steps = plans(conn, statements)
    assert sum("deliveries_by_album (album=?" in step for step in steps) == 2
    assert not any("SCAN" in step for step in steps)


def test_old_messages_are_found_by_their_age(conn: sqlite3.Connection) -> None:
    """Forgetting in small steps reads no more than it forgets."""
    statements: list[str] = []
    conn.set_trace_callback(statements.append)
    messages.forget_old(conn, 1.0, 200)
    conn.set_trace_callback(None)
    assert any("messages_by_whole_age (at<?)" in step for step in plans(conn, statements))
