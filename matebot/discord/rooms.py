"""What Discord knows of its rooms: who decides there, and what they are called."""

import discord

from matebot.core.errors import DeliveryError, PermanentError
from matebot.core.ids import Room
from matebot.discord.client import DiscordClient
from matebot.discord.places import Places


class DiscordRooms:
    """Implements `matebot.core.ports.Rooms` for Discord."""

    def __init__(self, client: DiscordClient, places: Places) -> None:
        self._client = client
        self._places = places

    async def is_admin(self, room: Room, user_id: int) -> bool:
        """Whether a person may manage the server; see `Rooms.is_admin`."""
        place = await self._places.get(room.chat)
        if place.guild_id is None:
            return False
        guild = await self._places.guild(place.guild_id)
        if guild.owner_id == user_id:
            return True
        try:
            async with self._client.asking():
                member = await guild.fetch_member(user_id)
        except PermanentError:  # no member
            return False
        return manages(member.guild_permissions)

    async def is_anonymous(self, room: Room, user_id: int) -> bool:  # noqa: ARG002  (the port's)
        """Nobody is on Discord; see `Rooms.is_anonymous`."""
        return False

    async def title(self, room: Room) -> str:
        """``#general (My server)``; see `Rooms.title`."""
        try:
            place = await self._places.get(room.chat)
            if place.guild_id is None:
                return place.name
            guild = await self._places.guild(place.guild_id)
        except DeliveryError:
            return str(room)  # the channel is gone, or Discord does not tell now
        return f"#{place.name} ({guild.name})"


def manages(permissions: discord.Permissions) -> bool:
    """Whether these rights let one decide what happens to a room."""
    return permissions.administrator or permissions.manage_guild
