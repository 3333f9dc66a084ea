"""The backup: whole, private, of one moment, and never in the place of something else."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from matebot.core.errors import OperatorError
from matebot.storage import backup
from matebot.storage.backup import back_up
from matebot.storage.database import connect

ROOT = Path(__file__).parents[2]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A database of some megabytes, in WAL mode, as MateBot opens it."""
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "matebot.sqlite"
    with closing(connect(path)) as connection:
        connection.execute("CREATE TABLE pairs (n INTEGER PRIMARY KEY, twin INTEGER, filling BLOB)")
        connection.execute("BEGIN")
        for number in range(2000):
            connection.execute("INSERT INTO pairs VALUES (?, ?, zeroblob(2000))", (number, number))
        connection.execute("COMMIT")
    return path


@contextmanager
def _writing(path: Path) -> Iterator[threading.Event]:
    """A writer such as the daemon: commits again and again; tells each that it made."""
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        with closing(connect(path)) as connection:
            number = 1_000_000
            while not stop.is_set():
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO pairs VALUES (?, ?, x'00')", (number, number))
                connection.execute("UPDATE pairs SET twin = twin + 1")
                connection.execute("UPDATE pairs SET n = n WHERE n = 0")
                connection.execute("COMMIT")
                number += 1
                wrote.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield wrote
    finally:
        stop.set()
        thread.join()


def _ages(path: Path) -> tuple[str, int, set[int]]:
    """The verdict on a copy, its rows, and by how much the first rows' twins have grown."""
    with closing(sqlite3.connect(path)) as copy:
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
        (rows,) = copy.execute("SELECT count(*) FROM pairs").fetchone()
        grown = {row[0] for row in copy.execute("SELECT twin - n FROM pairs WHERE n < 2000")}
    return verdict, rows, grown


def test_a_copy_made_under_a_writer_is_of_one_moment(source: Path, tmp_path: Path) -> None:
    """Each commit of the writer changes every row; the copy holds them all at one age."""
    steps: list[int] = []
    with _writing(source) as wrote:
        assert wrote.wait(10)

        def after_a_step(copied: int, _of: int) -> None:
            steps.append(copied)
            wrote.clear()
            assert wrote.wait(10)  # the writer commits between any two steps, and is not held up

        back_up(source, tmp_path / "copy", after_a_step)
    verdict, rows, grown = _ages(tmp_path / "copy")
    assert verdict == "ok"
    assert len(steps) > 2
    assert len(grown) == 1
    assert rows == 2000 + grown.pop()


def test_a_copy_is_private_whole_and_one_file(source: Path, tmp_path: Path) -> None:
    """Nobody runs: the copy is 0600, holds what is there, and nothing stands beside it."""
    folder = tmp_path / "backups"
    folder.mkdir()
    old = os.umask(0)
    try:
        size = back_up(source, folder / "copy")
    finally:
        os.umask(old)
    assert _ages(folder / "copy") == ("ok", 2000, {0})
    assert [path.name for path in folder.iterdir()] == ["copy"]
    assert stat.S_IMODE((folder / "copy").stat().st_mode) == 0o600
    assert size == (folder / "copy").stat().st_size > 4_000_000


def test_what_stands_there_is_left_alone(source: Path, tmp_path: Path) -> None:
    """A file, or a link to nowhere, of that name is refused and stays as it was."""
    taken, link = tmp_path / "taken", tmp_path / "link"
    taken.write_text("precious")
    link.symlink_to(tmp_path / "nowhere")
    for target in (taken, link):
        with pytest.raises(OperatorError, match="exists"):
            back_up(source, target)
    assert taken.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_came_meanwhile_is_left_alone(source: Path, tmp_path: Path) -> None:
    """What takes the name while the copy is made stays, and the draft goes."""
    target = tmp_path / "copy"
    with pytest.raises(OperatorError, match="meanwhile"):
        back_up(source, target, lambda _copied, _of: None if target.exists() else target.touch())
    assert target.read_bytes() == b""
    assert not (tmp_path / "copy.partial").exists()


def test_two_backups_of_one_name_do_not_mix(source: Path, tmp_path: Path) -> None:
    """While one is under way the other is refused, and does not take its draft away."""
    target = tmp_path / "copy"
    refused: list[str] = []

    def second(_copied: int, _of: int) -> None:
        with pytest.raises(OperatorError) as caught:
            back_up(source, target)
        refused.append(str(caught.value))

    back_up(source, target, second)
    assert refused
    assert all("another backup is under way" in text for text in refused)
    assert _ages(target)[0] == "ok"


def test_a_damaged_database_gives_no_backup(source: Path, tmp_path: Path) -> None:
    """A page of garbage is found in the copy, which is then not kept."""
    with source.open("r+b") as file:
        file.seek(4096 * 40)
        file.write(b"\xff" * 4096)
    with pytest.raises(OperatorError, match="cannot be backed up"):
        back_up(source, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_steps_are_small(source: Path, tmp_path: Path) -> None:
    """No step copies more than it says, so that one sees how far it is."""
    seen: list[int] = [0]
    back_up(source, tmp_path / "copy", lambda copied, _of: seen.append(copied))
    steps = [after - before for before, after in pairwise(seen)]
    assert max(steps) <= backup.STEP_PAGES


def _command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MATEBOT_")}
    return subprocess.run(
        [sys.executable, "-m", "matebot", "backup", *arguments],
        cwd=cwd, env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip


def test_the_command_needs_no_settings_where_it_is_told_the_folder(
    source: Path, tmp_path: Path
) -> None:
    """``backup --data-dir``: no token is asked for, and it says what it made."""
    done = _command("copy", "--data-dir", str(source.parent), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "copy: " in done.stdout
    assert _ages(tmp_path / "copy")[0] == "ok"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["copy", "--data-dir", "nowhere"], "there is no database", id="no database"),
        pytest.param(["data", "--data-dir", "data"], "data exists", id="a folder"),
        pytest.param(["no/copy", "--data-dir", "data"], "No such file", id="no such folder"),
        pytest.param(["copy"], "MATEBOT_TELEGRAM_TOKEN: is missing", id="no settings"),
    ],
)
def test_the_command_says_mistakes_in_a_line(
    source: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    """A mistake ends with status 2 and a line for the operator, never with a traceback."""
    assert source.exists()
    done = _command(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert all(line.startswith("matebot: ") for line in done.stderr.splitlines())
    assert not (tmp_path / "copy").exists()
