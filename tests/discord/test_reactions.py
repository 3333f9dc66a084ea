"""MateBot's reactions and pins in Discord follow those of people elsewhere."""

from typing import Any

import pytest

from matebot.core import errors
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Emoji, Tally
from matebot.discord.reactions import qualified
from matebot.sandbox.discord import DiscordStandIn, permissions
from tests.discord.harness import Side

Json = dict[str, Any]
LIKE, HEART, FIRE = Emoji("👍"), Emoji("❤"), Emoji("🔥")


def tally(*emoji: Emoji) -> list[Tally]:
    """One person each."""
    return [Tally(each, 1) for each in emoji]


def said(standin: DiscordStandIn, side: Side, channel: Json) -> MessageRef:
    """A message of a person's."""
    bia = standin.add_user("bia")
    standin.add_member(bia["id"])
    return MessageRef(side.room, int(standin.say(bia["id"], channel["id"], "hi")["id"]))


def own(standin: DiscordStandIn, ref: MessageRef) -> list[str]:
    """The names of what the bot reacts with to a message."""
    message = standin.message(ref.room.chat, ref.message_id)
    bot = standin.world.bot_id
    found = [each["emoji"] for each in message.get("reactions", ())]
    who = standin.world.reactors
    return [e["name"] for e in found if bot in who[ref.message_id, str(e["id"] or e["name"])]]


async def test_reactions_follow(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """What came is set, what went is taken back, what stays is not touched."""
    await side.start()
    ref = said(standin, side, channel)
    react = side.service.messenger.react
    assert await react(ref, tally(LIKE, HEART), ()) == (LIKE, HEART)
    assert own(standin, ref) == ["👍", "❤\ufe0f"]
    asked = len(standin.calls)
    assert set(await react(ref, tally(HEART, FIRE), (LIKE, HEART))) == {HEART, FIRE}
    assert own(standin, ref) == ["❤\ufe0f", "🔥"]
    assert [call.method for call in list(standin.calls)[asked:]] == ["GET", "DELETE", "PUT"]
    assert await react(ref, (), (HEART, FIRE)) == ()
    assert own(standin, ref) == []


async def test_a_broken_attempt_leaves_nothing(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """What an attempt set before it failed is taken back when it is wanted no more."""
    await side.start()
    ref = said(standin, side, channel)
    await side.service.messenger.react(ref, tally(LIKE), ())
    assert await side.service.messenger.react(ref, (), ()) == ()
    assert own(standin, ref) == []


async def test_at_most_twenty_kinds(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """Twenty kinds fit, fewer where people react with others; what is unknown is left out."""
    await side.start()
    ref = said(standin, side, channel)
    many = [Emoji(chr(0x1F600 + number)) for number in range(25)]
    assert len(await side.service.messenger.react(ref, tally(*many), ())) == 20
    ref = said(standin, side, channel)
    bia = standin.add_user("leo")
    standin.add_member(bia["id"])
    standin.react(bia["id"], channel["id"], ref.message_id, "🎉")
    strange = Emoji("no emoji")
    done = await side.service.messenger.react(ref, tally(strange, *many), ())
    assert len(done) == 19
    assert strange not in done


async def test_custom_emoji(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """By the id where the bot has it, by the name where the server has one, else the fallback."""
    made = standin.add_emoji("party")
    await side.start()
    ref = said(standin, side, channel)
    tallied = tally(Emoji("other", made["id"]), Emoji("none", "1"), Emoji("🦊", "2"))
    assert len(await side.service.messenger.react(ref, tallied, ())) == 2
    assert own(standin, ref) == ["party", "🦊"]
    assert await side.service.messenger.react(ref, tally(Emoji("party", "777")), ())
    assert own(standin, ref) == ["party"]


async def test_what_is_not_allowed(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """A missing right says nothing of the room; a missing message is told."""
    await side.start()
    ref = said(standin, side, channel)
    lacking = permissions.ADD_REACTIONS | permissions.PIN_MESSAGES | permissions.ADMINISTRATOR
    standin.set_bot_permissions(permissions.ALL & ~lacking)
    messenger = side.service.messenger
    for attempt in (messenger.react(ref, tally(LIKE), ()), messenger.pin(ref, pinned=True)):
        with pytest.raises(errors.PermanentError) as caught:
            await attempt
        assert not isinstance(caught.value, errors.NoAccess)
    standin.set_bot_permissions(permissions.ALL)
    gone = MessageRef(side.room, 5)
    with pytest.raises(errors.MessageGone):
        await messenger.react(gone, tally(LIKE), ())
    with pytest.raises(errors.MessageGone):
        await messenger.pin(gone, pinned=True)


async def test_a_blocked_bot(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """Where the author blocked the bot nothing is set, and that is no failure."""
    await side.start()
    ref = said(standin, side, channel)
    author = standin.message(channel["id"], ref.message_id)["author"]
    standin.block_bot(author["id"])
    assert await side.service.messenger.react(ref, tally(LIKE), ()) == ()


async def test_pins(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """A message is pinned and unpinned; twice is no error; the 251st is refused for good."""
    await side.start()
    ref = said(standin, side, channel)
    pinned = standin.world.pinned
    for _ in range(2):
        await side.service.messenger.pin(ref, pinned=True)
    assert list(pinned[ref.room.chat]) == [ref.message_id]
    for _ in range(2):
        await side.service.messenger.pin(ref, pinned=False)
    assert not pinned[ref.room.chat]
    pinned[ref.room.chat] = dict.fromkeys(range(250), 0.0)
    with pytest.raises(errors.PermanentError, match="pins"):
        await side.service.messenger.pin(ref, pinned=True)


async def test_an_archived_thread_is_opened(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """A reaction to a message of an archived thread opens it, as an edit does."""
    thread = standin.add_thread(channel["id"], "old")
    await side.start()
    bia = standin.add_user("bia")
    standin.add_member(bia["id"])
    message = standin.say(bia["id"], thread["id"], "hi")
    standin.archive(thread["id"])
    ref = MessageRef(Room.discord(int(thread["id"])), int(message["id"]))
    assert await side.service.messenger.react(ref, tally(LIKE), ()) == (LIKE,)
    assert own(standin, ref) == ["👍"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("❤", "❤\ufe0f"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("❤\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("🤷\u200d♂", "🤷\u200d♂\ufe0f"),
        ("👍", "👍"),
        ("☝🏽", "☝🏽"),
    ],
)
def test_emoji_are_fully_qualified(text: str, name: str) -> None:
    """Telegram leaves U+FE0F out where Unicode's full form has it."""
    assert qualified(text) == name
