"""People on both sides talk to each other through the daemon."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.harness import Scene, scene


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as built:
        yield built


async def test_what_is_said_on_one_side_is_read_on_the_other(stage: Scene) -> None:
    """Under the Telegram person's name in Discord, below the Discord person's name in Telegram."""
    stage.telegram_says("bom dia")
    (copy,) = await stage.reaches_discord("bom dia")
    assert (copy["author"]["username"], copy["content"]) == ("Ana", "bom dia")
    stage.discord_says("good morning")
    (copy,) = await stage.reaches_telegram("good morning")
    assert copy["text"] == "Bia\ngood morning"
    assert copy["entities"][0] == {"type": "bold", "offset": 0, "length": 3}
