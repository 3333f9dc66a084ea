"""Under pressure: posts that wait for their turn go out as one message, each under its author.

It begins when a lane has to wait for its pace, and ends with that. Every original is in the map, so
replies, edits and deletes find their line: what refers to a merged message means the original that
it quotes, else the last one in it.
"""

import logging
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from matebot.core.delivery import Delivery, DeliveryStore, Job, MappedCopy
from matebot.core.errors import NoAccess, PermanentError, RoomGone
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.message import Copy
from matebot.core.ports import AnyMessenger, Part

MOST: Final = 100
"""So many posts are looked at for one message."""

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode


class Merged(NamedTuple):
    """Several posts as the one message that they become."""

    room: Room
    jobs: tuple[Job, ...]
    part: Any


def part_digest(part: Part) -> bytes:
    """Tells one part from another: 16 bytes, and 8 more that tell its files if it has any."""
    digest = blake2b(_encode(part), digest_size=16).digest()
    return digest + _files_digest(part) if part.files else digest


def other_files(copy: MappedCopy, part: Part) -> bool:
    """Whether a part's files are, or may be, others than those that stand there."""
    if not copy.digest:  # found after a crash: what it looks like is not known
        return bool(part.files)
    return copy.digest[16:] != (_files_digest(part) if part.files else b"")


def _files_digest(part: Part) -> bytes:
    return blake2b(part.files.encode(), digest_size=8).digest()


def copy_of(job: Job, language: str) -> Copy:
    """What a job brings, as a messenger takes it.

    Raises:
        ValueError: The original is gone.
    """
    if job.message is None:
        raise ValueError("there is nothing to bring")
    return Copy(
        job.message,
        job.reply_to,
        job.language or language,
        choices=job.choices,
        deleted=job.deleted,
        tally=job.tally if job.choices.tally else (),
        links=job.links,
        answered_author=job.answered_author,
        late=job.late,
        stands=bool(job.copies),
    )


def among_sharers(job: Job, own: Copy | None, language: str) -> list[Copy]:
    """The copies that one merged message holds, in order: the sharers', and a job's own, if any."""
    copies = [
        Copy(
            sharer.message,
            sharer.reply_to,
            job.language or language,
            choices=job.choices,
            tally=sharer.tally if job.choices.tally else (),
            links=sharer.links,
            answered_author=sharer.answered_author,
            late=sharer.late,
            stands=True,
        )
        for sharer in job.shared
    ]
    if own is not None:
        copies.insert(sum(sharer.earlier for sharer in job.shared), own)
    return copies


class Merger:
    """Merges what waits.

    Args:
        store: The outbox.
        messengers: Who writes into each platform's rooms.
        language: The language of rooms for which none was set.
    """

    def __init__(
        self,
        store: DeliveryStore,
        messengers: Mapping[Platform, AnyMessenger],
        language: str,
    ) -> None:
        self._store = store
        self._messengers = messengers
        self._language = language

    async def gather(self, room: Room) -> Merged | None:
        """The posts at the head of a room's lane as one message; None if there are not two.

        Raises:
            DeliveryError: The message cannot be prepared now.
        """
        jobs = await self._store.posts_ahead(room.whole, MOST)
        ready = [job for job in jobs if job.message is not None and not job.deleted]
        if len(ready) < len(jobs) or len(ready) < 2:
            return None
        there = ready[0].delivery.room
        messenger = self._messengers[there.platform]
        copies = [copy_of(job, self._language) for job in ready]
        number = await messenger.most_together(there, copies)
        if number < 2:
            return None
        parts = await messenger.prepare_together(there, copies[:number])
        return Merged(there, tuple(ready[:number]), parts[0]) if len(parts) == 1 else None

    async def send(self, merged: Merged) -> None:
        """Post the message, its attempt committed before, and map it to all its originals.

        Raises:
            DeliveryError: It failed; what becomes of the first delivery becomes of all.
        """
        begun = await self._store.begin_together(merged.jobs)
        if not begun:
            return  # an original changed: the lane looks again
        messenger = self._messengers[merged.room.platform]
        try:
            (ref,) = await messenger.send(merged.room, [merged.part], f"{begun[0].id}-0")
        except (NoAccess, RoomGone):
            raise
        except PermanentError as error:
            # Perhaps only the one message was refused: each goes by itself now.
            log.warning("posts go one by one", extra={"reason": str(error)})
            await self._store.settled(begun[0])
            return
        await self._store.arrived_together(begun, ref, part_digest(merged.part))
        log.info(
            "delivered together",
            extra={"room": str(merged.room), "first": begun[0].id, "posts": len(begun)},
        )

    async def settle(self, delivery: Delivery, lost: Sequence[MessageRef]) -> None:
        """It is known now whether a merged message arrived whose answer never came."""
        together = await self._store.batch(delivery)
        if lost:
            # What it looked like is not known any more: an edit to come makes it right.
            await self._store.arrived_together(together, lost[0], b"")
        else:
            await self._store.settled(delivery)
