"""The process dies at every single step of a delivery: nothing is doubled, and nothing lost.

A step is a call to a service or a transaction; the process dies just before it or just after it.
What stands there in the end is the same as if nothing had happened, and so are the books: deleting
the originals takes all of it away.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple, TypeGuard, TypeVar

import pytest

from matebot.bridge.retry import LATE_UPLOAD_S
from matebot.core.bridges import Bridge
from matebot.core.events import Deleted, Edited, Event, Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Message
from matebot.core.ports import Mark
from matebot.storage import deliveries
from matebot.storage.database import Database
from tests.bridge.world import (
    CHANNEL,
    GROUP,
    World,
    bridge,
    message,
    under_pressure,
    with_files,
    world,
)

OTHER_GROUP = Room.telegram(-1002)
MOST_STEPS = 100
T = TypeVar("T")


@dataclass
class Fate:
    """When the process dies.

    Attributes:
        at: At which step, from 0; None: never.
        after: Whether that step is still done.
        steps: How many were made.
        dead: Whether it has died: nothing is done any more.
    """

    at: int | None = None
    after: bool = False
    steps: int = 0
    dead: bool = False

    @contextmanager
    def step(self) -> Iterator[None]:
        """Something that leaves a trace."""
        if self.dead:
            raise asyncio.CancelledError
        here, self.steps = self.steps == self.at, self.steps + 1
        if here and not self.after:
            self._die()
        yield
        if here:
            self._die()

    def _die(self) -> None:
        self.dead = True
        raise asyncio.CancelledError


class Mortal(Database):
    """A database that is a step of some fate in every transaction."""

    fate = Fate()

    def submit(self, transaction: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Queue a transaction, unless the process is dead."""
        with self.fate.step():
            return super().submit(transaction)


class Scene(NamedTuple):
    """Something that happens, and what is to be seen in the end.

    Attributes:
        bridge: Between which rooms.
        before: What was said and has arrived before.
        events: What happens.
        shown: What the other side shows in the end.
        loose: What else is right, where a crash takes apart what was merged.
    """

    bridge: Bridge
    before: Sequence[Event]
    events: Sequence[Event]
    shown: Sequence[str]
    loose: Sequence[str] | None = None

    @property
    def there(self) -> Room:
        """Where the copies are."""
        return self.bridge.rooms[1].room


def say(number: int, text: str, *files: str, room: Room = GROUP, album: str = "") -> Message:
    """What somebody says, with files or without."""
    said = message(number, text, room)
    return with_files(said, *files, album=album) if files else said


TO_DISCORD, TO_TELEGRAM = bridge(GROUP, CHANNEL), bridge(CHANNEL, GROUP)
ALBUM = [
    Posted(say(1, "one", "a", album="7")),
    Posted(say(2, "", "b", album="7")),
    Posted(say(3, "three", "c", album="7")),
]
GROUPED = say(1, "text", "a", "b", "c", room=CHANNEL)
SCENES = {
    "a post of two messages": Scene(TO_DISCORD, [], [Posted(say(1, "a\nb"))], ["a", "b"]),
    "a group of files": Scene(TO_TELEGRAM, [], [Posted(GROUPED)], ["text <a>", " <b>", " <c>"]),
    "a text and a group of files": Scene(
        TO_TELEGRAM,
        [],
        [Posted(say(1, "long\ntext", "a", "b", room=CHANNEL)), Posted(say(2, "x", room=CHANNEL))],
        ["long", "text <a>", " <b>", "x"],
    ),
    "an album as one message": Scene(
        TO_DISCORD, [], [*ALBUM, Posted(say(4, "behind"))], ["one++three <a b c>", "behind"]
    ),
    "an album as an album": Scene(
        bridge(GROUP, OTHER_GROUP),
        [],
        [*ALBUM, Posted(say(4, "behind"))],
        ["one <a>", " <b>", "three <c>", "behind"],
    ),
    "texts under pressure": Scene(
        TO_DISCORD,
        [],
        [Posted(say(1, "m1")), Posted(say(2, "m2")), Posted(say(3, "m3"))],
        ["m1+m2+m3"],
        ["m1", "m2", "m3"],
    ),
    "an edit that replaces a picture of an album": Scene(
        TO_DISCORD, ALBUM, [Edited(say(2, "two", "B", album="7"))], ["one+two+three <a B c>"]
    ),
    "a deletion in an album": Scene(
        TO_DISCORD, ALBUM, [Deleted((MessageRef(GROUP, 2),))], ["one+three <a c>"]
    ),
    "a text that becomes a picture": Scene(
        TO_TELEGRAM,
        [Posted(say(1, "a", room=CHANNEL))],
        [Edited(say(1, "a", "f", room=CHANNEL))],
        ["a <f>"],
    ),
    "the first of two that becomes a picture": Scene(
        TO_TELEGRAM,
        [Posted(say(1, "a", "f", room=CHANNEL))],
        [Edited(say(1, "b\nb2", "f", room=CHANNEL))],
        ["b", "b2 <f>"],
    ),
    "a group that grows": Scene(
        TO_TELEGRAM,
        [Posted(say(1, "text", "a", room=CHANNEL))],
        [Edited(GROUPED)],
        ["text <a>", " <b>", " <c>"],
    ),
    "a group that shrinks": Scene(
        TO_TELEGRAM,
        [Posted(GROUPED)],
        [Edited(say(1, "less", "a", room=CHANNEL))],
        ["less <a>"],
    ),
    "a file that stays behind": Scene(
        TO_TELEGRAM, [], [Posted(say(1, "text", "a", "large", room=CHANNEL))], ["text <a>"]
    ),
}


async def live(parts: World, fate: Fate) -> None:
    """Run a process until it dies, or has nothing more to do."""
    parts.restart()
    parts.clock.now += LATE_UPLOAD_S + 2.5
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        async with asyncio.timeout(10):
            while not fate.dead and await still_waits(parts):
                await asyncio.sleep(0)
        await parts.lanes.stop(0.0)
    fate.dead = False


async def still_waits(parts: World) -> bool:
    """Whether the outbox holds anything; a look that is no step."""
    return await Database.submit(parts.database, lambda conn: bool(deliveries.lanes(conn)))


async def happens(parts: World, events: Sequence[Event]) -> None:
    """Something happens, each told by itself; nobody dies of it."""
    fate, Mortal.fate = Mortal.fate, Fate()
    for event in events:
        await parts.relay.take([event], Mark())
    Mortal.fate = fate


async def plays(path: Path, scene: Scene, fate: Fate) -> tuple[list[str], list[str], list[str]]:
    """Play a scene with one death in it.

    Returns:
        What is shown in the end, of which files authors were told, and what is still shown once all
        originals were deleted.
    """
    Mortal.fate = Fate()
    async with world(path, scene.bridge, database=Mortal) as parts:
        there = parts.side(scene.there)
        await happens(parts, scene.before)
        await live(parts, Mortal.fate)
        await happens(parts, scene.events)
        Mortal.fate, there.step = fate, fate.step
        await live(parts, fate)
        await live(parts, fate)
        shown = there.shown
        said = [event.message.ref for event in (*scene.before, *scene.events) if is_said(event)]
        await happens(parts, [Deleted(tuple(dict.fromkeys(said)))])
        await live(parts, fate)
        await live(parts, fate)
        return shown, parts.reporter.left, there.shown


def is_said(event: Event) -> TypeGuard[Posted | Edited]:
    """Whether an event tells a message."""
    return isinstance(event, Posted | Edited)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SCENES)
async def test_a_death_at_any_step_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whatever happens, wherever the process dies."""
    scene = SCENES[name]
    if scene.loose is not None:
        under_pressure(monkeypatch)
    number = 0
    for at in range(MOST_STEPS):
        fates = [Fate(at, after=after) for after in (False, True)]
        for fate in fates:
            number += 1
            shown, left, remains = await plays(tmp_path / f"{number}.sqlite", scene, fate)
            where = f"{name}, step {at}, {'after' if fate.after else 'before'}"
            assert shown in (scene.shown, scene.loose), where
            assert bool(left) == ("stays behind" in name), where
            assert remains == [], where
        if all(fate.steps <= at for fate in fates):
            assert at > 4  # it is a test of something
            return
    pytest.fail("it never ends")
