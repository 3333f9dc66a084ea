"""Cutting long texts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.graphemes import breaks
from matebot.core.richtext import Bold, Mention, RichText, Span, concat, plain, styled, utf16_length
from matebot.core.split import split
from tests.strategies import moderate, rich_texts


def _units(rich: RichText) -> int:
    return utf16_length(rich.text)


@moderate
@given(rich_texts(), st.integers(2, 20), st.integers(2, 20))
def test_pieces_fit_and_are_the_whole(rich: RichText, limit: int, first: int) -> None:
    """Each piece is within its limit, none is empty, and together they are the text."""
    pieces = split(rich, limit, _units, first)
    assert "".join(piece.text for piece in pieces) == rich.normalise().text
    assert all(pieces)
    assert all(_units(piece) <= (limit if n else first) for n, piece in enumerate(pieces))


@moderate
@given(rich_texts(of=st.just(Bold())), st.integers(2, 20))
def test_styles_go_on_after_a_cut(rich: RichText, limit: int) -> None:
    """A style that is cut is opened again in the next piece."""
    joined = concat(*split(rich, limit, _units)).normalise()
    assert joined == rich.normalise()


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("aaaa bbb.\n\ncc dd", 14, ["aaaa bbb.\n\n", "cc dd"], id="paragraph"),
        pytest.param("aaaa bbb\ncc dd. e", 14, ["aaaa bbb\n", "cc dd. e"], id="line"),
        pytest.param("Aaaa bbb. Cc dd ee", 14, ["Aaaa bbb. ", "Cc dd ee"], id="sentence"),
        pytest.param("aaaa bbb cc dd ee", 14, ["aaaa bbb cc ", "dd ee"], id="word"),
        pytest.param("abcdefgh", 5, ["abcde", "fgh"], id="inside-a-long-word"),
        pytest.param("ab👍🏽👍🏽", 5, ["ab", "👍🏽", "👍🏽"], id="skin-tone"),
        pytest.param("a🇩🇪🇫🇷", 6, ["a🇩🇪", "🇫🇷"], id="flags"),
        pytest.param("a1\ufe0f\u20e3b", 3, ["a", "1\ufe0f\u20e3", "b"], id="keycap"),
        pytest.param("각각", 1, ["각", "각"], id="hangul"),
        pytest.param("e\u0301e\u0301", 3, ["e\u0301", "e\u0301"], id="combining-mark"),
        pytest.param("", 5, [], id="empty"),
    ],
)
def test_where_a_text_is_cut(text: str, limit: int, expected: list[str]) -> None:
    """The best cut that leaves no short piece is taken, never one inside a grapheme."""
    assert [piece.text for piece in split(plain(text), limit, _units)] == expected


@pytest.mark.parametrize(("size", "parts"), [(20, [20]), (21, [20, 1]), (45, [20, 20, 5])])
def test_pieces_are_full(size: int, parts: list[int]) -> None:
    """What fits is not cut, and words without a place to cut fill each piece to the limit."""
    assert [len(piece.text) for piece in split(plain("x" * size), 20, _units)] == parts


def test_what_fits_is_one_piece_after_a_dense_one() -> None:
    """A rest that fits whole is taken whole, however dense the piece before it was."""
    pieces = split(plain("😀" * 10 + "x" * 20), 20, _units)
    assert [piece.text for piece in pieces] == ["😀" * 10, "x" * 20]


def test_a_mention_is_not_cut() -> None:
    """What stands for one thing goes to the next piece whole."""
    mention = Mention("user", "1", "ann lee")
    rich = concat("hello ", styled("@ann lee", mention))
    second = split(rich, 10, _units)[1]
    assert second == RichText("@ann lee", (Span(0, 8, mention),))


def test_a_grapheme_larger_than_the_limit() -> None:
    """A heap of combining marks is cut where it must be, and nothing is lost."""
    text = "a" + "\u0301" * 50
    pieces = split(plain(text), 20, _units)
    assert [len(piece.text) for piece in pieces] == [20, 20, 11]


def test_crlf_is_one_grapheme() -> None:
    """A carriage return and its line feed stay together; controls stand alone."""
    assert list(breaks("a\r\nb\x00\u0301")) == [1, 1, 0, 1, 1, 1, 1]


def test_cost_grows_with_length_alone() -> None:
    """A megabyte with ten thousand spans is cut in a moment."""
    spans = tuple(Span(n * 100, n * 100 + 50, Bold()) for n in range(10_000))
    rich = RichText("word " * 200_000, spans)
    began = time.perf_counter()
    assert len(split(rich, 4096, _units)) > 240
    assert time.perf_counter() - began < 10
