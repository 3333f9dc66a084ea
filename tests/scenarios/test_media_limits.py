"""What is too large for the other side, rows 4.6 and 4.7."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from matebot.sandbox.discord import File
from tests.media import makers
from tests.scenarios.crossing import Crossing
from tests.scenarios.harness import Scene, scene
from tests.scenarios.media_acts import (
    Sent,
    bytes_in_discord,
    bytes_in_telegram,
    downloads_from_telegram,
    in_discord,
    in_telegram,
    kind_of,
    said,
    telegram_sends,
    uploads_to_discord,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

MB = 1024 * 1024
BIN = "application/octet-stream"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    """One daemon for most of them; Discord takes 10 MB, Telegram 50 and hands out 20."""
    async with scene(tmp_path_factory.mktemp("limits")) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        yield talk


def sparse(folder: Path, size_bytes: int) -> Path:
    """A file of that size that takes no room."""
    path = folder / f"{size_bytes}.bin"
    with path.open("wb") as file:
        file.truncate(size_bytes)
    return path


def told_in_telegram(stage: Scene) -> list[str]:
    """What MateBot told people in Telegram of files that stayed behind."""
    every = stage.telegram.messages(stage.group)
    return [m["text"] for m in every if "Not brought to" in m.get("text", "")]


async def test_4_6_the_text_crosses_with_a_note_into_discord(
    talk: Crossing, tmp_path: Path
) -> None:
    """Name, kind and size; nothing is fetched, and the author is told once, quietly."""
    stage = talk.stage
    downloads, before = downloads_from_telegram(stage), len(told_in_telegram(stage))
    path = sparse(tmp_path, 15 * MB)

    def act() -> None:
        stage.telegram.send_file(
            stage.ana["id"], stage.group, "document", path,
            name="holidays.zip", mime="application/zip", caption="my pictures",
        )  # fmt: skip

    (copy,) = await talk.to_discord(act)
    assert copy["content"].startswith("my pictures")
    for part in ("holidays.zip", "15", "MB", "too large"):
        assert part in copy["content"]
    assert "token" not in copy["content"].lower()
    assert copy["attachments"] == []
    assert downloads_from_telegram(stage) == downloads
    await stage.until(lambda: len(told_in_telegram(stage)) > before)
    await stage.settled()
    (told,) = told_in_telegram(stage)[before:]
    assert "holidays.zip" in told
    assert "10" in told


async def test_4_6_the_text_crosses_with_a_note_into_telegram(
    talk: Crossing, tmp_path: Path
) -> None:
    """With a link to it, which holds no secret; its author is told once."""
    stage = talk.stage
    path = sparse(tmp_path, 60 * MB)
    stage.discord.set_premium_tier(3)
    (copy,) = await talk.to_telegram(
        lambda: stage.discord_says("my film", attachments=[File("film.bin", path, BIN)])
    )
    stage.discord.set_premium_tier(0)
    assert said(copy).startswith("my film")
    for part in ("film.bin", "60", "MB", "too large"):
        assert part in copy["text"]
    links = [e["url"] for e in copy.get("entities", ()) if e["type"] == "text_link"]
    assert any("film.bin" in link or str(stage.channel) in link for link in links)

    private = int(stage.discord.open_dm(stage.bia["id"])["id"])

    def told() -> list[str]:
        every = [*stage.discord.messages(stage.channel), *stage.discord.messages(private)]
        return [m["content"] for m in every if "Not brought to" in m["content"]]

    await stage.until(lambda: bool(told()))
    await stage.settled()
    (line,) = told()
    assert "film.bin" in line


async def test_4_6_a_photo_too_heavy_for_telegram_is_made_lighter(talk: Crossing) -> None:
    """Over 10 MB as a PNG of noise; it arrives as a photo, below its words, nobody is told."""
    stage = talk.stage
    heavy = File("noise.png", makers.heavy_png(), "image/png")
    stage.discord.set_premium_tier(2)
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("noise", attachments=[heavy]))
    stage.discord.set_premium_tier(0)
    seen = in_telegram(stage, copy)
    assert kind_of(copy) == "photo"
    assert seen.width / seen.height == pytest.approx(2000 / 1800, rel=0.01)
    assert said(copy) == "noise"


async def test_4_6_a_photo_with_sides_too_long_for_telegram_is_made_smaller(
    talk: Crossing,
) -> None:
    """12,000 x 3,000 pixels are more than it takes."""
    stage = talk.stage
    huge = File("wide.jpg", makers.huge_jpeg(), "image/jpeg")
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("", attachments=[huge]))
    seen = in_telegram(stage, copy)
    assert kind_of(copy) == "photo"
    assert seen.width / seen.height == pytest.approx(4.0, rel=0.02)


async def test_4_6_a_strip_goes_as_a_file(talk: Crossing) -> None:
    """Telegram takes no photo that is over twenty times as long as wide."""
    stage = talk.stage
    strip = File("strip.png", makers.png(2000, 50), "image/png")
    (copy,) = await talk.to_telegram(lambda: stage.discord_says("", attachments=[strip]))
    assert kind_of(copy) == "document"
    assert bytes_in_telegram(stage, copy) == strip.data


async def test_4_6_one_of_several_stays_behind(talk: Crossing, tmp_path: Path) -> None:
    """The others come, in order, and the note stands for it."""
    stage = talk.stage
    path = sparse(tmp_path, 60 * MB)
    files = [
        File("a.png", makers.png(100, 80), "image/png"),
        File("big.bin", path, BIN),
        File("b.png", makers.png(110, 80), "image/png"),
    ]
    stage.discord.set_premium_tier(3)
    copies = await talk.to_telegram(lambda: stage.discord_says("three", attachments=files))
    stage.discord.set_premium_tier(0)
    shown = [in_telegram(stage, copy).width for copy in copies if kind_of(copy)]
    assert shown == [100, 110]
    every = "\n".join(said(copy) for copy in copies)
    assert "three" in every
    assert "big.bin" in every


async def test_4_6_videos_are_made_smaller_where_the_operator_agrees(tmp_path: Path) -> None:
    """Of over 10 MB: it plays, is as long as it was, and fits."""
    film = makers.mp4(640, 360, 4.0, 15)
    heavy = film + makers.blob(11 * MB)  # what follows the film is read by nobody
    async with scene(tmp_path, settings={"SHRINK_VIDEOS": "yes"}) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        sent = Sent("video", heavy, "walk.mp4", "video/mp4")
        (copy,) = await talk.to_discord(lambda: telegram_sends(stage, sent, caption="a walk"))
        (seen,) = in_discord(stage, copy)
        assert seen.kind == "mp4"
        assert seen.codecs == ("h264", "aac")
        assert seen.duration_s == pytest.approx(4.0, abs=0.2)
        assert copy["content"] == "a walk"
        assert copy["attachments"][0]["size"] <= 10 * MB


async def test_4_6_a_video_stays_behind_where_the_operator_does_not(talk: Crossing) -> None:
    """By default."""
    heavy = makers.mp4() + makers.blob(11 * MB)
    sent = Sent("video", heavy, "walk.mp4", "video/mp4")
    (copy,) = await talk.to_discord(lambda: telegram_sends(talk.stage, sent, caption="a walk"))
    assert copy["content"].startswith("a walk")
    assert "walk.mp4" in copy["content"]
    assert copy["attachments"] == []


async def test_4_6_a_boosted_guild_takes_more(talk: Crossing) -> None:
    """15 MB where it has the second tier."""
    stage = talk.stage
    data = makers.blob(15 * MB)
    stage.discord.set_premium_tier(2)
    sent = Sent("document", data, "d.bin", BIN)
    (copy,) = await talk.to_discord(lambda: telegram_sends(stage, sent))
    stage.discord.set_premium_tier(0)
    assert bytes_in_discord(stage, copy) == [data]


async def test_4_7_a_server_of_ones_own_lifts_the_limits(tmp_path: Path) -> None:
    """Over 20 MB out of Telegram and over 50 MB into it, read from the disk they share."""
    async with scene(tmp_path, local=True) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        stage.discord.set_premium_tier(3)
        data = makers.blob(25 * MB)
        sent = Sent("document", data, "d.bin", BIN)
        (copy,) = await talk.to_discord(lambda: telegram_sends(stage, sent, caption="out"))
        assert bytes_in_discord(stage, copy) == [data]
        assert copy["content"] == "out"
        assert uploads_to_discord(stage) == 1
        path = sparse(tmp_path, 60 * MB)
        (copy,) = await talk.to_telegram(
            lambda: stage.discord_says("in", attachments=[File("e.bin", path, BIN)])
        )
        assert kind_of(copy) == "document"
        assert copy["document"]["file_size"] == 60 * MB
        assert said(copy) == "in"
