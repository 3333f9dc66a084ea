"""What waits keeps its times through a pause of MateBot's and a clock that was set."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from matebot.core.clock import SteadyClock
from matebot.storage import times
from matebot.storage.database import connect
from matebot.storage.migrations import migrate

NOW = 1_800_000_000.0
DAY_S = 86_400.0


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A database with a delivery that was tried once and one that was not."""
    path = tmp_path / "t.sqlite"
    connection = connect(path)
    migrate(connection, path)
    for not_before, attempted_at in ((NOW + 30.0, NOW - 1.0), (0.0, None)):
        connection.execute(
            "INSERT INTO deliveries (kind, bridge, platform, chat, topic, created_at, not_before,"
            " attempted_at) VALUES ('notice', '', 'telegram', -1, 0, ?, ?, ?)",
            (NOW - 10.0, not_before, attempted_at),
        )
    times.note(connection, NOW)
    yield connection
    connection.close()


def rows(conn: sqlite3.Connection) -> list[tuple[float | None, ...]]:
    """Times of both, as seconds from `NOW`."""
    found = conn.execute("SELECT created_at, not_before, attempted_at FROM deliveries ORDER BY id")
    return [tuple(None if at is None else at - NOW if at else 0.0 for at in row) for row in found]


UNTOUCHED = [(-10.0, 30.0, -1.0), (-10.0, 0.0, None)]


@pytest.mark.parametrize("pause_s", [0.0, 20.0, times.SHORTEST_PAUSE_S - 1])
def test_a_short_pause_counts(conn: sqlite3.Connection, pause_s: float) -> None:
    """A restart changes nothing."""
    times.mend(conn, NOW + pause_s)
    assert rows(conn) == UNTOUCHED


def test_a_day_in_which_nobody_tried_is_none(conn: sqlite3.Connection) -> None:
    """Down for a day, or the clock set forward: what waits is no older, what was put off is due."""
    times.mend(conn, NOW + DAY_S)
    assert rows(conn) == [(DAY_S - 10.0, 30.0, -1.0), (DAY_S - 10.0, 0.0, None)]
    times.mend(conn, NOW + DAY_S + 1.0)
    assert rows(conn)[1] == (DAY_S - 10.0, 0.0, None)


def test_all_times_follow_a_clock_that_went_back(conn: sqlite3.Connection) -> None:
    """Nothing waits for a day that has been already."""
    times.mend(conn, NOW - DAY_S)
    assert rows(conn) == [(-DAY_S - 10.0, -DAY_S + 30.0, -DAY_S - 1.0), (-DAY_S - 10.0, 0.0, None)]


def test_the_first_start_changes_nothing(conn: sqlite3.Connection) -> None:
    """Without a note there is nothing to compare with."""
    conn.execute("DELETE FROM facts")
    times.mend(conn, NOW + DAY_S)
    assert rows(conn) == UNTOUCHED


def test_the_steady_clock_does_not_jump() -> None:
    """It begins with the system's time and then only grows."""
    wall, running = [NOW], [50.0]
    clock = SteadyClock(lambda: wall[0], lambda: running[0])
    assert clock() == NOW
    wall[0] -= DAY_S
    running[0] += 1.5
    assert clock() == NOW + 1.5
