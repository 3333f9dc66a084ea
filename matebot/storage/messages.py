"""Originals and the message map."""

import sqlite3
from typing import Any, NamedTuple

import msgspec

from matebot.core.delivery import REPLACED, MappedCopy
from matebot.core.events import Pinned
from matebot.core.ids import SUPERGROUPS_BELOW, MessageRef, Room
from matebot.core.message import Message
from matebot.storage.columns import ref_columns, to_ref

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode


_COLUMNS = "id, platform, chat, topic, message_id, digest, body, deleted, pinned, late"


class Original(NamedTuple):
    """A message that somebody wrote.

    Attributes:
        id: Its row.
        ref: Where it stands.
        digest: Of what a reader sees of it.
        message: What it says; None once that was forgotten.
        deleted: Whether it is gone.
        pinned: Whether it, or a copy of it, is pinned.
        late: Whether its copies bear the time at which it was said.
    """

    id: int
    ref: MessageRef
    digest: bytes
    message: Message | None
    deleted: bool
    pinned: bool
    late: bool


def add(conn: sqlite3.Connection, message: Message, digest: bytes, now: float) -> int | None:
    """Note a new original; returns its row, or None if it was there (or was deleted) before."""
    reply = message.reply
    answered = find_any(conn, reply.to, reply.quote) if reply is not None else None
    message = _with_the_author_answered(conn, message, answered)
    cursor = conn.execute(
        "INSERT OR IGNORE INTO messages (platform, chat, topic, message_id, author_id, digest,"
        " body, at, answers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*ref_columns(message.ref), message.author.id, digest, _encode(message), now, answered),
    )
    return cursor.lastrowid if cursor.rowcount else None


def add_own(conn: sqlite3.Connection, message: Message, digest: bytes, now: float) -> int:
    """Note an original of MateBot's own, which stands nowhere: all that is seen of it are copies.

    Its row names chat 0 and a number of its own; `Message.ref` tells where it was asked for.
    """
    platform = message.ref.room.platform.value
    cursor = conn.execute(
        "INSERT INTO messages (platform, chat, topic, message_id, author_id, digest, body, at)"
        " SELECT ?1, 0, 0, coalesce(max(message_id), 0) + 1, ?2, ?3, ?4, ?5 FROM messages"
        " WHERE platform = ?1 AND chat = 0 RETURNING id",
        (platform, message.author.id, digest, _encode(message), now),
    )
    return int(cursor.fetchone()[0])


def find(conn: sqlite3.Connection, ref: MessageRef) -> Original | None:
    """The original that stands there."""
    return _original(
        conn.execute(
            f"SELECT {_COLUMNS} FROM messages"  # noqa: S608  (a constant)
            " WHERE platform = ? AND chat = ? AND message_id = ?",
            ref.key,
        ).fetchone()
    )


def get(conn: sqlite3.Connection, original: int) -> Original | None:
    """The original with that row."""
    return _original(
        conn.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE id = ?",  # noqa: S608  (a constant)
            (original,),
        ).fetchone()
    )


def _original(row: tuple[Any, ...] | None) -> Original | None:
    if row is None:
        return None
    original, *ref, digest, body, deleted, pinned, late = row
    message = None if body is None else _decode(body)
    place = to_ref(*ref)
    return Original(original, place, digest, message, bool(deleted), bool(pinned), bool(late))


def update(conn: sqlite3.Connection, original: int, message: Message, digest: bytes) -> None:
    """Note what an original says now."""
    message = _with_the_author_answered(conn, message, answered_by(conn, original))
    conn.execute(
        "UPDATE messages SET digest = ?, body = ? WHERE id = ?",
        (digest, _encode(message), original),
    )


def mark_deleted(conn: sqlite3.Connection, original: int, *, forget: bool) -> None:
    """Note that an original is gone, and forget what it said if no copy is to say so."""
    conn.execute("UPDATE messages SET deleted = 1 WHERE id = ?", (original,))
    if forget:
        conn.execute("UPDATE messages SET body = NULL WHERE id = ?", (original,))


def mark_late(conn: sqlite3.Connection, original: int) -> None:
    """Have an original's copies bear the time at which it was said."""
    conn.execute("UPDATE messages SET late = 1 WHERE id = ?", (original,))


def mark_told(conn: sqlite3.Connection, ref: MessageRef) -> bool:
    """Whether an original's author is yet to be told of its files; from now on that is done."""
    return (
        conn.execute(
            "UPDATE messages SET told = 1"
            " WHERE platform = ? AND chat = ? AND message_id = ? AND told = 0",
            ref.key,
        ).rowcount
        == 1
    )


def mark_pinned(conn: sqlite3.Connection, original: int, *, pinned: bool) -> None:
    """Note whether an original is pinned."""
    conn.execute("UPDATE messages SET pinned = ? WHERE id = ?", (pinned, original))


def pin_changes(conn: sqlite3.Connection, original: int, event: Pinned) -> bool:
    """Whether an event tells another state of an original's pin than is known.

    Of a copy of several parts the first one is pinned: that another is not pinned tells nothing.
    """
    row = conn.execute("SELECT pinned FROM messages WHERE id = ?", (original,)).fetchone()
    if row is None or bool(row[0]) == event.pinned:
        return False
    surplus = conn.execute(
        "SELECT 1 FROM copies WHERE platform = ? AND chat = ? AND message_id = ? AND position > 0",
        event.ref.key,
    ).fetchone()
    return event.pinned or surplus is None


def find_any(conn: sqlite3.Connection, ref: MessageRef, quote: str = "") -> int | None:
    """The row of the original that stands there, or of which a copy stands there.

    Of several originals in one copy it is the one that holds the quote, else the last one: that is
    what people mean who answer, or react to, a message in which several were merged.
    """
    rows = conn.execute(
        "SELECT id FROM messages WHERE platform = ?1 AND chat = ?2 AND message_id = ?3"
        " UNION ALL SELECT original FROM copies"
        " WHERE platform = ?1 AND chat = ?2 AND message_id = ?3 ORDER BY 1",
        ref.key,
    ).fetchall()
    if quote and len(rows) > 1:
        for (row,) in rows:
            original = get(conn, row)
            if original is not None and original.message and quote in original.message.text.text:
                return int(row)
    return int(rows[-1][0]) if rows else None


def answered_by(conn: sqlite3.Connection, original: int) -> int | None:
    """The row of the message that an original answers, which stays when a copy of it is gone."""
    row = conn.execute("SELECT answers FROM messages WHERE id = ?", (original,)).fetchone()
    return None if row is None else row[0]


def _with_the_author_answered(
    conn: sqlite3.Connection, message: Message, answered: int | None
) -> Message:
    """An answer that names who wrote what it answers, not MateBot who brought a copy of it.

    That is known for as long as it is known what was said; it is kept here for longer.
    """
    known = get(conn, answered) if answered is not None else None
    if message.reply is None or known is None or known.message is None:
        return message
    reply = msgspec.structs.replace(message.reply, author=known.message.author.name)
    return msgspec.structs.replace(message, reply=reply)


def answers_to(conn: sqlite3.Connection, original: int, most: int) -> list[int]:
    """The rows of the newest messages that answer an original, of which is known what they say."""
    rows = conn.execute(
        "SELECT id FROM messages WHERE answers = ? AND body IS NOT NULL AND deleted = 0"
        " ORDER BY id DESC LIMIT ?",
        (original, most),
    )
    return [row[0] for row in rows]


def target_in(conn: sqlite3.Connection, original: Original, room: Room) -> MessageRef | None:
    """The original, if it stands in that room's chat, else its first copy there."""
    if original.ref.room.whole == room.whole:
        return original.ref
    return next((copy.ref for copy in copies_in(conn, original.id, room) if copy.stands), None)


def add_copy(conn: sqlite3.Connection, original: int, copy: MappedCopy) -> None:
    """Tie a native message to its original, in the place of one that was replaced by it."""
    place = copy.ref.room
    conn.execute(
        "DELETE FROM copies WHERE original = ? AND +platform = ? AND +chat = ? AND position = ?"
        " AND digest = ?",
        (original, place.platform.value, place.chat, copy.position, REPLACED),
    )
    conn.execute(
        "INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?, ?, ?)",
        (original, *ref_columns(copy.ref), copy.position, copy.digest),
    )


def note_digest(conn: sqlite3.Connection, copy: MappedCopy) -> None:
    """Note what a copy looks like now, for all the originals in it."""
    conn.execute(
        "UPDATE copies SET digest = ? WHERE platform = ? AND chat = ? AND message_id = ?",
        (copy.digest, *copy.ref.key),
    )


def copies_in(conn: sqlite3.Connection, original: int, room: Room) -> list[MappedCopy]:
    """An original's copies in the chat of a room, in their order."""
    # By the original: the primary key would walk through every copy of the chat (hence the plus).
    rows = conn.execute(
        "SELECT platform, chat, topic, message_id, position, digest FROM copies"
        " WHERE original = ? AND +platform = ? AND +chat = ? ORDER BY position",
        (original, room.platform.value, room.chat),
    )
    return [MappedCopy(to_ref(*row[:4]), row[4], row[5]) for row in rows]


def forget_copy(conn: sqlite3.Connection, ref: MessageRef) -> None:
    """Forget a copy that no longer stands."""
    conn.execute("DELETE FROM copies WHERE platform = ? AND chat = ? AND message_id = ?", ref.key)


def drop_copy(conn: sqlite3.Connection, original: int, ref: MessageRef) -> None:
    """Forget that an original stands in a copy."""
    conn.execute(
        "DELETE FROM copies WHERE platform = ? AND chat = ? AND message_id = ? AND original = ?",
        (*ref.key, original),
    )


def sharing(conn: sqlite3.Connection, ref: MessageRef, but: int) -> list[Original]:
    """The other originals that stand in a copy, in order."""
    rows = conn.execute(
        "SELECT original FROM copies WHERE platform = ? AND chat = ? AND message_id = ?"
        " AND original != ? ORDER BY original",
        (*ref.key, but),
    ).fetchall()
    found = (get(conn, original) for (original,) in rows)
    return [each for each in found if each is not None]


def shares(conn: sqlite3.Connection, original: int) -> bool:
    """Whether an original stands in a copy together with others."""
    row = conn.execute(
        "SELECT 1 FROM copies c JOIN copies o USING (platform, chat, message_id)"
        " WHERE c.original = ? AND o.original != c.original",
        (original,),
    ).fetchone()
    return row is not None


def is_copy(conn: sqlite3.Connection, ref: MessageRef) -> bool:
    """Whether MateBot posted that message as a copy."""
    return (
        conn.execute(
            "SELECT 1 FROM copies WHERE platform = ? AND chat = ? AND message_id = ?", ref.key
        ).fetchone()
        is not None
    )


def counterpart(
    conn: sqlite3.Connection, ref: MessageRef, room: Room, quote: str = ""
) -> MessageRef | None:
    """What stands in a room for a message of another room.

    Args:
        conn: The connection.
        ref: An original, or a copy of one.
        room: Where its counterpart is wanted.
        quote: What is quoted of it, which tells it from others in the same copy.

    Returns:
        The original itself if it stands in that chat, else its first copy there, else None.
    """
    row = find_any(conn, ref, quote)
    original = get(conn, row) if row is not None else None
    if original is None or original.deleted:
        return None
    return target_in(conn, original, room)


def last_known(conn: sqlite3.Connection, room: Room) -> int:
    """The highest message id known in a room's chat, of copies and notices too; 0 if none is."""
    (known,) = conn.execute(
        "SELECT coalesce(max(id), 0) FROM ("
        " SELECT max(message_id) AS id FROM messages WHERE platform = ?1 AND chat = ?2"
        " UNION ALL SELECT max(message_id) FROM copies WHERE platform = ?1 AND chat = ?2"
        " UNION ALL SELECT last_notice FROM rooms"
        " WHERE platform = ?1 AND chat = ?2 AND topic = 0)",
        (room.platform.value, room.chat),
    ).fetchone()
    return int(known)


def known_after(conn: sqlite3.Connection, room: Room, after: int) -> frozenset[int]:
    """The ids after a message id that cannot be others in a room's chat.

    They are those of the originals and copies there, and in all chats that number with it.
    """
    chats = f"chat > {SUPERGROUPS_BELOW}" if room.numbers_with_others else "chat = :chat"
    where = f"platform = :platform AND {chats} AND message_id > :after"
    rows = conn.execute(
        f"SELECT message_id FROM messages WHERE {where}"  # noqa: S608  (constants)
        f" UNION SELECT message_id FROM copies WHERE {where}",
        {"platform": room.platform.value, "chat": room.chat, "after": after},
    )
    return frozenset(row[0] for row in rows)


def forget_bodies(conn: sqlite3.Connection, before: float, most: int) -> int:
    """Forget what up to ``most`` messages said that came before a time.

    Those that wait for a delivery stay, and polls until they end.
    """
    return conn.execute(
        "UPDATE messages SET body = NULL WHERE id IN (SELECT id FROM messages m"
        " WHERE at < ? AND body IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.original = m.id)"
        " AND NOT EXISTS (SELECT 1 FROM polls p WHERE p.original = m.id) LIMIT ?)",
        (before, most),
    ).rowcount


def forget_old(conn: sqlite3.Connection, before: float, most: int) -> int:
    """Forget up to ``most`` messages, and their place in the map, that came before a time.

    Those that wait for a delivery stay, and polls until they end.
    """
    return conn.execute(
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages m WHERE at < ?"
        " AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.original = m.id)"
        " AND NOT EXISTS (SELECT 1 FROM polls p WHERE p.original = m.id) LIMIT ?)",
        (before, most),
    ).rowcount
