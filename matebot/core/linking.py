"""Linking rooms by chat: its vocabulary, and the store of its named transactions.

An administrator of one room has a code made; an administrator of another room uses it up; the
first one confirms. Until the code is used the pairing is *open*; then, until it is answered or
expires, it *asks*.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from matebot.core.bridges import BridgeRoom
from matebot.core.choices import Choices
from matebot.core.ids import Room
from matebot.core.notice import Notice

CODE_LIFETIME_S = 600.0
"""How long a code can be used and its confirmation be given."""
MOST_WRONG_CODES = 5
"""How many wrong codes one person, or one chat, may try in `CODE_LIFETIME_S`."""


class Say(NamedTuple):
    """Something that MateBot is to say in a room, as a delivery."""

    room: Room
    notice: Notice


class Stamp(NamedTuple):
    """When a transaction happens and what it comes from.

    Attributes:
        now: Unix seconds.
        update_id: Telegram: the update; seen before, the transaction changes nothing.
    """

    now: float
    update_id: int | None = None


class Person(NamedTuple):
    """An administrator: their native id, and their name as seen in their room."""

    id: int
    name: str


class Pairing(NamedTuple):
    """Two rooms on their way to each other, or one that waits for another.

    Attributes:
        id: Its row; never used again.
        room: Where the code was made.
        admin: Who had it made.
        expires_at: Unix seconds.
        other: Where the code was used; None while it is open.
        other_admin: The name of who used it.
    """

    id: int
    room: Room
    admin: Person
    expires_at: float
    other: Room | None = None
    other_admin: str = ""


class Asked(StrEnum):
    """How using a code ended."""

    ASKED = "asked"
    UNKNOWN = "unknown"
    TOO_MANY = "too many"
    SAME_ROOM = "same room"
    ALREADY_JOINED = "already joined"
    TWO_BRIDGES = "two bridges"


class Confirmed(StrEnum):
    """How a confirmation ended."""

    JOINED = "joined"
    GONE = "gone"
    ALREADY_JOINED = "already joined"
    TWO_BRIDGES = "two bridges"


AskedReply = Callable[[Asked], Sequence[Say]]
ConfirmedReply = Callable[[Confirmed, tuple[Room, ...]], Sequence[Say]]
"""Also takes the rooms of the bridge as it then is; none where there is none."""
LeftReply = Callable[[Room | None, tuple[Room, ...]], Sequence[Say]]
"""Takes the room as its bridge names it, None where it was in none, and the rooms left there."""

ChosenReply = Callable[[Choices, bool], Sequence[Say]]
"""Takes the choices as they then are, and whether they changed."""
DirectedReply = Callable[[bool], Sequence[Say]]
"""Takes whether the room's directions changed."""


class LinkingStore(Protocol):
    """Named transactions: an effect, what is said about it and the update's id are one commit.

    A reply is called inside the transaction, with how it ended, and must be pure. Each method
    raises StoreUnavailable where the database does not write.
    """

    async def languages(self, rooms: Sequence[Room]) -> Mapping[Room, str]:
        """The languages that were set, for those rooms for which one was."""
        ...

    async def waiting(self, rooms: Sequence[Room]) -> Mapping[Room, int]:
        """How many deliveries are on their way to each room."""
        ...

    async def open_code(self, code_hash: bytes, now: float) -> Pairing | None:
        """The open pairing with that code."""
        ...

    async def asking(self, pairing: int, now: float) -> Pairing | None:
        """A pairing that waits for its answer."""
        ...

    async def asking_in(self, room: Room, admin: int, now: float) -> Pairing | None:
        """The newest pairing of a room that waits for that administrator's answer."""
        ...

    async def say(self, says: Sequence[Say], stamp: Stamp) -> bool:
        """Say something and change nothing else; False where the update was seen before."""
        ...

    async def offer(
        self, room: Room, admin: Person, code_hash: bytes, says: Sequence[Say], stamp: Stamp
    ) -> bool:
        """Open a pairing, in place of the room's open one; False where the update was seen."""
        ...

    async def ask(
        self, code_hash: bytes, room: Room, caller: Person, reply: AskedReply, stamp: Stamp
    ) -> Asked | None:
        """Use a code in another room; wrong ones are counted. None: the update was seen before."""
        ...

    async def confirm(
        self, pairing: int, read: frozenset[Room], reply: ConfirmedReply, stamp: Stamp
    ) -> Confirmed | None:
        """Join the two rooms of a pairing, in the bridge that one of them is in, or in a new one.

        Args:
            pairing: Which.
            read: Rooms that are read already; a Discord room that is not is read from now on.
            reply: What is said.
            stamp: When and by what.

        Returns:
            How it ended; None: the update was seen before.
        """
        ...

    async def refuse(self, pairing: int, says: Sequence[Say], stamp: Stamp) -> bool:
        """End a pairing; False where the update was seen before."""
        ...

    async def leave(self, room: Room, reply: LeftReply, stamp: Stamp) -> bool | None:
        """Take a room out of the bridge that was made by chat.

        Returns:
            Whether it was in one; None: the update was seen before.
        """
        ...

    async def set_language(
        self, room: Room, language: str, says: Sequence[Say], stamp: Stamp
    ) -> bool:
        """Set a room's language; False where the update was seen before."""
        ...

    async def choose(
        self, bridge: str, name: str, value: str, reply: ChosenReply, stamp: Stamp
    ) -> bool | None:
        """Make a choice for a bridge.

        Args:
            bridge: Its id.
            name: Of the choice, as in `matebot.core.choices.TABLE`.
            value: One that the table allows.
            reply: What is said.
            stamp: When and by what.

        Returns:
            Whether anything changed; None: the update was seen before.
        """
        ...

    async def direct(
        self, bridge: str, part: BridgeRoom, *, begin: bool, reply: DirectedReply, stamp: Stamp
    ) -> bool | None:
        """Give a room of a bridge that was made by chat its directions.

        Args:
            bridge: Its id.
            part: The room as its bridge names it, with the directions it shall have.
            begin: Whether the room was read by no bridge: then it is read from now on.
            reply: What is said.
            stamp: When and by what.

        Returns:
            Whether anything changed; None: the update was seen before.
        """
        ...


Changed = Callable[[], Awaitable[None]]
"""Called after bridges changed, so that the routes in memory follow."""
