"""What Telegram's server does to a text and its entities before it keeps them.

Offsets and lengths are UTF-16 code units. The rules and texts are TDLib's (MessageEntity.cpp).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from matebot.sandbox.telegram.errors import bad
from matebot.sandbox.telegram.limits import ENTITIES

Entity = dict[str, Any]

# Found by the server itself; what a bot says about them is ignored.
AUTOMATIC = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
}
STYLES = {
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
}
WITH_DATA = {"text_link", "text_mention", "custom_emoji", "date_time"}
OPAQUE = {"code", "pre", "text_link", "text_mention", "custom_emoji"}  # nothing is found inside
BLANK = " \t\n\r\x0b\x0c\xa0\u2000\u200b\u200c\u200d\u200e\u200f\u2800\u3000\ufeff"
DROPPED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")

FINDERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("url", re.compile(r"(?<![\w@])(?:https?|ftp|tg|ton|tonsite)://[^\s<>\"]+[^\s<>\".,;:!?')\]]")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")),
    (
        "url",
        re.compile(
            r"(?<![\w@./-])(?:[A-Za-z0-9-]+\.)+(?:com|org|net|dev|io|ru|me|info|app|de|uk|eu|example)"
            r"(?![\w.-]*\w)(?:[/?#][^\s<>\"]*[^\s<>\".,;:!?')\]])?"
        ),
    ),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w)")),
    (
        "bot_command",
        re.compile(r"(?<![\w/@<>#])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z][A-Za-z0-9_]{2,31})?(?![\w/])"),
    ),
    ("hashtag", re.compile(r"(?<![\w#@/])#(?=\w*[^\W\d_])\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
)


def utf16_length(text: str) -> int:
    """UTF-16 code units in a text."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    raw = text.encode("utf-16-le")
    return raw[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def read(raw: Iterable[Any]) -> list[Entity]:
    """The entities that a bot gave, without those that the server finds by itself.

    Raises:
        ApiError: 400, as the real server words it.
    """
    return [found for item in raw if (found := _one(item)) is not None]


def _one(item: Any) -> Entity | None:
    if not isinstance(item, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    for field in ("offset", "length"):
        value = item.get(field)
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad(f'can\'t parse MessageEntity: Field "{field}" must be of type Number')
    kind = item.get("type")
    if kind in AUTOMATIC:
        return None
    kept = {"type": kind, "offset": item["offset"], "length": item["length"]}
    if kind in STYLES:
        if kind == "pre" and item.get("language"):
            kept["language"] = str(item["language"])
        return kept
    if kind in WITH_DATA:
        return kept | _data(str(kind), item)
    raise bad("can't parse MessageEntity: Unsupported type specified")


def _data(kind: str, item: Entity) -> Entity:
    """What an entity carries beside its place."""
    if kind == "text_link":
        return {"url": link_url(str(item.get("url") or ""))}
    if kind == "custom_emoji":
        emoji_id = str(item.get("custom_emoji_id") or "")
        if not emoji_id.isdecimal():
            raise bad('can\'t parse MessageEntity: Field "custom_emoji_id" must be a valid Number')
        return {"custom_emoji_id": emoji_id}
    if kind == "text_mention":
        user = item.get("user")
        if not isinstance(user, dict) or not isinstance(user.get("id"), int):
            raise bad("can't parse MessageEntity: Can't find field \"user\"")
        return {"user": user}
    moment = item.get("unix_time")
    if not isinstance(moment, int) or not 0 < moment < 1 << 31:
        raise bad("invalid date specified")
    return {"unix_time": moment, "date_time_format": str(item.get("date_time_format") or "")}


def link_url(url: str) -> str:
    """A link as the server keeps it: with a scheme and a host's slash.

    Raises:
        ApiError: 400, it is no link.
    """
    address = url.strip()
    if re.match(r"(?i)(tg|ton|tonsite|mailto|tel):", address):
        return address
    whole = address if re.match(r"(?i)https?://", address) else f"http://{address}"
    host = urlsplit(whole).hostname or ""
    if not host:
        raise bad(f"entity URL '{url}' is invalid: URL host is empty")
    if re.search(r"\s", whole) or ("." not in host and ":" not in host):
        raise bad(f"entity URL '{url}' is invalid: Wrong HTTP URL")
    return whole if urlsplit(whole).path else f"{whole}/"


def fix(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Clean a text, cut its blank ends and move the entities along.

    Returns:
        Text and entities as kept; the text is empty where nothing is visible.

    Raises:
        ApiError: 400, an entity lies outside of the text or splits a character.
    """
    _check(text, entities)
    text, entities = _without(text, entities)
    if not text.strip(BLANK):
        return "", []
    tail = len(text.rstrip(" \n"))
    first = min((e["offset"] for e in entities), default=utf16_length(text))
    head = min(len(text) - len(text.lstrip(" \n")), first)
    kept, start = text[head:tail], utf16_length(text[:head])
    moved = [_cut(e, start, utf16_length(kept)) for e in entities]
    return kept, [e for e in nested(moved) if _visible(kept, e)][:ENTITIES]


def _check(text: str, entities: Sequence[Entity]) -> None:
    """Refuse offsets that no text of this shape has."""
    starts, at = set(), 0
    for char in text:
        starts.add(at)
        at += 2 if ord(char) > 0xFFFF else 1
    starts.add(at)
    for entity in entities:
        offset, length = entity["offset"], entity["length"]
        end = offset + length
        if not 0 <= offset <= 1_000_000:
            raise bad(f"receive an entity with incorrect offset {offset}")
        if not 0 <= length <= 1_000_000:
            raise bad(f"receive an entity with incorrect length {length}")
        if length == 0:
            continue
        if offset > at:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if end > at:
            raise bad(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
                f" at UTF-16 offset {end}"
            )
        if offset not in starts:
            raise bad(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}")
        if end not in starts:
            raise bad(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol"
                f" at UTF-16 offset {end}"
            )


def _without(text: str, entities: Sequence[Entity]) -> tuple[str, list[Entity]]:
    """Drop the characters that Telegram drops, blank the control characters."""
    gone = [utf16_length(text[: found.start()]) for found in DROPPED.finditer(text)]
    cleaned = CONTROL.sub(" ", DROPPED.sub("", text))

    def moved(offset: int) -> int:
        return offset - sum(1 for place in gone if place < offset)

    kept = []
    for entity in entities:
        start, end = moved(entity["offset"]), moved(entity["offset"] + entity["length"])
        kept.append({**entity, "offset": start, "length": end - start})
    return cleaned, kept


def _cut(entity: Entity, start: int, size: int) -> Entity:
    """An entity of the text that began ``start`` earlier and is now ``size`` long."""
    begin = min(max(entity["offset"] - start, 0), size)
    end = min(max(entity["offset"] + entity["length"] - start, 0), size)
    return {**entity, "offset": begin, "length": end - begin}


def _visible(text: str, entity: Entity) -> bool:
    covered = utf16_slice(text, entity["offset"], entity["length"])
    return entity["length"] > 0 and bool(covered.strip(BLANK))


def nested(entities: Iterable[Entity]) -> list[Entity]:
    """In Telegram's order, crossing ones split so that each lies inside the one before it."""
    waiting = sorted(entities, key=_order)
    done: list[Entity] = []
    while waiting:
        entity = waiting.pop(0)
        end = entity["offset"] + entity["length"]
        border = min(
            (
                outer_end
                for outer in done
                if outer["offset"]
                <= entity["offset"]
                < (outer_end := outer["offset"] + outer["length"])
                < end
            ),
            default=None,
        )
        if border is not None:
            rest = {**entity, "offset": border, "length": end - border}
            entity = {**entity, "length": border - entity["offset"]}
            waiting = sorted([*waiting, rest], key=_order)
        if entity not in done:
            done.append(entity)
    return sorted(done, key=_order)


def _order(entity: Entity) -> tuple[int, int, str]:
    return entity["offset"], -entity["length"], entity["type"]


def detect(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities of a kept text, with those that Telegram finds by itself."""
    taken = [
        (e["offset"], e["offset"] + e["length"])
        for e in entities
        if e["type"] in OPAQUE or e["type"] in AUTOMATIC
    ]
    found: list[Entity] = []
    for kind, pattern in FINDERS:
        for match in pattern.finditer(text):
            start = utf16_length(text[: match.start()])
            end = start + utf16_length(match.group())
            if all(end <= left or start >= right for left, right in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return nested([*entities, *found])
