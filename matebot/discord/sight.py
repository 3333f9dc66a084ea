"""Which rooms MateBot may read: what is said in the others is told to nobody, and read later."""

from collections.abc import Collection
from typing import NamedTuple

import discord

from matebot.core.ids import Room
from matebot.discord.client import DiscordClient


class Changes(NamedTuple):
    """What is not as it was.

    Attributes:
        found: Rooms that can be read again.
        lost: Rooms that can be read no more, and not only while a server is out of order.
    """

    found: Collection[Room]
    lost: Collection[Room]


class Sight:
    """Knows which rooms can be read, as far as the gateway told."""

    def __init__(self, client: DiscordClient) -> None:
        self._client = client
        self._servers: dict[Room, int] = {}
        self._dark: set[Room] = set()

    def look(self, rooms: Collection[Room]) -> Changes:
        """See which rooms can be read now, and what changed since the last look."""
        dark = {room for room in rooms if self._is_dark(room)}
        if not self._client.guilds_told.is_set():
            return Changes((), ())
        before, self._dark = self._dark, dark
        lost = [room for room in dark - before if not self._is_out_of_order(room)]
        return Changes(before.intersection(rooms) - dark, lost)

    def _is_dark(self, room: Room) -> bool:
        """Whether a room cannot be read; False where that is not known, as of archived threads."""
        channel = self._client.get_channel(room.chat)
        if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            server = self._servers.get(room)
            return server is not None and self._client.get_guild(server) is None  # thrown out
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
