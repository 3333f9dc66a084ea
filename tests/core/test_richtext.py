"""The middle form of rich text."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.richtext import (
    Bold,
    Italic,
    Link,
    Mention,
    Quote,
    RichText,
    Span,
    Spoiler,
    concat,
    first_words,
    plain,
    styled,
    utf16_length,
)
from matebot.core.richtext_edit import Change, nest, substitute
from tests.strategies import moderate, rich_texts, strings


@moderate
@given(rich_texts())
def test_rests_in_one_step(rich: RichText) -> None:
    """A rich text is the same after it rested as JSON in the database."""
    normal = rich.normalise()
    assert msgspec.json.decode(msgspec.json.encode(normal), type=RichText) == normal


@moderate
@given(rich_texts())
def test_normalise_settles(rich: RichText) -> None:
    """The canonical form is its own, and its spans lie within the text in order."""
    normal = rich.normalise()
    assert normal.normalise() == normal
    assert all(0 <= s.start < s.end <= len(normal.text) for s in normal.spans)
    assert [s.start for s in normal.spans] == sorted(s.start for s in normal.spans)


@moderate
@given(rich_texts(), st.integers(0, 30))
def test_slices_join_to_the_whole(rich: RichText, at: int) -> None:
    """Cutting and joining changes nothing where no span that stands for one thing is cut."""
    normal = rich.normalise()
    joining = tuple(s for s in normal.spans if isinstance(s.style, Bold | Italic | Spoiler))
    kept = RichText(normal.text, joining)
    assert (kept.slice(0, at) + kept.slice(at)).normalise() == kept.normalise()


@moderate
@given(rich_texts())
def test_segments_cover_the_text(rich: RichText) -> None:
    """Segments follow one another from the first code point to the last."""
    normal = rich.normalise()
    segments = list(normal.segments())
    assert "".join(normal.text[s.start : s.end] for s in segments) == normal.text
    for segment in segments:
        expected = [s.style for s in normal.spans if s.start <= segment.start < s.end]
        assert list(segment.styles) == expected


@moderate
@given(rich_texts())
def test_nested_spans_never_cross(rich: RichText) -> None:
    """After nesting, of two spans one holds the other or they are apart, and no style is lost."""
    normal = rich.normalise()
    parts = nest(normal.spans, lambda style: 0 if isinstance(style, Quote) else 1)
    for one in parts:
        for other in parts:
            apart = one.end <= other.start or other.end <= one.start
            inside = one.start <= other.start and other.end <= one.end
            assert apart or inside or (other.start <= one.start and one.end <= other.end)
    for position in range(len(normal.text)):
        before = {repr(s.style) for s in normal.spans if s.start <= position < s.end}
        assert before == {repr(s.style) for s in parts if s.start <= position < s.end}


@moderate
@given(strings, st.integers(0, 40))
def test_first_words_fit_on_a_line(text: str, limit: int) -> None:
    """An excerpt has one line, no blanks at its ends, and the limit at most."""
    words = first_words(plain(text), limit)
    assert "\n" not in words
    assert words == words.strip()
    assert len(words) <= limit


@pytest.mark.parametrize(
    ("rich", "limit", "expected"),
    [
        pytest.param(plain("a\n b"), 10, "a b", id="one-line"),
        pytest.param(plain("one two three"), 9, "one two…", id="at-a-word"),
        pytest.param(plain("abcdefghij"), 5, "abcd…", id="a-long-word"),
        pytest.param(plain("ab👩\u200d👧cd"), 4, "ab…", id="not-inside-a-family"),
        pytest.param(plain("x🇩🇪🇫🇷"), 4, "x🇩🇪…", id="not-inside-a-flag"),
        pytest.param(styled("he dies", Spoiler()), 20, "██ ████", id="a-spoiler-stays-hidden"),
        pytest.param(plain(""), 5, "", id="empty"),
    ],
)
def test_first_words(rich: RichText, limit: int, expected: str) -> None:
    """An excerpt is cut where a reader would cut it, and hides what was hidden."""
    assert first_words(rich, limit) == expected


def test_joining_touching_spans() -> None:
    """Two bolds that touch are one; two mentions that touch are two."""
    bolds = concat(styled("a", Bold()), styled("b", Bold())).normalise()
    assert bolds.spans == (Span(0, 2, Bold()),)
    ann = Mention("user", "1", "a")
    assert len(concat(styled("a", ann), styled("a", ann)).normalise().spans) == 2


def test_halves_of_surrogate_pairs() -> None:
    """Halves of pairs become U+FFFD in the text and in an address."""
    rich = styled("a\ud83d", Link("https://e.x/\ude00")).normalise()
    assert rich == styled("a\ufffd", Link("https://e.x/\ufffd"))


def test_strip_and_truth() -> None:
    """Stripping moves the spans along; an empty text is false."""
    rich = concat("  ", styled("a ", Bold()))
    assert rich.strip() == styled("a", Bold())
    assert not plain("  ").strip()
    assert len(rich) == 4


def test_utf16_length() -> None:
    """What lies beyond the basic plane counts twice."""
    assert utf16_length("a😀é") == 4


def test_substitute_keeps_spans_in_place() -> None:
    """A replaced stretch keeps its styles; an insertion is outside but for the styles named."""
    rich = RichText("abc", (Span(0, 3, Quote()), Span(1, 2, Bold())))
    changed = substitute(rich, [Change(1, 2, "BB"), Change(0, 0, "• ")], before=(Quote,))
    assert changed == RichText("• aBBc", (Span(0, 6, Quote()), Span(3, 5, Bold())))
