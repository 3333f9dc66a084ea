"""One SQLite file and the thread that owns it.

A transaction is a synchronous function that runs whole on the storage thread: no await inside it,
so a cancellation cannot split it. Transactions run in the order in which they were submitted; those
that wait at the same time are committed together, and none is answered before the commit that holds
it has reached the disk (``synchronous=FULL``). Where one of several raises, all are undone and run
again, each in a savepoint of its own: a transaction changes nothing but the database.
"""

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from matebot.core.errors import StoreUnavailable

T = TypeVar("T")
Transaction = Callable[[sqlite3.Connection], T]

BATCH = 128  # transactions committed together; a bound on how long the first of them waits
BUSY_TIMEOUT_S = 5.0
TURNS_TO_HEAR = 16  # of the event loop: a future, its shield and the tasks behind it take a few

log = logging.getLogger(__name__)


class _Job(NamedTuple):
    transaction: Transaction[Any]
    future: asyncio.Future[Any]
    failures: int  # how many failed batches the loop had heard of when it submitted this


class _Outcome(NamedTuple):
    future: asyncio.Future[Any]
    value: Any = None
    error: BaseException | None = None


def connect(path: Path) -> sqlite3.Connection:
    """Open the file as every part of MateBot opens it.

    Raises:
        sqlite3.Error: It cannot be opened, or it is no database.
    """
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_S
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-4096")
    connection.execute("PRAGMA journal_size_limit=16777216")
    return connection


class Database:
    """Runs transactions, one at a time, on a thread of its own.

    Use it as an async context manager; leaving it waits for what was submitted and closes the file.

    Args:
        connection: An open connection with the schema in place; the database closes it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="storage", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._failures_heard = 0  # the loop's
        self._failures = 0  # the storage thread's

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def submit(self, transaction: Transaction[T]) -> asyncio.Future[T]:
        """Queue a transaction, at once and in the order of the calls.

        Returns:
            What ends when the transaction has been committed, with its result. It raises what the
            transaction raised (which then changed nothing), or StoreUnavailable where the database
            does not take writes. Cancelling it does not take the transaction back.
        """
        if self._loop is None or self._closed:
            raise StoreUnavailable("the database is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(transaction, future, self._failures_heard))
        return future

    async def run(self, transaction: Transaction[T]) -> T:
        """Submit a transaction and wait for its commit; raises as `submit` says."""
        return await self.submit(transaction)

    def _answer(self, outcomes: list[_Outcome], failures: int) -> None:
        """Give each waiter its answer, on the event loop."""
        self._hear(failures, TURNS_TO_HEAR)
        for outcome in outcomes:
            if outcome.future.cancelled():
                continue
            if outcome.error is not None:
                outcome.future.set_exception(outcome.error)
            else:
                outcome.future.set_result(outcome.value)

    def _hear(self, failures: int, turns: int) -> None:
        """Count what is submitted as later than a failure once all who wait have acted on it."""
        if failures == self._failures_heard:
            return
        if turns and self._loop is not None:
            self._loop.call_soon(self._hear, failures, turns - 1)
        else:
            self._failures_heard = failures

    def _work(self) -> None:
        """The storage thread: take what waits, commit it together, answer."""
        while (job := self._jobs.get()) is not None:
            jobs = [job]
            stop = False
            with contextlib.suppress(queue.Empty):
                while len(jobs) < BATCH:
                    more = self._jobs.get_nowait()
                    if more is None:
                        stop = True
                        break
                    jobs.append(more)
            outcomes = self._commit(jobs)
            assert self._loop is not None  # noqa: S101  (the thread starts after the loop is known)
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
                self._loop.call_soon_threadsafe(self._answer, outcomes, self._failures)
            if stop:
                return

    def _commit(self, jobs: list[_Job]) -> list[_Outcome]:
        """Run a batch and commit it; where the batch fails as a whole, so has every job of it.

        So has what was submitted before the loop heard of the failure: who submitted it believed
        that all before it would be stored, and a later message must not overtake a lost one.
        """
        if jobs[0].failures < self._failures:
            refused = [job for job in jobs if job.failures < self._failures]
            rest = self._commit(jobs[len(refused) :]) if len(refused) < len(jobs) else []
            error = StoreUnavailable("the database did not write what came before")
            return [_Outcome(job.future, error=error) for job in refused] + rest
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = self._run_all(jobs)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            log.error("the database does not write: %s", error)
            self._failures += 1
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            return [_Outcome(job.future, error=_unavailable(error)) for job in jobs]
        return outcomes

    def _run_all(self, jobs: list[_Job]) -> list[_Outcome]:
        """Run a batch that has begun; hardly ever does one of it raise.

        Raises:
            sqlite3.OperationalError: The database itself fails: the batch fails.
        """
        try:
            return [_Outcome(job.future, job.transaction(self._connection)) for job in jobs]
        except sqlite3.OperationalError:
            raise
        except Exception:  # noqa: BLE001  (whose it is, the second run tells)
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN IMMEDIATE")
            return [self._run_one(job) for job in jobs]

    def _run_one(self, job: _Job) -> _Outcome:
        """Run one transaction inside the batch; its error undoes it alone.

        Raises:
            sqlite3.OperationalError: The database itself fails (full disk, busy): the batch fails.
        """
        self._connection.execute("SAVEPOINT job")
        try:
            value = job.transaction(self._connection)
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001  (it belongs to whoever waits for this job)
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            return _Outcome(job.future, error=error)
        self._connection.execute("RELEASE job")
        return _Outcome(job.future, value)


def _unavailable(error: sqlite3.Error) -> StoreUnavailable:
    return StoreUnavailable(f"the database does not write: {error}")
