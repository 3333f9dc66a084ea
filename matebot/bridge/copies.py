"""What a delivery's copies are, and what they are to be. Pure."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from matebot.core.delivery import Job, MappedCopy
from matebot.core.ids import Room
from matebot.core.message import Copy
from matebot.core.ports import Part

_encode = msgspec.msgpack.Encoder().encode


def part_digest(part: Part) -> bytes:
    """Tells one part from another: 16 bytes, and 8 more that tell its files if it has any.

    With whom it was posted together is nothing that a reader sees.
    """
    alone: Any = replace(cast("Any", part), group=0) if part.group else part
    digest = blake2b(_encode(alone), digest_size=16).digest()
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
            deleted=sharer.deleted,
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


def answering_room(job: Job) -> Room:
    """Where a copy goes: an answer goes into the topic of what it answers."""
    room = job.delivery.room
    if job.reply_to is not None and room.topic is None:
        return Room(room.platform, room.chat, job.reply_to.room.topic)
    return room


def free_positions(copies: Collection[MappedCopy]) -> Iterator[int]:
    """The positions at which no copy stands, from the first on, without an end."""
    taken = {copy.position for copy in copies if copy.stands}
    return itertools.filterfalse(taken.__contains__, itertools.count())


def with_copies(
    copies: Sequence[MappedCopy], changed: Sequence[MappedCopy]
) -> tuple[MappedCopy, ...]:
    """Copies in their order, some of them new, or in the place of what was there."""
    by_position = {copy.position: copy for copy in (*copies, *changed)}
    return tuple(by_position[position] for position in sorted(by_position))
