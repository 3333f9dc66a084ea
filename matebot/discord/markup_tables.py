"""Where a style that was opened is closed: Discord's emphasis rules as look-ups.

Pure. Discord's client looks for the end of a style with patterns of its own (those of
simple-markdown, https://github.com/ariabuckles/simple-markdown), each of which scans ahead from
every beginning. Here one scan notes all the runs of ``*`` and ``_``, ``~~`` and ``||``, brackets
and backticks; each look-up is a binary search, so that hostile text costs no more than its length.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final, Literal, NamedTuple

from matebot.discord.markup_words import is_word

_TOKENS: Final = re.compile(r"\\.|\*+|_+|[\[\]]", re.DOTALL)
_STRIKES: Final = re.compile(r"~(?=~)")
_SPOILERS: Final = re.compile(r"\|(?=\|)")
_BACKTICKS: Final = re.compile(r"`+")

Marker = Literal["*", "_"]


class Ending(NamedTuple):
    """A styled stretch ends before ``inner_end``; the text goes on at ``resume``."""

    inner_end: int
    resume: int


class Tables:
    """Everything in a source that can close a style."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._escaped_blanks: set[int] = set()  # the places after them
        stars, scores = [], []
        brackets: list[int] = []
        self.bracket_ends: dict[int, int] = {}
        for match in _TOKENS.finditer(source):
            sign, start = match[0], match.start()
            if sign[0] == "\\" and sign[1].isspace():
                self._escaped_blanks.add(match.end())
            if sign[0] == "*":
                stars.append((start, match.end()))
            elif sign[0] == "_":
                scores.append((start, match.end()))
            elif sign == "[":
                brackets.append(start)
            elif sign == "]" and brackets:
                self.bracket_ends[brackets.pop()] = start
        self._runs: dict[Marker, _Runs] = {"*": _Runs(stars), "_": _Runs(scores)}
        strikes = [match.start() for match in _STRIKES.finditer(source)]
        self._strikes = [at for at in strikes if source[at + 2 : at + 3] != "_"]
        self._spoilers = [match.start() for match in _SPOILERS.finditer(source)]
        self._ticks: dict[int, list[int]] = {}
        for match in _BACKTICKS.finditer(source):
            self._ticks.setdefault(len(match[0]), []).append(match.start())
        self._tick_lengths = sorted(self._ticks, reverse=True)

    def doubled(self, marker: Marker, start: int, end: int) -> Ending | None:
        """``**`` or ``__`` at ``start``: up to the next that the marker does not follow."""
        least = start + (4 if self._source.startswith("\\", start + 2) else 3)
        runs = self._runs[marker]
        at = bisect_left(runs.closers, least)
        if at < len(runs.closers) and runs.closers[at] + 2 <= end:
            return Ending(runs.closers[at], runs.closers[at] + 2)
        run = runs.holding(end - 1)
        if run is not None and end - 2 >= max(least, run[0]):
            return Ending(end - 2, end)  # what follows lies outside of the stretch read here
        return None

    def single(self, marker: Marker, start: int, end: int) -> Ending | None:
        """``*`` or ``_`` at ``start``: up to the last of the next run of odd length."""
        source, runs = self._source, self._runs[marker]
        if start + 1 >= end or (marker == "*" and source[start + 1].isspace()):
            return None
        own = runs.holding(start)
        if own is None:
            return None
        rest = min(own[1], end) - start - 1
        if rest % 2:
            return None if rest == 1 else self._closed(marker, own, end)
        odd = runs.next_odd(min(own[1], end), end)
        if odd is None:
            return None
        if marker == "*" and min(odd[1], end) - odd[0] == 1 and self._after_blank(odd[0]):
            return None
        return self._closed(marker, odd, end)

    def _after_blank(self, position: int) -> bool:
        return self._source[position - 1].isspace() and position not in self._escaped_blanks

    def _closed(self, marker: Marker, run: tuple[int, int], end: int) -> Ending | None:
        after = min(run[1], end)
        if marker == "_" and after < end and is_word(self._source[after]):
            return None
        return Ending(after - 1, after)

    def struck(self, start: int, end: int) -> Ending | None:
        """``~~`` at ``start``: up to the next that no underscore follows."""
        found = _next_pair(self._strikes, start + 3, end)
        if found is None and end - 2 >= start + 3 and self._source.startswith("~~", end - 2):
            return Ending(end - 2, end)
        return found

    def hidden(self, start: int, end: int) -> Ending | None:
        """``||`` at ``start``: up to the next one."""
        return _next_pair(self._spoilers, start + 3, end)

    def code(self, start: int, run_end: int, end: int) -> tuple[int, Ending] | None:
        """Backticks from ``start`` to ``run_end``: where the code begins and ends."""
        for length in self._tick_lengths:
            if length > run_end - start:
                continue
            places = self._ticks[length]
            at = bisect_left(places, max(run_end, start + length + 1))
            if at < len(places) and places[at] + length <= end:
                return start + length, Ending(places[at], places[at] + length)
        return None


def _next_pair(places: list[int], least: int, end: int) -> Ending | None:
    at = bisect_left(places, least)
    if at < len(places) and places[at] + 2 <= end:
        return Ending(places[at], places[at] + 2)
    return None


class _Runs:
    """The unescaped runs of one marker, in order."""

    def __init__(self, runs: list[tuple[int, int]]) -> None:
        self._runs = runs
        self._starts = [start for start, _ in runs]
        self._odd = [run for run in runs if (run[1] - run[0]) % 2]
        self._odd_starts = [start for start, _ in self._odd]
        self.closers = [stop - 2 for start, stop in runs if stop - start >= 2]

    def holding(self, position: int) -> tuple[int, int] | None:
        """The run that covers a position."""
        at = bisect_right(self._starts, position) - 1
        return self._runs[at] if at >= 0 and self._runs[at][1] > position else None

    def next_odd(self, least: int, end: int) -> tuple[int, int] | None:
        """The first run from ``least`` on whose part before ``end`` is of odd length."""
        at = bisect_left(self._odd_starts, least)
        if at < len(self._odd) and self._odd[at][1] <= end:
            return self._odd[at]
        last = self.holding(end - 1)
        if last is not None and last[0] >= least and last[1] > end and (end - last[0]) % 2:
            return last
        return None
