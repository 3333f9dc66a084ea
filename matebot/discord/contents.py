"""What comes with a Discord message besides its text: files, stickers, polls, previews. Pure."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

import discord

from matebot.core.message import Attachment, AttachmentKind, Poll

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
#: An address in a text, with what keeps Discord from showing its preview around it.
_ADDRESS: Final = re.compile(r"(<?)https?://[^\s<>]+(>?)")


def attachments_of(message: discord.Message | discord.MessageSnapshot) -> list[Attachment]:
    """Its files and stickers, in order."""
    voice = message.flags.voice
    files = [Attachment(_kind(f, voice=voice), f.filename, f.size) for f in message.attachments]
    return files + [Attachment(AttachmentKind.STICKER, s.name) for s in message.stickers]


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


def invitation(message: discord.Message) -> Sequence[Attachment]:
    """An invitation to play or listen together, which has no text of its own."""
    if message.activity is None:
        return ()
    application = message.application
    return (Attachment(AttachmentKind.GAME, None if application is None else application.name),)


def poll_in_words(poll: discord.Poll) -> Attachment:
    """A poll as a note, with its answers below, for where it cannot be one."""
    known = poll_of(poll)
    votes = [f": {count}" for count in known.votes] or [""] * len(known.options)
    lines = (f"• {option}{count}" for option, count in zip(known.options, votes, strict=True))
    return Attachment(AttachmentKind.POLL, known.question or None, detail="\n".join(lines))


def poll_of(poll: discord.Poll) -> Poll:
    """A poll as people see it; votes alone once they are final, before that they are a guess."""
    closed = poll.is_finalised()
    expires_at = poll.expires_at
    return Poll(
        question=poll.question,
        options=tuple(_option(answer) for answer in poll.answers),
        votes=tuple(answer.vote_count for answer in poll.answers) if closed else (),
        multiple=poll.multiple,
        closes_at=None if expires_at is None else expires_at.timestamp(),
        closed=closed,
    )


def _option(answer: discord.PollAnswer) -> str:
    """An answer with its emoji before it, where that is one of Unicode's."""
    emoji = answer.emoji
    before = emoji.name if isinstance(emoji, discord.PartialEmoji) and emoji.id is None else ""
    return " ".join(part for part in (before, answer.text) if part)


def wants_preview(message: discord.Message) -> bool:
    """Whether its author lets Discord show what is behind the addresses in it."""
    if message.flags.suppress_embeds:
        return False
    found = [bool(before and after) for before, after in _ADDRESS.findall(message.content)]
    return not found or not all(found)
