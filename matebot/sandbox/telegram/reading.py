"""Reading a call: its parameters, and its files onto disk, where each is looked at."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import BodyPartReader, web

from matebot.sandbox.look import Seen, film_of, look, still
from matebot.sandbox.shelf import Shelf, TooMuchError
from matebot.sandbox.telegram.errors import ApiError, bad
from matebot.sandbox.telegram.files import THUMBNAIL_SIDE, as_photo
from matebot.sandbox.telegram.limits import (
    BODY_BYTES,
    LOCAL_BODY_BYTES,
    LOCAL_UPLOAD_BYTES,
    PHOTO_BYTES,
    PHOTO_SIDES_SUM,
    UPLOAD_BYTES,
)
from matebot.sandbox.telegram.params import Params, Upload

Json = dict[str, Any]
FIELD_BYTES = 1024 * 1024
_LOCAL = re.compile(r"file://[^\"\s]+")


async def read(request: web.Request, shelf: Shelf, *, local: bool) -> Params:
    """All parameters of a call; its files lie on the shelf.

    Raises:
        ApiError: 400 or 413, the body cannot be read.
    """
    values: Json = dict(request.query)
    files: dict[str, Upload] = {}
    if not request.can_read_body:
        return Params(values)
    if request.content_type == "application/json":
        values |= await _read_json(request)
    elif request.content_type == "multipart/form-data":
        fields, files = await _read_multipart(request, shelf, local=local)
        values |= fields
    elif request.content_type == "application/x-www-form-urlencoded":
        form = await request.post()
        values |= {key: value for key, value in form.items() if isinstance(value, str)}
    if local:
        files |= {uri: _on_disk(uri) for uri in _local_files(values)}
    return Params(values, {name: await examined(file, shelf) for name, file in files.items()})


async def examined(upload: Upload, shelf: Shelf) -> Upload:
    """An upload with what it is, and with what the service makes of it."""
    return await asyncio.to_thread(_examined, upload, shelf)


def _examined(upload: Upload, shelf: Shelf) -> Upload:
    seen = look(upload.place, render=False)
    photo, film = None, None
    small = seen.width + seen.height <= PHOTO_SIDES_SUM and upload.size <= PHOTO_BYTES
    if seen.is_picture and seen.decodes and small:
        photo = as_photo(shelf, Seen(upload.place, seen))
    if seen.mime == "image/gif" and seen.decodes and small:
        film = film_of(upload.place, shelf.new())
    thumbnail = still(upload.place, THUMBNAIL_SIDE, shelf.new()) if small and seen.width else None
    return replace(upload, look=seen, as_photo=photo, as_film=film, thumbnail=thumbnail)


def _local_files(values: Json) -> Iterator[str]:
    """The addresses of files on this disk, which only one's own server reads."""
    for value in values.values():
        text = value if isinstance(value, str) else json.dumps(value)
        yield from _LOCAL.findall(text)


def _on_disk(uri: str) -> Upload:
    place = Path(unquote(urlsplit(uri).path))
    if not place.is_file():
        raise bad("wrong file identifier/HTTP URL specified")
    return Upload(place.name, "application/octet-stream", place, place.stat().st_size)


async def _read_json(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise bad("can't parse request JSON object") from None
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413) from None
    if not isinstance(body, dict):
        raise bad("object expected as request body")
    return body


async def _read_multipart(
    request: web.Request, shelf: Shelf, *, local: bool
) -> tuple[Json, dict[str, Upload]]:
    fields: Json = {}
    files: dict[str, Upload] = {}
    left = LOCAL_BODY_BYTES if local else BODY_BYTES
    if (request.content_length or 0) > left:
        raise ApiError(413)
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or not part.name:
                raise bad("can't parse multipart body")
            if part.filename is None:
                fields[part.name] = await _field(part)
                continue
            most = min(left, LOCAL_UPLOAD_BYTES if local else UPLOAD_BYTES)
            place = await shelf.receive(part.read_chunk, most)
            size = place.stat().st_size
            left -= size
            mime = part.headers.get("Content-Type", "application/octet-stream")
            files[part.name] = Upload(part.filename, mime, place, size)
    except TooMuchError:
        raise ApiError(413) from None
    except (ValueError, UnicodeDecodeError):
        raise bad("can't parse multipart body") from None
    named = " ".join(str(value) for value in fields.values())
    direct = [name for name in files if f"attach://{name}" not in named]
    return fields | {name: f"attach://{name}" for name in direct if name not in fields}, files


async def _field(part: BodyPartReader) -> str:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > FIELD_BYTES:
            raise TooMuchError
    return data.decode()
