"""Posts files and puts one in place of another: by ids that the server knows, or uploaded."""

from collections.abc import Iterable, Sequence
from typing import Final

from aiogram import types

from matebot.core.errors import (
    DeliveryError,
    MessageGone,
    NoAccess,
    OtherKind,
    PermanentError,
    RoomGone,
    UnsureError,
)
from matebot.core.ids import MessageRef, Room
from matebot.telegram.albums import family
from matebot.telegram.media_forms import (
    REPLACEABLE,
    Source,
    caption_edits,
    file_edits,
    file_posts,
    group_posts,
)
from matebot.telegram.render import TelegramPart
from matebot.telegram.uploads import Uploads
from matebot.telegram.writer import Writer

#: Said of a sticker and a video message: it stands there, and cannot become anything else.
CANNOT: Final = "message can't be edited"


class FilePoster:
    """Makes the calls for parts that are files.

    Args:
        writer: Makes a call in the best form.
        uploads: Knows by what each file is sent.
    """

    def __init__(self, writer: Writer, uploads: Uploads) -> None:
        self._writer = writer
        self._uploads = uploads

    async def post(self, room: Room, parts: Sequence[TelegramPart]) -> Sequence[types.Message]:
        """Post a file, or an album; what the server takes in no form becomes a note.

        Raises:
            UnsureError: Also where an album was posted in part.
            DeliveryError: See `matebot.core.errors`.
        """
        if len(parts) == 1:
            return (await self._one(room, parts[0]),)
        try:
            return await self._album(room, parts)
        except PermanentError as error:
            if _is_final(error):
                raise
        # Which of them is to blame is not always told: each finds its own form.
        return await self._one_by_one(room, parts)

    async def edit(self, ref: MessageRef, part: TelegramPart, *, files: bool) -> None:
        """Make a message of ours read like a part that is a file.

        Args:
            ref: Which.
            part: What it is to be.
            files: Whether its file may be another than the one that stands there.

        Raises:
            OtherKind: It cannot become that by an edit.
            DeliveryError: See `matebot.core.errors`.
        """
        if not files:
            if forms := list(caption_edits(ref, part)):
                await self._writer.write(forms, idempotent=True)
            return
        if part.media[0].kind not in REPLACEABLE:
            raise OtherKind("files of that kind are posted anew")
        for anew in (False, True):
            sources = await self._uploads.sources([part], anew=anew)
            try:
                answer = await self._writer.write(file_edits(ref, part, sources), idempotent=True)
            except PermanentError as error:
                if _is_final(error) and CANNOT not in str(error):
                    raise
                if anew or isinstance(error, OtherKind) or not _is_known(sources.values()):
                    raise OtherKind(str(error)) from None
                await self._uploads.forget([part])
            else:
                if isinstance(answer, types.Message):
                    await self._uploads.sent([part], sources, [answer])
                return

    async def _one_by_one(
        self, room: Room, parts: Sequence[TelegramPart]
    ) -> Sequence[types.Message]:
        answers: list[types.Message] = []
        for part in parts:
            try:
                answers.append(await self._one(room, part))
            except DeliveryError as error:
                if not answers:
                    raise
                # The first of them stand: they are to be looked for, and not posted again.
                raise UnsureError(f"posted in part: {error}") from None
        return answers

    async def _one(self, room: Room, part: TelegramPart) -> types.Message:
        async with self._uploads.turn([part]):
            for anew in (False, True):
                sources = await self._uploads.sources([part], anew=anew)
                try:
                    answer: types.Message = await self._writer.write(
                        file_posts(room, part, sources), idempotent=False
                    )
                except PermanentError as error:
                    if anew or _is_final(error) or not _is_known(sources.values()):
                        raise
                    await self._uploads.forget([part])
                else:
                    await self._uploads.sent([part], sources, [answer])
                    return answer
        raise PermanentError("there was nothing to send")

    async def _album(self, room: Room, parts: Sequence[TelegramPart]) -> Sequence[types.Message]:
        async with self._uploads.turn(parts):
            sources = await self._uploads.sources(parts)
            if any(source.by is None for source in sources.values()):
                raise PermanentError("a file of the album is not to be had")
            # As what the server kept a file before is for it to say: a film, say, as an animation.
            kinds = {family(source.kind) for source in sources.values()}
            if len(kinds) > 1 or None in kinds:
                raise PermanentError("files of the album are kept as kinds that come alone")
            answers: Sequence[types.Message] = await self._writer.write(
                group_posts(room, parts, sources), idempotent=False
            )
            await self._uploads.sent(parts, sources, answers)
            return answers


def _is_final(error: PermanentError) -> bool:
    """Whether it is about the room or the message, so that no other file would go there."""
    return isinstance(error, NoAccess | RoomGone | MessageGone)


def _is_known(sources: Iterable[Source]) -> bool:
    """Whether an id was tried, in whose place the file may be uploaded."""
    return any(isinstance(source.by, str) for source in sources)
