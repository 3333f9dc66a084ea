"""Ten thousand hostile requests to the webhook: no exception, no growth, nothing stored."""

import asyncio
import gc
import itertools
import logging
import resource
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from matebot.telegram.webhook import SECRET_HEADER, RawUpdate, WebhookGate
from matebot.web.server import WebServer, build_app

PATH = "/telegram/webhook"
SECRET = "s3cret_-word"
REQUESTS = 10_000
AT_ONCE = 20
TELEGRAM = "149.154.167.197"
UPDATE = b'{"update_id": 7}'


def request(
    body: bytes = UPDATE,
    *,
    method: str = "POST",
    path: str = PATH,
    secret: str = SECRET,
    origin: str = TELEGRAM,
    kind: str = "application/json",
    extra: str = "",
    length: int | None = None,
) -> bytes:
    """A request as bytes, closed after its answer."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: matebot.example\r\nConnection: close\r\n"
        f"X-Forwarded-For: {origin}\r\n{SECRET_HEADER}: {secret}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n{extra}\r\n"
    )
    return head.encode("utf-8", "surrogateescape") + body


def chunked(*parts: bytes) -> bytes:
    """The same, in chunks as given, right or wrong."""
    head = request(b"", extra="Transfer-Encoding: chunked\r\n")
    return head.replace(b"Content-Length: 0\r\n", b"") + b"".join(parts)


UNSIGNED = [
    request(secret=""),
    request(secret="k3y"),
    request(secret="ключ"),
    request(secret=SECRET + "x"),
    request(secret="x" * 8000),
    request().replace(f"{SECRET_HEADER}: {SECRET}\r\n".encode(), b""),
    request(extra=f"{SECRET_HEADER}: {SECRET}\r\n"),
]
FORGED = [
    request(origin="203.0.113.9"),
    request(origin=f"{TELEGRAM}, 203.0.113.9"),
    request(origin="::1::"),
    request(origin="[149.154.167.197]x"),
    request(origin="149.154.167.197, \udcff\udcfe"),
    request(origin=", ".join(["9.9.9.9"] * 800)),
    request(origin=""),
    request(extra="X-Forwarded-For: 203.0.113.9\r\n"),
]
MALFORMED = [
    request(b""),
    request(b"{"),
    request(b"\xff\xfe\x00"),
    request(b"[" * 50_000),
    request(b'{"a":' * 20_000),
    request(b'{"update_id": "1"}'),
    request(b'{"update_id": 1e3}'),
    request(b'{"update_id": ' + b"1" * 10_000 + b"}"),
    request(method="GET"),
    request(method="DELETE"),
    request(path="/"),
    request(path="/telegram/webhook/../../etc/passwd"),
    request(path="/%00%ff"),
    request(kind="text/html"),
    request(kind="application/\udcff"),
    request(kind="multipart/form-data; boundary=x"),
    request(extra="Content-Encoding: gzip\r\n"),
    request(extra="Expect: 999-magic\r\n"),
    request(secret="k3y", extra="Upgrade: websocket\r\n").replace(b"close", b"upgrade"),
]
OVERSIZED = [
    request(b"", length=10**9),
    request(b"", length=10**30),
    request(b"x" * 200_000, length=1_048_577),
    chunked(*[b"10000\r\n" + b" " * 65_536 + b"\r\n"] * 17),
]
BROKEN = [
    b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(range(150)),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET\r\n\r\n",
    b"POST /telegram/webhook HTTP/7.0\r\n\r\n",
    b"G\x00T / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"y" * 60_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n\r\n",
    request(extra="Content-Length: 5\r\n"),
    request(extra="Transfer-Encoding: chunked\r\n"),
    request(length=-1),
    chunked(b"zz\r\n{}\r\n0\r\n\r\n"),
    chunked(b"-5\r\n{}\r\n0\r\n\r\n"),
    chunked(b"fffffffffffffffffff\r\n{}"),
    chunked(b"2;" + b"x" * 60_000 + b"\r\n{}\r\n0\r\n\r\n"),
    chunked(b"1\r\n{}\r\n0\r\n\r\n"),
]
CUT_OFF = [
    b"",
    b"\r\n\r\n\r\n",
    request()[:40],
    request()[:-5],
    request(b"{", length=500),
    chunked(b"5\r\n{}\r\n0\r\n\r\n"),
    chunked(b"2\r\n{}\r\n"),
]
HOSTILE = [
    *((data, False) for data in [*UNSIGNED, *FORGED, *MALFORMED, *OVERSIZED, *BROKEN]),
    *((data, True) for data in CUT_OFF),
]


async def attack(port: int, data: bytes, *, hang_up: bool = False) -> bytes:
    """Send it over a connection of its own, then read the head of the answer, or hang up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        if hang_up:
            writer.write_eof()
        async with asyncio.timeout(10):
            return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as cut:
        return cut.partial
    except ConnectionError:
        return b""  # closed in the middle of sending, as it should be
    finally:
        writer.close()


async def flood(port: int, attacks: Iterator[tuple[bytes, bool]], answers: Counter[bytes]) -> None:
    """One of several attackers, until the attacks are used up."""
    for data, hang_up in attacks:
        answers[(await attack(port, data, hang_up=hang_up))[9:12]] += 1


def peak_rss_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def objects_alive() -> int:
    gc.collect()
    return len(gc.get_objects())


async def settle(most: int) -> None:
    """Wait until the last connections are closed and no more than so many objects are left."""
    async with asyncio.timeout(20):
        while objects_alive() > most:
            await asyncio.sleep(0.1)


async def assault(port: int, times: int) -> Counter[bytes]:
    """Send that many hostile requests, all kinds in turn, from several sides at once."""
    attacks = itertools.islice(itertools.cycle(HOSTILE), times)
    answers: Counter[bytes] = Counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(flood(port, attacks, answers))
    return answers


@pytest.mark.timeout(180)
async def test_ten_thousand_hostile_requests(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing reaches the sink, nothing is raised or logged in full, and memory does not grow."""
    caplog.set_level(logging.INFO)
    kept: list[bytes] = []

    async def keep(update: RawUpdate) -> None:
        kept.append(update.body)

    networks, proxies = [ip_network("149.154.160.0/20")], [ip_network("127.0.0.1")]
    gate = WebhookGate(PATH, SECRET, networks, proxies, keep)
    loop_errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, c: loop_errors.append(c))
    async with WebServer(build_app(gate.routes()), "127.0.0.1", 0) as server:
        await assault(server.port, 3 * len(HOSTILE))  # caches fill and settle
        objects, rss = objects_alive(), peak_rss_kib()
        answers = await assault(server.port, REQUESTS)
        await settle(objects + 1_000)
        assert peak_rss_kib() - rss < 64 * 1024
        assert not kept
        assert (await attack(server.port, request()))[9:12] == b"200"  # and it still works
        assert kept == [UPDATE]
    assert sum(answers.values()) == REQUESTS
    expected = {b"400", b"401", b"403", b"404", b"405", b"413", b"415", b"417", b""}
    assert set(answers) == expected, answers
    assert answers[b""] < REQUESTS / 5, "some hang up, and some are closed while they still send"
    assert not loop_errors
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR or r.exc_info]
    assert len(caplog.records) < 40
    assert SECRET not in caplog.text
    assert gate.counts["accepted"] == 1
