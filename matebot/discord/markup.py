"""Discord's markdown to rich text and back.

Pure. What markdown cannot say degrades as ``sayable`` states; for every rich text,
``parse(render(rich)) == sayable(rich)``. Nothing that is rendered mentions anybody; that words
which look like ``@everyone`` do not ping either is for the call's allowed mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from matebot.core.richtext import (
    BLOCKS,
    Heading,
    ListItem,
    Pre,
    RichText,
    Span,
    Style,
    Subtext,
)
from matebot.core.richtext_edit import pieces
from matebot.core.split import split as split_rich
from matebot.discord.markup_parse import parse
from matebot.discord.markup_reader import Names
from matebot.discord.markup_render import Manner, fence, inline, is_suspicious
from matebot.discord.markup_sayable import Region, regions, sayable
from matebot.discord.markup_words import SEPARATOR, is_plain

__all__ = ["CONTENT_LIMIT", "Names", "parse", "render", "sayable", "split"]

CONTENT_LIMIT: Final = 2000

#: What is tried before the manner that is always understood.
_MANNERS: Final = (Manner.BARE, Manner.ESCAPED, Manner.SCORED, Manner.GUARDED)
#: What begins a block where one has begun already.
_MARK_LIKE: Final = re.compile(r"#|-#|[-*] |>+ |[0-9]{1,9}\. ")


def render(rich: RichText) -> str:
    """Write a rich text so that Discord shows exactly its text and styles."""
    if not rich.spans and is_plain(rich.text):
        return rich.text
    return _written(sayable(rich))


def split(rich: RichText, limit: int = CONTENT_LIMIT, first_limit: int | None = None) -> list[str]:
    """Contents of at most ``limit`` code points each, none of them blank.

    ``first_limit`` is for the first alone: what lines before it leave.
    """
    parts = split_rich(sayable(rich).strip(), limit, _size, first_limit)
    return [render(part) for part in _trimmed(parts)]


def _size(rich: RichText) -> int:
    return len(render(rich))


def _trimmed(parts: Iterable[RichText]) -> Iterable[RichText]:
    """The parts without the white space at a cut, which the service would drop anyway."""
    for number, part in enumerate(parts):
        kept = part.slice(0, len(part.text.rstrip()))
        if number:
            kept = kept.slice(len(kept.text) - len(kept.text.lstrip("\n")))
        if kept:
            yield kept


def _written(rich: RichText) -> str:
    """A sayable text in the plainest manner that is read back as the same."""
    parts = regions(rich)
    inside = pieces(_without_blocks(rich), [(part.start, part.end) for part in parts])
    lines = [_region(part, text) for part, text in zip(parts, inside, strict=True)]
    written = "\n".join(lines)
    if len(parts) == 1 and not parts[0].quoted:
        return written
    if parse(written) == rich:
        return written
    surest = zip(parts, inside, strict=True)
    return "\n".join(_prefixed(part, _body(part, text, Manner.FULL)) for part, text in surest)


def _without_blocks(rich: RichText) -> RichText:
    spans = (span for span in rich.spans if not isinstance(span.style, BLOCKS))
    return RichText(rich.text, tuple(spans))


def _region(part: Region, rich: RichText) -> str:
    """A region in the plainest manner that is read back as the same by itself."""
    if isinstance(part.block, Pre):
        return _prefixed(part, _body(part, rich, Manner.BARE))
    alone = part._replace(quoted=False, block=_outermost(part.block))
    styles = () if alone.block is None else (Span(0, len(rich.text), alone.block),)
    meant = RichText(rich.text, rich.spans + styles).normalise()
    for manner in _MANNERS[1:] if is_suspicious(rich) else _MANNERS:
        body = _body(alone, rich, manner)
        if parse(_prefixed(alone, body)) == meant:
            return _prefixed(part, body)
    return _prefixed(part, _body(part, rich, Manner.FULL))


def _outermost(block: Style | None) -> Style | None:
    return replace(block, depth=0) if isinstance(block, ListItem) else block


def _body(part: Region, rich: RichText, manner: Manner) -> str:
    if isinstance(part.block, Pre):
        return fence(rich.text, part.block.language)
    body = inline(rich, manner)
    if isinstance(part.block, Heading) and body.endswith("#"):
        body += SEPARATOR  # the client drops the signs that end a heading
    if part.block is not None and _MARK_LIKE.match(body):
        return SEPARATOR + body  # and takes a mark after a mark for another block
    return body


def _prefixed(part: Region, body: str) -> str:
    """A region with the signs that make a block and a quote of it."""
    text = _mark(part.block) + body
    return "> " + text.replace("\n", "\n> ") if part.quoted else text


def _mark(block: Style | None) -> str:
    match block:
        case Heading(level):
            return "#" * level + " "
        case Subtext():
            return "-# "
        case ListItem(ordered, number, depth):
            return "  " * depth + (f"{number}. " if ordered else "- ")
        case _:
            return ""
