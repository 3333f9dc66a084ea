"""One attempt at one delivery: what is to be done, and what comes next when it failed.

Before something is sent the attempt is committed; where its end is not known (the process died, the
answer never came), what it sent is first looked for at its destination.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matebot.bridge.breaker import Breaker
from matebot.bridge.calling import Calls, Outdated, Stopping
from matebot.bridge.copying import Copier
from matebot.bridge.merging import Merger
from matebot.bridge.pacing import Pacer
from matebot.bridge.recovery import Recovery
from matebot.bridge.reporter import Reporter
from matebot.bridge.retry import GiveUp, after_failure
from matebot.core.delivery import Delivery, DeliveryKind, DeliveryStore, Job
from matebot.core.errors import (
    DeliveryError,
    MessageGone,
    PermanentError,
    RoomMoved,
    StoreUnavailable,
    UnsureError,
)
from matebot.core.faults import whereabouts
from matebot.core.ids import Platform, Room
from matebot.core.message import Emoji
from matebot.core.ports import AnyMessenger

PRESSURE_S = 0.1
"""A post that had to wait so long for its turn goes out together with those behind it."""

log = logging.getLogger(__name__)


class Courier:
    """Makes the calls of a delivery, writes down what came of them, and decides what comes next.

    Args:
        store: The outbox.
        messengers: Who writes into each platform's rooms.
        pacer: Keeps the platforms' limits.
        breaker: Holds calls back from a platform that does not answer.
        reporter: Told what failed and what arrived.
        moved: Told the room whose chat goes on under a new id, after that was stored.
        ahead: Told the lane whose delivery is being written down as done, so that it looks on.
        language: The language of rooms for which none was set.
        now: The time in unix seconds.
    """

    def __init__(
        self,
        *,
        store: DeliveryStore,
        messengers: Mapping[Platform, AnyMessenger],
        pacer: Pacer,
        breaker: Breaker,
        reporter: Reporter,
        moved: Callable[[Room], None],
        ahead: Callable[[Room], None],
        language: str,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._messengers = messengers
        self._breaker = breaker
        self._reporter = reporter
        self._moved = moved
        self._now = now
        self._calls = Calls(store, pacer, now)
        self._copier = Copier(
            store, messengers, self._calls, reporter, ahead=ahead, language=language
        )
        self._merger = Merger(store, messengers, reporter, language)
        self._recovery = Recovery(store, messengers, self._calls, self._merger)

    def stop(self) -> None:
        """Make no further call; what is under way may end."""
        self._calls.stop()

    def is_calling(self, task: asyncio.Task[Any]) -> bool:
        """Whether a task is in the middle of a call and its books."""
        return self._calls.is_calling(task)

    def may_go(self, lane: Room) -> bool:
        """Whether a post of a lane that were made now would not have to wait."""
        return self._calls.may_go(lane) and not self._breaker.is_open(lane.platform)

    def ask_now(self, platform: Platform) -> None:
        """There is a sign that a platform is back: calls held back may ask it at once."""
        self._breaker.ask_now(platform)

    async def attempt(self, job: Job) -> None:
        """Try a delivery once; then it is done, postponed, given up, or to be looked at again.

        Raises:
            StoreUnavailable: The books could not be written; the delivery is as it was.
        """
        if job.begun and not self.may_go(job.delivery.room.whole):
            await self._store.take_back(job)  # others were quicker, or there is to be no call
            return
        started = time.monotonic()
        try:
            async with self._breaker.passing(job.delivery.room.platform):
                job = await self._recovery.look(job)
                await self._bring_or_merge(job)
        except (Stopping, Outdated):
            return
        except DeliveryError as error:
            await self._failed(job, error)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  (one message must not end every lane)
            where = {"error": whereabouts(error)}  # without its text, which may quote people
            log.error("a delivery broke", extra={**_names(job.delivery), **where})
            reason = f"an error in MateBot itself ({type(error).__name__})"
            await self._failed(job, PermanentError(reason))
        else:
            await self._reporter.arrived(job)
            took_ms = round((time.monotonic() - started) * 1000)
            log.debug("delivered", extra={**_names(job.delivery), "took_ms": took_ms})

    async def _bring_or_merge(self, job: Job) -> None:
        """Bring a delivery; an album, and under pressure mere text, with those behind it."""
        delivery = job.delivery
        if job.begun:
            await self._calls.turn(delivery.room)  # at once, as `attempt` has seen
            with self._calls.unstopped():  # so that nothing is left to be looked for
                await self._copier.make_equal(job, turn_taken=True)
        elif delivery.kind is not DeliveryKind.POST or job.copies:
            await self._bring(job)
        elif delivery.album is not None:
            await self._bring_album(job)
        elif delivery.attempts or not job.is_mere_text:  # what has files prepares before its turn
            await self._bring(job)
        else:
            await self._bring_text(job)

    async def _bring_text(self, job: Job) -> None:
        room = job.delivery.room
        merged = None
        if await self._calls.turn(room) >= PRESSURE_S:
            merged = await self._merger.gather(room)
        if merged is None:
            await self._copier.make_equal(job, turn_taken=True)
            return
        async with self._calls.under_way(room.platform):
            await self._merger.send(merged)

    async def _bring_album(self, job: Job) -> None:
        album = await self._merger.gather_album(job)
        if album is None:
            await self._bring(job)
            return
        await self._calls.turn(album.room, posts=len(album.parts))
        async with self._calls.under_way(album.room.platform):
            await self._merger.send(album)

    async def _bring(self, job: Job) -> None:
        match job.delivery.kind:
            case DeliveryKind.NOTICE:
                await self._say(job)
            case DeliveryKind.DELETE:
                await self._copier.take_out(job)
                await self._calls.finish(job)
            case DeliveryKind.POST | DeliveryKind.EDIT:
                await self._copier.make_equal(job)
            case DeliveryKind.REACT:
                await self._react(job)
            case DeliveryKind.PIN:
                await self._pin(job)

    async def _react(self, job: Job) -> None:
        """Have MateBot react like the people elsewhere, and count them in its own copy."""
        target = job.target
        if target is None or job.deleted:
            await self._calls.finish(job)
            return
        await self._calls.turn(target.room)
        platform = target.room.platform
        async with self._calls.under_way(platform):
            job = await self._calls.begin(job)
            messenger = self._messengers[platform]
            own: Sequence[Emoji]
            try:
                own = await messenger.react(target, job.tally, job.own)
            except MessageGone:
                own = ()
            await self._store.reacted(job, own)
        await self._copier.make_equal(job)

    async def _pin(self, job: Job) -> None:
        target = job.target
        if target is not None and not job.deleted:
            await self._calls.turn(target.room)
            platform = target.room.platform
            async with self._calls.under_way(platform):
                job = await self._calls.begin(job)
                with contextlib.suppress(MessageGone):
                    await self._messengers[platform].pin(target, pinned=job.pinned)
        await self._calls.finish(job)

    async def _say(self, job: Job) -> None:
        delivery = job.delivery
        if delivery.notice is None:
            raise ValueError("a notice that says nothing")
        await self._calls.turn(delivery.room)
        async with self._calls.under_way(delivery.room.platform):
            job = await self._calls.begin(job, posts=1)
            messenger = self._messengers[delivery.room.platform]
            said = await messenger.notice(delivery.room, delivery.notice, f"{delivery.id}-0")
            await self._store.said(delivery, said)

    async def _failed(self, job: Job, error: DeliveryError) -> None:
        delivery = job.delivery
        if isinstance(error, RoomMoved):
            new = Room(delivery.room.platform, error.new_chat)
            await self._store.retry(delivery, self._now(), str(error), unsure=False, asked=True)
            await self._store.moved(delivery.room.whole, new)
            self._moved(new)
            return
        failures = delivery.failures + 1
        age_s = self._now() - delivery.created_at
        fate = after_failure(error, failures, age_s, random.random())  # noqa: S311  (a spread)
        extra = {**_names(delivery), "failures": failures, "reason": str(error)}
        given_up = isinstance(fate, GiveUp)
        if isinstance(fate, GiveUp):
            log.error("gave up a delivery", extra=extra)
            await self._store.give_up(delivery, fate.reason)
        else:
            log.warning("will try again", extra={**extra, "in_s": round(fate.delay_s, 1)})
            still_unknown = delivery.attempted_at is not None and not job.begun
            unsure = isinstance(error, UnsureError) or still_unknown
            not_before = self._now() + fate.delay_s
            await self._store.retry(
                delivery, not_before, str(error), unsure=unsure, asked=fate.asked
            )
        await self._reporter.failed(job, error, given_up=given_up)


def _names(delivery: Delivery) -> dict[str, object]:
    """What a log line says of a delivery: never its content."""
    return {
        "delivery": delivery.id,
        "kind": delivery.kind.value,
        "bridge": delivery.bridge,
        "room": str(delivery.room),
        "original": delivery.original,
        "attempt": delivery.failures + 1,
    }
