"""Whatever stands in a rich message: every word of it arrives, and nothing is refused."""

from typing import Any

from aiogram.types import RichMessage
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.richtext import BLOCKS, ListItem, Pre
from matebot.discord import markup
from matebot.telegram.rich_message import media_of, text_of

WORD = st.text("abc é茶🙂*_`|>#-", min_size=1, max_size=8)
INLINE = st.recursive(
    WORD,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(
            lambda kind, text: {"type": kind, "text": text},
            st.sampled_from(["bold", "italic", "spoiler", "code", "superscript", "marked"]),
            inner,
        ),
        st.builds(lambda text: {"type": "url", "text": text, "url": "https://e.org/"}, inner),
    ),
    max_leaves=6,
)
CELL = st.builds(
    lambda text, colspan, rowspan, header: {
        "align": "center", "valign": "top", "text": text,
        "colspan": colspan, "rowspan": rowspan, "is_header": header,
    },
    INLINE, st.integers(1, 3), st.integers(1, 3), st.booleans(),
)  # fmt: skip
LEAF = st.one_of(
    st.builds(lambda text: {"type": "paragraph", "text": text}, INLINE),
    st.builds(lambda text: {"type": "footer", "text": text}, INLINE),
    st.builds(
        lambda text, size: {"type": "heading", "text": text, "size": size},
        INLINE,
        st.integers(1, 6),
    ),
    st.builds(lambda text: {"type": "pre", "text": text}, WORD),
    st.builds(
        lambda rows: {"type": "table", "cells": rows},
        st.lists(st.lists(CELL, max_size=4), max_size=4),
    ),
)


def _holding(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    blocks = st.lists(inner, max_size=3)
    item = st.builds(lambda held: {"label": "•", "blocks": held}, blocks)
    return st.one_of(
        st.builds(lambda held: {"type": "blockquote", "blocks": held}, blocks),
        st.builds(
            lambda summary, held: {"type": "details", "summary": summary, "blocks": held},
            INLINE,
            blocks,
        ),
        st.builds(
            lambda items: {"type": "list", "items": items}, st.lists(item, min_size=1, max_size=3)
        ),
    )


MESSAGES = st.lists(st.recursive(LEAF, _holding, max_leaves=5), max_size=4)


def _words(value: Any) -> list[str]:
    """Every text that stands anywhere in a message, in letters that nothing changes."""
    match value:
        case str():
            return [value]
        case list():
            return [word for each in value for word in _words(each)]
        case dict():
            kept = ("text", "blocks", "items", "cells", "summary")
            return [word for key in kept for word in _words(value.get(key) or "")]
        case _:
            return []


@given(MESSAGES)
def test_no_letter_is_lost_and_every_span_is_whole(blocks: list[dict[str, Any]]) -> None:
    """All letters arrive, styles of lines cover lines, and Discord's markdown can say it."""
    message = RichMessage.model_validate({"blocks": blocks})
    text = text_of(message)
    assert media_of(message) == ()
    written = [c for word in _words(blocks) for c in word if c in "abcé茶🙂"]
    assert sorted(c for c in text.text if c in "abcé茶🙂") == sorted(written)
    for span in text.spans:
        assert 0 <= span.start < span.end <= len(text)
        if isinstance(span.style, BLOCKS):
            assert span.start == 0 or text.text[span.start - 1] == "\n"
            assert span.end == len(text) or text.text[span.end] == "\n"
        if isinstance(span.style, ListItem):
            assert "\n" not in text.text[span.start : span.end]
    assert markup.render(text) or not text


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_tables_columns_stand_below_each_other(rows: list[list[dict[str, Any]]]) -> None:
    """Each line has the same number of columns, and one block of code holds them all."""
    table = {"type": "table", "cells": rows}
    text = text_of(RichMessage.model_validate({"blocks": [table]}))
    assert [span.style for span in text.spans] == ([Pre()] if text else [])
    assert len({line.count("│") + line.count("┼") for line in text.text.split("\n")}) == 1
