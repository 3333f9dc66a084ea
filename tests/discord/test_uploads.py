"""Files on the wire: sent from the disk, told from those that stand there."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from matebot.core.ids import MessageRef, Room
from matebot.core.media import Ready
from matebot.core.message import AttachmentKind, Author, Message
from matebot.core.richtext import RichText
from matebot.discord.adapter import OneAttempt
from matebot.discord.parts import Upload
from matebot.discord.uploads import Sending, change, form, patience_s
from tests.media import makers

Json = dict[str, Any]

MIB = 1024 * 1024
ORIGIN = Message(MessageRef(Room.telegram(-100), 7), Author(42, "Zoe"), RichText())


def upload(name: str, size: int = 5, **more: Any) -> Upload:
    """A file to be sent."""
    return Upload(Ready(name, AttachmentKind.FILE, name, "", size, **more), ORIGIN)


@asynccontextmanager
async def sink(received: list[int]) -> AsyncIterator[str]:
    """A server that counts what it gets and keeps none of it; yields its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        left = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        received.append(left)
        while left:
            left -= len(await reader.read(min(left, 1 << 16)))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        writer.write(b"Content-Length: 10\r\nConnection: close\r\n\r\n" + b'{"id":"1"}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


async def test_a_large_file_is_never_whole_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty-eight megabytes go out while a few are held."""
    size = 48 * MIB
    path = tmp_path / "film.mp4"
    path.write_bytes(makers.blob(size))
    received: list[int] = []
    async with sink(received) as address, aiohttp.ClientSession() as session:
        monkeypatch.setattr(discord.http.Route, "BASE", address)
        file = discord.File(path)
        try:
            body = form({"content": "look"}, [Sending(upload("film.mp4", size), file)])
            tracemalloc.start()
            answer: Any = await OneAttempt().execute_webhook(
                1,
                "token",
                session=session,
                payload=body.payload,
                multipart=body.multipart,
                files=body.files,
                wait=True,
            )
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            file.close()
    assert answer == {"id": "1"}
    assert received[0] > size
    assert peak < 4 * MIB


def test_larger_files_are_waited_for_longer(tmp_path: Path) -> None:
    """A call without files ends soon; a hundred megabytes may take a quarter of an hour."""
    (tmp_path / "a").write_bytes(b"x")
    file = discord.File(tmp_path / "a")
    try:
        large = patience_s([Sending(upload("a", 100 * MIB), file)])
    finally:
        file.close()
    assert patience_s(()) == 30.0
    assert 600 < large < 1200


def standing(*files: Json, flags: int = 0) -> Json:
    """A message as the API tells it."""
    return {"flags": flags, "attachments": list(files)}


def test_what_stands_there_is_known_again() -> None:
    """By size, kind and sides, in order, each once; Discord writes names as it likes."""
    there = standing(
        {"id": "11", "filename": "_.png", "size": 5, "width": 8, "height": 9},
        {"id": "12", "filename": "a_b.png", "size": 5},
        {"id": "13", "filename": "c.png", "size": 5},
    )
    wanted = [
        upload("b.png", 5, width=7, height=7),
        upload("é.png", 5, width=8, height=9, alt="e"),
        upload("x.jpg", 5),
        upload("y.png", 6),
        upload("z.png", 5, spoiler=True),
    ]
    changed = change(there, wanted)
    ids = [(each["id"], each.get("description", "")) for each in changed.attachments]
    assert ids[:2] == [("12", ""), ("11", "e")]
    assert [each.name for each in changed.uploads] == ["x.jpg", "y.png", "SPOILER_z.png"]
    assert [each["id"] for each in changed.attachments[2:]] == ["0", "1", "2"]


def test_of_two_alike_the_names_decide() -> None:
    """Two files of one size change places with their names."""
    there = standing(
        {"id": "11", "filename": "a.bin", "size": 5}, {"id": "12", "filename": "b.bin", "size": 5}
    )
    changed = change(there, [upload("b.bin"), upload("a.bin")])
    assert [each["id"] for each in changed.attachments] == ["12", "11"]


@pytest.mark.parametrize(
    ("name", "spoiler", "sent"),
    [
        ("a.png", False, "a.png"),
        ("a.png", True, "SPOILER_a.png"),
        ("SPOILER_SPOILER_a.png", False, "a.png"),
        ("SPOILER_", False, "file"),
        ("x" * 300 + ".png", False, "x" * 196 + ".png"),
    ],
)
def test_names_as_discord_covers_them(name: str, sent: str, *, spoiler: bool) -> None:
    """A name covers its file where it is to be covered, and nowhere else."""
    assert upload(name, spoiler=spoiler).name == sent
