"""What comes with a Discord message besides text and files: polls, games, previews. Pure."""

import re
from collections.abc import Sequence
from typing import Final

import discord

from matebot.core.message import Attachment, AttachmentKind, Poll

#: An address in a text, with what keeps Discord from showing its preview around it.
_ADDRESS: Final = re.compile(r"(<?)https?://[^\s<>]+(>?)")


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
