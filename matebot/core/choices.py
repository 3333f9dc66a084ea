"""What a bridge's people may choose; one table behind the settings of both platforms."""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec


class Deletes(StrEnum):
    """What the deletion of an original does to its copies."""

    DELETE = "delete"
    MARK = "mark"
    KEEP = "keep"


class DeleteReaction(StrEnum):
    """The reaction by which an administrator in Telegram deletes a message; of Telegram's list."""

    OFF = "off"
    MONSTER = "👾"
    MONKEY = "🙈"
    POO = "💩"
    VOMIT = "🤮"


class Choices(msgspec.Struct, frozen=True, omit_defaults=True):
    """A bridge's choices; each has its message ``choice-NAME`` in the catalogue.

    Attributes:
        deletes: What a deletion does.
        reactions: Whether reactions cross.
        tally: Whether a copy in Telegram bears a line that counts them.
        pins: Whether pins cross.
        joins: Whether who comes and goes is told.
        titles: Whether a room's new name is told.
        typing: Whether typing in Discord shows in Telegram.
        other_bots: Whether what other bots say crosses.
        protected: Whether what Telegram protects from being passed on crosses all the same.
        usernames: Whether an ``@name`` typed in Discord mentions that person in Telegram.
        rich: Whether headings, lists and tables become Telegram's own.
        notice_deletes: Whether Telegram is asked now and then which messages still stand.
        delete_reaction: The reaction of an administrator in Telegram that deletes.
    """

    deletes: Deletes = Deletes.DELETE
    reactions: bool = True
    tally: bool = True
    pins: bool = True
    joins: bool = False
    titles: bool = True
    typing: bool = True
    other_bots: bool = True
    protected: bool = False
    usernames: bool = True
    rich: bool = True
    notice_deletes: bool = True
    delete_reaction: DeleteReaction = DeleteReaction.OFF


DEFAULTS: Final = Choices()


class Choice(NamedTuple):
    """One row of the table.

    Attributes:
        name: The field of `Choices`.
        values: What it may be, as it is shown and stored; ``on`` and ``off`` for yes and no.
    """

    name: str
    values: tuple[str, ...]


_WORDS: Final[dict[object, type[StrEnum]]] = {
    Deletes: Deletes,
    DeleteReaction: DeleteReaction,
}
"""The types of those choices that are more than yes or no."""

TABLE: Final = tuple(
    Choice(
        field.name,
        tuple(word.value for word in _WORDS[field.type]) if field.type in _WORDS else ("on", "off"),
    )
    for field in msgspec.structs.fields(Choices)
)


def value_of(choices: Choices, name: str) -> str:
    """A choice as the table names it."""
    value = getattr(choices, name)
    return str(value) if isinstance(value, StrEnum) else ("on" if value else "off")


def chosen(choices: Choices, name: str, value: str) -> Choices:
    """The choices with one of them changed.

    Raises:
        ValueError: There is no such choice, or it cannot be that.
    """
    row = next((row for row in TABLE if row.name == name), None)
    if row is None or value not in row.values:
        raise ValueError(f"{name} cannot be {value}")
    now = getattr(choices, name)
    new = type(now)(value) if isinstance(now, StrEnum) else value == "on"
    return msgspec.structs.replace(choices, **{name: new})
