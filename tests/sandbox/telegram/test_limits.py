"""The rates, with a clock that only the test moves."""

import math

import pytest

from matebot.sandbox.telegram import TelegramStandIn
from matebot.sandbox.telegram.limits import Rates
from tests.sandbox.telegram.api import TOKEN, Api, album_form


class Clock:
    """Seconds that stand still until told otherwise."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_a_group_takes_twenty_a_minute() -> None:
    """At one a second a group is full after its bucket, and closed until the time is over."""
    clock = Clock()
    rates = Rates(clock=clock)
    sent = 0
    while not (wait_s := rates.take(-1, group=True)):
        sent += 1
        clock.at += 1.0
    assert 20 < sent <= 30  # 20 at once and what comes in meanwhile, a third each second
    assert wait_s >= 1
    clock.at += wait_s - 0.5
    assert rates.take(-1, group=True) == 1
    clock.at += 0.5
    assert rates.take(-1, group=True) == 0


def test_a_chat_takes_a_short_burst() -> None:
    """Three at once pass, the fourth waits a whole second."""
    rates = Rates(clock=Clock())
    assert [rates.take(5, group=False) for _ in range(4)] == [0, 0, 0, 1]


def test_overall() -> None:
    """Thirty a second to whomever."""
    rates = Rates(clock=Clock())
    taken = [rates.take(chat, group=False) for chat in range(1, 32)]
    assert taken == [0] * 30 + [1]


def test_a_factor_makes_it_faster() -> None:
    """Sixty times faster, a minute's wait is a second's."""
    clock = Clock()
    rates = Rates(60.0, clock=clock)
    for _ in range(60):
        clock.at += 1 / 20
        assert rates.take(-1, group=True) == 0


@pytest.mark.parametrize("limited", [True, False])
async def test_over_the_wire(limited: bool) -> None:
    """Too many calls are answered 429 with whole seconds, edits included; or not at all."""
    clock = Clock()
    async with (
        TelegramStandIn(token=TOKEN, limited=limited, clock=clock) as standin,
        Api(standin) as api,
    ):
        group = int(standin.add_group("G")["id"])
        sent = await api.call("sendMessage", chat_id=group, text="0")
        answers = [
            await api.raw(
                "editMessageText",
                {"chat_id": group, "message_id": sent["message_id"], "text": str(number + 1)},
            )
            for number in range(4)
        ]
        refused = [answer for answer in answers if not answer["ok"]]
        assert len(refused) == (2 if limited else 0)
        for answer in refused:
            wait_s = answer["parameters"]["retry_after"]
            assert answer["description"] == f"Too Many Requests: retry after {wait_s}"
            assert wait_s == math.ceil(wait_s) >= 1
        clock.at += 10
        await api.call("sendMessage", chat_id=group, text="later")


async def test_an_album_costs_its_parts() -> None:
    """Three pictures use up what three messages would."""
    clock = Clock()
    async with TelegramStandIn(token=TOKEN, clock=clock) as standin, Api(standin) as api:
        group = int(standin.add_group("G")["id"])
        assert (await api.raw("sendMediaGroup", album_form(group, 3)))["ok"]
        assert (await api.raw("sendMessage", {"chat_id": group, "text": "a"}))["error_code"] == 429
