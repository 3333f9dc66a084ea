"""Pictures and files for the page, fetched from where each service keeps them."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath

import aiohttp
from aiohttp import web
from yarl import URL

from matebot.sandbox.discord import Fetch
from matebot.sandbox.look import look
from matebot.sandbox.stickers import drawn
from matebot.sandbox.world import Stage

LIMIT_BYTES = 60_000_000
# What a browser may show; anything else is only ever downloaded.
SHOWABLE = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/mp4",
        "audio/ogg",
        "audio/flac",
        "audio/wav",
    }
)


@dataclass(slots=True)
class Media:
    """Serves ``/media``.

    Attributes:
        public: The daemon's public address, and where it is reached from here.
    """

    stage: Stage
    public: tuple[str, str] | None
    session: aiohttp.ClientSession

    async def telegram_file(self, request: web.Request) -> web.StreamResponse:
        """A file of a message, by its id; a moving sticker as a browser can show it."""
        stored = self.stage.telegram.state.files.get(request.match_info["id"])
        if stored is None:
            raise web.HTTPNotFound
        if stored.look.mime == "application/x-tgsticker" and stored.kind == "sticker":
            return await _drawn(stored.place)
        headers, mime = _manners(stored.look.mime or stored.mime, stored.name)
        return web.FileResponse(stored.place, headers=headers | {"Content-Type": mime})

    async def sticker(self, request: web.Request) -> web.StreamResponse:
        """A Lottie sticker of the guild, as a browser can show it."""
        key = request.match_info["id"]
        stickers = self.stage.discord.world.stickers
        known = stickers.get(int(key)) if key.isdecimal() else None
        if known is None:
            raise web.HTTPNotFound
        return await _drawn(known[1])

    async def telegram_avatar(self, request: web.Request) -> web.Response:
        """Somebody's picture."""
        key = request.match_info["id"]
        world = self.stage.telegram.state.world
        sizes = world.photos.get(int(key)) if key.lstrip("-").isdecimal() else None
        stored = self.stage.telegram.state.files.get(sizes[-1]["file_id"]) if sizes else None
        if stored is None:
            raise web.HTTPNotFound
        return _shown(stored.data, "image/png", "avatar.png")

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """An attachment, from where the service keeps it: players ask for parts of it."""
        key = request.match_info["id"]
        files = self.stage.discord.world.files
        place = files.get(int(key)) if key.isdecimal() else None
        if place is None:
            raise web.HTTPNotFound
        seen = await asyncio.to_thread(look, place, render=False)
        headers, mime = _manners(seen.mime, request.match_info["name"])
        return web.FileResponse(place, headers=headers | {"Content-Type": mime})

    async def cdn(self, request: web.Request) -> web.Response:
        """What else the Discord CDN has; it points to the daemon for the avatars of its posts."""
        fetched = self._fetched(request.match_info["path"])
        if fetched is not None:
            return _shown(fetched.data, fetched.content_type, "avatar")
        where = URL(self.stage.discord.cdn_url) / request.match_info["path"]
        try:
            return await self._fetch(where.with_query(request.query_string))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise web.HTTPBadGateway from error  # an outage, or the daemon is down

    def _fetched(self, path: str) -> Fetch | None:
        """The avatar of a post as Discord fetched it at the time."""
        url = self.stage.discord.world.avatar_urls.get(PurePosixPath(path).stem)
        every = reversed(self.stage.discord.fetches)
        return next((one for one in every if one.url == url and one.status == HTTPStatus.OK), None)

    async def _fetch(self, url: URL) -> web.Response:
        for _ in range(3):
            async with self.session.get(url, allow_redirects=False) as answer:
                if answer.status == HTTPStatus.FOUND:
                    url = self._near(answer.headers["Location"])
                    continue
                if answer.status != HTTPStatus.OK:
                    raise web.HTTPNotFound
                data = await answer.content.read(LIMIT_BYTES)
                return _shown(data, answer.content_type, url.name)
        raise web.HTTPNotFound

    def _near(self, location: str) -> URL:
        """Where an address is reached from here; only the daemon's and the CDN's own are."""
        if self.public is not None and location.startswith(self.public[0]):
            return URL(self.public[1] + location.removeprefix(self.public[0]))
        if location.startswith(self.stage.discord.cdn_url):
            return URL(location)
        raise web.HTTPNotFound


async def _drawn(place: Path) -> web.StreamResponse:
    picture = await drawn(place)
    if picture is None:
        raise web.HTTPNotFound
    headers, mime = _manners("image/webp", "sticker.webp")
    return web.FileResponse(picture, headers=headers | {"Content-Type": mime})


def _shown(data: bytes, mime: str, name: str) -> web.Response:
    headers, mime = _manners(mime, name)
    return web.Response(body=data, content_type=mime, headers=headers)


def _manners(mime: str, name: str) -> tuple[dict[str, str], str]:
    """The headers of a file, and the type that a browser may take it for."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=60"}
    if mime in SHOWABLE:
        return headers, mime
    plain = "".join(char if char.isalnum() or char in "._-" else "_" for char in name)
    headers["Content-Disposition"] = f'attachment; filename="{plain[-80:]}"'
    return headers, "application/octet-stream"
