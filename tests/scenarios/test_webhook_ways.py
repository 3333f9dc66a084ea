"""The three ways to the webhook: nginx in front, the operator's certificate, one of our own."""

import asyncio
import signal
import sqlite3
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from matebot.sandbox.discord import Call
from matebot.telegram.webhook import SECRET_HEADER
from matebot.web.tls import RENEW_BEFORE, make_certificate
from tests.nginx.test_site import (
    HOST,
    nginx_binary,
    wait_until_it_listens,
    write_certificate,
    written_main,
    written_site,
)
from tests.sandbox.telegram.api import png
from tests.scenarios.authority import Authority
from tests.scenarios.harness import Scene, free_port, scene
from tests.telegram.test_webhook_hostile import HOSTILE, PATH, REQUESTS, SECRET, assault

GROWTH_KIB = 32 * 1024
ELSEWHERE = "127.0.0.2"  # an address that may not call
UPDATE = b'{"update_id": 7}'


def anybody() -> ssl.SSLContext:
    """For /healthz alone, where the daemon serves TLS."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def served(port: int, host: str) -> x509.Certificate:
    """The certificate that a new connection is shown."""
    _, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=anybody(), server_hostname=host
    )
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(der)


def avatar_urls(stage: Scene) -> list[str]:
    calls: list[Call] = [one for one in stage.discord.calls if one.route == "webhook.execute"]
    return [call.body["avatar_url"] for call in calls]


# -- nginx in front -------------------------------------------------------------------------------


def write_site(folder: Path, http: int, https: int, daemon: int) -> None:
    folder.mkdir()
    write_certificate(folder)
    site = written_site(folder, http=http, https=https, daemon=daemon)
    (folder / "site.conf").write_text(site)


@asynccontextmanager
async def nginx(folder: Path, daemon_port: int) -> AsyncIterator[int]:
    """The repository's site in the real nginx; yields its port for https."""
    binary = nginx_binary()
    http, https = free_port(), free_port()
    write_site(folder, http, https, daemon_port)
    command = [binary, "-p", str(folder), "-c", str(written_main(folder))]
    process = await asyncio.create_subprocess_exec(
        *command, "-e", str(folder / "error.log"), stderr=subprocess.DEVNULL
    )
    try:
        await wait_until_it_listens(https)
        yield https
    finally:
        process.send_signal(signal.SIGQUIT)
        await asyncio.wait_for(process.wait(), 10)


async def test_nginx_in_front(tmp_path: Path) -> None:
    """Updates and avatars pass, nobody forges who calls, /healthz stays inside."""
    settings = {"PUBLIC_URL": f"https://{HOST}", "WEBHOOK_NETWORKS": "127.0.0.1"}
    async with (
        scene(tmp_path, start=False, settings=settings) as stage,
        nginx(tmp_path / "nginx", stage.daemon.port) as port,
    ):
        trust = ssl.create_default_context(cafile=str(tmp_path / "nginx" / "cert.pem"))
        stage.telegram.route_webhook(("127.0.0.1", port))
        stage.telegram.webhook_ssl = trust
        picture = png(160, 160)
        stage.telegram.set_photo(stage.ana["id"], picture)
        await stage.daemon.start()
        await stage.daemon.ready()
        stage.telegram_says("por trás do nginx")
        await stage.reaches_discord("por trás do nginx")

        (url,) = avatar_urls(stage)
        public, _, path = url.partition("/avatars/")
        assert public == f"https://{HOST}"
        caller = Caller(port, trust)
        assert await caller.ask("GET", f"/avatars/{path}") == (200, picture)
        assert (await caller.ask("GET", "/healthz"))[0] == 404
        assert (await caller.ask("GET", "/"))[0] == 404

        webhook = stage.telegram.webhook
        assert webhook is not None
        signed = {SECRET_HEADER: webhook.secret_token, "Content-Type": "application/json"}
        forged = signed | {"X-Forwarded-For": "127.0.0.1"}
        before = rows(tmp_path)
        stranger = Caller(port, trust, local=ELSEWHERE)
        assert (await stranger.ask("POST", PATH, UPDATE, forged))[0] == 403
        assert (await caller.ask("POST", PATH, UPDATE, signed | {SECRET_HEADER: "x"}))[0] == 401
        assert rows(tmp_path) == before
        assert (await caller.ask("POST", PATH, UPDATE, forged))[0] == 200


class Caller:
    """Calls nginx by its public name.

    Args:
        port: Its port for https.
        trust: Believes its certificate.
        local: The address that is called from.
    """

    def __init__(self, port: int, trust: ssl.SSLContext, *, local: str = "127.0.0.1") -> None:
        self._port, self._trust, self._local = port, trust, local

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        connector = aiohttp.TCPConnector(ssl=self._trust, local_addr=(self._local, 0))
        url = f"https://127.0.0.1:{self._port}{path}"
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(
                method, url, data=body, headers={"Host": HOST, **(headers or {})},
                server_hostname=HOST,
            ) as answer,
        ):  # fmt: skip
            return answer.status, await answer.read()


# -- certificates ---------------------------------------------------------------------------------


async def test_a_certificate_of_the_operators(tmp_path: Path) -> None:
    """TLS=files: an authority's certificate is served, not uploaded, read again when renewed."""
    authority, host = Authority(tmp_path), "matebot.example"
    files = authority.issue(host)
    settings = {
        "TLS": "files",
        "TLS_CERT": str(files.cert),
        "TLS_KEY": str(files.key),
        "LISTEN_HOST": "127.0.0.1",
        "WEBHOOK_NETWORKS": "127.0.0.1",
    }
    async with scene(tmp_path, start=False, settings=settings) as stage:
        stage.telegram.route_webhook(("127.0.0.1", stage.daemon.port))
        stage.telegram.webhook_ssl = authority.trust()
        stage.daemon.tls = anybody()
        await stage.daemon.start()
        await stage.daemon.ready()
        stage.telegram_says("com certificado próprio")
        await stage.reaches_discord("com certificado próprio")
        assert stage.telegram.webhook is not None
        assert stage.telegram.webhook.certificate is None

        old = await served(stage.daemon.port, host)
        files.key.write_text("half of a renewal")
        authority.issue(host)
        async with asyncio.timeout(20):
            while await served(stage.daemon.port, host) == old:
                await asyncio.sleep(0.1)
        new = x509.load_pem_x509_certificate(await asyncio.to_thread(files.cert.read_bytes))
        assert await served(stage.daemon.port, host) == new
        stage.telegram_says("e renovado")
        await stage.reaches_discord("e renovado")
        assert len(stage.telegram.calls_of("setWebhook")) == 1


def put_certificate(file: Path, host: str, good_for: timedelta) -> None:
    """A certificate as MateBot keeps it, that is due for renewal after so long."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = make_certificate(key, host, datetime.now(UTC), RENEW_BEFORE + good_for)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_bytes(pem + made.public_bytes(Encoding.PEM))
    file.chmod(0o600)


def uploaded(stage: Scene) -> x509.Certificate:
    """What Telegram was given last."""
    webhook = stage.telegram.webhook
    assert webhook is not None
    assert webhook.certificate is not None
    assert b"PRIVATE" not in webhook.certificate
    return x509.load_pem_x509_certificate(webhook.certificate)


async def test_a_certificate_of_our_own(tmp_path: Path) -> None:
    """TLS=self-signed: Telegram trusts exactly what was uploaded; renewed, it is uploaded again."""
    settings = {
        "TLS": "self-signed",
        "PUBLIC_URL": "https://127.0.0.1:8443",
        "WEBHOOK_NETWORKS": "127.0.0.1",
    }
    async with scene(tmp_path, start=False, settings=settings) as stage:
        stage.telegram.route_webhook(("127.0.0.1", stage.daemon.port))
        stage.telegram.set_photo(stage.ana["id"], png(160, 160))
        stage.daemon.tls = anybody()
        file = tmp_path / "data" / "self-signed.pem"
        put_certificate(file, "127.0.0.1", timedelta(seconds=10))
        await stage.daemon.start()
        await stage.daemon.ready()
        soon_over = uploaded(stage)
        assert soon_over == x509.load_pem_x509_certificate(await asyncio.to_thread(file.read_bytes))
        stage.telegram_says("para um endereço IP")
        await stage.reaches_discord("para um endereço IP")
        (face,) = avatar_urls(stage)
        assert face.startswith(stage.discord.cdn_url), "Discord fetches nothing from here"

        await stage.telegram.wait_for(lambda: uploaded(stage) != soon_over, 30)
        by_address = uploaded(stage)
        assert await served(stage.daemon.port, "127.0.0.1") == by_address
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        stage.telegram_says("com o novo certificado")
        await stage.reaches_discord("com o novo certificado")
        assert await stage.daemon.stop() == 0

        stage.daemon.settings["MATEBOT_PUBLIC_URL"] = "https://matebot.example:8443"
        await stage.daemon.start()
        await stage.daemon.ready()
        names = uploaded(stage).extensions.get_extension_for_class(x509.SubjectAlternativeName)
        assert names.value.get_values_for_type(x509.DNSName) == ["matebot.example"]
        stage.telegram_says("para um nome")
        await stage.reaches_discord("para um nome")
        await stage.daemon.ready()


# -- who does not belong here ---------------------------------------------------------------------


def rows(folder: Path) -> dict[str, int]:
    """How many rows each table holds."""
    path = folder / "data" / "matebot.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for (name,) in tables
        }


def memory_kib(pid: int) -> int:
    """What a process holds in memory now."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


@pytest.mark.timeout(240)
async def test_ten_thousand_hostile_requests(tmp_path: Path) -> None:
    """The process stays as it was, stores nothing, logs no error, and then takes a real update."""
    async with scene(tmp_path, settings={"WEBHOOK_SECRET": SECRET}) as stage:
        stage.telegram_says("antes do ataque")
        await stage.reaches_discord("antes do ataque")
        await stage.settled()
        assert stage.daemon.process is not None
        pid = stage.daemon.process.pid
        await assault(stage.daemon.port, 3 * len(HOSTILE))  # caches fill and settle
        before, held = rows(tmp_path), memory_kib(pid)
        answers = await assault(stage.daemon.port, REQUESTS)
        assert sum(answers.values()) == REQUESTS
        assert not {b"200", b"500", b"502"} & set(answers), answers
        assert rows(tmp_path) == before
        assert memory_kib(pid) - held < GROWTH_KIB
        stage.telegram_says("depois do ataque")
        await stage.reaches_discord("depois do ataque")
        assert not [one for one in stage.daemon.records if one["level"] in {"error", "critical"}]
        assert "Traceback" not in stage.daemon.log
        told = [one for one in stage.daemon.records if one["level"] != "debug"]
        assert len(told) < 60, "what is refused is named once a minute"
        assert not stage.daemon.errors
