"""Tells people, once, what became of what they said; in the room where they said it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Final, Protocol

from matebot.core.delivery import DeliveryKind, Job
from matebot.core.errors import DeliveryError, NoAccess, RoomGone, StoreUnavailable
from matebot.core.ids import MessageRef, Room
from matebot.core.media import LeftOut
from matebot.core.message import Message
from matebot.core.notes import human_size, note
from matebot.core.notice import Notice
from matebot.core.richtext import plain
from matebot.core.words import Words

_UNREADABLE: Final = "room-unreadable"
_WRITING: Final = ("room-unreachable", "room-gone", "room-given-up")

log = logging.getLogger(__name__)


class Reporter(Protocol):
    """Tells people what became of what they said."""

    async def failed(self, job: Job, error: DeliveryError, *, given_up: bool) -> None:
        """A delivery failed: for good, or for now."""
        ...

    async def arrived(self, job: Job) -> None:
        """A delivery arrived."""
        ...

    async def left_out(self, job: Job, left: Sequence[LeftOut]) -> None:
        """Files of a post did not go along: its author is told quietly, once for all rooms."""
        ...


class TroubleStore(Protocol):
    """Remembers which rooms were told of which trouble."""

    async def notify(
        self, room: Room, notice: Notice, *, trouble_in: Room | None = None, what: str = ""
    ) -> bool:
        """Have something said in a room, if it was not yet told that of the other's trouble."""
        ...

    async def tell_author(self, ref: MessageRef, notice: Notice) -> bool:
        """Have the author of a message told, if not yet done, that it or a part stayed behind."""
        ...

    async def troubled(self, *whats: str) -> set[Room]:
        """The rooms of one of whose troubles others were told."""
        ...

    async def over(self, room: Room, *whats: str) -> None:
        """Those troubles of a room are over: the next one is told again."""
        ...

    async def language_of(self, room: Room) -> str | None:
        """The language that was set for a room."""
        ...


class PeopleReporter:
    """Implements `Reporter`.

    Args:
        store: Remembers what was told.
        words: The catalogue.
        title: What people call a room.
        wake: Told the rooms in which something is to be said.
        readers: The rooms into which goes what is said in a room.
        language: The language of rooms for which none was set.
    """

    def __init__(
        self,
        store: TroubleStore,
        words: Words,
        title: Callable[[Room], Awaitable[str]],
        *,
        wake: Callable[[list[Room]], None],
        readers: Callable[[Room], Iterable[Room]],
        language: str,
    ) -> None:
        self._store = store
        self._words = words
        self._title = title
        self._wake = wake
        self._readers = readers
        self._language = language
        self._troubled: set[Room] = set()
        self._reading = asyncio.Lock()

    async def load(self) -> None:
        """Read which troubles were told before this start."""
        self._troubled = await self._store.troubled(*_WRITING)

    async def failed(self, job: Job, error: DeliveryError, *, given_up: bool) -> None:
        """See `Reporter.failed`: the room that the message came from is told.

        Of a trouble of the other room it is told once, and once more when the first message has
        waited in vain; of what is refused by itself each time.
        """
        match error, job.delivery.kind:
            case ((NoAccess() | RoomGone()), _) if given_up:
                await self._tell_of_room(job, "room-given-up", error)
            case NoAccess(), _:
                await self._tell_of_room(job, "room-unreachable", error)
            case RoomGone(), _:
                await self._tell_of_room(job, "room-gone", error)
            case _, DeliveryKind.POST if given_up:
                await self._tell_of_message(job, "delivery-given-up", error)
            case _, DeliveryKind.EDIT if given_up and not job.deleted:
                await self._tell_of_message(job, "edit-given-up", error)

    async def arrived(self, job: Job) -> None:
        """See `Reporter.arrived`: a trouble that was told is over."""
        room = job.delivery.room
        if room in self._troubled:
            await self._store.over(room, *_WRITING)
            self._troubled.discard(room)

    async def reading(self, unreadable: Collection[Room]) -> None:
        """These rooms cannot be read now: those into which their messages go are told once."""
        try:
            async with self._reading:  # else what two looks saw would mingle
                told = await self._store.troubled(_UNREADABLE)
                for room in told.difference(unreadable):
                    await self._store.over(room, _UNREADABLE)
                for room in set(unreadable) - told:
                    await self._tell_readers(room)
        except StoreUnavailable:
            log.warning("of rooms that cannot be read it is told after the next change of rights")

    async def _tell_readers(self, room: Room) -> None:
        title = await self._title(room)
        for there in self._readers(room):
            language = await self._store.language_of(there) or self._language
            notice = Notice(plain(self._words(language, _UNREADABLE, room=title)))
            if await self._store.notify(there, notice, trouble_in=room, what=_UNREADABLE):
                self._wake([there])

    async def left_out(self, job: Job, left: Sequence[LeftOut]) -> None:
        """See `Reporter.left_out`: in private where that can be, else below the message."""
        message = job.message
        if message is None or message.author.is_bot or not message.ref.message_id:
            return
        source = message.ref.room
        language = await self._store.language_of(source) or self._language
        title = await self._title(job.delivery.room)
        lines = [self._why(each, language, title) for each in left]
        text = plain("\n".join(dict.fromkeys(lines)))
        person = message.author.id if message.author.id > 0 else None  # else a chat's own voice
        notice = Notice(text, only_for=person, reply_to=message.ref.message_id, or_else=text)
        if await self._store.tell_author(message.ref, notice):
            self._wake([source])

    def _why(self, left: LeftOut, language: str, room: str) -> str:
        return self._words(
            language,
            f"left-out-{left.reason.value}",
            file=note(left.attachment, language, self._words),
            room=room,
            most=human_size(left.most_bytes, language) if left.most_bytes else "none",
        )

    async def _tell_of_room(self, job: Job, message_id: str, error: DeliveryError) -> None:
        if job.message is None:
            return
        source, room = job.message.ref.room, job.delivery.room
        self._troubled.add(room)
        notice = await self._notice(job.message, room, message_id, error)
        if await self._store.notify(source, notice, trouble_in=room, what=message_id):
            self._wake([source])

    async def _tell_of_message(self, job: Job, message_id: str, error: DeliveryError) -> None:
        message = job.message
        if message is None or (message.poll is not None and message.poll.own):
            return
        notice = await self._notice(message, job.delivery.room, message_id, error)
        if await self._store.notify(message.ref.room, notice):
            self._wake([message.ref.room])

    async def _notice(
        self, message: Message, room: Room, message_id: str, error: DeliveryError
    ) -> Notice:
        language = await self._store.language_of(message.ref.room) or self._language
        title = await self._title(room)
        text = self._words(language, message_id, room=title, reason=str(error))
        # A slash command has no message that could be answered.
        return Notice(plain(text), reply_to=message.ref.message_id or None)
