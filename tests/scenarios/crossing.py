"""What one act on one side becomes on the other: nothing said before it, nothing said after it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.scenarios.harness import Json, Scene

_numbers: Iterator[int] = count(1)
FENCE = re.compile(r"fence \d+$")


@dataclass
class Crossing:
    """Acts, and waits until a later message has crossed and nothing is on its way any more.

    What is said stays in order; an edit may wait for more of them while messages pass by.
    """

    stage: Scene

    async def to_discord(self, act: Callable[[], object]) -> list[Json]:
        """The messages that an act in Telegram makes MateBot post in the channel."""
        before = {message["id"] for message in self.in_discord()}
        act()
        await self.telegram_fence()
        new = [m for m in self.in_discord() if m["id"] not in before]
        return [m for m in new if not FENCE.search(m["content"])]

    async def to_telegram(self, act: Callable[[], object]) -> list[Json]:
        """The messages that an act in Discord makes MateBot post in the group."""
        before = {message["message_id"] for message in self.stage.in_telegram()}
        act()
        await self.discord_fence()
        new = [m for m in self.stage.in_telegram() if m["message_id"] not in before]
        return [m for m in new if not FENCE.search(m.get("text", ""))]

    def in_discord(self) -> list[Json]:
        """All that MateBot posted in the channel, through its webhook or as the bot."""
        own = self.stage.discord.bot_user["id"]
        every = self.stage.discord.messages(self.stage.channel)
        return [m for m in every if m.get("webhook_id") or m["author"]["id"] == own]

    async def telegram_fence(self) -> None:
        """Wait until all that was said in Telegram up to now has crossed."""
        words = f"fence {next(_numbers)}"
        self.stage.telegram_says(words)
        await self.stage.reaches_discord(words)
        await self.stage.settled()

    async def discord_fence(self) -> None:
        """Wait until all that was said in Discord up to now has crossed."""
        words = f"fence {next(_numbers)}"
        self.stage.discord_says(words)
        await self.stage.reaches_telegram(words)
        await self.stage.settled()

    def discord_copy(self, message: Json) -> Json:
        """A copy in Discord as it reads now."""
        return self.stage.discord.message(self.stage.channel, message["id"])

    def telegram_copy(self, message: Json) -> Json | None:
        """A copy in Telegram as it reads now; None if it is gone."""
        return self.stage.telegram.message(self.stage.group, message["message_id"])


# Telegram's formatting: entities over UTF-16 code units


def entity(text: str, part: str, kind: str, **more: Any) -> Json:
    """A part of a text as an entity."""
    start = text.index(part)
    return {"type": kind, "offset": utf16(text[:start]), "length": utf16(part)} | more


def utf16(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def body(copy: Json) -> str:
    """The text of a copy in Telegram without the line that names its author."""
    text: str = copy["text"]
    return text.partition("\n")[2]


def styled_parts(message: Json) -> set[tuple[str, str]]:
    """A Telegram message's styles: ``(kind, the covered text)``."""
    return {(one["type"], _covered(message["text"], one)) for one in message.get("entities", ())}


def _covered(text: str, one: Json) -> str:
    units = text.encode("utf-16-le")
    start = 2 * one["offset"]
    return units[start : start + 2 * one["length"]].decode("utf-16-le")


# Discord's formatting: a reading of its markdown that shares nothing with MateBot's


@dataclass
class Reading:
    """What a reader of a Discord message sees.

    Attributes:
        text: Without any sign of markup.
        styles: ``(kind, the covered text)``; also ``("block", sign)`` and ``("mention", …)``.
        languages: Of the code blocks.
        links: ``(words, address)`` of the named ones.
    """

    text: str = ""
    styles: set[tuple[str, str]] = field(default_factory=set)
    languages: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


_SIGNS = {"**": "bold", "__": "underline", "~~": "strikethrough", "||": "spoiler"}
_SIGNS |= {"*": "italic", "_": "italic"}
_SHRUG = r"¯\_(ツ)_/¯"
_ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")
_FENCE = re.compile(r"```(?:(\w+)\n)?(.*?)\n?```", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\[((?:\\.|[^\]\\])+)\]\(<?([^)>\s]+)>?\)")
_MENTION = re.compile(r"<(?:@[!&]?\d+|#\d+|a?:\w+:\d+|/[^>]+:\d+)>")
_BLOCK = re.compile(r"(?:#{1,3} |-# |>{1,3} |[-*] |\d+\. )")


def read_markdown(content: str) -> Reading:
    """Read the basics of Discord's markdown; the joiners that show nothing are left out."""
    reading = Reading()
    _read(content, reading, at_line_start=True)
    reading.text = reading.text.replace("\u2060", "")
    reading.styles = {(kind, part.replace("\u2060", "")) for kind, part in reading.styles}
    return reading


def _read(content: str, reading: Reading, *, at_line_start: bool = False) -> None:
    place = 0
    while place < len(content):
        fresh = content[place - 1] == "\n" if place else at_line_start
        place += _one(content, place, reading, fresh=fresh)


def _one(content: str, place: int, reading: Reading, *, fresh: bool) -> int:
    """Read what stands at a place; returns how many signs that were."""
    if content.startswith(_SHRUG, place):  # the client knows this one
        reading.text += _SHRUG
        return len(_SHRUG)
    if _ESCAPE.match(content, place):
        reading.text += content[place + 1]
        return 2
    if fresh and (block := _BLOCK.match(content, place)):
        reading.styles.add(("block", block[0].strip()))
        return len(block[0])
    if mention := _MENTION.match(content, place):
        reading.styles.add(("mention", mention[0]))
        return len(mention[0])
    return _code(content, place, reading) or _span(content, place, reading)


def _code(content: str, place: int, reading: Reading) -> int:
    if fence := _FENCE.match(content, place):
        reading.text += fence[2]
        reading.styles.add(("pre", fence[2]))
        reading.languages.append(fence[1] or "")
        return len(fence[0])
    if code := _CODE.match(content, place):
        inner = code[2]
        if len(inner) > 2 and inner[0] == inner[-1] == " " and "`" in inner:
            inner = inner[1:-1]
        reading.text += inner
        reading.styles.add(("code", inner))
        return len(code[0])
    return 0


def _span(content: str, place: int, reading: Reading) -> int:
    if link := _LINK.match(content, place):
        words = _inside(link[1], reading)
        reading.links.append((words, link[2]))
        return len(link[0])
    for sign in sorted(_SIGNS, key=len, reverse=True):
        if not content.startswith(sign, place):
            continue
        if sign == "_" and place and content[place - 1].isalnum():
            continue
        end = _closing(content, place + len(sign), sign)
        if end and content[place + len(sign) : end].strip(sign):
            inner = content[place + len(sign) : end]
            reading.styles.add((_SIGNS[sign], _inside(inner, reading)))
            return end + len(sign) - place
    reading.text += content[place]
    return 1


def _inside(content: str, reading: Reading) -> str:
    start = len(reading.text)
    _read(content, reading)
    return reading.text[start:]


def _closing(content: str, start: int, sign: str) -> int:
    """Where a span ends, 0 if nowhere; a pair of stars does not end a single one."""
    place = start
    while place < len(content):
        if content[place] == "\\":
            place += 2
            continue
        if content.startswith(sign, place) and place > start:
            longer = len(sign) == 1 and content.startswith(sign * 2, place)
            triple = content.startswith(sign[0] * 3, place)
            if longer and not triple:
                place += 2
                continue
            if triple and sign == sign[0] * 2:  # the outer of two: its sign stands last
                return place + 1
            return place
        place += 1
    return 0
