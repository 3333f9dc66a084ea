"""Who speaks in Telegram: users, channels, anonymous administrators, bots. Pure."""

from typing import Final

from aiogram import types

from matebot.core.message import Author

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
    if message.via_bot is None:
        return author
    via = f"{author.name} via @{message.via_bot.username or message.via_bot.first_name}"
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


def full_name(first: str, last: str | None) -> str:
    """Both names as one."""
    return f"{first} {last or ''}".strip()


def _is_visible(name: str) -> bool:
    """Whether anything of a name is seen: fillers (U+3164…), joiners and blanks are not."""
    return any(
        c.isprintable() and not c.isspace() and c not in "\u115f\u1160\u3164\uffa0" for c in name
    )
