"""The gateway over a plain WebSocket: codes, intents, sequence numbers, compression."""

import json
import zlib
from typing import Any

import aiohttp
import pytest

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.faults import Fault
from tests.sandbox.discord.conftest import TOKEN, Json

GUILDS, MEMBERS, MESSAGES, CONTENT = 1, 1 << 1, 1 << 9, 1 << 15


class Socket:
    """A client of the gateway, by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._unzip = zlib.decompressobj()

    async def receive(self) -> Any:
        """The next payload, or the code that the socket was closed with."""
        message = await self.socket.receive(timeout=5)
        if message.type is aiohttp.WSMsgType.BINARY:
            return json.loads(self._unzip.decompress(message.data))
        return json.loads(message.data) if message.type is aiohttp.WSMsgType.TEXT else message.data

    async def send(self, op: int, data: Any) -> None:
        """Send a payload."""
        await self.socket.send_json({"op": op, "d": data})

    async def identify(self, intents: int, token: str = TOKEN) -> Any:
        """Identify; the first answer."""
        await self.send(2, {"token": token, "intents": intents, "properties": {}})
        return await self.receive()


async def connect(
    session: aiohttp.ClientSession, standin: DiscordStandIn, query: str = ""
) -> Socket:
    """Open a socket and take its HELLO."""
    made = Socket(await session.ws_connect(standin.gateway_url + query))
    hello = await made.receive()
    assert hello["op"] == 10
    assert hello["d"]["heartbeat_interval"] == 41250
    return made


async def test_ready_and_the_guild(
    session: aiohttp.ClientSession, standin: DiscordStandIn, room: Json
) -> None:
    """READY has what a resume needs; the guild follows, with its channels and the bot alone."""
    socket = await connect(session, standin, "?v=10&encoding=json&compress=zlib-stream")
    ready = await socket.identify(GUILDS)
    assert (ready["t"], ready["s"]) == ("READY", 1)
    assert ready["d"]["resume_gateway_url"] == standin.gateway_url
    guild = await socket.receive()
    assert (guild["t"], guild["s"]) == ("GUILD_CREATE", 2)
    assert [each["id"] for each in guild["d"]["channels"]] == [room["id"]]
    assert [each["user"]["id"] for each in guild["d"]["members"]] == [standin.bot_user["id"]]
    await socket.send(1, 2)
    assert (await socket.receive())["op"] == 11


@pytest.mark.parametrize(
    ("intents", "token", "code"),
    [(GUILDS, "wrong", 4004), (1 << 30, TOKEN, 4013), (-1, TOKEN, 4013), (MEMBERS, TOKEN, 4014)],
)
async def test_what_may_not_identify(
    session: aiohttp.ClientSession, standin: DiscordStandIn, intents: int, token: str, code: int
) -> None:
    """A wrong token, intents that do not exist, and one that is not granted end the connection."""
    socket = await connect(session, standin)
    assert await socket.identify(intents, token) == code


async def test_content_is_not_granted(session: aiohttp.ClientSession) -> None:
    """Asking for MESSAGE_CONTENT where the portal has it off is 4014."""
    async with DiscordStandIn(token=TOKEN, message_content_intent=False) as strict:
        socket = await connect(session, strict)
        assert await socket.identify(GUILDS | CONTENT) == 4014


@pytest.mark.parametrize(
    ("raw", "code"),
    [("{", 4002), ('{"op":77}', 4003), ('{"op":3,"d":{}}', 4003), ("x" * 4097, 4002)],
)
async def test_bad_payloads(
    session: aiohttp.ClientSession, standin: DiscordStandIn, raw: str, code: int
) -> None:
    """Broken, unknown, early and oversized payloads get their close codes."""
    socket = await connect(session, standin)
    await socket.socket.send_str(raw)
    assert await socket.receive() == code


async def test_intents_decide(
    session: aiohttp.ClientSession, standin: DiscordStandIn, ana: Json, room: Json
) -> None:
    """Without MESSAGE_CONTENT a message comes empty unless it names the bot."""
    socket = await connect(session, standin)
    await socket.identify(MESSAGES)
    standin.react(ana["id"], room["id"], standin.say(ana["id"], room["id"], "secret")["id"], "👍")
    standin.say(ana["id"], room["id"], f"<@{standin.application_id}> hi")
    first, second = await socket.receive(), await socket.receive()
    assert (first["t"], first["d"]["content"]) == ("MESSAGE_CREATE", "")
    assert first["d"]["member"]["joined_at"]
    assert second["d"]["content"].endswith("hi")


async def test_a_resume_replays(
    session: aiohttp.ClientSession, standin: DiscordStandIn, ana: Json, room: Json
) -> None:
    """What was missed comes once, then RESUMED; a session that is not known is invalid."""
    socket = await connect(session, standin)
    ready = await socket.identify(MESSAGES | CONTENT)
    key = ready["d"]["session_id"]
    standin.disconnect()
    assert await socket.receive() == 4000
    await socket.socket.close()
    for text in ("one", "two"):
        standin.say(ana["id"], room["id"], text)
    again = await connect(session, standin)
    await again.send(6, {"token": TOKEN, "session_id": key, "seq": 1})
    got = [await again.receive() for _ in range(3)]
    assert [each["t"] for each in got] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert [each["s"] for each in got] == [2, 3, 4]
    standin.disconnect(resumable=False)
    late = await connect(session, standin)
    await late.send(6, {"token": TOKEN, "session_id": key, "seq": 4})
    assert await late.receive() == {"t": None, "s": None, "op": 9, "d": False}


async def test_a_client_that_says_goodbye(
    session: aiohttp.ClientSession, standin: DiscordStandIn
) -> None:
    """A client that closes with 1000 has given its session up."""
    socket = await connect(session, standin)
    ready = await socket.identify(GUILDS)
    await socket.socket.close(code=1000)
    await standin.wait_for(lambda: not standin.gateway.connections)
    again = await connect(session, standin)
    await again.send(6, {"token": TOKEN, "session_id": ready["d"]["session_id"], "seq": 2})
    assert (await again.receive())["op"] == 9


async def test_too_many_sends(session: aiohttp.ClientSession) -> None:
    """Beyond 120 payloads a minute the connection is closed with 4008."""
    async with DiscordStandIn(token=TOKEN) as strict:
        socket = await connect(session, strict)
        for _ in range(125):
            await socket.send(1, None)
        answers = [await socket.receive() for _ in range(121)]
        assert answers[-1] == 4008 or await socket.receive() == 4008


async def test_identifying_too_often(session: aiohttp.ClientSession) -> None:
    """A second IDENTIFY within five seconds gets an invalid session."""
    async with DiscordStandIn(token=TOKEN) as strict:
        first = await connect(session, strict)
        assert (await first.identify(GUILDS))["t"] == "READY"
        second = await connect(session, strict)
        assert await second.identify(GUILDS) == {"t": None, "s": None, "op": 9, "d": False}


async def test_misbehaviour(
    session: aiohttp.ClientSession, standin: DiscordStandIn, room: Json
) -> None:
    """Silence, a revoked token, an outage, and a fault on the way in."""
    socket = await connect(session, standin)
    await socket.identify(GUILDS)
    assert (await socket.receive())["t"] == "GUILD_CREATE"
    standin.silence()
    await socket.send(1, 2)
    standin.set_bot_permissions(0, room["id"])
    assert (await socket.receive())["t"] == "CHANNEL_UPDATE"  # and no ACK before it
    standin.revoke_token()
    assert await socket.receive() == 4004
    standin.restore_token()
    standin.faults.add(Fault("status", "gateway", status=502))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await connect(session, standin)
    other = await connect(session, standin)
    standin.faults.outage = True
    message = await other.socket.receive(timeout=5)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    with pytest.raises(aiohttp.ClientError):
        await connect(session, standin)


async def test_kicked(session: aiohttp.ClientSession, standin: DiscordStandIn) -> None:
    """A bot that is thrown out is told GUILD_DELETE, and GUILD_CREATE when it is back."""
    socket = await connect(session, standin)
    await socket.identify(GUILDS)
    await socket.receive()
    standin.kick_bot()
    gone = await socket.receive()
    assert gone["t"] == "GUILD_DELETE"
    assert "unavailable" not in gone["d"]
    standin.invite_bot()
    assert (await socket.receive())["t"] == "GUILD_CREATE"
