"""The desk that every file goes over: looked up, fetched, converted, kept, each of it once.

What is slow goes on in parallel and within bounds; whoever needs a file waits for that file alone.
A file that its service does not hand out is tried again from a fresh address, then by its lane,
until it has been waited for long enough: then its message goes without it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Protocol
from weakref import WeakValueDictionary

from msgspec.structs import replace

from matebot.core.errors import (
    DeliveryError,
    FileTooLarge,
    PermanentError,
    SourceUnavailable,
    StoreUnavailable,
    TemporaryError,
)
from matebot.core.faults import whereabouts
from matebot.core.ids import MessageRef, Platform
from matebot.core.media import FileBook, FileSource, LeftOut, Outcome, Ready, Reason, Sent, Takes
from matebot.core.message import Attachment, Message
from matebot.media.conversion import Conversion, Facts, Limits, Unconvertible
from matebot.media.failing import Failing
from matebot.media.fetch import download
from matebot.media.plan import Form, forms
from matebot.media.spool import Found, Lease, Spool

AHEAD: Final = 4
"""So many files are fetched ahead of their turn at once."""
MOST_AHEAD: Final = 128
"""So many messages wait for that; more are fetched in their turn."""
IN_TURN: Final = 16
"""So many files are fetched at once for messages whose turn has come."""
OF_ONE: Final = 3
"""So many of one message's."""
PAUSES_S: Final = (0.5, 2.0)
"""Before a file is asked for again, at once and not by its lane."""
LONGEST_HINT_S: Final = 5.0
"""A service that wants to be left alone for longer is left alone."""
LONGEST_WAIT_S: Final = 60.0
"""But no text waits longer for another look than this."""
LEAST_BUDGET: Final = 4_194_304
"""Room for a conversion's result, at least."""

log = logging.getLogger(__name__)


class Converter(Protocol):
    """Turns files into others (`matebot.media.workers`)."""

    async def convert(
        self, conversion: Conversion, source: Path, target: Path, limits: Limits
    ) -> Facts:
        """Write what a conversion makes of a file.

        Raises:
            Unconvertible: It makes nothing of it, now or ever.
            TemporaryError: It was not tried.
        """
        ...


class _Job(NamedTuple):
    """One attachment of one message."""

    attachment: Attachment
    of: MessageRef
    forms: Sequence[Form]
    most_bytes: int

    def left_out(self, reason: Reason) -> LeftOut:
        most = self.most_bytes if reason is Reason.TOO_LARGE else 0
        return LeftOut(self.attachment, reason, most)


class Desk:
    """Implements `matebot.core.media.Media`.

    Args:
        sources: Where each platform's files come from; may be filled later.
        book: Remembers what became of files.
        spool: Where they lie.
        converter: Converts them.
        shrink_videos: Whether films that are too large are made smaller.
        now: Seconds, for how long a file was waited for.
        pause: Waits so many seconds.
    """

    def __init__(
        self,
        *,
        sources: Mapping[Platform, FileSource],
        book: FileBook,
        spool: Spool,
        converter: Converter,
        shrink_videos: bool = False,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sources = sources
        self._book = book
        self._spool = spool
        self._converter = converter
        self._shrink_videos = shrink_videos
        self._pause = pause
        self._failing = Failing(now)
        self._foreseen: asyncio.Queue[tuple[Message, Takes]] = asyncio.Queue(MOST_AHEAD)
        self._ahead = asyncio.Semaphore(AHEAD)
        self._in_turn = asyncio.Semaphore(IN_TURN)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self) -> None:
        """Fetch what is foreseen, until cancelled."""
        await self._spool.open()
        async with asyncio.TaskGroup() as group:
            for number in range(AHEAD):
                group.create_task(self._work_ahead(), name=f"files ahead {number}")

    def foresee(self, message: Message, takes: Takes) -> None:
        """See `Media.foresee`."""
        if any(attachment.file is not None for attachment in message.attachments):
            with suppress(asyncio.QueueFull):
                self._foreseen.put_nowait((message, takes))

    async def outcomes(
        self, message: Message, takes: Takes, *, fetch: bool = True
    ) -> Sequence[Outcome]:
        """See `Media.outcomes`."""
        return await self._outcomes(message, takes, self._in_turn, fetch=fetch)

    async def path(self, message: Message, ready: Ready, takes: Takes) -> Path:
        """See `Media.path`.

        Raises:
            SourceUnavailable: They are not there now. Where they are gone for good the next
                `outcomes` tells so, and the rest of the message can still cross.
        """
        for job in self._jobs(message, takes):
            for form in job.forms:
                if form.key == ready.key:
                    found = await self._find(form)
                    if found is not None:
                        return found.path
                    made = await self._make(job, form)
                    if isinstance(made, LeftOut):
                        raise SourceUnavailable(f"the file is not to be had: {made.reason.value}")
                    return made[1].path
        raise SourceUnavailable("the room takes other files than a moment ago")

    async def _work_ahead(self) -> None:
        while True:
            message, takes = await self._foreseen.get()
            try:
                await self._outcomes(message, takes, self._ahead, fetch=True)
            except (DeliveryError, StoreUnavailable) as error:
                log.info("not fetched ahead: %s", error)
            except Exception as error:  # noqa: BLE001  (its own turn will tell what to make of it)
                log.error("fetching ahead broke", extra={"error": whereabouts(error)})

    def _jobs(self, message: Message, takes: Takes) -> list[_Job]:
        origin = message.ref.room.platform
        most_in = min(self._sources[origin].most_bytes, self._spool.most_bytes)
        most = min(takes.most_bytes, most_in)
        return [
            _Job(
                attachment,
                message.ref,
                [
                    form
                    for form in forms(attachment, origin, takes, shrink_videos=self._shrink_videos)
                    if form.size_bytes is None or form.size_bytes <= most_in
                ],
                most,
            )
            for attachment in message.attachments
        ]

    async def _outcomes(
        self, message: Message, takes: Takes, slots: asyncio.Semaphore, *, fetch: bool
    ) -> Sequence[Outcome]:
        if all(attachment.file is None for attachment in message.attachments):
            return [None] * len(message.attachments)
        jobs = self._jobs(message, takes)
        known = await self._book.known([form.key for job in jobs for form in job.forms])
        few = asyncio.Semaphore(OF_ONE)

        async def settled(job: _Job) -> Outcome | DeliveryError | StoreUnavailable:
            try:
                async with few:
                    return await self._settle(job, known, slots, fetch=fetch)
            except (DeliveryError, StoreUnavailable) as error:
                return error
            except Exception as error:  # noqa: BLE001  (one file must not cost its message)
                log.error("a file broke what handles it", extra={"error": whereabouts(error)})
                return job.left_out(Reason.BROKEN)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(settled(job)) for job in jobs]
        found: list[Outcome] = []
        for result in (task.result() for task in tasks):
            if isinstance(result, Exception):
                raise result
            found.append(result)
        return _within(jobs, found, self._spool.most_bytes)

    async def _settle(
        self, job: _Job, known: Mapping[str, Sent], slots: asyncio.Semaphore, *, fetch: bool
    ) -> Outcome:
        """What becomes of an attachment: the first of its forms that can be sent."""
        if job.attachment.file is None:
            return None
        reasons: list[Reason] = []
        gone: set[str] = set()
        for form in job.forms:
            if form.raw in gone:
                continue
            sent = known.get(form.key)
            outcome = _told(job, form, sent, fetch=fetch)
            needed = fetch and not (sent is not None and sent.remote)
            if isinstance(outcome, Ready) and needed and not await self._find(form):
                outcome = None
            if outcome is None:
                async with slots:
                    made = await self._make(job, form)
                outcome = made if isinstance(made, LeftOut) else made[0]
                if isinstance(outcome, Ready) and outcome.size_bytes > form.most_bytes:
                    outcome = job.left_out(Reason.TOO_LARGE)
            if isinstance(outcome, Ready):
                return outcome
            reasons.append(outcome.reason)
            if outcome.reason is Reason.GONE:
                gone.add(form.raw)
        large = not reasons or Reason.TOO_LARGE in reasons
        return job.left_out(Reason.TOO_LARGE if large else reasons[0])

    async def _find(self, form: Form) -> Found | None:
        """What is sent, if it lies there."""
        return await self._spool.find(form.raw if form.conversion is None else form.key)

    async def _make(self, job: _Job, form: Form) -> tuple[Ready, Found] | LeftOut:
        """Fetch a file and make a form of it, and write down what came of that.

        Raises:
            SourceUnavailable: It is not to be had now.
        """
        service = job.of.room.platform.value
        try:
            if form.conversion is None:
                made = await self._plain(job, form)
            else:
                made = await self._converted(job, form, form.conversion)
        except Unconvertible as error:
            log.info("not converted: %s", error, extra={"form": form.conversion})
            return await self._left_out(job, form, Reason.BROKEN)
        except FileTooLarge:
            return await self._left_out(job, form, Reason.TOO_LARGE)
        except PermanentError as error:
            log.warning("a file is gone: %s", error, extra={"from": service})
            return await self._left_out(job, form, Reason.GONE)
        except DeliveryError as error:
            ours = isinstance(error, SourceUnavailable)  # no room: nothing against the service
            names = (form.raw,) if ours else (form.raw, service)
            if self._failing.failed(*names):
                log.warning("a file is waited for no longer: %s", error, extra={"from": service})
                return await self._left_out(job, form, Reason.GONE)
            hint = getattr(error, "retry_after_s", None)
            hint = hint and min(hint, LONGEST_WAIT_S)
            raise SourceUnavailable(f"a file from {service}: {error}", hint) from error
        self._failing.succeeded(form.raw, service)
        return made

    async def _left_out(self, job: _Job, form: Form, reason: Reason) -> LeftOut:
        left = job.left_out(reason)
        bare = Attachment(job.attachment.kind)  # nothing that people said is kept
        await self._book.note(form.key, replace(left, attachment=bare))
        return left

    async def _plain(self, job: _Job, form: Form) -> tuple[Ready, Found]:
        found = await self._spool.find(form.raw)
        if found is None:
            async with self._spool.lease(_expected(job, form)) as lease:
                found = await self._original(job, form, lease)
        if found.size_bytes > form.most_bytes:
            raise FileTooLarge(f"{found.size_bytes} bytes, {form.most_bytes} at most")
        ready = form.as_it_is(job.attachment, found.size_bytes)
        await self._book.note(form.key, _bare(ready))
        return ready, found

    async def _converted(
        self, job: _Job, form: Form, conversion: Conversion
    ) -> tuple[Ready, Found]:
        async with self._lock(form.key):
            found = await self._spool.find(form.key)
            if found is not None:  # somebody else has made it just now
                sent = (await self._book.known([form.key])).get(form.key)
                if sent is not None and isinstance(sent.outcome, Ready):
                    return form.worded(sent.outcome, job.attachment), found
            fetched = _expected(job, form)
            budget = form.limits.most_bytes or min(form.most_bytes, max(LEAST_BUDGET, 2 * fetched))
            async with self._spool.lease(fetched + budget) as lease:
                original = await self._original(job, form, lease)
                draft = await lease.draft()
                facts = await self._convert(conversion, original.path, draft, form.limits)
                found = await lease.keep(draft, form.key, made=True)
            ready = replace(form.made(job.attachment, facts), size_bytes=found.size_bytes)
            await self._book.note(form.key, _bare(ready))
            return ready, found

    async def _convert(
        self, conversion: Conversion, source: Path, target: Path, limits: Limits
    ) -> Facts:
        try:
            return await self._converter.convert(conversion, source, target, limits)
        except TemporaryError as error:  # nothing against the service that has the file
            raise SourceUnavailable(str(error)) from error

    async def _original(self, job: _Job, form: Form, lease: Lease) -> Found:
        """The file as its service has it, fetched unless it lies there."""
        async with self._lock(form.raw):
            found = await self._spool.find(form.raw)
            if found is not None:
                return found
            return await self._fetched(job, form, lease)

    async def _fetched(self, job: _Job, form: Form, lease: Lease) -> Found:
        source = self._sources[job.of.room.platform]
        most_bytes = form.most_bytes if form.conversion is None else self._spool.most_bytes
        most_bytes = min(most_bytes, source.most_bytes)
        for pause_s in (*PAUSES_S, None):
            draft = await lease.draft()
            try:
                await download(source, form.file, job.of, draft, most_bytes)
            except PermanentError:
                raise
            except DeliveryError as error:
                hint = getattr(error, "retry_after_s", None) or 0.0
                if pause_s is None or hint > LONGEST_HINT_S:
                    raise
                log.info("a file broke off: %s", error)
                await asyncio.to_thread(draft.unlink, missing_ok=True)  # there is room for one
                await self._pause(max(pause_s, hint))
            else:
                return await lease.keep(draft, form.raw)
        raise AssertionError("the last attempt returns or raises")

    def _lock(self, key: str) -> asyncio.Lock:
        """What keeps two from doing the same work; it lives as long as somebody holds it."""
        return self._locks.setdefault(key, asyncio.Lock())


def _told(job: _Job, form: Form, sent: Sent | None, *, fetch: bool) -> Ready | LeftOut | None:
    """What becomes of a form as far as that is known without a look at its bytes."""
    ready: Ready | None = None
    match sent.outcome if sent is not None else None:
        case LeftOut(reason=reason, most_bytes=most):
            large = reason is Reason.TOO_LARGE and most >= job.most_bytes
            if large or reason is Reason.BROKEN or not fetch:
                return job.left_out(reason)
        case Ready() as known:
            ready = form.worded(known, job.attachment)
        case None if form.conversion is None and form.size_bytes is not None:
            ready = form.as_it_is(job.attachment, form.size_bytes)
    if ready is not None and ready.size_bytes > form.most_bytes:
        return job.left_out(Reason.TOO_LARGE)
    return ready


def _within(jobs: Sequence[_Job], found: list[Outcome], room: int) -> list[Outcome]:
    """Leave out what has no room beside the others: an album is sent with one call."""
    for number, outcome in enumerate(found):
        if not isinstance(outcome, Ready):
            continue
        if outcome.size_bytes > room:
            found[number] = jobs[number].left_out(Reason.TOO_LARGE)
        else:
            room -= outcome.size_bytes
    return found


def _expected(job: _Job, form: Form) -> int:
    """How many bytes will come, or at most come."""
    return job.most_bytes if form.size_bytes is None else form.size_bytes


def _bare(ready: Ready) -> Ready:
    """Without what people said."""
    return replace(ready, name="", alt="", spoiler=False)
