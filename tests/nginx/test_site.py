"""nginx/matebot.conf in the real nginx, in front of the real server with the real gate."""

import asyncio
import io
import os
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from matebot.core.health import Health, HealthReport
from matebot.telegram.webhook import MAX_BODY_BYTES, SECRET_HEADER, RawUpdate, WebhookGate
from matebot.web.avatars import avatar_routes
from matebot.web.health import health_routes
from matebot.web.server import WebServer, build_app
from matebot.web.tls import make_certificate

SITE = Path(__file__).parent.parent.parent / "nginx" / "matebot.conf"
HOST = "matebot.example.org"
SECRET = "s3cret_-word"
AVATAR = "AbCdEfGhIjKlMnOpQrStUv.png"
UPDATE = b'{"update_id": 7}'
HEADERS = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}


def nginx_binary() -> str:
    """Where nginx is; without it the test is left out, but never in CI."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx is not installed, and in CI nothing is left out")
        pytest.skip("nginx is not installed: the site in nginx/ was not tested")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def written_site(folder: Path, *, http: int, https: int, daemon: int) -> str:
    """The repository's site with its host's certificate, and this test's ports, filled in."""
    text = SITE.read_text("utf-8")
    for old, new in (
        ("/etc/letsencrypt/live/matebot.example.org/fullchain.pem", str(folder / "cert.pem")),
        ("/etc/letsencrypt/live/matebot.example.org/privkey.pem", str(folder / "key.pem")),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("server 127.0.0.1:8080;", f"server 127.0.0.1:{daemon};"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return "\n".join(line for line in text.splitlines() if "[::]" not in line)


def written_main(folder: Path) -> Path:
    """A main configuration as Debian's, for one who is not root, with another site beside ours."""
    other = "server { listen unix:%s default_server; return 418; }" % (folder / "other.sock")
    temp = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "nginx.conf"
    main.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\ndaemon off;\n"
        f"events {{ worker_connections 256; }}\n"
        f"http {{ access_log {folder}/access.log;\n{temp}{other}\ninclude {folder}/site.conf; }}\n"
    )
    return main


def write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = make_certificate(key, HOST, datetime.now(UTC))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)


async def wait_until_it_listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


class Site:
    """What the tests talk to: nginx's two ports, and what arrived behind it."""

    def __init__(self, folder: Path, http_port: int, https_port: int) -> None:
        self.folder, self.http_port, self.https_port = folder, http_port, https_port
        self.kept: list[bytes] = []
        self.seen: list[Mapping[str, str]] = []

    async def keep(self, update: RawUpdate) -> None:
        self.kept.append(update.body)

    async def call(
        self,
        method: str,
        path: str,
        body: bytes | io.BytesIO | AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] = HEADERS,
    ) -> tuple[int, bytes]:
        """Call nginx as Telegram would: by its public name, trusting its certificate alone."""
        trust = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
        url = f"https://127.0.0.1:{self.https_port}{path}"
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http,
            http.request(
                method,
                url,
                data=body,
                headers={**headers, "Host": HOST},
                server_hostname=HOST,
                allow_redirects=False,
            ) as answer,
        ):
            return answer.status, await answer.read()


@pytest.fixture
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    """The real nginx in front of the real server; its parameter is who may call the webhook."""
    network = getattr(request, "param", "127.0.0.1")
    binary = nginx_binary()
    write_certificate(tmp_path)
    (tmp_path / "avatars").mkdir()
    (tmp_path / "avatars" / AVATAR).write_bytes(b"picture")
    running = Site(tmp_path, free_port(), free_port())
    async with WebServer(app_behind(running, network), "127.0.0.1", 0) as server:
        text = written_site(
            tmp_path, http=running.http_port, https=running.https_port, daemon=server.port
        )
        (tmp_path / "site.conf").write_text(text)
        command = [binary, "-p", str(tmp_path), "-c", str(written_main(tmp_path))]
        command += ["-e", str(tmp_path / "error.log")]
        tested = await asyncio.to_thread(
            subprocess.run, [*command, "-t"], capture_output=True, text=True, check=False
        )
        assert tested.returncode == 0, tested.stderr
        assert "[warn]" not in tested.stderr.replace('the "user" directive', "")
        nginx = await asyncio.create_subprocess_exec(*command)
        try:
            await wait_until_it_listens(running.https_port)
            yield running
        finally:
            nginx.send_signal(signal.SIGQUIT)
            await asyncio.wait_for(nginx.wait(), 10)


def app_behind(site: Site, network: str) -> web.Application:
    """The daemon's HTTP side, with a note of the headers that nginx hands over."""
    networks, proxies = [ip_network(network)], [ip_network("127.0.0.1")]
    gate = WebhookGate("/telegram/webhook", SECRET, networks, proxies, site.keep)
    health = Health()

    async def report() -> HealthReport:
        return health.report()

    app = build_app(gate.routes(), health_routes(report), avatar_routes(site.folder / "avatars"))

    async def note(request: web.Request, _response: web.StreamResponse) -> None:
        site.seen.append(dict(request.headers))

    app.on_response_prepare.append(note)
    return app


async def test_an_update_passes(site: Site) -> None:
    """A POST with the secret arrives as it was sent, from the caller's own address."""
    assert await site.call("POST", "/telegram/webhook", UPDATE) == (200, b"")
    assert site.kept == [UPDATE]
    assert site.seen[0]["X-Forwarded-For"] == "127.0.0.1"
    assert site.seen[0]["Host"] == HOST


@pytest.mark.parametrize("site", ["149.154.160.0/20"], indirect=True)
async def test_a_forged_origin_is_overwritten(site: Site) -> None:
    """What the caller claims of itself never reaches MateBot, so the network check holds."""
    forged = {**HEADERS, "X-Forwarded-For": "149.154.167.197"}
    assert (await site.call("POST", "/telegram/webhook", UPDATE, forged))[0] == 403
    assert (site.seen[0]["X-Forwarded-For"], site.kept) == ("127.0.0.1", [])


async def test_the_size_is_limited(site: Site) -> None:
    """1 MiB passes; more is 413 from nginx, told or in chunks, and does not reach MateBot."""
    full = UPDATE + b" " * (MAX_BODY_BYTES - len(UPDATE))
    assert (await site.call("POST", "/telegram/webhook", io.BytesIO(full)))[0] == 200
    site.seen.clear()
    assert (await site.call("POST", "/telegram/webhook", io.BytesIO(full + b" ")))[0] == 413

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(full), 1 << 16):
            yield full[start : start + (1 << 16)]
        yield b" "

    assert (await site.call("POST", "/telegram/webhook", chunks()))[0] == 413
    assert not site.seen


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/telegram/webhook", 405),
        ("PUT", "/telegram/webhook", 405),
        ("POST", "/telegram/webhook/", 404),
        ("POST", "/telegram/webhook/more", 404),
        ("POST", "/telegram", 404),
        ("GET", "/", 404),
        ("GET", "/healthz", 404),
        ("GET", "//healthz", 404),
        ("GET", "/avatars/../healthz", 404),
        ("GET", "/avatars/%2e%2e/healthz", 404),
        ("POST", f"/avatars/{AVATAR}", 405),
    ],
)
async def test_nothing_else_is_reachable(site: Site, method: str, path: str, status: int) -> None:
    """Every other method and path ends at nginx; /healthz stays private."""
    assert (await site.call(method, path))[0] == status
    assert not site.seen


async def test_a_wrong_secret_is_told_by_matebot(site: Site) -> None:
    """The gate's own status is handed through."""
    wrong = {**HEADERS, SECRET_HEADER: "x"}
    assert (await site.call("POST", "/telegram/webhook", UPDATE, wrong))[0] == 401
    assert not site.kept


async def test_avatars_are_public(site: Site) -> None:
    """Discord can fetch them, without a secret."""
    assert await site.call("GET", f"/avatars/{AVATAR}", headers={}) == (200, b"picture")
    assert (await site.call("GET", "/avatars/", headers={}))[0] == 404


async def test_plain_http_is_redirected(site: Site) -> None:
    """Port 80 of our name leads to https, whatever the caller asked for."""
    url = f"http://127.0.0.1:{site.http_port}/telegram/webhook?x=1"
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, headers={"Host": HOST}, allow_redirects=False) as answer,
    ):
        assert answer.status == 301
        assert answer.headers["Location"] == f"https://{HOST}/telegram/webhook?x=1"


async def test_old_tls_is_refused(site: Site) -> None:
    """Below TLS 1.2 nobody is served."""
    context = ssl.create_default_context(cafile=str(site.folder / "cert.pem"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    _, writer = await asyncio.open_connection(
        "127.0.0.1", site.https_port, ssl=context, server_hostname=HOST
    )
    assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"
    writer.close()
    await writer.wait_closed()
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in SITE.read_text("utf-8")


def test_the_site_leaves_others_alone() -> None:
    """No default server, and in the http block nothing but its own zone and upstream."""
    lines = SITE.read_text("utf-8").splitlines()
    assert not any("default_server" in line for line in lines)
    outside = [line.split()[0] for line in lines if line and line[0] not in " }#"]
    assert outside == ["limit_req_zone", "upstream", "server", "server"]
