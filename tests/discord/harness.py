"""Discord's side with everything else faked, as a test drives it."""

import asyncio
import contextlib
import mimetypes
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from matebot.bridge.commands import COMMANDS
from matebot.core.errors import StoreUnavailable
from matebot.core.events import Deleted, Event, Posted
from matebot.core.health import Health
from matebot.core.ids import MessageRef, Room
from matebot.core.media import Outcome, Ready, Takes
from matebot.core.message import Attachment, AttachmentKind, Author, Copy, File, Message, Reply
from matebot.core.notice import Notice
from matebot.core.ports import CommandCall, Mark
from matebot.core.richtext import plain
from matebot.discord.missed import Limits
from matebot.discord.service import DiscordService, Server, World
from matebot.sandbox.discord import DiscordStandIn

TOKEN = "bot.token.for-tests"


def words(language: str, message_id: str, /, **args: str | float) -> str:
    """A catalogue that says what it was asked."""
    values = "".join(f" {value}" for value in args.values())
    return f"{language}:{message_id}{values}"[:100]


class FakeIntake:
    """Keeps what it is given, in order, as a database would.

    Attributes:
        events: What was stored.
        marks: With which marks.
        cursors: How far each room was read.
        decided: When it was decided what is skipped there.
        down: While it is true nothing is stored.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.marks: list[Mark] = []
        self.cursors: dict[Room, int] = {}
        self.decided: dict[Room, float] = {}
        self.down = False

    def take(self, events: Sequence[Event], mark: Mark) -> Awaitable[None]:
        """Store at once, as far as anybody can tell from outside."""
        done = asyncio.get_running_loop().create_future()
        if self.down:
            done.set_exception(StoreUnavailable("disk full", 0.05))
            return done
        known = {e.message.ref for e in self.events if isinstance(e, Posted)}
        self.events += [e for e in events if not (isinstance(e, Posted) and e.message.ref in known)]
        self.marks.append(mark)
        if mark.cursor is not None:
            room = mark.cursor.room
            self.cursors[room] = max(self.cursors.get(room, 0), mark.cursor.message_id)
            if mark.decided_at is not None:
                self.decided[room] = mark.decided_at
        done.set_result(None)
        return done

    async def cursor_of(self, room: Room) -> int | None:
        """How far a room was read."""
        return self.cursors.get(room)

    async def decided_at(self, room: Room) -> float:
        """When it was decided what is skipped."""
        return self.decided.get(room, 0.0)

    async def standing(self, room: Room, upto: int, most: int) -> list[int]:
        """The newest messages that were stored and not deleted."""
        posted = {e.message.ref for e in self.events if isinstance(e, Posted)}
        gone = {ref for e in self.events if isinstance(e, Deleted) for ref in e.refs}
        ids = [r.message_id for r in posted - gone if r.room == room and r.message_id <= upto]
        return sorted(ids, reverse=True)[:most]

    @property
    def texts(self) -> list[str]:
        """What people said, in the order in which it was stored."""
        return [e.message.text.text for e in self.events if isinstance(e, Posted)]


class FakeCommands:
    """Answers every command and press with the same notice."""

    def __init__(self) -> None:
        self.calls: list[CommandCall] = []
        self.presses: list[tuple[str, Room, Author]] = []
        self.answer: Notice | None = Notice(plain("done"))
        self.error: Exception | None = None

    async def call(self, call: CommandCall, mark: Mark) -> Notice | None:
        """Note the call."""
        assert mark == Mark()
        self.calls.append(call)
        if self.error is not None:
            raise self.error
        return self.answer

    async def press(
        self,
        action: str,
        room: Room,
        caller: Author,
        mark: Mark,
        *,
        message_id: int | None = None,
        locale: str | None = None,
    ) -> Notice | None:
        """Note the press."""
        assert mark == Mark()
        assert message_id is None
        assert locale
        self.presses.append((action, room, caller))
        return self.answer


class FakeMedia:
    """Has the files that a test puts on its shelf, and is asked for them as the desk is.

    Attributes:
        asked: What outcomes were asked for, and whether to fetch.
        foreseen: What was foreseen.
        fetched: The keys of the files whose bytes were asked for, in order.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[Message, Takes, bool]] = []
        self.foreseen: list[tuple[Message, Takes]] = []
        self.fetched: list[str] = []
        self._shelf: dict[str, tuple[Path, Outcome]] = {}

    def put(self, path: Path, data: bytes, **told: Any) -> Attachment:
        """Lay a file on the shelf; what comes back goes into a message.

        Args:
            path: Where it is to lie; its name is its own.
            data: Its bytes.
            **told: More fields of what is sent.
        """
        path.write_bytes(data)
        mime = mimetypes.guess_type(path.name)[0] or ""
        ready = Ready(path.name, AttachmentKind.PHOTO, path.name, mime, len(data))
        return self.shelve(path, msgspec.structs.replace(ready, **told))

    def shelve(self, path: Path, outcome: Outcome) -> Attachment:
        """Say what becomes of a file."""
        self._shelf[path.name] = (path, outcome)
        return Attachment(AttachmentKind.PHOTO, path.name, file=File(str(path), path.name))

    def foresee(self, message: Message, takes: Takes) -> None:
        """Note it."""
        self.foreseen.append((message, takes))

    async def outcomes(
        self, message: Message, takes: Takes, *, fetch: bool = True
    ) -> Sequence[Outcome]:
        """What the shelf has."""
        self.asked.append((message, takes, fetch))
        files = (attachment.file for attachment in message.attachments)
        return [None if file is None else self._shelf[file.unique][1] for file in files]

    async def path(self, message: Message, ready: Ready, takes: Takes) -> Path:
        """Where it lies."""
        assert any(each.file and each.file.unique == ready.key for each in message.attachments)
        assert ready.size_bytes <= takes.most_bytes
        self.fetched.append(ready.key)
        return self._shelf[ready.key][0]


class Side:
    """Discord's side and its fakes.

    Attributes:
        room: The room that is read.
        missing: The rooms where a permission was found missing.
        made: The webhooks that were made.
        mark: Which table of commands Discord has.
        now: Unix seconds, once it is made anew.
        limits: How much of what was missed is brought, once it is made anew.
        connections: How often Discord was there (again).
        typing: Told a room in which somebody types.
        media: Has the files.
    """

    def __init__(self, standin: DiscordStandIn, channel: int) -> None:
        self.standin = standin
        self.room = Room.discord(channel)
        self.reads = {self.room}
        self.intake = FakeIntake()
        self.commands = FakeCommands()
        self.health = Health("discord")
        self.missing: list[Room] = []
        self.made: list[tuple[int, int]] = []
        self.mark: str | None = None
        self.now: Callable[[], float] = time.time
        self.limits = Limits(age_s=86_400.0, number=2000)
        self.connections = 0
        self.typing: Callable[[Room], None] = lambda _room: None
        self.media = FakeMedia()
        self._task: asyncio.Task[None] | None = None
        self._group = contextlib.AsyncExitStack()
        self.service = self.make(TOKEN)

    def make(self, token: str) -> DiscordService:
        """Discord's side, built anew as after a restart."""
        standin = self.standin
        server = Server(token, standin.api_url, standin.gateway_url, standin.cdn_url)
        self.service = DiscordService(
            server,
            World(
                health=self.health,
                words=words,
                avatar_url=self._avatar_url,
                is_read=lambda room: room in self.reads,
                read_rooms=lambda: tuple(self.reads),
                books=self.intake,
                limits=self.limits,
                known_webhooks=(),
                on_webhook_made=self._on_made,
                on_missing_permission=self._on_missing,
                load_commands_mark=self._load,
                save_commands_mark=self._save,
                media=self.media,
                connected=self._on_connected,
                typing=self.typing,
                now=self.now,
            ),
        )
        return self.service

    async def _avatar_url(self, author: Author) -> str | None:
        return f"https://example.com/avatars/{author.id}.png"

    async def _on_made(self, webhook: int, channel: int) -> None:
        self.made.append((webhook, channel))

    async def _on_missing(self, room: Room) -> None:
        self.missing.append(room)

    async def _on_connected(self) -> None:
        self.connections += 1

    async def _load(self) -> str | None:
        return self.mark

    async def _save(self, mark: str) -> None:
        self.mark = mark

    @property
    def detail(self) -> str:
        """What Discord's side last said of itself."""
        return self.health.report().parts["discord"].detail

    @property
    def is_well(self) -> bool:
        """Whether it works."""
        return self.health.report().ok

    async def start(self, *, until: Callable[[], object] | None = None) -> None:
        """Run it in the background until it is connected and has read what was missed."""
        group = await self._group.enter_async_context(asyncio.TaskGroup())
        self._task = group.create_task(self.service.run(self.intake, self.commands, COMMANDS))
        await self.wait_for(until or self.is_live)

    def is_live(self) -> bool:
        """Connected, with nothing left to read."""
        cursors = self.intake.cursors
        return self.is_well and all(room in cursors for room in self.reads)

    async def wait_for(self, predicate: Callable[[], object], timeout_s: float = 15.0) -> None:
        """Wait until something is true, or until the side ends by itself."""
        await self.standin.wait_for(predicate, timeout_s)

    async def stop(self) -> None:
        """End it as a signal would."""
        if self._task is not None:
            self._task.cancel()
        await self._group.aclose()


def copy(
    text: str = "hi", *, name: str = "Zoe", reply: Reply | None = None, to: MessageRef | None = None
) -> Copy:
    """A message from Telegram on its way to Discord."""
    ref = MessageRef(Room.telegram(-100), 7)
    return Copy(Message(ref, Author(42, name), plain(text), reply=reply), to, "en")
