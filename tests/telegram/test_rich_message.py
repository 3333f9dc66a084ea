"""Rich messages of Telegram's as rich text: every kind of block and of words in it."""

from typing import Any

import pytest
from aiogram.types import RichMessage

from matebot.core.message import AttachmentKind
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
    Style,
    Subtext,
)
from matebot.discord import markup
from matebot.telegram.rich_message import media_of, text_of

FILE: dict[str, Any] = {"file_id": "f", "file_unique_id": "u", "file_size": 9}
ANN: dict[str, Any] = {"id": 5, "is_bot": False, "first_name": "Ann"}


def rich(*blocks: dict[str, Any]) -> RichMessage:
    """A message of these blocks."""
    return RichMessage.model_validate({"blocks": list(blocks)})


def para(words: Any) -> dict[str, Any]:
    """A paragraph."""
    return {"type": "paragraph", "text": words}


def cell(text: str, **more: Any) -> dict[str, Any]:
    """A cell of a table."""
    return {"align": "left", "valign": "top", "text": text, **more}


def over(text: str, *styles: Style) -> RichText:
    """A text with styles over all of it."""
    return RichText(text, tuple(Span(0, len(text), style) for style in styles))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "heading", "text": "Title", "size": 2}, over("Title", Heading(2))),
        (
            {"type": "pre", "text": "x = 1\n", "language": "python"},
            over("x = 1", Pre("python")),
        ),
        ({"type": "footer", "text": "small"}, over("small", Subtext())),
        ({"type": "divider"}, RichText("─" * 12)),
        ({"type": "mathematical_expression", "expression": "a^2"}, over("a^2", Code())),
        (
            {"type": "mathematical_expression", "expression": "a\nb"},
            over("a\nb", Pre("latex")),
        ),
        (
            {"type": "blockquote", "blocks": [para("wise")], "credit": "Ann"},
            RichText("wise\n— Ann", (Span(0, 10, Quote()), Span(5, 10, Italic()))),
        ),
        (
            {"type": "expandable_blockquote", "text": "long"},
            over("long", Quote(expandable=True)),
        ),
        ({"type": "pullquote", "text": "aside"}, over("aside", Quote())),
        (
            {"type": "details", "summary": "More", "blocks": [para("a"), para("b")]},
            RichText("More\na\n\nb", (Span(0, 4, Heading(3)), Span(5, 9, Quote()))),
        ),
        ({"type": "anchor", "name": "top"}, RichText()),
        (
            {
                "type": "buttons",
                "buttons": [{"text": "Go", "url": "https://e.org/"}, {"text": "No"}],
            },
            RichText("[Go] [No]", (Span(0, 4, Link("https://e.org/")),)),
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_blocks(block: dict[str, Any], expected: RichText) -> None:
    """Each kind of block takes the nearest form that the bridge has."""
    assert text_of(rich(block)).normalise() == expected.normalise()


def test_lists_nest_and_keep_their_numbers_and_boxes() -> None:
    """Bullets, numbers, boxes and lists in lists stay what they are."""
    inner = {"type": "list", "items": [{"label": "•", "blocks": [para("deep")]}]}
    items = [
        {"label": "3.", "value": 3, "blocks": [para("three"), inner]},
        {"label": "4.", "value": 4, "blocks": [para("four")],
         "has_checkbox": True, "is_checked": True},
    ]  # fmt: skip
    text = text_of(rich({"type": "list", "items": items}))
    assert text.text == "three\ndeep\n☑ four"
    styles = [span.style for span in text.spans]
    assert styles == [
        ListItem(ordered=True, number=3),
        ListItem(depth=1),
        ListItem(ordered=True, number=4),
    ]
    assert markup.render(text) == "3. three\n  - deep\n4. ☑ four"


def test_a_table_is_aligned() -> None:
    """Columns are as wide as their widest cell, wide letters count twice, spans leave room."""
    block = {
        "type": "table",
        "caption": "Prices",
        "cells": [
            [cell("Item", is_header=True), cell("€", is_header=True, align="right")],
            [cell("茶"), cell("12", align="right")],
            [cell("Both", colspan=2)],
            [cell("x", rowspan=2), cell("1")],
            [cell("2")],
        ],
    }
    text = text_of(rich(block))
    assert text.text == "Prices\nItem │  €\n─────┼───\n茶   │ 12\nBoth │\nx    │ 1\n     │ 2"
    assert [span.style for span in text.spans] == [Bold(), Pre()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a ", {"type": "bold", "text": "b"}], RichText("a b", (Span(2, 3, Bold()),))),
        (
            {"type": "bold", "text": {"type": "italic", "text": "x"}},
            over("x", Bold(), Italic()),
        ),
        (["x", {"type": "superscript", "text": "2"}], RichText("x²")),
        (["x", {"type": "subscript", "text": "ab"}], RichText("x_(ab)")),
        ({"type": "mathematical_expression", "expression": "a"}, over("a", Code())),
        ({"type": "url", "text": "here", "url": "https://e.org/"}, over("here", Link("https://e.org/"))),
        ({"type": "url", "text": "https://e.org/", "url": "https://e.org/"}, RichText("https://e.org/")),
        (
            {"type": "custom_emoji", "custom_emoji_id": "7", "alternative_text": "👍"},
            over("👍", CustomEmoji("7", fallback="👍")),
        ),
        (
            {"type": "date_time", "text": "now", "unix_time": 9, "date_time_format": "r"},
            over("now", DateTime(9, "R")),
        ),
        (
            {"type": "text_mention", "text": "Ann", "user": ANN},
            over("Ann", Mention("user", "5", "Ann")),
        ),
        (
            {"type": "mention", "text": "@bo", "username": "bo"},
            over("@bo", Mention("user", "bo", "@bo")),
        ),
        ({"type": "hashtag", "text": "#a", "hashtag": "a"}, RichText("#a")),
        ({"type": "reference_link", "text": "1", "reference_name": "r"}, RichText("1")),
        ({"type": "anchor", "name": "top"}, RichText()),
    ],
)  # fmt: skip
def test_words(words: Any, expected: RichText) -> None:
    """Each kind of words in a block keeps its meaning."""
    assert text_of(rich(para(words))).normalise() == expected.normalise()


def test_media_are_attached_and_their_captions_stay() -> None:
    """Media come in order, wherever they stand; what is said below them is text."""
    photo = {"type": "photo", "photo": [{**FILE, "width": 1, "height": 1}],
             "caption": {"text": "sunset", "credit": "Ann"}}  # fmt: skip
    place = {"type": "map", "location": {"latitude": 1, "longitude": 2},
             "zoom": 9, "width": 9, "height": 9}  # fmt: skip
    message = rich({"type": "collage", "blocks": [photo]}, place, para("end"))
    assert text_of(message).text == "sunset\n— Ann\nend"
    photo_part, map_part = media_of(message)
    assert (photo_part.kind, photo_part.size_bytes) == (AttachmentKind.PHOTO, 9)
    assert (map_part.kind, map_part.name) == (AttachmentKind.LOCATION, "1.000000, 2.000000")
    assert map_part.link is not None
