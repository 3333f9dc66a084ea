"""What the tests of the stand-in share: a plain client, a webhook to be called, small files."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from aiohttp import web

from matebot.sandbox.telegram import TelegramStandIn

Json = dict[str, Any]
TOKEN = "7100000001:made-up-token"


def png(width: int, height: int, padding: int = 0) -> bytes:
    """A PNG whose header says these sides."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    return head + struct.pack(">I", zlib.crc32(chunk)) + b"\0" * padding


@dataclass
class Api:
    """Calls methods with JSON bodies."""

    standin: TelegramStandIn
    session: aiohttp.ClientSession = field(default_factory=aiohttp.ClientSession)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def raw(self, method: str, body: object = None, token: str = TOKEN) -> Json:
        """The whole answer, whose HTTP status must be its error_code."""
        url = f"{self.standin.url}/bot{token}/{method}"
        kind = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body or {}}
        async with self.session.post(url, **kind) as answer:
            found: Json = await answer.json()
            assert answer.status == found.get("error_code", 200)
            return found

    async def call(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = await self.raw(method, params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """The description of a call that must fail."""
        answer = await self.raw(method, params)
        assert not answer["ok"], answer
        description: str = answer["description"]
        return description


@dataclass
class Hook:
    """A webhook: what it was told, and how it answers."""

    standin: TelegramStandIn
    seen: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[Json], web.Response] = lambda _update: web.Response()
    url: str = ""
    port: int = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        update: Json = await request.json()
        answer = self.answer(update)
        self.seen.append(update)
        self.headers.append(dict(request.headers))
        self.standin.state.changes.wake()
        return answer

    def texts(self) -> list[str]:
        """The texts of the messages it was told of, the edited ones included."""
        kinds = ("message", "edited_message", "channel_post", "edited_channel_post")
        bodies = [update[kind] for update in self.seen for kind in kinds if kind in update]
        return [body["text"] for body in bodies if "text" in body]
