"""Numbered migrations: ``schema/0001_first.sql`` and on, each run once, in order.

``PRAGMA user_version`` holds the number of the last one. Before one runs on a database that holds
anything, the file is backed up beside itself, and those of earlier upgrades are removed in the end;
a database newer than the program is refused.
"""

import logging
import sqlite3
import time
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from matebot.core.errors import OperatorError
from matebot.storage.backup import back_up

_DAY_S = 86_400.0

log = logging.getLogger(__name__)


class Migration(NamedTuple):
    """One step of the schema."""

    number: int
    sql: str


def known_migrations() -> list[Migration]:
    """The program's migrations in order, numbered from 1 without a gap."""
    folder = resources.files("matebot.storage") / "schema"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [Migration(int(name[:4]), (folder / name).read_text("utf-8")) for name in files]


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a database to the program's schema.

    Args:
        connection: To the database, in autocommit mode.
        path: Its file, beside which a backup is put before an existing schema changes.

    Raises:
        OperatorError: The database is newer than the program, or cannot be backed up.
        sqlite3.Error: A step failed; that step changed nothing.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    migrations = known_migrations()
    if version > len(migrations):
        raise OperatorError(
            f"MATEBOT_DATA_DIR: {path} was written by a newer MateBot (schema {version}, this one"
            f" knows {len(migrations)}): install the newer version again{_older_backup(path)}"
        )
    for migration in migrations[version:]:
        if version:
            _back_up(path, migration.number - 1)
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{migration.sql}\nPRAGMA user_version={migration.number};\nCOMMIT;"
        )
        log.info("database migrated", extra={"schema": migration.number})
    if version < len(migrations):
        _forget_backups(path, version)


def _backup_path(path: Path, version: int) -> Path:
    return path.with_name(f"{path.stem}.schema-{version}.backup{path.suffix}")


def _older_backup(path: Path) -> str:
    """Names the newest backup that this program can read, for the message of a refusal."""
    for number in range(len(known_migrations()), 0, -1):
        if (backup := _backup_path(path, number)).exists():
            return f", or put back the backup {backup}"
    return ""


def _back_up(path: Path, version: int) -> None:
    target = _backup_path(path, version)
    for file in (target, target.with_name(f"{target.name}.partial")):  # of an upgrade cut off
        file.unlink(missing_ok=True)
    back_up(path, target)
    log.info("database backed up", extra={"file": str(target)})


def _forget_backups(path: Path, before: int) -> None:
    """Remove those of earlier upgrades, a day old at least: they hold what people said."""
    for number in range(1, before):
        backup = _backup_path(path, number)
        if backup.exists() and time.time() - backup.stat().st_mtime > _DAY_S:
            backup.unlink()
