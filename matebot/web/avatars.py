"""GET /avatars/NAME: pictures that Discord fetches by names that nobody can guess."""

import re
from pathlib import Path

from aiohttp import web

_NAME = r"[A-Za-z0-9_-]{22,128}\.(?:jpg|png|webp)"
"""At least 22 characters of base64url: 128 bits of chance."""
_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",  # a changed picture has a new name
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}


def avatar_routes(folder: Path) -> list[web.RouteDef]:
    """Serve the folder's regular files with such names; nothing else of it, and no listing."""

    async def avatar(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = folder / name
        if not re.fullmatch(_NAME, name) or path.is_symlink() or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={**_HEADERS, "Content-Type": _TYPES[path.suffix]})

    return [web.get("/avatars/{name}", avatar)]
