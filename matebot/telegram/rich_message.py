"""A rich message (Bot API 10.1): its blocks as rich text in the nearest form, media apart. Pure.

A table is an aligned block of code, a formula is code, details are a heading with a quoted body;
media become attachments in order, and what is said below them stays in the text.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from aiogram import types

from matebot.core.message import Attachment, AttachmentKind
from matebot.core.richtext import (
    Bold,
    Code,
    Heading,
    Italic,
    ListItem,
    Pre,
    Quote,
    RichText,
    Subtext,
    concat,
    plain,
)
from matebot.telegram.media_in import medium, photo
from matebot.telegram.places import coordinates, map_link
from matebot.telegram.rich_inline import button, inline
from matebot.telegram.rich_table import table

_MEDIA: Final = {
    "photo": AttachmentKind.PHOTO,
    "video": AttachmentKind.VIDEO,
    "animation": AttachmentKind.ANIMATION,
    "audio": AttachmentKind.AUDIO,
    "voice_note": AttachmentKind.VOICE,
    "document": AttachmentKind.FILE,
}
_DIVIDER: Final = "─" * 12
_DETAILS_LEVEL: Final = 3
_DEEPEST_HEADING: Final = 6
_Block = Mapping[str, Any]


def text_of(rich: types.RichMessage) -> RichText:
    """All that it says: a line for each block, an empty one between paragraphs."""
    return _joined(_blocks(rich), depth=0)


def media_of(rich: types.RichMessage, link: str | None = None) -> tuple[Attachment, ...]:
    """The media that stand in it, in order; ``link`` is the address of its message."""
    return tuple(_media(_blocks(rich), link))


def _blocks(rich: types.RichMessage) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = rich.model_dump(warnings=False)["blocks"]
    return blocks


def _joined(blocks: Iterable[_Block], depth: int) -> RichText:
    parts: list[RichText | str] = []
    before = ""
    for block in blocks:
        text = _text(block, depth)
        if not text:
            continue
        kind = str(block.get("type"))
        if parts:
            parts.append("\n\n" if kind == before == "paragraph" else "\n")
        parts.append(text)
        before = kind
    return concat(*parts)


def _text(block: _Block, depth: int) -> RichText:
    """One block; empty where it says nothing."""
    match str(block.get("type")):
        case "heading":
            level = min(max(block["size"], 1), _DEEPEST_HEADING)
            return _one_line(inline(block["text"])).styled(Heading(level))
        case "pre":
            return inline(block["text"]).strip("\n").styled(Pre(block.get("language") or ""))
        case "footer":
            return _lines(inline(block["text"]), Subtext())
        case "divider":
            return plain(_DIVIDER)
        case "mathematical_expression":
            return _formula(block["expression"])
        case "list":
            return _list(block["items"], depth)
        case "table":
            return _captioned(inline(block.get("caption")), table(block["cells"]))
        case "buttons":
            return _row([button(each) for each in block["buttons"]])
        case kind:
            return _holder(kind, block, depth)


def _holder(kind: str, block: _Block, depth: int) -> RichText:
    """A block that holds others, or a medium with what is said below it."""
    match kind:
        case "blockquote":
            body = _joined(block["blocks"], depth)
            return _credited(body, block.get("credit")).styled(Quote())
        case "expandable_blockquote":
            body = inline(block["text"])
            return _credited(body, block.get("credit")).styled(Quote(expandable=True))
        case "pullquote":
            return _credited(inline(block["text"]), block.get("credit")).styled(Quote())
        case "details":
            summary = _one_line(inline(block["summary"])).styled(Heading(_DETAILS_LEVEL))
            return _below(summary, _joined(block["blocks"], depth).styled(Quote()))
        case "collage" | "slideshow":
            return _below(_joined(block["blocks"], depth), _caption(block.get("caption")))
        case "paragraph" | "thinking":
            return inline(block["text"]).strip("\n")
        case _:
            return _caption(block.get("caption"))


def _list(items: Iterable[_Block], depth: int) -> RichText:
    lines = [_item(item, number, depth) for number, item in enumerate(items, 1)]
    return concat(*(part for line in lines for part in ("\n", line))).slice(1)


def _item(item: _Block, number: int, depth: int) -> RichText:
    """An item's first line is the list's, further blocks stand below it, lists in it deeper."""
    label = str(item.get("label") or "")
    ordered = item.get("value") is not None or label[:1].isalnum()
    style = ListItem(ordered, item.get("value") or number, depth)
    blocks: list[_Block] = list(item.get("blocks") or ())
    opens = bool(blocks) and str(blocks[0].get("type")) == "paragraph"
    first = _one_line(inline(blocks[0]["text"])) if opens else RichText()
    if item.get("has_checkbox"):
        first = concat("☑ " if item.get("is_checked") else "☐ ", first)
    rest = _joined(blocks[1:] if opens else blocks, depth + 1)
    if not first and rest:
        first = plain("…")
    return _below(first.styled(style), rest)


def _formula(expression: str) -> RichText:
    text = plain(expression.strip("\n"))
    return text.styled(Pre("latex") if "\n" in text.text else Code())


def _credited(body: RichText, credit: Any) -> RichText:
    """A quoted text with who said it below."""
    name = _one_line(inline(credit))
    return _below(body.strip("\n"), concat("— ", name).styled(Italic()) if name else RichText())


def _caption(caption: Any) -> RichText:
    """What is said below a medium."""
    if not caption:
        return RichText()
    return _credited(inline(caption.get("text")), caption.get("credit"))


def _captioned(caption: RichText, body: RichText) -> RichText:
    return _below(_one_line(caption).styled(Bold()), body)


def _below(above: RichText, below: RichText) -> RichText:
    return concat(above, "\n", below) if above and below else above or below


def _row(parts: Iterable[RichText]) -> RichText:
    return concat(*(part for each in parts for part in (" ", each))).slice(1)


def _one_line(text: RichText) -> RichText:
    """The same text with blanks for line breaks: what stands in one line by its nature."""
    return RichText(text.text.replace("\n", " "), text.spans).strip()


def _lines(text: RichText, style: Subtext) -> RichText:
    """Each line in a style of one line."""
    parts: list[RichText | str] = []
    start = 0
    for line in text.text.split("\n"):
        end = start + len(line)
        parts += (
            ["\n", text.slice(start, end).styled(style)]
            if start
            else [text.slice(start, end).styled(style)]
        )
        start = end + 1
    return concat(*parts)


def _media(blocks: Iterable[_Block], link: str | None) -> Iterator[Attachment]:
    for block in blocks:
        kind = str(block.get("type"))
        if kind in _MEDIA:
            yield _medium(_MEDIA[kind], block, kind, link)
        elif kind == "map":
            place = block["location"]
            where = place["latitude"], place["longitude"]
            yield Attachment(AttachmentKind.LOCATION, coordinates(*where), link=map_link(*where))
        yield from _media(block.get("items") or (), link)
        yield from _media(block.get("blocks") or (), link)


def _medium(kind: AttachmentKind, block: _Block, field: str, link: str | None) -> Attachment:
    told = block.get(field)
    spoiler = bool(block.get("has_spoiler"))
    if isinstance(told, list):
        return photo(told, spoiler=spoiler, link=link)
    return medium(kind, told, spoiler=spoiler, link=link) if told else Attachment(kind, link=link)
