"""What happened, in one line."""

import pytest

from matebot.core.happenings import told
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Happening, Message
from matebot.core.richtext import DateTime, RichText, Span, plain
from matebot.words import Catalogue

WORDS = Catalogue.load()


def happened(happening: Happening, text: RichText, name: str = "Ana") -> RichText:
    """The line in English."""
    ref = MessageRef(Room.discord(1), 2)
    return told(Message(ref, Author(7, name), text, happening=happening), "en", WORDS)


@pytest.mark.parametrize(
    ("happening", "text", "line"),
    [
        (Happening.JOINED, "Ana", "➕ Ana joined"),
        (Happening.TITLE, "news", "✏️ Ana changed the name to: news"),
        (Happening.BOOST, "", "🚀 Ana boosted the server"),
        (Happening.OTHER, "quiet", "ℹ️ quiet"),
        (Happening.OTHER, "", WORDS("en", "note-other")),
        (Happening.LEFT, "", WORDS("en", "note-other")),
    ],
)
def test_lines(happening: Happening, text: str, line: str) -> None:
    """Each has its words with who and what; nothing is an empty line."""
    assert happened(happening, plain(text)).text == line


def test_the_details_keep_their_styles() -> None:
    """A time in the details stays one; a name cannot take their place."""
    line = happened(Happening.EVENT_NEW, plain("noon").styled(DateTime(5, "f")), "A\ufffcna")
    assert line.text == "📅 A na planned an event: noon"
    assert line.spans == (Span(len(line.text) - 4, len(line.text), DateTime(5, "f")),)
