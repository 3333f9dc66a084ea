"""How the Bot API says no: a status code, its description and sometimes parameters.

The texts are those of the telegram-bot-api server (its Client.cpp) and of the service behind it.
"""

from http import HTTPStatus
from typing import Any


class ApiError(Exception):
    """A refusal, as it goes over the wire.

    Attributes:
        code: The HTTP status, which is also ``error_code``.
        description: The whole text, prefix included.
        parameters: ``ResponseParameters`` (``retry_after`` seconds, ``migrate_to_chat_id``).
    """

    def __init__(self, code: int, reason: str = "", **parameters: int) -> None:
        prefix = HTTPStatus(code).phrase
        self.code = code
        self.description = f"{prefix}: {reason}" if reason else prefix
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad(reason: str, **parameters: int) -> ApiError:
    """A 400."""
    return ApiError(400, reason, **parameters)


def forbidden(reason: str) -> ApiError:
    """A 403."""
    return ApiError(403, reason)


def too_many(retry_after_s: int) -> ApiError:
    """A 429 that asks for whole seconds of silence."""
    return ApiError(429, f"retry after {retry_after_s}", retry_after=retry_after_s)
