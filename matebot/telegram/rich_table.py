"""A rich message's table as an aligned block of code. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from unicodedata import category, east_asian_width

from matebot.core.richtext import Pre, RichText, plain
from matebot.telegram.rich_inline import inline

_GAP: Final = " │ "
_LINE: Final = "─┼─"
_MOST_COLUMNS: Final = 32  # a span may claim any number of them
_MOST_ROWS: Final = 500


class _Cell:
    """Where a cell's text stands in the grid, and how."""

    __slots__ = ("align", "header", "text")

    def __init__(self, text: str = "", align: str = "left", *, header: bool = False) -> None:
        self.text = text
        self.align = align
        self.header = header


def table(rows: Sequence[Sequence[Mapping[str, Any]]]) -> RichText:
    """The table's cells in columns, a line below the header; empty where it has no cells."""
    grid = _grid(rows[:_MOST_ROWS])
    if not grid:
        return RichText()
    widths = [max(_width(row[column].text) for row in grid) for column in range(len(grid[0]))]
    lines = []
    for number, row in enumerate(grid):
        padded = (_padded(cell, width) for cell, width in zip(row, widths, strict=True))
        lines.append(_GAP.join(padded).rstrip())
        ends = number + 1 == len(grid) or not _is_header(grid[number + 1])
        if _is_header(row) and ends:
            lines.append(_LINE.join("─" * width for width in widths))
    return plain("\n".join(lines)).styled(Pre())


def _grid(rows: Iterable[Sequence[Mapping[str, Any]]]) -> list[list[_Cell]]:
    """Rows of one length: what a cell spans beyond its own place is empty."""
    grid: list[list[_Cell]] = []
    held: dict[int, int] = {}  # column: rows that a cell above still reaches into
    for row in rows:
        cells: list[_Cell] = []
        _skip(cells, held)
        for native in row:
            width = min(max(1, native.get("colspan") or 1), _MOST_COLUMNS)
            cells.append(_cell(native))
            cells.extend(_Cell(header=cells[-1].header) for _ in range(1, width))
            for column in range(len(cells) - width, len(cells)):
                held[column] = max(0, (native.get("rowspan") or 1) - 1)
            _skip(cells, held)
        grid.append(cells[:_MOST_COLUMNS])
    columns = max(map(len, grid), default=0)
    return [[*row, *(_Cell() for _ in range(columns - len(row)))] for row in grid if columns]


def _skip(cells: list[_Cell], held: dict[int, int]) -> None:
    """Leave the places empty that cells of rows above reach into."""
    while held.get(len(cells), 0) > 0:
        held[len(cells)] -= 1
        cells.append(_Cell())


def _cell(native: Mapping[str, Any]) -> _Cell:
    text = " ".join(inline(native.get("text")).text.split())
    return _Cell(text, str(native.get("align") or "left"), header=bool(native.get("is_header")))


def _is_header(row: Sequence[_Cell]) -> bool:
    return all(cell.header or not cell.text for cell in row) and any(cell.header for cell in row)


def _padded(cell: _Cell, width: int) -> str:
    free = width - _width(cell.text)
    match cell.align:
        case "right":
            return " " * free + cell.text
        case "center":
            return " " * (free // 2) + cell.text + " " * (free - free // 2)
        case _:
            return cell.text + " " * free


def _width(text: str) -> int:
    """How many columns a text takes in a monospaced font."""
    return sum(
        0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1
        for c in text
    )
