from typing import Any

import pytest

from matebot.core.events import Posted
from matebot.core.message import Attachment, AttachmentKind, File, Message
from tests.telegram.updates import parsed

FILE: dict[str, Any] = {"file_id": "f", "file_unique_id": "u", "file_size": 2048}
SMALL: dict[str, Any] = {"file_id": "s", "file_unique_id": "su", "width": 90, "height": 60}
LARGE: dict[str, Any] = {
    "file_id": "l", "file_unique_id": "lu", "width": 1280, "height": 853, "file_size": 70,
}  # fmt: skip
BOX: dict[str, Any] = {"width": 16, "height": 9, "duration": 3, "thumbnail": SMALL}
STICKER: dict[str, Any] = {
    **FILE, "type": "regular", "width": 512, "height": 400, "is_animated": False,
    "is_video": False, "thumbnail": SMALL, "emoji": "👍",
}  # fmt: skip
LINK = "https://t.me/c/1234567890/10"


def said(**fields: Any) -> Message:
    """The message of an update that is relayed."""
    (event,) = parsed(chat=SUPERGROUP, **fields).events
    assert isinstance(event, Posted)
    return event.message


SUPERGROUP: dict[str, Any] = {"id": -1001234567890, "type": "supergroup", "title": "Friends"}


def file(mime: str, **facts: Any) -> File:
    """The file of all these tests."""
    return File("f", "u", mime, **facts)


@pytest.mark.parametrize(
    ("fields", "kind", "name", "expected"),
    [
        (
            {"video": {**FILE, **BOX, "file_name": "v.mp4", "mime_type": "video/mp4"}},
            AttachmentKind.VIDEO,
            "v.mp4",
            file("video/mp4", width=16, height=9, duration_s=3.0, thumbnail="s"),
        ),
        (
            {"animation": {**FILE, **BOX, "mime_type": "image/gif"}, "document": FILE},
            AttachmentKind.ANIMATION,
            None,
            file("image/gif", width=16, height=9, duration_s=3.0, thumbnail="s"),
        ),
        (
            {"audio": {**FILE, "duration": 3, "performer": "Bach", "title": "Air"}},
            AttachmentKind.AUDIO,
            "Bach – Air",
            file("audio/mpeg", duration_s=3.0),
        ),
        (
            {"voice": {**FILE, "duration": 3}},
            AttachmentKind.VOICE,
            None,
            file("audio/ogg", duration_s=3.0),
        ),
        (
            {"video_note": {**FILE, "length": 240, "duration": 3}},
            AttachmentKind.VIDEO_NOTE,
            None,
            file("video/mp4", width=240, height=240, duration_s=3.0),
        ),
        (
            {"document": {**FILE, "file_name": "d.pdf", "mime_type": "application/pdf"}},
            AttachmentKind.FILE,
            "d.pdf",
            file("application/pdf"),
        ),
        (
            {"sticker": STICKER},
            AttachmentKind.STICKER,
            "👍",
            file("image/webp", width=512, height=400, thumbnail="s", alt="👍"),
        ),
        (
            {"sticker": {**STICKER, "is_animated": True}},
            AttachmentKind.STICKER,
            "👍",
            file("application/x-tgsticker", width=512, height=400, thumbnail="s", alt="👍"),
        ),
        (
            {"sticker": {**STICKER, "is_video": True}},
            AttachmentKind.STICKER,
            "👍",
            file("video/webm", width=512, height=400, thumbnail="s", alt="👍"),
        ),
    ],
)  # fmt: skip
def test_files(
    fields: dict[str, Any], kind: AttachmentKind, name: str | None, expected: File
) -> None:
    """Each kind of file can be fetched, says what it is and leads to its message."""
    assert said(**fields).attachments == (Attachment(kind, name, 2048, link=LINK, file=expected),)


def test_an_audio_keeps_its_file_name_and_its_title() -> None:
    """A named audio goes by its file's name; who plays what is told besides."""
    audio = {**FILE, "duration": 3, "performer": "Bach", "title": "Air", "file_name": "air.mp3"}
    (attachment,) = said(audio=audio).attachments
    assert (attachment.name, attachment.detail) == ("air.mp3", "Bach – Air")


@pytest.mark.parametrize("sizes", [[SMALL, LARGE], [LARGE, SMALL]], ids=["up", "down"])
def test_a_photo_comes_in_its_largest_size(sizes: list[dict[str, Any]]) -> None:
    """The order of a photo's sizes does not matter."""
    message = said(photo=sizes, has_media_spoiler=True, show_caption_above_media=True, caption="x")
    expected = File("l", "lu", "image/jpeg", 1280, 853, spoiler=True, thumbnail="s")
    assert message.attachments == (
        Attachment(AttachmentKind.PHOTO, None, 70, link=LINK, file=expected),
    )
    assert message.caption_above


def test_an_albums_parts_bear_its_name() -> None:
    """Messages of one album are known as such; others are by themselves."""
    assert said(photo=[SMALL], media_group_id="77").album == "77"
    assert said(photo=[SMALL]).album == ""


def test_a_live_photo_is_a_still_and_a_film() -> None:
    """Both parts of a live photo come along, the still once."""
    live = {**FILE, "width": 16, "height": 9, "duration": 2, "mime_type": "video/mp4",
            "photo": [SMALL, LARGE]}  # fmt: skip
    still, film = said(live_photo=live, photo=[SMALL, LARGE]).attachments
    assert (still.kind, film.kind) == (AttachmentKind.PHOTO, AttachmentKind.ANIMATION)
    assert still.file is not None
    assert film.file is not None
    assert (still.file.source, film.file.source) == ("l", "f")


def test_of_paid_media_only_a_covered_preview_comes_along() -> None:
    """What people pay for there is not given away elsewhere."""
    paid = {
        "star_count": 50,
        "paid_media": [
            {"type": "photo", "photo": [LARGE, SMALL]},
            {"type": "video", "video": {**FILE, **BOX}},
            {"type": "preview", "width": 9, "height": 9},
        ],
    }
    note, first, second = said(paid_media=paid).attachments
    assert note.kind is AttachmentKind.PAID_MEDIA
    for preview in (first, second):
        assert preview.file is not None
        assert (preview.file.source, preview.file.spoiler) == ("s", True)


def test_media_of_a_rich_message_can_be_fetched() -> None:
    """Files in blocks come in order, covered where they are covered there."""
    rich = {
        "blocks": [
            {"type": "photo", "photo": [SMALL, LARGE], "has_spoiler": True},
            {"type": "collage", "blocks": [{"type": "video", "video": {**FILE, **BOX}}]},
            {"type": "voice_note", "voice_note": {**FILE, "duration": 3}},
        ]
    }
    files = [each.file for each in said(rich_message=rich).attachments]
    assert [each and (each.source, each.spoiler) for each in files] == [
        ("l", True),
        ("f", False),
        ("f", False),
    ]
