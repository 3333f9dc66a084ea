"""What Discord's answers tell of its limits: a call waits for its turn instead of being refused.

https://docs.discord.com/developers/topics/rate-limits, header format. The pace that is kept ahead
of time (`matebot.discord.limits.RATES`) is what is known; this is for what is not, or changes.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

import discord

LONGEST_S: Final = 5.0
"""So long a call waits here; who has to wait longer comes again."""
_KEPT: Final = 1024


class Learnt:
    """When calls may be made again.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free_at: OrderedDict[str, float] = OrderedDict()
        self._all_free_at = 0.0

    async def turn(self, bucket: str) -> None:
        """Wait until calls of a bucket may be made.

        Raises:
            discord.RateLimited: That takes too long: in so many seconds.
        """
        waits_until = self._clock() + LONGEST_S
        while (free_at := max(self._free_at.get(bucket, 0.0), self._all_free_at)) > self._clock():
            if free_at > waits_until:
                raise discord.RateLimited(free_at - self._clock())
            await asyncio.sleep(free_at - self._clock())

    def refused(self, bucket: str, retry_after_s: float, *, everywhere: bool) -> None:
        """Note a 429; what counts for the whole bot holds back all calls that are noted here.

        Interactions' answers have books of their own: no limit of the whole bot is theirs.
        """
        free_at = self._clock() + retry_after_s
        if everywhere:
            self._all_free_at = max(self._all_free_at, free_at)
        else:
            self._note(bucket, free_at)

    def answered(self, bucket: str, headers: Mapping[str, str]) -> None:
        """Note what an answer's headers tell: a bucket that is empty is left alone until it is not.

        Headers that make no sense change nothing.
        """
        if headers.get("X-RateLimit-Remaining") != "0":
            return
        try:
            reset_s = float(headers["X-RateLimit-Reset-After"])
        except (KeyError, ValueError):
            return
        self._note(bucket, self._clock() + reset_s)

    def _note(self, bucket: str, free_at: float) -> None:
        self._free_at[bucket] = max(free_at, self._free_at.get(bucket, 0.0))
        self._free_at.move_to_end(bucket)
        if len(self._free_at) > _KEPT:
            self._free_at.popitem(last=False)
