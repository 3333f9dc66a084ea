"""All of Discord's side, put together."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from matebot.core.health import Health
from matebot.core.ids import Room
from matebot.core.media import Media
from matebot.core.message import Author
from matebot.core.ports import Commands, Intake
from matebot.core.words import Words
from matebot.discord.catchup import Books, CatchUp
from matebot.discord.client import DiscordClient, use_server
from matebot.discord.commands import CommandSpec, DiscordCommands
from matebot.discord.files import DiscordFiles
from matebot.discord.gaps import Gaps
from matebot.discord.guard import Guard, Overheard
from matebot.discord.history import History
from matebot.discord.incoming import DiscordReader
from matebot.discord.missed import Limits
from matebot.discord.outgoing import DiscordMessenger
from matebot.discord.parse import is_own
from matebot.discord.places import Places
from matebot.discord.rooms import DiscordRooms
from matebot.discord.sight import Sight
from matebot.discord.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Server:
    """Where Discord is, and as whom to log in.

    Attributes:
        token: The bot's.
        api_url: Such as ``https://discord.com/api/v10``.
        gateway_url: Such as ``wss://gateway.discord.gg/``.
        cdn_url: Such as ``https://cdn.discordapp.com``.
    """

    token: str = field(repr=False)
    api_url: str
    gateway_url: str
    cdn_url: str


async def _nobody(*_rooms: Collection[Room]) -> None:
    """Tells nobody."""


def _nothing(_room: Room) -> None:
    """Tells nobody that somebody types."""


@dataclass(frozen=True, slots=True)
class World:
    """What Discord's side needs of the rest.

    Attributes:
        health: Told whether it works.
        words: The catalogue.
        avatar_url: A public address of an author's picture, or None.
        is_read: Whether a bridge reads a room.
        read_rooms: The Discord rooms that bridges read.
        books: How far each room has been read.
        limits: How much of what was missed is brought.
        known_webhooks: Ids of webhooks that MateBot made before.
        on_webhook_made: Told the id and the channel of a new one.
        on_missing_permission: Told a room where MateBot may not manage webhooks, each time that it
            was found so.
        load_commands_mark: What `save_commands_mark` kept.
        save_commands_mark: Keeps which table of commands Discord has.
        media: Has the files that come with messages.
        connected: Called each time that Discord is there (again).
        welcomed: Called each time that permissions may have been given.
        typing: Told a room in which somebody types.
        reading: Told which rooms cannot be read.
        now: Unix seconds.
    """

    health: Health
    words: Words
    avatar_url: Callable[[Author], Awaitable[str | None]]
    is_read: Callable[[Room], bool]
    read_rooms: Callable[[], Iterable[Room]]
    books: Books
    limits: Limits
    known_webhooks: Iterable[int]
    on_webhook_made: Callable[[int, int], Awaitable[None]]
    on_missing_permission: Callable[[Room], Awaitable[None]]
    load_commands_mark: Callable[[], Awaitable[str | None]]
    save_commands_mark: Callable[[str], Awaitable[None]]
    media: Media
    connected: Callable[[], Coroutine[Any, Any, None]] = _nobody
    typing: Callable[[Room], None] = _nothing
    reading: Callable[[Collection[Room]], Coroutine[Any, Any, None]] = _nobody
    welcomed: Callable[[], Coroutine[Any, Any, None]] = _nobody
    now: Callable[[], float] = time.time


class DiscordService:
    """Discord's side: what writes is there at once, what reads begins with `run`.

    To be made inside the event loop.

    Attributes:
        messenger: Writes into rooms.
        rooms: Knows them.
        files: Hands out the files of what was said there.
        reader: Counts what is left out; None before `run`.
    """

    def __init__(self, server: Server, world: World) -> None:
        use_server(server.api_url, server.gateway_url, server.cdn_url)
        self._world = world
        self.client = DiscordClient(server.token, world.health)
        places = Places(self.client)
        self._webhooks = Webhooks(
            self.client,
            places,
            known=world.known_webhooks,
            on_made=world.on_webhook_made,
            on_missing_permission=world.on_missing_permission,
        )
        self._history = History(self.client, places)
        self._guard = Guard(self.client)
        self.messenger = DiscordMessenger(
            self.client,
            self._webhooks,
            places,
            world.words,
            world.avatar_url,
            guard=self._guard,
            media=world.media,
        )
        self.files = DiscordFiles(self.client)
        self.rooms = DiscordRooms(self.client, places)
        self.reader: DiscordReader | None = None

    async def run(self, intake: Intake, commands: Commands, specs: Sequence[CommandSpec]) -> None:
        """Read and answer until cancelled.

        Raises:
            OperatorError: In an exception group, at start: the token or an intent is wrong.
        """
        world = self._world
        answers = DiscordCommands(
            self.client,
            commands,
            specs,
            world.words,
            load=world.load_commands_mark,
            save=world.save_commands_mark,
        )
        async with asyncio.TaskGroup() as tasks:
            heard = Overheard(intake, self._guard, self.client)
            self.reader = self._make_reader(heard, answers, tasks)
            tasks.create_task(self.client.run_forever(self.reader), name="discord gateway")

    def rooms_changed(self) -> None:
        """Bridges changed: have rooms that are read from now on read from their cursors."""
        if self.reader is not None:
            self.reader.rooms_changed()

    def _make_reader(
        self, intake: Intake, answers: DiscordCommands, tasks: asyncio.TaskGroup
    ) -> DiscordReader:
        gaps = Gaps()
        catchup = CatchUp(
            self._history,
            intake,
            gaps,
            tasks,
            self._world.books,
            limits=self._world.limits,
            is_own=self._is_own,
            is_read=self._world.is_read,
            now=self._world.now,
        )
        return DiscordReader(
            intake,
            tasks,
            catchup,
            gaps,
            answers,
            is_own=self._is_own,
            is_read=self._world.is_read,
            read_rooms=self._world.read_rooms,
            forget_refusals=self._webhooks.forget_refusals,
            connected=self._world.connected,
            welcomed=self._world.welcomed,
            own_user_id=self._own_user_id,
            typing=self._world.typing,
            sight=Sight(self.client),
            reading=self._world.reading,
        )

    def _own_user_id(self) -> int | None:
        user = self.client.user
        return None if user is None else user.id

    def _is_own(self, message: discord.Message) -> bool:
        return is_own(
            message, self.client.application_id, self._own_user_id(), self._webhooks.own_ids
        )
