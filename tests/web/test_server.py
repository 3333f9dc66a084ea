"""The server over real sockets: what it answers, what it logs, how it stops."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from matebot.web import server
from matebot.web.server import WebServer, build_app

routes = web.RouteTableDef()


@routes.get("/hello")
async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


@routes.post("/broken")
async def broken(request: web.Request) -> web.Response:
    raise KeyError(await request.text())


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def raw(port: int, data: bytes) -> bytes:
    """Send bytes as they are and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


async def test_routes_are_mounted_and_all_else_is_empty(http: aiohttp.ClientSession) -> None:
    """A known path answers; an unknown one or a wrong method answers a bare status."""
    async with WebServer(build_app(routes), "127.0.0.1", 0) as running:
        base = f"http://127.0.0.1:{running.port}"
        async with http.get(f"{base}/hello") as answer:
            assert (answer.status, await answer.text()) == (200, "hello")
            assert answer.headers["Server"] == "MateBot"
        async with http.get(f"{base}/other") as answer:
            assert (answer.status, await answer.read()) == (404, b"")
        async with http.delete(f"{base}/hello") as answer:
            assert (answer.status, await answer.read()) == (405, b"")
            assert "GET" in answer.headers["Allow"]


async def test_a_prefix_is_optional(http: aiohttp.ClientSession) -> None:
    """Below a path in PUBLIC_URL the routes answer whether the proxy strips it or not."""
    app = build_app(routes, prefix="/bots/mate")
    async with WebServer(app, "127.0.0.1", 0) as running:
        for path in ("/hello", "/bots/mate/hello"):
            async with http.get(f"http://127.0.0.1:{running.port}{path}") as answer:
                assert answer.status == 200


async def test_a_failing_handler_logs_nothing_of_the_request(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is a bare 500; the log names the error's kind and place, not its text."""
    async with WebServer(build_app(routes), "127.0.0.1", 0) as running:
        url = f"http://127.0.0.1:{running.port}/broken"
        async with http.post(url, data="my secret words", headers={"X-Key": "k3y"}) as answer:
            assert (answer.status, await answer.read()) == (500, b"")
    (record,) = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert "KeyError" in record.getMessage()
    assert "broken" in record.getMessage()
    assert "my secret" not in caplog.text
    assert "k3y" not in caplog.text


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\nX-Key: k3y\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-Key k3y\r\n\r\n",
        b"POST /broken HTTP/1.1\r\nX-Key: k3y\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /hello HTTP/1.1\r\nX-Key: k3y\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-Key: k3y" + b"y" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Key: k3y\r\n" * 3_000 + b"\r\n",
    ],
)
async def test_malformed_requests_are_refused_in_silence(
    data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """What is no HTTP gets a bare 400 from an unnamed software, and nothing of it is logged."""
    caplog.set_level(logging.DEBUG)
    async with WebServer(build_app(routes), "127.0.0.1", 0) as running:
        answer = await raw(running.port, data)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")), answer
    assert b"aiohttp" not in head
    assert body == b""
    assert not [r for r in caplog.records if r.levelno > logging.DEBUG]
    assert "k3y" not in caplog.text


async def test_who_never_asks_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that does not finish its first request's head in time is closed."""
    monkeypatch.setattr(server, "FIRST_REQUEST_S", 0.1)
    async with WebServer(build_app(routes), "127.0.0.1", 0) as running:
        assert await raw(running.port, b"GET /hello HTTP/1.1\r\nX-Slow: ") == b""


async def test_a_used_connection_outlives_the_first_clock(
    http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a request has come, the same connection serves on, however long the handler takes."""
    monkeypatch.setattr(server, "FIRST_REQUEST_S", 0.1)
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, passed.set)

    async def slow(_request: web.Request) -> web.Response:
        await passed.wait()
        return web.Response(text="done")

    app = build_app([web.get("/slow", slow)])
    async with (
        WebServer(app, "127.0.0.1", 0) as running,
        http.get(f"http://127.0.0.1:{running.port}/slow") as answer,
    ):
        assert await answer.text() == "done"


async def test_stopping_lets_handlers_finish(http: aiohttp.ClientSession) -> None:
    """A request under way is answered; a new one finds the door closed."""
    entered, go = asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        entered.set()
        await go.wait()
        return web.Response(text="done")

    running = WebServer(build_app([web.get("/slow", slow)]), "127.0.0.1", 0)
    async with running:
        port = running.port

        async def ask() -> str:
            async with http.get(f"http://127.0.0.1:{port}/slow") as answer:
                return await answer.text()

        async with asyncio.TaskGroup() as group:
            asked = group.create_task(ask())
            await entered.wait()
            stopped = group.create_task(running.stop())
            await asyncio.sleep(0)
            with pytest.raises(OSError, match=r"refused|Connect"):
                await asyncio.open_connection("127.0.0.1", port)
            assert not stopped.done()
            go.set()
        assert asked.result() == "done"


async def test_stopping_is_bounded(http: aiohttp.ClientSession) -> None:
    """A handler that never ends is cancelled when its time is over."""
    entered, cancelled = asyncio.Event(), asyncio.Event()

    async def endless(_request: web.Request) -> web.Response:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    app = build_app([web.get("/endless", endless)])

    async def ask(port: int) -> None:
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://127.0.0.1:{port}/endless")

    async with (
        asyncio.timeout(10),
        asyncio.TaskGroup() as group,
        WebServer(app, "127.0.0.1", 0, finish_s=0.1) as running,
    ):
        group.create_task(ask(running.port))
        await entered.wait()
    assert cancelled.is_set()


async def test_a_taken_port_is_an_oserror() -> None:
    """Two servers cannot have one port; the second says so."""
    async with WebServer(build_app(routes), "127.0.0.1", 0) as running:
        second = WebServer(build_app(routes), "127.0.0.1", running.port)
        with pytest.raises(OSError, match="in use"):
            async with second:
                raise AssertionError
        await second.stop()


async def test_a_star_is_every_address(http: aiohttp.ClientSession) -> None:
    """`*` listens on IPv4, and on IPv6 where the machine has it, with one port."""
    async with WebServer(build_app(routes), "*", 0) as running:
        async with http.get(f"http://127.0.0.1:{running.port}/hello") as answer:
            assert answer.status == 200
        if socket.has_dualstack_ipv6():
            async with http.get(f"http://[::1]:{running.port}/hello") as answer:
                assert answer.status == 200
