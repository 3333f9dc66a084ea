"""Deliveries whose turn has come, with all that the books know for them."""

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

from matebot.core.choices import Deletes
from matebot.core.delivery import Delivery, DeliveryKind, Job, MappedCopy, Sharer
from matebot.core.ids import MessageRef, Room
from matebot.core.links import message_links
from matebot.core.message import Message, Tally
from matebot.core.richtext import first_words
from matebot.storage import bridges, deliveries, messages, reactions, rooms

EXCERPT: Final = 80
"""Code points of the first words of what is answered."""
LATE_S: Final = 300.0
"""What arrives later than this bears the time at which it was said."""


def next_job(conn: sqlite3.Connection, lane: Room, now: float) -> Job | None:
    """The delivery whose turn it is in a lane; see `deliveries.oldest`."""
    delivery = deliveries.oldest(conn, lane, now)
    if delivery is None:
        return None
    job = job_of(conn, delivery, now)
    if delivery.not_before <= now:
        return job
    return job._replace(again_at=deliveries.earliest(conn, lane, now))


def job_of(conn: sqlite3.Connection, delivery: Delivery, now: float) -> Job:
    """A delivery with all that the books know for it."""
    language = rooms.language_of(conn, delivery.room)
    if delivery.original is None or (original := messages.get(conn, delivery.original)) is None:
        return Job(delivery, None, None, (), language, b"")
    copies = tuple(messages.copies_in(conn, original.id, delivery.room))
    choices = bridges.choices_of(conn, delivery.bridge)
    message, reply_to, answered_author = _with_its_answer(conn, original, delivery.room)
    return Job(
        delivery,
        message,
        reply_to,
        copies,
        language,
        original.digest,
        choices=choices,
        target=messages.target_in(conn, original, delivery.room),
        deleted=original.deleted,
        pinned=original.pinned,
        tally=_tally(conn, delivery),
        own=reactions.own(conn, original.id, delivery.room),
        links=_links(conn, message, delivery.room) if message is not None else {},
        shared=_sharers(conn, original, copies, choices.deletes),
        answered_author=answered_author,
        late=original.late or _comes_late(delivery, message, now),
    )


def _comes_late(delivery: Delivery, message: Message | None, now: float) -> bool:
    """Whether a post comes so late that its readers are to be told when it was said."""
    said = message.sent_at if message is not None and delivery.kind is DeliveryKind.POST else 0.0
    return said > 0 and now - said > LATE_S


def may_be_begun(job: Job, now: float) -> bool:
    """Whether a job is a post of mere text that is due and was never tried.

    Polls are none: votes are counted from the moment on in which their posting is begun.
    """
    delivery, message = job.delivery, job.message
    return (
        delivery.kind is DeliveryKind.POST
        and job.is_mere_text
        and not (job.deleted or job.late or job.copies)
        and delivery.attempts == 0
        and delivery.not_before <= now
        and not (delivery.album or (message and message.poll))
    )


def is_outdated(conn: sqlite3.Connection, job: Job) -> bool:
    """Whether a job of which nothing was sent was made of an original that has changed since.

    So has one that shows the first words of what changed. While a delivery was not tried, a change
    is left to it (`deliveries.waits_untried`); once it was, the change has a delivery of its own.
    """
    delivery = job.delivery
    if delivery.original is None or (delivery.attempts and not job.begun):
        return False
    original = messages.get(conn, delivery.original)
    if original is None:
        return True
    now = original.digest, original.deleted, original.pinned, _tally(conn, delivery)
    if now != (job.digest, job.deleted, job.pinned, job.tally):
        return True
    shown = _with_its_answer(conn, original, delivery.room)
    return shown != (job.message, job.reply_to, job.answered_author)


def _tally(conn: sqlite3.Connection, delivery: Delivery) -> tuple[Tally, ...]:
    """The reactions to count in a copy; to a post they come behind, by a delivery of their own."""
    if delivery.original is None or delivery.kind is DeliveryKind.POST:
        return ()
    return reactions.tally(conn, delivery.original, delivery.room)


def _with_its_answer(
    conn: sqlite3.Connection, original: messages.Original, room: Room
) -> tuple[Message | None, MessageRef | None, int | None]:
    """An original with what it answers as that is now, where that stands in a room, and its author.

    The author is told where the message answered is itself in that chat and a person's.
    """
    message = original.message
    if message is None or message.reply is None:
        return message, None, None
    author = None
    reply = message.reply
    row = messages.answered_by(conn, original.id) or messages.find_any(conn, reply.to, reply.quote)
    answered = messages.get(conn, row) if row is not None else None
    if answered is not None and answered.deleted:
        reply = msgspec.structs.replace(reply, gone=True, excerpt="", quote="")
    elif answered is not None and answered.message is not None:
        now = answered.message
        excerpt = first_words(now.text, EXCERPT) or reply.excerpt
        reply = msgspec.structs.replace(reply, author=now.author.name, excerpt=excerpt)
        if answered.ref.room.whole == room.whole and not now.author.is_bot:
            author = now.author.id
    there = messages.counterpart(conn, reply.to, room, reply.quote)
    return msgspec.structs.replace(message, reply=reply), there, author


def _links(conn: sqlite3.Connection, message: Message, room: Room) -> dict[str, MessageRef]:
    """What stands in a room for the bridged messages that a text links to."""
    found = {url: messages.counterpart(conn, ref, room) for url, ref in message_links(message.text)}
    return {url: ref for url, ref in found.items() if ref is not None}


def _sharers(
    conn: sqlite3.Connection,
    original: messages.Original,
    copies: Sequence[MappedCopy],
    deletes: Deletes,
) -> tuple[Sharer, ...]:
    """The other originals in an original's first copy, as they are to be seen there now."""
    if not copies:
        return ()
    found: list[Sharer] = []
    room = copies[0].ref.room
    for other in messages.sharing(conn, copies[0].ref, original.id):
        message, reply_to, author = _with_its_answer(conn, other, room)
        if message is None or (other.deleted and deletes is Deletes.DELETE):
            continue
        found.append(
            Sharer(
                message,
                reply_to,
                _links(conn, message, room),
                reactions.tally(conn, other.id, room),
                earlier=other.id < original.id,
                late=other.late,
                answered_author=author,
                deleted=other.deleted and deletes is Deletes.MARK,
            )
        )
    return tuple(found)
