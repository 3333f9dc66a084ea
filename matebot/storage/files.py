"""Files that were fetched, converted or sent before."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from matebot.core.media import LeftOut, Ready, Sent
from matebot.storage.database import Database

KEEP_S: Final = 30 * 86_400.0
"""Telegram's file ids have no stated end; what was not used for so long is made anew."""
EXACT_S: Final = 86_400.0
"""A use is noted so often at most: a sticker that everybody sends must not cost a write each."""


class _Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What became of a file: one of the two."""

    ready: Ready | None = None
    left_out: LeftOut | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Outcome).decode


def forget_old(conn: sqlite3.Connection, before: float, most: int) -> int:
    """Forget up to ``most`` files that were last used before that time; returns how many."""
    return conn.execute(
        "DELETE FROM files WHERE key IN (SELECT key FROM files WHERE used_at < ? LIMIT ?)",
        (before, most),
    ).rowcount


class Files:
    """Implements `matebot.core.media.FileBook`.

    Args:
        database: Where its transactions run.
        now: The time in unix seconds.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def known(self, keys: Sequence[str]) -> dict[str, Sent]:
        """See `FileBook.known`."""
        if not keys:
            return {}
        now, these = self._now(), json.dumps(list(keys))
        return await self._database.run(lambda conn: _known(conn, these, now))

    async def note(self, key: str, outcome: Ready | LeftOut) -> None:
        """See `FileBook.note`."""
        kept = _encode(
            _Outcome(ready=outcome) if isinstance(outcome, Ready) else _Outcome(left_out=outcome)
        )
        now = self._now()
        await self._database.run(
            lambda conn: conn.execute(
                "INSERT INTO files (key, outcome, used_at) VALUES (?, ?, ?) ON CONFLICT (key)"
                " DO UPDATE SET outcome = excluded.outcome, used_at = excluded.used_at",
                (key, kept, now),
            )
        )

    async def note_remote(self, key: str, remote: str) -> None:
        """See `FileBook.note_remote`."""
        now = self._now()
        await self._database.run(
            lambda conn: conn.execute(
                "INSERT INTO files (key, remote, used_at) VALUES (?, ?, ?) ON CONFLICT (key)"
                " DO UPDATE SET remote = excluded.remote, used_at = excluded.used_at",
                (key, remote, now),
            )
        )


def _known(conn: sqlite3.Connection, keys: str, now: float) -> dict[str, Sent]:
    rows = conn.execute(
        "SELECT key, outcome, remote, used_at FROM files"
        " WHERE key IN (SELECT value FROM json_each(?))",
        (keys,),
    ).fetchall()
    if any(used_at < now - EXACT_S for *_, used_at in rows):
        conn.execute(
            "UPDATE files SET used_at = ? WHERE key IN (SELECT value FROM json_each(?))",
            (now, keys),
        )
    return {key: Sent(_read(outcome), remote) for key, outcome, remote, _ in rows}


def _read(outcome: bytes | None) -> Ready | LeftOut | None:
    if outcome is None:
        return None
    try:
        kept = _decode(outcome)
    except msgspec.DecodeError:  # of a version that knew other forms: it is found out anew
        return None
    return kept.ready or kept.left_out
