"""What is done now and then, for as long as MateBot runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from matebot.core.errors import StoreUnavailable
from matebot.core.health import HealthReport
from matebot.storage.store import Store

HEALTH_EVERY_S = 30.0
FORGET_EVERY_S = 600.0
NOTE_TIME_EVERY_S = 60.0


class Upkeep:
    """Looks after the database.

    Args:
        store: The database's.
        report: Looks how things stand, and tells who watches.
        content_s: How long what people said is kept, seconds.
        map_s: How long the message map is kept, seconds.
    """

    def __init__(
        self,
        store: Store,
        report: Callable[[], Awaitable[HealthReport]],
        *,
        content_s: float,
        map_s: float,
    ) -> None:
        self._store = store
        self._report = report
        self._content_s = content_s
        self._map_s = map_s

    async def run(self) -> None:
        """Go on until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look(), name="health")
            group.create_task(self._forget(), name="forget")
            group.create_task(self._note_time(), name="clock")

    async def _look(self) -> None:
        """See whether the database writes, for systemd's status too."""
        while True:
            await self._report()
            await asyncio.sleep(HEALTH_EVERY_S)

    async def _forget(self) -> None:
        """Forget, in small steps, what is no longer needed."""
        while True:
            forgotten = 0
            with suppress(StoreUnavailable):
                forgotten = await self._store.forget_old(
                    content_s=self._content_s, map_s=self._map_s
                )
            await asyncio.sleep(1.0 if forgotten else FORGET_EVERY_S)

    async def _note_time(self) -> None:
        """Note that MateBot runs, see `matebot.storage.times`."""
        while True:
            with suppress(StoreUnavailable):
                await self._store.note_time()
            await asyncio.sleep(NOTE_TIME_EVERY_S)
