"""Converts files in processes of their own, so that no file can hurt or hold up the daemon.

::

    async with Workers() as workers:
        facts = await workers.convert(Conversion.STICKER_TO_DISCORD, source, target)

A process is started when it is needed, kept for the next job, and let go when there was none for a
while. What takes too long, crashes or asks for too much memory ends its process and that one job.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

import matebot
from matebot.core.errors import TemporaryError
from matebot.media.conversion import (
    FILMS,
    NO_LIMITS,
    PATIENCE,
    TIME_S,
    Conversion,
    Facts,
    Limits,
    Unconvertible,
)
from matebot.media.convert_worker import Answer, Job

PROCESSES: Final = 2
IDLE_S: Final = 60.0
MOST_JOBS: Final = 200  # then a fresh process takes over: leaks end with the old one
CLOSING_S: Final = 5.0
ENDING_S: Final = 1.0

log = logging.getLogger(__name__)


class _Died(Exception):
    """A worker ended, or answers nonsense, in the midst of a job."""


class _Worker:
    """One process, which takes one job after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def do(self, job: Job) -> Answer:
        """Have a job done.

        Raises:
            _Died: There is no answer to be had.
        """
        self.jobs += 1
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None  # noqa: S101  (as it was started)
        assert stdout is not None  # noqa: S101  (as it was started)
        try:
            stdin.write(msgspec.json.encode(job) + b"\n")
            await stdin.drain()
            return msgspec.json.decode(await stdout.readline(), type=Answer)
        except (OSError, ValueError) as error:  # gone; an answer too long, or none
            raise _Died from error

    def end(self) -> None:
        """Let it end by itself once it has nothing to do."""
        if self.process.stdin is not None:
            self.process.stdin.close()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def ended(self) -> int:
        """How it ended; one that is ending is given the time to do so, so that it can be told."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDING_S):
                return await self.process.wait()
        self.kill()
        return await self.process.wait()


class Workers(AbstractAsyncContextManager["Workers"]):
    """Converts files; constructing it starts nothing.

    Args:
        processes: How many at once. One of them, if there are more, is never given to films, which
            take minutes.
        idle_s: After how many seconds without a job the processes end.
    """

    def __init__(self, processes: int = PROCESSES, idle_s: float = IDLE_S) -> None:
        self._slots = asyncio.Semaphore(processes)
        self._films = asyncio.Semaphore(max(1, processes - 1))
        self._idle_s = idle_s
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all processes, at once; jobs under way end with `TemporaryError`."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for worker in self._all:
            worker.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                for worker in list(self._all):
                    await worker.process.wait()

    async def convert(
        self, conversion: Conversion, source: Path, target: Path, limits: Limits = NO_LIMITS
    ) -> Facts:
        """Make something of a file; as many at once as there are processes, the others wait.

        Args:
            conversion: What.
            source: The file; it is not changed.
            target: Where to: not there yet, in a directory that is; gone again if it fails. Nothing
                is written by `Conversion.DESCRIBE`.
            limits: What the result has to keep to.

        Returns:
            What was made; of `Conversion.DESCRIBE`, what was looked at.

        Raises:
            Unconvertible: This file cannot be made into that, now or later.
            TemporaryError: It was not tried, or the disk is full: another attempt may succeed.
            FileNotFoundError: There is no such file.
        """
        films = self._films if conversion in FILMS else contextlib.nullcontext()
        job = Job(conversion, str(source), str(target), limits)
        async with films, self._slots:
            try:
                return _facts(await self._done(job))
            except BaseException:
                if conversion is not Conversion.DESCRIBE:
                    await asyncio.to_thread(target.unlink, missing_ok=True)
                raise

    async def _done(self, job: Job) -> Answer:
        """Have a job done; in a second process if the first may have been hurt before."""
        while True:
            worker = await self._worker()
            try:
                async with asyncio.timeout(TIME_S[job.conversion] * PATIENCE):
                    answer = await worker.do(job)
            except TimeoutError:
                raise Unconvertible(f"{job.conversion}: it takes too long") from None
            except _Died:
                self._check_open()
                if await worker.ended() == -signal.SIGXCPU:
                    raise Unconvertible(f"{job.conversion}: it takes too long") from None
                if worker.jobs == 1:
                    raise Unconvertible(f"{job.conversion}: the worker died of it") from None
                log.info("a worker died and is replaced", extra={"conversion": job.conversion})
            else:
                self._keep(worker)
                return answer
            finally:
                if worker not in self._idle:
                    worker.kill()

    async def _worker(self) -> _Worker:
        self._check_open()
        if self._timer is not None:
            self._timer.cancel()
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            worker.kill()
        try:
            worker = _Worker(await _started())
        except OSError as error:
            raise TemporaryError(f"no process for a conversion: {error.strerror}") from error
        self._all = {other for other in self._all if other.alive} | {worker}
        try:
            self._check_open()
        except TemporaryError:
            worker.kill()
            raise
        return worker

    def _check_open(self) -> None:
        if self._closed:
            raise TemporaryError("conversions end")

    def _keep(self, worker: _Worker) -> None:
        if self._closed or worker.jobs >= MOST_JOBS:
            return
        self._idle.append(worker)
        self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._let_go)

    def _let_go(self) -> None:
        while self._idle:
            self._idle.pop().end()


def _facts(answer: Answer) -> Facts:
    if answer.facts is not None:
        return answer.facts
    if answer.errno is None:
        raise Unconvertible(answer.refused or "no answer")
    error = OSError(answer.errno, os.strerror(answer.errno))
    if isinstance(error, FileNotFoundError):
        raise error
    raise TemporaryError(f"no conversion: {error.strerror}")


async def _started() -> asyncio.subprocess.Process:
    """Start a process that knows nothing of the daemon: neither its environment nor its files."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-s", "-m", "matebot.media.convert_worker", str(os.getpid())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd="/",
        env={
            "PYTHONPATH": str(Path(matebot.__file__).parent.parent),
            "LANG": "C.UTF-8",
            "MALLOC_ARENA_MAX": "2",  # the limit is on addresses, of which each arena takes 64 MB
        },
        start_new_session=True,  # a Ctrl-C is for the daemon, which then ends its workers in order
    )
