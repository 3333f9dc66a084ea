"""Telegram's entities to rich text and back.

Pure. Entities count UTF-16 code units. What Telegram cannot say degrades as ``sayable`` states;
``parse(*render(rich)) == sayable(rich)`` for every rich text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from matebot.core.richtext import (
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Italic,
    Link,
    Mention,
    Pre,
    Quote,
    RichText,
    Span,
    Spoiler,
    Strike,
    Style,
    Underline,
    utf16_length,
)
from matebot.core.richtext_edit import nest
from matebot.core.split import split as split_rich
from matebot.telegram.markup_sayable import TIME_FORMATS, sayable

__all__ = ["TEXT_LIMIT", "Entity", "parse", "render", "sayable", "split"]

TEXT_LIMIT: Final = 4096

_SIMPLE: Final[dict[str, Style]] = {
    "bold": Bold(),
    "italic": Italic(),
    "underline": Underline(),
    "strikethrough": Strike(),
    "spoiler": Spoiler(),
    "code": Code(),
    "blockquote": Quote(),
    "expandable_blockquote": Quote(expandable=True),
}
_NAMES: Final = {style: name for name, style in _SIMPLE.items()}
_TIME_STYLES: Final = {text: style for style, text in TIME_FORMATS.items()}


class Entity(NamedTuple):
    """One MessageEntity of the Bot API; ``offset`` and ``length`` in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None


def parse(text: str, entities: Sequence[Entity]) -> RichText:
    """Read a text with its entities; never raises.

    Entities that only say what the text shows anyway (addresses, hashtags, commands...) stay text.
    """
    points = _code_points(text)
    last = len(points) - 1
    spans = []
    for entity in entities:
        start = points[min(max(entity.offset, 0), last)]
        end = points[min(max(entity.offset + entity.length, 0), last)]
        if start < end and (style := _style(entity, text[start:end])) is not None:
            spans.append(Span(start, end, style))
    return RichText(text, tuple(spans)).normalise()


def _code_points(text: str) -> Sequence[int]:
    """For each UTF-16 offset, the end included, the offset in code points."""
    if text.isascii():
        return range(len(text) + 1)
    points: list[int] = []
    for index, character in enumerate(text):
        points.append(index)
        if character > "\uffff":
            points.append(index)
    points.append(len(text))
    return points


def _style(entity: Entity, covered: str) -> Style | None:
    """The style an entity stands for; None where the text alone says it."""
    match entity:
        case Entity(type="pre"):
            return Pre(entity.language or "")
        case Entity(type="text_link", url=str(url)):
            return Link(url)
        case Entity(type="text_mention", user_id=int(user_id)):
            return Mention("user", str(user_id), covered)
        case Entity(type="mention"):
            return Mention("user", covered.removeprefix("@"), covered)
        case Entity(type="custom_emoji", custom_emoji_id=str(emoji_id)):
            return CustomEmoji(emoji_id, fallback=covered)
        case Entity(type="date_time", unix_time=int(unix)):
            return DateTime(unix, _TIME_STYLES.get(entity.date_time_format or "", ""))
        case _:
            return _SIMPLE.get(entity.type)


def render(rich: RichText) -> tuple[str, list[Entity]]:
    """The text and the entities to send it with: nested or apart, sorted, never refused."""
    return _emit(sayable(rich))


def _tier(style: Style) -> int:
    """Quotes hold everything; bold and its like are inside of what may not be cut."""
    if isinstance(style, Quote):
        return 0
    return 1 if isinstance(style, Pre | Link | Code | DateTime | CustomEmoji) else 2


def _emit(rich: RichText) -> tuple[str, list[Entity]]:
    offsets = _utf16_offsets(rich.text)
    entities = [
        _entity(span.style, offsets(span.start), offsets(span.end) - offsets(span.start))
        for span in nest(rich.spans, _tier)
    ]
    return rich.text, entities


def _utf16_offsets(text: str) -> Callable[[int], int]:
    """A function from offsets in code points to offsets in UTF-16 code units."""
    if text.isascii():
        return int
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    return offsets.__getitem__


def _entity(style: Style, offset: int, length: int) -> Entity:
    match style:
        case Pre(language):
            return Entity("pre", offset, length, language=language or None)
        case Link(url):
            return Entity("text_link", offset, length, url=url)
        case CustomEmoji(id=emoji_id):
            return Entity("custom_emoji", offset, length, custom_emoji_id=emoji_id)
        case DateTime(unix, time_style):
            form = TIME_FORMATS.get(time_style, "")
            return Entity("date_time", offset, length, unix_time=unix, date_time_format=form)
        case _:
            return Entity(_NAMES[style], offset, length)


def split(
    rich: RichText, limit: int = TEXT_LIMIT, first_limit: int | None = None
) -> list[tuple[str, list[Entity]]]:
    """Texts with entities of at most ``limit`` UTF-16 code units each, none of them blank.

    ``first_limit`` is for the first alone: what a caption or a heading line leaves.
    """
    pieces = split_rich(sayable(rich).strip(), limit, _units, first_limit)
    return [_emit(piece) for piece in _trimmed(pieces)]


def _units(rich: RichText) -> int:
    return utf16_length(rich.text)


def _trimmed(pieces: Iterable[RichText]) -> Iterable[RichText]:
    """The pieces without the white space at a cut, which the service would drop anyway."""
    for number, piece in enumerate(pieces):
        kept = piece.slice(0, len(piece.text.rstrip()))
        if number:
            kept = kept.slice(len(kept.text) - len(kept.text.lstrip("\n")))
        if kept:
            yield sayable(kept)
