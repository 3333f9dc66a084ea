"""The database: order, group commits, failures that stay with their transaction."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from matebot.core.errors import OperatorError, StoreUnavailable
from matebot.storage.database import TURNS_TO_HEAR, Database, connect
from matebot.storage.migrations import known_migrations, migrate


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    connection = connect(tmp_path / "test.sqlite")
    connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    async with Database(connection) as opened:
        yield opened


def _insert(number: int) -> Callable[[sqlite3.Connection], int]:
    def transaction(conn: sqlite3.Connection) -> int:
        conn.execute("INSERT INTO numbers VALUES (?)", (number,))
        return number

    return transaction


def _count(conn: sqlite3.Connection) -> int:
    return int(conn.execute("SELECT count(*) FROM numbers").fetchone()[0])


async def heard() -> None:
    """Let all who waited for a failed transaction act on it."""
    for _ in range(TURNS_TO_HEAR + 2):
        await asyncio.sleep(0)


async def test_a_power_cut_is_survived_by_full_synchronous_commits(database: Database) -> None:
    """The file is in WAL mode with synchronous=FULL (2) and enforces foreign keys."""

    def pragmas(conn: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.run(pragmas) == ["wal", 2, 1]


async def test_transactions_run_in_the_order_of_their_submission(database: Database) -> None:
    """What is submitted first runs first, whoever awaits it when."""
    order: list[int] = []

    def note(number: int) -> Callable[[sqlite3.Connection], None]:
        return lambda _conn: order.append(number)

    futures = [database.submit(note(number)) for number in range(500)]
    await asyncio.gather(*reversed(futures))
    assert order == list(range(500))


async def test_a_failing_transaction_undoes_itself_alone(database: Database) -> None:
    """In one batch a unique key is violated: its neighbours are committed, it is not."""
    futures = [database.submit(_insert(n)) for n in (1, 2, 2, 3)]
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(result) for result in results] == [int, int, sqlite3.IntegrityError, int]
    assert await database.run(_count) == 3


async def test_a_cancelled_waiter_does_not_split_its_transaction(database: Database) -> None:
    """Cancelling who waits takes nothing back: the transaction is whole."""

    def two(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO numbers VALUES (10)")
        conn.execute("INSERT INTO numbers VALUES (11)")

    future = database.submit(two)
    future.cancel()
    assert await database.run(_count) == 2


async def test_a_database_that_does_not_write_says_so_and_recovers(tmp_path: Path) -> None:
    """While the file may not grow each waiter gets StoreUnavailable; afterwards it works again."""
    connection = connect(tmp_path / "full.sqlite")
    connection.execute("CREATE TABLE blobs (b BLOB)")
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")

    def fill(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO blobs VALUES (zeroblob(1000000))")

    async with Database(connection) as full:
        with pytest.raises(StoreUnavailable, match="full"):
            await full.run(fill)
        await heard()
        await full.run(lambda conn: conn.execute("PRAGMA max_page_count=1000000").fetchone())
        await full.run(fill)


async def test_nothing_overtakes_what_was_not_stored(tmp_path: Path) -> None:
    """What was submitted before a failure was heard of fails with it; what comes later does not."""
    connection = connect(tmp_path / "order.sqlite")
    connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    started, go_on = threading.Event(), threading.Event()

    def breaks(_conn: sqlite3.Connection) -> None:
        started.set()
        go_on.wait()
        raise sqlite3.OperationalError("disk I/O error")

    async with Database(connection) as broken:
        first = broken.submit(breaks)
        await asyncio.to_thread(started.wait)
        second = broken.submit(_insert(2))

        async def act_on_it() -> None:
            """Who waits behind a shield and a task hears of it some turns later."""
            with pytest.raises(StoreUnavailable):
                await asyncio.shield(first)
            with pytest.raises(StoreUnavailable, match="came before"):
                await broken.run(_insert(4))

        async with asyncio.TaskGroup() as group:
            group.create_task(act_on_it())
            await asyncio.sleep(0)
            go_on.set()
        with pytest.raises(StoreUnavailable, match="came before"):
            await second
        await heard()
        assert await broken.run(_insert(3)) == 3
        assert await broken.run(_count) == 1


async def test_closing_waits_for_what_was_submitted(tmp_path: Path) -> None:
    """What was queued before the end is on disk after it; later submissions are refused."""
    path = tmp_path / "closing.sqlite"
    connection = connect(path)
    connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    async with Database(connection) as closing:
        futures = [closing.submit(_insert(n)) for n in range(300)]
    await asyncio.gather(*futures)
    with pytest.raises(StoreUnavailable, match="closed"):
        closing.submit(_count)
    again = connect(path)
    assert _count(again) == 300
    again.close()


_WRITER = """
import asyncio, sys
from pathlib import Path
from matebot.storage.database import Database, connect

async def main(path):
    connection = connect(Path(path))
    connection.execute("CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY)")
    async with Database(connection) as database:
        for n in range(10**9):
            await database.run(lambda c: c.execute("INSERT INTO numbers VALUES (?)", (n,)) and None)
            print(n, flush=True)

asyncio.run(main(sys.argv[1]))
"""


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    """Every transaction that was answered before a kill -9 is in a sound file afterwards."""
    path = tmp_path / "killed.sqlite"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    answered = -1
    for line in writer.stdout:
        answered = int(line)
        if answered >= 200:
            break
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.stdout.read().splitlines()
    writer.wait()
    writer.stdout.close()
    if rest and rest[-1].isdigit():
        answered = int(rest[-1])
    connection = connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert _count(connection) >= answered + 1
    connection.close()


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    """The n-th file has the number n."""
    assert [m.number for m in known_migrations()] == list(range(1, len(known_migrations()) + 1))


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    """A database of the present schema is left as it is."""
    path = tmp_path / "m.sqlite"
    connection = connect(path)
    migrate(connection, path)
    before = connection.execute("SELECT sql FROM sqlite_master ORDER BY 1").fetchall()
    migrate(connection, path)
    assert connection.execute("SELECT sql FROM sqlite_master ORDER BY 1").fetchall() == before
    connection.close()


def test_a_newer_database_is_refused_with_the_name_of_a_backup(tmp_path: Path) -> None:
    """A file of a later schema is not touched; the refusal names the backup that fits, if any."""
    path = tmp_path / "n.sqlite"
    connection = connect(path)
    migrate(connection, path)
    newer = len(known_migrations()) + 1
    connection.execute(f"PRAGMA user_version={newer}")
    with pytest.raises(OperatorError, match="newer MateBot"):
        migrate(connection, path)
    backup = tmp_path / f"n.schema-{newer - 1}.backup.sqlite"
    backup.touch()
    with pytest.raises(OperatorError, match=backup.name):
        migrate(connection, path)
    connection.close()
