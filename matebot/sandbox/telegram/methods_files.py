"""The methods that send or replace a file."""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from matebot.sandbox.telegram.content import caption_fields, keyboard
from matebot.sandbox.telegram.errors import ApiError, bad
from matebot.sandbox.telegram.file_rules import becomes, check_photo
from matebot.sandbox.telegram.files import MIMES, Stored, describe, film_name
from matebot.sandbox.telegram.limits import ALBUM_ITEMS
from matebot.sandbox.telegram.methods_edit import CAPTION, TEXT, check_not_bare, edit, editable
from matebot.sandbox.telegram.params import Params, Upload
from matebot.sandbox.telegram.posting import post
from matebot.sandbox.telegram.state import State

Json = dict[str, Any]
ALBUM_KINDS = ("photo", "live_photo", "video", "audio", "document")
ALONE_IN_ALBUMS = ("audio", "document")
EDIT_KINDS = (*ALBUM_KINDS, "animation")
MEDIA = ("photo", "live_photo", "document", "video", "animation", "audio", "has_media_spoiler")
WHAT = {
    "photo": "photos",
    "live_photo": "photos",
    "document": "documents",
    "video": "videos",
    "animation": "GIFs",
    "audio": "music",
    "voice": "voice messages",
    "video_note": "video messages",
    "sticker": "stickers and GIFs",
}
TYPES = {"voice": "VoiceNote", "video_note": "VideoNote", "live_photo": "Video"}  # TDLib's names
NUMBERS = ("width", "height", "duration", "length")
WORDS = ("performer", "title", "emoji")
NOT_FOR_SPOILERS = ("document", "audio", "voice", "video_note", "sticker")


@dataclass(frozen=True, slots=True)
class Found:
    """What a file parameter means.

    Attributes:
        kind: What it becomes.
        make: Keeps it, and makes the media fields of a message; called when all is in order.
    """

    kind: str
    make: Callable[[], Json]


def send_file(kind: str, state: State, params: Params) -> Json:
    """Answer sendPhoto and its siblings; ``kind`` is also the name of the file's parameter."""
    caption = {} if kind in ("sticker", "video_note") else caption_fields(params.values)
    detect = not params.flag("disable_content_type_detection")
    found = _media(state, params, kind, params.values, detect=detect)
    return post(state, params, [lambda: found.make() | caption], WHAT[kind])[0]


def send_media_group(state: State, params: Params) -> list[Json]:
    """Answer sendMediaGroup."""
    items = params.listed("media", "InputMedia") or []
    least, most = ALBUM_ITEMS
    if len(items) < least:
        raise bad("too few media to send as an album")
    if len(items) > most:
        raise bad("too much messages to send as an album")
    kinds = {_input_kind(item, ALBUM_KINDS) for item in items}
    for single in ALONE_IN_ALBUMS:
        if single in kinds and len(kinds) > 1:
            raise bad(f"{single} can't be mixed with other media types")
    album = {"media_group_id": state.world.new_album_id()}
    parts = [
        _album_part(state, params, item, album, number) for number, item in enumerate(items, 1)
    ]
    return post(state, params, parts, "media")


def _input_kind(item: Any, kinds: tuple[str, ...]) -> str:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind not in kinds:
        raise bad(f"can't parse InputMedia: type must be one of {', '.join(kinds)}")
    return str(kind)


def _album_part(
    state: State, params: Params, item: Json, album: Json, number: int
) -> Callable[[], Json]:
    caption = caption_fields(item)
    try:
        found = _media(state, params, item["type"], item, field="media", detect=False)
    except ApiError as error:
        reason = error.description.removeprefix("Bad Request: ")
        if not reason.isupper():
            raise  # about the call, and not what the service thinks of the file
        raise bad(f'failed to send message #{number} with the error message "{reason}"') from None
    if found.kind != item["type"]:
        raise bad(f'failed to send message #{number} with the error message "MEDIA_INVALID"')
    return lambda: album | found.make() | caption


def edit_media(state: State, params: Params) -> Json:
    """Answer editMessageMedia."""
    item = params.record("media", "InputMedia")
    if item is None:
        raise bad("media not specified")
    kind = _input_kind(item, EDIT_KINDS)
    caption, markup = caption_fields(item), keyboard(params)
    chat, message = editable(state, params)
    check_not_bare(message)
    old = next((name for name in EDIT_KINDS[::-1] if name in message), None)
    if old is None and not any(name in message for name in ("text", "rich_message")):
        raise bad("there is no media in the message to edit")
    if "media_group_id" in message:
        _check_album(old, kind)
    detect = not Params(item).flag("disable_content_type_detection")
    found = _media(state, params, kind, item, field="media", detect=detect)
    new = found.make() | caption | markup
    return edit(state, chat, message, (*TEXT, *CAPTION, *MEDIA), new)


def _check_album(old: str | None, new: str) -> None:
    if new not in ALBUM_KINDS:
        raise bad("message content type can't be used in an album")
    if old != new and (old in ALONE_IN_ALBUMS or new in ALONE_IN_ALBUMS):
        raise bad("can't change media type in the album")


def _media(
    state: State, params: Params, kind: str, said: Json, *, field: str = "", detect: bool = True
) -> Found:
    """The file of a message, as the service takes it.

    The file's parameter, and what is said about it, stand in ``said``; its name is the kind's,
    unless ``field`` says another.

    Raises:
        ApiError: 400 or 413, it is refused.
    """
    field = field or kind
    upload, known = find_file(state, params, Params(said).text(field), field)
    if known is not None:
        if known.kind != kind:
            raise bad(f"can't use file of type {_type(known.kind)} as {_type(kind)}")
        return Found(kind, partial(_described, state, known, said))
    if upload is None:
        raise bad(f"there is no {kind} in the request")
    _check_thumbnail(params, said)
    become = becomes(kind, upload, detect=detect)
    picture = _picture(state, params, said) if kind == "live_photo" else None

    def keep() -> Json:
        still_id = picture().file_id if picture is not None else ""
        return _described(state, _kept(state, become, upload, still_id), said)

    return Found(become, keep)


def _type(kind: str) -> str:
    return TYPES.get(kind, kind.capitalize())


def _picture(state: State, params: Params, said: Json) -> Callable[[], Stored]:
    """What keeps the picture of a live photo."""
    upload, known = find_file(state, params, Params(said).text("photo"), "photo")
    if known is not None and known.kind == "photo":
        return lambda: known
    if upload is None:
        raise bad("there is no photo in the request")
    check_photo(upload)
    return partial(_kept, state, "photo", upload)


def _kept(state: State, kind: str, upload: Upload, still_id: str = "") -> Stored:
    made, name, mime = None, upload.name, mime_of(upload)
    if kind == "photo":
        made, name, mime = upload.as_photo, "", "image/jpeg"
    elif kind == "animation" and upload.as_film is not None:
        made, name, mime = upload.as_film, film_name(name), "video/mp4"
    place, seen = made or (upload.place, upload.look)
    stored = state.files.add(kind, place, name=name, mime=mime, seen=seen, still_id=still_id)
    if kind != "photo":
        state.files.note_thumbnail(stored, upload.thumbnail)
    return stored


def _check_thumbnail(params: Params, said: Json) -> None:
    """A thumbnail that is no JPEG of at most 320 pixels and 200 kB is passed over in silence."""
    value = Params(said).text("thumbnail")
    if value and not value.startswith("attach://"):
        raise bad("thumbnails can be uploaded only as a file using multipart/form-data")
    if value and value.removeprefix("attach://") not in params.files:
        raise bad("thumbnail not found in the request")


def find_file(
    state: State, params: Params, value: str, name: str
) -> tuple[Upload | None, Stored | None]:
    """What a file parameter means: an upload of this call, or a file already kept.

    Raises:
        ApiError: 400, it is neither.
    """
    if value.startswith("attach://"):
        name = value.removeprefix("attach://")
    upload = params.files.get(value) or params.files.get(name)
    if upload is not None:
        return upload, None
    if not value or value.startswith("attach://"):
        return None, None
    if value.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    known = state.files.get(value)
    if known is None:
        raise bad("wrong file identifier/HTTP URL specified")
    return None, known


def mime_of(upload: Upload) -> str:
    """The type of a file, which the server tells by its name."""
    extension = upload.name.rpartition(".")[2].lower()
    return MIMES.get(extension) or mimetypes.guess_type(upload.name)[0] or upload.mime


def _described(state: State, stored: Stored, said: Json) -> Json:
    reader = Params(said)
    more: Json = {name: reader.integer(name) for name in NUMBERS if reader.has(name)}
    more |= {name: reader.text(name) for name in WORDS if reader.has(name)}
    fields = describe(state.files, stored, **more)
    if reader.flag("has_spoiler") and stored.kind not in NOT_FOR_SPOILERS:
        fields["has_media_spoiler"] = True
    return fields


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "sendPhoto": partial(send_file, "photo"),
    "sendLivePhoto": partial(send_file, "live_photo"),
    "sendDocument": partial(send_file, "document"),
    "sendVideo": partial(send_file, "video"),
    "sendAnimation": partial(send_file, "animation"),
    "sendAudio": partial(send_file, "audio"),
    "sendVoice": partial(send_file, "voice"),
    "sendVideoNote": partial(send_file, "video_note"),
    "sendSticker": partial(send_file, "sticker"),
    "sendMediaGroup": send_media_group,
    "editMessageMedia": edit_media,
}
