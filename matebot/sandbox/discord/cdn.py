"""The CDN: avatars, emojis, attachments, stickers, and what the media proxy passes on."""

import hmac
import mimetypes
import re
import time
from pathlib import PurePosixPath

from aiohttp import web

from matebot.sandbox.discord import picture
from matebot.sandbox.discord.world import World
from matebot.sandbox.downloads import answer_with
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
        app.router.add_get("/cdn/emojis/{file}", self.picture)
        app.router.add_get("/cdn/stickers/{file}", self.sticker)
        app.router.add_get("/cdn/external/{id}/{name}", self.external)

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """An attachment, where the address is whole and not too old."""
        fault = self.faults.take("cdn")
        if fault is not None and fault.kind == "status":
            return web.Response(status=fault.status)
        parts = request.match_info
        path = f"/attachments/{parts['channel']}/{parts['id']}/{parts['name']}"
        until, since = request.query.get("ex", ""), request.query.get("is", "")
        signed = self.world.sign(path, until, since)
        given = request.query.get("hm", "")
        whole = _HEX.fullmatch(until) and hmac.compare_digest(signed.encode(), given.encode())
        if not whole or int(until, 16) < time.time():
            return web.Response(status=404, text="This content is no longer available.")
        place = self.world.files.get(int(parts["id"])) if parts["id"].isdecimal() else None
        if place is None:
            return web.Response(status=404)
        told = self._told(int(parts["channel"]), parts["id"])
        mime = mimetypes.guess_type(parts["name"])[0] or "application/octet-stream"
        return await answer_with(request, place, told or mime, fault)

    def _told(self, channel: int, attachment: str) -> str | None:
        """The type that a message tells of an attachment."""
        kept = self.world.messages.get(channel, {}).values()
        every = (each for message in kept for each in message["attachments"])
        found = next((each for each in every if each["id"] == attachment), None)
        return None if found is None else str(found["content_type"])

    async def sticker(self, request: web.Request) -> web.StreamResponse:
        """A sticker, in its own format alone."""
        fault = self.faults.take("cdn")
        if fault is not None and fault.kind == "status":
            return web.Response(status=fault.status)
        file = PurePosixPath(request.match_info["file"])
        known = self.world.stickers.get(int(file.stem)) if file.stem.isdecimal() else None
        if known is None or file.suffix != f".{known[0]}":
            return web.Response(status=404)
        mime = {"png": "image/png", "gif": "image/gif", "json": "application/json"}[known[0]]
        return await answer_with(request, known[1], mime, fault)

    async def external(self, request: web.Request) -> web.StreamResponse:
        """A picture from elsewhere, as the media proxy passes it on."""
        fault = self.faults.take("cdn")
        if fault is not None and fault.kind == "status":
            return web.Response(status=fault.status)
        key = request.match_info["id"]
        place = self.world.files.get(int(key)) if key.isdecimal() else None
        if place is None:
            return web.Response(status=404)
        mime = mimetypes.guess_type(request.match_info["name"])[0]
        return await answer_with(request, place, mime or "application/octet-stream", fault)

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
