"""A message on its way into Telegram as the messages to send. Pure."""

import re
from typing import Final

import msgspec

from matebot.core.message import Copy, Reply
from matebot.core.notes import note
from matebot.core.richtext import (
    Bold,
    Code,
    Italic,
    Link,
    Mention,
    Pre,
    Quote,
    RichText,
    concat,
    styled,
)
from matebot.core.richtext_edit import Change, substitute
from matebot.core.words import Words
from matebot.telegram import markup

NAME_LENGTH: Final = 128

# Line breaks and what turns the direction of the text that follows stay out of a heading.
_UNFIT: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
)
_WORD_JOINER: Final = "\u2060"
#: What Telegram makes a command of: ``/words``, but no path.
_COMMAND: Final = re.compile(r"(?<![\w/<>])/(?=[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]+)?(?![\w/<>@]))")


class TelegramPart(msgspec.Struct, frozen=True):
    """One message to send.

    Attributes:
        text: 1 to 4096 UTF-16 code units.
        entities: Its formatting, in UTF-16 code units.
        reply_to: The id of the message that it answers.
        silent: Whether it comes without a sound.
    """

    text: str
    entities: tuple[markup.Entity, ...] = ()
    reply_to: int | None = None
    silent: bool = False


def render(copy: Copy, words: Words) -> tuple[TelegramPart, ...]:
    """The messages that a copy becomes, in order; the name stands on the first, the answer, too."""
    parts = markup.split(whole(copy, words))
    reply_to = copy.reply_to.message_id if copy.reply_to is not None else None
    return tuple(
        TelegramPart(text, tuple(entities), None if number else reply_to, copy.message.silent)
        for number, (text, entities) in enumerate(parts)
    )


def whole(copy: Copy, words: Words) -> RichText:
    """A copy as one text of any length: name, quote if need be, text, notes; a line each."""
    message = copy.message
    name = heading(message.author.name) or words(copy.language, "author-anonymous")
    lines = [styled(name, Bold())]
    if message.reply is not None and copy.reply_to is None:
        lines.append(_quoted(message.reply))
    # A message's own indentation is kept; lines without anything before and after it are not.
    body = _unlinked(message.text.strip("\r\n"))
    if body.text.strip():
        lines.append(body)
    notes = (note(attachment, copy.language, words) for attachment in message.attachments)
    lines.extend(styled(line, Italic()) for line in notes)
    return _in_lines(lines)


def heading(name: str) -> str:
    """A name as it may head a message: one line that pings nobody; empty if nothing is seen."""
    line = " ".join(_UNFIT.sub(" ", name).split())[:NAME_LENGTH].rstrip()
    visible = any(c.isprintable() and not c.isspace() for c in line)
    return _unpinged(line) if visible else ""


def _quoted(reply: Reply) -> RichText:
    """What is answered, where nothing in this room can be pointed at."""
    author = styled(heading(reply.author) or "?", Bold())
    excerpt = _unpinged(" ".join(_UNFIT.sub(" ", reply.excerpt).split()))
    return concat(author, f": {excerpt}" if excerpt else "").styled(Quote())


def _unlinked(body: RichText) -> RichText:
    """Keep Telegram from making commands of words, and members of this chat of Discord's people.

    A name that somebody typed with an ``@`` stays what it is, and so do Telegram's own mentions.
    """
    plain = [span for span in body.spans if isinstance(span.style, Code | Pre | Link)]
    places = {
        match.end()
        for match in _COMMAND.finditer(body.text)
        if not any(span.start <= match.start() < span.end for span in plain)
    }
    for span in body.spans:
        foreign = isinstance(span.style, Mention) and span.style.id.isdecimal()
        if foreign and body.text.startswith("@", span.start):
            places.add(span.start + 1)
    return substitute(body, [Change(place, place, _WORD_JOINER) for place in places])


def _unpinged(text: str) -> str:
    """Keep Telegram from making mentions and commands of what looks so, by an unseen joiner."""
    return re.sub(r"([@/#$])(?=\w)", rf"\1{_WORD_JOINER}", text)


def _in_lines(lines: list[RichText]) -> RichText:
    joined: list[RichText | str] = []
    for number, line in enumerate(lines):
        joined.extend(("\n", line) if number else (line,))
    return concat(*joined)
