"""What is forgotten, when, and in how small steps."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from matebot import upkeep
from matebot.core.delivery import DeliveryKind, Destination, MappedCopy
from matebot.core.errors import StoreUnavailable
from matebot.core.health import HealthReport
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Message, Poll
from matebot.core.richtext import plain
from matebot.storage import deliveries, messages, polls, updates
from matebot.storage.database import Database, connect
from matebot.storage.files import KEEP_S as KEEP_FILES_S
from matebot.storage.store import HOUSEKEEPING_STEP, Store
from matebot.upkeep import Upkeep

GROUP, CHANNEL = Room.telegram(-1001), Room.discord(500)
NOW = 1_800_000_000.0
HOUR_S = 3600.0
DAY_S = 86_400.0
CONTENT_S, MAP_S = 48 * HOUR_S, 365 * DAY_S
LONG_AGO = NOW - 2 * MAP_S


@pytest.fixture
async def store(tmp_path: Path, conn: sqlite3.Connection) -> AsyncIterator[Store]:
    """The store, at a time that stands."""
    del conn  # it has made the schema
    async with Database(connect(tmp_path / "empty.sqlite")) as database:
        yield Store(database, lambda: NOW)


async def forget(store: Store) -> int:
    """One step."""
    return await store.forget_old(content_s=CONTENT_S, map_s=MAP_S)


async def forget_all(store: Store) -> None:
    """As many steps as there are to make."""
    while await forget(store):
        pass


def said(conn: sqlite3.Connection, number: int, at: float, poll: Poll | None = None) -> int:
    """Something that Ana said at a time, with a copy of two parts; returns its row."""
    message = Message(MessageRef(GROUP, number), Author(7, "Ana"), plain(f"m{number}"), poll=poll)
    row = messages.add(conn, message, b"d", at)
    assert row is not None
    for position in (0, 1):
        ref = MessageRef(CHANNEL, 10 * number + position)
        messages.add_copy(conn, row, MappedCopy(ref, position, b"c"))
    polls.note(conn, row, message)
    return row


def waits(conn: sqlite3.Connection, row: int, kind: DeliveryKind = DeliveryKind.EDIT) -> None:
    """Have a delivery of it wait."""
    deliveries.enqueue(conn, kind, Destination("1", CHANNEL), row, NOW)


def known(conn: sqlite3.Connection) -> list[int]:
    """The messages in the map, by their numbers."""
    return [row[0] for row in conn.execute("SELECT message_id FROM messages ORDER BY 1")]


def told(conn: sqlite3.Connection) -> list[int]:
    """Those of which is known what they say."""
    rows = conn.execute("SELECT message_id FROM messages WHERE body IS NOT NULL ORDER BY 1")
    return [row[0] for row in rows]


def copies(conn: sqlite3.Connection) -> list[int]:
    """The copies in the map."""
    return [row[0] for row in conn.execute("SELECT message_id FROM copies ORDER BY 1")]


async def test_an_old_message_goes_with_its_copies(store: Store, conn: sqlite3.Connection) -> None:
    """A newer one stays with its own, be it by a second."""
    said(conn, 1, NOW - MAP_S - 1)
    said(conn, 2, NOW - MAP_S + 1)
    said(conn, 3, NOW)
    await forget_all(store)
    assert known(conn) == [2, 3]
    assert copies(conn) == [20, 21, 30, 31]
    assert messages.find_any(conn, MessageRef(CHANNEL, 10)) is None


async def test_an_answer_outlives_what_it_answers(store: Store, conn: sqlite3.Connection) -> None:
    """It stays in the map, and answers nothing that is known any more."""
    old, new = said(conn, 1, LONG_AGO), said(conn, 2, NOW)
    conn.execute("UPDATE messages SET answers = ? WHERE id = ?", (old, new))
    await forget_all(store)
    assert known(conn) == [2]
    assert messages.answered_by(conn, new) is None


@pytest.mark.parametrize("kind", [k for k in DeliveryKind if k is not DeliveryKind.NOTICE])
async def test_what_waits_for_a_delivery_is_kept(
    store: Store, conn: sqlite3.Connection, kind: DeliveryKind
) -> None:
    """However old it is, with its copies and what it says; once that is done it goes."""
    waits(conn, said(conn, 1, LONG_AGO), kind)
    said(conn, 2, LONG_AGO)
    await forget_all(store)
    assert known(conn) == told(conn) == [1]
    assert copies(conn) == [10, 11]
    conn.execute("DELETE FROM deliveries")
    await forget_all(store)
    assert known(conn) == copies(conn) == []


async def test_what_people_said_is_forgotten_before_its_place(
    store: Store, conn: sqlite3.Connection
) -> None:
    """The text is gone after its own time; answers find the copies still."""
    said(conn, 1, NOW - CONTENT_S - 1)
    said(conn, 2, NOW - CONTENT_S + 1)
    waits(conn, said(conn, 3, NOW - CONTENT_S - 1))
    await forget_all(store)
    assert told(conn) == [2, 3]
    assert known(conn) == [1, 2, 3]
    assert messages.counterpart(conn, MessageRef(GROUP, 1), CHANNEL) == MessageRef(CHANNEL, 10)
    assert messages.counterpart(conn, MessageRef(CHANNEL, 11), GROUP) == MessageRef(GROUP, 1)


async def test_a_poll_is_known_until_it_ends(store: Store, conn: sqlite3.Connection) -> None:
    """What it asks is needed for its result; of one that has ended it is forgotten."""
    open_, ended = Poll("Where?", ("here", "there")), Poll("When?", ("now", "then"))
    said(conn, 1, NOW - CONTENT_S - 1, open_)
    row = said(conn, 2, NOW - CONTENT_S - 1, ended)
    conn.execute("DELETE FROM polls WHERE original = ?", (row,))
    await forget_all(store)
    assert told(conn) == [1]


async def test_an_open_poll_keeps_its_place(store: Store, conn: sqlite3.Connection) -> None:
    """However old it is: its result is still to be told."""
    said(conn, 1, LONG_AGO, Poll("Where?", ("here", "there")))
    said(conn, 2, LONG_AGO)
    await forget_all(store)
    assert known(conn) == [1]


async def test_what_was_given_up_is_forgotten_with_the_map(
    store: Store, conn: sqlite3.Connection
) -> None:
    for number, at in ((1, LONG_AGO), (2, NOW)):
        row = said(conn, number, NOW)
        waits(conn, row)
        (delivery,) = conn.execute("SELECT max(id) FROM deliveries").fetchone()
        deliveries.fail(conn, delivery, "it was odd", at)
    await forget_all(store)
    assert conn.execute("SELECT failed_at FROM failures").fetchall() == [(NOW,)]


@pytest.mark.parametrize("age_s", [0.0, 601.0])
async def test_codes_are_forgotten_once_they_no_longer_count(
    store: Store, conn: sqlite3.Connection, age_s: float
) -> None:
    """With the names of who made them, and of who entered wrong ones."""
    conn.execute(
        "INSERT INTO pairings (code_hash, platform, chat, topic, admin, admin_name, expires_at)"
        " VALUES (x'01', 'telegram', -1001, 0, 7, 'Ana', ?)",
        (NOW + 600.0 - age_s,),
    )
    conn.execute("INSERT INTO wrong_codes VALUES ('telegram', -1001, 7, ?)", (NOW - age_s,))
    await forget_all(store)
    left = [conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in CODES]
    assert left == ([1, 1] if age_s == 0.0 else [0, 0])


CODES = ("pairings", "wrong_codes")
KINDS = {
    "updates": "SELECT count(*) FROM updates",
    "updates kept": "SELECT count(*) FROM raw_updates",
    "texts": "SELECT count(*) FROM messages WHERE body IS NOT NULL AND message_id >= 1000",
    "messages": "SELECT count(*) FROM messages WHERE message_id < 1000",
    "files": "SELECT count(*) FROM files",
    "failures": "SELECT count(*) FROM failures",
}


def counted(conn: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each kind there are to forget."""
    return {kind: conn.execute(query).fetchone()[0] for kind, query in KINDS.items()}


async def test_no_step_is_large(store: Store, conn: sqlite3.Connection) -> None:
    """Each tells how many rows it touched, of no kind too many; the last one touches none."""
    number = 2 * HOUSEKEEPING_STEP + 1
    conn.execute("BEGIN")
    for each in range(number):
        updates.keep_raw(conn, each, b"{}", NOW - updates.KEEP_RAW_S - 1)
        conn.execute("UPDATE messages SET body = NULL WHERE id = ?", (said(conn, each, LONG_AGO),))
        said(conn, 1000 + each, NOW - CONTENT_S - 1)
        conn.execute(
            "INSERT INTO files (key, used_at) VALUES (?, ?)", (str(each), NOW - KEEP_FILES_S - 1)
        )
        conn.execute(
            "INSERT INTO failures (kind, bridge, platform, chat, topic, created_at, failed_at,"
            " attempts, reason) VALUES ('post', '1', 'discord', 500, 0, 0, ?, 1, 'odd')",
            (LONG_AGO,),
        )
    conn.execute("COMMIT")
    steps = []
    before = counted(conn)
    assert set(before.values()) == {number}
    while touched := await forget(store):
        after = counted(conn)
        steps.append({kind: before[kind] - after[kind] for kind in KINDS})
        assert touched == sum(steps[-1].values())
        before = after
    assert set(before.values()) == {0}
    full = dict.fromkeys(KINDS, HOUSEKEEPING_STEP)
    assert steps == [full, full, dict.fromkeys(KINDS, 1)]


async def test_what_is_not_old_is_not_touched(store: Store, conn: sqlite3.Connection) -> None:
    """Updates, files and messages of today: there is nothing to forget."""
    updates.keep_raw(conn, 1, b"{}", NOW)
    said(conn, 1, NOW)
    conn.execute("INSERT INTO files (key, used_at) VALUES ('a', ?)", (NOW,))
    assert await forget(store) == 0


class Reports:
    """Counts how often somebody looks how things stand."""

    looks = 0

    async def __call__(self) -> HealthReport:
        """All is well."""
        self.looks += 1
        return HealthReport(ok=True, parts={})


@asynccontextmanager
async def kept_up(store: Store, reports: Reports) -> AsyncIterator[None]:
    """Upkeep, for as long as the test needs it."""
    looked_after = Upkeep(store, reports, content_s=CONTENT_S, map_s=MAP_S)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(looked_after.run())
        yield
        task.cancel()


async def until_known(conn: sqlite3.Connection, numbers: list[int]) -> None:
    """Wait until just these messages stand in the map."""
    async with asyncio.timeout(10):
        while known(conn) != numbers:
            await asyncio.sleep(0.01)


async def test_upkeep_forgets_step_by_step(store: Store, conn: sqlite3.Connection) -> None:
    """From the start on, and soon again where one was not enough; it looks, and notes the time."""
    conn.execute("BEGIN")
    for number in range(HOUSEKEEPING_STEP + 1):
        said(conn, number, LONG_AGO)
    said(conn, 1000, NOW)
    conn.execute("COMMIT")
    reports = Reports()
    async with kept_up(store, reports):
        await until_known(conn, [1000])
    assert reports.looks == 1
    assert conn.execute("SELECT count(*) FROM facts").fetchone()[0] > 0


class Refusing(Store):
    """A store whose database does not write the first two times."""

    refusals = 2

    async def forget_old(self, *, content_s: float, map_s: float) -> int:
        """Refuse, or do it."""
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("no")
        return await super().forget_old(content_s=content_s, map_s=map_s)


async def test_upkeep_outlives_a_database_that_does_not_write(
    tmp_path: Path, conn: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It forgets the next time."""
    monkeypatch.setattr(upkeep, "FORGET_EVERY_S", 0.01)
    said(conn, 1, LONG_AGO)
    async with (
        Database(connect(tmp_path / "empty.sqlite")) as database,
        kept_up(Refusing(database, lambda: NOW), Reports()),
    ):
        await until_known(conn, [])
