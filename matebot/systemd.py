"""What systemd is told: ready, how things stand, still alive, stopping. Elsewhere a no-op."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping

from sdnotify import SystemdNotifier  # type: ignore[import-untyped]  # it has no types

Sleep = Callable[[float], Awaitable[None]]


def watchdog_interval_s(environ: Mapping[str, str]) -> float | None:
    """Half the time within which systemd wants a sign of life; None if it wants none from here.

    See sd_watchdog_enabled(3): it is systemd's protocol and no setting, hence read here.
    """
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    text = environ.get("WATCHDOG_USEC", "")
    micros = int(text) if text.isascii() and text.isdigit() else 0
    return micros / 2e6 if micros > 0 else None


class Systemd:
    """The line to the service manager, by the socket that NOTIFY_SOCKET names."""

    def __init__(self) -> None:
        self._notifier = SystemdNotifier() if os.environ.get("NOTIFY_SOCKET") else None
        if self._notifier is not None and self._notifier.socket is not None:
            self._notifier.socket.setblocking(False)  # a busy systemd must not hold up the loop

    def ready(self) -> None:
        """The start is over: the database is open and the webhook listens."""
        self._tell("READY=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._tell("STATUS=" + " ".join(text.split()))

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    async def run(self, *, sleep: Sleep = asyncio.sleep) -> None:
        """Give signs of life until cancelled; returns at once if none are wanted.

        It runs in the event loop on purpose: a loop that hangs gives no sign and is restarted.
        """
        interval_s = watchdog_interval_s(os.environ) if self._notifier is not None else None
        while interval_s is not None:
            self._tell("WATCHDOG=1")
            await sleep(interval_s)

    def close(self) -> None:
        """Let go of the socket; safe to call twice."""
        if self._notifier is not None and self._notifier.socket is not None:
            self._notifier.socket.close()
        self._notifier = None

    def _tell(self, state: str) -> None:
        if self._notifier is not None:
            # The library writes Latin-1, systemd reads UTF-8: hand over the bytes it should write.
            self._notifier.notify(state.encode().decode("latin-1"))
