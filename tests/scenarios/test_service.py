"""As a systemd service: what the service manager is told, and what the unit says."""

import asyncio
import configparser
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.harness import Daemon, scene

UNIT = Path(__file__).parents[2] / "matebot" / "matebot.service"
BEAT_S = 0.2


class Manager:
    """A service manager's end of the line, as NOTIFY_SOCKET names it.

    Attributes:
        told: The messages, in order.
    """

    def __init__(self, path: Path) -> None:
        self.told: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def _read(self) -> None:
        self.told.append(self._socket.recv(4096).decode("utf-8"))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    async def hears(self, message: str, times: int = 1) -> None:
        """Wait until it has been told so, so many times."""
        async with asyncio.timeout(30):
            while self.told.count(message) < times:
                await asyncio.sleep(0.02)

    def statuses(self) -> list[str]:
        return [one.removeprefix("STATUS=") for one in self.told if one.startswith("STATUS=")]


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[Manager]:
    made = Manager(tmp_path / "notify")
    try:
        yield made
    finally:
        made.close()


def under(manager_at: Path, daemon: Daemon) -> None:
    daemon.settings["NOTIFY_SOCKET"] = str(manager_at)
    daemon.settings["WATCHDOG_USEC"] = str(int(BEAT_S * 2e6))


async def test_the_service_manager_is_told(tmp_path: Path, manager: Manager) -> None:
    """READY once it listens, though a service is away; STATUS; beats; a paused side; STOPPING."""
    async with scene(tmp_path, start=False) as built:
        under(tmp_path / "notify", built.daemon)
        built.discord.faults.outage = True
        await built.daemon.start()
        await manager.hears("READY=1")
        _, writer = await asyncio.open_connection("127.0.0.1", built.daemon.port)
        writer.close()
        assert "STATUS=running" not in manager.told
        await built.daemon.ready(part="telegram")
        await built.until(lambda: _only_discord_is_away(manager.statuses()))
        built.discord.faults.outage = False
        await manager.hears("STATUS=running")
        await manager.hears("WATCHDOG=1", times=manager.told.count("WATCHDOG=1") + 3)

        built.telegram.revoke_token()
        built.discord_says("a last word")
        await manager.hears("STATUS=telegram: token revoked")
        assert await built.daemon.stop() == 0
        await manager.hears("STOPPING=1")
        after = manager.told[manager.told.index("STOPPING=1") :]
        assert "STATUS=running" not in after
        assert manager.told.count("READY=1") == manager.told.count("STOPPING=1") == 1


def _only_discord_is_away(statuses: list[str]) -> bool:
    return any(
        status.startswith("discord: cannot be reached") and "telegram" not in status
        for status in statuses
    )


async def test_a_start_that_fails_is_not_ready(tmp_path: Path, manager: Manager) -> None:
    """A mistake that is found before anything listens is never told as READY."""
    async with scene(tmp_path, start=False) as built:
        under(tmp_path / "notify", built.daemon)
        with socket.create_server(("127.0.0.1", built.daemon.port)):
            await built.daemon.start()
            assert await built.daemon.ends() == 2
        assert "READY=1" not in manager.told


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # as its manual says
    parser.read_string(UNIT.read_text("utf-8"))
    return parser


def test_the_unit_restarts_what_a_restart_can_mend() -> None:
    """After a crash or a hang, not after exit status 2; notify, watchdog, and time to stop."""
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert service["Restart"] in {"on-failure", "always"}
    assert service["RestartPreventExitStatus"] == "2"
    assert int(service["WatchdogSec"]) >= 30
    assert int(service["TimeoutStopSec"]) > 10, "what is under way gets 10 s"
    assert service["ExecStart"].endswith("python -m matebot")
    assert unit()["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.parametrize(
    ("directive", "value"),
    [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("ProtectKernelTunables", "yes"),
        ("ProtectKernelModules", "yes"),
        ("ProtectControlGroups", "yes"),
        ("RestrictSUIDSGID", "yes"),
        ("RestrictNamespaces", "yes"),
        ("LockPersonality", "yes"),
        ("UMask", "0077"),
        ("StateDirectoryMode", "0700"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ],
)
def test_the_unit_shuts_the_service_in(directive: str, value: str) -> None:
    """Nothing of the machine is open to it but its own folder and the network."""
    assert unit()["Service"][directive] == value
