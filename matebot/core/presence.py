"""Which messages still stand, where the service tells of no deletions: the vocabulary."""

from collections.abc import Collection, Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol

from matebot.core.ids import MessageRef


class Standing(Enum):
    """What a service says of a message when it is asked whether that still stands."""

    STANDS = auto()
    MISSING = auto()
    UNKNOWN = auto()


class Probe(Protocol):
    """Asks whether a message still stands, by a call that changes nothing."""

    async def standing(self, ref: MessageRef) -> Standing:
        """Ask once; `Standing.MISSING` alone proves nothing.

        Raises:
            DeliveryError: The service did not tell.
        """
        ...


class Watched(NamedTuple):
    """An original that is looked at now and then.

    Attributes:
        original: Its row.
        ref: Where it stands.
        posted_at: Unix seconds.
        looks: How often it was found to stand.
        missed_at: When it was first found missing, unix seconds; None if it was not.
    """

    original: int
    ref: MessageRef
    posted_at: float
    looks: int
    missed_at: float | None


class Target(NamedTuple):
    """A message that somebody wants to be deleted.

    Attributes:
        original: The message itself, or what it is a copy of.
        author_id: Who wrote that, on its own platform.
        here: What stands of it in the chat where it was pointed at: itself, or its copies.
        deleted: Whether the original is known to be gone.
        shared: Whether others' words stand in that copy as well, merged under pressure.
    """

    original: MessageRef
    author_id: int
    here: tuple[MessageRef, ...]
    deleted: bool
    shared: bool = False


class PresenceStore(Protocol):
    """Named transactions; each raises StoreUnavailable where the database does not write."""

    async def next_due(self, chats: Collection[int], youngest_s: float) -> Watched | None:
        """The one to look at: of those that are due the missed, then the newest.

        Args:
            chats: Telegram's chats that are looked at.
            youngest_s: How old a message must be, seconds.
        """
        ...

    async def controls(self, watched: Watched) -> Sequence[MessageRef]:
        """Messages of the same chat that should stand, none of them newer; nearest first."""
        ...

    async def stood(self, watched: Watched, due: float | None) -> None:
        """It stands; look again then, or never."""
        ...

    async def missed(self, watched: Watched, due: float) -> None:
        """It was found missing; look again then."""
        ...

    async def postponed(self, watched: Watched, due: float) -> None:
        """Nothing was learnt; look again then."""
        ...

    async def target(self, ref: MessageRef) -> Target | None:
        """What somebody points at: an original or a copy of one; None if it is neither."""
        ...
