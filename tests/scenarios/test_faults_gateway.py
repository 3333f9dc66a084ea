"""The gateway ends, in every way that it may: what is said before, meanwhile and after crosses."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from matebot.sandbox.faults import Fault
from tests.scenarios.counting import numbers
from tests.scenarios.harness import Json, Scene, scene
from tests.scenarios.test_addresses import port_of
from tests.scenarios.trouble import Carries, Wire, rows, wire_to

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEARTBEAT_MS = 1000
# Put before the daemon, as ``sitecustomize``: what takes minutes takes seconds.
IMPATIENT = """
import functools
import discord
from matebot.discord import client

discord.Client.__init__ = functools.partialmethod(discord.Client.__init__, heartbeat_timeout=2.5)
client.Backoff.__init__.__defaults__ = (0.1, 0.3)
client._IDENTIFY_EVERY_S = 0.1
"""

REFUSED = "Discord: cannot be reached (WSServerHandshakeError)"


@dataclass
class House:
    """Besides the usual rooms, a thread with a group of its own; and the wire to the gateway."""

    stage: Scene
    threaded: int
    thread: int
    wire: Wire


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One daemon for all, which comes again soon."""
    folder = tmp_path_factory.mktemp("gateway")
    async with scene(folder, start=False) as stage, wire_to(port_of(stage.discord.api_url)) as wire:
        telegram, discord, daemon = stage.telegram, stage.discord, stage.daemon
        threaded = int(telegram.add_group("Threaded")["id"])
        telegram.join(threaded, stage.ana["id"], status="administrator", quiet=True)
        thread = int(discord.add_thread(stage.channel, "A thread")["id"])
        daemon.settings["MATEBOT_BRIDGES"] += f"; telegram:{threaded} <-> discord:{thread}"
        discord.gateway.heartbeat_ms = HEARTBEAT_MS
        discord.gateway.url = f"ws://127.0.0.1:{wire.port}/gateway"
        daemon.settings["MATEBOT_DISCORD_GATEWAY_URL"] = discord.gateway.url
        _hurry(folder, stage)
        await daemon.start()
        await daemon.ready()
        yield House(stage, threaded, thread, wire)


def _hurry(folder: Path, stage: Scene) -> None:
    paths = folder / "python"
    paths.mkdir()
    (paths / "sitecustomize.py").write_text(IMPATIENT)
    stage.daemon.settings["PYTHONPATH"] = str(paths)


@dataclass
class Talk:
    """Ana and Bia count aloud, each in a room of the usual bridge.

    Attributes:
        name: Tells this talk's messages from those of the others.
        last: The last number that was said.
    """

    stage: Scene
    name: str
    last: int = 0

    def go_on(self) -> None:
        """Both say their next number."""
        self.last += 1
        self.stage.telegram_says(f"{self.name} #{self.last}")
        self.stage.discord_says(f"{self.name} #{self.last}")

    def in_telegram(self) -> list[int]:
        """The numbers that arrived in the group."""
        return self._numbers(self.stage.in_telegram(), "text")

    def in_discord(self) -> list[int]:
        """The numbers that arrived in the channel."""
        return self._numbers(self.stage.in_discord(), "content")

    def _numbers(self, messages: list[Json], key: str) -> list[int]:
        return numbers([m for m in messages if f"{self.name} #" in m.get(key, "")], key)

    async def all_there(self) -> None:
        """Wait until all stand on both sides, and see that they do once and in order."""
        said = list(range(1, self.last + 1))
        await self.stage.until(
            lambda: min(len(self.in_telegram()), len(self.in_discord())) >= self.last
        )
        await self.stage.settled()
        assert (self.in_telegram(), self.in_discord()) == (said, said)


def closed(code: int, *, resumable: bool) -> Callable[[House], None]:
    """Discord closes with a code."""
    return lambda house: house.stage.discord.disconnect(code=code, resumable=resumable)


def invalid(*, resumable: bool) -> Callable[[House], None]:
    """Discord says that the session is none (any more)."""

    def tell(house: House) -> None:
        gateway = house.stage.discord.gateway
        if not resumable:
            gateway.sessions.clear()
        for connection in gateway.connections:
            connection.send(9, data=resumable)

    return tell


def reconnect(house: House) -> None:
    """Discord asks to come again."""
    house.stage.discord.reconnect_request()


def unanswered(house: House) -> None:
    """Discord answers no heartbeat, though it tells what happens."""
    house.stage.discord.silence()


def half_open(house: House) -> None:
    """What the daemon sends arrives; nothing comes back."""
    house.wire.carries = Carries.REQUESTS


# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway (2026-11-24): may the
# session be resumed?
ENDS = {
    "1006": (closed(1006, resumable=True), True),
    "4000": (closed(4000, resumable=True), True),
    "4001": (closed(4001, resumable=True), True),
    "4002": (closed(4002, resumable=True), True),
    "4003": (closed(4003, resumable=False), False),
    "4005": (closed(4005, resumable=True), True),
    "4007": (closed(4007, resumable=False), False),
    "4008": (closed(4008, resumable=True), True),
    "4009": (closed(4009, resumable=False), False),
    "invalid": (invalid(resumable=False), False),
    "invalid, to be resumed": (invalid(resumable=True), True),
    "reconnect": (reconnect, True),
    "heartbeats unanswered": (unanswered, True),
    "half open": (half_open, True),
}


@pytest.mark.parametrize("how", ENDS)
async def test_what_is_said_crosses_once_and_in_order(house: House, how: str) -> None:
    """Before it, while the way back is barred, and after; resumed where that may be."""
    stage, gateway = house.stage, house.stage.discord.gateway
    end, resumable = ENDS[how]
    talk = Talk(stage, how)
    talk.go_on()
    await talk.all_there()
    before = set(gateway.connections)
    identifies, resumes = gateway.identifies, gateway.resumes
    assert len(before) == 1

    stage.discord.faults.add(Fault("status", "gateway", times=None, status=503))
    refused = stage.daemon.log.count(REFUSED)
    end(house)
    talk.go_on()
    await stage.until(lambda: not before & gateway.connections)
    house.wire.carries = Carries.ALL
    stage.discord.silence(on=False)
    talk.go_on()
    await stage.until(lambda: talk.in_discord() == [1, 2, 3])  # which needs no gateway
    await stage.until(lambda: stage.daemon.log.count(REFUSED) > refused)
    assert talk.in_telegram() in ([1], [1, 2])

    stage.discord.faults.clear()
    talk.go_on()
    await stage.until(lambda: bool(gateway.connections))
    talk.go_on()
    await talk.all_there()
    await stage.daemon.ready()
    assert gateway.resumes - resumes == int(resumable)
    assert gateway.identifies - identifies == int(not resumable)


async def test_a_thread_that_is_deleted(house: House) -> None:
    """Its group is told once and what is said there waits; the other bridge goes on."""
    stage = house.stage

    def say(*which: int) -> None:
        for number in which:
            stage.telegram.say(stage.ana["id"], house.threaded, f"#{number}")

    def told() -> list[str]:
        return [m["text"] for m in stage.telegram.bot_messages(house.threaded)]

    say(1)
    await stage.until(lambda: len(stage.discord.messages(house.thread)) == 1)
    stage.discord.delete_channel(house.thread)
    say(2, 3)
    await stage.until(lambda: bool(told()))
    talk = Talk(stage, "after the thread")
    talk.go_on()
    await stage.until(lambda: talk.in_discord() == talk.in_telegram() == [1])
    say(4)
    stage.discord.disconnect(code=4000, resumable=False)
    talk.go_on()
    await stage.until(lambda: talk.in_discord() == talk.in_telegram() == [1, 2])
    waits = f"SELECT count(*) FROM deliveries WHERE chat = {house.thread}"
    await stage.until(lambda: rows(stage, waits) == [(3,)])
    (words,) = told()
    assert "I cannot post in" in words
    assert "any more" in words
    assert not rows(stage, "SELECT 1 FROM failures")
