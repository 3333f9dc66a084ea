"""What stands for people's reactions elsewhere, and how a bot comes to have it."""

from collections.abc import AsyncIterator

import pytest

from matebot.core.errors import MessageGone, NoAccess
from matebot.core.ids import MessageRef
from matebot.core.message import Emoji, Tally
from matebot.sandbox.telegram.methods_chat import REACTIONS
from matebot.telegram.reactions import ALLOWED, MEANT, candidates
from tests.telegram.standin import Scene, scene


@pytest.fixture
async def here() -> AsyncIterator[Scene]:
    async with scene() as running:
        yield running


def tally(*emoji: str | Emoji) -> tuple[Tally, ...]:
    """A tally led by the first."""
    known = [Emoji(one) if isinstance(one, str) else one for one in emoji]
    return tuple(Tally(one, len(known) - place) for place, one in enumerate(known))


@pytest.mark.parametrize(
    ("emoji", "expected"),
    [
        ("👍", "👍"),
        ("👍🏽", "👍"),
        ("❤️", "❤"),
        ("❤️‍🔥", "❤‍🔥"),
        ("🤷🏾‍♀️", "🤷‍♀"),
        ("👨🏿‍💻", "👨‍💻"),
        ("💙", "❤"),
        ("😂", "🤣"),
        ("✅", "👍"),
        ("🥳", "🎉"),
        ("🧀", None),
        ("", None),
        (Emoji("pepe_heart", "123"), "❤"),
        (Emoji("PartyParrot", "123"), "🎉"),
        (Emoji("LUL", "123"), "🤣"),
        (Emoji("blobcat", "123"), None),
        (Emoji("heartless", "123"), None),
    ],
)
def test_what_is_nearest(emoji: str | Emoji, expected: str | None) -> None:
    """Looks and skin tones fall away; what Telegram lacks becomes what says the same."""
    assert candidates(tally(emoji)) == ((expected,) if expected else ())


def test_the_leading_one_first() -> None:
    """The order is the tally's; at most three, each once, those without counterpart skipped."""
    found = candidates(tally("🧀", "😂", "🤣", "🔥", "👍", "🎉"))
    assert found == ("🤣", "🔥", "👍")


def test_the_list_is_telegrams() -> None:
    """It is the stand-in's, which was copied from the documentation by itself; all map into it."""
    assert ALLOWED == REACTIONS
    assert set(MEANT) <= ALLOWED
    meant = [emoji for others in MEANT.values() for emoji in others]
    assert len(meant) == len(set(meant))
    assert not set(meant) & ALLOWED


async def test_reacting(here: Scene) -> None:
    """The bot has the leading reaction, then the next leader, then none."""
    said = here.service.say(here.ann["id"], here.room.chat, "hi")
    ref = MessageRef(here.room, said["message_id"])
    place = here.room.chat, ref.message_id
    own = await here.messenger.react(ref, tally("👍🏽", "🎉"), ())
    assert own == (Emoji("👍"),)
    assert here.service.reactions(*place) == {here.bot.id: ["👍"]}
    own = await here.messenger.react(ref, tally("🎉", "👍"), own)
    assert here.service.reactions(*place) == {here.bot.id: ["🎉"]}
    before = len(here.service.calls_of("setMessageReaction"))
    assert await here.messenger.react(ref, tally("🎉"), own) == own
    assert len(here.service.calls_of("setMessageReaction")) == before
    assert await here.messenger.react(ref, (), own) == ()
    assert here.service.reactions(*place) == {}


async def test_what_a_chat_allows(here: Scene) -> None:
    """Refused ones give way to the next; with none left there is none, and that is no error."""
    said = here.service.say(here.ann["id"], here.room.chat, "hi")
    ref = MessageRef(here.room, said["message_id"])
    here.service.allow_reactions(here.room.chat, ["🎉"])
    assert await here.messenger.react(ref, tally("👍", "🔥", "🎉"), ()) == (Emoji("🎉"),)
    here.service.allow_reactions(here.room.chat, [])
    assert await here.messenger.react(ref, tally("👍", "🔥", "🎉"), ()) == ()


async def test_reacting_to_what_is_gone(here: Scene) -> None:
    """A message that is not there is named as such."""
    with pytest.raises(MessageGone):
        await here.messenger.react(MessageRef(here.room, 999), tally("👍"), ())


async def test_pinning(here: Scene) -> None:
    """Pins come without a sound and go; without the right nothing happens to the room."""
    said = here.service.say(here.ann["id"], here.room.chat, "hi")
    ref = MessageRef(here.room, said["message_id"])
    for _ in range(2):
        await here.messenger.pin(ref, pinned=True)
    assert here.service.pinned(here.room.chat) == [ref.message_id]
    assert here.service.calls_of("pinChatMessage")[0].params["disable_notification"] is True
    for _ in range(2):
        await here.messenger.pin(ref, pinned=False)
    assert here.service.pinned(here.room.chat) == []
    here.service.set_rights(here.room.chat, can_pin_messages=False)
    await here.messenger.pin(ref, pinned=True)
    assert here.service.pinned(here.room.chat) == []
    here.service.set_rights(here.room.chat, can_pin_messages=True)
    with pytest.raises(MessageGone):
        await here.messenger.pin(MessageRef(here.room, 999), pinned=True)


async def test_typing(here: Scene) -> None:
    """Typing is shown in the room, or it is told why not."""
    await here.messenger.typing(here.room)
    assert here.service.calls_of("sendChatAction")[-1].params["action"] == "typing"
    here.service.kick(here.room.chat)
    with pytest.raises(NoAccess):
        await here.messenger.typing(here.room)
