"""Any name as a webhook's name that Discord takes. Pure.

Discord's rules: https://discord.com/developers/docs/resources/webhook#create-webhook and the
nickname rules of https://discord.com/developers/docs/resources/user#usernames-and-nicknames.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from matebot.core.graphemes import breaks
from matebot.discord.limits import NAME

FALLBACK: Final = "Telegram"
"""The name of who has none that can be seen."""
OWN: Final = "MateBot"
"""The name under which MateBot itself speaks through its webhooks."""

_MARK: Final = " (Telegram)"
"""Behind a name that could be taken for that of somebody in Discord."""

_MARKS_IN_A_ROW: Final = 4
"""Combining marks that may follow one another: no language needs more."""
#: Letters and symbols that show nothing, whatever their category says.
_INVISIBLE: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: What a name must not contain, and which of its letters gives way to one that looks the same.
_FORBIDDEN: Final = (("clyde", 0), ("discord", 1))
_RESERVED: Final = {"everyone": 0, "here": 1}
_LOOK_ALIKE: Final = str.maketrans("cCiIeE", "сСіІеЕ")


@lru_cache(maxsize=1024)
def fit(name: str, fallback: str = FALLBACK, *, marked: bool = False) -> str:
    """The name as Discord takes it: 1 to 80 code points, still readable.

    Args:
        name: Any text.
        fallback: For a name of which nothing can be seen; itself within Discord's rules.
        marked: Whether it is to say that this is a person in Telegram.
    """
    shown = _tidy(name)
    if _is_visible(shown):
        shown = _unreserved(_disguised(shown))
        shown = (marked_off(shown) if marked else _cut(shown, NAME)) or fallback
    else:
        shown = fallback
    return shown


def marked_off(name: str) -> str:
    """A name with a mark that it is a person's in Telegram, at most 80 code points together."""
    return (_cut(name, NAME - len(_MARK)) or FALLBACK) + _MARK


def one_line(name: str) -> str:
    """A name on one line, without what would reorder or break the text around it."""
    return _tidy(name)


def _tidy(name: str) -> str:
    """Without control characters, heaps of marks and blanks at the ends or in a row."""
    kept: list[str] = []
    marks = 0
    for character in name:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category == "Cs":
            kept.append("\ufffd")
        elif category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif marks <= _MARKS_IN_A_ROW and character not in _BIDI:
            kept.append(character)
    return " ".join("".join(kept).split())


def _is_visible(name: str) -> bool:
    return any(unicodedata.category(c)[0] not in "CZM" and c not in _INVISIBLE for c in name)


def _disguised(name: str) -> str:
    """Forbidden words with one letter changed for its Cyrillic twin."""
    folded = [(part, place) for place, each in enumerate(name) for part in each.casefold()]
    text = "".join(part for part, _ in folded)
    letters = list(name)
    for word, letter in _FORBIDDEN:
        found = text.find(word)
        while found >= 0:
            place = folded[found + letter][1]
            letters[place] = letters[place].translate(_LOOK_ALIKE)
            found = text.find(word, found + 1)
    return "".join(letters)


def _unreserved(name: str) -> str:
    letter = _RESERVED.get(name.casefold())
    if letter is None:
        return name
    return name[:letter] + name[letter].translate(_LOOK_ALIKE) + name[letter + 1 :]


def _cut(name: str, limit: int) -> str:
    """At most so many code points, cut between graphemes; empty where the first one is longer."""
    if len(name) <= limit:
        return name
    marks = breaks(name)
    end = max(place for place in range(limit) if marks[place])
    kept = name[:end].rstrip()
    return f"{kept}…" if kept else ""
