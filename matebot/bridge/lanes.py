"""One ordered consumer for each chat: what is to go there, in its order, at its pace.

The row is the truth, an event only wakes: a lane clears its event, looks into the outbox, and ends
once there is nothing to do now. A lane holds up no other; one that waits for a time is a timer, and
one with nothing to do is nothing at all.

A look is asked for together with what gives reason for it (a message that is being stored, a
delivery that is being written down as done), so that one commit serves both.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from matebot.bridge.courier import Courier
from matebot.bridge.retry import due
from matebot.core.delivery import DeliveryStore, Job
from matebot.core.errors import StoreUnavailable
from matebot.core.faults import whereabouts
from matebot.core.ids import Platform, Room

MOST_PROMISED = 20
"""So many looks at once may begin an attempt: they do not see of each other what room there is."""
DATABASE = "the database does not write"
BROKEN_S = 5.0
"""So long a lane rests after an attempt that ended in no way that is known."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Lane:
    room: Room
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    look: asyncio.Future[Job | None] | None = None
    task: asyncio.Task[None] | None = None


class Lanes:
    """The lanes that have something to do; each is a task while it has.

    Args:
        store: The outbox.
        courier: Makes the attempts.
        now: The time in unix seconds.
    """

    def __init__(self, store: DeliveryStore, courier: Courier, now: Callable[[], float]) -> None:
        self._store = store
        self._courier = courier
        self._now = now
        self._running: dict[Room, _Lane] = {}
        self._timers: dict[Room, asyncio.TimerHandle] = {}
        self._promised = 0
        self._group: asyncio.TaskGroup | None = None
        self._stopping = asyncio.Event()
        self._began = now()

    async def run(self) -> None:
        """Serve the lanes until `stop`; what waited from before goes first."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                self.wake(await self._with_something())
                await self._stopping.wait()
            finally:
                self._group = None

    async def _with_something(self) -> Sequence[Room]:
        """The lanes in which something waits from before."""
        while True:
            try:
                return await self._store.lanes()
            except StoreUnavailable as error:
                log.warning("the lanes wait for the database")
                await asyncio.sleep(error.retry_after_s)

    def wake(self, rooms: Iterable[Room]) -> None:
        """Have the lanes of rooms look into the outbox."""
        if self._group is None:
            return  # before the start, which looks itself; or after the end: the rows stay
        for room in rooms:
            lane = self._running.get(room.whole)
            if lane is not None:
                lane.woken.set()
            else:
                self._start(_Lane(room.whole), self._group)

    def _start(self, lane: _Lane, group: asyncio.TaskGroup) -> None:
        if timer := self._timers.pop(lane.room, None):
            timer.cancel()
        self._look(lane)
        lane.task = group.create_task(self._run(lane), name=f"lane {lane.room}")
        self._running[lane.room] = lane

    def look_ahead(self, room: Room) -> None:
        """Have a lane's next look made together with what is being written at this moment."""
        lane = self._running.get(room)
        if lane is not None and lane.look is None and not self._stopping.is_set():
            self._look(lane)

    def _look(self, lane: _Lane) -> asyncio.Future[Job | None]:
        """Look into the outbox behind all that was written so far."""
        lane.woken.clear()
        begin = self._promised < MOST_PROMISED and self._courier.may_go(lane.room)
        lane.look = self._store.next_in(lane.room, begin=begin)
        if begin:
            self._promised += 1
            lane.look.add_done_callback(self._found)
        return lane.look

    def _found(self, _look: asyncio.Future[Job | None]) -> None:
        self._promised -= 1

    async def retry_now(self, platform: Platform) -> None:
        """That side is there again: what was postponed there is tried at once."""
        self._courier.ask_now(platform)
        await self._retry(platform, self._store.retry_now)

    async def retry_troubled(self, platform: Platform) -> None:
        """Rights may have come back: rooms that could not be written to are tried at once."""
        await self._retry(platform, self._store.retry_troubled)

    async def _retry(
        self, platform: Platform, make_due: Callable[[Platform], Awaitable[None]]
    ) -> None:
        try:
            await make_due(platform)
        except StoreUnavailable:
            log.warning("%s: what was postponed waits for its own time", platform.value)
        else:
            rooms = (*self._running, *self._timers)
            self.wake([room for room in rooms if room.platform is platform])

    async def stop(self, grace_s: float) -> None:
        """End every lane between two calls; a call under way gets a while to end.

        Args:
            grace_s: Seconds after which a call under way is abandoned; its row tells so.
        """
        self._stopping.set()
        self._courier.stop()
        for timer in self._timers.values():
            timer.cancel()
        tasks: list[asyncio.Task[None]] = []
        for lane in self._running.values():
            if lane.task is not None:
                tasks.append(lane.task)
                # What a look may have begun is taken back, or brought to its end.
                if lane.look is None and not self._courier.is_calling(lane.task):
                    lane.task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)
        for task in tasks:
            task.cancel()

    async def _run(self, lane: _Lane) -> None:
        try:
            while lane.look is not None or not self._stopping.is_set():
                if not await self._step(lane) and not lane.woken.is_set():
                    return
        finally:
            del self._running[lane.room]

    async def _step(self, lane: _Lane) -> bool:
        """Bring the oldest delivery one attempt further; returns whether one was due."""
        try:
            job = await self._looked(lane)
        except StoreUnavailable as error:
            await self._rest(lane, error.retry_after_s, DATABASE)
            return True
        except Exception as error:  # noqa: BLE001  (one bad row must not end every lane)
            await self._skip(lane, error)
            return True
        if job is None or (self._stopping.is_set() and not job.begun):
            return False
        now, due_at = self._now(), due(job, self._began)
        if due_at > now:
            self._wait(lane.room, min(due_at, job.again_at or due_at) - now)
            return False
        try:
            await self._courier.attempt(job)
        except StoreUnavailable as error:
            await self._rest(lane, error.retry_after_s, DATABASE)
        except Exception as error:  # noqa: BLE001  (nor may what comes behind an attempt)
            await self._rest(lane, BROKEN_S, f"an attempt broke: {whereabouts(error)}")
        return True

    async def _looked(self, lane: _Lane) -> Job | None:
        """What the look that was asked for has found, or a new one."""
        try:
            return await (lane.look or self._look(lane))
        finally:
            lane.look = None

    async def _rest(self, lane: _Lane, seconds: float, reason: str) -> None:
        """Wait so long, or until the stop."""
        extra = {"lane": str(lane.room), "for_s": seconds, "reason": reason}
        log.warning("a lane rests", extra=extra)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        look = lane.look
        if look is not None and look.done() and not look.cancelled() and look.exception():
            lane.look = None  # it was asked for together with what failed

    def _wait(self, room: Room, delay_s: float) -> None:
        """Have a lane look again after a while, unless it is woken before."""
        if timer := self._timers.get(room):
            timer.cancel()
        self._timers[room] = asyncio.get_running_loop().call_later(delay_s, self._waited, room)

    def _waited(self, room: Room) -> None:
        del self._timers[room]
        self.wake([room])

    async def _skip(self, lane: _Lane, error: Exception) -> None:
        """Give up a delivery that cannot even be read."""
        where = whereabouts(error)
        log.error("a delivery cannot be read", extra={"lane": str(lane.room), "error": where})
        try:
            await self._store.skip(lane.room, f"it cannot be read ({where})")
        except StoreUnavailable as unavailable:
            await self._rest(lane, unavailable.retry_after_s, DATABASE)
