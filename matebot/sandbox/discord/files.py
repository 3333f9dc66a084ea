"""Attachments: the bytes kept, and what a message says of them."""

import mimetypes
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from matebot.sandbox.discord import picture
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.validate import Upload
from matebot.sandbox.discord.world import World

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
    world.files[key] = upload.data
    filename = safe_name(told.get("filename") or upload.filename)
    attachment: Json = {
        "id": str(key),
        "filename": filename,
        "size": len(upload.data),
        "content_type": _mime(upload, filename),
    }
    size = picture.size_of(upload.data)
    if size is not None:
        attachment["width"], attachment["height"] = size
    for key_name in TOLD:
        if told.get(key_name) is not None:
            attachment[key_name] = told[key_name]
    if upload.filename != filename:
        attachment.setdefault("title", PurePosixPath(upload.filename).stem)
    if ephemeral:
        attachment["ephemeral"] = True
    return attachment


def _mime(upload: Upload, filename: str) -> str:
    if upload.content_type and upload.content_type != "application/octet-stream":
        return upload.content_type
    return mime_of(upload.data, filename)


def mime_of(data: bytes, filename: str) -> str:
    """A MIME type from the first bytes, else from the name."""
    guess = picture.kind_of(data) or mimetypes.guess_type(filename)[0]
    return guess or "application/octet-stream"
