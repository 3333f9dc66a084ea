"""Has the bot react to messages: one emoji each, of those that the chat lets it use."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SetMessageReaction
from aiogram.types import ReactionTypeEmoji

from matebot.core.errors import MessageGone, PermanentError, RoomGone
from matebot.core.ids import MessageRef
from matebot.core.message import Emoji, Tally
from matebot.telegram.errors import translated
from matebot.telegram.reactions import candidates

_MOST_KNOWN: Final = 1000
_REFUSED: Final = "REACTION_INVALID"
_logger = logging.getLogger(__name__)


class Reactor:
    """Reacts to messages.

    Args:
        bot: Ours.
        on_revoked: Called when Telegram no longer knows the token.
    """

    def __init__(self, bot: Bot, *, on_revoked: Callable[[], None] | None = None) -> None:
        self._bot = bot
        self._on_revoked = on_revoked
        # What this process has set. What was stored before may be older than the last call.
        self._known: OrderedDict[MessageRef, str] = OrderedDict()

    async def react(
        self, ref: MessageRef, tally: Sequence[Tally], own: Sequence[Emoji]
    ) -> Sequence[Emoji]:
        """React with the leading emoji of the tally that Telegram and the chat allow.

        Returns:
            With what the bot reacts now: one emoji or none.

        Raises:
            MessageGone: It is not there.
            DeliveryError: See `matebot.core.errors`.
        """
        wanted = candidates(tally)
        best = wanted[0] if wanted else ""
        if self._known.get(ref) == best == "".join(emoji.text for emoji in own):
            return own
        try:
            for emoji in wanted:
                if await self._set(ref, emoji):
                    return (Emoji(emoji),)
            await self._set(ref, "")
        except (MessageGone, RoomGone):
            raise
        except PermanentError as error:
            # Channels may forbid it; that says nothing of the room, where messages still arrive.
            _logger.warning("cannot react in %s: %s", ref.room, error)
        return ()

    async def _set(self, ref: MessageRef, emoji: str) -> bool:
        """Have one reaction, or none; False where the chat does not allow that one."""
        method = SetMessageReaction(
            chat_id=ref.room.chat,
            message_id=ref.message_id,
            reaction=[ReactionTypeEmoji(emoji=emoji)] if emoji else [],
        )
        with translated(self._on_revoked, idempotent=True):
            try:
                await self._bot(method)
            except TelegramBadRequest as error:
                if _REFUSED not in error.message:
                    raise
                return False
        self._remember(ref, emoji)
        return True

    def _remember(self, ref: MessageRef, emoji: str) -> None:
        self._known[ref] = emoji
        self._known.move_to_end(ref)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
