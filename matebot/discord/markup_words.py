"""Small texts and signs of Discord's markdown that its parser and its renderer share. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

#: Shows nothing and breaks no line: keeps two delimiters apart where nothing else helps.
SEPARATOR: Final = "\u2060"

#: The letters of ``<t:unix:letter>``, with what is shown to somebody who reads UTC.
TIME_FORMATS: Final = {
    "t": "%H:%M UTC",
    "T": "%H:%M:%S UTC",
    "d": "%Y-%m-%d",
    "D": "%d %B %Y",
    "f": "%d %B %Y %H:%M UTC",
    "F": "%A, %d %B %Y %H:%M UTC",
    "s": "%Y-%m-%d %H:%M UTC",
    "S": "%Y-%m-%d %H:%M:%S UTC",
    "R": "%d %B %Y %H:%M UTC",
}
NAVIGATION: Final = {
    "customize": "Channels & Roles",
    "browse": "Browse Channels",
    "guide": "Server Guide",
    "home": "Server Guide",
    "linked-roles": "Linked Roles",
}
EMOJI_NAME: Final = re.compile(r":\w{2,32}:", re.ASCII)
LANGUAGE: Final = re.compile(r"[a-z0-9_+\-.#]+", re.IGNORECASE | re.ASCII)
SHRUG: Final = r"¯\_(ツ)_/¯"
#: An address in running text; punctuation at its end is not part of it.
ADDRESS: Final = re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]")

#: A name between colons, of which the client makes an emoji.
SHORTCODE: Final = re.compile(r"(?<![\w:]):(?=[A-Za-z_+\-][\w+\-]*:)")
#: What makes a block of a line.
LINE_START: Final = re.compile(
    r"^( *)(?:(?=[-*] )|(?=-# )|(?=#{1,3} )|(?=>(?:>>)? )|(?P<number>[0-9]{1,9})(?=\. ))",
    re.MULTILINE,
)
#: No sign that could begin or end anything inside a line; an address is read as it stands.
_UNSUSPICIOUS: Final = re.compile(r"[^\\*_~|`\[<¯\u2060\ud800-\udfff]*")


def is_plain(text: str) -> bool:
    """Whether a text without styles is written, and read, as it stands: most of what people say."""
    return (
        _UNSUSPICIOUS.fullmatch(text) is not None
        and LINE_START.search(text) is None
        and (":" not in text or SHORTCODE.search(text) is None)
    )


def time_text(unix: int, style: str) -> str | None:
    """A moment in words, in UTC; None for one outside of the calendar or a style unknown."""
    form = TIME_FORMATS.get(style)
    if form is None:
        return None
    try:
        return datetime.fromtimestamp(unix, UTC).strftime(form)
    except (OverflowError, ValueError, OSError):
        return None


def is_word(character: str) -> bool:
    """Tell a word character as JavaScript's regular expressions know it."""
    return character.isascii() and (character.isalnum() or character == "_")


def address_end(source: str, start: int, end: int) -> int | None:
    """Where the address at ``start`` ends, brackets that it did not open left out; None if none."""
    found = ADDRESS.match(source, start, end)
    if found is None:
        return None
    stop = found.end()
    surplus = found[0].count(")") - found[0].count("(")
    while surplus > 0 and source[stop - 1] == ")":
        stop -= 1
        surplus -= 1
    return stop
