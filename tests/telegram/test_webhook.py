"""The webhook's gate over real sockets: who passes, and what everybody else is told."""

import asyncio
import io
import json
import logging
import string
from collections.abc import AsyncIterator, Mapping, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.errors import StoreUnavailable
from matebot.telegram import webhook
from matebot.telegram.webhook import (
    MAX_BODY_BYTES,
    SECRET_HEADER,
    RawUpdate,
    WebhookGate,
    caller,
    kept_secret,
)
from matebot.web.server import WebServer, build_app

PATH = "/telegram/webhook"
SECRET = "s3cret_-word"
TELEGRAM = "149.154.167.197"
NETWORKS = (ip_network("149.154.160.0/20"), ip_network("2001:db8:1::/48"))
PROXIES = (ip_network("127.0.0.1"), ip_network("::1"), ip_network("10.0.0.0/8"))
UPDATE = b'{"update_id": 7, "message": {"text": "ol\xc3\xa1"}}'
GOOD = {SECRET_HEADER: SECRET, "X-Forwarded-For": TELEGRAM, "Content-Type": "application/json"}


class Sink:
    """Keeps what passed; waits, or fails, when told to."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.go = asyncio.Event()
        self.go.set()
        self.entered = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, update: RawUpdate) -> None:
        self.entered.set()
        await self.go.wait()
        if self.error is not None:
            raise self.error
        assert update.fields == json.loads(update.body)
        assert update.fields["update_id"] == update.id
        self.kept.append(update.body)


class Front:
    """A gate behind a real server, and a client to call it."""

    def __init__(
        self, gate: WebhookGate, sink: Sink, port: int, http: aiohttp.ClientSession
    ) -> None:
        self.gate, self.sink, self.port, self.http = gate, sink, port, http

    async def call(
        self,
        body: bytes | io.BytesIO | AsyncIterator[bytes] = UPDATE,
        headers: Mapping[str, str] = GOOD,
        method: str = "POST",
    ) -> tuple[int, Mapping[str, str]]:
        url = f"http://127.0.0.1:{self.port}{PATH}"
        async with self.http.request(method, url, data=body, headers=headers) as answer:
            assert await answer.read() == b""
            return answer.status, answer.headers

    def refused(self, reason: str) -> bool:
        """Nothing was kept, and this reason alone was counted."""
        return not self.sink.kept and self.gate.counts == {reason: 1}


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    sink = Sink()
    gate = WebhookGate(PATH, SECRET, NETWORKS, PROXIES, sink)
    async with (
        WebServer(build_app(gate.routes()), "127.0.0.1", 0) as server,
        aiohttp.ClientSession() as http,
    ):
        yield Front(gate, sink, server.port, http)


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_an_update_goes_to_the_sink_as_it_came(front: Front) -> None:
    """The sink gets the very bytes; 200 without a body, and it is counted."""
    status, _ = await front.call()
    assert (status, front.sink.kept, front.gate.counts) == (200, [UPDATE], {"accepted": 1})


async def test_a_chunked_body_passes_too(front: Front) -> None:
    """A proxy may send the body in chunks without telling its length."""
    status, _ = await front.call(chunks(UPDATE[:9], UPDATE[9:]))
    assert (status, front.sink.kept) == (200, [UPDATE])


async def test_the_answer_waits_for_the_sink(front: Front) -> None:
    """200 comes after the sink has returned, not before."""
    front.sink.go.clear()
    async with asyncio.TaskGroup() as group:
        answer = group.create_task(front.call())
        await front.sink.entered.wait()
        assert not front.gate.counts
        assert not answer.done()
        front.sink.go.set()
    assert answer.result()[0] == 200


async def test_a_store_that_does_not_write_asks_to_come_back(front: Front) -> None:
    """503 with the whole seconds after which to try again."""
    front.sink.error = StoreUnavailable("disk full", retry_after_s=2.2)
    status, headers = await front.call()
    assert (status, headers["Retry-After"]) == (503, "3")
    assert front.refused("store_unavailable")


async def test_a_failing_sink_is_a_500(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    """What the sink did not foresee makes Telegram come back; nothing of the update is logged."""
    front.sink.error = ValueError("olá")
    status, _ = await front.call()
    assert (status, front.gate.counts["accepted"]) == (500, 0)
    assert "ValueError" in caplog.text
    assert "olá" not in caplog.text


async def test_a_closing_gate_asks_to_come_back(front: Front) -> None:
    """During the shutdown Telegram is told 503, strangers what they are always told."""
    front.gate.close()
    status, headers = await front.call()
    assert (status, headers["Retry-After"]) == (503, "5")
    assert (await front.call(headers={**GOOD, SECRET_HEADER: "x"}))[0] == 401


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({SECRET_HEADER: "s3cret_-wore"}, 401, "bad_secret"),
        ({SECRET_HEADER: ""}, 401, "bad_secret"),
        ({SECRET_HEADER: "sécret\N{SNOWMAN}"}, 401, "bad_secret"),
        ({SECRET_HEADER: None}, 401, "bad_secret"),
        ({"X-Forwarded-For": "203.0.113.9"}, 403, "bad_network"),
        ({"X-Forwarded-For": f"{TELEGRAM}, 203.0.113.9"}, 403, "bad_network"),
        ({"X-Forwarded-For": "2001:db8:2::1"}, 403, "bad_network"),
        ({"X-Forwarded-For": "garbage"}, 403, "bad_network"),
        ({"X-Forwarded-For": ""}, 403, "bad_network"),
        ({"X-Forwarded-For": None}, 403, "bad_network"),
        ({"X-Forwarded-For": f"{TELEGRAM},"}, 403, "bad_network"),
        ({"Content-Type": "text/plain"}, 415, "bad_content_type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "bad_content_type"),
        ({"Content-Type": ";;;"}, 415, "bad_content_type"),
        ({"Content-Encoding": "gzip"}, 415, "bad_content_type"),
        ({"Content-Type": "application/json; charset=utf-8"}, 200, "accepted"),
        ({"X-Forwarded-For": f"203.0.113.9, {TELEGRAM}, 10.0.0.2"}, 200, "accepted"),
        ({"X-Forwarded-For": f"{TELEGRAM}:41234"}, 200, "accepted"),
        ({"X-Forwarded-For": f"::ffff:{TELEGRAM}"}, 200, "accepted"),
        ({"X-Forwarded-For": "[2001:db8:1::5]:443"}, 200, "accepted"),
    ],
)
async def test_heads(front: Front, change: dict[str, str | None], status: int, reason: str) -> None:
    """Each wrong header gets the fitting status and count; the odd but right ones pass."""
    merged: dict[str, str | None] = {**GOOD, **change}
    headers = {name: value for name, value in merged.items() if value is not None}
    if "Content-Type" not in headers:
        headers["Content-Type"] = "application/octet-stream"
    assert (await front.call(headers=headers))[0] == status
    assert front.gate.counts == {reason: 1}
    assert bool(front.sink.kept) == (status == 200)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "PROPFIND"])
async def test_methods(front: Front, method: str) -> None:
    """405 to who may ask at all; strangers learn nothing of it."""
    status, headers = await front.call(b"", method=method)
    assert (status, headers["Allow"]) == (405, "POST")
    assert front.refused("wrong_method")
    assert (await front.call(b"", headers={}, method=method))[0] == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"7",
        b"[]",
        b'[{"update_id": 7}]',
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": 7.0}',
        b'{"update_id": true}',
        b'{"update_id": null}',
        b'{"update_id": -1}',
        b'{"update_id": 9223372036854775808}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": 7, "x": NaN}',
        b'{"update_id": 7} {}',
        b'{"update_id": 7, "x": "\xff"}',
        '{"update_id": 7}'.encode("utf-16"),
        b'\xef\xbb\xbf{"update_id": 7}',
        b'{"update_id": 7, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x":' * 100_000,
    ],
    ids=range(21),
)
async def test_bodies_that_are_no_update(front: Front, body: bytes) -> None:
    """400 for what is no JSON object with an integer update_id, however deep or strange."""
    assert (await front.call(body))[0] == 400
    assert front.refused("bad_json")


async def test_the_limit_on_size_is_exact(front: Front) -> None:
    """1 MiB passes, one byte more is 413: with a length told, and in chunks without one."""
    full = UPDATE + b" " * (MAX_BODY_BYTES - len(UPDATE))
    assert (await front.call(full))[0] == 200
    assert (await front.call(io.BytesIO(full + b" ")))[0] == 413
    assert (await front.call(chunks(full, b" ")))[0] == 413
    assert front.gate.counts == {"accepted": 1, "too_large": 2}


async def test_a_slow_body_is_not_waited_for(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """408 when the body does not arrive in time."""
    monkeypatch.setattr(webhook, "BODY_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in GOOD.items())
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 90\r\n\r\n{{".encode())
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert front.refused("too_slow")


async def test_two_secrets_are_none(front: Front) -> None:
    """A second secret header is no way to try twice."""
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    head = "".join(f"{name}: {value}\r\n" for name, value in GOOD.items())
    twice = f"{head}{SECRET_HEADER}: {SECRET}\r\nContent-Length: {len(UPDATE)}\r\n\r\n"
    writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{twice}".encode() + UPDATE)
    assert b" 401 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert front.refused("bad_secret")


async def test_refusals_are_told_once_a_minute_without_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A flood makes one line a minute and reason; the line holds nothing of the request."""
    now = [100.0]
    gate = WebhookGate(PATH, SECRET, NETWORKS, PROXIES, Sink(), clock=lambda: now[0])
    caplog.set_level(logging.INFO)
    async with (
        WebServer(build_app(gate.routes()), "127.0.0.1", 0) as server,
        aiohttp.ClientSession() as http,
    ):
        front = Front(gate, Sink(), server.port, http)
        for _ in range(20):
            await front.call(headers={**GOOD, SECRET_HEADER: "k3y"})
        await front.call(headers={})
        now[0] += 61.0
        await front.call(headers={**GOOD, SECRET_HEADER: "k3y"})
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("matebot")]
    assert [line.split(", ")[1] for line in lines] == ["bad_secret", "bad_network", "bad_secret"]
    assert "number 21" in lines[2]
    assert "k3y" not in caplog.text


def test_a_gate_without_a_secret_is_refused() -> None:
    """An empty secret would let everybody in."""
    with pytest.raises(ValueError, match="secret"):
        WebhookGate(PATH, "", NETWORKS, PROXIES, Sink())


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("149.154.160.1", [], "149.154.160.1"),
        ("203.0.113.9", [TELEGRAM], "203.0.113.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("::ffff:127.0.0.1", [TELEGRAM], TELEGRAM),
        ("::1", [f"1.1.1.1, {TELEGRAM}"], TELEGRAM),
        ("127.0.0.1", ["1.1.1.1", TELEGRAM], TELEGRAM),
        ("127.0.0.1", [f"{TELEGRAM}, 1.1.1.1"], "1.1.1.1"),
        ("127.0.0.1", [f"{TELEGRAM}, 10.1.2.3"], TELEGRAM),
        ("127.0.0.1", ["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        ("127.0.0.1", [f"{TELEGRAM}, unknown"], None),
        ("127.0.0.1", [f"{TELEGRAM}, 1.2.3.4.5:80"], None),
        ("127.0.0.1", ["fe80::1%eth0"], "fe80::1%eth0"),
        ("/run/socket", [TELEGRAM], None),
        ("", [TELEGRAM], None),
        (None, [TELEGRAM], None),
    ],
)
def test_who_calls(peer: str | None, forwarded: Sequence[str], expected: str | None) -> None:
    """Forwarded addresses count from the right, and only when a trusted proxy hands them over."""
    address = caller(peer, forwarded, PROXIES)
    assert address == (None if expected is None else ip_address(expected))


@given(st.none() | st.text(), st.lists(st.text(string.printable + "٣½::,[]%", max_size=60)))
def test_no_address_is_an_exception(peer: str | None, forwarded: list[str]) -> None:
    """Whatever stands in the headers, the answer is an address or None."""
    caller(peer, forwarded, PROXIES)
    caller("127.0.0.1", forwarded, PROXIES)


def test_the_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    """It is long, of Telegram's characters, readable by its owner alone, the same at each start."""
    file = tmp_path / "data" / "webhook-secret"
    secret = kept_secret(file)
    assert len(secret) >= 43
    assert set(secret) <= set(string.ascii_letters + string.digits + "_-")
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_secret(file) == secret
    file.write_text("broken\n")
    assert kept_secret(file) not in ("broken", secret)


def test_an_update_is_json_that_others_read() -> None:
    """The body used throughout is what the standard parser reads."""
    assert json.loads(UPDATE)["update_id"] == 7
