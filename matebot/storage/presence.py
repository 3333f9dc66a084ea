"""Which of Telegram's originals are looked at, and when; and what a message to delete is."""

import json
import sqlite3
from collections.abc import Callable, Collection
from typing import Final

from matebot.core.ids import MessageRef
from matebot.core.presence import Target, Watched
from matebot.storage import messages
from matebot.storage.columns import to_ref
from matebot.storage.database import Database

WATCHED_S: Final = 172_800.0
"""Telegram lets nobody but an administrator delete what is older for all; nor may MateBot then."""
CONTROLS: Final = 2
"""So many copies, and as many originals, are offered as messages that should stand."""


def watch(conn: sqlite3.Connection, original: int, now: float) -> None:
    """Look at a new original from now on (unix seconds)."""
    conn.execute("INSERT OR IGNORE INTO watched (original, due) VALUES (?, ?)", (original, now))


class Presence:
    """Implements `matebot.core.presence.PresenceStore`.

    Args:
        database: Where its transactions run.
        now: The time in unix seconds.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def next_due(self, chats: Collection[int], youngest_s: float) -> Watched | None:
        """See `PresenceStore.next_due`."""
        now = self._now()
        return await self._database.run(lambda conn: _next_due(conn, chats, now, now - youngest_s))

    async def controls(self, watched: Watched) -> list[MessageRef]:
        """See `PresenceStore.controls`."""
        return await self._database.run(lambda conn: _controls(conn, watched.ref))

    async def stood(self, watched: Watched, due: float | None) -> None:
        """See `PresenceStore.stood`."""

        def transaction(conn: sqlite3.Connection) -> None:
            if due is None:
                conn.execute("DELETE FROM watched WHERE original = ?", (watched.original,))
            else:
                conn.execute(
                    "UPDATE watched SET due = ?, looks = looks + 1, missed_at = NULL"
                    " WHERE original = ?",
                    (due, watched.original),
                )

        await self._database.run(transaction)

    async def missed(self, watched: Watched, due: float) -> None:
        """See `PresenceStore.missed`."""
        now = self._now()
        await self._database.run(
            lambda conn: conn.execute(
                "UPDATE watched SET due = ?, missed_at = coalesce(missed_at, ?) WHERE original = ?",
                (due, now, watched.original),
            )
        )

    async def postponed(self, watched: Watched, due: float) -> None:
        """See `PresenceStore.postponed`."""
        await self._database.run(
            lambda conn: conn.execute(
                "UPDATE watched SET due = ? WHERE original = ?", (due, watched.original)
            )
        )

    async def target(self, ref: MessageRef) -> Target | None:
        """See `PresenceStore.target`."""
        return await self._database.run(lambda conn: _target(conn, ref))


def _next_due(
    conn: sqlite3.Connection, chats: Collection[int], now: float, before: float
) -> Watched | None:
    conn.execute("DELETE FROM watched WHERE due < ?", (now - WATCHED_S,))
    row = conn.execute(
        "SELECT m.id, m.platform, m.chat, m.topic, m.message_id, m.at, w.looks, w.missed_at"
        " FROM watched w JOIN messages m ON m.id = w.original WHERE w.due <= ?"
        " AND m.at > ? AND m.at <= ?"
        " AND m.deleted = 0 AND m.chat IN (SELECT value FROM json_each(?))"
        " ORDER BY w.missed_at IS NULL, m.id DESC LIMIT 1",
        (now, now - WATCHED_S, before, json.dumps(list(chats))),
    ).fetchone()
    if row is None:
        return None
    original, *ref, posted_at, looks, missed_at = row
    return Watched(original, to_ref(*ref), posted_at, looks, missed_at)


def _controls(conn: sqlite3.Connection, ref: MessageRef) -> list[MessageRef]:
    """None is newer: what hides a chat's past from the bot would hide these as well."""
    here = (ref.room.platform.value, ref.room.chat, ref.message_id, CONTROLS)
    copies = conn.execute(
        "SELECT platform, chat, topic, message_id FROM copies"
        " WHERE platform = ? AND chat = ? AND message_id < ? ORDER BY message_id DESC LIMIT ?",
        here,
    ).fetchall()
    originals = conn.execute(
        "SELECT platform, chat, topic, message_id FROM messages m"
        " WHERE platform = ? AND chat = ? AND message_id < ? AND deleted = 0 AND NOT EXISTS"
        " (SELECT 1 FROM watched w WHERE w.original = m.id AND w.missed_at IS NOT NULL)"
        " ORDER BY message_id DESC LIMIT ?",
        here,
    ).fetchall()
    return [to_ref(*row) for row in (*copies, *originals)]


def _target(conn: sqlite3.Connection, ref: MessageRef) -> Target | None:
    found = messages.find_any(conn, ref)
    original = messages.get(conn, found) if found is not None else None
    if original is None:
        return None
    (author_id,) = conn.execute(
        "SELECT author_id FROM messages WHERE id = ?", (original.id,)
    ).fetchone()
    itself = original.ref.key == ref.key
    copies = [] if itself else messages.copies_in(conn, original.id, ref.room)
    here = tuple(copy.ref for copy in copies) or (original.ref,)
    shared = bool(copies) and bool(messages.sharing(conn, copies[0].ref, original.id))
    return Target(original.ref, author_id, here, original.deleted, shared)
