"""Files on their way into Discord: opened, sent from the disk in pieces, and told from others."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import discord
from discord.http import MultipartParameters

from matebot.core.errors import PermanentError, SourceUnavailable
from matebot.core.media import Media, Takes
from matebot.discord.adapter import CALL_S, SLOWEST
from matebot.discord.parts import IS_VOICE_MESSAGE, Upload


class Sending(NamedTuple):
    """A file that is open.

    Attributes:
        upload: What it is.
        file: Its bytes; the library's, which the HTTP client cannot close and which can be rewound.
    """

    upload: Upload
    file: discord.File


@asynccontextmanager
async def opened(
    media: Media, uploads: Sequence[Upload], takes: Takes
) -> AsyncIterator[Sequence[Sending]]:
    """Have files open for reading; the HTTP client reads them bit by bit, off the loop.

    Raises:
        TemporaryError: One is not there (any more).
    """
    sending: list[Sending] = []
    try:
        for upload in uploads:
            try:
                path = await media.path(upload.origin, upload.ready, takes)
                sending.append(Sending(upload, await asyncio.to_thread(_open, path)))
            except (PermanentError, OSError) as error:
                # Prepared again, its message goes without it, or with it.
                raise SourceUnavailable(f"a file is gone: {type(error).__name__}") from None
        yield sending
    finally:
        for each in sending:
            each.file.close()


def _open(path: Path) -> discord.File:
    return discord.File(path)


def form(payload: Mapping[str, Any], sending: Sequence[Sending]) -> MultipartParameters:
    """A call's body: JSON alone, or with the files' bytes behind it.

    The files are rewound: a call that came to nothing may have read them, and the library does so
    only before it repeats a call of its own.
    """
    if not sending:
        return MultipartParameters(payload=dict(payload), multipart=None, files=None)
    for each in sending:
        each.file.reset()
    told = json.dumps(payload, separators=(",", ":"))
    fields: list[dict[str, Any]] = [
        {"name": "payload_json", "value": told, "content_type": "application/json"}
    ]
    fields += [
        {
            "name": f"files[{number}]",
            "value": each.file.fp,
            "filename": each.upload.name,
            "content_type": each.upload.ready.mime or "application/octet-stream",
        }
        for number, each in enumerate(sending)
    ]
    files = [each.file for each in sending]
    return MultipartParameters(payload=None, multipart=fields, files=files)


def patience_s(sending: Sequence[Sending]) -> float:
    """How long a call with these files may take."""
    return CALL_S + sum(each.upload.ready.size_bytes for each in sending) / SLOWEST


class Change(NamedTuple):
    """How the files of a message become others.

    Attributes:
        attachments: The new ``attachments`` of the message: those that stay by their ids, then
            those that are uploaded by their numbers.
        uploads: The latter.
        is_voice: Whether a voice message stands there, which nothing changes.
    """

    attachments: Sequence[Mapping[str, Any]]
    uploads: Sequence[Upload]
    is_voice: bool


def change(standing: Mapping[str, Any], uploads: Sequence[Upload]) -> Change:
    """What to upload to a message that stands, and what to keep of it.

    Args:
        standing: The message, as the API tells it.
        uploads: The files that it is to have.
    """
    there = list(standing.get("attachments") or ())
    kept: list[Mapping[str, Any]] = []
    new: list[Upload] = []
    for upload in uploads:
        alike = (each for each in there if _is_same(each, upload))
        same = min(alike, key=lambda each: each["filename"] != upload.name, default=None)
        if same is None:
            new.append(upload)
        else:
            there.remove(same)
            kept.append(upload.described(same["id"]))
    added = [each.announced(number) for number, each in enumerate(new)]
    is_voice = bool((standing.get("flags") or 0) & IS_VOICE_MESSAGE)
    return Change([*kept, *added], new, is_voice)


def _is_same(standing: Mapping[str, Any], upload: Upload) -> bool:
    """Whether an attachment is this very file, by what Discord tells of it.

    Discord writes names in a way of its own, so their ends alone must be the same.
    """
    ready, name = upload.ready, str(standing.get("filename") or "")
    if standing.get("size") != ready.size_bytes or _ending(name) != _ending(upload.name):
        return False
    covered = name.startswith("SPOILER_")
    sides = (standing.get("width") or 0, standing.get("height") or 0)
    return covered == ready.spoiler and (
        sides in ((0, 0), (ready.width, ready.height)) or not ready.width
    )


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
