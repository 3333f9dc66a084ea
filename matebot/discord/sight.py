"""Which rooms MateBot may read: what is said in the others is told to nobody, and read later."""

from collections.abc import Collection
from typing import NamedTuple

import discord

from matebot.core.ids import Room
from matebot.discord.client import DiscordClient


class Seen(NamedTuple):
    """What a look showed.

    Attributes:
        found: Rooms that could not be read before, and can be now.
        unreadable: Rooms that cannot be read, and not only while a server is out of order.
        news: Whether those are others than before, or it is the first look.
    """

    found: Collection[Room]
    unreadable: Collection[Room]
    news: bool


class Sight:
    """Knows which rooms can be read, as far as the gateway told."""

    def __init__(self, client: DiscordClient) -> None:
        self._client = client
        self._servers: dict[Room, int] = {}
        self._dark: set[Room] = set()
        self._unreadable: set[Room] | None = None

    def look(self, rooms: Collection[Room]) -> Seen:
        """See which rooms can be read now, and what changed since the last look."""
        if not self._client.guilds_told.is_set():  # until then most rooms are nowhere
            return Seen((), (), news=False)
        dark = {room for room in rooms if self._is_dark(room)}
        found, self._dark = self._dark.intersection(rooms) - dark, dark
        before = self._unreadable
        known = before or set()
        self._unreadable = {
            room for room in dark if room in known or not self._is_out_of_order(room)
        }
        return Seen(found, self._unreadable, news=self._unreadable != before)

    def _is_dark(self, room: Room) -> bool:
        """Whether a room cannot be read; False where that is not known, as of archived threads."""
        channel = self._client.get_channel(room.chat)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            if (server := self._servers.get(room)) is None:
                return False
            known = self._client.get_guild(server)
            return known is None or known.unavailable  # thrown out, or not told of yet
        guild, user = channel.guild, self._client.user
        self._servers[room] = guild.id
        me = None if user is None else guild.get_member(user.id)
        if guild.unavailable or me is None:
            return guild.unavailable
        if isinstance(channel, discord.Thread) and channel.parent is None:
            return False
        held = channel.permissions_for(me)
        return not (held.view_channel and held.read_message_history)

    def _is_out_of_order(self, room: Room) -> bool:
        guild = self._client.get_guild(self._servers[room])
        return guild is not None and guild.unavailable
