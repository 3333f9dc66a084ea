"""The catalogue: its languages agree with one another and with the code."""

import ast
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel import localedata
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

import matebot
from matebot.bridge.commands import COMMANDS
from matebot.bridge.settings import DIRECTION, WORDED
from matebot.core.choices import TABLE
from matebot.core.media import Reason
from matebot.core.message import AttachmentKind, Happening
from matebot.words import FALLBACK, Catalogue, known_languages, source

LANGUAGES = ("en", "pt_BR")
CODE = Path(matebot.__file__).parent
CALLS = {
    "words",
    "_words",
    "text",
    "tell_text",
    "say",
}  # what takes a language or scene, the id and arguments
FORWARDS = {"_tell"}  # what takes an id and finds the arguments by itself
SAID_BY_START = {"grant-manage-webhooks"}  # the composition root's, which knows both sides


class _Arguments(Visitor):
    """Collects the names of the arguments in a message."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802  (fluent.syntax's name)
        self.names.add(node.id.name)


def messages(language: str) -> dict[str, set[str]]:
    """The messages of a language, each with the arguments that it takes."""
    found = {}
    for entry in FluentParser(with_spans=False).parse(source(language)).body:
        assert not isinstance(entry, ftl.Junk), entry.content
        if isinstance(entry, ftl.Message):
            arguments = _Arguments()
            arguments.visit(entry)
            assert entry.id.name not in found, f"{entry.id.name} stands twice"
            found[entry.id.name] = arguments.names
    return found


def strings_of_code() -> set[str]:
    """Every string constant of the program that could name a message."""
    found = set()
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def ids_asked_for() -> Iterator[tuple[str, set[str] | None]]:
    """The message ids that calls name outright, with the arguments given; None: not seen there."""
    for path in CODE.rglob("*.py"):
        if "sandbox" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            wanted = node.args[1]
            if name in CALLS | FORWARDS and isinstance(wanted, ast.Constant):
                assert isinstance(wanted.value, str)
                names = {keyword.arg for keyword in node.keywords}
                yield (
                    wanted.value,
                    None if None in names or name in FORWARDS else {n for n in names if n},
                )


def test_the_languages_are_all_there() -> None:
    """The program speaks English and Brazilian Portuguese."""
    assert known_languages() == LANGUAGES
    assert Catalogue.load().languages == LANGUAGES


def test_no_names_of_countries_are_kept() -> None:
    """Babel's whole knowledge of a language is not held; what a number needs is read again."""
    catalogue = Catalogue.load()
    assert not localedata._cache
    grouped = Catalogue({"en": "n = { $count } are", "pt_BR": "n = { $count } são"})
    assert grouped("en", "n", count=1234567) == "1,234,567 are"
    assert grouped("pt_BR", "n", count=1234567) == "1.234.567 são"
    assert catalogue.languages == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_agree(language: str) -> None:
    """Each has the same messages with the same arguments as English."""
    assert messages(language) == messages(FALLBACK)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_can_be_said(language: str, caplog: pytest.LogCaptureFixture) -> None:
    """With its arguments each gives a text in which they stand and nothing is left open."""
    catalogue = Catalogue.load()
    for message_id, arguments in messages(language).items():
        args: dict[str, str | float] = {name: f"<{name}>" for name in arguments}
        if "count" in args:
            args["count"] = 2
        text = catalogue(language, message_id, **args)
        assert text
        assert text != message_id
        assert all(str(value) in text for value in args.values()), message_id
        assert "{" not in text
        assert "\u2068" not in text  # no invisible isolation marks
    assert not caplog.records


def test_every_message_is_used() -> None:
    """No message is left that nothing says."""
    used = strings_of_code() | {f"note-{kind.value}" for kind in AttachmentKind} | SAID_BY_START
    used |= {f"happening-{each.value}" for each in Happening}
    used |= {f"{where}-{each.value}" for each in Reason for where in ("left-out", "note-left")}
    used |= {f"choice-{name}" for name in (*(row.name for row in TABLE), DIRECTION)}
    used |= {f"value-{value}" for value in WORDED}
    assert set(messages(FALLBACK)) - used == set()


def test_every_message_asked_for_exists() -> None:
    """What the code asks for stands in the catalogue and gets all its arguments."""
    known = messages(FALLBACK)
    asked = list(ids_asked_for())
    assert len(asked) > 20  # the search finds the calls
    assert {message_id for message_id, _ in asked} - set(known) == set()
    for message_id, given in asked:
        assert given is None or known[message_id] <= given, message_id
    for kind in AttachmentKind:
        assert known[f"note-{kind.value}"] == set()
    for reason in Reason:
        assert known[f"note-left-{reason.value}"] == {"note"}
        assert known[f"left-out-{reason.value}"] <= {"file", "room", "most"}
    for each in Happening:
        assert known[f"happening-{each.value}"] <= {"name", "text"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_fit_both_services(language: str) -> None:
    """Discord takes 1 to 100 characters, Telegram 3 to 256 (their documents, 2026-11-24)."""
    catalogue = Catalogue.load()
    for spec in COMMANDS:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", spec.name)
        for message_id in (spec.description, spec.argument_description):
            if message_id is not None:
                assert 3 <= len(catalogue(language, message_id)) <= 100
        assert (spec.argument is None) == (spec.argument_description is None)


def test_button_labels_fit_both_services() -> None:
    """Discord's buttons take 80 characters."""
    catalogue = Catalogue.load()
    labels = [catalogue(lang, f"confirm-{b}") for lang in LANGUAGES for b in ("yes", "no")]
    assert all(1 <= len(label) <= 80 for label in labels)


def test_every_choice_has_its_words() -> None:
    """Each row of the table, and each value in words, is named in the catalogue, shortly."""
    known = messages(FALLBACK)
    catalogue = Catalogue.load()
    names = [f"choice-{name}" for name in (*(row.name for row in TABLE), DIRECTION)]
    values = [f"value-{value}" for value in WORDED]
    assert set(names) | set(values) <= set(known)
    labels = [catalogue(lang, each) for lang in LANGUAGES for each in names + values]
    assert all(1 <= len(label) <= 40 for label in labels)  # beside a value on one button


def test_numbers_and_plurals() -> None:
    """Each language counts in its own way."""
    words = Catalogue.load()
    assert words("en", "status-waiting", count=1).startswith("1 message is")
    assert words("en", "status-waiting", count=1234).startswith("1,234 messages are")
    assert words("pt_BR", "status-waiting", count=0).startswith("0 mensagem")
    assert words("pt_BR", "status-waiting", count=1234).startswith("1.234 mensagens")


def test_what_falls_back() -> None:
    """An unknown language and a message that its language lacks are said in English."""
    words = Catalogue({"en": "hello = Hello\nbye = Bye\n", "pt_BR": "hello = Oi\n"})
    assert words("pt_BR", "hello") == "Oi"
    assert words("pt_BR", "bye") == "Bye"
    assert words("tlh", "hello") == "Hello"


def test_nothing_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in the catalogue never stops a delivery: it is logged, and something is said."""
    words = Catalogue({"en": "hello = Hello { $name }\nbare =\n    .attribute = x\n"})
    with caplog.at_level(logging.ERROR):
        assert words("en", "unheard-of") == "unheard-of"
        assert words("en", "bare") == "bare"
        assert words("en", "hello").startswith("Hello")
    assert len(caplog.records) == 3


def test_arguments_stay_literal() -> None:
    """What people typed is text, whatever it looks like."""
    text = Catalogue.load()("en", "joined", rooms="{ $x } -brand { NUMBER(1) } **b**")
    assert "{ $x } -brand { NUMBER(1) } **b**" in text
