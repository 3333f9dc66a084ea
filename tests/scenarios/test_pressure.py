"""A flood under the services' documented limits: all of it arrives, merged, readable, in order."""

import asyncio
import re
import time
from pathlib import Path

from tests.scenarios.harness import Json, Scene, scene

MESSAGES = 200
PEOPLE = 5
SPOKEN_IN_S = 10.0
LEAST_S = SPOKEN_IN_S + 1.0
"""The last message is said after ten seconds; then the bucket gives a turn within one second."""


async def test_a_flood_into_telegram_is_merged_and_arrives_in_time(tmp_path: Path) -> None:
    """200 messages of 5 people in 10 s, at 1 message/s in a chat and 20 a minute in a group.

    Telegram's buckets hold 3 messages, refilled in 3 s, and 20, refilled in 60 s. No call is
    refused; the last words stand there within 1.2 times the least time.
    """
    async with scene(tmp_path, limited=True) as stage:
        people = [stage.discord.add_user(f"p{n}", global_name=f"P{n}") for n in range(PEOPLE)]
        for person in people:
            stage.discord.add_member(person["id"])
        stage.discord_says("warm")
        await stage.reaches_telegram("warm")
        await asyncio.sleep(4)  # the small bucket is full again, the large one nearly so
        began = time.monotonic()
        for number in range(1, MESSAGES + 1):
            stage.discord.say(people[number % PEOPLE]["id"], stage.channel, f"#{number}")
            due = began + SPOKEN_IN_S * number / MESSAGES
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await stage.until(lambda: len(_lines(stage)) >= MESSAGES, timeout_s=60, every_s=0.05)
        took_s = time.monotonic() - began
        assert [number for _, number in _lines(stage)] == list(range(1, MESSAGES + 1))
        for name, number in _lines(stage):
            assert name == f"P{number % PEOPLE}"
        assert took_s <= 1.2 * LEAST_S
        assert "will try again" not in stage.daemon.log
        # The pressure is over: what is said now stands by itself.
        await stage.settled()
        await asyncio.sleep(4)
        stage.discord_says("calm")
        assert (await stage.reaches_telegram("calm"))[-1]["text"] == "Bia\ncalm"


def _lines(stage: Scene) -> list[tuple[str, int]]:
    """Every numbered line in the group, with the name that stands above it."""
    found: list[tuple[str, int]] = []
    for message in stage.in_telegram():
        name = ""
        for line in message["text"].splitlines():
            if match := re.fullmatch(r"#(\d+)", line):
                found.append((name, int(match[1])))
            elif line:
                name = line
    return found


async def test_a_flood_into_discord_is_merged_by_author(tmp_path: Path) -> None:
    """60 messages at once, at 5 posts in 2 s and 30 a minute of a webhook: none is refused.

    A post has one name, so what one author said in a row goes together. An edit and a delete of
    merged ones find their line.
    """
    async with scene(tmp_path, limited=True) as stage:
        said: list[Json] = []
        for number in range(60):
            who = stage.ana if number // 10 % 2 == 0 else stage.rui
            said.append(stage.telegram.say(who["id"], stage.group, f"#{number}"))
        await stage.until(lambda: len(_posted(stage)) >= 60, timeout_s=40, every_s=0.05)
        assert _posted(stage) == list(range(60))
        assert len(stage.in_discord()) < 30
        assert "will try again" not in stage.daemon.log
        stage.telegram.edit(stage.group, said[55]["message_id"], "#5500")
        await stage.reaches_discord("#5500")
        assert _posted(stage) == [*range(55), 5500, *range(56, 60)]


def _posted(stage: Scene) -> list[int]:
    return [int(n) for m in stage.in_discord() for n in re.findall(r"#(\d+)", m["content"])]
