"""What people ask by `/poll`, and the store of MateBot's own polls. The reading is pure."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from matebot.core.delivery import Destination
from matebot.core.ids import Room
from matebot.core.linking import Stamp
from matebot.core.message import Message
from matebot.core.polls import one_line, units

QUESTION: Final = 300
"""Both services' limit, UTF-16 code units."""
OPTION: Final = 55
"""Discord's limit, UTF-16 code units; Telegram takes more."""
OPTIONS: Final = (2, 10)
"""With one answer nothing can be chosen; Discord takes no more than ten."""
LASTS_S: Final = (60.0, 30 * 86_400.0)
"""Telegram closes no poll later by itself."""
DEFAULT_S: Final = 86_400.0
LONGEST: Final = 1000
"""All of it: the question, ten answers, and what stands between them."""

_UNITS_S: Final = {"m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_PERIOD: Final = re.compile(r"([0-9]{1,6})(m|min|h|d)\s+(?=\S)", re.IGNORECASE)
_ENDS: Final = frozenset({"end", "fim"})


class Draft(NamedTuple):
    """What is to be asked.

    Attributes:
        question: On one line.
        options: Each on one line.
        lasts_s: How long it stays open, seconds.
    """

    question: str
    options: tuple[str, ...]
    lasts_s: float


class Refusal(NamedTuple):
    """Why it cannot be asked: a message of the catalogue, with its arguments."""

    message_id: str
    args: dict[str, str | int]


class Ending(NamedTuple):
    """The caller's last poll is to end now."""


def read(argument: str) -> Draft | Refusal | Ending:
    """What stands behind `/poll`: ``[30m] Question | answer | answer``, or ``end``."""
    if argument.strip().casefold() in _ENDS:
        return Ending()
    lasts_s = DEFAULT_S
    if (period := _PERIOD.match(argument.lstrip())) is not None:
        lasts_s = int(period[1]) * _UNITS_S[period[2].lower()]
        argument = argument.lstrip()[period.end() :]
    pieces = [one_line(piece) for piece in re.split(r"[|\n]", argument)]
    question, *options = [piece for piece in pieces if piece] or [""]
    return _refused(question, options, lasts_s) or Draft(question, tuple(options), lasts_s)


def _refused(question: str, options: Sequence[str], lasts_s: float) -> Refusal | None:
    least, most = OPTIONS
    if not options:
        return Refusal("poll-how", {})
    if units(question) > QUESTION:
        return Refusal("poll-question-long", {"limit": QUESTION})
    if not least <= len(options) <= most:
        return Refusal("poll-answers", {"least": least, "most": most, "count": len(options)})
    if (long := next((each for each in options if units(each) > OPTION), None)) is not None:
        return Refusal("poll-answer-long", {"limit": OPTION, "answer": long[:OPTION] + "…"})
    if len(set(options)) < len(options):
        return Refusal("poll-answers-same", {})
    if not LASTS_S[0] <= lasts_s <= LASTS_S[1]:
        return Refusal("poll-lasts", {})
    return None


class AskingStore(Protocol):
    """Keeps MateBot's own polls; each method is one transaction."""

    async def ask(self, message: Message, places: Sequence[Destination], stamp: Stamp) -> bool:
        """Have a poll posted everywhere.

        Returns:
            Whether it will be: False where the update was seen before.
        """
        ...

    async def end(self, room: Room, person: int | None, stamp: Stamp) -> frozenset[Room] | None:
        """End the newest open poll that stands in a room.

        Args:
            room: Where.
            person: Who asked it, on that room's platform; None is anybody, anywhere.
            stamp: When, and by which update.

        Returns:
            The lanes that have something to do; None where there is no such poll: then the update
            is not yet noted as seen.
        """
        ...

    async def close_due(self) -> frozenset[Room]:
        """End the polls whose time has come, and count votes that came before their poll was known.

        Returns:
            The lanes that have something to do.
        """
        ...
