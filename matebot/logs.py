"""The log: to stderr, readable or as JSON, one line an entry, and never a secret.

Modules log through the standard library; ``extra={...}`` becomes ``key=value``. The last step takes
every known secret, and whatever looks like a token in an address, out of the finished line and its
traceback.
"""

import json
import logging
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, TextIO
from urllib.parse import quote

REDACTED = "[secret]"
SHORTEST_SECRET = 4
"""Shorter ones would blot out the log's own words."""

# At DEBUG these write whole payloads: what people said, and tokens. They stay above it.
_LIBRARIES = {
    "aiogram": logging.WARNING,
    "aiohttp": logging.WARNING,
    "aiohttp.access": logging.CRITICAL,
    "aiohttp.server": logging.CRITICAL,  # writes malformed requests out whole
    "asyncio": logging.WARNING,
    "discord": logging.WARNING,
}

_TOKENS = re.compile(
    r"""(?P<before>
        /(?:file/)?bot(?=\d+:)               # api.telegram.org/bot<token>/, /file/bot<token>/
        | /(?:webhooks|interactions)/\d+/    # discord.com/api/v10/webhooks/<id>/<token>
        | \bBot[ ](?=[\w-]{20,}\.)           # Authorization: Bot <token>
        )
        [\w:.%-]+
    """,
    re.VERBOSE,
)
_TELEGRAM_TOKEN = re.compile(r"\b\d{6,}:[A-Za-z0-9_-]{30,}")


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """Make a function that takes secrets, and what looks like tokens, out of a text."""
    forms = {
        form for secret in secrets for form in (secret, quote(secret, safe=""), repr(secret)[1:-1])
    }
    longest_first = sorted((f for f in forms if len(f) >= SHORTEST_SECRET), key=len, reverse=True)
    known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def redact(text: str) -> str:
        if known is not None:
            text = known.sub(REDACTED, text)
        text = _TOKENS.sub(rf"\g<before>{REDACTED}", text)
        return _TELEGRAM_TOKEN.sub(REDACTED, text)

    return redact


_CONTROLS: Final = {
    **{code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0))},
    0x0A: "\\n",
    0x0D: "\\r",
    0x09: "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
#: What every record has: the rest of it was given as `extra`.
_OWN: Final = frozenset({*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"})
#: What would make a value run into the next one.
_UNCLEAR: Final = re.compile(r"[\s=\"']")
_RESET, _DIM, _BOLD, _KEY, _VALUE = "\x1b[0m", "\x1b[2m", "\x1b[1m", "\x1b[36m", "\x1b[35m"
_LEVEL_COLOURS: Final = {"debug": "\x1b[32m", "info": "\x1b[32m", "warning": "\x1b[33m"}
_ALARM: Final = "\x1b[31m"


def _one_line(value: Any) -> Any:
    """Escape line ends and terminal codes, so that no value can pass for an entry of its own."""
    return value.translate(_CONTROLS) if isinstance(value, str) else value


class _Formatter(logging.Formatter, ABC):
    """An entry with what was given as `extra`, and the redaction behind everything else."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write one entry."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        head = {
            "timestamp": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": _one_line(record.name),
            "message": _one_line(record.getMessage()),
        }
        given = record.__dict__.items()
        extra = {key: _one_line(value) for key, value in given if key not in _OWN}
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        stack = self.formatStack(record.stack_info) if record.stack_info else ""
        return self._redact(self._entry(head, extra, "\n".join(filter(None, (stack, trace)))))

    @abstractmethod
    def _entry(self, head: dict[str, str], extra: dict[str, Any], trace: str) -> str:
        """Write it in one form or another."""


class _Text(_Formatter):
    """One readable line, and the lines of a traceback."""

    def _entry(self, head: dict[str, str], extra: dict[str, Any], trace: str) -> str:
        fields = "".join(f" {key}={_shown(value)}" for key, value in extra.items())
        level, line = head["level"], f"{head['message']} [{head['logger']}]{fields}"
        return f"{head['timestamp']} [{level:<9}] {line}" + (f"\n{trace}" if trace else "")


class _Coloured(_Formatter):
    """The same on a terminal."""

    def _entry(self, head: dict[str, str], extra: dict[str, Any], trace: str) -> str:
        fields = "".join(
            f" {_KEY}{key}{_RESET}={_VALUE}{_shown(value)}{_RESET}" for key, value in extra.items()
        )
        level = f"{_LEVEL_COLOURS.get(head['level'], _ALARM)}{head['level']:<9}{_RESET}"
        line = f"{_BOLD}{head['message']}{_RESET} [{head['logger']}]{fields}"
        written = f"{_DIM}{head['timestamp']}{_RESET} [{level}] {line}"
        return written + (f"\n{trace}" if trace else "")


class _Json(_Formatter):
    """One JSON object; what is given as `extra` takes no head's place."""

    def _entry(self, head: dict[str, str], extra: dict[str, Any], trace: str) -> str:
        exception = {"exception": trace} if trace else {}
        return json.dumps({**head, **extra, **head, **exception}, ensure_ascii=False, default=str)


def _shown(value: object) -> str:
    """A value as ``key=value`` shows it: in quotes where its end would not be seen."""
    if isinstance(value, str) and not _UNCLEAR.search(value):
        return value
    return repr(value).translate(_CONTROLS)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to stderr; an entry that cannot be written must not spill its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's own name)
        """Say where the entry came from, instead of all that it holds."""
        try:
            sys.stderr.write(f"log: an entry of {record.name}:{record.lineno} was not written\n")
        except OSError:
            return  # stderr itself is gone: nobody is left to tell


def configure_logging(
    level: str,
    fmt: Literal["text", "json"],
    secrets: Sequence[str],
    *,
    stream: TextIO | None = None,
) -> None:
    """Send all that is logged to stderr; may be called again, for instance with more secrets.

    Args:
        level: DEBUG, INFO, WARNING or ERROR, for MateBot's own modules.
        fmt: ``text`` for people, with colours on a terminal; ``json`` for programs.
        secrets: What must never be written.
        stream: Instead of stderr.
    """
    target = sys.stderr if stream is None else stream
    handler = _Handler(target)
    form = _Json if fmt == "json" else _Coloured if target.isatty() else _Text
    handler.setFormatter(form(redactor(secrets)))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, lowest in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))
    logging.captureWarnings(capture=True)
