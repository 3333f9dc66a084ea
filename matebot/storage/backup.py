"""An online copy of the database, made from a second connection while the daemon runs or not.

The copy is one moment's: a read transaction that is held from the first page to the last keeps
what is written meanwhile out of it, so that no writer makes it begin anew and none waits for it.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from matebot.core.errors import OperatorError

STEP_PAGES = 256
"""Pages of 4 KiB copied at once: 1 MiB, so that one is told how far it is."""
BUSY_TIMEOUT_S = 5.0

Progress = Callable[[int, int], None]
"""Told how many pages are copied, of how many."""


def back_up(source: Path, target: Path, progress: Progress | None = None) -> int:
    """Copy a database into a new file, readable by its owner alone.

    The copy grows as ``TARGET.partial`` and gets its name once it is whole, checked and on disk.

    Args:
        source: The database.
        target: A file that does not exist.
        progress: Told after each step.

    Returns:
        The size of the copy in bytes.

    Raises:
        OperatorError: There is no such database, the target exists or cannot be written, or the
            copy is not sound. Nothing is left behind.
    """
    if not source.is_file():
        raise OperatorError(f"{source}: there is no database; has MateBot run with this DATA_DIR?")
    if os.path.lexists(target):
        raise OperatorError(f"{target} exists; give the backup another name")
    draft = target.with_name(f"{target.name}.partial")
    _reserve(draft)
    try:
        _copy(source, draft, progress)
        _check(draft)
        _publish(draft, target)
    except sqlite3.Error as error:
        raise OperatorError(f"{source}: cannot be backed up to {target}: {error}") from error
    except OSError as error:
        raise OperatorError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return target.stat().st_size


def _reserve(draft: Path) -> None:
    """Make the draft, private from the first moment; it keeps another backup of that name out."""
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise OperatorError(
            f"{draft} exists: another backup is under way, or one was cut off; then remove it"
        ) from None
    except OSError as error:
        raise OperatorError(f"{draft}: cannot be written: {error.strerror}") from error


def _copy(source: Path, draft: Path, progress: Progress | None) -> None:
    # Read and write, for a reader of a database in WAL mode keeps books beside it; `rw` makes none.
    address = f"file:{quote(str(source.absolute()))}?mode=rw"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S)) as origin,
        closing(sqlite3.connect(draft, isolation_level=None)) as copy,
    ):
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the snapshot is taken
        origin.backup(
            copy,
            pages=STEP_PAGES,
            progress=lambda _status, left, of: progress(of - left, of) if progress else None,
        )
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it


def _check(draft: Path) -> None:
    with closing(sqlite3.connect(draft)) as copy:
        (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the copy is not sound: {verdict}")


def _publish(draft: Path, target: Path) -> None:
    """Have the draft on disk, then give it its name, which then is there, too."""
    _sync(draft)
    if os.path.lexists(target):
        raise OperatorError(f"{target} came to be meanwhile; give the backup another name")
    draft.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
