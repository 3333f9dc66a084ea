"""Avatars: fetched by their exact name, and nothing else of the folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from matebot.web.avatars import avatar_routes
from matebot.web.server import WebServer, build_app

NAME = "AbCdEfGhIjKlMnOpQrStUv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "avatars"
    inside.mkdir()
    (inside / f"{NAME}.png").write_bytes(b"\x89PNG picture")
    (inside / f"{NAME}.html").write_text("<script>")
    (inside / "short.png").write_bytes(b"guessable")
    (inside / f"{NAME}X.png").symlink_to(tmp_path / "secret")
    (inside / f"{NAME}Y.png").mkdir()
    (tmp_path / "secret").write_text("secret")
    return inside


@pytest.fixture
async def base(folder: Path) -> AsyncIterator[str]:
    async with WebServer(build_app(avatar_routes(folder)), "127.0.0.1", 0) as running:
        yield f"http://127.0.0.1:{running.port}/avatars/"


async def test_a_picture_is_served_for_long(base: str) -> None:
    """The bytes, their type, and headers that let everybody keep them and nobody guess at them."""
    async with ClientSession() as http, http.get(f"{base}{NAME}.png") as answer:
        assert (answer.status, await answer.read()) == (200, b"\x89PNG picture")
        assert answer.content_type == "image/png"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Server"] == "MateBot"


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "../secret", "%2e%2e/secret", "..%2fsecret", "short.png", "NAME.html"),
        *("NAME.jpg", "NAMEX.png", "NAMEY.png", "NAME.png/", "NAME.png%00", "NAME.png%0a"),
        *("x/..%2fNAME.png", "LONG.png"),
    ],
)
async def test_nothing_else_is_served(base: str, path: str) -> None:
    """No listing, no way out, no links, no other kinds of files, no short names."""
    path = path.replace("NAME", NAME).replace("LONG", "x" * 5000)
    async with ClientSession() as http, http.get(URL(base + path, encoded=True)) as answer:
        assert (answer.status, await answer.read()) == (404, b"")
