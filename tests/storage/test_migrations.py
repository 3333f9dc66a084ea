"""An upgrade: what an older version wrote is kept, and a copy of it lies beside the file."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from matebot.core.errors import OperatorError
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Message
from matebot.core.notice import Notice
from matebot.core.richtext import plain
from matebot.storage import migrations
from matebot.storage.database import connect
from matebot.storage.migrations import Migration, known_migrations
from matebot.storage.opening import opened
from matebot.storage.store import Store

NEWEST = len(known_migrations())
OLDER = range(1, NEWEST)
GROUP, CHANNEL = Room.telegram(-1001), Room.discord(500)
SAID = Message(MessageRef(GROUP, 7), Author(7, "Ana"), plain("said before the upgrade"))

ROWS = """
INSERT INTO updates VALUES (1, 10.0);
INSERT INTO messages (id, platform, chat, topic, message_id, author_id, digest, at)
    VALUES (1, 'telegram', -1001, 0, 7, 7, x'01', 10.0);
INSERT INTO messages (id, platform, chat, topic, message_id, author_id, digest, at, answers)
    VALUES (2, 'telegram', -1001, 0, 8, 7, x'02', 11.0, 1);
INSERT INTO copies VALUES (2, 'discord', 500, 0, 900, 0, x'03');
INSERT INTO reactions VALUES (2, 'discord', 500, 9, '👍', '');
INSERT INTO deliveries (kind, bridge, platform, chat, topic, original, created_at)
    VALUES ('post', '1', 'discord', 500, 0, 1, 10.0);
INSERT INTO bridges VALUES (1, 9.0);
INSERT INTO bridge_rooms VALUES (1, 'telegram', -1001, 0, 1, 1);
INSERT INTO rooms VALUES ('discord', 500, 0, 'pt-BR', 899, NULL);
INSERT INTO webhooks VALUES (77, 500);
INSERT INTO facts VALUES ('a fact', 'noted');
"""

_encode = msgspec.msgpack.Encoder().encode
Rows = Mapping[str, Sequence[tuple[object, ...]]]
BROKEN = Migration(
    NEWEST + 1,
    "CREATE TABLE half_made (n INTEGER) STRICT;\n"
    "UPDATE messages SET digest = x'ff';\n"
    "INSERT INTO nowhere VALUES (1);",
)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where the database lies; files are made as if nobody had told the system to be careful."""
    before = os.umask(0)
    yield tmp_path / "matebot.sqlite"
    os.umask(before)


def as_version(path: Path, schema: int) -> dict[str, list[str]]:
    """Write a database as a version of that schema left it; returns its tables' columns."""
    with closing(connect(path)) as connection:
        for step in known_migrations()[:schema]:
            connection.executescript(step.sql)
        connection.execute(f"PRAGMA user_version={schema}")
        connection.executescript(ROWS)
        connection.execute("UPDATE messages SET body = ? WHERE id = 1", (_encode(SAID),))
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {
            name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            for (name,) in tables.fetchall()
            if not name.startswith("sqlite_")
        }


def held(path: Path, columns: Mapping[str, Sequence[str]]) -> tuple[int, str, Rows]:
    """A database's schema, the verdict on it, and what stands in those columns."""
    with closing(sqlite3.connect(path)) as connection:
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return (
            schema,
            verdict,
            {
                table: connection.execute(
                    f"SELECT {', '.join(names)} FROM {table} ORDER BY 1"
                ).fetchall()
                for table, names in columns.items()
            },
        )


def backup(path: Path, schema: int) -> Path:
    """What an upgrade from that schema leaves beside the database."""
    return path.with_name(f"matebot.schema-{schema}.backup.sqlite")


def backups(path: Path) -> set[Path]:
    """All that lies there besides the database and SQLite's own files."""
    own = {path, *(path.with_name(f"{path.name}-{more}") for more in ("wal", "shm"))}
    return set(path.parent.iterdir()) - own


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


async def open_once(path: Path) -> None:
    """Start and end with that database."""
    async with opened(path):
        pass


async def test_a_new_database_has_nothing_to_back_up(path: Path) -> None:
    """It gets the newest schema, is private, and neither start leaves a copy."""
    await open_once(path)
    await open_once(path)
    assert held(path, {})[:2] == (NEWEST, "ok")
    assert mode(path) == 0o600
    assert backups(path) == set()


@pytest.mark.parametrize("schema", OLDER)
async def test_what_an_older_version_wrote_survives(path: Path, schema: int) -> None:
    """Each row is there under the newest schema, and in a private copy of each step's before."""
    columns = as_version(path, schema)
    before = held(path, columns)
    await open_once(path)
    assert held(path, columns) == (NEWEST, "ok", before[2])
    assert backups(path) == {backup(path, number) for number in range(schema, NEWEST)}
    for number in range(schema, NEWEST):
        assert held(backup(path, number), columns) == (number, "ok", before[2])
        assert mode(backup(path, number)) == 0o600


async def test_what_waited_before_the_upgrade_is_delivered_after_it(path: Path) -> None:
    """A row of the oldest schema is a job of this version's, with the message as it was said."""
    as_version(path, 1)
    async with opened(path) as database:
        job = await Store(database, lambda: 20.0).next_in(CHANNEL)
    assert job is not None
    assert job.message == SAID
    assert (job.language, job.delivery.posts, job.delivery.album) == ("pt-BR", 1, None)


async def test_an_upgrade_forgets_the_copies_of_earlier_ones(path: Path) -> None:
    """They hold what people said; its own stay, and so does what is none of MateBot's.

    What an upgrade made that was cut off a moment ago is its own, too.
    """
    as_version(path, NEWEST - 1)
    other = path.with_name("mine.backup.sqlite")
    for file in (backup(path, 1), backup(path, NEWEST - 2), other):
        file.write_text("of an earlier upgrade")
    for file in (backup(path, 1), other):
        os.utime(file, (time.time() - 2 * 86_400,) * 2)
    await open_once(path)
    assert backups(path) == {backup(path, NEWEST - 2), backup(path, NEWEST - 1), other}


async def test_an_upgrade_that_was_cut_off_is_made_anew(path: Path) -> None:
    """A copy, or half of one, that it left is replaced by a whole one."""
    columns = as_version(path, NEWEST - 1)
    before = held(path, columns)
    target = backup(path, NEWEST - 1)
    for file in (target, target.with_name(f"{target.name}.partial")):
        file.write_text("half a copy")
    await open_once(path)
    assert backups(path) == {target}
    assert held(target, columns) == before


@pytest.mark.parametrize("schema", [1, NEWEST - 1, NEWEST])
async def test_a_step_that_fails_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, schema: int
) -> None:
    """The steps before it hold, their copies and its own stay; the version before it goes on."""
    columns = as_version(path, schema)
    before = held(path, columns)
    kept = {backup(path, number) for number in range(schema, NEWEST + 1)}
    with monkeypatch.context() as newer:
        steps = [*known_migrations(), BROKEN]
        newer.setattr(migrations, "known_migrations", lambda: steps)
        for _start in range(2):
            with pytest.raises(OperatorError, match="cannot be used: no such table: nowhere"):
                await open_once(path)
            assert held(path, columns) == (NEWEST, "ok", before[2])
            assert backups(path) == kept
            assert held(backup(path, NEWEST), columns) == (NEWEST, "ok", before[2])
            assert mode(backup(path, NEWEST)) == 0o600
    with closing(sqlite3.connect(path)) as connection:
        made = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half_made'")
        assert made.fetchone() is None
    async with opened(path) as database:
        assert await Store(database, lambda: 20.0).next_in(CHANNEL) is not None


async def test_the_backup_that_a_refusal_names_can_be_put_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade the version before refuses, touches nothing, and goes on with that copy."""
    columns = as_version(path, NEWEST - 1)
    before = held(path, columns)
    await open_once(path)
    steps = known_migrations()[:-1]
    monkeypatch.setattr(migrations, "known_migrations", lambda: steps)
    as_it_was = path.read_bytes()
    target = backup(path, NEWEST - 1)
    with pytest.raises(OperatorError, match=f"newer MateBot.*put back the backup {target}"):
        await open_once(path)
    assert path.read_bytes() == as_it_was
    target.replace(path)
    await open_once(path)
    assert held(path, columns) == before


TOLD_BEFORE = """
INSERT INTO troubles VALUES ('discord', 500, 0, 'telegram:-1001', 1.0);
INSERT INTO troubles VALUES ('discord', 501, 0, 'telegram:-1001 room-gone', 2.0);
INSERT INTO troubles VALUES ('discord', 502, 0, 'permission', 3.0);
"""


async def test_troubles_that_were_told_are_not_told_again(path: Path) -> None:
    """Of older versions it is known to whom alone: that it was of a room that cannot be reached."""
    as_version(path, 8)
    with closing(connect(path)) as connection:
        connection.executescript(TOLD_BEFORE)
    async with opened(path) as database:
        store = Store(database)
        assert await store.troubled("room-unreachable") == {CHANNEL}
        assert await store.troubled("room-gone") == {Room.discord(501)}
        assert not await store.ask_permission(Room.discord(502), Notice(plain("?")))
        notice = Notice(plain("!"))

        async def tell() -> bool:
            return await store.notify(GROUP, notice, trouble_in=CHANNEL, what="room-unreachable")

        assert not await tell()
        await store.over(CHANNEL, "room-unreachable")
        assert await tell()
