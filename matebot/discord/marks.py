"""Reactions and pins as events. Pure."""

from collections import OrderedDict
from typing import Final

import discord

from matebot.core.events import How, Reacted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Emoji

Reaction = (
    discord.RawReactionActionEvent
    | discord.RawReactionClearEvent
    | discord.RawReactionClearEmojiEvent
)

_KEPT: Final = 4096
_NAMELESS: Final = "emoji"
"""A custom emoji that was deleted has no name."""


def reacted(payload: Reaction) -> Reacted:
    """What somebody's reaction, or the clearing of them, means."""
    ref = MessageRef(Room.discord(payload.channel_id), payload.message_id)
    match payload:
        case discord.RawReactionActionEvent():
            added = payload.event_type == "REACTION_ADD"
            how = How.ADDED if added else How.REMOVED
            return Reacted(ref, payload.user_id, (emoji_of(payload.emoji),), how)
        case discord.RawReactionClearEmojiEvent():
            return Reacted(ref, 0, (emoji_of(payload.emoji),), How.CLEARED)
        case _:
            return Reacted(ref, 0, (), How.CLEARED)


def emoji_of(emoji: discord.PartialEmoji) -> Emoji:
    """An emoji as the core knows it."""
    custom = "" if emoji.id is None else str(emoji.id)
    return Emoji(emoji.name or _NAMELESS, custom)


class PinStates:
    """Which messages are pinned, as far as it was seen; of 4096 of them."""

    def __init__(self) -> None:
        self._pinned: OrderedDict[int, bool] = OrderedDict()

    def is_news(self, message_id: int, *, pinned: bool) -> bool:
        """Note how a message is now; returns whether it may be another state than before."""
        known = self._pinned.get(message_id)
        self._pinned[message_id] = pinned
        self._pinned.move_to_end(message_id)
        if len(self._pinned) > _KEPT:
            self._pinned.popitem(last=False)
        return known is not pinned
