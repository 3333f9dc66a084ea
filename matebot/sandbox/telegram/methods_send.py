"""The methods that send something new."""

from collections.abc import Callable
from functools import partial
from typing import Any

from matebot.sandbox.telegram.access import find_chat
from matebot.sandbox.telegram.content import caption_fields, text_fields
from matebot.sandbox.telegram.errors import ApiError, bad
from matebot.sandbox.telegram.files import (
    EXTENSIONS,
    Stored,
    check_upload,
    describe,
    kept_kind,
)
from matebot.sandbox.telegram.limits import ALBUM_ITEMS, UPLOAD_BYTES
from matebot.sandbox.telegram.params import Params, Upload
from matebot.sandbox.telegram.posting import post
from matebot.sandbox.telegram.rich import rich_fields
from matebot.sandbox.telegram.state import State

Json = dict[str, Any]
ACTIONS = {
    "cancel",
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
ALBUM_KINDS = ("photo", "video", "audio", "document")
WHAT = {
    "photo": "photos",
    "document": "documents",
    "video": "videos",
    "animation": "GIFs",
    "audio": "music",
    "voice": "voice messages",
    "video_note": "video messages",
    "sticker": "stickers and GIFs",
}
NUMBERS = ("width", "height", "duration", "length")
WORDS = ("performer", "title", "emoji")
MIMES = {extension: mime for mime, extension in EXTENSIONS.items()}


def send_message(state: State, params: Params) -> Json:
    """Answer sendMessage."""
    fields = text_fields(params)
    return post(state, params, [lambda: fields], "text messages")[0]


def send_rich_message(state: State, params: Params) -> Json:
    """Answer sendRichMessage."""
    fields = rich_fields(params)
    return post(state, params, [lambda: fields], "text messages")[0]


def send_file(kind: str, state: State, params: Params) -> Json:
    """Answer sendPhoto and its siblings; ``kind`` is also the name of the file's parameter."""
    caption = {} if kind in ("sticker", "video_note") else caption_fields(params.values)
    make = _media(state, params, kind, params.values)
    return post(state, params, [lambda: make() | caption], WHAT[kind])[0]


def send_media_group(state: State, params: Params) -> list[Json]:
    """Answer sendMediaGroup."""
    items = params.listed("media", "InputMedia") or []
    least, most = ALBUM_ITEMS
    if len(items) < least:
        raise bad("too few media to send as an album")
    if len(items) > most:
        raise bad("too much messages to send as an album")
    kinds = {_album_kind(item) for item in items}
    for single in ("audio", "document"):
        if single in kinds and len(kinds) > 1:
            raise bad(f"{single} can't be mixed with other media types")
    album = {"media_group_id": state.world.new_album_id()}
    parts = [_album_part(state, params, item, album) for item in items]
    return post(state, params, parts, "media")


def _album_kind(item: Any) -> str:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind not in ALBUM_KINDS:
        raise bad("can't parse InputMedia: type must be one of photo, video, audio, document")
    return str(kind)


def _album_part(state: State, params: Params, item: Json, album: Json) -> Callable[[], Json]:
    caption = caption_fields(item)
    make = _media(state, params, item["type"], item, field="media")
    return lambda: album | make() | caption


def _media(
    state: State, params: Params, kind: str, said: Json, *, field: str = ""
) -> Callable[[], Json]:
    """What makes the media fields of a message once it may be sent.

    The file's parameter, and what is said about it, stand in ``said``; its name is the kind's,
    unless ``field`` says another.
    """
    upload, known = find_file(state, params, Params(said).text(field or kind), field or kind)
    if known is not None:
        if known.kind != kind:
            raise bad(f"type of file mismatch: can't use file of type {known.kind} as {kind}")
        return partial(_described, state, known, said)
    if upload is None:
        raise bad(f"there is no {kind} in the request")
    check_upload(kind, upload.data)
    become = kept_kind(kind, upload.data, upload.mime)

    def keep() -> Json:
        new = state.files.add(become, upload.data, name=upload.name, mime=mime_of(upload))
        return _described(state, new, said)

    return keep


def find_file(
    state: State, params: Params, value: str, name: str
) -> tuple[Upload | None, Stored | None]:
    """What a file parameter means: an upload of this call, or a file already kept.

    Raises:
        ApiError: 400 or 413, it is neither, or it is too large.
    """
    if value.startswith("attach://"):
        name = value.removeprefix("attach://")
    upload = params.files.get(name)
    if upload is not None:
        if len(upload.data) > UPLOAD_BYTES and not state.local:
            raise ApiError(413)
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
    return MIMES.get("jpg" if extension == "jpeg" else extension, upload.mime)


def _described(state: State, stored: Stored, said: Json) -> Json:
    reader = Params(said)
    more: Json = {name: reader.integer(name) for name in NUMBERS if reader.has(name)}
    more |= {name: reader.text(name) for name in WORDS if reader.has(name)}
    fields = describe(state.files, stored, **more)
    if reader.flag("has_spoiler"):
        fields["has_media_spoiler"] = True
    return fields


def send_chat_action(state: State, params: Params) -> bool:
    """Answer sendChatAction."""
    action = params.text("action")
    if action.lower() not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat = find_chat(state, params, write=True)
    thread_id = params.integer("message_thread_id")
    if thread_id and chat.forum and thread_id not in chat.topics:
        raise bad("message thread not found")
    state.changes.tell("typing", chat_id=chat.id, action=action, topic=thread_id or None)
    return True


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "sendMessage": send_message,
    "sendRichMessage": send_rich_message,
    "sendPhoto": partial(send_file, "photo"),
    "sendDocument": partial(send_file, "document"),
    "sendVideo": partial(send_file, "video"),
    "sendAnimation": partial(send_file, "animation"),
    "sendAudio": partial(send_file, "audio"),
    "sendVoice": partial(send_file, "voice"),
    "sendVideoNote": partial(send_file, "video_note"),
    "sendSticker": partial(send_file, "sticker"),
    "sendMediaGroup": send_media_group,
    "sendChatAction": send_chat_action,
}
