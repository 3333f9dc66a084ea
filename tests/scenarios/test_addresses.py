"""The services' real addresses with hosts that merely resolve elsewhere, and addresses given."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from matebot.sandbox.discord import Call
from tests.sandbox.telegram.api import png
from tests.scenarios.authority import Authority, serving
from tests.scenarios.harness import Scene, scene

RESUME_HOST = "gateway-us-east1-b.discord.gg"
NAMES = ("api.telegram.org", "discord.com", "gateway.discord.gg", "cdn.discordapp.com", RESUME_HOST)
URL_SETTINGS = ("TELEGRAM_API_URL", "DISCORD_API_URL", "DISCORD_GATEWAY_URL", "DISCORD_CDN_URL")

# Put before the daemon: its machine's resolver knows the services' names, and no other.
RESOLVER = """
import json, os, socket

_table = json.loads(os.environ["TEST_HOSTS"])
_real = socket.getaddrinfo


def getaddrinfo(host, port, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if name in _table:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", _table[name]))]
    if name in ("127.0.0.1", "localhost", None):
        return _real(host, port, *args, **kwargs)
    raise socket.gaierror(socket.EAI_NONAME, f"{name} is not known here")


socket.getaddrinfo = getaddrinfo
"""


@asynccontextmanager
async def front(
    to_port: int, tls: ssl.SSLContext | None, rewrite: Mapping[bytes, bytes]
) -> AsyncIterator[int]:
    """A port that takes the TLS off and hands everything on to another port.

    Args:
        to_port: Of the stand-in.
        tls: What to serve; None is none.
        rewrite: Beginnings of requests, and what they become.
    """

    def rewritten(data: bytes) -> bytes:
        for old, new in rewrite.items():
            if data.startswith(old):
                return new + data.removeprefix(old)
        return data

    async def pump(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Callable[[bytes], bytes]
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(change(data))
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", to_port)
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(pump(reader, back, rewritten))
            group.create_task(pump(there, writer, lambda data: data))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def port_of(url: str) -> int:
    return int(url.split("//")[1].partition("/")[0].rpartition(":")[2])


async def crosses(stage: Scene, word: str) -> None:
    """A message crosses each way."""
    stage.telegram_says(f"{word} daqui")
    await stage.reaches_discord(f"{word} daqui")
    stage.discord_says(f"{word} from here")
    await stage.reaches_telegram(f"{word} from here")


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await holds():
            await asyncio.sleep(0.05)


def real_addresses(stage: Scene, folder: Path, telegram: int, discord: int, gateway: int) -> None:
    """Tokens alone: the daemon's settings hold no address; its resolver leads to the fronts."""
    settings = stage.daemon.settings
    for name in URL_SETTINGS:
        del settings[f"MATEBOT_{name}"]
    (folder / "python").mkdir()
    (folder / "python" / "sitecustomize.py").write_text(RESOLVER)
    ports = (telegram, discord, gateway, discord, gateway)
    settings["PYTHONPATH"] = str(folder / "python")
    settings["TEST_HOSTS"] = json.dumps(dict(zip(NAMES, ports, strict=True)))
    stage.discord.gateway.url = f"wss://{RESUME_HOST}"
    stage.discord.world.cdn_url = "https://cdn.discordapp.com"


async def test_tokens_alone_reach_the_real_addresses(tmp_path: Path) -> None:
    """With the CA that SSL_CERT_FILE names, and no other: certificates are really verified."""
    mine, other = Authority(tmp_path), Authority(tmp_path, "other")
    tls = serving(mine.issue(*NAMES))
    async with scene(tmp_path, start=False) as stage:
        telegram_port, discord_port = port_of(stage.telegram.url), port_of(stage.discord.api_url)
        async with (
            front(telegram_port, tls, {}) as telegram,
            front(discord_port, tls, {}) as discord,
            front(discord_port, tls, {b"GET /?": b"GET /gateway?"}) as gateway,
        ):
            real_addresses(stage, tmp_path, telegram, discord, gateway)
            stage.daemon.settings["SSL_CERT_FILE"] = str(other.file)
            await stage.daemon.start()

            async def refused() -> bool:
                parts = (await stage.daemon.health() or {}).get("parts", {})
                details = [
                    parts.get(name, {}).get("detail", "") for name in ("telegram", "discord")
                ]
                return all(detail.startswith("cannot be reached") for detail in details)

            await until(refused)
            assert not stage.telegram.calls
            assert not stage.discord.calls
            assert await stage.daemon.stop() == 0

            stage.daemon.settings["SSL_CERT_FILE"] = str(mine.file)
            await stage.daemon.start()
            await stage.daemon.ready()
            await crosses(stage, "bom dia")
            stage.discord.disconnect()
            await stage.daemon.logs("the session goes on")
            await crosses(stage, "outra vez")
            urls = [call.body.get("avatar_url", "") for call in executed(stage)]
            assert all(url.startswith("https://cdn.discordapp.com/") for url in urls), urls


def executed(stage: Scene) -> list[Call]:
    """What was posted through the webhook."""
    return [call for call in stage.discord.calls if call.route == "webhook.execute"]


async def test_a_bot_api_server_below_a_path(tmp_path: Path) -> None:
    """A Bot API server of one's own may lie anywhere, such as behind a path of another site."""
    async with scene(tmp_path, start=False) as stage:
        rewrite = {method + b" /tele/gram/": method + b" /" for method in (b"POST", b"GET")}
        async with front(port_of(stage.telegram.url), None, rewrite) as port:
            stage.telegram.set_photo(stage.ana["id"], png(320, 320))
            stage.daemon.settings["MATEBOT_TELEGRAM_API_URL"] = f"http://127.0.0.1:{port}/tele/gram"
            await stage.daemon.start()
            await stage.daemon.ready()
            await crosses(stage, "olá")
            (call,) = executed(stage)
            assert call.body["avatar_url"].startswith("https://matebot.example/avatars/")
