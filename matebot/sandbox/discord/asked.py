"""A request as the routes see it, and the table of routes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from matebot.sandbox.discord import errors
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.validate import Upload

Auth = Literal["bot", "token"]  # "token": what the path holds is the right to call


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read and parsed.

    Attributes:
        parts: What the path holds, by name.
        query: The query string; of a repeated name the last value.
        body: The JSON (of a multipart request its ``payload_json``); None without a body.
        files: What was uploaded.
    """

    parts: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: tuple[Upload, ...] = ()

    def id(self, name: str) -> int:
        """An id out of the path.

        Raises:
            ApiError: 50035 where it is none.
        """
        value = self.parts[name]
        if not (value.isascii() and value.isdecimal() and len(value) <= 20):
            raise errors.invalid(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return int(value)

    @property
    def form(self) -> Json:
        """The body as an object.

        Raises:
            ApiError: 50109 where there is none.
        """
        if not isinstance(self.body, dict):
            raise errors.ApiError(errors.INVALID_JSON)
        return self.body

    def flag(self, name: str) -> bool:
        """A boolean of the query."""
        return self.query.get(name, "").lower() in ("1", "true")


@dataclass(frozen=True, slots=True)
class Made:
    """An answer with 201 instead of 200."""

    value: Any


Handler = Callable[[Asked], Any]  # JSON, `Made`, or None for 204


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the API.

    Attributes:
        name: For faults and limits.
        method: The HTTP method.
        path: Below ``/api/v10``, with ``{names}``.
        handler: What answers; it runs at once and whole.
        auth: Who may call.
        keys: The body's known keys, where they are watched; others are counted as ignored.
    """

    name: str
    method: str
    path: str
    handler: Handler
    auth: Auth = "bot"
    keys: frozenset[str] | None = None
