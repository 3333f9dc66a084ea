"""What arrives late bears its original time, on both sides."""

from pathlib import Path

from tests.scenarios.harness import scene

AGO_S = 3600


async def test_late_messages_tell_when_they_were_said(tmp_path: Path) -> None:
    """An hour passes before the daemon starts again: both copies tell when it was said.

    The daemon's clock is an hour ahead of the stand-ins', as if it had been away for so long.
    """
    ahead = tmp_path / "ahead"
    ahead.mkdir()
    (ahead / "sitecustomize.py").write_text(
        f"import time\n_real = time.time\ntime.time = lambda: _real() + {AGO_S}\n"
    )
    async with scene(tmp_path) as stage:
        stage.telegram_says("na hora")
        assert (await stage.reaches_discord("na hora"))[0]["content"] == "na hora"
        assert await stage.daemon.stop() == 0
        said = stage.discord_says("cedo")
        stage.telegram_says("tarde")
        stage.daemon.settings["PYTHONPATH"] = str(ahead)
        await stage.daemon.start()
        (copy,) = (m for m in await stage.reaches_discord("tarde") if "tarde" in m["content"])
        assert copy["content"].startswith("-# 🕒 <t:")
        (copy,) = await stage.reaches_telegram("cedo")
        moment = next(e for e in copy["entities"] if e["type"] == "date_time")
        assert copy["text"].startswith("Bia · ")
        assert copy["text"].endswith("\ncedo")
        sent_ms = (int(said["id"]) >> 22) + 1_420_070_400_000
        assert abs(moment["unix_time"] - sent_ms / 1000) < 2
