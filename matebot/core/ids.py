"""Names of places and messages, the same for both sides.

A Telegram message id (1, 2, 3…) is unique only inside its chat, a Discord one (a snowflake)
everywhere; a message is always named by its room *and* its id.
"""

from enum import StrEnum
from typing import Self

import msgspec

GENERAL_TOPIC = 1
"""The General topic of a Telegram forum: named ``/1``, yet addressed by no thread id."""
SUPERGROUPS_BELOW = -1_000_000_000_000
"""The ids of Telegram's supergroups and channels lie below, those of other chats above.

https://core.telegram.org/api/bots/ids
"""

_LARGEST = 1 << 63
"""What a column of the database holds."""


class Platform(StrEnum):
    """A service that rooms belong to."""

    TELEGRAM = "telegram"
    DISCORD = "discord"


class Room(msgspec.Struct, frozen=True, order=True):
    """A place where people talk.

    Attributes:
        platform: Whose place it is.
        chat: Telegram: the chat (-1001234567890 for a supergroup, positive for a person). Discord:
            the channel, thread or forum post (a thread is a channel of its own there).
        topic: Telegram alone: a forum's topic, `GENERAL_TOPIC` for General; None: the whole chat.
    """

    platform: Platform
    chat: int
    topic: int | None = None

    @classmethod
    def telegram(cls, chat: int, topic: int | None = None) -> Self:
        """A Telegram chat, or one topic of it."""
        return cls(Platform.TELEGRAM, chat, topic)

    @classmethod
    def discord(cls, channel: int) -> Self:
        """A Discord channel, thread or forum post."""
        return cls(Platform.DISCORD, channel)

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a name such as ``telegram:-1001234567890/42`` or ``discord:112233445566778899``.

        Raises:
            ValueError: It is no room's name; the text says what was expected.
        """
        platform, colon, rest = name.strip().partition(":")
        chat, slash, topic = rest.partition("/")
        try:
            room = cls(Platform(platform), int(chat), int(topic) if slash else None)
        except ValueError:
            room = None
        wrong = (
            room is None
            or not colon
            or str(room) != name.strip()
            or (room.platform is Platform.DISCORD and (room.chat <= 0 or room.topic is not None))
            or (room.topic is not None and room.topic <= 0)
            or room.chat == 0
            or abs(room.chat) >= _LARGEST
            or (room.topic or 0) >= _LARGEST
        )
        if room is None or wrong:
            expected = "telegram:CHAT, telegram:CHAT/TOPIC or discord:CHANNEL"
            raise ValueError(f"expected {expected}, got {name.strip()!r}")
        return room

    @property
    def whole(self) -> Self:
        """The chat that the room lies in, without its topic."""
        return type(self)(self.platform, self.chat)

    @property
    def numbers_with_others(self) -> bool:
        """Whether other chats' messages have numbers of the same sequence.

        To a bot all of Telegram's basic groups and private chats are one.
        """
        return self.platform is Platform.TELEGRAM and self.chat > SUPERGROUPS_BELOW

    def __str__(self) -> str:
        topic = "" if self.topic is None else f"/{self.topic}"
        return f"{self.platform.value}:{self.chat}{topic}"


class MessageRef(msgspec.Struct, frozen=True, order=True):
    """One native message: where it stands and its id there."""

    room: Room
    message_id: int

    @property
    def key(self) -> tuple[str, int, int]:
        """What names the message for ever: platform, chat, message."""
        return self.room.platform.value, self.room.chat, self.message_id
