"""Which rooms have been read up to now and which are behind. Pure bookkeeping, nothing waits here.

While a room is behind, what people say there is not handed over live: reading its history brings
it. Edits and deletions, which no history tells, are held until then.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from matebot.core.events import Deleted, Edited, Pinned, Polled, Posted, Reacted, Voted
from matebot.core.ids import Room

Change = Edited | Deleted | Reacted | Pinned | Posted | Polled | Voted
"""What no history tells; a `Posted` among them is of something that left no message."""

_HELD: Final = 1000
"""Changes held for a room; more of them go ahead, and the relay has to park them."""


class Look(NamedTuple):
    """How things stood before a page of the history was asked for."""

    generation: int
    newest: int


@dataclass(slots=True)
class _Gap:
    """What is known of a room that is behind.

    Attributes:
        below: Read from here at the latest, even if the cursor stands later; None: the cursor.
        newest: The newest message that was seen live meanwhile.
        generation: Grows whenever something may have been missed again.
        held: Changes by what they change, in order; the latest of each wins.
    """

    below: int | None = None
    newest: int = 0
    generation: int = 0
    held: OrderedDict[object, Change] = field(default_factory=OrderedDict)


class Gaps:
    """The rooms that are behind."""

    def __init__(self) -> None:
        self._gaps: dict[Room, _Gap] = {}

    def is_behind(self, room: Room) -> bool:
        """Whether a room's history has to be read."""
        return room in self._gaps

    def open(self, room: Room, below: int | None = None) -> None:
        """Something may have been missed in a room.

        Args:
            room: The room.
            below: Behind this message, even if the cursor stands later.
        """
        gap = self._gaps.setdefault(room, _Gap())
        gap.generation += 1
        if below is not None:
            gap.below = below if gap.below is None else min(gap.below, below)

    def saw(self, room: Room, message_id: int) -> None:
        """A message was seen live in a room that is behind."""
        gap = self._gaps[room]
        gap.newest = max(gap.newest, message_id)

    def hold(self, room: Room, event: Change) -> bool:
        """Keep a change until the room has caught up; False if it must go ahead."""
        held = self._gaps[room].held
        key = _key(event)
        if key not in held and len(held) >= _HELD:
            return False
        held[key] = event
        held.move_to_end(key)
        return True

    def start(self, room: Room, read_to: int) -> int:
        """Behind which message to read on, the room having been read up to one."""
        below = self._gaps[room].below
        return read_to if below is None else min(read_to, below)

    def look(self, room: Room) -> Look:
        """To be called before a page is asked for."""
        gap = self._gaps[room]
        return Look(gap.generation, gap.newest)

    def read(self, room: Room, look: Look, read_to: int) -> None:
        """The history up to a message rests in the database."""
        gap = self._gaps[room]
        if gap.generation == look.generation and gap.below is not None:
            gap.below = max(gap.below, read_to)

    def close(self, room: Room, look: Look, read_to: int) -> tuple[Change, ...] | None:
        """The history ended: from now on the room is live, unless something came meanwhile.

        A live message that the history lacks although it was asked later was deleted.

        Returns:
            What was held, to be handed over at once; None: read on.
        """
        gap = self._gaps[room]
        if gap.generation != look.generation:
            return None
        if gap.newest not in (look.newest, min(gap.newest, read_to)):
            return None
        del self._gaps[room]
        return tuple(gap.held.values())

    def drop(self, room: Room) -> None:
        """Nobody reads that room any more."""
        self._gaps.pop(room, None)


def _key(event: Change) -> object:
    """Two changes with one key are of the same thing: the later one makes up for the earlier."""
    match event:
        case Edited(message) | Posted(message):
            return message.ref
        case Deleted(refs):
            return refs
        case Reacted(ref, person, emoji):
            return ref, person, emoji
        case Pinned(ref):
            return ref, Pinned
        case Voted(ref, person, option):
            return ref, person, option
        case Polled(_, ref):
            return ref, Polled
