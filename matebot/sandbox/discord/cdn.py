"""The CDN: avatars, emojis, attachments."""

import asyncio
import hmac
import re
import time
from pathlib import PurePosixPath

from aiohttp import web

from matebot.sandbox.discord import files, picture
from matebot.sandbox.discord.world import World
from matebot.sandbox.faults import Faults

_HEX = re.compile(r"[0-9a-f]{1,16}")


class Cdn:
    """Serves what the world keeps.

    Args:
        world: The state.
        faults: What is to go wrong; the name here is ``cdn``.
    """

    def __init__(self, world: World, faults: Faults) -> None:
        self.world = world
        self.faults = faults

    def mount(self, app: web.Application) -> None:
        """Add the routes below ``/cdn``."""
        app.router.add_get("/cdn/attachments/{channel}/{id}/{name}", self.attachment)
        app.router.add_get("/cdn/embed/avatars/{file}", self.default_avatar)
        for kind in ("avatars", "icons", "app-icons", "channel-icons"):
            app.router.add_get(f"/cdn/{kind}/{{owner}}/{{file}}", self.picture)
        app.router.add_get("/cdn/guilds/{guild}/users/{owner}/avatars/{file}", self.picture)
        for kind in ("emojis", "stickers"):
            app.router.add_get(f"/cdn/{kind}/{{file}}", self.picture)

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """An attachment, where the address is whole and not too old."""
        fault = self.faults.take("cdn")
        if fault is not None and fault.kind == "status":
            return web.Response(status=fault.status)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        if fault is not None and fault.kind in ("drop", "drop_after"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return self._attachment(request)

    def _attachment(self, request: web.Request) -> web.Response:
        parts = request.match_info
        path = f"/attachments/{parts['channel']}/{parts['id']}/{parts['name']}"
        until, since = request.query.get("ex", ""), request.query.get("is", "")
        signed = self.world.sign(path, until, since)
        given = request.query.get("hm", "")
        whole = _HEX.fullmatch(until) and hmac.compare_digest(signed.encode(), given.encode())
        if not whole or int(until, 16) < time.time():
            return web.Response(status=404, text="This content is no longer available.")
        data = self.world.files.get(int(parts["id"])) if parts["id"].isdecimal() else None
        if data is None:
            return web.Response(status=404)
        return web.Response(body=data, content_type=files.mime_of(data, parts["name"]))

    async def default_avatar(self, request: web.Request) -> web.StreamResponse:
        """One of the six (``0.png`` to ``5.png``)."""
        stem = PurePosixPath(request.match_info["file"]).stem
        if stem not in ("0", "1", "2", "3", "4", "5"):
            return web.Response(status=404)
        return _png(picture.square(f"embed avatar {stem}"))

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """A picture by its hash or id; that of a webhook's post from where it was given."""
        key = PurePosixPath(request.match_info["file"]).stem.removeprefix("a_")
        data = self.world.pictures.get(key)
        if data is not None:
            mime = picture.kind_of(data) or "application/octet-stream"
            return web.Response(body=data, content_type=mime)
        if key in self.world.avatar_urls:
            raise web.HTTPFound(self.world.avatar_urls[key])
        return web.Response(status=404)


def _png(data: bytes) -> web.Response:
    return web.Response(body=data, content_type="image/png")
