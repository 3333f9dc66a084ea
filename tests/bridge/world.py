"""A bridge of real parts (store, relay, lanes, courier) and a platform that is a list in memory."""

import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from matebot.bridge import courier
from matebot.bridge.breaker import Breaker
from matebot.bridge.courier import Courier
from matebot.bridge.lanes import Lanes
from matebot.bridge.pacing import Pacer
from matebot.bridge.relay import Relay
from matebot.bridge.routes import Routes
from matebot.core.bridges import Bridge, BridgeRoom
from matebot.core.delivery import Job
from matebot.core.errors import DeliveryError, MessageGone, OtherKind
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import LeftOut, Reason
from matebot.core.message import (
    Attachment,
    AttachmentKind,
    Author,
    Copy,
    Emoji,
    File,
    Message,
    Reply,
    Tally,
)
from matebot.core.notice import Notice
from matebot.core.richtext import plain
from matebot.storage.database import Database, connect
from matebot.storage.migrations import migrate
from matebot.storage.store import Store

GROUP = Room.telegram(-1001)
CHANNEL = Room.discord(500)
MOST_BYTES = 1000
"""What a file may have to cross."""


class Part(msgspec.Struct, frozen=True):
    """A line to post."""

    text: str
    reply_to: int | None = None
    files: str = ""
    group: int = 0
    left_out: tuple[LeftOut, ...] = ()


@dataclass
class Memory:
    """Implements Messenger: every room is a dictionary; `errors` are raised one a call."""

    platform: Platform
    posted: dict[int, Part] = field(default_factory=dict)
    rooms: list[Room] = field(default_factory=list)
    said: list[Notice] = field(default_factory=list)
    errors: list[DeliveryError] = field(default_factory=list)
    errors_after: list[BaseException] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    reactions: dict[int, list[str]] = field(default_factory=dict)
    next_id: int = 9000
    foreseen: list[str] = field(default_factory=list)
    before_send: Callable[[], None] | None = None
    preparing: Callable[[], Awaitable[None]] | None = None
    step: Callable[[], AbstractContextManager[None]] = nullcontext

    async def prepare(self, room: Room, copy: Copy) -> Sequence[Part]:
        """One part for each line, and one for the tally; then the files, as that side has them."""
        del room
        if self.preparing is not None:
            await self.preparing()
        reply_to = copy.reply_to.message_id if copy.reply_to else None
        parts = [Part(line, reply_to) for line in self._lines(copy)]
        names, left = _files(copy)
        if not (names or left):
            return parts
        last = replace(parts.pop(), left_out=left)
        if self.platform is Platform.DISCORD:  # any number of files in one post
            return [*parts, replace(last, files=" ".join(names))]
        group = 1 if len(names) > 1 else 0
        rest = [Part("", files=name, group=group) for name in names[1:]]
        return [*parts, replace(last, files=" ".join(names[:1]), group=group), *rest]

    def _lines(self, copy: Copy) -> list[str]:
        lines = copy.message.text.text.split("\n")
        if copy.late:
            lines[0] = f"(late) {lines[0]}"
        if copy.deleted:
            lines = [f"~{line}~" for line in lines]
        return lines + [f"[{each.emoji.text}{each.count}]" for each in copy.tally]

    async def prepare_together(self, room: Room, copies: Sequence[Copy]) -> Sequence[Part]:
        """One part that holds all lines, if they are few; an album as that side has such."""
        del room
        lines = [line for copy in copies for line in self._lines(copy)]
        every = [_files(copy) for copy in copies]
        if self.platform is Platform.TELEGRAM and all(names for names, _ in every):
            texts = ["\n".join(self._lines(copy)) for copy in copies]
            zipped = zip(texts, every, strict=True)
            return [Part(t, files=" ".join(n), group=1, left_out=left) for t, (n, left) in zipped]
        names = " ".join(name for names, _ in every for name in names)
        left = tuple(each for _, some in every for each in some)
        texts = ["+".join(lines[at : at + 9]) for at in range(0, len(lines), 9)]
        return [Part(texts[0], files=names, left_out=left), *map(Part, texts[1:])]

    async def most_together(self, room: Room, copies: Sequence[Copy]) -> int:
        """As many as have no more than nine lines."""
        del room
        lines = itertools.accumulate(len(self._lines(copy)) for copy in copies)
        return max(1, sum(number <= 9 for number in lines))

    def foresee(self, room: Room, message: Message) -> None:
        """Keep what is to come."""
        self.foreseen.append(f"{room} {message.text.text}")

    async def send(self, room: Room, parts: Sequence[Part], key: str) -> Sequence[MessageRef]:
        """Post a line, or a group of them."""
        with self.step():
            self._call(f"send {key} {' | '.join(part.text for part in parts)}")
            refs = []
            for part in parts:
                self.next_id += 1
                self.posted[self.next_id] = part
                self.rooms.append(room)
                refs.append(MessageRef(room, self.next_id))
            if self.errors_after:
                raise self.errors_after.pop(0)
        return refs

    async def edit(self, ref: MessageRef, part: Part, *, files: bool = False) -> None:
        """Change a line; Telegram's text becomes no picture, nor the other way round."""
        with self.step():
            self._call(f"edit {part.text}{' and its files' if files else ''}")
            before = self.posted.get(ref.message_id)
            if before is None:
                raise MessageGone("not there")
            if self.platform is Platform.TELEGRAM and bool(before.files) != bool(part.files):
                raise OtherKind("text and pictures")
            self.posted[ref.message_id] = part if files else replace(part, files=before.files)

    async def delete(self, ref: MessageRef) -> None:
        """Take a line away."""
        with self.step():
            self._call(f"delete {ref.message_id}")
            self.posted.pop(ref.message_id, None)

    async def notice(self, room: Room, notice: Notice, key: str) -> MessageRef | None:
        """Say something."""
        with self.step():
            self._call(f"notice {key}")
            self.said.append(notice)
            self.next_id += 1
            self.posted[self.next_id] = Part(notice.text.text)
        return MessageRef(room, self.next_id)

    async def react(
        self, ref: MessageRef, tally: Sequence[Tally], own: Sequence[Emoji]
    ) -> Sequence[Emoji]:
        """React with all of them."""
        del own
        self._call(f"react {' '.join(each.emoji.text for each in tally)}")
        self.reactions[ref.message_id] = [each.emoji.text for each in tally]
        return [each.emoji for each in tally]

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin or unpin."""
        self._call(f"pin {ref.message_id} {pinned}")

    async def typing(self, room: Room) -> None:
        """Nothing to see."""

    async def find(
        self, room: Room, after: int, known: Collection[int], *, notice: Notice | None = None
    ) -> Sequence[MessageRef]:
        """What was posted after an id."""
        del notice
        self._call("find")
        return [
            MessageRef(room, number)
            for number in sorted(self.posted)
            if number > after and number not in known
        ]

    def _call(self, what: str) -> None:
        if self.before_send is not None and what.startswith("send"):
            self.before_send()
        self.calls.append(what)
        if self.errors:
            raise self.errors.pop(0)

    @property
    def lines(self) -> list[str]:
        """What stands there, in order."""
        return [self.posted[number].text for number in sorted(self.posted)]

    @property
    def shown(self) -> list[str]:
        """The same with the files: ``text <name name>``."""
        parts = [self.posted[number] for number in sorted(self.posted)]
        return [f"{each.text} <{each.files}>" if each.files else each.text for each in parts]


def _files(copy: Copy) -> tuple[list[str], tuple[LeftOut, ...]]:
    """The names of the files that go along, and what is too large to do so."""
    files = [each for each in copy.message.attachments if each.file is not None]
    fits = [each for each in files if (each.size_bytes or 0) <= MOST_BYTES]
    left = [LeftOut(each, Reason.TOO_LARGE, MOST_BYTES) for each in files if each not in fits]
    return [each.name or "" for each in fits], tuple(left)


@dataclass
class Silent:
    """A reporter that keeps what it was told."""

    failures: list[tuple[str, bool]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    async def failed(self, job: Job, error: DeliveryError, *, given_up: bool) -> None:
        """Keep it."""
        del job
        self.failures.append((str(error), given_up))

    async def arrived(self, job: Job) -> None:
        """Nothing to keep."""

    async def left_out(self, job: Job, left: Sequence[LeftOut]) -> None:
        """Keep it."""
        names = " ".join(each.attachment.name or "" for each in left)
        self.left.append(f"{job.message.ref.message_id if job.message else 0}: {names}")


@dataclass
class Clock:
    """The time as the test sets it, in unix seconds."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """All the parts; `restart` replaces those that end with a process."""

    store: Store
    routes: Routes
    clock: Clock
    database: Database
    telegram: Memory = field(default_factory=lambda: Memory(Platform.TELEGRAM))
    discord: Memory = field(default_factory=lambda: Memory(Platform.DISCORD))
    reporter: Silent = field(default_factory=Silent)
    lanes: Lanes = field(init=False)
    relay: Relay = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Have new lanes and a new relay, as a new process would."""
        postman = Courier(
            store=self.store,
            messengers={Platform.TELEGRAM: self.telegram, Platform.DISCORD: self.discord},
            pacer=Pacer({Platform.TELEGRAM: (), Platform.DISCORD: ()}),
            breaker=Breaker(lambda platform: self.lanes.retry_now(platform)),  # noqa: PLW0108  (made later)
            reporter=self.reporter,
            moved=lambda room: self.lanes.wake([room]),
            ahead=lambda room: self.lanes.look_ahead(room),  # noqa: PLW0108  (made later)
            language="en",
            now=self.clock,
        )
        self.lanes = Lanes(self.store, postman, self.clock)
        self.relay = Relay(
            self.store,
            self.routes,
            self.lanes.wake,
            lambda: None,
            foresee=lambda room, message: self.side(room).foresee(room, message),
        )

    def side(self, room: Room) -> Memory:
        """The platform of a room."""
        return self.telegram if room.platform is Platform.TELEGRAM else self.discord


def bridge(*rooms: Room) -> Bridge:
    """A bridge in which everybody reads and writes."""
    return Bridge("1", tuple(BridgeRoom(room, reads=True, writes=True) for room in rooms))


def message(number: int, text: str, room: Room = GROUP, reply_to: int | None = None) -> Message:
    """Something that Ana said."""
    reply = Reply(MessageRef(room, reply_to), "Bia") if reply_to is not None else None
    return Message(MessageRef(room, number), Author(7, "Ana"), plain(text), reply=reply)


def with_files(said: Message, *names: str, album: str = "") -> Message:
    """The same with pictures of those names; one called ``large…`` is too large for every room."""
    attachments = tuple(
        Attachment(
            AttachmentKind.PHOTO,
            name,
            size_bytes=2 * MOST_BYTES if name.startswith("large") else 1,
            link=f"https://files.example/{time.monotonic()}",
            file=File(source=f"source {time.monotonic()}", unique=name),
        )
        for name in names
    )
    return replace(said, attachments=attachments, album=album)


def under_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every post wait long enough for its turn to be merged with those behind it."""
    monkeypatch.setattr(courier, "PRESSURE_S", 0.0)
    monkeypatch.setattr(Pacer, "has_room", lambda _pacer, _lane: False)


@asynccontextmanager
async def world(
    path: Path, *bridges: Bridge, database: type[Database] = Database
) -> AsyncIterator[World]:
    """Open a database and build the parts around it; nothing runs yet."""
    connection = connect(path)
    migrate(connection, path)
    clock, routes = Clock(), Routes()
    routes.replace(bridges or (bridge(GROUP, CHANNEL),))
    async with database(connection) as opened:
        yield World(Store(opened, clock), routes, clock, opened)
