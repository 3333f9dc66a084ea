"""The sandbox as its user starts it: stand-ins, page, and the real daemon between them."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from matebot.sandbox.app import Daemon, DaemonError, free_port, settings_for, stand_before
from matebot.sandbox.conversation import Conversation
from matebot.sandbox.demo import DISCORD_TOKEN, TELEGRAM_TOKEN
from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.discord.files import IS_ANIMATED
from matebot.sandbox.discord.validate import VOICE_MESSAGE
from matebot.sandbox.telegram import TelegramStandIn
from matebot.sandbox.voices import Voices
from matebot.sandbox.world import Stage, build_stage
from tests.sandbox.browser import ARRIVES_MS, arrives, goes, message, opened, speak, use, write

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
READY_S = 90.0
PACE = 100.0

pytestmark = pytest.mark.timeout(400)  # the daemon, its services and a browser start together


@dataclass
class Running:
    """``python -m matebot sandbox`` in a process of its own."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def says(self, pattern: str) -> str:
        """Wait for a line; what its group matched."""
        assert self.process.stdout is not None
        async with asyncio.timeout(READY_S):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line)
                if found := re.search(pattern, line):
                    return found[1]
        raise AssertionError(f"no {pattern!r} in {self.lines}")

    async def end(self) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(READY_S):
            return await self.process.wait()


@asynccontextmanager
async def sandbox(folder: Path, *more: str) -> AsyncIterator[Running]:
    """Start it as the README says, on a free port."""
    command = (sys.executable, "-m", "matebot", "sandbox", *more)
    pipe = asyncio.subprocess.PIPE
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await Running(process).end()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_what_is_typed_on_a_side_appears_on_the_other(tmp_path: Path) -> None:
    """By browser alone: words, an edit and a delete cross; a kill -9 loses nothing; Ctrl-C ends."""
    async with sandbox(tmp_path, "--port", "0") as running:
        url = await running.says(r"(http://127\.0\.0\.1:\d+)")
        async with opened(tmp_path / "browser", url) as tab:
            health = tab.get_by_test_id("health")
            await expect(health).to_have_attribute("data-state", "ready", timeout=READY_S * 1000)
            await speak(tab, "telegram", "Bia")
            await write(tab, "telegram", "**typed** on the left")
            copy = message(tab, "discord", "typed on the left")
            await arrives(copy)
            await expect(copy.get_by_test_id("author")).to_have_text("Bia")
            await expect(copy.locator("strong")).to_have_text("typed")
            await expect(copy.locator(".dc-avatar")).to_have_js_property("naturalWidth", 168)

            await speak(tab, "discord", "Mika")
            await write(tab, "discord", "typed on the *right*")
            back = message(tab, "telegram", "typed on the right")
            await arrives(back)
            await expect(back.locator("b").first).to_have_text("Mika")

            await use(message(tab, "telegram", "on the left"), "edit")
            await write(tab, "telegram", "mended on the left")
            await arrives(message(tab, "discord", "mended on the left"))
            await use(message(tab, "discord", "on the right"), "delete")
            await goes(message(tab, "telegram", "on the right"))

            await tab.get_by_test_id("trouble").locator("summary").click()
            await tab.get_by_test_id("trouble-kill").click()
            await expect(health).not_to_have_attribute("data-state", "ready")
            await write(tab, "discord", "said while it was down")
            await arrives(message(tab, "telegram", "said while it was down"))
        assert await running.end() == 0


async def test_an_answer_of_the_bot_is_seen_by_one_alone(tmp_path: Path) -> None:
    """/bridge on Discord answers its administrator, and nobody else, with a code."""
    async with sandbox(tmp_path, "--port", "0") as running:
        url = await running.says(r"(http://127\.0\.0\.1:\d+)")
        async with opened(tmp_path / "browser", url) as tab:
            health = tab.get_by_test_id("health")
            await expect(health).to_have_attribute("data-state", "ready", timeout=READY_S * 1000)
            await tab.locator('#discord [data-place="workshop"]').click()
            await write(tab, "discord", "/bridge")
            answer = tab.get_by_test_id("discord-message").filter(has_text="Only you can see this")
            await expect(answer).to_be_visible(timeout=ARRIVES_MS)
            await speak(tab, "discord", "Mika")
            await goes(answer)


async def test_marks_and_settings_by_browser(tmp_path: Path) -> None:
    """A reaction and a pin cross by clicks; /settings has its keyboard here, its menu there."""
    async with sandbox(tmp_path, "--port", "0") as running:
        url = await running.says(r"(http://127\.0\.0\.1:\d+)")
        async with opened(tmp_path / "browser", url) as tab:
            health = tab.get_by_test_id("health")
            await expect(health).to_have_attribute("data-state", "ready", timeout=READY_S * 1000)
            await write(tab, "discord", "react to this")
            copy = message(tab, "telegram", "react to this")
            await use(copy, "react")
            await copy.locator('[data-emoji="🔥"]').click()
            there = message(tab, "discord", "react to this")
            await arrives(there.get_by_test_id("reaction").filter(has_text="🔥"))
            await use(there, "pin")
            await arrives(tab.get_by_test_id("telegram").get_by_test_id("pinned"))

            await write(tab, "telegram", "/settings")
            await arrives(tab.get_by_test_id("key").filter(has_text="Reactions:"))
            await write(tab, "discord", "/settings")
            menu = tab.get_by_test_id("select").filter(has_text="Reactions")
            await menu.select_option(index=1)
            await expect(tab.get_by_test_id("select")).to_have_count(2)


async def test_a_taken_port_is_told_in_a_line(tmp_path: Path) -> None:
    """Where something listens already, the sandbox says so and ends with 1."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        async with sandbox(tmp_path, "--port", port) as running:
            await running.says(r"(cannot listen)")
            async with asyncio.timeout(READY_S):
                assert await running.process.wait() == 1
    assert "Traceback" not in "".join(running.lines)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Both services without rate limits."""
    async with (
        TelegramStandIn(token=TELEGRAM_TOKEN, limited=False) as telegram,
        DiscordStandIn(token=DISCORD_TOKEN, limited=False) as discord,
    ):
        yield build_stage(telegram, discord)


@asynccontextmanager
async def bridged(stage: Stage, folder: Path) -> AsyncIterator[Daemon]:
    """The daemon, kept running."""
    port = free_port()
    stand_before(stage, port)
    settings = settings_for(stage, data_dir=folder / "data", port=port)
    daemon = Daemon(folder, port, settings | {"MATEBOT_PACE_FACTOR": str(PACE)})
    async with asyncio.TaskGroup() as group:
        running = group.create_task(daemon.run())
        async with asyncio.timeout(READY_S):
            await daemon.ready.wait()
        yield daemon
        running.cancel()


async def test_the_demo_plays_to_its_end(stage: Stage, tmp_path: Path) -> None:
    """Every line of the script crosses in its order, and so do marks, pins and what is rich."""
    async with bridged(stage, tmp_path):
        await Conversation(stage, pace=0.0).play()
    voices = Voices(stage)
    copies = [one for one in stage.discord.messages(voices.channel) if one.get("webhook_id")]
    assert [one["author"]["username"] for one in copies] == [
        "Tainá Souza", "Gustavo Nunes", "Bia", "Bia",
        "Gustavo Nunes", "Noor Rahimi", "Bia",
        "Gustavo Nunes", "Noor Rahimi",
    ]  # fmt: skip
    assert '"big"' in copies[3]["content"]
    assert "Forwarded from Noor Rahimi" in copies[7]["content"]
    check_media(stage, copies[4:7])
    assert voices.find_left("under the plant") is None
    told = stage.discord.message(voices.channel, voices.find_original("cenoura"))
    assert {one["emoji"]["name"] for one in told["reactions"]} >= {"❤️", "🔥"}
    twin = voices.find_left("Pizza no sábado?")
    assert twin is not None
    assert twin["poll"]["total_voter_count"] == 3
    plan = voices.find_left("breadboard")
    assert plan is not None
    assert "rich_message" in plan
    assert stage.telegram.pinned(voices.chat) == [plan["message_id"]]
    own = stage.telegram.reactions(voices.chat, plan["message_id"])
    assert own[stage.telegram.state.world.bot_id] == ["🎉"]


def check_media(stage: Stage, copies: list[Json]) -> None:
    """What the demo shows of files stands on the other side as what it is."""
    album, voice, sticker = copies
    assert [one["content_type"] for one in album["attachments"]] == ["image/jpeg"] * 3
    assert voice["flags"] & VOICE_MESSAGE
    assert sticker["attachments"][0]["flags"] & IS_ANIMATED
    shown = stage.telegram.bot_messages(Voices(stage).chat)
    pictures = [one for one in shown if "photo" in one]
    assert len({one["media_group_id"] for one in pictures}) == 1
    assert [bool(one.get("has_media_spoiler")) for one in pictures] == [False, True]
    assert sum("voice" in one for one in shown) == 1
    assert sum("sticker" in one for one in shown) == 2


async def test_the_daemon_is_started_again_and_ended(stage: Stage, tmp_path: Path) -> None:
    """A killed daemon comes back by itself; at the end its process is gone."""
    async with bridged(stage, tmp_path) as daemon:
        first = daemon.pid
        daemon.kill()
        async with asyncio.timeout(READY_S):
            while daemon.restarts == 0 or not daemon.ready.is_set():
                await asyncio.sleep(0.02)
        last = daemon.pid
        assert last not in (None, first)
    assert last is not None
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)
    with pytest.raises(aiohttp.ClientConnectionError):
        async with aiohttp.ClientSession() as session:
            await session.get(f"http://127.0.0.1:{daemon.port}/healthz")


async def test_a_daemon_that_cannot_start_is_no_endless_loop(stage: Stage, tmp_path: Path) -> None:
    """Where the daemon refuses its settings, its own line is told and it is not tried again."""
    settings = settings_for(stage, data_dir=tmp_path / "data", port=free_port())
    daemon = Daemon(tmp_path, 1, settings | {"MATEBOT_LANGUAGE": "klingon"})
    with pytest.raises(DaemonError, match="MATEBOT_LANGUAGE"):
        await daemon.run()
    assert daemon.restarts == 0


def daemon_log(folder: Path) -> str:
    """What the daemon of the only run logged."""
    (log,) = folder.glob("sandbox-*/daemon.log")
    return log.read_text("utf-8")


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_the_daemon_ends_with_a_sandbox_that_is_killed(tmp_path: Path) -> None:
    """``kill -9`` of the sandbox leaves no daemon behind."""
    async with sandbox(tmp_path, "--port", "0", "--data-dir", str(tmp_path)) as running:
        await running.says(r"(bridge is connected)")
        running.process.kill()
        await running.process.wait()
        port = re.search(r"listening .*port=(\d+)", daemon_log(tmp_path))
    assert port is not None
    async with asyncio.timeout(READY_S):
        while answers(int(port[1])):
            await asyncio.sleep(0.02)
