"""Reading a request: its JSON, and its files onto disk, where each is looked at."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import BodyPartReader, web

from matebot.sandbox.discord import errors, limits
from matebot.sandbox.discord.asked import Asked
from matebot.sandbox.discord.errors import ApiError
from matebot.sandbox.discord.validate import Upload
from matebot.sandbox.discord.world import World
from matebot.sandbox.look import look
from matebot.sandbox.shelf import TooMuchError

PIECE_BYTES = 65_536


async def read(request: web.Request, world: World) -> Asked:
    """Parse a request.

    Raises:
        ApiError: 50109 for broken JSON, 50035 for another content type, 40005 for too much.
    """
    parts, query = dict(request.match_info), dict(request.query)
    if not request.body_exists:
        return Asked(parts, query)
    if request.content_type == "multipart/form-data":
        body, files = await _multipart(request, world)
        return Asked(parts, query, body, files)
    raw = await _capped(request.content.read)
    if not raw:
        return Asked(parts, query)
    if request.content_type != "application/json":
        message = "Expected \"Content-Type\" header to be one of {'application/json'}."
        raise errors.invalid("", "CONTENT_TYPE_INVALID", message)
    return Asked(parts, query, _json(raw))


def _json(raw: bytes | str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ApiError(errors.INVALID_JSON) from error


async def _capped(read_some: Callable[[int], Awaitable[bytes]]) -> bytes:
    """All that is no file."""
    taken = bytearray()
    while chunk := await read_some(PIECE_BYTES):
        taken += chunk
        if len(taken) > limits.FIELD_BYTES:
            raise ApiError(errors.TOO_LARGE)
    return bytes(taken)


async def _multipart(request: web.Request, world: World) -> tuple[Any, tuple[Upload, ...]]:
    body: Any = {}
    files: list[Upload] = []
    left = limits.BODY_BYTES
    if (request.content_length or 0) > left:
        raise ApiError(errors.TOO_LARGE)
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise ApiError(errors.INVALID_JSON)  # multipart inside multipart
            name = part.name or ""
            if part.filename is not None:
                files.append(await _file(part, part.filename, world, left))
                left -= files[-1].size
                continue
            data = await _capped(part.read_chunk)
            if name == "payload_json":
                body = _json(data)
            elif isinstance(body, dict):
                body = {**body, name: data.decode("utf-8", "replace")}
    except TooMuchError as error:
        raise ApiError(errors.TOO_LARGE) from error
    except (ValueError, AssertionError) as error:
        raise ApiError(errors.INVALID_JSON) from error
    return body, tuple(files)


async def _file(part: BodyPartReader, filename: str, world: World, left: int) -> Upload:
    place = await world.shelf.receive(part.read_chunk, min(left, world.most_file_bytes))
    mime = part.headers.get("Content-Type", "application/octet-stream")
    seen = await asyncio.to_thread(look, place, render=False)
    return Upload(part.name or "", filename, mime, place, place.stat().st_size, seen)
