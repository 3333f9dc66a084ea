"""Going wrong on purpose."""

import aiohttp
import pytest

from matebot.sandbox.faults import Fault
from matebot.sandbox.telegram import TelegramStandIn
from tests.sandbox.telegram.api import Api


async def test_statuses(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A status fault answers in the API's form, does nothing, and is used up."""
    standin.faults.add(Fault("status", "sendMessage"))
    standin.faults.add(Fault("status", "sendMessage", status=429, retry_after_s=7))
    body = {"chat_id": group, "text": "a"}
    first, second, third = [await api.raw("sendMessage", body) for _ in range(3)]
    assert (first["error_code"], first["description"]) == (500, "Internal Server Error")
    assert second["parameters"] == {"retry_after": 7}
    assert third["ok"]
    assert len(standin.bot_messages(group)) == 1


@pytest.mark.parametrize(("kind", "kept"), [("drop", 0), ("drop_after", 1)])
async def test_dropped_connections(
    api: Api, standin: TelegramStandIn, group: int, kind: str, kept: int
) -> None:
    """A connection is cut before or after the work; other methods are left alone."""
    standin.faults.add(Fault("drop" if kind == "drop" else "drop_after", "sendMessage"))
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.raw("sendMessage", {"chat_id": group, "text": "a"})
    await api.call("getMe")
    assert len(standin.bot_messages(group)) == kept


async def test_outage(api: Api, standin: TelegramStandIn) -> None:
    """In an outage every connection is cut, until it is over."""
    standin.faults.outage = True
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectionError):
            await api.raw("getMe")
    standin.faults.clear()
    await api.call("getMe")


async def test_slow(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A slow call has done its work long before it is answered."""
    standin.faults.add(Fault("slow", "sendMessage", delay_s=60))
    client = aiohttp.ClientTimeout(total=0.2)
    url = f"{standin.url}/bot{standin.state.world.token}/sendMessage"
    with pytest.raises(TimeoutError):
        await api.session.post(url, json={"chat_id": group, "text": "a"}, timeout=client)
    assert len(standin.bot_messages(group)) == 1
