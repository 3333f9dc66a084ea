"""Who speaks in Telegram: users, channels, anonymous administrators, bots. Pure."""

from collections.abc import Iterable
from typing import Final

from aiogram import types

from matebot.core.ids import MessageRef, Room
from matebot.core.links import telegram_link
from matebot.core.message import Author, Forward

DELETED: Final = "Deleted Account"
"""What Telegram's own clients call someone whose account is no more (such a user has no name)."""


def author_of(message: types.Message) -> Author:
    """Who a message is by, as people see it there."""
    if message.sender_chat is not None:
        author = chat_author(message.sender_chat, message.author_signature)
    elif message.from_user is not None:
        author = user_author(message.from_user)
    else:
        author = chat_author(message.chat, message.author_signature)
    helper = message.via_bot or message.sender_business_bot
    if helper is None or helper.id == author.id:
        return author
    via = f"{author.name} via @{helper.username or helper.first_name}"
    return Author(author.id, via, author.username, author.is_bot)


def user_author(user: types.User) -> Author:
    """A user or a bot."""
    return Author(user.id, user_name(user), user.username, user.is_bot)


def user_name(user: types.User) -> str:
    """First and last name; what else there is where they are blank."""
    name = full_name(user.first_name, user.last_name)
    if _is_visible(name):
        return name
    if user.username:
        return user.username
    return f"User {user.id}" if name else DELETED


def chat_author(chat: types.Chat, signature: str | None = None) -> Author:
    """A channel, or a group that speaks for an anonymous administrator, with what they sign by."""
    name = chat_title(chat)
    if signature and signature.strip():
        name = f"{name} ({signature.strip()})"
    return Author(chat.id, name, chat.username)


def chat_title(chat: types.Chat) -> str:
    """A chat's title, or the name of the person it is with."""
    title = (chat.title or full_name(chat.first_name or "", chat.last_name)).strip()
    return title or chat.username or f"Chat {chat.id}"


def origin_name(origin: types.MessageOriginUnion) -> str:
    """Who said what is quoted from elsewhere."""
    match origin:
        case types.MessageOriginUser():
            return user_name(origin.sender_user)
        case types.MessageOriginHiddenUser():
            return origin.sender_user_name.strip() or DELETED
        case types.MessageOriginChat():
            return chat_author(origin.sender_chat, origin.author_signature).name
        case types.MessageOriginChannel():
            return chat_author(origin.chat, origin.author_signature).name


def forward_of(message: types.Message) -> Forward | None:
    """Where a message that was passed on comes from; None where it was said here.

    What a linked channel posts in its group by itself is the channel's own word.
    """
    origin = message.forward_origin
    if origin is None or message.is_automatic_forward:
        return None
    return Forward(origin_name(origin), _origin_link(origin))


def _origin_link(origin: types.MessageOriginUnion) -> str | None:
    """The public address of who or what is passed on; a private channel's opens for members."""
    match origin:
        case types.MessageOriginUser(sender_user=types.User(username=str(name))) if name:
            return f"https://t.me/{name}"
        case types.MessageOriginChat(sender_chat=types.Chat(username=str(name))) if name:
            return f"https://t.me/{name}"
        case types.MessageOriginChannel():
            return post_link(origin.chat, origin.message_id)
        case _:
            return None


def post_link(chat: types.Chat, message_id: int) -> str | None:
    """The address of a message; None in chats where messages have none."""
    if chat.username:
        return f"https://t.me/{chat.username}/{message_id}"
    return telegram_link(MessageRef(Room.telegram(chat.id), message_id))


def names_of(users: Iterable[types.User]) -> str:
    """The names of several people in one line."""
    return ", ".join(map(user_name, users))


def full_name(first: str, last: str | None) -> str:
    """Both names as one."""
    return f"{first} {last or ''}".strip()


def _is_visible(name: str) -> bool:
    """Whether anything of a name is seen: fillers (U+3164…), joiners and blanks are not."""
    return any(
        c.isprintable() and not c.isspace() and c not in "\u115f\u1160\u3164\uffa0" for c in name
    )
