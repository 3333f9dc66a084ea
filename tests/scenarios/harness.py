"""The real daemon, as its operator starts it, between stand-ins of both services.

The stand-ins live in the test's own loop; the daemon is ``python -m matebot`` in a process of its
own, so that it can be killed. What it asks of the services is judged by their documents at the end.
"""

import asyncio
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.telegram import TelegramStandIn
from tests.scenarios.judge import faults_of

T = TypeVar("T")
Json = dict[str, Any]

TELEGRAM_TOKEN = "123456:TEST-telegram-token-for-scenarios"
DISCORD_TOKEN = "TEST.discord-token.for-scenarios"
PUBLIC_URL = "https://matebot.example"
SECRET_SETTINGS = ("TELEGRAM_TOKEN", "DISCORD_TOKEN", "WEBHOOK_SECRET")
SAID_LENGTH = 12  # a shorter text may be a word of the log's own
READY_S = 30.0
ARRIVES_S = 20.0


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Daemon:
    """``python -m matebot`` in a process of its own.

    Attributes:
        folder: Its working directory; DATA_DIR is ``data`` below it, its log ``log.jsonl``.
        port: Where its webhook listens.
        settings: Its environment, besides what the test runs in; a PYTHONPATH goes first.
        tls: How /healthz is asked where the daemon serves TLS itself.
    """

    folder: Path
    port: int
    settings: dict[str, str]
    tls: ssl.SSLContext | None = None
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; its log is appended to."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("MATEBOT_")
        }
        environment |= self.settings | {"PYTHONWARNINGS": "ignore::DeprecationWarning"}
        paths = (self.settings.get("PYTHONPATH"), str(Path(__file__).parents[2]))
        environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        with (self.folder / "log.jsonl").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "matebot", cwd=self.folder, env=environment,
                stdout=log, stderr=log,
            )  # fmt: skip

    async def ready(self, *, part: str | None = None) -> None:
        """Wait until /healthz is well, or one part of it."""
        async with asyncio.timeout(READY_S), aiohttp.ClientSession() as session:
            while True:
                self._must_run()
                health = await self.health(session)
                if health is not None:
                    parts = health["parts"]
                    if health["ok"] if part is None else parts[part]["ok"]:
                        return
                await asyncio.sleep(0.03)

    async def health(self, session: aiohttp.ClientSession | None = None) -> Json | None:
        """What /healthz says; None while it does not answer."""
        if session is None:
            async with aiohttp.ClientSession() as own:
                return await self.health(own)
        try:
            scheme, trust = ("https", self.tls) if self.tls else ("http", True)
            url = f"{scheme}://127.0.0.1:{self.port}/healthz"
            async with session.get(url, ssl=trust) as response:
                answer: Json = await response.json()
                assert (response.status == 200) == answer["ok"]
                return answer
        except aiohttp.ClientConnectionError:
            return None

    async def kill(self) -> None:
        """``kill -9``."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        if self.process.returncode is None:
            self.signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            return await self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    async def ends(self) -> int:
        """Wait until it ends by itself; returns the exit status."""
        assert self.process is not None
        async with asyncio.timeout(READY_S):
            return await self.process.wait()

    @property
    def log(self) -> str:
        """All that it has logged."""
        return (self.folder / "log.jsonl").read_text("utf-8")

    @property
    def records(self) -> list[Json]:
        """The log's records."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    @property
    def errors(self) -> list[str]:
        """What it wrote besides the log's records: the lines for the operator."""
        return [line for line in self.log.splitlines() if not line.startswith("{")]

    async def logs(self, needle: str, *, timeout_s: float = READY_S) -> None:
        """Wait until the log holds a text."""
        try:
            async with asyncio.timeout(timeout_s):
                while needle not in self.log:
                    await asyncio.sleep(0.03)
        except TimeoutError:
            raise AssertionError(f"{needle!r} is not in the log:\n{self.log}") from None

    def _must_run(self) -> None:
        assert self.process is not None
        if self.process.returncode is not None:
            raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.log}")


@dataclass
class Scene:
    """A Telegram supergroup and a Discord channel, bridged, with people in both.

    Attributes:
        ana: On Telegram, an administrator.
        rui: On Telegram, a member.
        bia: On Discord, an administrator.
        leo: On Discord, a member.
        allowed_faults: Begins of the judge's faults that are expected here.
    """

    telegram: TelegramStandIn
    discord: DiscordStandIn
    daemon: Daemon
    group: int
    channel: int
    ana: Json
    rui: Json
    bia: Json
    leo: Json
    allowed_faults: list[str] = field(default_factory=list)

    # What people do

    def telegram_says(self, text: str, **more: Any) -> Json:
        """Ana says something in the group."""
        return self.telegram.say(self.ana["id"], self.group, text, **more)

    def discord_says(self, text: str, **more: Any) -> Json:
        """Bia says something in the channel."""
        return self.discord.say(self.bia["id"], self.channel, text, **more)

    # What stands there

    def in_telegram(self) -> list[Json]:
        """What MateBot posted in the group, in order."""
        return list(self.telegram.bot_messages(self.group))

    def in_discord(self) -> list[Json]:
        """What MateBot's webhook posted in the channel, in order."""
        return [m for m in self.discord.messages(self.channel) if m.get("webhook_id")]

    async def reaches_telegram(self, *needles: str) -> list[Json]:
        """Wait until MateBot's messages in the group hold these texts; returns the messages."""
        return await self._reaches(self.telegram, self.in_telegram, "text", needles)

    async def reaches_discord(self, *needles: str) -> list[Json]:
        """Wait until the webhook's messages in the channel hold these texts."""
        return await self._reaches(self.discord, self.in_discord, "content", needles)

    async def _reaches(
        self,
        service: TelegramStandIn | DiscordStandIn,
        look: Callable[[], list[Json]],
        key: str,
        needles: tuple[str, ...],
    ) -> list[Json]:
        def found() -> bool:
            texts = [message.get(key, "") for message in look()]
            return all(any(needle in text for text in texts) for needle in needles)

        try:
            await service.wait_for(found, timeout_s=ARRIVES_S)
        except TimeoutError as error:
            there = [message.get(key) for message in look()]
            raise AssertionError(f"{needles} not in {there}\n{self.daemon.log}") from error
        return look()

    async def until(
        self, holds: Callable[[], bool], timeout_s: float = ARRIVES_S, every_s: float = 0.02
    ) -> None:
        """Wait until something holds that either side, or the log, tells; look that often.

        Raises:
            TimeoutError: It does not, in time.
        """
        async with asyncio.timeout(timeout_s):
            while not holds():
                await asyncio.sleep(every_s)

    async def settled(self) -> None:
        """Wait until nothing is on its way: every update taken, every delivery done."""
        async with asyncio.timeout(ARRIVES_S * 3):
            while self.telegram.pending_updates or await self.backlog():
                await asyncio.sleep(0.05)

    async def backlog(self) -> int:
        """How many deliveries wait in the database."""

        def count() -> int:
            import sqlite3

            path = self.daemon.folder / "data" / "matebot.sqlite"
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
                number: int = connection.execute("SELECT count(*) FROM deliveries").fetchone()[0]
            connection.close()
            return number

        return await asyncio.to_thread(count)


def daemon_settings(
    telegram: TelegramStandIn, discord: DiscordStandIn, port: int, **more: str
) -> dict[str, str]:
    """What an operator would set, for stand-ins."""
    settings = {
        "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "DISCORD_TOKEN": DISCORD_TOKEN,
        "PUBLIC_URL": PUBLIC_URL,
        "LISTEN_PORT": str(port),
        "TELEGRAM_API_URL": telegram.url,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_CDN_URL": discord.cdn_url,
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "DEBUG",
    } | more
    return {f"MATEBOT_{name}": value for name, value in settings.items() if value}


@asynccontextmanager
async def scene(
    folder: Path,
    *,
    bridged: bool = True,
    start: bool = True,
    limited: bool = False,
    factor: float = 1.0,
    settings: dict[str, str] | None = None,
    forum: bool = False,
    local: bool = False,
) -> AsyncIterator[Scene]:
    """Both services with their people, and the daemon between them, ready.

    Args:
        folder: The daemon's working directory.
        bridged: Whether the configuration links the two rooms.
        start: Whether the daemon is started and waited for.
        limited: Whether the stand-ins keep their rate limits.
        factor: How many times faster than the real services they are.
        settings: More settings of the daemon's, without MATEBOT_.
        forum: Whether the group has topics.
        local: Whether the Bot API server is one's own, whose disk the daemon reads.
    """
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(
            TelegramStandIn(token=TELEGRAM_TOKEN, limited=limited, factor=factor, local=local)
        )
        discord = await stack.enter_async_context(
            DiscordStandIn(token=DISCORD_TOKEN, limited=limited, factor=factor)
        )
        made = _people(telegram, discord, forum=forum)
        port = free_port()
        telegram.route_webhook(("127.0.0.1", port), plain_http=True)
        bridges = f"telegram:{made['group']} <-> discord:{made['channel']}" if bridged else ""
        daemon = Daemon(
            folder,
            port,
            daemon_settings(
                telegram, discord, port,
                BRIDGES=bridges, PACE_FACTOR=str(factor if limited else 1000.0),
                TELEGRAM_LOCAL="yes" if local else "",
                **(settings or {}),
            ),
        )  # fmt: skip
        built = Scene(telegram, discord, daemon, **made)
        try:
            if start:
                await daemon.start()
                await daemon.ready()
            yield built
            _judge(built)
            _no_secret_is_logged(built)
            _no_token_is_sent(built)
        finally:
            if daemon.process is not None and daemon.process.returncode is None:
                await daemon.kill()


def _people(telegram: TelegramStandIn, discord: DiscordStandIn, *, forum: bool) -> Json:
    ana = telegram.add_user("Ana", username="ana")
    rui = telegram.add_user("Rui")
    group = telegram.add_group("Matehackers", forum=forum)["id"]
    telegram.join(group, ana["id"], status="administrator", quiet=True)
    telegram.join(group, rui["id"], quiet=True)
    bia = discord.add_user("bia", global_name="Bia")
    leo = discord.add_user("leo", global_name="Leo")
    discord.add_member(bia["id"], administrator=True)
    discord.add_member(leo["id"])
    channel = int(discord.add_channel("geral")["id"])
    return {"group": group, "channel": channel, "ana": ana, "rui": rui, "bia": bia, "leo": leo}


def _judge(built: Scene) -> None:
    """Every request that the daemon sent fits the services' own documents."""
    faults = [
        fault
        for fault in faults_of(built.telegram.calls, built.discord.calls)
        if not any(expected in fault for expected in built.allowed_faults)
    ]
    assert not faults, "requests that do not fit the services' documents:\n" + "\n".join(faults)


def _no_secret_is_logged(built: Scene) -> None:
    """No token, no secret and nothing that people said stands in the log."""
    if not (built.daemon.folder / "log.jsonl").exists():
        return
    settings, data = built.daemon.settings, built.daemon.folder / "data"
    secrets = [settings.get(f"MATEBOT_{name}", "") for name in SECRET_SETTINGS]
    secrets += [path.read_text("utf-8") for path in data.glob("*.secret") if path.is_file()]
    secrets += [hook["token"] for hook in built.discord.world.webhooks.values()]
    there = built.telegram.messages(built.group)
    said = [message.get(part, "") for message in there for part in ("text", "caption")]
    said += [message.get("content", "") for message in built.discord.messages(built.channel)]
    secrets += [text for text in said if len(text) >= SAID_LENGTH]
    log = built.daemon.log
    found = [secret for secret in secrets if secret and secret in log]
    assert not found, f"in the log stand {found}"


def _no_token_is_sent(built: Scene) -> None:
    """A token stands in the place that authorises a call, and nowhere else in any request."""
    calls = [repr((call.params, call.files)) for call in built.telegram.calls]
    calls += [repr(call) for call in built.discord.calls]
    found = [call for call in calls if TELEGRAM_TOKEN in call or DISCORD_TOKEN in call]
    assert not found, f"a token stands in {found}"
