"""Files of Discord's people, as they stand in Telegram: rows 4.1, 4.3 and 4.5."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from matebot.sandbox.discord import File
from tests.media import makers
from tests.media.makers import Probed
from tests.scenarios.crossing import Crossing
from tests.scenarios.harness import Json, scene
from tests.scenarios.media_acts import (
    bytes_in_telegram,
    in_telegram,
    kind_of,
    media,
    said,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """One daemon for all of them."""
    async with scene(tmp_path_factory.mktemp("media-out")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


WHOLE = {
    "photo": ("photo", File("p.jpg", makers.jpeg(), "image/jpeg")),
    "video": ("video", File("v.mp4", makers.mp4(), "video/mp4")),
    "audio": ("audio", File("song.mp3", makers.mp3(), "audio/mpeg")),
    "music of phones": ("audio", File("song.m4a", makers.m4a(), "audio/mp4")),
    "pdf": ("document", File("Ata nº 3.pdf", makers.document(), "application/pdf")),
    "unknown": ("document", File("core.dump", makers.blob(5000), "application/octet-stream")),
    "no type": ("document", File("Makefile", b"all:\n\tmake\n", "")),
    "film of browsers": ("document", File("v.webm", makers.webm(), "video/webm")),
}


@pytest.mark.parametrize(("kind", "file"), WHOLE.values(), ids=WHOLE)
async def test_4_1_a_file_comes_whole(talk: Crossing, kind: str, file: File) -> None:
    """As what Telegram shows in place, byte for byte, below who sent it and what was said."""
    stage = talk.stage
    (copy,) = await talk.to_telegram(
        lambda: stage.discord_says("look at **this**", attachments=[file])
    )
    assert kind_of(copy) == kind
    assert bytes_in_telegram(stage, copy) == file.data
    assert copy["caption"] == "Bia\nlook at this"
    assert [(e["type"], e["offset"], e["length"]) for e in copy["caption_entities"]] == [
        ("bold", 0, 3),
        ("bold", 12, 4),
    ]
    told = media(copy)
    if kind != "photo":
        assert told["file_name"].replace(" ", "_") == file.name.replace(" ", "_")
        assert told["mime_type"] in (file.mime, "application/octet-stream", "audio/x-m4a")
    if kind in ("photo", "video"):
        assert (told["width"], told["height"]) == (320, 240)
    if kind in ("audio", "video"):
        assert told["duration"] == 2


async def test_4_1_a_film_of_an_apple_phone_plays_in_place(talk: Crossing) -> None:
    """Its container is another one, the pictures and the sound are the same."""
    stage = talk.stage
    film = makers.mov()
    file = File("IMG_0042.MOV", film, "video/quicktime")
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("the party", attachments=[file]))
    assert kind_of(copy) == "video"
    told = media(copy)
    assert (told["file_name"], told["mime_type"]) == ("IMG_0042.mp4", "video/mp4")
    assert (told["width"], told["height"], told["duration"]) == (320, 240, 1)
    played, sent = makers.probe(bytes_in_telegram(stage, copy)), makers.probe(film)
    assert (played.kind, played.codecs) == ("mp4", ("h264", "aac"))
    assert (played.frames, played.changes) == (sent.frames, sent.changes)


MOVING = {
    "gif": File("cat.gif", makers.gif(), "image/gif"),
    "webp": File("cat.webp", makers.webp_moving(), "image/webp"),
    "apng": File("cat.png", makers.apng(160, 120, 10, 100), "image/png"),
    "avif": File("cat.avif", makers.avif_moving(), "image/avif"),
}


@pytest.mark.parametrize("file", MOVING.values(), ids=MOVING)
async def test_4_1_a_moving_picture_moves(talk: Crossing, file: File) -> None:
    """As an animation, which Telegram plays by itself: ten pictures in a second."""
    stage = talk.stage
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("", attachments=[file]))
    assert kind_of(copy) == "animation"
    seen = in_telegram(stage, copy)
    assert (seen.kind, seen.width, seen.height) == ("mp4", 160, 120)
    assert seen.codecs == ("h264",)
    assert seen.duration_s == pytest.approx(1.0, abs=0.15)
    assert seen.changes >= 8


STILL = {
    "png": File("p.png", makers.png(), "image/png"),
    "webp": File("p.webp", makers.webp(320, 240), "image/webp"),
    "avif": File("p.avif", makers.avif(320, 240), "image/avif"),
    "png that says it is a jpeg": File("p.jpg", makers.png(), "image/jpeg"),
    "gif that stands still": File("p.gif", makers.gif_still(320, 240), "image/gif"),
}


@pytest.mark.parametrize("file", STILL.values(), ids=STILL)
async def test_4_1_a_picture_is_a_picture(talk: Crossing, file: File) -> None:
    """In place, in its size."""
    stage = talk.stage
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("", attachments=[file]))
    seen = in_telegram(stage, copy)
    expected = "animation" if file.mime == "image/gif" else "photo"
    assert kind_of(copy) == expected
    assert (seen.width, seen.height) == (320, 240)
    assert copy["caption"] == "Bia"


async def test_4_1_a_photo_that_lies_on_its_side_stands_upright(talk: Crossing) -> None:
    """As its EXIF data say."""
    stage = talk.stage
    turned = File("p.jpg", makers.jpeg(320, 240, orientation=6, gps=True), "image/jpeg")
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("", attachments=[turned]))
    assert kind_of(copy) == "photo"


@pytest.mark.parametrize("seconds", [3.0, 0.4], ids=["long", "short"])
async def test_4_3_a_voice_message_plays_in_place(talk: Crossing, seconds: float) -> None:
    """As a voice message of Telegram's, byte for byte, with its length."""
    stage = talk.stage
    data = makers.ogg_opus(seconds)
    (copy,) = await talk.to_telegram(
        lambda: stage.discord.say_voice(stage.bia["id"], stage.channel, data)
    )
    assert kind_of(copy) == "voice"
    assert bytes_in_telegram(stage, copy) == data
    assert copy["voice"]["duration"] == round(seconds)
    assert copy["caption"] == "Bia"


async def test_4_3_a_voice_message_that_answers(talk: Crossing) -> None:
    """It stands as an answer there, too."""
    stage = talk.stage
    question: Json = {}
    (first,) = await talk.to_telegram(lambda: question.update(stage.discord_says("how are you?")))
    spoken = File("voice-message.ogg", makers.ogg_opus(), "audio/ogg", None, False, 3.0, b"\x80")
    (copy,) = await talk.to_telegram(
        lambda: stage.discord_says("", attachments=[spoken], flags=1 << 13, reply_to=question["id"])
    )
    assert kind_of(copy) == "voice"
    assert copy["reply_to_message"]["message_id"] == first["message_id"]


@pytest.mark.parametrize("kind", ["photo", "video", "animation"])
async def test_4_5_a_spoiler_stays_covered(talk: Crossing, kind: str) -> None:
    """What was covered there is covered here, under its name; what was not is not."""
    stage = talk.stage
    name, data, mime = {
        "photo": ("p.png", makers.png(), "image/png"),
        "video": ("v.mp4", makers.mp4(), "video/mp4"),
        "animation": ("g.gif", makers.gif(), "image/gif"),
    }[kind]
    for spoiler in (True, False):
        file = File(name, data, mime, spoiler=spoiler)
        (copy,) = await talk.to_telegram(lambda f=file: stage.discord_says("", attachments=[f]))  # type: ignore[misc]  # a lambda's default has no type
        assert kind_of(copy) == kind
        assert bool(copy.get("has_media_spoiler")) is spoiler
        assert "SPOILER" not in str(copy)


@pytest.mark.rows("4.1")
@pytest.mark.parametrize("silent", [True, False])
async def test_4_5_silent_stays_silent(talk: Crossing, silent: bool) -> None:
    """A post with a file rings as little as its original did."""
    stage = talk.stage
    before = len(stage.telegram.calls_of("sendPhoto"))
    picture = File("p.png", makers.png(), "image/png")
    await talk.to_telegram(lambda: stage.discord_says("", attachments=[picture], silent=silent))
    (call,) = stage.telegram.calls_of("sendPhoto")[before:]
    assert (str(call.params.get("disable_notification", "")).lower() == "true") is silent


async def test_4_5_alt_text_is_kept(talk: Crossing) -> None:
    """Telegram has no place for it but the words below."""
    stage = talk.stage
    picture = File("p.png", makers.png(), "image/png", description="a red disc on a slope")
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("see", attachments=[picture]))
    assert said(copy).startswith("see")
    assert "a red disc on a slope" in said(copy)


async def test_4_1_a_link_to_a_picture_is_the_picture(talk: Crossing) -> None:
    """Where an embed is nothing but a picture."""
    stage = talk.stage
    (copy,) = await talk.to_telegram(
        lambda: stage.discord.link_picture(
            stage.bia["id"], stage.channel, makers.jpeg(), name="cat.jpg"
        )
    )
    assert kind_of(copy) == "photo"
    assert in_telegram(stage, copy) == Probed("jpeg", 320, 240, frames=1)


async def test_4_1_a_reply_and_a_forward_bring_their_files(talk: Crossing) -> None:
    """A native reply, and the line of a forward, with the file."""
    stage = talk.stage
    first: Json = {}
    picture = File("p.png", makers.png(200, 100), "image/png")
    (one,) = await talk.to_telegram(
        lambda: first.update(stage.discord_says("", attachments=[picture]))
    )
    other = File("p.png", makers.png(210, 100), "image/png")
    (answer,) = await talk.to_telegram(
        lambda: stage.discord_says("mine", attachments=[other], reply_to=first["id"])
    )
    assert answer["reply_to_message"]["message_id"] == one["message_id"]
    assert in_telegram(stage, answer).width == 210
    (passed_on,) = await talk.to_telegram(
        lambda: stage.discord.say(
            stage.leo["id"], stage.channel, "", forward=(stage.channel, first["id"])
        )
    )
    assert in_telegram(stage, passed_on).width == 200


async def test_4_1_a_long_text_goes_ahead_and_is_tied_to_its_file(talk: Crossing) -> None:
    """A caption holds 1024; what is longer is a message of its own, and edits and deletes know."""
    stage = talk.stage
    original: Json = {}
    words = "a long story " * 120
    picture = File("p.png", makers.png(), "image/png")
    text, photo = await talk.to_telegram(
        lambda: original.update(stage.discord_says(words, attachments=[picture]))
    )
    assert text["text"].partition("\n")[2] == words.strip()
    assert kind_of(photo) == "photo"
    calls = len(stage.telegram.calls)
    stage.discord.edit(stage.channel, original["id"], words + "with an end")
    await stage.until(lambda: (talk.telegram_copy(text) or {})["text"].endswith("with an end"))
    assert not any(call.files for call in list(stage.telegram.calls)[calls:])
    stage.discord.delete(stage.channel, original["id"])
    await stage.until(
        lambda: talk.telegram_copy(text) is None and talk.telegram_copy(photo) is None
    )


NAMES = {
    "control characters": ("a\x00b\nc.txt", "ab c.txt"),
    "an end turned round": ("photo\u202egnp.exe", "photognp.exe"),
    "two ends": ("fatura.pdf.exe", "fatura_pdf.exe"),
    "another script": ("отчёт-за-май.pdf", "отчёт-за-май.pdf"),
}


@pytest.mark.parametrize(("name", "shown"), NAMES.values(), ids=NAMES)
async def test_4_1_a_hostile_name_is_harmless(talk: Crossing, name: str, shown: str) -> None:
    """No path, no control character, no end that reads like another; other scripts are kept."""
    stage = talk.stage
    given = File(name, b"text", "application/x-thing")
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("", attachments=[given]))
    assert copy["document"]["file_name"].replace("_", " ") == shown.replace("_", " ")
