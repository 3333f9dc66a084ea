"""The files of Discord's messages as what can be fetched."""

import base64
from typing import Any

import pytest

from matebot.core.message import Attachment, AttachmentKind, File, Message
from matebot.discord.cdn import is_discords
from matebot.discord.parse import names_of, parse_message
from tests.discord.test_parse import attachment, message

Json = dict[str, Any]

CDN = "https://cdn.discordapp.com"
PROXY = "https://images-ext-1.discordapp.net/external/abc/https/a.example"


def parsed(**more: Any) -> Message:
    """A message as it is read."""
    said = message(**more)
    return parse_message(said, names_of(said))


def only(**more: Any) -> Attachment:
    """What alone comes with a message."""
    (attachment,) = parsed(**more).attachments
    return attachment


def file(**more: Any) -> Json:
    """A file as the API writes one."""
    return {**attachment("a.png", "image/png"), "url": f"{CDN}/attachments/5/1/a.png?ex=1", **more}


def test_a_file_is_told_whole() -> None:
    """All that Discord tells of a file is there, the address that leads to it included."""
    found = only(attachments=[file(width=640, height=480, description="a cat")])
    assert found.link == f"{CDN}/attachments/5/1/a.png?ex=1"
    assert found.file == File(found.link, "1", "image/png", 640, 480, alt="a cat")


def test_a_voice_message_has_its_waveform() -> None:
    """Duration and waveform stand in the attachment."""
    wave = bytes(range(200))
    sent = attachment("voice-message.ogg", "audio/ogg")
    sent |= {"duration_secs": 2.5, "waveform": base64.b64encode(wave).decode()}
    found = only(attachments=[sent], flags=1 << 13)
    assert found.kind is AttachmentKind.VOICE
    assert found.file is not None
    assert (found.file.duration_s, found.file.waveform) == (2.5, wave)


@pytest.mark.parametrize(
    ("told", "name", "spoiler"),
    [
        ({"filename": "SPOILER_a.png"}, "a.png", True),
        ({"filename": "a.png", "flags": 1 << 3}, "a.png", True),
        ({"filename": "_.png", "title": "котик"}, "котик.png", False),
        ({"filename": "a_b.PNG", "title": "a b.png"}, "a b.png", False),
        ({"filename": "SPOILER_a_b.png", "title": "SPOILER_a b"}, "a b.png", True),
        ({"filename": "SPOILER_"}, "SPOILER_", True),
    ],
)
def test_names_and_covers(told: Json, name: str, *, spoiler: bool) -> None:
    """The name is as its sender gave it, without the mark that covers it."""
    found = only(attachments=[file(**told)])
    assert found.file is not None
    assert (found.name, found.file.spoiler) == (name, spoiler)


def test_a_moving_picture_is_told_by_its_flag() -> None:
    """A WEBP moves where Discord says so."""
    still = file(content_type="image/webp")
    assert only(attachments=[still]).kind is AttachmentKind.PHOTO
    assert only(attachments=[{**still, "flags": 1 << 5}]).kind is AttachmentKind.ANIMATION


@pytest.mark.parametrize(
    ("form", "mime", "end"),
    [
        (1, "image/png", ".png"),
        (2, "image/apng", ".png"),
        (3, "application/json", ".json"),
        (4, "image/gif", ".gif"),
    ],
)
def test_stickers_of_all_forms(form: int, mime: str, end: str) -> None:
    """Each has the address of its form."""
    found = only(sticker_items=[{"id": "9", "name": "wave", "format_type": form}])
    assert (found.kind, found.name) == (AttachmentKind.STICKER, "wave")
    assert found.file is not None
    assert (found.file.mime, found.file.unique) == (mime, "sticker-9")
    assert found.file.source.endswith("/stickers/9" + end)
    assert is_discords(found.file.source)


def moving(url: str) -> Json:
    """What Discord makes of an address of Tenor's."""
    return {
        "type": "gifv",
        "url": url,
        "provider": {"name": "Tenor"},
        "thumbnail": {"url": "https://a.example/a.png", "proxy_url": f"{PROXY}/a.png"},
        "video": {"url": "https://a.example/a.mp4", "proxy_url": f"{PROXY}/a.mp4", "width": 9},
    }


def test_an_address_that_is_a_moving_picture() -> None:
    """The address alone becomes the picture, which leads to it; beside words it stays one."""
    url = "https://tenor.example/view/1"
    said = parsed(content=url, embeds=[moving(url)])
    assert not said.text
    (found,) = said.attachments
    assert (found.kind, found.link) == (AttachmentKind.ANIMATION, url)
    assert found.file is not None
    assert (found.file.source, found.file.mime) == (f"{PROXY}/a.mp4", "video/mp4")
    said = parsed(content=f"look {url}", embeds=[moving(url)])
    assert (said.text.text, said.attachments) == (f"look {url}", ())


def test_a_picture_that_is_all_of_an_embed() -> None:
    """A bot's picture comes along; one that Discord does not keep is never fetched."""
    shown = {"url": "https://a.example/a%20b.png", "proxy_url": f"{PROXY}/a.png"}
    found = only(embeds=[{"type": "rich", "image": shown}])
    assert (found.kind, found.name) == (AttachmentKind.PHOTO, "a b.png")
    said = parsed(embeds=[{"type": "rich", "image": {"url": "https://a.example/a.png"}}])
    assert said.attachments == ()
    assert "a.png" in said.text.text
    said = parsed(embeds=[{"type": "rich", "title": "News", "image": shown}])
    assert said.attachments == ()


def test_the_files_of_components() -> None:
    """Galleries and files come along, covered where what holds them is; none of them twice."""
    gallery = {"media": {"url": f"{CDN}/attachments/5/1/a.png", "attachment_id": "1"}}
    elsewhere = {"media": {"url": "https://a.example/1.png", "proxy_url": f"{PROXY}/1.png"}}
    kept = {"url": f"{CDN}/attachments/5/2/f.pdf", "attachment_id": "2"}
    said = parsed(
        flags=1 << 15,
        attachments=[file()],
        components=[
            {"type": 17, "spoiler": True, "components": [{"type": 12, "items": [elsewhere]}]},
            {"type": 12, "items": [gallery]},
            {"type": 13, "file": kept, "name": "f.pdf", "size": 3},
        ],
    )
    files = [each.file for each in said.attachments if each.file is not None]
    assert [each.unique for each in files][::2] == ["1", "2"]
    assert [each.spoiler for each in files] == [False, True, False]
    assert [each.name for each in said.attachments] == ["a.png", "1.png", "f.pdf"]
    assert not said.text


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/a",
        "https://cdn.discordapp.com.evil.example/a",
        "https://cdn.discordapp.com@evil.example/a",
        "https://evil.example/cdn.discordapp.com/a",
        "https://images-ext-1.discordapp.net:8443/a",
        "https://discordapp.net/a",
        "https://[/a",
        "file:///etc/passwd",
        "",
    ],
)
def test_foreign_addresses(url: str) -> None:
    """Nothing but Discord's own file servers is Discord's."""
    assert not is_discords(url)


def test_a_file_that_a_component_covers() -> None:
    """What a gallery covers and describes is covered and described, and there once."""
    media = {"url": f"{CDN}/attachments/5/1/a.png", "attachment_id": "1"}
    item = {"media": media, "spoiler": True, "description": "the end"}
    components = [{"type": 12, "items": [item]}]
    found = only(attachments=[file()], components=components, flags=1 << 15)
    assert found.file is not None
    assert (found.file.unique, found.file.spoiler, found.file.alt) == ("1", True, "the end")
