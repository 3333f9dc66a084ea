"""A circuit breaker for each service: while it is down, one call at a time asks whether it is back.

Without it every lane would find out by itself, and a thousand rooms would hammer a service that has
just come up. What counts is whether the service answers at all: a refusal, even a "too many
requests", is an answer. The lanes' own delays stay; the breaker stands before all of them.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from matebot.core.errors import (
    DeliveryError,
    NotConnected,
    RoomMoved,
    SourceUnavailable,
    TemporaryError,
    UnsureError,
)
from matebot.core.ids import Platform

OPENING_FAILURES = 5
"""So many failures in a row, of whatever lanes, are the service's and not a message's."""
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 30.0
PROBE_S = 30.0
"""Who asks for all others and takes longer, say with a large file, asks for nobody any more."""

log = logging.getLogger(__name__)


class Circuit(NamedTuple):
    """How a service has answered of late.

    Attributes:
        failures: In a row, those of calls that were let through while it was closed.
        pauses: How often in a row a pause began; 0 while the circuit is closed.
        probe_at: When the next call may ask, on the clock of `after_failure`; None while closed.
    """

    failures: int = 0
    pauses: int = 0
    probe_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self.probe_at is not None


CLOSED = Circuit()


def after_failure(circuit: Circuit, now: float, chance: float, *, probe: bool) -> Circuit:
    """The circuit after a call that the service did not answer.

    Args:
        circuit: As it was.
        now: Seconds on a clock that only grows.
        chance: A number from 0 to 1 that spreads the pauses.
        probe: Whether the call asked for all others; only that prolongs a pause, since calls that
            were under way when it began say nothing new.
    """
    if circuit.is_open and not probe:
        return circuit
    if not circuit.is_open and circuit.failures + 1 < OPENING_FAILURES:
        return circuit._replace(failures=circuit.failures + 1)
    pause_s = min(FIRST_PAUSE_S * 2.0 ** min(circuit.pauses, 32), LONGEST_PAUSE_S)
    probe_at = now + pause_s * (0.75 + chance / 2)
    return Circuit(circuit.failures + 1, circuit.pauses + 1, probe_at)


def answered(error: DeliveryError) -> bool | None:
    """Whether a failed call shows that the service answers; None where it tells neither."""
    match error:
        case NotConnected() | SourceUnavailable():
            return None
        case RoomMoved() | TemporaryError(retry_after_s=float() | int()):
            return True
        case TemporaryError() | UnsureError():
            return False
        case _:
            return True


@dataclass(slots=True)
class _Gate:
    """A service's circuit and who waits before it."""

    circuit: Circuit = CLOSED
    probe: object | None = None
    probe_ends_at: float = 0.0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def change(self) -> None:
        """Have everybody who waits look again."""
        self.changed.set()
        self.changed = asyncio.Event()


class Breaker:
    """Lets calls through to services that answer, and one at a time to those that do not.

    Args:
        recovered: Told a service that answers again, so that what was postponed is tried at once.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        recovered: Callable[[Platform], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recovered = recovered
        self._clock = clock
        self._gates = {platform: _Gate() for platform in Platform}

    def is_open(self, platform: Platform) -> bool:
        """Whether a service does not answer, as far as is known."""
        return self._gates[platform].circuit.is_open

    def ask_now(self, platform: Platform) -> None:
        """There is a sign that the service is back: the next call may ask at once."""
        gate = self._gates[platform]
        if gate.circuit.is_open:
            gate.circuit = gate.circuit._replace(probe_at=self._clock(), pauses=1)
            gate.probe = None
            gate.change()

    @asynccontextmanager
    async def passing(self, platform: Platform) -> AsyncIterator[None]:
        """Wait until calls to a service may be made, and learn from how they end."""
        gate = self._gates[platform]
        probe = await self._enter(gate)
        try:
            yield
        except DeliveryError as error:
            match answered(error):
                case True:
                    await self._answered(platform, gate)
                case False:
                    self._failed(platform, gate, probe=probe is not None)
            raise
        else:
            await self._answered(platform, gate)
        finally:
            if probe is not None and gate.probe is probe:
                gate.probe = None
                gate.change()

    async def _enter(self, gate: _Gate) -> object | None:
        """Wait for one's turn; returns what marks a call that asks for all the others."""
        while (probe_at := gate.circuit.probe_at) is not None:
            now = self._clock()
            busy_s = gate.probe_ends_at - now if gate.probe is not None else 0.0
            wait_s = max(probe_at - now, busy_s)
            if wait_s <= 0:
                gate.probe, gate.probe_ends_at = object(), now + PROBE_S
                return gate.probe
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await gate.changed.wait()
        return None

    def _failed(self, platform: Platform, gate: _Gate, *, probe: bool) -> None:
        before, now, chance = gate.circuit, self._clock(), random.random()  # noqa: S311  (a spread)
        gate.circuit = after_failure(before, now, chance, probe=probe)
        if gate.circuit.is_open and not before.is_open:
            log.warning("%s does not answer: calls are held back", platform.value)

    async def _answered(self, platform: Platform, gate: _Gate) -> None:
        was_open, gate.circuit = gate.circuit.is_open, CLOSED
        if was_open:
            log.info("%s answers again", platform.value)
            gate.change()
            await self._recovered(platform)
