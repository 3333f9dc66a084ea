"""The services fail: down, refusing, silent, or asking to be left alone for an hour."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from matebot.sandbox.faults import Fault
from tests.scenarios.counting import all_arrive, both_say
from tests.scenarios.harness import Scene, scene
from tests.scenarios.test_addresses import port_of
from tests.scenarios.trouble import Carries, rows, troubled, wire_to

ROOMS = 50
WATCHED_S = 8.0
PROBES = 6
"""At most so many calls in that time once a service is known to be down: pauses of 2, 4, 8 s."""
HOUR_S = 3600.0


def more_rooms(stage: Scene, number: int) -> list[tuple[int, int]]:
    """So many more groups with a channel each, and their bridges."""
    pairs = []
    for index in range(number):
        group = int(stage.telegram.add_group(f"Group {index}")["id"])
        stage.telegram.join(group, stage.ana["id"], status="administrator", quiet=True)
        pairs.append((group, int(stage.discord.add_channel(f"channel-{index}")["id"])))
    bridges = [f"telegram:{group} <-> discord:{channel}" for group, channel in pairs]
    stage.daemon.settings["MATEBOT_BRIDGES"] += "; " + "; ".join(bridges)
    return pairs


@pytest.mark.parametrize("side", ["telegram", "discord"])
async def test_who_said_what_is_refused_is_told(tmp_path: Path, side: str) -> None:
    """Of each message by itself, below it; what is said afterwards arrives."""
    async with scene(tmp_path) as stage:
        if side == "telegram":
            says, there = stage.telegram_says, stage.reaches_discord
            faults, call = stage.discord.faults, "webhook.execute"
        else:
            says, there = stage.discord_says, stage.reaches_telegram
            faults, call = stage.telegram.faults, "sendMessage"

        def told() -> int:
            here = stage.in_telegram(), stage.discord.messages(stage.channel)
            return str(here).count("could not be brought")

        faults.add(Fault("status", call, times=None, status=400))
        for number in (1, 2):
            says(f"odd {number}")
            await stage.until(partial(lambda number: told() == number, number))
        faults.clear()
        says("well")
        await there("well")
        assert told() == 2


@pytest.mark.timeout(120)
@pytest.mark.parametrize("side", ["telegram", "discord"])
async def test_a_service_that_is_down_is_not_hammered_by_fifty_rooms(
    tmp_path: Path, side: str
) -> None:
    """Each lane tries once at most, then one asks for all; when it is back all rooms go on."""
    async with scene(tmp_path, start=False) as stage:
        pairs = more_rooms(stage, ROOMS)
        await stage.daemon.start()
        await stage.daemon.ready()
        for group, channel in pairs:  # now each room has been read, and has its webhook
            stage.discord.say(stage.bia["id"], channel, "before")
            stage.telegram.say(stage.ana["id"], group, "before")
        for direction in ("telegram", "discord"):
            await stage.until(partial(_all_have, stage, pairs, direction, ["before"]))
        service = stage.telegram if side == "telegram" else stage.discord
        service.faults.add(Fault("status", times=None, status=503))

        def say(text: str) -> None:
            for group, channel in pairs:
                if side == "telegram":
                    stage.discord.say(stage.bia["id"], channel, text)
                else:
                    stage.telegram.say(stage.ana["id"], group, text)

        say("#1")
        await stage.daemon.logs("does not answer: calls are held back")
        await _calls_rest(stage, lambda: len(service.calls))
        say("#2")
        before = len(service.calls)
        ends = time.monotonic() + WATCHED_S
        while time.monotonic() < ends:
            made = Counter(getattr(c, "route", "") for c in list(service.calls)[before:])
            assert made.total() <= PROBES, made
            await asyncio.sleep(0.1)
        service.faults.clear()
        said = ["before", "#1", "#2"]
        await stage.until(lambda: _all_have(stage, pairs, side, said), timeout_s=60)
        await stage.daemon.logs("answers again")


async def _calls_rest(stage: Scene, calls: Callable[[], int]) -> None:
    """Wait until the calls that were under way when the breaker opened have ended."""
    last, since = calls(), time.monotonic()

    def rests() -> bool:
        nonlocal last, since
        if calls() != last:
            last, since = calls(), time.monotonic()
        return time.monotonic() - since > 1.0

    await stage.until(rests)


def _all_have(stage: Scene, pairs: list[tuple[int, int]], side: str, texts: list[str]) -> bool:
    """Whether exactly these copies stand in each room, in order."""
    for group, channel in pairs:
        if side == "telegram":
            copies = [m["text"].rpartition("\n")[2] for m in stage.telegram.bot_messages(group)]
        else:
            every = stage.discord.messages(channel)
            copies = [m["content"] for m in every if m.get("webhook_id")]
        if copies != texts:
            return False
    return True


async def test_every_5xx_is_waited_out(tmp_path: Path) -> None:
    """500, 502, 503 and 504 on both sides, one after the other: all arrives once, in order."""
    async with scene(tmp_path) as stage:
        both_say(stage, 1)
        await all_arrive(stage, 1)
        for number, status in enumerate((500, 502, 503, 504), 2):
            stage.telegram.faults.add(Fault("status", "sendMessage", status=status))
            stage.discord.faults.add(Fault("status", "webhook.execute", status=status))
            both_say(stage, number)
            await all_arrive(stage, number)


@pytest.mark.timeout(120)
async def test_an_hour_of_429_is_waited_for(tmp_path: Path) -> None:
    """The room waits, no other does; neither a restart nor a new connection shortens it."""
    async with scene(tmp_path, start=False) as stage:
        trouble = troubled(stage.daemon)
        ((group, channel),) = more_rooms(stage, 1)
        await stage.daemon.start()
        await stage.daemon.ready()
        hour = Fault("status", "sendMessage", status=429, retry_after_s=HOUR_S)
        stage.telegram.faults.add(hour)
        stage.discord.faults.add(
            Fault("status", "webhook.execute", status=429, retry_after_s=HOUR_S)
        )
        both_say(stage, 1)
        asked = "SELECT platform, not_before, failures FROM deliveries"
        await stage.until(lambda: sum(row[1] != 0 for row in rows(stage, asked)) == 2)
        waits = rows(stage, asked)
        assert sorted(str(row[0]) for row in waits) == ["discord", "telegram"]
        for _platform, not_before, failures in waits:
            assert isinstance(not_before, float)
            assert HOUR_S - 30 < not_before - time.time() <= HOUR_S
            assert failures == 0

        stage.discord.say(stage.bia["id"], channel, "another room")
        stage.telegram.say(stage.ana["id"], group, "another room")
        await stage.until(lambda: bool(stage.telegram.bot_messages(group)))
        await stage.until(lambda: any(m.get("webhook_id") for m in stage.discord.messages(channel)))
        calls = len(stage.telegram.calls_of("sendMessage"))
        stage.discord.disconnect(code=4000, resumable=False)
        await stage.until(lambda: stage.daemon.log.count("Discord: a new session") == 2)
        assert await stage.daemon.stop() == 0
        await stage.daemon.start()
        await stage.daemon.ready()
        both_say(stage, 2)
        await stage.telegram.wait_for(lambda: not stage.telegram.pending_updates)
        await stage.until(lambda: len(rows(stage, "SELECT 1 FROM deliveries")) == 4)
        assert len(stage.telegram.calls_of("sendMessage")) == calls
        assert stage.in_telegram() == stage.in_discord() == []

        assert await stage.daemon.stop() == 0
        trouble.offset_s = HOUR_S
        trouble.tell()
        await stage.daemon.start()
        await all_arrive(stage, 2)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("carries", [Carries.REQUESTS, Carries.NOTHING], ids=lambda c: c.name)
async def test_connections_that_never_answer(tmp_path: Path, carries: Carries) -> None:
    """Done or not, no answer comes, for half a minute: then all stands there once, in order."""
    async with (
        scene(tmp_path, start=False) as stage,
        wire_to(port_of(stage.telegram.url)) as telegram,
        wire_to(port_of(stage.discord.api_url)) as discord,
    ):
        settings = stage.daemon.settings
        settings["MATEBOT_TELEGRAM_API_URL"] = f"http://127.0.0.1:{telegram.port}"
        settings["MATEBOT_DISCORD_API_URL"] = f"http://127.0.0.1:{discord.port}/api/v10"
        await stage.daemon.start()
        await stage.daemon.ready()
        both_say(stage, 1)
        await all_arrive(stage, 1)
        telegram.carries = discord.carries = carries
        both_say(stage, 2, 3)
        await stage.until(lambda: _both_failed(stage), timeout_s=60, every_s=0.2)
        telegram.carries = discord.carries = Carries.ALL
        await all_arrive(stage, 3, timeout_s=80)


def _both_failed(stage: Scene) -> bool:
    """Whether a delivery failed on either side."""
    failed = [r["room"] for r in stage.daemon.records if r["message"] == "will try again"]
    return {room.partition(":")[0] for room in failed} == {"telegram", "discord"}


async def test_names_that_are_not_found(tmp_path: Path) -> None:
    """At the start and later: each side says so, keeps what is said, and goes on by itself."""
    async with scene(tmp_path, start=False) as stage:
        trouble = troubled(stage.daemon)
        trouble.names = {"telegram.test": False, "discord.test": False}
        trouble.tell()
        settings = stage.daemon.settings
        for name in ("TELEGRAM_API", "DISCORD_API", "DISCORD_GATEWAY", "DISCORD_CDN"):
            host = f"{name.partition('_')[0].lower()}.test"
            url = settings[f"MATEBOT_{name}_URL"]
            settings[f"MATEBOT_{name}_URL"] = url.replace("127.0.0.1", host)
        stage.discord.gateway.url = settings["MATEBOT_DISCORD_GATEWAY_URL"]
        await stage.daemon.start()
        for side in ("Telegram", "Discord"):
            await stage.daemon.logs(f'"{side}: ')
        trouble.names = dict.fromkeys(trouble.names, True)
        trouble.tell()
        await stage.daemon.ready()
        both_say(stage, 1)
        await all_arrive(stage, 1)

        trouble.names = dict.fromkeys(trouble.names, False)
        trouble.tell()
        stage.discord.disconnect(code=4000, resumable=True)
        both_say(stage, 2, 3)
        health = await stage.daemon.health()
        while health is None or health["parts"]["discord"]["ok"]:
            await asyncio.sleep(0.1)
            health = await stage.daemon.health()
        trouble.names = dict.fromkeys(trouble.names, True)
        trouble.tell()
        await all_arrive(stage, 3)
