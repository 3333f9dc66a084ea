"""The stand-in whole: sockets, misbehaviour, and waiting for what happens."""

import asyncio
import contextlib
import os
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from matebot.sandbox.discord import intents, permissions, places, posts
from matebot.sandbox.discord.cdn import Cdn
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.gateway import Gateway
from matebot.sandbox.discord.interactions import Interaction, Interactions
from matebot.sandbox.discord.pace import Pace
from matebot.sandbox.discord.people import Id
from matebot.sandbox.discord.people_files import PeopleFiles
from matebot.sandbox.discord.polls import PollRoutes
from matebot.sandbox.discord.rest_attachments import Attachments
from matebot.sandbox.discord.rest_commands import Commands
from matebot.sandbox.discord.rest_guild import Guild
from matebot.sandbox.discord.rest_marks import Marks
from matebot.sandbox.discord.rest_messages import Messages
from matebot.sandbox.discord.rest_webhooks import Webhooks
from matebot.sandbox.discord.server import Rest
from matebot.sandbox.discord.welcome import guild_create
from matebot.sandbox.discord.world import Event, World
from matebot.sandbox.faults import Faults

WATCHED = 1000  # changes that a watcher may fall behind before the oldest are lost to it
LOOK_S = 0.05  # how soon an outage breaks the gateway's connections
AVATAR_FETCH_S = 5.0


@dataclass(frozen=True, slots=True)
class Fetch:
    """One try to fetch an ``avatar_url``.

    Attributes:
        status: The HTTP status; 0 where there was no answer.
        data: What came, cut at a megabyte.
        error: Why nothing came.
    """

    url: str
    status: int
    content_type: str
    data: bytes
    error: str
    at: float


class DiscordStandIn(PeopleFiles):
    """A Discord on loopback; an async context manager.

    Args:
        token: The one bot token that it knows.
        bot_name: The bot's username.
        factor: How many times as fast as the real service's its rate limits refill.
        limited: False switches the rate limits off.
        port: Where it listens; 0 picks a free one.
        message_content_intent: Whether the portal grants MESSAGE_CONTENT.
        members_intent: Whether it grants GUILD_MEMBERS and GUILD_PRESENCES.

    Attributes:
        faults: What is to go wrong next, by route name (``rest_*.py``), ``gateway`` or ``cdn``.
        calls: The requests that came, the oldest first.
        fetch_avatars: Whether ``avatar_url`` is fetched, as Discord does.
        reach: How the public address is reached from here: ``{public: local}``.
        fetches: The books of those fetches.
    """

    def __init__(
        self,
        *,
        token: str,
        bot_name: str = "MateBot",
        factor: float = 1.0,
        limited: bool = True,
        port: int = 0,
        message_content_intent: bool = True,
        members_intent: bool = False,
    ) -> None:
        self.faults = Faults()
        self.world = World(bot_name, message_content=message_content_intent)
        self.world.emit = self._happened
        self.token = token
        self.fetch_avatars = False
        self.reach: dict[str, str] = {}
        self.fetches: deque[Fetch] = deque(maxlen=1000)
        self._port = port
        self._members_intent = members_intent
        self._changed = asyncio.Event()
        self._watchers: set[asyncio.Queue[Json]] = set()
        self._to_fetch: asyncio.Queue[str] = asyncio.Queue(WATCHED)
        self._exit = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._pace = Pace(factor, limited=limited)
        self._rest = Rest(self.world, self._pace, self.faults, token=token, changed=self._wake)
        self.calls = self._rest.calls
        self.interactions = Interactions(self.world, self._answered)
        self.gateway = Gateway(
            self.world,
            self.faults,
            token,
            members_intent=members_intent,
            factor=factor,
            limited=limited,
            changed=self._wake,
        )

    # -- starting and stopping ---------------------------------------------------------------

    async def __aenter__(self) -> Self:
        """Listen."""
        app = web.Application()
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        Cdn(self.world, self.faults).mount(app)
        await self._listen_on(app)
        return self

    async def _listen_on(self, app: web.Application) -> None:
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        # The port must be known before the routes are made, and they before the runner is set up.
        listener = _listener(self._port)
        self._port = int(listener.getsockname()[1])
        self.world.cdn_url = self.cdn_url
        self.gateway.url = self.gateway_url
        marks, messages = Marks(self.world), Messages(self.world)
        guild = Guild(self.world, self.gateway_url, members=self._members_intent)
        hooks = Webhooks(self.world, self._note_avatar)
        commands, polls = Commands(self.world), PollRoutes(self.world)
        attachments = Attachments(self.world)
        parts = (marks, messages, guild, self.interactions, hooks, commands, polls, attachments)
        for part in parts:
            self._rest.mount(app, part.routes())
        self._rest.mount_rest(app)
        await runner.setup()
        self._exit.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener).start()
        group = await self._exit.enter_async_context(asyncio.TaskGroup())
        self._tasks = [group.create_task(self._fetcher()), group.create_task(self._keeper())]

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection and stop."""
        self.gateway.disconnect(1001, resumable=False)
        for task in self._tasks:
            task.cancel()
        await self._exit.aclose()

    @property
    def api_url(self) -> str:
        """For ``discord.http.Route.BASE``."""
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        """For ``DiscordWebSocket.DEFAULT_GATEWAY``."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def cdn_url(self) -> str:
        """For ``discord.asset.Asset.BASE``; attachments live below it, too."""
        return f"http://127.0.0.1:{self._port}/cdn"

    @property
    def guild_id(self) -> int:
        """The one guild."""
        return self.world.guild_id

    @property
    def application_id(self) -> int:
        """The bot's application; as with all newer bots the same as its user id."""
        return self.world.bot_id

    @property
    def bot_user(self) -> Json:
        """The bot's account."""
        return self._copy(self.world.users[self.world.bot_id])

    # -- what happens ------------------------------------------------------------------------

    def _happened(self, event: Event) -> None:
        self.gateway.dispatch(event)
        self._tell({"type": event.name, "data": event.data})

    def _answered(self, made: Interaction, name: str, message: Json) -> None:
        data = {
            "interaction_id": str(made.id),
            "user_id": str(made.user_id),
            "channel_id": str(made.channel_id),
            "message": posts.shown(self.world, message),
        }
        self._tell({"type": name, "data": data})

    def _tell(self, change: Json) -> None:
        for queue in self._watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()

    async def wait_for(self, predicate: Callable[[], object], timeout_s: float = 10.0) -> None:
        """Wait until something is true; it is asked again after each change.

        Raises:
            TimeoutError: It did not become true in time.
        """
        async with asyncio.timeout(timeout_s):
            while not predicate():
                self._changed = asyncio.Event() if self._changed.is_set() else self._changed
                await self._changed.wait()

    async def watch(self) -> AsyncIterator[Json]:
        """Changes as they come: ``{"type": "MESSAGE_CREATE", "data": ...}``.

        As the gateway would tell one who sees all; answers to interactions come as
        INTERACTION_ANSWER, INTERACTION_EDIT and INTERACTION_DELETE. A watcher that falls behind
        loses the oldest.
        """
        queue: asyncio.Queue[Json] = asyncio.Queue(WATCHED)
        self._watchers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.discard(queue)

    # -- misbehaviour ------------------------------------------------------------------------

    def set_bot_permissions(self, held: int, channel_id: Id | None = None) -> None:
        """Give the bot exactly these rights, everywhere or in one channel."""
        world = self.world
        if channel_id is None:
            role = world.roles[world.bot_role_id]
            role["permissions"] = str(held)
            data = {"guild_id": world.guild["id"], "role": self._copy(role)}
            world.emit(Event("GUILD_ROLE_UPDATE", data, intents.GUILDS))
            return
        channel = world.channel(int(channel_id))
        own = str(world.bot_role_id)
        others = [each for each in channel["permission_overwrites"] if each["id"] != own]
        rule = {"id": own, "type": 0, "allow": str(held), "deny": str(permissions.ALL & ~held)}
        channel["permission_overwrites"] = [*others, rule]
        posts.tell_channel(world, "CHANNEL_UPDATE", channel)

    def add_webhook(self, channel_id: Id, name: str, *, application_id: Id | None = None) -> Json:
        """A webhook that somebody else made; without an application it is a person's."""
        hook = self.world.new_webhook(int(channel_id), name, None)
        hook["application_id"] = None if application_id is None else str(application_id)
        hook["user"] = self.world.users[int(self.world.guild["owner_id"])]
        places.webhooks_changed(self.world, self.world.channel(int(channel_id)))
        return self._copy(hook)

    def delete_webhook(self, webhook_id: Id) -> None:
        """Somebody deletes a webhook."""
        hook = self.world.webhooks.pop(int(webhook_id))
        places.webhooks_changed(self.world, self.world.channel(int(hook["channel_id"])))

    def set_premium_tier(self, tier: int) -> None:
        """The guild is boosted: files of up to 10, 10, 50 or 100 MiB may be uploaded."""
        self.world.guild["premium_tier"] = tier
        data = {**self.world.guild, "roles": list(self.world.roles.values())}
        self.world.emit(Event("GUILD_UPDATE", self._copy(data), intents.GUILDS))

    @property
    def attachment_url_s(self) -> float:
        """How long the address of an attachment is good; negative: it has expired at once."""
        return self.world.attachment_url_s

    @attachment_url_s.setter
    def attachment_url_s(self, seconds: float) -> None:
        self.world.attachment_url_s = seconds

    def expire_attachment_urls(self) -> None:
        """Have every address of an attachment that was told so far be good no more."""
        self.world.secret = os.urandom(32)

    def kick_bot(self) -> None:
        """Somebody throws the bot out of the guild."""
        self.world.emit(Event("GUILD_DELETE", {"id": self.world.guild["id"]}, intents.GUILDS))
        self.world.in_guild = False

    def set_out_of_order(self, *, on: bool) -> None:
        """Discord itself has trouble with the guild and tells nothing of it; or all is well."""
        self.world.out_of_order = on
        if not on:
            self.invite_bot()
            return
        gone = {"id": self.world.guild["id"], "unavailable": True}
        self.world.emit(Event("GUILD_DELETE", gone, intents.GUILDS))

    def invite_bot(self) -> None:
        """The bot is let in again."""
        self.world.in_guild = True
        guild = guild_create(self.world, whole=self._members_intent)
        self.world.emit(Event("GUILD_CREATE", guild, intents.GUILDS))

    def revoke_token(self) -> None:
        """The token is reset in the portal: 401 on REST, 4004 on the gateway."""
        self._rest.token = self.gateway.token = None
        self.gateway.disconnect(4004, resumable=False)

    def restore_token(self) -> None:
        """The token is good again."""
        self._rest.token = self.gateway.token = self.token

    def disconnect(self, *, code: int = 4000, resumable: bool = True) -> None:
        """Close every gateway connection (1006: break it), and forget the sessions or not."""
        self.gateway.disconnect(code, resumable=resumable)

    def reconnect_request(self) -> None:
        """Ask every gateway client to come again."""
        self.gateway.reconnect_request()

    def silence(self, *, on: bool = True) -> None:
        """Stop answering heartbeats (or answer them again)."""
        self.gateway.silent = on

    # -- background --------------------------------------------------------------------------

    def _note_avatar(self, url: str) -> None:
        if self.fetch_avatars and not self._to_fetch.full():
            self._to_fetch.put_nowait(url)

    async def _fetcher(self) -> None:
        """Fetch avatars one after the other."""
        timeout = aiohttp.ClientTimeout(total=AVATAR_FETCH_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                url = await self._to_fetch.get()
                self.fetches.append(await self._fetch(session, url))
                self._wake()

    async def _fetch(self, session: aiohttp.ClientSession, url: str) -> Fetch:
        near = url
        for public, local in self.reach.items():
            if url.startswith(public):
                near = local + url.removeprefix(public)
        try:
            async with session.get(near) as response:
                data = await response.content.read(1 << 20)
                return Fetch(url, response.status, response.content_type, data, "", time.time())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return Fetch(url, 0, "", b"", repr(error), time.time())

    async def _keeper(self) -> None:
        """Break the gateway's connections during an outage; look again at what is awaited."""
        while True:
            await asyncio.sleep(LOOK_S)
            if self.faults.outage:
                self.gateway.abort()
            self._wake()  # what is waited for may lie outside of this world


def _listener(port: int) -> socket.socket:
    """A socket bound to loopback."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound
