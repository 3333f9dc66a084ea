"""Deliveries: one event on its way to one room; and the store that keeps them."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from matebot.core.choices import DEFAULTS, Choices
from matebot.core.events import Event
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import has_files
from matebot.core.message import Emoji, Message, Tally
from matebot.core.notice import Notice
from matebot.core.ports import Mark

MOST_OF_AN_ALBUM: Final = 10
"""Neither side's albums hold more: https://core.telegram.org/bots/api#sendmediagroup and
https://docs.discord.com/developers/reference#uploading-files, checked 2026-11-24.
"""


class DeliveryKind(StrEnum):
    """What a delivery is to bring about.

    Posts, edits and deletes are a desired state: a post or an edit makes the copies be as the
    original is at the moment of sending, so what changes meanwhile needs no delivery of its own.
    """

    POST = "post"
    EDIT = "edit"
    DELETE = "delete"
    NOTICE = "notice"
    REACT = "react"
    PIN = "pin"


class Delivery(NamedTuple):
    """A row of the outbox.

    Attributes:
        id: Its row, growing with time.
        kind: What it is to bring about.
        bridge: The bridge that it is for; empty for a notice.
        room: Where it goes.
        original: The row of the original; None for a notice.
        notice: What to say; None but for a notice.
        created_at: Unix seconds.
        not_before: Unix seconds before which it is not tried.
        attempts: How many attempts to send something were begun.
        failures: How many attempts failed so far.
        attempted_at: When the attempt was begun of which it is unknown how it ended; None if
            there is no such attempt.
        last_known: The last message id known at the destination before that attempt.
        batch: The first of the posts that were attempted with one call; None for one by itself.
        album: Tells the posts of one album from others; None where there is none, or where they
            are to go by themselves.
        posts: How many messages that attempt posts.
    """

    id: int
    kind: DeliveryKind
    bridge: str
    room: Room
    original: int | None
    notice: Notice | None
    created_at: float
    not_before: float
    attempts: int
    failures: int
    attempted_at: float | None
    last_known: int
    batch: int | None = None
    album: str | None = None
    posts: int = 1


REPLACED: Final = b"replaced"
"""The digest of a copy that was taken away, or is about to be, so that another takes its place."""


class MappedCopy(NamedTuple):
    """One native message that MateBot posted for an original.

    Attributes:
        ref: Where it stands.
        position: Which part of the original it is, from 0.
        digest: Of the part that it was made of; empty if it is not known what that was.
    """

    ref: MessageRef
    position: int
    digest: bytes

    @property
    def stands(self) -> bool:
        """Whether it is to be seen, and not about to be replaced."""
        return self.digest != REPLACED


class Sharer(NamedTuple):
    """Another original that stands in the same copy, under pressure merged into one message.

    Attributes:
        message: What it says now.
        reply_to: See `Job`.
        links: See `matebot.core.message.Copy`.
        tally: See `Job`.
        earlier: Whether it stands before the job's own original.
        late: See `Job`.
        answered_author: See `Job`.
        deleted: Whether it is gone, and readers are to be told so.
    """

    message: Message
    reply_to: MessageRef | None
    links: dict[str, MessageRef]
    tally: tuple[Tally, ...]
    earlier: bool
    late: bool
    answered_author: int | None
    deleted: bool = False


class Job(NamedTuple):
    """A delivery whose turn has come, with all that the books know for it.

    Attributes:
        delivery: The delivery.
        message: The original as it is now; None if it is deleted, or for a notice.
        reply_to: The counterpart, in the destination, of what the original answers.
        copies: The original's copies at the destination, in order.
        language: The language set for the room, if one was set.
        digest: Of the original as it is now; empty for a notice.
        choices: What the bridge's people chose.
        target: The original or its first copy, in the destination; None if it does not stand there.
        deleted: Whether the original is gone.
        pinned: Whether the original, or a copy of it, is pinned.
        tally: The reactions of people in the other chats, most numerous first.
        own: What MateBot itself reacts with to the target.
        links: See `matebot.core.message.Copy`.
        shared: The other originals in the first copy, in order.
        late: Whether it comes, or came, so late that readers are told when it was said.
        answered_author: See `matebot.core.message.Copy`.
        as_sent: Whether the original did not change since its copies of unknown looks were sent.
        begun: Whether its attempt, to post one message, was written down as the job was found, and
            nothing of it was sent yet.
        again_at: Of a job that is not due, when another may come before it, in unix seconds; 0 if
            none can.
    """

    delivery: Delivery
    message: Message | None
    reply_to: MessageRef | None
    copies: tuple[MappedCopy, ...]
    language: str | None
    digest: bytes
    choices: Choices = DEFAULTS
    target: MessageRef | None = None
    deleted: bool = False
    pinned: bool = False
    tally: tuple[Tally, ...] = ()
    own: tuple[Emoji, ...] = ()
    links: dict[str, MessageRef] = {}  # noqa: RUF012  (never changed)
    shared: tuple[Sharer, ...] = ()
    late: bool = False
    answered_author: int | None = None
    as_sent: bool = False
    begun: bool = False
    again_at: float = 0.0

    @property
    def is_mere_text(self) -> bool:
        """Whether it brings a message by itself and without files: what may be merged."""
        message = self.message
        return message is not None and not (message.album or has_files(message))


class Destination(NamedTuple):
    """Where an event goes, by which bridge, and what that bridge's people chose."""

    bridge: str
    room: Room
    choices: Choices = DEFAULTS


class Routed(NamedTuple):
    """An event with the rooms that it concerns.

    Attributes:
        event: What happened.
        destinations: Where it goes.
        digest: Of what readers see of its message; empty where it has none.
    """

    event: Event
    destinations: tuple[Destination, ...]
    digest: bytes = b""


class IntakeStore(Protocol):
    """Where events are written down, whole or not at all."""

    def accept(self, routed: Sequence[Routed], mark: Mark) -> asyncio.Future[frozenset[Room]]:
        """Store events and their deliveries in one transaction, queued at the call.

        Returns:
            What ends with the lanes that have something new to do. Nothing changes where the mark
            or an event shows that this was stored before.

        Raises:
            StoreUnavailable: From the future, or at once where the store is closed.
        """
        ...


class DeliveryStore(Protocol):
    """The outbox as a lane sees it. A lane is named by its chat: a room without a topic."""

    async def lanes(self) -> Sequence[Room]:
        """The lanes that have deliveries."""
        ...

    def next_in(self, lane: Room, *, begin: bool = False) -> asyncio.Future[Job | None]:
        """The delivery of a lane whose turn it is, asked for at the call.

        It comes behind all that was written before the call, as a rule in the same commit.

        Args:
            lane: The lane.
            begin: Whether its attempt may be written down with that, as by `begin`, if it is a
                post of mere text that is due; if it cannot go out after all, `take_back` it.

        Raises:
            StoreUnavailable: From the future, or at once where the store is closed.
        """
        ...

    async def begin(self, job: Job, *, posts: int) -> Delivery | None:
        """Commit that an attempt begins: the delivery is frozen from now on, edits queue behind.

        Args:
            job: As it was found.
            posts: How many messages the attempt posts, which are to be looked for if its end is
                never known.

        Returns:
            The delivery as it then is; None if the original changed since the job was found, and
            then nothing is begun (any more).
        """
        ...

    async def take_back(self, job: Job) -> None:
        """An attempt that was written down as its job was found is not made."""
        ...

    async def posts_ahead(self, lane: Room, most: int) -> Sequence[Job]:
        """The posts of a lane that nothing keeps from going out now, one behind the other.

        None of them was tried yet; all go into the same room. Empty where the head is no such post.
        """
        ...

    async def skip(self, lane: Room, reason: str) -> None:
        """Give up the delivery whose turn it is, unread: it cannot be."""
        ...

    async def album(self, delivery: Delivery) -> Sequence[Job]:
        """The posts of a delivery's album that wait for the same room, in order.

        None of them stands there yet; at most `MOST_OF_AN_ALBUM`.
        """
        ...

    async def begin_together(self, jobs: Sequence[Job], *, posts: int) -> Sequence[Delivery]:
        """Commit that an attempt begins to send several posts with one call.

        Args:
            jobs: As they were found.
            posts: As how many messages.

        Returns:
            The deliveries as they then are; none if an original changed since.
        """
        ...

    async def arrived_together(self, arrived: Sequence[tuple[Delivery, MappedCopy]]) -> None:
        """Map the messages of one call to the originals in them; their deliveries are done."""
        ...

    async def settled(self, delivery: Delivery, *, apart: bool = False) -> None:
        """It is known that an attempt did not arrive; so of all that were attempted with it.

        Args:
            delivery: One of them.
            apart: Whether they are to go each by itself from now on, although they are an album.
        """
        ...

    async def batch(self, delivery: Delivery) -> Sequence[Delivery]:
        """The deliveries that were attempted with one call with this one, itself included."""
        ...

    def arrived(
        self, delivery: Delivery, copies: Sequence[MappedCopy], *, done: bool
    ) -> asyncio.Future[None]:
        """Map parts that arrived, each in the place of what had its position; perhaps the last.

        It is written at the call; what is to be awaited tells that it rests there.

        Raises:
            StoreUnavailable: From the future, or at once where the store is closed.
        """
        ...

    async def edit_waits(self, delivery: Delivery) -> bool:
        """Whether an original changed since a delivery's attempt, so that an edit waits behind."""
        ...

    async def edited(self, delivery: Delivery, copy: MappedCopy) -> None:
        """Note what a copy looks like now, for all the originals in it."""
        ...

    async def gone(self, ref: MessageRef) -> None:
        """A copy stands no more: take it out of the map, with all that stood in it."""
        ...

    async def dropped(self, delivery: Delivery, copy: MappedCopy) -> None:
        """Take a delivery's original out of a copy, which looks as given without it."""
        ...

    async def said(self, delivery: Delivery, ref: MessageRef | None) -> None:
        """A notice is done; it stands there, or nowhere for all to see."""
        ...

    async def reacted(self, job: Job, own: Sequence[Emoji]) -> None:
        """Note what MateBot reacts with to the target."""
        ...

    async def finish(self, job: Job) -> bool:
        """The delivery is done; False if its original changed since, and nothing else tells that.

        Args:
            job: As it was found, or as its attempt was begun.
        """
        ...

    async def retry(
        self, delivery: Delivery, not_before: float, reason: str, *, unsure: bool, asked: bool
    ) -> None:
        """Try again later.

        Args:
            delivery: What failed.
            not_before: When, in unix seconds.
            reason: Why.
            unsure: Whether it may have arrived, so that the attempt stays on record, as one of this
                moment: what is on its way still gets its time, whoever makes the delivery due.
            asked: Whether the service asked for the delay: it answers, so that this is no failure,
                and `retry_now` leaves it alone.
        """
        ...

    async def give_up(self, delivery: Delivery, reason: str) -> None:
        """End the delivery without success and keep the reason."""
        ...

    async def known_after(self, room: Room, after: int) -> frozenset[int]:
        """The ids of the originals and copies in a room's chat that come after a message id."""
        ...

    async def retry_now(self, platform: Platform) -> None:
        """What was postponed at a platform is due now, but for what the service itself put off."""
        ...

    async def retry_troubled(self, platform: Platform) -> None:
        """What was postponed for rooms that could not be written to is due now."""
        ...

    async def moved(self, old: Room, new: Room) -> None:
        """A chat goes on under a new id: give it to whatever names the old one."""
        ...


class Backlog(NamedTuple):
    """How much waits for one platform.

    Attributes:
        waiting: Deliveries on their way.
        failed: Deliveries that were given up so far.
    """

    platform: Platform
    waiting: int
    failed: int
