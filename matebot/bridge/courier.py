"""One attempt at one delivery: bring the copies to what the original is now.

A post and an edit are the same work, since both make the copies be as the original is: equal parts
are left alone, others edited, surplus ones deleted, missing ones sent. Before something is sent the
attempt is committed; where its end is not known (the process died, the answer never came), what it
sent is first looked for at its destination.
"""

import asyncio
import contextlib
import itertools
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from matebot.bridge.breaker import Breaker
from matebot.bridge.merging import Merger, among_sharers, copy_of, other_files, part_digest
from matebot.bridge.pacing import Pacer
from matebot.bridge.retry import GiveUp, after_failure
from matebot.core.delivery import Delivery, DeliveryKind, DeliveryStore, Job, MappedCopy
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
from matebot.core.ports import AnyMessenger, Part

PRESSURE_S = 0.1
"""A post that had to wait so long for its turn goes out together with those behind it."""

log = logging.getLogger(__name__)


class Reporter(Protocol):
    """Tells people what became of what they said."""

    async def failed(self, job: Job, error: DeliveryError, *, given_up: bool) -> None:
        """A delivery failed: for good, or for now."""
        ...

    async def arrived(self, job: Job) -> None:
        """A delivery arrived."""
        ...


class _Stopping(Exception):
    """MateBot stops."""


class _Outdated(Exception):
    """The original changed between the look into the outbox and the attempt."""


class Courier:
    """Makes the calls of a delivery, writes down what came of them, and decides what comes next.

    Args:
        store: The outbox.
        messengers: Who writes into each platform's rooms.
        pacer: Keeps the platforms' limits.
        breaker: Holds calls back from a platform that does not answer.
        reporter: Told what failed and what arrived.
        moved: Told the room whose chat goes on under a new id, after that was stored.
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
        language: str,
        now: Callable[[], float],
    ) -> None:
        self._store = store
        self._messengers = messengers
        self._pacer = pacer
        self._breaker = breaker
        self._reporter = reporter
        self._moved = moved
        self._language = language
        self._now = now
        self._merger = Merger(store, messengers, language)
        self._calling: set[asyncio.Task[Any]] = set()
        self._stopping = False

    def stop(self) -> None:
        """Make no further call; what is under way may end."""
        self._stopping = True

    def is_calling(self, task: asyncio.Task[Any]) -> bool:
        """Whether a task is in the middle of a call and its books."""
        return task in self._calling

    def ask_now(self, platform: Platform) -> None:
        """There is a sign that a platform is back: calls held back may ask it at once."""
        self._breaker.ask_now(platform)

    async def attempt(self, job: Job) -> None:
        """Try a delivery once; then it is done, postponed, given up, or to be looked at again.

        Raises:
            StoreUnavailable: The books could not be written; the delivery is as it was.
        """
        started = time.monotonic()
        try:
            async with self._breaker.passing(job.delivery.room.platform):
                job = await self._look_for_lost(job)
                await self._bring_or_merge(job)
        except (_Stopping, _Outdated):
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
            log.info("delivered", extra={**_names(job.delivery), "took_ms": took_ms})

    async def _bring_or_merge(self, job: Job) -> None:
        """Bring a delivery; under pressure, a post together with those that wait behind it."""
        delivery = job.delivery
        if delivery.kind is not DeliveryKind.POST or delivery.attempts:
            await self._bring(job)
            return
        merged = None
        if await self._turn(delivery.room) >= PRESSURE_S:
            merged = await self._merger.gather(delivery.room)
        if merged is None:
            await self._make_equal(job, turn_taken=True)
            return
        with self._call():
            await self._merger.send(merged)

    async def _bring(self, job: Job) -> None:
        match job.delivery.kind:
            case DeliveryKind.NOTICE:
                await self._say(job)
            case DeliveryKind.DELETE:
                await self._take_out(job)
                await self._store.finish(job.delivery)
            case DeliveryKind.POST | DeliveryKind.EDIT:
                await self._make_equal(job)
            case DeliveryKind.REACT:
                await self._react(job)
            case DeliveryKind.PIN:
                await self._pin(job)

    async def _make_equal(self, job: Job, *, turn_taken: bool = False) -> None:
        """Bring the copies to what the original is now; the first call's turn may have come."""
        post = job.delivery.kind is DeliveryKind.POST
        if job.message is None or (job.deleted if post else not job.copies):
            # Deleted meanwhile (a delivery of its own takes copies away), or nothing to edit.
            await self._store.finish(job.delivery)
            return
        room = _answering_room(job)
        messenger = self._messengers[room.platform]
        copy = copy_of(job, self._language)
        parts: Sequence[Part] = ()
        if job.shared:
            copies = among_sharers(job, copy, self._language)
            parts = await messenger.prepare_together(room, copies)
            if len(parts) > 1:  # it has grown: it leaves the merged message for one of its own
                await self._take_out(job)
                job, parts = job._replace(copies=(), shared=()), ()
        parts = parts or await messenger.prepare(room, copy)
        for position, copy_there in enumerate(job.copies[: len(parts)]):
            if copy_there.digest != part_digest(parts[position]):
                job = await self._edit(job, parts[position], position)
        while len(job.copies) < len(parts):
            together = _together(parts[len(job.copies) :])
            if job.copies or not turn_taken:
                await self._turn(room, posts=len(together))
            job = await self._send(job, room, together, last=len(parts))
        await self._delete(job.copies[len(parts) :])
        if len(job.copies) >= len(parts):
            await self._store.finish(job.delivery)

    async def _send(self, job: Job, room: Room, parts: Sequence[Part], *, last: int) -> Job:
        """Post a part, or a group of them with one call, behind the copies that stand.

        Args:
            job: Whose.
            room: Where to.
            parts: What.
            last: How many copies there are to be in the end.
        """
        first = len(job.copies)
        with self._call():
            job = await self._begin(job, sends=True)
            key = f"{job.delivery.id}-{first}"
            refs = await self._messengers[room.platform].send(room, parts, key)
            made = [
                MappedCopy(ref, first + number, part_digest(part))
                for number, (ref, part) in enumerate(zip(refs, parts, strict=True))
            ]
            done = first + len(made) == last
            for copy in made:
                await self._store.arrived(job.delivery, copy, done=done and copy is made[-1])
        return job._replace(copies=(*job.copies, *made))

    async def _edit(self, job: Job, part: Part, position: int) -> Job:
        """Make a copy be as a part is; one that cannot become that is posted anew."""
        copy = job.copies[position]
        messenger = self._messengers[copy.ref.room.platform]
        await self._turn(copy.ref.room)
        with self._call():
            job = await self._begin(job, sends=False)
            try:
                await messenger.edit(copy.ref, part, files=other_files(copy, part))
            except MessageGone:  # somebody deleted the copy: there it shall stay deleted
                log.info("the copy to edit is gone", extra=_names(job.delivery))
            now = copy._replace(digest=part_digest(part))
            await self._store.arrived(job.delivery, now, done=False)
        return job

    async def _delete(self, copies: Sequence[MappedCopy]) -> None:
        for copy in copies:
            await self._turn(copy.ref.room, posts=0)
            with self._call():
                await self._messengers[copy.ref.room.platform].delete(copy.ref)
                await self._store.gone(copy.ref)

    async def _take_out(self, job: Job) -> None:
        """Take an original's copies away; where others stand in the first one, only it itself."""
        if not job.shared:
            await self._delete(job.copies)
            return
        first, *rest = job.copies
        messenger = self._messengers[first.ref.room.platform]
        others = among_sharers(job, None, self._language)
        parts = await messenger.prepare_together(first.ref.room, others)
        await self._turn(first.ref.room)
        with self._call():
            with contextlib.suppress(MessageGone):
                await messenger.edit(first.ref, parts[0], files=other_files(first, parts[0]))
            await self._store.dropped(job.delivery, first.ref)
        await self._delete(tuple(rest))

    async def _react(self, job: Job) -> None:
        """Have MateBot react like the people elsewhere, and count them in its own copy."""
        target = job.target
        if target is None or job.deleted:
            await self._store.finish(job.delivery)
            return
        await self._turn(target.room)
        with self._call():
            job = await self._begin(job, sends=False)
            messenger = self._messengers[target.room.platform]
            own: Sequence[Emoji]
            try:
                own = await messenger.react(target, job.tally, job.own)
            except MessageGone:
                own = ()
            await self._store.reacted(job, own)
        await self._make_equal(job)

    async def _pin(self, job: Job) -> None:
        target = job.target
        if target is not None and not job.deleted:
            await self._turn(target.room)
            with self._call(), contextlib.suppress(MessageGone):
                job = await self._begin(job, sends=False)
                await self._messengers[target.room.platform].pin(target, pinned=job.pinned)
        await self._store.finish(job.delivery)

    async def _say(self, job: Job) -> None:
        delivery = job.delivery
        if delivery.notice is None:
            raise ValueError("a notice that says nothing")
        await self._turn(delivery.room)
        with self._call():
            job = await self._begin(job, sends=True)
            messenger = self._messengers[delivery.room.platform]
            said = await messenger.notice(delivery.room, delivery.notice, f"{delivery.id}-0")
            await self._store.said(delivery, said)

    async def _begin(self, job: Job, *, sends: bool) -> Job:
        delivery = await self._store.begin(job, sends=sends)
        if delivery is None:
            raise _Outdated
        return job._replace(delivery=delivery)

    async def _look_for_lost(self, job: Job) -> Job:
        """Where it is not known how an attempt ended, look for its message at the destination.

        Nothing else of MateBot's is posted in that chat meanwhile, so what stands there of
        MateBot's own, after the last id known before and not in the map, is what was under way.
        """
        delivery = job.delivery
        if delivery.attempted_at is None:
            return job
        messenger = self._messengers[delivery.room.platform]
        known = await self._store.known_after(delivery.room, delivery.last_known)
        lost = await messenger.find(delivery.room, delivery.last_known, known)
        extra = {**_names(delivery), "found": len(lost)}
        log.info("looked for what was under way", extra=extra)
        settled = delivery._replace(attempted_at=None, batch=None)
        if delivery.batch is not None:
            await self._merger.settle(delivery, lost)
            raise _Outdated
        if not lost:
            return job._replace(delivery=settled)
        if delivery.kind is DeliveryKind.NOTICE:
            await self._store.said(delivery, lost[-1])
            raise _Outdated
        copy = MappedCopy(lost[0], len(job.copies), b"")
        await self._store.arrived(delivery, copy, done=False)
        return job._replace(delivery=settled, copies=(*job.copies, copy))

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
            unsure = isinstance(error, UnsureError) or delivery.attempted_at is not None
            not_before = self._now() + fate.delay_s
            await self._store.retry(
                delivery, not_before, str(error), unsure=unsure, asked=fate.asked
            )
        await self._reporter.failed(job, error, given_up=given_up)

    async def _turn(self, room: Room, *, posts: int = 1) -> float:
        """Wait until a call keeps within the limits; returns the seconds that took.

        Args:
            room: Where to.
            posts: How many messages it posts or edits.
        """
        if self._stopping:
            raise _Stopping
        began = time.monotonic()
        await self._pacer.turn(room.whole, posts=posts)
        return time.monotonic() - began

    @contextmanager
    def _call(self) -> Iterator[None]:
        """Mark the task as being in the middle of a call, which a stop lets end."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a call is made in a task")
        self._calling.add(task)
        try:
            yield
        finally:
            self._calling.discard(task)


def _answering_room(job: Job) -> Room:
    """Where a copy goes: an answer goes into the topic of what it answers."""
    room = job.delivery.room
    if job.reply_to is not None and room.topic is None:
        return Room(room.platform, room.chat, job.reply_to.room.topic)
    return room


def _together(parts: Sequence[Part]) -> Sequence[Part]:
    """The first of the parts, with those behind it that are posted with the same call."""
    first = parts[0]
    if not first.group:
        return parts[:1]
    return list(itertools.takewhile(lambda part: part.group == first.group, parts))


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
