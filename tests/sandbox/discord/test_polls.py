"""Polls: who may end one, how it ends, and who is told of votes."""

import pytest

from matebot.sandbox.discord import DiscordStandIn, permissions
from tests.sandbox.discord.conftest import Api, Json

POLL = {
    "question": {"text": "Mate or coffee?"},
    "answers": [{"poll_media": {"text": "Mate"}}, {"poll_media": {"text": "Coffee"}}],
    "duration": 1,
}


async def test_the_bots_own_poll(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """People vote, the bot ends it once, the figures are final and a message tells who won."""
    base = f"/channels/{room['id']}"
    _, sent = await api("POST", f"{base}/messages", {"poll": POLL})
    standin.vote(ana["id"], room["id"], sent["id"], [2])
    standin.vote(ana["id"], room["id"], sent["id"], [1])
    with pytest.raises(ValueError, match="one cannot vote so"):
        standin.vote(ana["id"], room["id"], sent["id"], [1, 2])
    status, ended = await api("POST", f"{base}/polls/{sent['id']}/expire")
    assert status == 200
    counts = ended["poll"]["results"]
    assert counts["is_finalized"]
    assert [each["count"] for each in counts["answer_counts"]] == [1, 0]
    assert (await api("POST", f"{base}/polls/{sent['id']}/expire"))[1]["code"] == 520001
    result = standin.messages(room["id"])[-1]
    fields = {each["name"]: each["value"] for each in result["embeds"][0]["fields"]}
    assert (result["type"], fields["victor_answer_text"]) == (46, "Mate")


async def test_a_persons_poll(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """The bot cannot end it, nor what is no poll; without the right it posts none."""
    base = f"/channels/{room['id']}"
    asked = standin.say(ana["id"], room["id"], "", poll=POLL)
    said = standin.say(ana["id"], room["id"], "no poll")
    assert (await api("POST", f"{base}/polls/{asked['id']}/expire"))[1]["code"] == 50005
    assert (await api("POST", f"{base}/polls/{said['id']}/expire"))[1]["code"] == 520006
    standin.end_poll(room["id"], asked["id"])
    assert standin.message(room["id"], asked["id"])["poll"]["results"]["is_finalized"]
    standin.set_bot_permissions(permissions.BOT & ~permissions.SEND_POLLS, room["id"])
    assert (await api("POST", f"{base}/messages", {"poll": POLL}))[1]["code"] == 50013
