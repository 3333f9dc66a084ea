"""What of a rich text Discord's markdown can say, and what becomes of the rest.

Pure. This is the written equivalence of the Discord side:

- a mention becomes its readable name; an emoji that is not Discord's its fallback; a time with one
  of Discord's styles is shown in that style, one without as its text;
- blocks stand on lines of their own, which adds line breaks; neighbouring quotes are one; headings
  have three levels; an item is one line, at most one level deeper than the item before it;
- an empty or blank block is none; the blanks around a heading, an item or subtext go;
- blanks at the ends of a style are not styled;
- code carries a style wholly or not at all, and none whose delimiters it contains; what a spoiler
  hides in part, or with ``|`` in it, is not code; a block of code carries no style, under a spoiler
  it is code in a line;
- a link's text is one line; where it looks like an address, or its brackets are not in pairs, the
  address follows it in brackets; an address that is not of the web likewise, but leads nowhere;
- the separator U+2060 is dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import Final, NamedTuple

from msgspec.structs import replace

from matebot.core.richtext import (
    ATOMS,
    BLOCKS,
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Heading,
    Italic,
    Link,
    ListItem,
    Pre,
    Quote,
    RichText,
    Span,
    Spoiler,
    Strike,
    Style,
    Subtext,
    Underline,
)
from matebot.core.richtext_edit import (
    Change,
    line_ranges,
    meeting,
    on_whole_lines,
    substitute,
    without_outer_breaks,
)
from matebot.discord.markup_links import with_links
from matebot.discord.markup_words import EMOJI_NAME, LANGUAGE, SEPARATOR, time_text

_INLINE: Final = (Bold, Italic, Underline, Strike, Spoiler)
_ONE_LINE: Final = (Heading, Subtext, ListItem)
_NUMBER_LIMIT: Final = 999_999_999
_EMOJI_ID: Final = re.compile(r"[0-9]{1,20}")


def sayable(rich: RichText) -> RichText:
    """Bring a rich text to the nearest one that Discord can say; twice changes nothing more."""
    if not rich.spans:
        return _without_separators(rich.normalise())
    shown = _with_atoms(_without_separators(rich.normalise()))
    laid = with_links(_with_blocks(shown)).normalise()
    return _with_styles(laid).normalise()


def _without_separators(rich: RichText) -> RichText:
    found = re.finditer(SEPARATOR, rich.text)
    return substitute(rich, [Change(m.start(), m.end(), "") for m in found]).normalise()


def _with_atoms(rich: RichText) -> RichText:
    """Times in words and emoji as Discord tells them; the rest of what is whole as its text."""
    code = [(s.start, s.end) for s in rich.spans if isinstance(s.style, Code | Pre)]
    kept: list[Span] = [span for span in rich.spans if not isinstance(span.style, ATOMS)]
    changes: list[Change] = []
    reached = 0
    for span in rich.spans:
        text = _atom_text(span, rich.text)
        if text is None or span.start < reached:
            continue
        if any(start < span.end and span.start < end for start, end in code):
            continue
        kept.append(span)
        changes.append(Change(span.start, span.end, text))
        reached = span.end
    changed = substitute(RichText(rich.text, tuple(kept)), changes)
    return RichText(changed.text, tuple(_told(s, changed.text) for s in changed.spans)).normalise()


def _atom_text(span: Span, text: str) -> str | None:
    """What an atom is read back as; None for one that Discord cannot say, and for other styles."""
    match span.style:
        case DateTime(unix, style):
            return time_text(unix, style)
        case CustomEmoji(id=emoji_id) if _EMOJI_ID.fullmatch(emoji_id):
            covered = text[span.start : span.end]
            return covered if EMOJI_NAME.fullmatch(covered) else None
        case _:
            return None


def _told(span: Span, text: str) -> Span:
    if isinstance(span.style, CustomEmoji):
        return replace(span, style=replace(span.style, fallback=text[span.start : span.end]))
    return span


def _with_blocks(rich: RichText) -> RichText:
    """Blocks on whole lines, as Discord has them."""
    hidden = [(s.start, s.end) for s in rich.spans if isinstance(s.style, Spoiler)]
    known = tuple(_known_block(span, hidden) for span in rich.spans)
    laid = on_whole_lines(RichText(rich.text, known))
    bare = _without_margins(laid)
    quotes = [span for span in bare.spans if isinstance(span.style, Quote)]
    others = [span for span in bare.spans if not isinstance(span.style, Quote)]
    merged: list[Span] = []
    for quote in quotes:
        if merged and quote.start <= merged[-1].end + 1:
            merged[-1] = Span(merged[-1].start, quote.end, Quote())
        else:
            merged.append(Span(quote.start, quote.end, Quote()))
    whole = RichText(bare.text, tuple(others + merged))
    return _with_depths(without_outer_breaks(whole).normalise())


def _known_block(span: Span, hidden: list[tuple[int, int]]) -> Span:
    """A block within Discord's bounds."""
    match span.style:
        case Heading(level):
            return replace(span, style=Heading(min(max(level, 1), 3)))
        case ListItem(ordered, number, depth):
            number = min(max(number, 0), _NUMBER_LIMIT) if ordered else 1
            return replace(span, style=ListItem(ordered, number, max(depth, 0)))
        case Pre(language):
            if any(start < span.end and span.start < end for start, end in hidden):
                return replace(span, style=Code())
            return replace(span, style=Pre(language if LANGUAGE.fullmatch(language) else ""))
        case _:
            return span


def _without_margins(rich: RichText) -> RichText:
    """Lines of one block without the blanks at their ends."""
    changes = []
    for span in rich.spans:
        if not isinstance(span.style, _ONE_LINE):
            continue
        covered = rich.text[span.start : span.end]
        start = span.start + len(covered) - len(covered.lstrip())
        end = max(start, span.start + len(covered.rstrip()))
        changes += [Change(span.start, start, ""), Change(end, span.end, "")]
    return substitute(rich, [change for change in changes if change.start < change.end])


def _with_depths(rich: RichText) -> RichText:
    """No item more than one level deeper than the one on the line before it."""
    quotes = [span for span in rich.spans if isinstance(span.style, Quote)]
    edges = {q.start for q in quotes} | {q.end + 1 for q in quotes}
    spans = []
    end, depth = -1, -1
    for span in rich.spans:
        if isinstance(span.style, ListItem):
            follows = span.start == end + 1 and span.start not in edges
            depth = min(span.style.depth, depth + 1) if follows else 0
            end = span.end
            spans.append(replace(span, style=replace(span.style, depth=depth)))
        else:
            spans.append(span)
    return RichText(rich.text, tuple(spans)).normalise()


class Region(NamedTuple):
    """Lines that are written together: those of one block, or a run of plain ones."""

    start: int
    end: int
    quoted: bool
    block: Style | None


def regions(rich: RichText) -> list[Region]:
    """The regions of a text whose blocks lie on whole lines, in order; none is left out."""
    quoted: set[int] = set()
    owners: dict[int, Span] = {}
    lines = line_ranges(rich.text)
    position = {start: number for number, (start, _) in enumerate(lines)}
    for span in rich.spans:
        if not isinstance(span.style, BLOCKS):
            continue
        number = position[span.start]
        while number < len(lines) and lines[number][0] <= span.end:
            if isinstance(span.style, Quote):
                quoted.add(number)
            else:
                owners[number] = span
            number += 1
    result: list[Region] = []
    last: Span | None = None
    for number, (start, end) in enumerate(lines):
        owner, inside = owners.get(number), number in quoted
        if result and owner == last and result[-1].quoted == inside:
            result[-1] = result[-1]._replace(end=end)
        else:
            result.append(Region(start, end, inside, owner.style if owner else None))
        last = owner
    return result


def _with_styles(rich: RichText) -> RichText:
    """Styles cut to the regions, clear of the code that cannot carry them, and trimmed."""
    parts = regions(rich)
    spans = [s for s in rich.spans if isinstance(s.style, (*BLOCKS, *ATOMS, Link))]
    links = [s for s in spans if isinstance(s.style, Link)]
    styles = [cut for s in rich.spans if isinstance(s.style, _INLINE) for cut in _cut(s, parts)]
    pieces = [
        piece
        for span in rich.spans
        if isinstance(span.style, Code)
        for cut in _cut(span, parts)
        for piece in _cut_at_links(cut, links, rich.text)
    ]
    hiding = [style for style in styles if isinstance(style.style, Spoiler)]
    code = [piece for piece in pieces if _may_be_code(piece, hiding, rich.text)]
    styles = [rest for style in styles for rest in _clear_of(style, code, rich.text)]
    masked = _masked(rich.text, code)
    trimmed = [_trimmed(style, masked) for style in styles]
    return RichText(rich.text, (*spans, *code, *trimmed))


def _cut(span: Span, parts: list[Region]) -> list[Span]:
    """A span's parts in the regions where styles are written."""
    cuts = []
    first = bisect_right(parts, span.start, key=lambda part: part.end)
    for part in parts[first : bisect_left(parts, span.end, key=lambda part: part.start)]:
        start, end = max(span.start, part.start), min(span.end, part.end)
        if start < end and not isinstance(part.block, Pre):
            cuts.append(Span(start, end, span.style))
    return cuts


def _cut_at_links(span: Span, links: list[Span], text: str) -> list[Span]:
    """Code cut where a link starts or ends; an address that is a link is not code."""
    near = meeting(links, span.start, span.end)
    edges = {span.start, span.end}
    edges |= {e for link in near for e in (link.start, link.end) if span.start < e < span.end}
    bare = [s for s in near if isinstance(s.style, Link) and text[s.start : s.end] == s.style.url]
    return [
        Span(start, end, span.style)
        for start, end in pairwise(sorted(edges))
        if not any(link.start <= start and end <= link.end for link in bare)
    ]


def _may_be_code(piece: Span, hiding: list[Span], text: str) -> bool:
    """Whether code may stand here: what is hidden stays hidden."""
    covered = text[piece.start : piece.end]
    for spoiler in meeting(hiding, piece.start, piece.end):
        whole = spoiler.start <= piece.start and piece.end <= spoiler.end
        if not whole or "|" in covered:
            return False
    return True


def _clear_of(span: Span, code: list[Span], text: str) -> list[Span]:
    """A style, cut where it covers code only in part or could not stay open around it."""
    parts = []
    start = span.start
    for piece in meeting(code, span.start, span.end):
        whole = span.start <= piece.start and piece.end <= span.end
        if whole and not _conflicts(span.style, text[piece.start : piece.end]):
            continue
        if start < piece.start:
            parts.append(Span(start, piece.start, span.style))
        start = piece.end
    if start < span.end:
        parts.append(Span(start, span.end, span.style))
    return parts


def _conflicts(style: Style, code: str) -> bool:
    """Whether code would close a style around it."""
    match style:
        case Bold():
            return "*" in code
        case Italic():
            return "*" in code or "_" in code
        case Underline():
            return "_" in code
        case Strike():
            return "~" in code
        case _:
            return False


def _masked(text: str, code: list[Span]) -> str:
    """The text with a sign in place of each blank in code: blanks in code count."""
    pieces: list[str] = []
    position = 0
    for span in sorted(code, key=lambda s: s.start):
        pieces += (text[position : span.start], "x" * (span.end - span.start))
        position = span.end
    return "".join([*pieces, text[position:]])


def _trimmed(span: Span, text: str) -> Span:
    covered = text[span.start : span.end]
    start = span.start + len(covered) - len(covered.lstrip())
    return Span(start, max(start, span.start + len(covered.rstrip())), span.style)
