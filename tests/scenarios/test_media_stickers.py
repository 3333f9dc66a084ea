"""Stickers of every format both ways, row 4.4: what moves keeps moving, and is transparent."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from matebot.sandbox.faults import Fault
from tests.media import makers
from tests.scenarios.crossing import Crossing
from tests.scenarios.harness import Json, scene
from tests.scenarios.media_acts import (
    Sent,
    downloads_from_telegram,
    in_discord,
    in_telegram,
    kind_of,
    media,
    names,
    telegram_sends,
    uploads_to_telegram,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """One daemon for all of them."""
    async with scene(tmp_path_factory.mktemp("stickers")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


TGS = Sent("sticker", makers.tgs(30, 1.0), "", "application/x-tgsticker")
WEBM = Sent("sticker", makers.webm_sticker(512, 400, 1.0), "", "video/webm")
WEBP = Sent("sticker", makers.webp(512, 400), "", "image/webp")


async def test_4_4_a_static_sticker_of_telegram_is_a_picture(talk: Crossing) -> None:
    """Transparent, at the size of Discord's own, its emoji told as its alt text."""
    (copy,) = await talk.to_discord(lambda: telegram_sends(talk.stage, WEBP, emoji="👍"))
    (seen,) = in_discord(talk.stage, copy)
    assert (seen.kind, seen.width, seen.height, seen.alpha) == ("png", 256, 200, True)
    assert names(copy) == ["sticker.png"]
    assert copy["attachments"][0]["description"] == "👍"
    assert copy["content"] == ""


@pytest.mark.parametrize(("sent", "height"), [(TGS, 256), (WEBM, 200)], ids=["tgs", "webm"])
async def test_4_4_a_moving_sticker_of_telegram_moves(
    talk: Crossing, sent: Sent, height: int
) -> None:
    """As an animated WEBP, as long and as smooth as it was, on nothing."""
    (copy,) = await talk.to_discord(lambda: telegram_sends(talk.stage, sent))
    (seen,) = in_discord(talk.stage, copy)
    assert (seen.kind, seen.width, seen.height, seen.alpha) == ("webp", 256, height, True)
    assert seen.duration_s == pytest.approx(1.0, abs=0.1)
    assert seen.changes >= 14
    assert names(copy) == ["sticker.webp"]
    assert copy["attachments"][0]["flags"] & 1 << 5  # Discord sees that it is animated


async def test_4_4_a_sticker_of_telegram_is_fetched_once(talk: Crossing) -> None:
    """Whoever sends it again: neither a download nor a conversion."""
    stage = talk.stage
    original: Json = {}
    (first,) = await talk.to_discord(lambda: original.update(telegram_sends(stage, TGS)))
    downloads = downloads_from_telegram(stage)
    source = (stage.group, original["message_id"])
    (again,) = await talk.to_discord(
        lambda: stage.telegram.forward(stage.rui["id"], stage.group, source)
    )
    assert downloads_from_telegram(stage) == downloads
    assert in_discord(stage, again) == in_discord(stage, first)


OF_DISCORD = {
    "png": ("png", makers.png(320, 240, alpha=True), 384),
    "apng": ("apng", makers.apng(), 512),
    "gif": ("gif", makers.gif(), 384),
    "lottie": ("lottie", makers.lottie(320, 30, 1.0), 512),
}


@pytest.mark.parametrize(("kind", "data", "height"), OF_DISCORD.values(), ids=OF_DISCORD)
async def test_4_4_a_sticker_of_discord_is_a_sticker(
    talk: Crossing, kind: str, data: bytes, height: int
) -> None:
    """A real one, 512 wide, transparent; one that moves is a video sticker. Its author is named."""
    stage = talk.stage
    sticker = stage.discord.add_sticker(f"wave {kind}", data, kind)
    name, copy = await talk.to_telegram(lambda: stage.discord_says("", stickers=[sticker]))
    assert name["text"].startswith("Bia")
    assert kind_of(copy) == "sticker"
    told, seen = media(copy), in_telegram(stage, copy)
    moves = kind != "png"
    assert (told["is_video"], told["is_animated"]) == (moves, False)
    assert (seen.kind, seen.width, seen.height) == ("webm" if moves else "webp", 512, height)
    assert seen.alpha
    if moves:
        assert seen.codecs == ("vp9",)
        assert seen.duration_s == pytest.approx(1.0, abs=0.15)
        assert seen.changes >= 8


async def test_4_4_a_sticker_of_discord_goes_up_once(talk: Crossing) -> None:
    """The second time it is Telegram's own: no download, no conversion, no upload."""
    stage = talk.stage
    sticker = stage.discord.add_sticker("again", makers.apng(300, 300), "apng")
    _, first = await talk.to_telegram(lambda: stage.discord_says("", stickers=[sticker]))
    uploads = uploads_to_telegram(stage)
    stage.discord.faults.add(Fault("status", "cdn", status=500, times=None))
    _, second = await talk.to_telegram(lambda: stage.discord_says("", stickers=[sticker]))
    assert uploads_to_telegram(stage) == uploads
    assert media(second)["file_unique_id"] == media(first)["file_unique_id"]
    assert not any(fault.times is not None for fault in stage.discord.faults.waiting)
    stage.discord.faults.clear()


async def test_4_4_a_sticker_that_telegram_has_forgotten_goes_up_again(talk: Crossing) -> None:
    """Ids may cease to be known."""
    stage = talk.stage
    sticker = stage.discord.add_sticker("forgotten", makers.png(200, 200, alpha=True), "png")
    _, first = await talk.to_telegram(lambda: stage.discord_says("", stickers=[sticker]))
    stage.telegram.forget_file(media(first)["file_id"])
    _, second = await talk.to_telegram(lambda: stage.discord_says("", stickers=[sticker]))
    assert in_telegram(stage, second) == in_telegram(stage, second)
    assert kind_of(second) == "sticker"


async def test_4_4_words_with_a_sticker_are_kept(talk: Crossing) -> None:
    """Discord lets one say something with it."""
    stage = talk.stage
    sticker = stage.discord.add_sticker("words", makers.png(100, 100, alpha=True), "png")
    text, copy = await talk.to_telegram(lambda: stage.discord_says("hello", stickers=[sticker]))
    assert text["text"] == "Bia\nhello"
    assert kind_of(copy) == "sticker"


async def test_4_4_a_broken_sticker_is_its_thumbnail_or_a_note(talk: Crossing) -> None:
    """Whatever is in it, the talk goes on."""
    stage = talk.stage
    broken = Sent("sticker", makers.tgs(30, 1.0)[:200], "", "application/x-tgsticker")
    (copy,) = await talk.to_discord(lambda: telegram_sends(stage, broken, emoji="🙈"))
    assert "Sticker" in copy["content"]
    assert copy["attachments"] == []
