"""What to make of a history that was missed: how much of it is brought, and what changed. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import discord

from matebot.core.events import Posted
from matebot.core.ids import Room
from matebot.core.message import Author, Happening
from matebot.core.richtext import plain
from matebot.discord.attachments import pictures
from matebot.discord.history import Page
from matebot.discord.parse import left_out
from matebot.discord.system import Told, happened_up_to, is_made_up

COUNTED: Final = 1000
"""So many skipped messages are counted; that there were more is said without a number."""
DECIDED_S: Final = 3600.0
"""For so long a decision stands, over a restart too: what it left to be brought is brought."""
_SLACK: Final = timedelta(minutes=1)


class Limits(NamedTuple):
    """How much of what was missed is brought.

    Attributes:
        age_s: Nothing older than so many seconds.
        number: So many messages of a room at most, the newest.
    """

    age_s: float
    number: int


class Cut(NamedTuple):
    """Where what is skipped ends.

    Attributes:
        last: The newest message that is skipped, with all before it.
        number: How many of those somebody said.
        is_more: Whether there are more, not counted.
    """

    last: int
    number: int
    is_more: bool


class Measure:
    """Finds where to cut, the messages being shown to it from the newest to the oldest.

    Args:
        limits: How much is brought.
        behind: The message up to which all was brought before.
        now: Unix seconds.
    """

    def __init__(self, limits: Limits, behind: int, now: float) -> None:
        oldest = datetime.fromtimestamp(max(0.0, now - limits.age_s), UTC)
        self._oldest = discord.utils.time_snowflake(oldest)
        self._most = limits.number
        self._behind = behind
        self._kept = self._skipped = self._last = 0
        self._is_more = False

    def see(self, message_id: int, *, counts: bool) -> bool:
        """Look at the next older message.

        Args:
            message_id: Its id.
            counts: Whether somebody said it, so that it would be brought.

        Returns:
            Whether older ones matter.
        """
        if message_id <= self._behind:
            return False
        if not self._last:
            if message_id >= self._oldest and self._kept + counts <= self._most:
                self._kept += counts
                return True
            self._last = message_id
        if self._skipped == COUNTED and counts:
            self._is_more = True
            return False
        self._skipped += counts
        return True

    @property
    def cut(self) -> Cut | None:
        """Where to cut; None where all is brought."""
        return Cut(self._last, self._skipped, self._is_more) if self._skipped else None


def is_decided(start: int, decided_at: float, now: float) -> bool:
    """Whether what follows a message was measured before, and lately."""
    if not now - DECIDED_S < decided_at <= now:
        return False
    return start < discord.utils.time_snowflake(datetime.fromtimestamp(decided_at, UTC))


def skipped(room: Room, name: str, cut: Cut, now: float) -> Posted:
    """The line that says how much is skipped; for one cut it is always the same message."""
    at = datetime.fromtimestamp(now, UTC)
    told = Told(Happening.SKIPPED, plain(f"{cut.number}{'+' if cut.is_more else ''}"))
    return Posted(happened_up_to(room, Author(room.chat, name), told, at, cut.last))


def edited_since(page: Page, cursor: int) -> list[discord.Message]:
    """The messages that may have changed since the cursor's own was written.

    Others are as they were: what a history shows of names differs from what the gateway told, so
    to compare them all would find changes that nobody made.
    """
    since = discord.utils.snowflake_time(cursor) - _SLACK
    return [
        message
        for message in page.messages
        if left_out(message) is None
        and ((message.edited_at is not None and message.edited_at >= since) or may_be_news(message))
    ]


def gone_from(page: Page, known: Iterable[int]) -> list[int]:
    """Those of the known messages that the page lacks although it spans them, oldest first.

    A page without messages proves nothing: so Discord answers who may not read the history.
    """
    if not page.ids:
        return []
    there = set(page.ids)
    first = 0 if page.is_end else page.ids[0]
    missing = (each for each in known if each > first and each not in there)
    return sorted(each for each in missing if not is_made_up(each))


def may_be_news(message: discord.Message) -> bool:
    """Whether an update that is no edit may change what is seen: the intake compares.

    That a poll ended, that a preview was taken away, or which picture an address is, is told so.
    """
    ended = message.poll is not None and message.poll.is_finalised()
    return ended or message.flags.suppress_embeds or bool(pictures(message))
