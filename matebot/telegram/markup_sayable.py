"""What of a rich text Telegram's entities can say, and what becomes of the rest.

Pure. This is the written equivalence of the Telegram side:

- a heading becomes bold; a list item opens with a bullet or its number; subtext becomes plain;
- a mention becomes its readable name; Discord's own emoji and a time without style become text;
- quotes do not nest or overlap: the first keeps the text;
- a block of code, a link, code, a time and a custom emoji exclude one another, in this order;
- code carries no other style; where a spoiler hides code, the code is given up, not the hiding;
- a link to where Telegram links nowhere becomes its text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import Final

from matebot.core.richtext import (
    ATOMS,
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Heading,
    Italic,
    Link,
    ListItem,
    Mention,
    Pre,
    Quote,
    RichText,
    Span,
    Spoiler,
    Strike,
    Style,
    Subtext,
    Underline,
    joined,
)
from matebot.core.richtext_edit import Change, substitute

#: Discord's letters for the form of a time, in Telegram's ``date_time_format``.
TIME_FORMATS: Final = {
    "t": "t",
    "T": "T",
    "d": "d",
    "D": "D",
    "f": "Dt",
    "F": "wDt",
    "R": "r",
    "s": "dt",
    "S": "dT",
}
LATEST: Final = (1 << 31) - 1
"""Unix seconds: a moment in Telegram's protocol is a signed number of 32 bits."""
_LINKED: Final = re.compile(r"(?:https?|tg|ton|mailto|ftp):\S+", re.IGNORECASE)
_DISCORD_EMOJI: Final = re.compile(r":\w+:")
#: Of two that meet, the earlier keeps the text.
_EXCLUSIVE: Final = (Pre, Link, Code, DateTime, CustomEmoji)
#: These may meet one another in any way.
_FREE: Final = (Bold, Italic, Underline, Strike, Spoiler)
_DROPPED: Final = (Mention, Subtext, Heading, ListItem)


def sayable(rich: RichText) -> RichText:
    """Bring a rich text to the nearest one that Telegram can say; twice changes nothing more."""
    if all(isinstance(span.style, _FREE) for span in rich.spans):
        return rich.normalise()  # most of what people say
    laid = _with_bullets(rich.normalise())
    spans = [_translated(span, laid.text) for span in laid.spans]
    kept = [s for s in spans if not isinstance(s.style, _DROPPED) and _allowed(s, laid.text)]
    return RichText(laid.text, tuple(_exclusive(kept))).normalise()


def _with_bullets(rich: RichText) -> RichText:
    """List items and headings on lines of their own, items with their bullet or number."""
    items = [span for span in rich.spans if isinstance(span.style, Heading | ListItem)]
    text = rich.text
    places = {s.start for s in items if s.start and text[s.start - 1] != "\n"}
    ends = {s.end for s in items if s.end < len(text)}
    places |= {end for end in ends if text[end] != "\n" and text[end - 1] != "\n"}
    laid = substitute(rich, [Change(place, place, "\n") for place in places])
    bullets = {
        span.start: _bullet(span.style) for span in laid.spans if isinstance(span.style, ListItem)
    }
    changes = [Change(start, start, bullet) for start, bullet in bullets.items()]
    return substitute(laid, changes, before=(Quote,))


def _bullet(item: ListItem) -> str:
    indent = "\u2003" * item.depth  # an em space: ordinary ones are dropped at a text's start
    return f"{indent}{item.number}. " if item.ordered else f"{indent}• "


def _translated(span: Span, text: str) -> Span:
    """A heading as bold, an emoji as Telegram tells it."""
    if isinstance(span.style, Heading):
        return Span(span.start, span.end, Bold())
    if isinstance(span.style, CustomEmoji):
        covered = text[span.start : span.end]
        return Span(span.start, span.end, CustomEmoji(span.style.id, fallback=covered))
    return span


def _allowed(span: Span, text: str) -> bool:
    """Whether Telegram takes a span by itself."""
    match span.style:
        case Link(url):
            return _LINKED.fullmatch(url) is not None
        case CustomEmoji(id=emoji_id):
            covered = text[span.start : span.end]
            return emoji_id.isdecimal() and not _DISCORD_EMOJI.fullmatch(covered)
        case DateTime(unix, time_style):
            return 0 < unix <= LATEST and (time_style in TIME_FORMATS or not time_style)
        case _:
            return True


def _exclusive(spans: list[Span]) -> list[Span]:
    """Spans without those that may not meet."""
    hidden = _ranges(spans, Spoiler)
    result = [span for span in spans if isinstance(span.style, Spoiler)]
    quotes = _kept_apart([span for span in spans if isinstance(span.style, Quote)], [])
    result += quotes
    edges = sorted({edge for quote in quotes for edge in (quote.start, quote.end)})
    taken: list[tuple[int, int]] = []
    for kind in _EXCLUSIVE:
        found = [span for span in spans if isinstance(span.style, kind)]
        mine = [part for span in found for part in _cut_at(span, edges)]
        barred = joined([*taken, *hidden]) if kind in {Pre, Code} else taken
        kept = _kept_apart(mine, barred)
        result += kept
        taken = joined([*taken, *((span.start, span.end) for span in kept)])
    code = joined((s.start, s.end) for s in result if isinstance(s.style, Pre | Code))
    simple = [s for s in spans if isinstance(s.style, Bold | Italic | Underline | Strike)]
    result += [part for span in simple for part in _without(span, code)]
    return result


def _ranges(spans: list[Span], kind: type[Style]) -> list[tuple[int, int]]:
    return joined((span.start, span.end) for span in spans if isinstance(span.style, kind))


def _kept_apart(spans: list[Span], barred: list[tuple[int, int]]) -> list[Span]:
    """Spans cut so that none meets a barred range or an earlier one; atoms whole or not at all."""
    result: list[Span] = []
    reached = 0
    for span in spans:
        start = max(span.start, reached)
        if start >= span.end:
            continue
        parts = _without(Span(start, span.end, span.style), barred)
        whole = parts == [span]
        if isinstance(span.style, ATOMS) and not whole:
            continue
        result += parts
        reached = span.end
    return result


def _cut_at(span: Span, edges: list[int]) -> list[Span]:
    """A span cut where a quote starts or ends; none of it if it cannot be cut."""
    within = edges[bisect_right(edges, span.start) : bisect_left(edges, span.end)]
    if within and isinstance(span.style, ATOMS):
        return []
    return [Span(a, b, span.style) for a, b in pairwise((span.start, *within, span.end))]


def _without(span: Span, barred: list[tuple[int, int]]) -> list[Span]:
    """The parts of a span outside of sorted ranges."""
    parts = []
    start = span.start
    first = bisect_left(barred, start, key=lambda bar: bar[1])
    for low, high in barred[first : bisect_left(barred, (span.end, 0))]:
        if high <= start:
            continue
        if start < low:
            parts.append(Span(start, low, span.style))
        start = high
    if start < span.end:
        parts.append(Span(start, span.end, span.style))
    return parts
