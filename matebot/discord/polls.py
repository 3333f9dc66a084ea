"""A poll's twin in Discord. Pure."""

import math
from typing import Any, Final

import msgspec

from matebot.core.message import Message
from matebot.core.polls import fits, lasts_s, one_line
from matebot.discord.limits import POLL_HOURS, POLL_OPTION, POLL_OPTIONS

_HOUR_S: Final = 3600


class Ballot(msgspec.Struct, frozen=True):
    """What a poll's twin says; the bot asks it, since a webhook's poll could not be ended.

    Attributes:
        question: On one line.
        options: Each on one line.
        text: The markdown above it, without the lines about who asks.
        multiple: Whether one may choose several.
        hours: How long it lasts.
        closed: Whether it has ended.
    """

    question: str
    options: tuple[str, ...]
    text: str = ""
    multiple: bool = False
    hours: int = POLL_HOURS
    closed: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        """The poll as the API takes it."""
        return {
            "question": {"text": self.question},
            "answers": [{"poll_media": {"text": option}} for option in self.options],
            "duration": self.hours,
            "allow_multiselect": self.multiple,
        }


def ballot_of(message: Message, text: str, *, closed: bool) -> Ballot | None:
    """The twin of a message's poll; None where it asks nothing or cannot be asked here.

    Every poll ends in Discord: one without an end lasts as long as it can.
    """
    poll = message.poll
    if poll is None or not fits(poll, options=POLL_OPTIONS, option=POLL_OPTION):
        return None
    longest_s = POLL_HOURS * _HOUR_S
    period_s = lasts_s(message, _HOUR_S, longest_s) or longest_s
    return Ballot(
        one_line(poll.question),
        tuple(one_line(option) for option in poll.options),
        text,
        poll.multiple,
        math.ceil(period_s / _HOUR_S),
        closed,
    )
