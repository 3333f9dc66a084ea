"""What the actions of the page share: how they are asked, and how they are refused."""

from dataclasses import dataclass
from typing import Any

from matebot.sandbox.world import Side

Json = dict[str, Any]


class ActionError(Exception):
    """It cannot be done; the text says why."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody attached."""

    name: str
    mime: str
    data: bytes


def room_of(side: Side, asked: Json) -> str:
    """The id of the room that an action names as the page does.

    Raises:
        KeyError: There is none.
    """
    return side.place(str(asked["place"])).id


def message_of(asked: Json) -> tuple[int, int]:
    """The chat and the message on Telegram that an action is about.

    Raises:
        KeyError: The action names none.
        ValueError: It is no number.
    """
    return int(asked["room"]), int(asked["message"])
