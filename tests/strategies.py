"""Rich texts and strings for property tests, rich in what is hard."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
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

#: The same examples on every run: 2,000 of each property in CI, as many as fit into seconds else.
moderate = settings(
    max_examples=2000 if os.environ.get("CI") else 250,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

_SNIPPETS = [
    *"*_~|`\\[]()<>#-:!\n  \tabcé1",
    "**",
    "__",
    "~~",
    "||",
    "```",
    "``",
    "***",
    "a b",
    "\n\n",
    "> ",
    ">>> ",
    "# ",
    "-# ",
    "- ",
    "1. ",
    "](",
    "https://e.x/a_b*c",
    "<@1>",
    "<:ab:12>",
    "<t:0:R>",
    ":smile:",
    "¯\\_(ツ)_/¯",
    "😀",
    "👩\u200d👧",
    "e\u0301",
    "🇩🇪",
    "\u2060",
    "\ud83d",
    "\u202e",
    "\r",
    "word",
]

#: Strings made of signs and words that mean something to one side or the other.
tricky = st.lists(st.sampled_from(_SNIPPETS), max_size=14).map("".join)
#: Anything at all, halves of surrogate pairs included.
anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)
strings = st.one_of(tricky, anything)

_URLS = st.sampled_from(
    ["https://e.x/", "https://e.x/a_b__c", "http://e.x/(a)*[b", "tg://user?id=1", "x\ud83dy", ""]
)
_LANGUAGES = st.sampled_from(["", "py", "c++", "no language"])
inline_styles: st.SearchStrategy[Style] = st.sampled_from(
    [Bold(), Italic(), Underline(), Strike(), Spoiler(), Code()]
)
styles: st.SearchStrategy[Style] = st.one_of(
    inline_styles,
    inline_styles,
    _URLS.map(Link),
    _LANGUAGES.map(Pre),
    st.builds(Quote, st.booleans()),
    st.builds(Heading, st.integers(1, 6)),
    st.builds(ListItem, st.booleans(), st.integers(0, 12), st.integers(0, 3)),
    st.just(Subtext()),
    st.just(Mention("user", "1", "ann")),
    st.builds(CustomEmoji, st.sampled_from(["123", "x"]), st.booleans(), st.just(":ab:")),
    st.builds(DateTime, st.sampled_from([0, 1700000000, 10**13]), st.sampled_from(["", "R", "f"])),
)


@st.composite
def rich_texts(
    draw: st.DrawFn,
    texts: st.SearchStrategy[str] = strings,
    of: st.SearchStrategy[Style] = styles,
) -> RichText:
    """Texts with spans that nest, overlap and reach beyond the ends as they come."""
    text = draw(texts)
    size = len(text)
    offsets = st.integers(-1, size + 1)
    spans = draw(st.lists(st.builds(Span, offsets, offsets, of), max_size=6))
    return RichText(text, tuple(spans))
