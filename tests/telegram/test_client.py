import asyncio
import os
import struct
import sys
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from matebot.core.errors import OperatorError, TemporaryError
from matebot.sandbox.telegram import TelegramStandIn
from matebot.telegram.avatars import TelegramAvatars
from matebot.telegram.client import (
    CommandEntry,
    command_menus,
    connect,
    make_bot,
    set_commands,
    set_webhook,
    upload_timeout,
)
from matebot.telegram.files import TelegramFiles
from matebot.telegram.parse import ALLOWED_UPDATES
from tests.telegram.standin import TOKEN, scene

ENTRIES = (
    CommandEntry("bridge", {"en": "Join", "pt_BR": "Unir"}, admin_only=True),
    CommandEntry("help", {"en": "Help", "pt_BR": "Ajuda"}, in_private=True),
)


async def test_connect_tells_who_we_are() -> None:
    """The bot's name and what it may read come from the service."""
    async with scene() as here:
        me = await connect(here.bot)
        assert me == (here.bot.id, "matebot", True, True)


@pytest.mark.parametrize("token", ["nonsense", "777000111:wrong"])
async def test_a_wrong_token_is_one_line(token: str) -> None:
    """A token that is none, or nobody's, is told to the operator with where to mend it."""
    async with TelegramStandIn(token=TOKEN) as service:
        with pytest.raises(OperatorError) as caught:  # noqa: PT012 (the session must be closed)
            bot = make_bot(token, service.url)
            try:
                await connect(bot)
            finally:
                await bot.session.close()
    assert "MATEBOT_TELEGRAM_TOKEN" in str(caught.value)
    assert "@BotFather" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert token not in str(caught.value)


async def test_nobody_there_is_temporary() -> None:
    """A service that cannot be reached is tried again later."""
    async with scene() as here:
        await here.service.stop_listening()
        with pytest.raises(TemporaryError):
            await connect(here.bot)


async def test_the_webhook_is_set_whole() -> None:
    """Address, secret, kinds of updates and connections arrive, and what is pending stays."""
    async with scene() as here:
        here.service.say(here.bob["id"], here.room.chat, "pending")
        pending = len(here.service.pending_updates)
        await set_webhook(here.bot, "https://matebot.example/hook", "s3cret", max_connections=7)
        webhook = here.service.webhook
        assert webhook is not None
        assert webhook.url == "https://matebot.example/hook"
        assert webhook.secret_token == "s3cret"
        assert set(webhook.allowed_updates or ()) == set(ALLOWED_UPDATES)
        assert webhook.max_connections == 7
        assert len(here.service.pending_updates) >= pending > 0


async def test_a_certificate_is_uploaded(self_signed: bytes) -> None:
    """A self-signed certificate goes along as a file."""
    async with scene() as here:
        url = "https://matebot.example/hook"
        await set_webhook(here.bot, url, "s", certificate=self_signed)
        assert here.service.webhook is not None
        assert here.service.webhook.certificate == self_signed


@pytest.fixture
def self_signed() -> bytes:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "matebot.example")])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("matebot.example")]), False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_menus_for_each_audience_and_language() -> None:
    """Administrators see all, others what is theirs, in English and in Portuguese."""
    menus = {
        (menu.scope.type if menu.scope else None, menu.language_code): [
            (command.command, command.description) for command in menu.commands
        ]
        for menu in command_menus(ENTRIES)
    }
    assert menus == {
        ("all_group_chats", None): [("help", "Help")],
        ("all_chat_administrators", None): [("bridge", "Join"), ("help", "Help")],
        ("all_private_chats", None): [("help", "Help")],
        ("all_group_chats", "pt"): [("help", "Ajuda")],
        ("all_chat_administrators", "pt"): [("bridge", "Unir"), ("help", "Ajuda")],
        ("all_private_chats", "pt"): [("help", "Ajuda")],
    }


async def test_menus_are_taken() -> None:
    """The service accepts the menus as they are."""
    async with scene() as here:
        await set_commands(here.bot, ENTRIES)
        assert len(here.service.calls_of("setMyCommands")) == 6


_TRUSTED = """
import aiohttp, asyncio, sys
from matebot.telegram.client import make_bot

async def trusted():
    session = await make_bot(sys.argv[1], "https://api.example").session.create_session()
    async with session:
        assert session.connector._ssl is True, "a context of its own"
    for authority in aiohttp.connector._SSL_CONTEXT_VERIFIED.get_ca_certs():
        print(authority["subject"])

asyncio.run(trusted())
"""


async def test_the_systems_certificates_count(self_signed: bytes, tmp_path: Path) -> None:
    """A CA given by SSL_CERT_FILE is trusted, certifi's list is not pinned."""
    path = tmp_path / "ca.pem"
    path.write_bytes(self_signed)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-c", _TRUSTED, TOKEN),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "SSL_CERT_FILE": str(path)},
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    assert b"matebot.example" in told


def png(side: int) -> bytes:
    """A square black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side + 1) * side)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


async def test_avatars() -> None:
    """A person's picture is found and fetched; who has none has none."""
    async with scene() as here:
        avatars = TelegramAvatars(here.bot, TelegramFiles(here.bot))
        assert await avatars.unique(here.ann["id"]) is None
        assert await avatars.fetch(here.ann["id"]) is None
        here.service.set_photo(here.ann["id"], png(320))
        avatar = await avatars.fetch(here.ann["id"])
        assert avatar is not None
        assert avatar.suffix == ".png"
        assert avatar.content.startswith(b"\x89PNG")
        assert await avatars.unique(here.ann["id"]) == avatar.unique_id
        assert await avatars.unique(here.room.chat) is None
        assert await avatars.unique(987654) is None
        here.service.set_photo(here.ann["id"], png(321))
        assert await avatars.unique(here.ann["id"]) != avatar.unique_id


def test_an_upload_may_take_as_long_as_its_size_needs() -> None:
    """A slow line brings a large file all the same; calls without one keep the usual limit."""
    assert upload_timeout(0) is None
    assert upload_timeout(1) == 30
    assert upload_timeout(50 * 1024 * 1024) == 830
