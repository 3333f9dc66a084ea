"""Since when something does not succeed: how long files are waited for."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

GIVE_UP_S: Final = 900.0
"""So long people wait for a file before its message goes without it."""
FORGET_S: Final = 300.0
"""What nobody tried for so long begins anew: lanes try once a minute at least."""
MOST: Final = 1024


class _Trouble(NamedTuple):
    since: float
    last: float


class Failing:
    """Remembers, for what failed last time, since when it has failed at each look.

    Args:
        now: Seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._troubles: OrderedDict[str, _Trouble] = OrderedDict()

    def failed(self, *names: str) -> bool:
        """Note a failure of each; returns whether one of them has failed for too long."""
        failed = [self._failed(name) for name in names]  # each is noted, whatever the first says
        return any(failed)

    def succeeded(self, *names: str) -> None:
        """They work again."""
        for name in names:
            self._troubles.pop(name, None)

    def _failed(self, name: str) -> bool:
        now = self._now()
        before = self._troubles.pop(name, None)
        if before is not None and now - before.last > FORGET_S:
            before = None
        since = now if before is None else before.since
        self._troubles[name] = _Trouble(since, now)
        while len(self._troubles) > MOST:
            self._troubles.popitem(last=False)
        return now - since >= GIVE_UP_S
