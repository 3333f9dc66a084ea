"""Telegram's updates: which were stored already, and those that could not be read."""

import sqlite3

KEEP_S = 7 * 86_400.0  # Telegram repeats an update for a day at most
KEEP_RAW_S = 30 * 86_400.0  # long enough for a newer version to be installed and asked about them


def seen(conn: sqlite3.Connection, update_id: int, now: float) -> bool:
    """Whether an update was stored before; if not, it is noted as stored now."""
    cursor = conn.execute("INSERT OR IGNORE INTO updates VALUES (?, ?)", (update_id, now))
    return cursor.rowcount == 0


def keep_raw(conn: sqlite3.Connection, update_id: int, body: bytes, now: float) -> None:
    """Keep an authenticated update that this version cannot read."""
    if not seen(conn, update_id, now):
        conn.execute("INSERT OR IGNORE INTO raw_updates VALUES (?, ?, ?)", (update_id, now, body))


def forget_old(conn: sqlite3.Connection, now: float, most: int) -> int:
    """Forget up to ``most`` updates that are no longer needed; returns how many."""
    old = (now - KEEP_S, most), (now - KEEP_RAW_S, most)
    return sum(
        conn.execute(
            f"DELETE FROM {table} WHERE update_id IN"  # noqa: S608  (one of two constants)
            f" (SELECT update_id FROM {table} WHERE at < ? LIMIT ?)",
            before,
        ).rowcount
        for table, before in zip(("updates", "raw_updates"), old, strict=True)
    )
