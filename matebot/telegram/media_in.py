"""Telegram's files as attachments. Pure.

What is told of a file is taken as a mapping, since a rich message's blocks come as such.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from aiogram import types
from msgspec.structs import replace

from matebot.core.message import Attachment, AttachmentKind, File

_Told = Mapping[str, Any]

#: What a kind is where Telegram does not say so: https://core.telegram.org/bots/api#voice and its
#: neighbours; photos are always JPEG.
_MIMES: Final = {
    AttachmentKind.PHOTO: "image/jpeg",
    AttachmentKind.VIDEO: "video/mp4",
    AttachmentKind.ANIMATION: "video/mp4",
    AttachmentKind.AUDIO: "audio/mpeg",
    AttachmentKind.VOICE: "audio/ogg",
    AttachmentKind.VIDEO_NOTE: "video/mp4",
}


def files_of(message: types.Message, link: str | None) -> Iterator[Attachment]:
    """The files that are a message's own, in order; ``link`` is its address."""
    spoiler = bool(message.has_media_spoiler)
    if message.live_photo is not None:
        yield from _live_photo(message.live_photo, message.photo, spoiler=spoiler, link=link)
    elif message.photo:
        yield photo(_tellings(message.photo), spoiler=spoiler, link=link)
    if message.sticker is not None:
        yield _sticker(message.sticker, link)
    for field, kind in _FIELDS.items():
        value = getattr(message, field)
        # A document repeats an animation, for bots that know no animations.
        if value is not None and not (field == "document" and message.animation is not None):
            yield medium(kind, _telling(value), spoiler=spoiler, link=link)


_FIELDS: Final = {
    "video": AttachmentKind.VIDEO,
    "animation": AttachmentKind.ANIMATION,
    "audio": AttachmentKind.AUDIO,
    "voice": AttachmentKind.VOICE,
    "video_note": AttachmentKind.VIDEO_NOTE,
    "document": AttachmentKind.FILE,
}
FIELDS: Final = (*_FIELDS, "photo", "live_photo", "sticker")
"""The fields of a message that hold files."""


def medium(
    kind: AttachmentKind, told: _Told, *, spoiler: bool = False, link: str | None = None
) -> Attachment:
    """Any file but a photo or a sticker, with all that Telegram tells of it.

    Args:
        kind: What it is.
        told: One of the Bot API's Video, Animation, Audio, Voice, VideoNote or Document.
        spoiler: Whether it is covered.
        link: The address of its message.
    """
    side = told.get("length") or 0  # a video note's width and height
    title = " – ".join(part for part in (told.get("performer"), told.get("title")) if part)
    name = told.get("file_name") or title or None
    return Attachment(
        kind,
        name,
        told.get("file_size"),
        detail=title if title != name else "",
        link=link,
        file=File(
            source=told["file_id"],
            unique=told["file_unique_id"],
            mime=told.get("mime_type") or _MIMES.get(kind, ""),
            width=told.get("width") or side,
            height=told.get("height") or side,
            duration_s=float(told.get("duration") or 0),
            spoiler=spoiler,
            thumbnail=_thumbnail(told),
        ),
    )


def photo(
    sizes: Sequence[_Told],
    *,
    spoiler: bool = False,
    link: str | None = None,
    best: Callable[..., _Told] = max,
) -> Attachment:
    """A photo in the largest of its sizes, which come in any order.

    Args:
        sizes: The Bot API's PhotoSizes.
        spoiler: Whether it is covered.
        link: The address of its message.
        best: ``min`` for the smallest instead.
    """
    if not sizes:
        return Attachment(AttachmentKind.PHOTO, link=link)
    chosen, smallest = best(sizes, key=_area), min(sizes, key=_area)
    file = File(
        source=chosen["file_id"],
        unique=chosen["file_unique_id"],
        mime=_MIMES[AttachmentKind.PHOTO],
        width=chosen["width"],
        height=chosen["height"],
        spoiler=spoiler,
        thumbnail="" if chosen is smallest else smallest["file_id"],
    )
    return Attachment(AttachmentKind.PHOTO, None, chosen.get("file_size"), link=link, file=file)


def _area(size: _Told) -> int:
    return int(size["width"] * size["height"])


def _live_photo(
    live: types.LivePhoto,
    repeated: Sequence[types.PhotoSize] | None,
    *,
    spoiler: bool,
    link: str | None,
) -> Iterator[Attachment]:
    """The still, and the seconds around it as a film whose own still picture is the former."""
    told = _telling(live)
    if sizes := live.photo or repeated:
        still = photo(_tellings(sizes), spoiler=spoiler, link=link)
        told["thumbnail"] = {"file_id": still.file.source if still.file else ""}
        yield still
    yield medium(AttachmentKind.ANIMATION, told, spoiler=spoiler, link=link)


def _sticker(sticker: types.Sticker, link: str | None) -> Attachment:
    mime = "image/webp"
    if sticker.is_animated:
        mime = "application/x-tgsticker"
    elif sticker.is_video:
        mime = "video/webm"
    told = {**_telling(sticker), "mime_type": mime, "file_name": sticker.emoji}
    found = medium(AttachmentKind.STICKER, told, link=link)
    if found.file is None or not sticker.emoji:
        return found
    return replace(found, file=replace(found.file, alt=sticker.emoji))


def previews_of(paid: types.PaidMediaInfo, link: str | None) -> Iterator[Attachment]:
    """What may be shown of media that are paid for: the smallest picture of each, covered.

    The whole is sold in its own room, even where the bot itself is let see it.
    """
    for each in paid.paid_media:
        match each:
            case types.PaidMediaPhoto(photo=sizes) if sizes:
                yield _preview(sizes, link)
            case types.PaidMediaVideo(video=types.Video(thumbnail=types.PhotoSize() as still)):
                yield _preview([still], link)
            case types.PaidMediaLivePhoto(live_photo=types.LivePhoto(photo=list(sizes))) if sizes:
                yield _preview(sizes, link)
            case _:
                continue


def _preview(sizes: Sequence[types.PhotoSize], link: str | None) -> Attachment:
    return photo(_tellings(sizes), spoiler=True, link=link, best=min)


def _thumbnail(told: _Told) -> str:
    thumbnail = told.get("thumbnail")
    return str(thumbnail["file_id"]) if thumbnail else ""


def _telling(value: types.TelegramObject) -> dict[str, Any]:
    told: dict[str, Any] = value.model_dump(warnings=False)
    return told


def _tellings(values: Sequence[types.TelegramObject]) -> list[dict[str, Any]]:
    return [_telling(value) for value in values]
