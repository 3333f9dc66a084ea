"""The gate that Telegram's calls come through: who calls, with what secret, with what body.

What passes goes to the sink as it came, and 200 is answered only after the sink has returned.
Nothing of a request is ever logged; what was refused is counted, and named by its reason once a
minute.
"""

import asyncio
import hmac
import json
import logging
import math
import os
import re
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiohttp import web

from matebot.core.errors import StoreUnavailable

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


class RawUpdate(NamedTuple):
    """An update as it came.

    Attributes:
        id: Its update_id, from 0 to 2**63 - 1.
        fields: What its JSON says.
        body: Its JSON.
    """

    id: int
    fields: dict[str, Any]
    body: bytes


UpdateSink = Callable[[RawUpdate], Awaitable[None]]
"""Takes an update and returns when it rests in the database.

Raises `StoreUnavailable` when it cannot be kept now.
"""

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a name)
MAX_BODY_BYTES: Final = 1 << 20
BODY_S: Final = 20.0
"""How long a body may take to arrive."""
WARN_EVERY_S: Final = 60.0

_STATUS: Final = {
    "bad_network": 403,
    "bad_secret": 401,
    "closing": 503,
    "wrong_method": 405,
    "bad_content_type": 415,
    "too_large": 413,
    "too_slow": 408,
    "bad_json": 400,
    "store_unavailable": 503,
}
_HINTS: Final = {
    "bad_network": " (see WEBHOOK_NETWORKS, and TRUSTED_PROXIES where a proxy stands in front)",
    "bad_secret": " (another program may use the same webhook address)",
}

log = logging.getLogger(__name__)


class _Refused(Exception):
    """The request ends here, for a reason that `_STATUS` knows."""

    def __init__(self, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.headers = headers


class WebhookGate:
    """Lets Telegram's updates in, and nothing else.

    Args:
        path: Where Telegram calls, such as ``/telegram/webhook``.
        secret: What Telegram was told to show; never empty.
        networks: Where Telegram calls from.
        trusted_proxies: Whose X-Forwarded-For is believed.
        sink: Takes what passes.
        clock: Seconds that only grow, for the warnings' pace.

    Attributes:
        counts: How many requests were ``accepted``, or refused for which reason.
    """

    def __init__(
        self,
        path: str,
        secret: str,
        networks: Sequence[Network],
        trusted_proxies: Sequence[Network],
        sink: UpdateSink,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not secret:
            raise ValueError("a webhook without a secret lets everybody in")
        self.counts: Counter[str] = Counter()
        self._path = path
        self._secret = secret.encode()
        self._networks = tuple(networks)
        self._proxies = tuple(trusted_proxies)
        self._sink = sink
        self._clock = clock
        self._warned: dict[str, float] = {}
        self._closing = False

    def routes(self) -> list[web.RouteDef]:
        """One route that takes every method, for strangers are not told which one is right."""
        return [web.route("*", self._path, self._handle)]

    def close(self) -> None:
        """Refuse from now on, with a status that makes Telegram come back later."""
        self._closing = True

    async def _handle(self, request: web.Request) -> web.Response:
        try:
            self._check_head(request)
            await self._store(_update(await _read(request)))
        except _Refused as refused:
            return self._refuse(refused)
        self.counts["accepted"] += 1
        return web.Response()

    def _check_head(self, request: web.Request) -> None:
        """Raise `_Refused` for what the head alone tells: network, secret, then the rest."""
        forwarded = request.headers.getall("X-Forwarded-For", [])
        if not _among(caller(request.remote, forwarded, self._proxies), self._networks):
            raise _Refused("bad_network")
        shown = request.headers.getall(SECRET_HEADER, [])
        if len(shown) != 1 or not hmac.compare_digest(_octets(shown[0]), self._secret):
            raise _Refused("bad_secret")
        if self._closing:
            raise _Refused("closing", {"Retry-After": "5"})
        if request.method != "POST":
            raise _Refused("wrong_method", {"Allow": "POST"})
        encoding = request.headers.get("Content-Encoding", "identity")
        if request.content_type != "application/json" or encoding.strip().lower() != "identity":
            raise _Refused("bad_content_type")
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise _Refused("too_large")

    async def _store(self, update: RawUpdate) -> None:
        try:
            await self._sink(update)
        except StoreUnavailable as error:
            wait = {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
            raise _Refused("store_unavailable", wait) from error

    def _refuse(self, refused: _Refused) -> web.Response:
        reason = refused.reason
        self.counts[reason] += 1
        now = self._clock()
        if now - self._warned.get(reason, -math.inf) >= WARN_EVERY_S:
            self._warned[reason] = now
            times, hint = self.counts[reason], _HINTS.get(reason, "")
            log.warning("webhook: refused a call, %s, number %d of its kind%s", reason, times, hint)
        return web.Response(status=_STATUS[reason], headers=refused.headers)


def caller(
    peer: str | None, forwarded: Iterable[str], trusted_proxies: tuple[Network, ...]
) -> Address | None:
    """Tell who really calls.

    Args:
        peer: The address at the other end of the connection.
        forwarded: The X-Forwarded-For headers, each a list parted by commas. They are believed if
            the peer is a trusted proxy, from the right to the first that is none: what stands
            before that may be forged.
        trusted_proxies: The proxies to believe.

    Returns:
        The address, an IPv4 one even where it came in IPv6 clothes; None for what is no address.
    """
    address = _address(peer or "")
    hops = [hop for line in forwarded for hop in line.split(",")]
    while hops and _among(address, trusted_proxies):
        address = _address(hops.pop())
    return address


_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::\d+)?|(?P<v4>[\d.]+):\d+")


# The same few callers again and again; who forges addresses only pushes them out.
@lru_cache(maxsize=256)
def _address(text: str) -> Address | None:
    text = text.strip()
    if match := _WITH_PORT.fullmatch(text):
        text = match["v6"] or match["v4"]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


@lru_cache(maxsize=256)
def _among(address: Address | None, networks: tuple[Network, ...]) -> bool:
    return address is not None and any(address in network for network in networks)


def _octets(header: str) -> bytes:
    return header.encode("utf-8", "surrogateescape")  # as aiohttp decoded it


async def _read(request: web.Request) -> bytes:
    """Read the body, however it is sent, and no more of it than the limit."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise _Refused("too_large")
    except TimeoutError:
        raise _Refused("too_slow") from None
    except web.RequestPayloadError:
        raise _Refused("bad_json") from None
    return bytes(body)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _update(body: bytes) -> RawUpdate:
    """What a body holds; `_Refused` unless that is a JSON object with an id fit for a database."""
    try:
        fields = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _Refused("bad_json") from None
    number = fields.get("update_id") if isinstance(fields, dict) else None
    if type(number) is not int or not 0 <= number < 1 << 63:
        raise _Refused("bad_json")
    return RawUpdate(number, fields, body)


def kept_secret(path: Path) -> str:
    """The webhook's secret that was made at an earlier start, or a new one, kept in a file (0600).

    Raises:
        OSError: The file can be neither read nor written.
    """
    try:
        secret = path.read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        secret = ""
    if re.fullmatch(r"[A-Za-z0-9_-]{32,256}", secret):
        return secret
    secret = secrets.token_urlsafe(48)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # never open to others
    try:
        os.write(file, secret.encode())
        os.fsync(file)
    finally:
        os.close(file)
    draft.replace(path)
    return secret
