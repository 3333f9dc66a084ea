"""The stores that the bridge asks for, over the database."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence

from matebot.core.bridges import Bridge
from matebot.core.choices import Choices
from matebot.core.delivery import (
    Backlog,
    Routed,
)
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.notice import Notice
from matebot.core.ports import Mark
from matebot.storage import (
    bridges,
    deliveries,
    files,
    intake,
    messages,
    pairings,
    rooms,
    times,
    updates,
)
from matebot.storage.database import Database
from matebot.storage.outbox import Outbox

HOUSEKEEPING_STEP = 200  # rows that one transaction forgets: few enough that nobody feels it


class Store(Outbox):
    """Named transactions; each is one commit, or none.

    Args:
        database: Where they run.
        now: The time in unix seconds, by a clock that nobody sets meanwhile.
        wall: The system's, as near to the services' own as it gets.

    Attributes:
        now: The clock that every row's time is read from.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], float] = time.time,
        wall: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(database, now)
        self._wall = wall

    # What came in (core.delivery.IntakeStore)

    def accept(self, routed: Sequence[Routed], mark: Mark) -> asyncio.Future[frozenset[Room]]:
        """See `IntakeStore.accept`."""
        now = self.now()
        return self._database.submit(lambda conn: intake.accept(conn, routed, mark, now))

    async def keep_raw(self, update_id: int, body: bytes) -> None:
        """Keep an update that this version cannot read."""
        now = self.now()
        await self._database.run(lambda conn: updates.keep_raw(conn, update_id, body, now))

    # What is told once (bridge.reporter.TroubleStore)

    async def notify(
        self, room: Room, notice: Notice, *, trouble_in: Room | None = None, what: str = ""
    ) -> bool:
        """Have MateBot say something in a room.

        Args:
            room: Where.
            notice: What.
            trouble_in: The room whose trouble this tells of; it is told once until `over`.
            what: Of several things that are told of a trouble, which.

        Returns:
            Whether it will be said.
        """
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> bool:
            if trouble_in is not None and not rooms.tell_once(
                conn, trouble_in, what, now, told=room
            ):
                return False
            deliveries.enqueue_notice(conn, room, notice, now)
            return True

        return await self._database.run(transaction)

    async def tell_author(self, ref: MessageRef, notice: Notice) -> bool:
        """Have the author of a message told, once, that it or a part of it stayed behind.

        Args:
            ref: The message.
            notice: What to say, in the message's room.

        Returns:
            Whether it will be said.
        """
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> bool:
            if not messages.mark_told(conn, ref):
                return False
            deliveries.enqueue_notice(conn, ref.room, notice, now)
            return True

        return await self._database.run(transaction)

    async def troubled(self, *whats: str) -> set[Room]:
        """The rooms of one of whose troubles others were told."""
        return await self._database.run(lambda conn: rooms.troubled(conn, whats))

    async def over(self, room: Room, *whats: str) -> None:
        """Those troubles of a room are over: the next one is told again."""
        await self._database.run(lambda conn: rooms.trouble_over(conn, room, whats))

    async def ask_permission(self, room: Room, notice: Notice) -> bool:
        """Have a permission asked for in a room, once; returns whether it will be."""
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> bool:
            if not rooms.tell_once(conn, room, rooms.PERMISSION, now):
                return False
            deliveries.enqueue_notice(conn, room, notice, now)
            return True

        return await self._database.run(transaction)

    # Bridges and rooms

    async def bridges(
        self,
    ) -> tuple[tuple[Bridge, ...], dict[Room, Room], dict[str, Choices]]:
        """The bridges made by chat, the chats that moved (old to new), and what was chosen."""
        return await self._database.run(
            lambda conn: (bridges.all_bridges(conn), rooms.moves(conn), bridges.choices(conn))
        )

    async def begin_cursors(self, places: Iterable[Room]) -> None:
        """Read Discord rooms from now on, those that were not read before; no others any more."""
        now, places = pairings.snowflake(self._wall()), list(places)

        def transaction(conn: sqlite3.Connection) -> None:
            rooms.forget_cursors(conn, places)
            for room in places:
                rooms.begin_cursor(conn, room, now)

        await self._database.run(transaction)

    async def language_of(self, room: Room) -> str | None:
        """The language that was set for a room."""
        return await self._database.run(lambda conn: rooms.language_of(conn, room))

    async def own_webhooks(self) -> set[int]:
        """The ids of the webhooks that MateBot made."""
        return await self._database.run(rooms.own_webhooks)

    async def add_webhook(self, webhook_id: int, channel: int) -> None:
        """Note a webhook that MateBot made; if it was asked for, it may be asked for again."""

        def transaction(conn: sqlite3.Connection) -> None:
            rooms.add_webhook(conn, webhook_id, channel)
            rooms.trouble_over(conn, Room.discord(channel), (rooms.PERMISSION,))

        await self._database.run(transaction)

    async def fact(self, name: str) -> str | None:
        """A small fact that was noted before."""
        return await self._database.run(lambda conn: rooms.fact(conn, name))

    async def note_fact(self, name: str, value: str) -> None:
        """Note a small fact."""
        await self._database.run(lambda conn: rooms.note_fact(conn, name, value))

    # Upkeep

    async def note_time(self) -> None:
        """Note that MateBot runs; to be done each minute."""
        now = self.now()
        await self._database.run(lambda conn: times.note(conn, now))

    async def mend_times(self) -> None:
        """At the start: see `times.mend`."""
        now = self.now()
        await self._database.run(lambda conn: times.mend(conn, now))

    async def backlog(self) -> list[Backlog]:
        """How much waits, and how much was given up, for each platform."""

        def transaction(conn: sqlite3.Connection) -> list[Backlog]:
            waiting, failed = deliveries.count(conn), deliveries.count_failures(conn)
            return [
                Backlog(platform, waiting.get(platform, 0), failed.get(platform, 0))
                for platform in Platform
            ]

        return await self._database.run(transaction)

    async def check(self) -> None:
        """Write something, so as to know that the database writes.

        Raises:
            StoreUnavailable: It does not.
        """
        now = str(self.now())
        await self._database.run(lambda conn: rooms.note_fact(conn, "checked", now))

    async def forget_old(self, *, content_s: float, map_s: float) -> int:
        """Forget, in a small step, what is no longer needed.

        Args:
            content_s: How long what people said is kept, seconds.
            map_s: How long the message map, and what was given up, is kept, seconds.

        Returns:
            How many rows were touched; 0 once there is nothing more to forget.
        """
        now = self.now()

        def transaction(conn: sqlite3.Connection) -> int:
            return (
                updates.forget_old(conn, now, HOUSEKEEPING_STEP)
                + messages.forget_bodies(conn, now - content_s, HOUSEKEEPING_STEP)
                + messages.forget_old(conn, now - map_s, HOUSEKEEPING_STEP)
                + deliveries.forget_failures(conn, now - map_s, HOUSEKEEPING_STEP)
                + pairings.forget_old(conn, now)
                + files.forget_old(conn, now - files.KEEP_S, HOUSEKEEPING_STEP)
            )

        return await self._database.run(transaction)
