"""The files that the service keeps: their ids, their paths, and the objects that describe them."""

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matebot.sandbox.look import NOTHING, Look, Seen, film_of, look, scaled, still
from matebot.sandbox.shelf import Shelf
from matebot.sandbox.telegram.limits import FILE_PATH_S

Json = dict[str, Any]
KEPT_BYTES = 8 * 1024 * 1024 * 1024  # beyond it the oldest become "temporarily unavailable"
THUMBNAIL_SIDE = 320

FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "video": "videos",
    "animation": "animations",
    "audio": "music",
    "voice": "voice",
    "video_note": "video_notes",
    "sticker": "stickers",
    "live_photo": "videos",
    "thumbnail": "thumbnails",
}
KINDS = tuple(kind for kind in FOLDERS if kind != "thumbnail")
PREFIXES = {
    "photo": "AgACAgIAAx",
    "document": "BQACAgIAAx",
    "video": "BAACAgIAAx",
    "animation": "CgACAgIAAx",
    "audio": "CQACAgIAAx",
    "voice": "AwACAgIAAx",
    "video_note": "DQACAgIAAx",
    "sticker": "CAACAgIAAx",
    "live_photo": "BAACAgIAAxl",
    "thumbnail": "AAMCAgADGQ",
}
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
MIMES = {extension: mime for mime, extension in EXTENSIONS.items()} | {"jpeg": "image/jpeg"}
PHOTO_SIDES = (90, 320, 800, 1280)  # sizes s, m, x, y: https://core.telegram.org/api/files
PROFILE_SIDES = (160, 320, 640)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that the service has.

    Attributes:
        file_id: What a bot sends it again by.
        unique_id: The same for the same upload, whatever its id.
        kind: One of `KINDS`, or thumbnail.
        place: Where its bytes are.
        path: As getFile tells it.
        look: What it really is.
        still_id: Of a live photo, the file of its picture.
    """

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    place: Path
    size: int
    path: str
    look: Look = NOTHING
    still_id: str = ""

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.place.read_bytes()


@dataclass(slots=True)
class FileStore:
    """Files by id and by path, on disk; bounded, the oldest go first.

    Attributes:
        path_s: How long a path of getFile leads to its file; 0: it has expired at once.
        clock: Seconds that only grow.
    """

    shelf: Shelf = field(default_factory=Shelf)
    path_s: float = FILE_PATH_S
    clock: Callable[[], float] = time.monotonic
    _by_id: dict[str, Stored] = field(default_factory=dict)
    _by_path: dict[str, Stored] = field(default_factory=dict)
    _told: dict[str, float] = field(default_factory=dict)
    _stills: dict[Path, "Stored | None"] = field(default_factory=dict)
    _smaller: dict[tuple[Path, int], "Stored"] = field(default_factory=dict)
    _bytes: int = 0
    _count: int = 0

    def add(
        self,
        kind: str,
        source: bytes | Path,
        *,
        name: str = "",
        mime: str = "",
        seen: Look = NOTHING,
        still_id: str = "",
    ) -> Stored:
        """Take a file in."""
        self._count += 1
        place = self.shelf.put(source)
        extension = EXTENSIONS.get(mime) or name.rpartition(".")[2] or "bin"
        stored = Stored(
            file_id=_new_id(kind),
            unique_id=f"AQAD{secrets.token_urlsafe(9)}",
            kind=kind,
            name=name,
            mime=mime,
            place=place,
            size=place.stat().st_size,
            path=f"{FOLDERS[kind]}/file_{self._count}.{extension}",
            look=seen,
            still_id=still_id,
        )
        self._by_id[stored.file_id] = self._by_path[stored.path] = stored
        self._bytes += stored.size
        while self._bytes > KEPT_BYTES and len(self._by_path) > 1:
            self._drop(next(iter(self._by_path.values())))
        return stored

    def alias(self, stored: Stored) -> Stored:
        """Another id for the same bytes: another size of the same photo."""
        other = Stored(
            _new_id(stored.kind),
            f"AQAD{secrets.token_urlsafe(9)}",
            stored.kind,
            stored.name,
            stored.mime,
            stored.place,
            stored.size,
            stored.path,
            stored.look,
        )
        self._by_id[other.file_id] = other
        return other

    def _drop(self, old: Stored) -> None:
        self._by_path.pop(old.path)
        self._told.pop(old.path, None)
        self._bytes -= old.size
        old.place.unlink(missing_ok=True)
        for file_id in [key for key, value in self._by_id.items() if value.path == old.path]:
            del self._by_id[file_id]

    def get(self, file_id: str) -> Stored | None:
        """The file of an id."""
        return self._by_id.get(file_id)

    def forget(self, file_id: str) -> None:
        """Have a file be "temporarily unavailable" from now on; paths that were told still lead."""
        self._by_id.pop(file_id, None)

    def tell(self, stored: Stored) -> str:
        """The path of a file, which leads to it for a while."""
        self._told[stored.path] = self.clock() + self.path_s
        return stored.path

    def tell_local(self, stored: Stored, token: str) -> str:
        """The path of a file on this disk, as a Bot API server of one's own tells it."""
        place = self.shelf.folder / token / stored.path
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(stored.place, place)
        return str(place)

    def expire_paths(self) -> None:
        """Have every path that was told lead nowhere any more."""
        self._told.clear()

    def at(self, path: str) -> Stored | None:
        """The file at a path of getFile."""
        if self._told.get(path, 0.0) <= self.clock():
            return None
        return self._by_path.get(path)

    def note_thumbnail(self, stored: Stored, made: Seen | None) -> None:
        """Have this be the still of a file."""
        kept_still = None
        if made is not None:
            kept_still = self.add("thumbnail", made.place, mime="image/jpeg", seen=made.look)
        self._stills[stored.place] = kept_still

    def thumbnail(self, stored: Stored) -> Stored | None:
        """A still of what is to be seen, made once; None where there is none."""
        if stored.place not in self._stills:
            seen = stored.look.width and stored.look.decodes
            made = still(stored.place, THUMBNAIL_SIDE, self.shelf.new()) if seen else None
            self.note_thumbnail(stored, made)
        return self._stills[stored.place]

    def smaller(self, stored: Stored, side: int) -> Stored:
        """A photo with its longest side so long, made once; the same where it is no picture."""
        key = (stored.place, side)
        if key not in self._smaller:
            if stored.look.decodes:
                made = scaled(stored.place, side, self.shelf.new())
                small = self.add("photo", made.place, mime="image/jpeg", seen=made.look)
            else:
                small = self.alias(stored)
            self._smaller[key] = small
        return self._smaller[key]


def _new_id(kind: str) -> str:
    return PREFIXES[kind] + secrets.token_urlsafe(45)


def kept(
    store: FileStore, kind: str, source: bytes | Path, *, name: str, mime: str, still_id: str = ""
) -> Stored:
    """Take in what a person sends: as their client or the service turns it into what is kept.

    A photo becomes a JPEG, a GIF a film without sound. What is not what it says is kept as it is.
    """
    place = store.shelf.put(source)
    seen = look(place, render=False)
    made = None
    if kind == "photo" and seen.decodes and seen.is_picture:
        made = as_photo(store.shelf, Seen(place, seen))
        name, mime = "", "image/jpeg"
    if kind == "animation" and seen.mime == "image/gif" and seen.decodes:
        made = film_of(place, store.shelf.new())
        name, mime = (film_name(name), "video/mp4") if made is not None else (name, mime)
    place, seen = made or (place, seen)
    return store.add(kind, place, name=name, mime=mime, seen=seen, still_id=still_id)


def film_name(name: str) -> str:
    """What a GIF is called once it is a film."""
    return name.rpartition(".")[0] + ".mp4"


def as_photo(shelf: Shelf, picture: Seen) -> Seen:
    """A picture as photos are kept: a JPEG, no side longer than the largest size."""
    seen = picture.look
    if seen.mime == "image/jpeg" and max(seen.width, seen.height) <= PHOTO_SIDES[-1]:
        return picture
    return scaled(picture.place, PHOTO_SIDES[-1], shelf.new())


def describe(store: FileStore, stored: Stored, **more: Any) -> Json:
    """The fields that a message with this file has: its media object, under its kind.

    ``more`` is what the sender said: width, height, duration (seconds), emoji, performer, title...
    """
    known = {key: value for key, value in more.items() if value is not None}
    if stored.kind == "photo":
        return {"photo": sizes(store, stored, PHOTO_SIDES)}
    media = _plain(stored) | _shape(stored, known)
    if stored.kind == "live_photo":
        return _live(store, stored, media)
    thumbnail = store.thumbnail(stored) if stored.kind not in ("audio", "voice") else None
    if thumbnail is not None:
        media["thumbnail"] = _size(thumbnail, thumbnail.look.width, thumbnail.look.height)
    if stored.kind == "animation":
        document = _plain(stored) | {name: media[name] for name in ("thumbnail",) if name in media}
        return {"animation": media, "document": document}
    return {stored.kind: media}


def _live(store: FileStore, stored: Stored, media: Json) -> Json:
    """A live photo stands as a plain photo as well, for clients that know no better."""
    picture = store.get(stored.still_id)
    shown = sizes(store, picture, PHOTO_SIDES) if picture is not None else []
    return {"live_photo": media | {"photo": shown}, "photo": shown}


def sizes(store: FileStore, stored: Stored, sides: tuple[int, ...]) -> list[Json]:
    """The sizes of a photo, smallest first; each with an id, and with bytes, of its own."""
    width, height = stored.look.width or 1280, stored.look.height or 960
    longest = max(width, height)
    steps = [side for side in sides if side < longest] + [min(longest, sides[-1])]
    found = []
    for side in dict.fromkeys(steps):
        each = stored if side == steps[-1] else store.smaller(stored, side)
        wide, high = max(1, width * side // longest), max(1, height * side // longest)
        if each.look is not stored.look:
            wide, high = each.look.width, each.look.height
        found.append(_size(each, wide, high))
    return found


def _size(stored: Stored, width: int, height: int) -> Json:
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "width": width,
        "height": height,
    }


def _plain(stored: Stored) -> Json:
    media: Json = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
    }
    if stored.name and stored.kind not in ("voice", "video_note", "sticker", "live_photo"):
        media["file_name"] = stored.name
    if stored.mime and stored.kind not in ("video_note", "sticker"):
        media["mime_type"] = stored.mime
    return media


def _shape(stored: Stored, known: Json) -> Json:
    """What a media object must say beside its file."""
    seen = stored.look
    duration = known.get("duration", round(seen.duration_s) if seen.mime else 1)
    sides = {
        "width": known.get("width", seen.width or 640),
        "height": known.get("height", seen.height or 360),
    }
    match stored.kind:
        case "video" | "animation" | "live_photo":
            return sides | {"duration": duration}
        case "audio":
            titles = {key: known[key] for key in ("performer", "title") if key in known}
            return {"duration": duration} | titles
        case "voice":
            return {"duration": duration}
        case "video_note":
            return {"length": known.get("length", seen.width or 240), "duration": duration}
        case "sticker":
            head = stored.data[:4] if not seen.mime else b""
            return {
                "type": "regular",
                "width": seen.width or 512,
                "height": seen.height or 512,
                "is_animated": seen.mime == "application/x-tgsticker" or head[:2] == b"\x1f\x8b",
                "is_video": seen.mime == "video/webm" or head == b"\x1a\x45\xdf\xa3",
                "emoji": known.get("emoji", "🙂"),
            }
    return {}
