"""The real daemon in a process of its own, started as its operator would, and started again."""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from matebot.sandbox.world import Stage

Json = dict[str, Any]
PUBLIC_URL = "https://matebot.example"
PACKAGE_HOME = Path(__file__).parents[2]
OPERATOR_MISTAKE = 2  # the exit status after which starting again would not help
STARTS_WITHOUT_LUCK = 5
RESTART_S = 0.5
LOOK_S = 0.25
STOP_S = 15.0  # the daemon gives itself 10
TAIL_LINES = 12
PR_SET_PDEATHSIG = 1  # linux/prctl.h
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class DaemonError(Exception):
    """The daemon does not start; the text is the end of its log."""


@dataclass(slots=True)
class Daemon:
    """``python -m matebot run``.

    Attributes:
        folder: Where it runs and logs; DATA_DIR is in it.
        port: Where its webhook listens, without TLS, as behind nginx.
        settings: Its environment, besides what this process has.
        restarts: How often it was started again.
    """

    folder: Path
    port: int
    settings: dict[str, str]
    restarts: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    _process: asyncio.subprocess.Process | None = None
    _detail: str = "Bridge starting…"

    @property
    def log(self) -> Path:
        """Where it logs to."""
        return self.folder / "daemon.log"

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    def state(self) -> Json:
        """How it is, for the page's bar."""
        ready = self.ready.is_set()
        detail = "" if ready else self._detail
        running = self.pid is not None
        return {"running": running, "ready": ready, "restarts": self.restarts, "detail": detail}

    def kill(self) -> None:
        """``kill -9``; it is started again."""
        if self.pid is not None and self._process is not None:
            self._process.send_signal(signal.SIGKILL)

    async def run(self) -> None:
        """Keep it running until this is cancelled; then end it in good order.

        Raises:
            DaemonError: It does not start.
        """
        luckless = 0
        try:
            while True:
                await self._start()
                await self._follow()
                luckless = 0 if self.ready.is_set() else luckless + 1
                self.ready.clear()
                self._detail = "Bridge down, starting again…"
                if self._status == OPERATOR_MISTAKE or luckless >= STARTS_WITHOUT_LUCK:
                    raise DaemonError(self._tail())
                await asyncio.sleep(RESTART_S)
                self.restarts += 1
        finally:
            await self._stop()

    @property
    def _status(self) -> int | None:
        return self._process.returncode if self._process is not None else None

    async def _start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        paths = (str(PACKAGE_HOME), os.environ.get("PYTHONPATH"))
        kept["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "matebot",
                "run",
                cwd=self.folder,
                env=kept | self.settings,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the sandbox, which ends it in its turn
                preexec_fn=_end_with_parent,
            )

    async def _follow(self) -> None:
        """Watch its health until it ends."""
        process = self._process
        if process is None:
            return
        timeout = aiohttp.ClientTimeout(total=5.0)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            looking = group.create_task(self._look(session))
            await process.wait()
            looking.cancel()

    async def _look(self, session: aiohttp.ClientSession) -> None:
        while True:
            problem = await _problem(session, f"http://127.0.0.1:{self.port}/healthz")
            if problem is None:
                self.ready.set()
            else:
                self.ready.clear()
                self._detail = problem
            await asyncio.sleep(LOOK_S)

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        self.ready.clear()

    def _tail(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:])
        return "it left no log"


def _end_with_parent() -> None:
    """In the daemon, before it begins: have SIGTERM sent when the sandbox is gone, however.

    It may come once for each of the sandbox's threads, and the second one ends it at once.
    """
    if PRCTL is not None:
        PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)


async def _problem(session: aiohttp.ClientSession, url: str) -> str | None:
    """What /healthz complains of; None where all is well."""
    try:
        async with session.get(url) as answer:
            told = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return "Bridge starting…"
    if told.get("ok"):
        return None
    parts: Json = told.get("parts", {})
    wrong = [f"{name}: {part['detail']}" for name, part in parts.items() if not part["ok"]]
    return "; ".join(wrong) or "Bridge not ready"


def settings_for(stage: Stage, *, data_dir: Path, port: int) -> dict[str, str]:
    """The daemon's environment: the way of a production set-up, with other addresses."""
    told = {
        "TELEGRAM_TOKEN": stage.telegram.state.world.token,
        "DISCORD_TOKEN": stage.discord.token,
        "PUBLIC_URL": PUBLIC_URL,
        "TLS": "proxy",
        "LISTEN_PORT": str(port),
        "DATA_DIR": str(data_dir),
        "BRIDGES": stage.bridges,
        "TELEGRAM_API_URL": stage.telegram.url,
        "DISCORD_API_URL": stage.discord.api_url,
        "DISCORD_GATEWAY_URL": stage.discord.gateway_url,
        "DISCORD_CDN_URL": stage.discord.cdn_url,
        "LOG_FORMAT": "text",
    }
    return {f"MATEBOT_{name}": value for name, value in told.items()}


def stand_before(stage: Stage, port: int) -> None:
    """Bring the services to the daemon as nginx would: its public address leads to this port."""
    stage.telegram.route_webhook(("127.0.0.1", port), plain_http=True)
    stage.discord.reach[PUBLIC_URL] = f"http://127.0.0.1:{port}"
    stage.discord.fetch_avatars = True


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_setting(name: str) -> bool:
    return name.startswith("MATEBOT_") or name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
