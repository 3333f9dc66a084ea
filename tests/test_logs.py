"""The log, as it stands on stderr."""

import io
import json
import logging
import os
import pty
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.logs import REDACTED, configure_logging, redactor

TOKEN = "123456:TEST-token-xyz"
DISCORD = "MTA.discord-token"
SECRETS = (TOKEN, DISCORD, "hush-hush")
log = logging.getLogger("matebot.test")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Give the root logger, and the libraries', back as they were."""
    root = logging.getLogger()
    names = ("aiogram", "aiohttp", "aiohttp.access", "aiohttp.server", "asyncio", "discord")
    levels = {name: logging.getLogger(name).level for name in names}
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)
    logging.captureWarnings(capture=False)


@pytest.fixture
def text() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("INFO", "text", SECRETS, stream=stream)
    return stream


@pytest.fixture
def entries() -> io.StringIO:
    stream = io.StringIO()
    configure_logging("DEBUG", "json", SECRETS, stream=stream)
    return stream


def test_text_is_one_readable_line(text: io.StringIO) -> None:
    """Time, level, module, words and `extra` as key=value; no colours beyond a terminal."""
    log.info("delivered", extra={"bridge": 7, "room": "telegram:-1/42"})
    (line,) = text.getvalue().splitlines()
    assert line[4] == "-"
    assert "info" in line
    assert "[matebot.test]" in line
    assert "delivered" in line
    assert "bridge=7 room=telegram:-1/42" in line
    assert "\x1b" not in line


def test_text_shows_where_a_value_ends(text: io.StringIO) -> None:
    """What would run into the next value stands in quotes, and a traceback below its entry."""
    extra = {"who": "Ana Lu", "said": 'x="y"', "count": None}
    try:
        fail("no")
    except RuntimeError:
        log.exception("broke", extra=extra)
    first, *trace = text.getvalue().splitlines()
    assert first.endswith("""broke [matebot.test] who='Ana Lu' said='x="y"' count=None""")
    assert trace[0] == "Traceback (most recent call last):"
    assert trace[-1] == "RuntimeError: no"


def test_json_is_one_object_a_line(entries: io.StringIO) -> None:
    """Each entry parses by itself, with the extras as fields and umlauts as they are."""
    log.info("delivered to %s", "Übersee", extra={"parts": 2, "took": {"ms": 3}})
    log.warning("two\nlines")
    first, second = map(json.loads, entries.getvalue().splitlines())
    assert first["message"] == "delivered to Übersee"
    assert (first["level"], first["logger"], first["parts"]) == ("info", "matebot.test", 2)
    assert first["timestamp"].endswith("Z")
    assert second["message"] == "two\\nlines"


def test_a_terminal_gets_colours() -> None:
    """On a terminal, and only there, the text is coloured."""
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb", buffering=0), os.fdopen(terminal, "w") as stream:
        configure_logging("INFO", "text", (), stream=stream)
        log.warning("look")
        stream.flush()
        assert b"\x1b[" in os.read(controller, 4096)


def fail(*arguments: object) -> None:
    raise RuntimeError(*arguments)


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_no_secret_is_ever_written(fmt: str) -> None:
    """Not in the words, the arguments, the extras, an exception's text or its traceback."""
    stream = io.StringIO()
    configure_logging("INFO", "json" if fmt == "json" else "text", SECRETS, stream=stream)
    log.info("GET https://api.telegram.org/bot%s/getMe", TOKEN)
    log.info("keys", extra={"header": {"X-Secret": "hush-hush"}, "token": DISCORD})
    try:
        fail(f"bot{TOKEN}", {"a": DISCORD})
    except RuntimeError:
        log.exception("failed with %r", [TOKEN])
    written = stream.getvalue()
    assert not any(secret in written for secret in SECRETS)
    assert "RuntimeError" in written
    assert written.count(REDACTED) >= 6
    if fmt == "json":
        assert [json.loads(line)["level"] for line in written.splitlines()] == [
            "info",
            "info",
            "error",
        ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://api.telegram.org/bot42:abc_DEF-1/getMe", f"/bot{REDACTED}/getMe"),
        ("https://api.telegram.org/file/bot42:abc/photos/1.jpg", f"/bot{REDACTED}/photos/1.jpg"),
        ("/api/v10/webhooks/1122/aB-c_d.e?wait=true", f"/webhooks/1122/{REDACTED}?wait=true"),
        ("/webhooks/1122/aBc/messages/5", f"/webhooks/1122/{REDACTED}/messages/5"),
        ("/interactions/5/aW50ZXI6/callback", f"/interactions/5/{REDACTED}/callback"),
        ("'Authorization': 'Bot MTAxMjM0NTY3ODkwMTIzNDU.Gx.abc'", f"'Bot {REDACTED}'"),
        ("token 1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", f"token {REDACTED}"),
        ("telegram:-1001234567890/42 -> discord:1122 12:30:45", "discord:1122 12:30:45"),
        ("/bots/list and the Bot said webhooks/1", "/bots/list and the Bot said webhooks/1"),
    ],
)
def test_what_looks_like_a_token_goes_too(line: str, expected: str) -> None:
    """Tokens that nobody told the log of are known by where they stand; other text stays."""
    assert expected in redactor(())(line)


@given(st.text(min_size=4), st.text(), st.text())
def test_any_secret_is_taken_out(secret: str, before: str, after: str) -> None:
    """Whatever the secret and whatever stands around it, it is gone."""
    redacted = redactor([secret])(f"{before}{secret}{after}")
    assert secret not in redacted.replace(REDACTED, "") or secret in before + after


def test_no_value_can_pass_for_an_entry(text: io.StringIO) -> None:
    """Line ends and terminal codes in values are escaped."""
    log.info("name: %s", "x\n2026-01-01 [error] forged\x1b[2J", extra={"who": "a\r\nb"})
    assert len(text.getvalue().splitlines()) == 1
    assert "\x1b" not in text.getvalue()


def test_libraries_are_quiet(entries: io.StringIO) -> None:
    """Even at DEBUG no library writes payloads, and aiohttp no malformed requests."""
    logging.getLogger("discord.gateway").debug("a whole payload")
    logging.getLogger("aiogram.event").debug("an update")
    logging.getLogger("aiohttp.server").error("Error handling request X-Secret: abc")
    logging.getLogger("aiohttp.access").info("GET /")
    logging.getLogger("discord.client").error("this matters")
    assert [json.loads(line)["message"] for line in entries.getvalue().splitlines()] == [
        "this matters"
    ]


def test_an_entry_that_cannot_be_written_spills_nothing(
    text: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong number of arguments does not put them, a secret among them, on stderr."""
    record = logging.makeLogRecord({"msg": "one %s", "args": (TOKEN, "hush-hush"), "name": "x"})
    (own,) = [h for h in logging.getLogger().handlers if getattr(h, "stream", None) is text]
    own.handle(record)
    written = capsys.readouterr().err + text.getvalue()
    assert written.startswith("log: an entry of x:")
    assert "hush-hush" not in written


def test_configuring_twice_writes_once() -> None:
    """A second call, with more secrets, takes the first one's place."""
    first, second = io.StringIO(), io.StringIO()
    configure_logging("INFO", "text", (), stream=first)
    configure_logging("INFO", "text", ("hush-hush",), stream=second)
    log.info("hush-hush")
    assert first.getvalue() == ""
    assert REDACTED in second.getvalue()
