"""What several tests of the database begin with."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from matebot.storage.database import connect
from matebot.storage.migrations import migrate


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A hand in ``empty.sqlite``, which has the schema and nothing else."""
    path = tmp_path / "empty.sqlite"
    connection = connect(path)
    migrate(connection, path)
    yield connection
    connection.close()
