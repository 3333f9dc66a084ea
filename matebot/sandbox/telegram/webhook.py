"""Calling the bot's webhook, as Telegram does: in order, again until it is answered 2xx.

The delays are short here (0.1 s doubling to 2 s); what is too old is dropped after 24 h.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from matebot.sandbox.telegram.changes import Changes
from matebot.sandbox.telegram.limits import WEBHOOK_DEFAULT_CONNECTIONS
from matebot.sandbox.telegram.updates import Update, Updates

Json = dict[str, Any]
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 2.0
ANSWER_TIMEOUT_S = 60.0
CALLER_ADDRESS = "149.154.167.197"  # one of those that Telegram calls from
# What a webhook's answer may not ask for: it would get no result.
NOT_IN_ANSWERS = ("deletewebhook", "setwebhook", "close", "logout")


@dataclass(frozen=True, slots=True)
class Webhook:
    """What setWebhook registered.

    Attributes:
        certificate: The uploaded PEM, None where none was.
        ip_address: Where to connect to instead of what the URL's host resolves to.
    """

    url: str
    secret_token: str = ""
    certificate: bytes | None = None
    allowed_updates: tuple[str, ...] = ()
    max_connections: int = WEBHOOK_DEFAULT_CONNECTIONS
    ip_address: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A local address that stands in for whatever the webhook's URL names.

    Attributes:
        plain_http: The TLS was taken off by a proxy before it, which says so in headers.
    """

    host: str
    port: int
    plain_http: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an update was not taken, and how long the bot asked to be left alone (0: did not)."""

    message: str
    retry_after_s: float = 0.0


class WebhookCaller:
    """Delivers what waits: one worker for each queue that has something, while a webhook is set.

    Args:
        updates: What waits.
        changes: Told of each delivery.
    """

    def __init__(self, updates: Updates, changes: Changes) -> None:
        self.webhook: Webhook | None = None
        self.ssl: ssl.SSLContext | None = None
        self.route: Route | None = None
        self.repeat = False
        self.last_error_date: int | None = None
        self.last_error_message: str | None = None
        self._updates = updates
        self._changes = changes
        self._on_reply: Callable[[str, Json], object] | None = None
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(WEBHOOK_DEFAULT_CONNECTIONS)
        self._again = asyncio.Event()
        self._context: ssl.SSLContext | None = None
        self._session: aiohttp.ClientSession | None = None
        self._start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]] | None = None

    def open(
        self,
        session: aiohttp.ClientSession,
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        *,
        on_reply: Callable[[str, Json], object],
    ) -> None:
        """Begin.

        Args:
            session: What calls are made with.
            start: Starts a worker in its owner's task group.
            on_reply: Runs a method that the bot put into its answer.
        """
        self._on_reply = on_reply
        self._session = session
        self._start = start
        self.wake()

    def close(self) -> None:
        """Stop all workers; what waits stays."""
        self._start = None
        for worker in self._workers.values():
            worker.cancel()

    def register(self, webhook: Webhook | None) -> None:
        """Call this from now on, or nothing; what waits is tried at once."""
        self.webhook = webhook
        self._context = None
        self.last_error_date = self.last_error_message = None
        if webhook is not None:
            self._slots = asyncio.Semaphore(webhook.max_connections)
        self._again.set()
        self._again = asyncio.Event()
        self.wake()

    def wake(self) -> None:
        """See to it that every queue has a worker."""
        if self.webhook is None or self._start is None:
            return
        for queue in self._updates.queues:
            if queue not in self._workers:
                self._workers[queue] = self._start(self._work(queue))

    async def _work(self, queue: str) -> None:
        """Deliver a queue until it is empty."""
        delay_s = FIRST_DELAY_S
        try:
            while self.webhook is not None and (update := self._updates.head(queue)) is not None:
                failure = await self._deliver(self.webhook, update)
                if failure is None:
                    self._updates.done(update)
                    self._changes.tell("delivered", update_id=update.id)
                    delay_s = FIRST_DELAY_S
                    continue
                self._note(failure)
                await self._rest(failure.retry_after_s or delay_s)
                delay_s = min(delay_s * 2, LONGEST_DELAY_S)
        finally:
            self._workers.pop(queue, None)

    async def _rest(self, seconds: float) -> None:
        """Wait before the next try; a new setWebhook ends the wait."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._again.wait()

    def _note(self, failure: Failure) -> None:
        self.last_error_date = int(time.time())
        self.last_error_message = failure.message
        self._changes.tell("webhook_error", message=failure.message)

    async def _deliver(self, webhook: Webhook, update: Update) -> Failure | None:
        async with self._slots:
            failure = await self._post(webhook, update.body)
            if failure is None and self.repeat:
                await self._post(webhook, update.body)
        return failure

    async def _post(self, webhook: Webhook, body: Json) -> Failure | None:
        """Make one call.

        Returns:
            None where it was taken, else why not.
        """
        if self._session is None:
            raise RuntimeError("the stand-in is not running")
        url, headers, options = self._request(webhook)
        try:
            async with self._session.post(
                url, json=body, headers=headers, allow_redirects=False, **options
            ) as answer:
                if not 200 <= answer.status <= 299:
                    reason = f"{answer.status} {answer.reason}"
                    asked = answer.headers.get("Retry-After", "")
                    wait_s = float(asked) if asked.isdecimal() else 0.0
                    return Failure(f"Wrong response from the webhook: {reason}", wait_s)
                if answer.content_type == "application/json":
                    self._answered(await answer.json())
                else:
                    await answer.read()
                return None
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            return Failure(f"SSL error {{{error}}}")
        except (aiohttp.ClientConnectionError, OSError, TimeoutError) as error:
            return Failure(f"Connection failed: {type(error).__name__}")
        except (aiohttp.ClientError, ValueError) as error:
            return Failure(f"Wrong response from the webhook: {type(error).__name__}")

    def _answered(self, answer: Any) -> None:
        """Run the method that the bot put into its answer, if it did."""
        if not isinstance(answer, dict) or not isinstance(answer.get("method"), str):
            return
        method = answer["method"]
        useless = method.lower() in NOT_IN_ANSWERS or method.lower().startswith("get")
        if self._on_reply is not None and not useless:
            self._on_reply(method, {k: v for k, v in answer.items() if k != "method"})

    def _request(self, webhook: Webhook) -> tuple[str, dict[str, str], Json]:
        """URL, headers and options of a call, by the route and the certificate in use."""
        parts = urlsplit(webhook.url)
        options: Json = {"timeout": aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S)}
        headers = {"Host": parts.netloc.rpartition("@")[2], "Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        scheme, address = parts.scheme, parts.netloc
        if self.route is not None:
            address = f"{self.route.host}:{self.route.port}"
            if self.route.plain_http:
                scheme = "http"
                headers |= {"X-Forwarded-For": CALLER_ADDRESS, "X-Forwarded-Proto": parts.scheme}
        elif webhook.ip_address:
            port = parts.port or (443 if scheme == "https" else 80)
            literal = webhook.ip_address
            address = f"[{literal}]:{port}" if ":" in literal else f"{literal}:{port}"
        if scheme == "https":
            options["ssl"] = self._trusted(webhook)
            if address != parts.netloc:
                options["server_hostname"] = parts.hostname
        return urlunsplit((scheme, address, parts.path or "/", parts.query, "")), headers, options

    def _trusted(self, webhook: Webhook) -> ssl.SSLContext:
        """Whom to trust: as told, else the uploaded certificate alone, else the usual CAs.

        One context for each registration, for connections are kept by it.
        """
        if self.ssl is not None:
            return self.ssl
        if self._context is None:
            own = webhook.certificate
            self._context = trusting(own) if own else ssl.create_default_context()
        return self._context


def trusting(certificate: bytes) -> ssl.SSLContext:
    """A client's context that believes this certificate (PEM) and no other.

    Raises:
        ValueError: It is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=certificate.decode("ascii"))
    except ssl.SSLError as error:
        raise ValueError(f"no certificate: {error.reason}") from None
    return context
