"""What stands in a copy for what is not text."""

from matebot.core.media import LeftOut, Reason
from matebot.core.message import Attachment, AttachmentKind
from matebot.core.notes import note, noted
from matebot.core.richtext import Italic, Link, RichText, Span


def words(language: str, message_id: str, /, **args: str | float) -> str:
    """A catalogue that shows what it was asked."""
    return f"{language}:{message_id}" + "".join(f" {value}" for value in args.values())


def test_a_note_leads_to_its_address_and_goes_on_with_its_details() -> None:
    """The first line is italic and a link, the details stand below, plain."""
    place = Attachment(AttachmentKind.LOCATION, "Bar", detail="1 Road", link="https://m.example/")
    first = note(place, "en", words)
    assert noted(place, "en", words) == RichText(
        f"{first}\n1 Road",
        (
            Span(0, len(first), Link("https://m.example/")),
            Span(0, len(first), Italic()),
        ),
    )


def test_a_note_of_a_file_that_stayed_behind_says_why() -> None:
    """The same line and address, and the reason in the reader's language."""
    file = Attachment(AttachmentKind.FILE, "a.zip", 64 << 20, link="https://t.example/1")
    shown = noted(LeftOut(file, Reason.TOO_LARGE, 10 << 20), "en", words)
    assert shown.text == f"en:note-left-too-large {note(file, 'en', words)}"
    assert Span(0, len(shown), Link("https://t.example/1")) in shown.spans


def test_long_details_are_cut() -> None:
    """Details of any length stay readable."""
    shown = noted(Attachment(AttachmentKind.GAME, detail="x" * 9000), "en", words)
    assert len(shown) < 1600
    assert shown.text.endswith("x…")
