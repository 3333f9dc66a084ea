"""Finds the message of a poll of which Telegram tells how it stands now, by its id alone."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from msgspec.structs import replace

from matebot.core.events import Edited, Event, Polled
from matebot.core.message import Message, Poll
from matebot.core.ports import Intake, Mark


class PollStore(Protocol):
    """Knows which message asks what."""

    async def asked(self, poll_id: str) -> Sequence[Message]:
        """The messages that ask a poll which has not ended."""
        ...


class Polling:
    """The relay for Telegram's events; a person's poll that ended is an edit of its message.

    Args:
        intake: The relay.
        store: Knows the polls.
    """

    def __init__(self, intake: Intake, store: PollStore) -> None:
        self._intake = intake
        self._store = store

    def take(self, events: Sequence[Event], mark: Mark) -> Awaitable[None]:
        """See `Intake.take`; polls are looked up first (they have a queue of their own)."""
        match events:
            case [Polled(poll)]:
                return self._polled(poll, mark)
            case _:
                return self._intake.take(events, mark)

    async def _polled(self, poll: Poll, mark: Mark) -> None:
        messages = await self._store.asked(poll.id) if poll.closed else ()
        edits = [Edited(replace(each, poll=poll)) for each in messages]
        # Of MateBot's own polls the store knows the ids.
        await self._intake.take(edits or [Polled(poll)], mark)
