"""The bridges in force: read from the configuration and the database, and read again when told."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from matebot.bridge.routes import Routes, configured_bridges
from matebot.core.bridges import Bridge
from matebot.core.choices import DEFAULTS, Choices
from matebot.core.errors import StoreUnavailable
from matebot.core.ids import Platform, Room
from matebot.core.topology import BridgeSpec


class BridgeStore(Protocol):
    """Where the bridges made by chat are kept."""

    async def bridges(
        self,
    ) -> tuple[Sequence[Bridge], Mapping[Room, Room], Mapping[str, Choices]]:
        """Those bridges, the chats that moved (old to new), and what was chosen by bridge."""
        ...

    async def begin_cursors(self, places: Iterable[Room]) -> None:
        """Read Discord rooms from now on, those that were never read before."""
        ...


class Bridges:
    """Keeps the routes like the configuration and the database say.

    Args:
        specs: What the operator configured.
        store: Holds the bridges made by chat, and the chats that moved.

    Attributes:
        routes: Follow the bridges in force.
    """

    def __init__(self, specs: Sequence[BridgeSpec], store: BridgeStore) -> None:
        self._specs = specs
        self._store = store
        self._stale = asyncio.Event()
        self.routes = Routes()

    async def load(self) -> None:
        """Read them anew.

        Raises:
            StoreUnavailable: The database does not answer; the routes stay as they are.
        """
        made, moves, chosen = await self._store.bridges()
        bridges = [*configured_bridges(self._specs, moves), *made]
        self.routes.replace(
            [replace(each, choices=chosen.get(each.id, DEFAULTS)) for each in bridges]
        )
        await self._store.begin_cursors(self.routes.read_rooms(Platform.DISCORD))

    def outdated(self) -> None:
        """Have `run` read them anew."""
        self._stale.set()

    async def run(self) -> None:
        """Follow what happens until cancelled."""
        while True:
            await self._stale.wait()
            self._stale.clear()
            try:
                await self.load()
            except StoreUnavailable as error:
                await asyncio.sleep(error.retry_after_s)
                self._stale.set()
