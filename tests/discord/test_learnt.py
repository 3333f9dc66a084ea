"""What answers tell of limits that nobody knew."""

import asyncio
from pathlib import Path

import aiohttp
import discord
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from matebot.discord.adapter import OneAttempt
from matebot.discord.learnt import LONGEST_S, Learnt
from matebot.sandbox.buckets import Limit
from matebot.sandbox.discord import limits
from tests.scenarios.counting import numbers
from tests.scenarios.harness import scene

EMPTY = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "900.5"}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def held_s(learnt: Learnt, bucket: str) -> float:
    """For how long a bucket's calls are held back; 0.0 if they are not."""
    try:
        async with asyncio.timeout(0.5):
            await learnt.turn(bucket)
    except discord.RateLimited as held:
        return held.retry_after
    return 0.0


async def test_an_empty_bucket_is_left_alone_until_it_is_full_again() -> None:
    """It alone, and no longer than was told."""
    clock = Clock()
    learnt = Learnt(clock)
    learnt.answered("a", EMPTY)
    assert await held_s(learnt, "a") == 900.5
    assert await held_s(learnt, "b") == 0.0
    clock.now += 901.0
    assert await held_s(learnt, "a") == 0.0


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_refusal_counts_for_its_bucket_or_for_all(*, everywhere: bool) -> None:
    """The limit of the whole bot is everybody's."""
    learnt = Learnt(Clock())
    learnt.refused("a", 60.0, everywhere=everywhere)
    assert await held_s(learnt, "a") == 60.0
    assert await held_s(learnt, "b") == (60.0 if everywhere else 0.0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-Remaining": "1", "X-RateLimit-Reset-After": "900"},
        {"X-RateLimit-Remaining": "0"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "soon"},
    ],
)
async def test_other_headers_change_nothing(headers: dict[str, str]) -> None:
    learnt = Learnt(Clock())
    learnt.answered("a", headers)
    assert await held_s(learnt, "a") == 0.0


async def test_a_short_wait_is_waited_for() -> None:
    """The call is made then, and not refused."""
    learnt = Learnt()
    learnt.answered("a", {**EMPTY, "X-RateLimit-Reset-After": "0.05"})
    loop = asyncio.get_running_loop()
    began = loop.time()
    await learnt.turn("a")
    assert 0.04 < loop.time() - began < LONGEST_S


async def test_a_limit_that_is_lower_than_the_known_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All arrives in order, and nothing was refused."""
    monkeypatch.setitem(limits.ROUTES, "webhook.execute", Limit(2, 2.0))
    async with scene(tmp_path, limited=True, factor=4.0) as stage:
        for number in range(1, 9):
            stage.telegram_says(f"#{number}")
            await stage.reaches_discord(f"#{number}")
        assert numbers(stage.in_discord(), "content") == list(range(1, 9))
        assert [call.status for call in stage.discord.calls if call.status == 429] == []


async def test_a_global_limit_holds_every_webhook_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the adapter is told it: the next call, by another webhook, is not even made."""
    called: list[str] = []

    async def limited(request: web.Request) -> web.Response:
        called.append(request.path)
        body = {"message": "rate limited", "retry_after": 60.0, "global": True}
        return web.json_response(body, status=429, headers={"X-RateLimit-Global": "true"})

    app = web.Application()
    app.router.add_post("/{path:.*}", limited)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        monkeypatch.setattr(discord.http.Route, "BASE", str(server.make_url("")).rstrip("/"))
        adapter = OneAttempt()
        for webhook in (1, 2):
            with pytest.raises(discord.RateLimited):
                await adapter.execute_webhook(webhook, "token", session=session, payload={})
    assert len(called) == 1
