"""The connection to Discord: one log-in, one gateway session that is kept alive.

The library's own `connect` loop ends the program on a revoked token, writes a traceback for every
lost connection and fails with an AttributeError if the first one cannot be made; hence
`DiscordClient.run_forever`.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.state import ConnectionState

from matebot.core.errors import NotConnected, OperatorError
from matebot.core.faults import whereabouts
from matebot.core.health import Health
from matebot.discord.adapter import TIMEOUT
from matebot.discord.errors import translated
from matebot.discord.listener import Listener, hand_over

log = logging.getLogger(__name__)

PART: Final = "discord"
"""What this side is called in /healthz."""

_CALL_S: Final = 30.0
_GUILDS_S: Final = 0.5
"""How long after one server the next is waited for."""
_CONNECTIONS: Final = 100
"""So many of the library's own at once."""
_LOGIN_S: Final = 60.0
_CLOSE_S: Final = 3.0
_STEADY_S: Final = 30.0
"""A session that lasted so long may be followed by another at once."""
_IDENTIFY_EVERY_S: Final = 5.0
"""https://discord.com/developers/docs/events/gateway, ``max_concurrency`` (2026-11-24)."""
_REFUSED_AGAIN_S: Final = 300.0

_BAD_TOKEN: Final = 4004
_WRONG_KEY: Final = (
    "MATEBOT_DISCORD_TOKEN: Discord does not take this token; copy it anew from "
    "https://discord.com/developers/applications, Bot, Reset Token"
)
_NO_INTENT: Final = (
    "MATEBOT_DISCORD_TOKEN: its application lacks the Message Content Intent; switch it on at "
    "https://discord.com/developers/applications, Bot, Privileged Gateway Intents"
)
_TOO_LARGE: Final = (
    "MATEBOT_DISCORD_TOKEN: its bot is in more servers than Discord lets one connection serve; "
    "have it leave those that it does not bridge"
)
_TOO_OLD: Final = (
    "MATEBOT_DISCORD_GATEWAY_URL: Discord no longer speaks this version's language; "
    "install a newer MateBot"
)
_FATAL: Final = {
    _BAD_TOKEN: (_WRONG_KEY, "token revoked"),
    4010: (_TOO_LARGE, "too many servers for one connection"),
    4011: (_TOO_LARGE, "too many servers for one connection"),
    4012: (_TOO_OLD, "this version is too old"),
    4013: (_NO_INTENT, "Message Content Intent not granted"),
    4014: (_NO_INTENT, "Message Content Intent not granted"),
}
"""The codes after which to come again at once is no use: what to tell, and what /healthz says.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway (2026-11-24).
"""
_LOST: Final = (
    OSError,
    TimeoutError,
    aiohttp.ClientError,
    discord.HTTPException,
    discord.GatewayNotFound,
)


class Backoff:
    """Growing delays with jitter.

    Args:
        first_s: The first delay at most, in seconds.
        longest_s: The longest at most.
    """

    def __init__(self, first_s: float = 1.0, longest_s: float = 60.0) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._attempt = 0

    def reset(self) -> None:
        """Begin anew: it went well."""
        self._attempt = 0

    def delay_s(self) -> float:
        """The next delay, between half and the whole of the step."""
        step = min(self._first_s * 2.0**self._attempt, self._longest_s)
        self._attempt = min(self._attempt + 1, 32)
        return step * random.uniform(0.5, 1.0)  # noqa: S311  (jitter guards no secret)


def use_server(api_url: str, gateway_url: str, cdn_url: str) -> None:
    """Have the library talk to these addresses; they are globals there."""
    discord.http.Route.BASE = api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    discord.asset.Asset.BASE = cdn_url.rstrip("/")
    # Its debug lines hold webhooks' tokens and people's words.
    logging.getLogger("discord").setLevel(logging.WARNING)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def intents() -> discord.Intents:
    """What is asked of the gateway, and why.

    ``guilds``: channels, threads and roles, for rights and names. ``guild_messages``: what is said.
    ``message_content``: its text. ``guild_reactions``: who reacts with what. ``expressions``: a
    server's custom emoji, to react with. ``guild_typing``: that somebody types.
    ``guild_scheduled_events``: what a server plans. ``guild_polls``: who votes for what. Nothing
    else is read.
    """
    return discord.Intents(
        guilds=True,
        guild_messages=True,
        message_content=True,
        guild_reactions=True,
        expressions=True,
        guild_typing=True,
        guild_scheduled_events=True,
        guild_polls=True,
    )


class DiscordClient(discord.Client):
    """The library's client, with a connection loop of its own and no caches of people or messages.

    Args:
        token: The bot's.
        health: Told whether this side works.
    """

    def __init__(self, token: str, health: Health) -> None:
        super().__init__(
            intents=intents(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=_CALL_S,
            guild_ready_timeout=_GUILDS_S,
        )
        self._token = token
        self._health = health
        self._listener: Listener | None = None
        self._logged_in = False
        self._established = False
        self._paused = ""
        self._identified_at = -_IDENTIFY_EVERY_S
        self.webhook_session: aiohttp.ClientSession | None = None
        self.guilds_told = asyncio.Event()
        """Set once the gateway has told of the servers, anew in each session."""

    # What others call -------------------------------------------------------------------------

    @contextmanager
    def calling(self, *, posting: bool = False) -> Iterator[None]:
        """Wrap a call to Discord's API.

        Raises:
            NotConnected: This side is paused or not logged in yet.
            DeliveryError: The call failed.
        """
        if self._paused or not self._logged_in:
            raise NotConnected(self._paused or "not logged in to Discord yet")
        with translated(posting=posting):
            yield

    @asynccontextmanager
    async def asking(
        self, *, posting: bool = False, at_most_s: float = _CALL_S
    ) -> AsyncIterator[None]:
        """Wrap a call of the library's, which waits and repeats by itself, for so long at most.

        Raises:
            NotConnected: This side is paused or not logged in yet.
            DeliveryError: The call failed, or took too long.
        """
        with self.calling(posting=posting):
            async with asyncio.timeout(at_most_s):
                yield

    @property
    def library_state(self) -> ConnectionState[Any]:
        """What the library's own objects are made with; it has no public name."""
        return self._connection

    @property
    def session(self) -> aiohttp.ClientSession:
        """For webhooks' calls, which carry no bot token.

        Raises:
            NotConnected: There is none yet.
        """
        if self.webhook_session is None:
            raise NotConnected("not logged in to Discord yet")
        return self.webhook_session

    # The connection -----------------------------------------------------------------------------

    async def run_forever(self, listener: Listener) -> None:
        """Log in and stay connected until cancelled.

        Args:
            listener: Told what happens.

        Raises:
            OperatorError: At start alone: the token is wrong, or an intent was not granted.
        """
        self._listener = listener
        self._health.set(PART, ok=False, detail="connecting")
        async with aiohttp.ClientSession(timeout=TIMEOUT) as self.webhook_session:
            try:
                await self._async_setup_hook()
                await self._log_in()
                await self._stay_connected()
            finally:
                self._logged_in = False
                self._health.set(PART, ok=False, detail="stopped")
                await self._close_in_time()

    async def _close_in_time(self) -> None:
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self.close()
        except TimeoutError:
            log.warning("Discord did not answer the goodbye in %.0f s", _CLOSE_S)
            await self.http.close()

    async def _log_in(self) -> None:
        backoff = Backoff()
        while not self._logged_in:
            # The library's own has no limit: at a start a thousand servers are asked for something.
            self.http.connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
            try:
                async with asyncio.timeout(_LOGIN_S):
                    await self.login(self._token)
            except discord.LoginFailure:
                raise OperatorError(_WRONG_KEY) from None
            except _LOST as error:
                if isinstance(error, discord.HTTPException) and error.status == 401:
                    raise OperatorError(_WRONG_KEY) from None
                self._unwell(f"cannot be reached ({type(error).__name__})")
                await self._forget_http_session()
                await asyncio.sleep(backoff.delay_s())
            else:
                self._logged_in = True

    async def _forget_http_session(self) -> None:
        """A failed log-in leaves its session open, and closing that closes the connector."""
        await self.http.close()
        self.http.connector = discord.utils.MISSING
        self.http.clear()

    async def _stay_connected(self) -> None:
        backoff = Backoff()
        resume: dict[str, Any] = {"initial": True}
        while True:
            began = time.monotonic()
            try:
                async with asyncio.timeout(_LOGIN_S):
                    self.ws = await DiscordWebSocket.from_client(self, **resume)
                await self._listen(self.ws)
            except ReconnectWebSocket as request:
                resume = self._how_to_resume(possible=request.resume)
                reason = "reconnecting"
            except discord.ConnectionClosed as closed:
                await self._refused(closed)
                resume = self._how_to_resume(possible=closed.code not in _FATAL)
                reason = f"closed with {closed.code}"
            except _LOST as error:
                await self._hang_up()
                resume = self._how_to_resume(possible=True) | {"gateway": None}
                reason = f"cannot be reached ({type(error).__name__})"
            self._unwell(reason)
            if time.monotonic() - began >= _STEADY_S:
                backoff.reset()
            else:
                await asyncio.sleep(backoff.delay_s())

    async def _listen(self, ws: DiscordWebSocket) -> None:
        """Take in events until the connection ends, which is told by an exception."""
        while True:
            try:
                await ws.poll_event()
            except (ReconnectWebSocket, discord.ConnectionClosed, *_LOST):
                raise
            except Exception as error:  # noqa: BLE001  (one unreadable event must not end all)
                if ws.socket.closed:
                    raise ReconnectWebSocket(None) from None
                log.error("an event of Discord's could not be read: %s", whereabouts(error))
                if self._listener is not None:
                    self._listener.missed()

    async def _hang_up(self) -> None:
        """End a connection that broke, and the library's thread that keeps it alive."""
        with suppress(*_LOST):
            if self.ws is not None and not self.ws.socket.closed:
                async with asyncio.timeout(_CLOSE_S):
                    await self.ws.close(code=4000)

    def _how_to_resume(self, *, possible: bool) -> dict[str, Any]:
        """The arguments of the next connection: a resume if a session is known, else a new one."""
        ws = self.ws
        if not possible or ws is None or ws.session_id is None:
            return {}
        return {
            "resume": True,
            "session": ws.session_id,
            "sequence": ws.sequence,
            "gateway": ws.gateway,
        }

    async def _refused(self, closed: discord.ConnectionClosed) -> None:
        """End the start, or pause for good or for a while, where Discord does not want us.

        Raises:
            OperatorError: There was never a session.
        """
        if closed.code not in _FATAL:
            return
        words, detail = _FATAL[closed.code]
        if not self._established:
            raise OperatorError(words) from None
        log.error("Discord is paused: %s", words)
        self._health.set(PART, ok=False, detail=detail)
        if closed.code == _BAD_TOKEN:
            self._paused = "Discord's token was revoked"
            await asyncio.Event().wait()
        await asyncio.sleep(_REFUSED_AGAIN_S)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Keep the distance between two new sessions that Discord asks for."""
        wait_s = self._identified_at + _IDENTIFY_EVERY_S - time.monotonic()
        if wait_s > 0:
            log.debug("shard %s identifies in %.1f s (first: %s)", shard_id, wait_s, initial)
            await asyncio.sleep(wait_s)
        self._identified_at = time.monotonic()

    def _unwell(self, detail: str) -> None:
        log.warning("Discord: %s", detail)
        self._health.set(PART, ok=False, detail=detail)

    def _well(self, listener: Listener) -> None:
        self._established = True
        self._health.set(PART, ok=True)
        listener.connected()

    # What happens -------------------------------------------------------------------------------

    def dispatch(self, event: str, /, *args: Any, **_kwargs: Any) -> None:
        """Hand an event over at once.

        The library would start a task that nobody awaits; here nothing waits, and the order is the
        gateway's.
        """
        listener = self._listener
        if listener is None:
            return
        match event:
            case "connect":
                log.info("Discord: a new session")
                self.guilds_told.clear()
                listener.new_session()
                self._well(listener)
            case "ready":
                log.info("Discord has told of its servers", extra={"servers": len(self.guilds)})
                self.guilds_told.set()
                listener.permissions_changed()  # they may be others than before
            case "resumed":
                log.info("Discord: the session goes on")
                self._well(listener)
            case _:
                hand_over(listener, event, args)
