"""What large files cost the daemon: memory while they pass, and how fast they do."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.services import Way
from tests.benchmarks.tables import Line
from tests.media.makers import blob
from tests.scenarios.harness import Json, Scene, scene

SIZE_MB: Final = 45
AT_ONCE: Final = (1, 10)
MOST_MB: Final = 30.0
"""What may be resident at most beyond what is while nothing happens."""
PATIENCE_S: Final = 300.0


async def lines() -> AsyncIterator[Line]:
    """The figures, one way after the other; each in a daemon of its own."""
    for way in Way:
        for number in AT_ONCE:
            with TemporaryDirectory() as folder:
                local = way is Way.TO_DISCORD  # the public server hands out 20 MB at most
                async with scene(Path(folder), local=local, factor=1000.0) as stage:
                    for line in await _measured(stage, way, number):
                        yield line


async def _measured(stage: Scene, way: Way, number: int) -> list[Line]:
    stage.discord.set_premium_tier(3)
    await stage.settled()
    files = [blob(SIZE_MB * 1_000_000, seed) for seed in range(number)]
    idle_mb = _status_mb(stage, "VmRSS")
    _proc(stage, "clear_refs").write_text("5", "ascii")  # the peak begins anew
    began = time.perf_counter()
    for position, data in enumerate(files):
        _send(stage, way, f"{position}.bin", data)
    arrived = _arrived(stage, way)
    await stage.until(lambda: arrived() >= number, PATIENCE_S, 0.1)
    took_s = time.perf_counter() - began
    beyond_mb = _status_mb(stage, "VmHWM") - idle_mb
    name = f"{way.value}, {number} × {SIZE_MB} MB"
    return [
        Line(f"{name}: resident at most, beyond idle", beyond_mb, "MB", most=MOST_MB),
        Line(f"{name}: rate", number * SIZE_MB / took_s, "MB/s"),
    ]


def _send(stage: Scene, way: Way, name: str, data: bytes) -> None:
    mime = "application/octet-stream"
    if way is Way.TO_TELEGRAM:
        stage.discord_says("", attachments=[(name, data, mime)])
    else:
        ana, group = stage.ana["id"], stage.group
        stage.telegram.send_file(ana, group, "document", data, name=name, mime=mime)


def _arrived(stage: Scene, way: Way) -> Callable[[], int]:
    """Counts the files that stand at the other side."""

    def has_file(message: Json) -> bool:
        return bool(message.get("document") or message.get("attachments"))

    there = stage.in_telegram if way is Way.TO_TELEGRAM else stage.in_discord
    return lambda: sum(has_file(message) for message in there())


def _status_mb(stage: Scene, name: str) -> float:
    """A line of the kernel's about the daemon, in MB of 1,000,000 bytes."""
    told = _proc(stage, "status").read_text("ascii").splitlines()
    (line,) = (line for line in told if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1_000_000


def _proc(stage: Scene, name: str) -> Path:
    process = stage.daemon.process
    if process is None:
        raise RuntimeError("the daemon was not started")
    return Path(f"/proc/{process.pid}/{name}")
