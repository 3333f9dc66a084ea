"""Making an original's copies be as the original is now: what posts and edits have in common.

Equal parts are left alone, others edited, surplus ones deleted, missing ones sent. The books are
right at every moment: a copy that cannot become what it is to be is noted as replaced before it is
taken away, and gives its place up only to the one that comes for it.
"""

import contextlib
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence

from matebot.bridge.calling import Calls, preparing
from matebot.bridge.copies import (
    among_sharers,
    answering_room,
    copy_of,
    free_positions,
    other_files,
    part_digest,
    with_copies,
)
from matebot.bridge.reporter import Reporter
from matebot.core.delivery import REPLACED, DeliveryKind, DeliveryStore, Job, MappedCopy
from matebot.core.errors import DeliveryError, MessageGone, OtherKind, StoreUnavailable
from matebot.core.ids import Platform, Room
from matebot.core.message import Copy
from matebot.core.ports import AnyMessenger, Part

log = logging.getLogger(__name__)


class Copier:
    """Makes copies be as their originals are.

    Args:
        store: The outbox.
        messengers: Who writes into each platform's rooms.
        calls: What each call goes through.
        reporter: Told which files stayed behind.
        ahead: Told the lane whose delivery is being written down as done.
        language: The language of rooms for which none was set.
    """

    def __init__(
        self,
        store: DeliveryStore,
        messengers: Mapping[Platform, AnyMessenger],
        calls: Calls,
        reporter: Reporter,
        *,
        ahead: Callable[[Room], None],
        language: str,
    ) -> None:
        self._store = store
        self._messengers = messengers
        self._calls = calls
        self._reporter = reporter
        self._ahead = ahead
        self._language = language

    async def make_equal(self, job: Job, *, turn_taken: bool = False) -> None:
        """Bring the copies to what the original is now; the first call's turn may have come."""
        post = job.delivery.kind is DeliveryKind.POST
        if job.message is None or (job.deleted if post else not job.copies):
            # Deleted meanwhile (a delivery of its own takes copies away), or nothing to edit.
            await self._calls.finish(job)
            return
        room = answering_room(job)
        try:
            job, parts = await self._prepared(job, room)
        except (DeliveryError, StoreUnavailable):
            if job.begun:  # nothing was sent: it may be merged, and what comes folds into it
                with contextlib.suppress(StoreUnavailable):
                    await self._store.take_back(job)
            raise
        await self._take_away([copy for copy in job.copies if not copy.stands])
        for copy in job.copies:
            if copy.position < len(parts) and copy.stands:
                job = await self._match(job, parts[copy.position], copy)
        await self.delete([copy for copy in job.copies if copy.position >= len(parts)])
        left = [each for part in parts for each in part.left_out] if post else []
        done = False
        while missing := _missing(job.copies, len(parts)):
            together = _of_one_call(missing, parts)
            if turn_taken:
                turn_taken = False
            else:
                await self._calls.turn(room, posts=len(together))
            done = len(together) == len(missing) and not left
            job = await self._send(job, room, {at: parts[at] for at in together}, done=done)
        if left:
            await self._reporter.left_out(job, left)
        if not done:
            await self._calls.finish(job)

    async def _prepared(self, job: Job, room: Room) -> tuple[Job, Sequence[Part]]:
        """The parts that an original's copies are to be as."""
        copy = copy_of(job, self._language)
        if job.shared:
            parts = await self._together(job, room, among_sharers(job, copy, self._language))
            if len(parts) == 1:
                return job, parts
            # It has grown: it leaves the merged message for one of its own.
            await self.take_out(job)
            job = job._replace(copies=(), shared=())
        messenger = self._messengers[room.platform]
        async with preparing(messenger, job.delivery.room, [copy]):
            return job, await messenger.prepare(room, copy)

    async def _together(self, job: Job, room: Room, copies: Sequence[Copy]) -> Sequence[Part]:
        """The parts that copies become which share a message."""
        messenger = self._messengers[room.platform]
        async with preparing(messenger, job.delivery.room, copies):
            return await messenger.prepare_together(room, copies)

    async def _send(self, job: Job, room: Room, parts: Mapping[int, Part], *, done: bool) -> Job:
        """Post a part, or a group of them with one call.

        Args:
            job: Whose.
            room: Where to.
            parts: What, by position.
            done: Whether the delivery is done with that.
        """
        async with self._calls.under_way(room.platform):
            job = await self._calls.begin(job, posts=len(parts))
            key = f"{job.delivery.id}-{min(parts)}"
            refs = await self._messengers[room.platform].send(room, list(parts.values()), key)
            made = [
                MappedCopy(ref, position, part_digest(part))
                for ref, (position, part) in zip(refs, parts.items(), strict=True)
            ]
            stored = self._store.arrived(job.delivery, made, done=done)
            if done:
                self._ahead(job.delivery.room.whole)
            await stored
        return job._replace(copies=with_copies(job.copies, made))

    async def _match(self, job: Job, part: Part, copy: MappedCopy) -> Job:
        """Make a copy be as a part is; one that cannot become that is taken away."""
        now = copy._replace(digest=part_digest(part))
        if copy.digest == now.digest:
            return job
        if job.as_sent and not copy.digest:
            await self._store.edited(job.delivery, now)
            return job._replace(copies=with_copies(job.copies, [now]))
        await self._calls.turn(copy.ref.room)
        async with self._calls.under_way(copy.ref.room.platform):
            job = await self._calls.begin(job)
            try:
                await self._edit(copy, part)
            except MessageGone:  # somebody deleted the copy: there it shall stay deleted
                log.info("the copy to edit is gone", extra={"delivery": job.delivery.id})
            except OtherKind:
                if job.shared:  # text alone is merged, and albums, which take any picture
                    raise
                now = copy._replace(digest=REPLACED)
            await self._store.edited(job.delivery, now)
        if not now.stands:
            await self._take_away([now])
        return job._replace(copies=with_copies(job.copies, [now]))

    async def _edit(self, copy: MappedCopy, part: Part) -> None:
        messenger = self._messengers[copy.ref.room.platform]
        await messenger.edit(copy.ref, part, files=other_files(copy, part))

    async def _take_away(self, copies: Sequence[MappedCopy]) -> None:
        """Delete copies that others come for; the map names them until those stand."""
        for copy in copies:
            await self._calls.turn(copy.ref.room, posts=0)
            async with self._calls.under_way(copy.ref.room.platform):
                await self._messengers[copy.ref.room.platform].delete(copy.ref)

    async def delete(self, copies: Sequence[MappedCopy]) -> None:
        """Delete copies, and forget them."""
        for copy in copies:
            await self._calls.turn(copy.ref.room, posts=0)
            async with self._calls.under_way(copy.ref.room.platform):
                await self._messengers[copy.ref.room.platform].delete(copy.ref)
                await self._store.gone(copy.ref)

    async def take_out(self, job: Job) -> None:
        """Take an original's copies away; where others stand in the first one, only it itself."""
        if not job.shared:
            await self.delete(job.copies)
            return
        first, *rest = job.copies
        others = among_sharers(job, None, self._language)
        part = (await self._together(job, first.ref.room, others))[0]
        await self._calls.turn(first.ref.room)
        async with self._calls.under_way(first.ref.room.platform):
            with contextlib.suppress(MessageGone):
                await self._edit(first, part)
            now = first._replace(digest=part_digest(part))
            await self._store.dropped(job.delivery, now)
        await self.delete(rest)


def _missing(copies: Sequence[MappedCopy], number: int) -> list[int]:
    """Which of so many positions have no copy that stands."""
    return list(itertools.takewhile(lambda position: position < number, free_positions(copies)))


def _of_one_call(missing: Sequence[int], parts: Sequence[Part]) -> Sequence[int]:
    """The first of the missing parts, with those behind it that are posted with the same call."""
    group = parts[missing[0]].group
    if not group:
        return missing[:1]
    return list(itertools.takewhile(lambda at: parts[at].group == group, missing))
