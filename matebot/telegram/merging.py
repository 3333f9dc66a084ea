"""Several copies as one message in Telegram: each under its author's name, a line apart. Pure."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from matebot.core.media import has_files
from matebot.core.message import Copy
from matebot.core.richtext import RichText, concat
from matebot.core.words import Words
from matebot.telegram import markup, rich_out
from matebot.telegram.limits import TEXT_UNITS
from matebot.telegram.render import TelegramPart, heading, whole


def together(copies: Sequence[Copy], words: Words) -> tuple[TelegramPart, ...]:
    """The messages that several copies become; one where they fit.

    What each of them answers is quoted: one message can answer but one natively.
    """
    texts = list(_texts(copies, words))
    joined = concat(*(part for text in texts for part in ("\n", text)))
    silent = all(copy.message.silent for copy in copies)
    preview = all(copy.message.preview for copy in copies)
    return tuple(
        TelegramPart(text, tuple(entities), silent=silent, preview=preview)
        for text, entities in markup.split(joined.slice(1))
    )


def most_together(copies: Sequence[Copy], words: Words) -> int:
    """How many of the first copies fit one message, readable; at least 1."""
    units = 0
    for number, (copy, text) in enumerate(zip(copies, _texts(copies, words), strict=True)):
        rendered, _ = markup.render(text)
        units += len(rendered.encode("utf-16-le")) // 2 + 2
        alike = copy.message.preview == copies[0].message.preview
        if units > TEXT_UNITS or not alike or not _joins(copy):
            return max(1, number)
    return len(copies)


def _joins(copy: Copy) -> bool:
    """Whether a copy can stand in a message with others: polls, files, rich messages cannot."""
    message = copy.message
    if has_files(message):
        return False
    rich = copy.choices.rich and rich_out.is_worth_it(message.text)
    return message.poll is None and not rich


def _texts(copies: Sequence[Copy], words: Words) -> Iterator[RichText]:
    """What each copy says; the name need not be repeated, and a new one stands a line apart."""
    before: int | None = None
    for copy in copies:
        author = copy.message.author
        text = whole(replace(copy, reply_to=None), words)
        named = copy.message.happening is None
        name = heading(author.name)
        if named and author.id and author.id == before and text.text.startswith(f"{name}\n"):
            text = text.slice(len(name) + 1)
        elif before is not None:
            text = concat("\n", text)
        before = author.id if named else 0
        yield text
