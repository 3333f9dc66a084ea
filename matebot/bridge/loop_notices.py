"""Tells a room that a bot in it is not passed on for a while, since it was in a loop."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from matebot.bridge.answers import shown
from matebot.bridge.loops import MUTE_S
from matebot.core.errors import StoreUnavailable
from matebot.core.ids import Room
from matebot.core.message import Message
from matebot.core.notice import Notice
from matebot.core.richtext import plain
from matebot.core.words import Words

MOST_WAITING = 100  # loops that nobody was told of yet; more are told by the log alone

log = logging.getLogger(__name__)


class NoticeStore(Protocol):
    """Has something said in a room."""

    async def notify(self, room: Room, notice: Notice) -> bool:
        """Store it."""
        ...

    async def language_of(self, room: Room) -> str | None:
        """The language that was set for a room."""
        ...


class LoopNotices:
    """Says so, behind the intake's back: what is read does not wait for it.

    Args:
        store: Has it said.
        words: The catalogue.
        wake: Told the rooms in which something is to be said.
        language: The language of rooms for which none was set.
    """

    def __init__(
        self,
        store: NoticeStore,
        words: Words,
        wake: Callable[[list[Room]], None],
        language: str,
    ) -> None:
        self._store = store
        self._words = words
        self._wake = wake
        self._language = language
        self._waiting: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING)

    def stopped(self, message: Message) -> None:
        """A bot is not passed on from this message on (`matebot.bridge.loops.Loops`)."""
        log.warning("stopped a loop of bots", extra={"room": str(message.ref.room)})
        if not self._waiting.full():
            self._waiting.put_nowait(message)

    async def run(self) -> None:
        """Tell the rooms until cancelled."""
        while True:
            message = await self._waiting.get()
            try:
                await self._tell(message)
            except StoreUnavailable as error:
                log.warning("could not tell of a loop: %s", error)

    async def _tell(self, message: Message) -> None:
        room = message.ref.room
        language = await self._store.language_of(room) or self._language
        name, minutes = shown(message.author.name), round(MUTE_S / 60)
        text = self._words(language, "loop-stopped", name=name, minutes=minutes)
        await self._store.notify(room, Notice(plain(text)))
        self._wake([room])
