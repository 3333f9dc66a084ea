"""Notices what was deleted in Telegram, which never tells: asks now and then, within a budget.

A miss alone proves nothing, since a trouble of the server's can look the same. A message is taken
for deleted after two misses some time apart, each beside another message of that chat, no newer,
that is there; and never many at once.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Final

from matebot.core.bridges import Bridge
from matebot.core.errors import DeliveryError, StoreUnavailable, TemporaryError
from matebot.core.events import Deleted
from matebot.core.ids import Platform, Room
from matebot.core.ports import Intake, Mark
from matebot.core.presence import PresenceStore, Probe, Standing, Watched

CALLS: Final = 10
"""How many calls are made in the time between two misses (a minute, unless it is set otherwise)."""
SCHEDULE: Final = (0.25, 1.0, 5.0, 20.0, 60.0, 360.0, 1440.0, 2820.0)
"""How old a message is when it is looked at, in times between two misses: 15 s to two days."""
POSTPONED: Final = 5.0
MOST_DELETES: Final = 10
"""More than so many deletions in one chat within `POSTPONED` wait: perhaps nobody deleted them."""

log = logging.getLogger(__name__)


def noticing_chats(bridges: Sequence[Bridge]) -> frozenset[int]:
    """The Telegram chats of which people want deletions to be noticed."""
    return frozenset(
        part.room.chat
        for bridge in bridges
        if bridge.choices.notice_deletes
        for part in bridge.rooms
        if part.reads and part.room.platform is Platform.TELEGRAM
    )


class Noticing:
    """Looks whether Telegram's originals still stand, and tells the relay of those that do not.

    Args:
        store: Knows which are to be looked at.
        probe: Asks Telegram.
        intake: Takes the deletions.
        chats: The Telegram chats that are to be asked about, at present.
        apart_s: Seconds between two misses; all other times are in proportion to it.
        now: The time in unix seconds.
    """

    def __init__(
        self,
        store: PresenceStore,
        probe: Probe,
        intake: Intake,
        *,
        chats: Callable[[], Collection[int]],
        apart_s: float,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._probe = probe
        self._intake = intake
        self._chats = chats
        self._apart_s = apart_s
        self._now = now
        self._noticed: dict[Room, deque[float]] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self._pause()
            try:
                await self.look()
            except StoreUnavailable as error:
                await asyncio.sleep(error.retry_after_s)

    async def look(self) -> None:
        """Look at the message whose turn it is, if there is one.

        Raises:
            StoreUnavailable: The database does not write.
        """
        watched = await self._store.next_due(self._chats(), SCHEDULE[0] * self._apart_s)
        if watched is None:
            return
        try:
            standing = await self._standing(watched)
        except DeliveryError as error:
            log.debug("cannot ask about %s: %s", watched.ref.room, error)
            hint_s = error.retry_after_s if isinstance(error, TemporaryError) else None
            await self._postpone(watched)
            await asyncio.sleep(hint_s or 0.0)
            return
        match standing:
            case Standing.STANDS:
                await self._store.stood(watched, self._next_look(watched))
            case Standing.UNKNOWN:
                await self._postpone(watched)
            case Standing.MISSING:
                await self._missing(watched)

    async def _standing(self, watched: Watched) -> Standing:
        """Whether it stands; missing only if another message that should stand does."""
        standing = await self._probe.standing(watched.ref)
        if standing is not Standing.MISSING:
            return standing
        for control in await self._store.controls(watched):
            await self._pause()
            standing = await self._probe.standing(control)
            if standing is Standing.STANDS:
                return Standing.MISSING
        return Standing.UNKNOWN

    async def _missing(self, watched: Watched) -> None:
        now = self._now()
        if watched.missed_at is None or now - watched.missed_at < self._apart_s:
            await self._store.missed(watched, (watched.missed_at or now) + self._apart_s)
        elif self._too_many(watched.ref.room.whole, now):
            log.warning("many messages of %s seem deleted: waiting", watched.ref.room)
            await self._postpone(watched)
        else:
            log.info("noticed a deletion in %s", watched.ref.room)
            await self._intake.take([Deleted((watched.ref,))], Mark())

    def _too_many(self, chat: Room, now: float) -> bool:
        """Whether too many were noticed in a chat of late; counts this one if not."""
        recent = self._noticed.setdefault(chat, deque(maxlen=MOST_DELETES))
        if len(recent) == MOST_DELETES and now - recent[0] < POSTPONED * self._apart_s:
            return True
        recent.append(now)
        return False

    def _next_look(self, watched: Watched) -> float | None:
        """When it is to be looked at again: at the next age of the schedule that is to come."""
        ages_s = (times * self._apart_s for times in SCHEDULE[watched.looks + 1 :])
        return next(
            (watched.posted_at + s for s in ages_s if watched.posted_at + s > self._now()), None
        )

    async def _postpone(self, watched: Watched) -> None:
        await self._store.postponed(watched, self._now() + POSTPONED * self._apart_s)

    async def _pause(self) -> None:
        """Keep the budget."""
        await asyncio.sleep(self._apart_s / CALLS)
