"""The transactions of linking, as rows: what is kept, what is forgotten, and what stays whole."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from matebot.core.bridges import BridgeRoom
from matebot.core.ids import Room
from matebot.core.linking import Asked, Confirmed, Person, Say, Stamp
from matebot.core.notice import Notice
from matebot.core.richtext import RichText
from matebot.storage import bridges
from matebot.storage.database import Database, connect
from matebot.storage.migrations import migrate
from matebot.storage.pairings import PairingStore

GROUP = Room.telegram(-1001)
TOPIC = Room.telegram(-1001, 7)
CHANNEL = Room.discord(5000)
ANNA, DORA = Person(11, "Anna"), Person(22, "Dora")
HELLO = Say(GROUP, Notice(RichText("hello")))
HASH = b"h" * 32


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    path = tmp_path / "matebot.sqlite3"
    connection = connect(path)
    migrate(connection, path)
    async with Database(connection) as database:
        yield database


@pytest.fixture
def store(database: Database) -> PairingStore:
    """Its transactions."""
    return PairingStore(database)


async def count(database: Database, table: str) -> int:
    """How many rows a table has."""
    row = await database.run(lambda conn: conn.execute(f"SELECT count(*) FROM {table}").fetchone())
    return int(row[0])


async def test_effect_words_and_update_are_one_commit(
    database: Database, store: PairingStore
) -> None:
    """If what is to be said cannot be stored, neither the effect nor the update's id is."""
    assert await store.offer(GROUP, ANNA, HASH, [HELLO], Stamp(0.0, 1))

    def fail(_: Asked) -> list[Say]:
        raise RuntimeError("no words")

    with pytest.raises(RuntimeError):
        await store.ask(HASH, CHANNEL, DORA, fail, Stamp(1.0, 2))
    assert await count(database, "updates") == 1
    assert (await store.open_code(HASH, 1.0)) is not None
    assert await store.ask(HASH, CHANNEL, DORA, lambda _: [HELLO], Stamp(1.0, 2)) is Asked.ASKED
    assert await count(database, "deliveries") == 2


async def test_every_transaction_heeds_the_update(database: Database, store: PairingStore) -> None:
    """An update that was seen before changes nothing, whichever transaction it comes to."""
    seen = Stamp(0.0, 1)
    assert await store.say([HELLO], seen)
    assert not await store.say([HELLO], seen)
    assert not await store.offer(GROUP, ANNA, HASH, [HELLO], seen)
    assert await store.ask(HASH, CHANNEL, DORA, lambda _: [HELLO], seen) is None
    assert await store.confirm(1, frozenset(), lambda *_: [HELLO], seen) is None
    assert not await store.refuse(1, [HELLO], seen)
    assert await store.leave(GROUP, lambda *_: [HELLO], seen) is None
    assert not await store.set_language(GROUP, "pt_BR", [HELLO], seen)
    assert await count(database, "deliveries") == 1
    assert await count(database, "pairings") == 0
    assert await store.languages([GROUP]) == {}


async def test_two_hands_on_one_code(store: PairingStore) -> None:
    """Of two that use a code at the same moment, one has it."""
    await store.offer(GROUP, ANNA, HASH, [], Stamp(0.0))
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                store.ask(HASH, Room.discord(5000 + n), DORA, lambda _: [], Stamp(1.0))
            )
            for n in range(2)
        ]
    assert sorted(str(task.result()) for task in tasks) == [Asked.ASKED, Asked.UNKNOWN]


async def test_two_presses_make_one_bridge(database: Database, store: PairingStore) -> None:
    """A confirmation pressed twice at once joins once."""
    await store.offer(GROUP, ANNA, HASH, [], Stamp(0.0))
    await store.ask(HASH, CHANNEL, DORA, lambda _: [], Stamp(1.0))
    pairing = await store.asking_in(GROUP, ANNA.id, 1.0)
    assert pairing is not None
    assert (pairing.other, pairing.other_admin) == (CHANNEL, "Dora")
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(store.confirm(pairing.id, frozenset(), lambda *_: [], Stamp(2.0)))
            for _ in range(2)
        ]
    assert [task.result() for task in tasks] == [Confirmed.JOINED, Confirmed.GONE]
    assert await count(database, "bridges") == 1
    assert await count(database, "pairings") == 0


async def test_old_rows_go(database: Database, store: PairingStore) -> None:
    """Expired pairings and old wrong codes do not gather."""
    for day in range(5):
        now = day * 86_400.0
        await store.offer(Room.telegram(-1 - day), ANNA, bytes([day]) * 32, [], Stamp(now))
        await store.ask(b"wrong", CHANNEL, DORA, lambda _: [], Stamp(now))
    assert await count(database, "pairings") == 1
    assert await count(database, "wrong_codes") == 1


async def test_refused_tries_are_not_counted_on(database: Database, store: PairingStore) -> None:
    """Trying while refused prolongs nothing and stores nothing."""
    outcomes = [
        await store.ask(b"wrong", CHANNEL, DORA, lambda _: [], Stamp(float(second)))
        for second in range(8)
    ]
    assert outcomes == [Asked.UNKNOWN] * 5 + [Asked.TOO_MANY] * 3
    assert await count(database, "wrong_codes") == 5


async def test_a_topic_and_its_whole_chat(database: Database, store: PairingStore) -> None:
    """They overlap: not to be joined with each other, and leaving one leaves what holds it."""
    await store.offer(GROUP, ANNA, HASH, [], Stamp(0.0))
    outcome = await store.ask(HASH, TOPIC, DORA, lambda _: [], Stamp(1.0))
    assert outcome is Asked.SAME_ROOM
    parts = [BridgeRoom(room, reads=True, writes=True) for room in (GROUP, CHANNEL)]
    await database.run(lambda conn: bridges.add(conn, parts, 0.0))
    left: list[tuple[Room | None, tuple[Room, ...]]] = []

    def reply(room: Room | None, others: tuple[Room, ...]) -> list[Say]:
        left.append((room, others))
        return []

    assert await store.leave(TOPIC, reply, Stamp(2.0))
    assert left == [(GROUP, (CHANNEL,))]
    assert await database.run(bridges.all_bridges) == ()


async def test_waiting_is_counted_by_room(store: PairingStore) -> None:
    """A topic's deliveries are not its neighbour's."""
    await store.say([HELLO, HELLO, Say(TOPIC, HELLO.notice)], Stamp(0.0))
    assert await store.waiting([GROUP, TOPIC, CHANNEL]) == {GROUP: 2, TOPIC: 1, CHANNEL: 0}
