"""A message on its way into Telegram as the messages to send. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

import msgspec
from msgspec.structs import replace

from matebot.core.happenings import told
from matebot.core.links import telegram_link
from matebot.core.media import LeftOut, Outcome, Ready
from matebot.core.message import Copy, Emoji, Forward, Reply, Tally
from matebot.core.moments import moment
from matebot.core.notes import noted
from matebot.core.polls import figures, tally
from matebot.core.richtext import Bold, Italic, Link, Quote, RichText, Strike, concat, styled
from matebot.core.words import Words
from matebot.telegram import markup, rich_out
from matebot.telegram.body import body, kept_quiet, unpinged
from matebot.telegram.polls import Ballot, ballot_of

NAME_LENGTH: Final = 128

# Line breaks and what turns the direction of the text that follows stay out of a heading.
_UNFIT: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
)


class TelegramPart(msgspec.Struct, frozen=True):
    """One message to send.

    Attributes:
        text: 1 to 4096 UTF-16 code units; 0 to 1024 of a file.
        entities: Its formatting, in UTF-16 code units.
        reply_to: The id of the message that it answers.
        silent: Whether it comes without a sound.
        quote: The part of the answered message that it quotes; empty for none.
        preview: Whether its first link shows a preview.
        rich: The same as a rich message, in Telegram's HTML; empty where the text says it all.
        ballot: The poll that it is, where the server takes it; the text says the same.
        media: The file that it is; its text is then a caption.
        group: The album that it is of, told by a number; 0 if it is by itself.
        left_out: The files that stay behind.
        above: Whether its caption stands above it.
        instead: The note that stands in a file's place where the server takes it in no form.
    """

    text: str
    entities: tuple[markup.Entity, ...] = ()
    reply_to: int | None = None
    silent: bool = False
    quote: str = ""
    preview: bool = True
    rich: str = ""
    ballot: Ballot | None = None
    media: tuple[Ready, ...] = ()
    group: int = 0
    left_out: tuple[LeftOut, ...] = ()
    above: bool = False
    instead: str = ""

    @property
    def files(self) -> str:
        """Tells its files, and whether they are covered, from others."""
        return "\n".join(f"{each.key}{' covered' * each.spoiler}" for each in self.media)


def render(copy: Copy, words: Words, outcomes: Sequence[Outcome] = ()) -> tuple[TelegramPart, ...]:
    """The messages that a copy without files becomes, in order.

    The name stands on the first, the answer, too. See `matebot.telegram.render_media.rendered` for
    those with files.
    """
    if (poll := _poll(copy, words)) is not None:
        return poll
    first, *rest = texts(copy, words, outcomes)
    return (answering(first, copy), *rest)


def texts(copy: Copy, words: Words, outcomes: Sequence[Outcome] = ()) -> list[TelegramPart]:
    """All that a copy says, as messages of text alone; they answer nothing yet.

    Where headings or lists are in it and the whole fits one message, that one is a rich message as
    well: so what a server refuses can always be said plainly in the same place.
    """
    message = copy.message
    text = whole(copy, words, outcomes)
    parts = markup.split(text)
    rich = ""
    if len(parts) == 1 and copy.choices.rich and rich_out.is_worth_it(message.text):
        rich = rich_out.html(text)
    return [
        TelegramPart(part, tuple(entities), None, message.silent, "", message.preview, rich)
        for part, entities in parts
    ]


def answering(part: TelegramPart, copy: Copy) -> TelegramPart:
    """A part that answers, and quotes, what its copy answers."""
    if copy.reply_to is None:
        return part
    return replace(part, reply_to=copy.reply_to.message_id, quote=_quote(copy))


def _poll(copy: Copy, words: Words) -> tuple[TelegramPart, ...] | None:
    """A poll's twin, and once that is over what became of the poll; None for all else.

    What the twin says never changes, since a poll cannot be edited; below MateBot's own stands how
    all rooms vote.
    """
    poll = copy.message.poll
    if poll is None:
        return None
    said = body(copy)
    lines = [*_before(copy, words), *([said] if said.text.strip() else [])]
    ballot = ballot_of(copy.message, _in_lines(lines), closed=poll.closed or copy.deleted)
    text = markup.split(whole(replace(copy, tally=(), deleted=False), words))
    if ballot is None or len(text) > 1:
        return None
    reply_to = copy.reply_to.message_id if copy.reply_to is not None else None
    part = TelegramPart(text[0][0], tuple(text[0][1]), reply_to, copy.message.silent, ballot=ballot)
    parts = [part]
    if poll.own:
        parts.append(_below(tally(poll, copy.language, words)))
    if not ballot.closed:
        return tuple(parts)
    after = figures(poll, copy.language, words)
    if copy.deleted:
        after = styled(words(copy.language, "deleted"), Italic())
    return *parts, _below(after)


def _below(text: RichText) -> TelegramPart:
    """A message that says something about the poll above it."""
    said, entities = markup.render(kept_quiet(text, usernames=False))
    return TelegramPart(said, tuple(entities), silent=True)


def whole(
    copy: Copy, words: Words, outcomes: Sequence[Outcome] = (), *, headed: bool = True
) -> RichText:
    """A copy as one text of any length, a line or more for each thing that it says.

    Args:
        copy: The copy.
        words: The catalogue.
        outcomes: What becomes of each attachment; what goes along needs no words.
        headed: Whether it says who says it.
    """
    lines = [*_before(copy, words)] if headed else []
    said = [
        line.styled(Strike()) if copy.deleted else line for line in _said(copy, words, outcomes)
    ]
    lines += said
    if copy.deleted:
        lines.append(styled(words(copy.language, "deleted"), Italic()))
    elif copy.tally:
        lines.append(styled(tally_line(copy.tally), Italic()))
    return _in_lines(lines)


def _before(copy: Copy, words: Words) -> Iterator[RichText]:
    """What stands above what was said: the name, what is answered, where it comes from."""
    message = copy.message
    if message.happening is not None:
        return  # nobody said it: the line itself tells who did what
    name = named(copy, words)
    yield concat(name, " · ", moment(message.sent_at)) if copy.late else name
    if message.reply is not None and copy.reply_to is None:
        yield _quoted(message.reply, words(copy.language, "reply-gone"))
    if message.forward is not None:
        yield _forwarded(message.forward, copy, words)


def named(copy: Copy, words: Words) -> RichText:
    """The name of who says it, in bold."""
    name = heading(copy.message.author.name) or words(copy.language, "author-anonymous")
    return styled(name, Bold())


def _said(copy: Copy, words: Words, outcomes: Sequence[Outcome]) -> Iterator[RichText]:
    """What was said, or happened, and what came with it."""
    message = copy.message
    if message.happening is not None:
        yield styled(kept_quiet(told(message, copy.language, words), usernames=False), Italic())
    elif (text := body(copy)).text.strip():
        yield text
    for attachment, outcome in zip_longest(
        message.attachments, outcomes[: len(message.attachments)]
    ):
        match outcome:
            case Ready(alt=""):
                continue
            case Ready(alt=alt):
                line = styled(f"🖼 {alt}", Italic())
            case LeftOut():
                line = noted(outcome, copy.language, words)
            case None:
                line = noted(attachment, copy.language, words)
        yield kept_quiet(line, usernames=False)


def heading(name: str) -> str:
    """A name as it may head a message: one line that pings nobody; empty if nothing is seen."""
    line = _line(name)[:NAME_LENGTH].rstrip()
    visible = any(c.isprintable() and not c.isspace() for c in line)
    return unpinged(line) if visible else ""


def tally_line(tally: tuple[Tally, ...]) -> str:
    """The reactions of people elsewhere, such as ``👍 2 · 🎉 1 · :pepe: 3``."""
    return " · ".join(f"{_shown(entry.emoji)} {entry.count}" for entry in tally)


def _shown(emoji: Emoji) -> str:
    named = emoji.custom_id and emoji.text.isascii()
    return f":{emoji.text.strip(':')}:" if named else emoji.text


def _quoted(reply: Reply, gone: str) -> RichText:
    """What is answered, where nothing in this room can be pointed at."""
    author = styled(heading(reply.author) or "?", Bold())
    if reply.gone:
        return concat(author, ": ", styled(gone, Italic())).styled(Quote())
    excerpt = unpinged(_line(reply.quote or reply.excerpt))
    return concat(author, f": {excerpt}" if excerpt else "").styled(Quote())


def _quote(copy: Copy) -> str:
    """The quote of a native answer, if it is known to be a part of what is answered.

    Telegram refuses any other. The first words of what is answered are all that is known of it,
    and a copy of it may hold unseen joiners where something in it could ping.
    """
    reply = copy.message.reply
    if reply is None or copy.reply_to is None or unpinged(reply.quote) != reply.quote:
        return ""
    return reply.quote if reply.quote in reply.excerpt else ""


def _forwarded(forward: Forward, copy: Copy, words: Words) -> RichText:
    """Where it comes from, leading there if there is an address."""
    origin = heading(forward.origin)
    line = words(copy.language, "forwarded")
    if origin:
        line = words(copy.language, "forwarded-from", origin=origin)
    text = styled(line, Italic())
    if forward.link is None:
        return text
    here = copy.links.get(forward.link)
    return text.styled(Link((here and telegram_link(here)) or forward.link))


def _line(text: str) -> str:
    return " ".join(_UNFIT.sub(" ", text).split())


def _in_lines(lines: list[RichText]) -> RichText:
    joined: list[RichText | str] = []
    for number, line in enumerate(lines):
        joined.extend(("\n", line) if number else (line,))
    return concat(*joined)
