"""What a stand-in is told to do wrong, and for how long.

A fault is matched by a method or route name (or by any, ``"*"``) and is used up after ``times``
requests. The stand-ins ask `Faults.take` once a request, before they do anything else.
"""

from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal[
    "status",  # answer with `status` (and `retry_after_s` where the service gives one), do nothing
    "drop",  # close the connection without an answer, do nothing
    "drop_after",  # do what was asked, then close the connection without an answer
    "slow",  # do what was asked, answer after `delay_s`
    "late",  # do what was asked after `delay_s`, even if nobody waits for the answer any more
    # and of files that are fetched (``file`` on Telegram, ``cdn`` on Discord) alone:
    "cut",  # announce the whole file, send half of it, close the connection
    "trickle",  # send it in pieces of 16 KiB, one each `delay_s`
    "endless",  # send it over and over, until nobody listens any more
]


@dataclass(slots=True)
class Fault:
    """One thing to do wrong.

    Attributes:
        kind: What happens.
        match: The method (``sendMessage``) or route name (``webhook.execute``); ``*`` is any.
        times: How many requests it hits; None is every one until `Faults.clear`.
        status: The HTTP status to answer with.
        retry_after_s: Seconds, for a 429.
        delay_s: Seconds, for ``slow``, ``late`` and ``trickle``.
    """

    kind: FaultKind
    match: str = "*"
    times: int | None = 1
    status: int = 500
    retry_after_s: float = 1.0
    delay_s: float = 0.0


@dataclass(slots=True)
class Faults:
    """The faults that a stand-in still has before it."""

    waiting: list[Fault] = field(default_factory=list)
    outage: bool = False

    def add(self, fault: Fault) -> None:
        """Have this go wrong from now on."""
        self.waiting.append(fault)

    def clear(self) -> None:
        """Go back to working well."""
        self.waiting.clear()
        self.outage = False

    def take(self, name: str) -> Fault | None:
        """The fault that this request meets, if any; it is counted as used."""
        if self.outage:
            return Fault("drop")
        for fault in self.waiting:
            if fault.match not in ("*", name):
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
            return fault
        return None
