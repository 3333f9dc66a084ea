"""Reads what was missed: each room that is behind, from its cursor to now, oldest first."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import discord

from matebot.core.errors import DeliveryError, StoreUnavailable, TemporaryError
from matebot.core.events import Deleted, Edited, Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Message
from matebot.core.ports import Intake, Mark
from matebot.discord.client import Backoff
from matebot.discord.gaps import Change, Gaps
from matebot.discord.history import History, Page, wait_for
from matebot.discord.limits import PAGE
from matebot.discord.missed import (
    Cut,
    Limits,
    Measure,
    edited_since,
    gone_from,
    is_decided,
    skipped,
)
from matebot.discord.parse import left_out, parse_or_note

log = logging.getLogger(__name__)

_AT_ONCE: Final = 3
_LONGEST_WAIT_S: Final = 300.0


class Books(Protocol):
    """What is known of the rooms."""

    async def cursor_of(self, room: Room) -> int | None:
        """The message up to which a room has been read; None if it never was."""
        ...

    async def decided_at(self, room: Room) -> float:
        """When it was last decided what is skipped there, in unix seconds; 0.0 if it never was."""
        ...

    async def standing(self, room: Room, upto: int, most: int) -> Sequence[int]:
        """The newest originals of a room up to a message, as far as is known not deleted."""
        ...


class CatchUp:
    """Brings rooms that are behind up to now.

    Args:
        history: Where it is read.
        intake: Takes the events.
        gaps: Which rooms are behind.
        tasks: Owns the reading.
        books: How far each room has been read.
        limits: How much of what was missed is brought.
        is_own: Whether MateBot posted a message itself.
        is_read: Whether a bridge reads a room.
        now: Unix seconds.
    """

    def __init__(
        self,
        history: History,
        intake: Intake,
        gaps: Gaps,
        tasks: asyncio.TaskGroup,
        books: Books,
        *,
        limits: Limits,
        is_own: Callable[[discord.Message], bool],
        is_read: Callable[[Room], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._history = history
        self._intake = intake
        self._gaps = gaps
        self._tasks = tasks
        self._books = books
        self._limits = limits
        self._is_own = is_own
        self._is_read = is_read
        self._now = now
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._again = asyncio.Event()

    def fall_behind(self, room: Room, below: int | None = None) -> None:
        """Have a room read from its cursor, or from a message if that is older."""
        is_news = not self._gaps.is_behind(room)
        self._gaps.open(room, below)
        if is_news:
            self._tasks.create_task(self._bring(room), name=f"catch up {room}")

    def retry_now(self) -> None:
        """Rooms that could not be read may be readable now."""
        self._again.set()
        self._again = asyncio.Event()

    def hand_over(self, room: Room, events: Sequence[Change]) -> None:
        """Queue changes at the intake at once, and again while the database does not write."""
        if events:
            stored = self._intake.take(events, Mark())
            self._tasks.create_task(self._insist(room, stored, events), name=f"store {room}")

    async def _insist(self, room: Room, stored: Awaitable[None], events: Sequence[Change]) -> None:
        """No history tells of a change: hold it until its room has been read up to now.

        There a later change of the same message takes its place; tried again by itself it might
        come behind that one.
        """
        try:
            await stored
        except StoreUnavailable as error:
            log.warning("%s: a change was not stored, and is held: %s", room, error)
            self.fall_behind(room)
            kept = [self._gaps.hold(room, event) for event in events]
            if not all(kept):
                log.error("%s: too many changes to hold, some are lost", room)

    async def _bring(self, room: Room) -> None:
        """Read a room until it is live, however long that takes."""
        backoff = Backoff(first_s=1.0, longest_s=_LONGEST_WAIT_S)
        while self._gaps.is_behind(room):
            if not self._is_read(room):
                self._gaps.drop(room)
                return
            again = self._again
            try:
                async with self._turn:
                    await self._read(room)
            except (DeliveryError, StoreUnavailable) as error:
                delay_s = _hint_s(error) or backoff.delay_s()
                log.warning(
                    "%s: reading what was missed, again in %.0f s: %s", room, delay_s, error
                )
                await wait_for(again, delay_s)

    async def _read(self, room: Room) -> None:
        """Page after page, until the history ends and nothing came meanwhile.

        Raises:
            DeliveryError: Discord did not give a page.
            StoreUnavailable: The database did not take one.
        """
        after = await self._begin(room)
        floor, to_measure = 0, True
        compared = None
        while self._is_read(room):
            look = self._gaps.look(room)
            if look.generation != compared:  # what was read before may have changed unseen
                await self._bring_changes(room, after)
                compared = look.generation
            start = max(floor, self._gaps.start(room, after))
            page = await self._history.after(room, start)
            cut = await self._measure(room, start, page) if to_measure else None
            to_measure = False
            if cut is not None:
                after = floor = cut.last
                await self._skip(room, cut)
                self._gaps.read(room, look, after)
                continue
            if page.ids:
                after = page.ids[-1]
                await self._store(room, page)
                self._gaps.read(room, look, after)
            if page.is_end:
                held = self._gaps.close(room, look, after)
                if held is not None:
                    # Not one await between closing and this: a live event comes behind.
                    self.hand_over(room, held)
                    return

    async def _begin(self, room: Room) -> int:
        """Behind which message to read; a room that was never read begins now."""
        cursor = await self._books.cursor_of(room)
        if cursor is None:
            cursor = await self._history.newest(room)
            await self._intake.take([], Mark(cursor=MessageRef(room, cursor)))
        return cursor

    async def _bring_changes(self, room: Room, cursor: int) -> None:
        """Bring what became meanwhile of the last messages that were read before.

        Raises:
            DeliveryError: Discord did not give them.
            StoreUnavailable: The database did not take it.
        """
        known = await self._books.standing(room, cursor, PAGE)
        if not known:
            return
        page = await self._history.before(room, cursor + 1)
        edited = [each for each in edited_since(page, cursor) if not self._is_own(each)]
        events: list[Change] = [Edited(await self._parsed(each)) for each in edited]
        if gone := gone_from(page, known):
            events.append(Deleted(tuple(MessageRef(room, each) for each in gone)))
        if events:
            await self._intake.take(events, Mark())

    async def _measure(self, room: Room, start: int, page: Page) -> Cut | None:
        """How much of what follows a message is too old or too much.

        Args:
            room: The room.
            start: The message.
            page: What follows it; if that is not all, the room is read from its end backwards.
        """
        now = self._now()
        if is_decided(start, await self._books.decided_at(room), now):
            return None
        measure = Measure(self._limits, start, now)
        if page.is_end:
            self._show(page, measure)
            return measure.cut
        before: int | None = None
        while self._show(page := await self._history.before(room, before), measure):
            if page.is_end:
                break
            before = page.ids[0]
        return measure.cut

    def _show(self, page: Page, measure: Measure) -> bool:
        """Have a page measured; returns whether older ones matter."""
        return all(measure.see(each.id, counts=self._is_said(each)) for each in page.messages[::-1])

    async def _skip(self, room: Room, cut: Cut) -> None:
        """Say what is skipped, and skip it, in one transaction: once, whatever happens."""
        now = self._now()
        line = skipped(room, await self._history.name(room), cut, now)
        log.warning("%s: older messages that are not brought: %s", room, line.message.text.text)
        await self._intake.take([line], Mark(cursor=MessageRef(room, cut.last), decided_at=now))

    async def _store(self, room: Room, page: Page) -> None:
        said = [each for each in page.messages if self._is_said(each)]
        events = [Posted(await self._parsed(each)) for each in said]
        await self._intake.take(events, Mark(cursor=MessageRef(room, page.ids[-1])))

    def _is_said(self, message: discord.Message) -> bool:
        """Whether a message is to be brought."""
        return not self._is_own(message) and left_out(message) is None

    async def _parsed(self, message: discord.Message) -> Message:
        return parse_or_note(message, author_name=await self._history.author_name(message))


def _hint_s(error: DeliveryError | StoreUnavailable) -> float | None:
    if isinstance(error, TemporaryError | StoreUnavailable):
        return error.retry_after_s
    return None
