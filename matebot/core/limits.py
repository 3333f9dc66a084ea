"""The form in which a platform states how fast it may be written to."""

from typing import Literal, NamedTuple


class Rate(NamedTuple):
    """A token bucket: ``amount`` posts may come at once, refilled evenly in ``period_s`` seconds.

    Attributes:
        scope: Whether it counts for one chat or for all of the platform.
    """

    scope: Literal["chat", "all"]
    amount: float
    period_s: float
