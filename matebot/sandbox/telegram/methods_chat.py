"""The methods about chats, their members, their pins and reactions, and files."""

from collections.abc import Callable
from typing import Any

from matebot.sandbox.telegram.access import (
    find_chat,
    find_message,
    member_object,
    set_status,
    take_rate,
)
from matebot.sandbox.telegram.errors import ApiError, bad
from matebot.sandbox.telegram.limits import DOWNLOAD_BYTES
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.posting import service_message
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.world import ADMIN, INSIDE, Chat

Json = dict[str, Any]

# https://core.telegram.org/bots/api#reactiontypeemoji
REACTIONS = frozenset(
    (
        "❤",
        "👍",
        "👎",
        "🔥",
        "🥰",
        "👏",
        "😁",
        "🤔",
        "🤯",
        "😱",
        "🤬",
        "😢",
        "🎉",
        "🤩",
        "🤮",
        "💩",
        "🙏",
        "👌",
        "🕊",
        "🤡",
        "🥱",
        "🥴",
        "😍",
        "🐳",
        "❤‍🔥",
        "🌚",
        "🌭",
        "💯",
        "🤣",
        "⚡",
        "🍌",
        "🏆",
        "💔",
        "🤨",
        "😐",
        "🍓",
        "🍾",
        "💋",
        "🖕",
        "😈",
        "😴",
        "😭",
        "🤓",
        "👻",
        "👨‍💻",
        "👀",
        "🎃",
        "🙈",
        "😇",
        "😨",
        "🤝",
        "✍",
        "🤗",
        "🫡",
        "🎅",
        "🎄",
        "☃",
        "💅",
        "🤪",
        "🗿",
        "🆒",
        "💘",
        "🙉",
        "🦄",
        "😘",
        "💊",
        "🙊",
        "😎",
        "👾",
        "🤷‍♂",
        "🤷",
        "🤷‍♀",
        "😡",
    )
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


def get_chat(state: State, params: Params) -> Json:
    """Answer getChat: a ``ChatFullInfo``."""
    chat = find_chat(state, params)
    full = state.world.chat_fields(chat) | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.is_group:
        full["permissions"] = dict.fromkeys(PERMISSIONS, True)
    if chat.allowed_reactions is not None:
        allowed = sorted(chat.allowed_reactions)
        full["available_reactions"] = [{"type": "emoji", "emoji": one} for one in allowed]
    if chat.pinned and (pinned := chat.messages.get(chat.pinned[-1])) is not None:
        full["pinned_message"] = pinned
    if sizes := state.world.photos.get(chat.id):
        full["photo"] = {
            "small_file_id": sizes[0]["file_id"],
            "small_file_unique_id": sizes[0]["file_unique_id"],
            "big_file_id": sizes[-1]["file_id"],
            "big_file_unique_id": sizes[-1]["file_unique_id"],
        }
    return full


def get_chat_member(state: State, params: Params) -> Json:
    """Answer getChatMember."""
    chat = find_chat(state, params)
    return member_object(state, chat, _user_id(state, params))


def _user_id(state: State, params: Params) -> int:
    user_id = params.integer("user_id")
    if user_id <= 0:
        raise bad("invalid user_id specified")
    if user_id not in state.world.users:
        raise bad("user not found")
    return user_id


def get_chat_administrators(state: State, params: Params) -> list[Json]:
    """Answer getChatAdministrators: no other bots, as documented."""
    chat = find_chat(state, params)
    if chat.kind == "private":
        raise bad("there are no administrators in the private chat")
    found = [user_id for user_id, status in chat.members.items() if status in ADMIN]
    world = state.world
    shown = [one for one in found if one == world.bot_id or not world.users[one]["is_bot"]]
    return [member_object(state, chat, user_id) for user_id in shown]


def get_chat_member_count(state: State, params: Params) -> int:
    """Answer getChatMemberCount."""
    chat = find_chat(state, params)
    if chat.kind == "private":
        return 2
    return sum(1 for status in chat.members.values() if status in INSIDE)


def get_user_profile_photos(state: State, params: Params) -> Json:
    """Answer getUserProfilePhotos: the current one, if any."""
    sizes = state.world.photos.get(_user_id(state, params))
    if not sizes:
        return {"total_count": 0, "photos": []}
    shown = [sizes] if params.integer("offset") == 0 else []
    return {"total_count": 1, "photos": shown}


def get_file(state: State, params: Params) -> Json:
    """Answer getFile."""
    file_id = params.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    stored = state.files.get(file_id)
    if stored is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if stored.size > DOWNLOAD_BYTES and not state.local:
        raise bad("file is too big")
    files, token = state.files, state.world.token
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": files.tell_local(stored, token) if state.local else files.tell(stored),
    }


def set_message_reaction(state: State, params: Params) -> bool:
    """Answer setMessageReaction: one emoji of the fixed list, or none."""
    wanted = params.listed("reaction", "ReactionType") or []
    emoji = [_reaction(item) for item in wanted]
    if len(emoji) > 1:
        raise bad("REACTIONS_TOO_MANY")
    chat = find_chat(state, params, write=True)
    message_id = params.integer("message_id")
    find_message(chat, message_id, "message to react")
    if message_id in chat.service:
        raise bad("MESSAGE_ID_INVALID")
    if chat.allowed_reactions is not None and not set(emoji) <= chat.allowed_reactions:
        raise bad("REACTION_INVALID")
    put_reaction(state, chat, message_id, state.world.bot_id, emoji)
    return True


def _reaction(item: Any) -> str:
    if not isinstance(item, dict):
        raise bad("can't parse ReactionType: expected an Object")
    if item.get("type") == "paid":
        raise bad("REACTION_INVALID")
    if item.get("type") != "emoji" or item.get("emoji") not in REACTIONS:
        raise bad("REACTION_INVALID")
    return str(item["emoji"])


def put_reaction(
    state: State, chat: Chat, message_id: int, user_id: int, emoji: list[str]
) -> list[str]:
    """Have a user's reactions be these; what they were before."""
    of_message = chat.reactions.setdefault(message_id, {})
    old = of_message.pop(user_id, [])
    if emoji:
        of_message[user_id] = emoji
    state.changes.tell(
        "reaction", chat_id=chat.id, message_id=message_id, user_id=user_id, emoji=emoji
    )
    return old


def _may_pin(state: State, chat: Chat) -> None:
    right = "can_edit_messages" if chat.kind == "channel" else "can_pin_messages"
    if chat.kind != "private" and not state.world.bot_may(chat, right):
        raise bad("not enough rights to manage pinned messages in the chat")


def pin_chat_message(state: State, params: Params) -> bool:
    """Answer pinChatMessage: leaves a service message, of which the bot itself is told as well."""
    chat = find_chat(state, params, write=True)
    message_id = params.integer("message_id")
    message = find_message(chat, message_id, "message to pin")
    if message_id in chat.service:
        raise bad("message can't be pinned")
    _may_pin(state, chat)
    take_rate(state, chat)
    if message_id not in chat.pinned:
        chat.pinned.append(message_id)
        state.changes.tell("pin", chat_id=chat.id, message_id=message_id)
        service_message(state, chat, state.world.bot, {"pinned_message": message})
    return True


def unpin_chat_message(state: State, params: Params) -> bool:
    """Answer unpinChatMessage: the given one, else the most recent."""
    chat = find_chat(state, params, write=True)
    _may_pin(state, chat)
    message_id = params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    find_message(chat, message_id, "message to unpin")
    if message_id in chat.pinned:
        chat.pinned.remove(message_id)
        state.changes.tell("unpin", chat_id=chat.id, message_id=message_id)
    return True


def leave_chat(state: State, params: Params) -> bool:
    """Answer leaveChat."""
    chat = find_chat(state, params)
    if chat.kind == "private":
        raise ApiError(400, "chat member status can't be changed in private chats")
    set_status(state, chat, state.world.bot_id, "left", state.world.bot)
    return True


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "getUserProfilePhotos": get_user_profile_photos,
    "getFile": get_file,
    "setMessageReaction": set_message_reaction,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "leaveChat": leave_chat,
}
