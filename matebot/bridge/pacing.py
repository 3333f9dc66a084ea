"""Known rate limits, kept ahead of time: a call waits for its turn instead of being refused."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence

from aiolimiter import AsyncLimiter

from matebot.core.ids import Platform, Room
from matebot.core.limits import Rate

MOST_CHATS = 4096  # limiters kept; a chat that was idle the longest starts with a full bucket again


class Pacer:
    """Token buckets for each chat and for each platform as a whole.

    Args:
        rates: Each platform's limits.
        factor: How many times faster than the real services the other side is; 1 in earnest.
    """

    def __init__(self, rates: Mapping[Platform, Sequence[Rate]], factor: float = 1.0) -> None:
        self._rates = rates
        self._factor = factor
        self._chats: OrderedDict[Room, list[AsyncLimiter]] = OrderedDict()
        self._platforms = {platform: self._limiters(platform, "all") for platform in rates}
        # Else who needs one turn goes before who needs several, again and again.
        self._queues = {platform: asyncio.Lock() for platform in rates}
        self._queued = Counter[Platform]()

    def _limiters(self, platform: Platform, scope: str) -> list[AsyncLimiter]:
        return [
            _limiter(rate, self._factor) for rate in self._rates[platform] if rate.scope == scope
        ]

    async def turn(self, lane: Room, *, posts: int = 1) -> None:
        """Wait until one more call for a chat keeps within every limit.

        Args:
            lane: The chat, without a topic.
            posts: How many messages the call posts or edits, as an album is counted; 0 for a
                deletion, which counts for the platform alone.
        """
        if posts:
            await self._take(self._of_chat(lane), posts)
        self._queued[lane.platform] += 1
        try:
            async with self._queues[lane.platform]:
                await self._take(self._platforms[lane.platform], max(posts, 1))
        finally:
            self._queued[lane.platform] -= 1

    def has_room(self, lane: Room) -> bool:
        """Whether one more post in a chat keeps within every limit now; nothing is reserved."""
        limiters = (*self._of_chat(lane), *self._platforms[lane.platform])
        nobody_waits = not self._queued[lane.platform]
        return nobody_waits and all(limiter.has_capacity() for limiter in limiters)

    def _of_chat(self, lane: Room) -> list[AsyncLimiter]:
        limiters = self._chats.get(lane)
        if limiters is None:
            limiters = self._chats[lane] = self._limiters(lane.platform, "chat")
            if len(self._chats) > MOST_CHATS:
                self._chats.popitem(last=False)
        self._chats.move_to_end(lane)
        return limiters

    async def _take(self, limiters: Sequence[AsyncLimiter], calls: int) -> None:
        for limiter in limiters:
            await limiter.acquire(min(calls, limiter.max_rate))


def _limiter(rate: Rate, factor: float) -> AsyncLimiter:
    """A bucket as fast as the service's and one call smaller.

    Calls take their time on the way, so they may arrive closer together than they were sent.
    """
    amount = max(rate.amount - 1, 1.0)
    return AsyncLimiter(amount, rate.period_s / factor * amount / rate.amount)
