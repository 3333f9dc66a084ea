"""Codes by which two rooms find each other, and the transactions of linking by chat."""

import hmac
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from matebot.core.bridges import BridgeRoom
from matebot.core.choices import chosen
from matebot.core.ids import Platform, Room
from matebot.core.linking import (
    CODE_LIFETIME_S,
    MOST_WRONG_CODES,
    Asked,
    AskedReply,
    ChosenReply,
    Confirmed,
    ConfirmedReply,
    DirectedReply,
    LeftReply,
    Pairing,
    Person,
    Say,
    Stamp,
)
from matebot.storage import bridges, deliveries, rooms, updates
from matebot.storage.columns import room_columns, to_room
from matebot.storage.database import Database

T = TypeVar("T")

DISCORD_EPOCH_MS = 1_420_070_400_000  # https://discord.com/developers/docs/reference#snowflakes
_COLUMNS = (
    "id, platform, chat, topic, admin, admin_name, expires_at,"
    " other_platform, other_chat, other_topic, other_admin_name"
)


class PairingStore:
    """Implements `matebot.core.linking.LinkingStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def languages(self, places: Sequence[Room]) -> dict[Room, str]:
        """See `LinkingStore.languages`."""

        def transaction(conn: sqlite3.Connection) -> dict[Room, str]:
            found = ((room, rooms.language_of(conn, room)) for room in places)
            return {room: language for room, language in found if language is not None}

        return await self._database.run(transaction)

    async def waiting(self, places: Sequence[Room]) -> dict[Room, int]:
        """See `LinkingStore.waiting`."""
        return await self._database.run(
            lambda conn: {room: _waiting_for(conn, room) for room in places}
        )

    async def open_code(self, code_hash: bytes, now: float) -> Pairing | None:
        """See `LinkingStore.open_code`."""
        return await self._database.run(lambda conn: _open_code(conn, code_hash, now))

    async def asking(self, pairing: int, now: float) -> Pairing | None:
        """See `LinkingStore.asking`."""
        return await self._database.run(lambda conn: _asking(conn, pairing, now))

    async def asking_in(self, room: Room, admin: int, now: float) -> Pairing | None:
        """See `LinkingStore.asking_in`."""
        return await self._database.run(
            lambda conn: _one(
                conn,
                "platform = ? AND chat = ? AND topic = ? AND admin = ?"
                " AND other_chat IS NOT NULL AND expires_at > ? ORDER BY id DESC LIMIT 1",
                (*room_columns(room), admin, now),
            )
        )

    async def say(self, says: Sequence[Say], stamp: Stamp) -> bool:
        """See `LinkingStore.say`."""
        return await self._change(stamp, says, lambda _: None)

    async def offer(
        self, room: Room, admin: Person, code_hash: bytes, says: Sequence[Say], stamp: Stamp
    ) -> bool:
        """See `LinkingStore.offer`."""
        expires_at = stamp.now + CODE_LIFETIME_S
        return await self._change(
            stamp, says, lambda conn: _open(conn, room, admin, code_hash, expires_at)
        )

    async def ask(
        self, code_hash: bytes, room: Room, caller: Person, reply: AskedReply, stamp: Stamp
    ) -> Asked | None:
        """See `LinkingStore.ask`."""

        def work(conn: sqlite3.Connection) -> Asked:
            outcome = _ask(conn, code_hash, room, caller, stamp.now)
            _enqueue(conn, reply(outcome), stamp)
            return outcome

        return await self._once(stamp, work)

    async def confirm(
        self, pairing: int, read: frozenset[Room], reply: ConfirmedReply, stamp: Stamp
    ) -> Confirmed | None:
        """See `LinkingStore.confirm`."""

        def work(conn: sqlite3.Connection) -> Confirmed:
            outcome, joined = _confirm(conn, pairing, read, stamp.now)
            _enqueue(conn, reply(outcome, joined), stamp)
            return outcome

        return await self._once(stamp, work)

    async def refuse(self, pairing: int, says: Sequence[Say], stamp: Stamp) -> bool:
        """See `LinkingStore.refuse`."""
        return await self._change(stamp, says, lambda conn: _end(conn, pairing))

    async def leave(self, room: Room, reply: LeftReply, stamp: Stamp) -> bool | None:
        """See `LinkingStore.leave`."""

        def work(conn: sqlite3.Connection) -> bool:
            left, others = _leave(conn, room)
            _enqueue(conn, reply(left, others), stamp)
            return left is not None

        return await self._once(stamp, work)

    async def set_language(
        self, room: Room, language: str, says: Sequence[Say], stamp: Stamp
    ) -> bool:
        """See `LinkingStore.set_language`."""
        return await self._change(
            stamp, says, lambda conn: rooms.set_language(conn, room, language)
        )

    async def choose(
        self, bridge: str, name: str, value: str, reply: ChosenReply, stamp: Stamp
    ) -> bool | None:
        """See `LinkingStore.choose`."""

        def work(conn: sqlite3.Connection) -> bool:
            before = bridges.choices_of(conn, bridge)
            after = chosen(before, name, value)
            if after != before:
                bridges.set_choices(conn, bridge, after)
            _enqueue(conn, reply(after, after != before), stamp)
            return after != before

        return await self._once(stamp, work)

    async def direct(
        self, bridge: str, part: BridgeRoom, *, begin: bool, reply: DirectedReply, stamp: Stamp
    ) -> bool | None:
        """See `LinkingStore.direct`."""

        def work(conn: sqlite3.Connection) -> bool:
            changed = bridges.direct(conn, int(bridge), part)
            if changed and begin and part.room.platform is Platform.DISCORD:
                rooms.set_cursor(conn, part.room, snowflake(stamp.now))
            _enqueue(conn, reply(changed), stamp)
            return changed

        return await self._once(stamp, work)

    async def _once(self, stamp: Stamp, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Run a transaction unless its update was seen before; then the answer is None."""

        def transaction(conn: sqlite3.Connection) -> T | None:
            if stamp.update_id is not None and updates.seen(conn, stamp.update_id, stamp.now):
                return None
            return work(conn)

        return await self._database.run(transaction)

    async def _change(
        self, stamp: Stamp, says: Sequence[Say], change: Callable[[sqlite3.Connection], None]
    ) -> bool:
        def work(conn: sqlite3.Connection) -> bool:
            change(conn)
            _enqueue(conn, says, stamp)
            return True

        return await self._once(stamp, work) is not None


def snowflake(at: float) -> int:
    """The least id that Discord gives to anything made at that moment (unix seconds)."""
    return max(0, int(at * 1000) - DISCORD_EPOCH_MS) << 22


def _enqueue(conn: sqlite3.Connection, says: Sequence[Say], stamp: Stamp) -> None:
    for say in says:
        deliveries.enqueue_notice(conn, say.room, say.notice, stamp.now)


def _waiting_for(conn: sqlite3.Connection, room: Room) -> int:
    row = conn.execute(
        "SELECT count(*) FROM deliveries WHERE platform = ? AND chat = ? AND topic = ?",
        room_columns(room),
    ).fetchone()
    return int(row[0])


def _one(conn: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> Pairing | None:
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM pairings WHERE {where}",  # noqa: S608  (both are constants)
        values,
    ).fetchone()
    return None if row is None else _pairing(row)


def _pairing(row: tuple[Any, ...]) -> Pairing:
    number, platform, chat, topic, admin, admin_name, expires_at, *other, other_admin = row
    return Pairing(
        number,
        to_room(platform, chat, topic),
        Person(admin, admin_name),
        expires_at,
        None if other[0] is None else to_room(*other),
        other_admin or "",
    )


def _open_code(conn: sqlite3.Connection, code_hash: bytes, now: float) -> Pairing | None:
    """Find an open code, comparing in constant time."""
    found = None
    for number, known in conn.execute(
        "SELECT id, code_hash FROM pairings WHERE other_chat IS NULL AND expires_at > ?", (now,)
    ):
        if hmac.compare_digest(known, code_hash):
            found = number
    return None if found is None else _one(conn, "id = ?", (found,))


def _asking(conn: sqlite3.Connection, pairing: int, now: float) -> Pairing | None:
    return _one(conn, "id = ? AND other_chat IS NOT NULL AND expires_at > ?", (pairing, now))


def _end(conn: sqlite3.Connection, pairing: int) -> None:
    conn.execute("DELETE FROM pairings WHERE id = ?", (pairing,))


def forget_old(conn: sqlite3.Connection, now: float) -> int:
    """Forget codes that no longer count, and who entered wrong ones; returns how many rows."""
    old = conn.execute("DELETE FROM pairings WHERE expires_at <= ?", (now,)).rowcount
    return old + _forget_wrong_codes(conn, now)


def _forget_wrong_codes(conn: sqlite3.Connection, now: float) -> int:
    return conn.execute("DELETE FROM wrong_codes WHERE at <= ?", (now - CODE_LIFETIME_S,)).rowcount


def _open(
    conn: sqlite3.Connection, room: Room, admin: Person, code_hash: bytes, expires_at: float
) -> None:
    """Open a pairing in place of the room's open one; what has expired goes."""
    conn.execute(
        "DELETE FROM pairings WHERE expires_at <= ?"
        " OR (platform = ? AND chat = ? AND topic = ? AND other_chat IS NULL)",
        (expires_at - CODE_LIFETIME_S, *room_columns(room)),
    )
    conn.execute(
        "INSERT INTO pairings (code_hash, platform, chat, topic, admin, admin_name, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (code_hash, *room_columns(room), admin.id, admin.name, expires_at),
    )


def _ask(
    conn: sqlite3.Connection, code_hash: bytes, room: Room, caller: Person, now: float
) -> Asked:
    if _wrong_codes(conn, room, caller, now) >= MOST_WRONG_CODES:
        return Asked.TOO_MANY
    pairing = _open_code(conn, code_hash, now)
    if pairing is None:
        conn.execute(
            "INSERT INTO wrong_codes VALUES (?, ?, ?, ?)",
            (room.platform.value, room.chat, caller.id, now),
        )
        return Asked.UNKNOWN
    if _overlap(pairing.room, room):
        return Asked.SAME_ROOM
    here, there = _bridge_of(conn, room), _bridge_of(conn, pairing.room)
    if here is not None and there is not None:
        return Asked.ALREADY_JOINED if here[0] == there[0] else Asked.TWO_BRIDGES
    conn.execute(
        "UPDATE pairings SET other_platform = ?, other_chat = ?, other_topic = ?,"
        " other_admin_name = ? WHERE id = ?",
        (*room_columns(room), caller.name, pairing.id),
    )
    return Asked.ASKED


def _wrong_codes(conn: sqlite3.Connection, room: Room, caller: Person, now: float) -> int:
    """How many wrong codes that person, or anybody in that chat, tried lately."""
    _forget_wrong_codes(conn, now)
    row = conn.execute(
        "SELECT count(*) FROM wrong_codes WHERE platform = ? AND (chat = ? OR caller = ?)",
        (room.platform.value, room.chat, caller.id),
    ).fetchone()
    return int(row[0])


def _overlap(one: Room, two: Room) -> bool:
    """Whether they are one room, or one lies in the other."""
    return one == two or (one.whole == two.whole and None in (one.topic, two.topic))


def _bridge_of(conn: sqlite3.Connection, room: Room) -> tuple[int, Room] | None:
    """The bridge that holds a room, or the chat around it, or a topic in it; and which of them."""
    rows = conn.execute(
        "SELECT bridge, topic FROM bridge_rooms WHERE platform = ? AND chat = ? ORDER BY bridge",
        (room.platform.value, room.chat),
    ).fetchall()
    parts = [(bridge, to_room(room.platform.value, room.chat, topic)) for bridge, topic in rows]
    exact = [part for part in parts if part[1] == room]
    return next((part for part in exact + parts if _overlap(part[1], room)), None)


def _members(conn: sqlite3.Connection, bridge: int) -> tuple[Room, ...]:
    rows = conn.execute(
        "SELECT platform, chat, topic FROM bridge_rooms WHERE bridge = ?", (bridge,)
    )
    return tuple(to_room(*row) for row in rows)


def _confirm(
    conn: sqlite3.Connection, number: int, read: frozenset[Room], now: float
) -> tuple[Confirmed, tuple[Room, ...]]:
    pairing = _asking(conn, number, now)
    if pairing is None or pairing.other is None:
        return Confirmed.GONE, ()
    _end(conn, number)
    pair = (pairing.room, pairing.other)
    known = [_bridge_of(conn, room) for room in pair]
    numbers = {bridge[0] for bridge in known if bridge is not None}
    if None not in known:
        outcome = Confirmed.ALREADY_JOINED if len(numbers) == 1 else Confirmed.TWO_BRIDGES
        return outcome, ()
    new = [room for room, bridge in zip(pair, known, strict=True) if bridge is None]
    parts = [BridgeRoom(room, reads=True, writes=True) for room in new]
    if numbers:
        (bridge,) = numbers
        bridges.extend(conn, bridge, parts[0])
    else:
        bridge = bridges.add(conn, parts, now)
    for room in new:
        if room.platform is Platform.DISCORD and room not in read:
            rooms.set_cursor(conn, room, snowflake(now))
    return Confirmed.JOINED, _members(conn, bridge)


def _leave(conn: sqlite3.Connection, room: Room) -> tuple[Room | None, tuple[Room, ...]]:
    """Take a room out of its bridge; returns it as the bridge named it, and the rooms left."""
    found = _bridge_of(conn, room)
    if found is None:
        return None, ()
    bridge, named = found
    others = tuple(member for member in _members(conn, bridge) if member != named)
    bridges.take_out(conn, bridge, named)
    return named, others


def move(conn: sqlite3.Connection, platform: str, old: int, new: int) -> None:
    """Give a chat its new id wherever a pairing names it."""
    for prefix in ("", "other_"):
        conn.execute(
            f"UPDATE pairings SET {prefix}chat = ?"  # noqa: S608  (one of two constants)
            f" WHERE {prefix}platform = ? AND {prefix}chat = ?",
            (new, platform, old),
        )
