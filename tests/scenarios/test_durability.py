"""Nothing lost, nothing doubled, in order: through kill -9, outages and gaps of the gateway."""

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from matebot.sandbox.faults import Fault
from tests.scenarios.harness import Json, Scene, scene
from tests.scenarios.rows import TOLD

FACTOR = 400.0
"""How many times faster than the real services the stand-ins and the pacer are in the long run."""
MESSAGES = 1000
KILLS = 10


def numbers(messages: list[Json], key: str) -> list[int]:
    """The numbers that numbered messages bear, in the order in which they stand."""
    found = (re.search(r"#(\d+)", message.get(key, "")) for message in messages)
    return [int(match[1]) for match in found if match]


def numbered(stage: Scene) -> tuple[list[int], list[int]]:
    """What arrived in Telegram, and in Discord."""
    return numbers(stage.in_telegram(), "text"), numbers(stage.in_discord(), "content")


def in_order(arrived: list[int]) -> bool:
    """Whether each number's first copy comes after the first copies of all smaller ones."""
    first = list(dict.fromkeys(arrived))
    return first == sorted(first)


def doubles(arrived: list[int]) -> int:
    """How many copies are one too many."""
    return sum(count - 1 for count in Counter(arrived).values())


@pytest.mark.timeout(300)
async def test_a_thousand_messages_each_way_through_ten_kills(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """All arrive, in order, though the daemon is killed ten times while they are on their way."""
    chance = random.Random(20261124)
    async with scene(tmp_path, limited=True, factor=FACTOR) as stage:
        said = 0
        for kill in range(KILLS + 1):
            upto = MESSAGES * (kill + 1) // (KILLS + 1)
            for number in range(said + 1, upto + 1):
                stage.telegram_says(f"#{number} from Telegram")
                stage.discord_says(f"#{number} from Discord")
            said = upto
            if kill < KILLS:
                await _some_more_arrived(stage, chance.randrange(1, 120))
                await stage.daemon.kill()
                await stage.daemon.start()
        await stage.daemon.ready()
        await _all_there(stage)
        await stage.settled()
        in_telegram, in_discord = numbered(stage)
    record_property(
        TOLD,
        f"{MESSAGES} messages each way, {KILLS} kills, rates x{FACTOR:.0f}: doubled in"
        f" Telegram {doubles(in_telegram)}, in Discord {doubles(in_discord)}",
    )
    assert set(in_telegram) == set(range(1, MESSAGES + 1))
    assert set(in_discord) == set(range(1, MESSAGES + 1))
    assert in_order(in_telegram)
    assert in_order(in_discord)
    assert doubles(in_telegram) == doubles(in_discord) == 0


async def _some_more_arrived(stage: Scene, more: int) -> None:
    """Wait until so many more copies stand somewhere, or everything that was said has arrived."""
    before = sum(len(side) for side in numbered(stage))

    def enough() -> bool:
        in_telegram, in_discord = numbered(stage)
        return len(in_telegram) + len(in_discord) >= before + more

    await stage.until(enough, timeout_s=60, every_s=0.1)


async def _all_there(stage: Scene) -> None:
    def complete() -> bool:
        return all(len(set(side)) >= MESSAGES for side in numbered(stage))

    try:
        await stage.until(complete, timeout_s=120, every_s=0.3)
    except TimeoutError:
        missing = [sorted(set(range(1, MESSAGES + 1)) - set(side)) for side in numbered(stage)]
        raise AssertionError(f"missing: {missing}\n{stage.daemon.log[-4000:]}") from None


async def test_what_is_said_while_the_daemon_is_down_arrives_afterwards(tmp_path: Path) -> None:
    """Telegram repeats its updates; the Discord room is read from its cursor, oldest first."""
    async with scene(tmp_path) as stage:
        stage.discord_says("#1")
        stage.telegram_says("#1")
        await _numbers_arrive(stage, 1)
        assert await stage.daemon.stop() == 0
        for number in range(2, 252):
            stage.discord_says(f"#{number}")
            stage.telegram_says(f"#{number}")
        await stage.daemon.start()
        await _numbers_arrive(stage, 251)


async def _numbers_arrive(stage: Scene, last: int) -> None:
    """Wait until 1 to last stand on both sides, once each and in order."""

    def there() -> bool:
        return all(len(side) >= last for side in numbered(stage))

    try:
        await stage.until(there, timeout_s=40)
    except TimeoutError:
        raise AssertionError(f"{numbered(stage)}\n{stage.daemon.log[-4000:]}") from None
    await stage.settled()
    assert numbered(stage) == (list(range(1, last + 1)), list(range(1, last + 1)))


@pytest.mark.parametrize("resumable", [True, False], ids=["resumed", "new session"])
async def test_a_gateway_that_closes_loses_nothing(tmp_path: Path, resumable: bool) -> None:
    """Whether the session is resumed or a new one begins: all arrives once, in order."""
    async with scene(tmp_path) as stage:
        stage.telegram_says("#1")
        stage.discord_says("#1")
        await _numbers_arrive(stage, 1)
        for round_ in range(2):
            stage.discord.disconnect(code=4000, resumable=resumable)
            for number in range(2 + 10 * round_, 12 + 10 * round_):
                stage.discord_says(f"#{number}")
                stage.telegram_says(f"#{number}")
        await _numbers_arrive(stage, 21)


async def test_repeated_updates_change_nothing(tmp_path: Path) -> None:
    """Telegram sends every update twice: each arrives once."""
    async with scene(tmp_path) as stage:
        stage.telegram.repeat_updates = True
        for number in range(1, 31):
            stage.telegram_says(f"#{number}")
            stage.discord_says(f"#{number}")
        await _numbers_arrive(stage, 30)


@pytest.mark.parametrize("side", ["telegram", "discord"])
async def test_an_outage_of_one_side_is_waited_for(tmp_path: Path, side: str) -> None:
    """The other side's messages are kept and arrive in order when it is there again."""
    async with scene(tmp_path) as stage:
        stage.telegram_says("#1")
        stage.discord_says("#1")
        await _numbers_arrive(stage, 1)
        service = stage.telegram if side == "telegram" else stage.discord
        service.faults.outage = True
        for number in range(2, 12):
            stage.telegram_says(f"#{number}")
            stage.discord_says(f"#{number}")
        await _fails(stage)
        service.faults.clear()
        await _numbers_arrive(stage, 11)


async def _fails(stage: Scene) -> None:
    """Wait until a delivery failed."""

    def failed() -> bool:
        return any(record["message"] == "will try again" for record in stage.daemon.records)

    await stage.until(failed, timeout_s=20)


FAULTS: dict[str, Callable[[Scene], None]] = {
    "telegram 500": lambda s: s.telegram.faults.add(Fault("status", "sendMessage", status=500)),
    "telegram 429": lambda s: s.telegram.faults.add(
        Fault("status", "sendMessage", status=429, retry_after_s=1)
    ),
    "telegram drops": lambda s: s.telegram.faults.add(Fault("drop", "sendMessage")),
    "telegram answers no more": lambda s: s.telegram.faults.add(Fault("drop_after", "sendMessage")),
    "discord 500": lambda s: s.discord.faults.add(Fault("status", "webhook.execute", status=500)),
    "discord 429": lambda s: s.discord.faults.add(
        Fault("status", "webhook.execute", status=429, retry_after_s=0.5)
    ),
    "discord drops": lambda s: s.discord.faults.add(Fault("drop", "webhook.execute")),
    "discord answers no more": lambda s: s.discord.faults.add(
        Fault("drop_after", "webhook.execute")
    ),
}


async def test_single_faults_neither_lose_nor_double(tmp_path: Path) -> None:
    """Each fault hits one call; what may have arrived is looked for, all stands there once."""
    async with scene(tmp_path) as stage:
        stage.telegram_says("#1")
        stage.discord_says("#1")
        await _numbers_arrive(stage, 1)
        for number, fault in enumerate(FAULTS.values(), 2):
            fault(stage)
            stage.telegram_says(f"#{number}")
            stage.discord_says(f"#{number}")
            await _numbers_arrive(stage, number)


async def test_the_backlog_stays_on_disk(tmp_path: Path) -> None:
    """While Discord is down 500 messages wait in the database, and then arrive in order."""
    async with scene(tmp_path) as stage:
        stage.telegram_says("#1")
        stage.discord_says("#1")
        await _numbers_arrive(stage, 1)
        stage.discord.faults.outage = True
        for number in range(2, 502):
            stage.telegram_says(f"#{number}")
        await stage.until(lambda: not stage.telegram.pending_updates, timeout_s=30)
        await stage.daemon.kill()
        stage.discord.faults.clear()
        await stage.daemon.start()
        await stage.until(lambda: len(numbers(stage.in_discord(), "content")) >= 501, timeout_s=40)
        assert numbers(stage.in_discord(), "content") == list(range(1, 502))


async def test_health_tells_which_part_is_not_well(tmp_path: Path) -> None:
    """503 and the part, while Discord is away; 200 again when it is back."""
    async with scene(tmp_path) as stage, aiohttp.ClientSession() as session:
        health = await stage.daemon.health(session)
        assert health is not None
        assert health["ok"] is True
        stage.discord.faults.outage = True
        stage.discord.disconnect(code=1006, resumable=True)
        while (health := await stage.daemon.health(session)) is None or health["ok"]:
            continue
        assert [part for part, state in health["parts"].items() if not state["ok"]] == ["discord"]
        stage.discord.faults.clear()
        await stage.daemon.ready()
