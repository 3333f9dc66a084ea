"""Takes what the webhook's gate let through, and returns once it rests in the database."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiogram import Bot
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import Update

from matebot.core.errors import DeliveryError, PermanentError, StoreUnavailable, TemporaryError
from matebot.core.faults import whereabouts
from matebot.core.ports import CommandCall, Commands, Intake, Mark, Rooms
from matebot.telegram.custom_emoji import CustomEmoji
from matebot.telegram.errors import translated
from matebot.telegram.parse import Me, Parsed, Press, parse_update
from matebot.telegram.webhook import RawUpdate

ANSWER_S: Final = 5.0
"""How long the answer to a pressed button may hold up Telegram's next update."""
ALERT_LENGTH: Final = 200
"""https://core.telegram.org/bots/api#answercallbackquery, characters"""
_logger = logging.getLogger(__name__)

_WELCOMES: Final = frozenset(
    f"my_chat_member:{status}" for status in ("creator", "administrator", "member", "restricted")
)

KeepRaw = Callable[[int, bytes], Awaitable[None]]
"""Keeps an update that is not understood: its id and its JSON."""


class TelegramIntake:
    """The sink behind the webhook's gate (`matebot.telegram.webhook.UpdateSink`).

    Args:
        bot: Ours.
        me: What we are called, and the commands that we answer.
        intake: Takes the events.
        commands: Answers commands and buttons.
        rooms: Knows who is an administrator.
        keep_raw: Keeps tomorrow's updates.
        count: Counts by name what is left out: ``reaction``, ``service:pinned_message``, ``raw``…
        welcomed: Called when the bot was added to a chat, or given other rights there.
    """

    def __init__(
        self,
        bot: Bot,
        me: Me,
        *,
        intake: Intake,
        commands: Commands,
        rooms: Rooms,
        keep_raw: KeepRaw,
        count: Callable[[str], None],
        welcomed: Callable[[], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._me = me
        self._intake = intake
        self._commands = commands
        self._rooms = rooms
        self._keep_raw = keep_raw
        self._count = count
        self._welcomed = welcomed
        self._emoji = CustomEmoji(bot)

    async def __call__(self, raw: RawUpdate) -> None:
        """Take one update.

        Args:
            raw: As it came.

        Raises:
            StoreUnavailable: It was not kept; Telegram shall send it again.
        """
        try:
            parsed = parse_update(Update.model_validate(raw.fields), self._me)
        except Exception as error:  # noqa: BLE001 (whatever tomorrow's update breaks, its chat must go on)
            _logger.warning("kept update %s raw: %s", raw.id, type(error).__name__)
            self._count("raw")
            await self._keep_raw(raw.id, raw.body)
            return
        try:
            await self._act(parsed, Mark(update_id=raw.id))
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 (the same: refused for a day, it would block its chat)
            _logger.error("update %s broke: %s", raw.id, whereabouts(error))
            self._count("broken")
            await self._keep_raw(raw.id, raw.body)

    async def _act(self, parsed: Parsed, mark: Mark) -> None:
        if parsed.ignored is not None:
            self._count(parsed.ignored)
            _logger.debug("update %s left out: %s", mark.update_id, parsed.ignored)
        if parsed.ignored in _WELCOMES:
            await self._welcomed()
        if parsed.events:
            await self._intake.take(await self._emoji.plain(parsed.events), mark)
        if parsed.command is not None:
            await self._commands.call(await self._with_rights(parsed.command), mark)
        if parsed.press is not None:
            await self._press(parsed.press, mark)

    async def _with_rights(self, call: CommandCall) -> CommandCall:
        """The call with whether its caller may decide for the room.

        Raises:
            StoreUnavailable: Telegram does not tell now.
        """
        if call.private or call.anonymous:
            return call
        try:
            is_admin = await self._rooms.is_admin(call.room, call.caller.id)
        except PermanentError as error:
            _logger.warning("cannot ask who is an administrator of %s: %s", call.room, error)
            is_admin = False
        except DeliveryError as error:
            hint_s = error.retry_after_s if isinstance(error, TemporaryError) else None
            raise StoreUnavailable(f"rights unknown: {error}", hint_s or 5.0) from error
        return call._replace(caller_is_admin=is_admin)

    async def _press(self, press: Press, mark: Mark) -> None:
        answer = await self._commands.press(
            press.action, press.room, press.caller, mark, message_id=press.message_id
        )
        text = answer.text.text[:ALERT_LENGTH] if answer is not None else None
        # Best effort: it only ends the button's own sign of waiting, and tells who may not.
        try:
            async with asyncio.timeout(ANSWER_S):
                with translated(idempotent=True):
                    await self._bot(
                        AnswerCallbackQuery(
                            callback_query_id=press.query_id,
                            text=text,
                            show_alert=True if text else None,
                        )
                    )
        except (DeliveryError, TimeoutError) as error:
            _logger.debug("a press was not answered: %s", error)
