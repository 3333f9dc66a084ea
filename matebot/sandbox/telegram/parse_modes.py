"""``parse_mode``: HTML, MarkdownV2 and the old Markdown, with the real server's complaints.

https://core.telegram.org/bots/api#formatting-options
"""

import html
import re
from dataclasses import dataclass, field

from matebot.sandbox.telegram.entities import Entity, link_url, utf16_length
from matebot.sandbox.telegram.errors import ApiError, bad

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "span": "spoiler",
}
ESCAPED = "_*[]()~`>#+-=|{}.!"
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
NAMES = {"bold": "Bold", "italic": "Italic", "underline": "Underline", "spoiler": "Spoiler"}
TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
CODE_BODIES = {
    "code": re.compile(r"((?:\\.|[^\\`])*)`", re.DOTALL),
    "pre": re.compile(r"((?:\\.|[^\\])*?)```", re.DOTALL),
}
ATTRIBUTE = re.compile(r"([\w-]+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")


@dataclass(slots=True)
class _Open:
    """A style that was begun: its mark or tag, and where its text starts (UTF-16 units)."""

    mark: str
    kind: str
    start: int
    byte: int
    data: dict[str, str] = field(default_factory=dict)


def parse(text: str, mode: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of a marked-up text.

    Raises:
        ApiError: 400, the mode is unknown or the markup is broken.
    """
    match mode.lower():
        case "" | "none":
            return text, []
        case "html":
            return _html(text)
        case "markdownv2":
            return _Markdown(text).parse()
        case "markdown":
            return _old_markdown(text)
    raise bad("unsupported parse_mode")


def _cannot(reason: str) -> ApiError:
    return bad(f"can't parse entities: {reason}")


def _bytes(text: str) -> int:
    return len(text.encode())


def _html(text: str) -> tuple[str, list[Entity]]:
    plain, entities = "", list[Entity]()
    stack: list[_Open] = []
    at = 0
    while at < len(text):
        if text[at] != "<":
            end = text.find("<", at)
            end = len(text) if end < 0 else end
            plain += html.unescape(text[at:end])
            at = end
            continue
        found = TAG.match(text, at)
        where = _bytes(text[:at])
        if found is None:
            raise _cannot(f'Unsupported start tag "" at byte offset {where}')
        name = found[2].lower()
        if found[1]:
            entities += _close(stack, name, utf16_length(plain), where)
        else:
            stack.append(_start(name, found[3], utf16_length(plain), where))
        at = found.end()
    if stack:
        raise _cannot(f'Can\'t find end tag corresponding to start tag "{stack[-1].mark}"')
    return plain, entities


def _start(name: str, attributes: str, start: int, where: int) -> _Open:
    given = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in ATTRIBUTE.finditer(attributes)}
    if name not in TAGS or (name == "span" and given.get("class") != "tg-spoiler"):
        raise _cannot(f'Unsupported start tag "{name}" at byte offset {where}')
    kind, data = TAGS[name], dict[str, str]()
    if name == "a":
        data["url"] = html.unescape(given.get("href", ""))
    elif name == "tg-emoji":
        data["custom_emoji_id"] = given.get("emoji-id", "")
    elif name == "code" and given.get("class", "").startswith("language-"):
        data["language"] = given["class"][len("language-") :]
    elif name == "blockquote" and "expandable" in given:
        kind = "expandable_blockquote"
    return _Open(name, kind, start, where, data)


def _close(stack: list[_Open], name: str, end: int, where: int) -> list[Entity]:
    if not stack:
        raise _cannot(f"Unexpected end tag at byte offset {where}")
    last = stack.pop()
    if last.mark != name:
        raise _cannot(
            f'Unmatched end tag at byte offset {where}, expected "</{last.mark}>",'
            f' found "</{name}>"'
        )
    if last.kind == "code" and stack and stack[-1].kind == "pre":
        stack[-1].data |= last.data
        return []
    return _entity(last, end)


def _entity(opened: _Open, end: int) -> list[Entity]:
    """The entity of a style that ends here; none where it covers nothing or links nowhere."""
    if end <= opened.start:
        return []
    entity: Entity = {"type": opened.kind, "offset": opened.start, "length": end - opened.start}
    if opened.kind != "text_link":
        data = opened.data if opened.kind != "code" else {}
        return [entity | data]
    url = opened.data.get("url", "")
    mention = re.fullmatch(r"tg://user\?id=(\d+)", url)
    if mention:
        user = {"id": int(mention[1]), "is_bot": False, "first_name": ""}
        return [entity | {"type": "text_mention", "user": user}]
    try:
        return [entity | {"url": link_url(url)}]
    except ApiError:
        return []  # the real parser leaves a broken link as plain text


class _Markdown:
    """MarkdownV2, one character after the other."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.at = 0
        self.plain = ""
        self.entities: list[Entity] = []
        self.stack: list[_Open] = []

    def parse(self) -> tuple[str, list[Entity]]:
        """Plain text and entities.

        Raises:
            ApiError: 400, the markup is broken.
        """
        while self.at < len(self.source):
            self._step()
        self._end_quote()
        if self.stack:
            last = self.stack[-1]
            name = NAMES.get(last.kind, last.kind.capitalize())
            raise _cannot(f"Can't find end of {name} entity at byte offset {last.byte}")
        return self.plain, self.entities

    def _step(self) -> None:
        char = self.source[self.at]
        if char == "\\" and self.at + 1 < len(self.source) and self._escapable():
            self.plain += self.source[self.at + 1]
            self.at += 2
        elif char == "`":
            self._code()
        elif char == ">" and (not self.plain or self.plain.endswith("\n")):
            self._quote()
        elif char in "[]!":
            self._link(char)
        elif mark := self._mark():
            self._toggle(mark)
        elif char in ESCAPED:
            raise _cannot(
                f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            self._plain(char)

    def _escapable(self) -> bool:
        return 0 < ord(self.source[self.at + 1]) < 127

    def _plain(self, char: str) -> None:
        if char == "\n" and not self.source.startswith(">", self.at + 1):
            self._end_quote()
        self.plain += char
        self.at += 1

    def _end_quote(self) -> None:
        """A quotation ends with the last line that begins with its mark."""
        if self.stack and self.stack[-1].mark == ">":
            self.entities += _entity(self.stack.pop(), utf16_length(self.plain))

    def _quote(self) -> None:
        if all(opened.mark != ">" for opened in self.stack):
            self._begin(">", "blockquote", 1)
        else:
            self.at += 1

    def _begin(self, mark: str, kind: str, width: int) -> None:
        where = _bytes(self.source[: self.at])
        self.stack.append(_Open(mark, kind, utf16_length(self.plain), where))
        self.at += width

    def _mark(self) -> str | None:
        for mark in ("__", "||", "*", "_", "~"):
            if self.source.startswith(mark, self.at):
                return mark
        return None

    def _toggle(self, mark: str) -> None:
        if self.stack and self.stack[-1].mark == mark:
            self.entities += _entity(self.stack.pop(), utf16_length(self.plain))
            self.at += len(mark)
        else:
            self._begin(mark, MARKS[mark], len(mark))

    def _code(self) -> None:
        fence = "```" if self.source.startswith("```", self.at) else "`"
        kind = "pre" if fence == "```" else "code"
        where = _bytes(self.source[: self.at])
        found = CODE_BODIES[kind].match(self.source, self.at + len(fence))
        if found is None:
            name = "PreCode" if kind == "pre" else "Code"
            raise _cannot(f"Can't find end of {name} entity at byte offset {where}")
        inside, data = found[1], dict[str, str]()
        if kind == "pre" and (language := re.match(r"([^\s`]+)\n", inside)):
            data["language"] = language[1]
            inside = inside[language.end() :]
        opened = _Open(fence, kind, utf16_length(self.plain), where, data)
        self.plain += re.sub(r"\\(.)", r"\1", inside, flags=re.DOTALL).removeprefix("\n")
        self.entities += _entity(opened, utf16_length(self.plain))
        self.at = found.end()

    def _link(self, char: str) -> None:
        if char == "!" and not self.source.startswith("![", self.at):
            raise _cannot("Character '!' is reserved and must be escaped with the preceding '\\'")
        if char != "]":
            kind = "custom_emoji" if char == "!" else "text_link"
            self._begin("[", kind, 2 if char == "!" else 1)
            return
        if not self.stack or self.stack[-1].mark != "[":
            raise _cannot("Character ']' is reserved and must be escaped with the preceding '\\'")
        opened = self.stack.pop()
        found = re.compile(r"\]\(((?:\\.|[^\\)])*)\)").match(self.source, self.at)
        if found is None:
            raise _cannot(
                f"Can't find end of a URL at byte offset {_bytes(self.source[: self.at])}"
            )
        url = re.sub(r"\\(.)", r"\1", found[1])
        if opened.kind == "custom_emoji":
            opened.data["custom_emoji_id"] = url.rpartition("id=")[2]
        else:
            opened.data["url"] = url
        self.entities += _entity(opened, utf16_length(self.plain))
        self.at = found.end()


def _old_markdown(text: str) -> tuple[str, list[Entity]]:
    """The first Markdown mode: four marks, no nesting, a backslash before each that is meant."""
    plain, entities, at = "", list[Entity](), 0
    bodies = (
        ("pre", re.compile(r"```(?:([^\s`]+)\n)?(.*?)```", re.DOTALL)),
        ("code", re.compile(r"`()([^`]*)`")),
        ("bold", re.compile(r"\*()([^*]*)\*")),
        ("italic", re.compile(r"_()([^_]*)_")),
        ("text_link", re.compile(r"\[()([^\]]*)\]\(([^)]*)\)")),
    )
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in tuple("_*`["):
            plain, at = plain + text[at + 1], at + 2
            continue
        if text[at] not in "`*_[":
            plain, at = plain + text[at], at + 1
            continue
        hit = next(((kind, m) for kind, body in bodies if (m := body.match(text, at))), None)
        if hit is None and text[at] == "[":
            plain, at = plain + "[", at + 1
            continue
        if hit is None:
            where = _bytes(text[:at])
            raise _cannot(f"Can't find end of the entity starting at byte offset {where}")
        kind, found = hit
        opened = _Open("", kind, utf16_length(plain), at)
        if kind == "text_link":
            opened.data["url"] = found[3]
        elif found[1]:
            opened.data["language"] = found[1]
        plain, at = plain + found[2], found.end()
        entities += _entity(opened, utf16_length(plain))
    return plain, entities
