"""Cutting a long text into pieces that a service takes, where a reader would cut it.

Pure, linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from matebot.core.graphemes import breaks
from matebot.core.richtext import ATOMS, RichText, Span

Measure = Callable[[RichText], int]

#: Where to cut, best first; the cut is at the end of a match.
_PARAGRAPH: Final = re.compile(r"\n[ \t]*\n\s*")
_LINE: Final = re.compile(r"\n")
_SENTENCE: Final = re.compile(r"[.!?…]+[\"'»”’)\]]*\s+|[。！？]+")
_WORD: Final = re.compile(r"\s+")
#: A piece is at least this part of what would fit; a cut found earlier in it is not taken, but
#: better a short piece than half a word.
_CUTS: Final = ((_PARAGRAPH, 0.5), (_LINE, 0.5), (_SENTENCE, 0.5), (_WORD, 0.1))
#: How close to the limit is close enough while looking for the longest piece that fits.
_NEAR: Final = 0.94


def split(
    rich: RichText, limit: int, measure: Measure, first_limit: int | None = None
) -> list[RichText]:
    """Cut into pieces whose ``measure`` is at most ``limit``; together they are the whole.

    Args:
        rich: The text; spans are closed at a cut and opened again after it.
        limit: The most that ``measure`` may say of a piece, at least 1.
        measure: The size of a piece as the service counts it; at least about its code points.
        first_limit: Another limit for the first piece alone.

    Returns:
        The pieces, none empty; no piece for an empty text. A piece is larger than the limit only if
        a single code point is.
    """
    whole = rich.normalise()
    allowed = limit if first_limit is None else first_limit
    if len(whole.text) <= allowed and measure(whole) <= allowed:
        return [whole] if whole else []
    cutter = _Cutter(whole, max(1, limit))
    pieces: list[RichText] = []
    while cutter.start < len(rich.text):
        pieces.append(cutter.take(max(1, allowed), measure))
        allowed = limit
    return pieces


class _Cutter:
    """The rest of a text from ``start`` on, and what is needed to slice it in linear time."""

    def __init__(self, rich: RichText, limit: int) -> None:
        self.text = rich.text
        self.start = 0
        self._marks = breaks(rich.text)
        self._open: list[Span] = []  # spans that began before start and reach beyond it
        self._coming = rich.spans
        self._next = 0
        self._density = 1.0  # what a code point measured in the piece before
        for span in rich.spans:
            if isinstance(span.style, ATOMS) and span.end - span.start <= limit:
                self._marks[span.start + 1 : span.end] = bytes(span.end - span.start - 1)

    def take(self, limit: int, measure: Measure) -> RichText:
        """Cut off the next piece."""
        size = len(self.text)
        window = min(size, self.start + limit)
        fits = self._longest(window, limit, measure)
        end = fits if fits == size else self._good_end(fits)
        while end < fits and measure(self._piece(end)) > limit:
            fits = end = self._mark_before(
                end
            )  # a shorter piece that is larger: rare, but possible
        piece = self._piece(end)
        self._advance(end)
        return piece

    def _longest(self, window: int, limit: int, measure: Measure) -> int:
        """About the last end up to ``window`` with which the piece still fits."""
        low, high = self.start, window
        wanted = window
        if window < len(self.text) and self._density > 1:  # the whole rest is always tried
            wanted = min(window, self.start + int(limit / self._density * 0.98))
        guess = self._mark_before(wanted + 1)
        while guess > low:
            measured = measure(self._piece(guess))
            if measured <= limit:
                low = guess
                self._density = max(1.0, measured / (guess - self.start))
                if measured >= limit * _NEAR or guess >= high:
                    break
            else:
                high = guess - 1
            share = limit / max(1, measured)
            target = self.start + int((guess - self.start) * share * 0.98)
            middle = (low + high + 1) // 2
            guess = self._mark_before((target if low < target <= high else middle) + 1)
            if guess <= low and high > low:
                guess = self._mark_after(low, high)
        return low if low > self.start else self._inside_grapheme(window, limit, measure)

    def _inside_grapheme(self, window: int, limit: int, measure: Measure) -> int:
        """The end for a grapheme that does not fit whole; at least one code point on."""
        low, high = self.start + 1, window
        while low < high:
            middle = (low + high + 1) // 2
            if measure(self._piece(middle)) <= limit:
                low = middle
            else:
                high = middle - 1
        return low

    def _good_end(self, fits: int) -> int:
        part = self.text[self.start : fits]
        for pattern, share in _CUTS:
            least = self.start + int((fits - self.start) * share)
            ends = [m.end() + self.start for m in pattern.finditer(part)]
            for end in reversed(ends):
                if end <= least:
                    break
                if self._marks[end]:
                    return end
        return fits

    def _mark_before(self, position: int) -> int:
        """The last place to cut before ``position``; ``start`` if there is none."""
        found = self._marks.rfind(1, self.start, position)
        return max(found, self.start)

    def _mark_after(self, position: int, most: int) -> int:
        found = self._marks.find(1, position + 1, most + 1)
        return found if found >= 0 else self.start

    def _piece(self, end: int) -> RichText:
        spans = list(self._open)
        for index in range(self._next, len(self._coming)):
            if self._coming[index].start >= end:
                break
            spans.append(self._coming[index])
        cut = tuple(
            Span(max(s.start, self.start) - self.start, min(s.end, end) - self.start, s.style)
            for s in spans
        )
        return RichText(self.text[self.start : end], cut)

    def _advance(self, end: int) -> None:
        while self._next < len(self._coming) and self._coming[self._next].start < end:
            self._open.append(self._coming[self._next])
            self._next += 1
        self._open = [span for span in self._open if span.end > end]
        self.start = end
