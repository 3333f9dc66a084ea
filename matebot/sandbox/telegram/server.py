"""The Bot API over HTTP: reading calls, running methods, answering; and the files' downloads.

Parameters may come as a query, a form, a multipart form or JSON, as with the real server.
"""

import asyncio
import inspect
import time
from typing import Any

from aiohttp import web

from matebot.sandbox.downloads import answer_with, hang_up
from matebot.sandbox.faults import Fault, Faults
from matebot.sandbox.telegram import (
    methods_bot,
    methods_chat,
    methods_edit,
    methods_files,
    methods_send,
    polls,
)
from matebot.sandbox.telegram.errors import ApiError, too_many
from matebot.sandbox.telegram.limits import BODY_BYTES
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.reading import read
from matebot.sandbox.telegram.state import Call, State

Json = dict[str, Any]
METHODS = (
    methods_bot.METHODS
    | methods_chat.METHODS
    | methods_edit.METHODS
    | methods_files.METHODS
    | methods_send.METHODS
    | polls.METHODS
)
NAMES = {name.lower(): name for name in METHODS}
SHUTDOWN_S = 0.5


class Server:
    """Serves one bot on the loopback.

    Args:
        state: What the methods act on.
        faults: What is to go wrong.
    """

    def __init__(self, state: State, faults: Faults) -> None:
        self.state = state
        self.faults = faults
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> None:
        """Listen.

        Raises:
            OSError: The port is taken.
        """
        app = web.Application(client_max_size=BODY_BYTES)  # multipart is read piece by piece
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and close all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def run_reply(self, method: str, values: Json) -> None:
        """Run a method that came in a webhook's answer; its result goes nowhere."""
        name = NAMES.get(method.lower())
        if name is None:
            return
        self._record(name, Params(values))
        try:
            METHODS[name](self.state, Params(values))
        except ApiError as error:
            self.state.changes.tell("refused", method=name, description=error.description)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:  # noqa: ARG002 - a handler
        return _answer(ApiError(404))

    async def _download(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.take("file")
        if fault is not None and fault.kind == "status":
            return _answer(_fault_error(fault))
        stored = self.state.files.at(request.match_info["path"])
        if not self._authorized(request) or stored is None:
            return _answer(ApiError(404))
        return await answer_with(request, stored.place, "application/octet-stream", fault)

    def _authorized(self, request: web.Request) -> bool:
        world = self.state.world
        return request.match_info["token"] == world.token and not world.revoked

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = NAMES.get(request.match_info["method"].lower())
        fault = self.faults.take(method or request.match_info["method"])
        if fault is not None and fault.kind == "drop":
            return hang_up(request)
        try:
            answer = _result(await self._answered(request, method, fault))
        except ApiError as error:
            answer = _answer(error)
        if fault is not None and fault.kind == "drop_after":
            return hang_up(request)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        return answer

    async def _answered(self, request: web.Request, method: str | None, fault: Fault | None) -> Any:
        """Read and run a call.

        Raises:
            ApiError: It is refused, or the fault says so.
        """
        params = await read(request, self.state.files.shelf, local=self.state.local)
        if method is not None and self._authorized(request):
            self._record(method, params)
        if fault is not None and fault.kind == "status":
            raise _fault_error(fault)
        if not self._authorized(request):
            raise ApiError(401)
        if method is None:
            raise ApiError(404, "method not found")
        if fault is not None and fault.kind == "late":
            await asyncio.sleep(fault.delay_s)
        result = METHODS[method](self.state, params)
        return await result if inspect.isawaitable(result) else result

    def _record(self, method: str, params: Params) -> None:
        files = {name: (file.name, file.size) for name, file in params.files.items()}
        call = Call(method, dict(params.values), files, time.monotonic())
        self.state.calls.append(call)
        self.state.changes.tell("call", method=method)


def _answer(error: ApiError) -> web.Response:
    return web.json_response(error.body(), status=error.code)


def _result(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _fault_error(fault: Fault) -> ApiError:
    if fault.status == 429:
        return too_many(max(1, round(fault.retry_after_s)))
    reasons = {400: "bad request", 403: "bot was blocked by the user"}
    return ApiError(fault.status, reasons.get(fault.status, ""))
