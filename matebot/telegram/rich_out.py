"""Rich text as a native rich message of Telegram's (Bot API 10.1), in its HTML. Pure.

HTML rather than the input blocks: those came with 10.2, and in HTML three characters are escaped
and nothing that a person typed can be taken for markup. Blocks are laid on whole lines:

- a heading, a list item, small print (a footer) and code are blocks of their own;
- other lines stand in paragraphs, which blank lines part;
- ordinary spaces would be joined: all but the first of several are sent as unbreakable ones.

https://core.telegram.org/bots/api#rich-message-formatting-options (2026-11-24).
"""

import html as escaping
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from matebot.core.richtext import (
    BLOCKS,
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Heading,
    Italic,
    Link,
    ListItem,
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
from matebot.core.richtext_edit import line_ranges, meeting, nest, on_whole_lines, pieces
from matebot.telegram.markup_sayable import TIME_FORMATS, sayable

MOST_CHARACTERS: Final = 32_768
MOST_BLOCKS: Final = 500
#: Of 16 levels of blocks and styles; a list in a list takes two, all styles together seven.
DEEPEST_LIST: Final = 3

_TAGS: Final[dict[type[Style], str]] = {
    Bold: "b",
    Italic: "i",
    Underline: "u",
    Strike: "s",
    Spoiler: "tg-spoiler",
    Code: "code",
}
_SPACES: Final = re.compile(r"^ |(?<= ) ")
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f]")
_LANGUAGE: Final = re.compile(r"[\w+#.-]{1,40}")


class _Line(NamedTuple):
    """A line with what it is a part of; ``text`` has no blocks."""

    text: RichText
    quote: Span | None
    block: Span | None


def is_worth_it(text: RichText) -> bool:
    """Whether a text has what only a rich message can show."""
    return any(isinstance(span.style, Heading | ListItem) for span in text.spans)


def html(rich: RichText) -> str:
    """The text as a rich message; empty where it is none that Telegram would take."""
    laid = on_whole_lines(rich.normalise())
    lines = _lines(laid)
    items = [line.block.style for line in lines if line.block is not None]
    deepest = max((item.depth for item in items if isinstance(item, ListItem)), default=0)
    # An item is a block and holds one; quotes and paragraphs are at most as many as lines.
    too_much = 2 * len(lines) > MOST_BLOCKS or len(laid.text) > MOST_CHARACTERS
    if too_much or deepest > DEEPEST_LIST:
        return ""
    return "".join(_quotes(lines))


def _lines(laid: RichText) -> list[_Line]:
    ranges = line_ranges(laid.text)
    blocks = [span for span in laid.spans if isinstance(span.style, BLOCKS)]
    quotes = [span for span in blocks if isinstance(span.style, Quote)]
    others = [span for span in blocks if not isinstance(span.style, Quote)]
    inline = RichText(laid.text, tuple(s for s in laid.spans if not isinstance(s.style, BLOCKS)))
    return [
        _Line(text, _at(quotes, start, end), _at(others, start, end))
        for text, (start, end) in zip(pieces(inline, ranges), ranges, strict=True)
    ]


def _at(blocks: Sequence[Span], start: int, end: int) -> Span | None:
    """The block that a line is in; an empty line in its middle is a part of it, too."""
    found = meeting(blocks, start, max(end, start + 1))
    return found[0] if found else None


def _quotes(lines: Iterable[_Line]) -> Iterator[str]:
    for quote, inside in groupby(lines, key=lambda line: line.quote):
        blocks = "".join(_blocks(list(inside)))
        yield f"<blockquote>{blocks}</blockquote>" if quote is not None else blocks


def _blocks(lines: Sequence[_Line]) -> Iterator[str]:
    for kind, group in groupby(lines, key=_kind):
        inside = list(group)
        match kind:
            case ListItem():
                yield from _lists(inside)
            case Span(style=Pre(language)):
                yield _pre("\n".join(line.text.text for line in inside), language)
            case Heading(level):
                yield from (f"<h{level}>{_inline(line.text)}</h{level}>" for line in inside)
            case Subtext():
                yield from (f"<footer>{_inline(line.text)}</footer>" for line in inside)
            case _:
                yield from _paragraphs(inside)


def _kind(line: _Line) -> object:
    """What neighbouring lines have in common that are one block, or one run of like blocks."""
    if line.block is None:
        return None
    match line.block.style:
        case ListItem():
            return ListItem()
        case Pre():
            return line.block
        case style:
            return style


def _paragraphs(lines: Iterable[_Line]) -> Iterator[str]:
    for seen, group in groupby(lines, key=lambda line: bool(line.text.text.strip())):
        if seen:
            yield f"<p>{'<br>'.join(_inline(line.text) for line in group)}</p>"


def _lists(lines: Sequence[_Line]) -> Iterator[str]:
    """The lists that items make.

    An item of another kind begins another list, a deeper one a list inside of the item before it.
    """
    opened: list[ListItem] = []
    for line in lines:
        item = line.block.style if line.block is not None else None
        if not isinstance(item, ListItem):
            continue
        while opened and opened[-1].depth > item.depth:
            yield f"</li></{_tag(opened.pop())}>"
        if opened and opened[-1].depth == item.depth:
            yield "</li>"
            if opened[-1].ordered is not item.ordered:
                yield f"</{_tag(opened.pop())}>"
        if not opened or opened[-1].depth < item.depth:
            yield f"<{_tag(item)}>"
            opened.append(item)
        number = f' value="{item.number}"' if item.ordered else ""
        yield f"<li{number}>{_inline(line.text)}"
    yield from (f"</li></{_tag(item)}>" for item in reversed(opened))


def _tag(item: ListItem) -> str:
    return "ol" if item.ordered else "ul"


def _pre(text: str, language: str) -> str:
    words = _escaped(text)
    if _LANGUAGE.fullmatch(language):
        return f'<pre><code class="language-{language}">{words}</code></pre>'
    return f"<pre>{words}</pre>"


def _inline(line: RichText) -> str:
    """A line's styles as tags, each inside the one before it."""
    said = sayable(line)
    text = _SPACES.sub("\u00a0", said.text)
    written: list[str] = []
    opened: list[Span] = []
    position = 0
    for span in nest(said.spans, lambda style: 1 if isinstance(style, Code | Link) else 2):
        while opened and opened[-1].end <= span.start:
            written += _escaped(text[position : opened[-1].end]), _closing(opened[-1].style)
            position = opened.pop().end
        written += _escaped(text[position : span.start]), _opening(span.style)
        position = span.start
        opened.append(span)
    for span in reversed(opened):
        written += _escaped(text[position : span.end]), _closing(span.style)
        position = span.end
    return "".join((*written, _escaped(text[position:])))


def _escaped(text: str) -> str:
    return escaping.escape(_UNSEEN.sub(" ", text), quote=False)


def _opening(style: Style) -> str:
    match style:
        case Link(url):
            return f'<a href="{escaping.escape(url)}">'
        case CustomEmoji(id=emoji_id):
            return f'<tg-emoji emoji-id="{emoji_id}">'
        case DateTime(unix, time_style):
            return f'<tg-time unix="{unix}" format="{TIME_FORMATS.get(time_style, "")}">'
        case _:
            return f"<{_TAGS[type(style)]}>"


def _closing(style: Style) -> str:
    match style:
        case Link():
            return "</a>"
        case CustomEmoji():
            return "</tg-emoji>"
        case DateTime():
            return "</tg-time>"
        case _:
            return f"</{_TAGS[type(style)]}>"
