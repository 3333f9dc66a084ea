"""What happens in the rooms, as the readers tell it and the store keeps it."""

from enum import StrEnum

import msgspec

from matebot.core.ids import MessageRef, Room
from matebot.core.message import Emoji, Message, Poll


class Posted(msgspec.Struct, frozen=True, tag=True):
    """Somebody said something."""

    message: Message


class Edited(msgspec.Struct, frozen=True, tag=True):
    """A message is now as given (perhaps in no way that a reader sees)."""

    message: Message


class Deleted(msgspec.Struct, frozen=True, tag=True):
    """Messages of one room are gone."""

    refs: tuple[MessageRef, ...]


class Moved(msgspec.Struct, frozen=True, tag=True):
    """A chat has a new id: a Telegram group became a supergroup."""

    old: Room
    new: Room


class How(StrEnum):
    """How a person's reactions to a message changed."""

    ARE = "are"
    ADDED = "added"
    REMOVED = "removed"
    CLEARED = "cleared"


CROWD = -1
"""Stands for people whose reactions are counted without a name; no person or chat has this id."""


class Reacted(msgspec.Struct, frozen=True, tag=True):
    """Somebody's reactions to an original or a copy changed.

    Attributes:
        ref: What was reacted to.
        person: The native id of who did; 0 for all people (`How.CLEARED`), `CROWD` for nobody that
            is known.
        emoji: All that the person reacts with now (`How.ARE`), or those that came or went.
        how: Which of these it is; `How.CLEARED` without emoji takes all of them away.
    """

    ref: MessageRef
    person: int
    emoji: tuple[Emoji, ...]
    how: How


class Pinned(msgspec.Struct, frozen=True, tag=True):
    """An original or a copy was pinned, or is pinned no more."""

    ref: MessageRef
    pinned: bool


class Polled(msgspec.Struct, frozen=True, tag=True):
    """A poll is now as given.

    Attributes:
        poll: With its figures there.
        ref: The message that asks it; None where the poll's id alone is told (Telegram).
    """

    poll: Poll
    ref: MessageRef | None = None


class Voted(msgspec.Struct, frozen=True, tag=True):
    """Somebody chose an answer of a poll, or took that back.

    Attributes:
        ref: The message that asks it.
        person: The native id of who did.
        option: The answer's place among the answers, from 0.
        chosen: Whether they choose it from now on.
    """

    ref: MessageRef
    person: int
    option: int
    chosen: bool


Event = Posted | Edited | Deleted | Moved | Reacted | Pinned | Polled | Voted
