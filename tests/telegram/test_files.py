import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from matebot.core.errors import FileTooLarge, MessageGone, TemporaryError
from matebot.core.ids import MessageRef, Room
from matebot.core.message import File
from matebot.telegram import files
from matebot.telegram.client import make_bot
from matebot.telegram.files import TelegramFiles
from tests.media.makers import blob, jpeg
from tests.telegram.standin import TOKEN, Scene, scene

OF = MessageRef(Room.telegram(-1001), 1)


@pytest.fixture
async def here() -> AsyncIterator[Scene]:
    async with scene() as running:
        yield running


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked at once."""
    monkeypatch.setattr(files, "PAUSE_S", 0.0)


def posted(here: Scene, kind: str, data: bytes, *, name: str, mime: str) -> File:
    """A file that Bob sends."""
    message = here.service.send_file(
        here.bob["id"], here.room.chat, kind, data, name=name, mime=mime
    )
    told = message[kind][-1] if kind == "photo" else message[kind]
    return File(told["file_id"], told["file_unique_id"])


async def whole(source: TelegramFiles, file: File) -> bytes:
    """All of a file."""
    async with source.open(file, OF) as opened:
        chunks = [chunk async for chunk in opened.chunks]
        data = b"".join(chunks)
        assert opened.size_bytes in (None, len(data))
        assert max(map(len, chunks)) <= files.CHUNK_BYTES
        return data


async def test_a_file_is_read_in_chunks(here: Scene) -> None:
    """What people sent is read as it is, in bounded pieces."""
    data = blob(300_000)
    file = posted(here, "document", data, name="a.bin", mime="application/octet-stream")
    assert await whole(TelegramFiles(here.bot), file) == data


async def test_reading_may_end_early(here: Scene) -> None:
    """Who has read enough leaves, and may read anew."""
    data = jpeg()
    file = posted(here, "photo", data, name="", mime="image/jpeg")
    source = TelegramFiles(here.bot)
    async with source.open(file, OF) as opened:
        assert await anext(opened.chunks)
    assert await whole(source, file) == data


async def test_what_is_not_there_is_gone(here: Scene) -> None:
    """An id that the service does not know is no reason to try for ever."""
    with pytest.raises(MessageGone):
        await whole(TelegramFiles(here.bot), File("AgACnothing", "u"))


async def test_too_large_is_told(here: Scene) -> None:
    """The public server hands out no file beyond its limit."""
    file = posted(here, "document", bytes(21 * 1024 * 1024), name="a.bin", mime="")
    source = TelegramFiles(here.bot)
    assert source.most_bytes == 20 * 1024 * 1024
    with pytest.raises(FileTooLarge):
        await whole(source, file)


class OwnServer:
    """A file server that answers as it is told, one answer after the other."""

    def __init__(self) -> None:
        self.path = "documents/a.bin"
        self.told: list[Any] = []
        self.asked: list[str] = []
        self.app = web.Application()
        self.app.router.add_post("/bot{token}/getFile", self._get_file)
        self.app.router.add_get("/file/bot{token}/{path:.*}", self._file)

    async def _get_file(self, _: web.Request) -> web.Response:
        self.asked.append("getFile")
        told = {"file_id": "f", "file_unique_id": "u", "file_path": self.path}
        return web.json_response({"ok": True, "result": told})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.match_info["path"])
        answer = self.told.pop(0)
        if isinstance(answer, int):
            return web.Response(status=answer)
        response = web.StreamResponse(headers={"Content-Length": str(len(answer) + 1)})
        await response.prepare(request)
        await response.write(answer)
        assert request.transport is not None
        request.transport.close()
        return response


@pytest.fixture
async def own() -> AsyncIterator[tuple[OwnServer, TelegramFiles]]:
    server = OwnServer()
    async with TestServer(server.app) as running:
        bot = make_bot(TOKEN, str(running.make_url("/")).rstrip("/"))
        yield server, TelegramFiles(bot)
        await bot.session.close()


async def test_an_expired_address_is_asked_anew(own: tuple[OwnServer, TelegramFiles]) -> None:
    """An address that is no more is replaced once; then the file is taken for gone."""
    server, source = own
    server.told = [404, 404]
    with pytest.raises(MessageGone):
        await whole(source, File("f", "u"))
    assert server.asked == ["getFile", server.path] * 2 + ["getFile"]


@pytest.mark.parametrize("answer", [500, b"half"], ids=["refused", "cut"])
async def test_trouble_is_temporary_and_holds_no_token(
    own: tuple[OwnServer, TelegramFiles], answer: Any
) -> None:
    """A file server that fails, before or amid the bytes, says so without the address."""
    server, source = own
    server.told = [answer]
    with pytest.raises(TemporaryError) as caught:
        await whole(source, File("f", "u"))
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value.__cause__)


async def test_a_local_servers_file_is_read_from_disk(
    own: tuple[OwnServer, TelegramFiles], tmp_path: Path
) -> None:
    """With a local server a path on this machine is read, and nothing but files."""
    server, public = own
    local = TelegramFiles(public._bot, local=True)
    assert local.most_bytes == 2000 * 1024 * 1024
    (tmp_path / "a").write_bytes(blob(200_000))
    server.path = str(tmp_path / "a")
    assert await whole(local, File("f", "u")) == blob(200_000)
    assert server.asked == ["getFile"]
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "missing", "."):
        server.path = str(tmp_path / name)
        with pytest.raises(MessageGone):
            await whole(local, File("f", "u"))


async def test_a_path_of_this_machine_means_nothing_elsewhere(
    own: tuple[OwnServer, TelegramFiles], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No server that is not our own can have this machine's files read; the operator is told."""
    server, public = own
    (tmp_path / "secret").write_bytes(b"secret")
    server.path = str(tmp_path / "secret")
    with pytest.raises(MessageGone):
        await whole(public, File("f", "u"))
    assert "MATEBOT_TELEGRAM_LOCAL" in caplog.text
    assert server.asked == ["getFile"]
