"""The stand-in's inside: the world, and all that acts on it, in one place for the methods."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from matebot.sandbox.telegram.changes import Changes
from matebot.sandbox.telegram.files import FileStore
from matebot.sandbox.telegram.limits import Rates
from matebot.sandbox.telegram.updates import Updates
from matebot.sandbox.telegram.webhook import WebhookCaller
from matebot.sandbox.telegram.world import Chat, World

Json = dict[str, Any]
CALLS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the bot made.

    Attributes:
        params: As received over the wire: form strings or JSON; a file sent directly under its
            parameter's name reads ``attach://<name>``.
        files: Name and size in bytes of each uploaded file, by its field.
        at: When, by the monotonic clock.
    """

    method: str
    params: Json
    files: dict[str, tuple[str, int]]
    at: float


@dataclass(slots=True)
class State:
    """What every method gets.

    Attributes:
        local: Whether this is a Bot API server of one's own.
        slow_videos: Whether the bot's videos are first processed: until then they have no id.
        processed: Those videos, each with its chat, as they will stand there.
        custom_emoji: The ordinary emoji that custom ones stand for, by their ids.
    """

    world: World
    updates: Updates
    changes: Changes
    files: FileStore
    rates: Rates
    caller: WebhookCaller
    local: bool = False
    slow_videos: bool = False
    processed: list[tuple[Chat, Json]] = field(default_factory=list)
    votes: dict[str, dict[int, set[int]]] = field(default_factory=dict)
    custom_emoji: dict[str, str] = field(default_factory=dict)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))

    def emit(self, kind: str, payload: Any, chat: Chat) -> None:
        """Queue an update for the bot, where it is in that chat and wants it."""
        inside = chat.kind == "private" or self.world.bot_status(chat) not in ("kicked", "left")
        if inside or kind == "my_chat_member":
            self.updates.add(kind, payload, chat.id)
            self.caller.wake()

    def show(self, kind: str, chat: Chat, message: Json) -> None:
        """Tell the watchers of a message that came, changed or went."""
        self.changes.tell(kind, chat_id=chat.id, message=message)


def build(
    world: World,
    *,
    factor: float,
    limited: bool,
    clock: Callable[[], float] = time.monotonic,
) -> State:
    """Wire the parts together."""
    updates, changes = Updates(world.now), Changes()
    return State(
        world=world,
        updates=updates,
        changes=changes,
        files=FileStore(),
        rates=Rates(factor, enabled=limited, clock=clock),
        caller=WebhookCaller(updates, changes),
    )
