"""Opens the database file: made if need be, private, and with the program's schema."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from matebot.core.errors import OperatorError
from matebot.storage.database import Database, connect
from matebot.storage.migrations import migrate


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    """The database in that file, open as long as the context is.

    Raises:
        OperatorError: The file cannot be used, or it is a newer program's.
    """
    try:
        connection = await asyncio.to_thread(_open, path)
    except (sqlite3.Error, OSError) as error:
        raise OperatorError(f"MATEBOT_DATA_DIR: {path} cannot be used: {error}") from error
    async with Database(connection) as database:
        yield database


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    connection = connect(path)
    try:
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection
