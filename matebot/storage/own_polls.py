"""MateBot's own polls: where each is asked, who votes how there, and when it ends.

What all rooms say together stands in the poll's message (`Poll.votes`, `Poll.closed`), so that its
copies are brought up to it like those of any other original.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from matebot.core.delivery import DeliveryKind, Destination, Routed
from matebot.core.events import Polled, Voted
from matebot.core.ids import Platform, Room
from matebot.core.linking import Stamp
from matebot.core.message import Message, Poll
from matebot.storage import bridges, deliveries, messages, polls, updates
from matebot.storage.columns import room_columns, to_ref, to_room
from matebot.storage.database import Database

FOLD_VOTES_S: Final = 3.0
"""A tally waits so long for more votes."""

_encode = msgspec.msgpack.Encoder().encode


class _Twin(NamedTuple):
    """A poll as it is asked in one chat."""

    original: int
    platform: str
    chat: int


def everywhere(conn: sqlite3.Connection, original: int, item: Routed) -> Routed:
    """An event about an original, to where that is asked if it is a poll of MateBot's own."""
    places = _places(conn, original)
    return item._replace(destinations=places) if places else item


def told(conn: sqlite3.Connection, event: Polled | Voted, now: float) -> set[Room]:
    """Count what is told of a poll of MateBot's own; returns the lanes that are to show it."""
    match event:
        case Polled():
            return _stands(conn, event, now)
        case Voted():
            return _voted(conn, event, now)


def _voted(conn: sqlite3.Connection, event: Voted, now: float) -> set[Room]:
    original = messages.find_any(conn, event.ref)
    if original is None:
        _park(conn, event)
        return set()
    return _vote(conn, original, event, now)


def _vote(conn: sqlite3.Connection, original: int, event: Voted, now: float) -> set[Room]:
    if _poll(conn, original) is None:
        return set()
    room = event.ref.room
    vote = (original, room.platform.value, room.chat, event.person, event.option)
    if event.chosen:
        conn.execute("INSERT OR IGNORE INTO poll_votes VALUES (?, ?, ?, ?, ?)", vote)
    else:
        conn.execute(
            "DELETE FROM poll_votes WHERE original = ? AND platform = ? AND chat = ?"
            " AND person = ? AND option = ?",
            vote,
        )
    return _bring(conn, original, now)


_UNDER_WAY: Final = (
    "EXISTS (SELECT 1 FROM deliveries d JOIN poll_twins USING (original, platform, chat)"
    " WHERE d.kind = 'post' AND d.attempts > 0 AND d.platform = {0} AND d.chat = {1})"
)


def _park(conn: sqlite3.Connection, event: Voted) -> None:
    """Keep a vote in what may be a twin whose posting was begun: nobody tells of it again."""
    conn.execute(
        "INSERT OR REPLACE INTO parked_votes SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE "
        + _UNDER_WAY.format("?1", "?2"),
        (*event.ref.key, event.person, event.option, event.chosen),
    )


def _unpark(conn: sqlite3.Connection, now: float) -> set[Room]:
    """Count the votes whose twins are known by now; forget those that were in none of them."""
    touched: set[Room] = set()
    for platform, chat, message, person, option, chosen in conn.execute(
        "SELECT platform, chat, message_id, person, option, chosen FROM parked_votes"
    ).fetchall():
        event = Voted(to_ref(platform, chat, 0, message), person, option, bool(chosen))
        original = messages.find_any(conn, event.ref)
        if original is not None:
            touched |= _vote(conn, original, event, now)
            conn.execute(
                "DELETE FROM parked_votes WHERE platform = ? AND chat = ? AND message_id = ?"
                " AND person = ? AND option = ?",
                (*event.ref.key, person, option),
            )
    conn.execute(
        "DELETE FROM parked_votes AS v WHERE NOT "  # noqa: S608  (constants)
        + _UNDER_WAY.format("v.platform", "v.chat")
    )
    return touched


def _stands(conn: sqlite3.Connection, event: Polled, now: float) -> set[Room]:
    """Note how a poll of MateBot's own stands in one room; ended there, it ends everywhere."""
    twin = _twin(conn, event)
    if twin is None:
        return set()
    figures = json.dumps(event.poll.votes or (0,) * len(event.poll.options))
    conn.execute(
        "UPDATE poll_twins SET figures = ? WHERE original = ? AND platform = ? AND chat = ?",
        (figures, *twin),
    )
    return _bring(conn, twin.original, now, closed=event.poll.closed)


def move(conn: sqlite3.Connection, platform: str, old: int, new: int) -> None:
    """Give a chat its new id; what was voted in it stays counted."""
    for table in ("poll_twins", "poll_votes"):
        conn.execute(
            f"UPDATE OR IGNORE {table} SET chat = ? WHERE platform = ? AND chat = ?",  # noqa: S608  (constants)
            (new, platform, old),
        )


def _poll(conn: sqlite3.Connection, original: int) -> tuple[Message, Poll] | None:
    """A poll of MateBot's own, as it stands in all rooms together; None for all else."""
    found = messages.get(conn, original)
    if found is None or found.deleted or found.message is None or found.message.poll is None:
        return None
    return (found.message, found.message.poll) if found.message.poll.own else None


def _places(conn: sqlite3.Connection, original: int) -> tuple[Destination, ...]:
    rows = conn.execute(
        "SELECT bridge, platform, chat, topic FROM poll_twins WHERE original = ?", (original,)
    ).fetchall()
    return tuple(
        Destination(bridge, to_room(*room), bridges.choices_of(conn, bridge))
        for bridge, *room in rows
    )


def _twin(conn: sqlite3.Connection, event: Polled) -> _Twin | None:
    if event.ref is not None:
        platform, chat, _ = event.ref.key
        row = conn.execute(
            "SELECT original, platform, chat FROM poll_twins"
            " WHERE original = ? AND platform = ? AND chat = ?",
            (messages.find_any(conn, event.ref), platform, chat),
        ).fetchone()
    else:
        row = conn.execute(
            "SELECT original, platform, chat FROM poll_twins WHERE poll_id = ? AND poll_id <> ''",
            (event.poll.id,),
        ).fetchone()
    return _Twin(*row) if row is not None else _nameless(conn, event.poll)


def _nameless(conn: sqlite3.Connection, poll: Poll) -> _Twin | None:
    """The twin that asks the same and whose id is unknown: the answer to its sending was lost.

    Telegram tells a poll's id in that answer alone. From now on this one is it.
    """
    rows = conn.execute(
        "SELECT t.original, t.platform, t.chat FROM poll_twins t JOIN own_polls USING (original)"
        " WHERE t.platform = ? AND t.poll_id = '' ORDER BY t.original",
        (Platform.TELEGRAM.value,),
    ).fetchall()
    for twin in (_Twin(*row) for row in rows if poll.id):
        known = _poll(conn, twin.original)
        if known is None:
            continue
        if (known[1].question, known[1].options) == (poll.question, poll.options):
            conn.execute(
                "UPDATE poll_twins SET poll_id = ?"
                " WHERE original = ? AND platform = ? AND chat = ?",
                (poll.id, *twin),
            )
            return twin
    return None


def _bring(
    conn: sqlite3.Connection, original: int, now: float, *, closed: bool = False
) -> set[Room]:
    """Count together, and have the copies show it where that changed something."""
    known = _poll(conn, original)
    if known is None:
        return set()
    message, poll = known
    ends = closed and not poll.closed
    counted = msgspec.structs.replace(
        poll, votes=_together(conn, original, len(poll.options)), closed=closed or poll.closed
    )
    if counted == poll:
        return set()
    message = msgspec.structs.replace(message, poll=counted)
    messages.update(conn, original, message, _digest(counted))
    if ends:
        polls.note(conn, original, message)
        conn.execute("DELETE FROM own_polls WHERE original = ?", (original,))
    touched: set[Room] = set()
    not_before = 0.0 if ends else now + FOLD_VOTES_S
    for place in _places(conn, original):
        if ends or not deliveries.waits_untried(conn, original, place.room):
            deliveries.enqueue(conn, DeliveryKind.EDIT, place, original, now, not_before=not_before)
        touched.add(place.room.whole)
    return touched


def _together(conn: sqlite3.Connection, original: int, options: int) -> tuple[int, ...]:
    """The votes of all rooms: where the service counts, its figures, else those of its people."""
    votes = [0] * options
    for (figures,) in conn.execute(
        "SELECT figures FROM poll_twins WHERE original = ? AND figures IS NOT NULL", (original,)
    ):
        for option, count in enumerate(json.loads(figures)[:options]):
            votes[option] += count
    for option, count in conn.execute(
        "SELECT v.option, count(*) FROM poll_votes v JOIN poll_twins t"
        " ON t.original = v.original AND t.platform = v.platform AND t.chat = v.chat"
        " WHERE v.original = ? AND t.figures IS NULL AND v.option BETWEEN 0 AND ?"
        " GROUP BY v.option",
        (original, options - 1),
    ):
        votes[option] += count
    return tuple(votes)


def _digest(poll: Poll) -> bytes:
    return blake2b(_encode(poll), digest_size=16).digest()


class OwnPolls:
    """Implements `matebot.core.asking.AskingStore`.

    Args:
        database: Where its transactions run.
        now: The time in unix seconds.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def ask(self, message: Message, places: Sequence[Destination], stamp: Stamp) -> bool:
        """See `AskingStore.ask`."""

        def transaction(conn: sqlite3.Connection) -> bool:
            if stamp.update_id is not None and updates.seen(conn, stamp.update_id, stamp.now):
                return False
            _ask(conn, message, places, stamp.now)
            return True

        return await self._database.run(transaction)

    async def end(self, room: Room, person: int | None, stamp: Stamp) -> frozenset[Room] | None:
        """See `AskingStore.end`."""

        def transaction(conn: sqlite3.Connection) -> frozenset[Room] | None:
            row = conn.execute(
                "SELECT original FROM own_polls JOIN poll_twins t USING (original)"
                " JOIN messages m ON m.id = original"
                " WHERE t.platform = ?1 AND t.chat = ?2 AND t.topic = ?3"
                " AND (?4 IS NULL OR (m.author_id = ?4 AND m.platform = ?1))"
                " ORDER BY original DESC LIMIT 1",
                (*room_columns(room), person),
            ).fetchone()
            if row is None:
                return None
            if stamp.update_id is not None and updates.seen(conn, stamp.update_id, stamp.now):
                return frozenset()
            return frozenset(_bring(conn, row[0], stamp.now, closed=True))

        return await self._database.run(transaction)

    async def close_due(self) -> frozenset[Room]:
        """See `AskingStore.close_due`."""
        now = self._now()

        def transaction(conn: sqlite3.Connection) -> frozenset[Room]:
            rows = conn.execute("SELECT original FROM own_polls WHERE closes_at <= ?", (now,))
            touched = _unpark(conn, now)
            for (original,) in rows.fetchall():
                touched |= _bring(conn, original, now, closed=True)
                conn.execute("DELETE FROM own_polls WHERE original = ?", (original,))
            return frozenset(touched)

        return await self._database.run(transaction)

    async def sent(self, key: str, poll_id: str) -> None:
        """Note the id that Telegram gave to a poll; see `matebot.core.ports.Messenger.send`."""
        delivery = int(key.partition("-")[0])
        await self._database.run(
            lambda conn: conn.execute(
                "UPDATE poll_twins SET poll_id = ? FROM deliveries d WHERE d.id = ?"
                " AND poll_twins.original = d.original AND poll_twins.platform = d.platform"
                " AND poll_twins.chat = d.chat",
                (poll_id, delivery),
            )
        )


def _ask(
    conn: sqlite3.Connection, message: Message, places: Sequence[Destination], now: float
) -> None:
    poll = message.poll
    if poll is None or poll.closes_at is None:
        raise ValueError("a poll of MateBot's own has an end")
    original = messages.add_own(conn, message, _digest(poll), now)
    polls.note(conn, original, message)
    conn.execute("INSERT INTO own_polls VALUES (?, ?)", (original, poll.closes_at))
    for place in places:
        conn.execute(
            "INSERT INTO poll_twins (original, bridge, platform, chat, topic)"
            " VALUES (?, ?, ?, ?, ?)",
            (original, place.bridge, *room_columns(place.room)),
        )
        deliveries.enqueue(conn, DeliveryKind.POST, place, original, now)
