"""The files that come with a Discord message, as its service keeps them. Pure.

Fields: https://discord.com/developers/docs/resources/message#attachment-object and
https://discord.com/developers/docs/resources/sticker#sticker-object (2026-11-24).
"""

import hashlib
import mimetypes
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

import discord
from msgspec.structs import replace

from matebot.core.message import Attachment, AttachmentKind, File
from matebot.discord.cdn import is_discords

SPOILER: Final = "SPOILER_"
"""Begins the name of a covered file; Discord's clients cover it for that name alone."""
_IS_ANIMATED: Final = 1 << 5
"""Of an attachment's flags; the library has no name for it."""
_WAVEFORM: Final = 256

#: What Discord shows in place; any other picture is a file there, to be had as it is.
_PHOTOS: Final = frozenset(
    {"image/png", "image/jpeg", "image/webp", "image/avif", "image/heic", "image/heif"}
)
_KINDS: Final = {
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
}
#: For what came without a content type.
_SUFFIXES: Final = {
    ".gif": AttachmentKind.ANIMATION,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".avif", ".heic"), AttachmentKind.PHOTO),
    **dict.fromkeys((".mp4", ".mov", ".webm", ".mkv"), AttachmentKind.VIDEO),
    **dict.fromkeys((".mp3", ".ogg", ".opus", ".m4a", ".wav", ".flac"), AttachmentKind.AUDIO),
}
_STICKERS: Final = {
    discord.StickerFormatType.png: "image/png",
    discord.StickerFormatType.apng: "image/apng",
    discord.StickerFormatType.lottie: "application/json",
    discord.StickerFormatType.gif: "image/gif",
}


class Medium(NamedTuple):
    """A picture, video or file that an embed or a component shows.

    Attributes:
        url: Where its author says that it is.
        proxy_url: Where Discord keeps it.
        mime: Its type, if it is known.
        width: In pixels; 0 if unknown.
        height: In pixels; 0 if unknown.
        unique: Names its bytes, where something does.
        animated: Whether it is known to move.
    """

    url: str | None
    proxy_url: str | None = None
    mime: str = ""
    width: int = 0
    height: int = 0
    unique: str = ""
    animated: bool = False

    @property
    def source(self) -> str | None:
        """Its address at Discord; None for what only lies elsewhere."""
        return next((each for each in (self.url, self.proxy_url) if is_discords(each)), None)


def attachments_of(message: discord.Message | discord.MessageSnapshot) -> list[Attachment]:
    """Its files, the pictures that it consists of, and its stickers, in order."""
    voice = message.flags.voice
    files = [_attachment(each, voice=voice) for each in message.attachments]
    shown = [*pictures(message), *media_in(getattr(message, "components", ()))]
    places = {each.file.unique: number for number, each in enumerate(files) if each.file}
    for each in shown:
        if each.file is None:
            continue
        number = places.get(each.file.unique)
        if number is None:
            files.append(each)
        else:
            files[number] = _as_shown(files[number], each.file)
    return files + [_sticker(each) for each in message.stickers]


def _as_shown(attachment: Attachment, shown: File) -> Attachment:
    """A file with the cover and the words that it has where a component shows it."""
    file = attachment.file
    if file is None:
        return attachment
    covered, alt = file.spoiler or shown.spoiler, file.alt or shown.alt
    return replace(attachment, file=replace(file, spoiler=covered, alt=alt))


def _attachment(file: discord.Attachment, *, voice: bool) -> Attachment:
    mime = _mime(file.content_type)
    name = _name(file.filename, file.title)
    kind = _kind(mime, file.filename, animated=bool(file.flags.value & _IS_ANIMATED))
    return Attachment(
        AttachmentKind.VOICE if voice else kind,
        name,
        file.size,
        link=file.url,
        file=File(
            source=file.url,
            unique=str(file.id),
            mime=mime,
            width=file.width or 0,
            height=file.height or 0,
            duration_s=file.duration or 0.0,
            waveform=(file.waveform or b"")[:_WAVEFORM],
            spoiler=file.is_spoiler(),
            alt=file.description or "",
        ),
    )


def _name(filename: str, title: str | None) -> str:
    """Its name as its sender gave it: Discord keeps what it took out of it as the title."""
    name = filename
    while name.startswith(SPOILER):
        name = name.removeprefix(SPOILER)
    suffix = PurePosixPath(name).suffix
    if title and title.strip():
        name = title.removeprefix(SPOILER)
        name += "" if name.lower().endswith(suffix.lower()) else suffix
    return name or filename


def _mime(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _kind(mime: str, name: str, *, animated: bool = False) -> AttachmentKind:
    if not mime:
        kind = _SUFFIXES.get(PurePosixPath(name).suffix.lower(), AttachmentKind.FILE)
    elif mime in ("image/gif", "image/apng"):
        kind = AttachmentKind.ANIMATION
    elif mime in _PHOTOS:
        kind = AttachmentKind.PHOTO
    else:
        kind = _KINDS.get(mime.partition("/")[0], AttachmentKind.FILE)
    return AttachmentKind.ANIMATION if animated and kind is AttachmentKind.PHOTO else kind


def _sticker(sticker: discord.StickerItem) -> Attachment:
    file = File(
        source=sticker.url,
        unique=f"sticker-{sticker.id}",
        mime=_STICKERS.get(sticker.format, ""),
    )
    return Attachment(AttachmentKind.STICKER, sticker.name, link=sticker.url, file=file)


# What embeds show


def pictures(message: discord.Message | discord.MessageSnapshot) -> list[Attachment]:
    """The pictures of embeds that show nothing else, and beside which nothing else is said."""
    found = (picture_of(each, message.content) for each in message.embeds)
    return [each for each in found if each is not None]


def picture_of(embed: discord.Embed, content: str) -> Attachment | None:
    """The picture or moving picture that is all of an embed; None where more is said.

    Args:
        embed: What Discord or a bot made.
        content: The text of its message: empty, or the one address that the embed shows.
    """
    if content.strip() not in ("", embed.url):
        return None
    match embed.type:
        case "gifv":
            found = _shown(embed.video, "video/mp4", animated=True)
            found = found if found.source else _shown(embed.thumbnail, animated=True)
        case "image":
            found = _shown(embed.thumbnail)
            found = found if found.source else _shown(embed.image)
        case "video" if not embed.provider.name:
            found = _shown(embed.video)
        case "rich" if _is_bare(embed):
            found = _shown(embed.image)
        case _:
            return None
    return _of_medium(found, link=embed.url or found.url)


def _is_bare(embed: discord.Embed) -> bool:
    """Whether a picture is all that an embed has."""
    said = (embed.title, embed.description, embed.author.name, embed.footer.text, embed.timestamp)
    return not any((*said, *embed.fields, embed.thumbnail.url, embed.video.url))


def _shown(proxy: object, mime: str = "", *, animated: bool = False) -> Medium:
    """What the library's view of an embed's field tells; it has only what Discord told."""
    url = getattr(proxy, "url", None)
    return Medium(
        url=url,
        proxy_url=getattr(proxy, "proxy_url", None),
        mime=mime or mimetypes.guess_type(_last_step(url or ""))[0] or "",
        width=getattr(proxy, "width", None) or 0,
        height=getattr(proxy, "height", None) or 0,
        animated=animated,
    )


# What components show


def media_in(components: Iterable[object], *, spoiler: bool = False) -> Iterator[Attachment]:
    """The files in components that lie at Discord, in order."""
    for component in components:
        match component:
            case discord.components.Container():
                covered = spoiler or component.spoiler
                yield from media_in(component.children, spoiler=covered)
            case discord.MediaGalleryComponent():
                for item in component.items:
                    covered = spoiler or item.spoiler
                    yield from _given(_of_medium(of(item.media), item.description or "", covered))
            case discord.FileComponent():
                yield from _given(_of_component(component, spoiler=spoiler))
            case _:
                pass


def _given(attachment: Attachment | None) -> Iterator[Attachment]:
    if attachment is not None:
        yield attachment


def _of_component(component: discord.FileComponent, *, spoiler: bool) -> Attachment | None:
    found = _of_medium(of(component.media), covered=spoiler or component.spoiler)
    if found is None:
        return None
    name = _name(component.name, None) if component.name else found.name
    return Attachment(AttachmentKind.FILE, name, component.size, link=found.link, file=found.file)


def of(item: discord.UnfurledMediaItem) -> Medium:
    """What a component shows."""
    return Medium(
        url=item.url,
        proxy_url=item.proxy_url,
        mime=_mime(item.content_type),
        width=item.width or 0,
        height=item.height or 0,
        unique=str(item.attachment_id or ""),
        animated=bool(item.flags.value & _IS_ANIMATED),
    )


def _of_medium(
    medium: Medium, alt: str = "", covered: bool = False, *, link: str | None = None
) -> Attachment | None:
    """Something shown as an attachment; None for what does not lie at Discord."""
    source = medium.source
    if source is None:
        return None
    name = _last_step(medium.url or source)
    kind = _kind(medium.mime, name, animated=medium.animated)
    return Attachment(
        AttachmentKind.ANIMATION if medium.animated else kind,
        name if PurePosixPath(name).suffix else None,
        link=link or medium.url or source,
        file=File(
            source=source,
            unique=medium.unique or _fingerprint(source),
            mime=medium.mime,
            width=medium.width,
            height=medium.height,
            spoiler=covered,
            alt=alt,
        ),
    )


def _last_step(url: str) -> str:
    """What stands last in the path of an address: a file's name, most times."""
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""


def _fingerprint(source: str) -> str:
    """Tells what an address leads to, without the signature that changes."""
    return hashlib.sha256(source.partition("?")[0].encode("utf-8", "replace")).hexdigest()[:32]
