"""What Discord's markdown knows inside a line: one function for each sign that may begin something.

Pure. Each looks at the sign at the reader's position and either reads what begins there and tells
True, or leaves everything as it is and tells False: then the sign is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from matebot.core.richtext import (
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Italic,
    Link,
    Mention,
    Pre,
    RichText,
    Spoiler,
    Strike,
    Style,
    Underline,
)
from matebot.discord.markup_reader import Reader
from matebot.discord.markup_tables import Ending, Marker
from matebot.discord.markup_words import (
    LANGUAGE,
    NAVIGATION,
    SEPARATOR,
    SHRUG,
    address_end,
    time_text,
)

_SPECIAL: Final = re.compile(r"[\\`*_~|\[<¯\n]|https?://|steam://")
_ESCAPED: Final = re.compile(r"\\[^0-9A-Za-z\s]")
_TARGET: Final = re.compile(
    r"\s*<?((?:https?|discord)://[^\s<>\\]+)>?(?:\s+[\"'].*[\"'])?\s*", re.DOTALL | re.IGNORECASE
)
_LONGEST_TARGET: Final = 2100
_ANGLE: Final = re.compile(
    r"<(?:(?P<address>(?:https?|steam)://[^\s<>]+)"
    r"|(?P<mention>@[!&]?|\#)(?P<id>[0-9]{1,20})"
    r"|(?P<animated>a?):(?P<emoji>[0-9A-Za-z_]{2,32}):(?P<emoji_id>[0-9]{1,20})"
    r"|t:(?P<unix>-?[0-9]{1,13})(?::(?P<style>[tTdDfFsSR]))?"
    r"|/(?P<command>[^\s<>:/][^<>:\n]{0,100}):[0-9]{1,20}"
    r"|id:(?P<place>customize|browse|guide|home|linked-roles)(?::[0-9]{1,20})?"
    r"|(?P<mail>[^\s<>:@]{1,64}@[^\s<>:@]{1,255}))>"
)


def read_inline(reader: Reader) -> None:
    """Read on to the end of the innermost stretch or past the next sign."""
    end = reader.frame.end
    found = _SPECIAL.search(reader.source, reader.pos, end)
    at = found.start() if found else end
    reader.say(reader.source[reader.pos : at])
    reader.pos = at
    if found is None or _READERS.get(found[0], _address)(reader):
        return
    reader.say(reader.source[at])
    reader.pos = at + 1


def _newline(reader: Reader) -> bool:
    reader.say("\n")
    reader.pos += 1
    return True


def _escape(reader: Reader) -> bool:
    found = _ESCAPED.match(reader.source, reader.pos, reader.frame.end)
    if found is None:
        return False
    reader.say(found[0][1])
    reader.pos = found.end()
    return True


def _shrug(reader: Reader) -> bool:
    if not reader.source.startswith(SHRUG, reader.pos, reader.frame.end):
        return False
    reader.say(SHRUG)
    reader.pos += len(SHRUG)
    return True


def _address(reader: Reader) -> bool:
    stop = address_end(reader.source, reader.pos, reader.frame.end)
    if stop is None:
        return False
    reader.say(reader.source[reader.pos : stop])
    reader.pos = stop
    return True


def _star(reader: Reader) -> bool:
    return _emphasis(reader, "*", Bold())


def _score(reader: Reader) -> bool:
    return _emphasis(reader, "_", Underline())


def _emphasis(reader: Reader, marker: Marker, double: Style) -> bool:
    """The longer of both readings; of equals the single one, as the client has it."""
    start, end = reader.pos, reader.frame.end
    one = reader.tables.single(marker, start, end)
    two = None
    if reader.source.startswith(marker * 2, start, end):
        two = reader.tables.doubled(marker, start, end)
    if one is not None and (two is None or one.resume >= two.resume):
        reader.open(Italic(), start + 1, one)
    elif two is not None:
        reader.open(double, start + 2, two)
    return one is not None or two is not None


def _strike(reader: Reader) -> bool:
    return _pair(reader, "~~", Strike(), reader.tables.struck)


def _spoiler(reader: Reader) -> bool:
    return _pair(reader, "||", Spoiler(), reader.tables.hidden)


def _pair(
    reader: Reader, mark: str, style: Style, ending_of: Callable[[int, int], Ending | None]
) -> bool:
    end = reader.frame.end
    if not reader.source.startswith(mark, reader.pos, end):
        return False
    ending = ending_of(reader.pos, end)
    if ending is not None:
        reader.open(style, reader.pos + 2, ending)
    return ending is not None


def _backticks(reader: Reader) -> bool:
    source, start, end = reader.source, reader.pos, reader.frame.end
    if source.startswith("```", start, end) and _fence(reader):
        return True
    run_end = start
    while run_end < end and source[run_end] == "`":
        run_end += 1
    found = reader.tables.code(start, run_end, end)
    if found is None:
        reader.say(source[start:run_end])  # no part of the run can open code either
        reader.pos = run_end
        return True
    inner, ending = found
    reader.say(_unpadded(source[inner : ending.inner_end]), Code())
    reader.pos = ending.resume
    return True


def _unpadded(code: str) -> str:
    """Code without the one blank that keeps its own backticks from the delimiters."""
    if code.startswith(" ") and code.lstrip(" ").startswith("`"):
        code = code[1:]
    if code.endswith(" ") and code.rstrip(" ").endswith("`"):
        code = code[:-1]
    return code


def _fence(reader: Reader) -> bool:
    """A block of code; the first line names its language if more follows."""
    source, start, end = reader.source, reader.pos + 3, reader.frame.end
    line_end = source.find("\n", start, end)
    language = ""
    if line_end > 0 and LANGUAGE.fullmatch(source, start, line_end):
        language = source[start:line_end]
    for name, inner in ((language, line_end), ("", start)) if language else (("", start),):
        first = inner
        while first < end and source[first] == "\n":
            first += 1
        stop = source.find("```", first + 1, end)
        if stop >= 0:
            code = source[first:stop].rstrip("\n")
            reader.say_block(RichText(code.replace(SEPARATOR, "")), Pre(name))
            reader.pos = stop + 3
            return True
    return False


def _bracket(reader: Reader) -> bool:
    """A link with a text of its own; one whose text looks like an address stays as typed."""
    source, start = reader.source, reader.pos
    close = reader.tables.bracket_ends.get(start)
    if close is None or reader.frame.in_label or close == start + 1:
        return False
    if not source.startswith("(", close + 1, reader.frame.end):
        return False
    found = _target(source, close + 2, reader.frame.end)
    if found is None or "://" in source[start + 1 : min(close, start + _LONGEST_TARGET)]:
        return False
    url, after = found
    reader.open(Link(url), start + 1, Ending(close, after))
    return True


def _target(source: str, start: int, end: int) -> tuple[str, int] | None:
    """The address in a link's round brackets and where they end; its own brackets are in pairs."""
    limit = min(end, start + _LONGEST_TARGET)
    stop = source.find(")", start, limit)
    while stop >= 0:
        inside = source[start:stop]
        found = _TARGET.fullmatch(inside)
        if found is None:
            return None
        if found[1].count("(") <= found[1].count(")"):
            return found[1], stop + 1
        stop = source.find(")", stop + 1, limit)
    return None


def _angle(reader: Reader) -> bool:
    found = _ANGLE.match(reader.source, reader.pos, reader.frame.end)
    if found is None:
        return False
    text, style = _meaning(found, reader)
    if text is None:
        return False
    reader.say(text, style)
    reader.pos = found.end()
    return True


def _meaning(found: re.Match[str], reader: Reader) -> tuple[str | None, Style | None]:
    """What something in angle brackets shows, and its style."""
    if url := found["address"]:
        return url, None if reader.frame.in_label else Link(url)
    if sign := found["mention"]:
        return _mention(sign, int(found["id"]), reader)
    if name := found["emoji"]:
        text = f":{name}:"
        return text, CustomEmoji(found["emoji_id"], bool(found["animated"]), text)
    if unix := found["unix"]:
        style = found["style"] or "f"
        return time_text(int(unix), style), DateTime(int(unix), style)
    if command := found["command"]:
        return f"/{command}", None
    if place := found["place"]:
        return NAVIGATION[place], None
    return found["mail"], None


def _mention(sign: str, native: int, reader: Reader) -> tuple[str, Style]:
    if sign == "#":
        name = reader.names.channels.get(native, "unknown")
        return f"#{name}", Mention("channel", str(native), name)
    if sign == "@&":
        name = reader.names.roles.get(native, "unknown-role")
        return f"@{name}", Mention("role", str(native), name)
    name = reader.names.users.get(native, "unknown-user")
    return f"@{name}", Mention("user", str(native), name)


_READERS: Final[Mapping[str, Callable[[Reader], bool]]] = {
    "\n": _newline,
    "\\": _escape,
    "¯": _shrug,
    "*": _star,
    "_": _score,
    "~": _strike,
    "|": _spoiler,
    "`": _backticks,
    "[": _bracket,
    "<": _angle,
}
