"""Files of Telegram's people, as they stand in Discord: rows 4.1, 4.3 and 4.5."""

import base64
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.media import makers
from tests.media.makers import Probed
from tests.scenarios.crossing import Crossing, entity
from tests.scenarios.harness import Json, scene
from tests.scenarios.media_acts import (
    Sent,
    bytes_in_discord,
    in_discord,
    media,
    names,
    telegram_sends,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

IS_VOICE_MESSAGE = 1 << 13
WAVEFORM_SAMPLES = 256


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """One daemon for all of them."""
    async with scene(tmp_path_factory.mktemp("media-in")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


FILES = {
    "photo": (Sent("photo", makers.jpeg(1000, 600)), "photo.jpg"),
    "document": (Sent("document", makers.document(), "Ata nº 3.pdf", "application/pdf"), None),
    "video": (Sent("video", makers.mp4(), "walk.mp4", "video/mp4"), "walk.mp4"),
    "animation": (Sent("animation", makers.mp4(sound=False), "cat.mp4", "video/mp4"), "cat.mp4"),
    "audio": (Sent("audio", makers.mp3(), "song.mp3", "audio/mpeg"), "song.mp3"),
    "video note": (Sent("video_note", makers.video_note(), "", "video/mp4"), "video-note.mp4"),
}


@pytest.mark.parametrize(("sent", "name"), FILES.values(), ids=FILES)
async def test_4_1_a_file_comes_whole(talk: Crossing, sent: Sent, name: str | None) -> None:
    """Byte for byte, under its name and type, below what its sender says in bold."""
    text = f"look at this {sent.kind}"
    bold = [entity(text, "this", "bold")]
    note = sent.kind == "video_note"
    told = {} if note else {"caption": text, "caption_entities": bold}
    original: Json = {}
    (copy,) = await talk.to_discord(
        lambda: original.update(telegram_sends(talk.stage, sent, **told))
    )
    best = talk.stage.telegram.file(media(original)["file_id"])
    assert bytes_in_discord(talk.stage, copy) == [best]
    assert copy["content"] == ("" if note else f"look at **this** {sent.kind}")
    assert copy["author"]["username"] == "Ana"
    (attachment,) = copy["attachments"]
    assert attachment["content_type"] == (sent.mime or "image/jpeg")
    if name is not None:
        assert names(copy) == [name]
    if sent.kind == "photo":
        assert in_discord(talk.stage, copy) == [Probed("jpeg", 1000, 600, frames=1)]


@pytest.mark.rows("4.1")
async def test_4_3_a_round_video_plays(talk: Crossing) -> None:
    """As a film in MP4, as long as it was."""
    round_ = Sent("video_note", makers.video_note(), "", "video/mp4")
    (copy,) = await talk.to_discord(lambda: telegram_sends(talk.stage, round_))
    (seen,) = in_discord(talk.stage, copy)
    assert (seen.kind, seen.width, seen.height, seen.codecs) == ("mp4", 240, 240, ("h264", "aac"))
    assert seen.duration_s == pytest.approx(2.0, abs=0.1)


VOICES = {"opus": makers.ogg_opus(), "m4a": makers.m4a(), "mp3": makers.mp3()}


@pytest.mark.parametrize("data", VOICES.values(), ids=VOICES)
async def test_4_3_a_voice_message_plays_in_place(talk: Crossing, data: bytes) -> None:
    """With the flag, its length and how loud it is; whatever it was, it comes as OGG/Opus."""
    mime = {VOICES["opus"]: "audio/ogg", VOICES["mp3"]: "audio/mpeg"}.get(data, "audio/mp4")
    (copy,) = await talk.to_discord(
        lambda: telegram_sends(talk.stage, Sent("voice", data, "", mime))
    )
    assert copy["flags"] & IS_VOICE_MESSAGE
    assert copy["content"] == ""
    (seen,) = in_discord(talk.stage, copy)
    (attachment,) = copy["attachments"]
    assert (seen.kind, seen.codecs) == ("ogg", ("opus",))
    assert seen.duration_s == pytest.approx(makers.probe(data).duration_s, abs=0.1)
    assert attachment["duration_secs"] == pytest.approx(seen.duration_s, abs=0.1)
    loud = base64.b64decode(attachment["waveform"])
    assert 8 < len(loud) <= WAVEFORM_SAMPLES
    assert max(loud) > 4 * max(loud[0], loud[-1])  # it swells and fades
    assert abs(loud.index(max(loud)) - len(loud) / 2) < len(loud) / 5


async def test_4_3_what_is_said_with_a_voice_message_stands_ahead_of_it(talk: Crossing) -> None:
    """A voice message bears no text in Discord."""
    sent = Sent("voice", makers.ogg_opus(), "", "audio/ogg")
    first, second = await talk.to_discord(
        lambda: telegram_sends(talk.stage, sent, caption="about tonight")
    )
    assert first["content"] == "about tonight"
    assert second["flags"] & IS_VOICE_MESSAGE


@pytest.mark.parametrize("kind", ["photo", "video", "animation"])
async def test_4_5_a_spoiler_stays_covered(talk: Crossing, kind: str) -> None:
    """What was covered there is covered here, and what was not is not."""
    data = makers.jpeg() if kind == "photo" else makers.mp4(sound=False)
    sent = Sent(kind, data, "x.mp4" if kind != "photo" else "", "video/mp4")
    (hidden,) = await talk.to_discord(lambda: telegram_sends(talk.stage, sent, spoiler=True))
    (plain,) = await talk.to_discord(lambda: telegram_sends(talk.stage, sent))
    assert names(hidden)[0].startswith("SPOILER_")
    assert not names(plain)[0].startswith("SPOILER_")


async def test_4_5_a_caption_above_stands_above(talk: Crossing) -> None:
    """Discord shows every text above; it is the same message."""
    sent = Sent("photo", makers.jpeg())
    (copy,) = await talk.to_discord(
        lambda: telegram_sends(talk.stage, sent, caption="above", above=True)
    )
    assert copy["content"] == "above"
    assert len(copy["attachments"]) == 1


async def test_4_1_a_live_photo_comes_as_both(talk: Crossing) -> None:
    """The picture, and the film that it is."""
    sent = Sent("live_photo", makers.mp4(sound=False), "live.mp4", "video/mp4")
    (copy,) = await talk.to_discord(
        lambda: telegram_sends(talk.stage, sent, still=makers.jpeg(), caption="alive")
    )
    assert [seen.kind for seen in in_discord(talk.stage, copy)] == ["jpeg", "mp4"]
    assert copy["content"] == "alive"


async def test_4_1_paid_media_are_a_note_and_what_is_shown(talk: Crossing) -> None:
    """What is sold is not given away; a hidden one is a note."""
    stage = talk.stage
    item = ("photo", makers.jpeg(1000, 800), "p.jpg", "image/jpeg")
    (copy,) = await talk.to_discord(
        lambda: stage.telegram.send_paid(stage.ana["id"], stage.group, [item], caption="buy it")
    )
    assert "buy it" in copy["content"]
    assert "Paid media" in copy["content"]
    assert all(seen.width < 1000 for seen in in_discord(stage, copy))


async def test_4_1_a_reply_and_a_forward_bring_their_files(talk: Crossing) -> None:
    """The line that tells of the original stands above."""
    stage = talk.stage
    photo: Json = {}
    sent = Sent("photo", makers.jpeg(200, 100))
    (first,) = await talk.to_discord(lambda: photo.update(telegram_sends(stage, sent)))
    (answer,) = await talk.to_discord(
        lambda: telegram_sends(
            stage,
            Sent("photo", makers.jpeg(210, 100)),
            caption="mine",
            reply_to=photo["message_id"],
        )
    )
    assert first["id"] in answer["content"]
    assert answer["content"].endswith("mine")
    assert in_discord(stage, answer)[0].width == 210
    (passed_on,) = await talk.to_discord(
        lambda: stage.telegram.forward(
            stage.rui["id"], stage.group, (stage.group, photo["message_id"])
        )
    )
    assert in_discord(stage, passed_on)[0].width == 200
    assert "Ana" in passed_on["content"]


NAMES = {
    "a path": ("../../etc/passwd.txt", "passwd.txt"),
    "a path of Windows": ("C:\\Windows\\x.txt", "x.txt"),
    "control characters": ("a\x00b\nc.txt", "ab_c.txt"),
    "an end turned round": ("photo\u202egnp.exe", "photognp.exe"),
    "two ends": ("fatura.pdf.exe", "fatura_pdf.exe"),
    "another script": ("отчёт за май.pdf", "отчёт_за_май.pdf"),
    "hidden": (".bashrc", "bashrc"),
}


@pytest.mark.parametrize(("name", "shown"), NAMES.values(), ids=NAMES)
async def test_4_1_a_hostile_name_is_harmless(talk: Crossing, name: str, shown: str) -> None:
    """No path, no control character, no end that reads like another; other scripts are kept."""
    sent = Sent("document", b"text", name, "text/plain")
    (copy,) = await talk.to_discord(lambda: telegram_sends(talk.stage, sent))
    assert names(copy) == [shown]


async def test_4_1_an_endless_name_is_cut(talk: Crossing) -> None:
    """Before its end, which stays."""
    sent = Sent("document", b"text", "x" * 400 + ".txt", "text/plain")
    (copy,) = await talk.to_discord(lambda: telegram_sends(talk.stage, sent))
    assert names(copy) == ["x" * 116 + ".txt"]
