"""The real daemon on a core of its own, and what the kernel tells of its cost."""

import os
import time
from functools import cache
from pathlib import Path

from tests.benchmarks import places
from tests.benchmarks.services import Services
from tests.scenarios.harness import Daemon, free_port

_TICKS_S = os.sysconf("SC_CLK_TCK")


@cache  # before this process keeps itself to one of them
def cores() -> tuple[int, int]:
    """The daemon's core, and everybody else's; the same one where there is only one."""
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[-1]


class MeasuredDaemon(Daemon):
    """``python -m matebot`` on one core.

    BENCHMARK_PYTHONPATH goes first in its path: a ``sitecustomize.py`` there can profile it.

    Args:
        folder: Its working directory.
        services: What it talks to.
        core: Where it runs; None for anywhere.
        more: Further settings, without ``MATEBOT_``.
    """

    def __init__(
        self, folder: Path, services: Services, core: int | None, more: dict[str, str]
    ) -> None:
        port = free_port()
        settings = {
            "TELEGRAM_TOKEN": places.TELEGRAM_TOKEN,
            "DISCORD_TOKEN": places.DISCORD_TOKEN,
            "WEBHOOK_SECRET": places.SECRET,
            "PUBLIC_URL": "https://matebot.example",
            "LISTEN_PORT": str(port),
            "PACE_FACTOR": "1000000",
        }
        settings |= services.settings() | more
        named = {f"MATEBOT_{name}": value for name, value in settings.items() if value}
        path = {"PYTHONPATH": os.environ["BENCHMARK_PYTHONPATH"]} if _profiled() else {}
        super().__init__(folder, port, named | path)
        self._core = core

    async def start_measured(self) -> float:
        """Start it; returns the seconds until it said that it is well."""
        began = time.perf_counter()
        await self.start()
        if self._core is not None:
            os.sched_setaffinity(self.pid, {self._core})  # before it makes a thread
        await self.ready()
        return time.perf_counter() - began

    @property
    def pid(self) -> int:
        """Its process."""
        if self.process is None:
            raise RuntimeError("the daemon was not started")
        return self.process.pid

    def cpu_s(self) -> float:
        """CPU seconds so far, of all its threads, in steps of 10 ms."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_S

    def resident_mb(self) -> float:
        """Resident memory now, in MB of 1,000,000 bytes."""
        return self._status("VmRSS")

    def peak_mb(self) -> float:
        """The most resident memory since `forget_peak`, in MB of 1,000,000 bytes."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Have the peak begin anew."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "ascii")

    def _status(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024 / 1_000_000
        raise RuntimeError(f"the kernel does not tell {name}")


def _profiled() -> bool:
    return "BENCHMARK_PYTHONPATH" in os.environ
