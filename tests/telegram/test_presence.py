"""The question whether a message stands, put to the stand-in."""

import pytest

from matebot.core.ids import MessageRef, Room
from matebot.core.presence import Standing
from matebot.telegram.presence import TelegramPresence, standing_of
from tests.telegram.standin import scene

REFUSALS = [
    ("Bad Request: message can't be edited", Standing.STANDS),
    ("Bad Request: message is not modified: specified new message content…", Standing.STANDS),
    ("Bad Request: message to edit not found", Standing.MISSING),
    ("Bad Request: MESSAGE_ID_INVALID", Standing.UNKNOWN),
    ("Bad Request: chat not found", Standing.UNKNOWN),
    ("Bad Request: group chat was upgraded to a supergroup chat", Standing.UNKNOWN),
    ("Bad Request: not enough rights", Standing.UNKNOWN),
]


@pytest.mark.parametrize(("refusal", "standing"), REFUSALS, ids=[text for text, _ in REFUSALS])
def test_refusals(refusal: str, standing: Standing) -> None:
    """Three refusals say something of the message, all others nothing."""
    assert standing_of(refusal) is standing


async def test_it_changes_nothing() -> None:
    """People's and own messages stand, the deleted is missing; nothing of them is edited."""
    async with scene() as here:
        ann, group = here.ann["id"], here.room.chat
        said = here.service.say(ann, group, "one")["message_id"]
        gone = here.service.say(ann, group, "two")["message_id"]
        here.service.delete(group, gone)
        own = (await here.bot.send_message(group, "mine")).message_id
        before = here.service.messages(group)
        presence = TelegramPresence(here.bot)
        found = [await presence.standing(MessageRef(here.room, n)) for n in (said, gone, own)]
        assert found == [Standing.STANDS, Standing.MISSING, Standing.STANDS]
        assert here.service.messages(group) == before


async def test_channels_and_people_are_not_asked_about() -> None:
    """An administrator of a channel may edit others' posts: there nothing is tried."""
    async with scene(kind="channel") as here:
        presence = TelegramPresence(here.bot)
        for room in (here.room, Room.telegram(here.ann["id"])):
            assert await presence.standing(MessageRef(room, 1)) is Standing.UNKNOWN
        assert "editMessageReplyMarkup" not in {call.method for call in here.service.calls}
