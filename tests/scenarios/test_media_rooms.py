"""Files between other rooms than one of each, and files whose addresses or ids have ended."""

from pathlib import Path
from typing import Any

import pytest

from matebot.sandbox.discord import File
from matebot.sandbox.faults import Fault
from tests.media import makers
from tests.scenarios.crossing import Crossing
from tests.scenarios.harness import Json, Scene, scene
from tests.scenarios.media_acts import (
    Sent,
    bytes_in_discord,
    bytes_in_telegram,
    downloads_from_telegram,
    in_discord,
    in_telegram,
    kind_of,
    media,
    said,
    telegram_album,
    telegram_sends,
    uploads_to_telegram,
)

PHOTO = Sent("photo", makers.jpeg(100, 80))
PICTURE = File("p.png", makers.png(100, 80), "image/png")


def another_group(stage: Scene) -> int:
    """A second group, with Ana in it."""
    group = int(stage.telegram.add_group("Others")["id"])
    stage.telegram.join(group, stage.ana["id"], status="administrator", quiet=True)
    return group


async def with_bridges(stage: Scene, bridges: str) -> None:
    """Start the daemon with these bridges."""
    stage.daemon.settings["MATEBOT_BRIDGES"] = bridges
    await stage.daemon.start()
    await stage.daemon.ready()


def files_in(stage: Scene, group: int) -> list[Json]:
    """The messages with files that MateBot posted in a group."""
    return [m for m in stage.telegram.bot_messages(group) if kind_of(m)]


@pytest.mark.rows("4.2", "4.3", "4.4")
async def test_4_1_telegram_to_telegram_needs_no_bytes(tmp_path: Path) -> None:
    """Every kind, and an album, by their ids: nothing comes down and nothing goes up."""
    kinds = [
        PHOTO,
        Sent("document", makers.document(), "a.pdf", "application/pdf"),
        Sent("video", makers.mp4(), "v.mp4", "video/mp4"),
        Sent("animation", makers.mp4(sound=False), "g.mp4", "video/mp4"),
        Sent("audio", makers.mp3(), "m.mp3", "audio/mpeg"),
        Sent("voice", makers.ogg_opus(), "", "audio/ogg"),
        Sent("video_note", makers.video_note(), "", "video/mp4"),
        Sent("sticker", makers.webp(), "", "image/webp"),
        Sent("sticker", makers.tgs(30, 1.0), "", "application/x-tgsticker"),
    ]
    async with scene(tmp_path, start=False) as stage:
        there = another_group(stage)
        await with_bridges(stage, f"telegram:{stage.group} <-> telegram:{there}")
        for sent in kinds:
            telegram_sends(stage, sent)
        telegram_album(stage, [PHOTO, PHOTO, PHOTO], caption="three")
        telegram_sends(stage, PHOTO, caption="big one", spoiler=True, above=True)
        await stage.until(lambda: len(files_in(stage, there)) == len(kinds) + 4)
        copies = files_in(stage, there)
        assert [kind_of(copy) for copy in copies] == [
            *(sent.kind for sent in kinds),
            *["photo"] * 4,
        ]
        for copy, sent in zip(copies, kinds, strict=False):
            assert bytes_in_telegram(stage, copy) == sent.data
        *album, last = copies[len(kinds) :]
        assert len({copy["media_group_id"] for copy in album}) == 1
        assert said(album[0]) == "three"
        assert last["has_media_spoiler"]
        assert last["show_caption_above_media"]
        assert uploads_to_telegram(stage) == downloads_from_telegram(stage) == 0


async def test_4_1_discord_to_discord(tmp_path: Path) -> None:
    """Files, a voice message and a spoiler between two channels."""
    async with scene(tmp_path, start=False) as stage:
        there = int(stage.discord.add_channel("other")["id"])
        await with_bridges(stage, f"discord:{stage.channel} <-> discord:{there}")
        covered = PICTURE._replace(spoiler=True, description="a disc")
        page = File("a.pdf", makers.document(), "application/pdf")
        stage.discord_says("two", attachments=[covered, page])
        voice = makers.ogg_opus()
        stage.discord.say_voice(stage.bia["id"], stage.channel, voice)

        def copies() -> list[Json]:
            return [m for m in stage.discord.messages(there) if m["attachments"]]

        await stage.until(lambda: len(copies()) == 2)
        first, second = copies()
        assert first["content"] == "two"
        assert bytes_in_discord(stage, first) == [covered.data, page.data]
        assert first["attachments"][0]["filename"] == "SPOILER_p.png"
        assert first["attachments"][0]["description"] == "a disc"
        assert second["flags"] & 1 << 13
        assert bytes_in_discord(stage, second) == [voice]


async def test_4_1_a_file_goes_up_to_telegram_once_for_all_rooms(tmp_path: Path) -> None:
    """From one channel into two groups at once, a film and an album: the second has them by ids."""
    async with scene(tmp_path, start=False) as stage:
        there = another_group(stage)
        rooms = f"discord:{stage.channel} -> telegram:{stage.group}; "
        await with_bridges(stage, rooms + f"discord:{stage.channel} -> telegram:{there}")
        film = File("v.mp4", makers.mp4(), "video/mp4")
        stage.discord_says("a film", attachments=[film])
        stage.discord_says("two", attachments=[PICTURE, PICTURE._replace(name="q.png")])
        await stage.until(
            lambda: [len(files_in(stage, each)) for each in (stage.group, there)] == [3, 3]
        )
        one, other = files_in(stage, stage.group), files_in(stage, there)
        unique = [media(copy)["file_unique_id"] for copy in one]
        assert [media(copy)["file_unique_id"] for copy in other] == unique
        assert [said(copy) for copy in other] == ["a film", "two", ""]
        assert uploads_to_telegram(stage) == 3


@pytest.mark.rows("4.2")
async def test_4_1_a_video_that_telegram_still_processes(tmp_path: Path) -> None:
    """It has no number yet: its room waits, it stands there once, and is in the map."""
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        await talk.discord_fence()
        stage.telegram.slow_videos = True
        film = File("v.mp4", makers.mp4(), "video/mp4")
        original = stage.discord_says("a film", attachments=[film])
        await stage.daemon.logs("processing a video")
        assert files_in(stage, stage.group) == []
        stage.telegram.finish_videos()
        stage.telegram.slow_videos = False
        await talk.discord_fence()
        (copy,) = files_in(stage, stage.group)
        assert said(copy) == "a film"
        stage.discord.edit(stage.channel, original["id"], "a film of ours")
        await stage.until(lambda: said(talk.telegram_copy(copy) or {}) == "a film of ours")
        stage.discord.delete(stage.channel, original["id"])
        await stage.until(lambda: not files_in(stage, stage.group))


async def test_4_1_an_address_that_has_ended_is_asked_for_anew(tmp_path: Path) -> None:
    """Discord's after a day, Telegram's after an hour: the file is fetched by a fresh one."""
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        await talk.discord_fence()
        stage.telegram.faults.outage = True  # so that it waits while its address ends
        stage.discord_says("old", attachments=[PICTURE])
        await stage.daemon.logs("will try again")
        await stage.daemon.kill()
        stage.discord.expire_attachment_urls()
        for left in (stage.daemon.folder / "data" / "media").iterdir():
            if left.is_file():
                left.unlink()
        stage.telegram.faults.clear()
        await stage.daemon.start()
        await stage.daemon.ready()
        await stage.until(lambda: bool(files_in(stage, stage.group)))
        (copy,) = files_in(stage, stage.group)
        assert in_telegram(stage, copy).width == 100

        stage.discord.faults.outage = True
        telegram_sends(stage, PHOTO, caption="old, too")
        await stage.telegram.wait_for(lambda: not stage.telegram.pending_updates)
        await stage.daemon.kill()
        stage.telegram.expire_file_paths()
        stage.discord.faults.clear()
        await stage.daemon.start()
        await stage.daemon.ready()
        (copy,) = await stage.reaches_discord("old, too")
        assert in_discord(stage, copy)[0].width == 100


@pytest.mark.parametrize("side", ["telegram", "discord"])
async def test_4_6_a_file_that_is_gone_leaves_its_text_and_a_note(
    tmp_path: Path, side: str
) -> None:
    """For good: its name and kind, and what was said; what comes after is not held up."""
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        page = makers.document()
        if side == "telegram":
            refused: dict[str, Any] = {"status": 400, "times": None}
            stage.telegram.faults.add(Fault("status", "getFile", **refused))
            sent = Sent("document", page, "lost.pdf", "application/pdf")
            (copy,) = await talk.to_discord(
                lambda: telegram_sends(stage, sent, caption="here it is")
            )
            text = copy["content"]
            assert copy["attachments"] == []
        else:
            stage.discord.faults.add(Fault("status", "cdn", status=404, times=None))
            file = File("lost.pdf", page, "application/pdf")
            (copy,) = await talk.to_telegram(
                lambda: stage.discord_says("here it is", attachments=[file])
            )
            text = said(copy)
        assert "here it is" in text
        assert "lost.pdf" in text
        assert "no longer to be had" in text
