"""The settings, from outside: variables and a file in, a frozen object or a refusal out."""

import os
import re
import string
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import pydantic
import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from matebot.config import (
    BridgeRoom,
    BridgeSpec,
    ConfigError,
    Settings,
    load_settings,
    parse_bridges,
    unknown_variables,
)
from matebot.core.ids import Room

EXAMPLE = Path(__file__).parent.parent / "config.example.env"
MINIMUM = {
    "MATEBOT_TELEGRAM_TOKEN": "123456:TEST-token-xyz",
    "MATEBOT_DISCORD_TOKEN": "a.discord-token",
    "MATEBOT_PUBLIC_URL": "https://matebot.example",
}
A, B, C = Room.telegram(-100123), Room.discord(112233), Room.telegram(-100123, 42)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's environment reaches a test."""
    for name in [name for name in os.environ if name.upper().startswith("MATEBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> "Loader":
    return Loader(monkeypatch)


class Loader:
    """Loads settings from the minimum and the variables given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, **variables: str) -> Settings:
        for name, value in {**MINIMUM, **variables}.items():
            self._monkeypatch.setenv(name, value)
        return load_settings()

    def refusal(self, **variables: str) -> str:
        with pytest.raises(ConfigError) as caught:
            self(**variables)
        return str(caught.value)


def test_the_minimum_is_enough(load: Loader) -> None:
    """Two tokens and an address suffice; the rest has the documented defaults."""
    settings = load()
    assert settings.telegram_token.get_secret_value() == "123456:TEST-token-xyz"
    assert (settings.listen_host, settings.listen_port, settings.tls) == (
        "127.0.0.1",
        8080,
        "proxy",
    )
    assert settings.webhook_url == "https://matebot.example/telegram/webhook"
    assert (settings.public_host, settings.public_port) == ("matebot.example", 443)
    assert settings.webhook_networks == (
        ip_network("149.154.160.0/20"),
        ip_network("91.108.4.0/22"),
    )
    assert settings.trusted_proxies == (ip_network("127.0.0.1"), ip_network("::1"))
    assert (settings.language, settings.data_dir, settings.bridges) == ("en", Path("data"), ())


def test_what_is_missing_is_named() -> None:
    """Without anything, each required variable is named on a line of its own."""
    with pytest.raises(ConfigError) as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == sorted(MINIMUM, key=list(MINIMUM).index)
    assert all("missing" in line for line in lines)


def test_the_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`.env` is read, several lines in quotes too; a variable overrides it."""
    (tmp_path / ".env").write_text(
        "".join(f"{name}={value}\n" for name, value in MINIMUM.items())
        + "MATEBOT_LISTEN_PORT=1234\nMATEBOT_LOG_LEVEL=debug\nMATEBOT_TLS_CERT=\n"
        + 'MATEBOT_BRIDGES="\ntelegram:-1 <-> discord:2 # friends\ntelegram:-3 -> discord:4\n"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("MATEBOT_LISTEN_PORT", "4321")
    settings = load_settings()
    assert (settings.listen_port, settings.log_level, settings.tls_cert) == (4321, "DEBUG", None)
    assert [[str(r.room) for r in b.rooms] for b in settings.bridges] == [
        ["telegram:-1", "discord:2"],
        ["telegram:-3", "discord:4"],
    ]


def test_a_file_that_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    """A `.env` in a strange encoding ends in a ConfigError."""
    (tmp_path / ".env").write_bytes(b"MATEBOT_TLS=\xff\xfe")
    with pytest.raises(ConfigError, match=r"\.env: cannot be read"):
        load_settings()


def test_settings_are_frozen(load: Loader) -> None:
    """Nothing changes them after the start."""
    settings = load()
    with pytest.raises(pydantic.ValidationError):
        settings.__setattr__("language", "pt_BR")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LISTEN_PORT", "x", "expected a whole number from 1 to 65535, got 'x'"),
        ("LISTEN_PORT", "0", "from 1 to 65535"),
        ("LISTEN_PORT", "65536", "from 1 to 65535"),
        ("LISTEN_PORT", "८०", "from 1 to 65535"),
        ("LISTEN_HOST", "a b", "expected an address or host name"),
        ("TLS", "yes", "expected one of proxy, files, self-signed, got 'yes'"),
        ("LANGUAGE", "fr", "expected en or pt_BR"),
        ("LOG_LEVEL", "loud", "expected one of DEBUG"),
        ("LOG_FORMAT", "xml", "expected one of text, json"),
        ("PUBLIC_URL", "matebot.example", "begins with https://"),
        ("PUBLIC_URL", "http://matebot.example", "begins with https://"),
        ("PUBLIC_URL", "https://", "begins with https://"),
        ("PUBLIC_URL", "https://mate bot", "begins with https://"),
        ("PUBLIC_URL", "https://[::1", "begins with https://"),
        ("PUBLIC_URL", "https://h.example:77777", "begins with https://"),
        ("PUBLIC_URL", "https://h.example/?a=b", "no name, password, ?query"),
        ("PUBLIC_URL", "https://h.example:8080", "port 443, 80, 88 or 8443"),
        ("PUBLIC_URL", "https://h.example/a/../b", "plain path"),
        ("WEBHOOK_PATH", "telegram", "expected a path such as"),
        ("WEBHOOK_PATH", "/", "expected a path such as"),
        ("WEBHOOK_PATH", "/{x}", "expected a path such as"),
        ("WEBHOOK_PATH", "/healthz", "nothing else uses"),
        ("WEBHOOK_PATH", "/avatars/x", "nothing else uses"),
        ("WEBHOOK_NETWORKS", "149.154.160.0/40", "expected addresses or networks"),
        ("TRUSTED_PROXIES", "localhost", "expected addresses or networks"),
        ("TELEGRAM_API_URL", "api.telegram.org", "begins with https://"),
        ("DISCORD_GATEWAY_URL", "https://gateway", "begins with wss://"),
        ("PACE_FACTOR", "0", "greater than 0"),
        ("PACE_FACTOR", "nan", "greater than 0"),
        ("MEDIA_DISK_MB", "0", "from 1 to"),
        ("MEDIA_DISK_MB", "1 GB", "expected a whole number"),
        ("SHRINK_VIDEOS", "perhaps", "expected yes or no"),
        ("TELEGRAM_LOCAL", "yes", "a Bot API server of your own"),
        ("TLS_CERT", "cert.pem", "is for MATEBOT_TLS=files alone"),
        ("BRIDGES", "telegram:-1", "expected telegram:CHAT <-> discord:CHANNEL"),
        ("BRIDGES", "telegram:12 <-> discord:5", "private Telegram chat"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    load: Loader, name: str, value: str, expected: str
) -> None:
    """Each refusal is one line: the variable, and what was expected."""
    text = load.refusal(**{f"MATEBOT_{name}": value})
    assert text.startswith(f"MATEBOT_{name}: ")
    assert expected in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "secret-word-without-number"),
        ("TELEGRAM_TOKEN", "123456:secret word here"),
        ("DISCORD_TOKEN", "secret word"),
        ("DISCORD_TOKEN", "Bot secret.word"),
        ("WEBHOOK_SECRET", "secret/word"),
        ("WEBHOOK_SECRET", "secret" * 50),
        ("PUBLIC_URL", "https://me:secret@h.example"),
        ("TELEGRAM_API_URL", "ftp://me:secret@h.example"),
    ],
)
def test_a_refusal_never_shows_a_secret(load: Loader, name: str, value: str) -> None:
    """A wrong secret is refused by name without its value, in the text and in the traceback."""
    with pytest.raises(ConfigError) as caught:
        load(**{f"MATEBOT_{name}": value})
    assert str(caught.value).startswith(f"MATEBOT_{name}: ")
    assert "secret w" not in str(caught.value).replace("secret word here", "")
    assert value not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_token_with_its_scheme_is_refused_with_words(load: Loader) -> None:
    """'Bot TOKEN', as Discord's header wants it, is a common slip and told apart."""
    assert "leave that word out" in load.refusal(MATEBOT_DISCORD_TOKEN="Bot abc.def")


def test_all_that_is_wrong_is_told_at_once(load: Loader) -> None:
    """Two wrong settings give two lines, whatever depends on them stays silent."""
    text = load.refusal(MATEBOT_TLS="x", MATEBOT_PACE_FACTOR="-1")
    assert [line.partition(":")[0] for line in text.splitlines()] == [
        "MATEBOT_TLS",
        "MATEBOT_PACE_FACTOR",
    ]


def test_secrets_do_not_show_in_the_object(load: Loader) -> None:
    """The settings' own text hides the tokens; `secrets` lists them for the log."""
    settings = load(MATEBOT_WEBHOOK_SECRET="hush-hush")
    assert not any(secret in repr(settings) + str(settings) for secret in settings.secrets)
    assert settings.secrets == ("123456:TEST-token-xyz", "a.discord-token", "hush-hush")


def test_own_tls_listens_for_the_world(load: Loader, tmp_path: Path) -> None:
    """With TLS of its own the defaults are all addresses and the public port; both may be set."""
    settings = load(MATEBOT_TLS="self-signed", MATEBOT_PUBLIC_URL="https://203.0.113.7:8443/")
    assert (settings.listen_host, settings.listen_port) == ("*", 8443)
    assert load(MATEBOT_LISTEN_PORT="9000").listen_port == 9000
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).touch()
    files = {"MATEBOT_TLS": "files", "MATEBOT_TLS_CERT": "c.pem", "MATEBOT_TLS_KEY": "k.pem"}
    assert load(**files).tls_key == Path("k.pem")
    assert "MATEBOT_TLS_KEY: expected the path" in load.refusal(MATEBOT_TLS_KEY="gone.pem")


def test_a_self_hosted_bot_api_server_lifts_telegrams_rules(load: Loader) -> None:
    """It calls any port, and plain http too; a self-signed certificate keeps Telegram's ports."""
    other = {"MATEBOT_TELEGRAM_API_URL": "http://127.0.0.1:8081/"}
    settings = load(MATEBOT_PUBLIC_URL="http://10.0.0.2:9999", **other)
    assert settings.webhook_url == "http://10.0.0.2:9999/telegram/webhook"
    assert settings.telegram_api_url == "http://127.0.0.1:8081"
    refused = load.refusal(MATEBOT_TLS="self-signed", MATEBOT_PUBLIC_URL="https://h.example:99")
    assert "443, 80, 88 or 8443" in refused


@pytest.mark.parametrize(
    ("url", "host", "port", "prefix"),
    [
        ("https://Mate.Example/", "mate.example", 443, ""),
        ("https://mate.example:8443/bots/mate/", "mate.example", 8443, "/bots/mate"),
        ("https://[2001:db8::1]:88", "2001:db8::1", 88, ""),
        ("https://bücher.example", "xn--bcher-kva.example", 443, ""),
    ],
)
def test_the_public_address_is_taken_apart(
    load: Loader, url: str, host: str, port: int, prefix: str
) -> None:
    """Host, port and path of PUBLIC_URL, with IPv6 and names beyond ASCII."""
    settings = load(MATEBOT_PUBLIC_URL=url)
    assert (settings.public_host, settings.public_port) == (host, port)
    assert settings.public_prefix == prefix
    assert settings.webhook_url.endswith(f"{prefix}/telegram/webhook")


@pytest.mark.parametrize("name", ["pt_BR", "pt-BR", "pt", "PT-br"])
def test_portuguese_has_several_names(load: Loader, name: str) -> None:
    """The usual spellings of the language all mean pt_BR."""
    assert load(MATEBOT_LANGUAGE=name).language == "pt_BR"


def test_typing_errors_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable with our prefix that nobody reads is listed, from both sources."""
    (tmp_path / ".env").write_text("MATEBOT_TELEGRAM_TOKN=1\nOTHER=2\nMATEBOT_TLS=proxy\n")
    monkeypatch.setenv("MATEBOT_BRIGES", "x")
    assert unknown_variables() == ["MATEBOT_BRIGES", "MATEBOT_TELEGRAM_TOKN"]


@pytest.mark.parametrize(
    ("text", "rooms"),
    [
        ("a <-> b", [(A, True, True), (B, True, True)]),
        ("a -> b", [(A, True, False), (B, False, True)]),
        ("a <- b", [(A, False, True), (B, True, False)]),
        ("b -> c -> x", [(B, True, False), (C, True, True), (Room.discord(7), False, True)]),
        ("b<->c->x", [(B, True, True), (C, True, True), (Room.discord(7), False, True)]),
        ("b -> c <- x", [(B, True, False), (C, False, True), (Room.discord(7), True, False)]),
    ],
)
def test_directions(text: str, rooms: list[tuple[Room, bool, bool]]) -> None:
    """What each arrow means to the rooms at its sides."""
    names = {"a": str(A), "b": str(B), "c": str(C), "x": "discord:7"}
    written = re.sub(r"[abcx]", lambda match: names[match[0]], text)
    assert parse_bridges(written) == (BridgeSpec(tuple(BridgeRoom(*room) for room in rooms)),)


def test_several_bridges_and_comments() -> None:
    """Semicolons and new lines part bridges; comments and blank lines mean nothing."""
    text = f"# ours\n{A} <-> {B} # 2; of\n\n ;telegram:-5 -> discord:6; telegram:-7<-discord:8;"
    assert [len(bridge.rooms) for bridge in parse_bridges(text)] == [2, 2, 2]
    assert parse_bridges(" \n;# nothing") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{A} <-> {A}", "stands twice"),
        (f"{A} <-> {B} <-> {A}", "stands twice"),
        (f"{A} <-> {C}", "overlap"),
        (f"{A} <->", "expected telegram:CHAT <->"),
        (f"{A} = {B}", "expected telegram:CHAT <->"),
        (f"{A} <-> <-> {B}", "expected telegram:CHAT <->"),
        (f"{A} <--> {B}", "expected telegram:CHAT"),
        ("irc:5 <-> discord:6", "expected telegram:CHAT"),
        ("telegram:-1/x <-> discord:6", "expected telegram:CHAT"),
    ],
)
def test_wrong_bridges_are_refused_with_words(text: str, expected: str) -> None:
    """Every unknown form says what was expected instead."""
    with pytest.raises(ValueError, match=expected):
        parse_bridges(text)


@given(st.text(alphabet=string.printable + "telegramdiscord:<->;#"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text brings the parser to anything but bridges or a ValueError."""
    try:
        bridges = parse_bridges(text)
    except ValueError:
        return
    assert all(len(bridge.rooms) >= 2 for bridge in bridges)


@given(
    st.lists(st.integers(1, 10**18), min_size=2, max_size=5, unique=True),
    st.sampled_from([" <-> ", "->", " <-"]),
)
def test_what_is_written_is_read(channels: list[int], arrow: str) -> None:
    """A chain of rooms comes back in its order, and someone reads and someone writes in it."""
    (bridge,) = parse_bridges(arrow.join(f"discord:{channel}" for channel in channels))
    assert [room.room.chat for room in bridge.rooms] == channels
    assert any(room.reads for room in bridge.rooms)
    assert any(room.writes for room in bridge.rooms)


def _documented() -> Mapping[str, str]:
    """The example file's variables, commented out or not, in its order."""
    found = re.findall(r"^#?(MATEBOT_[A-Z_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    return dict(found)


def test_the_example_names_every_setting_and_no_other() -> None:
    """config.example.env and Settings hold the same names, in both directions."""
    fields = {f"MATEBOT_{name.upper()}" for name in Settings.model_fields}
    assert set(_documented()) == fields


def test_each_setting_in_the_example_has_a_sentence_and_a_default() -> None:
    """Above each variable a comment tells its default, or says that it is required."""
    paragraphs = EXAMPLE.read_text("utf-8").split("\n\n")
    for name in _documented():
        (own,) = [text for text in paragraphs if re.search(rf"^#?{name}=", text, re.MULTILINE)]
        assert re.search(r"Default: .+|Required\.", own), name
        if name not in MINIMUM:
            assert f"#{name}=" in own, f"{name} is optional and should be commented out"


def test_the_examples_values_are_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file as it stands loads, and so does every commented value; told defaults are true."""
    plain = load_settings(EXAMPLE)
    assert set(dotenv_values(EXAMPLE)) == set(MINIMUM)
    for name in ("fullchain.pem", "privkey.pem"):
        (tmp_path / name).touch()
    text = re.sub(r"^#(MATEBOT_)", r"\1", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    text = text.replace("/etc/letsencrypt/live/matebot.example.org/", "")
    text = text.replace("MATEBOT_TLS=proxy", "MATEBOT_TLS=files")
    (tmp_path / "all.env").write_text(text, "utf-8")
    every = load_settings(tmp_path / "all.env")
    told = {"bridges", "data_dir", "webhook_secret", "tls", "tls_cert", "tls_key"}
    assert plain.model_dump(exclude=told) == every.model_dump(exclude=told)
    assert len(every.bridges) == 2
    monkeypatch.setenv("MATEBOT_TLS", "proxy")
    with pytest.raises(ConfigError, match="is for MATEBOT_TLS=files alone"):
        load_settings(tmp_path / "all.env")
