"""Files as calls of the Bot API: the best one first, then what to make do with. Pure.

Forms of the same way hold the same files as the same kinds, so that one of which a file was refused
is not tried on. See `matebot.telegram.forms`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiogram.methods import (
    EditMessageCaption,
    EditMessageMedia,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendLivePhoto,
    SendMediaGroup,
    SendPhoto,
    SendSticker,
    SendVideo,
    SendVideoNote,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import (
    FSInputFile,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaLivePhoto,
    InputMediaPhoto,
    InputMediaVideo,
)
from msgspec.structs import replace

from matebot.core.ids import MessageRef, Room
from matebot.core.media import Ready
from matebot.core.message import AttachmentKind
from matebot.telegram.albums import bears_caption
from matebot.telegram.forms import Form, edits, entities, posts, reply, thread
from matebot.telegram.render import TelegramPart

_METHODS: Final[Mapping[AttachmentKind, tuple[str, type[TelegramMethod[Any]]]]] = {
    AttachmentKind.PHOTO: ("photo", SendPhoto),
    AttachmentKind.VIDEO: ("video", SendVideo),
    AttachmentKind.ANIMATION: ("animation", SendAnimation),
    AttachmentKind.AUDIO: ("audio", SendAudio),
    AttachmentKind.VOICE: ("voice", SendVoice),
    AttachmentKind.VIDEO_NOTE: ("video_note", SendVideoNote),
    AttachmentKind.STICKER: ("sticker", SendSticker),
    AttachmentKind.FILE: ("document", SendDocument),
}
_INPUTS: Final[Mapping[AttachmentKind, type[Any]]] = {
    AttachmentKind.PHOTO: InputMediaPhoto,
    AttachmentKind.VIDEO: InputMediaVideo,
    AttachmentKind.ANIMATION: InputMediaAnimation,
    AttachmentKind.AUDIO: InputMediaAudio,
    AttachmentKind.FILE: InputMediaDocument,
}
_COVERABLE: Final = (AttachmentKind.PHOTO, AttachmentKind.VIDEO, AttachmentKind.ANIMATION)
REPLACEABLE: Final = frozenset(_INPUTS)
"""The kinds that an edit may put in another's place; the others are posted anew."""
_DOCUMENT: Final = AttachmentKind.FILE
_IN_WORDS: Final = -1


class Source(NamedTuple):
    """Where the bytes of a file come from.

    Attributes:
        kind: As what they are sent.
        by: The id by which the server knows them, or where they lie; None if they cannot be had.
        film: The id of the film of a live photo.
    """

    kind: AttachmentKind
    by: str | Path | None
    film: str = ""


Sources = Mapping[str, Source]
"""For each file's key."""


def file_posts(room: Room, part: TelegramPart, sources: Sources) -> Iterator[Form]:
    """How to post a file: as it is meant, as a mere document, as a note of it.

    A file that the server should know by an id is not given up so soon: it can be uploaded yet.
    """
    for way, source in enumerate(_sources(part, sources)):
        for one in _variants(part):
            yield Form(_post(room, one, source), way=way, upload_bytes=_bytes(source, part))
    if not isinstance(sources[part.media[0].key].by, str):
        yield from (form._replace(way=_IN_WORDS) for form in posts(room, _in_words(part)))


def group_posts(room: Room, parts: Sequence[TelegramPart], sources: Sources) -> Iterator[Form]:
    """How to post an album: as it is meant, or of mere documents."""
    given = [sources[part.media[0].key] for part in parts]
    ways = [given]
    if all(isinstance(source.by, Path) for source in given):
        documents = [source._replace(kind=_DOCUMENT) for source in given]
        ways += [documents] if documents != given else []
    total = sum(map(_bytes, given, parts))
    plain = [replace(part, quote="", entities=()) for part in parts]
    for way, chosen in enumerate(ways):
        for variant in [parts] if list(parts) == plain else [parts, plain]:
            method = SendMediaGroup(
                chat_id=room.chat,
                message_thread_id=thread(room),
                media=list(map(_input, variant, chosen)),
                reply_parameters=reply(variant[0].reply_to, variant[0].quote),
                disable_notification=variant[0].silent or None,
            )
            yield Form(method, way=way, upload_bytes=total)


def file_edits(ref: MessageRef, part: TelegramPart, sources: Sources) -> Iterator[Form]:
    """How to put a file, with what is said below it, in a message's place.

    Nothing is tried with an id under which the server keeps it as a kind that no edit can put.
    """
    given = [source for source in _sources(part, sources) if source.kind in REPLACEABLE]
    for way, source in enumerate(given):
        for one in _plainer(part):
            method = EditMessageMedia(
                chat_id=ref.room.chat, message_id=ref.message_id, media=_input(one, source)
            )
            yield Form(method, way=way, upload_bytes=_bytes(source, part))


def caption_edits(ref: MessageRef, part: TelegramPart) -> Iterator[Form]:
    """How to change what is said below a file, or in its place where only a note of it stands."""
    if not bears_caption(part.media[0].kind):
        return
    for one in _plainer(part):
        method = EditMessageCaption(
            chat_id=ref.room.chat,
            message_id=ref.message_id,
            caption=one.text,
            caption_entities=entities(one.entities),
            show_caption_above_media=_above(one, part.media[0].kind),
        )
        yield Form(method)
    yield from (form._replace(way=_IN_WORDS) for form in edits(ref, _in_words(part)))


def _sources(part: TelegramPart, sources: Sources) -> Iterator[Source]:
    """The source of a part's file, as what it is meant to be and as a document."""
    source = sources[part.media[0].key]
    if source.by is None:
        return
    yield source
    if source.film:
        yield source._replace(film="")
    if isinstance(source.by, Path) and source.kind is not _DOCUMENT:
        yield source._replace(kind=_DOCUMENT)


def _bytes(source: Source, part: TelegramPart) -> int:
    return part.media[0].size_bytes if isinstance(source.by, Path) else 0


def _variants(part: TelegramPart) -> Iterator[TelegramPart]:
    """As it is meant, without its quote, without its formatting."""
    yield part
    if part.quote:
        yield replace(part, quote="")
    if part.entities:
        yield replace(part, quote="", entities=())


def _plainer(part: TelegramPart) -> Iterator[TelegramPart]:
    yield part
    if part.entities:
        yield replace(part, entities=())


def _in_words(part: TelegramPart) -> TelegramPart:
    """The note of a file, below what is said with it."""
    text = f"{part.text}\n{part.instead}".strip()
    return replace(part, text=text, media=(), group=0)


def _post(room: Room, part: TelegramPart, source: Source) -> TelegramMethod[Any]:
    file, kind = part.media[0], source.kind
    fields: dict[str, Any] = {
        "chat_id": room.chat,
        "message_thread_id": thread(room),
        "reply_parameters": reply(part.reply_to, part.quote),
        "disable_notification": part.silent or None,
        **_facts(file, source),
    }
    if bears_caption(kind):
        fields |= _caption(part, kind)
    if source.film:
        return SendLivePhoto(live_photo=source.film, photo=str(source.by), **fields)
    name, method = _METHODS[kind]
    return method(**{name: _given(file, source)}, **fields)


def _input(part: TelegramPart, source: Source) -> Any:
    file = part.media[0]
    fields = {**_facts(file, source), **_caption(part, source.kind)}
    if source.film:
        return InputMediaLivePhoto(media=source.film, photo=str(source.by), **fields)
    return _INPUTS[source.kind](media=_given(file, source), **fields)


def _given(file: Ready, source: Source) -> str | FSInputFile | None:
    if isinstance(source.by, Path):
        return FSInputFile(source.by, filename=file.name)
    return source.by


def _caption(part: TelegramPart, kind: AttachmentKind) -> dict[str, Any]:
    return {
        "caption": part.text or None,
        "caption_entities": entities(part.entities),
        **({"show_caption_above_media": True} if _above(part, kind) else {}),
    }


def _above(part: TelegramPart, kind: AttachmentKind) -> bool | None:
    return True if part.above and kind in _COVERABLE else None


def _facts(file: Ready, source: Source) -> dict[str, Any]:
    """What is told of a file; of one that the server has it knows all but whether it is covered."""
    kind = source.kind
    facts: dict[str, Any] = {}
    if file.spoiler and kind in _COVERABLE:
        facts["has_spoiler"] = True
    if not isinstance(source.by, Path):
        return facts
    if kind in (AttachmentKind.VIDEO, AttachmentKind.ANIMATION):
        facts |= {"width": file.width or None, "height": file.height or None}
    if kind is AttachmentKind.VIDEO:
        facts["supports_streaming"] = True
    if kind is AttachmentKind.VIDEO_NOTE:
        facts["length"] = file.width or None
    if kind is AttachmentKind.AUDIO:
        facts["title"] = Path(file.name).stem or None
    if kind is _DOCUMENT:
        facts["disable_content_type_detection"] = True  # or it would come as something else
    if kind not in (AttachmentKind.PHOTO, AttachmentKind.STICKER, _DOCUMENT):
        facts["duration"] = round(file.duration_s) or None
    return facts
