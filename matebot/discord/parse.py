"""Discord's messages as core messages. Pure: object in, message out."""

import logging
from collections.abc import Collection, Sequence
from pathlib import PurePosixPath
from typing import Final

import discord

from matebot.core.ids import MessageRef, Room
from matebot.core.message import Attachment, AttachmentKind, Author, Message, Reply
from matebot.core.richtext import Quote, RichText, Span, Subtext, concat, first_words
from matebot.discord.errors import whereabouts
from matebot.discord.markup import Names, parse

log = logging.getLogger(__name__)

REPLY_MARK: Final = "↪ "
"""Opens the line above a copy that names what it answers, and the text of what was forwarded."""
THINKING: Final = "thinking"
"""A bot has announced an answer; it comes as an update of the same message."""
EXCERPT: Final = 80
"""Code points of the first words of what is answered."""

_SAID: Final = frozenset(
    {
        discord.MessageType.default,
        discord.MessageType.reply,
        discord.MessageType.chat_input_command,
        discord.MessageType.context_menu_command,
    }
)
_KINDS: Final = {
    "image": AttachmentKind.PHOTO,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
}
#: For what came without a content type.
_SUFFIXES: Final = {
    ".gif": AttachmentKind.ANIMATION,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".avif", ".heic"), AttachmentKind.PHOTO),
    **dict.fromkeys((".mp4", ".mov", ".webm", ".mkv"), AttachmentKind.VIDEO),
    **dict.fromkeys((".mp3", ".ogg", ".opus", ".m4a", ".wav", ".flac"), AttachmentKind.AUDIO),
}


def is_own(
    message: discord.Message,
    application_id: int | None,
    own_user_id: int | None,
    own_webhook_ids: Collection[int],
) -> bool:
    """Whether MateBot itself posted it: the loop to break.

    A webhook's message names the application that owns the webhook, so the ids that a process knows
    are a second line alone.
    """
    if message.webhook_id is None:
        return message.author.id == own_user_id
    return message.webhook_id in own_webhook_ids or (
        application_id is not None and message.application_id == application_id
    )


def left_out(message: discord.Message) -> str | None:
    """Under which name a message is counted that nobody said; None for one to relay."""
    if message.type not in _SAID:
        kind = message.type
        return f"kind:{kind.name}" if isinstance(kind.name, str) else "kind:unknown"
    if message.flags.ephemeral:
        return "ephemeral"
    if message.flags.loading:
        return THINKING
    return None


def names_of(message: discord.Message) -> Names:
    """The names behind the mentions in a message, as far as it and the cache tell them."""
    guild = message.guild
    users = {user.id: user.display_name for user in message.mentions}
    if guild is None:
        return Names(users=users)
    roles = {role.id: role.name for role in message.role_mentions}
    found = {each: guild.get_channel_or_thread(each) for each in message.raw_channel_mentions}
    channels = {each: channel.name for each, channel in found.items() if channel is not None}
    return Names(users=users, roles=roles, channels=channels)


def parse_message(
    message: discord.Message, names: Names, *, author_name: str | None = None
) -> Message:
    """Turn a message that somebody said into a core message.

    Args:
        message: One for which `left_out` says None.
        names: What mentions are shown as.
        author_name: How the author is called in the server, where the message itself cannot tell
            (one that was read from the history names no nickname).

    Returns:
        A message with a text or at least one attachment: nothing becomes silence.
    """
    room = Room.discord(message.channel.id)
    text, attachments = _body(message, names)
    if not text and not attachments:
        attachments = (Attachment(AttachmentKind.OTHER),)
    return Message(
        ref=MessageRef(room, message.id),
        author=_author(message, author_name),
        text=text,
        attachments=attachments,
        reply=_reply(message, room, names),
        sent_at=message.created_at.timestamp(),
        silent=message.flags.suppress_notifications,
    )


def parse_or_note(
    message: discord.Message, names: Names, *, author_name: str | None = None
) -> Message:
    """`parse_message`, but one that fails becomes a note: it must hold up no other."""
    try:
        return parse_message(message, names, author_name=author_name)
    except Exception as error:  # noqa: BLE001  (whatever it is, the conversation goes on)
        log.error("message %s could not be parsed: %s", message.id, whereabouts(error))
    return Message(
        ref=MessageRef(Room.discord(message.channel.id), message.id),
        author=_author(message, author_name),
        text=RichText(),
        attachments=(Attachment(AttachmentKind.OTHER),),
        sent_at=message.created_at.timestamp(),
    )


def _author(message: discord.Message, name: str | None) -> Author:
    user = message.author
    return Author(
        id=user.id,
        name=name or user.display_name,
        username=None if message.webhook_id else user.name,
        is_bot=user.bot or message.webhook_id is not None,
    )


def _body(message: discord.Message, names: Names) -> tuple[RichText, tuple[Attachment, ...]]:
    """The text, a forwarded one as a quote below it, and everything else in order."""
    text = parse(message.content, names)
    attachments = [*_attachments(message), *_poll(message), *_activity(message)]
    for snapshot in message.message_snapshots:
        forwarded = concat(REPLY_MARK, parse(snapshot.content, names)).strip().styled(Quote())
        text = concat(text, "\n", forwarded) if text else forwarded
        attachments += _attachments(snapshot)
    return text, tuple(attachments)


def _attachments(message: discord.Message | discord.MessageSnapshot) -> list[Attachment]:
    voice = message.flags.voice
    files = [Attachment(_kind(f, voice=voice), f.filename, f.size) for f in message.attachments]
    stickers = [Attachment(AttachmentKind.STICKER, s.name) for s in message.stickers]
    # Other embeds are previews that Discord makes of addresses in the text.
    embeds = [each for each in message.embeds if each.type in {"rich", "poll_result"}]
    return files + stickers + [Attachment(AttachmentKind.EMBED, _title(e)) for e in embeds]


def _kind(file: discord.Attachment, *, voice: bool) -> AttachmentKind:
    if voice:
        return AttachmentKind.VOICE
    mime = (file.content_type or "").lower()
    if not mime:
        return _SUFFIXES.get(PurePosixPath(file.filename).suffix.lower(), AttachmentKind.FILE)
    if mime.startswith("image/gif"):
        return AttachmentKind.ANIMATION
    if mime.startswith("image/svg"):
        return AttachmentKind.FILE
    return _KINDS.get(mime.partition("/")[0], AttachmentKind.FILE)


def _title(embed: discord.Embed) -> str | None:
    """What an embed is called, or its first words."""
    said = embed.title or embed.author.name or embed.description or embed.url
    return first_words(parse(said, Names()), EXCERPT) if said else None


def _poll(message: discord.Message) -> Sequence[Attachment]:
    poll = message.poll
    return () if poll is None else (Attachment(AttachmentKind.POLL, poll.question or None),)


def _activity(message: discord.Message) -> Sequence[Attachment]:
    """An invitation to play or listen together, which has no text of its own."""
    if message.activity is None:
        return ()
    application = message.application
    return (Attachment(AttachmentKind.GAME, None if application is None else application.name),)


def _reply(message: discord.Message, room: Room, names: Names) -> Reply | None:
    """What a message answers; not what it forwards or where it comes from."""
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None:
        return None
    if reference.message_id is None or reference.channel_id != room.chat:
        return None
    to = MessageRef(room, reference.message_id)
    answered = reference.resolved
    if not isinstance(answered, discord.Message):
        return Reply(to, "")
    return Reply(
        to,
        answered.author.display_name,
        answered.author.id,
        _excerpt(answered, names),
    )


def _excerpt(message: discord.Message, names: Names) -> str:
    text = first_words(_without_reply_line(parse(message.content, names)), EXCERPT)
    if text or not message.attachments:
        return text
    return message.attachments[0].filename


def _without_reply_line(text: RichText) -> RichText:
    """A copy's own words, without the line that says what it answers."""
    line = next((s for s in text.spans if s.start == 0 and isinstance(s.style, Subtext)), None)
    if not isinstance(line, Span) or not text.text.startswith(REPLY_MARK):
        return text
    return text.slice(line.end).strip()
