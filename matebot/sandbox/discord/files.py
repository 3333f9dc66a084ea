"""Attachments: the bytes kept, and what a message says of them."""

import mimetypes
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.validate import Upload
from matebot.sandbox.discord.world import World
from matebot.sandbox.look import Look

KEPT_BYTES = 8 * 1024 * 1024 * 1024  # beyond it the oldest are gone
IS_SPOILER = 1 << 3  # resources/message, "Attachment Flags"
IS_ANIMATED = 1 << 5
_ODD = re.compile(r"[^\w.()+-]+")
TOLD = ("description", "duration_secs", "waveform", "title")


def safe_name(name: str) -> str:
    """A file's name as Discord shows it: blanks and odd characters become underscores."""
    return _ODD.sub("_", PurePosixPath(name.replace("\\", "/")).name).strip("_") or "unknown"


def keep(
    world: World, uploads: Sequence[Upload], told: Sequence[Json], *, ephemeral: bool = False
) -> list[Json]:
    """Store what was uploaded.

    Args:
        world: Where.
        uploads: The files.
        told: The ``attachments`` of the body: descriptions by index.
        ephemeral: They belong to an answer that one person alone sees.

    Returns:
        The attachments of the message, without addresses (those are signed when shown).
    """
    by_field = {f"files[{each['id']}]": each for each in told}
    return [_one(world, each, by_field.get(each.field, {}), ephemeral) for each in uploads]


def _one(world: World, upload: Upload, told: Json, ephemeral: bool) -> Json:
    key = world.ids.next()
    store(world, key, upload.place)
    filename = safe_name(told.get("filename") or upload.filename)
    attachment: Json = {
        "id": str(key),
        "filename": filename,
        "size": upload.size,
        "content_type": _mime(upload, filename),
    }
    if upload.look.width:
        attachment["width"], attachment["height"] = upload.look.width, upload.look.height
    for key_name in TOLD:
        if told.get(key_name) is not None:
            attachment[key_name] = told[key_name]
    if upload.filename != filename:
        attachment.setdefault("title", PurePosixPath(upload.filename).stem)
    covered = told.get("is_spoiler") or filename.startswith("SPOILER_")
    flags = (IS_SPOILER if covered else 0) | (IS_ANIMATED if upload.look.moves else 0)
    if flags:
        attachment["flags"] = flags
    if ephemeral:
        attachment["ephemeral"] = True
    return attachment


def store(world: World, key: int, place: Path) -> None:
    """Keep a file by its id; where there are too many, the oldest are gone."""
    world.files[key] = place
    world.file_bytes += place.stat().st_size
    while world.file_bytes > KEPT_BYTES and len(world.files) > 1:
        oldest = world.files.pop(next(iter(world.files)))
        world.file_bytes -= oldest.stat().st_size
        oldest.unlink()


def retold(attachment: Json, told: Json) -> Json:
    """An attachment that an edit keeps, and perhaps describes anew."""
    new = {name: told[name] for name in ("description", "title") if name in told}
    return attachment | new


def _mime(upload: Upload, filename: str) -> str:
    if upload.content_type and upload.content_type != "application/octet-stream":
        return upload.content_type
    return mime_of(upload.look, filename)


def mime_of(seen: Look, filename: str) -> str:
    """A MIME type by what a file is, else by its name."""
    lottie = seen.mime == "application/json"
    guess = (seen.mime if not lottie else "") or mimetypes.guess_type(filename)[0]
    return guess or "application/octet-stream"
