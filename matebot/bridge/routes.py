"""Bridges and directions: which rooms an event concerns. Pure, in memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.delivery import Destination
from matebot.core.ids import Platform, Room
from matebot.core.topology import BridgeSpec


def configured_bridges(specs: Iterable[BridgeSpec], moves: Mapping[Room, Room]) -> list[Bridge]:
    """The bridges of the configuration, with chats that moved under their present ids.

    Args:
        specs: As the operator wrote them.
        moves: Chats that go on under a new id, old to new, without topics.
    """
    return [
        Bridge(
            _configured_id(spec),
            tuple(
                BridgeRoom(_present(part.room, moves), part.reads, part.writes)
                for part in spec.rooms
            ),
            configured=True,
        )
        for spec in specs
    ]


def _configured_id(spec: BridgeSpec) -> str:
    """A name that stays the same however the configuration is ordered."""
    names = " ".join(sorted(str(part.room) for part in spec.rooms))
    return f"config-{blake2b(names.encode(), digest_size=4).hexdigest()}"


def _present(room: Room, moves: Mapping[Room, Room]) -> Room:
    seen = set()
    while (moved := moves.get(room.whole)) is not None and moved not in seen:
        seen.add(moved)
        room = Room(moved.platform, moved.chat, room.topic)
    return room


def _moved(bridge: Bridge, old: Room, new: Room) -> Bridge:
    rooms = tuple(
        replace(part, room=_present(part.room, {old.whole: new.whole})) for part in bridge.rooms
    )
    return replace(bridge, rooms=rooms)


class Routes:
    """The bridges in force.

    A topic that stands in a bridge of its own belongs to that one; every other topic of its chat
    belongs to the bridges of the whole chat.
    """

    def __init__(self) -> None:
        self._by_room: dict[Room, list[Bridge]] = {}
        self._by_chat: dict[Room, list[Room]] = {}
        self._bridges: tuple[Bridge, ...] = ()

    def replace(self, bridges: Sequence[Bridge]) -> None:
        """Put other bridges in force."""
        by_room: defaultdict[Room, list[Bridge]] = defaultdict(list)
        for bridge in bridges:
            for part in bridge.rooms:
                by_room[part.room].append(bridge)
        by_chat: defaultdict[Room, list[Room]] = defaultdict(list)
        for room in by_room:
            by_chat[room.whole].append(room)
        self._by_room, self._by_chat = dict(by_room), dict(by_chat)
        self._bridges = tuple(bridges)

    def move(self, old: Room, new: Room) -> None:
        """A chat goes on under a new id: what is said there next is not to be missed."""
        if any(part.room.whole == old.whole for each in self._bridges for part in each.rooms):
            self.replace([_moved(bridge, old, new) for bridge in self._bridges])

    @property
    def bridges(self) -> tuple[Bridge, ...]:
        """All of them."""
        return self._bridges

    def bridges_of(self, room: Room) -> tuple[Bridge, ...]:
        """The bridges that a room belongs to."""
        return tuple(bridge for bridge, _ in self._parts(room))

    def is_read(self, room: Room) -> bool:
        """Whether what is said in a room goes anywhere."""
        return any(part.reads for _, part in self._parts(room))

    def read_rooms(self, platform: Platform) -> set[Room]:
        """The rooms of a platform that are read, as bridges name them."""
        return {
            part.room
            for bridge in self._bridges
            for part in bridge.rooms
            if part.reads and part.room.platform is platform
        }

    def destinations(self, room: Room) -> tuple[Destination, ...]:
        """Where what happens in a room goes: each room once, never into the chat it came from."""
        found: dict[Room, Destination] = {}
        for bridge, here in self._parts(room):
            if not here.reads:
                continue
            for part in bridge.rooms:
                if part.writes and part.room != here.room:
                    place = Destination(bridge.id, part.room, bridge.choices)
                    found.setdefault(part.room, place)
        return tuple(found.values())

    def around(self, room: Room) -> tuple[Destination, ...]:
        """Where what happens anywhere in a room's chat goes: for what names a message alone.

        Telegram does not say in which topic a message stands that somebody reacted to; the store
        knows it, and leaves out where the message does not stand.
        """
        here = self._by_chat.get(room.whole, ())
        places = (place for each in here for place in self.destinations(each))
        return tuple({place.room: place for place in places}.values())

    def _parts(self, room: Room) -> Iterator[tuple[Bridge, BridgeRoom]]:
        """The bridges of a room, each with the part in it that the room plays."""
        named = room if room in self._by_room else room.whole
        for bridge in self._by_room.get(named, ()):
            yield bridge, next(part for part in bridge.rooms if part.room == named)
