"""TLS without a proxy, judged by a client that trusts the served certificate alone."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientConnectorCertificateError, ClientSession, TCPConnector, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from matebot.core.errors import OperatorError, TemporaryError
from matebot.web.server import WebServer, build_app
from matebot.web.tls import FilesTLS, SelfSignedTLS, ServerTLS, make_certificate

NOW = datetime.now(UTC)


def write_pair(folder: Path, host: str, *, passphrase: bytes | None = None) -> tuple[Path, Path]:
    """Write a certificate and its key as an operator would have them."""
    key = ec.generate_private_key(ec.SECP256R1())
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(make_certificate(key, host, NOW).public_bytes(Encoding.PEM))
    lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    return cert_file, key_file


def trusting(pem: bytes) -> ssl.SSLContext:
    """A client's context that trusts one certificate and nobody else, as strictly as can be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


async def ask(port: int, host: str, pem: bytes) -> int:
    """Call the server by that name, wherever the name leads."""
    connector = TCPConnector(ssl=trusting(pem))
    url = f"https://127.0.0.1:{port}/"
    async with (
        ClientSession(connector=connector) as http,
        http.get(url, server_hostname=host) as answer,
    ):
        return answer.status


async def ok(_request: web.Request) -> web.Response:
    return web.Response()


def serve(tls: ServerTLS) -> WebServer:
    return WebServer(build_app([web.get("/", ok)]), "127.0.0.1", 0, tls.context)


@pytest.mark.parametrize("host", ["matebot.example", "127.0.0.1", "::1", "a" * 60 + ".example"])
async def test_a_self_signed_certificate_is_trusted_by_itself(tmp_path: Path, host: str) -> None:
    """A client that was given the certificate, as Telegram is, connects by name or address."""
    tls = SelfSignedTLS(tmp_path / "tls" / "own.pem", host)
    pem = tls.certificate_pem()
    assert pem is not None
    assert b"PRIVATE" not in pem
    async with serve(tls) as running:
        assert await ask(running.port, host, pem) == 200
        with pytest.raises(ClientConnectorCertificateError):
            await ask(running.port, "other.example", pem)


def test_the_key_is_for_nobody_else(tmp_path: Path) -> None:
    """The file with the key has mode 0600 and its folder 0700."""
    SelfSignedTLS(tmp_path / "tls" / "own.pem", "matebot.example")
    assert (tmp_path / "tls" / "own.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls").stat().st_mode & 0o777 == 0o700


def test_the_certificate_is_kept_while_it_is_good(tmp_path: Path) -> None:
    """A restart keeps it; another host, its last 30 days or a broken file make a new one."""
    file = tmp_path / "own.pem"
    first = SelfSignedTLS(file, "matebot.example").certificate_pem()
    assert SelfSignedTLS(file, "matebot.example").certificate_pem() == first
    second = SelfSignedTLS(file, "other.example").certificate_pem()
    assert second != first

    def late() -> datetime:
        return NOW + timedelta(days=336)

    third = SelfSignedTLS(file, "other.example", now=late).certificate_pem()
    assert third != second
    file.write_bytes(file.read_bytes()[:-200])
    assert SelfSignedTLS(file, "other.example", now=late).certificate_pem() not in (None, third)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The operator gets one line instead of a traceback."""
    (tmp_path / "tls").write_text("a file, not a folder")
    with pytest.raises(OperatorError, match=r"own\.pem"):
        SelfSignedTLS(tmp_path / "tls" / "own.pem", "matebot.example")


class Days:
    """A clock that the test moves on, and a sleep that lets `run` look once a step."""

    def __init__(self) -> None:
        self.now = NOW
        self._steps: asyncio.Queue[None] = asyncio.Queue()
        self.idle = asyncio.Event()

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, _seconds: float) -> None:
        self.idle.set()
        await self._steps.get()

    async def step(self, days: int = 0) -> None:
        """Let time pass and one look happen."""
        await self.idle.wait()
        self.now += timedelta(days=days)
        self.idle.clear()
        self._steps.put_nowait(None)
        await self.idle.wait()


async def running_beside(
    tls: ServerTLS, days: Days, renewed: Callable[[], Awaitable[None]], test: Awaitable[None]
) -> None:
    """Run the watcher as long as the test runs."""
    async with asyncio.TaskGroup() as group:
        watcher = group.create_task(tls.run(renewed, sleep=days.sleep))
        await test
        watcher.cancel()


async def test_renewal_in_time_is_served_and_told(tmp_path: Path) -> None:
    """30 days before its end a new one is served, and uploaded until that worked."""
    days, told, troubles = Days(), list[bytes | None](), [TemporaryError("down"), OSError("net")]
    tls = SelfSignedTLS(tmp_path / "own.pem", "matebot.example", now=days)
    first = tls.certificate_pem()

    async def renewed() -> None:
        if troubles:
            raise troubles.pop()
        told.append(tls.certificate_pem())

    async def test() -> None:
        async with serve(tls) as running:
            await days.step(300)
            assert (tls.certificate_pem(), told) == (first, [])
            await days.step(36)
            second = tls.certificate_pem()
            assert second not in (None, first)
            assert not told
            await days.step()
            await days.step()
            assert told == [second]
            await days.step()
            assert told == [second]
            assert second is not None
            offered = await asyncio.to_thread(
                ssl.get_server_certificate, ("127.0.0.1", running.port)
            )
            assert ssl.PEM_cert_to_DER_cert(offered) == ssl.PEM_cert_to_DER_cert(second.decode())

    await running_beside(tls, days, renewed, test())


async def test_files_are_read_again_when_they_change(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A new pair is served to new connections; a bad one leaves the old in use and warns."""
    cert, key = write_pair(tmp_path, "old.example")
    tls, old = FilesTLS(cert, key), cert.read_bytes()
    async with serve(tls) as running:
        assert await ask(running.port, "old.example", old) == 200
        assert not tls.look()
        key.write_text("half a fi")
        assert not tls.look()
        assert "the old certificate stays in use" in caplog.text
        assert await ask(running.port, "old.example", old) == 200
        write_pair(tmp_path, "new.example")
        assert tls.look()
        assert await ask(running.port, "new.example", cert.read_bytes()) == 200
        key.unlink()
        assert not tls.look()
        assert await ask(running.port, "new.example", cert.read_bytes()) == 200


@pytest.mark.parametrize("fault", ["missing", "mismatched", "locked", "no certificate"])
def test_bad_files_are_refused_at_the_start(tmp_path: Path, fault: str) -> None:
    """A pair that cannot work is told by the settings' names; no passphrase is asked for."""
    cert, key = write_pair(tmp_path, "h.example", passphrase=b"x" if fault == "locked" else None)
    if fault == "missing":
        key.unlink()
    elif fault == "mismatched":
        other = tmp_path / "other"
        other.mkdir()
        cert, _ = write_pair(other, "h.example")
    elif fault == "no certificate":
        cert.write_text("nothing")
    with pytest.raises(OperatorError, match="MATEBOT_TLS_CERT and MATEBOT_TLS_KEY"):
        FilesTLS(cert, key)


def test_an_authoritys_certificate_is_not_uploaded(tmp_path: Path) -> None:
    """Telegram is given a certificate only if nobody else vouches for it."""
    cert, key = write_pair(tmp_path, "h.example")
    assert FilesTLS(cert, key).certificate_pem() == cert.read_bytes()
    issuer, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = make_certificate(own, "h.example", NOW).subject
    authority = make_certificate(issuer, "Authority", NOW).subject
    issued = (
        x509.CertificateBuilder(authority, name, own.public_key(), 1, NOW, NOW + timedelta(1))
    ).sign(issuer, hashes.SHA256())
    cert.write_bytes(issued.public_bytes(Encoding.PEM))
    key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert FilesTLS(cert, key).certificate_pem() is None


async def test_junk_on_the_tls_port_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Plain HTTP, junk and sudden ends at the TLS port leave no error in the log."""
    tls = SelfSignedTLS(tmp_path / "own.pem", "127.0.0.1")
    pem = tls.certificate_pem()
    assert pem is not None
    async with serve(tls) as running:
        for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 500, b"\x16\x03\x01", b""):
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(data)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 10)
            writer.close()
        assert await ask(running.port, "127.0.0.1", pem) == 200
    assert not [r for r in caplog.records if r.levelname in ("ERROR", "CRITICAL")]
