"""Deliveries on their way: the outbox."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from matebot.core.delivery import Delivery, DeliveryKind, Destination
from matebot.core.ids import Platform, Room
from matebot.core.notice import Notice
from matebot.storage.columns import room_columns, to_room

_encode = msgspec.msgpack.Encoder().encode
_decode_notice = msgspec.msgpack.Decoder(Notice).decode

COLUMNS = (  # of a row, as `read` takes them
    "id, kind, bridge, platform, chat, topic, original, body, created_at, not_before, attempts,"
    " failures, attempted_at, last_known, batch, album, posts"
)


def enqueue(
    conn: sqlite3.Connection,
    kind: DeliveryKind,
    destination: Destination,
    original: int,
    now: float,
    *,
    not_before: float = 0.0,
    album: str | None = None,
) -> None:
    """Put a delivery about an original at the end of its lane."""
    conn.execute(
        "INSERT INTO deliveries (kind, bridge, platform, chat, topic, original, created_at,"
        " not_before, album) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            kind.value,
            destination.bridge,
            *room_columns(destination.room),
            original,
            now,
            not_before,
            album,
        ),
    )


def enqueue_notice(conn: sqlite3.Connection, room: Room, notice: Notice, now: float) -> None:
    """Put something that MateBot says at the end of a room's lane."""
    conn.execute(
        "INSERT INTO deliveries (kind, bridge, platform, chat, topic, body, created_at)"
        " VALUES ('notice', '', ?, ?, ?, ?, ?)",
        (*room_columns(room), _encode(notice), now),
    )


def lanes(conn: sqlite3.Connection) -> list[Room]:
    """The chats for which deliveries wait."""
    rows = conn.execute("SELECT DISTINCT platform, chat FROM deliveries")
    return [to_room(platform, chat, 0) for platform, chat in rows]


def oldest(conn: sqlite3.Connection, lane: Room, now: float) -> Delivery | None:
    """The delivery whose turn it is in a lane, or else the one whose turn comes first.

    What is said keeps its order, so the oldest post holds up what is behind it, even while it
    waits; so does whatever may have been posted without an answer. Anything else that waits, for
    more of its kind or for another attempt, holds up nothing; nor does it overtake the post of its
    own original. What MateBot says itself, an answer to somebody, goes before a flood of posts.
    A topic that cannot be written to, or where an album waits, holds up no other of its chat. A
    rest that Telegram asked for, whatever the call was, is the whole chat's.
    """
    row = _head(conn, COLUMNS, lane, now)
    return None if row is None else read(row)


def head_of(conn: sqlite3.Connection, lane: Room, now: float) -> int | None:
    """The row of that delivery, unread."""
    row = _head(conn, "id", lane, now)
    return None if row is None else int(row[0])


def earliest(conn: sqlite3.Connection, lane: Room, now: float) -> float:
    """When the next of a lane's deliveries that wait is due, in unix seconds; 0 if none is."""
    (when,) = conn.execute(
        "SELECT min(not_before) FROM deliveries"
        " WHERE platform = ? AND chat = ? AND not_before > 0 AND not_before > ?",
        (lane.platform.value, lane.chat, now),
    ).fetchone()
    return float(when or 0.0)


_RESTS = "not_before > 0 AND not_before > ? AND failures = 0 AND reason IS NOT NULL"
_TURN = (
    "(kind = 'post' OR (not_before <= ? AND NOT EXISTS (SELECT 1 FROM deliveries p"
    " WHERE p.original = d.original AND p.kind = 'post' AND p.platform = d.platform"
    " AND p.chat = d.chat)))"
)


def _head(conn: sqlite3.Connection, columns: str, lane: Room, now: float) -> tuple[Any, ...] | None:
    """The first that one of these finds; each reads its rows in the order of an index."""
    key = (lane.platform.value, lane.chat)
    rest = [(f"{_RESTS} ORDER BY not_before DESC", (now,))]
    for condition, more in (
        *(rest if lane.platform is Platform.TELEGRAM else ()),  # Discord counts calls by their kind
        ("attempted_at IS NOT NULL ORDER BY id", ()),
        ("kind = 'notice' AND not_before <= ? ORDER BY id", (now,)),
        ("id = ?", (_in_another_topic(conn, key, now),)),
        (f"{_TURN} ORDER BY id", (now,)),
        ("1 ORDER BY not_before, id", ()),
    ):
        row: tuple[Any, ...] | None = conn.execute(
            f"SELECT {columns} FROM deliveries d WHERE platform = ? AND chat = ?"  # noqa: S608  (constants)
            f" AND {condition} LIMIT 1",
            (*key, *more),
        ).fetchone()
        if row is not None:
            return row
    return None


def _in_another_topic(conn: sqlite3.Connection, key: tuple[str, int], now: float) -> int | None:
    """The oldest that may go out now where the lane's oldest failed, and only its topic waits."""
    first = _first(conn, key, now)
    if first is None or first[1] <= now:
        return None
    there = (_first(conn, key, now, topic) for topic in _topics(conn, key))
    return min((head[0] for head in there if head is not None and head[1] <= now), default=None)


def _first(
    conn: sqlite3.Connection, key: tuple[str, int], now: float, topic: int | None = None
) -> tuple[int, float] | None:
    """Of a lane's oldest whose turn may come, or of one of its topics', its id and its time."""
    there, which = ("", ()) if topic is None else (" AND topic = ?", (topic,))
    row: tuple[int, float] | None = conn.execute(
        "SELECT id, not_before FROM deliveries d WHERE platform = ? AND chat = ?"  # noqa: S608  (constants)
        f"{there} AND {_TURN} ORDER BY id LIMIT 1",
        (*key, *which, now),
    ).fetchone()
    return row


def _topics(conn: sqlite3.Connection, key: tuple[str, int]) -> Iterator[int]:
    """The topics of a chat for which something waits; one step in the index for each."""
    topic: int | None = -1
    while topic is not None:
        (topic,) = conn.execute(
            "SELECT min(topic) FROM deliveries WHERE platform = ? AND chat = ? AND topic > ?",
            (*key, topic),
        ).fetchone()
        if topic is not None:
            yield topic


def read(row: tuple[Any, ...]) -> Delivery:
    """A row of the outbox."""
    number, kind, bridge, platform, chat, topic, original, body, *rest = row
    created_at, not_before, attempts, failures, attempted_at, last_known, *together = rest
    return Delivery(
        number,
        DeliveryKind(kind),
        bridge,
        to_room(platform, chat, topic),
        original,
        None if body is None else _decode_notice(body),
        created_at,
        not_before,
        attempts,
        failures,
        attempted_at,
        last_known or 0,
        *together,
    )


def posts_ahead(conn: sqlite3.Connection, lane: Room, now: float, most: int) -> list[Delivery]:
    """The posts at the head of a lane that were never tried, up to the first other thing."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM deliveries WHERE platform = ? AND chat = ?"  # noqa: S608  (constants)
        " AND (kind = 'post' OR attempted_at IS NOT NULL OR not_before <= ?) ORDER BY id LIMIT ?",
        (lane.platform.value, lane.chat, now, most),
    )
    found: list[Delivery] = []
    for delivery in map(read, rows):
        fresh = delivery.kind is DeliveryKind.POST and delivery.attempts == 0
        if not fresh or delivery.not_before > now:
            break
        if found and delivery.room != found[0].room:
            break
        found.append(delivery)
    return found


def begin_together(
    conn: sqlite3.Connection, deliveries: Sequence[Delivery], now: float, known: int, posts: int
) -> list[Delivery]:
    """Commit that an attempt begins to send several posts with one call, as so many messages."""
    batch = deliveries[0].id
    begun = [begin(conn, delivery, now, known, posts) for delivery in deliveries]
    conn.executemany(
        "UPDATE deliveries SET batch = ? WHERE id = ?", [(batch, each.id) for each in begun]
    )
    return [each._replace(batch=batch) for each in begun]


def batch_of(conn: sqlite3.Connection, batch: int) -> list[Delivery]:
    """The deliveries that were attempted as one message, in order."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM deliveries WHERE batch = ? ORDER BY id",  # noqa: S608  (constants)
        (batch,),
    )
    return [read(row) for row in rows]


def begin(
    conn: sqlite3.Connection,
    delivery: Delivery,
    attempted_at: float | None,
    known: int,
    posts: int,
) -> Delivery:
    """Commit that an attempt begins; one that sends something bears its time.

    Returns:
        The delivery as it is then.
    """
    conn.execute(
        "UPDATE deliveries SET attempts = attempts + 1, attempted_at = ?, last_known = ?,"
        " posts = ? WHERE id = ?",
        (attempted_at, known, posts, delivery.id),
    )
    return delivery._replace(
        attempts=delivery.attempts + 1, attempted_at=attempted_at, last_known=known, posts=posts
    )


def take_back(conn: sqlite3.Connection, delivery: int) -> None:
    """Forget a delivery's first attempt, of which nothing was sent."""
    conn.execute(
        "UPDATE deliveries SET attempts = 0, attempted_at = NULL WHERE id = ?", (delivery,)
    )


def settle(conn: sqlite3.Connection, delivery: int) -> None:
    """Note that it is known how the last attempt ended, for all that went out together."""
    conn.execute(
        "UPDATE deliveries SET attempted_at = NULL, batch = NULL WHERE id = ?1"
        " OR batch = (SELECT batch FROM deliveries WHERE id = ?1)",
        (delivery,),
    )


def postpone(
    conn: sqlite3.Connection,
    delivery: int,
    not_before: float,
    reason: str,
    failures: int,
    *,
    unsure_at: float | None,
) -> None:
    """Try a delivery again later, with its attempt on record where that may have arrived.

    Args:
        conn: The connection.
        delivery: Its id.
        not_before: When, in unix seconds.
        reason: Why.
        failures: In a row; 0 where the service answered, and asked for the delay.
        unsure_at: When that became clear if it may have arrived, or may yet arrive: from then on
            it is given time to do so; None if it did not.
    """
    if unsure_at is None:
        settle(conn, delivery)
    else:
        conn.execute("UPDATE deliveries SET attempted_at = ? WHERE id = ?", (unsure_at, delivery))
    conn.execute(
        "UPDATE deliveries SET not_before = ?, reason = ?, failures = ? WHERE id = ?",
        (not_before, reason, failures, delivery),
    )


def retry_now(conn: sqlite3.Connection, platform: str) -> None:
    """Make due now what failed at a platform; what that itself put off waits on."""
    conn.execute(
        "UPDATE deliveries SET not_before = 0"
        " WHERE platform = ? AND not_before > 0 AND failures > 0",
        (platform,),
    )


def retry_troubled(conn: sqlite3.Connection, platform: str) -> None:
    """Make due now what is postponed for rooms that could not be written to, as was told of them.

    What else is postponed has its own reason to wait, such as a service's hint.
    """
    conn.execute(
        "UPDATE deliveries SET not_before = 0"
        " WHERE platform = ?1 AND not_before > 0 AND failures > 0 AND chat IN"
        " (SELECT chat FROM troubles WHERE platform = ?1)",
        (platform,),
    )


def remove(conn: sqlite3.Connection, delivery: int) -> None:
    """Take a delivery that is done out of its lane."""
    conn.execute("DELETE FROM deliveries WHERE id = ?", (delivery,))


def fail(conn: sqlite3.Connection, delivery: int, reason: str, now: float) -> None:
    """Take a delivery that was given up out of its lane, and keep the reason."""
    conn.execute(
        "INSERT INTO failures (kind, bridge, platform, chat, topic, original, created_at,"
        " failed_at, attempts, reason) SELECT kind, bridge, platform, chat, topic, original,"
        " created_at, ?, attempts, ? FROM deliveries WHERE id = ?",
        (now, reason, delivery),
    )
    remove(conn, delivery)


def waits_untried(
    conn: sqlite3.Connection, original: int, room: Room, kind: DeliveryKind = DeliveryKind.EDIT
) -> bool:
    """Whether a delivery that will bring an original's new state waits for its first attempt.

    A post brings an edit's state too, a reaction or a pin comes behind it.
    """
    row = conn.execute(
        "SELECT 1 FROM deliveries WHERE original = ? AND platform = ? AND chat = ?"
        " AND attempts = 0 AND (kind = ? OR kind = ?)",
        (
            original,
            room.platform.value,
            room.chat,
            kind.value,
            DeliveryKind.POST.value if kind is DeliveryKind.EDIT else kind.value,
        ),
    ).fetchone()
    return row is not None


def cancel_untried(conn: sqlite3.Connection, original: int) -> None:
    """Take out what waits for its first attempt about an original."""
    conn.execute("DELETE FROM deliveries WHERE original = ? AND attempts = 0", (original,))


def chats_of(conn: sqlite3.Connection, original: int) -> set[Room]:
    """The chats in which an original has copies, or to which it is on its way."""
    rows = conn.execute(
        "SELECT platform, chat FROM copies WHERE original = ?1"
        " UNION SELECT platform, chat FROM deliveries WHERE original = ?1 AND kind = 'post'",
        (original,),
    )
    return {to_room(platform, chat, 0) for platform, chat in rows}


def move(conn: sqlite3.Connection, platform: str, old: int, new: int) -> None:
    """Give what waits for a chat the chat's new id."""
    conn.execute(
        "UPDATE deliveries SET chat = ?, not_before = 0 WHERE platform = ? AND chat = ?",
        (new, platform, old),
    )


def forget_failures(conn: sqlite3.Connection, before: float, most: int) -> int:
    """Forget up to ``most`` deliveries that were given up before a time; returns how many."""
    return conn.execute(
        "DELETE FROM failures WHERE failed_at < ? AND id IN"
        " (SELECT id FROM failures ORDER BY id LIMIT ?)",
        (before, most),
    ).rowcount


def count(conn: sqlite3.Connection) -> dict[str, int]:
    """How many deliveries wait, by platform."""
    rows = conn.execute("SELECT platform, count(*) FROM deliveries GROUP BY platform")
    return dict(rows.fetchall())


def count_failures(conn: sqlite3.Connection) -> dict[str, int]:
    """How many deliveries were given up, by platform."""
    rows = conn.execute("SELECT platform, count(*) FROM failures GROUP BY platform")
    return dict(rows.fetchall())
