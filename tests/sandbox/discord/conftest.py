"""A stand-in, its cast, plain HTTP, and the real library's client."""

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import yarl

from matebot.sandbox.discord import DiscordStandIn

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the library imports audioop
    import discord

TOKEN = "bot.token.for-tests"
Json = dict[str, Any]


class Api:
    """Plain requests with the bot's token; answers are ``(status, JSON or None)``."""

    def __init__(self, standin: DiscordStandIn, session: aiohttp.ClientSession) -> None:
        self.standin = standin
        self.session = session
        self.headers: dict[str, str] = {}

    async def __call__(
        self, method: str, path: str, body: Any = None, *, token: str | None = TOKEN, **more: Any
    ) -> tuple[int, Any]:
        """One request."""
        headers = {"Authorization": f"Bot {token}"} if token else {}
        if body is not None:
            more["json"] = body
        url = yarl.URL(self.standin.api_url + path, encoded="%" in path)
        async with self.session.request(method, url, headers=headers, **more) as response:
            self.headers = dict(response.headers)
            if response.content_type == "application/json":
                return response.status, await response.json()
            return response.status, await response.text() or None


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
async def standin() -> AsyncIterator[DiscordStandIn]:
    async with DiscordStandIn(token=TOKEN, limited=False) as made:
        yield made


@pytest.fixture
def api(standin: DiscordStandIn, session: aiohttp.ClientSession) -> Api:
    return Api(standin, session)


@pytest.fixture
def ana(standin: DiscordStandIn) -> Json:
    """A person in the guild."""
    user = standin.add_user("ana", global_name="Ana")
    standin.add_member(user["id"])
    return user


@pytest.fixture
def room(standin: DiscordStandIn) -> Json:
    """A text channel."""
    return standin.add_channel("general")


@pytest.fixture
def library(standin: DiscordStandIn) -> Iterator[None]:
    """The real library, pointed at the stand-in while the test runs."""
    kept = (
        discord.http.Route.BASE,
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY,
        discord.asset.Asset.BASE,
    )
    discord.http.Route.BASE = standin.api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(standin.gateway_url)
    discord.asset.Asset.BASE = standin.cdn_url
    yield
    discord.http.Route.BASE = kept[0]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = kept[1]
    discord.asset.Asset.BASE = kept[2]


class Bot(discord.Client):
    """A client that writes down what it is told."""

    def __init__(self, **more: Any) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
        intents |= discord.Intents(guild_reactions=True, dm_messages=True, webhooks=True)
        super().__init__(intents=more.pop("intents", intents), max_messages=None, **more)
        self.said: list[discord.Message] = []
        self.seen: list[str] = []
        self.begun = asyncio.Event()

    async def setup_hook(self) -> None:
        self.begun.set()

    async def on_message(self, message: discord.Message) -> None:
        self.said.append(message)

    async def on_socket_event_type(self, name: str) -> None:
        self.seen.append(name)


@contextlib.asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[None]:
    """Run a client until the block ends."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(bot.start(TOKEN))
        try:
            async with asyncio.timeout(20):
                await bot.begun.wait()
                await bot.wait_until_ready()
            yield
        finally:
            await bot.close()
            task.cancel()
