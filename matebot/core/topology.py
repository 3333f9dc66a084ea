"""Which rooms are one conversation, as the operator writes it down. Pure."""

import re
from dataclasses import dataclass

from matebot.core.ids import Room


@dataclass(frozen=True, slots=True)
class BridgeRoom:
    """A room's part in a bridge.

    Attributes:
        room: The room.
        reads: What is said there is relayed.
        writes: What is said in the others is posted there.
    """

    room: Room
    reads: bool
    writes: bool


@dataclass(frozen=True, slots=True)
class BridgeSpec:
    """Two or more rooms that are one conversation."""

    rooms: tuple[BridgeRoom, ...]


_ARROW = re.compile(r"(<->|->|<-)")
_BRIDGE_FORM = "telegram:CHAT <-> discord:CHANNEL (or -> or <- for one direction)"


def parse_bridges(text: str) -> tuple[BridgeSpec, ...]:
    """Read ``a <-> b; c -> d <- e``: bridges parted by ``;`` or new lines, ``#`` opens a comment.

    Raises:
        ValueError: A form that is unknown, or a room that stands in one bridge twice.
    """
    lines = (line.partition("#")[0] for line in text.splitlines())
    parts = (part.strip() for line in lines for part in line.split(";"))
    return tuple(_parse_bridge(part) for part in parts if part)


def _parse_bridge(text: str) -> BridgeSpec:
    names, arrows = _ARROW.split(text)[::2], _ARROW.split(text)[1::2]
    if not arrows or not all(name.strip() for name in names):
        raise ValueError(f"expected {_BRIDGE_FORM}, got {text!r}")
    rooms = [Room.parse(name) for name in names]
    _refuse_overlap(rooms, text)
    # Each arrow tells of the rooms before and after it; a room between two arrows heeds both.
    before, after = [*arrows, ""], ["", *arrows]
    return BridgeSpec(
        tuple(
            BridgeRoom(
                room,
                reads=right in ("->", "<->") or left in ("<-", "<->"),
                writes=right in ("<-", "<->") or left in ("->", "<->"),
            )
            for room, left, right in zip(rooms, after, before, strict=True)
        )
    )


def _refuse_overlap(rooms: list[Room], text: str) -> None:
    for place, room in enumerate(rooms):
        others = rooms[:place]
        if room in others:
            raise ValueError(f"{room} stands twice in {text!r}")
        part = next(
            (o for o in others if o.whole == room.whole and None in (o.topic, room.topic)), None
        )
        if part is not None:
            raise ValueError(
                f"{part} and {room} overlap in {text!r}: name the topics, or the chat alone"
            )
