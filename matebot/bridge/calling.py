"""What every call of a delivery goes through: its turn, its books before it, and a stop."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, Final

from matebot.bridge.pacing import Pacer
from matebot.bridge.retry import PROMPT_S
from matebot.core.delivery import DeliveryStore, Job
from matebot.core.errors import SourceUnavailable, TemporaryError
from matebot.core.ids import Platform, Room
from matebot.core.media import has_files
from matebot.core.message import Copy
from matebot.core.ports import AnyMessenger

PATIENCE_S: Final = 5.0
"""So long the topics of a chat wait together for the files of one of them."""
WORDS_S: Final = 30.0
"""So long the preparation of mere words may take."""
MOST_CALLS: Final = 80
"""So many calls to a platform are under way at once: each takes memory and a connection, of which
the session makes 100, and files and questions need some, too.
"""


class Stopping(Exception):
    """MateBot stops."""


class Outdated(Exception):
    """The original changed between the look into the outbox and the attempt."""


@asynccontextmanager
async def preparing(
    messenger: AnyMessenger, room: Room, copies: Sequence[Copy]
) -> AsyncIterator[None]:
    """Prepare copies; of files that take long, only the topic waits that they go to.

    The topics of a chat share its lane. So where there are topics a preparation that takes long is
    given up, goes on ahead of its turn, and is looked for again by and by. Mere words never take
    that long, unless a service does not answer what is asked for them.

    Args:
        messenger: Who prepares.
        room: Where to.
        copies: What.

    Raises:
        SourceUnavailable: Files took too long.
        TemporaryError: Words did.
    """
    files = any(has_files(copy.message) for copy in copies)
    patience_s = (PATIENCE_S if room.topic is not None else None) if files else WORDS_S
    try:
        async with asyncio.timeout(patience_s) as patience:
            yield
    except TimeoutError:
        if not patience.expired():
            raise
        if not files:
            raise TemporaryError("what is needed to prepare it did not come") from None
        for copy in copies:
            messenger.foresee(room, copy.message)
        raise SourceUnavailable("the files are still on their way") from None


class Calls:
    """Keeps calls within the limits, and ends them between two of them.

    Args:
        store: The outbox.
        pacer: Keeps the platforms' limits.
        now: The time in unix seconds.
    """

    def __init__(self, store: DeliveryStore, pacer: Pacer, now: Callable[[], float]) -> None:
        self._store = store
        self._pacer = pacer
        self._now = now
        self._slots = {platform: asyncio.Semaphore(MOST_CALLS) for platform in Platform}
        self._calling: set[asyncio.Task[Any]] = set()
        self._stopping = False

    def stop(self) -> None:
        """Make no further call; what is under way may end."""
        self._stopping = True

    def may_go(self, lane: Room) -> bool:
        """Whether a call of a lane that were made now would not have to wait."""
        if self._stopping or self._slots[lane.platform].locked():
            return False
        return self._pacer.has_room(lane)

    def is_calling(self, task: asyncio.Task[Any]) -> bool:
        """Whether a task is in the middle of a call and its books."""
        return task in self._calling

    async def turn(self, room: Room, *, posts: int = 1) -> float:
        """Wait until a call keeps within the limits; returns the seconds that took.

        Args:
            room: Where to.
            posts: How many messages it posts or edits.

        Raises:
            Stopping: There is to be none.
        """
        if self._stopping:
            raise Stopping
        began = time.monotonic()
        await self._pacer.turn(room.whole, posts=posts)
        return time.monotonic() - began

    def slot(self, platform: Platform) -> AbstractAsyncContextManager[None]:
        """What keeps the calls to a platform from being too many at once."""
        return self._slots[platform]

    @asynccontextmanager
    async def under_way(self, platform: Platform) -> AsyncIterator[None]:
        """Make a call, when it is not one too many; a stop lets it and its books end."""
        async with self.slot(platform):
            with self.unstopped():
                yield

    @contextmanager
    def unstopped(self) -> Iterator[None]:
        """Mark the task as one that a stop lets come to its end, or to that of its next call."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a call is made in a task")
        self._calling.add(task)
        try:
            yield
        finally:
            self._calling.discard(task)

    async def begin(self, job: Job, *, posts: int = 0) -> Job:
        """Commit that an attempt begins, and how many messages it posts.

        One that was written down just now, as the job was found, is begun already.

        Raises:
            Outdated: The original changed since the job was found.
        """
        begun_at = job.delivery.attempted_at if job.begun else None
        if begun_at is None or self._now() - begun_at > PROMPT_S:
            delivery = await self._store.begin(job, posts=posts)
            if delivery is None:
                raise Outdated
            job = job._replace(delivery=delivery)
        return job._replace(begun=False)

    async def finish(self, job: Job) -> None:
        """Write down that a delivery is done.

        Raises:
            Outdated: It was done without an attempt, and the original changed meanwhile.
        """
        if not await self._store.finish(job):
            raise Outdated
