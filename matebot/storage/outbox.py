"""The outbox as the lanes ask for it (`matebot.core.delivery.DeliveryStore`)."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence

from matebot.core.delivery import Delivery, Job, MappedCopy
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.message import Emoji
from matebot.storage import albums, deliveries, intake, jobs, messages, reactions, rooms
from matebot.storage.database import Database


class Outbox:
    """Named transactions; each is one commit, or none.

    Args:
        database: Where they run.
        now: The time in unix seconds, by a clock that nobody sets meanwhile.

    Attributes:
        now: The clock that every row's time is read from.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self.now = now

    async def lanes(self) -> list[Room]:
        """See `DeliveryStore.lanes`."""
        return await self._database.run(deliveries.lanes)

    def next_in(self, lane: Room, *, begin: bool = False) -> asyncio.Future[Job | None]:
        """See `DeliveryStore.next_in`."""
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> Job | None:
            job = jobs.next_job(conn, lane, now)
            if job is None or not begin or not jobs.may_be_begun(job, now):
                return job
            return job._replace(delivery=_begun(conn, job.delivery, now, 1), begun=True)

        return self._database.submit(transaction)

    async def begin(self, job: Job, *, posts: int) -> Delivery | None:
        """See `DeliveryStore.begin`."""
        now = self.now() if posts else None
        delivery = job.delivery

        def transaction(conn: sqlite3.Connection) -> Delivery | None:
            if jobs.is_outdated(conn, job):
                if job.begun:
                    deliveries.take_back(conn, delivery.id)
                return None
            if job.late and delivery.original is not None:
                messages.mark_late(conn, delivery.original)
            return _begun(conn, delivery, now, posts)

        return await self._database.run(transaction)

    async def take_back(self, job: Job) -> None:
        """See `DeliveryStore.take_back`."""
        await self._database.run(lambda conn: deliveries.take_back(conn, job.delivery.id))

    def arrived(
        self, delivery: Delivery, copies: Sequence[MappedCopy], *, done: bool
    ) -> asyncio.Future[None]:
        """See `DeliveryStore.arrived`."""

        def transaction(conn: sqlite3.Connection) -> None:
            if delivery.original is not None:
                for copy in copies:
                    messages.add_copy(conn, delivery.original, copy)
            if done:
                deliveries.remove(conn, delivery.id)
            else:
                deliveries.settle(conn, delivery.id)

        return self._database.submit(transaction)

    async def edit_waits(self, delivery: Delivery) -> bool:
        """See `DeliveryStore.edit_waits`."""
        original, room = delivery.original, delivery.room
        if original is None:
            return False
        return await self._database.run(lambda conn: deliveries.waits_untried(conn, original, room))

    async def edited(self, delivery: Delivery, copy: MappedCopy) -> None:
        """See `DeliveryStore.edited`."""

        def transaction(conn: sqlite3.Connection) -> None:
            messages.note_digest(conn, copy)
            deliveries.settle(conn, delivery.id)

        await self._database.run(transaction)

    async def album(self, delivery: Delivery) -> list[Job]:
        """See `DeliveryStore.album`."""
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> list[Job]:
            together = albums.waiting(conn, delivery)
            return [jobs.job_of(conn, each, now) for each in together]

        return await self._database.run(transaction)

    async def posts_ahead(self, lane: Room, most: int) -> list[Job]:
        """See `DeliveryStore.posts_ahead`."""
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> list[Job]:
            ahead = deliveries.posts_ahead(conn, lane, now, most)
            return [jobs.job_of(conn, delivery, now) for delivery in ahead]

        return await self._database.run(transaction)

    async def begin_together(self, together: Sequence[Job], *, posts: int) -> list[Delivery]:
        """See `DeliveryStore.begin_together`."""
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> list[Delivery]:
            if any(jobs.is_outdated(conn, job) for job in together):
                return []
            for job in together:
                if job.late and job.delivery.original is not None:
                    messages.mark_late(conn, job.delivery.original)
            known = messages.last_known(conn, together[0].delivery.room)
            begun = [job.delivery for job in together]
            return deliveries.begin_together(conn, begun, now, known, posts)

        return await self._database.run(transaction)

    async def arrived_together(self, arrived: Sequence[tuple[Delivery, MappedCopy]]) -> None:
        """See `DeliveryStore.arrived_together`."""

        def transaction(conn: sqlite3.Connection) -> None:
            for delivery, copy in arrived:
                if delivery.original is not None:
                    messages.add_copy(conn, delivery.original, copy)
                deliveries.remove(conn, delivery.id)

        await self._database.run(transaction)

    async def settled(self, delivery: Delivery, *, apart: bool = False) -> None:
        """See `DeliveryStore.settled`."""

        def transaction(conn: sqlite3.Connection) -> None:
            if apart:
                albums.part(conn, delivery.id)
            deliveries.settle(conn, delivery.id)

        await self._database.run(transaction)

    async def skip(self, lane: Room, reason: str) -> None:
        """See `DeliveryStore.skip`."""
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> None:
            head = deliveries.head_of(conn, lane, now)
            if head is not None:
                deliveries.fail(conn, head, reason, now)

        await self._database.run(transaction)

    async def batch(self, delivery: Delivery) -> list[Delivery]:
        """See `DeliveryStore.batch`."""
        batch = delivery.batch
        if batch is None:
            return [delivery]
        return await self._database.run(lambda conn: deliveries.batch_of(conn, batch))

    async def gone(self, ref: MessageRef) -> None:
        """See `DeliveryStore.gone`."""
        await self._database.run(lambda conn: messages.forget_copy(conn, ref))

    async def dropped(self, delivery: Delivery, copy: MappedCopy) -> None:
        """See `DeliveryStore.dropped`."""

        def transaction(conn: sqlite3.Connection) -> None:
            if delivery.original is not None:
                messages.drop_copy(conn, delivery.original, copy.ref)
            messages.note_digest(conn, copy)

        await self._database.run(transaction)

    async def said(self, delivery: Delivery, ref: MessageRef | None) -> None:
        """See `DeliveryStore.said`."""

        def transaction(conn: sqlite3.Connection) -> None:
            deliveries.remove(conn, delivery.id)
            if ref is not None:
                rooms.note_notice(conn, ref)

        await self._database.run(transaction)

    async def reacted(self, job: Job, own: Sequence[Emoji]) -> None:
        """See `DeliveryStore.reacted`."""
        original, room = job.delivery.original, job.delivery.room
        if original is not None:
            await self._database.run(lambda conn: reactions.note_own(conn, original, room, own))

    async def finish(self, job: Job) -> bool:
        """See `DeliveryStore.finish`."""

        def transaction(conn: sqlite3.Connection) -> bool:
            if jobs.is_outdated(conn, job):
                return False
            deliveries.remove(conn, job.delivery.id)
            return True

        return await self._database.run(transaction)

    async def retry(
        self, delivery: Delivery, not_before: float, reason: str, *, unsure: bool, asked: bool
    ) -> None:
        """See `DeliveryStore.retry`."""
        failures = 0 if asked else delivery.failures + 1
        unsure_at = self.now() if unsure else None
        await self._database.run(
            lambda conn: deliveries.postpone(
                conn, delivery.id, not_before, reason, failures, unsure_at=unsure_at
            )
        )

    async def give_up(self, delivery: Delivery, reason: str) -> None:
        """See `DeliveryStore.give_up`."""
        now = self.now()
        await self._database.run(lambda conn: deliveries.fail(conn, delivery.id, reason, now))

    async def known_after(self, room: Room, after: int) -> frozenset[int]:
        """See `DeliveryStore.known_after`."""
        return await self._database.run(lambda conn: messages.known_after(conn, room, after))

    async def retry_now(self, platform: Platform) -> None:
        """See `DeliveryStore.retry_now`."""
        await self._database.run(lambda conn: deliveries.retry_now(conn, platform.value))

    async def retry_troubled(self, platform: Platform) -> None:
        """See `DeliveryStore.retry_troubled`."""
        await self._database.run(lambda conn: deliveries.retry_troubled(conn, platform.value))

    async def moved(self, old: Room, new: Room) -> None:
        """See `DeliveryStore.moved`."""
        await self._database.run(lambda conn: intake.move(conn, old, new))


def _begun(conn: sqlite3.Connection, delivery: Delivery, now: float | None, posts: int) -> Delivery:
    """Write down that an attempt begins; the delivery as it then is."""
    known = messages.last_known(conn, delivery.room)
    return deliveries.begin(conn, delivery, now, known, posts)
