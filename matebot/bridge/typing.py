"""That somebody types in Discord, shown in Telegram: best effort, never stored."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from matebot.bridge.routes import Routes
from matebot.core.errors import DeliveryError
from matebot.core.ids import Platform, Room
from matebot.core.ports import AnyMessenger

EVERY_S: Final = 5.0
"""Telegram shows it for so long; it is told no more often, and not later than that."""
REST_S: Final = 60.0
"""After a refusal a room is left in peace for so long."""
_WAITING: Final = 64
_KEPT: Final = 1024

log = logging.getLogger(__name__)


class Typing:
    """Shows who types to the other rooms of the bridge, where its people want that.

    Args:
        routes: The bridges in force.
        messengers: Those that can show it; Telegram tells no bot who types there.
        clock: A clock in seconds that never goes back.
    """

    def __init__(
        self,
        routes: Routes,
        messengers: Mapping[Platform, AnyMessenger],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routes = routes
        self._messengers = messengers
        self._clock = clock
        self._queue: asyncio.Queue[tuple[float, Room]] = asyncio.Queue(_WAITING)
        self._not_before: OrderedDict[Room, float] = OrderedDict()

    def typing(self, room: Room) -> None:
        """Somebody types in a room; what is too much is dropped."""
        now = self._clock()
        for place in self._routes.destinations(room):
            shows = place.choices.typing and place.room.platform in self._messengers
            if not shows or self._not_before.get(place.room, now) > now or self._queue.full():
                continue
            self._rest(place.room, now + EVERY_S)
            self._queue.put_nowait((now, place.room))

    async def run(self) -> None:
        """Show it, one room after the other, until cancelled."""
        while True:
            told_at, room = await self._queue.get()
            if self._clock() - told_at < EVERY_S:
                await self._show(room)

    async def _show(self, room: Room) -> None:
        try:
            async with asyncio.timeout(EVERY_S):
                await self._messengers[room.platform].typing(room)
        except (DeliveryError, TimeoutError) as error:
            log.debug("typing not shown in %s: %s", room, error)
            self._rest(room, self._clock() + REST_S)

    def _rest(self, room: Room, until: float) -> None:
        self._not_before[room] = until
        self._not_before.move_to_end(room)
        if len(self._not_before) > _KEPT:
            self._not_before.popitem(last=False)
