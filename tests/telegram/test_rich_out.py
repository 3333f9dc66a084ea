"""Rich messages: their HTML, read back by the stand-in's own reader."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.richtext import (
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Heading,
    Italic,
    Link,
    ListItem,
    Mention,
    Pre,
    Quote,
    RichText,
    Span,
    Spoiler,
    Strike,
    Style,
    Subtext,
    Underline,
)
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.rich import plain_text, rich_fields
from matebot.telegram.rich_out import html, is_worth_it

Json = dict[str, Any]


def rich(*lines: tuple[str, *tuple[Style, ...]] | str) -> RichText:
    """A text of lines, each with the styles over it."""
    text, spans = "", list[Span]()
    for line in lines:
        words, *styles = (line,) if isinstance(line, str) else line
        spans += [Span(len(text), len(text) + len(words), style) for style in styles]
        text += f"{words}\n"
    return RichText(text[:-1], tuple(spans))


def blocks(text: RichText) -> list[Json]:
    """What the server keeps."""
    found = rich_fields(Params({"rich_message": {"html": html(text)}}))
    kept: list[Json] = found["rich_message"]["blocks"]
    return kept


def paragraph(text: Any) -> Json:
    """A paragraph as it is kept."""
    return {"type": "paragraph", "text": text}


def test_headings_and_paragraphs() -> None:
    """Headings keep their level, lines stay lines, blank lines part paragraphs."""
    text = rich(("Zoë", Bold()), ("Big", Heading(1)), "one", "two", "", "three", ("s", Heading(3)))
    assert blocks(text) == [
        paragraph({"type": "bold", "text": "Zoë"}),
        {"type": "heading", "text": "Big", "size": 1},
        paragraph("one\ntwo"),
        paragraph("three"),
        {"type": "heading", "text": "s", "size": 3},
    ]


def test_lists() -> None:
    """Lists nest, keep their numbers, and change between ordered and not."""
    text = rich(
        ("a", ListItem()),
        ("b", ListItem(ordered=True, number=3, depth=1)),
        ("c", ListItem(ordered=True, number=4, depth=1)),
        ("d", ListItem()),
        ("e", ListItem(ordered=True, number=7)),
    )
    inner = [
        {"label": "3.", "value": 3, "type": "1", "blocks": [paragraph("b")]},
        {"label": "4.", "value": 4, "type": "1", "blocks": [paragraph("c")]},
    ]
    assert blocks(text) == [
        {
            "type": "list",
            "items": [
                {"label": "•", "blocks": [paragraph("a"), {"type": "list", "items": inner}]},
                {"label": "•", "blocks": [paragraph("d")]},
            ],
        },
        {
            "type": "list",
            "items": [{"label": "7.", "value": 7, "type": "1", "blocks": [paragraph("e")]}],
        },
    ]


def test_quotes_code_and_small_print() -> None:
    """Quotes hold blocks, code keeps its lines and language, small print is a footer."""
    code = RichText("x = 1\n\n  y < 2", (Span(0, 14, Pre("python")),))
    text = rich(("said", Quote()), ("small", Subtext()), ("h", Heading(2)))
    joined = RichText(
        f"{text.text}\n{code.text}",
        (*text.spans, Span(len(text.text) + 1, len(text.text) + 15, Pre("python"))),
    )
    assert blocks(joined) == [
        {"type": "blockquote", "blocks": [paragraph("said")]},
        {"type": "footer", "text": "small"},
        {"type": "heading", "text": "h", "size": 2},
        {"type": "pre", "language": "python", "text": code.text},
    ]


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        (Bold(), {"type": "bold"}),
        (Italic(), {"type": "italic"}),
        (Underline(), {"type": "underline"}),
        (Strike(), {"type": "strikethrough"}),
        (Spoiler(), {"type": "spoiler"}),
        (Code(), {"type": "code"}),
        (Link('https://x.org/?a=1&b="2"'), {"type": "url", "url": 'https://x.org/?a=1&b="2"'}),
        (
            DateTime(1700000000, "R"),
            {"type": "date_time", "unix_time": 1700000000, "date_time_format": "r"},
        ),
    ],
)
def test_styles(style: Style, kept: Json) -> None:
    """Each style is Telegram's own, and nests."""
    assert blocks(rich(("words", style))) == [paragraph({"text": "words", **kept})]


def test_emoji_and_mentions() -> None:
    """A custom emoji keeps its picture, Discord's is its name; a mention is a readable name."""
    text = RichText(
        "🙂 :pepe: @Bia",
        (
            Span(0, 1, CustomEmoji("5368")),
            Span(2, 8, CustomEmoji("777")),
            Span(9, 13, Mention("user", "12", "Bia")),
        ),
    )
    emoji = {"type": "custom_emoji", "custom_emoji_id": "5368", "alternative_text": "🙂"}
    (kept,) = blocks(text)
    assert kept["text"][0] == emoji
    assert plain_text([kept]) == text.text


def test_when_it_is_worth_it() -> None:
    """Headings and lists make a rich message; styles, quotes and code alone do not."""
    assert is_worth_it(rich(("a", Heading(1))))
    assert is_worth_it(rich(("a", ListItem())))
    assert not is_worth_it(rich(("a", Bold()), ("b", Quote()), ("c", Subtext())))


def test_what_is_too_much() -> None:
    """More than Telegram takes makes no rich message."""
    assert html(rich(*[("x", ListItem())] * 400)) == ""
    assert html(rich(("x", ListItem(depth=9)))) == ""


_STYLES: st.SearchStrategy[Style] = st.sampled_from(
    [
        Bold(),
        Italic(),
        Strike(),
        Spoiler(),
        Code(),
        Link("https://a.org/"),
        Heading(2),
        ListItem(),
        ListItem(ordered=True, number=5, depth=1),
        Quote(),
        Pre("c"),
        Subtext(),
    ]
)
_TEXTS = st.text(st.sampled_from("ab<>&\"';/ #@*\n😀é\u200d"), min_size=1, max_size=60)


@given(st.data())
def test_whatever_is_said_is_taken_and_stays(data: st.DataObject) -> None:
    """Any text with any styles is taken, and all that can be seen stands there in order."""
    text = data.draw(_TEXTS)
    places = st.integers(0, len(text))
    drawn = data.draw(st.lists(st.tuples(places, places, _STYLES), max_size=6))
    spans = tuple(Span(min(a, b), max(a, b), style) for a, b, style in drawn)
    if not text.strip():
        return
    kept = plain_text(blocks(RichText(text, spans)))
    assert "".join(kept.replace("\u00a0", " ").split()) == "".join(text.split())
