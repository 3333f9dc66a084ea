"""Tells people, once, what became of what they said; in the room where they said it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from matebot.core.delivery import DeliveryKind, Job
from matebot.core.errors import DeliveryError, NoAccess, RoomGone
from matebot.core.ids import MessageRef, Room
from matebot.core.media import LeftOut
from matebot.core.notes import human_size, note
from matebot.core.notice import Notice
from matebot.core.richtext import plain
from matebot.core.words import Words


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

    async def notify(self, room: Room, notice: Notice, *, trouble_in: Room | None = None) -> bool:
        """Have something said in a room, if it was not yet told of that trouble."""
        ...

    async def tell_author(self, ref: MessageRef, notice: Notice) -> bool:
        """Have the author of a message told that a file of it stayed behind, if not yet done."""
        ...

    async def troubled(self) -> set[Room]:
        """The rooms of whose trouble others were told."""
        ...

    async def over(self, room: Room) -> None:
        """That room's trouble is over: the next one is told again."""
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
        language: The language of rooms for which none was set.
    """

    def __init__(
        self,
        store: TroubleStore,
        words: Words,
        title: Callable[[Room], Awaitable[str]],
        wake: Callable[[list[Room]], None],
        language: str,
    ) -> None:
        self._store = store
        self._words = words
        self._title = title
        self._wake = wake
        self._language = language
        self._troubled: set[Room] = set()

    async def load(self) -> None:
        """Read which troubles were told before this start."""
        self._troubled = await self._store.troubled()

    async def failed(self, job: Job, error: DeliveryError, *, given_up: bool) -> None:
        """See `Reporter.failed`: the room that the message came from is told, once."""
        if isinstance(error, NoAccess):
            await self._tell(job, "room-unreachable", error)
        elif isinstance(error, RoomGone):
            await self._tell(job, "room-gone", error)
        elif given_up and job.delivery.kind is DeliveryKind.POST:
            await self._tell(job, "delivery-given-up", error)

    async def arrived(self, job: Job) -> None:
        """See `Reporter.arrived`: a trouble that was told is over."""
        room = job.delivery.room
        if room in self._troubled:
            await self._store.over(room)
            self._troubled.discard(room)

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

    async def _tell(self, job: Job, message_id: str, error: DeliveryError) -> None:
        if job.message is None:
            return
        source, room = job.message.ref.room, job.delivery.room
        language = await self._store.language_of(source) or self._language
        title = await self._title(room)
        text = self._words(language, message_id, room=title, reason=str(error))
        # A slash command has no message that could be answered.
        notice = Notice(plain(text), reply_to=job.message.ref.message_id or None)
        self._troubled.add(room)
        if await self._store.notify(source, notice, trouble_in=room):
            self._wake([source])
