"""A Telegram update as what it means to the bridge. Pure.

What comes of an update is exactly one of: events, a command, a press of a button, or a counted
decision to leave it out.
"""

from typing import Final, NamedTuple

from aiogram import types

from matebot.core.events import CROWD, Edited, Event, How, Moved, Pinned, Polled, Posted, Reacted
from matebot.core.ids import GENERAL_TOPIC, MessageRef, Room
from matebot.core.message import Author, Emoji, Message, Reply
from matebot.core.ports import CommandCall
from matebot.core.richtext import Bold, RichText, first_words
from matebot.telegram.contents import attachments_of, poll_of, text_of
from matebot.telegram.people import author_of, chat_title, forward_of, origin_name, user_author
from matebot.telegram.service_notes import service_of, told_of

EXCERPT_LENGTH: Final = 100
STORY_SIGN: Final = "📖"
PAID_REACTION: Final = Emoji("⭐")

#: All that this module reads, or counts by decision; what else there is is never sent.
ALLOWED_UPDATES: Final = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "message_reaction_count",
    "poll",
)


class Me(NamedTuple):
    """What an update's meaning depends on.

    Attributes:
        id: The bot's own id.
        username: The bot's name, without ``@``.
        commands: The names of the commands that it answers.
    """

    id: int
    username: str
    commands: frozenset[str] = frozenset()


class Press(NamedTuple):
    """Somebody pressed a button below one of our notices."""

    query_id: str
    action: str
    room: Room
    caller: Author
    message_id: int | None = None


class Parsed(NamedTuple):
    """What an update means: one of these.

    Attributes:
        events: What happened, in order.
        command: A command of ours; whether its caller may is still to be asked, unless it is plain.
        press: A button's press.
        ignored: Why it is left out, as a name to count by.
    """

    events: tuple[Event, ...] = ()
    command: CommandCall | None = None
    press: Press | None = None
    ignored: str | None = None


def parse_update(update: types.Update, me: Me) -> Parsed:
    """What an update means."""
    if (posted := update.message or update.channel_post) is not None:
        return _posted(posted, me)
    if (edited := update.edited_message or update.edited_channel_post) is not None:
        return _edited(edited, me)
    if update.callback_query is not None:
        return _pressed(update.callback_query)
    if update.my_chat_member is not None:
        status = update.my_chat_member.new_chat_member.status
        return Parsed(ignored=f"my_chat_member:{status}")
    if update.message_reaction is not None:
        return _reacted(update.message_reaction, me)
    if update.message_reaction_count is not None:
        return _counted(update.message_reaction_count)
    if update.poll is not None:
        return Parsed(events=(Polled(poll_of(update.poll)),))
    return Parsed(ignored=f"update:{_kind(update)}")


def _kind(update: types.Update) -> str:
    """The name of an update that ``ALLOWED_UPDATES`` does not ask for."""
    names = (*type(update).model_fields, *(update.model_extra or ()))
    return next((n for n in names if n != "update_id" and getattr(update, n) is not None), "empty")


def _posted(message: types.Message, me: Me) -> Parsed:
    if (moved := _moved(message)) is not None:
        return Parsed(events=(moved,))
    if (command := command_of(message, me)) is not None:
        return Parsed(command=command)
    if (reason := _left_out(message, me)) is not None:
        return Parsed(ignored=reason)
    if (service := service_of(message)) is not None:
        event = _pinned(message) or _happened(message, service, me)
        return Parsed(ignored=f"service:{service}") if event is None else Parsed(events=(event,))
    return Parsed(events=(Posted(message_of(message, me)),))


def _edited(message: types.Message, me: Me) -> Parsed:
    if command_of(message, me) is not None:
        return Parsed(ignored="edited-command")
    if (reason := _left_out(message, me)) is not None:
        return Parsed(ignored=reason)
    if (service := service_of(message)) is not None:
        return Parsed(ignored=f"service:{service}")
    return Parsed(events=(Edited(message_of(message, me)),))


def _left_out(message: types.Message, me: Me) -> str | None:
    if message.ephemeral_message_id is not None:
        return "ephemeral"
    if message.from_user is not None and message.from_user.id == me.id:
        return "own"
    return None


def _pinned(message: types.Message) -> Pinned | None:
    """What the service message of a pin names; that it is pinned no more is never told."""
    pinned = message.pinned_message
    if pinned is None:
        return None
    room = room_of(pinned) if isinstance(pinned, types.Message) else room_of(message)
    return Pinned(MessageRef(room, pinned.message_id), pinned=True)


def _happened(message: types.Message, service: str, me: Me) -> Posted | None:
    """What the service reports, as a message; None where that is left out."""
    told = told_of(message, service, me.id)
    if told is None:
        return None
    return Posted(
        Message(
            ref=MessageRef(room_of(message), message.message_id),
            author=author_of(message),
            text=told.text,
            sent_at=message.date.timestamp(),
            happening=told.happening,
        )
    )


def _reacted(change: types.MessageReactionUpdated, me: Me) -> Parsed:
    """All that a person, or a chat that speaks for one, reacts with from now on."""
    who = change.user or change.actor_chat
    if who is None or who.id == me.id:
        return Parsed(ignored="reaction")
    emoji = tuple(dict.fromkeys(map(_emoji, change.new_reaction)))
    return _are(change.chat, change.message_id, who.id, emoji)


def _counted(count: types.MessageReactionCountUpdated) -> Parsed:
    """Reactions of people without a name, as in channels: a crowd that may decide nothing.

    How many they are is not passed on: nobody could be taken out of a number again, and the copies
    elsewhere bear each emoji once.
    """
    emoji = tuple(_emoji(each.type) for each in count.reactions if each.total_count > 0)
    return _are(count.chat, count.message_id, CROWD, emoji)


def _are(chat: types.Chat, message_id: int, person: int, emoji: tuple[Emoji, ...]) -> Parsed:
    # Which topic the message stands in is not told; its id is unique in the chat.
    ref = MessageRef(Room.telegram(chat.id), message_id)
    return Parsed(events=(Reacted(ref, person, emoji, How.ARE),))


def _emoji(reaction: types.ReactionTypeUnion) -> Emoji:
    match reaction:
        case types.ReactionTypeEmoji():
            return Emoji(reaction.emoji)
        case types.ReactionTypeCustomEmoji():
            # Its name is not told; `matebot.telegram.incoming` asks what it looks like.
            return Emoji("", reaction.custom_emoji_id)
        case _:
            return PAID_REACTION


def _moved(message: types.Message) -> Moved | None:
    """A group that became a supergroup says so in both chats."""
    here = Room.telegram(message.chat.id)
    if message.migrate_to_chat_id is not None:
        return Moved(here, Room.telegram(message.migrate_to_chat_id))
    if message.migrate_from_chat_id is not None:
        return Moved(Room.telegram(message.migrate_from_chat_id), here)
    return None


def room_of(message: types.Message) -> Room:
    """The room that a message stands in: the chat, or a forum's topic."""
    if not message.chat.is_forum:
        return Room.telegram(message.chat.id)
    in_topic = message.is_topic_message and message.message_thread_id is not None
    return Room.telegram(message.chat.id, message.message_thread_id if in_topic else GENERAL_TOPIC)


def message_of(message: types.Message, me: Me) -> Message:
    """A message whole."""
    room = room_of(message)
    return Message(
        ref=MessageRef(room, message.message_id),
        author=author_of(message),
        text=text_of(message),
        attachments=attachments_of(message),
        reply=_reply_of(message, room, me),
        sent_at=message.date.timestamp(),
        forward=forward_of(message),
        poll=poll_of(message.poll, message.date.timestamp()) if message.poll else None,
        protected=bool(message.has_protected_content),
        preview=not _hides_preview(message),
        album=message.media_group_id or "",
        caption_above=bool(message.show_caption_above_media),
    )


def _hides_preview(message: types.Message) -> bool:
    """Whether its author took the preview of its links away."""
    options = message.link_preview_options
    return options is not None and options.is_disabled is True


def _reply_of(message: types.Message, room: Room, me: Me) -> Reply | None:
    replied = message.reply_to_message
    if replied is not None:
        # Every message of a topic that answers nothing else answers the one that opened it.
        return None if replied.forum_topic_created else _reply_here(message, replied, room, me)
    if message.external_reply is not None:
        return _reply_elsewhere(message, message.external_reply, room)
    if message.reply_to_story is not None:
        title = chat_title(message.reply_to_story.chat)
        return Reply(MessageRef(room, 0), title, message.reply_to_story.chat.id, STORY_SIGN)
    return None


def _reply_here(message: types.Message, replied: types.Message, room: Room, me: Me) -> Reply:
    to = MessageRef(room, replied.message_id)
    author, text = author_of(replied), text_of(replied)
    if author.id == me.id and (copied := _copied(text)) is not None:
        author, text = copied
    excerpt = first_words(text, EXCERPT_LENGTH)
    quote = _quoted(message.quote) if message.quote and message.quote.is_manual else ""
    return Reply(to, author.name, author.id, excerpt, quote)


def _quoted(quote: types.TextQuote | None) -> str:
    """The quoted words; empty where a part of them is a spoiler, which a quote would give away."""
    if quote is None or any(each.type == "spoiler" for each in quote.entities or ()):
        return ""
    return quote.text


def _copied(text: RichText) -> tuple[Author, RichText] | None:
    """Author and text of a copy of ours: a line with the name in bold, and perhaps the time."""
    heading = next((s for s in text.spans if s.start == 0 and isinstance(s.style, Bold)), None)
    if heading is None:
        return None
    said_at, _, _ = text.text[heading.end :].partition("\n")
    if said_at and not said_at.startswith(" · "):
        return None
    name = text.text[: heading.end].replace("\u2060", "")
    return Author(0, name), text.slice(heading.end + len(said_at) + 1)


def _reply_elsewhere(message: types.Message, reply: types.ExternalReplyInfo, room: Room) -> Reply:
    """An answer to a message of another chat, which perhaps does not say which.

    Its words are told by the quote alone, which Telegram adds where the person made none.
    """
    where = Room.telegram(reply.chat.id) if reply.chat is not None else room
    to = MessageRef(where, reply.message_id or 0)
    excerpt = first_words(RichText.plain(_quoted(message.quote)), EXCERPT_LENGTH)
    return Reply(to, origin_name(reply.origin), 0, excerpt)


def command_of(message: types.Message, me: Me) -> CommandCall | None:
    """A command of ours that opens the text.

    One for another bot, or one that we do not know, is ordinary text.
    """
    if message.text is None or message.forward_origin is not None:
        return None
    opening = next(iter(message.entities or ()), None)
    if opening is None or opening.type != "bot_command" or opening.offset != 0:
        return None
    # A command is ASCII, so its length in UTF-16 units is its length.
    name, _, addressee = message.text[1 : opening.length].lower().partition("@")
    if name not in me.commands or addressee not in ("", me.username.lower()):
        return None
    return _call(message, name, message.text[opening.length :].strip())


def _call(message: types.Message, name: str, argument: str) -> CommandCall:
    private = message.chat.type == "private"
    speaks_for_chat = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    in_channel = message.chat.type == "channel"
    user = None if message.sender_chat is not None else message.from_user
    replied = message.reply_to_message
    answers = replied is not None and not replied.forum_topic_created
    return CommandCall(
        name=name,
        argument=argument,
        room=room_of(message),
        caller=author_of(message),
        # Only administrators speak as the chat itself, and only they write in a channel.
        caller_is_admin=speaks_for_chat or in_channel,
        anonymous=user is None,
        private=private,
        message_id=message.message_id or None,  # an ephemeral one has 0
        locale=user.language_code if user is not None else None,
        reply_to=replied.message_id if replied is not None and answers else None,
    )


def _pressed(query: types.CallbackQuery) -> Parsed:
    message = query.message
    if message is None or query.data is None:
        return Parsed(ignored="press:elsewhere")
    room = (
        room_of(message) if isinstance(message, types.Message) else Room.telegram(message.chat.id)
    )
    # An ephemeral notice has no id of its own.
    shown = message.message_id or None
    return Parsed(press=Press(query.id, query.data, room, user_author(query.from_user), shown))
