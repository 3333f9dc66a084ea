"""Files that mean harm, through the whole daemon: every text crosses, and it lives."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from matebot.sandbox.discord import File
from tests.media.hostile import Case, bombs, harmed
from tests.scenarios.crossing import Crossing
from tests.scenarios.harness import Json, Scene, scene
from tests.scenarios.media_acts import Sent, said, telegram_sends

EACH = 23
"""Of the corpus every so manieth, so that each of its kinds is among them."""
HARM_MB = 30.0
MIMES = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif",
    "apng": "image/png", "avif": "image/avif", "lottie": "application/json",
    "tgs": "application/x-tgsticker", "webm": "video/webm", "mp4": "video/mp4",
    "mov": "video/quicktime", "mkv": "video/x-matroska", "ogg": "audio/ogg", "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
}  # fmt: skip


def sample() -> list[Case]:
    """Some of the corpus: of each harmed kind, and of each bomb."""
    return [*islice(harmed(), 0, None, EACH), *islice(bombs(), 0, None, 3)]


def as_discord_would_send(case: Case, number: int) -> File:
    """A file that claims to be what it is called after."""
    kind = case.name.partition("-")[0]
    mime = MIMES.get(kind, "image/png")
    return File(f"{kind}{number}.{mime.rpartition('/')[2]}", case.data, mime)


def as_telegram_would_send(case: Case) -> Sent:
    """A sticker, a voice message or a photo, since those are converted."""
    kind = case.name.partition("-")[0]
    mime = MIMES.get(kind, "")
    if kind in ("ogg", "mp3", "m4a"):
        return Sent("voice", case.data, "", mime)
    if kind in ("tgs", "lottie", "webm", "webp", "apng", "gif"):
        return Sent("sticker", case.data, "", mime)
    return Sent("photo", case.data, "", mime)


def resident_mb(stage: Scene) -> float:
    """What the daemon itself holds in memory."""
    assert stage.daemon.process is not None
    told = Path(f"/proc/{stage.daemon.process.pid}/status").read_text("ascii")
    return int(told.partition("VmRSS:")[2].split()[0]) / 1024


def in_order(messages: list[Json], words: Callable[[Json], str]) -> list[str]:
    """The words that were said with the files, as they stand there."""
    return [line for m in messages for line in words(m).split("\n") if line.startswith("words ")]


@pytest.mark.rows("4.4", "4.6")
@pytest.mark.timeout(180)
async def test_4_1_hostile_files_hurt_nobody(tmp_path: Path) -> None:
    """Bombs, harmed and disguised files, both ways: all words cross once, in order."""
    cases = sample()
    assert len(cases) >= 20
    expected = [f"words {number}" for number in range(len(cases))]
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        await talk.discord_fence()
        idle_mb = resident_mb(stage)
        for number, case in enumerate(cases):
            if not case.data:
                stage.discord_says(expected[number])
            else:
                file = as_discord_would_send(case, number)
                stage.discord_says(expected[number], attachments=[file])
            sent = as_telegram_would_send(case)
            if sent.kind == "sticker":  # it bears no words
                telegram_sends(stage, sent)
                stage.telegram_says(expected[number])
            else:
                telegram_sends(stage, sent, caption=expected[number])
        await stage.until(
            lambda: expected[-1] in in_order(stage.in_telegram(), lambda m: f"{said(m)}"), 150
        )
        await stage.until(
            lambda: expected[-1] in in_order(stage.in_discord(), lambda m: str(m["content"])), 150
        )
        assert in_order(stage.in_telegram(), said) == expected
        assert in_order(stage.in_discord(), lambda m: str(m["content"])) == expected
        assert resident_mb(stage) - idle_mb < HARM_MB
        await talk.telegram_fence()
