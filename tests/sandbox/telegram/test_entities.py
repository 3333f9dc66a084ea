"""What the server makes of texts: cleaning, splitting, finding, and the markups."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.sandbox.telegram import entities, parse_modes
from matebot.sandbox.telegram.errors import ApiError

Json = dict[str, Any]


def _e(kind: str, offset: int, length: int, **more: str) -> Json:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("text", "given_entities", "kept", "kept_entities"),
    [
        pytest.param(" a ", [], "a", [], id="trimmed"),
        pytest.param("a\r\nb", [_e("bold", 3, 1)], "a\nb", [_e("bold", 2, 1)], id="no-returns"),
        pytest.param("  ab", [_e("bold", 3, 1)], "ab", [_e("bold", 1, 1)], id="moved"),
        pytest.param(" ab", [_e("bold", 0, 2)], " ab", [_e("bold", 0, 2)], id="blank-in-entity"),
        pytest.param("a b ", [_e("bold", 2, 2)], "a b", [_e("bold", 2, 1)], id="cut"),
        pytest.param("a  b", [_e("bold", 1, 1)], "a  b", [], id="blank-entity-dropped"),
        pytest.param(
            "abcd",
            [_e("bold", 0, 3), _e("italic", 1, 3)],
            "abcd",
            [_e("bold", 0, 3), _e("italic", 1, 2), _e("italic", 3, 1)],
            id="crossing-split",
        ),
        pytest.param("\u200b \u2800", [], "", [], id="nothing-visible"),
    ],
)
def test_cleaning(
    text: str, given_entities: list[Json], kept: str, kept_entities: list[Json]
) -> None:
    """Texts and entities are kept as Telegram keeps them."""
    assert entities.fix(text, given_entities) == (kept, kept_entities)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hi @some_one!", [("mention", "@some_one")]),
        ("/start@matebot now", [("bot_command", "/start@matebot")]),
        ("see https://a.example/x?y=1.", [("url", "https://a.example/x?y=1")]),
        ("see example.com, ok", [("url", "example.com")]),
        ("#tag and #1", [("hashtag", "#tag")]),
        ("a@b.example", [("email", "a@b.example")]),
        ("5/6 and a/b", []),
        ("😀 @some_one", [("mention", "@some_one")]),
    ],
)
def test_finding(text: str, found: list[tuple[str, str]]) -> None:
    """Mentions, commands, links and tags are found by the server itself."""
    seen = entities.detect(text, [])
    shown = [(e["type"], entities.utf16_slice(text, e["offset"], e["length"])) for e in seen]
    assert shown == found


def test_nothing_is_found_in_code() -> None:
    """Code and links keep what is inside of them to themselves."""
    code = [_e("code", 0, 9)]
    assert entities.detect("@some_one", code) == code


@pytest.mark.parametrize(
    ("mode", "source", "text", "found"),
    [
        ("HTML", "a <b>b &lt; c</b>", "a b < c", [_e("bold", 2, 5)]),
        ("HTML", '<a href="https://x.example/">x</a>', "x", [
            _e("text_link", 0, 1, url="https://x.example/")
        ]),
        ("HTML", '<pre><code class="language-py">x</code></pre>', "x", [
            _e("pre", 0, 1, language="py")
        ]),
        ("HTML", "<blockquote expandable>q</blockquote>", "q", [
            _e("expandable_blockquote", 0, 1)
        ]),
        ("MarkdownV2", r"*b* _i_ __u__ ~s~ \.", "b i u s .", [
            _e("bold", 0, 1), _e("italic", 2, 1), _e("underline", 4, 1), _e("strikethrough", 6, 1)
        ]),
        ("MarkdownV2", "```py\nx\n```", "x\n", [_e("pre", 0, 2, language="py")]),
        ("MarkdownV2", "`a`", "a", [_e("code", 0, 1)]),
        ("MarkdownV2", "||s|| [t](http://x.example/)", "s t", [
            _e("spoiler", 0, 1), _e("text_link", 2, 1, url="http://x.example/")
        ]),
        ("MarkdownV2", ">q\n>r\ns", "q\nr\ns", [_e("blockquote", 0, 3)]),
        ("Markdown", "*b* `c`", "b c", [_e("bold", 0, 1), _e("code", 2, 1)]),
    ],
)  # fmt: skip
def test_markup(mode: str, source: str, text: str, found: list[Json]) -> None:
    """The parse modes give plain text and entities."""
    assert parse_modes.parse(source, mode) == (text, found)


@pytest.mark.parametrize(
    ("mode", "source", "why"),
    [
        ("HTML", "<x>a</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("HTML", "<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>"'),
        ("HTML", "a</b>", "Unexpected end tag at byte offset 1"),
        ("MarkdownV2", "*a", "Can't find end of Bold entity at byte offset 0"),
        ("MarkdownV2", "`a", "Can't find end of Code entity at byte offset 0"),
        ("MarkdownV2", "a!", "Character '!' is reserved"),
        ("Markdown", "*a", "Can't find end of the entity starting at byte offset 0"),
    ],
)
def test_broken_markup(mode: str, source: str, why: str) -> None:
    """Broken markup is refused with its place."""
    with pytest.raises(ApiError) as caught:
        parse_modes.parse(source, mode)
    assert why in caught.value.description


@given(
    st.text(st.sampled_from("ab \n😀\r\u200b@/#"), max_size=30),
    st.lists(st.tuples(st.sampled_from(["bold", "code"]), st.integers(0, 30), st.integers(0, 30))),
)
def test_kept_entities_always_fit(text: str, raw: list[tuple[str, int, int]]) -> None:
    """Whatever is given: refused with a reason, or kept inside the text and properly nested."""
    try:
        kept, found = entities.fix(text, [_e(*one) for one in raw])
    except ApiError:
        return
    for entity in entities.detect(kept, found):
        end = entity["offset"] + entity["length"]
        assert 0 <= entity["offset"] < end <= entities.utf16_length(kept)
        assert "\ufffd" not in entities.utf16_slice(kept, entity["offset"], entity["length"])
    again = entities.fix(kept, found)
    assert again == (kept, found)


@given(st.text(st.sampled_from("ab*_`[]()~|>!\\<>/=& \n\""), max_size=40), st.sampled_from(
    ["HTML", "MarkdownV2", "Markdown"]
))  # fmt: skip
def test_markup_never_crashes(source: str, mode: str) -> None:
    """Any text either parses into entities inside of it, or is refused with 400."""
    try:
        text, found = parse_modes.parse(source, mode)
    except ApiError:
        return
    for entity in found:
        assert 0 <= entity["offset"] <= entity["offset"] + entity["length"]
        assert entity["offset"] + entity["length"] <= entities.utf16_length(text)
