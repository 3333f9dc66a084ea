"""Files both ways: uploads, albums, photo sizes, downloads, and what is refused."""

import asyncio
import io
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from matebot.sandbox.telegram import TelegramStandIn, files
from tests.media import makers
from tests.sandbox.telegram.api import TOKEN, Api, album_form, png

MIB = 1024 * 1024


def _form(chat_id: int, name: str, data: bytes, filename: str) -> aiohttp.FormData:
    form = aiohttp.FormData({"chat_id": str(chat_id), "caption": "  cap  "})
    form.add_field(name, io.BytesIO(data), filename=filename)
    return form


async def test_photos_have_sizes(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A photo is told in several sizes, each downloadable; the last is the largest."""
    sent = (await api.raw("sendPhoto", _form(group, "photo", png(2000, 1000), "x.png")))["result"]
    sizes = sent["photo"]
    assert [(size["width"], size["height"]) for size in sizes] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1280, 640),
    ]
    assert len({size["file_id"] for size in sizes}) == 4
    assert sent["caption"] == "cap"
    for size in sizes:
        data = standin.file(size["file_id"])
        assert Image.open(io.BytesIO(data)).size == (size["width"], size["height"])
        assert len(data) == size["file_size"]
    assert standin.calls[-1].files == {"photo": ("x.png", len(png(2000, 1000)))}
    assert standin.calls[-1].params["photo"] == "attach://photo"


async def test_downloads(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """A person's file is fetched by the path of getFile, with the token in the address."""
    standin.state.local = False
    said = standin.send_file(
        ana, group, "document", b"data", name="a.txt", mime="text/plain", caption="see"
    )
    file = await api.call("getFile", file_id=said["document"]["file_id"])
    url = f"{standin.url}/file/bot{TOKEN}/{file['file_path']}"
    async with api.session.get(url) as answer:
        assert await answer.read() == b"data"
    async with api.session.get(url.replace(TOKEN, "7:wrong")) as answer:
        assert answer.status == 404
    again = await api.call("sendDocument", chat_id=group, document=said["document"]["file_id"])
    assert again["document"]["file_name"] == "a.txt"


async def test_too_large_to_download(
    api: Api, standin: TelegramStandIn, group: int, ana: int
) -> None:
    """Over 20 MB getFile refuses, unless the server is one's own."""
    big = bytes(20 * MIB + 1)
    said = standin.send_file(ana, group, "video", big, name="v.mp4", mime="video/mp4")
    file_id = said["video"]["file_id"]
    told = await api.call("getFile", file_id=file_id)
    assert told["file_size"] == len(big)
    on_disk = await asyncio.to_thread(Path(told["file_path"]).read_bytes)
    assert on_disk == big
    standin.state.local = False
    assert await api.refused("getFile", file_id=file_id) == "Bad Request: file is too big"
    assert "wrong file_id" in await api.refused("getFile", file_id="nothing")


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        pytest.param("photo", b"text", "IMAGE_PROCESS_FAILED", id="no-picture"),
        pytest.param("photo", png(9000, 2000), "PHOTO_INVALID_DIMENSIONS", id="sides"),
        pytest.param("photo", png(2100, 100), "PHOTO_INVALID_DIMENSIONS", id="ratio"),
        pytest.param("photo", png(9, 9, 10 * MIB), "is too big for a photo", id="big-photo"),
        pytest.param("document", b"", "file must be non-empty", id="empty"),
        pytest.param("sticker", png(9, 9), "wrong file type", id="no-sticker"),
    ],
)
async def test_refused_files(api: Api, group: int, kind: str, data: bytes, why: str) -> None:
    """What is no picture, no sticker or nothing is refused, and nothing is kept."""
    answer = await api.raw(f"send{kind.capitalize()}", _form(group, kind, data, "x.png"))
    assert why in answer["description"]
    assert api.standin.bot_messages(group) == []


async def test_a_missing_file(api: Api, group: int) -> None:
    """A file under another name is not the one that the method wants."""
    answer = await api.raw("sendDocument", _form(group, "other", b"x", "x.bin"))
    assert answer["description"] == "Bad Request: there is no document in the request"


async def test_too_large_to_upload(api: Api, standin: TelegramStandIn, group: int) -> None:
    """Over 50 MB an upload is 413."""
    standin.state.local = False
    form = _form(group, "document", bytes(50 * MIB + 1), "x.bin")
    answer = await api.raw("sendDocument", form)
    assert (answer["error_code"], answer["description"]) == (413, "Request Entity Too Large")


async def test_albums(api: Api, standin: TelegramStandIn, group: int) -> None:
    """An album is several messages with one media_group_id; its size and its mix are checked."""
    sent = (await api.raw("sendMediaGroup", album_form(group, 3)))["result"]
    assert len(sent) == 3
    assert len({message["media_group_id"] for message in sent}) == 1
    assert [message.get("caption") for message in sent] == ["first", None, None]
    assert standin.bot_messages(group) == sent
    for count in (1, 11):
        assert not (await api.raw("sendMediaGroup", album_form(group, count)))["ok"]
    mixed = [{"type": kind, "media": "x"} for kind in ("photo", "document")]
    why = await api.refused("sendMediaGroup", chat_id=group, media=mixed)
    assert why == "Bad Request: document can't be mixed with other media types"


async def test_captions_are_edited(api: Api, group: int) -> None:
    """A caption is changed by its own method, and is limited to 1024."""
    sent = (await api.raw("sendPhoto", _form(group, "photo", png(90, 90), "x.png")))["result"]
    at = {"chat_id": group, "message_id": sent["message_id"]}
    assert (await api.call("editMessageCaption", **at, caption="new"))["caption"] == "new"
    assert "caption" not in await api.call("editMessageCaption", **at)
    assert await api.refused("editMessageCaption", **at, caption="x" * 1025) == (
        "Bad Request: message caption is too long"
    )
    assert await api.refused("editMessageText", **at, text="x") == (
        "Bad Request: there is no text in the message to edit"
    )


async def test_voice_of_an_unknown_format(api: Api, group: int) -> None:
    """A voice note that is no OGG, MP3 or M4A is kept as a document."""
    form = _form(group, "voice", b"RIFFxxxxWAVE", "v.wav")
    assert "document" in (await api.raw("sendVoice", form))["result"]
    form = _form(group, "voice", b"OggSxxxx", "v.ogg")
    assert "document" in (await api.raw("sendVoice", form))["result"]
    form = _form(group, "voice", makers.ogg_opus(), "v.ogg")
    assert "voice" in (await api.raw("sendVoice", form))["result"]


async def test_profile_photos(api: Api, standin: TelegramStandIn) -> None:
    """A person's picture is told until it is taken away."""
    user = standin.add_user("Bo", photo=png(640, 640))["id"]
    found = await api.call("getUserProfilePhotos", user_id=user)
    assert found["total_count"] == 1
    assert [size["width"] for size in found["photos"][0]] == [160, 320, 640]
    standin.set_photo(user, None)
    assert (await api.call("getUserProfilePhotos", user_id=user))["photos"] == []


def test_the_store_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its size the store forgets the oldest files, as the real service's ids expire."""
    monkeypatch.setattr(files, "KEPT_BYTES", 10)
    store = files.FileStore()
    first = store.add("document", b"123456")
    second = store.add("document", b"123456")
    assert store.get(first.file_id) is None
    assert store.get(second.file_id) is second
