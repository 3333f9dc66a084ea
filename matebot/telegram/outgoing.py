"""Writes into Telegram: the Messenger of that side. One attempt a call, errors as the bridge's."""

import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Final, TypeVar

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    DeleteMessage,
    PinChatMessage,
    SendChatAction,
    TelegramMethod,
    UnpinChatMessage,
)
from aiogram.types import EphemeralMessageParameters

from matebot.core.errors import MessageGone, OtherKind, PermanentError, RoomGone
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.media import has_files
from matebot.core.message import Copy, Emoji, Tally
from matebot.core.message import Message as Content
from matebot.core.notice import Notice
from matebot.core.richtext import RichText
from matebot.core.words import Words
from matebot.telegram import merging
from matebot.telegram.errors import translated
from matebot.telegram.file_posting import FilePoster
from matebot.telegram.forms import edits, keyboard, posts, said, said_instead, thread
from matebot.telegram.own_files import resendable
from matebot.telegram.probe import Keyboards, Prober
from matebot.telegram.reacting import Reactor
from matebot.telegram.render import TelegramPart
from matebot.telegram.render_media import album_length, rendered, together
from matebot.telegram.scheduled import Scheduled
from matebot.telegram.uploads import Uploads
from matebot.telegram.writer import NOT_MODIFIED, Writer

T = TypeVar("T")
_NOT_FOUND: Final = "message to delete not found"
_logger = logging.getLogger(__name__)


class TelegramMessenger:
    """Implements `matebot.core.ports.Messenger` for Telegram.

    Args:
        bot: Ours.
        words: The message catalogue.
        on_revoked: Called when Telegram no longer knows the token.
        on_poll: Told the key under which a poll was sent, and the poll's id.
        uploads: Knows the files of what is sent.
        now: Seconds that only grow.
    """

    platform = Platform.TELEGRAM

    def __init__(
        self,
        bot: Bot,
        words: Words,
        uploads: Uploads,
        *,
        on_revoked: Callable[[], None] | None = None,
        on_poll: Callable[[str, str], Awaitable[None]] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._words = words
        self._on_poll = on_poll
        self._on_revoked = on_revoked
        self._keyboards = Keyboards()
        self._prober = Prober(bot, self._keyboards, on_revoked=on_revoked)
        self._reactor = Reactor(bot, on_revoked=on_revoked)
        self._writer = Writer(bot, on_revoked=on_revoked)
        self._uploads = uploads
        self._files = FilePoster(self._writer, uploads)
        self._scheduled = Scheduled(now)

    def foresee(self, room: Room, message: Content) -> None:  # noqa: ARG002  (the protocol's)
        """Begin with a message's files; in Telegram it is the same for all rooms."""
        self._uploads.foresee(message)

    async def prepare(self, room: Room, copy: Copy) -> Sequence[TelegramPart]:  # noqa: ARG002  (the protocol's)
        """The messages to send; only what becomes of its files needs to be asked.

        Raises:
            TemporaryError: What becomes of a file is not to be told now.
        """
        copy, outcomes = await self._uploads.settled(copy)
        return rendered(copy, self._words, outcomes)

    async def prepare_together(self, room: Room, copies: Sequence[Copy]) -> Sequence[TelegramPart]:  # noqa: ARG002  (the protocol's)
        """The messages that several copies become; see `Messenger.prepare_together`.

        Raises:
            TemporaryError: What becomes of a file is not to be told now.
        """
        if not any(has_files(copy.message) for copy in copies):
            return merging.together(copies, self._words)
        settled = [await self._uploads.settled(copy) for copy in copies]
        if album_length([copy for copy, _ in settled], self._words) == len(copies):
            return together(settled, self._words)
        return [part for copy, known in settled for part in rendered(copy, self._words, known)]

    async def most_together(self, room: Room, copies: Sequence[Copy]) -> int:  # noqa: ARG002  (the protocol's)
        """See `Messenger.most_together`."""
        copies = [resendable(copy) for copy in copies]
        return album_length(copies, self._words) or merging.most_together(copies, self._words)

    async def send(
        self, room: Room, parts: Sequence[TelegramPart], key: str
    ) -> Sequence[MessageRef]:
        """Post one message or one album, as near to what was meant as the server takes.

        The Bot API knows no idempotent sends, `find` takes the key's place; the votes of a poll
        name it by an id that this answer alone tells.

        Raises:
            UnsureError: Also of a video that stands only once the service has processed it.
            DeliveryError: See `matebot.core.errors`.
        """
        if parts[0].media:
            sent = await self._files.post(room, parts)
            self._scheduled.note(room.chat, sent)
            return [MessageRef(room, each.message_id) for each in sent]
        (part,) = parts
        answer = await self._writer.write(posts(room, part), idempotent=False)
        poll = getattr(answer, "poll", None)  # of a text no more than its id may have been read
        if poll is not None and self._on_poll is not None:
            await self._on_poll(key, poll.id)
        return (MessageRef(room, answer.message_id),)

    async def edit(self, ref: MessageRef, part: TelegramPart, *, files: bool = False) -> None:
        """Make a message of ours read like the part; already so is no error.

        Raises:
            OtherKind: A file cannot become a text, a sticker or a voice message no other one.
            MessageGone: It is not there.
            DeliveryError: See `matebot.core.errors`.
        """
        if part.media:
            await self._files.edit(ref, part, files=files)
            return
        if files:
            raise OtherKind("a file cannot become a mere text")
        if part.ballot is not None and not part.ballot.closed:
            return  # a poll stays as it was asked until it ends
        await self._writer.write(edits(ref, part), idempotent=True)

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message of ours; already gone is no error.

        Raises:
            DeliveryError: See `matebot.core.errors`; Telegram deletes nothing older than 48 h.
        """
        method = DeleteMessage(chat_id=ref.room.chat, message_id=ref.message_id)
        await self._settle(method, _NOT_FOUND)

    async def notice(self, room: Room, notice: Notice, key: str) -> MessageRef | None:  # noqa: ARG002  (the protocol's)
        """Say something as MateBot: to all, to one person in the room, or to them in private.

        Returns:
            Where it stands, or None where only one person saw it.

        Raises:
            DeliveryError: See `matebot.core.errors`.
        """
        if notice.edits is not None:
            return await self._say_instead(MessageRef(room, notice.edits), notice)
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
            await self._settle(method, NOT_MODIFIED)
        except (MessageGone, RoomGone):
            raise
        except PermanentError as error:
            # The room itself is well, so that nothing else that goes there may wait for this.
            _logger.warning("cannot pin in %s: %s", ref.room, error)

    async def typing(self, room: Room) -> None:
        """Show that somebody is typing, for some five seconds.

        Raises:
            DeliveryError: See `matebot.core.errors`; there is nothing to make up for.
        """
        method = SendChatAction(chat_id=room.chat, message_thread_id=thread(room), action="typing")
        with translated(self._on_revoked, idempotent=True):
            await self._bot(method)

    async def find(
        self, room: Room, after: int, known: Collection[int], *, notice: Notice | None = None
    ) -> Sequence[MessageRef]:
        """What we posted in that chat after a message id, oldest first; see `Prober.find`.

        Raises:
            TemporaryError: What was posted there is still being processed.
            DeliveryError: The service did not tell.
        """
        # Where one person cannot be reached, all may have been told something without buttons.
        to_all = notice is not None and notice.only_for in (None, room.chat)
        buttons = keyboard(notice) if notice is not None and to_all else None
        found = await self._prober.find(room, after, known, buttons)
        self._scheduled.settle(room.chat, found=len(found))
        return found

    async def _whisper(self, room: Room, person: int, notice: Notice) -> bool:
        """Say it in the room to one person alone; False where that does not go."""
        method = said(room, notice.text, notice, notice.reply_to)
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

    async def _say_instead(self, ref: MessageRef, notice: Notice) -> MessageRef | None:
        """Put a notice in the place of one of ours; where that is gone, nothing is said."""
        try:
            await self._settle(said_instead(ref, notice), NOT_MODIFIED)
        except MessageGone:
            return None
        return ref

    async def _say(
        self, room: Room, text: RichText, notice: Notice, reply_to: int | None
    ) -> MessageRef:
        sent = await self._call(said(room, text, notice, reply_to))
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
