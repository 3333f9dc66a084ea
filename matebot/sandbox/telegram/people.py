"""Driving: what people do, each with the updates that Telegram would send the bot for it."""

from collections.abc import Sequence
from typing import Any

from matebot.sandbox.telegram.driver import mentions_in
from matebot.sandbox.telegram.methods_chat import REACTIONS, put_reaction
from matebot.sandbox.telegram.people_files import PeopleFiles
from matebot.sandbox.telegram.posting import service_message
from matebot.sandbox.telegram.world import ADMIN, TELEGRAM_ID, Button, Chat

Json = dict[str, Any]
# What belongs to a message and does not go with a forward of it.
NOT_PASSED_ON = frozenset(
    {
        *("message_id", "date", "chat", "from", "sender_chat", "edit_date", "author_signature"),
        *("message_thread_id", "is_topic_message", "reply_to_message", "external_reply", "quote"),
        *("media_group_id", "reply_markup", "pinned_message", "forward_origin", "via_bot"),
    }
)


class People(PeopleFiles):
    """Writing, editing, reacting, pressing."""

    def start_private(self, user_id: int, payload: str = "") -> Json:
        """The user opens a chat with the bot, which may write there from now on; their /start."""
        chat = self.state.world.private(user_id)
        if chat.blocked:
            chat.blocked = False
            self._private_member(chat, "kicked", "member")
        return self.say(user_id, user_id, f"/start {payload}".strip())

    def say(
        self,
        user_id: int,
        chat_id: int,
        text: str,
        *,
        entities: Sequence[Json] = (),
        reply_to: int | tuple[int, int] | None = None,
        quote: str | None = None,
        topic: int | None = None,
        sender_chat_id: int | None = None,
        silent: bool = False,
        ephemeral: bool | None = None,
        via_bot: Json | None = None,
        forward_origin: Json | None = None,
    ) -> Json:
        """A person writes; the ``Message``.

        Args:
            user_id: Who; of a channel, the administrator behind the post.
            chat_id: A group, a channel, or the person's own id for the private chat.
            text: At most 4096 UTF-16 units, as a client sends it.
            entities: Formatting; links, mentions, commands and hashtags are found as well.
            reply_to: A message id, or (chat id, message id) of another chat.
            quote: The part of the replied message that is quoted.
            topic: The message_thread_id in a forum; none is General.
            sender_chat_id: The group itself (anonymous administrator), or a channel.
            silent: Without a sound; nobody is told.
            ephemeral: An ephemeral command; by default where the bot declared it as such.
            via_bot: The ``User`` of an inline bot.
            forward_origin: A ``MessageOrigin``.

        Raises:
            ValueError: The text is empty or too long, or there is no such topic.
        """
        chat = self._place(user_id, chat_id)
        said = self._text(text, entities, "")
        if ephemeral or (ephemeral is None and chat.is_group and self._is_ephemeral(text)):
            return self._say_ephemeral(user_id, chat, said)
        message = self._head(user_id, chat, sender_chat_id)
        message |= self._context(chat, reply_to, quote, topic) | said
        if via_bot is not None:
            message["via_bot"] = via_bot
        if forward_origin is not None:
            message["forward_origin"] = forward_origin
        return self._said(chat, message, silent=silent)

    def forward_post(self, channel_id: int, message_id: int, group_id: int) -> Json:
        """A channel's post comes into its discussion group by itself; the ``Message`` there."""
        world, group = self.state.world, self._chat(group_id)
        channel = world.chat_fields(self._chat(channel_id))
        post = self._chat(channel_id).messages[message_id]
        about = ("message_id", "date", "chat", "sender_chat", "edit_date")
        message = {name: value for name, value in post.items() if name not in about}
        message |= {
            "message_id": world.new_message_id(group),
            "date": int(world.now()),
            "chat": world.chat_fields(group),
            "from": world.users[TELEGRAM_ID],
            "sender_chat": channel,
            "is_automatic_forward": True,
            "forward_origin": {
                "type": "channel",
                "chat": channel,
                "message_id": message_id,
                "date": post["date"],
            },
        }
        return self._said(group, message, silent=True)

    def forward(self, user_id: int, chat_id: int, source: tuple[int, int]) -> Json:
        """A person passes on the message ``source`` (chat id, message id); the ``Message``.

        Raises:
            KeyError: There is no such message.
        """
        original = self._chat(source[0]).messages[source[1]]
        chat = self._place(user_id, chat_id)
        kept = {name: value for name, value in original.items() if name not in NOT_PASSED_ON}
        message = self._head(user_id, chat, None) | {"forward_origin": _origin(original)} | kept
        return self._said(chat, message, silent=False)

    def unpin(self, chat_id: int, message_id: int) -> None:
        """A person unpins a message; Telegram never tells the bot."""
        chat = self._chat(chat_id)
        chat.pinned = [one for one in chat.pinned if one != message_id]
        self.state.changes.tell("pin", chat_id=chat_id, message_id=message_id)

    def _is_ephemeral(self, text: str) -> bool:
        """Whether the bot declared the command that a text begins with as ephemeral."""
        word = text.split(maxsplit=1)[0] if text.strip() else ""
        name, _, target = word.removeprefix("/").partition("@")
        if not word.startswith("/") or target.lower() not in ("", self._own_name()):
            return False
        listed = (command for known in self.state.world.commands.values() for command in known)
        return any(one["command"] == name and one.get("is_ephemeral") for one in listed)

    def _own_name(self) -> str:
        return str(self.state.world.bot["username"]).lower()

    def _say_ephemeral(self, user_id: int, chat: Chat, said: Json) -> Json:
        """A command that the bot alone receives."""
        world = self.state.world
        message: Json = {
            "message_id": 0,
            "ephemeral_message_id": world.new_ephemeral_id(chat),
            "receiver_user": world.bot,
            "date": int(world.now()),
            "chat": world.chat_fields(chat),
            "from": self._user(user_id),
        }
        return self._said(chat, message | said, silent=True)

    def edit(
        self, chat_id: int, message_id: int, text: str, *, entities: Sequence[Json] = ()
    ) -> Json:
        """A person edits a text, or the caption of a file; the new ``Message``.

        The same text gives the edit that no reader sees, which Telegram sends as well.
        """
        chat = self._chat(chat_id)
        old = chat.messages[message_id]
        prefix = "" if "text" in old else "caption_"
        gone = ("text", "entities") if "text" in old else ("caption", "caption_entities")
        kept = {name: value for name, value in old.items() if name not in gone}
        new = kept | self._text(text, entities, prefix) | {"edit_date": int(self.state.world.now())}
        self.state.world.put(chat, new)
        self._tell(chat, new, mentions_in(new), edit=True)
        return new

    def delete(self, chat_id: int, message_id: int) -> None:
        """A person deletes a message; Telegram never tells the bot."""
        chat = self._chat(chat_id)
        message = self.state.world.remove(chat, message_id)
        if message is None:
            raise KeyError(f"chat {chat_id} has no message {message_id}")
        self.state.show("delete", chat, message)

    def pin(self, user_id: int, chat_id: int, message_id: int) -> Json:
        """A person pins a message; the service message."""
        chat = self._chat(chat_id)
        chat.pinned = [*(one for one in chat.pinned if one != message_id), message_id]
        self.state.changes.tell("pin", chat_id=chat_id, message_id=message_id)
        pinned = {"pinned_message": shallow_pin(chat.messages[message_id])}
        return service_message(self.state, chat, self._user(user_id), pinned)

    def react(self, user_id: int, chat_id: int, message_id: int, emoji: list[str]) -> None:
        """A person's reactions to a message are these from now on."""
        unknown = set(emoji) - REACTIONS
        if unknown:
            raise ValueError(f"no reactions: {unknown}")
        chat = self._place(user_id, chat_id)
        world = self.state.world
        if message_id not in chat.messages:
            raise KeyError(f"chat {chat_id} has no message {message_id}")
        old = put_reaction(self.state, chat, message_id, user_id, emoji)
        if chat.kind != "private" and world.bot_status(chat) not in ADMIN:
            return
        about: Json = {
            "chat": world.chat_fields(chat),
            "message_id": message_id,
            "date": int(world.now()),
        }
        if chat.kind == "channel":
            counts = about | {"reactions": _counts(chat.reactions[message_id])}
            self.state.emit("message_reaction_count", counts, chat)
            return
        changed = {"old_reaction": _types(old), "new_reaction": _types(emoji)}
        who = about | {"user": self._user(user_id)}
        self.state.emit("message_reaction", who | changed, chat)

    def press(self, user_id: int, chat_id: int, message_id: int, data: str) -> Json:
        """A person presses a button (a negative id: of an ephemeral message); the CallbackQuery."""
        chat = self._place(user_id, chat_id)
        message = chat.messages[message_id]
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        if not any(button.get("callback_data") == data for row in rows for button in row):
            raise ValueError(f"message {message_id} has no button {data!r}")
        world = self.state.world
        query: Json = {
            "id": world.press_id(Button(user_id, chat_id, world.now())),
            "from": self._user(user_id),
            "message": message,
            "chat_instance": str(abs(chat_id) * 7919),
            "data": data,
        }
        self.state.emit("callback_query", query, chat)
        return query


def shallow_pin(message: Json) -> Json:
    """A message as it stands inside of the notice that it was pinned."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}


def _origin(original: Json) -> Json:
    """The ``MessageOrigin`` of a forward; a forward of a forward keeps the first one."""
    if known := original.get("forward_origin"):
        return dict(known)
    date = {"date": original["date"]}
    sender = original.get("sender_chat")
    if sender is None:
        return {"type": "user", "sender_user": original["from"]} | date
    if sender["type"] == "channel":
        post = {"chat": sender, "message_id": original["message_id"]}
        return {"type": "channel"} | post | date
    return {"type": "chat", "sender_chat": sender} | date


def _types(emoji: list[str]) -> list[Json]:
    return [{"type": "emoji", "emoji": one} for one in emoji]


def _counts(of_message: dict[int, list[str]]) -> list[Json]:
    """Reactions without their authors, as channels tell them."""
    totals: dict[str, int] = {}
    for emoji in of_message.values():
        for one in emoji:
            totals[one] = totals.get(one, 0) + 1
    counted = sorted(totals.items(), key=lambda item: -item[1])
    return [{"type": {"type": "emoji", "emoji": e}, "total_count": n} for e, n in counted]
