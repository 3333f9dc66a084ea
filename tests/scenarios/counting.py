"""Numbered messages: which arrived, how often, and in what order."""

import re

from tests.scenarios.harness import Json, Scene


def numbers(messages: list[Json], key: str) -> list[int]:
    """The numbers that numbered messages bear, in the order in which they stand."""
    found = (re.search(r"#(\d+)", message.get(key, "")) for message in messages)
    return [int(match[1]) for match in found if match]


def numbered(stage: Scene) -> tuple[list[int], list[int]]:
    """What arrived in Telegram, and in Discord."""
    return numbers(stage.in_telegram(), "text"), numbers(stage.in_discord(), "content")


def both_say(stage: Scene, *which: int) -> None:
    """Ana and Bia say their next numbered messages."""
    for number in which:
        stage.telegram_says(f"#{number}")
        stage.discord_says(f"#{number}")


async def all_arrive(stage: Scene, last: int, timeout_s: float = 40.0) -> None:
    """Wait until 1 to last stand on both sides, once each and in order."""

    def there() -> bool:
        return all(len(side) >= last for side in numbered(stage))

    try:
        await stage.until(there, timeout_s=timeout_s)
    except TimeoutError:
        raise AssertionError(f"{numbered(stage)}\n{stage.daemon.log[-4000:]}") from None
    await stage.settled()
    assert numbered(stage) == (list(range(1, last + 1)), list(range(1, last + 1)))
