"""Files on Discord: what it looks into, how large they may be, and how people send them."""

import base64
import io
import json
from typing import Any

import aiohttp
import pytest

from matebot.sandbox.discord import DiscordStandIn, File
from matebot.sandbox.faults import Fault
from tests.media import makers
from tests.sandbox.discord.conftest import Api, Json

MIB = 1024 * 1024
VOICE = 1 << 13
SPOKEN = ("v.ogg", makers.ogg_opus(), "audio/ogg")
WAVE = base64.b64encode(bytes(64)).decode()


@pytest.fixture
def hook(standin: DiscordStandIn, room: Json) -> Json:
    """A webhook of the room."""
    return standin.add_webhook(room["id"], "w", application_id=standin.application_id)


def path(hook: Json) -> str:
    """Where it posts."""
    return f"/webhooks/{hook['id']}/{hook['token']}?wait=true"


def form(body: Json, *files: tuple[str, bytes, str]) -> aiohttp.FormData:
    """A request with files: name, bytes, type."""
    made = aiohttp.FormData({"payload_json": json.dumps(body)}, quote_fields=False)
    for index, (name, data, mime) in enumerate(files):
        made.add_field(f"files[{index}]", io.BytesIO(data), filename=name, content_type=mime)
    return made


async def test_what_is_told_of_files(api: Api, hook: Json) -> None:
    """Sides are found by decoding; what moves, and what is covered, is told by flags."""
    files = (
        ("a.gif", makers.gif(), "image/gif"),
        ("v.mp4", makers.mp4(), "application/octet-stream"),
        ("SPOILER_p.png", makers.png(30, 20), "image/png"),
        ("q.png", makers.png(30, 20), "image/png"),
        ("n.txt", b"text", "text/plain"),
    )
    body = {"attachments": [{"id": 3, "is_spoiler": True, "title": "Q"}]}
    status, made = await api("POST", path(hook), token=None, data=form(body, *files))
    assert status == 200
    moving, film, covered, told, text = made["attachments"]
    assert (moving["width"], moving["height"], moving["flags"]) == (160, 120, 1 << 5)
    assert (film["width"], film["height"], film["content_type"]) == (320, 240, "video/mp4")
    assert covered["flags"] == told["flags"] == 1 << 3
    assert told["title"] == "Q"
    assert not {"width", "flags"} & set(text)


@pytest.mark.parametrize(
    ("body", "file", "code"),
    [
        pytest.param({}, SPOKEN, 200, id="good"),
        pytest.param({"content": "x"}, SPOKEN, 50159, id="text"),
        pytest.param({}, (*SPOKEN[:2], "application/octet-stream"), 50160, id="type"),
        pytest.param({}, ("v.ogg", makers.mp3(), "audio/ogg"), 50160, id="no-opus"),
        pytest.param({}, ("v.ogg", b"OggSxxxx", "audio/ogg"), 50160, id="broken"),
        pytest.param(
            {"attachments": [{"id": 0, "waveform": WAVE}]},
            SPOKEN,
            50161,
            id="no-duration",
        ),
        pytest.param(
            {"attachments": [{"id": 0, "waveform": "é!", "duration_secs": 3}]},
            SPOKEN,
            50161,
            id="no-waveform",
        ),
    ],
)
async def test_voice_messages(
    api: Api, hook: Json, body: Json, file: tuple[str, bytes, str], code: int
) -> None:
    """A webhook may speak: one real OGG/Opus file with its metadata, and nothing beside it."""
    told = {"attachments": [{"id": 0, "waveform": WAVE, "duration_secs": 3.0}], "flags": VOICE}
    status, made = await api("POST", path(hook), token=None, data=form(told | body, file))
    assert made.get("code", status) == code
    if status == 200:
        assert made["attachments"][0]["duration_secs"] == 3.0
        at = path(hook).replace("?wait=true", f"/messages/{made['id']}")
        assert (await api("PATCH", at, {"content": "x"}, token=None))[1]["code"] == 50162


async def test_larger_files_in_a_boosted_guild(
    api: Api, standin: DiscordStandIn, hook: Json
) -> None:
    """Each file may be larger from the second tier on; nothing is posted of what is too large."""
    large = ("l.bin", bytes(11 * MIB), "application/octet-stream")
    assert (await api("POST", path(hook), token=None, data=form({}, large)))[1]["code"] == 40005
    assert standin.messages(hook["channel_id"]) == []
    standin.set_premium_tier(2)
    status, made = await api("POST", path(hook), token=None, data=form({}, large, large))
    assert status == 200
    assert [each["size"] for each in made["attachments"]] == [11 * MIB] * 2


async def test_an_edit_keeps_removes_and_adds(api: Api, hook: Json) -> None:
    """Attachments that an edit does not name are gone, new ones come after the kept ones."""
    files = [(f"{name}.png", makers.png(9, 9), "image/png") for name in "ab"]
    made = (await api("POST", path(hook), token=None, data=form({}, *files)))[1]
    kept = made["attachments"][1]
    body = {"attachments": [{"id": kept["id"], "description": "alt"}, {"id": 0}]}
    at = path(hook).replace("?wait=true", f"/messages/{made['id']}")
    edited = (await api("PATCH", at, token=None, data=form(body, ("c.txt", b"x", "text/plain"))))[1]
    names = [each["filename"] for each in edited["attachments"]]
    assert names == ["b.png", "c.txt"]
    assert edited["attachments"][0]["description"] == "alt"
    again = (await api("PATCH", at, {"content": "text alone"}, token=None))[1]
    assert [each["filename"] for each in again["attachments"]] == names


async def fetched(session: aiohttp.ClientSession, url: str) -> tuple[int, bytes]:
    """What an address answers."""
    async with session.get(url) as answer:
        return answer.status, await answer.read()


async def test_fresh_addresses(
    api: Api, standin: DiscordStandIn, session: aiohttp.ClientSession, ana: Json, room: Json
) -> None:
    """An address that is good no more is made good again by its own route, or by a look."""
    said = standin.say(ana["id"], room["id"], "", attachments=[("a.txt", b"text", "text/plain")])
    old = said["attachments"][0]["url"]
    standin.expire_attachment_urls()
    assert (await fetched(session, old))[0] == 404
    body = {"attachment_urls": [old, "https://example.com/x"]}
    told = (await api("POST", "/attachments/refresh-urls", body))[1]["refreshed_urls"]
    assert [each["original"] for each in told] == [old]
    assert await fetched(session, told[0]["refreshed"]) == (200, b"text")
    standin.attachment_url_s = -1
    late = standin.message(room["id"], said["id"])["attachments"][0]["url"]
    assert (await fetched(session, late))[0] == 404


async def test_people_send_everything(
    standin: DiscordStandIn, session: aiohttp.ClientSession, ana: Json, room: Json
) -> None:
    """Alt texts, covers, voices, silence and pictures from elsewhere, as clients send them."""
    cat = File("c.png", makers.png(9, 9), "image/png", description="a cat", spoiler=True)
    said = standin.say(ana["id"], room["id"], "", attachments=[cat], silent=True)
    (attachment,) = said["attachments"]
    assert attachment["filename"] == "SPOILER_c.png"
    assert attachment["description"] == "a cat"
    assert said["flags"] == 1 << 12
    spoken = standin.say_voice(ana["id"], room["id"], makers.ogg_opus(2.0))
    voice = spoken["attachments"][0]
    assert spoken["flags"] == VOICE
    assert voice["duration_secs"] == pytest.approx(2.0, abs=0.1)
    assert len(base64.b64decode(voice["waveform"])) == 64
    linked = standin.link_picture(ana["id"], room["id"], makers.jpeg(), name="p.jpg")
    (embed,) = linked["embeds"]
    assert (embed["type"], embed["thumbnail"]["width"]) == ("image", 320)
    assert await fetched(session, embed["url"]) == (200, makers.jpeg())
    edited = standin.edit_files(
        room["id"], said["id"], keep=[], add=[("b.txt", b"b", "text/plain")]
    )
    assert [each["filename"] for each in edited["attachments"]] == ["b.txt"]


@pytest.mark.parametrize(
    ("kind", "make", "told"),
    [
        ("png", makers.png, (1, "png")),
        ("apng", makers.apng, (2, "png")),
        ("lottie", makers.lottie, (3, "json")),
        ("gif", makers.gif, (4, "gif")),
    ],
)
async def test_stickers(
    standin: DiscordStandIn, session: aiohttp.ClientSession, kind: str, make: Any, told: Any
) -> None:
    """A sticker is served in its own format, and a file of another one is none."""
    data, (number, suffix) = make(), told
    sticker = standin.add_sticker("s", data, kind)
    assert sticker["format_type"] == number
    url = f"{standin.cdn_url}/stickers/{sticker['id']}."
    assert await fetched(session, url + suffix) == (200, data)
    assert (await fetched(session, url + "webp"))[0] == 404
    with pytest.raises(ValueError, match="no sticker"):
        standin.add_sticker("s", makers.mp3(), kind)


async def test_downloads_go_wrong(
    standin: DiscordStandIn, session: aiohttp.ClientSession, ana: Json, room: Json
) -> None:
    """A download is refused, cut in the middle, or slow; a part of it may be asked for."""
    data = makers.blob(MIB)
    said = standin.say(ana["id"], room["id"], "", attachments=[("a.bin", data, "text/plain")])
    url = said["attachments"][0]["url"]
    standin.faults.add(Fault("status", "cdn", status=403))
    assert (await fetched(session, url))[0] == 403
    standin.faults.add(Fault("cut", "cdn"))
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetched(session, url)
    standin.faults.add(Fault("trickle", "cdn", delay_s=0.0))
    assert await fetched(session, url) == (200, data)
    async with session.get(url, headers={"Range": "bytes=10-19"}) as answer:
        assert (answer.status, await answer.read()) == (206, data[10:20])
