"""Polls that people asked and that have not ended."""

import sqlite3

from matebot.core.message import Message
from matebot.storage import messages
from matebot.storage.database import Database


def note(conn: sqlite3.Connection, original: int, message: Message) -> None:
    """Note that a message is a poll, or one that has ended."""
    poll = message.poll
    if poll is None:
        return
    conn.execute("DELETE FROM polls WHERE original = ?", (original,))
    if not poll.closed:
        conn.execute("INSERT INTO polls VALUES (?, ?)", (original, poll.id))


class PollStore:
    """Implements `matebot.bridge.polls.PollStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def asked(self, poll_id: str) -> list[Message]:
        """The messages that ask a poll which has not ended: forwarded, it stands more than once."""

        def transaction(conn: sqlite3.Connection) -> list[Message]:
            rows = conn.execute(
                "SELECT original FROM polls WHERE poll_id = ? AND poll_id <> ''", (poll_id,)
            )
            originals = [messages.get(conn, row[0]) for row in rows.fetchall()]
            return [
                original.message
                for original in originals
                if original is not None and original.message is not None and not original.deleted
            ]

        return await self._database.run(transaction)
