"""Telegram's entities: what holds for every text."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from matebot.core.richtext import RichText, plain, utf16_length
from matebot.telegram.markup import Entity, parse, render, sayable, split
from tests.strategies import anything, moderate, rich_texts, strings

_TYPES = ["bold", "code", "pre", "text_link", "custom_emoji", "date_time", "blockquote", "url", "?"]
_ALONE = {"pre", "code", "text_link", "custom_emoji", "date_time"}


def _ends(entity: Entity) -> tuple[int, int]:
    return entity.offset, entity.offset + entity.length


def _is_legal(one: Entity, other: Entity) -> bool:
    """Whether the Bot API takes both: apart, or one in the other where it may be."""
    (a, b), (c, d) = _ends(one), _ends(other)
    if b <= c or d <= a:
        return True
    kinds = {one.type, other.type}
    if kinds <= _ALONE or kinds <= {"blockquote", "expandable_blockquote"}:
        return False
    quoted = kinds & {"blockquote", "expandable_blockquote"}
    if kinds & {"pre", "code"} and not quoted:
        return False
    return (a <= c and d <= b) or (c <= a and b <= d)


@moderate
@given(rich_texts())
def test_reads_back_what_it_wrote(rich: RichText) -> None:
    """Every rich text, as far as entities can say it, survives the way to Telegram and back."""
    assert parse(*render(rich)) == sayable(rich)


@moderate
@given(rich_texts())
def test_sayable_settles(rich: RichText) -> None:
    """What entities can say is not changed again."""
    once = sayable(rich)
    assert sayable(once) == once


@moderate
@given(rich_texts())
def test_entities_are_legal(rich: RichText) -> None:
    """Entities lie within the text, are nested or apart, and exclude what they must."""
    text, entities = render(rich)
    for entity in entities:
        assert 0 <= entity.offset < entity.offset + entity.length <= utf16_length(text)
    for one, other in combinations(entities, 2):
        assert _is_legal(one, other), (one, other)


@moderate
@given(strings)
def test_literal_text_stays_literal(text: str) -> None:
    """Nothing that a person typed elsewhere gets an entity or an escape."""
    assert render(plain(text)) == (plain(text).normalise().text, [])


_entities = st.builds(
    Entity,
    st.sampled_from(_TYPES),
    st.integers(-5, 60),
    st.integers(-5, 60),
    url=st.sampled_from([None, "https://e.x"]),
    user_id=st.sampled_from([None, 5]),
    custom_emoji_id=st.sampled_from([None, "77"]),
    unix_time=st.sampled_from([None, 0]),
)


@moderate
@given(anything, st.lists(_entities, max_size=6))
def test_parse_takes_anything(text: str, entities: list[Entity]) -> None:
    """Any entities are read, wherever they point, and the text is never touched."""
    rich = parse(text, entities)
    assert rich == rich.normalise()
    assert rich.text == plain(text).normalise().text


@moderate
@given(rich_texts())
def test_split_fits_and_loses_nothing(rich: RichText) -> None:
    """Each part is within the limit and has words; together they say all the words."""
    parts = split(rich, 12, 7)
    assert all(utf16_length(text) <= 12 for text, _ in parts)
    assert not parts or utf16_length(parts[0][0]) <= 7
    assert all(text.strip() for text, _ in parts)
    said = "".join(text for text, _ in parts)
    assert "".join(said.split()) == "".join(sayable(rich).text.split())
