"""A stand-in of Discord, and all of Discord's side against it over real sockets."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import yarl

from matebot.sandbox.discord import DiscordStandIn

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the library imports audioop
    import discord

from tests.discord.harness import TOKEN, Side

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _library_addresses() -> Iterator[None]:
    """The library's globals are as before after each test."""
    socket = discord.gateway.DiscordWebSocket
    before = discord.http.Route.BASE, socket.DEFAULT_GATEWAY, discord.asset.Asset.BASE
    yield
    discord.http.Route.BASE, gateway, discord.asset.Asset.BASE = before
    socket.DEFAULT_GATEWAY = yarl.URL(gateway)


@pytest.fixture
async def standin() -> AsyncIterator[DiscordStandIn]:
    """A Discord with no rate limits."""
    async with DiscordStandIn(token=TOKEN, limited=False) as running:
        yield running


@pytest.fixture
def channel(standin: DiscordStandIn) -> Json:
    """A text channel."""
    return standin.add_channel("general")


@pytest.fixture
def ana(standin: DiscordStandIn) -> Json:
    """Somebody who is called otherwise in the server."""
    user = standin.add_user("ana", global_name="Ana L.")
    standin.add_member(user["id"], nick="Ana")
    return user


@pytest.fixture
async def side(standin: DiscordStandIn, channel: Json) -> AsyncIterator[Side]:
    """Discord's side, which reads that channel; the test starts it."""
    side = Side(standin, int(channel["id"]))
    yield side
    await side.stop()
    # The library's own tasks end within a turn of the loop.
    await asyncio.sleep(0)
