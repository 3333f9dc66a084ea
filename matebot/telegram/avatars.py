"""The pictures of people and channels: which one is current, and its bytes."""

import asyncio
from typing import Final, NamedTuple

from aiogram import Bot
from aiogram.methods import GetChat, GetUserProfilePhotos

from matebot.core.errors import PermanentError
from matebot.telegram.errors import translated
from matebot.telegram.files import TelegramFiles

LEAST_SIDE_PX: Final = 128
MOST_BYTES: Final = 5 * 1024 * 1024
DOWNLOAD_S: Final = 10.0
_SUFFIXES: Final = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp"}


class Avatar(NamedTuple):
    """A picture.

    Attributes:
        unique_id: Telegram's own name for these bytes: the same as long as the picture is the same.
        content: The bytes.
        suffix: What they are: ``.jpg``, ``.png``, ``.gif`` or ``.webp``.
    """

    unique_id: str
    content: bytes
    suffix: str


class _Photo(NamedTuple):
    unique_id: str
    file_id: str


class TelegramAvatars:
    """Looks up pictures, one call for which it is and two more for its bytes.

    Args:
        bot: Ours.
        files: Reads their bytes.
    """

    def __init__(self, bot: Bot, files: TelegramFiles) -> None:
        self._bot = bot
        self._files = files

    async def unique(self, user_or_chat_id: int) -> str | None:
        """The name of the current picture's bytes; None where there is none to see.

        Raises:
            DeliveryError: The service did not tell.
        """
        photo = await self._photo(user_or_chat_id)
        return photo.unique_id if photo is not None else None

    async def fetch(self, user_or_chat_id: int) -> Avatar | None:
        """The current picture; None where there is none, or none of use (too large, not a picture).

        Raises:
            DeliveryError: The service did not tell.
        """
        photo = await self._photo(user_or_chat_id)
        if photo is None:
            return None
        with translated(idempotent=True):  # also that it took too long
            async with asyncio.timeout(DOWNLOAD_S):
                content = await self._download(photo.file_id)
        suffix = _suffix(content) if content is not None else None
        if content is None or suffix is None:
            return None
        return Avatar(photo.unique_id, content, suffix)

    async def _photo(self, user_or_chat_id: int) -> _Photo | None:
        try:
            with translated(idempotent=True):
                if user_or_chat_id > 0:
                    return await self._of_user(user_or_chat_id)
                return await self._of_chat(user_or_chat_id)
        except PermanentError:
            return None  # somebody of whom Telegram tells us nothing

    async def _of_user(self, user_id: int) -> _Photo | None:
        photos = (await self._bot(GetUserProfilePhotos(user_id=user_id, limit=1))).photos
        if not photos or not photos[0]:
            return None
        sizes = sorted(photos[0], key=lambda size: size.width * size.height)
        fitting = (size for size in sizes if min(size.width, size.height) >= LEAST_SIDE_PX)
        size = next(fitting, sizes[-1])
        return _Photo(size.file_unique_id, size.file_id)

    async def _of_chat(self, chat_id: int) -> _Photo | None:
        photo = (await self._bot(GetChat(chat_id=chat_id))).photo
        # The small one has 160 pixels a side.
        return _Photo(photo.small_file_unique_id, photo.small_file_id) if photo else None

    async def _download(self, file_id: str) -> bytes | None:
        content = bytearray()
        async with self._files.read(file_id) as opened:
            async for chunk in opened.chunks:
                content += chunk
                if len(content) > MOST_BYTES:
                    return None
        return bytes(content)


def _suffix(content: bytes) -> str | None:
    return next((suffix for magic, suffix in _SUFFIXES.items() if content.startswith(magic)), None)
