"""The process that converts: ``python -m matebot.media.convert_worker PARENT``.

A job comes as a line of JSON on its input, the answer goes as one to its output; at the end of the
input it ends, and with its parent it dies. It reads files that strangers made, with libraries that
had their holes, so it gives away what it can before it opens the first: it may use little memory,
time and disk, is the first to go when memory is short, and has no network where the system allows
that to be taken away.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from matebot.media.conversion import FILMS, TIME_S, Conversion, Facts, Limits, Unconvertible
from matebot.memory import give_back

MEMORY_BYTES: Final = 1 << 30
FILE_BYTES: Final = 64_000_000
FILM_BYTES: Final = 2_100_000_000  # what a self-hosted Bot API server takes
OPEN_FILES: Final = 64
NICENESS: Final = 10
OOM_SCORE: Final = 800  # of 1000

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # <linux/prctl.h>
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # <linux/sched.h>

Convert = Callable[[Conversion, Path, Path, Limits], Facts]


class Job(msgspec.Struct):
    """What is to be made of which file; see `matebot.media.convert.convert`."""

    conversion: Conversion
    source: str
    target: str
    limits: Limits


class Answer(msgspec.Struct, omit_defaults=True):
    """What became of a job: exactly one of these is set.

    Attributes:
        facts: It succeeded.
        refused: Why this file cannot be made into that.
        errno: The disk's error.
    """

    facts: Facts | None = None
    refused: str | None = None
    errno: int | None = None


def main() -> None:
    """Answer jobs until there are no more."""
    jobs, answers = sys.stdin.buffer, _answers()
    _confine(int(sys.argv[1]))
    from PIL import Image  # heavy, and confined from its first line on

    from matebot.media.convert import convert

    Image.MAX_IMAGE_PIXELS = None  # the bounds of `convert` depend on what kind of picture it is
    for line in jobs:
        job = msgspec.json.decode(line, type=Job)
        _allow(job)
        answers.write(msgspec.json.encode(_answer(convert, job)) + b"\n")
        answers.flush()
        give_back()  # what a large file took: the process may wait for a while


def _answers() -> BinaryIO:
    """The way to the parent, kept apart from whatever a library prints."""
    kept = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return kept


def _answer(convert: Convert, job: Job) -> Answer:
    try:
        return Answer(convert(job.conversion, Path(job.source), Path(job.target), job.limits))
    except Unconvertible as error:
        return Answer(refused=str(error))
    except OSError as error:
        return Answer(errno=error.errno)


def _confine(parent: int) -> None:
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
    with contextlib.suppress(OSError, AttributeError):  # not Linux
        libc = ctypes.CDLL(None)
        # Root would lose its right to others' files along with a user namespace of its own.
        libc.unshare(_CLONE_NEWNET | (_CLONE_NEWUSER if os.geteuid() else 0))
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # after what would take it back
    if os.getppid() != parent:  # it died before it was bound to
        sys.exit(1)
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        with contextlib.suppress(OSError, ValueError):  # a service's sandbox may refuse any of it
            resource.setrlimit(what, (most, most))


def _allow(job: Job) -> None:
    """Bound a job by the processor's time and the disk's space; the parent looks at the clock."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used_s = usage.ru_utime + usage.ru_stime
    _soften(resource.RLIMIT_CPU, int(used_s + TIME_S[job.conversion]) + 5)
    _soften(resource.RLIMIT_FSIZE, FILM_BYTES if job.conversion in FILMS else FILE_BYTES)


def _soften(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    with contextlib.suppress(OSError):
        unbounded = hard == resource.RLIM_INFINITY
        resource.setrlimit(what, (most if unbounded else min(most, hard), hard))


if __name__ == "__main__":
    main()
