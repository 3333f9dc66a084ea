"""The files that the service keeps: their ids, their paths, and the objects that describe them.

Nothing is decoded: sizes are read from a picture's header; a photo's sizes share its bytes.
"""

import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matebot.sandbox.telegram.errors import bad
from matebot.sandbox.telegram.limits import PHOTO_BYTES, PHOTO_RATIO, PHOTO_SIDES_SUM

Json = dict[str, Any]
KEPT_BYTES = 512 * 1024 * 1024  # beyond it the oldest files become "temporarily unavailable"

FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "video": "videos",
    "animation": "animations",
    "audio": "music",
    "voice": "voice",
    "video_note": "video_notes",
    "sticker": "stickers",
}
KINDS = tuple(FOLDERS)
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "oga",
    "application/x-tgsticker": "tgs",
}
VOICE_MIMES = {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/mp3"}
PHOTO_SIDES = (90, 320, 800, 1280)  # sizes s, m, x, y: https://core.telegram.org/api/files
PROFILE_SIDES = (160, 320, 640)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that the service has.

    Attributes:
        file_id: What a bot sends it again by.
        unique_id: The same for the same upload, whatever its id.
        kind: One of `KINDS`.
        path: As getFile tells it.
    """

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    data: bytes
    path: str


class FileStore:
    """Files by id and by path; bounded, the oldest go first."""

    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}
        self._by_path: dict[str, Stored] = {}
        self._bytes = 0
        self._count = 0

    def add(self, kind: str, data: bytes, *, name: str = "", mime: str = "") -> Stored:
        """Take a file in."""
        self._count += 1
        extension = EXTENSIONS.get(mime) or name.rpartition(".")[2] or "bin"
        stored = Stored(
            file_id=f"AgACAgIAAx{secrets.token_urlsafe(45)}",
            unique_id=f"AQAD{secrets.token_urlsafe(9)}",
            kind=kind,
            name=name,
            mime=mime,
            data=data,
            path=f"{FOLDERS[kind]}/file_{self._count}.{extension}",
        )
        self._by_id[stored.file_id] = self._by_path[stored.path] = stored
        self._bytes += len(data)
        while self._bytes > KEPT_BYTES and len(self._by_path) > 1:
            self._drop(next(iter(self._by_path.values())))
        return stored

    def alias(self, stored: Stored) -> Stored:
        """Another id for the same bytes: another size of the same photo."""
        other = Stored(
            f"AgACAgIAAx{secrets.token_urlsafe(45)}",
            f"AQAD{secrets.token_urlsafe(9)}",
            stored.kind,
            stored.name,
            stored.mime,
            stored.data,
            stored.path,
        )
        self._by_id[other.file_id] = other
        return other

    def _drop(self, old: Stored) -> None:
        self._by_path.pop(old.path)
        self._bytes -= len(old.data)
        for file_id in [key for key, value in self._by_id.items() if value.path == old.path]:
            del self._by_id[file_id]

    def get(self, file_id: str) -> Stored | None:
        """The file of an id."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> Stored | None:
        """The file at a path of getFile."""
        return self._by_path.get(path)


def describe(store: FileStore, stored: Stored, **more: Any) -> Json:
    """The fields that a message with this file has: its media object, under its kind.

    ``more`` is what the sender said: width, height, duration (seconds), emoji, performer, title...
    """
    known = {key: value for key, value in more.items() if value is not None}
    if stored.kind == "photo":
        return {"photo": sizes(store, stored, PHOTO_SIDES)}
    media = _plain(stored) | _shape(stored, known)
    if stored.kind == "animation":
        document = _plain(stored)
        return {"animation": media, "document": document}
    return {stored.kind: media}


def sizes(store: FileStore, stored: Stored, sides: tuple[int, ...]) -> list[Json]:
    """The sizes of a photo, smallest first; each with an id of its own."""
    width, height = dimensions(stored.data) or (1280, 960)
    longest = max(width, height)
    steps = [side for side in sides if side < longest] + [min(longest, sides[-1])]
    found = []
    for side in dict.fromkeys(steps):
        each = stored if side == steps[-1] else store.alias(stored)
        found.append(
            {
                "file_id": each.file_id,
                "file_unique_id": each.unique_id,
                "file_size": len(each.data),
                "width": max(1, width * side // longest),
                "height": max(1, height * side // longest),
            }
        )
    return found


def _plain(stored: Stored) -> Json:
    media: Json = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.data),
    }
    if stored.name and stored.kind not in ("voice", "video_note", "sticker"):
        media["file_name"] = stored.name
    if stored.mime and stored.kind not in ("video_note", "sticker"):
        media["mime_type"] = stored.mime
    return media


def _shape(stored: Stored, known: Json) -> Json:
    """What a media object must say beside its file."""
    width, height = dimensions(stored.data) or (640, 360)
    match stored.kind:
        case "video" | "animation":
            return {
                "width": known.get("width", width),
                "height": known.get("height", height),
                "duration": known.get("duration", 1),
            }
        case "audio":
            titles = {key: known[key] for key in ("performer", "title") if key in known}
            return {"duration": known.get("duration", 1)} | titles
        case "voice":
            return {"duration": known.get("duration", 1)}
        case "video_note":
            return {"length": known.get("length", 240), "duration": known.get("duration", 1)}
        case "sticker":
            return {
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": stored.data[:2] == b"\x1f\x8b",
                "is_video": stored.data[:4] == b"\x1a\x45\xdf\xa3",
                "emoji": known.get("emoji", "🙂"),
            }
    return {}


def check_upload(kind: str, data: bytes) -> None:
    """What the service refuses of a bot's new file.

    Raises:
        ApiError: 400.
    """
    if not data:
        raise bad("file must be non-empty")
    if kind == "photo":
        _check_photo(data)
    if kind == "sticker" and not _is_sticker(data):
        raise bad("wrong file type: a sticker is WEBP, TGS or WEBM")


def _check_photo(data: bytes) -> None:
    if len(data) > PHOTO_BYTES:
        raise bad(
            f"file of size {len(data)} bytes is too big for a photo;"
            f" the maximum size is {PHOTO_BYTES} bytes"
        )
    found = dimensions(data)
    if found is None:
        raise bad("IMAGE_PROCESS_FAILED")
    if sum(found) > PHOTO_SIDES_SUM or max(found) > PHOTO_RATIO * min(found):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def _is_sticker(data: bytes) -> bool:
    return (
        (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or data[:2] == b"\x1f\x8b"
        or data[:4] == b"\x1a\x45\xdf\xa3"
    )


def kept_kind(kind: str, data: bytes, mime: str) -> str:
    """What an upload becomes: a voice note of an unknown format is kept as a document."""
    if kind == "voice" and data[:4] != b"OggS" and mime not in VOICE_MIMES:
        return "document"
    return kind


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, from the header of a PNG, GIF, WEBP or JPEG; None of another."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif data[:3] == b"GIF" and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
    elif data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X" and len(data) >= 30:
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
    elif data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8 " and len(data) >= 30:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", data[26:30]))
    elif data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif data[:2] == b"\xff\xd8":
        return next(_jpeg_frames(data), None)
    else:
        return None
    return (width, height) if width and height else None


def _jpeg_frames(data: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            if width and height:
                yield width, height
            return
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
