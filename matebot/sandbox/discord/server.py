"""HTTP: requests read, limited, recorded and answered."""

import asyncio
import hmac
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from matebot.sandbox.discord import errors
from matebot.sandbox.discord.asked import Asked, Made, Route
from matebot.sandbox.discord.errors import ApiError
from matebot.sandbox.discord.pace import Pace, refusal
from matebot.sandbox.discord.reading import read
from matebot.sandbox.discord.world import World
from matebot.sandbox.faults import Fault, Faults

PREFIX = "/api/v10"
MAJOR = ("channel_id", "guild_id", "webhook_id")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class SentFile:
    """What a request uploaded, without the bytes."""

    field: str
    filename: str
    content_type: str
    size_bytes: int


@dataclass(slots=True)
class Call:
    """One request, as it came.

    Attributes:
        method: The HTTP method.
        path: Below ``/api/v10``.
        body: The JSON, or the ``payload_json`` of a multipart request; None without one.
        query: The query string.
        files: What was uploaded.
        at: Seconds since 1970.
        route: The route's name; empty where there is none.
        status: What was answered; 0 while it is under way and where the connection was dropped.
    """

    method: str
    path: str
    body: Any = None
    query: Mapping[str, str] | None = None
    files: tuple[SentFile, ...] = ()
    at: float = 0.0
    route: str = ""
    status: int = 0


class Rest:
    """Serves the routes.

    Args:
        world: The state.
        pace: The rate limits.
        faults: What is to go wrong.
        token: The bot's; anything else gets 401.
        changed: Told after each request.
        keep_calls: How many requests are remembered.
    """

    def __init__(
        self,
        world: World,
        pace: Pace,
        faults: Faults,
        *,
        token: str,
        changed: Callable[[], None],
        keep_calls: int = 50_000,
    ) -> None:
        self.world = world
        self.pace = pace
        self.faults = faults
        self.token: str | None = token
        self.changed = changed
        self._patterns: list[re.Pattern[str]] = []
        self.calls: deque[Call] = deque(maxlen=keep_calls)

    def mount(self, app: web.Application, routes: Iterable[Route]) -> None:
        """Add routes."""
        for route in routes:
            app.router.add_route(route.method, PREFIX + route.path, self._serve(route))
            self._patterns.append(re.compile(re.sub(r"\{\w+\}", "[^/]+", PREFIX + route.path)))

    def mount_rest(self, app: web.Application) -> None:
        """Answer what is none of the routes; to be called last."""
        app.router.add_route("*", "/api/{rest:.*}", self._nothing)

    def _serve(self, route: Route) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            call = self._record(request, route.name)
            try:
                return await self._answer(request, route, call)
            finally:
                self.changed()

        return serve

    async def _nothing(self, request: web.Request) -> web.StreamResponse:
        call = self._record(request, "")
        there = any(each.fullmatch(request.path) for each in self._patterns)
        return self._refuse(ApiError(errors.NOT_ALLOWED if there else errors.NOT_FOUND), call, {})

    def _record(self, request: web.Request, name: str) -> Call:
        path = request.path.removeprefix(PREFIX)
        call = Call(request.method, path, query=dict(request.query), at=time.time(), route=name)
        self.calls.append(call)
        return call

    async def _answer(self, request: web.Request, route: Route, call: Call) -> web.StreamResponse:
        if self.pace.banned:
            call.status = 403
            return web.Response(status=403, text="error code: 1015", content_type="text/html")
        fault = self.faults.take(route.name)
        if fault is not None and fault.kind in ("status", "drop"):
            with suppress(ApiError):
                await self._read(request, call)
            return await self._go_wrong(request, fault, call)
        late_s = fault.delay_s if fault is not None and fault.kind == "late" else 0.0
        answer = await self._work(request, route, call, late_s)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        if fault is not None and fault.kind == "drop_after":
            return _drop(request, call)
        return answer

    async def _read(self, request: web.Request, call: Call) -> Asked:
        """Take in the body, for the book of calls too, whatever the answer will be."""
        asked = await read(request, self.world)
        call.body = asked.body
        call.files = tuple(
            SentFile(each.field, each.filename, each.content_type, each.size)
            for each in asked.files
        )
        return asked

    async def _work(
        self, request: web.Request, route: Route, call: Call, late_s: float
    ) -> web.Response:
        headers: dict[str, str] = {}
        try:
            if route.auth == "bot":
                self._authorize(request)
            verdict = self.pace.spend(route.name, *self._major(request, route))
            headers = verdict.headers
            if verdict.retry_after_s is not None:
                body, more = refusal(verdict.retry_after_s, scope=verdict.scope)
                with suppress(ApiError):
                    await self._read(request, call)
                return self._finish(call, 429, body, headers | more, verdict.scope)
            asked = await self._read(request, call)
            self._note_ignored(route, asked)
            if late_s:
                await asyncio.sleep(late_s)
            value = route.handler(asked)
        except ApiError as error:
            return self._refuse(error, call, headers)
        if value is None:
            return self._finish(call, 204, None, headers)
        if isinstance(value, Made):
            return self._finish(call, 201, value.value, headers)
        return self._finish(call, 200, value, headers)

    def _authorize(self, request: web.Request) -> None:
        told = request.headers.get("Authorization", "")
        wanted = f"Bot {self.token}"
        if self.token is None or not hmac.compare_digest(told.encode(), wanted.encode()):
            raise ApiError(errors.UNAUTHORIZED)

    def _major(self, request: web.Request, route: Route) -> tuple[str, str | None]:
        """The major parameter, and for a webhook's post its channel."""
        parts = request.match_info
        major = next((parts[name] for name in MAJOR if name in parts), "")
        if "token" in parts:
            major += "/" + parts["token"]
        channel = None
        if route.name == "webhook.execute" and parts["webhook_id"].isdecimal():
            hook = self.world.webhooks.get(int(parts["webhook_id"]))
            channel = hook["channel_id"] if hook else None
        return major, channel

    def _note_ignored(self, route: Route, asked: Asked) -> None:
        if route.keys is not None and isinstance(asked.body, dict):
            for key in asked.body.keys() - route.keys:
                self.world.ignored[route.name, key] += 1

    def _refuse(self, error: ApiError, call: Call, headers: dict[str, str]) -> web.Response:
        return self._finish(call, error.problem.status, error.body(), headers)

    def _finish(
        self, call: Call, status: int, body: Any, headers: dict[str, str], scope: str = "user"
    ) -> web.Response:
        call.status = status
        self.pace.note(status, scope)
        if status == 204:
            return web.Response(status=204, headers=headers)
        raw = json.dumps(body, separators=(",", ":")).encode()
        return web.Response(
            body=raw, status=status, headers=headers, content_type="application/json"
        )

    # -- going wrong -------------------------------------------------------------------------

    async def _go_wrong(self, request: web.Request, fault: Fault, call: Call) -> web.StreamResponse:
        if fault.kind == "drop":
            return _drop(request, call)
        if fault.status == 429:
            body, headers = refusal(fault.retry_after_s)
            return self._finish(call, 429, body, headers)
        phrase = HTTPStatus(fault.status).phrase
        if fault.status in (502, 503, 504):  # the front answers these, not the API
            call.status = fault.status
            return web.Response(
                status=fault.status,
                text=f"<html><head><title>{fault.status} {phrase}</title></head></html>",
                content_type="text/html",
            )
        body = {"message": f"{fault.status}: {phrase}", "code": 0}
        return self._finish(call, fault.status, body, {})


def _drop(request: web.Request, call: Call) -> web.Response:
    """Close the connection without a word."""
    call.status = 0
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
