"""The body of a message: every rule that Discord has for it. Pure.

Source: discord-api-docs, resources/message, resources/webhook, and `limits`.
"""

import base64
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matebot.sandbox.discord import components, errors, limits, schema
from matebot.sandbox.discord.errors import ApiError, FormErrors, Json
from matebot.sandbox.look import NOTHING, Look

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
VOICE_MESSAGE = 1 << 13
COMPONENTS_V2 = 1 << 15
CREATE_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | VOICE_MESSAGE | COMPONENTS_V2
EDIT_FLAGS = SUPPRESS_EMBEDS | COMPONENTS_V2


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request.

    Attributes:
        field: Its name in the form.
        filename: As it was told.
        content_type: As it was told.
        place: Where its bytes are.
        size: In bytes.
        look: What it really is.
    """

    field: str
    filename: str
    content_type: str
    place: Path
    size: int
    look: Look = NOTHING


_IMAGE = schema.record(
    {"url": schema.url(2048, ("http", "https", "attachment"))}, required=("url",)
)
EMBED = schema.record(
    {
        "title": schema.text(0, limits.EMBED_TITLE),
        "description": schema.text(0, limits.EMBED_DESCRIPTION),
        "url": schema.url(2048),
        "timestamp": schema.text(1, 64),
        "color": schema.integer(0, 0xFFFFFF),
        "footer": schema.record({"text": schema.text(0, limits.EMBED_FOOTER)}),
        "author": schema.record(
            {"name": schema.text(1, limits.EMBED_AUTHOR), "url": schema.url(2048)},
            required=("name",),
        ),
        "image": _IMAGE,
        "thumbnail": _IMAGE,
        "fields": schema.items(
            schema.record(
                {
                    "name": schema.text(1, limits.EMBED_FIELD_NAME),
                    "value": schema.text(1, limits.EMBED_FIELD_VALUE),
                    "inline": schema.boolean,
                },
                required=("name", "value"),
            ),
            limits.EMBED_FIELDS,
        ),
    }
)
MENTION_RULES = schema.record(
    {
        "parse": schema.items(schema.choice("users", "roles", "everyone"), 3, unique=True),
        "users": schema.items(schema.snowflake, limits.ALLOWED_MENTIONS, unique=True),
        "roles": schema.items(schema.snowflake, limits.ALLOWED_MENTIONS, unique=True),
        "replied_user": schema.boolean,
    }
)
ATTACHMENT = schema.record(
    {
        "id": schema.snowflake,
        "filename": schema.text(1, 1024),
        "description": schema.text(0, 1024),
        "title": schema.text(0, 1024),
        "duration_secs": schema.number,
        "waveform": schema.text(0, 400),
        "is_spoiler": schema.boolean,
    },
    required=("id",),
)
POLL = schema.record(
    {
        "question": schema.record({"text": schema.text(1, 300)}, required=("text",)),
        "answers": schema.items(
            schema.record(
                {"poll_media": schema.record({"text": schema.text(1, 55)})},
                required=("poll_media",),
            ),
            10,
            low=1,
        ),
        "duration": schema.integer(1, 768),
        "allow_multiselect": schema.boolean,
        "layout_type": schema.choice(1),
    },
    required=("question", "answers"),
)
COMMON: dict[str, schema.Check] = {
    "content": schema.text(0, limits.CONTENT),
    "embeds": schema.items(EMBED, limits.EMBEDS),
    "allowed_mentions": MENTION_RULES,
    "attachments": schema.items(ATTACHMENT, limits.FILES),
    "components": schema.anything,
    "flags": schema.integer(0, (1 << 31) - 1),
    "poll": POLL,
    "tts": schema.boolean,
}
MESSAGE: dict[str, schema.Check] = {
    **COMMON,
    "message_reference": schema.record(
        {
            "type": schema.choice(0, 1),
            "message_id": schema.snowflake,
            "channel_id": schema.snowflake,
            "guild_id": schema.snowflake,
            "fail_if_not_exists": schema.boolean,
        },
        required=("message_id",),
    ),
    "sticker_ids": schema.items(schema.snowflake, limits.STICKERS),
    "enforce_nonce": schema.boolean,
    "nonce": schema.anything,
}
WEBHOOK: dict[str, schema.Check] = {
    **COMMON,
    "username": schema.text(1, limits.WEBHOOK_NAME),
    "avatar_url": schema.url(limits.AVATAR_URL),
    "thread_name": schema.text(0, limits.THREAD_NAME),
    "applied_tags": schema.items(schema.snowflake, 5),
}


def message_body(
    body: Any,
    fields: Mapping[str, schema.Check],
    files: Sequence[Upload],
    *,
    flags: int = CREATE_FLAGS,
) -> Json:
    """A body whose every field fits.

    Args:
        body: The JSON.
        fields: `MESSAGE`, `WEBHOOK` or `COMMON`.
        files: What was uploaded with it.
        flags: Which message flags may be set here.

    Raises:
        ApiError: 50035 with the tree of faults.
    """
    form = FormErrors()
    schema.record(fields)(body, "", form)
    form.check()
    known = dict(body)
    _flags(known, flags, form)
    _embed_sum(known, form)
    _mention_rules(known, form)
    _attachments(known, files, form)
    if known.get("components"):
        v2 = bool((known.get("flags") or 0) & COMPONENTS_V2)
        components.check(known["components"], form, v2=v2)
    if known.get("nonce") is not None and len(str(known["nonce"])) > 25:
        form.add("nonce", "NONCE_TYPE_TOO_LONG", "Must be 25 or fewer in length.")
    form.check()
    return known


def content_of(body: Json) -> str:
    """The text as it is stored: without the blanks at its ends."""
    return (body.get("content") or "").strip()


def name(value: str, path: str = "username") -> str:
    """A webhook's name as it is kept.

    Raises:
        ApiError: 50035 where Discord does not take it.
    """
    kept = " ".join(value.split())
    if not any(unicodedata.category(each)[0] not in "CZ" for each in kept):
        message = f"Must be between 1 and {limits.WEBHOOK_NAME} in length."
        raise errors.invalid(path, "BASE_TYPE_BAD_LENGTH", message)
    for forbidden in ("clyde", "discord"):
        if forbidden in kept.casefold():
            message = f'Username cannot contain "{forbidden}"'
            raise errors.invalid(path, "USERNAME_INVALID_CONTAINS", message)
    if kept.casefold() in ("everyone", "here"):
        raise errors.invalid(path, "USERNAME_INVALID", f'Username cannot be "{kept}"')
    return kept


def empty(body: Json, files: Sequence[Upload]) -> bool:
    """Whether nothing would be seen of the message."""
    parts = ("embeds", "components", "sticker_ids", "poll", "attachments")
    return not content_of(body) and not files and not any(body.get(each) for each in parts)


def voice_message(body: Json, files: Sequence[Upload]) -> None:
    """The rules of voice messages.

    Raises:
        ApiError: 50159, 50160, 50161.
    """
    if not (body.get("flags") or 0) & VOICE_MESSAGE:
        return
    extra = ("embeds", "components", "sticker_ids", "poll")
    if content_of(body) or any(body.get(each) for each in extra):
        raise ApiError(errors.VOICE_EXTRA)
    if len(files) != 1 or not files[0].content_type.startswith("audio/"):
        raise ApiError(errors.VOICE_ONE_FILE)
    # Stricter than the service, which takes any sound: not every client would play it.
    seen = files[0].look
    if (seen.mime, seen.audio, seen.decodes) != ("audio/ogg", "opus", True):
        raise ApiError(errors.VOICE_ONE_FILE)
    told = (body.get("attachments") or [{}])[0]
    if not told.get("duration_secs") or not _is_waveform(told.get("waveform")):
        raise ApiError(errors.VOICE_METADATA)


def _is_waveform(told: Any) -> bool:
    try:
        return 1 <= len(base64.b64decode(told or "", validate=True)) <= limits.WAVEFORM_BYTES
    except ValueError:
        return False


def _flags(body: Json, allowed: int, form: FormErrors) -> None:
    flags = body.get("flags") or 0
    if flags & ~allowed:
        message = f"Value must not contain flags {flags & ~allowed}."
        form.add("flags", "BASE_TYPE_FLAGS", message)
    if flags & COMPONENTS_V2:
        for legacy in ("content", "embeds", "poll", "sticker_ids"):
            if body.get(legacy):
                code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
                message = (
                    f"The '{legacy}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                )
                form.add(legacy, code, message)


def _embed_sum(body: Json, form: FormErrors) -> None:
    total = sum(_embed_length(each) for each in body.get("embeds") or ())
    if total > limits.EMBED_SUM:
        message = f"Embed size exceeds maximum size of {limits.EMBED_SUM}"
        form.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)


def _embed_length(embed: Json) -> int:
    inner = [embed.get("title"), embed.get("description")]
    inner += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for each in embed.get("fields") or ():
        inner += [each.get("name"), each.get("value")]
    return sum(len(each.strip()) for each in inner if each)


def _mention_rules(body: Json, form: FormErrors) -> None:
    rules = body.get("allowed_mentions") or {}
    for kind in ("users", "roles"):
        if kind in (rules.get("parse") or ()) and rules.get(kind):
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.add("allowed_mentions", code, message)


def _attachments(body: Json, files: Sequence[Upload], form: FormErrors) -> None:
    if len(files) > limits.FILES:
        form.add("files", "BASE_TYPE_MAX_LENGTH", f"Must be {limits.FILES} or fewer in length.")
    indexes = {each.field[6:-1] for each in files if each.field.startswith("files[")}
    for index, each in enumerate(body.get("attachments") or ()):
        told = str(each["id"])
        if len(told) < 10 and told not in indexes:
            message = "Attachment data not found"
            form.add(f"attachments.{index}.id", "ATTACHMENT_NOT_FOUND", message)
