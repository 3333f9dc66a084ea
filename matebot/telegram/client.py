"""The connection to the Bot API: aiogram's Bot with a session of our own, and its set-up."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar, cast

import msgspec
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import GetChat, SendMessage, SetMyCommands, SetWebhook, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
)
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientError, ClientTimeout
from msgspec import Struct

from matebot.core.errors import OperatorError
from matebot.telegram.errors import translated
from matebot.telegram.limits import WEBHOOK_CONNECTIONS
from matebot.telegram.parse import ALLOWED_UPDATES

R = TypeVar("R")

#: Seconds: an answer that takes longer is taken for lost.
TIMEOUT: Final = ClientTimeout(total=30, connect=10)
#: A slower line than this is taken for dead, as is a server that takes so long to store a file.
UPLOAD_BYTES_PER_S: Final = 64 * 1024
DNS_CACHE_S: Final = 300
_JSON: Final = {"Content-Type": "application/json"}
UNKNOWN_BOT: Final = (
    "MATEBOT_TELEGRAM_TOKEN: Telegram does not know this token;"
    " take the current one from @BotFather (/mybots, API Token)"
)


class BotSelf(NamedTuple):
    """What Telegram tells of our bot.

    Attributes:
        id: Its user id.
        username: Without ``@``.
        can_read_all_group_messages: Whether privacy mode is off.
        can_join_groups: Whether it may be added to groups.
    """

    id: int
    username: str
    can_read_all_group_messages: bool
    can_join_groups: bool


class CommandEntry(NamedTuple):
    """A command as people find it in their menus.

    Attributes:
        name: Without the slash.
        descriptions: By language: ``en``, which is the default, ``pt_BR``…
        admin_only: Whether only administrators are shown it.
        in_private: Whether it is shown in private chats, too.
    """

    name: str
    descriptions: Mapping[str, str]
    admin_only: bool = False
    in_private: bool = False


class Sent(Struct):
    """What is read of the message that `SendMessage` returns, the call that is made most.

    It stands for aiogram's own `Message`, which takes thirty times as long to build.
    """

    message_id: int
    ephemeral_message_id: int | None = None
    poll: None = None  # no text has one


class ChatPhoto(Struct):
    """What is read of aiogram's `ChatPhoto`."""

    small_file_id: str
    small_file_unique_id: str


class ChatInfo(Struct):
    """What is read of what `GetChat` returns.

    It stands for aiogram's own `ChatFullInfo`, the first of which takes 100 ms to build.
    """

    type: str
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    photo: ChatPhoto | None = None


class _Answer(Struct, Generic[R]):
    """https://core.telegram.org/bots/api#making-requests, of a call that was taken."""

    ok: Literal[True]
    result: R


_READ: Final[Mapping[type[TelegramMethod[Any]], Callable[[bytes], _Answer[Any]]]] = {
    SendMessage: msgspec.json.Decoder(_Answer[Sent]).decode,
    GetChat: msgspec.json.Decoder(_Answer[ChatInfo]).decode,
}


class _Session(AiohttpSession):
    """A session that trusts the system's certificates (SSL_CERT_FILE), not certifi's alone.

    Calls without files go out as JSON, at a fraction of a form's cost.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        # aiohttp's own context, which Discord's side uses, too: a second one takes 2 MB.
        self._connector_init.update(ssl=True, ttl_dns_cache=DNS_CACHE_S)

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109  (the library's own)
    ) -> TelegramType:
        # aiogram hands a bare number on, of which aiohttp warns; it takes what it is given.
        limits: Any = None if timeout is None else ClientTimeout(total=timeout, connect=10)
        fields = self._fields(bot, method)
        if fields is None:
            return await super().make_request(bot, method, limits)
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        try:
            async with session.post(
                url,
                data=self.json_dumps(fields).encode(),
                headers=_JSON,
                timeout=limits or TIMEOUT,
            ) as response:
                content = await response.read()
        except TimeoutError as error:
            raise TelegramNetworkError(method, "Request timeout error") from error
        except ClientError as error:
            raise TelegramNetworkError(method, f"{type(error).__name__}: {error}") from error
        return cast("TelegramType", self._result(bot, method, response.status, content))

    def _fields(self, bot: Bot, method: TelegramMethod[Any]) -> dict[str, Any] | None:
        """What a call says; None where files go along, which only a form can hold."""
        files: dict[str, Any] = {}
        said = (
            (name, self.prepare_value(value, bot=bot, files=files, _dumps_json=False))
            for name, value in method
        )
        fields = {name: value for name, value in said if value is not None and value != ""}
        return None if files else fields

    def _result(self, bot: Bot, method: TelegramMethod[Any], status: int, content: bytes) -> Any:
        """What a call returned; anything but a plain success is aiogram's to tell."""
        read = _READ.get(type(method))
        if read is not None and status == HTTPStatus.OK:
            with suppress(msgspec.DecodeError):
                return read(content).result
        text = content.decode("utf-8", "replace")
        return self.check_response(bot, method, status, text).result


def make_bot(token: str, api_url: str) -> Bot:
    """A Bot that speaks with that server and never tries a call twice; it connects to nothing yet.

    Raises:
        OperatorError: The token has not the form of one.
    """
    session = _Session(api=TelegramAPIServer.from_base(api_url), timeout=TIMEOUT)
    try:
        return Bot(token, session=session)
    except TokenValidationError as error:
        raise OperatorError(UNKNOWN_BOT) from error


def upload_timeout(size_bytes: int) -> int | None:
    """Seconds that a call with so many bytes may take; None for one that has none."""
    if not size_bytes:
        return None
    return int(TIMEOUT.total or 0) + size_bytes // UPLOAD_BYTES_PER_S


async def connect(bot: Bot) -> BotSelf:
    """Ask who we are.

    Raises:
        OperatorError: The token is wrong.
        DeliveryError: The service does not answer now.
    """
    with translated(idempotent=True):
        try:
            me = await bot.get_me()
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise OperatorError(UNKNOWN_BOT) from error
    return BotSelf(
        id=me.id,
        username=me.username or "",
        can_read_all_group_messages=bool(me.can_read_all_group_messages),
        can_join_groups=bool(me.can_join_groups),
    )


async def set_webhook(
    bot: Bot,
    url: str,
    secret: str,
    *,
    certificate: bytes | None = None,
    max_connections: int = WEBHOOK_CONNECTIONS,
) -> None:
    """Tell Telegram where to call; what is pending stays.

    Args:
        bot: Ours.
        url: The public address.
        secret: Comes back with each call.
        certificate: PEM of a self-signed one; None where a known authority signed it.
        max_connections: Calls at the same time, 1 to 100.

    Raises:
        DeliveryError: It was refused, or the service does not answer now.
    """
    upload = BufferedInputFile(certificate, "certificate.pem") if certificate else None
    with translated(idempotent=True):
        await bot(
            SetWebhook(
                url=url,
                secret_token=secret,
                certificate=upload,
                allowed_updates=list(ALLOWED_UPDATES),
                max_connections=max_connections,
                drop_pending_updates=False,
            )
        )


async def set_commands(bot: Bot, entries: Sequence[CommandEntry]) -> None:
    """Put the commands into people's menus: those of administrators, groups and private chats.

    Raises:
        DeliveryError: It was refused, or the service does not answer now.
    """
    for call in command_menus(entries):
        with translated(idempotent=True):
            await bot(call)


def command_menus(entries: Sequence[CommandEntry]) -> tuple[SetMyCommands, ...]:
    """The menus to set, one for each audience and language; English is also everybody else's."""
    languages = sorted({language for entry in entries for language in entry.descriptions})
    audiences = (
        (BotCommandScopeAllGroupChats(), [e for e in entries if not e.admin_only]),
        (BotCommandScopeAllChatAdministrators(), list(entries)),
        (BotCommandScopeAllPrivateChats(), [e for e in entries if e.in_private]),
    )
    return tuple(
        SetMyCommands(
            commands=[_listed(entry, language) for entry in shown],
            scope=scope,
            # Two letters are all that Telegram tells languages apart by; none is the default.
            language_code=None if language == "en" else language[:2].lower(),
        )
        for language in languages
        for scope, shown in audiences
    )


def _listed(entry: CommandEntry, language: str) -> BotCommand:
    description = entry.descriptions.get(language) or entry.descriptions["en"]
    return BotCommand(command=entry.name, description=description)
