"""GET /healthz: 200 when every part is well, else 503, and which part is not."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from ipaddress import ip_address

from aiohttp import web

from matebot.core.health import HealthReport


def health_routes(report: Callable[[], Awaitable[HealthReport]]) -> list[web.RouteDef]:
    """The route for this machine and its private networks; to the rest of the world it is a 404."""

    async def healthz(request: web.Request) -> web.Response:
        if _from_the_world(request.remote):
            raise web.HTTPNotFound
        told = await report()
        body = {"ok": told.ok, "parts": {name: asdict(part) for name, part in told.parts.items()}}
        status = 200 if told.ok else 503
        return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})

    return [web.get("/healthz", healthz)]


def _from_the_world(remote: str | None) -> bool:
    try:
        address = ip_address(remote or "")
    except ValueError:
        return False  # a socket in the file system has no address
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_global)
