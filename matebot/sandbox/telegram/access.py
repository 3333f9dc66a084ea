"""Which chat a call means, and whether the bot may do there what it asks for."""

from typing import Any

from matebot.sandbox.telegram.errors import bad, forbidden, too_many
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.world import ADMIN, CHANNEL_RIGHTS, RIGHTS, Chat

Json = dict[str, Any]


def find_chat(state: State, params: Params, *, write: bool = False) -> Chat:
    """The chat of a call's ``chat_id``.

    Raises:
        ApiError: 400 or 403, it is unknown, moved, or the bot may not see it (or write to it).
    """
    name = params.text("chat_id")
    if not name:
        raise bad("chat_id is empty")
    chat = _named(state, name) if name.startswith("@") else _numbered(state, name)
    if chat.migrated_to is not None:
        raise bad(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    if chat.kind == "private":
        _check_private(state, chat, write=write)
    else:
        _check_membership(state, chat, write=write)
    return chat


def _named(state: State, name: str) -> Chat:
    for chat in state.world.chats.values():
        if chat.username and chat.username.lower() == name[1:].lower():
            return chat
    raise bad("chat not found")


def _numbered(state: State, name: str) -> Chat:
    try:
        chat_id = int(name)
    except ValueError:
        raise bad("chat not found") from None
    chat = state.world.chats.get(chat_id)
    if chat is None and chat_id in state.world.users:
        chat = state.world.private(chat_id)
    if chat is None:
        raise bad("chat not found")
    return chat


def _check_private(state: State, chat: Chat, *, write: bool) -> None:
    if not write:
        return
    if state.world.users[chat.id]["is_bot"]:
        raise forbidden("bot can't send messages to bots")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if not chat.started:
        raise forbidden("bot can't initiate conversation with a user")


def _check_membership(state: State, chat: Chat, *, write: bool) -> None:
    status = state.world.bot_status(chat)
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.kind} chat")
    if status == "left":
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    if write and chat.kind == "channel" and not state.world.bot_may(chat, "can_post_messages"):
        raise bad("need administrator rights in the channel chat")


def check_may_send(chat: Chat, what: str) -> None:
    """Refuse where the bot is muted; ``what`` is the kind of message.

    Raises:
        ApiError: 400.
    """
    if chat.muted:
        raise bad(f"not enough rights to send {what} to the chat")


def take_rate(state: State, chat: Chat, cost: float = 1.0) -> None:
    """Count something sent.

    Raises:
        ApiError: 429.
    """
    wait_s = state.rates.take(chat.id, group=chat.kind != "private", cost=cost)
    if wait_s:
        state.changes.tell("limited", chat_id=chat.id, retry_after=wait_s)
        raise too_many(wait_s)


def find_message(chat: Chat, message_id: int, what: str) -> Json:
    """A message that stands in a chat.

    Raises:
        ApiError: 400, there is none; ``what`` is how the text calls it.
    """
    message = chat.messages.get(message_id) if message_id > 0 else None
    if message is None:
        raise bad(f"{what} not found")
    return message


def member_object(state: State, chat: Chat, user_id: int) -> Json:
    """The ``ChatMember`` of a user, who may have left."""
    world = state.world
    status = chat.members.get(user_id, "left")
    member: Json = {"user": world.users[user_id], "status": status}
    if status == "creator":
        return member | {"is_anonymous": False}
    if status == "administrator":
        return member | rights_object(state, chat, user_id)
    if status == "kicked":
        return member | {"until_date": 0}
    return member


def rights_object(state: State, chat: Chat, user_id: int) -> Json:
    """The rights of an administrator, as ``ChatMemberAdministrator`` tells them."""
    lacking = chat.lacking if user_id == state.world.bot_id else set()
    names = RIGHTS + (CHANNEL_RIGHTS if chat.kind == "channel" else ())
    rights = {name: name not in lacking for name in names}
    return {"can_be_edited": False, "is_anonymous": False} | rights


def is_admin(state: State, chat: Chat) -> bool:
    """Whether the bot is an administrator."""
    return state.world.bot_status(chat) in ADMIN


def change_head(state: State, chat: Chat, actor: Json) -> Json:
    """The fields that every ``ChatMemberUpdated`` has."""
    world = state.world
    return {"chat": world.chat_fields(chat), "from": actor, "date": int(world.now())}


def set_status(state: State, chat: Chat, user_id: int, status: str, actor: Json) -> None:
    """Change what somebody is in a chat, and tell the bot what it may know of it."""
    payload = change_head(state, chat, actor)
    payload["old_chat_member"] = member_object(state, chat, user_id)
    chat.members[user_id] = status
    payload["new_chat_member"] = member_object(state, chat, user_id)
    state.changes.tell("member", chat_id=chat.id, user_id=user_id, status=status)
    if user_id == state.world.bot_id:
        state.emit("my_chat_member", payload, chat)
    elif is_admin(state, chat):
        state.emit("chat_member", payload, chat)
