"""What is remembered of files, and for how long."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.core.media import LeftOut, Ready, Reason, Sent
from matebot.core.message import Attachment, AttachmentKind
from matebot.storage.database import Database, connect
from matebot.storage.files import EXACT_S, KEEP_S, Files, forget_old
from matebot.storage.migrations import migrate

DAY_S = 86_400.0
READY = Ready(
    "k", AttachmentKind.VOICE, "v.ogg", "audio/ogg", 12, duration_s=1.5, waveform=b"\x00\xff"
)
BROKEN = LeftOut(Attachment(AttachmentKind.STICKER), Reason.BROKEN)


class Clock:
    """Unix time that stands until it is moved."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    path = tmp_path / "matebot.sqlite"
    connection = connect(path)
    migrate(connection, path)
    async with Database(connection) as database:
        yield database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def files(database: Database, clock: Clock) -> Files:
    return Files(database, clock)


async def used_at(database: Database, key: str) -> float:
    row = await database.run(
        lambda conn: conn.execute("SELECT used_at FROM files WHERE key = ?", (key,)).fetchone()
    )
    return float(row[0])


async def test_what_became_of_files_is_known(files: Files) -> None:
    """Both outcomes come back as they were; of what nobody noted nothing is told."""
    await files.note("a", READY)
    await files.note("b", BROKEN)
    assert await files.known(["a", "b", "c"]) == {"a": Sent(READY), "b": Sent(BROKEN)}
    assert await files.known([]) == {}


async def test_a_remote_stays_with_an_outcome_and_without(files: Files) -> None:
    """Neither note wipes the other; an empty remote is none."""
    await files.note_remote("a", "AgAC")
    assert await files.known(["a"]) == {"a": Sent(None, "AgAC")}
    await files.note("a", READY)
    assert await files.known(["a"]) == {"a": Sent(READY, "AgAC")}
    await files.note_remote("a", "")
    assert await files.known(["a"]) == {"a": Sent(READY)}


async def test_use_keeps_an_entry_and_is_written_once_a_day(
    files: Files, database: Database, clock: Clock
) -> None:
    """Many uses on one day are one write."""
    await files.note("a", READY)
    began = clock.now
    clock.now += EXACT_S / 2
    await files.known(["a"])
    assert await used_at(database, "a") == began
    clock.now += EXACT_S
    await files.known(["a"])
    assert await used_at(database, "a") == clock.now


async def test_what_is_not_used_is_forgotten_in_steps(
    files: Files, database: Database, clock: Clock
) -> None:
    """After thirty days, a few at a time; what was used meanwhile stays."""
    for key in ("a", "b", "c", "d"):
        await files.note(key, READY)
    clock.now += KEEP_S - DAY_S
    await files.known(["d"])
    clock.now += 2 * DAY_S

    def step(conn: sqlite3.Connection) -> int:
        return forget_old(conn, clock.now - KEEP_S, 2)

    assert [await database.run(step) for _ in range(3)] == [2, 1, 0]
    assert set(await files.known(["a", "b", "c", "d"])) == {"d"}


async def test_what_another_version_wrote_is_found_out_anew(
    files: Files, database: Database
) -> None:
    """An outcome that cannot be read is none, and no error; its remote still counts."""
    await database.run(
        lambda conn: conn.execute("INSERT INTO files VALUES ('a', x'93c0', 'AgAC', 1.0)")
    )
    assert await files.known(["a"]) == {"a": Sent(None, "AgAC")}


async def test_old_files_are_found_by_their_use(database: Database) -> None:
    """Forgetting reads no more than it forgets."""
    plan = await database.run(
        lambda conn: conn.execute(
            "EXPLAIN QUERY PLAN SELECT key FROM files WHERE used_at < 1 LIMIT 2"
        ).fetchall()
    )
    assert any("files_by_use (used_at<?)" in row[3] for row in plan)
