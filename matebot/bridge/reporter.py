"""Tells people, once, what became of what they said; in the room where they said it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from matebot.core.delivery import DeliveryKind, Job
from matebot.core.errors import DeliveryError, NoAccess, RoomGone
from matebot.core.ids import Room
from matebot.core.notice import Notice
from matebot.core.richtext import plain
from matebot.core.words import Words


class TroubleStore(Protocol):
    """Remembers which rooms were told of which trouble."""

    async def notify(self, room: Room, notice: Notice, *, trouble_in: Room | None = None) -> bool:
        """Have something said in a room, if it was not yet told of that trouble."""
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
    """Implements `matebot.bridge.courier.Reporter`.

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
