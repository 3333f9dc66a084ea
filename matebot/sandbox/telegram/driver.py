"""What the parts of the driving API share."""

from collections.abc import Sequence
from typing import Any

from matebot.sandbox.telegram import entities as text_entities
from matebot.sandbox.telegram.content import external, shallow, thread_of_reply
from matebot.sandbox.telegram.limits import CAPTION_UNITS, TEXT_UNITS
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.world import (
    ANONYMOUS_ADMIN_ID,
    CHANNEL_BOT_ID,
    INSIDE,
    Chat,
)

Json = dict[str, Any]


class Driver:
    """The base of the driving classes: one state, looked at from several sides."""

    state: State

    def _chat(self, chat_id: int) -> Chat:
        """A chat by its id.

        Raises:
            KeyError: There is none, or it became another.
        """
        chat = self.state.world.chats[chat_id]
        if chat.migrated_to is not None:
            raise KeyError(f"chat {chat_id} became {chat.migrated_to}")
        return chat

    def _user(self, user_id: int) -> Json:
        """A user by its id.

        Raises:
            KeyError: There is none.
        """
        return self.state.world.users[user_id]

    def _place(self, user_id: int, chat_id: int) -> Chat:
        """The chat that a person writes to; who is not in it comes in without a word."""
        world = self.state.world
        self._user(user_id)
        if chat_id == user_id:
            chat = world.private(user_id)
            chat.started = True
            return chat
        chat = self._chat(chat_id)
        if chat.members.get(user_id) not in INSIDE:
            chat.members[user_id] = "member"
        return chat

    def _head(self, user_id: int, chat: Chat, sender_chat_id: int | None) -> Json:
        """Who a message is from: a person, an anonymous administrator, or a channel."""
        world = self.state.world
        message: Json = {
            "message_id": world.new_message_id(chat),
            "date": int(world.now()),
            "chat": world.chat_fields(chat),
        }
        if chat.kind == "channel":
            return message | {"sender_chat": world.chat_fields(chat)}
        if sender_chat_id is None:
            return message | {"from": self._user(user_id)}
        fake = ANONYMOUS_ADMIN_ID if sender_chat_id == chat.id else CHANNEL_BOT_ID
        sender = world.chat_fields(world.chats[sender_chat_id])
        return message | {"from": world.users[fake], "sender_chat": sender}

    def _thread(self, chat: Chat, topic: int | None, reply: Json) -> Json:
        """Where in a forum a message stands; without a reply it hangs on the topic's beginning."""
        if topic is None:
            return thread_of_reply(chat, reply)
        if topic not in chat.topics:
            raise ValueError(f"chat {chat.id} has no topic {topic}")
        fields: Json = {"message_thread_id": topic, "is_topic_message": True}
        if not reply and (root := chat.messages.get(topic)) is not None:
            fields["reply_to_message"] = root
        return fields

    def _reply(self, chat: Chat, reply_to: int | tuple[int, int] | None) -> Json:
        """The reply to a message here (its id) or elsewhere (chat id, message id)."""
        if reply_to is None:
            return {}
        if isinstance(reply_to, tuple):
            other = self._chat(reply_to[0])
            return external(self.state, other, other.messages[reply_to[1]])
        return {"reply_to_message": shallow(chat.messages[reply_to])}

    def _visible(self, chat: Chat, message: Json, mentions: Sequence[str]) -> bool:
        """Whether the bot sees a message: no other bot's, and what privacy mode lets it see."""
        world = self.state.world
        author = message.get("from", {})
        if author.get("is_bot") and author["id"] not in (ANONYMOUS_ADMIN_ID, CHANNEL_BOT_ID):
            return False
        if not world.privacy_mode or chat.kind in ("private", "channel"):
            return True
        if world.bot_status(chat) in ("creator", "administrator"):
            return True
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        name = f"@{world.bot['username']}".lower()
        text = str(message.get("text") or message.get("caption") or "")
        named = any(name in mention.lower() for mention in mentions)
        return replied == world.bot_id or named or text.startswith("/")

    def _tell(self, chat: Chat, message: Json, mentions: Sequence[str], *, edit: bool) -> None:
        """Have the bot told of a message, and the watchers."""
        kind = "channel_post" if chat.kind == "channel" else "message"
        if self._visible(chat, message, mentions):
            self.state.emit(f"edited_{kind}" if edit else kind, message, chat)
        self.state.show("edit" if edit else "message", chat, message)

    def _context(
        self,
        chat: Chat,
        reply_to: int | tuple[int, int] | None,
        quote: str | None,
        topic: int | None,
    ) -> Json:
        """What a message answers, and where it stands."""
        reply = self._reply(chat, reply_to)
        thread = self._thread(chat, topic, reply)
        if quote is not None:
            target = reply.get("reply_to_message", {})
            whole = str(target.get("text") or target.get("caption") or "")
            position = text_entities.utf16_length(whole[: max(whole.find(quote), 0)])
            reply |= {"quote": {"text": quote, "position": position, "is_manual": True}}
        return reply | thread

    def _said(self, chat: Chat, message: Json, *, silent: bool) -> Json:
        self.state.world.put(chat, message)
        self._tell(chat, message, mentions_in(message), edit=False)
        self.state.changes.tell("said", chat_id=chat.id, silent=silent)
        return message

    def _text(self, text: str, entities: Sequence[Json], prefix: str) -> Json:
        """A person's text, cleaned and searched as a bot's would be."""
        kept, found = text_entities.fix(text, list(entities))
        if not kept:
            raise ValueError("nobody can send an empty text")
        if text_entities.utf16_length(kept) > (CAPTION_UNITS if prefix else TEXT_UNITS):
            raise ValueError("too long: a person's client would send it in parts")
        fields: Json = {"caption" if prefix else "text": kept}
        found = text_entities.detect(kept, found)
        return fields | ({f"{prefix}entities": found} if found else {})


def mentions_in(message: Json) -> list[str]:
    """The @names in a message."""
    text = str(message.get("text") or message.get("caption") or "")
    found = message.get("entities") or message.get("caption_entities") or []
    return [
        text_entities.utf16_slice(text, one["offset"], one["length"])
        for one in found
        if one["type"] in ("mention", "bot_command")
    ]
