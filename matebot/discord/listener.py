"""What the connection tells, and to whom."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import discord

from matebot.discord.marks import Reaction


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

    def reacted(self, payload: Reaction) -> None:
        """Somebody set or took away a reaction, or all were cleared."""

    def voted(self, payload: discord.RawPollVoteActionEvent, *, chosen: bool) -> None:
        """Somebody chose an answer of a poll, or took that back."""

    def typing(self, channel_id: int, user_id: int) -> None:
        """Somebody is typing."""

    def renamed(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """A channel is not what it was, perhaps in its name."""

    def planned(self, before: discord.ScheduledEvent | None, after: discord.ScheduledEvent) -> None:
        """An event was planned, or is not what it was."""

    def called_off(self, event: discord.ScheduledEvent) -> None:
        """A planned event was taken away."""

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
        "guild_unavailable",
        "guild_join",
        "guild_remove",
        "guild_role_update",
        "guild_channel_update",
        "raw_thread_update",
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
        case "raw_typing", (payload,):
            listener.typing(payload.channel_id, payload.user_id)
        case "raw_poll_vote_add", (payload,):
            listener.voted(payload, chosen=True)
        case "raw_poll_vote_remove", (payload,):
            listener.voted(payload, chosen=False)
        case _ if event in _REACTIONS:
            listener.reacted(args[0])
        case _:
            _of_server(listener, event, args)


def _of_server(listener: Listener, event: str, args: Sequence[Any]) -> None:
    """Tell of what happened in a server as a whole."""
    if event in _PERMISSIONS:
        listener.permissions_changed()
    match event, args:
        case "guild_channel_update", (before, after):
            listener.renamed(before, after)
        case "scheduled_event_create", (planned,):
            listener.planned(None, planned)
        case "scheduled_event_update", (before, after):
            listener.planned(before, after)
        case "scheduled_event_delete", (planned,):
            listener.called_off(planned)
