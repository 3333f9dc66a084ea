"""What is known of a channel: where it lies and what people call it."""

from collections import OrderedDict
from typing import Any, Final, NamedTuple

import discord

from matebot.discord.client import DiscordClient

_KEPT: Final = 1024


class Place(NamedTuple):
    """A channel, thread or forum post.

    Attributes:
        guild_id: Its server; None for a private channel.
        channel_id: Its own id.
        webhook_channel_id: The channel whose webhooks post into it: a thread's parent, or itself.
        name: As people see it there.
    """

    guild_id: int | None
    channel_id: int
    webhook_channel_id: int
    name: str

    @property
    def thread_id(self) -> int | None:
        """The thread, where it is one."""
        return None if self.webhook_channel_id == self.channel_id else self.channel_id


class Places:
    """Looks channels up: in what the gateway told, else by a call, remembered for 1024 of them."""

    def __init__(self, client: DiscordClient) -> None:
        self._client = client
        self._asked: OrderedDict[int, Place] = OrderedDict()

    async def get(self, channel_id: int) -> Place:
        """Where a channel lies.

        Raises:
            RoomGone: There is none.
            DeliveryError: Discord did not tell.
        """
        known = self._client.get_channel(channel_id)
        if isinstance(known, discord.Thread):
            return Place(known.guild.id, channel_id, known.parent_id, known.name)
        if isinstance(known, discord.abc.GuildChannel):
            return Place(known.guild.id, channel_id, channel_id, known.name)
        if channel_id not in self._asked:
            async with self._client.asking():
                self._asked[channel_id] = _place(await self._client.http.get_channel(channel_id))
        self._asked.move_to_end(channel_id)
        while len(self._asked) > _KEPT:
            self._asked.popitem(last=False)
        return self._asked[channel_id]

    def guild_id(self, channel_id: int) -> int | None:
        """A channel's server, as far as that is known without asking."""
        known = self._client.get_channel(channel_id)
        if isinstance(known, discord.abc.GuildChannel | discord.Thread):
            return known.guild.id
        asked = self._asked.get(channel_id)
        return None if asked is None else asked.guild_id

    async def guild(self, guild_id: int) -> discord.Guild:
        """A server, from what the gateway told if it did.

        Raises:
            DeliveryError: Discord did not tell.
        """
        async with self._client.asking():
            return self._client.get_guild(guild_id) or await self._client.fetch_guild(guild_id)


def _place(channel: Any) -> Place:
    """From the API's channel object; its type tells a thread (10 to 12)."""
    own = int(channel["id"])
    guild = channel.get("guild_id")
    is_thread = channel["type"] in (10, 11, 12)
    parent = int(channel["parent_id"]) if is_thread and channel.get("parent_id") else own
    return Place(int(guild) if guild else None, own, parent, channel.get("name") or str(own))
