"""Reads what was missed: each room that is behind, from its cursor to now, oldest first."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

import discord

from matebot.core.errors import DeliveryError, PermanentError, StoreUnavailable, TemporaryError
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Posted
from matebot.core.ports import Intake, Mark
from matebot.discord.client import Backoff, DiscordClient
from matebot.discord.errors import whereabouts
from matebot.discord.gaps import Change, Gaps
from matebot.discord.limits import PAGE
from matebot.discord.parse import left_out, parse_or_note
from matebot.discord.places import Places

log = logging.getLogger(__name__)

_AT_ONCE: Final = 3
_CALL_S: Final = 60.0
_LONGEST_WAIT_S: Final = 300.0
_GUILDS_S: Final = 5.0
_NAMES_KEPT: Final = 2048


class Page(NamedTuple):
    """A piece of a room's history.

    Attributes:
        messages: Those that could be read, the oldest first.
        last: The newest one's id; 0 where there is none.
        is_end: Whether nothing comes behind.
    """

    messages: Sequence[discord.Message]
    last: int
    is_end: bool


class History:
    """Discord's own memory of a room."""

    def __init__(self, client: DiscordClient, places: Places) -> None:
        self._client = client
        self._places = places
        self._nicks: OrderedDict[tuple[int, int], str | None] = OrderedDict()

    async def page(self, room: Room, after: int) -> Page:
        """Up to 100 messages behind one.

        Raises:
            DeliveryError: It could not be read.
        """
        channel = await self._channel(room)
        with self._client.calling():
            async with asyncio.timeout(_CALL_S):
                found = await self._client.http.logs_from(room.chat, PAGE, after=after)
        found = sorted(found, key=lambda each: int(each["id"]))
        messages = [each for each in (self._read(channel, raw) for raw in found) if each]
        return Page(messages, int(found[-1]["id"]) if found else 0, len(found) < PAGE)

    def _read(self, channel: Any, raw: Any) -> discord.Message | None:
        """The library's message; None for one that it cannot read: the others go on."""
        try:
            return discord.Message(state=self._client.library_state, channel=channel, data=raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            log.error("message %s could not be read: %s", raw.get("id"), whereabouts(error))
            return None

    async def newest(self, room: Room) -> int:
        """The last message of a room; the room's own id, which is older than all, if it has none.

        Raises:
            DeliveryError: It could not be read.
        """
        with self._client.calling():
            async with asyncio.timeout(_CALL_S):
                found = await self._client.http.logs_from(room.chat, 1)
        return int(found[0]["id"]) if found else room.chat

    async def _channel(self, room: Room) -> Any:
        """The channel as the gateway told it (that knows names), if it does in time."""
        if self._client.get_channel(room.chat) is None:
            await wait_for(self._client.guilds_told, _GUILDS_S)
        known = self._client.get_channel(room.chat)
        if isinstance(known, discord.abc.Messageable):
            return known
        place = await self._places.get(room.chat)
        return self._client.get_partial_messageable(room.chat, guild_id=place.guild_id)

    async def author_name(self, message: discord.Message) -> str | None:
        """The author's nickname in the server, which the history leaves out; None if unknown."""
        guild, author = message.guild, message.author
        if guild is None or message.webhook_id is not None or isinstance(author, discord.Member):
            return None
        key = guild.id, author.id
        if key not in self._nicks:
            self._nicks[key] = await self._ask_nick(*key)
        self._nicks.move_to_end(key)
        if len(self._nicks) > _NAMES_KEPT:
            self._nicks.popitem(last=False)
        return self._nicks[key]

    async def _ask_nick(self, guild_id: int, user_id: int) -> str | None:
        try:
            with self._client.calling():
                async with asyncio.timeout(_CALL_S):
                    member = await self._client.http.get_member(guild_id, user_id)
        except PermanentError:  # has left
            return None
        return member.get("nick")


class CatchUp:
    """Brings rooms that are behind up to now.

    Args:
        history: Where it is read.
        intake: Takes the events.
        gaps: Which rooms are behind.
        tasks: Owns the reading.
        cursor_of: The message up to which a room has been read; None if it never was.
        is_own: Whether MateBot posted a message itself.
        is_read: Whether a bridge reads a room.
    """

    def __init__(
        self,
        history: History,
        intake: Intake,
        gaps: Gaps,
        tasks: asyncio.TaskGroup,
        *,
        cursor_of: Callable[[Room], Awaitable[int | None]],
        is_own: Callable[[discord.Message], bool],
        is_read: Callable[[Room], bool],
    ) -> None:
        self._history = history
        self._intake = intake
        self._gaps = gaps
        self._tasks = tasks
        self._cursor_of = cursor_of
        self._is_own = is_own
        self._is_read = is_read
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
            self._tasks.create_task(self._insist(stored, events), name=f"store {room}")

    async def _insist(self, stored: Awaitable[None], events: Sequence[Change]) -> None:
        """No history tells of a change: keep it until it is stored."""
        while True:
            try:
                await stored
            except StoreUnavailable as error:
                await asyncio.sleep(error.retry_after_s)
                stored = self._intake.take(events, Mark())
            else:
                return

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
        while self._is_read(room):
            look = self._gaps.look(room)
            page = await self._history.page(room, self._gaps.start(room, after))
            if page.last:
                after = page.last
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
        cursor = await self._cursor_of(room)
        if cursor is None:
            cursor = await self._history.newest(room)
            await self._intake.take([], Mark(cursor=MessageRef(room, cursor)))
        return cursor

    async def _store(self, room: Room, page: Page) -> None:
        events = []
        for message in page.messages:
            if self._is_own(message) or left_out(message) is not None:
                continue
            name = await self._history.author_name(message)
            events.append(Posted(parse_or_note(message, author_name=name)))
        await self._intake.take(events, Mark(cursor=MessageRef(room, page.last)))


def _hint_s(error: DeliveryError | StoreUnavailable) -> float | None:
    if isinstance(error, TemporaryError | StoreUnavailable):
        return error.retry_after_s
    return None


async def wait_for(event: asyncio.Event, longest_s: float) -> None:
    """Until the event is set, but no longer."""
    try:
        async with asyncio.timeout(longest_s):
            await event.wait()
    except TimeoutError:
        return
