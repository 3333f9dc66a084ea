"""A copy as the posts to make of it. Pure."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from matebot.core.happenings import told
from matebot.core.links import discord_link, relinked
from matebot.core.media import Outcome
from matebot.core.message import Attachment, AttachmentKind, Copy, Message, Poll, Reply
from matebot.core.moments import moment
from matebot.core.notes import noted
from matebot.core.polls import figures, tally
from matebot.core.richtext import (
    Bold,
    Italic,
    Link,
    Quote,
    RichText,
    Strike,
    Subtext,
    concat,
    plain,
)
from matebot.core.words import Words
from matebot.discord import markup
from matebot.discord.limits import CONTENT, NAME
from matebot.discord.names import FALLBACK, OWN, fit, marked_off, one_line
from matebot.discord.parse import REPLY_MARK
from matebot.discord.parts import DiscordPart
from matebot.discord.polls import ballot_of
from matebot.discord.render_media import Files, files_of, with_files

_QUOTED: Final = 300
"""Code points of what an answer quotes that are shown."""
_PERSON: Final = "\ufffc"
"""Stands for a mention while a line is written as markdown, which mentions nobody."""


class Place(msgspec.Struct, frozen=True):
    """Where and as whom a copy is posted.

    Attributes:
        as_bot: Whether the name goes into the text, there being no webhook.
        guild_id: The server, for addresses of its messages; None where there is none.
        avatar_url: The author's picture.
        looks_alike: Whether the author's name could be taken for that of somebody there.
    """

    as_bot: bool
    guild_id: int | None = None
    avatar_url: str | None = None
    looks_alike: bool = False


def render(
    copy: Copy, words: Words, place: Place, outcomes: Sequence[Outcome] = ()
) -> tuple[DiscordPart, ...]:
    """The posts that a copy is made of, in order; at least one, none empty.

    Args:
        copy: What is brought.
        words: The catalogue.
        place: Where to.
        outcomes: What becomes of its attachments, in order; without it they are but named.
    """
    message = copy.message
    happened = message.happening is not None
    pinged = _pinged(copy)
    name_line = "" if happened else _name_line(message.author.name, marked=place.looks_alike)
    part = DiscordPart(
        text="",
        author=message.author,
        username=OWN if happened else fit(message.author.name, marked=place.looks_alike),
        avatar_url=None if happened else place.avatar_url,
        reply_line=_reply_line(copy, pinged, words, place.guild_id),
        name_line=name_line,
        silent=message.silent,
        as_bot=place.as_bot,
        preview=message.preview,
        pings=() if pinged is None else (pinged,),
    )
    if (poll := _poll_parts(copy, words, place, part)) is not None:
        return poll
    files = files_of(copy, outcomes, words)
    before = len(part.reply_line) + (len(name_line) if place.as_bot else 0)
    body = _in_lines([*_origin(copy, words, place.guild_id), *_said(copy, words, place, files)])
    pieces = markup.split(body, CONTENT, CONTENT - before) if body else []
    return with_files(part, pieces, files)


def _poll_parts(
    copy: Copy, words: Words, place: Place, part: DiscordPart
) -> tuple[DiscordPart, ...] | None:
    """A poll's twin, and once that is over what became of the poll; None for all else.

    What the twin says never changes, since a poll cannot be edited; below MateBot's own stands how
    all rooms vote.
    """
    poll = copy.message.poll
    if poll is None:
        return None
    asked = msgspec.structs.replace(copy, deleted=False)
    origin = list(_origin(asked, words, place.guild_id))
    said = copy.message.text.strip("\n")
    lines = [*origin, *([said] if said.text.strip() else [])]
    text = markup.split(_in_lines(lines), CONTENT) or [""]
    ballot = ballot_of(copy.message, text[0], closed=poll.closed or copy.deleted)
    notes = files_of(asked, [None] * len(asked.message.attachments), words)
    whole = markup.split(_in_lines([*origin, *_said(asked, words, place, notes)]), CONTENT)
    before = len(part.reply_line) + len(part.name_line)
    if ballot is None or len(text) > 1 or len(whole) > 1 or before + len(whole[0]) > CONTENT:
        return None
    asks = msgspec.structs.replace(part, text=whole[0], as_bot=True, ballot=ballot)
    below = DiscordPart("", copy.message.author, OWN, silent=True, as_bot=place.as_bot)
    parts = [asks]
    if poll.own:
        below = msgspec.structs.replace(below, as_bot=True)
        parts.append(_below(below, tally(poll, copy.language, words)))
    if not ballot.closed:
        return tuple(parts)
    after = figures(poll, copy.language, words)
    if copy.deleted:
        after = plain(words(copy.language, "deleted")).styled(Subtext())
    return *parts, _below(below, after)


def _below(part: DiscordPart, text: RichText) -> DiscordPart:
    """A message that says something about the poll above it."""
    return msgspec.structs.replace(part, text=markup.split(text, CONTENT)[0])


def _origin(copy: Copy, words: Words, guild_id: int | None) -> Iterator[RichText]:
    """Small lines above what was said: that it is gone, and where it comes from."""
    if copy.late:
        yield concat("🕒 ", moment(copy.message.sent_at)).styled(Subtext())
    if copy.deleted:
        yield plain(words(copy.language, "deleted")).styled(Subtext())
    forward = copy.message.forward
    if forward is None:
        return
    origin = one_line(forward.origin)[:NAME]
    line = words(copy.language, "forwarded")
    if origin:
        line = words(copy.language, "forwarded-from", origin=origin)
    text = plain(line)
    if forward.link is not None:
        addresses = _addresses(copy, guild_id)
        text = text.styled(Link(addresses.get(forward.link, forward.link)))
    yield text.styled(Subtext())


def _said(copy: Copy, words: Words, place: Place, files: Files) -> Iterator[RichText]:
    """What was said or happened, and a line or more for each thing that does not come along.

    It is nothing, or white space alone, only where files come along.
    """
    message = copy.message
    text = relinked(message.text.strip("\n"), _addresses(copy, place.guild_id))
    if message.happening is not None:
        text = told(message, copy.language, words).strip().styled(Subtext())
    lines = [text] if text.text.strip() else []
    lines += [*files.notes, *(noted(each, copy.language, words) for each in _poll(message))]
    if not lines and not files.uploads:
        lines = [plain(words(copy.language, "note-other")).styled(Italic())]
    for line in lines:
        yield line.styled(Strike()) if copy.deleted else line


def _poll(message: Message) -> Iterator[Attachment]:
    """A poll in words, where it stands for nothing that came along."""
    poll: Poll | None = message.poll
    if poll is None or any(each.kind is AttachmentKind.POLL for each in message.attachments):
        return
    options = "\n".join(f"• {one_line(option)}" for option in poll.options)
    yield Attachment(AttachmentKind.POLL, poll.question, detail=options)


def _addresses(copy: Copy, guild_id: int | None) -> dict[str, str]:
    """What stands here in the place of addresses of bridged messages."""
    if guild_id is None:
        return {}
    return {url: discord_link(ref, guild_id) for url, ref in copy.links.items()}


def _in_lines(lines: list[RichText]) -> RichText:
    parted = [part for line in lines if line for part in ("\n", line)]
    return concat(*parted[1:])


@lru_cache(maxsize=1024)
def _name_line(name: str, *, marked: bool) -> str:
    shown = one_line(name)[:NAME] or FALLBACK
    shown = marked_off(shown) if marked else shown
    return markup.render(plain(shown).styled(Bold())) + "\n"


def _pinged(copy: Copy) -> int | None:
    """Whom the copy rings for: the person answered, where a native reply would."""
    reply = copy.message.reply
    if reply is None or not reply.pings or reply.gone or copy.deleted or copy.reply_to is None:
        return None
    return copy.answered_author


def _reply_line(copy: Copy, pinged: int | None, words: Words, guild_id: int | None) -> str:
    """``↪ Ana: first words`` in small print, leading to the message; a quote on a line below.

    Who is pinged is mentioned in the place of the name, and the arrow leads to the message.
    """
    reply = copy.message.reply
    if reply is None:
        return ""
    url = None
    if copy.reply_to is not None and guild_id is not None:
        url = discord_link(copy.reply_to, guild_id)
    arrow, name = plain(REPLY_MARK.strip()), plain(one_line(reply.author)[:NAME] or "…")
    if pinged is not None:
        name = plain(_PERSON)
    if url is not None and pinged is not None:
        arrow = arrow.styled(Link(url))
    elif url is not None:
        name = name.styled(Link(url))
    line = concat(arrow, " ", name, _answered_words(reply, copy.language, words))
    written = markup.render(line.styled(Subtext()))
    if pinged is not None:
        written = written.replace(_PERSON, f"<@{pinged}>", 1)
    return written + "\n" + _quote_line(reply)


def _answered_words(reply: Reply, language: str, words: Words) -> str:
    """What follows the name of who is answered."""
    if reply.gone:
        return f": ({words(language, 'reply-gone')})"
    if reply.quote:
        return ""
    excerpt = one_line(reply.excerpt)
    return f": {excerpt}" if excerpt else ""


def _quote_line(reply: Reply) -> str:
    """The part that is quoted, on a line of its own."""
    quote = one_line(reply.quote)
    if not quote or reply.gone:
        return ""
    shown = quote if len(quote) <= _QUOTED else f"{quote[:_QUOTED].rstrip()}…"
    return markup.render(plain(shown).styled(Quote())) + "\n"
