"""Rich messages (Bot API 10.1): their HTML read into blocks, as the server keeps them.

https://core.telegram.org/bots/api#rich-message-formatting-options; of its tags, those of texts,
headings, lists, quotes, code and details are read, the others are refused, and so is Markdown.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from matebot.sandbox.telegram import entities
from matebot.sandbox.telegram.errors import ApiError, bad
from matebot.sandbox.telegram.limits import RICH_BLOCKS, RICH_CHARACTERS, RICH_LEVELS
from matebot.sandbox.telegram.params import Params

Json = dict[str, Any]

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "mark": "marked",
    "sub": "subscript",
    "sup": "superscript",
    "tg-spoiler": "spoiler",
}
INLINE = {*SIMPLE, "a", "br", "tg-emoji", "tg-time"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = {*HEADINGS, "p", "pre", "footer", "hr", "ul", "ol", "blockquote", "details"}
INSIDE = {"li": {"ul", "ol"}, "cite": {"blockquote"}, "summary": {"details"}}
VOID = {"br", "hr"}
FOUND = {
    "mention": ("mention", "username"),
    "hashtag": ("hashtag", "hashtag"),
    "cashtag": ("cashtag", "cashtag"),
    "bot_command": ("bot_command", "bot_command"),
    "email": ("email_address", "email_address"),
    "url": ("url", "url"),
}
NAMED = {"lt", "gt", "amp", "quot", "apos", "nbsp", "hellip", "mdash", "ndash"}
NAMED |= {"lsquo", "rsquo", "ldquo", "rdquo"}
TOKEN = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>|<")
ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
REFERENCE = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|([A-Za-z]+));")


@dataclass(slots=True)
class Node:
    """A tag with what is inside of it."""

    tag: str
    given: dict[str, str] = field(default_factory=dict)
    inside: list["Node | str"] = field(default_factory=list)


def rich_fields(params: Params) -> Json:
    """``rich_message`` of a message, as kept.

    Raises:
        ApiError: 400, it is broken, empty or too large.
    """
    given = params.record("rich_message", "InputRichMessage") or {}
    used = [name for name in ("html", "markdown", "blocks") if given.get(name)]
    if used != ["html"]:
        raise bad("can't parse rich message: the stand-in reads html alone")
    blocks = _blocks(_tree(str(given["html"])), find=not given.get("skip_entity_detection"))
    if not blocks:
        raise bad("message text is empty")
    if len(plain_text(blocks)) > RICH_CHARACTERS:
        raise bad("message is too long")
    if sum(1 for _ in _walk(blocks)) > RICH_BLOCKS:
        raise bad("RICH_MESSAGE_TOO_MANY_BLOCKS")
    kept: Json = {"blocks": blocks}
    if given.get("is_rtl"):
        kept["is_rtl"] = True
    return {"rich_message": kept}


def plain_text(blocks: list[Json]) -> str:
    """All that stands in blocks, a line for each block with a text of its own."""
    texts = (_plain(block["text"]) for block in _walk(blocks) if "text" in block)
    return "\n".join(texts)


def _plain(text: Any) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(map(_plain, text))
    return _plain(text.get("text", text.get("alternative_text", "")))


def _walk(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield block
        for item in block.get("items", ()):
            yield item
            yield from _walk(item["blocks"])
        yield from _walk(block.get("blocks", []))


def _cannot(reason: str) -> ApiError:
    return bad(f"can't parse rich message: {reason}")


def _tree(text: str) -> Node:
    root = Node("")
    stack = [root]
    at = 0
    for found in TOKEN.finditer(text):
        _say(stack[-1], text[at : found.start()])
        at = found.end()
        name = (found[2] or "").lower()
        if not name:
            raise _cannot('Unsupported start tag ""')
        if found[1]:
            if stack[-1].tag != name:
                raise _cannot(f'Unmatched end tag "{name}", expected "{stack[-1].tag}"')
            stack.pop()
            continue
        node = Node(name, _attributes(found[3]))
        _check_place(stack[-1], name)
        stack[-1].inside.append(node)
        if name not in VOID and not found[4]:
            stack.append(node)
        if len(stack) - 1 > RICH_LEVELS:
            raise _cannot("Too many nested tags")
    if len(stack) > 1:
        raise _cannot(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    _say(root, text[at:])
    return root


def _attributes(text: str) -> dict[str, str]:
    return {
        found[1].lower(): _unescaped(found[2] or found[3] or found[4] or "")
        for found in ATTRIBUTE.finditer(text)
    }


def _check_place(parent: Node, name: str) -> None:
    """Blocks stand in blocks that hold blocks, items in lists, styles anywhere."""
    if name in INSIDE:
        allowed = parent.tag in INSIDE[name]
    elif name in BLOCKS:
        allowed = parent.tag in {"", "li", "blockquote", "details"}
    else:
        allowed = name in INLINE and parent.tag not in {"ul", "ol"}
    if not allowed:
        raise _cannot(f'Unsupported start tag "{name}" in "{parent.tag}"')


def _say(node: Node, text: str) -> None:
    if node.tag in {"ul", "ol"}:
        if text.strip():
            raise _cannot("Unexpected text in a list")
    elif text:
        node.inside.append(_unescaped(text))


def _unescaped(text: str) -> str:
    for found in REFERENCE.finditer(text):
        if found[1] and found[1] not in NAMED:
            raise _cannot(f"Unsupported entity {found[0]}")
    return html.unescape(text)


def _blocks(node: Node, *, find: bool) -> list[Json]:
    """The blocks in a tag; styled text outside of a paragraph makes one."""
    made: list[Json] = []
    loose = Node("p")
    for child in [*node.inside, Node("hr", {"end": ""})]:
        if isinstance(child, str) or child.tag in INLINE:
            loose.inside.append(child)
            continue
        text = _text(loose, find=find)
        if text:
            made.append({"type": "paragraph", "text": text})
        loose = Node("p")
        if "end" not in child.given and child.tag not in {"cite", "summary"}:
            made.append(_block(child, find=find))
    return made


def _block(node: Node, *, find: bool) -> Json:
    match node.tag:
        case "p" | "footer":
            kind = "paragraph" if node.tag == "p" else "footer"
            return {"type": kind, "text": _text(node, find=find)}
        case "hr":
            return {"type": "divider"}
        case "pre":
            return _pre(node)
        case "ul" | "ol":
            return {"type": "list", "items": _items(node, find=find)}
        case "blockquote":
            return {"type": "blockquote", "blocks": _blocks(node, find=find)} | _part(
                node, "cite", "credit", find=find
            )
        case "details":
            opened = {"is_open": True} if "open" in node.given else {}
            inside = {"type": "details", "blocks": _blocks(node, find=find)}
            return inside | _part(node, "summary", "summary", find=find) | opened
        case heading:
            text = _text(node, find=find)
            return {"type": "heading", "text": text, "size": HEADINGS[heading]}


def _part(node: Node, tag: str, name: str, *, find: bool) -> Json:
    parts = [child for child in node.inside if isinstance(child, Node) and child.tag == tag]
    return {name: _text(parts[0], find=find)} if parts else {}


def _pre(node: Node) -> Json:
    block: Json = {"type": "pre"}
    inner = node.inside[0] if len(node.inside) == 1 else ""
    if isinstance(inner, Node) and inner.tag == "code":
        language = inner.given.get("class", "").removeprefix("language-")
        block |= {"language": language} if language else {}
        node = inner
    if not all(isinstance(child, str) for child in node.inside):
        raise _cannot("Unsupported tag in preformatted text")
    return block | {"text": "".join(str(child) for child in node.inside).strip("\n")}


def _items(node: Node, *, find: bool) -> list[Json]:
    made: list[Json] = []
    number = int(node.given.get("start", 1))
    for child in node.inside:
        if not isinstance(child, Node):
            continue
        item: Json = {"label": "•", "blocks": _blocks(child, find=find)}
        if node.tag == "ol":
            number = int(child.given.get("value", number))
            item |= {"label": f"{number}.", "value": number, "type": "1"}
            number += 1
        made.append(item)
    return made


def _text(node: Node, *, find: bool) -> Any:
    """What stands in a tag as a ``RichText``: blanks joined, those at the ends dropped."""
    parts = _joined(list(_spoken(node, find=find)))
    while parts and isinstance(parts[0], str) and not parts[0].lstrip(" \n"):
        parts.pop(0)
    while parts and isinstance(parts[-1], str) and not parts[-1].rstrip(" \n"):
        parts.pop()
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip(" \n")
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip(" \n")
    return parts[0] if len(parts) == 1 else parts or ""


def _joined(parts: list[Any]) -> list[Any]:
    """Neighbouring strings as one."""
    made: list[Any] = []
    for part in parts:
        if isinstance(part, str) and made and isinstance(made[-1], str):
            made[-1] += part
        elif part != "":
            made.append(part)
    return made


def _spoken(node: Node, *, find: bool) -> Iterator[Any]:
    for child in node.inside:
        if isinstance(child, str):
            words = re.sub(r"[ \t\r\n]+", " ", child)
            yield from _detected(words) if find else (words,)
        elif child.tag == "br":
            yield "\n"
        else:
            yield _styled(child, find=find and child.tag not in {"a", "code"})


def _styled(node: Node, *, find: bool) -> Json:
    parts = _joined(list(_spoken(node, find=find)))
    text: Any = parts[0] if len(parts) == 1 else parts or ""
    match node.tag:
        case "a":
            return {"type": "url", "text": text, "url": entities.link_url(node.given["href"])}
        case "tg-emoji":
            emoji_id = node.given.get("emoji-id", "")
            if not emoji_id.isdecimal():
                raise _cannot("Wrong custom emoji identifier")
            return {
                "type": "custom_emoji",
                "custom_emoji_id": emoji_id,
                "alternative_text": _plain(text),
            }
        case "tg-time":
            moment = node.given.get("unix", "")
            if not moment.isdecimal() or not 0 < int(moment) < 1 << 31:
                raise bad("invalid date specified")
            form = node.given.get("format", "")
            return {
                "type": "date_time",
                "text": text,
                "unix_time": int(moment),
                "date_time_format": form,
            }
        case tag:
            return {"type": SIMPLE[tag], "text": text}


def _detected(words: str) -> Iterator[Any]:
    """A text with what the server finds in it by itself."""
    at = 0
    for entity in entities.detect(words, []):
        kind, name = FOUND[entity["type"]]
        before = entities.utf16_slice(words, 0, entity["offset"])
        covered = entities.utf16_slice(words, entity["offset"], entity["length"])
        if len(before) < at:
            continue
        yield words[at : len(before)]
        value = covered[1:] if kind in {"mention", "hashtag", "cashtag"} else covered
        yield {"type": kind, "text": covered, name: value}
        at = len(before) + len(covered)
    yield words[at:]
