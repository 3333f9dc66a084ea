"""The composition root: builds every part, owns the one TaskGroup, and knows the order of things.

Start: DATA_DIR and its lock, the database, the web server, both services. End: the reverse; intake
first, then what is under way (bounded), then the services, then the database.
"""

import asyncio
import errno
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Final, TypeVar

from matebot.assembly import Parts, assemble
from matebot.config import Settings
from matebot.core.errors import OperatorError, StoreUnavailable
from matebot.core.health import Health, HealthReport
from matebot.datadir import locked
from matebot.memory import give_back
from matebot.storage.database import Database
from matebot.storage.opening import opened
from matebot.systemd import Systemd
from matebot.words import Catalogue

GRACE_S = 10.0
"""How long what is under way may take to end."""

YOUNG: Final = 20_000
"""So many new objects before the collector looks for cycles among them: some messages' worth."""

log = logging.getLogger(__name__)

T = TypeVar("T")


async def run(settings: Settings, words: Catalogue) -> None:
    """Run MateBot until it is told to stop.

    Args:
        settings: The operator's.
        words: What MateBot itself says.

    Raises:
        OperatorError: Something that only the operator can mend; perhaps in an exception group.
    """
    with _stop_signals() as stop, locked(settings.data_dir), _systemd() as systemd:
        async with AsyncExitStack() as stack:
            opening = stack.enter_async_context(opened(settings.data_dir / "matebot.sqlite"))
            database = await _unless(stop, opening)
            if database is not None:
                await _serve(settings, words, database, systemd, stop)
        log.info("stopped")


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What comes of work that may have to wait for long; None where the stop ends it first.

    Raises:
        ExceptionGroup: Of what the work raised.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work), group.create_task(stop.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
    return None if tasks[0].cancelled() else tasks[0].result()


async def _serve(
    settings: Settings,
    words: Catalogue,
    database: Database,
    systemd: Systemd,
    stop: asyncio.Event,
) -> None:
    health = Health("telegram", "discord", "database")
    parts = await _unless(stop, _assembled(settings, words, database, health))
    if parts is None:
        return
    async with AsyncExitStack() as stack:
        stack.push_async_callback(parts.telegram.close)
        await stack.enter_async_context(_listening(parts, settings))
        health.watch(lambda report: systemd.status(str(report)))
        health.watch(_settle)
        systemd.ready()
        systemd.status(str(health.report()))
        async with asyncio.TaskGroup() as group:
            work = [*parts.work(), ("watchdog", systemd.run())]
            tasks = [group.create_task(run, name=name) for name, run in work]
            await stop.wait()
            log.info("stopping")
            systemd.stopping()
            await _end(parts)
            for task in tasks:
                task.cancel()


def _settle(report: HealthReport) -> None:
    """Give back what the start alone took, and leave what it built out of the collector's rounds.

    Each round over it held every message up for some 40 ms.
    """
    if report.ok and not gc.get_freeze_count():
        give_back()
        gc.freeze()
        gc.set_threshold(YOUNG)


async def _assembled(
    settings: Settings, words: Catalogue, database: Database, health: Health
) -> Parts:
    """Build the parts, as soon as the database lets itself be read and written.

    Raises:
        OperatorError: Something that only the operator can mend.
    """
    while True:
        try:
            return await assemble(settings, words, database, health)
        except StoreUnavailable as error:  # another program holds it: a backup, an inspection
            log.warning("waiting for the database: %s", error)
            await asyncio.sleep(error.retry_after_s)
        except OSError as error:  # a secret or a certificate of our own that cannot be kept
            raise OperatorError(
                f"MATEBOT_DATA_DIR: {settings.data_dir} cannot be used: {error}"
            ) from error


async def _end(parts: Parts) -> None:
    """Stop the intake, and let what is under way end; the rest stays in the database."""
    parts.gate.close()
    await asyncio.gather(parts.server.stop(), parts.lanes.stop(GRACE_S))


@asynccontextmanager
async def _listening(parts: Parts, settings: Settings) -> AsyncIterator[None]:
    try:
        await parts.server.__aenter__()
    except OSError as error:
        raise OperatorError(_cannot_listen(settings, error)) from error
    log.info("listening", extra={"host": settings.listen_host, "port": parts.server.port})
    try:
        yield
    finally:
        await parts.server.stop()


def _cannot_listen(settings: Settings, error: OSError) -> str:
    """Which setting is to blame, and what to do."""
    host, port = settings.listen_host, settings.listen_port
    name, advice = "LISTEN_HOST", "give an address of this machine"
    if error.errno == errno.EADDRINUSE:
        name, advice = "LISTEN_PORT", "stop the program that uses it, or choose another port"
    elif error.errno == errno.EACCES:
        name, advice = "LISTEN_PORT", "choose a port from 1024 on, or grant CAP_NET_BIND_SERVICE"
    return f"MATEBOT_{name}: cannot listen on {host} port {port}; {advice}"


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop_or_end(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stop_or_end, number)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


@contextmanager
def _systemd() -> Iterator[Systemd]:
    systemd = Systemd()
    try:
        yield systemd
    finally:
        systemd.close()
