"""Stand-ins that do no more than answer at once: the Bot API, Discord's API, and the gateway.

They run outside the daemon's process and tell each copy the moment that its request came in. What
the daemon asks for and they do not know is a mistake of the benchmark's, and told as one.
"""

import json
import re
import time
import zlib
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, NamedTuple, Self

from aiohttp import web

from tests.benchmarks import places
from tests.benchmarks.places import Json

_NUMBER: Final = re.compile(rb"Message[+ ](\d+)")
_CHAT: Final = re.compile(rb'"chat_id": ?(-\d+)')
_API: Final = "/api/v10"
_EXECUTE: Final = f"{_API}/webhooks/"


class Way(Enum):
    """Which way a message goes."""

    TO_DISCORD = "Telegram to Discord"
    TO_TELEGRAM = "Discord to Telegram"


class Arrival(NamedTuple):
    """A request that posts a copy.

    Attributes:
        way: Which way it went.
        bridge: Its bridge.
        number: The message's.
        at: When the request came in, by `time.perf_counter`.
    """

    way: Way
    bridge: int
    number: int
    at: float


class Services:
    """Both services on one port.

    Args:
        bridges: How many there are.
        arrived: Told each copy.

    Attributes:
        unknown: What was asked for and is not known here.
        read: The channels whose history was asked for: as many have caught up, or nearly so.
    """

    def __init__(self, bridges: int, arrived: Callable[[Arrival], None]) -> None:
        self._bridges = bridges
        self._arrived = arrived
        self._ids = places.Snowflakes()
        self._gateway = _Gateway(bridges)
        self._sent = dict.fromkeys(range(bridges), 1_000_000_000)
        self._webhook_url = ""
        self.unknown: set[str] = set()
        self.read: set[int] = set()
        self.port = 0
        self._runner = web.ServerRunner(web.Server(self._serve))

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, shutdown_timeout=1.0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._gateway.url = f"ws://127.0.0.1:{self.port}/gateway"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def settings(self) -> dict[str, str]:
        """Where the daemon finds them, without ``MATEBOT_``."""
        url = f"http://127.0.0.1:{self.port}"
        return {
            "TELEGRAM_API_URL": url,
            "DISCORD_API_URL": url + _API,
            "DISCORD_GATEWAY_URL": self._gateway.url,
            "DISCORD_CDN_URL": f"{url}/cdn",
        }

    def new_message_id(self, bridge: int) -> int:
        """The id of a person's next message in a group."""
        self._sent[bridge] += 1
        return self._sent[bridge]

    async def say_on_discord(self, bridge: int, number: int) -> None:
        """Have a person say something."""
        told = places.said_on_discord(bridge, self._ids.next(), number)
        await self._gateway.dispatch("MESSAGE_CREATE", told)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        at = time.perf_counter()
        path = request.path
        if path.startswith("/gateway"):
            return await self._gateway.serve(request)
        body = await request.read()
        if path.startswith(_EXECUTE):
            return await self._execute(request, path, body, at)
        if path.startswith("/bot"):
            return _answer(self._telegram(path.rpartition("/")[2], body, at))
        if path.startswith(_API):
            return _answer(self._discord(request.method, path[len(_API) :], body))
        self.unknown.add(path)
        return web.Response(status=404)

    # Discord

    async def _execute(
        self, request: web.BaseRequest, path: str, body: bytes, at: float
    ) -> web.StreamResponse:
        """Post through a webhook; the gateway tells of it, as the real one does."""
        bridge = places.bridge_of_hook(int(path[len(_EXECUTE) :].partition("/")[0]))
        self._note(Way.TO_DISCORD, bridge, body, at)
        posted = places.posted_by_hook(bridge, self._ids.next(), json.loads(body))
        response = _answer(posted)
        await response.prepare(request)
        await response.write_eof()
        await self._gateway.dispatch(
            "MESSAGE_CREATE", posted | {"guild_id": str(places.guild(bridge))}
        )
        return response

    def _note(self, way: Way, bridge: int, body: bytes, at: float) -> None:
        found = _NUMBER.search(body)
        if found is None:
            self.unknown.add(f"a copy of no message: {body[:100]!r}")
        else:
            self._arrived(Arrival(way, bridge, int(found[1]), at))

    def _discord(self, method: str, path: str, body: bytes) -> Any:
        match method, path.strip("/").split("/"):
            case "GET", ["users", "@me"]:
                return places.bot_user()
            case "GET", ["oauth2", "applications", "@me"]:
                return _application()
            case "PUT", ["applications", _, "commands"]:
                return json.loads(body)
            case "GET", ["channels", channel]:
                return places.channel_of(places.bridge_of_channel(int(channel)))
            case "GET", ["channels", channel, "messages"]:
                self.read.add(places.bridge_of_channel(int(channel)))
                return []
            case "GET", ["channels", channel, "webhooks"]:
                return [places.webhook(places.bridge_of_channel(int(channel)))]
            case "GET", ["guilds", _, "members", "search"]:
                return []
            case _:
                self.unknown.add(f"{method} {path}")
                return {"message": "404: Not Found", "code": 0}

    # Telegram

    def _telegram(self, method: str, body: bytes, at: float) -> Json:
        result: Any
        match method:
            case "sendMessage":
                result = self._send(body, at)
            case "getMe":
                result = _bot()
            case "setWebhook":
                self._webhook_url = json.loads(body)["url"]
                result = True
            case "getWebhookInfo":
                result = {"url": self._webhook_url, "pending_update_count": 0}
                result["has_custom_certificate"] = False
            case "setMyCommands" | "sendChatAction" | "editMessageReplyMarkup":
                result = True
            case "getUserProfilePhotos":
                result = {"total_count": 0, "photos": []}
            case "getChat":
                result = {"id": json.loads(body)["chat_id"], "type": "supergroup"}
                result |= {"accent_color_id": 0, "max_reaction_count": 11}
                result["accepted_gift_types"] = {}
            case _:
                self.unknown.add(method)
                return {"ok": False, "error_code": 404, "description": "Not Found"}
        return {"ok": True, "result": result}

    def _send(self, body: bytes, at: float) -> Json:
        chat = _CHAT.search(body)
        if chat is None:
            self.unknown.add(f"sendMessage without a chat: {body[:100]!r}")
            return {}
        bridge = places.bridge_of_group(int(chat[1]))
        self._note(Way.TO_TELEGRAM, bridge, body, at)
        return {
            "message_id": self.new_message_id(bridge),
            "from": {"id": places.BOT_ID, "is_bot": True, "first_name": "M", "username": "mbot"},
            "chat": {"id": int(chat[1]), "title": f"Group {bridge}", "type": "supergroup"},
            "date": int(time.time()),
            "text": "as it was asked for",
        }


class _Gateway:
    """One client's session, which ends with its connection."""

    def __init__(self, bridges: int) -> None:
        self._bridges = bridges
        self._socket: web.WebSocketResponse | None = None
        self._packer = zlib.compressobj()
        self._sequence = 0
        self.url = ""

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Hold the client until it goes."""
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        self._socket, self._packer, self._sequence = socket, zlib.compressobj(), 0
        await self._send({"op": 10, "d": {"heartbeat_interval": 41_250}})
        async for message in socket:
            await self._take(json.loads(message.data))
        return socket

    async def _take(self, payload: Json) -> None:
        if payload["op"] == 1:
            await self._send({"op": 11})
        elif payload["op"] == 2:
            guilds = places.guilds(self._bridges)
            await self.dispatch("READY", self._ready(guilds))
            for guild in guilds:
                await self.dispatch("GUILD_CREATE", guild)

    def _ready(self, guilds: list[Json]) -> Json:
        return {
            "v": 10,
            "user": places.bot_user(),
            "session_id": "of-the-benchmark",
            "resume_gateway_url": self.url,
            "guilds": [{"id": guild["id"], "unavailable": True} for guild in guilds],
            "application": {"id": str(places.APPLICATION), "flags": 1 << 19},
            "private_channels": [],
            "shard": [0, 1],
        }

    async def dispatch(self, name: str, data: Json) -> None:
        """Send an event."""
        self._sequence += 1
        packed = self._packed({"t": name, "s": self._sequence, "op": 0, "d": data})
        if self._socket is not None and not self._socket.closed:
            await self._socket.send_bytes(packed)

    async def _send(self, payload: Json) -> None:
        if self._socket is not None:
            await self._socket.send_bytes(self._packed({"t": None, "s": None, **payload}))

    def _packed(self, payload: Json) -> bytes:
        text = json.dumps(payload, separators=(",", ":")).encode()
        return self._packer.compress(text) + self._packer.flush(zlib.Z_SYNC_FLUSH)


def _answer(data: Any) -> web.Response:
    return web.Response(body=json.dumps(data).encode(), content_type="application/json")


def _bot() -> Json:
    return {
        "id": places.BOT_ID,
        "is_bot": True,
        "first_name": "MateBot",
        "username": "matebot_bot",
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
    }


def _application() -> Json:
    return {
        "id": str(places.APPLICATION),
        "name": "MateBot",
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "flags": 1 << 19,
        "summary": "",
        "owner": places.bot_user(),
    }
