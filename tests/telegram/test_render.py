from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.ids import MessageRef, Room
from matebot.core.message import Attachment, AttachmentKind, Author, Copy, Message, Reply
from matebot.core.notes import human_size, note
from matebot.core.richtext import Bold, Code, Italic, Mention, Pre, RichText, Span, utf16_length
from matebot.telegram.markup import Entity
from matebot.telegram.render import heading, render
from matebot.words import Catalogue

WORDS = Catalogue.load()
THERE = Room.discord(42)
HERE = Room.telegram(-1001)


def copy(text: RichText | str = "", *, language: str = "en", **fields: Any) -> Copy:
    """A Discord message on its way into Telegram."""
    rich = text if isinstance(text, RichText) else RichText(text)
    reply_to = fields.pop("reply_to", None)
    fields.setdefault("author", Author(9, "Zoë"))
    return Copy(Message(ref=MessageRef(THERE, 1), text=rich, **fields), reply_to, language)


def test_name_in_bold_then_the_text() -> None:
    """The author heads the message in bold, the text follows with its own formatting."""
    (part,) = render(copy(RichText("so so", (Span(3, 5, Italic()),))), WORDS)
    assert part.text == "Zoë\nso so"
    assert part.entities == (Entity("bold", 0, 3), Entity("italic", 7, 2))
    assert (part.reply_to, part.silent) == (None, False)


def test_an_attachment_alone_has_name_and_note() -> None:
    """A file without a text still says who sent what, in the reader's language."""
    file = Attachment(AttachmentKind.FILE, "a*b*.pdf", 1_258_291)
    (english,) = render(copy(attachments=(file,)), WORDS)
    (portuguese,) = render(copy(attachments=(file,), language="pt_BR"), WORDS)
    assert english.text.startswith("Zoë\n")
    assert english.text.endswith("a*b*.pdf (1.2 MB)")
    assert portuguese.text.endswith("a*b*.pdf (1,2 MB)")
    assert english.entities[1].type == "italic"


@pytest.mark.parametrize("kind", AttachmentKind)
def test_each_kind_has_its_words(kind: AttachmentKind) -> None:
    """No kind of attachment shows the catalogue's own id."""
    for language in WORDS.languages:
        assert not note(Attachment(kind), language, WORDS).startswith("note-")


def test_nothing_to_say_is_still_a_message() -> None:
    """An empty or blank text leaves the name alone, never an empty message."""
    assert [part.text for part in render(copy("  \n "), WORDS)] == ["Zoë"]


def test_a_long_text_is_split_and_answers_once() -> None:
    """Every part fits, nothing is lost, and only the first part is the answer."""
    text = RichText("word 🙂 " * 1500, (Span(0, 9000, Bold()),))
    reply = Reply(MessageRef(THERE, 3), "Bo")
    parts = render(copy(text, reply=reply, reply_to=MessageRef(HERE, 77), silent=True), WORDS)
    assert len(parts) == 3
    assert all(0 < utf16_length(part.text) <= 4096 for part in parts)
    assert [part.reply_to for part in parts] == [77, None, None]
    assert all(part.silent for part in parts)
    assert sum(part.text.count("🙂") for part in parts) == 1500


def test_a_reply_without_counterpart_is_a_quote() -> None:
    """What cannot be pointed at is quoted in a line: who, and the first words."""
    reply = Reply(MessageRef(THERE, 3), "Bo", 0, "hey @ann\nyou")
    (part,) = render(copy("yes", reply=reply), WORDS)
    assert part.text == "Zoë\nBo: hey @\u2060ann you\nyes"
    assert Entity("blockquote", 4, 17) in part.entities
    (pointed,) = render(copy("yes", reply=reply, reply_to=MessageRef(HERE, 7)), WORDS)
    assert pointed.text == "Zoë\nyes"


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("  Ann\n Lee ", "Ann Lee"),
        ("@everyone", "@\u2060everyone"),
        ("/start", "/\u2060start"),
        ("\u202eevil", "evil"),
        ("\u200b", ""),
        ("x" * 500, "x" * 128),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ],
)
def test_headings(name: str, head: str) -> None:
    """A name is one harmless line, however odd."""
    assert heading(name) == head


def test_nobody_without_a_name() -> None:
    """A name of which nothing is seen is replaced by words."""
    (part,) = render(copy("x", author=Author(1, "\u200b")), WORDS)
    assert part.text == f"{WORDS('en', 'author-anonymous')}\nx"


def test_indentation_of_code_is_kept() -> None:
    """What stands before the first word of a text belongs to it."""
    (part,) = render(copy(RichText("\n  if x:\n", (Span(1, 8, Pre("py")),))), WORDS)
    assert part.text == "Zoë\n  if x:"
    assert part.entities[1].language == "py"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (1536, "1.5 KB"), (10**9, "954 MB")],
)
def test_sizes(size_bytes: int, text: str) -> None:
    """Sizes read as people write them."""
    assert human_size(size_bytes, "en") == text


@given(st.text(), st.text(max_size=300), st.text(max_size=300))
def test_any_text_becomes_sendable_parts(text: str, name: str, file: str) -> None:
    """Whatever anybody typed, each part is within the limits and never blank."""
    attachment = Attachment(AttachmentKind.FILE, file, 5)
    parts = render(copy(text, author=Author(1, name), attachments=(attachment,)), WORDS)
    assert parts
    for part in parts:
        assert part.text.strip()
        assert utf16_length(part.text) <= 4096
        assert all(e.offset + e.length <= utf16_length(part.text) for e in part.entities)


def test_words_become_no_commands_and_foreign_mentions_no_members() -> None:
    """A command, and a mention from Discord, show but link nothing; paths and code are as typed."""
    text = RichText(
        "/start /a/b @Leo @anasilva `/x` https://e.org/help",
        (
            Span(12, 16, Mention("user", "123", "Leo")),
            Span(17, 26, Mention("user", "anasilva", "anasilva")),
            Span(27, 31, Code()),
        ),
    )
    (part,) = render(copy(text), WORDS)
    shown = "/\u2060start /a/b @\u2060Leo @anasilva `/x` https://e.org/help"
    assert part.text == f"Zoë\n{shown}"
