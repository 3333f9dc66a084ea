"""What the connection tells, and to whom."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import discord


class Listener(Protocol):
    """Hears what happens, synchronously and in the order in which the gateway tells it."""

    def new_session(self) -> None:
        """A session began of which nothing before is known."""

    def connected(self) -> None:
        """Discord is there, for the first time or again."""

    def missed(self) -> None:
        """An event could not be read; it may have been anything."""

    def posted(self, message: discord.Message) -> None:
        """Somebody posted a message."""

    def edited(self, payload: discord.RawMessageUpdateEvent) -> None:
        """A message is not what it was, perhaps in no way that a reader sees."""

    def deleted(self, channel_id: int, message_ids: set[int]) -> None:
        """Messages of a channel are gone."""

    def reacted(self) -> None:
        """Somebody set or took away a reaction."""

    def permissions_changed(self) -> None:
        """What MateBot may do may be another thing now."""

    def interaction(self, interaction: discord.Interaction) -> None:
        """Somebody used a command or a button."""


_REACTIONS: Final = frozenset(
    {
        "raw_reaction_add",
        "raw_reaction_remove",
        "raw_reaction_clear",
        "raw_reaction_clear_emoji",
    }
)
_PERMISSIONS: Final = frozenset(
    {
        "guild_available",
        "guild_join",
        "guild_role_update",
        "guild_channel_update",
        "member_update",
    }
)


def hand_over(listener: Listener, event: str, args: Sequence[Any]) -> None:
    """Tell of an event by the library's name for it; one that nobody asked for changes nothing."""
    match event, args:
        case "message", (message,):
            listener.posted(message)
        case "raw_message_edit", (payload,):
            listener.edited(payload)
        case "raw_message_delete", (payload,):
            listener.deleted(payload.channel_id, {payload.message_id})
        case "raw_bulk_message_delete", (payload,):
            listener.deleted(payload.channel_id, payload.message_ids)
        case "interaction", (interaction,):
            listener.interaction(interaction)
        case _:
            if event in _REACTIONS:
                listener.reacted()
            elif event in _PERMISSIONS:
                listener.permissions_changed()
