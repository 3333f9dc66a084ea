"""DATA_DIR: private, and for one process alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matebot.core.errors import OperatorError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder if need be, and keep every other MateBot out of it.

    The lock is the kernel's: it is gone with the process, however that ends.

    Raises:
        OperatorError: The folder cannot be used, or another MateBot uses it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OperatorError(
            f"MATEBOT_DATA_DIR: {folder} cannot be written to: {error.strerror}"
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(
                f"MATEBOT_DATA_DIR: another MateBot uses {folder};"
                " stop it, or choose another folder"
            ) from None
        yield
    finally:
        os.close(lock)
