"""systemd's protocol on a real datagram socket, and its unit file."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import matebot
from matebot.systemd import Systemd, watchdog_interval_s

UNIT = Path(matebot.__file__).parent / "matebot.service"


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The other end of NOTIFY_SOCKET."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(path))
        end.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        yield end


def test_the_states_are_told(manager: socket.socket) -> None:
    """READY, STATUS as one line of UTF-8, and STOPPING arrive as systemd expects them."""
    systemd = Systemd()
    systemd.ready()
    systemd.status("telegram: waits…\nfor Olá")
    systemd.stopping()
    systemd.close()
    assert [manager.recv(500).decode() for _ in range(3)] == [
        "READY=1",
        "STATUS=telegram: waits… for Olá",
        "STOPPING=1",
    ]


async def test_the_watchdog_is_fed_at_half_its_time(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign of life at once, and then each half of WATCHDOG_USEC."""
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    systemd = Systemd()
    with pytest.raises(asyncio.CancelledError):
        await systemd.run(sleep=sleep)
    systemd.close()
    assert [manager.recv(500) for _ in range(3)] == [b"WATCHDOG=1"] * 3
    assert slept == [15.0] * 3


async def test_a_full_socket_holds_nobody_up(manager: socket.socket) -> None:
    """When systemd does not read, what cannot be sent is left out."""
    systemd = Systemd()
    for _ in range(5_000):
        systemd.status("x" * 1000)
    systemd.close()
    assert manager.recv(2000).startswith(b"STATUS=")


# The library drops its socket unclosed when nobody listens at the other end.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("address", [None, "", "/nowhere/socket"])
async def test_outside_systemd_nothing_happens(
    address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the socket, or with one that is gone, every call is harmless and run() returns."""
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    if address is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    systemd = Systemd()
    systemd.ready()
    systemd.status("x")
    await systemd.run()
    systemd.stopping()
    systemd.close()
    systemd.close()
    systemd.ready()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
    ],
)
def test_when_the_watchdog_is_wanted(environ: dict[str, str], expected: float | None) -> None:
    """Only a positive time, meant for this very process, counts."""
    assert watchdog_interval_s(environ) == expected


def test_the_unit_is_understood_by_systemd(tmp_path: Path) -> None:
    """The real systemd finds nothing wrong with the unit file."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed: the unit file was not checked")
    unit = tmp_path / "matebot.service"
    text = UNIT.read_text("utf-8")
    unit.write_text(text.replace("/opt/matebot/.venv/bin/python", shutil.which("env") or ""))
    done = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert "matebot.service" not in done.stderr
    assert done.returncode == 0


def test_the_unit_holds_what_was_promised() -> None:
    """Readiness, the watchdog, and no restart after exit status 2."""
    lines = UNIT.read_text("utf-8").splitlines()
    for promise in ("Type=notify", "RestartPreventExitStatus=2", "NoNewPrivileges=yes"):
        assert promise in lines
    assert any(line.startswith("WatchdogSec=") for line in lines)
