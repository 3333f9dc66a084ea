"""File names that are safe to show and to save anywhere, and otherwise what people called them.

Pure. A name comes from a stranger and ends in somebody else's folder of downloads: it must hold no
path, nothing that is not seen, and no end that reads like another. Letters of every script stay.
"""

import mimetypes
import re
import unicodedata
from functools import cache
from typing import Final

from matebot.core.graphemes import breaks
from matebot.core.message import AttachmentKind

MOST_CHARACTERS: Final = 120
MOST_BYTES: Final = 200
"""In UTF-8: file systems take 255, and a prefix or the like of ``(1)`` is to have room."""
MOST_SUFFIX: Final = 12

#: What the standard library does not know, or knows by a rarer suffix.
_SUFFIXES: Final = {
    "application/json": ".json",
    "application/x-tgsticker": ".tgs",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "image/apng": ".png",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tiff",
    "image/webp": ".webp",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
}
_MIMES: Final = {suffix: mime for mime, suffix in _SUFFIXES.items()} | {
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".oga": "audio/ogg",
    ".tif": "image/tiff",
}

#: Looks like a dot, and hides that what follows is (or is not) the suffix.
_DOTS: Final = frozenset("\u2024\ufe52\uff0e\ua4f8")
#: Looks like a slash, or is what Windows takes in no name.
_FORBIDDEN: Final = frozenset('<>:"|?*\u2044\u2215\u29f8\u29f5')
#: Letters and symbols that show as nothing.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
#: Joins letters or pictures; Persian, Indic scripts and emoji need them.
_JOINERS: Final = frozenset("\u200c\u200d")
_EDGES: Final = " .\u200c\u200d"
_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])", re.IGNORECASE
)
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,11}\Z")
#: Ends that a system runs: a harmless end before them is there to deceive.
_RUN: Final = re.compile(
    r"\.(apk|app|bat|chm|cmd|com|cpl|desktop|dmg|exe|hta|jar|jse?|lnk|ms[cip]|pif|ps1|reg|scr|sh"
    r"|url|vb[es]?|ws[fh])",
    re.IGNORECASE,
)
_MEDIA: Final = frozenset(
    {
        AttachmentKind.PHOTO,
        AttachmentKind.VIDEO,
        AttachmentKind.ANIMATION,
        AttachmentKind.AUDIO,
        AttachmentKind.VOICE,
        AttachmentKind.VIDEO_NOTE,
        AttachmentKind.STICKER,
    }
)


@cache
def _table() -> mimetypes.MimeTypes:
    """The library's own table, since the system's files differ; made when it is first needed."""
    return mimetypes.MimeTypes()


def suffix_of(mime: str) -> str:
    """The usual suffix of a type, with its dot; empty if there is none."""
    plain = mime.partition(";")[0].strip().lower()
    return _SUFFIXES.get(plain) or _table().guess_extension(plain) or ""


def mime_of(name: str) -> str:
    """The type that a name speaks of; empty if it speaks of none."""
    suffix = _suffix(name.rstrip(_EDGES)).lower()
    return _MIMES.get(suffix) or _table().types_map[True].get(suffix, "") if suffix else ""


def fit_name(name: str | None, kind: AttachmentKind, mime: str) -> str:
    """A file's name as it may be shown and saved.

    Args:
        name: As somebody called it; None or what holds nothing is replaced by the kind.
        kind: What it is; pictures, films and sounds end in a suffix, since clients go by it.
        mime: Its type, which gives the suffix where it has none.

    Returns:
        At least one character and at most `MOST_CHARACTERS`, `MOST_BYTES` in UTF-8.
    """
    clean = _clean(name or "")
    suffix = _suffix(clean)
    stem = clean[: len(clean) - len(suffix)].rstrip(_EDGES)
    wordless = kind is AttachmentKind.STICKER and not any(map(str.isalnum, stem))
    if not stem or wordless:  # of an emoji alone Discord would leave nothing but the suffix
        stem = kind.value
    if not suffix and (kind in _MEDIA or clean != stem):
        suffix = suffix_of(mime)
    return _put_together(stem, suffix)


def renamed(name: str, mime: str) -> str:
    """The name of a clean name's file once it has become another type."""
    suffix = _suffix(name)
    stem = name[: len(name) - len(suffix)]
    return _put_together(stem, suffix_of(mime))


def _put_together(stem: str, suffix: str) -> str:
    if _RUN.fullmatch(suffix):
        stem = stem.replace(".", "_")  # photo.jpg.exe is no photo, and shows as one where ends hide
    if _RESERVED.fullmatch(stem.partition(".")[0].rstrip()):
        stem = f"_{stem}"
    room = MOST_CHARACTERS - len(suffix), MOST_BYTES - len(suffix)
    return (_cut(stem, *room) or "_") + suffix


def _suffix(name: str) -> str:
    """What a name ends in, with the dot; empty if that is no suffix, or all that there is."""
    found = _SUFFIX.search(name)
    return found.group() if found and found.start() else ""


def _clean(name: str) -> str:
    """Without path, without what is not seen, on one line; perhaps empty."""
    last = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    seen = "".join(_shown(character) for character in unicodedata.normalize("NFC", last))
    return re.sub(r"\s+", " ", seen).strip(_EDGES)


def _shown(character: str) -> str:
    """What stands in a name in a character's place."""
    if character in _JOINERS:
        return character
    if character in _DOTS or character in _FORBIDDEN:
        return "_"
    if character in _BLANK:
        return " "
    match unicodedata.category(character):
        case "Zs" | "Zl" | "Zp":
            return " "
        case "Cc":
            return " " if character in "\t\n\r" else ""
        case "Cf" | "Cs" | "Co":
            return ""
        case "Cn" if ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF:
            return ""  # no characters and never will be; others may be newer than our tables
        case _:
            return character


def _cut(stem: str, characters: int, octets: int) -> str:
    """As much of a stem as there is room for, not within a character."""
    if len(stem) <= characters and len(stem.encode()) <= octets:
        return stem
    end = min(len(stem), characters)
    while len(stem[:end].encode()) > octets:
        end -= 1
    before = breaks(stem)
    while 0 < end < len(stem) and not before[end]:
        end -= 1
    return stem[:end].rstrip(_EDGES)
