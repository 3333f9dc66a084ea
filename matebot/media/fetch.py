"""Reads a file from its service onto the disk, through a bounded buffer."""

import asyncio
import contextlib
from pathlib import Path
from typing import BinaryIO, Final

from matebot.core.errors import FileTooLarge, TemporaryError
from matebot.core.ids import MessageRef
from matebot.core.media import FileSource, Opened
from matebot.core.message import File

BUFFER_BYTES: Final = 262_144
"""Written at once: a disk likes that better than a network's small pieces."""
STALL_S: Final = 30.0
"""A service that sends nothing for so long is not waited for."""


async def download(
    source: FileSource,
    file: File,
    of: MessageRef,
    target: Path,
    most_bytes: int,
    *,
    stall_s: float = STALL_S,
) -> int:
    """Read a file into another that does not exist yet.

    Nothing more is asked of the service until what came is written.

    Args:
        source: The service.
        file: Which.
        of: The message that it came with.
        target: Where to.
        most_bytes: More is not read, whatever size was told before.
        stall_s: How long the service may be silent, seconds.

    Returns:
        How many bytes came.

    Raises:
        FileTooLarge: It has more than ``most_bytes``, or more than the service hands out.
        MessageGone: There is no such file any more.
        TemporaryError: It could not be read whole.
        OSError: It could not be written.
    """
    async with source.open(file, of) as opened:
        if opened.size_bytes is not None and opened.size_bytes > most_bytes:
            raise FileTooLarge(f"{opened.size_bytes} bytes, {most_bytes} at most")
        output = await _created(target)
        try:
            written = await _write(opened, output, most_bytes, stall_s)
        finally:
            await asyncio.to_thread(output.close)  # after a write that a cancellation left behind
    if opened.size_bytes is not None and written != opened.size_bytes:
        raise TemporaryError(f"the file broke off after {written} of {opened.size_bytes} bytes")
    return written


async def _created(target: Path) -> BinaryIO:
    """Create a file; who is cancelled meanwhile leaves none open, nor one that comes later."""
    creating = asyncio.get_running_loop().run_in_executor(None, target.open, "xb")
    try:
        return await asyncio.shield(creating)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError):
            (await creating).close()
        raise


async def _write(opened: Opened, output: BinaryIO, most_bytes: int, stall_s: float) -> int:
    written, buffer = 0, bytearray()
    while chunk := await _next(opened, stall_s):
        written += len(chunk)
        if written > most_bytes:
            raise FileTooLarge(f"more than {most_bytes} bytes")
        buffer += chunk
        if len(buffer) >= BUFFER_BYTES:
            await asyncio.to_thread(output.write, buffer)
            buffer = bytearray()
    await asyncio.to_thread(output.write, buffer)
    return written


async def _next(opened: Opened, stall_s: float) -> bytes:
    """The next piece of a file; empty at its end."""
    try:
        async with asyncio.timeout(stall_s):
            chunk = b""
            while not chunk:  # an empty piece is no end
                chunk = await anext(opened.chunks)
            return chunk
    except StopAsyncIteration:
        return b""
    except TimeoutError:
        raise TemporaryError(f"nothing of the file came for {stall_s:.0f} s") from None
