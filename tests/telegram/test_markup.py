"""Telegram's entities to rich text and back: examples."""

from __future__ import annotations

import pytest

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
    concat,
    plain,
    styled,
)
from matebot.telegram.markup import Entity, parse, render, split


@pytest.mark.parametrize(
    ("entity", "style"),
    [
        pytest.param(Entity("bold", 3, 4), Bold(), id="bold"),
        pytest.param(Entity("italic", 3, 4), Italic(), id="italic"),
        pytest.param(Entity("underline", 3, 4), Underline(), id="underline"),
        pytest.param(Entity("strikethrough", 3, 4), Strike(), id="strikethrough"),
        pytest.param(Entity("spoiler", 3, 4), Spoiler(), id="spoiler"),
        pytest.param(Entity("code", 3, 4), Code(), id="code"),
        pytest.param(Entity("pre", 3, 4), Pre(), id="pre"),
        pytest.param(Entity("pre", 3, 4, language="py"), Pre("py"), id="pre-with-language"),
        pytest.param(Entity("blockquote", 3, 4), Quote(), id="blockquote"),
        pytest.param(Entity("expandable_blockquote", 3, 4), Quote(expandable=True), id="folded"),
        pytest.param(Entity("text_link", 3, 4, url="https://e.x"), Link("https://e.x"), id="link"),
        pytest.param(
            Entity("custom_emoji", 3, 4, custom_emoji_id="77"),
            CustomEmoji("77", fallback="abcd"),
            id="custom-emoji",
        ),
        pytest.param(
            Entity("date_time", 3, 4, unix_time=9, date_time_format="wDt"),
            DateTime(9, "F"),
            id="date-time",
        ),
        pytest.param(
            Entity("date_time", 3, 4, unix_time=9, date_time_format=""),
            DateTime(9, ""),
            id="date-time-as-it-stands",
        ),
    ],
)
def test_there_and_back(entity: Entity, style: Style) -> None:
    """Each entity is read as its style, counted in UTF-16, and written as it was."""
    text = "😀 abcd é"
    rich = parse(text, [entity])
    assert rich == RichText(text, (Span(2, 6, style),))
    assert render(rich) == (text, [entity])


@pytest.mark.parametrize(
    "kind",
    ["hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card", "new"],
)
def test_what_the_text_says_itself(kind: str) -> None:
    """Entities that the service makes of the text by itself stay text."""
    assert parse("#tag", [Entity(kind, 0, 4)]) == plain("#tag")


def test_mentions_become_names() -> None:
    """Both kinds of mention are known by whom they mean, and are written as plain names."""
    rich = parse("@ann Bo", [Entity("mention", 0, 4), Entity("text_mention", 5, 2, user_id=7)])
    assert rich.spans == (
        Span(0, 4, Mention("user", "ann", "@ann")),
        Span(5, 7, Mention("user", "7", "Bo")),
    )
    assert render(rich) == ("@ann Bo", [])


@pytest.mark.parametrize(
    ("rich", "text", "entities"),
    [
        pytest.param(styled("Hi", Heading(2)), "Hi", [Entity("bold", 0, 2)], id="heading"),
        pytest.param(styled("Hi", Subtext()), "Hi", [], id="subtext"),
        pytest.param(
            concat(styled("a", ListItem()), "\n", styled("b", ListItem(True, 2, 1))),
            "• a\n\u20032. b",
            [],
            id="list",
        ),
        pytest.param(
            concat("x", styled("a", ListItem(), Bold()), "y"),
            "x\n• a\ny",
            [Entity("bold", 4, 1)],
            id="an-item-inside-a-line",
        ),
        pytest.param(
            concat(styled("a", ListItem()), "\n", styled("b", ListItem())).styled(Quote()),
            "• a\n• b",
            [Entity("blockquote", 0, 7)],
            id="bullets-inside-their-quote",
        ),
        pytest.param(
            RichText("abcdef", (Span(0, 4, Bold()), Span(2, 6, Italic()))),
            "abcdef",
            [Entity("bold", 0, 4), Entity("italic", 2, 2), Entity("italic", 4, 2)],
            id="overlap",
        ),
        pytest.param(
            RichText("abcdef", (Span(0, 6, Bold()), Span(2, 4, Code()))),
            "abcdef",
            [Entity("bold", 0, 2), Entity("code", 2, 2), Entity("bold", 4, 2)],
            id="code-inside-bold",
        ),
        pytest.param(
            styled("key", Spoiler(), Code()), "key", [Entity("spoiler", 0, 3)], id="hidden-code"
        ),
        pytest.param(
            styled("x", Link("javascript:alert(1)")), "x", [], id="a-link-that-leads-nowhere"
        ),
        pytest.param(styled(":ok:", CustomEmoji("1")), ":ok:", [], id="an-emoji-of-discord"),
        pytest.param(styled("1970", DateTime(0, "f")), "1970", [], id="a-moment-too-early"),
        pytest.param(styled("2286", DateTime(1 << 31, "f")), "2286", [], id="a-moment-too-late"),
        pytest.param(
            plain("*a* _b_ <b>c</b> `d` [e](https://f)"),
            "*a* _b_ <b>c</b> `d` [e](https://f)",
            [],
            id="literal",
        ),
    ],
)
def test_what_is_written(rich: RichText, text: str, entities: list[Entity]) -> None:
    """What Telegram cannot say degrades as stated, the rest is nested or apart."""
    assert render(rich) == (text, entities)


def test_offsets_inside_a_pair() -> None:
    """An entity that ends inside a surrogate pair takes no half of it."""
    assert parse("😀a", [Entity("bold", 1, 2)]).spans == (Span(0, 2, Bold()),)


def test_split_opens_styles_again() -> None:
    """A style that is cut goes on in the next text, and the blanks at the cut are gone."""
    rich = styled("hello world", Bold())
    assert split(rich, 8) == [
        ("hello", [Entity("bold", 0, 5)]),
        ("world", [Entity("bold", 0, 5)]),
    ]
