"""A set of rooms that are one conversation."""

from dataclasses import dataclass

from matebot.core.choices import DEFAULTS, Choices
from matebot.core.topology import BridgeRoom

__all__ = ["Bridge", "BridgeRoom"]


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge in force.

    Attributes:
        id: Its name in logs: ``7`` where it was made by chat, ``config-…`` where it is configured.
        rooms: Two or more.
        configured: Whether it stands in MATEBOT_BRIDGES.
        choices: What its people chose.
    """

    id: str
    rooms: tuple[BridgeRoom, ...]
    configured: bool = False
    choices: Choices = DEFAULTS
