"""Slash commands and buttons: the table to Discord, calls to the bridge, answers back."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import discord

from matebot.core.errors import DeliveryError, MateBotError, TemporaryError
from matebot.core.faults import whereabouts
from matebot.core.ids import Room
from matebot.core.message import Author
from matebot.core.notice import Notice
from matebot.core.ports import CommandCall, Commands, Mark
from matebot.core.richtext import plain
from matebot.core.words import Words
from matebot.discord import markup
from matebot.discord.adapter import OneAttempt
from matebot.discord.client import Backoff, DiscordClient
from matebot.discord.limits import INTERACTION_S
from matebot.discord.notices import components
from matebot.discord.parts import ALLOWED_MENTIONS
from matebot.discord.rooms import manages

log = logging.getLogger(__name__)

LANGUAGES: Final = {"en": "en-US", "pt_BR": "pt-BR"}
"""The catalogue's languages as Discord names them; the first one is what all others read."""

_CHAT_INPUT, _STRING = 1, 3
_IN_GUILDS, _IN_PRIVATE = 0, 1
_EPHEMERAL: Final = 64
_MANAGE_GUILD: Final = discord.Permissions(manage_guild=True).value
_SEND_MESSAGES: Final = discord.Permissions(send_messages=True).value
_ATTEMPTS: Final = 3


class CommandSpec(Protocol):
    """One command of the table, as far as Discord lists it.

    Attributes:
        name: Without the slash.
        description: Its message in the catalogue.
        argument: The name of its one optional argument.
        argument_description: That one's message in the catalogue.
        argument_length: How long it may be.
        writers_only: Whether it is for those alone who may write in the room.
        admin_only: Whether it is for administrators alone.
        private_ok: Whether it also makes sense in a private chat.
    """

    @property
    def name(self) -> str: ...  # noqa: D102  (above)
    @property
    def description(self) -> str: ...  # noqa: D102  (told above)
    @property
    def argument(self) -> str | None: ...  # noqa: D102  (told above)
    @property
    def argument_description(self) -> str | None: ...  # noqa: D102  (told above)
    @property
    def argument_length(self) -> int: ...  # noqa: D102  (told above)
    @property
    def writers_only(self) -> bool: ...  # noqa: D102  (told above)
    @property
    def admin_only(self) -> bool: ...  # noqa: D102  (told above)
    @property
    def private_ok(self) -> bool: ...  # noqa: D102  (told above)


def payload(specs: Sequence[CommandSpec], words: Words) -> list[dict[str, Any]]:
    """The table as Discord's API takes it. Pure."""
    return [_command(spec, words) for spec in specs]


def _command(spec: CommandSpec, words: Words) -> dict[str, Any]:
    command: dict[str, Any] = {
        "type": _CHAT_INPUT,
        "name": spec.name,
        **_described(spec.description, words),
        "options": [],
        "default_member_permissions": _needed(spec),
        "contexts": [_IN_GUILDS, _IN_PRIVATE] if spec.private_ok else [_IN_GUILDS],
        "integration_types": [0],
    }
    if spec.argument is not None:
        option = {
            "type": _STRING,
            "name": spec.argument,
            **_described(spec.argument_description or spec.description, words),
            "required": False,
            "max_length": spec.argument_length,
        }
        command["options"].append(option)
    return command


def _needed(spec: CommandSpec) -> int | None:
    """The permission that Discord asks of who calls a command."""
    if spec.admin_only:
        return _MANAGE_GUILD
    return _SEND_MESSAGES if spec.writers_only else None


def _described(message_id: str, words: Words) -> dict[str, Any]:
    first, *others = LANGUAGES
    return {
        "description": words(first, message_id),
        "description_localizations": {
            LANGUAGES[language]: words(language, message_id) for language in others
        },
    }


def fingerprint(table: Sequence[dict[str, Any]], application_id: int) -> str:
    """Tells whether Discord has this table already. Pure."""
    text = json.dumps([application_id, table], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def to_call(interaction: discord.Interaction) -> CommandCall:
    """A slash command as the bridge takes it. Pure."""
    data: Any = interaction.data or {}
    options = data.get("options") or []
    user = interaction.user
    return CommandCall(
        name=str(data.get("name", "")),
        argument=str(options[0].get("value", "")).strip() if options else "",
        room=_room(interaction),
        caller=Author(user.id, user.display_name, user.name, user.bot),
        caller_is_admin=interaction.guild_id is not None and manages(interaction.permissions),
        private=interaction.guild_id is None,
        locale=interaction.locale.value.lower(),
    )


def _room(interaction: discord.Interaction) -> Room:
    return Room.discord(interaction.channel_id or 0)


def _chosen(interaction: discord.Interaction) -> str:
    """The option that was chosen from a menu; empty where it is no menu."""
    data: Any = interaction.data or {}
    values = data.get("values") or []
    return str(values[0]) if values else ""


def _language(interaction: discord.Interaction) -> str:
    return "pt_BR" if interaction.locale.value.lower().startswith("pt") else "en"


class DiscordCommands:
    """Keeps Discord's list of commands, and answers calls and presses.

    Args:
        client: The connection.
        commands: Does what they say.
        specs: The table.
        words: The catalogue.
        load: The fingerprint of the table that Discord was given last, None if it never was.
        save: Keeps that.
    """

    def __init__(
        self,
        client: DiscordClient,
        commands: Commands,
        specs: Sequence[CommandSpec],
        words: Words,
        *,
        load: Callable[[], Awaitable[str | None]],
        save: Callable[[str], Awaitable[None]],
    ) -> None:
        self._client = client
        self._commands = commands
        self._specs = specs
        self._words = words
        self._load = load
        self._save = save
        self._adapter = OneAttempt()

    async def sync(self) -> None:
        """Give Discord the table if it has another one; as often as it takes."""
        backoff = Backoff(first_s=2.0, longest_s=300.0)
        while True:
            try:
                await self._sync_once()
            except MateBotError as error:
                delay_s = backoff.delay_s()
                log.warning("the commands are not listed, again in %.0f s: %s", delay_s, error)
                await asyncio.sleep(delay_s)
            else:
                return

    async def _sync_once(self) -> None:
        with self._client.calling():
            application_id = self._client.application_id or 0
            table = payload(self._specs, self._words)
            mark = fingerprint(table, application_id)
            if await self._load() == mark:
                return
            await self._client.http.bulk_upsert_global_commands(application_id, table)
        await self._save(mark)
        log.info("Discord lists %d commands", len(table))

    async def answer(self, interaction: discord.Interaction) -> None:
        """Do what a command or a button says; never raises for what Discord or the store says."""
        if interaction.type not in (
            discord.InteractionType.application_command,
            discord.InteractionType.component,
        ):
            return
        try:
            with self._client.calling():
                # What a menu's choice is answered with takes the menu's place.
                thinking = not _chosen(interaction)
                await interaction.response.defer(ephemeral=True, thinking=thinking)
            notice = await self._notice(interaction)
            async with asyncio.timeout(INTERACTION_S):
                await self._tell(interaction, notice)
        except (DeliveryError, TimeoutError) as error:
            log.warning("an answer did not reach who asked: %s", error)

    async def _notice(self, interaction: discord.Interaction) -> Notice | None:
        """What the bridge says; a polite word where it cannot."""
        try:
            if interaction.type is discord.InteractionType.application_command:
                return await self._commands.call(to_call(interaction), Mark())
            data: Any = interaction.data or {}
            call = to_call(interaction)
            action = _chosen(interaction) or str(data.get("custom_id", ""))
            return await self._commands.press(
                action, call.room, call.caller, Mark(), locale=call.locale
            )
        except MateBotError as error:
            log.warning("a command could not be done: %s", error)
        except Exception as error:  # noqa: BLE001  (one command must not end all conversations)
            log.error("a command failed: %s", whereabouts(error))
        return Notice(plain(self._words(_language(interaction), "try-again")))

    async def _tell(self, interaction: discord.Interaction, notice: Notice | None) -> None:
        """Put the answer where Discord shows that MateBot thinks, and what does not fit below."""
        if notice is None:
            await self._insist(self._adapter.delete_original_interaction_response, interaction)
            return
        pieces = markup.split(notice.text) or ["…"]
        for number, piece in enumerate(pieces):
            body: dict[str, Any] = {"content": piece, "allowed_mentions": ALLOWED_MENTIONS}
            if number == len(pieces) - 1:
                body["components"] = components(notice)
            if number == 0:
                edit = self._adapter.edit_original_interaction_response
                await self._insist(edit, interaction, payload=body)
            else:
                body["flags"] = _EPHEMERAL
                await self._insist(self._adapter.execute_webhook, interaction, payload=body)

    async def _insist(
        self, call: Callable[..., Awaitable[Any]], interaction: discord.Interaction, **more: Any
    ) -> None:
        """Make a call with the interaction's token, up to three times."""
        backoff = Backoff()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._client.calling():
                    await call(
                        interaction.application_id,
                        interaction.token,
                        session=self._client.session,
                        **more,
                    )
            except TemporaryError as error:
                if attempt == _ATTEMPTS:
                    raise
                await asyncio.sleep(error.retry_after_s or backoff.delay_s())
            else:
                return
