"""What a failed call to Discord means."""

from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import discord
import pytest
from aiohttp.client_reqrep import ConnectionKey

from matebot.core import errors
from matebot.discord.errors import (
    IdentityRefused,
    MissingPermission,
    WebhookGone,
    core_error,
    translated,
)


def answer(status: int, code: int = 0, message: str = "No", retry_after: str = "") -> Any:
    """An error as discord.py raises it for an answer."""
    response = cast(
        "Any", SimpleNamespace(status=status, reason="R", headers={"Retry-After": retry_after})
    )
    kind = {403: discord.Forbidden, 404: discord.NotFound}.get(status, discord.HTTPException)
    return kind(response, {"code": code, "message": message})


def unreachable() -> aiohttp.ClientConnectorError:
    """A connection that was refused."""
    key = ConnectionKey(
        "discord.com",
        443,
        is_ssl=True,
        ssl=True,
        proxy=None,
        proxy_auth=None,
        proxy_headers_hash=None,
    )
    return aiohttp.ClientConnectorError(key, OSError(111, "refused"))


@pytest.mark.parametrize(
    ("error", "posting", "kind"),
    [
        (answer(401), True, errors.NotConnected),
        (answer(403, 50013), True, MissingPermission),
        (answer(403, 50001), False, errors.NoAccess),
        (answer(403, 50007), True, errors.NoAccess),
        (answer(403, 0), True, errors.TemporaryError),
        (answer(404, 10003), True, errors.RoomGone),
        (answer(404, 10008), True, errors.MessageGone),
        (answer(404, 10015), True, WebhookGone),
        (answer(401, 50027), True, WebhookGone),
        (answer(400, 50035), True, errors.PermanentError),
        (answer(400, 50035, "Bad\nIn username: no"), True, IdentityRefused),
        (answer(429), True, errors.TemporaryError),
        (answer(502), True, errors.UnsureError),
        (answer(502), False, errors.TemporaryError),
        (discord.RateLimited(3.5), True, errors.TemporaryError),
        (unreachable(), True, errors.TemporaryError),
        (aiohttp.ConnectionTimeoutError(), True, errors.TemporaryError),
        (aiohttp.ServerDisconnectedError(), True, errors.UnsureError),
        (aiohttp.ServerDisconnectedError(), False, errors.TemporaryError),
        (aiohttp.SocketTimeoutError(), True, errors.UnsureError),
        (TimeoutError(), True, errors.UnsureError),
        (ConnectionResetError(104, "reset"), True, errors.UnsureError),
    ],
)
def test_each_failure_has_its_meaning(
    error: BaseException, *, posting: bool, kind: type[errors.DeliveryError]
) -> None:
    """Every kind of failure becomes exactly the core error that tells what to do."""
    assert type(core_error(error, posting=posting)) is kind


def test_the_service_own_hint_is_kept() -> None:
    """A 429's Retry-After and the library's hint come through in seconds."""
    hinted = core_error(answer(429, retry_after="1.25"), posting=True)
    assert isinstance(hinted, errors.TemporaryError)
    assert hinted.retry_after_s == 1.25
    library = core_error(discord.RateLimited(3.5), posting=True)
    assert isinstance(library, errors.TemporaryError)
    assert library.retry_after_s == 3.5


def test_a_reason_holds_no_secret() -> None:
    """A webhook's address, wherever it stands in an error, is not told."""
    message = "POST https://discord.com/api/v10/webhooks/1/s3cr3t failed\n/webhooks/1/s3cr3t"
    text = str(core_error(answer(400, 1, message), posting=True))
    assert "s3cr3t" not in text
    assert "\n" not in text


def test_translated_cuts_the_original_off() -> None:
    """What leaves the block is a core error, with no chain that a log could print."""
    with pytest.raises(errors.RoomGone) as caught, translated():
        raise answer(404, 10003)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
