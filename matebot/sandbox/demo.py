"""``python -m matebot sandbox``: both stand-ins, the page, and the real daemon between them."""

import asyncio
import signal
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from matebot.sandbox.app import (
    PUBLIC_URL,
    Daemon,
    DaemonError,
    free_port,
    settings_for,
    stand_before,
)
from matebot.sandbox.conversation import Conversation
from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.page import Page
from matebot.sandbox.telegram import TelegramStandIn
from matebot.sandbox.world import Stage, build_stage

Json = dict[str, Any]
TELEGRAM_TOKEN = "123456789:AAsandbox-nobody-else-knows-this-one"  # noqa: S105 - opens nothing
DISCORD_TOKEN = "sandbox.token.that-opens-nothing"  # noqa: S105 - as it says


@dataclass(slots=True)
class Sandbox:
    """What the page may ask for besides the services: the daemon and the demo."""

    stage: Stage
    daemon: Daemon
    group: asyncio.TaskGroup
    page: Page | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _playing: bool = False

    def state(self) -> Json:
        """How the daemon is."""
        return self.daemon.state() | {"playing": self._playing}

    def kill(self) -> None:
        """Kill the daemon as a power cut would; it is started again."""
        self.daemon.kill()

    def play(self) -> None:
        """Play the scripted conversation, where it is not under way."""
        if not self._playing:
            self._playing = True
            task = self.group.create_task(self._play())
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def end(self) -> None:
        """Break off what is under way."""
        for task in self.tasks:
            task.cancel()

    async def _play(self) -> None:
        try:
            await self.daemon.ready.wait()
            await Conversation(self.stage).play()
        except (TimeoutError, ValueError, KeyError, PermissionError) as error:
            # One may speak, delete and misbehave while it plays: it then ends early.
            if self.page is not None:
                self.page.feed.moment({"kind": "toast", "text": f"The demo broke off: {error}"})
        finally:
            self._playing = False


async def run_sandbox(
    *, host: str, port: int, script: str | None, data_dir: Path | None, open_browser: bool
) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit status.

    Args:
        host: Where the page listens.
        port: 0 is any free one.
        script: ``demo`` plays the conversation by itself.
        data_dir: Where the daemon's data stays; None: it is gone afterwards.
        open_browser: Open the page in the browser of this desktop.
    """
    status = 0
    with _folder(data_dir) as folder, _ended_by_signal() as ended:
        try:
            await _run(host, port, script, folder, ended, open_browser=open_browser)
        except* DaemonError as group:
            click.echo(f"The daemon does not start:\n{_first(group)}", err=True)
            status = 1
        except* OSError as group:
            click.echo(f"The page cannot listen on {host}:{port}: {_first(group)}", err=True)
            status = 1
    return status


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    """A new folder for this run: the services of each run are new, and so is the daemon's data."""
    if data_dir is None:
        with tempfile.TemporaryDirectory(prefix="matebot-sandbox-") as name:
            yield Path(name)
        return
    folder = data_dir.absolute() / time.strftime("sandbox-%Y%m%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


@contextmanager
def _ended_by_signal() -> Iterator[asyncio.Event]:
    """Set by the first Ctrl-C or SIGTERM; the second one acts as if nobody listened."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        ended.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    try:
        yield ended
    finally:
        end()


async def _run(
    host: str,
    port: int,
    script: str | None,
    folder: Path,
    ended: asyncio.Event,
    *,
    open_browser: bool,
) -> None:
    async with (
        TelegramStandIn(token=TELEGRAM_TOKEN) as telegram,
        DiscordStandIn(token=DISCORD_TOKEN) as discord,
    ):
        stage = build_stage(telegram, discord)
        own = free_port()
        stand_before(stage, own)
        daemon = Daemon(folder, own, settings_for(stage, data_dir=folder / "data", port=own))
        async with asyncio.TaskGroup() as group:
            sandbox = Sandbox(stage, daemon, group)
            public = (PUBLIC_URL, f"http://127.0.0.1:{own}")
            async with Page(stage, control=sandbox, host=host, port=port, public=public) as page:
                sandbox.page = page
                running = group.create_task(daemon.run())
                sandbox.tasks.add(group.create_task(_greet(page, daemon)))
                if script is not None:
                    sandbox.play()
                if open_browser:
                    webbrowser.open(page.url)
                await ended.wait()
                running.cancel()
                await asyncio.wait([running])  # the page shows how it goes down
            sandbox.end()


async def _greet(page: Page, daemon: Daemon) -> None:
    click.echo(f"The sandbox is at {page.url} (Ctrl-C ends it).")
    click.echo(f"The daemon logs to {daemon.log}.")
    await daemon.ready.wait()
    click.echo("The bridge is connected: what is said on one side appears on the other.")
