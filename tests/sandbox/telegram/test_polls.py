"""Polls of the bot's and of people's."""

from typing import Any

import pytest

from matebot.sandbox.telegram import TelegramStandIn
from tests.sandbox.telegram.api import Api

FINE: dict[str, Any] = {"question": "Mate or coffee?", "options": [{"text": "Mate"}, "Coffee"]}


async def test_the_bots_own_poll(api: Api, standin: TelegramStandIn, group: int) -> None:
    """It is sent, voted in and stopped once; the figures come with each step."""
    sent = await api.call(
        "sendPoll", chat_id=group, **FINE, open_period=600, description="Bia",
        description_entities=[{"type": "bold", "offset": 0, "length": 3}],
    )  # fmt: skip
    poll, where = sent["poll"], {"chat_id": group, "message_id": sent["message_id"]}
    assert [each["text"] for each in poll["options"]] == ["Mate", "Coffee"]
    assert (poll["description"], poll["is_closed"], poll["total_voter_count"]) == ("Bia", False, 0)
    ana, rui = (standin.add_user(name)["id"] for name in ("Ana", "Rui"))
    standin.vote(ana, group, sent["message_id"], [0])
    standin.vote(rui, group, sent["message_id"], [1])
    standin.vote(rui, group, sent["message_id"], [0])
    with pytest.raises(ValueError, match="one cannot vote so"):
        standin.vote(rui, group, sent["message_id"], [0, 1])
    stopped = await api.call("stopPoll", **where)
    assert [each["voter_count"] for each in stopped["options"]] == [2, 0]
    assert stopped["is_closed"]
    assert "already been closed" in await api.refused("stopPoll", **where)
    with pytest.raises(ValueError, match="one cannot vote so"):
        standin.vote(ana, group, sent["message_id"], [1])
    told = [each["poll"] for each in standin.pending_updates if "poll" in each]
    assert [each["total_voter_count"] for each in told] == [1, 2, 2, 2]


async def test_a_persons_poll(api: Api, standin: TelegramStandIn, group: int) -> None:
    """The bot sees no votes of it until it ends, and cannot end it."""
    ana = standin.add_user("Ana")["id"]
    asked = standin.ask(ana, group, "Mate?", ["Yes", "No"], quiz=True)
    standin.vote(ana, group, asked["message_id"], [0])
    refusal = await api.refused("stopPoll", chat_id=group, message_id=asked["message_id"])
    assert "poll can't be stopped" in refusal
    assert not [each for each in standin.pending_updates if "poll" in each]
    standin.stop_poll(group, asked["message_id"])
    (told,) = [each["poll"] for each in standin.pending_updates if "poll" in each]
    assert [each["voter_count"] for each in told["options"]] == [1, 0]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"question": " "}, "must be non-empty"),
        ({"question": "x" * 301}, "must not exceed 300"),
        ({"options": []}, "at least 1 option"),
        ({"options": ["x"] * 13}, "more than 12"),
        ({"options": ["x" * 101]}, "must not exceed 100"),
        ({"options": [" "]}, "options must be non-empty"),
        ({"type": "quiz"}, "correct option"),
        ({"type": "other"}, "unsupported poll type"),
        ({"open_period": 4}, "out of range"),
        ({"description": "x" * 1025}, "description is too long"),
    ],
)
async def test_what_is_no_poll(api: Api, group: int, wrong: dict[str, Any], why: str) -> None:
    """Limits are kept as the real server keeps them."""
    assert why in await api.refused("sendPoll", chat_id=group, **(FINE | wrong))
