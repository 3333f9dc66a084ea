"""Ids and times as Discord writes them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000  # the first millisecond of 2015: where snowflakes begin
TIMESTAMP_BITS = 22


class Snowflakes:
    """Ids made from the clock, each greater than the one before.

    Args:
        clock: Seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """A new id."""
        self._last = max(at_time(self._clock()), self._last + 1)
        return self._last


def at_time(seconds: float) -> int:
    """The lowest snowflake of a moment, given in seconds since 1970."""
    return max(0, int(seconds * 1000) - EPOCH_MS) << TIMESTAMP_BITS


def seconds_of(snowflake: int) -> float:
    """When an id was made, in seconds since 1970."""
    return ((snowflake >> TIMESTAMP_BITS) + EPOCH_MS) / 1000


def iso(seconds: float) -> str:
    """A moment as the API writes it: ``2024-05-01T12:00:00.123000+00:00``."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
