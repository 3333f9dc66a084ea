"""What the tests of the stand-in share: a plain client, a webhook to be called, small files."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Self

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from matebot.sandbox.telegram import TelegramStandIn

Json = dict[str, Any]
TOKEN = "7100000001:made-up-token"


def png(width: int, height: int, padding: int = 0) -> bytes:
    """A black PNG, followed by so many bytes that belong to nothing."""
    target = io.BytesIO()
    Image.new("L", (width, height)).save(target, "PNG")
    return target.getvalue() + b"\0" * padding


@dataclass
class Api:
    """Calls methods with JSON bodies."""

    standin: TelegramStandIn
    session: aiohttp.ClientSession = field(default_factory=aiohttp.ClientSession)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def raw(self, method: str, body: object = None, token: str = TOKEN) -> Json:
        """The whole answer, whose HTTP status must be its error_code."""
        url = f"{self.standin.url}/bot{token}/{method}"
        kind = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body or {}}
        async with self.session.post(url, **kind) as answer:
            found: Json = await answer.json()
            assert answer.status == found.get("error_code", 200)
            return found

    async def call(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        answer = await self.raw(method, params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """The description of a call that must fail."""
        answer = await self.raw(method, params)
        assert not answer["ok"], answer
        description: str = answer["description"]
        return description


@dataclass
class Hook:
    """A webhook: what it was told, and how it answers."""

    standin: TelegramStandIn
    seen: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[Json], web.Response] = lambda _update: web.Response()
    url: str = ""
    port: int = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        update: Json = await request.json()
        answer = self.answer(update)
        self.seen.append(update)
        self.headers.append(dict(request.headers))
        self.standin.state.changes.wake()
        return answer

    def texts(self) -> list[str]:
        """The texts of the messages it was told of, the edited ones included."""
        kinds = ("message", "edited_message", "channel_post", "edited_channel_post")
        bodies = [update[kind] for update in self.seen for kind in kinds if kind in update]
        return [body["text"] for body in bodies if "text" in body]


def album_form(chat_id: int, count: int) -> aiohttp.FormData:
    """A sendMediaGroup with so many uploaded pictures, the first with a caption."""
    media: list[Json] = [
        {"type": "photo", "media": f"attach://file{number}"} for number in range(count)
    ]
    media[0]["caption"] = "first"
    form = aiohttp.FormData({"chat_id": str(chat_id), "media": json.dumps(media)})
    for number in range(count):
        form.add_field(f"file{number}", png(800, 600), filename=f"{number}.png")
    return form


def self_signed() -> tuple[bytes, bytes]:
    """A self-signed certificate for matebot.example, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "matebot.example")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("matebot.example"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return built.public_bytes(serialization.Encoding.PEM), private
