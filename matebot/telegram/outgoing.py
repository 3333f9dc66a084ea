"""Writes into Telegram: the Messenger of that side. One attempt a call, errors as the bridge's."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import msgspec
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    DeleteMessage,
    EditMessageText,
    PinChatMessage,
    SendChatAction,
    SendMessage,
    TelegramMethod,
    UnpinChatMessage,
)
from aiogram.types import (
    EphemeralMessageParameters,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)

from matebot.core.errors import DeliveryError, MessageGone, PermanentError, RoomGone
from matebot.core.ids import GENERAL_TOPIC, MessageRef, Platform, Room
from matebot.core.message import Button, Copy, Emoji, Notice, Tally
from matebot.core.richtext import RichText
from matebot.core.words import Words
from matebot.telegram import markup
from matebot.telegram.errors import translated
from matebot.telegram.probe import Keyboards, Prober
from matebot.telegram.reacting import Reactor
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
        self._reactor = Reactor(bot, on_revoked=on_revoked)

    async def prepare(self, room: Room, copy: Copy) -> Sequence[TelegramPart]:  # noqa: ARG002
        """The messages to send; nothing needs to be asked for them, so the room does not matter."""
        return render(copy, self._words)

    async def send(self, room: Room, part: TelegramPart, key: str) -> MessageRef:  # noqa: ARG002
        """Post one message.

        The key is of no use: the Bot API knows no idempotent sends, `find` takes their place.

        Raises:
            DeliveryError: See `matebot.core.errors`.
        """
        try:
            sent = await self._call(_send(room, part))
        except PermanentError as error:
            sent = await self._call(_send(room, _unformatted(part, error)))
        return MessageRef(room, sent.message_id)

    async def edit(self, ref: MessageRef, part: TelegramPart) -> None:
        """Make a message of ours read like the part; already so is no error.

        Raises:
            MessageGone: It is not there.
            DeliveryError: See `matebot.core.errors`.
        """
        try:
            await self._settle(_edit(ref, part), _NOT_MODIFIED)
        except PermanentError as error:
            await self._settle(_edit(ref, _unformatted(part, error)), _NOT_MODIFIED)

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

    async def react(
        self, ref: MessageRef, tally: Sequence[Tally], own: Sequence[Emoji]
    ) -> Sequence[Emoji]:
        """React like the people elsewhere, as far as the chat lets a bot; see `Reactor.react`.

        Raises:
            MessageGone: It is not there.
            DeliveryError: See `matebot.core.errors`.
        """
        return await self._reactor.react(ref, tally, own)

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Pin a message without a sound, or unpin it; without the right to it nothing happens.

        Raises:
            MessageGone: It is not there.
            DeliveryError: See `matebot.core.errors`.
        """
        chat, message = ref.room.chat, ref.message_id
        method: TelegramMethod[bool] = UnpinChatMessage(chat_id=chat, message_id=message)
        if pinned:
            method = PinChatMessage(chat_id=chat, message_id=message, disable_notification=True)
        try:
            await self._settle(method, _NOT_MODIFIED)
        except (MessageGone, RoomGone):
            raise
        except PermanentError as error:
            # The room itself is well, so that nothing else that goes there may wait for this.
            _logger.warning("cannot pin in %s: %s", ref.room, error)

    async def typing(self, room: Room) -> None:
        """Show that somebody is typing, for some five seconds; what fails is let be."""
        method = SendChatAction(chat_id=room.chat, message_thread_id=_thread(room), action="typing")
        try:
            await self._call(method)
        except DeliveryError as error:
            _logger.debug("cannot show typing in %s: %s", room, error)

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


def _edit(ref: MessageRef, part: TelegramPart) -> EditMessageText:
    return EditMessageText(
        chat_id=ref.room.chat,
        message_id=ref.message_id,
        text=part.text,
        entities=_entities(part.entities),
    )


def _unformatted(part: TelegramPart, refusal: PermanentError) -> TelegramPart:
    """The words alone of a message that was refused for no known reason.

    A rule for formatting that nobody wrote down: what was said still arrives.

    Raises:
        PermanentError: The refusal, where it has a known reason or there is no formatting.
    """
    if type(refusal) is not PermanentError or not part.entities:
        raise refusal
    _logger.warning("sending without formatting, since it was refused: %s", refusal)
    return msgspec.structs.replace(part, entities=())


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
