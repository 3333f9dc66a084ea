"""Discord's markdown to rich text and back: examples."""

from __future__ import annotations

import time

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
from matebot.discord.markup import Names, parse, render, split

B, I, U, S, H = Bold(), Italic(), Underline(), Strike(), Spoiler()  # noqa: E741 - a table's short hand


def _rich(*parts: str | tuple[str, Style] | RichText) -> RichText:
    """Parts of text, some with a style."""
    made = (styled(*part) if isinstance(part, tuple) else part for part in parts)
    return concat(*made).normalise()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("**a**", _rich(("a", B)), id="bold"),
        pytest.param("*a*", _rich(("a", I)), id="italic-star"),
        pytest.param("_a_", _rich(("a", I)), id="italic-underscore"),
        pytest.param("__a__", _rich(("a", U)), id="underline"),
        pytest.param("~~a~~", _rich(("a", S)), id="strike"),
        pytest.param("||a||", _rich(("a", H)), id="spoiler"),
        pytest.param("***a***", styled("a", B, I).normalise(), id="bold-italic"),
        pytest.param("___a___", styled("a", U, I).normalise(), id="underline-italic"),
        pytest.param("***a* b**", _rich(styled("a", I), " b").styled(B).normalise(), id="em-ends"),
        pytest.param(
            "***a** b*", _rich(styled("a", B), " b").styled(I).normalise(), id="strong-ends"
        ),
        pytest.param("**a *b***", _rich("a ", ("b", I)).styled(B).normalise(), id="both-end"),
        pytest.param("**a\nb**", _rich(("a\nb", B)), id="across-lines"),
        pytest.param("snake_case_word", plain("snake_case_word"), id="underscores-in-a-word"),
        pytest.param("a_b_", _rich("a", ("b", I)), id="underscore-before-a-word-end"),
        pytest.param("_ _", _rich((" ", I)), id="the-blank-message"),
        pytest.param("2 * 3 * 4", plain("2 * 3 * 4"), id="products"),
        pytest.param("* a*b", _rich(("a*b", ListItem())), id="star-item"),
        pytest.param("a*b*c", _rich("a", ("b", I), "c"), id="star-inside-a-word"),
        pytest.param("**a", plain("**a"), id="never-closed"),
        pytest.param("****", _rich(("**", I)), id="stars-inside-stars"),
        pytest.param("~~a~~_b", plain("~~a~~_b"), id="strike-before-underscore"),
        pytest.param(r"\*a\* \a \\", plain("*a* \\a \\"), id="escapes"),
        pytest.param(r"¯\_(ツ)_/¯", plain("¯\\_(ツ)_/¯"), id="shrug"),
        pytest.param("`a*b*`", _rich(("a*b*", Code())), id="code"),
        pytest.param("`` a`b ``", _rich((" a`b ", Code())), id="double-backticks"),
        pytest.param("`` `a` ``", _rich(("`a`", Code())), id="code-of-backticks"),
        pytest.param("``a`", _rich(("`a", Code())), id="uneven-backticks"),
        pytest.param("`a``b`", _rich(("a``b", Code())), id="other-runs-inside"),
        pytest.param("```\na\n```", _rich(("a", Pre())), id="fence"),
        pytest.param("```py\na = 1\n\n```", _rich(("a = 1", Pre("py"))), id="fence-with-language"),
        pytest.param("```py```", _rich(("py", Pre())), id="fence-in-a-line"),
        pytest.param("a ```b``` c", _rich("a \n", ("b", Pre()), "\n c"), id="fence-inside-a-line"),
        pytest.param("> a\n> b\nc", _rich(("a\nb", Quote()), "\nc"), id="quote"),
        pytest.param("a\n>>> b\n> c", _rich("a\n", ("b\n> c", Quote())), id="quote-to-the-end"),
        pytest.param(">a", plain(">a"), id="no-quote-without-a-blank"),
        pytest.param(
            "> **a\n> b**", _rich(("a\nb", B)).styled(Quote()).normalise(), id="bold-quote"
        ),
        pytest.param("> ```\n> a\n> ```", _rich(("a", Pre())).styled(Quote()).normalise(), id="f"),
        pytest.param("# a", _rich(("a", Heading(1))), id="heading"),
        pytest.param("### a ##\nb", _rich(("a", Heading(3)), "\nb"), id="heading-closed"),
        pytest.param("#### a", plain("#### a"), id="no-fourth-level"),
        pytest.param("#a", plain("#a"), id="no-heading-without-a-blank"),
        pytest.param("-# a", _rich(("a", Subtext())), id="subtext"),
        pytest.param(
            "- a\n  - b\n- c",
            _rich(("a", ListItem()), "\n", ("b", ListItem(depth=1)), "\n", ("c", ListItem())),
            id="list",
        ),
        pytest.param("3. a", _rich(("a", ListItem(True, 3))), id="ordered"),
        pytest.param("[a](https://e.x/b_(c))", _rich(("a", Link("https://e.x/b_(c)"))), id="link"),
        pytest.param(
            "[**a** [b]](<https://e.x>)",
            _rich(("a", B), " [b]").styled(Link("https://e.x")).normalise(),
            id="link-with-styles-and-brackets",
        ),
        pytest.param("[a](b)", plain("[a](b)"), id="no-link-without-address"),
        pytest.param(
            "[https://a.b](https://e.x)", plain("[https://a.b](https://e.x)"), id="no-false-link"
        ),
        pytest.param("<https://e.x>", _rich(("https://e.x", Link("https://e.x"))), id="quiet-link"),
        pytest.param("https://e.x/a_b_c*d*", plain("https://e.x/a_b_c*d*"), id="address"),
        pytest.param("**https://e.x**", _rich(("https://e.x", B)), id="bold-address"),
        pytest.param("</say hi:5> <id:browse>", plain("/say hi Browse Channels"), id="command"),
        pytest.param(
            "<a:ok:5>", _rich((":ok:", CustomEmoji("5", True, ":ok:"))), id="animated-emoji"
        ),
        pytest.param("<t:0:d>", _rich(("1970-01-01", DateTime(0, "d"))), id="time"),
        pytest.param("<t:99999999999999:d>", plain("<t:99999999999999:d>"), id="no-such-time"),
        pytest.param(r"\<@5>", plain("<@5>"), id="escaped-mention"),
        pytest.param("a\u2060b", plain("ab"), id="separator"),
        pytest.param("\ud83d", plain("\ufffd"), id="half-a-pair"),
    ],
)
def test_what_is_read(content: str, expected: RichText) -> None:
    """Content is read as today's client shows it."""
    assert parse(content) == expected


def test_mentions() -> None:
    """Mentions are known by their ids and shown by the names that are known."""
    names = Names(users={1: "Ann"}, roles={2: "mods"}, channels={3: "general"})
    rich = parse("<@1> <@!1> <@&2> <#3> <@9> <@&9> <#9>", names)
    assert rich.text == "@Ann @Ann @mods #general @unknown-user @unknown-role #unknown"
    assert rich.spans[0] == Span(0, 4, Mention("user", "1", "Ann"))
    assert rich.spans[3] == Span(16, 24, Mention("channel", "3", "general"))
    assert render(rich) == rich.text


@pytest.mark.parametrize(
    ("rich", "content"),
    [
        pytest.param(
            plain("Hello, world! (yes) - 10:30"), "Hello, world! (yes) - 10:30", id="plain"
        ),
        pytest.param(plain("snake_case 2 * 3 a > b"), "snake_case 2 * 3 a > b", id="not-markup"),
        pytest.param(plain("https://e.x/a_b_c?d=*e*"), "https://e.x/a_b_c?d=*e*", id="address"),
        pytest.param(plain("*a* _b_"), r"\*a\* \_b\_", id="emphasis"),
        pytest.param(plain("**a** snake_case"), r"\*\*a\*\* snake_case", id="only-where-needed"),
        pytest.param(plain("||a||"), r"\|\|a\|\|", id="spoiler"),
        pytest.param(plain("`a`"), r"\`a\`", id="code"),
        pytest.param(plain("# a\n- b\n1. c\n> d"), "\\# a\n\\- b\n1\\. c\n\\> d", id="blocks"),
        pytest.param(plain("[a](https://e.x)"), r"\[a](https://e.x)", id="link"),
        pytest.param(plain("<@5> <:a1:5>"), r"\<@5> \<\:a1:5>", id="mention"),
        pytest.param(plain(":smile: 10:30:45"), r"\:smile: 10:30:45", id="shortcode"),
        pytest.param(plain("¯\\_(ツ)_/¯"), "¯\\_(ツ)_/¯", id="shrug"),
        pytest.param(_rich(("a", B), ("b", I)), "**a**_b_", id="touching-styles"),
        pytest.param(_rich(("a", B), ("b", I), "c"), "**a**\u2060*b*c", id="touching-a-word-too"),
        pytest.param(_rich("a", ("b", I), "c"), "a*b*c", id="inside-a-word"),
        pytest.param(_rich("a", (" b ", B), "c"), "a **b** c", id="blanks-at-the-ends"),
        pytest.param(styled("a", B, I, U), "***__a__***", id="three-styles"),
        pytest.param(
            RichText("abcdef", (Span(0, 4, B), Span(2, 6, U))), "**ab__cd__**__ef__", id="overlap"
        ),
        pytest.param(styled("a`b", Code()), "``a`b``", id="code-with-a-backtick"),
        pytest.param(styled("`", Code()), "`` ` ``", id="code-that-is-a-backtick"),
        pytest.param(styled("a*b", Code(), B), "`a*b`", id="code-that-would-end-its-style"),
        pytest.param(styled("a = 1", Pre("py")), "```py\na = 1\n```", id="fence"),
        pytest.param(styled("a\nb", Quote()), "> a\n> b", id="quote"),
        pytest.param(
            _rich("x", ("a\nb", B)).styled(Quote()),
            "> x**a\n> b**",
            id="a-style-across-quoted-lines",
        ),
        pytest.param(_rich("x ", ("q", Quote()), " y"), "x \n> q\n y", id="quote-inside-a-line"),
        pytest.param(styled("a", Heading(5)), "### a", id="deep-heading"),
        pytest.param(styled("C#", Heading(1)), "# C#\u2060", id="heading-that-ends-in-a-hash"),
        pytest.param(_rich(("a", B)).styled(ListItem()), "- **a**", id="bold-item"),
        pytest.param(
            styled("a", Link("https://e.x/(b) c")), "[a](https://e.x/%28b%29%20c)", id="odd"
        ),
        pytest.param(styled("a]", Link("https://e.x")), "a] (<https://e.x>)", id="odd-brackets"),
        pytest.param(styled("b.c", Link("mailto:a@b.c")), "b.c (mailto:a@b.c)", id="mail"),
        pytest.param(styled("https://e.x", Link("https://e.x")), "<https://e.x>", id="bare-link"),
        pytest.param(styled("x", DateTime(7, "R")), "<t:7:R>", id="time"),
        pytest.param(styled("now", DateTime(7)), "now", id="time-as-it-stands"),
        pytest.param(styled(":ok:", CustomEmoji("5")), "<:ok:5>", id="emoji"),
        pytest.param(styled("👍", CustomEmoji("5")), "👍", id="an-emoji-of-telegram"),
    ],
)
def test_what_is_written(rich: RichText, content: str) -> None:
    """Text is written readably: escapes and separators only where nothing else helps."""
    assert render(rich) == content


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("**" * 5_000, id="nested-stars"),
        pytest.param("**__" * 5_000 + "a" + "__**" * 5_000, id="nested-pairs"),
        pytest.param("[" * 1_000_000, id="a-megabyte-of-brackets"),
        pytest.param("[a](https://e.x [" * 20_000 + ")", id="links-never-closed"),
        pytest.param("`" * 100_000 + "a", id="backticks"),
        pytest.param("` `` ``` " * 20_000, id="uneven-backticks"),
        pytest.param("*a_" * 50_000, id="emphasis-never-closed"),
        pytest.param("\\" * 100_001, id="backslashes"),
        pytest.param("<a:" * 50_000, id="angles"),
        pytest.param("https://" * 50_000, id="addresses"),
        pytest.param("> - " * 50_000, id="quotes"),
        pytest.param("||~~" * 50_000, id="pairs"),
    ],
)
def test_hostile_text_costs_no_more_than_its_length(content: str) -> None:
    """No input makes the parser look at the same text again and again."""
    began = time.perf_counter()
    parse(content)
    assert time.perf_counter() - began < 20


def test_split_opens_fences_again() -> None:
    """A block of code that is cut is closed and opened again with its language."""
    rich = styled("\n".join(f"line {n}" for n in range(9)), Pre("py"))
    parts = split(rich, 50)
    assert len(parts) > 1
    assert all(part.startswith("```py\nline") and part.endswith("\n```") for part in parts)


def test_split_goes_on_with_quotes_and_styles() -> None:
    """A quote and a style that are cut go on in the next content."""
    assert split(styled("one two three four", Quote(), B), 16) == [
        "> **one two**",
        "> **three four**",
    ]
    assert split(styled("one two three four", B), 12, 9) == [
        "**one**",
        "**two**",
        "**three**",
        "**four**",
    ]


def test_split_of_a_long_text_is_quick() -> None:
    """100,000 characters are cut into contents within the limit in little time."""
    began = time.perf_counter()
    parts = split(plain("Some *words* of a_long_text. " * 3_500))
    assert time.perf_counter() - began < 10
    assert all(1_000 < len(part) <= 2_000 for part in parts[:-1])
