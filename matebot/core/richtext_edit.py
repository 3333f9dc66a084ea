"""Reshaping rich text: replacing stretches of it, nesting its spans, laying blocks on whole lines.

Pure. What both platforms' ``sayable`` forms are made with.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from msgspec.structs import replace

from matebot.core.richtext import (
    BLOCKS,
    Heading,
    ListItem,
    Pre,
    Quote,
    RichText,
    Span,
    Style,
    Subtext,
)

#: Which block a line belongs to where several claim it; the later wins.
_CLAIM: Final[tuple[type[Style], ...]] = (Subtext, Heading, ListItem, Pre)


class Change(NamedTuple):
    """Put ``text`` in the place of ``[start, end)``; an insertion where the two are equal."""

    start: int
    end: int
    text: str


def substitute(
    rich: RichText,
    changes: Iterable[Change],
    before: tuple[type[Style], ...] = (),
    after: tuple[type[Style], ...] = (),
) -> RichText:
    """Apply changes that do not overlap.

    A span that covers a replaced stretch covers the replacement. An insertion at a span's start or
    end is outside of it, but for styles in ``before`` one at the start and for styles in ``after``
    one at the end is inside.
    """
    ordered = sorted(changes)
    if not ordered:
        return rich
    pieces: list[str] = []
    position = 0
    for change in ordered:
        pieces += (rich.text[position : change.start], change.text)
        position = change.end
    pieces.append(rich.text[position:])
    moves = _Moves(ordered)
    kept = []
    for span in rich.spans:
        early, late = isinstance(span.style, before), isinstance(span.style, after)
        start = moves.of_end(span.start) if early else moves.of_start(span.start)
        end = moves.past(span.end) if late else moves.of_end(span.end)
        if start < end:
            kept.append(Span(start, end, span.style))
    return RichText("".join(pieces), tuple(kept))


class _Moves:
    """Where an offset stands after changes."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._changes = changes
        self._starts = [change.start for change in changes]
        grown = (len(c.text) - (c.end - c.start) for c in changes)
        self._shifts = list(accumulate(grown, initial=0))

    def of_start(self, offset: int) -> int:
        """The new place of a span's start: before what replaces, after what is inserted at it."""
        index = bisect_right(self._starts, offset)
        if index and self._changes[index - 1].end > offset:
            change = self._changes[index - 1]
            return change.start + self._shifts[index - 1]
        return offset + self._shifts[index]

    def of_end(self, offset: int) -> int:
        """The new place of a span's end: after what replaces, before what is inserted at it."""
        index = bisect_right(self._starts, offset - 1)
        if index and self._changes[index - 1].end > offset:
            change = self._changes[index - 1]
            return change.start + self._shifts[index - 1] + len(change.text)
        return offset + self._shifts[index]

    def past(self, offset: int) -> int:
        """The new place of an end after what replaces and what is inserted at it."""
        index = bisect_right(self._starts, offset)
        if index and self._changes[index - 1].start == offset < self._changes[index - 1].end:
            index -= 1
        if index and self._changes[index - 1].end > offset:
            change = self._changes[index - 1]
            return change.start + self._shifts[index - 1] + len(change.text)
        return offset + self._shifts[index]


def nest(spans: Sequence[Span], tier: Callable[[Style], int]) -> list[Span]:
    """Cut spans so that of any two one holds the other or they are apart.

    A style of a lower tier is never inside one of a higher; within a tier what reaches further is
    outside. In order of start, the outer first.
    """
    nesting = _Nesting(spans, [(tier(span.style), -span.end, i) for i, span in enumerate(spans)])
    opened: dict[int, list[int]] = {}
    ended: dict[int, set[int]] = {}
    for index, span in enumerate(spans):
        opened.setdefault(span.start, []).append(index)
        ended.setdefault(span.end, set()).add(index)
    for position in sorted(opened.keys() | ended.keys()):
        nesting.step(position, opened.get(position, []), ended.get(position, set()))
    return [part for _, _, part in sorted(nesting.parts, key=lambda item: item[:2])]


class _Nesting:
    """The spans open at a position, outermost first, and the parts that were closed."""

    def __init__(self, spans: Sequence[Span], keys: Sequence[tuple[int, int, int]]) -> None:
        self.parts: list[tuple[int, int, Span]] = []  # start, depth, part
        self._spans = spans
        self._keys = keys
        self._stack: list[tuple[int, int]] = []  # index of the span, where this part starts

    def step(self, position: int, opened: Sequence[int], ended: set[int]) -> None:
        """Close what ends here, and what is around it or must be inside of what opens."""
        lowest = min((self._keys[index][0] for index in opened), default=None)
        keep = len(self._stack)
        for depth, (index, _) in enumerate(self._stack):
            if index in ended or (lowest is not None and self._keys[index][0] > lowest):
                keep = depth
                break
        again = [index for index in self._close(keep, position) if index not in ended]
        for index in sorted([*opened, *again], key=self._keys.__getitem__):
            self._stack.append((index, position))

    def _close(self, keep: int, position: int) -> list[int]:
        closed = [index for index, _ in self._stack[keep:]]
        for depth, (index, start) in enumerate(self._stack[keep:], keep):
            if start < position:
                part = Span(start, position, self._spans[index].style)
                self.parts.append((start, depth, part))
        del self._stack[keep:]
        return closed


def meeting(spans: Sequence[Span], start: int, end: int) -> Sequence[Span]:
    """Of spans in order and apart from one another, those with text in ``[start, end)``."""
    first = bisect_right(spans, start, key=lambda span: span.end)
    return spans[first : bisect_left(spans, end, key=lambda span: span.start)]


def pieces(rich: RichText, ranges: Sequence[tuple[int, int]]) -> list[RichText]:
    """A text's parts in ranges that are in order and apart; linear, unlike slice after slice."""
    result = []
    reaching: list[Span] = []
    coming = 0
    spans = sorted(rich.spans, key=lambda span: span.start)
    for start, end in ranges:
        while coming < len(spans) and spans[coming].start < end:
            reaching.append(spans[coming])
            coming += 1
        reaching = [span for span in reaching if span.end > start]
        cut = (
            Span(max(span.start, start) - start, min(span.end, end) - start, span.style)
            for span in reaching
        )
        result.append(RichText(rich.text[start:end], tuple(s for s in cut if s.start < s.end)))
    return result


def on_whole_lines(rich: RichText) -> RichText:
    """Blocks laid on whole lines: line breaks added around them, one line block for each line.

    Quotes do not overlap (the first keeps the line) and may hold other blocks; headings and subtext
    are of one line each; of a list item only its first line is one. Empty blocks are dropped.
    """
    trimmed = without_outer_breaks(rich)
    blocks = [span for span in trimmed.spans if isinstance(span.style, BLOCKS)]
    if not blocks:
        return trimmed
    text = trimmed.text
    places = {b.start for b in blocks if b.start and text[b.start - 1] != "\n"}
    places |= {b.end for b in blocks if b.end < len(text) and text[b.end] != "\n"}
    broken = substitute(trimmed, [Change(place, place, "\n") for place in places])
    inline = tuple(span for span in broken.spans if not isinstance(span.style, BLOCKS))
    return RichText(broken.text, inline + tuple(_claimed(broken))).normalise()


def without_outer_breaks(rich: RichText) -> RichText:
    """Block spans without the line breaks at their ends."""
    spans = []
    for span in rich.spans:
        if not isinstance(span.style, BLOCKS):
            spans.append(span)
            continue
        covered = rich.text[span.start : span.end]
        start = span.start + len(covered) - len(covered.lstrip("\n"))
        end = span.start + len(covered.rstrip("\n"))
        if start < end:
            spans.append(Span(start, end, span.style))
    return RichText(rich.text, tuple(spans))


def _claimed(rich: RichText) -> list[Span]:
    """The block spans after every line was given to one quote and one line block at most."""
    lines = line_ranges(rich.text)
    starts = [start for start, _ in lines]
    quotes: list[Span | None] = [None] * len(lines)
    owners: list[Span | None] = [None] * len(lines)
    blocks = [span for span in rich.spans if isinstance(span.style, BLOCKS)]
    for span in sorted(blocks, key=lambda s: _claim_order(s.style)):
        first, last = bisect_right(starts, span.start) - 1, bisect_right(starts, span.end)
        for number in range(first, last):
            if isinstance(span.style, Quote):
                quotes[number] = quotes[number] or span
            elif not (isinstance(span.style, ListItem) and number > first):
                owners[number] = span
    return [*_runs(lines, quotes, [None] * len(lines)), *_runs(lines, owners, quotes)]


def _claim_order(style: Style) -> int:
    return _CLAIM.index(type(style)) if type(style) in _CLAIM else len(_CLAIM)


def _runs(
    lines: Sequence[tuple[int, int]],
    owners: Sequence[Span | None],
    fences: Sequence[Span | None],
) -> list[Span]:
    """Spans over neighbouring lines of one owner; a change of ``fences`` cuts them."""
    result: list[Span] = []
    previous: tuple[Span | None, Span | None] = (None, None)
    for (start, end), owner, fence in zip(lines, owners, fences, strict=True):
        if owner is not None:
            single = isinstance(owner.style, Heading | Subtext)
            if result and previous == (owner, fence) and not single:
                result[-1] = replace(result[-1], end=end)
            else:
                result.append(Span(start, end, owner.style))
        previous = (owner, fence)
    return [span for span in result if span.start < span.end]


def line_ranges(text: str) -> list[tuple[int, int]]:
    """Start and end of each line, line breaks excluded; one empty line for an empty text."""
    ranges = []
    start = 0
    for line in text.split("\n"):
        ranges.append((start, start + len(line)))
        start += len(line) + 1
    return ranges
