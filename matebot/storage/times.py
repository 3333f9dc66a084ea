"""The times of what waits, kept right over a pause of MateBot's and over a clock that was set."""

import sqlite3

from matebot.storage import rooms

_NOTED = "clock"
SHORTEST_PAUSE_S = 120.0
"""Less is counted as if MateBot had run; longer than the distance between two notes."""


def note(conn: sqlite3.Connection, now: float) -> None:
    """Note that MateBot runs and what its clock says."""
    rooms.note_fact(conn, _NOTED, repr(now))


def mend(conn: sqlite3.Connection, now: float) -> None:
    """At a start: let the time since the last note not count, and follow a clock that went back.

    What waits is given up after a day of trying; a day in which nobody tried, or by which the clock
    was set, is none. Where the clock went back all times go with it, so that nothing waits for a
    day that has been already.
    """
    noted = rooms.fact(conn, _NOTED)
    note(conn, now)
    if noted is None:
        return
    pause_s = now - float(noted)
    if pause_s < 0:
        conn.execute(
            "UPDATE deliveries SET created_at = created_at + ?1, attempted_at = attempted_at + ?1,"
            " not_before = CASE WHEN not_before > 0 THEN not_before + ?1 ELSE 0 END",
            (pause_s,),
        )
    elif pause_s >= SHORTEST_PAUSE_S:
        conn.execute("UPDATE deliveries SET created_at = created_at + ?", (pause_s,))
