"""What the API answers when it refuses: Discord's own codes and texts.

Source: discord-api-docs, topics/opcodes-and-status-codes ("JSON Error Codes") and reference
("Error Messages").
"""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the table of errors."""

    status: int
    code: int
    message: str


class ApiError(Exception):
    """A request is refused.

    Args:
        problem: Which line of the table.
        errors: The tree below ``errors`` of an Invalid Form Body.
    """

    def __init__(self, problem: Problem, errors: Json | None = None) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.message}")
        self.problem = problem
        self.errors = errors

    def body(self) -> Json:
        """The answer's JSON."""
        body: Json = {"message": self.problem.message, "code": self.problem.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


class FormErrors:
    """Collects what is wrong with a form, as the tree that Discord answers."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def add(self, path: str, code: str, message: str) -> None:
        """Note a fault at a dotted path (``embeds.0.title``; empty is the form itself)."""
        node = self._tree
        for step in filter(None, path.split(".")):
            node = node.setdefault(step, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def check(self) -> None:
        """Raise `ApiError` (50035) where anything was noted."""
        if self._tree:
            raise ApiError(INVALID_FORM, self._tree)


def invalid(path: str, code: str, message: str) -> ApiError:
    """An Invalid Form Body with one fault."""
    form = FormErrors()
    form.add(path, code, message)
    try:
        form.check()
    except ApiError as error:
        return error
    raise AssertionError("a fault was noted")


UNAUTHORIZED = Problem(401, 0, "401: Unauthorized")
NOT_FOUND = Problem(404, 0, "404: Not Found")
NOT_ALLOWED = Problem(405, 0, "405: Method Not Allowed")
SERVER_ERROR = Problem(500, 0, "500: Internal Server Error")

UNKNOWN_APPLICATION = Problem(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = Problem(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Problem(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Problem(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Problem(404, 10008, "Unknown Message")
UNKNOWN_USER = Problem(404, 10013, "Unknown User")
UNKNOWN_EMOJI = Problem(404, 10014, "Unknown Emoji")
UNKNOWN_EMOJI_400 = Problem(400, 10014, "Unknown Emoji")
UNKNOWN_WEBHOOK = Problem(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Problem(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Problem(404, 10063, "Unknown application command")

MAX_PINS = Problem(400, 30003, "Maximum number of pins reached (250)")
MAX_WEBHOOKS = Problem(400, 30007, "Maximum number of webhooks reached (15)")
MAX_EMOJIS = Problem(400, 30008, "Maximum number of emojis reached (2000)")
MAX_REACTIONS = Problem(400, 30010, "Maximum number of reactions reached (20)")
MAX_COMMANDS = Problem(400, 30032, "Maximum number of application commands reached (100)")

TOO_LARGE = Problem(413, 40005, "Request entity too large")
ALREADY_ACKNOWLEDGED = Problem(400, 40060, "Interaction has already been acknowledged.")

MISSING_ACCESS = Problem(403, 50001, "Missing Access")
NOT_IN_DM = Problem(400, 50003, "Cannot execute action on a DM channel")
NOT_AUTHOR = Problem(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Problem(400, 50006, "Cannot send an empty message")
CANNOT_DM = Problem(403, 50007, "Cannot send messages to this user")
NOT_TEXT = Problem(400, 50008, "Cannot send messages in a non-text channel")
MISSING_PERMISSIONS = Problem(403, 50013, "Missing Permissions")
BULK_COUNT = Problem(
    400,
    50016,
    "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 "
    "messages to delete.",
)
SYSTEM_MESSAGE = Problem(403, 50021, "Cannot execute action on a system message")
WRONG_CHANNEL_KIND = Problem(400, 50024, "Cannot execute action on this channel type")
INVALID_WEBHOOK_TOKEN = Problem(401, 50027, "Invalid Webhook Token")
BULK_AGE = Problem(400, 50034, "You can only bulk delete messages that are under 14 days old.")
INVALID_FORM = Problem(400, 50035, "Invalid Form Body")
ARCHIVED = Problem(400, 50083, "Thread is archived")
INVALID_JSON = Problem(400, 50109, "The request body contains invalid JSON.")
VOICE_EXTRA = Problem(400, 50159, "Voice messages do not support additional content.")
VOICE_ONE_FILE = Problem(400, 50160, "Voice messages must have a single audio attachment.")
VOICE_METADATA = Problem(400, 50161, "Voice messages must have supporting metadata.")
VOICE_EDIT = Problem(400, 50162, "Voice messages cannot be edited.")

REACTION_BLOCKED = Problem(403, 90001, "Reaction was blocked")
REPLY_WITHOUT_HISTORY = Problem(
    400, 160002, "Cannot reply without permission to read message history"
)
THREAD_EXISTS = Problem(400, 160004, "A thread has already been created for this message")
THREAD_LOCKED = Problem(400, 160005, "Thread is locked")
FORUM_NEEDS_THREAD = Problem(
    400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id"
)
FORUM_TWO_THREADS = Problem(
    400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id"
)
NOT_A_FORUM = Problem(400, 220003, "Webhooks can only create threads in forum channels")
