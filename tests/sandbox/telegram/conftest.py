"""A running stand-in, and who calls it."""

from collections.abc import AsyncIterator

import pytest

from matebot.sandbox.telegram import TelegramStandIn
from tests.sandbox.telegram.api import TOKEN, Api, Hook


@pytest.fixture
async def standin() -> AsyncIterator[TelegramStandIn]:
    """A stand-in without rates that takes webhooks by http."""
    async with TelegramStandIn(token=TOKEN, limited=False, local=True) as running:
        yield running


@pytest.fixture
async def api(standin: TelegramStandIn) -> AsyncIterator[Api]:
    """A client of it."""
    async with Api(standin) as client:
        yield client


@pytest.fixture
async def hook(standin: TelegramStandIn) -> AsyncIterator[Hook]:
    """A webhook that nobody knows yet."""
    async with Hook(standin) as listening:
        yield listening


@pytest.fixture
def group(standin: TelegramStandIn) -> int:
    """A supergroup with the bot as administrator."""
    return int(standin.add_group("Team")["id"])


@pytest.fixture
def ana(standin: TelegramStandIn) -> int:
    """A person."""
    return int(standin.add_user("Ana", username="ana_test")["id"])
