"""Writes into Telegram: the Messenger of that side. One attempt a call, errors as the bridge's."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    DeleteMessage,
    EditMessageText,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import (
    EphemeralMessageParameters,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)

from matebot.core.errors import PermanentError
from matebot.core.ids import GENERAL_TOPIC, MessageRef, Platform, Room
from matebot.core.message import Button, Copy, Notice
from matebot.core.richtext import RichText
from matebot.core.words import Words
from matebot.telegram import markup
from matebot.telegram.errors import translated
from matebot.telegram.probe import Keyboards, Prober
from matebot.telegram.render import TelegramPart, render

T = TypeVar("T")
_NOT_MODIFIED: Final = "message is not modified"
_NOT_FOUND: Final = "message to delete not found"
_logger = logging.getLogger(__name__)


class TelegramMessenger:
    """Implements `matebot.core.ports.Messenger` for Telegram.

    Args:
        bot: Ours.
        words: The message catalogue.
        on_revoked: Called when Telegram no longer knows the token.
    """

    platform = Platform.TELEGRAM

    def __init__(
        self, bot: Bot, words: Words, *, on_revoked: Callable[[], None] | None = None
    ) -> None:
        self._bot = bot
        self._words = words
        self._on_revoked = on_revoked
        self._keyboards = Keyboards()
        self._prober = Prober(bot, self._keyboards, on_revoked=on_revoked)

    async def prepare(self, room: Room, copy: Copy) -> Sequence[TelegramPart]:  # noqa: ARG002
        """The messages to send; nothing needs to be asked for them, so the room does not matter."""
        return render(copy, self._words)

    async def send(self, room: Room, part: TelegramPart, key: str) -> MessageRef:  # noqa: ARG002
        """Post one message.

        The key is of no use: the Bot API knows no idempotent sends, `find` takes their place.

        Raises:
            DeliveryError: See `matebot.core.errors`.
        """
        sent = await self._call(_send(room, part))
        return MessageRef(room, sent.message_id)

    async def edit(self, ref: MessageRef, part: TelegramPart) -> None:
        """Make a message of ours read like the part; already so is no error.

        Raises:
            MessageGone: It is not there.
            DeliveryError: See `matebot.core.errors`.
        """
        method = EditMessageText(
            chat_id=ref.room.chat,
            message_id=ref.message_id,
            text=part.text,
            entities=_entities(part.entities),
        )
        await self._settle(method, _NOT_MODIFIED)

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message of ours; already gone is no error.

        Raises:
            DeliveryError: See `matebot.core.errors`; Telegram deletes nothing older than 48 h.
        """
        method = DeleteMessage(chat_id=ref.room.chat, message_id=ref.message_id)
        await self._settle(method, _NOT_FOUND)

    async def notice(self, room: Room, notice: Notice, key: str) -> MessageRef | None:  # noqa: ARG002
        """Say something as MateBot: to all, to one person in the room, or to them in private.

        Returns:
            Where it stands, or None where only one person saw it.

        Raises:
            DeliveryError: See `matebot.core.errors`.
        """
        person = notice.only_for
        if person is None or person == room.chat:
            return await self._say(room, notice.text, notice, notice.reply_to)
        if room.chat < 0 and await self._whisper(room, person, notice):
            return None
        try:
            await self._say(Room.telegram(person), notice.text, notice, None)
        except PermanentError as error:
            # Who never wrote to the bot, or blocked it, cannot be written to.
            _logger.info("a person cannot be reached in private: %s", error)
        else:
            return None
        if notice.or_else is None:
            raise PermanentError("the person cannot be reached in private")
        return await self._say(room, notice.or_else, Notice(notice.or_else), notice.reply_to)

    async def find(self, room: Room, after: int) -> Sequence[MessageRef]:
        """What we posted in that chat after a message id, oldest first; see `Prober.find`.

        Raises:
            DeliveryError: The service did not tell.
        """
        return await self._prober.find(room, after)

    async def _whisper(self, room: Room, person: int, notice: Notice) -> bool:
        """Say it in the room to one person alone; False where that does not go."""
        method = _said(room, notice.text, notice, notice.reply_to)
        method.ephemeral_message_parameters = EphemeralMessageParameters(receiver_user_id=person)
        try:
            sent = await self._call(method)
        except PermanentError as error:
            _logger.debug("no ephemeral message: %s", error)
            return False
        if sent.ephemeral_message_id is not None:
            return True
        # A server that does not know the parameter has just shown it to all.
        _logger.warning("this Bot API server knows no ephemeral messages: taking one back")
        await self.delete(MessageRef(room, sent.message_id))
        return False

    async def _say(
        self, room: Room, text: RichText, notice: Notice, reply_to: int | None
    ) -> MessageRef:
        sent = await self._call(_said(room, text, notice, reply_to))
        if notice.buttons:
            self._keyboards.add(room.chat, sent.message_id)
        return MessageRef(room, sent.message_id)

    async def _call(self, method: TelegramMethod[T]) -> T:
        with translated(self._on_revoked):
            return await self._bot(method)

    async def _settle(self, method: TelegramMethod[Any], refusal: str) -> None:
        """Make a call that may be repeated, and of which one refusal says that it is done."""
        with translated(self._on_revoked, idempotent=True):
            try:
                await self._bot(method)
            except TelegramBadRequest as error:
                if refusal not in error.message:
                    raise


def _send(room: Room, part: TelegramPart) -> SendMessage:
    return SendMessage(
        chat_id=room.chat,
        message_thread_id=_thread(room),
        text=part.text,
        entities=_entities(part.entities),
        reply_parameters=_reply(part.reply_to),
        disable_notification=part.silent or None,
    )


def _said(room: Room, text: RichText, notice: Notice, reply_to: int | None) -> SendMessage:
    words, entities = markup.render(text)
    return SendMessage(
        chat_id=room.chat,
        message_thread_id=_thread(room),
        text=words,
        entities=_entities(entities),
        reply_parameters=_reply(reply_to),
        reply_markup=_keyboard(notice.buttons),
    )


def _thread(room: Room) -> int | None:
    """The thread to write in: General is addressed by none."""
    return None if room.topic == GENERAL_TOPIC else room.topic


def _reply(message_id: int | None) -> ReplyParameters | None:
    if message_id is None:
        return None
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


def _keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    row = [
        InlineKeyboardButton(text=button.label, callback_data=button.action) for button in buttons
    ]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def _entities(entities: Sequence[markup.Entity]) -> list[MessageEntity] | None:
    """The bridge's entities as aiogram's; none of those we send names a user."""
    return [
        MessageEntity(
            type=entity.type,
            offset=entity.offset,
            length=entity.length,
            url=entity.url,
            language=entity.language,
            custom_emoji_id=entity.custom_emoji_id,
            unix_time=entity.unix_time,
            date_time_format=entity.date_time_format,
        )
        for entity in entities
    ] or None
