"""Token buckets: how the stand-ins count what a client may still send.

Each stand-in has a table of such limits in its own ``limits.py``; `Limit.scaled` makes one faster,
so that a long run need not take hours.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """``amount`` requests in ``period_s`` seconds, all of which may come at once."""

    amount: float
    period_s: float

    def scaled(self, factor: float) -> "Limit":
        """The same burst, refilled ``factor`` times as fast."""
        return Limit(self.amount, self.period_s / factor)


class Bucket:
    """A token bucket: full at first, refilled evenly.

    Args:
        limit: Its size and the time in which it refills whole.
        clock: Seconds that only grow.
    """

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._level = limit.amount
        self._at = clock()

    def take(self, amount: float = 1.0) -> float:
        """Take tokens out.

        Returns:
            0.0 where they were there, else the seconds until they will be (and nothing was taken).
        """
        now = self._clock()
        rate = self.limit.amount / self.limit.period_s
        self._level = min(self.limit.amount, self._level + (now - self._at) * rate)
        self._at = now
        if self._level + 1e-9 >= amount:
            self._level -= amount
            return 0.0
        return (amount - self._level) / rate

    @property
    def left(self) -> float:
        """Tokens that were there at the last look."""
        return self._level
