"""Files as the service takes them: it looks into them, and makes of them what they are."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from matebot.sandbox.faults import Fault
from matebot.sandbox.look import look
from matebot.sandbox.telegram import TelegramStandIn
from tests.media import makers
from tests.sandbox.telegram.api import TOKEN, Api, Json, png

MIB = 1024 * 1024


def form(chat_id: int, name: str, data: bytes, filename: str, **more: str) -> aiohttp.FormData:
    """A call with one file."""
    made = aiohttp.FormData({"chat_id": str(chat_id), **more})
    made.add_field(name, io.BytesIO(data), filename=filename)
    return made


async def send(api: Api, method: str, group: int, data: bytes, filename: str, **more: str) -> Json:
    """The message of a call that must succeed; the file's field is named as the method is."""
    stem = method.removeprefix("send")
    field = "video_note" if stem == "VideoNote" else stem.lower()
    answer = await api.raw(method, form(group, field, data, filename, **more))
    assert answer["ok"], answer
    result: Json = answer["result"]
    return result


def kind_of(message: Json) -> str:
    """As what a file stands in a chat."""
    kinds = ("animation", "sticker", "photo", "video_note", "video", "audio", "voice", "document")
    return next(kind for kind in kinds if kind in message)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        pytest.param(("sendVideo", makers.mp4, "v.mp4"), "video", id="film"),
        pytest.param(("sendVideo", makers.webm, "v.webm"), "document", id="no-mp4"),
        pytest.param(("sendVideo", makers.mov, "v.mov"), "document", id="quicktime"),
        pytest.param(("sendVideo", lambda: b"x" * 99, "v.mp4"), "document", id="no-film"),
        pytest.param(("sendAnimation", makers.gif, "a.gif"), "animation", id="gif"),
        pytest.param(("sendAnimation", makers.mp4, "a.mp4"), "video", id="with-sound"),
        pytest.param(("sendVoice", makers.ogg_opus, "v.ogg"), "voice", id="opus"),
        pytest.param(("sendVoice", makers.mp3, "v.mp3"), "voice", id="voice-mp3"),
        pytest.param(("sendVoice", makers.webm, "v.ogg"), "document", id="no-voice"),
        pytest.param(("sendAudio", makers.mp3, "m.mp3"), "audio", id="music"),
        pytest.param(("sendAudio", makers.gif, "m.mp3"), "document", id="no-music"),
        pytest.param(("sendVideoNote", makers.video_note, "n.mp4"), "video_note", id="round"),
        pytest.param(("sendVideoNote", makers.mp4, "n.mp4"), "video", id="no-square"),
        pytest.param(("sendSticker", makers.webp, "s.webp"), "sticker", id="still"),
        pytest.param(("sendSticker", makers.tgs, "s.tgs"), "sticker", id="tgs"),
        pytest.param(("sendSticker", makers.webm_sticker, "s.webm"), "sticker", id="webm"),
        pytest.param(("sendSticker", makers.webp_moving, "s.webp"), "document", id="small-moving"),
        pytest.param(("sendSticker", makers.webm, "s.webm"), "document", id="with-sound-or-small"),
        pytest.param(("sendDocument", makers.gif, "d.gif"), "animation", id="gif-document"),
        pytest.param(("sendDocument", makers.webp, "d.webp"), "sticker", id="webp-document"),
        pytest.param(("sendDocument", makers.mp3, "d.mp3"), "audio", id="mp3-document"),
        pytest.param(("sendDocument", makers.png, "d.png"), "document", id="document"),
    ],
)
async def test_what_becomes_of_files(
    api: Api, group: int, sent: tuple[str, Callable[[], bytes], str], kind: str
) -> None:
    """A file is what it is, whatever method sent it."""
    method, make, name = sent
    assert kind_of(await send(api, method, group, make(), name)) == kind


async def test_documents_stay_documents(api: Api, group: int) -> None:
    """Nothing is looked for in a document where the bot says so."""
    more = {"disable_content_type_detection": "true"}
    for make, name in ((makers.gif, "d.gif"), (makers.mp4, "d.mp4"), (makers.webp, "d.webp")):
        message = await send(api, "sendDocument", group, make(), name, **more)
        assert kind_of(message) == "document"
        assert message["document"]["file_name"] == name


async def test_sides_and_durations(api: Api, standin: TelegramStandIn, group: int) -> None:
    """What the bot does not tell is taken from the file; a GIF becomes a film."""
    video = (await send(api, "sendVideo", group, makers.mp4(), "v.mp4"))["video"]
    assert (video["width"], video["height"], video["duration"]) == (320, 240, 2)
    assert video["thumbnail"]["width"] == 320
    voice = (await send(api, "sendVoice", group, makers.ogg_opus(3.0), "v.ogg"))["voice"]
    assert voice["duration"] == 3
    moving = (await send(api, "sendAnimation", group, makers.gif(), "a.gif"))["animation"]
    assert (moving["mime_type"], moving["file_name"]) == ("video/mp4", "a.mp4")
    assert look(standin.file_path(moving["file_id"])).video == "h264"
    note = (await send(api, "sendVideoNote", group, makers.video_note(), "n.mp4"))["video_note"]
    assert (note["length"], note["duration"]) == (240, 2)
    sticker = (await send(api, "sendSticker", group, makers.tgs(), "s.tgs"))["sticker"]
    assert sticker["is_animated"]
    assert not sticker["is_video"]


async def test_a_spoiler_and_a_caption_above(api: Api, group: int) -> None:
    """Both are kept, and a caption edit that does not say so moves the caption below."""
    more = {"has_spoiler": "true", "caption": "c", "show_caption_above_media": "true"}
    sent = await send(api, "sendPhoto", group, png(90, 90), "p.png", **more)
    assert sent["has_media_spoiler"]
    assert sent["show_caption_above_media"]
    at = {"chat_id": group, "message_id": sent["message_id"]}
    edited = await api.call("editMessageCaption", **at, caption="d")
    assert edited["has_media_spoiler"]
    assert "show_caption_above_media" not in edited


async def edit_media(api: Api, group: int, message: Json, kind: str, data: bytes) -> Json:
    """The answer of an editMessageMedia with an upload."""
    media = {"type": kind, "media": "attach://new", "caption": "new"}
    at = {"message_id": str(message["message_id"]), "media": json.dumps(media)}
    return await api.raw("editMessageMedia", form(group, "new", data, "new.png", **at))


async def test_media_is_replaced(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A photo becomes another, or a document; a text becomes a photo; never the way back."""
    sent = await send(api, "sendPhoto", group, png(90, 90), "p.png", has_spoiler="true")
    edited = (await edit_media(api, group, sent, "photo", png(80, 60)))["result"]
    assert edited["photo"][-1]["width"] == 80
    assert edited["caption"] == "new"
    assert "has_media_spoiler" not in edited
    as_file = (await edit_media(api, group, sent, "document", png(80, 60)))["result"]
    assert "photo" not in as_file
    assert "document" in as_file
    text = await api.call("sendMessage", chat_id=group, text="t")
    assert "text" not in (await edit_media(api, group, text, "photo", png(9, 9)))["result"]
    at = {"chat_id": group, "message_id": text["message_id"]}
    why = await api.refused("editMessageText", **at, text="t")
    assert why == "Bad Request: there is no text in the message to edit"
    now = standin.message(group, text["message_id"])
    assert now is not None
    same = {"type": "photo", "media": now["photo"][-1]["file_id"], "caption": "new"}
    why = await api.refused("editMessageMedia", **at, media=same)
    assert "message is not modified" in why


async def test_what_cannot_be_edited(api: Api, group: int) -> None:
    """Of stickers and video messages the keyboard alone, of voice messages the caption too."""
    voice = await send(api, "sendVoice", group, makers.ogg_opus(), "v.ogg")
    at = {"chat_id": group, "message_id": voice["message_id"]}
    assert (await api.call("editMessageCaption", **at, caption="c"))["caption"] == "c"
    why = (await edit_media(api, group, voice, "photo", png(9, 9)))["description"]
    assert why == "Bad Request: there is no media in the message to edit"
    for method, make, name in (
        ("sendSticker", makers.webp, "s.webp"),
        ("sendVideoNote", makers.video_note, "n.mp4"),
    ):
        bare = await send(api, method, group, make(), name)
        at = {"chat_id": group, "message_id": bare["message_id"]}
        for refused in (
            (await edit_media(api, group, bare, "photo", png(9, 9)))["description"],
            await api.refused("editMessageCaption", **at, caption="c"),
        ):
            assert refused == "Bad Request: message can't be edited"
        # so that who looks for its own posts finds these as well
        assert "message is not modified" in await api.refused("editMessageReplyMarkup", **at)


async def test_albums_keep_their_kind(api: Api, group: int) -> None:
    """In an album of pictures a part becomes a picture or a film, and nothing else."""
    media = [{"type": "photo", "media": f"attach://f{number}"} for number in range(2)]
    made = aiohttp.FormData({"chat_id": str(group), "media": json.dumps(media)})
    made.add_field("f0", png(90, 90), filename="a.png")
    made.add_field("f1", makers.jpeg(), filename="b.jpg")
    first = (await api.raw("sendMediaGroup", made))["result"][0]
    assert "video" in (await edit_media(api, group, first, "video", makers.mp4()))["result"]
    for kind, why in (
        ("document", "can't change media type in the album"),
        ("animation", "message content type can't be used in an album"),
    ):
        answer = await edit_media(api, group, first, kind, png(9, 9))
        assert answer["description"] == f"Bad Request: {why}"


async def test_a_broken_part_stops_its_album(api: Api, group: int) -> None:
    """The refusal says which part, and nothing is posted."""
    media = [{"type": "photo", "media": f"attach://f{number}"} for number in range(2)]
    made = aiohttp.FormData({"chat_id": str(group), "media": json.dumps(media)})
    made.add_field("f0", png(90, 90), filename="a.png")
    made.add_field("f1", png(90, 90)[:60], filename="b.png")
    why = (await api.raw("sendMediaGroup", made))["description"]
    assert why == (
        'Bad Request: failed to send message #2 with the error message "IMAGE_PROCESS_FAILED"'
    )
    assert api.standin.bot_messages(group) == []


async def test_ids_of_another_kind(
    api: Api, standin: TelegramStandIn, group: int, ana: int
) -> None:
    """A file is sent again as what it is; one that is long gone is not known."""
    said = standin.send_file(ana, group, "photo", png(9, 9), name="p.png", mime="image/png")
    file_id = said["photo"][-1]["file_id"]
    again = await api.call("sendPhoto", chat_id=group, photo=file_id)
    assert again["photo"][-1]["file_unique_id"] == said["photo"][-1]["file_unique_id"]
    why = await api.refused("sendSticker", chat_id=group, sticker=file_id)
    assert why == "Bad Request: can't use file of type Photo as Sticker"
    standin.forget_file(file_id)
    why = await api.refused("sendPhoto", chat_id=group, photo=file_id)
    assert why == "Bad Request: wrong file identifier/HTTP URL specified"


async def test_slow_videos(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A video that is processed first has no id; later it stands there, and nobody was told."""
    standin.slow_videos = True
    before = standin.pending_updates
    sent = await send(api, "sendVideo", group, makers.mp4(), "v.mp4", caption="c")
    assert sent["message_id"] == 0
    assert standin.bot_messages(group) == []
    (message,) = standin.finish_videos()
    assert standin.bot_messages(group) == [message]
    assert message["message_id"] > 0
    assert standin.pending_updates == before
    photo = await send(api, "sendPhoto", group, png(9, 9), "p.png")
    assert photo["message_id"] > 0


async def test_paths_expire(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """A path leads to its file for a while; getFile renews it."""
    standin.state.local = False
    said = standin.send_file(ana, group, "document", b"data", name="a", mime="text/plain")

    async def fetched() -> tuple[int, bytes]:
        path = f"{standin.url}/file/bot{TOKEN}/documents/file_1.a"
        async with api.session.get(path) as answer:
            return answer.status, await answer.read()

    assert (await fetched())[0] == 404  # nobody asked for it yet
    await api.call("getFile", file_id=said["document"]["file_id"])
    assert await fetched() == (200, b"data")
    standin.expire_file_paths()
    assert (await fetched())[0] == 404
    standin.state.files.path_s = 0
    await api.call("getFile", file_id=said["document"]["file_id"])
    assert (await fetched())[0] == 404


async def test_one_request_is_limited(api: Api, standin: TelegramStandIn, group: int) -> None:
    """All files of a request count together; one's own server takes more."""
    media = [{"type": "document", "media": f"attach://f{number}"} for number in range(2)]

    async def album() -> Any:
        made = aiohttp.FormData({"chat_id": str(group), "media": json.dumps(media)})
        for number in range(2):
            made.add_field(f"f{number}", io.BytesIO(bytes(26 * MIB)), filename="x.bin")
        return await api.raw("sendMediaGroup", made)

    standin.state.local = False
    assert (await album())["error_code"] == 413
    standin.state.local = True
    assert (await album())["ok"]


async def test_files_of_this_disk(
    api: Api, standin: TelegramStandIn, group: int, tmp_path: Any
) -> None:
    """One's own server takes a path; the public one knows no such file."""
    place = tmp_path / "a b.txt"
    place.write_text("data")
    sent = await api.call("sendDocument", chat_id=group, document=place.as_uri())
    assert sent["document"]["file_name"] == "a b.txt"
    standin.state.local = False
    why = await api.refused("sendDocument", chat_id=group, document=place.as_uri())
    assert why == "Bad Request: wrong file identifier/HTTP URL specified"


async def test_people_send_everything(standin: TelegramStandIn, group: int, ana: int) -> None:
    """What a client sends is described by the file itself."""
    live = standin.send_file(
        ana, group, "live_photo", makers.mp4(), name="l.mp4", mime="video/mp4", still=makers.jpeg()
    )
    assert live["live_photo"]["photo"] == live["photo"]
    assert live["live_photo"]["duration"] == 2
    moving = standin.send_file(
        ana,
        group,
        "animation",
        makers.gif(),
        name="a.gif",
        mime="image/gif",
        above=True,
        caption="c",
    )
    assert moving["animation"]["mime_type"] == "video/mp4"
    assert moving["show_caption_above_media"]
    paid = standin.send_paid(ana, group, [("video", makers.mp4(), "v.mp4", "video/mp4")], stars=3)
    assert paid["paid_media"] == {
        "star_count": 3,
        "paid_media": [{"type": "preview", "width": 320, "height": 240, "duration": 2}],
    }
    items = [("photo", makers.jpeg(), "", ""), ("video", makers.mp4(), "v.mp4", "video/mp4")]
    album = standin.send_album(ana, group, items, caption="all", spoiler=True)
    assert [one.get("caption") for one in album] == ["all", None]
    assert len({one["media_group_id"] for one in album}) == 1
    edited = standin.edit_media(
        group, album[0]["message_id"], "photo", png(50, 40), name="", mime="", caption="other"
    )
    assert edited["media_group_id"] == album[0]["media_group_id"]
    assert edited["photo"][-1]["width"] == 50
    with Image.open(standin.file_path(edited["photo"][-1]["file_id"])) as picture:
        assert picture.format == "JPEG"
    with pytest.raises(ValueError, match="an album is"):
        standin.send_album(ana, group, [*items, ("audio", makers.mp3(), "m.mp3", "audio/mpeg")])


async def test_downloads_go_wrong(api: Api, standin: TelegramStandIn, group: int, ana: int) -> None:
    """A download can be cut in the middle, or never end."""
    standin.state.local = False
    said = standin.send_file(ana, group, "document", bytes(MIB), name="a", mime="text/plain")
    told = await api.call("getFile", file_id=said["document"]["file_id"])
    url = f"{standin.url}/file/bot{TOKEN}/{told['file_path']}"
    standin.faults.add(Fault("cut", "file"))
    async with api.session.get(url) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    standin.faults.add(Fault("endless", "file"))
    async with api.session.get(url) as answer:
        assert answer.content_length is None
        assert len(await answer.content.readexactly(3 * MIB)) == 3 * MIB
    async with api.session.get(url) as answer:
        assert await answer.read() == bytes(MIB)


def test_a_picture_of_absurd_size_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold up everything here for a minute, whatever else allowed the decoder more."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    picture = tmp_path / "huge.gif"
    picture.write_bytes(makers.gif()[:6] + b"\x40\x9c\x40\x9c" + makers.gif()[10:])
    seen = look(picture)
    assert (seen.mime, seen.width, seen.height) == ("image/gif", 40_000, 40_000)
    assert not seen.decodes
