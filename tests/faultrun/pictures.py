"""Pictures of the fault run: their sides tell whose they are, and which of several."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.media import makers

MOST = 4
"""Of one message."""
_LEAST = 64
_IN_A_ROW = 280  # a side stays below what Telegram makes smaller, and no picture is a strip


class Picture(NamedTuple):
    """One of an original's pictures.

    Attributes:
        number: The original's, on its side.
        position: Which of its own, from 0.
    """

    number: int
    position: int

    @property
    def sides(self) -> tuple[int, int]:
        """Its width and height, which no other of that side has."""
        row, column = divmod(self.number, _IN_A_ROW)
        return _LEAST + column * MOST + self.position, _LEAST + row

    @property
    def jpeg(self) -> bytes:
        """As Telegram's people send it."""
        return makers.jpeg(*self.sides)

    @property
    def png(self) -> bytes:
        """As Discord's people send it."""
        return makers.png(*self.sides)


def pictures_of(sides: Iterable[tuple[int, int]]) -> Iterator[Picture]:
    """Whose the pictures of a room are, in the order in which they stand there."""
    for width, height in sides:
        column, position = divmod(width - _LEAST, MOST)
        yield Picture((height - _LEAST) * _IN_A_ROW + column, position)
