"""Answering with a file, well or badly."""

import asyncio
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from matebot.sandbox.faults import Fault

PIECE_BYTES = 16 * 1024


async def answer_with(
    request: web.Request, place: Path, mime: str, fault: Fault | None = None
) -> web.StreamResponse:
    """A file, in pieces; a range of it where one is asked for.

    Args:
        request: What was asked.
        place: The file.
        mime: Its type.
        fault: What is to go wrong.
    """
    match fault.kind if fault is not None else None:
        case "drop" | "drop_after":
            return hang_up(request)
        case "cut" | "trickle" | "endless" if fault is not None:
            return await _badly(request, place, mime, fault)
        case "slow" | "late" if fault is not None:
            await asyncio.sleep(fault.delay_s)
    return web.FileResponse(place, headers={"Content-Type": mime})


def hang_up(request: web.Request) -> web.Response:
    """Cut the connection; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _badly(request: web.Request, place: Path, mime: str, fault: Fault) -> web.StreamResponse:
    data = await asyncio.to_thread(place.read_bytes)
    answer = web.StreamResponse(headers={"Content-Type": mime})
    if fault.kind != "endless":
        answer.content_length = len(data)
    await answer.prepare(request)
    pieces = [data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES)]
    with suppress(ConnectionError):
        match fault.kind:
            case "cut":
                await answer.write(data[: len(data) // 2])
                await asyncio.sleep(0)  # what was written leaves before the end does
                return hang_up(request)
            case "trickle":
                for piece in pieces:
                    await asyncio.sleep(fault.delay_s)
                    await answer.write(piece)
            case _:
                while True:
                    await answer.write(data or bytes(PIECE_BYTES))
    return answer
