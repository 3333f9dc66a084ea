"""Driving: who and what exists, and who comes and goes."""

from collections.abc import Iterable
from typing import Any, Literal

from matebot.sandbox.telegram.access import change_head, set_status
from matebot.sandbox.telegram.driver import Driver
from matebot.sandbox.telegram.files import PROFILE_SIDES, sizes
from matebot.sandbox.telegram.methods_chat import REACTIONS
from matebot.sandbox.telegram.posting import service_message
from matebot.sandbox.telegram.world import INSIDE, Chat

Json = dict[str, Any]
GroupKind = Literal["group", "supergroup", "channel"]


class Groups(Driver):
    """People, groups, topics, memberships."""

    def add_user(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        user_id: int | None = None,
        photo: bytes | None = None,
        is_bot: bool = False,
        language_code: str | None = None,
    ) -> Json:
        """A new person, who has not written to the bot yet; the ``User``."""
        world = self.state.world
        user: Json = {
            "id": user_id or world.new_user_id(),
            "is_bot": is_bot,
            "first_name": first_name,
        }
        more = {"last_name": last_name, "username": username, "language_code": language_code}
        user |= {name: value for name, value in more.items() if value is not None}
        world.users[user["id"]] = user
        self.set_photo(user["id"], photo)
        return user

    def set_photo(self, user_id: int, photo: bytes | None) -> None:
        """Give a user, or a chat, a picture, or take it away."""
        world = self.state.world
        if photo is None:
            world.photos.pop(user_id, None)
            return
        stored = self.state.files.add("photo", photo, mime="image/jpeg")
        world.photos[user_id] = sizes(self.state.files, stored, PROFILE_SIDES)

    def rename_user(self, user_id: int, first_name: str, last_name: str | None = None) -> Json:
        """Have a person go by another name from now on; the new ``User``."""
        kept = {k: v for k, v in self._user(user_id).items() if k != "last_name"}
        user = kept | {"first_name": first_name} | ({"last_name": last_name} if last_name else {})
        self.state.world.users[user_id] = user
        return user

    def add_group(
        self,
        title: str,
        *,
        kind: GroupKind = "supergroup",
        forum: bool = False,
        chat_id: int | None = None,
        bot_admin: bool = True,
        username: str | None = None,
        owner_id: int | None = None,
    ) -> Json:
        """A new chat, to which its owner has just added the bot; the ``Chat``."""
        world = self.state.world
        chat = Chat(chat_id or world.new_chat_id(kind), kind, title, username or "", forum)
        world.chats[chat.id] = chat
        owner = owner_id or int(self.add_user("Olga", username=f"owner{abs(chat.id)}")["id"])
        chat.members[owner] = "creator"
        self._set_status(chat, world.bot_id, "administrator" if bot_admin else "member", owner)
        if chat.is_group:
            service_message(self.state, chat, self._user(owner), {"new_chat_members": [world.bot]})
        return world.chat_fields(chat)

    def owner_of(self, chat_id: int) -> int:
        """The user id of a chat's creator."""
        members = self._chat(chat_id).members.items()
        return next(user_id for user_id, status in members if status == "creator")

    def rename_group(self, chat_id: int, title: str) -> Json:
        """Give a chat another title; the service message."""
        chat = self._chat(chat_id)
        chat.title = title
        return service_message(
            self.state, chat, self._user(self.owner_of(chat_id)), {"new_chat_title": title}
        )

    def add_topic(self, chat_id: int, name: str) -> int:
        """Open a topic in a forum; its message_thread_id."""
        chat = self._chat(chat_id)
        if not chat.forum:
            raise ValueError(f"chat {chat_id} is no forum")
        thread_id = self.state.world.new_message_id(chat)
        chat.topics[thread_id] = name
        created = {"name": name, "icon_color": 0x6FB9F0}
        self._topic_service(chat, thread_id, {"forum_topic_created": created}, thread_id)
        return thread_id

    def rename_topic(self, chat_id: int, topic: int, name: str) -> Json:
        """Give a topic another name; the service message."""
        chat = self._chat(chat_id)
        chat.topics[topic] = name
        return self._topic_service(chat, topic, {"forum_topic_edited": {"name": name}})

    def close_topic(self, chat_id: int, topic: int) -> Json:
        """Close a topic: the bot may not write to it; the service message."""
        chat = self._chat(chat_id)
        chat.closed_topics.add(topic)
        return self._topic_service(chat, topic, {"forum_topic_closed": {}})

    def reopen_topic(self, chat_id: int, topic: int) -> Json:
        """Open a closed topic again; the service message."""
        chat = self._chat(chat_id)
        chat.closed_topics.discard(topic)
        return self._topic_service(chat, topic, {"forum_topic_reopened": {}})

    def delete_topic(self, chat_id: int, topic: int) -> None:
        """Delete a topic with all that stands in it; Telegram tells nobody."""
        chat = self._chat(chat_id)
        del chat.topics[topic]
        for key, message in list(chat.messages.items()):
            if topic in (key, message.get("message_thread_id")):
                self.state.world.remove(chat, key)
        self.state.changes.tell("topic_deleted", chat_id=chat_id, topic=topic)

    def _topic_service(
        self, chat: Chat, topic: int, fields: Json, message_id: int | None = None
    ) -> Json:
        """A service message inside of a topic."""
        world = self.state.world
        message: Json = {
            "message_id": message_id or world.new_message_id(chat),
            "date": int(world.now()),
            "chat": world.chat_fields(chat),
            "from": self._user(self.owner_of(chat.id)),
            "message_thread_id": topic,
            "is_topic_message": True,
        }
        world.put(chat, message | fields, service=True)
        self._tell(chat, message | fields, (), edit=False)
        return message | fields

    def join(
        self, chat_id: int, user_id: int, *, status: str = "member", quiet: bool = False
    ) -> None:
        """A person comes into a chat; quiet: was in it before the bot came."""
        chat = self._chat(chat_id)
        if quiet:
            chat.members[user_id] = status
            return
        self._set_status(chat, user_id, status, user_id)
        if chat.is_group:
            members = {"new_chat_members": [self._user(user_id)]}
            service_message(self.state, chat, self._user(user_id), members)

    def leave(self, chat_id: int, user_id: int) -> None:
        """A person goes."""
        chat = self._chat(chat_id)
        if chat.is_group:
            gone = {"left_chat_member": self._user(user_id)}
            service_message(self.state, chat, self._user(user_id), gone)
        self._set_status(chat, user_id, "left", user_id)

    def promote(self, chat_id: int, user_id: int) -> None:
        """Make a member (or the bot, by its id) an administrator."""
        self._set_status(self._chat(chat_id), user_id, "administrator", self.owner_of(chat_id))

    def demote(self, chat_id: int, user_id: int) -> None:
        """Make an administrator a member again."""
        self._set_status(self._chat(chat_id), user_id, "member", self.owner_of(chat_id))

    def set_rights(self, chat_id: int, **rights: bool) -> None:
        """Give the bot, an administrator, single rights, or take them (``can_x=False``)."""
        chat = self._chat(chat_id)
        for name, given in rights.items():
            (chat.lacking.discard if given else chat.lacking.add)(name)
        status = self.state.world.bot_status(chat)
        self._set_status(chat, self.state.world.bot_id, status, self.owner_of(chat_id))

    def allow_reactions(self, chat_id: int, emoji: Iterable[str] | None) -> None:
        """With what one may react there from now on; None is everything.

        Raises:
            ValueError: Telegram has no such reaction.
        """
        allowed = None if emoji is None else frozenset(emoji)
        if unknown := (allowed or frozenset()) - REACTIONS:
            raise ValueError(f"no reactions: {unknown}")
        self._chat(chat_id).allowed_reactions = allowed

    def mute_bot(self, chat_id: int, *, muted: bool = True) -> None:
        """Take from the bot the right to send, or give it back."""
        self._chat(chat_id).muted = muted

    def kick(self, chat_id: int) -> None:
        """Remove the bot from a chat."""
        chat = self._chat(chat_id)
        self._set_status(chat, self.state.world.bot_id, "kicked", self.owner_of(chat_id))

    def add_bot(self, chat_id: int, *, admin: bool = True) -> None:
        """Add the bot (again) to a chat."""
        status = "administrator" if admin else "member"
        chat = self._chat(chat_id)
        self._set_status(chat, self.state.world.bot_id, status, self.owner_of(chat_id))

    def block(self, user_id: int) -> None:
        """A user blocks the bot."""
        chat = self.state.world.private(user_id)
        chat.blocked = True
        self._private_member(chat, "member", "kicked")

    def _private_member(self, chat: Chat, old: str, new: str) -> None:
        """Tell the bot that a user blocked it, or came back."""
        world = self.state.world
        payload = change_head(self.state, chat, self._user(chat.id))
        payload["old_chat_member"] = {"user": world.bot, "status": old}
        payload["new_chat_member"] = {"user": world.bot, "status": new}
        if new == "kicked":
            payload["new_chat_member"]["until_date"] = 0
        self.state.emit("my_chat_member", payload, chat)

    def _set_status(self, chat: Chat, user_id: int, status: str, actor_id: int) -> None:
        """Change what somebody is in a chat."""
        set_status(self.state, chat, user_id, status, self._user(actor_id))

    def migrate(self, chat_id: int) -> int:
        """Turn a basic group into a supergroup; its new id."""
        old, world = self._chat(chat_id), self.state.world
        if old.kind != "group":
            raise ValueError(f"chat {chat_id} is no basic group")
        new = Chat(world.new_chat_id("supergroup"), "supergroup", old.title)
        new.members, new.lacking = dict(old.members), set(old.lacking)
        world.chats[new.id] = new
        owner = self._user(self.owner_of(chat_id))
        service_message(self.state, old, owner, {"migrate_to_chat_id": new.id})
        service_message(self.state, new, owner, {"migrate_from_chat_id": old.id})
        old.migrated_to = new.id
        return new.id

    def inside(self, chat_id: int) -> list[int]:
        """The user ids of those who are in a chat."""
        members = self._chat(chat_id).members.items()
        return [user_id for user_id, status in members if status in INSIDE]
