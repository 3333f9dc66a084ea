"""Looks for what we posted, where the Bot API has no way to ask.

Telegram tells a bot nothing of a chat's history. But a message's keyboard may be edited by who sent
it alone, and taking away the keyboard of a message that has none is refused in three ways: "message
is not modified" (ours), "message can't be edited" (somebody else's), "message to edit not found".
Where what is looked for has buttons, it is given the same ones, which is refused in the same ways.
So it is of stickers and other files, too: bots may edit their keyboards even where there is no text
or caption to edit (can_edit_message of TDLib's MessagesManager).
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from enum import Enum, auto
from itertools import count, islice
from typing import Any, Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.methods import EditMessageReplyMarkup, GetChat, GetChatMember
from aiogram.types import InlineKeyboardMarkup
from aiolimiter import AsyncLimiter

from matebot.core.ids import SUPERGROUPS_BELOW, MessageRef, Room
from matebot.telegram.errors import translated

#: Ids in a row that are missing, after which none is expected any more. Basic groups and private
#: chats share one sequence of ids: there a gap may be what was said elsewhere.
GAP: Final = 10
SHARED_GAP: Final = 100
MOST_PROBES: Final = 1000
PROBES_PER_S: Final = 25
"""Of all chats: less than a bot may do, for others are written to meanwhile."""
LONGEST_WAIT_S: Final = 60.0
_MOST_KEYBOARDS: Final = 1000
_logger = logging.getLogger(__name__)


class Keyboards:
    """The latest messages of ours that carry buttons: the probe would change those.

    Such are questions to one person alone, whose place in the private chat nobody notes.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int], None] = OrderedDict()

    def add(self, chat: int, message_id: int) -> None:
        """Remember one."""
        self._known[chat, message_id] = None
        while len(self._known) > _MOST_KEYBOARDS:
            self._known.popitem(last=False)

    def __contains__(self, place: object) -> bool:
        return place in self._known


class Touch(EditMessageReplyMarkup):
    """The call, of which only counts how it is taken.

    The model of its answer, `Message` or True, stopped the loop for 100 ms when it was first built.
    """

    __returning__ = Any  # type: ignore[assignment]  # less than the method tells


class _Finding(Enum):
    OURS = auto()
    OTHERS = auto()
    MISSING = auto()


class Prober:
    """Looks which messages of a chat are ours.

    Args:
        bot: Ours.
        keyboards: What is ours and must not be probed.
        on_revoked: Called when Telegram no longer knows the token.

    Attributes:
        unsure: How often it could not be told what was posted.
    """

    def __init__(
        self, bot: Bot, keyboards: Keyboards, *, on_revoked: Callable[[], None] | None = None
    ) -> None:
        self._bot = bot
        self._keyboards = keyboards
        self._on_revoked = on_revoked
        self.unsure = 0
        self._pace = AsyncLimiter(PROBES_PER_S, 1.0)

    async def find(
        self,
        room: Room,
        after: int,
        known: Collection[int],
        buttons: InlineKeyboardMarkup | None = None,
    ) -> Sequence[MessageRef]:
        """What we posted in that chat after a message id, oldest first, but for known ids.

        In a channel where we may edit everybody's posts ours cannot be told from theirs: nothing is
        found there, since taking another's post for ours would lose a message.

        Raises:
            DeliveryError: The service did not tell.
        """
        with translated(self._on_revoked, idempotent=True):
            if await self._edits_everything(room.chat):
                self._unsure(room, "own posts cannot be told from others'")
                return ()
            return await self._walk(room, after, known, buttons)

    async def _walk(
        self,
        room: Room,
        after: int,
        known: Collection[int],
        buttons: InlineKeyboardMarkup | None,
    ) -> list[MessageRef]:
        """Ids that are missing end the walk only where none is known any more."""
        most_missing = SHARED_GAP if room.numbers_with_others else GAP
        last = max(known, default=after)
        found: list[MessageRef] = []
        missing = 0
        unknown = (number for number in count(after + 1) if number not in known)
        for message_id in islice(unknown, MOST_PROBES):
            finding = await self._patiently(_probe(room.chat, message_id, buttons))
            missing = missing + 1 if finding is _Finding.MISSING and message_id > last else 0
            if finding is _Finding.OURS:
                found.append(MessageRef(room, message_id))
            if missing >= most_missing:
                break
        else:
            self._unsure(room, "too much was said since")
        return found

    def _unsure(self, room: Room, reason: str) -> None:
        """Say, and count, that something may be posted twice: that is better than a loss."""
        self.unsure += 1
        _logger.warning(
            "%s: what was under way may be posted twice, number %d since the start: %s",
            *(room, self.unsure, reason),
        )

    async def _patiently(self, probe: Touch) -> _Finding:
        """Probe, waiting as long as the service asks, so that a long walk comes to its end."""
        while True:
            try:
                return await self._find_out(probe)
            except TelegramRetryAfter as error:
                if error.retry_after > LONGEST_WAIT_S:
                    raise
                await asyncio.sleep(error.retry_after)

    async def _find_out(self, probe: Touch) -> _Finding:
        if (probe.chat_id, probe.message_id) in self._keyboards:
            return _Finding.OURS
        await self._pace.acquire()
        try:
            await self._bot(probe)
        except TelegramBadRequest as error:
            return _meaning(error)
        _logger.warning("the probe changed the buttons of message %s", probe.message_id)
        return _Finding.OURS

    async def _edits_everything(self, chat: int) -> bool:
        """Whether this is a channel in which we have the right to edit what others post."""
        if chat > SUPERGROUPS_BELOW or (await self._bot(GetChat(chat_id=chat))).type != "channel":
            return False
        member = await self._bot(GetChatMember(chat_id=chat, user_id=self._bot.id))
        return bool(getattr(member, "can_edit_messages", False))


def _probe(chat: int, message_id: int, buttons: InlineKeyboardMarkup | None) -> Touch:
    """What changes nothing of what is looked for."""
    return Touch(chat_id=chat, message_id=message_id, reply_markup=buttons)


def _meaning(error: TelegramBadRequest) -> _Finding:
    """What a refusal says of a message.

    Raises:
        TelegramBadRequest: Nothing: it is about something else.
    """
    text = error.message.lower()
    if "message is not modified" in text:
        return _Finding.OURS
    if "message can't be edited" in text:
        return _Finding.OTHERS
    if "message to edit not found" in text or "message_id_invalid" in text:
        return _Finding.MISSING
    raise error
