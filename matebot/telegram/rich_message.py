"""The plain form of a rich message (Bot API 10.1): words in lines, media as attachments. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from aiogram import types

from matebot.core.message import Attachment, AttachmentKind

_MEDIA: Final = {
    "photo": AttachmentKind.PHOTO,
    "video": AttachmentKind.VIDEO,
    "animation": AttachmentKind.ANIMATION,
    "audio": AttachmentKind.AUDIO,
    "voice_note": AttachmentKind.VOICE,
    "map": AttachmentKind.LOCATION,
}
# Where a block keeps its words, in the order in which they are read.
_WORDS: Final = ("text", "summary", "expression", "caption", "credit")
_INLINE: Final = ("text", "alternative_text", "expression")


def plain_text(rich: types.RichMessage) -> str:
    """All that it says, one block a line."""
    return "\n".join(line for block in _blocks(rich) for line in _lines(block))


def media_of(rich: types.RichMessage) -> tuple[Attachment, ...]:
    """The media that stand in it, in order."""
    found = (kind for block in _blocks(rich) for kind in _media(block))
    return tuple(Attachment(kind) for kind in found)


def _blocks(rich: types.RichMessage) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = rich.model_dump(warnings=False)["blocks"]
    return blocks


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    for key in _WORDS:
        words = block.get(key)
        yield from _inline(words).splitlines() if words else ()
    for row in block.get("cells") or ():
        yield " | ".join(_inline(cell.get("text")) for cell in row)
    for item in block.get("items") or ():
        label = item.get("label") or "•"
        for number, line in enumerate(_lines(item)):
            yield line if number else f"{label} {line}"
    for inner in block.get("blocks") or ():
        yield from _lines(inner)


def _inline(words: Any) -> str:
    match words:
        case str():
            return words
        case list():
            return "".join(map(_inline, words))
        case dict():
            return next((_inline(words[key]) for key in _INLINE if words.get(key)), "")
        case _:
            return ""


def _media(block: Mapping[str, Any]) -> Iterator[AttachmentKind]:
    kind = _MEDIA.get(str(block.get("type")))
    if kind is not None:
        yield kind
    for inner in (*(block.get("items") or ()), *(block.get("blocks") or ())):
        yield from _media(inner)
