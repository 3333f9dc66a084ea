"""What Telegram knows of its rooms: who decides there, and what they are called."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from aiogram import Bot
from aiogram.methods import GetChat, GetChatMember

from matebot.core.errors import DeliveryError, NoAccess, PermanentError, RoomGone
from matebot.core.ids import GENERAL_TOPIC, Room
from matebot.telegram.errors import translated
from matebot.telegram.people import full_name

TITLE_AGE_S: Final = 600.0
_MOST_TITLES: Final = 500


class TelegramRooms:
    """Implements `matebot.core.ports.Rooms` for Telegram.

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
        self._titles: OrderedDict[int, tuple[str, float]] = OrderedDict()

    async def is_admin(self, room: Room, user_id: int) -> bool:
        """Whether that person is the chat's creator or an administrator.

        Raises:
            DeliveryError: The service did not tell.
        """
        try:
            with translated(self._on_revoked, idempotent=True):
                member = await self._bot(GetChatMember(chat_id=room.chat, user_id=user_id))
        except (NoAccess, RoomGone):
            raise
        except PermanentError:
            return False  # somebody whom the chat does not know
        return member.status in ("creator", "administrator")

    async def is_anonymous(self, room: Room, user_id: int) -> bool:
        """Whether an administrator appears as the chat itself, as all do in a channel.

        Raises:
            DeliveryError: The service did not tell.
        """
        with translated(self._on_revoked, idempotent=True):
            member = await self._bot(GetChatMember(chat_id=room.chat, user_id=user_id))
            if getattr(member, "is_anonymous", False):
                return True
            return (await self._bot(GetChat(chat_id=room.chat))).type == "channel"

    async def title(self, room: Room) -> str:
        """What people call the chat, with the topic's number; the room's name if it is unknown."""
        try:
            title = await self._title(room.chat)
        except DeliveryError:
            return str(room)
        # The Bot API has no way to ask for a topic's name.
        return title if room.topic in (None, GENERAL_TOPIC) else f"{title} › {room.topic}"

    async def _title(self, chat: int) -> str:
        known = self._titles.get(chat)
        if known is not None and self._now() - known[1] < TITLE_AGE_S:
            return known[0]
        with translated(self._on_revoked, idempotent=True):
            info = await self._bot(GetChat(chat_id=chat))
        title = info.title or full_name(info.first_name or "", info.last_name) or str(chat)
        self._titles[chat] = title, self._now()
        self._titles.move_to_end(chat)
        while len(self._titles) > _MOST_TITLES:
            self._titles.popitem(last=False)
        return title
