"""Rich text between the platforms: a string with spans of style, neither side's markup.

Pure. Offsets count code points, ``start`` included and ``end`` excluded. Spans may overlap and nest
as they come; ``RichText.normalise`` brings them into one canonical order.

Block styles (``Quote``, ``Heading``, ``ListItem``, ``Subtext``, ``Pre``) cover the text of whole
lines, without the line break that ends them. A list item's bullet or number is no part of the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from matebot.core.graphemes import breaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class Bold(Struct, frozen=True, tag="bold"):
    """Strong emphasis."""


class Italic(Struct, frozen=True, tag="italic"):
    """Emphasis."""


class Underline(Struct, frozen=True, tag="underline"):
    """A line beneath."""


class Strike(Struct, frozen=True, tag="strike"):
    """Struck through."""


class Spoiler(Struct, frozen=True, tag="spoiler"):
    """Hidden until touched."""


class Code(Struct, frozen=True, tag="code"):
    """Monospaced inside a line."""


class Pre(Struct, frozen=True, tag="pre"):
    """A block of code; ``language`` is empty where none was named."""

    language: str = ""


class Link(Struct, frozen=True, tag="link"):
    """Text that leads to ``url``. A bare address in the text needs no span."""

    url: str


class Mention(Struct, frozen=True, tag="mention"):
    """A person, role or channel: ``id`` as the platform it comes from writes it."""

    kind: Literal["user", "role", "channel"]
    id: str
    name: str


class CustomEmoji(Struct, frozen=True, tag="emoji"):
    """A picture of the platform's own; ``fallback`` is what is read where it cannot be shown."""

    id: str
    animated: bool = False
    fallback: str = ""


class DateTime(Struct, frozen=True, tag="time"):
    """A moment, shown in the reader's own time zone.

    ``unix`` in seconds. ``style`` is Discord's letter (``t T d D f F s S R``); empty where the text
    shall be shown as it stands.
    """

    unix: int
    style: str = ""


class Quote(Struct, frozen=True, tag="quote"):
    """Quoted lines; ``expandable`` ones are shown folded where the platform can."""

    expandable: bool = False


class Heading(Struct, frozen=True, tag="heading"):
    """A heading; ``level`` 1 is the largest, 6 the smallest."""

    level: int = 1


class ListItem(Struct, frozen=True, tag="item"):
    """An item of a list; ``depth`` 0 is the outermost, ``number`` counts where ``ordered``."""

    ordered: bool = False
    number: int = 1
    depth: int = 0


class Subtext(Struct, frozen=True, tag="subtext"):
    """Small print, one line."""


Style = (
    Bold
    | Italic
    | Underline
    | Strike
    | Spoiler
    | Code
    | Pre
    | Link
    | Mention
    | CustomEmoji
    | DateTime
    | Quote
    | Heading
    | ListItem
    | Subtext
)

#: The canonical order of spans that cover the same text, outermost first.
_ORDER: Final[tuple[type[Style], ...]] = (
    Quote,
    ListItem,
    Heading,
    Subtext,
    Spoiler,
    Pre,
    Link,
    Bold,
    Italic,
    Underline,
    Strike,
    Mention,
    DateTime,
    CustomEmoji,
    Code,
)
_RANK: Final[dict[type[Style], int]] = {kind: rank for rank, kind in enumerate(_ORDER)}
#: Styles of which two that touch or overlap are one.
_MERGING: Final = (Bold, Italic, Underline, Strike, Spoiler, Code, Link)
#: Styles that stand for one thing and are never cut in two.
ATOMS: Final = (Mention, CustomEmoji, DateTime)
#: Styles of whole lines.
BLOCKS: Final = (Quote, ListItem, Heading, Subtext, Pre)


class Span(Struct, frozen=True):
    """A style over ``text[start:end]``, in code points."""

    start: int
    end: int
    style: Style


class Segment(Struct, frozen=True):
    """A stretch of text over which the styles do not change, outermost style first."""

    start: int
    end: int
    styles: tuple[Style, ...]


class RichText(Struct, frozen=True):
    """A text and its spans; immutable and serialisable in one step."""

    text: str = ""
    spans: tuple[Span, ...] = ()

    @classmethod
    def plain(cls, text: str) -> RichText:
        """Text without any style."""
        return cls(text)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __len__(self) -> int:
        return len(self.text)

    def __add__(self, other: RichText | str) -> RichText:
        return concat(self, other)

    def slice(self, start: int, end: int | None = None) -> RichText:
        """The part from ``start`` to ``end`` (code points, clipped), its spans cut to it."""
        size = len(self.text)
        low = min(max(start, 0), size)
        high = size if end is None else min(max(end, low), size)
        spans = tuple(
            Span(max(span.start, low) - low, min(span.end, high) - low, span.style)
            for span in self.spans
            if span.start < high and span.end > low
        )
        return RichText(self.text[low:high], spans)

    def strip(self, characters: str | None = None) -> RichText:
        """Without white space (or the given characters) at both ends."""
        start = len(self.text) - len(self.text.lstrip(characters))
        return self.slice(start, max(start, len(self.text.rstrip(characters))))

    def styled(self, *styles: Style) -> RichText:
        """The same text with ``styles`` over all of it."""
        if not self.text:
            return self
        more = tuple(Span(0, len(self.text), style) for style in styles)
        return RichText(self.text, more + self.spans)

    def normalise(self) -> RichText:
        """The canonical form of the same rich text; equal meaning gives equal values.

        Spans are clipped to the text and sorted, empty and repeated ones dropped, touching ones of
        one style joined; halves of surrogate pairs become U+FFFD.
        """
        if not self.spans and not _SURROGATES.search(self.text):
            return self  # most of what people say
        text = _SURROGATES.sub("\ufffd", self.text)
        return RichText(text, tuple(_canonical(self.spans, len(text))))

    def segments(self) -> Iterator[Segment]:
        """The text cut wherever a span starts or ends; nothing for an empty text."""
        edges: dict[int, tuple[list[int], list[int]]] = {0: ([], []), len(self.text): ([], [])}
        for index, span in enumerate(self.spans):
            edges.setdefault(span.start, ([], []))[0].append(index)
            edges.setdefault(span.end, ([], []))[1].append(index)
        active: dict[int, None] = {}
        previous = 0
        for position in sorted(edges):
            if position > previous:
                yield Segment(previous, position, self._styles_of(active))
                previous = position
            opened, closed = edges[position]
            active.update(dict.fromkeys(opened))
            for index in closed:
                active.pop(index, None)

    def _styles_of(self, indexes: Iterable[int]) -> tuple[Style, ...]:
        return tuple(self.spans[index].style for index in sorted(indexes))


def _canonical(spans: Iterable[Span], size: int) -> list[Span]:
    """Clip, join and sort spans for a text of ``size`` code points."""
    loose: set[Span] = set()
    groups: dict[Style, list[tuple[int, int]]] = {}
    for span in spans:
        start, end = max(0, span.start), min(size, span.end)
        if start >= end:
            continue
        style = _clean(span.style)
        if isinstance(style, _MERGING):
            groups.setdefault(style, []).append((start, end))
        else:
            loose.add(Span(start, end, style))
    for style, ranges in groups.items():
        loose.update(Span(start, end, style) for start, end in joined(ranges))
    return sorted(loose, key=_order)


def _clean(style: Style) -> Style:
    """A style without halves of surrogate pairs in its words."""
    match style:
        case Link(url) if _SURROGATES.search(url):
            return Link(_SURROGATES.sub("\ufffd", url))
        case Pre(language) if _SURROGATES.search(language):
            return Pre(_SURROGATES.sub("\ufffd", language))
        case Mention(kind, native, name) if _SURROGATES.search(name):
            return Mention(kind, native, _SURROGATES.sub("\ufffd", name))
        case CustomEmoji(native, animated, fallback) if _SURROGATES.search(fallback):
            return CustomEmoji(native, animated, _SURROGATES.sub("\ufffd", fallback))
        case _:
            return style


def _order(span: Span) -> tuple[int, int, int, str]:
    return span.start, -span.end, _RANK[type(span.style)], repr(span.style)


def joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in order, those that touch or overlap made one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def rank(style: Style) -> int:
    """Where a style stands among those that cover the same text; 0 is outermost."""
    return _RANK[type(style)]


def plain(text: str) -> RichText:
    """Text without any style."""
    return RichText(text)


def styled(text: RichText | str, *styles: Style) -> RichText:
    """Text with ``styles`` over all of it."""
    return (RichText(text) if isinstance(text, str) else text).styled(*styles)


def concat(*parts: RichText | str) -> RichText:
    """The parts one after another."""
    texts: list[str] = []
    spans: list[Span] = []
    offset = 0
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            offset += len(part)
            continue
        texts.append(part.text)
        spans.extend(Span(s.start + offset, s.end + offset, s.style) for s in part.spans)
        offset += len(part.text)
    return RichText("".join(texts), tuple(spans))


def utf16_length(text: str) -> int:
    """How many UTF-16 code units ``text`` takes: what Telegram counts."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def first_words(rich: RichText, limit: int) -> str:
    """The beginning as one line of at most ``limit`` code points, an ellipsis included if cut.

    Never ends inside a grapheme, at a word where one ends in the second half; what a spoiler hides
    stays hidden.
    """
    text = "".join(_excerpts(rich, 4 * limit + 64))
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    if limit < 1:
        return ""
    cut = breaks(line[:limit]).rfind(1, 0, limit)
    space = line.rfind(" ", cut // 2, cut + 1)
    return line[: space if space > 0 else cut].rstrip() + "…"


def _excerpts(rich: RichText, enough: int) -> Iterator[str]:
    """Pieces of plain text until ``enough`` code points, spoilers blackened."""
    for segment in rich.slice(0, enough).segments():
        piece = rich.text[segment.start : segment.end]
        if any(isinstance(style, Spoiler) for style in segment.styles):
            piece = "".join(c if c.isspace() else "█" for c in piece)
        yield piece
