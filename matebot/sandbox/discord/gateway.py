"""The gateway: sessions, their events, and the sockets they go out on.

Source: discord-api-docs, topics/gateway and topics/opcodes-and-status-codes.
"""

import asyncio
import json
import secrets
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from matebot.sandbox.buckets import Bucket
from matebot.sandbox.discord import intents as bits
from matebot.sandbox.discord import limits, posts
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.welcome import guild_create, members_chunks, ready
from matebot.sandbox.discord.world import Event, World
from matebot.sandbox.faults import Faults

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME = 0, 1, 2, 3, 4, 6
RECONNECT, MEMBERS, INVALID, HELLO, ACK, SOUNDBOARD = 7, 8, 9, 10, 11, 31


@dataclass(slots=True)
class Session:
    """What survives a broken connection.

    Attributes:
        log: The events sent, as ``(sequence, JSON)``, the oldest first.
        left_at: When its connection ended; None while there is one.
    """

    id: str
    intents: int
    sequence: int = 0
    log: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=limits.RESUME_EVENTS))
    connection: "Connection | None" = None
    left_at: float | None = None

    def dispatch(self, name: str, data: Json) -> None:
        """Count an event, keep it for a resume, and send it where there is a connection."""
        self.sequence += 1
        text = json.dumps(
            {"t": name, "s": self.sequence, "op": DISPATCH, "d": data}, separators=(",", ":")
        )
        self.log.append((self.sequence, text))
        if self.connection is not None:
            self.connection.send_text(text)


class Connection:
    """One socket. What is to go out waits in a queue of its own, in order."""

    def __init__(
        self, socket: web.WebSocketResponse, request: web.Request, sends: Bucket | None
    ) -> None:
        self.socket = socket
        self.request = request
        self.sends = sends
        self.session: Session | None = None
        self.given_up = False  # the client closed with 1000 or 1001: its session ends, too
        self._out: asyncio.Queue[str | int] = asyncio.Queue()
        compressed = request.query.get("compress") == "zlib-stream"
        self._zlib = zlib.compressobj() if compressed else None

    def send_text(self, text: str) -> None:
        """Queue a payload."""
        self._out.put_nowait(text)

    def send(self, op: int, data: Any = None) -> None:
        """Queue a payload that is no event."""
        self.send_text(json.dumps({"t": None, "s": None, "op": op, "d": data}))

    def close(self, code: int) -> None:
        """Queue the end; 1006 breaks the connection at once, without a word."""
        if code == 1006:
            self.abort()
        else:
            self._out.put_nowait(code)

    def abort(self) -> None:
        """Break the connection."""
        if self.request.transport is not None:
            self.request.transport.abort()

    async def write(self) -> None:
        """Send what is queued until the end is."""
        while True:
            item = await self._out.get()
            if isinstance(item, int):
                await self.socket.close(code=item)
                return
            if self._zlib is None:
                await self.socket.send_str(item)
            else:
                packed = self._zlib.compress(item.encode())
                await self.socket.send_bytes(packed + self._zlib.flush(zlib.Z_SYNC_FLUSH))


class Gateway:
    """Lets clients in and tells them what happens.

    Args:
        world: The state.
        faults: What is to go wrong; the name here is ``gateway``.
        token: The bot's; None where it was revoked.
        members_intent: Whether the portal grants GUILD_MEMBERS (and GUILD_PRESENCES).
        factor: How many times as fast identifies are let through.
        limited: False lifts the limits on sending and identifying.
        changed: Told when a client comes or goes.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        token: str,
        *,
        members_intent: bool,
        factor: float,
        limited: bool,
        changed: Callable[[], None],
    ) -> None:
        self.world = world
        self.faults = faults
        self.token: str | None = token
        self.members_intent = members_intent
        self.limited = limited
        self.changed = changed
        self.url = ""
        self.heartbeat_ms = limits.HEARTBEAT_MS
        self.silent = False
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.received: deque[Json] = deque(maxlen=1000)
        self.identifies = 0
        self.resumes = 0
        self._identify = Bucket(limits.GATEWAY_IDENTIFIES.scaled(factor))

    # -- events out --------------------------------------------------------------------------

    def dispatch(self, event: Event) -> None:
        """Tell every session that may know it."""
        self._forget()
        for session in self.sessions.values():
            if event.intents and not session.intents & event.intents:
                continue
            if not self._may_see(event):
                continue
            session.dispatch(event.name, self._seen(event, session))

    def _may_see(self, event: Event) -> bool:
        hidden = self.world.out_of_order or not self.world.in_guild
        if hidden and "guild_id" in event.data:
            return False
        channel = self.world.channels.get(event.channel) if event.channel is not None else None
        if channel is None:
            return True
        held = self.world.permissions(self.world.bot_id, channel)
        return bool(held & perms.VIEW_CHANNEL)

    def _seen(self, event: Event, session: Session) -> Json:
        if not event.is_message or session.intents & bits.MESSAGE_CONTENT:
            return event.data
        return event.data if posts.readable(self.world, event.data) else posts.hidden(event.data)

    def _forget(self) -> None:
        """Drop the sessions that nobody came back to."""
        now = time.monotonic()
        for key, session in list(self.sessions.items()):
            if session.left_at is not None and now - session.left_at > limits.RESUME_S:
                del self.sessions[key]

    # -- a connection's life -----------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one client until it goes."""
        fault = self.faults.take("gateway")
        if fault is not None and fault.kind == "status":
            return web.Response(status=fault.status)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        if fault is not None and fault.kind in ("drop", "drop_after"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        socket = web.WebSocketResponse(autoping=True, max_msg_size=1 << 20, timeout=1.0)
        await socket.prepare(request)
        sends = Bucket(limits.GATEWAY_SENDS) if self.limited else None
        connection = Connection(socket, request, sends)
        self.connections.add(connection)
        try:
            await self._hold(connection)
        finally:
            self.connections.discard(connection)
            self._left(connection)
            self.changed()
        return socket

    async def _hold(self, connection: Connection) -> None:
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self._write(connection))
            connection.send(HELLO, {"heartbeat_interval": self.heartbeat_ms, "_trace": []})
            await self._read(connection)
            writer.cancel()

    async def _write(self, connection: Connection) -> None:
        try:
            await connection.write()
        except (ConnectionError, RuntimeError):
            return  # the other side is gone; the reader sees it, too

    async def _read(self, connection: Connection) -> None:
        timeout_s = self.heartbeat_ms / 1000 * 2
        while True:
            try:
                message = await connection.socket.receive(timeout=timeout_s)
            except TimeoutError:
                connection.close(4009)
                timeout_s = 2.0
                continue
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                code = message.data if message.type is WSMsgType.CLOSE else None
                connection.given_up = code in (1000, 1001)
                return
            code = self._take(connection, message.data)
            if code is not None:
                connection.close(code)

    def _left(self, connection: Connection) -> None:
        """A connection is over; its session may be resumed for a while."""
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        session.left_at = time.monotonic()
        if connection.given_up:
            self.sessions.pop(session.id, None)

    # -- payloads in -------------------------------------------------------------------------

    def _take(self, connection: Connection, raw: str | bytes) -> int | None:
        """Do what a payload asks; returns the code to close with, where it was bad."""
        if connection.sends is not None and connection.sends.take():
            return 4008
        if len(raw if isinstance(raw, bytes) else raw.encode()) > limits.GATEWAY_PAYLOAD_BYTES:
            return 4002
        try:
            payload = json.loads(raw)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError, AttributeError):
            return 4002
        if op != HEARTBEAT:
            self.received.append(payload)
        if op not in (HEARTBEAT, IDENTIFY, RESUME) and connection.session is None:
            return 4003
        return self._do(connection, op, data)

    def _do(self, connection: Connection, op: Any, data: Any) -> int | None:
        match op, data:
            case 1, _:
                if not self.silent:
                    connection.send(ACK)
            case 2, dict():
                return self._identified(connection, data)
            case 6, dict():
                return self._resumed(connection, data)
            case 8, dict():
                return self._members(connection, data)
            case 3 | 4 | 31, dict():
                return None
            case 2 | 3 | 4 | 6 | 8 | 31, _:
                return 4002
            case _:
                return 4001
        return None

    def _identified(self, connection: Connection, data: Json) -> int | None:
        if connection.session is not None:
            return 4005
        refused = self._check(data)
        if refused is not None:
            return refused
        if self.limited and self._identify.take():
            connection.send(INVALID, data=False)
            return None
        session = Session(secrets.token_hex(16), data["intents"])
        self.sessions[session.id] = session
        self._attach(session, connection)
        self.identifies += 1
        session.dispatch("READY", ready(self.world, session.id, self.url, data.get("shard")))
        if self.world.in_guild and session.intents & bits.GUILDS:
            whole = bool(session.intents & bits.GUILD_MEMBERS)
            session.dispatch("GUILD_CREATE", guild_create(self.world, whole=whole))
        self.changed()
        return None

    def _check(self, data: Json) -> int | None:
        """The code for an IDENTIFY that may not pass."""
        if self.token is None or data.get("token") != self.token:
            return 4004
        asked = data.get("intents")
        if isinstance(asked, bool) or not isinstance(asked, int):
            return 4002 if asked is None else 4013
        if not isinstance(data.get("properties"), dict):
            return 4002
        shard = data.get("shard")
        if shard is not None and shard != [0, 1]:
            return 4010 if not _is_shard(shard) else None
        if asked < 0 or asked & ~bits.KNOWN:
            return 4013
        if asked & bits.MESSAGE_CONTENT and not self.world.message_content:
            return 4014
        privileged = bits.GUILD_MEMBERS | bits.GUILD_PRESENCES
        return 4014 if asked & privileged and not self.members_intent else None

    def _resumed(self, connection: Connection, data: Json) -> int | None:
        if connection.session is not None:
            return 4005
        if self.token is None or data.get("token") != self.token:
            return 4004
        self._forget()
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int):
            connection.send(INVALID, data=False)
            return None
        if sequence > session.sequence:
            return 4007
        missed = [text for number, text in session.log if number > sequence]
        if len(missed) < session.sequence - sequence:  # the log no longer reaches that far
            connection.send(INVALID, data=False)
            return None
        self._attach(session, connection)
        self.resumes += 1
        for text in missed:
            connection.send_text(text)
        session.dispatch("RESUMED", {"_trace": []})
        self.changed()
        return None

    def _attach(self, session: Session, connection: Connection) -> None:
        old = session.connection
        session.connection, session.left_at = connection, None
        connection.session = session
        if old is not None and old is not connection:
            old.close(4000)

    def _members(self, connection: Connection, data: Json) -> int | None:
        """REQUEST_GUILD_MEMBERS: the chunks."""
        if connection.session is None or str(data.get("guild_id")) != self.world.guild["id"]:
            return None
        everyone = data.get("query") == "" and not data.get("limit")
        if everyone and not connection.session.intents & bits.GUILD_MEMBERS:
            return 4014
        for chunk in members_chunks(self.world, data):
            connection.session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
        return None

    # -- misbehaviour ------------------------------------------------------------------------

    def disconnect(self, code: int, *, resumable: bool) -> None:
        """Close every connection; where it may not be resumed, forget the sessions."""
        if not resumable:
            self.sessions.clear()
        for connection in list(self.connections):
            connection.close(code)

    def reconnect_request(self) -> None:
        """Ask every client to come again."""
        for connection in self.connections:
            connection.send(RECONNECT)

    def abort(self) -> None:
        """Break every connection without a word."""
        for connection in list(self.connections):
            connection.abort()


def _is_shard(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(each, int) for each in value)
        and 0 <= value[0] < value[1]
    )
