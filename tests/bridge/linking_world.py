"""Linking's real store on a real file, with rooms whose titles and administrators a test sets."""

import sqlite3
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from matebot.bridge.asking import Asking
from matebot.bridge.commands import Commands
from matebot.bridge.deletions import Remover
from matebot.bridge.relay import Relay
from matebot.bridge.routes import Routes
from matebot.core import ports
from matebot.core.bridges import Bridge
from matebot.core.choices import DEFAULTS
from matebot.core.errors import DeliveryError
from matebot.core.ids import Platform, Room
from matebot.core.linking import Say
from matebot.core.message import Author
from matebot.core.notice import Notice
from matebot.core.ports import CommandCall, Mark
from matebot.storage import bridges, deliveries
from matebot.storage.database import Database, connect
from matebot.storage.migrations import migrate
from matebot.storage.own_polls import OwnPolls
from matebot.storage.pairings import PairingStore
from matebot.storage.presence import Presence
from matebot.storage.store import Store
from matebot.words import Catalogue

GROUP = Room.telegram(-1001)
CHANNEL = Room.discord(5000)
ANNA = Author(11, "Anna")
DORA = Author(22, "Dora")
EVE = Author(33, "Eve")


class FakeRooms:
    """Titles and rights, as a test sets them."""

    def __init__(self) -> None:
        self.titles: dict[Room, str] = {}
        self.admins: set[tuple[Room, int]] = set()
        self.anonymous: set[int] = set()
        self.error: DeliveryError | None = None

    async def is_admin(self, room: Room, user_id: int) -> bool:
        if self.error is not None:
            raise self.error
        return (room, user_id) in self.admins

    async def is_anonymous(self, room: Room, user_id: int) -> bool:
        del room
        return user_id in self.anonymous

    async def title(self, room: Room) -> str:
        if self.error is not None:
            raise self.error
        return self.titles.get(room, str(room))


class World:
    """Everything that linking by chat touches."""

    def __init__(self, database: Database, configured: Iterable[Bridge] = ()) -> None:
        self.database = database
        self.store = PairingStore(database)
        self.rooms = FakeRooms()
        self.rooms.titles |= {GROUP: "Hikers", CHANNEL: "#general (Hikers)"}
        self.rooms.admins |= {(GROUP, ANNA.id), (CHANNEL, DORA.id)}
        self.routes = Routes()
        self.configured = tuple(configured)
        self.routes.replace(self.configured)
        self.time = time.time()
        self.woken: set[Room] = set()
        self.updates = 0
        self.health = dict.fromkeys(Platform, True)
        self.private_chat: str | None = "https://t.me/mate_bot?start=bridge"
        words = Catalogue.load()
        relay = Relay(Store(database), self.routes, self.woken.update, lambda: None)
        self.commands: ports.Commands = Commands(
            store=self.store,
            words=words,
            languages=words.languages,
            default_language="en",
            rooms=dict.fromkeys(Platform, self.rooms),
            bridges_of=self.routes.bridges_of,
            changed=self.reload,
            wake=self.woken.update,
            health=lambda: self.health,
            private_chat=lambda: self.private_chat,
            remover=Remover(Presence(database, lambda: self.time), {}, relay, self.routes),
            asking=Asking(
                OwnPolls(database, lambda: self.time), self.routes.bridges_of, self.woken.update
            ),
            now=lambda: self.time,
        )

    async def reload(self) -> None:
        """Put the stored bridges in force, as the daemon does."""
        made = await self.database.run(bridges.all_bridges)
        chosen = await self.database.run(bridges.choices)
        self.routes.replace(
            [
                replace(each, choices=chosen.get(each.id, DEFAULTS))
                for each in (*self.configured, *made)
            ]
        )

    def mark(self, room: Room) -> Mark:
        """A new update's, on Telegram."""
        if room.platform is Platform.DISCORD:
            return Mark()
        self.updates += 1
        return Mark(update_id=self.updates)

    async def call(
        self, caller: Author, room: Room, line: str, *, mark: Mark | None = None, **more: Any
    ) -> Notice:
        """Say a command such as ``bridge K7QX-93MF``; returns its answer wherever it went."""
        name, _, argument = line.partition(" ")
        call = CommandCall(
            name, argument, room, caller, caller_is_admin=(room, caller.id) in self.rooms.admins
        )._replace(**more)
        before = await self.said()
        returned = await self.commands.call(call, mark or self.mark(room))
        return returned or (await self.said())[len(before)].notice

    async def press(
        self, caller: Author, room: Room, action: str, message_id: int | None = None
    ) -> Notice | None:
        """Press a button."""
        mark = self.mark(room)
        return await self.commands.press(action, room, caller, mark, message_id=message_id)

    async def said(self, room: Room | None = None) -> list[Say]:
        """The notices that wait to be delivered, oldest first."""
        says = [say for _, say in await self.database.run(_all)]
        return [say for say in says if room is None or say.room == room]

    async def last_said(self, room: Room) -> Notice:
        """What was said last in a room."""
        return (await self.said(room))[-1].notice

    async def code_of(self, caller: Author, room: Room) -> str:
        """Have a code made."""
        notice = await self.call(caller, room, "bridge")
        (span,) = notice.text.spans
        return notice.text.text[span.start : span.end]

    async def pair(self, one: tuple[Author, Room], two: tuple[Author, Room]) -> str:
        """Make a code and use it; returns the action of the button that confirms."""
        code = await self.code_of(*one)
        await self.call(*two, f"bridge {code}")
        return (await self.last_said(one[1])).buttons[0].action

    async def join(self, one: tuple[Author, Room], two: tuple[Author, Room]) -> None:
        """Join two rooms, from the code to the confirmation."""
        await self.press(*one, await self.pair(one, two))


def _all(conn: sqlite3.Connection) -> list[tuple[int, Say]]:
    """Every delivery's number and notice; looks at them by taking them out, and puts them back."""
    found = []
    conn.execute("SAVEPOINT peek")
    for lane in deliveries.lanes(conn):
        while (delivery := deliveries.oldest(conn, lane, 2e9)) is not None:
            assert delivery.notice is not None
            found.append((delivery.id, Say(delivery.room, delivery.notice)))
            deliveries.remove(conn, delivery.id)
    conn.execute("ROLLBACK TO peek")
    conn.execute("RELEASE peek")
    return sorted(found, key=lambda numbered: numbered[0])


@asynccontextmanager
async def open_world(folder: Path, configured: Iterable[Bridge] = ()) -> AsyncIterator[World]:
    """A world on the database of a folder; opened again, it remembers."""
    path = folder / "matebot.sqlite3"
    connection = connect(path)
    migrate(connection, path)
    async with Database(connection) as database:
        world = World(database, configured)
        await world.reload()
        yield world
