"""Discord's own memory of a room, page by page."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import discord

from matebot.core.errors import PermanentError
from matebot.core.faults import whereabouts
from matebot.core.ids import Room
from matebot.discord.client import DiscordClient
from matebot.discord.limits import PAGE
from matebot.discord.places import Places

log = logging.getLogger(__name__)

_CALL_S: Final = 60.0
_GUILDS_S: Final = 5.0
_NAMES_KEPT: Final = 2048


class Page(NamedTuple):
    """A piece of a room's history without a gap.

    Attributes:
        ids: Of all messages in it, the oldest first.
        messages: Those of them that could be read.
        is_end: Whether nothing comes behind, in the direction that was asked for.
    """

    ids: Sequence[int]
    messages: Sequence[discord.Message]
    is_end: bool


class History:
    """Discord's own memory of a room."""

    def __init__(self, client: DiscordClient, places: Places) -> None:
        self._client = client
        self._places = places
        self._nicks: OrderedDict[tuple[int, int], str | None] = OrderedDict()

    async def after(self, room: Room, message_id: int) -> Page:
        """Up to 100 messages that follow one.

        Raises:
            DeliveryError: It could not be read.
        """
        return await self._page(room, after=message_id)

    async def before(self, room: Room, message_id: int | None) -> Page:
        """Up to 100 messages that lead up to one; None: the newest.

        Raises:
            DeliveryError: It could not be read.
        """
        return await self._page(room, before=message_id)

    async def _page(
        self, room: Room, *, before: int | None = None, after: int | None = None
    ) -> Page:
        channel = await self._channel(room)
        with self._client.calling():
            async with asyncio.timeout(_CALL_S):
                found = await self._client.http.logs_from(room.chat, PAGE, before, after)
        found = sorted(found, key=lambda each: int(each["id"]))
        messages = [each for each in (self._read(channel, raw) for raw in found) if each]
        return Page([int(each["id"]) for each in found], messages, len(found) < PAGE)

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

    async def name(self, room: Room) -> str:
        """The room as its people see it, such as ``#general``.

        Raises:
            DeliveryError: Discord did not tell.
        """
        return f"#{(await self._places.get(room.chat)).name}"

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


async def wait_for(event: asyncio.Event, longest_s: float) -> None:
    """Until the event is set, but no longer."""
    try:
        async with asyncio.timeout(longest_s):
            await event.wait()
    except TimeoutError:
        return
