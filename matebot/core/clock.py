"""The time by which deliveries are tried and given up."""

import time
from collections.abc import Callable


def _running_s() -> float:
    """Seconds that only grow, those of a machine that sleeps included where the system tells."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class SteadyClock:
    """Unix time that never jumps while the process runs, whatever somebody does to the system's.

    Call it for the seconds. A clock set back by a day must not stop a lane for a day, nor one set
    forward give up what has waited for a minute.

    Args:
        wall: The system's unix time, read once.
        running: Seconds that only grow.
    """

    def __init__(
        self, wall: Callable[[], float] = time.time, running: Callable[[], float] = _running_s
    ) -> None:
        self._running = running
        self._began_at = wall() - running()

    def __call__(self) -> float:
        """Unix seconds."""
        return self._began_at + self._running()
