"""After a time away: what was said in Discord is brought in order, within limits that are told."""

import re
import sqlite3
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from tests.scenarios.harness import Json, Scene, scene

MISSED = 300
LIVE = 40
HOUR_S = 3600.0
SKIPPED = "that were not brought over: "


def numbers(messages: list[Json]) -> list[int]:
    """The numbers that messages bear, in order, those of merged ones as well."""
    return [int(each) for m in messages for each in re.findall(r"#(\d+)", m.get("text", ""))]


def skipped(stage: Scene) -> list[str]:
    """What the lines say that tell how much was left out."""
    texts = [message.get("text", "") for message in stage.in_telegram()]
    return [text.partition(SKIPPED)[2] for text in texts if SKIPPED in text]


def more_than(stage: Scene, number: int) -> bool:
    """Whether more copies than that stand in the group."""
    return len(numbers(stage.in_telegram())) > number


async def arrive(stage: Scene, expected: list[int], group: int | None = None) -> None:
    """Wait until exactly these numbers stand in a group, in that order."""
    chat = stage.group if group is None else group

    def there() -> list[int]:
        return numbers(list(stage.telegram.bot_messages(chat)))

    try:
        await stage.until(lambda: len(there()) >= len(expected), timeout_s=60, every_s=0.1)
    except TimeoutError:
        raise AssertionError(f"{there()}\n{stage.daemon.log[-4000:]}") from None
    await stage.settled()
    assert there() == expected


async def test_a_channel_and_a_thread_are_read_while_people_go_on(tmp_path: Path) -> None:
    """300 messages missed in each, and live ones meanwhile: all arrive once, in order."""
    async with scene(tmp_path, start=False) as stage:
        thread = int(stage.discord.add_thread(stage.channel, "fio")["id"])
        group = stage.telegram.add_group("Fio")["id"]
        stage.telegram.join(group, stage.ana["id"], quiet=True)
        stage.daemon.settings["MATEBOT_BRIDGES"] += f"; telegram:{group} <-> discord:{thread}"
        await stage.daemon.start()
        await stage.daemon.ready()

        def say(number: int) -> None:
            stage.discord_says(f"#{number}")
            stage.discord.say(stage.leo["id"], thread, f"#{number}")

        say(1)
        await arrive(stage, [1])
        await arrive(stage, [1], group)
        assert await stage.daemon.stop() == 0
        for number in range(2, MISSED + 2):
            say(number)
        await stage.daemon.start()
        await stage.daemon.ready(part="discord")
        for live in range(LIVE):
            say(MISSED + 2 + live)
            await stage.until(partial(more_than, stage, 2 * live))
        everything = list(range(1, MISSED + LIVE + 2))
        await arrive(stage, everything)
        await arrive(stage, everything, group)
        assert not skipped(stage)


async def test_edits_and_deletes_made_meanwhile_arrive(tmp_path: Path) -> None:
    """Of what was brought before, and of what was said while MateBot was away."""
    async with scene(tmp_path) as stage:
        kept, edited, deleted = (stage.discord_says(f"#{n} before") for n in (1, 2, 3))
        await arrive(stage, [1, 2, 3])
        assert await stage.daemon.stop() == 0
        late, never = stage.discord_says("#5 late"), stage.discord_says("#6 never")
        stage.discord.edit(stage.channel, edited["id"], "#4 instead of two")
        stage.discord.delete(stage.channel, deleted["id"])
        stage.discord.edit(stage.channel, late["id"], "#5 corrected")
        stage.discord.delete(stage.channel, never["id"])
        edits = len([c for c in stage.telegram.calls if c.method == "editMessageText"])
        await stage.daemon.start()
        await stage.reaches_telegram("corrected", "instead of two")
        await stage.until(lambda: numbers(stage.in_telegram()) == [1, 4, 5])
        await stage.settled()
        assert numbers(stage.in_telegram()) == [1, 4, 5]
        calls = [c for c in stage.telegram.calls if c.method == "editMessageText"]
        assert len(calls) - edits == 1, f"more than one edit, though {kept['id']} is as it was"


async def test_a_limit_by_number_is_told_once_through_a_kill(tmp_path: Path) -> None:
    """The newest arrive behind one line, though MateBot dies right before and after deciding so."""
    async with scene(tmp_path, settings={"CATCH_UP_MESSAGES": "150"}) as stage:
        stage.discord_says("#1")
        await arrive(stage, [1])
        assert await stage.daemon.stop() == 0
        for number in range(2, 352):
            stage.discord_says(f"#{number}")
        await stage.daemon.start()
        await stage.until(lambda: "that are not brought" in stage.daemon.log, every_s=0.001)
        await stage.daemon.kill()
        await stage.daemon.start()
        await stage.until(lambda: SKIPPED in str(stage.in_telegram()), every_s=0.001)
        await stage.daemon.kill()
        for number in range(352, 382):
            stage.discord_says(f"#{number}")
        await stage.daemon.start()
        await arrive(stage, [1, *range(202, 382)])
        assert skipped(stage) == ["200"]
        line = next(m["text"] for m in stage.in_telegram() if SKIPPED in m["text"])
        assert "#geral" in line


async def test_a_limit_by_age_is_told(tmp_path: Path) -> None:
    """What is older than a day stays where it is; the line stands before what is younger."""
    async with scene(tmp_path) as stage:
        stage.discord_says("#1")
        await arrive(stage, [1])
        assert await stage.daemon.stop() == 0
        _as_if_away_for(stage, 40 * HOUR_S)
        ids = stage.discord.world.ids
        now, ids._last, ids._clock = ids._last, 0, lambda: time.time() - 30 * HOUR_S
        for number in range(2, 39):
            stage.discord_says(f"#{number}")
        ids._last, ids._clock = now, time.time
        for number in range(39, 45):
            stage.discord_says(f"#{number}")
        await stage.daemon.start()
        await arrive(stage, [1, *range(39, 45)])
        assert skipped(stage) == ["37"]
        texts = [message["text"] for message in stage.in_telegram()]
        assert SKIPPED in texts[1]


def _as_if_away_for(stage: Scene, seconds: float) -> None:
    """Have the channel's cursor be so much older."""
    ago = int(seconds * 1000) << 22
    path = stage.daemon.folder / "data" / "matebot.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        moved = "UPDATE rooms SET cursor = cursor - ? WHERE platform = 'discord'"
        connection.execute(moved, (ago,))
