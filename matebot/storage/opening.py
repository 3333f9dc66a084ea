"""Opens the database file: made if need be, private, and with the program's schema."""

import asyncio
import contextlib
import errno
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from matebot.core.errors import OperatorError
from matebot.storage.database import Database, connect
from matebot.storage.migrations import migrate

_AGAIN_S: Final = 5.0
_PASSING: Final = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
)
"""https://sqlite.org/rescode.html: another program holds the file, or the disk is full.

A full disk is told as an error of input or output, too, where the file cannot be mapped.
"""

log = logging.getLogger(__name__)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    """The database in that file, open as long as the context is; waits until it can be written.

    Raises:
        OperatorError: The file cannot be used, or it is a newer program's.
    """
    async with Database(await _connection(path)) as database:
        yield database


async def _connection(path: Path) -> sqlite3.Connection:
    while True:
        try:
            return await _in_a_thread(path)
        except OperatorError as error:
            if not _may_pass(error.__cause__):
                raise
            log.warning("waiting for the database: %s", error)
        except (sqlite3.Error, OSError) as error:
            if not _may_pass(error):
                raise OperatorError(f"MATEBOT_DATA_DIR: {path} cannot be used: {error}") from error
            log.warning("waiting for the database: %s", error)
        await asyncio.sleep(_AGAIN_S)


async def _in_a_thread(path: Path) -> sqlite3.Connection:
    opening = asyncio.get_running_loop().run_in_executor(None, _open, path)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:  # the thread goes on: who stops it waits for its end
        with contextlib.suppress(sqlite3.Error, OSError, OperatorError):
            (await opening).close()
        raise


def _may_pass(error: BaseException | None) -> bool:
    """Whether it may be well again by itself."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", -1) & 0xFF in _PASSING  # without its extension
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    connection = connect(path)
    try:
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection
