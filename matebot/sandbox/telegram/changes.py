"""Telling those who wait that something changed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Json = dict[str, Any]
WATCH_SIZE = 1000  # a watcher that is this far behind loses the oldest changes


class Changes:
    """A hub of changes: predicates are looked at again after each, watchers see each."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._watchers: list[asyncio.Queue[Json]] = []

    def tell(self, kind: str, **fields: Any) -> None:
        """Something of this kind happened."""
        self.wake()
        for queue in self._watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait({"kind": kind, **fields})

    def wake(self) -> None:
        """Have all predicates looked at again."""
        self._event.set()
        self._event = asyncio.Event()

    async def next(self) -> None:
        """Wait until something changes."""
        await self._event.wait()

    async def wait_for(
        self,
        predicate: Callable[[], T | Literal[False] | None],
        timeout_s: float,
        state: Callable[[], str],
    ) -> T:
        """The predicate's first true value.

        Raises:
            TimeoutError: It stayed untrue; the text tells the state then.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    event = self._event  # taken before the look: a change during it is not missed
                    if value := predicate():
                        return value
                    await event.wait()
        except TimeoutError:
            raise TimeoutError(f"nothing within {timeout_s:g} s; {state()}") from None

    async def watch(self) -> AsyncIterator[Json]:
        """Every change from now on."""
        queue: asyncio.Queue[Json] = asyncio.Queue(WATCH_SIZE)
        self._watchers.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.remove(queue)
