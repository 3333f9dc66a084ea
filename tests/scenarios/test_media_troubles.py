"""Files that come badly or not at all: the texts cross, and nobody else waits."""

from functools import partial
from pathlib import Path
from typing import Any

from matebot.sandbox.discord import File
from matebot.sandbox.faults import Fault
from tests.media import makers
from tests.scenarios.harness import Json, Scene, scene

MB = 1_000_000
BIN = "application/octet-stream"


def file_of_discord(stage: Scene, text: str, data: bytes, **more: Any) -> Json:
    """Bia posts a file with a few words."""
    return stage.discord_says(text, attachments=[File("data.bin", data, BIN)], **more)


def documents(stage: Scene) -> list[bytes]:
    """The files that stand in the group, in order."""
    found = [message["document"] for message in stage.in_telegram() if "document" in message]
    return [stage.telegram.file(document["file_id"]) for document in found]


def words(message: Json) -> str:
    """What a message in Telegram says."""
    return str(message.get("text") or message.get("caption") or "")


def area(stage: Scene) -> list[Path]:
    """What lies in the daemon's area for files."""
    folder = stage.daemon.folder / "data" / "media"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def stickers(stage: Scene) -> list[Json]:
    """The messages in Telegram that are stickers."""
    return [message for message in stage.in_telegram() if "sticker" in message]


def has_stickers(stage: Scene, number: int) -> bool:
    """Whether there are so many."""
    return len(stickers(stage)) == number


def drafts(stage: Scene) -> list[Path]:
    """What is only half there."""
    return [path for path in area(stage) if path.suffix == ".draft"]


async def test_4_1_a_file_that_breaks_off_is_fetched_again(tmp_path: Path) -> None:
    """From both services, at once and whole."""
    data = makers.blob(3 * MB)
    async with scene(tmp_path) as stage:
        stage.discord.faults.add(Fault("cut", "cdn"))
        stage.telegram.faults.add(Fault("cut", "file"))
        file_of_discord(stage, "from Discord", data)
        ana, group = stage.ana["id"], stage.group
        stage.telegram.send_file(ana, group, "document", data, name="d.bin", mime=BIN)
        await stage.until(lambda: documents(stage) == [data])
        await stage.until(lambda: any(each["attachments"] for each in stage.in_discord()))
        (copy,) = stage.in_discord()
        assert stage.discord.file(copy["attachments"][0]) == data
        assert stage.discord.faults.waiting == stage.telegram.faults.waiting == []
        assert not drafts(stage)


async def test_4_1_a_kill_in_the_midst_of_a_file_leaves_no_trace(tmp_path: Path) -> None:
    """Half a file goes with the next start, and the message crosses once, whole."""
    data = makers.blob(3 * MB)
    async with scene(tmp_path) as stage:
        stage.discord.faults.add(Fault("trickle", "cdn", delay_s=0.05))
        file_of_discord(stage, "here it is", data)
        await stage.until(lambda: any(path.stat().st_size for path in drafts(stage)))
        await stage.daemon.kill()
        left = drafts(stage)
        await stage.daemon.start()
        await stage.daemon.ready()
        await stage.until(lambda: documents(stage) == [data])
        await stage.settled()
        assert documents(stage) == [data]
        assert not set(left) & set(area(stage))


async def test_4_6_a_file_without_an_end_is_left_out(tmp_path: Path) -> None:
    """Its text crosses with a note, and nothing of it stays."""
    async with scene(tmp_path, settings={"MEDIA_DISK_MB": "4"}) as stage:
        stage.discord.faults.add(Fault("endless", "cdn", times=None))
        file_of_discord(stage, "here it comes", makers.blob(2 * MB))
        (copy,) = await stage.reaches_telegram("here it comes")
        assert "data.bin" in copy["text"]
        await stage.until(lambda: not area(stage))  # it may still be fetched ahead of its turn


async def test_4_1_a_slow_file_delays_its_own_room_alone(tmp_path: Path) -> None:
    """In the same bridge what comes after waits; another bridge does not even notice."""
    async with scene(tmp_path, start=False) as stage:
        other = int(stage.discord.add_channel("other")["id"])
        there = stage.telegram.add_group("Others")["id"]
        stage.telegram.join(there, stage.ana["id"], quiet=True)
        stage.daemon.settings["MATEBOT_BRIDGES"] += f"; telegram:{there} <-> discord:{other}"
        await stage.daemon.start()
        await stage.daemon.ready()
        stage.discord.faults.add(Fault("trickle", "cdn", delay_s=0.2))
        file_of_discord(stage, "slow", makers.blob(300_000))
        await stage.until(lambda: bool(drafts(stage)))
        stage.discord_says("after it")
        for number in range(5):
            stage.discord.say(stage.bia["id"], other, f"quick {number}")
        await stage.until(lambda: len(stage.telegram.bot_messages(there)) == 5)
        assert stage.in_telegram() == []
        await stage.until(lambda: len(stage.in_telegram()) == 2)
        assert [words(message).split("\n")[-1] for message in stage.in_telegram()] == [
            "slow",
            "after it",
        ]


async def test_4_4_a_sticker_is_fetched_and_converted_once(tmp_path: Path) -> None:
    """Whoever sends it again, and after a start, too; Telegram gets it by its own id."""
    async with scene(tmp_path) as stage:
        sticker = stage.discord.add_sticker("wave", makers.apng(), "apng")
        for number in range(3):
            if number == 2:
                await stage.daemon.stop()
                await stage.daemon.start()
                await stage.daemon.ready()
            stage.discord_says("", stickers=[sticker])
            await stage.until(partial(has_stickers, stage, number + 1))
        assert len({m["sticker"]["file_unique_id"] for m in stickers(stage)}) == 1
        uploads = [call for call in stage.telegram.calls if call.files]
        assert len(uploads) == 1
        assert len(area(stage)) == 2
