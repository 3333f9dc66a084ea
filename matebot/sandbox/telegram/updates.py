"""The updates that the bot was not yet told, in order, until it has taken them."""

import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matebot.sandbox.telegram.limits import UPDATE_AGE_S

Json = dict[str, Any]

# https://core.telegram.org/bots/api#getting-updates: these come only to those who name them
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
# Updates of one family and chat keep their order among themselves; families overtake one another.
FAMILIES = {
    "message": "chat",
    "edited_message": "chat",
    "channel_post": "chat",
    "edited_channel_post": "chat",
    "callback_query": "press",
    "message_reaction": "reaction",
    "message_reaction_count": "reaction",
    "my_chat_member": "self",
    "chat_member": "member",
}


@dataclass(frozen=True, slots=True)
class Update:
    """One update, and the queue whose order it keeps."""

    body: Json
    queue: str
    expires_at: float

    @property
    def id(self) -> int:
        """Its update_id."""
        return int(self.body["update_id"])


class Updates:
    """What waits for the bot.

    Args:
        now: Unix seconds.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.allowed: list[str] = []
        self._now = now
        self._ids = itertools.count(100_000_001)
        self.queues: dict[str, deque[Update]] = {}

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for updates of a kind."""
        return kind in self.allowed if self.allowed else kind not in ON_REQUEST

    def add(self, kind: str, payload: Any, chat_id: int) -> Update | None:
        """Queue an update, unless the bot does not want it."""
        if not self.wants(kind):
            return None
        return self.add_raw({kind: payload}, f"{FAMILIES.get(kind, kind)}:{chat_id}")

    def add_raw(self, fields: Json, queue: str) -> Update:
        """Queue any update, whatever the bot wants."""
        body = {"update_id": next(self._ids), **fields}
        update = Update(body, queue, self._now() + UPDATE_AGE_S)
        self.queues.setdefault(queue, deque()).append(update)
        return update

    def head(self, queue: str) -> Update | None:
        """The oldest update of a queue that is not too old."""
        waiting = self.queues.get(queue)
        while waiting:
            if waiting[0].expires_at > self._now():
                return waiting[0]
            waiting.popleft()
        self.queues.pop(queue, None)
        return None

    def done(self, update: Update) -> None:
        """The bot has taken an update."""
        waiting = self.queues.get(update.queue)
        if waiting and update in waiting:
            waiting.remove(update)
        if not waiting:
            self.queues.pop(update.queue, None)

    def waiting(self) -> list[Update]:
        """All updates that wait, by id."""
        found = [update for queue in self.queues.values() for update in queue]
        return sorted(found, key=lambda update: update.id)

    def clear(self) -> None:
        """Drop them all."""
        self.queues.clear()

    @property
    def count(self) -> int:
        """How many wait."""
        return sum(len(queue) for queue in self.queues.values())
