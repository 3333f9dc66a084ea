"""Writing styles and plain words in Discord's markdown.

Pure. There are several manners of writing the same, from the plainest to the most guarded; the
caller reads each back and keeps the first that is understood (markup.render).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from typing import Final, NamedTuple

from matebot.core.richtext import (
    ATOMS,
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Italic,
    Link,
    RichText,
    Span,
    Spoiler,
    Strike,
    Style,
    Underline,
)
from matebot.core.richtext_edit import meeting, nest
from matebot.discord.markup_words import LINE_START, SEPARATOR, SHORTCODE, address_end


class Manner(Enum):
    """How much is done to be understood, least first."""

    BARE = 0  # no escapes
    ESCAPED = 1  # what could be markup is escaped
    SCORED = 2  # ... and italics are written with underscores
    GUARDED = 3  # ... with asterisks again, and delimiters that touch are kept apart
    FULL = 4  # every sign that can be markup is escaped; an address in the text leads nowhere


_MINIMAL: Final = re.compile(
    r"\\(?=[^0-9A-Za-z\s]|\Z)"
    r"|[*`]"
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"
    r"|[~|](?=[~|]|\Z)|(?<=[~|])[~|]|\A[~|]"
    r"|<(?=[@#:/]|a:|t:|id:|[^: >]{0,100}(?::/|\Z)|[^\s<>@]{1,64}@)"
)
_EVERYTHING: Final = re.compile(r"[\\*_~|`<:]")
#: What a client may take for an address, whatever its scheme.
_ANGLE_LIKE: Final = re.compile(r"<[^: >]{1,100}:/")
_WEB: Final = re.compile(r"https?://|steam://")
_DELIMITERS: Final[dict[Style, str]] = {
    Bold(): "**",
    Italic(): "*",
    Underline(): "__",
    Strike(): "~~",
    Spoiler(): "||",
}


class _Piece(NamedTuple):
    """Something written: a delimiter that opens (1) or closes (-1) a style, or words (0)."""

    text: str
    side: int = 0


def inline(rich: RichText, manner: Manner) -> str:
    """A region's words with their styles, in one manner of writing."""
    pieces = [piece for piece in _pieces(rich, manner) if piece.text]
    if manner.value < Manner.GUARDED.value:
        return "".join(piece.text for piece in pieces)
    result: list[str] = []
    for index, piece in enumerate(pieces):
        if index and _must_part(pieces[index - 1], piece):
            result.append(SEPARATOR)
        result.append(piece.text)
    return "".join(result)


def _must_part(before: _Piece, after: _Piece) -> bool:
    """Whether two pieces side by side would be taken for something else."""
    if not before.side and not after.side:
        return False
    last, first = before.text[-1], after.text[0]
    if last == first and last in "*_~|`":
        return True
    if before.text == "~~" and first == "_":
        return True
    if before == ("*", 1) and first.isspace():
        return True
    return after == ("*", -1) and last.isspace()


def _pieces(rich: RichText, manner: Manner) -> Iterator[_Piece]:
    """The region in pieces, in order."""
    open_spans: list[Span] = []
    position = 0
    starts = _block_starts(rich)
    links = "](" in rich.text

    def words_to(end: int) -> Iterator[_Piece]:
        nonlocal position
        if position < end:
            no_links = not links or any(isinstance(span.style, Link) for span in open_spans)
            text = rich.text[position:end]
            yield _Piece(_words(text, manner, no_links=no_links, line_start=position in starts))
        position = max(position, end)

    for span in nest(_split_at_links(rich.spans), _tier):
        while open_spans and open_spans[-1].end <= span.start:
            yield from words_to(open_spans[-1].end)
            yield _closing(open_spans.pop(), manner)
        yield from words_to(span.start)
        whole = _whole(span, rich.text)
        if whole is not None:
            yield _Piece(whole, 1)
            position = span.end
        else:
            open_spans.append(span)
            yield _opening(span, manner)
    while open_spans:
        yield from words_to(open_spans[-1].end)
        yield _closing(open_spans.pop(), manner)
    yield from words_to(len(rich.text))


def _block_starts(rich: RichText) -> set[int]:
    """Where a block might be seen: in lines, and by older clients inside of a style."""
    breaks = {place + 1 for place, sign in enumerate(rich.text) if sign == "\n"}
    return breaks | {0} | {span.start for span in rich.spans}


def is_suspicious(rich: RichText) -> bool:
    """Whether words look like a block, a link or an address to a client, if not to this parser."""
    if _ANGLE_LIKE.search(rich.text) or ("](" in rich.text and "[" in rich.text):
        return True
    return any(LINE_START.match(rich.text[at : at + 80]) for at in _block_starts(rich))


def _tier(style: Style) -> int:
    """What is written as one piece is inside of everything else."""
    return 1 if isinstance(style, (Code, *ATOMS)) else 0


def _split_at_links(spans: tuple[Span, ...]) -> list[Span]:
    """Styles cut where they would cut a link in two."""
    links = [span for span in spans if isinstance(span.style, Link)]
    result: list[Span] = []
    for span in spans:
        edges = {span.start, span.end}
        for link in meeting(links, span.start, span.end):
            inside = link.start <= span.start and span.end <= link.end
            around = span.start <= link.start and link.end <= span.end
            if not (inside or around):
                edges |= {e for e in (link.start, link.end) if span.start < e < span.end}
        cuts = sorted(edges)
        result += [Span(a, b, span.style) for a, b in pairwise(cuts)]
    return result


def _opening(span: Span, manner: Manner) -> _Piece:
    if isinstance(span.style, Link):
        return _Piece("[", 1)
    return _Piece(_delimiter(span.style, manner), 1)


def _closing(span: Span, manner: Manner) -> _Piece:
    if isinstance(span.style, Link):
        return _Piece(f"]({span.style.url})", -1)
    return _Piece(_delimiter(span.style, manner), -1)


def _delimiter(style: Style, manner: Manner) -> str:
    if manner is Manner.SCORED and isinstance(style, Italic):
        return "_"
    return _DELIMITERS[style]


def _whole(span: Span, text: str) -> str | None:
    """What is written as one piece; None for a style with words inside."""
    covered = text[span.start : span.end]
    match span.style:
        case Code():
            return code(covered)
        case CustomEmoji(emoji_id, animated):
            return f"<{'a' if animated else ''}{covered}{emoji_id}>"
        case DateTime(unix, style):
            return f"<t:{unix}:{style}>"
        case Link(url) if url == covered:
            return f"<{url}>"
        case _:
            return None


def code(text: str) -> str:
    """Code in a line, between as many backticks as tell it from its own."""
    runs = {len(run) for run in re.findall("`+", text)}
    if {1, 2} <= runs:
        text = re.sub("`(?=`)", "`" + SEPARATOR, text)
        runs = {1}
    fence = "``" if 1 in runs else "`"
    before = " " if text.lstrip(" ").startswith("`") else ""
    after = " " if text.rstrip(" ").endswith("`") else ""
    return f"{fence}{before}{text}{after}{fence}"


def fence(text: str, language: str) -> str:
    """A block of code."""
    body = re.sub("``(?=`)", "``" + SEPARATOR, text)
    return f"```{language}\n{body}\n```"


def _words(text: str, manner: Manner, *, no_links: bool, line_start: bool) -> str:
    """Plain words, escaped as the manner asks."""
    if manner is Manner.BARE:
        return SHORTCODE.sub(r"\\:", text)
    if manner is Manner.FULL:
        escaped = _EVERYTHING.sub(r"\\\g<0>", text)
        escaped = escaped if no_links else escaped.replace("[", "\\[")
    else:
        escaped = "".join(_around_addresses(text, no_links=no_links))
    return LINE_START.sub(_marked, escaped) if line_start else _later_lines(escaped)


def _around_addresses(text: str, *, no_links: bool) -> Iterator[str]:
    """The text with what lies between addresses escaped: an address is read as it stands."""
    position = 0
    for found in _WEB.finditer(text):
        stop = address_end(text, found.start(), len(text))
        if stop is None or found.start() < position:
            continue
        yield _escaped(text[position : found.start()], no_links=no_links)
        yield text[found.start() : stop]
        position = stop
    yield _escaped(text[position:], no_links=no_links)


def _escaped(text: str, *, no_links: bool) -> str:
    escaped = SHORTCODE.sub(r"\\:", _MINIMAL.sub(r"\\\g<0>", text))
    return escaped if no_links else escaped.replace("[", "\\[")


def _later_lines(text: str) -> str:
    first, line_break, rest = text.partition("\n")
    return first + line_break + LINE_START.sub(_marked, rest)


def _marked(found: re.Match[str]) -> str:
    """A line's start with what would make a block of it escaped."""
    if found["number"] is not None:
        return f"{found[1]}{found['number']}\\"
    return found[1] + "\\"
