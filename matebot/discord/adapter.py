"""Webhook calls with exactly one attempt.

The library's own adapter sleeps without bound on 429, repeats a POST on 5xx (a double that nobody
wrote down) and holds a success back until its bucket has refilled.
"""

import os
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import discord
from discord.http import Route, json_or_text
from discord.webhook.async_ import AsyncWebhookAdapter

from matebot.discord.errors import BANNED_WAIT_S
from matebot.discord.learnt import Learnt

CALL_S: Final = 30.0
"""Of a call; Discord's own answers take well under a second."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=CALL_S, sock_connect=10.0)
SLOWEST: Final = 128 * 1024
"""Bytes a second of the slowest line on which an upload is still waited for."""


class OneAttempt(AsyncWebhookAdapter):
    """The library's adapter, but each request is made once and its outcome told at once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's
        self._learnt = Learnt()

    async def request(
        self,
        route: Route,
        session: aiohttp.ClientSession,
        *,
        payload: dict[str, Any] | None = None,
        multipart: list[dict[str, Any]] | None = None,
        proxy: str | None = None,
        proxy_auth: aiohttp.BasicAuth | None = None,
        files: Sequence[discord.File] | None = None,
        reason: str | None = None,
        auth_token: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> Any:
        """Make the call.

        Returns:
            The answer's JSON, or its text.

        Raises:
            discord.RateLimited: With the seconds to wait.
            discord.HTTPException: Or its subclass for the status.
            aiohttp.ClientError: And what else the network has to say.
        """
        bucket = f"{route.key} {route.major_parameters}"
        await self._learnt.turn(bucket)
        async with session.request(
            route.method,
            route.url,
            json=None if multipart else payload,
            data=_form(multipart) if multipart else None,
            headers=_headers(auth_token, reason),
            params=params,
            proxy=proxy,
            proxy_auth=proxy_auth,
            timeout=_timeout(files or ()),
        ) as response:
            data = await json_or_text(response)
            self._learnt.answered(bucket, response.headers)
            if 200 <= response.status < 300:
                return data
            failure = _failure(response, data)
            if isinstance(failure, discord.RateLimited):
                everywhere = "X-RateLimit-Global" in response.headers
                self._learnt.refused(bucket, failure.retry_after, everywhere=everywhere)
            raise failure


def _timeout(files: Sequence[discord.File]) -> aiohttp.ClientTimeout:
    """The larger its files, the longer a call may take."""
    size = sum(os.fstat(file.fp.fileno()).st_size for file in files)
    return aiohttp.ClientTimeout(total=CALL_S + size / SLOWEST, sock_connect=10.0)


def _form(multipart: list[dict[str, Any]]) -> aiohttp.FormData:
    # Discord does not take escaped brackets in the fields' names.
    form = aiohttp.FormData(quote_fields=False)
    for field in multipart:
        form.add_field(**field)
    return form


def _headers(auth_token: str | None, reason: str | None) -> dict[str, str]:
    headers = {}
    if auth_token is not None:
        headers["Authorization"] = f"Bot {auth_token}"
    if reason is not None:
        headers["X-Audit-Log-Reason"] = quote(reason, safe="/ ")
    return headers


def _failure(response: aiohttp.ClientResponse, data: Any) -> discord.DiscordException:
    match response.status:
        case 429:
            return discord.RateLimited(_retry_after(response, data))
        case 403:
            return discord.Forbidden(response, data)
        case 404:
            return discord.NotFound(response, data)
        case status if status >= 500:
            return discord.DiscordServerError(response, data)
        case _:
            return discord.HTTPException(response, data)


def _retry_after(response: aiohttp.ClientResponse, data: Any) -> float:
    """Seconds: the body's, which has fractions, or the header's; Discord always tells."""
    said = data.get("retry_after") if isinstance(data, dict) else None
    try:
        return max(0.0, float(response.headers["Retry-After"] if said is None else said))
    except (KeyError, TypeError, ValueError):
        return BANNED_WAIT_S
