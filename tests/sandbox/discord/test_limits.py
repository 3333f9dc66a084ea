"""Rates, the ban, and the faults of REST."""

import asyncio

import aiohttp
import pytest

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.discord.pace import Pace
from matebot.sandbox.faults import Fault
from tests.sandbox.discord.conftest import TOKEN, Api, Json


async def test_headers_and_429(session: aiohttp.ClientSession) -> None:
    """A webhook has five posts in two seconds; the sixth gets Discord's 429."""
    async with DiscordStandIn(token=TOKEN) as strict:
        room = strict.add_channel("c")
        api = Api(strict, session)
        _, hook = await api("POST", f"/channels/{room['id']}/webhooks", {"name": "w"})
        path = f"/webhooks/{hook['id']}/{hook['token']}"
        left = []
        for n in range(5):
            assert (await api("POST", path, {"content": str(n)}, token=None))[0] == 204
            left.append(api.headers["X-RateLimit-Remaining"])
        assert api.headers["X-RateLimit-Limit"] == "5"
        assert left[0] == "4"
        assert 0 < float(api.headers["X-RateLimit-Reset-After"]) <= 2
        status, answer = await api("POST", path, {"content": "6"}, token=None)
        assert status == 429
        assert answer["message"] == "You are being rate limited."
        assert 0 < answer["retry_after"] <= 0.4
        assert answer["global"] is False
        assert api.headers["Via"]
        assert api.headers["X-RateLimit-Scope"] == "user"
        assert api.headers["Retry-After"] == "1"
        assert len(strict.messages(room["id"])) == 5


def test_a_channel_has_thirty_a_minute() -> None:
    """All webhooks of a channel share thirty posts a minute, whatever their own buckets say."""
    now = 0.0
    pace = Pace(1.0, limited=True, clock=lambda: now)
    passed = 0
    for n in range(40):
        now += 0.5
        verdict = pace.spend("webhook.execute", f"hook {n % 4}", "channel")
        passed += verdict.retry_after_s is None
        if verdict.retry_after_s is not None:
            assert verdict.scope == "shared"
    assert passed == 39  # thirty at once, and one more each two seconds


def test_fifty_a_second() -> None:
    """The global limit is told as such."""
    now = 0.0
    pace = Pace(1.0, limited=True, clock=lambda: now)
    verdicts = [pace.spend("message.get", f"channel {n}") for n in range(51)]
    assert [each.retry_after_s for each in verdicts[:50]] == [None] * 50
    assert verdicts[50].scope == "global"


def test_the_factor_makes_it_faster() -> None:
    """With a factor of ten the same burst is there again in a tenth of the time."""
    now = 0.0
    pace = Pace(10.0, limited=True, clock=lambda: now)
    for _ in range(5):
        assert pace.spend("message.create", "c").retry_after_s is None
    assert pace.spend("message.create", "c").retry_after_s == pytest.approx(0.1)


def test_ten_thousand_refusals_ban() -> None:
    """10,000 answers of 401, 403 or 429 in ten minutes ban; shared ones do not count."""
    clock = [0.0]
    pace = Pace(1.0, limited=True, clock=lambda: clock[0])
    for _ in range(10_000):
        pace.note(429, "shared")
        pace.note(200, "user")
    assert not pace.banned
    for _ in range(10_000):
        pace.note(401, "user")
    bans = [pace.banned]
    clock[0] = 601.0
    assert [*bans, pace.banned] == [True, False]


async def test_faults(standin: DiscordStandIn, api: Api, room: Json) -> None:
    """A status does nothing, a drop too, a drop afterwards has done it."""
    base = f"/channels/{room['id']}/messages"
    standin.faults.add(Fault("status", "message.create", status=500))
    assert (await api("POST", base, {"content": "a"}))[0] == 500
    standin.faults.add(Fault("status", "message.create", status=503))
    assert (await api("POST", base, {"content": "a"}))[0] == 503
    standin.faults.add(Fault("status", "message.create", status=429, retry_after_s=2.5))
    status, answer = await api("POST", base, {"content": "a"})
    assert (status, answer["retry_after"]) == (429, 2.5)
    standin.faults.add(Fault("drop", "message.create"))
    with pytest.raises(aiohttp.ClientError):
        await api("POST", base, {"content": "a"})
    assert standin.messages(room["id"]) == []
    standin.faults.add(Fault("drop_after", "message.create"))
    with pytest.raises(aiohttp.ClientError):
        await api("POST", base, {"content": "b"})
    assert [each["content"] for each in standin.messages(room["id"])] == ["b"]
    standin.faults.add(Fault("slow", "*", delay_s=0.05))
    assert (await api("POST", base, {"content": "c"}))[0] == 200
    assert [each.status for each in standin.calls] == [500, 503, 429, 0, 0, 200]


async def test_watching(standin: DiscordStandIn, ana: Json, room: Json) -> None:
    """A watcher is told what happens, in order."""
    said: list[Json] = []

    async def look() -> None:
        said.append(await anext(standin.watch()))

    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        await standin.wait_for(lambda: standin._watchers)
        standin.say(ana["id"], room["id"], "hello")
        await standin.wait_for(lambda: said)
    assert said[0]["type"] == "MESSAGE_CREATE"
    assert said[0]["data"]["content"] == "hello"
