"""People who talk: at a steady pace, or as fast as their messages arrive."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final, Self

from tests.benchmarks.caller import Caller
from tests.benchmarks.places import update
from tests.benchmarks.services import Arrival, Services, Way

ARRIVE_S: Final = 60.0
"""What has not arrived so long after the last one was said is lost."""
_AGAIN_S: Final = 0.3


@dataclass
class Outcome:
    """What became of messages.

    Attributes:
        seconds: From the first that was said to the last that arrived.
        latencies_s: Of each, from before it was said to its request.
        lost: How many did not arrive.
        doubled: How many arrived again.
        disordered: How many arrived after a later one of their room.
    """

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    disordered: int = 0

    def percentile_ms(self, percent: float) -> float:
        """The latency that so many percent of the messages do not exceed, milliseconds."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000

    @property
    def per_s(self) -> float:
        """Messages a second."""
        return len(self.latencies_s) / self.seconds


class Load:
    """The people of some bridges, and the books of what they said.

    Args:
        bridges: How many bridges talk, from the first one on.
    """

    def __init__(self, bridges: int) -> None:
        self._bridges = bridges
        self._services: Services | None = None
        self._callers: list[Caller] = []
        self._stack = AsyncExitStack()
        self._number = 0
        self._began: dict[int, float] = {}
        self._newest: Counter[tuple[Way, int]] = Counter()
        self._slots: dict[tuple[Way, int], asyncio.Semaphore] = {}
        self._all_arrived = asyncio.Event()
        self._outcome = Outcome()
        self.count = 0  # of all arrivals

    async def connect(self, services: Services, port: int) -> Self:
        """Open Telegram's connections to the daemon's webhook."""
        self._services = services
        for _ in range(self._bridges):
            self._callers.append(await self._stack.enter_async_context(Caller(port)))
        return self

    async def close(self) -> None:
        """Close them."""
        await self._stack.aclose()

    def arrived(self, arrival: Arrival) -> None:
        """Note a copy."""
        self.count += 1
        outcome = self._outcome
        began = self._began.pop(arrival.number, None)
        if began is None:
            outcome.doubled += 1
            return
        key = arrival.way, arrival.bridge
        if arrival.number < self._newest[key]:
            outcome.disordered += 1
        self._newest[key] = max(self._newest[key], arrival.number)
        outcome.latencies_s.append(arrival.at - began)
        outcome.seconds = max(outcome.seconds, arrival.at)  # the moment, until `_finish`
        if key in self._slots:
            self._slots[key].release()
        if not self._began:
            self._all_arrived.set()

    async def warm_up(self) -> None:
        """Talk in each bridge, both ways, until it comes through; what is lost is no loss."""
        for way in Way:
            for bridge in range(self._bridges):
                outcome = self._outcome = Outcome()
                while not outcome.latencies_s:
                    await self._say(way, bridge)
                    await self._wait_for_all(_AGAIN_S)
                    self._began.clear()

    async def paced(self, way: Way, count: int, per_s: float) -> Outcome:
        """Have messages said at a steady pace, in each bridge in turn."""
        outcome = self._outcome = Outcome()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for turn in range(count):
                await asyncio.sleep(began + turn / per_s - time.perf_counter())
                group.create_task(self._say(way, turn % self._bridges))
        return await self._finish(outcome, began)

    async def sustained(self, ways: Sequence[Way], count: int, window: int) -> Outcome:
        """Have messages said as fast as they arrive.

        Args:
            ways: Which ways they go.
            count: How many, over all.
            window: So many of a room are under way at most.
        """
        outcome = self._outcome = Outcome()
        each = count // (len(ways) * self._bridges)
        rooms = [(way, bridge) for way in ways for bridge in range(self._bridges)]
        self._slots = {room: asyncio.Semaphore(window) for room in rooms}
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for way, bridge in rooms:
                group.create_task(self._talk(way, bridge, each))
        outcome = await self._finish(outcome, began)
        self._slots = {}
        return outcome

    async def _talk(self, way: Way, bridge: int, count: int) -> None:
        for _ in range(count):
            async with asyncio.timeout(ARRIVE_S):
                await self._slots[way, bridge].acquire()
            await self._say(way, bridge)

    async def _say(self, way: Way, bridge: int) -> None:
        if self._services is None:
            raise RuntimeError("nobody is connected")
        self._number += 1
        number = self._number
        self._all_arrived.clear()
        self._began[number] = time.perf_counter()
        if way is Way.TO_TELEGRAM:
            await self._services.say_on_discord(bridge, number)
        else:
            message_id = self._services.new_message_id(bridge)
            await self._callers[bridge].call(update(number, bridge, message_id, number))

    async def _wait_for_all(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._all_arrived.wait()
        except TimeoutError:
            return

    async def _finish(self, outcome: Outcome, began: float) -> Outcome:
        if self._began:
            await self._wait_for_all(ARRIVE_S)
        outcome.lost = len(self._began)
        self._began.clear()
        outcome.seconds -= began
        return outcome
