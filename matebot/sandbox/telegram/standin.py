"""The Telegram stand-in: a Bot API on the loopback, and the hands of the people who use it."""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import aiohttp

from matebot.sandbox.faults import Faults
from matebot.sandbox.telegram.people import People
from matebot.sandbox.telegram.posting import head
from matebot.sandbox.telegram.server import Server
from matebot.sandbox.telegram.state import Call, build
from matebot.sandbox.telegram.webhook import Route, Webhook
from matebot.sandbox.telegram.world import World

Json = dict[str, Any]
T = TypeVar("T")


class TelegramStandIn(People):
    """One bot's Telegram, at least as strict as the real one; an async context manager.

    Args:
        token: The bot's token, ``<digits>:<anything>``; the digits are its id.
        bot_username: Without the at sign.
        factor: How many times faster than in life the rate limits refill.
        limited: False switches the rates off (never the sizes).
        port: Where to listen; 0 is any free port.
        local: As a Bot API server of one's own: webhooks by http and to any port, no file limits.
        clock: Seconds that only grow, for the rates.
        now: Unix seconds, for dates and ages.
    """

    def __init__(
        self,
        *,
        token: str,
        bot_username: str = "matebot",
        bot_name: str = "MateBot",
        factor: float = 1.0,
        limited: bool = True,
        port: int = 0,
        local: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.faults = Faults()
        world = World(token, bot_username, bot_name, now)
        self.state = build(world, factor=factor, limited=limited, clock=clock)
        self.state.local = local
        self._server = Server(self.state, self.faults)
        self._port = port
        self._group = asyncio.TaskGroup()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Listen, and begin to call the webhook once there is one."""
        await self._server.start(self._port)
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        start = self._group.create_task
        self.state.caller.open(self._session, start, on_reply=self._server.run_reply)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop everything; what the world holds can still be looked at."""
        self.state.caller.close()
        # Without the body's own error: a group would wrap it, and a test's failure is its own.
        try:
            await self._group.__aexit__(None, None, None)
        finally:
            if self._session is not None:
                await self._session.close()
            await self._server.stop()

    # how it runs

    @property
    def url(self) -> str:
        """Where it listens, for the bot's API address."""
        return f"http://127.0.0.1:{self._server.port or self._port}"

    async def stop_listening(self) -> None:
        """Be unreachable: connections are refused until `start_on`."""
        self._port = self._server.port
        await self._server.stop()

    async def start_on(self, port: int) -> None:
        """Listen (again) on this port.

        Raises:
            OSError: The port is taken.
        """
        await self._server.stop()
        await self._server.start(port)
        self._port = port

    def revoke_token(self) -> None:
        """Have all calls answered 401 from now on."""
        self.state.world.revoked = True

    @property
    def privacy_mode(self) -> bool:
        """Whether the bot sees only what is meant for it, where it is no administrator."""
        return self.state.world.privacy_mode

    @privacy_mode.setter
    def privacy_mode(self, on: bool) -> None:
        self.state.world.privacy_mode = on

    @property
    def bot(self) -> Json:
        """The bot's ``User``."""
        return self.state.world.bot

    # files

    @property
    def slow_videos(self) -> bool:
        """Whether the bot's videos are processed first: calls then tell ``message_id`` 0."""
        return self.state.slow_videos

    @slow_videos.setter
    def slow_videos(self, on: bool) -> None:
        self.state.slow_videos = on

    def finish_videos(self) -> list[Json]:
        """The videos are processed: they appear in their chats, and nobody tells the bot."""
        finished = []
        for chat, fields in self.state.processed:
            message = head(self.state, chat) | fields
            self.state.world.put(chat, message, own=True)
            self.state.show("message", chat, message)
            finished.append(message)
        self.state.processed.clear()
        return finished

    def expire_file_paths(self) -> None:
        """Have every path that getFile told lead nowhere any more."""
        self.state.files.expire_paths()

    def forget_file(self, file_id: str) -> None:
        """Have getFile and sending by this id be refused from now on."""
        self.state.files.forget(file_id)

    def file(self, file_id: str) -> bytes:
        """The bytes of a file in a message.

        Raises:
            KeyError: There is none.
        """
        return self.file_path(file_id).read_bytes()

    def file_path(self, file_id: str) -> Path:
        """Where the bytes of a file in a message are on disk.

        Raises:
            KeyError: There is none.
        """
        stored = self.state.files.get(file_id)
        if stored is None:
            raise KeyError(file_id)
        return stored.place

    # the webhook

    @property
    def webhook(self) -> Webhook | None:
        """What the bot registered."""
        return self.state.caller.webhook

    @property
    def webhook_ssl(self) -> ssl.SSLContext | None:
        """How https webhooks are verified; None: the uploaded certificate, else the usual CAs."""
        return self.state.caller.ssl

    @webhook_ssl.setter
    def webhook_ssl(self, context: ssl.SSLContext | None) -> None:
        self.state.caller.ssl = context

    def route_webhook(self, host_port: tuple[str, int] | None, *, plain_http: bool = False) -> None:
        """Deliver to this address whatever the webhook's host is; Host and SNI stay its own.

        Args:
            host_port: None: as the URL says.
            plain_http: Speak http and add the headers of the proxy that took the TLS off.
        """
        self.state.caller.route = Route(*host_port, plain_http) if host_port else None

    @property
    def repeat_updates(self) -> bool:
        """Whether every update is sent twice."""
        return self.state.caller.repeat

    @repeat_updates.setter
    def repeat_updates(self, on: bool) -> None:
        self.state.caller.repeat = on

    @property
    def pending_updates(self) -> list[Json]:
        """The updates that the bot has not taken yet, by id."""
        return [update.body for update in self.state.updates.waiting()]

    def push_raw(self, update_fields: Json, *, queue: str = "raw") -> int:
        """Queue any update, whatever the bot wants; its update_id.

        Updates of one ``queue`` keep their order.
        """
        update = self.state.updates.add_raw(update_fields, queue)
        self.state.caller.wake()
        self.state.changes.wake()
        return update.id

    # the books

    @property
    def calls(self) -> deque[Call]:
        """Every call the bot made, the oldest first; bounded."""
        return self.state.calls

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    def messages(self, chat_id: int) -> list[Json]:
        """What stands in a chat, in order; ephemeral ones have an ``ephemeral_message_id``."""
        chat = self.state.world.chats.get(chat_id)
        return list(chat.messages.values()) if chat else []

    def bot_messages(self, chat_id: int) -> list[Json]:
        """What stands in a chat of what the bot wrote, without service and ephemeral messages."""
        chat = self.state.world.chats.get(chat_id)
        if chat is None:
            return []
        keys = (key for key in chat.messages if key > 0 and key in chat.own - chat.service)
        return [chat.messages[key] for key in keys]

    def message(self, chat_id: int, message_id: int) -> Json | None:
        """One message as it stands now."""
        chat = self.state.world.chats.get(chat_id)
        return chat.messages.get(message_id) if chat else None

    def ephemerals(self, chat_id: int) -> list[Json]:
        """The ephemeral messages of a chat, people's commands and the bot's answers."""
        return [one for one in self.messages(chat_id) if one.get("ephemeral_message_id")]

    def reactions(self, chat_id: int, message_id: int) -> dict[int, list[str]]:
        """The emoji under a message, by user id (the bot's own included)."""
        return dict(self._chat(chat_id).reactions.get(message_id, {}))

    def pinned(self, chat_id: int) -> list[int]:
        """The ids of the pinned messages, the most recent last."""
        return list(self._chat(chat_id).pinned)

    @property
    def custom_emoji(self) -> dict[str, str]:
        """The ordinary emoji that custom ones stand for, by their ids; tests fill it."""
        return self.state.custom_emoji

    async def wait_for(
        self, predicate: Callable[[], T | Literal[False] | None], timeout_s: float = 10.0
    ) -> T:
        """The predicate's first true value; it is looked at again after every change.

        Raises:
            TimeoutError: It stayed untrue; the text tells the state then.
        """
        return await self.state.changes.wait_for(predicate, timeout_s, self.describe)

    def watch(self) -> AsyncIterator[Json]:
        """Every change from now on: ``{"kind": "message", ...}``, "edit", "delete", "typing"..."""
        return self.state.changes.watch()

    def describe(self) -> str:
        """The state in words: chats with their last messages, the last calls, what waits."""
        lines = []
        for chat in self.state.world.chats.values():
            last = [_brief(message) for message in list(chat.messages.values())[-5:]]
            lines.append(f"chat {chat.id} ({len(chat.messages)}): {' | '.join(last)}")
        called = [call.method for call in list(self.calls)[-10:]]
        url = self.webhook.url if self.webhook else None
        lines.append(f"last calls: {', '.join(called) or 'none'}")
        lines.append(f"{len(self.pending_updates)} updates wait for the webhook {url}")
        if self.state.caller.last_error_message:
            lines.append(f"last webhook error: {self.state.caller.last_error_message}")
        return "; ".join(lines)


def _brief(message: Json) -> str:
    content = message.get("text") or message.get("caption")
    if content is None:
        known = ("message_id", "date", "chat", "from", "sender_chat")
        content = ",".join(name for name in message if name not in known)
    return f"#{message['message_id']} {str(content)[:60]!r}"
