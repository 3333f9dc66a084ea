"""Discord's markdown: what holds for every text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matebot.core.richtext import RichText, plain
from matebot.discord import markup, markup_parse
from matebot.discord.markup import Names, parse, render, sayable, split
from matebot.discord.markup_words import is_plain
from tests.strategies import inline_styles, moderate, rich_texts, strings, tricky


def _seen(text: str) -> str:
    """A text as Discord can carry it: the separator is the renderer's own."""
    return plain(text).normalise().text.replace("\u2060", "")


@moderate
@given(rich_texts())
def test_reads_back_what_it_wrote(rich: RichText) -> None:
    """Every rich text, as far as markdown can say it, survives the way to Discord and back."""
    assert parse(render(rich)) == sayable(rich)


@moderate
@given(rich_texts(tricky, inline_styles))
def test_reads_back_inline_styles(rich: RichText) -> None:
    """Styles in a line survive beside all the signs that are markup, and the text is untouched."""
    back = parse(render(rich))
    assert back == sayable(rich)
    assert back.text == _seen(rich.text)


@moderate
@given(rich_texts())
def test_sayable_settles(rich: RichText) -> None:
    """What markdown can say is not changed again."""
    once = sayable(rich)
    assert sayable(once) == once


@moderate
@given(strings)
def test_literal_text_stays_literal(text: str) -> None:
    """Nothing that a person typed elsewhere becomes markup."""
    assert parse(render(plain(text))) == plain(_seen(text))


@moderate
@given(strings | st.text("ab:#->.1 \n/!é", max_size=24))
def test_plain_text_is_what_the_whole_grammar_makes_of_it(text: str) -> None:
    """The short cut for plain text agrees with the parser and the writer that it saves."""
    if is_plain(text):
        assert markup_parse._read(text, Names(), quoted=False).normalise() == plain(text)
        assert markup._written(plain(text)) == text


@moderate
@given(strings)
def test_parse_takes_anything(content: str) -> None:
    """Any content is read, its spans lie within its text, and it can be written again."""
    rich = parse(content)
    assert rich == rich.normalise()
    assert parse(render(rich)) == sayable(rich)


@moderate
@given(rich_texts())
def test_split_fits_and_loses_nothing(rich: RichText) -> None:
    """Each part is within the limit and has words; together they say all the words."""
    parts = split(rich, 60)
    assert all(len(part) <= 60 for part in parts)
    assert all(part.strip() for part in parts)
    said = "".join(parse(part).text for part in parts)
    assert "".join(said.split()) == "".join(sayable(rich).text.split())
