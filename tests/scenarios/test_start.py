"""Starting and stopping: what the operator is told, and what is kept meanwhile."""

import asyncio
import signal
import socket
import sqlite3
import sys
import time
import tomllib
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from matebot.sandbox.discord import Call
from matebot.sandbox.faults import Fault
from tests.scenarios.harness import Scene, scene

ROOT = Path(__file__).parents[2]
QUICK_S = 12.0  # far less than systemd waits, on a busy machine


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Scene]:
    """The services with their people; the daemon is not started yet."""
    async with scene(tmp_path, start=False) as built:
        yield built


def setting(name: str, value: str) -> Callable[[Scene], None]:
    """A mistake in one setting."""

    def make(scene: Scene) -> None:
        scene.daemon.settings[f"MATEBOT_{name}"] = value

    return make


def no_intent(scene: Scene) -> None:
    scene.discord.world.message_content = False


def nothing_set(scene: Scene) -> None:
    for name in ("TELEGRAM_TOKEN", "DISCORD_TOKEN", "PUBLIC_URL"):
        del scene.daemon.settings[f"MATEBOT_{name}"]


def several_wrong(scene: Scene) -> None:
    setting("LISTEN_PORT", "70000")(scene)
    setting("TLS", "maybe")(scene)
    setting("BRIDGES", "telegram:x <-> discord:1")(scene)


def data_dir_read_only(scene: Scene) -> None:
    setting("DATA_DIR", "/proc/matebot")(scene)  # closed to root, too


def database_newer(scene: Scene) -> None:
    data = scene.daemon.folder / "data"
    data.mkdir()
    with sqlite3.connect(data / "matebot.sqlite") as connection:
        connection.execute("PRAGMA user_version=999")
    connection.close()


def database_broken(scene: Scene) -> None:
    data = scene.daemon.folder / "data"
    data.mkdir()
    (data / "matebot.sqlite").write_bytes(b"no database at all " * 100)


def secret_unreadable(scene: Scene) -> None:
    (scene.daemon.folder / "data" / "webhook.secret").mkdir(parents=True)


def no_certificate(scene: Scene) -> None:
    for name in ("cert", "key"):
        (scene.daemon.folder / f"{name}.pem").write_text("nothing")
        setting(f"TLS_{name.upper()}", f"{name}.pem")(scene)
    setting("TLS", "files")(scene)


MISTAKES: dict[str, tuple[Callable[[Scene], None], list[list[str]]]] = {
    "telegram token": (
        setting("TELEGRAM_TOKEN", "999:a-token-that-nobody-knows"),
        [["MATEBOT_TELEGRAM_TOKEN", "@BotFather"]],
    ),
    "discord token": (
        setting("DISCORD_TOKEN", "a-token.that-nobody.knows"),
        [["MATEBOT_DISCORD_TOKEN", "discord.com/developers"]],
    ),
    "intent": (no_intent, [["MATEBOT_DISCORD_TOKEN", "Message Content Intent", "switch it on"]]),
    "nothing set": (
        nothing_set,
        [
            ["MATEBOT_TELEGRAM_TOKEN", "missing", "config.example.env"],
            ["MATEBOT_DISCORD_TOKEN", "missing"],
            ["MATEBOT_PUBLIC_URL", "missing"],
        ],
    ),
    "several wrong": (
        several_wrong,
        [
            ["MATEBOT_TLS", "proxy, files, self-signed", "'maybe'"],
            ["MATEBOT_LISTEN_PORT", "from 1 to 65535", "'70000'"],
            ["MATEBOT_BRIDGES", "expected"],
        ],
    ),
    "folder read-only": (data_dir_read_only, [["MATEBOT_DATA_DIR", "/proc/matebot"]]),
    "database newer": (database_newer, [["MATEBOT_DATA_DIR", "newer", "install"]]),
    "database broken": (database_broken, [["MATEBOT_DATA_DIR", "matebot.sqlite"]]),
    "secret unreadable": (secret_unreadable, [["MATEBOT_DATA_DIR", "webhook.secret"]]),
    "no certificate": (no_certificate, [["MATEBOT_TLS_CERT", "MATEBOT_TLS_KEY", "PEM"]]),
    "language": (setting("LANGUAGE", "tlh"), [["MATEBOT_LANGUAGE", "en or pt_BR", "'tlh'"]]),
    "host": (setting("LISTEN_HOST", "192.0.2.1"), [["MATEBOT_LISTEN_HOST", "192.0.2.1"]]),
}


@pytest.mark.parametrize("name", MISTAKES)
async def test_a_mistake_is_told_in_a_line(stage: Scene, name: str) -> None:
    """Exit status 2, one line for each mistake with the setting and the way out, no traceback."""
    make, expected = MISTAKES[name]
    make(stage)
    stage.allowed_faults.append("")  # the documents are not what this is about
    await stage.daemon.start()
    assert await stage.daemon.ends() == 2
    lines = stage.daemon.errors
    assert len(lines) == len(expected), stage.daemon.log
    for line, words in zip(lines, expected, strict=True):
        assert line.startswith("matebot: ")
        assert all(word in line for word in words), line
    assert "Traceback" not in stage.daemon.log
    assert not [record for record in stage.daemon.records if record["level"] == "error"]


async def test_a_place_that_is_taken(stage: Scene, tmp_path: Path) -> None:
    """A taken port and a DATA_DIR in use are told; the first MateBot goes on undisturbed."""
    with socket.create_server(("127.0.0.1", stage.daemon.port)):
        await stage.daemon.start()
        assert await stage.daemon.ends() == 2
    (line,) = stage.daemon.errors
    assert line.startswith("matebot: MATEBOT_LISTEN_PORT: cannot listen on 127.0.0.1 port")
    assert line.endswith("stop the program that uses it, or choose another port")

    (tmp_path / "log.jsonl").unlink()
    stage.daemon.settings["MATEBOT_LISTEN_PROT"] = "1"
    await stage.daemon.start()
    await stage.daemon.ready()
    first = stage.daemon.process
    await stage.daemon.start()
    assert await stage.daemon.ends() == 2
    (line,) = stage.daemon.errors
    assert "MATEBOT_DATA_DIR: another MateBot uses data; stop it" in line
    stage.daemon.process = first
    unknown = [one for one in stage.daemon.records if "MATEBOT_LISTEN_PROT" in one["message"]]
    assert {one["level"] for one in unknown} == {"warning"}
    stage.telegram_says("e aí")
    await stage.reaches_discord("e aí")


async def test_the_terminal(tmp_path: Path) -> None:
    """--help and --version answer without any setting, the latter with the package's version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for option, expected in (("--help", "sandbox"), ("--version", project["version"])):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "matebot", option, cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        assert process.returncode == 0
        assert expected in out.decode()
    assert not (tmp_path / "data").exists()


def executed(stage: Scene) -> list[Call]:
    """The calls that post in Discord."""
    return [call for call in stage.discord.calls if call.route == "webhook.execute"]


def posted_after(stage: Scene, calls: int) -> bool:
    """Whether more calls than so many post in Discord, or did."""
    return len(executed(stage)) > calls


async def test_a_stop_lets_what_is_under_way_end(stage: Scene) -> None:
    """Exit 0 by either signal; what was under way arrives once, the rest at the next start."""
    texts: list[str] = []
    for times, number in enumerate((signal.SIGTERM, signal.SIGINT), start=1):
        await stage.daemon.start()
        await stage.daemon.ready()
        await stage.settled()
        stage.discord.faults.add(Fault("slow", "webhook.execute", delay_s=1.0))
        standing, called = len(texts), len(executed(stage))
        texts += [f"conta {standing + index}" for index in range(3)]
        for text in texts[standing:]:
            stage.telegram_says(text)
        await stage.until(partial(posted_after, stage, called))
        began = time.monotonic()
        stage.daemon.signal(number)
        assert await stage.daemon.ends() == 0
        assert time.monotonic() - began < QUICK_S
        assert stage.daemon.records[-1]["message"] == "stopped"
        assert [one["content"] for one in stage.in_discord()] == texts[: standing + 1]
        stage.discord_says(f"said meanwhile, {times}")
    await stage.daemon.start()
    await stage.reaches_discord(*texts)
    await stage.reaches_telegram("said meanwhile, 2")
    assert [one["content"] for one in stage.in_discord()] == texts
    assert len(stage.in_telegram()) == 2


async def test_a_second_signal_ends_it_at_once(stage: Scene) -> None:
    """Nobody has to wait for a service that hangs; the next start brings what was under way."""
    await stage.daemon.start()
    await stage.daemon.ready()
    stage.discord.faults.add(Fault("slow", "webhook.execute", delay_s=30.0))
    stage.telegram_says("preso no meio")
    await stage.discord.wait_for(lambda: executed(stage))
    stage.daemon.signal(signal.SIGTERM)
    await stage.daemon.logs('"stopping"')
    began = time.monotonic()
    stage.daemon.signal(signal.SIGTERM)
    assert await stage.daemon.ends() == 128 + signal.SIGTERM
    assert time.monotonic() - began < QUICK_S / 4
    stage.discord.faults.clear()
    await stage.daemon.start()
    await stage.reaches_discord("preso no meio")
    await stage.settled()
    assert len(stage.in_discord()) == 1


async def test_a_signal_during_the_start(stage: Scene) -> None:
    """A stop that comes before anything listens is a stop in order, too."""
    await stage.daemon.start()
    await stage.until((stage.daemon.folder / "data" / "lock").exists)
    stage.daemon.signal(signal.SIGTERM)
    assert await stage.daemon.ends() == 0
    assert stage.daemon.records[-1]["message"] == "stopped"
    assert not stage.daemon.errors


async def test_one_service_is_away_at_the_start(stage: Scene) -> None:
    """The daemon runs and says which; what the other side says is kept until it comes."""
    await stage.telegram.stop_listening()
    port = int(stage.telegram.url.rpartition(":")[2])
    await stage.daemon.start()
    await stage.daemon.ready(part="discord")
    health = await stage.daemon.health()
    assert health is not None
    assert not health["ok"]
    assert health["parts"]["telegram"]["detail"].startswith("cannot be reached")
    stage.discord_says("is anybody there?")
    await backlog(stage, 1)
    await stage.telegram.start_on(port)
    await stage.reaches_telegram("is anybody there?")
    await stage.daemon.ready()

    assert await stage.daemon.stop() == 0
    stage.discord.faults.outage = True
    await stage.daemon.start()
    await stage.daemon.ready(part="telegram")
    health = await stage.daemon.health()
    assert health is not None
    assert health["parts"]["discord"]["detail"].startswith("cannot be reached")
    stage.telegram_says("tem alguém aí?")
    await backlog(stage, 1)
    await stage.telegram.wait_for(lambda: not stage.telegram.pending_updates)
    began = time.monotonic()
    assert await stage.daemon.stop() == 0, "a stop while a service is away"
    assert time.monotonic() - began < QUICK_S
    await stage.daemon.start()
    await stage.daemon.ready(part="telegram")
    stage.discord.faults.outage = False
    await stage.reaches_discord("tem alguém aí?")
    await stage.daemon.ready()
    assert len(stage.in_discord()) == len(stage.in_telegram()) == 1


async def backlog(stage: Scene, number: int) -> None:
    """Wait until so many deliveries rest in the database."""
    async with asyncio.timeout(10):
        while await stage.backlog() != number:
            await asyncio.sleep(0.03)


async def test_telegrams_token_is_revoked(stage: Scene) -> None:
    """That side pauses, says so once and calls no more; the other side's words wait for it."""
    await stage.daemon.start()
    await stage.daemon.ready()
    stage.telegram.revoke_token()
    for index in range(3):
        stage.discord_says(f"lost {index}?")
    await stage.daemon.logs("Telegram is paused")
    await backlog(stage, 3)
    calls = len(stage.telegram.calls)
    await stays_quiet(lambda: len(stage.telegram.calls) - calls)
    health = await stage.daemon.health()
    assert health is not None
    assert health["parts"]["telegram"] == {"ok": False, "detail": "token revoked"}
    assert health["parts"]["discord"]["ok"]
    assert stage.daemon.log.count("Telegram is paused") == 1
    began = time.monotonic()
    assert await stage.daemon.stop() == 0
    assert time.monotonic() - began < QUICK_S
    stage.telegram.state.world.revoked = False
    await stage.daemon.start()
    copies = await stage.reaches_telegram("lost 0?", "lost 1?", "lost 2?")
    assert [one["text"].partition("\n")[2] or one["text"] for one in copies] == [
        "lost 0?", "lost 1?", "lost 2?",
    ]  # fmt: skip


async def test_discords_token_is_revoked(stage: Scene) -> None:
    """The same on the other side, which the gateway tells of."""
    await stage.daemon.start()
    await stage.daemon.ready()
    stage.discord.revoke_token()
    await stage.daemon.logs("Discord is paused")
    for index in range(3):
        stage.telegram_says(f"perdida {index}?")
    await backlog(stage, 3)
    await stage.telegram.wait_for(lambda: not stage.telegram.pending_updates)
    calls = len(stage.discord.calls)
    await stays_quiet(lambda: len(stage.discord.calls) - calls)
    health = await stage.daemon.health()
    assert health is not None
    assert health["parts"]["discord"] == {"ok": False, "detail": "token revoked"}
    assert health["parts"]["telegram"]["ok"]
    assert stage.daemon.log.count("Discord is paused") == 1
    assert await stage.daemon.stop() == 0
    stage.discord.restore_token()
    await stage.daemon.start()
    copies = await stage.reaches_discord("perdida 0?", "perdida 1?", "perdida 2?")
    assert [one["content"] for one in copies] == ["perdida 0?", "perdida 1?", "perdida 2?"]


async def stays_quiet(calls: Callable[[], int], *, watched_s: float = 2.0, most: int = 2) -> None:
    """Watch for a while that hardly any call is made."""
    ends = time.monotonic() + watched_s
    while time.monotonic() < ends:
        assert calls() <= most, "a hot loop"
        await asyncio.sleep(0.05)


async def test_menus_that_are_refused_stop_nothing(stage: Scene) -> None:
    """A server that knows no menus of commands on either side still gets a bridge."""
    stage.telegram.faults.add(Fault("status", "setMyCommands", times=None, status=404))
    stage.discord.faults.add(Fault("status", "commands.put", times=None, status=404))
    await stage.daemon.start()
    await stage.daemon.ready()
    stage.telegram_says("sem menu")
    await stage.reaches_discord("sem menu")
    await stage.daemon.logs("menus of commands were not set")
