"""Settings: the only reader of the environment.

They come from variables named ``MATEBOT_…`` and from a ``.env`` file (the environment wins), are
checked once and then frozen. A wrong value is refused by the variable's name, with what was
expected; a secret is never shown.
"""

import math
import os
import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values
from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from matebot.core.ids import Platform
from matebot.core.topology import BridgeRoom, BridgeSpec, parse_bridges

__all__ = [
    "BridgeRoom",
    "BridgeSpec",
    "ConfigError",
    "Settings",
    "load_settings",
    "parse_bridges",
    "unknown_variables",
]

PREFIX = "MATEBOT_"
TELEGRAM_API_URL = "https://api.telegram.org"
TELEGRAM_PORTS = (443, 80, 88, 8443)
"""The ports that Telegram calls: https://core.telegram.org/bots/api#setwebhook (2026-11-24)."""
TELEGRAM_NETWORKS = "149.154.160.0/20, 91.108.4.0/22"
"""Where Telegram calls from: https://core.telegram.org/bots/webhooks, checked 2026-11-24."""

Network = IPv4Network | IPv6Network


class ConfigError(Exception):
    """Settings that cannot be used; its text has one line for each wrong one."""


def _shown(value: object) -> str:
    text = str(value)
    if "@" in text:  # may hold a name and a password
        return "a value with '@' in it"
    return repr(text if len(text) <= 80 else text[:77] + "...")


def _text_like(expected: str, pattern: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = str(value).strip()
        if not re.fullmatch(pattern, text):
            raise ValueError(f"expected {expected}, got {_shown(value)}")
        return text

    return check


def _secret_like(expected: str, pattern: str) -> Callable[[object], SecretStr]:
    def check(value: object) -> SecretStr:
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value).strip()
        if text.lower().startswith("bot "):
            raise ValueError(
                f"expected {expected}, got one that begins with 'Bot ': leave that word out"
            )
        if not re.fullmatch(pattern, text):
            raise ValueError(
                f"expected {expected}, got something else (not shown, for it may be a secret)"
            )
        return SecretStr(text)

    return check


def _one_of(*choices: str, **also: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = str(value).strip()
        known = {choice.casefold(): choice for choice in choices} | also
        if text.casefold() not in known:
            raise ValueError(f"expected one of {', '.join(choices)}, got {_shown(value)}")
        return known[text.casefold()]

    return check


def _language(value: object) -> str:
    normal = {"en": "en", "pt": "pt_BR", "pt_br": "pt_BR"}.get(
        str(value).strip().casefold().replace("-", "_")
    )
    if normal is None:
        raise ValueError(f"expected en or pt_BR, got {_shown(value)}")
    return normal


def _factor(value: object) -> float:
    try:
        factor = float(str(value))
    except ValueError:
        factor = 0.0
    if not (math.isfinite(factor) and factor > 0):
        raise ValueError(f"expected a number greater than 0, got {_shown(value)}")
    return factor


def _whole(least: int, most: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        text = str(value).strip()
        if not (re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most):
            raise ValueError(f"expected a whole number from {least} to {most}, got {_shown(value)}")
        return int(text)

    return check


def _yes_no(value: object) -> bool:
    text = str(value).strip().casefold()
    if text not in {"yes", "no"}:
        raise ValueError(f"expected yes or no, got {_shown(value)}")
    return text == "yes"


def _networks(value: object) -> tuple[Network, ...]:
    words = (
        [str(v) for v in value]
        if isinstance(value, tuple | list)
        else re.split(r"[\s,;]+", str(value))
    )
    return tuple(_network(word) for word in words if word)


def _network(word: str) -> Network:
    try:
        return ip_network(word, strict=False)
    except ValueError:
        expected = "addresses or networks such as 203.0.113.7, 10.0.0.0/8, separated by commas"
        raise ValueError(f"expected {expected}, got {_shown(word)}") from None


def _bridges(value: object) -> tuple[BridgeSpec, ...]:
    return value if isinstance(value, tuple) else parse_bridges(str(value))


def _path(value: object) -> Path:
    return Path(str(value)).expanduser()


_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?", re.IGNORECASE)


def _split(value: object, schemes: tuple[str, ...]) -> SplitResult:
    forms = " or ".join(f"{scheme}://…" for scheme in schemes)
    try:
        url = urlsplit(str(value).strip())
        host, _ = (url.hostname or "").encode("idna").decode(), url.port
        if ":" in host:
            ip_network(host)
    except ValueError:
        raise ValueError(
            f"expected an address that begins with {forms}, got {_shown(value)}"
        ) from None
    if url.scheme not in schemes or not (":" in host or _HOST.fullmatch(host)):
        raise ValueError(f"expected an address that begins with {forms}, got {_shown(value)}")
    if url.username is not None or url.query or url.fragment:
        raise ValueError(
            f"expected no name, password, ?query or #fragment in it, got {_shown(value)}"
        )
    netloc = f"[{host}]" if ":" in host else host
    return url._replace(netloc=netloc if url.port is None else f"{netloc}:{url.port}")


def _url(*schemes: str, keep_slash: bool = False) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = _split(value, schemes).geturl()
        return text if keep_slash else text.rstrip("/")

    return check


_SECRET = "1 to 256 characters of A-Z a-z 0-9 _ -"  # noqa: S105 (says what a secret looks like, is none)
_PATH = r"(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"
_Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]
_HttpUrl = Annotated[str, BeforeValidator(_url("https", "http"))]


def _default_host(data: dict[str, Any]) -> str:
    return "127.0.0.1" if data.get("tls", "proxy") == "proxy" else "*"


def _default_port(data: dict[str, Any]) -> int:
    if data.get("tls", "proxy") == "proxy":
        return 8080
    return urlsplit(str(data.get("public_url", ""))).port or 443


class Settings(BaseSettings):
    """What the operator has chosen; every field is a variable ``MATEBOT_`` + its name in capitals.

    `config.example.env` tells what each one means. ``listen_host`` is an address or ``*`` for all
    of them; ``public_url`` and the services' addresses have no slash at their end (the gateway's
    is as given).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        validate_default=False,  # they are right as they stand, of their final types
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_token: Annotated[
        SecretStr,
        BeforeValidator(
            _secret_like("BotFather's token, such as 123456:ABC-DEF", r"[0-9]+:[A-Za-z0-9_-]+")
        ),
    ]
    discord_token: Annotated[
        SecretStr, BeforeValidator(_secret_like("the bot's token without blanks", r"[!-~]+"))
    ]
    telegram_api_url: _HttpUrl = TELEGRAM_API_URL
    telegram_local: Annotated[bool, BeforeValidator(_yes_no)] = False
    discord_api_url: _HttpUrl = "https://discord.com/api/v10"
    discord_gateway_url: Annotated[str, BeforeValidator(_url("wss", "ws", keep_slash=True))] = (
        "wss://gateway.discord.gg/"
    )
    discord_cdn_url: _HttpUrl = "https://cdn.discordapp.com"
    tls: Annotated[
        Literal["proxy", "files", "self-signed"],
        BeforeValidator(_one_of("proxy", "files", "self-signed")),
    ] = "proxy"
    public_url: _HttpUrl
    listen_host: Annotated[
        str, BeforeValidator(_text_like("an address or host name, or * for all", r"\*|[\w.:-]+"))
    ] = Field(default_factory=_default_host)
    listen_port: Annotated[int, BeforeValidator(_whole(1, 65535))] = Field(
        default_factory=_default_port
    )
    tls_cert: Annotated[Path | None, BeforeValidator(_path)] = None
    tls_key: Annotated[Path | None, BeforeValidator(_path)] = None
    data_dir: Annotated[Path, BeforeValidator(_path)] = Path("data")
    bridges: Annotated[tuple[InstanceOf[BridgeSpec], ...], NoDecode, BeforeValidator(_bridges)] = ()
    language: Annotated[Literal["en", "pt_BR"], BeforeValidator(_language)] = "en"
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(_one_of("DEBUG", "INFO", "WARNING", "ERROR")),
    ] = "INFO"
    log_format: Annotated[Literal["text", "json"], BeforeValidator(_one_of("text", "json"))] = (
        "text"
    )
    webhook_path: Annotated[
        str, BeforeValidator(_text_like("a path such as /telegram/webhook", _PATH))
    ] = "/telegram/webhook"
    webhook_secret: Annotated[
        SecretStr | None, BeforeValidator(_secret_like(_SECRET, r"[A-Za-z0-9_-]{1,256}"))
    ] = None
    webhook_networks: _Networks = _networks(TELEGRAM_NETWORKS)
    trusted_proxies: _Networks = _networks("127.0.0.1, ::1")
    keep_content_hours: Annotated[float, BeforeValidator(_factor)] = 48.0
    keep_map_days: Annotated[float, BeforeValidator(_factor)] = 365.0
    catch_up_hours: Annotated[float, BeforeValidator(_factor)] = 24.0
    catch_up_messages: Annotated[int, BeforeValidator(_whole(0, 999_999_999))] = 2000
    media_disk_mb: Annotated[int, BeforeValidator(_whole(1, 999_999_999))] = 1024
    shrink_videos: Annotated[bool, BeforeValidator(_yes_no)] = False
    delete_check_seconds: Annotated[float, BeforeValidator(_factor)] = 60.0
    pace_factor: Annotated[float, BeforeValidator(_factor)] = 1.0

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        wrong = [f"{PREFIX}{name}: {text}" for name, text in _conflicts(self)]
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    @property
    def public_host(self) -> str:
        """The host name or IP address (without brackets) that others know MateBot by."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def public_port(self) -> int:
        """The port of PUBLIC_URL."""
        url = urlsplit(self.public_url)
        return url.port or (80 if url.scheme == "http" else 443)

    @property
    def public_prefix(self) -> str:
        """The path of PUBLIC_URL, such as ``/matebot``; usually empty."""
        return urlsplit(self.public_url).path

    @property
    def webhook_url(self) -> str:
        """What Telegram is told to call."""
        return self.public_url + self.webhook_path

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret in the settings, for the log to leave out."""
        held = (self.telegram_token, self.discord_token, self.webhook_secret)
        return tuple(secret.get_secret_value() for secret in held if secret is not None)


def _conflicts(settings: Settings) -> Iterator[tuple[str, str]]:
    """Name what is right by itself and wrong together: pairs of setting and complaint."""
    real = settings.telegram_api_url == TELEGRAM_API_URL
    plain = settings.public_url.startswith("http:")
    if plain and (real or settings.tls != "proxy"):
        yield (
            "PUBLIC_URL",
            f"expected an address that begins with https://, got {settings.public_url!r}",
        )
    if settings.public_port not in TELEGRAM_PORTS and (real or settings.tls == "self-signed"):
        ports = "443, 80, 88 or 8443"
        yield (
            "PUBLIC_URL",
            f"expected port {ports}, which Telegram calls, got {settings.public_port}",
        )
    if settings.public_prefix and not re.fullmatch(_PATH, settings.public_prefix):
        yield (
            "PUBLIC_URL",
            f"expected a plain path or none after the host, got {settings.public_prefix!r}",
        )
    if settings.telegram_local and real:
        hint = f"give its address as {PREFIX}TELEGRAM_API_URL"
        yield "TELEGRAM_LOCAL", f"is for a Bot API server of your own: {hint}"
    if f"{settings.webhook_path}/".startswith(("/healthz/", "/avatars/")):
        yield (
            "WEBHOOK_PATH",
            "expected a path that nothing else uses; /healthz and /avatars are taken",
        )
    for name, path in (("TLS_CERT", settings.tls_cert), ("TLS_KEY", settings.tls_key)):
        if settings.tls != "files" and path is not None:
            yield name, f"is for {PREFIX}TLS=files alone, which is {settings.tls!r}"
        elif settings.tls == "files" and (path is None or not path.is_file()):
            yield (
                name,
                f"expected the path of a PEM file, which TLS=files needs, got {str(path or '')!r}",
            )
    if any(
        room.room.platform is Platform.TELEGRAM and room.room.chat > 0 for room in _rooms(settings)
    ):
        yield (
            "BRIDGES",
            "expected groups and channels (their ids are negative), got a private Telegram chat",
        )


def _rooms(settings: Settings) -> Iterator[BridgeRoom]:
    return (room for bridge in settings.bridges for room in bridge.rooms)


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the environment and, where it exists, the file.

    Raises:
        ConfigError: One line for each setting that is wrong or missing.
    """
    options: dict[str, Any] = {"_env_file": env_file, "_env_file_encoding": "utf-8"}
    try:
        return Settings(**options)
    except ValidationError as error:
        raise ConfigError("\n".join(_complaints(error))) from None
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{env_file}: cannot be read: {error}") from None


def _complaints(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        if detail["type"] == "default_factory_not_called":
            continue  # an echo of a complaint about another setting
        text = str(detail.get("ctx", {}).get("error", detail["msg"]))
        if detail["type"] == "missing":
            text = "is missing: see config.example.env"
        name = ".".join(str(part) for part in detail["loc"][:1])
        yield f"{PREFIX}{name.upper()}: {text}" if name else text


def unknown_variables(env_file: Path | None = Path(".env")) -> list[str]:
    """Names in the environment or the file that begin with ``MATEBOT_`` and mean nothing."""
    names = set(os.environ)
    if env_file is not None and env_file.is_file():
        names |= set(dotenv_values(env_file))
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    return sorted(
        name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known
    )
