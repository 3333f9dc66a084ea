"""What is said in the fault run: lines that tell which message, version and part they are.

Each line is made from those numbers alone, so that a copy can be held against what it must read.
"""

import random
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

WORDS = ("cactus", "owl", "solder", "gear", "mate", "bolt", "ação", "日本", "🧉", "lamp", "rope")
WORDS_A_LINE = 12
MARK = re.compile(r"([td])(\d+)v(\d+)p(\d+)\b")


class Key(NamedTuple):
    """An original: on which side it was said (``t`` or ``d``), and its number there, from 1."""

    side: str
    number: int


class Line(NamedTuple):
    """A line of an original as it stands somewhere.

    Attributes:
        place: Counts the lines of a room, in the order in which they stand there.
        intact: Whether it reads as it must.
    """

    key: Key
    version: int
    part: int
    place: int
    intact: bool


def line(key: Key, version: int, part: int) -> str:
    """One line of an original's text."""
    mark = f"{key.side}{key.number}v{version}p{part}"
    chance = random.Random(mark)
    return " ".join([mark, *chance.choices(WORDS, k=chance.randint(1, WORDS_A_LINE))])


def text(key: Key, version: int, parts: int) -> str:
    """The whole text of an original."""
    return "\n".join(line(key, version, part) for part in range(parts))


def lines_of(texts: Iterable[str], side: str) -> list[Line]:
    """The lines of one side's originals in a room's messages, the oldest first.

    A line that quotes another message begins otherwise.
    """
    return [
        _read(found, row, place)
        for place, (found, row) in enumerate(_marked(texts))
        if found[1] == side
    ]


def _marked(texts: Iterable[str]) -> Iterator[tuple[re.Match[str], str]]:
    for each in texts:
        for row in each.split("\n"):
            if found := MARK.match(row):
                yield found, row


def _read(found: re.Match[str], row: str, place: int) -> Line:
    key, version, part = Key(found[1], int(found[2])), int(found[3]), int(found[4])
    return Line(key, version, part, place, row.rstrip() == line(key, version, part))
