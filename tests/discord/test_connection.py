"""The connection: refused at the start, lost and revoked while it runs."""

from typing import Any

import pytest

from matebot.core.errors import NotConnected, OperatorError
from matebot.sandbox.discord import DiscordStandIn
from tests.discord.harness import TOKEN, Side, copy

Json = dict[str, Any]


async def refused(side: Side) -> str:
    """Why the start was refused."""
    with pytest.raises(ExceptionGroup) as caught:
        await side.service.run(side.intake, side.commands, ())
    (error,) = caught.value.exceptions
    assert isinstance(error, OperatorError)
    return str(error)


async def test_a_wrong_token_ends_the_start(side: Side) -> None:
    """One line that names the setting."""
    side.make("wrong.token")
    line = await refused(side)
    assert "MATEBOT_DISCORD_TOKEN" in line
    assert "\n" not in line


async def test_a_missing_intent_ends_the_start() -> None:
    """One line that names the switch in the portal."""
    async with DiscordStandIn(token=TOKEN, message_content_intent=False) as standin:
        side = Side(standin, int(standin.add_channel("general")["id"]))
        line = await refused(side)
    assert "Message Content Intent" in line
    assert "\n" not in line


async def test_a_revoked_token_pauses(standin: DiscordStandIn, side: Side) -> None:
    """This side says so, stays, tries nothing more, and refuses to send."""
    await side.start()
    standin.revoke_token()
    await side.wait_for(lambda: side.detail == "token revoked")
    calls = len(standin.calls)
    with pytest.raises(NotConnected):
        await side.service.messenger.prepare(side.room, copy())
    assert len(standin.calls) == calls
    assert side._task is not None
    assert not side._task.done()


async def test_an_outage_at_the_start_is_sat_out(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """It keeps trying until Discord is there."""
    standin.faults.outage = True
    await side.start(until=lambda: "cannot be reached" in side.detail)
    standin.faults.outage = False
    await side.wait_for(side.is_live)
    standin.say(ana["id"], channel["id"], "hi")
    await side.wait_for(lambda: side.intake.texts)


async def test_an_outage_later_loses_nothing(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """After an outage of all of Discord the missed messages come."""
    await side.start()
    standin.faults.outage = True
    await side.wait_for(lambda: not side.is_well)
    assert side.connections == 1
    standin.say(ana["id"], channel["id"], "meanwhile")
    standin.faults.outage = False
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["meanwhile"]
    await side.wait_for(lambda: side.is_well)
    await side.wait_for(lambda: side.connections == 2)


SESSION_LOST = (1000, 1001, 4003, 4007, 4009)
CLOSES = (1006, 4000, 4001, 4002, 4005, 4008, *SESSION_LOST)


@pytest.mark.parametrize("code", CLOSES)
async def test_any_close_is_survived(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json, code: int
) -> None:
    """Whatever the gateway closes with, the conversation goes on."""
    await side.start()
    standin.disconnect(code=code, resumable=code not in SESSION_LOST)
    standin.say(ana["id"], channel["id"], "still here")
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["still here"]


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_is_begun_anew(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json, resumable: bool
) -> None:
    """Operation 9, with a session that may be resumed or one that is lost: nothing is."""
    await side.start()
    if not resumable:
        standin.gateway.sessions.clear()
    for connection in standin.gateway.connections:
        connection.send(9, data=resumable)
    standin.say(ana["id"], channel["id"], "still here")
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["still here"]
    assert standin.gateway.resumes == int(resumable)
    assert standin.gateway.identifies == 2 - int(resumable)


async def test_heartbeats_without_an_answer_end_a_connection(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """A connection that is only half there is given up, and what was said meanwhile comes."""
    standin.gateway.heartbeat_ms = 300
    side.service.client.library_state.heartbeat_timeout = 1.0
    await side.start()
    first = next(iter(standin.gateway.connections))
    standin.silence()
    await side.wait_for(lambda: first not in standin.gateway.connections)
    standin.say(ana["id"], channel["id"], "still here")
    standin.silence(on=False)
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["still here"]


REFUSED = {
    4010: "too many servers for one connection",
    4011: "too many servers for one connection",
    4012: "this version is too old",
    4013: "Message Content Intent not granted",
    4014: "Message Content Intent not granted",
}


@pytest.mark.parametrize("code", REFUSED)
async def test_a_close_that_coming_again_does_not_mend_pauses(
    standin: DiscordStandIn, side: Side, ana: Json, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said in words, and tried again after a while; then the missed comes."""
    monkeypatch.setattr("matebot.discord.client._REFUSED_AGAIN_S", 0.5)
    await side.start()
    identified = standin.gateway.identifies
    standin.disconnect(code=code, resumable=False)
    await side.wait_for(lambda: side.detail == REFUSED[code])
    assert standin.gateway.identifies == identified
    standin.say(ana["id"], side.room.chat, "meanwhile")
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["meanwhile"]
    assert standin.gateway.identifies == identified + 1


async def test_a_reconnect_request_is_followed(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Discord's own request to come again loses nothing."""
    await side.start()
    standin.reconnect_request()
    standin.say(ana["id"], channel["id"], "still here")
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["still here"]


async def test_an_intent_that_is_taken_away_pauses(standin: DiscordStandIn, side: Side) -> None:
    """Taken away while it runs, this side says so and stays."""
    await side.start()
    standin.world.message_content = False
    standin.disconnect(code=4000, resumable=False)
    await side.wait_for(lambda: side.detail == "Message Content Intent not granted")
    assert side._task is not None
    assert not side._task.done()


async def test_an_event_that_cannot_be_read_is_made_up_for(
    standin: DiscordStandIn,
    side: Side,
    channel: Json,
    ana: Json,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error while taking in an event ends nothing: the rooms are read from their cursors."""
    await side.start()
    reader = side.service.reader
    assert reader is not None
    with monkeypatch.context() as broken:
        broken.setattr(reader, "posted", lambda _message: 1 / 0)
        standin.say(ana["id"], channel["id"], "odd")
        await side.wait_for(lambda: side.intake.texts)
    standin.say(ana["id"], channel["id"], "even")
    await side.wait_for(lambda: len(side.intake.texts) == 2)
    assert side.intake.texts == ["odd", "even"]
