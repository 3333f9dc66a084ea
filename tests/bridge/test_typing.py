"""Who types in Discord shows in Telegram, now and then, and only where that is wanted."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from matebot.bridge.routes import Routes
from matebot.bridge.typing import EVERY_S, REST_S, Typing
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.choices import DEFAULTS, Choices
from matebot.core.errors import NotConnected
from matebot.core.ids import Platform, Room

GENERAL = Room.discord(5)
GROUP = Room.telegram(-100)


class Shown:
    """Telegram's messenger, as far as it shows typing.

    Attributes:
        rooms: Where it showed it.
        error: Raised instead, if there is one.
    """

    def __init__(self) -> None:
        self.rooms: list[Room] = []
        self.error: Exception | None = None
        self.tried = asyncio.Event()

    async def typing(self, room: Room) -> None:
        """Note it."""
        self.tried.set()
        if self.error is not None:
            raise self.error
        self.rooms.append(room)


class World:
    """A bridge, a clock, and what is told of typing."""

    def __init__(self, choices: Choices = DEFAULTS) -> None:
        self.now = 100.0
        self.shown = Shown()
        routes = Routes()
        rooms = (GENERAL, GROUP, Room.discord(6))
        parts = tuple(BridgeRoom(room, reads=True, writes=True) for room in rooms)
        routes.replace([Bridge("b", parts, configured=True, choices=choices)])
        telegram: dict[Platform, Shown] = {Platform.TELEGRAM: self.shown}
        self.typing = Typing(routes, telegram, lambda: self.now)  # type: ignore[arg-type]  # typing is all it is asked for

    async def settle(self) -> None:
        """Let the consumer take what is waiting."""
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world in which typing is shown."""
    world = World()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(world.typing.run())
        yield world
        running.cancel()


async def test_it_is_shown_once_in_a_while(world: World) -> None:
    """Many people typing are one call in five seconds, and none goes back into Discord."""
    for _ in range(10):
        world.typing.typing(GENERAL)
    await world.settle()
    assert world.shown.rooms == [GROUP]
    world.now += EVERY_S
    world.typing.typing(GENERAL)
    await world.settle()
    assert world.shown.rooms == [GROUP, GROUP]


async def test_after_a_refusal_it_rests(world: World) -> None:
    """An error ends nothing, and that room is left in peace for a minute."""
    world.shown.error = NotConnected("away")
    world.typing.typing(GENERAL)
    await world.shown.tried.wait()
    await world.settle()
    world.shown.error = None
    world.now += EVERY_S
    world.typing.typing(GENERAL)
    await world.settle()
    assert world.shown.rooms == []
    world.now += REST_S
    world.typing.typing(GENERAL)
    await world.settle()
    assert world.shown.rooms == [GROUP]


async def test_what_is_stale_is_dropped() -> None:
    """What waited longer than it would be shown is not shown, and the queue has an end."""
    world = World()
    for number in range(1000):
        world.now += EVERY_S * (number > 0)
        world.typing.typing(GENERAL)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(world.typing.run())
        await world.settle()
        running.cancel()
    assert world.shown.rooms == []


@pytest.mark.parametrize("room", [Room.discord(99), GROUP])
async def test_rooms_that_have_nothing_to_show(world: World, room: Room) -> None:
    """A room without a bridge, and one whose others cannot show it, bring no call."""
    world.typing.typing(room)
    await world.settle()
    assert world.shown.rooms == []


async def test_a_bridge_can_do_without() -> None:
    """Where its people switched it off, nothing is shown."""
    world = World(Choices(typing=False))
    world.typing.typing(GENERAL)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(world.typing.run())
        await world.settle()
        running.cancel()
    assert world.shown.rooms == []
