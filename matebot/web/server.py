"""The one HTTP server: mounts the routes it is given, says little, logs nothing of a request."""

import asyncio
import logging
import socket
import ssl
import traceback
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.typedefs import Handler

FIRST_REQUEST_S = 15.0
"""How long a new connection may take to send its first request's head: else it is closed."""
KEEPALIVE_S = 75.0
LINGER_S = 2.0
"""How long the rest of a refused body is read and thrown away, so that the answer arrives."""
HANDSHAKE_S = 10.0
BACKLOG = 512

log = logging.getLogger(__name__)
_NO_LOG = logging.getLogger(f"{__name__}.access")
_NO_LOG.disabled = True  # an access log holds addresses and paths; the proxy may write one


def build_app(*route_tables: Iterable[web.AbstractRouteDef], prefix: str = "") -> web.Application:
    """Mount the routes; everything else is an empty 404.

    Args:
        route_tables: What the parts serve; all paths begin with a slash.
        prefix: PUBLIC_URL's path. The routes answer with and without it, so that it does not matter
            whether a proxy takes it away.
    """
    app = web.Application(middlewares=[_guard])
    for table in route_tables:
        for route in table:
            route.register(app.router)
            if prefix and isinstance(route, web.RouteDef):
                moved = web.RouteDef(route.method, prefix + route.path, route.handler, route.kwargs)
                moved.register(app.router)
    app.on_response_prepare.append(_hide_software)
    return app


async def _hide_software(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "MateBot"


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors without a body, and log a handler's failure without anything of the request."""
    if isinstance(request.protocol, _Connection):
        request.protocol.first_request_came()
    try:
        return await handler(request)
    except web.HTTPException as answer:
        allow = {"Allow": answer.headers["Allow"]} if "Allow" in answer.headers else None
        return web.Response(status=answer.status, headers=allow)
    except (ConnectionError, TimeoutError):
        raise  # the other side went away: the server's own matter
    except Exception as error:  # noqa: BLE001 (the last frame before the network: it is logged here)
        log.error("a request handler failed: %s", _where(error))  # without its text
        return web.Response(status=500)


def _where(error: BaseException) -> str:
    """The error's kind and its frames; not its text, which may quote the request."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(
        [type(error).__name__, *(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(frames))]
    )


class _Connection(web.RequestHandler):
    """aiohttp's connection, which by itself logs malformed requests whole, secrets included."""

    __slots__ = ("_first_request",)

    def __init__(self, manager: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            manager,
            loop=loop,
            keepalive_timeout=KEEPALIVE_S,
            lingering_time=LINGER_S,
            access_log=_NO_LOG,
            auto_decompress=False,  # nobody who belongs here compresses
        )
        self._first_request: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock: who says nothing, or says it byte by byte, is not waited for."""
        super().connection_made(transport)
        loop = asyncio.get_running_loop()
        self._first_request = loop.call_later(FIRST_REQUEST_S, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop the clock, which would keep the closed connection in memory."""
        self.first_request_came()
        super().connection_lost(exc)

    def first_request_came(self) -> None:
        """Stop the clock."""
        if self._first_request is not None:
            self._first_request.cancel()
            self._first_request = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP with the status alone."""
        del message  # quotes the request
        log.debug("refused a malformed request: %s", type(exc).__name__)
        writer = request.writer
        if writer is not None and writer.output_size > 0:
            raise ConnectionError("an answer is under way already")
        response = web.Response(status=status, headers={"Server": "MateBot"})
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Name the kind of error; its text and traceback may hold the request."""
        error = kw.get("exc_info")
        kind = _where(error) if isinstance(error, BaseException) else str(args[0])[:80]
        log.error("a connection failed: %s", kind)


class WebServer:
    """Listens as long as its context is open.

    Leaving the context stops accepting, then lets the handlers under way finish.

    Args:
        app: What `build_app` made.
        host: An address or name to listen on; ``*`` for every address, IPv4 and IPv6.
        port: 1 to 65535, or 0 for any that is free (see `port`).
        tls: The context to serve TLS with; None is plain HTTP.
        finish_s: Seconds that handlers may take to finish at the end.
    """

    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
        *,
        finish_s: float = 10.0,
    ) -> None:
        self._runner = web.AppRunner(app, shutdown_timeout=finish_s)
        self._host = host
        self._asked_port = port
        self._tls = tls
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it really listens on.

        Raises:
            RuntimeError: It does not listen.
        """
        if self._server is None or not self._server.sockets:
            raise RuntimeError("the server does not listen")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        """Begin to listen.

        Raises:
            OSError: The address is taken, unknown or not permitted.
        """
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        manager = self._runner.server
        if manager is None:
            raise RuntimeError("the application was not set up")
        options: dict[str, Any] = {"backlog": BACKLOG}
        if self._tls is not None:
            options |= {"ssl": self._tls, "ssl_handshake_timeout": HANDSHAKE_S}
        if self._host == "*":
            options["sock"] = _everywhere(self._asked_port)
        else:
            options |= {"host": self._host, "port": self._asked_port}
        self._server = await loop.create_server(lambda: _Connection(manager, loop), **options)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop accepting, let handlers finish."""
        await self.stop()

    async def stop(self) -> None:
        """Stop accepting, let handlers finish within their time; safe to call twice."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._runner.cleanup()


def _everywhere(port: int) -> socket.socket:
    """A socket on all addresses: both families at once, IPv4 alone where there is no IPv6."""
    with suppress(OSError):
        if socket.has_dualstack_ipv6():
            return socket.create_server(
                ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG
            )
    return socket.create_server(("0.0.0.0", port), backlog=BACKLOG)  # noqa: S104 (asked for)
