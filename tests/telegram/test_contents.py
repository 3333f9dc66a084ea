from typing import Any

import pytest
from aiogram.enums import ContentType
from aiogram.types import Message as Native

from matebot.core.message import Attachment, AttachmentKind, Message, Posted
from matebot.telegram import contents
from tests.telegram.updates import message, parsed

CHANNEL: dict[str, Any] = {"id": -1009, "type": "channel", "title": "News", "username": "news"}
FILE: dict[str, Any] = {"file_id": "f", "file_unique_id": "u"}
SIZED: dict[str, Any] = {**FILE, "file_size": 2048}
BOX: dict[str, Any] = {"width": 9, "height": 9, "duration": 3}


def said(**fields: Any) -> Message:
    """The message of an update that is relayed."""
    (event,) = parsed(**fields).events
    assert isinstance(event, Posted)
    return event.message


@pytest.mark.parametrize(
    ("fields", "kind", "name", "size_bytes"),
    [
        (
            {
                "photo": [
                    {**FILE, "width": 1, "height": 1, "file_size": 5},
                    {**FILE, "width": 3, "height": 3, "file_size": 70},
                ]
            },
            AttachmentKind.PHOTO,
            None,
            70,
        ),
        ({"video": {**SIZED, **BOX, "file_name": "v.mp4"}}, AttachmentKind.VIDEO, "v.mp4", 2048),
        (
            {"animation": {**SIZED, **BOX, "file_name": "a.mp4"}, "document": SIZED},
            AttachmentKind.ANIMATION,
            "a.mp4",
            2048,
        ),
        (
            {"audio": {**SIZED, "duration": 3, "performer": "Bach", "title": "Air"}},
            AttachmentKind.AUDIO,
            "Bach – Air",
            2048,
        ),
        ({"voice": {**SIZED, "duration": 3}}, AttachmentKind.VOICE, None, 2048),
        (
            {"video_note": {**SIZED, "length": 9, "duration": 3}},
            AttachmentKind.VIDEO_NOTE,
            None,
            2048,
        ),
        (
            {
                "sticker": {
                    **SIZED,
                    "type": "regular",
                    "width": 9,
                    "height": 9,
                    "is_animated": False,
                    "is_video": False,
                    "emoji": "👍",
                }
            },
            AttachmentKind.STICKER,
            "👍",
            2048,
        ),
        ({"document": {**SIZED, "file_name": "d.pdf"}}, AttachmentKind.FILE, "d.pdf", 2048),
        (
            {"location": {"latitude": 1.5, "longitude": -2}},
            AttachmentKind.LOCATION,
            "1.500000, -2.000000",
            None,
        ),
        (
            {
                "location": {"latitude": 1, "longitude": 2},
                "venue": {
                    "location": {"latitude": 1, "longitude": 2},
                    "title": "Bar",
                    "address": "1 Road",
                },
            },
            AttachmentKind.LOCATION,
            "Bar, 1 Road",
            None,
        ),
        (
            {"contact": {"phone_number": "+1", "first_name": "Bo"}},
            AttachmentKind.CONTACT,
            "Bo +1",
            None,
        ),
        ({"dice": {"emoji": "🎲", "value": 4}}, AttachmentKind.DICE, "🎲 4", None),
        ({"story": {"chat": CHANNEL, "id": 1}}, AttachmentKind.STORY, "News", None),
        ({"hologram_call": {"depth": 3}}, AttachmentKind.OTHER, "hologram call", None),
        ({}, AttachmentKind.OTHER, None, None),
    ],
)
def test_attachments(
    fields: dict[str, Any], kind: AttachmentKind, name: str | None, size_bytes: int | None
) -> None:
    """Each kind of media has its kind, name and size; what is unknown is named, never silence."""
    assert said(**fields).attachments == (Attachment(kind, name, size_bytes),)


def test_a_rich_message_keeps_its_words() -> None:
    """A rich message becomes its plain text, line by line, and its media."""
    blocks = [
        {"type": "heading", "text": "Title", "size": 1},
        {"type": "paragraph", "text": ["a ", {"type": "bold", "text": "b"}]},
        {
            "type": "list",
            "items": [{"label": "1.", "blocks": [{"type": "paragraph", "text": "one"}]}],
        },
        {"type": "photo", "photo": [{**FILE, "width": 1, "height": 1}]},
    ]
    rich = said(rich_message={"blocks": blocks})
    assert rich.text.text == "Title\na b\n1. one"
    assert rich.attachments == (Attachment(AttachmentKind.PHOTO),)


def test_every_content_field_of_this_bot_api_is_known() -> None:
    """No field of aiogram's Message that can stand for a message's content is in no table."""
    known = {*contents._SERVICE, *contents._BUILDERS, "text", "rich_message"}
    known |= {"migrate_to_chat_id", "migrate_from_chat_id"}
    names = {kind.value for kind in ContentType} & set(Native.model_fields)
    assert names <= known
    assert set(contents._SERVICE) | set(contents._BUILDERS) <= set(Native.model_fields)
    assert contents.service_of(Native.model_validate(message(text="x"))) is None
