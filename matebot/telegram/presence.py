"""Asks Telegram whether a message still stands, harmlessly.

Taking the keyboard away from a message is refused to everybody but its sender, and where the sender
is the bot and there is no keyboard, nothing changes (see `matebot.telegram.probe`). A channel's
administrator may edit others' posts, however, so that there the call could change something:
channels are never asked about.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetChat

from matebot.core.ids import MessageRef
from matebot.core.presence import Standing
from matebot.telegram.errors import translated
from matebot.telegram.probe import Touch

KINDS: Final = ("group", "supergroup")
KIND_AGE_S: Final = 3600.0
_MOST_KINDS: Final = 1000


class TelegramPresence:
    """Implements `matebot.core.presence.Probe`.

    Args:
        bot: Ours.
        on_revoked: Called when Telegram no longer knows the token.
        now: Seconds that only grow.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        on_revoked: Callable[[], None] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._on_revoked = on_revoked
        self._now = now
        self._kinds: OrderedDict[int, tuple[str, float]] = OrderedDict()

    async def standing(self, ref: MessageRef) -> Standing:
        """Ask once whether a message stands.

        Raises:
            DeliveryError: The service did not tell.
        """
        chat = ref.room.chat
        with translated(self._on_revoked, idempotent=True):
            if chat >= 0 or await self._kind(chat) not in KINDS:
                return Standing.UNKNOWN
            method = Touch(chat_id=chat, message_id=ref.message_id)
            try:
                await self._bot(method)
            except TelegramBadRequest as error:
                return standing_of(error.message)
            return Standing.STANDS

    async def _kind(self, chat: int) -> str:
        known = self._kinds.get(chat)
        if known is not None and self._now() - known[1] < KIND_AGE_S:
            return known[0]
        kind = (await self._bot(GetChat(chat_id=chat))).type
        self._kinds[chat] = kind, self._now()
        self._kinds.move_to_end(chat)
        while len(self._kinds) > _MOST_KINDS:
            self._kinds.popitem(last=False)
        return kind


def standing_of(refusal: str) -> Standing:
    """What a refusal says of the message; of any other reason nothing is concluded."""
    text = refusal.lower()
    if "message is not modified" in text or "message can't be edited" in text:
        return Standing.STANDS
    return Standing.MISSING if "message to edit not found" in text else Standing.UNKNOWN
