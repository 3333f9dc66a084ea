"""Posts that go out with one call: under pressure as one message, and albums.

Under pressure posts that wait for their turn go out as one message, each under its author. It
begins when a lane has to wait for its pace, and ends with that. Every original is in the map, so
replies, edits and deletes find their line: what refers to a merged message means the original that
it quotes, else the last one in it.

An album of Telegram's is as many messages as it has pictures. They become one message where the
other side has such, so that every original shares it, or else an album again, each its own.
"""

import itertools
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from matebot.bridge.calling import Outdated, preparing
from matebot.bridge.copies import answering_room, copy_of, part_digest
from matebot.bridge.reporter import Reporter
from matebot.core.delivery import Delivery, DeliveryStore, Job, MappedCopy
from matebot.core.errors import NoAccess, PermanentError, RoomGone
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.message import Copy
from matebot.core.ports import AnyMessenger

MOST: Final = 100
"""So many posts are looked at for one message."""

log = logging.getLogger(__name__)


class Merged(NamedTuple):
    """Several posts that go out with one call.

    Attributes:
        room: Where to.
        jobs: The posts.
        parts: The one message that they become, or a message for each of them.
        digests: What each of the messages is told from others by.
    """

    room: Room
    jobs: tuple[Job, ...]
    parts: Sequence[Any]
    digests: Sequence[bytes]


class Merger:
    """Merges what waits.

    Args:
        store: The outbox.
        messengers: Who writes into each platform's rooms.
        reporter: Told which files stayed behind.
        language: The language of rooms for which none was set.
    """

    def __init__(
        self,
        store: DeliveryStore,
        messengers: Mapping[Platform, AnyMessenger],
        reporter: Reporter,
        language: str,
    ) -> None:
        self._store = store
        self._reporter = reporter
        self._messengers = messengers
        self._language = language

    async def gather(self, room: Room) -> Merged | None:
        """The posts at the head of a room's lane as one message; None if there are not two.

        Raises:
            DeliveryError: The message cannot be prepared now.
        """
        jobs = await self._store.posts_ahead(room.whole, MOST)
        ready = [job for job in jobs if job.message is not None and not job.deleted]
        if len(ready) < len(jobs):
            return None
        ready = list(itertools.takewhile(lambda job: job.is_mere_text, ready))
        if len(ready) < 2:
            return None
        copies = [copy_of(job, self._language) for job in ready]
        return await self._first_of(ready, copies, ready[0].delivery.room)

    async def gather_album(self, job: Job) -> Merged | None:
        """The posts of a job's album that go out with it; None where it goes by itself.

        That is where it is alone, or where not even the first few become one message, or a group
        of one for each. What others said in between comes behind them.

        Raises:
            DeliveryError: They cannot be prepared now.
        """
        jobs = await self._store.album(job.delivery)
        ready = [each for each in jobs if each.message is not None and not each.deleted]
        if len(ready) < 2 or ready[0].delivery.id != job.delivery.id:
            return None
        there = answering_room(ready[0])
        messenger = self._messengers[there.platform]
        copies = [copy_of(each, self._language) for each in ready]
        async with preparing(messenger, job.delivery.room, copies):
            parts = await messenger.prepare_together(there, copies)
            if len(parts) == 1:
                return Merged(there, tuple(ready), parts, [part_digest(parts[0])])
            one_call = parts[0].group and len({part.group for part in parts}) == 1
            if len(parts) == len(ready) and one_call:
                # Each is known as what it is by itself, so that only a change makes it be edited.
                alone = [(await messenger.prepare(there, copy))[0] for copy in copies]
                return Merged(there, tuple(ready), parts, [part_digest(part) for part in alone])
            return await self._first_of(ready, copies, there)

    async def _first_of(
        self, ready: Sequence[Job], copies: Sequence[Copy], there: Room
    ) -> Merged | None:
        """The first posts, as many as one message can hold; None if that is one alone."""
        messenger = self._messengers[there.platform]
        number = await messenger.most_together(there, copies)
        if number < 2:
            return None
        parts = await messenger.prepare_together(there, copies[:number])
        if len(parts) > 1:
            return None
        return Merged(there, tuple(ready[:number]), parts, [part_digest(parts[0])])

    async def send(self, merged: Merged) -> None:
        """Post the message or messages, the attempt committed before, and map the originals.

        Raises:
            Outdated: Nothing was posted: an original changed, or each is to go by itself now.
            DeliveryError: It failed; what becomes of the first delivery becomes of all.
        """
        number = len(merged.parts)
        begun = await self._store.begin_together(merged.jobs, posts=number)
        if not begun:
            raise Outdated
        messenger = self._messengers[merged.room.platform]
        try:
            refs = await messenger.send(merged.room, merged.parts, f"{begun[0].id}-0")
        except (NoAccess, RoomGone):
            raise
        except PermanentError as error:
            # Perhaps only the one call was refused: each goes by itself now.
            log.warning("posts go one by one", extra={"reason": str(error)})
            await self._store.settled(begun[0], apart=True)
            raise Outdated from None
        await self._tell(merged)
        copies = [
            MappedCopy(ref, 0, digest) for ref, digest in zip(refs, merged.digests, strict=True)
        ]
        if number == 1:
            copies *= len(begun)
        await self._store.arrived_together(list(zip(begun, copies, strict=True)))
        log.debug(
            "delivered together",
            extra={"room": str(merged.room), "first": begun[0].id, "posts": len(begun)},
        )

    async def _tell(self, merged: Merged) -> None:
        """Tell the authors of files that stayed behind."""
        whose = merged.jobs if len(merged.parts) > 1 else merged.jobs[:1]
        for job, part in zip(whose, merged.parts, strict=True):
            if part.left_out:
                await self._reporter.left_out(job, part.left_out)

    async def settle(self, delivery: Delivery, found: Sequence[MessageRef]) -> None:
        """It is known now which messages arrived of a call whose answer never came."""
        together = await self._store.batch(delivery)
        # What they look like is not known any more: an edit to come makes it right.
        copies = [MappedCopy(ref, 0, b"") for ref in found]
        if delivery.posts == 1:
            copies *= len(together)
        arrived = list(zip(together, copies, strict=False))
        if arrived:
            await self._store.arrived_together(arrived)
        if len(arrived) < len(together):
            await self._store.settled(together[-1])
