"""A call's parameters as received, and how the real server reads them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matebot.sandbox.look import NOTHING, Look, Seen
from matebot.sandbox.telegram.errors import bad

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in a multipart body, or (one's own server) by its path on disk.

    Attributes:
        name: Its file name.
        mime: Its type, as it was told.
        place: Where its bytes are.
        size: In bytes.
        look: What it really is.
        as_photo: The picture as the service keeps photos; None where it would be none.
        as_film: A GIF as the service keeps animations; None of anything else.
        thumbnail: A still of it; None where there is nothing to see.
    """

    name: str
    mime: str
    place: Path
    size: int = 0
    look: Look = NOTHING
    as_photo: Seen | None = None
    as_film: Seen | None = None
    thumbnail: Seen | None = None

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.place.read_bytes()


class Params:
    """Readers that take JSON values and form strings alike.

    Args:
        values: As received over the wire.
        files: The multipart files by their field's name.
    """

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def has(self, name: str) -> bool:
        """Whether it was given at all (JSON null counts as not given)."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A string; numbers become one, nothing becomes an empty one."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number.

        Raises:
            ApiError: 400, it is none.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return default
        if isinstance(value, bool | float):
            raise bad(f"invalid {name} specified")
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        """True where it reads true, yes or 1."""
        value = self.values.get(name)
        return str(value).lower() in ("true", "yes", "1")

    def structure(self, name: str, what: str) -> Any:
        """A JSON-serialised value, None where it was not given.

        Raises:
            ApiError: 400, it is not JSON; ``what`` names it.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {what} JSON object") from None

    def record(self, name: str, what: str) -> Json | None:
        """A JSON object, None where it was not given.

        Raises:
            ApiError: 400, it is something else.
        """
        value = self.structure(name, what)
        if value is not None and not isinstance(value, dict):
            raise bad(f"object expected as {what}")
        return value

    def listed(self, name: str, what: str) -> list[Any] | None:
        """A JSON array, None where it was not given.

        Raises:
            ApiError: 400, it is something else.
        """
        value = self.structure(name, what)
        if value is not None and not isinstance(value, list):
            raise bad(f"expected an Array of {what}")
        return value
