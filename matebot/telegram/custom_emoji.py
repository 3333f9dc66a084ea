"""What custom emoji that people react with stand for: Telegram tells their ids alone."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

import msgspec
from aiogram import Bot
from aiogram.methods import GetCustomEmojiStickers

from matebot.core.errors import DeliveryError
from matebot.core.events import Event, Reacted
from matebot.core.message import Emoji
from matebot.telegram.errors import translated

KEPT: Final = 1000
"""So many emoji are remembered; one never changes what it stands for."""
ANSWER_S: Final = 3.0
"""How long Telegram's answer may hold up a reaction."""
_logger = logging.getLogger(__name__)


class CustomEmoji:
    """Puts in place of custom emoji the ordinary ones that they stand for.

    Args:
        bot: Ours.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._known: OrderedDict[str, str] = OrderedDict()

    async def plain(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """The events, their custom emoji as ordinary ones.

        What Telegram does not tell now, or at all, stays as it is.
        """
        unknown = {
            emoji.custom_id
            for event in events
            if isinstance(event, Reacted)
            for emoji in event.emoji
            if emoji.custom_id and emoji.custom_id not in self._known
        }
        if unknown:
            await self._ask(sorted(unknown))
        return tuple(self._replaced(event) for event in events)

    def _replaced(self, event: Event) -> Event:
        if not isinstance(event, Reacted):
            return event
        # Two custom ones may stand for the same.
        emoji = tuple(dict.fromkeys(self._plain(each) for each in event.emoji))
        return msgspec.structs.replace(event, emoji=emoji)

    def _plain(self, emoji: Emoji) -> Emoji:
        shown = self._known.get(emoji.custom_id)
        if shown is None:
            return emoji
        self._known.move_to_end(emoji.custom_id)
        return Emoji(shown)

    async def _ask(self, emoji_ids: Iterable[str]) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                with translated(idempotent=True):
                    stickers = await self._bot(
                        GetCustomEmojiStickers(custom_emoji_ids=list(emoji_ids))
                    )
        except (DeliveryError, TimeoutError) as error:
            _logger.debug("custom emoji stay unknown: %s", error)
            return
        for sticker in stickers:
            if sticker.custom_emoji_id and sticker.emoji:
                self._known[sticker.custom_emoji_id] = sticker.emoji
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
