"""What a reader takes for one character: where a text may be cut without breaking one.

Pure. The practical rules of Unicode's UAX #29, from the standard library's tables alone: combining
marks, joiners, variation selectors, skin tones, flags, keycaps, tag sequences and Hangul syllables.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_ZWJ: Final = "\u200d"

_CONTROL, _EXTEND, _JOINER, _PICTURE, _REGION, _OTHER = range(6)
_L, _V, _T, _LV, _LVT = range(6, 11)

#: Pairs of Hangul classes that stay together (GB6 to GB8).
_HANGUL: Final = {_L: {_L, _V, _LV, _LVT}, _LV: {_V, _T}, _V: {_V, _T}, _LVT: {_T}, _T: {_T}}
#: Extended_Pictographic, in ranges: what a joiner may join.
_PICTURES: Final = (
    (0xA9, 0xA9),
    (0xAE, 0xAE),
    (0x203C, 0x203C),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2194, 0x21AA),
    (0x231A, 0x23FF),
    (0x24C2, 0x24C2),
    (0x25AA, 0x27BF),
    (0x2934, 0x2935),
    (0x2B05, 0x2B55),
    (0x3030, 0x3030),
    (0x303D, 0x303D),
    (0x3297, 0x3299),
    (0x1F000, 0x1F1E5),
    (0x1F200, 0x1F3FA),
    (0x1F400, 0x1FAFF),
)


@lru_cache(maxsize=4096)
def _class_of(character: str) -> int:
    code = ord(character)
    if character == _ZWJ:
        return _JOINER
    if 0x1F1E6 <= code <= 0x1F1FF:
        return _REGION
    if 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F or code in {0x200C, 0xFF9E, 0xFF9F}:
        return _EXTEND
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Mc"}:
        return _EXTEND
    if category in {"Cc", "Zl", "Zp"}:
        return _CONTROL
    if any(low <= code <= high for low, high in _PICTURES):
        return _PICTURE
    return _hangul_class(code)


def _hangul_class(code: int) -> int:
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return _L
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return _V
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return _T
    if 0xAC00 <= code <= 0xD7A3:
        return _LV if (code - 0xAC00) % 28 == 0 else _LVT
    return _OTHER


def breaks(text: str) -> bytearray:
    """For each position 0 to ``len(text)``: 1 where a grapheme starts or ends, else 0. Linear."""
    marks = bytearray(b"\x01") * (len(text) + 1)
    regions = 0  # regional indicators directly before: flags are pairs
    picture = False  # a pictograph and its extensions directly before
    joined = False  # ... and a joiner after them
    previous = _CONTROL
    for position, character in enumerate(text):
        kind = _class_of(character)
        together = (
            (kind in {_EXTEND, _JOINER} and previous != _CONTROL)
            or (kind == _REGION and regions % 2 == 1)
            or (kind == _PICTURE and joined)
            or kind in _HANGUL.get(previous, ())
            or (character == "\n" and position > 0 and text[position - 1] == "\r")
        )
        if together:
            marks[position] = 0
        regions = regions + 1 if kind == _REGION else 0
        joined = kind == _JOINER and picture
        picture = kind == _PICTURE or (kind in {_EXTEND, _JOINER} and picture)
        previous = kind
    marks[0] = marks[len(text)] = 1
    return marks
