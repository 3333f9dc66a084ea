"""Updates as Telegram sends them, for the tests of this folder."""

from typing import Any

from aiogram.types import Update

from matebot.telegram.parse import Me, Parsed, parse_update

ME = Me(id=777, username="matebot", commands=frozenset({"bridge", "help"}))
GROUP: dict[str, Any] = {"id": -1001, "type": "supergroup", "title": "Friends"}
FORUM: dict[str, Any] = {**GROUP, "is_forum": True}
ANN: dict[str, Any] = {
    "id": 5,
    "is_bot": False,
    "first_name": "Ann",
    "last_name": "Lee",
    "username": "ann",
    "language_code": "pt-br",
}
BOT: dict[str, Any] = {"id": 777, "is_bot": True, "first_name": "MateBot", "username": "matebot"}


def message(**fields: Any) -> dict[str, Any]:
    """A message of Ann's in the group; a text unless told otherwise."""
    body: dict[str, Any] = {"message_id": 10, "date": 1_700_000_000, "chat": GROUP, "from": ANN}
    return {**body, **fields}


def parsed(kind: str = "message", **fields: Any) -> Parsed:
    """What an update with such a message means."""
    return parse_raw({kind: message(**fields)})


def parse_raw(fields: dict[str, Any]) -> Parsed:
    """What an update with these fields means."""
    return parse_update(Update.model_validate({"update_id": 1, **fields}), ME)


def command_entity(length: int) -> list[dict[str, Any]]:
    """The entity of a command that opens a text."""
    return [{"type": "bot_command", "offset": 0, "length": length}]
