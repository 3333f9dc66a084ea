"""The page of the sandbox: both chats in a browser, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from matebot.sandbox import portraits
from matebot.sandbox.page_actions import Actions, Control
from matebot.sandbox.page_asked import ActionError, Upload
from matebot.sandbox.page_feed import Feed
from matebot.sandbox.page_media import Media
from matebot.sandbox.page_views import Views
from matebot.sandbox.world import Stage

Json = dict[str, Any]
STATIC = Path(__file__).parent / "static"
BODY_BYTES = 60_000_000  # some files of the largest size that a bot may send
LOOK_S = 0.5
# The page shows what strangers typed: should anything slip through, it may load and run nothing.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """Serves the page; an async context manager.

    Args:
        stage: What it shows.
        control: The daemon and the demo behind it; None where there are none.
        host: Where to listen.
        port: 0 is any free one.
        public: The daemon's public address, and where it is reached from here.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        control: Control | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        public: tuple[str, str] | None = None,
    ) -> None:
        self._stage = stage
        self._control = control
        self._host, self._port = host, port
        self._public = public
        self._views = Views(stage)
        self._actions = Actions(stage, self._views, control)
        self.feed = Feed(self._views)
        self._open: set[web.WebSocketResponse] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._group = asyncio.TaskGroup()
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it is to be opened."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: The port is taken.
        """
        self._session = aiohttp.ClientSession()
        try:
            self._runner = web.AppRunner(
                self._app(self._session), access_log=None, shutdown_timeout=0.5
            )
            await self._runner.setup()
            site = web.TCPSite(self._runner, self._host, self._port)
            await site.start()
        except BaseException:
            await self._close()
            raise
        self._port = int(self._runner.addresses[0][1])
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        pumps = (self._telegram(), self._discord(), self._look())
        self._tasks = [self._group.create_task(pump) for pump in pumps]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the open pages and stop."""
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(None, None, None)
        for socket in list(self._open):
            await socket.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        await self._close()

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    def _app(self, session: aiohttp.ClientSession) -> web.Application:
        app = web.Application(client_max_size=BODY_BYTES, middlewares=[self._guard])
        media = Media(self._stage, self._public, session)
        app.router.add_get("/", self._index)
        app.router.add_static("/static", STATIC)
        app.router.add_get("/portrait/{name}.png", _portrait)
        app.router.add_get("/ws", self._socket)
        app.router.add_post("/do/{name}", self._do)
        app.router.add_get("/media/telegram/{id}", media.telegram_file)
        app.router.add_get("/media/sticker/{id}", media.sticker)
        app.router.add_get("/media/telegram-avatar/{id}", media.telegram_avatar)
        app.router.add_get("/media/cdn/attachments/{channel}/{id}/{name}", media.attachment)
        app.router.add_get("/media/cdn/{path:.+}", media.cdn)
        return app

    # -- what happened -----------------------------------------------------------------------

    async def _telegram(self) -> None:
        async for change in self._stage.telegram.watch():
            place = self._stage.left.key_of(str(change.get("chat_id")))
            match change["kind"]:
                case "typing":
                    name = self._stage.telegram.bot["first_name"]
                    self._moment("typing", "telegram", place, name=name)
                case "callback_answer" if change["text"]:
                    self._moment("toast", "telegram", place, text=change["text"])
                case _:
                    self.feed.wake()

    async def _discord(self) -> None:
        async for change in self._stage.discord.watch():
            data = change["data"]
            if change["type"] == "TYPING_START":
                user = self._stage.discord.world.users[int(data["user_id"])]
                place = self._stage.right.key_of(str(data["channel_id"]))
                name = user["global_name"] or user["username"]
                self._moment("typing", "discord", place, name=name, user=str(user["id"]))
            else:
                self.feed.wake()

    def _moment(self, kind: str, side: str, place: str | None, **more: str) -> None:
        self.feed.moment({"kind": kind, "side": side, "place": place, **more})

    async def _look(self) -> None:
        """Look at what tells nobody that it changed: the daemon, the outages."""
        while True:
            if self._control is not None:
                self.feed.daemon = self._control.state()
            self.feed.wake()
            await asyncio.sleep(LOOK_S)

    # -- requests ----------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer this page alone: no other site may reach into it through the browser."""
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise web.HTTPForbidden(text="another site's request")
        name = request.url.host or ""
        if name not in (self._host, "localhost", "127.0.0.1", "::1") and not _is_address(name):
            raise web.HTTPForbidden(text="ask by this machine's address")
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Content-Security-Policy"] = POLICY
            answer.headers["Referrer-Policy"] = "no-referrer"
            answer.headers.setdefault("Cache-Control", "no-cache")
        return answer

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _do(self, request: web.Request) -> web.Response:
        try:
            asked, uploads = await _read(request)
            await self._actions.do(request.match_info["name"], asked, uploads)
        except ActionError as error:
            return web.json_response({"error": str(error)}, status=400)
        self.feed.wake()
        return web.json_response({})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        """Tell one open page everything, until it goes."""
        socket = web.WebSocketResponse(heartbeat=20.0)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(_send(socket, self.feed.follow()))
                async for _ in socket:
                    pass  # the page says nothing here; this ends when it closes
                sending.cancel()
        finally:
            self._open.discard(socket)
        return socket


async def _portrait(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in portraits.NAMES:
        raise web.HTTPNotFound
    return web.Response(body=portraits.portrait(name), content_type="image/png")


async def _send(socket: web.WebSocketResponse, news: AsyncIterator[Json]) -> None:
    async for one in news:
        try:
            await socket.send_json(one)
        except ConnectionError:
            return


async def _read(request: web.Request) -> tuple[Json, list[Upload]]:
    """An action's JSON, alone or beside files.

    Raises:
        ActionError: It is neither.
    """
    asked: Any
    uploads: list[Upload] = []
    try:
        if request.content_type == "application/json":
            asked = await request.json()
        elif request.content_type == "multipart/form-data":
            asked, uploads = await _form(request)
        else:
            raise ActionError("send JSON, or a form with files")
    except ValueError as error:
        raise ActionError("this is no JSON") from error
    if not isinstance(asked, dict):
        raise ActionError("an action is an object")
    return asked, uploads


async def _form(request: web.Request) -> tuple[Any, list[Upload]]:
    form = await request.post()
    asked: Any = json.loads(str(form.get("asked", "{}")))
    uploads = []
    for part in form.getall("file", []):
        if isinstance(part, web.FileField):
            data = part.file.read()
            uploads.append(Upload(part.filename, part.content_type, data))
    return asked, uploads


def _is_address(host: str) -> bool:
    """Whether a host is written as numbers: no name that a stranger's DNS could point here."""
    return host.replace(".", "").isdecimal() or ":" in host
