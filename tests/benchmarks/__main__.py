"""``python -m tests.benchmarks [speed|bounded|media|stickers|conversion]``: figures in a table."""

import asyncio
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from typing import Final

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # discord.py imports audioop
    from tests.benchmarks import bounded, conversion, media, speed, stickers
    from tests.benchmarks.tables import Line

USAGE: Final = "usage: python -m tests.benchmarks [speed|bounded|media|stickers|conversion]"
TABLES: Final[dict[str, Callable[[], AsyncIterator[Line]]]] = {
    "speed": speed.lines,
    "bounded": bounded.lines,
    "media": media.lines,
    "stickers": stickers.lines,
}


def main(asked: list[str]) -> int:
    """Show the tables that are asked for, or all of them; returns the exit status."""
    names = asked or [*TABLES, "conversion"]
    if any(name not in (*TABLES, "conversion") for name in names):
        sys.stderr.write(f"{USAGE}\n")
        return 2
    for name in names:
        if name in TABLES:
            asyncio.run(_show(TABLES[name]()))
        else:
            for line in conversion.table():
                _write(line)
    return 0


async def _show(lines: AsyncIterator[Line]) -> None:
    async for line in lines:
        _write(str(line))


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


sys.exit(main(sys.argv[1:]))
