"""Characters a second through both parsers and both renderers, and how cost grows with length."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from math import log
from typing import NamedTuple

from matebot.core.richtext import RichText
from matebot.discord import markup as discord
from matebot.telegram import markup as telegram

LENGTHS = (10_000, 20_000, 40_000, 80_000)
LEAST_S = 0.2
"""Each figure is the best of as many runs as fit into this, but of two at least."""

ORDINARY = (
    "Bom dia! O **laboratório** abre às *14h*; a impressora 3D voltou, veja "
    "https://example.org/wiki/impressora_3d e [a agenda](https://example.org/agenda). "
    "Use `git pull --rebase` antes, ok? ||surpresa||\n"
)
HOSTILE = {
    "stars": "*",
    "nested bold": "**a",
    "brackets": "[",
    "backticks": "`a``",
    "links never closed": "[a](",
    "underscores in words": "a_b_",
    "spoilers": "||",
    "quotes": "> ",
    "mentions": "<@",
    "joined emoji": "👩‍👩‍👧",
}


class Figure(NamedTuple):
    """One line of the table.

    Attributes:
        what: What was done to which text.
        per_s: Characters a second, at the greatest length.
        growth: The exponent by which the time grows with the length: 1.0 is linear.
    """

    what: str
    per_s: float
    growth: float


def figures() -> Iterator[Figure]:
    """All of them."""
    texts = {"ordinary": ORDINARY, **HOSTILE}
    for name, pattern in texts.items():
        yield _measured(f"Discord parse, {name}", pattern, discord.parse)
        yield _measured(f"Discord render, {name}", pattern, discord.render, _as_rich)
        yield _measured(f"Telegram render, {name}", pattern, telegram.render, _as_rich)
        yield _measured(f"Telegram parse, {name}", pattern, _parse_telegram, _as_telegram)


def _as_rich(text: str) -> RichText:
    return discord.parse(text)


def _as_telegram(text: str) -> tuple[str, list[telegram.Entity]]:
    return telegram.render(discord.parse(text))


def _parse_telegram(message: tuple[str, list[telegram.Entity]]) -> RichText:
    return telegram.parse(*message)


def _measured(
    what: str,
    pattern: str,
    work: Callable[..., object],
    prepare: Callable[[str], object] = lambda text: text,
) -> Figure:
    times = []
    for length in LENGTHS:
        text = (pattern * (length // len(pattern) + 1))[:length]
        times.append(_best_of(partial(work, prepare(text))))
    growth = _exponent(times)
    return Figure(what, LENGTHS[-1] / times[-1], growth)


def _best_of(run: Callable[[], object]) -> float:
    best, spent, runs = float("inf"), 0.0, 0
    while spent < LEAST_S or runs < 2:
        began = time.perf_counter()
        run()
        took = time.perf_counter() - began
        best, spent, runs = min(best, took), spent + took, runs + 1
    return best


def _exponent(times: list[float]) -> float:
    """The slope of time over length, both as logarithms, from the second length on."""
    return log(times[-1] / times[1]) / log(LENGTHS[-1] / LENGTHS[1])


def table() -> Iterator[str]:
    """The figures as lines of text."""
    yield f"{'conversion':<44} {'characters/s':>14} {'growth':>7}"
    for figure in figures():
        yield f"{figure.what:<44} {figure.per_s:>14,.0f} {figure.growth:>7.2f}"
