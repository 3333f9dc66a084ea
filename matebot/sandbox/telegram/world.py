"""The people, chats and messages that exist: plain state, changed by the driver and by the methods.

Messages are dicts in the Bot API's shape and are never changed in place: an edit puts a new one.
"""

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

ANONYMOUS_ADMIN_ID = 1087968824  # @GroupAnonymousBot: "from" of an anonymous administrator
CHANNEL_BOT_ID = 136817688  # @Channel_Bot: "from" of one who writes as a channel
TELEGRAM_ID = 777000  # "from" of a channel's automatic forwards
INSIDE = ("creator", "administrator", "member", "restricted")
ADMIN = ("creator", "administrator")

# https://core.telegram.org/bots/api#chatmemberadministrator
RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_welcome_messages",
)
CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages")


@dataclass(slots=True)
class Chat:
    """A chat that the bot may know.

    Attributes:
        kind: private, group, supergroup or channel.
        members: Status by user id, the bot's own included.
        lacking: Rights that the bot does not have although it is an administrator.
        muted: The bot is a member who may not send.
        topics: Names by thread id, of a forum.
        closed_topics: Threads that were closed.
        messages: By message id, in order; an ephemeral one stands under minus its own id.
        own: Message ids of what the bot wrote.
        service: Message ids of service messages.
        reactions: Emoji by user, by message id.
        allowed_reactions: With what one may react there; None is everything.
        started: Of a private chat: the bot may write.
        blocked: Of a private chat: the user blocked the bot.
    """

    id: int
    kind: str
    title: str = ""
    username: str = ""
    forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)
    muted: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    closed_topics: set[int] = field(default_factory=set)
    messages: dict[int, Json] = field(default_factory=dict)
    own: set[int] = field(default_factory=set)
    service: set[int] = field(default_factory=set)
    reactions: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    allowed_reactions: frozenset[str] | None = None
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    started: bool = False
    blocked: bool = False
    last_id: int = 0
    last_ephemeral_id: int = 0

    @property
    def is_group(self) -> bool:
        """A group or a supergroup."""
        return self.kind in ("group", "supergroup")


@dataclass(frozen=True, slots=True)
class Button:
    """A callback query that was pressed: who, where, when (unix seconds)."""

    user_id: int
    chat_id: int
    at: float


class World:
    """Everything that exists.

    Args:
        token: The bot's; the digits before its colon are the bot's id.
        username: The bot's, without the at sign.
        name: The bot's first name.
        now: Unix seconds.
    """

    def __init__(
        self, token: str, username: str, name: str, now: Callable[[], float] = time.time
    ) -> None:
        self.token = token
        self.now = now
        head = token.partition(":")[0]
        self.bot_id = int(head) if head.isdecimal() else 7_000_000_001
        self.bot: Json = {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.users: dict[int, Json] = {self.bot_id: self.bot, **_service_users()}
        self.photos: dict[int, list[Json]] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Button] = {}
        self.answered: set[str] = set()
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.revoked = False
        self.privacy_mode = False
        self._user_ids = itertools.count(5_000_000_001)
        self._chat_ids = itertools.count(1_500_000_001)
        self._album_ids = itertools.count(13_500_000_000_000_001)
        self._shared_id = 0

    def new_user_id(self) -> int:
        """A user id that nobody has."""
        return next(number for number in self._user_ids if number not in self.users)

    def new_chat_id(self, kind: str) -> int:
        """A chat id of the form that its kind has."""
        number = next(self._chat_ids)
        return -number if kind == "group" else -1_000_000_000_000 - number

    def new_album_id(self) -> str:
        """A media_group_id."""
        return str(next(self._album_ids))

    def new_message_id(self, chat: Chat) -> int:
        """The next id: of the chat's own sequence, or of the one that small chats share."""
        if chat.kind in ("supergroup", "channel"):
            chat.last_id += 1
            return chat.last_id
        self._shared_id += 1
        return self._shared_id

    def new_ephemeral_id(self, chat: Chat) -> int:
        """The next ephemeral id of a chat."""
        chat.last_ephemeral_id += 1
        return chat.last_ephemeral_id

    def press_id(self, press: Button) -> str:
        """Remember a callback query; its id."""
        query_id = str(random.getrandbits(62))
        self.presses[query_id] = press
        while len(self.presses) > 1000:
            oldest = next(iter(self.presses))
            self.presses.pop(oldest)
            self.answered.discard(oldest)
        return query_id

    def private(self, user_id: int) -> Chat:
        """The private chat with a user, made where there is none."""
        chat = self.chats.get(user_id)
        if chat is None:
            chat = self.chats[user_id] = Chat(user_id, "private")
        return chat

    def chat_fields(self, chat: Chat) -> Json:
        """The ``Chat`` object that messages carry."""
        if chat.kind == "private":
            user = self.users[chat.id]
            names = ("first_name", "last_name", "username")
            return {"id": chat.id, "type": "private"} | {n: user[n] for n in names if n in user}
        fields: Json = {"id": chat.id, "type": chat.kind, "title": chat.title}
        if chat.username:
            fields["username"] = chat.username
        if chat.forum:
            fields["is_forum"] = True
        return fields

    def bot_status(self, chat: Chat) -> str:
        """What the bot is in a chat."""
        return chat.members.get(self.bot_id, "left")

    def bot_may(self, chat: Chat, right: str) -> bool:
        """Whether the bot is an administrator with a right."""
        return self.bot_status(chat) in ADMIN and right not in chat.lacking

    def put(self, chat: Chat, message: Json, *, own: bool = False, service: bool = False) -> Json:
        """Keep a message, new or in the place of the one that it replaces."""
        ephemeral = message.get("ephemeral_message_id")
        key = -ephemeral if ephemeral else message["message_id"]
        chat.messages[key] = message
        if own:
            chat.own.add(key)
        if service:
            chat.service.add(key)
        return message

    def remove(self, chat: Chat, key: int) -> Json | None:
        """Forget a message, and what hung on it; the message, if it was there."""
        chat.reactions.pop(key, None)
        if key in chat.pinned:
            chat.pinned.remove(key)
        chat.own.discard(key)
        chat.service.discard(key)
        return chat.messages.pop(key, None)


def _service_users() -> dict[int, Json]:
    anonymous = {"first_name": "Group", "username": "GroupAnonymousBot"}
    channel = {"first_name": "Channel", "username": "Channel_Bot"}
    return {
        ANONYMOUS_ADMIN_ID: {"id": ANONYMOUS_ADMIN_ID, "is_bot": True, **anonymous},
        CHANNEL_BOT_ID: {"id": CHANNEL_BOT_ID, "is_bot": True, **channel},
        TELEGRAM_ID: {"id": TELEGRAM_ID, "is_bot": False, "first_name": "Telegram"},
    }
