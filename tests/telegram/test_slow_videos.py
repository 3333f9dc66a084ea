"""A video that Telegram posts only once it has processed it, through the whole daemon."""

from pathlib import Path

from matebot.sandbox.discord import File
from tests.media import makers
from tests.scenarios.crossing import Crossing
from tests.scenarios.harness import scene

FILM = File("v.mp4", makers.mp4(), "video/mp4")


async def test_the_map_copes_with_a_message_without_an_id(tmp_path: Path) -> None:
    """It is posted once, what follows stands below it, and an edit finds it."""
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        await talk.telegram_fence()
        stage.telegram.slow_videos = True
        original = stage.discord_says("look", attachments=[FILM])
        stage.discord_says("below")
        await stage.until(lambda: bool(stage.telegram.calls_of("editMessageReplyMarkup")))
        assert stage.in_telegram() == []
        (video,) = stage.telegram.finish_videos()
        stage.telegram.slow_videos = False
        await stage.reaches_telegram("below")
        await stage.settled()
        assert len(stage.telegram.calls_of("sendVideo")) == 1
        stage.discord.edit(stage.channel, original["id"], "see")
        await stage.until(
            lambda: (talk.telegram_copy(video) or {}).get("caption", "").endswith("see")
        )
        below = next(m for m in stage.in_telegram() if m.get("text", "").endswith("below"))
        assert video["message_id"] < below["message_id"]
