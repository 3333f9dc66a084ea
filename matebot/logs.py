"""The log: to stderr, readable or as JSON, one line an entry, and never a secret.

Modules log through the standard library; ``extra={...}`` becomes ``key=value``. The last step takes
every known secret, and whatever looks like a token in an address, out of the finished line and its
traceback.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor

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


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """structlog's formatter, with the redaction behind everything it does."""

    def __init__(self, processors: Sequence[Processor], redact: Callable[[str], str]) -> None:
        before: list[Processor] = [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper("iso", utc=True),
            _one_line,
        ]
        super().__init__(processors=processors, foreign_pre_chain=before)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write one entry."""
        return self._redact(super().format(record))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to stderr; an entry that cannot be written must not spill its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's own name)
        """Say where the entry came from, instead of all that it holds."""
        try:
            sys.stderr.write(f"log: an entry of {record.name}:{record.lineno} was not written\n")
        except OSError:
            return  # stderr itself is gone: nobody is left to tell


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(0x7F, 0xA0))}
_CONTROLS |= {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def _one_line(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Escape line ends and terminal codes, so that no value can pass for an entry of its own."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = value.translate(_CONTROLS)
    return event


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
    handler.setFormatter(_Formatter(_renderers(fmt, target), redactor(secrets)))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, lowest in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))
    logging.captureWarnings(capture=True)


def _renderers(fmt: Literal["text", "json"], target: TextIO) -> list[Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if fmt == "json":
        return [
            remove,
            structlog.processors.EventRenamer("message"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    return [
        remove,
        structlog.dev.ConsoleRenderer(
            colors=target.isatty(),
            pad_event_to=0,
            pad_level=True,
            sort_keys=False,
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]
