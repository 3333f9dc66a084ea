"""What was under way when the process died, or when an answer never came.

Nothing else of MateBot's is posted in that chat meanwhile, so what stands there of MateBot's own,
after the last id known before and not in the map, is what was under way: no content is compared.
"""

import logging
from collections.abc import Mapping

from matebot.bridge.calling import Calls, Outdated
from matebot.bridge.copies import free_positions, with_copies
from matebot.bridge.merging import Merger
from matebot.core.delivery import DeliveryKind, DeliveryStore, Job, MappedCopy
from matebot.core.ids import Platform
from matebot.core.ports import AnyMessenger

log = logging.getLogger(__name__)


class Recovery:
    """Finds out how an attempt ended.

    Args:
        store: The outbox.
        messengers: Who reads each platform's rooms.
        calls: What each call goes through.
        merger: Knows what was sent together.
    """

    def __init__(
        self,
        store: DeliveryStore,
        messengers: Mapping[Platform, AnyMessenger],
        calls: Calls,
        merger: Merger,
    ) -> None:
        self._store = store
        self._messengers = messengers
        self._calls = calls
        self._merger = merger

    async def look(self, job: Job) -> Job:
        """Where it is not known how an attempt ended, look for what it posted at its destination.

        Returns:
            The job, with what was found among its copies.

        Raises:
            Outdated: That was all there was to do, or the lane has to look again.
            DeliveryError: It cannot be found out now.
        """
        delivery = job.delivery
        if job.begun or delivery.attempted_at is None:
            return job
        platform = delivery.room.platform
        known = await self._store.known_after(delivery.room, delivery.last_known)
        async with self._calls.slot(platform):
            messenger = self._messengers[platform]
            found = await messenger.find(
                delivery.room, delivery.last_known, known, notice=delivery.notice
            )
        extra = {"delivery": delivery.id, "room": str(delivery.room), "found": len(found)}
        log.info("looked for what was under way", extra=extra)
        if delivery.batch is not None:
            await self._merger.settle(delivery, found[: delivery.posts])
            raise Outdated
        settled = delivery._replace(attempted_at=None)
        if not found:
            return job._replace(delivery=settled)
        if delivery.kind is DeliveryKind.NOTICE:
            await self._store.said(delivery, found[-1])
            raise Outdated
        # They are as the original was then; once it changes, an edit makes that right.
        as_sent = not await self._store.edit_waits(delivery)
        refs = found[: delivery.posts]
        positions = free_positions(job.copies)
        copies = [MappedCopy(ref, at, b"") for ref, at in zip(refs, positions, strict=False)]
        await self._store.arrived(delivery, copies, done=False)
        return job._replace(
            delivery=settled, copies=with_copies(job.copies, copies), as_sent=as_sent
        )
