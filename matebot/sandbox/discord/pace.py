"""Rate limits: what a request spends, and the headers that tell of it.

Source: discord-api-docs, topics/rate-limits. Buckets are by route and major parameter (channel,
guild, webhook with its token); beside them stand the global limit, and one for all webhooks of a
channel that no header names.
"""

import hashlib
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from matebot.sandbox.buckets import Bucket, Limit
from matebot.sandbox.discord import limits
from matebot.sandbox.discord.errors import Json

CHANNEL_WRITES = 20028  # "... has hit the write rate limit"
COUNTED = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limits say to one request.

    Attributes:
        retry_after_s: None where it may pass.
        scope: ``user``, ``global`` or ``shared``.
        headers: For the answer, whatever it is.
    """

    retry_after_s: float | None = None
    scope: str = "user"
    headers: dict[str, str] = field(default_factory=dict)


class Pace:
    """Counts requests.

    Args:
        factor: How many times as fast as the real service.
        limited: False switches the rates off.
        clock: Seconds that only grow.
    """

    def __init__(
        self, factor: float, *, limited: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._factor = factor
        self._limited = limited
        self._clock = clock
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._invalid: deque[float] = deque(maxlen=limits.INVALID_REQUESTS)

    def spend(self, route: str, major: str, channel: str | None = None) -> Verdict:
        """Count one request.

        Args:
            route: The route's name.
            major: Its channel, guild or webhook.
            channel: For a webhook's post, the channel that all webhooks share.
        """
        if not self._limited:
            return Verdict()
        if route not in limits.NO_GLOBAL:
            wait = self._bucket("*", "", limits.GLOBAL).take()
            if wait:
                return Verdict(wait, "global", {"X-RateLimit-Global": "true"})
        limit = limits.ROUTES.get(route, limits.DEFAULT_ROUTE)
        bucket = self._bucket(route, major, limit)
        wait = bucket.take()
        headers = self._headers(route, bucket, wait)
        if wait:
            return Verdict(wait, "user", headers)
        if channel is not None:
            wait = self._bucket("webhook.channel", channel, limits.WEBHOOK_CHANNEL).take()
            if wait:
                return Verdict(wait, "shared", headers)
        return Verdict(None, "user", headers)

    def _bucket(self, route: str, major: str, limit: Limit) -> Bucket:
        key = (route, major)
        if key not in self._buckets:
            self._buckets[key] = Bucket(limit.scaled(self._factor), self._clock)
        return self._buckets[key]

    def _headers(self, route: str, bucket: Bucket, wait: float) -> dict[str, str]:
        """The five headers: the reset is a full bucket, or when a refused request may come."""
        limit = bucket.limit
        reset = wait or (limit.amount - bucket.left) * limit.period_s / limit.amount
        digest = hashlib.md5(route.encode(), usedforsecurity=False).hexdigest()
        return {
            "X-RateLimit-Limit": str(int(limit.amount)),
            "X-RateLimit-Remaining": "0" if wait else str(int(bucket.left)),
            "X-RateLimit-Reset": f"{time.time() + reset:.3f}",
            "X-RateLimit-Reset-After": f"{reset:.3f}",
            "X-RateLimit-Bucket": digest,
        }

    # -- the ban -----------------------------------------------------------------------------

    def note(self, status: int, scope: str) -> None:
        """Count an answer towards the ban."""
        if status in COUNTED and scope != "shared":
            self._invalid.append(self._clock())

    @property
    def banned(self) -> bool:
        """10,000 answers of 401, 403 or 429 came in the last 10 minutes."""
        full = len(self._invalid) == limits.INVALID_REQUESTS
        return full and self._clock() - self._invalid[0] < limits.INVALID_REQUESTS_S


def refusal(wait_s: float, *, scope: str = "user") -> tuple[Json, dict[str, str]]:
    """The body and the headers of a 429."""
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": round(wait_s, 3),
        "global": scope == "global",
    }
    if scope == "shared":
        body |= {"message": "The resource is being rate limited.", "code": CHANNEL_WRITES}
    headers = {
        "Retry-After": str(max(1, math.ceil(wait_s))),
        "Via": "1.1 google",
        "X-RateLimit-Scope": scope,
    }
    return body, headers
