from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from matebot.core.errors import (
    MessageGone,
    NoAccess,
    NotConnected,
    PermanentError,
    RoomMoved,
    TemporaryError,
    UnsureError,
)
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Copy, Message
from matebot.core.notice import Button, Notice
from matebot.core.richtext import Bold, RichText, Span, plain
from matebot.sandbox.faults import Fault
from matebot.telegram.markup import Entity
from matebot.telegram.outgoing import TelegramMessenger
from matebot.telegram.render import TelegramPart
from matebot.telegram.rooms import TelegramRooms
from tests.telegram.standin import WORDS, Scene, scene

QUESTION = Notice(
    RichText("Sure?", (Span(0, 4, Bold()),)), buttons=(Button("Yes", "y"), Button("No", "n"))
)


@pytest.fixture
async def here() -> AsyncIterator[Scene]:
    async with scene() as running:
        yield running


async def send(here: Scene, text: str, room: Room | None = None) -> MessageRef:
    """Post a text."""
    return (await here.messenger.send(room or here.room, [TelegramPart(text)], "k"))[0]


async def test_a_copy_is_prepared_and_posted(here: Scene) -> None:
    """What was said on the other side stands in the group under its author's name, as an answer."""
    said = here.service.say(here.bob["id"], here.room.chat, "question")
    original = Message(MessageRef(Room.discord(1), 2), Author(3, "Zoë"), RichText("answer"))
    copy = Copy(original, MessageRef(here.room, said["message_id"]), "en")
    (part,) = await here.messenger.prepare(here.room, copy)
    (ref,) = await here.messenger.send(here.room, [part], "k")
    posted = here.service.message(here.room.chat, ref.message_id)
    assert posted is not None
    assert posted["text"] == "Zoë\nanswer"
    assert posted["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert posted["reply_to_message"]["message_id"] == said["message_id"]
    assert "parse_mode" not in here.service.calls_of("sendMessage")[-1].params


async def test_silent_and_reply_to_something_gone(here: Scene) -> None:
    """An answer to what is gone is still posted, and without a sound where asked."""
    part = TelegramPart("x", reply_to=999, silent=True)
    (ref,) = await here.messenger.send(here.room, [part], "k")
    assert here.service.message(here.room.chat, ref.message_id)
    assert here.service.calls_of("sendMessage")[-1].params["disable_notification"] is True


async def test_topics() -> None:
    """A topic is written into by its id, General without any."""
    async with scene(forum=True) as here:
        topic = here.service.add_topic(here.room.chat, "Cats")
        ref = await send(here, "meow", Room.telegram(here.room.chat, topic))
        general = await send(here, "hi", Room.telegram(here.room.chat, 1))
        there = here.service.message(here.room.chat, ref.message_id)
        lobby = here.service.message(here.room.chat, general.message_id)
        assert there is not None
        assert lobby is not None
        assert there["message_thread_id"] == topic
        assert "message_thread_id" not in lobby


async def test_edits(here: Scene) -> None:
    """An edit changes the text, an equal one is fine, one of a missing message says so."""
    ref = await send(here, "old")
    await here.messenger.edit(ref, TelegramPart("new"))
    await here.messenger.edit(ref, TelegramPart("new"))
    posted = here.service.message(here.room.chat, ref.message_id)
    assert posted is not None
    assert posted["text"] == "new"
    with pytest.raises(MessageGone):
        await here.messenger.edit(MessageRef(here.room, 999), TelegramPart("new"))


async def test_deletes(here: Scene) -> None:
    """A message of ours goes, and going twice is no error."""
    ref = await send(here, "x")
    await here.messenger.delete(ref)
    await here.messenger.delete(ref)
    assert here.service.message(here.room.chat, ref.message_id) is None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("drop", "sendMessage"), UnsureError),
        (Fault("drop_after", "sendMessage"), UnsureError),
        (Fault("status", "sendMessage", status=500), UnsureError),
        (Fault("status", "sendMessage", status=429, retry_after_s=3), TemporaryError),
    ],
    ids=["drop", "drop-after", "500", "429"],
)
async def test_one_attempt(here: Scene, fault: Fault, kind: type[Exception]) -> None:
    """A call that fails is made once, and says whether it may have arrived."""
    here.service.faults.add(fault)
    with pytest.raises(kind):
        await send(here, "x")
    assert len(here.service.calls_of("sendMessage")) <= 1


async def test_nobody_listening_is_temporary(here: Scene) -> None:
    """Where there is no connection nothing was sent."""
    await here.service.stop_listening()
    with pytest.raises(TemporaryError):
        await send(here, "x")


async def test_refusals(here: Scene) -> None:
    """Kicked and revoked are told apart, and the second calls back."""
    here.service.kick(here.room.chat)
    with pytest.raises(NoAccess):
        await send(here, "x")
    here.service.revoke_token()
    with pytest.raises(NotConnected):
        await send(here, "x")
    assert here.revoked == [True]


async def test_a_migrated_group_tells_its_new_id() -> None:
    """A post to the old id of a group says where it went."""
    async with scene(kind="group") as here:
        new_chat = here.service.migrate(here.room.chat)
        with pytest.raises(RoomMoved) as caught:
            await send(here, "x")
        assert caught.value.new_chat == new_chat


async def test_a_notice_to_all_has_its_buttons(here: Scene) -> None:
    """A notice stands in the room with its formatting and its row of buttons."""
    ref = await here.messenger.notice(here.room, QUESTION, "k")
    assert ref is not None
    posted = here.service.message(here.room.chat, ref.message_id)
    assert posted is not None
    assert posted["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    (row,) = posted["reply_markup"]["inline_keyboard"]
    assert [button["callback_data"] for button in row] == ["y", "n"]


def alone(here: Scene, *, or_else: bool = True) -> Notice:
    """A secret for Ann."""
    said = RichText("Ann, write to me first") if or_else else None
    return Notice(RichText("the code"), only_for=here.ann["id"], or_else=said)


def texts(here: Scene, chat: int) -> list[str]:
    """What the bot wrote for all to see."""
    return [message["text"] for message in here.service.bot_messages(chat)]


async def test_a_notice_for_one_person_is_ephemeral(here: Scene) -> None:
    """In a group where the bot may, only that person sees it."""
    assert await here.messenger.notice(here.room, alone(here), "k") is None
    (whisper,) = here.service.ephemerals(here.room.chat)
    assert whisper["text"] == "the code"
    assert whisper["receiver_user"]["id"] == here.ann["id"]
    assert texts(here, here.room.chat) == []


async def test_else_it_goes_to_the_person_in_private(here: Scene) -> None:
    """Where nothing ephemeral goes, the person reads it in the private chat."""
    here.service.demote(here.room.chat, here.service.bot["id"])
    here.service.start_private(here.ann["id"])
    assert await here.messenger.notice(here.room, alone(here), "k") is None
    assert texts(here, here.ann["id"]) == ["the code"]
    assert texts(here, here.room.chat) == []


async def test_else_the_room_is_told_without_it(here: Scene) -> None:
    """Who cannot be written to in private is told in the room, without the secret."""
    here.service.demote(here.room.chat, here.service.bot["id"])
    ref = await here.messenger.notice(here.room, alone(here), "k")
    assert ref is not None
    assert texts(here, here.room.chat) == ["Ann, write to me first"]
    with pytest.raises(PermanentError):
        await here.messenger.notice(here.room, alone(here, or_else=False), "k")


async def test_an_old_server_shows_no_secret_for_long(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that knows no ephemeral messages has the message taken back at once."""
    from matebot.telegram import outgoing

    here.service.start_private(here.ann["id"])
    # An old server ignores the parameter: as if it had not been sent.
    monkeypatch.setattr(outgoing, "EphemeralMessageParameters", lambda **_: None)
    assert await here.messenger.notice(here.room, alone(here), "k") is None
    assert texts(here, here.room.chat) == []
    assert texts(here, here.ann["id"]) == ["the code"]


async def test_find_tells_ours_from_others(here: Scene) -> None:
    """What we posted after an id is found, in order, others' and deleted messages are not."""
    chat = here.room.chat
    first = await send(here, "known")
    here.service.say(here.bob["id"], chat, "between")
    lost = await send(here, "lost")
    gone = await send(here, "gone")
    await here.messenger.delete(gone)
    here.service.say(here.bob["id"], chat, "later")
    last = await send(here, "last")
    before = here.service.messages(chat)
    assert await here.messenger.find(here.room, first.message_id, ()) == [lost, last]
    assert await here.messenger.find(here.room, last.message_id, ()) == []
    assert here.service.messages(chat) == before


async def test_find_looks_behind_many_deleted_messages(here: Scene) -> None:
    """However many are deleted before a message that is known, ours behind them is found."""
    chat = here.room.chat
    first = await send(here, "known")
    for _ in range(30):
        said = here.service.say(here.bob["id"], chat, "gone")
        here.service.delete(chat, said["message_id"])
    lost = await send(here, "lost")
    later = here.service.say(here.bob["id"], chat, "later")["message_id"]
    assert await here.messenger.find(here.room, first.message_id, {later}) == [lost]


async def test_find_leaves_buttons_alone(here: Scene) -> None:
    """A notice of ours is found without its buttons being taken away."""
    ref = await here.messenger.notice(here.room, QUESTION, "k")
    assert ref is not None
    assert await here.messenger.find(here.room, ref.message_id - 1, ()) == [ref]
    posted = here.service.message(here.room.chat, ref.message_id)
    assert posted is not None
    assert "reply_markup" in posted


async def test_find_leaves_buttons_alone_after_a_restart(here: Scene) -> None:
    """Nothing is remembered of what was posted; what is looked for is."""
    ref = await here.messenger.notice(here.room, QUESTION, "k")
    assert ref is not None
    before = here.service.message(here.room.chat, ref.message_id)
    anew = TelegramMessenger(here.bot, WORDS, here.uploads)
    assert await anew.find(here.room, ref.message_id - 1, (), notice=QUESTION) == [ref]
    assert before is not None
    assert "reply_markup" in before
    assert here.service.message(here.room.chat, ref.message_id) == before


async def test_find_gives_nobody_the_buttons_of_a_question_to_one_person(here: Scene) -> None:
    """What was said to all in its place has none."""
    instead = replace(QUESTION, only_for=here.bob["id"], or_else=plain("Write to me first."))
    ref = await here.messenger.notice(here.room, replace(QUESTION, buttons=()), "k")
    assert ref is not None
    before = here.service.message(here.room.chat, ref.message_id)
    found = await here.messenger.find(here.room, ref.message_id - 1, (), notice=instead)
    assert found == [ref]
    assert here.service.message(here.room.chat, ref.message_id) == before


async def test_find_looks_behind_what_was_said_in_another_basic_group() -> None:
    """Both number their messages together, so that here many are missing."""
    async with scene(kind="group") as here:
        other = here.service.add_group("Others", kind="group")
        here.service.join(other["id"], here.bob["id"])
        first = await send(here, "known")
        for number in range(60):
            here.service.say(here.bob["id"], other["id"], f"elsewhere {number}")
        lost = await send(here, "lost")
        assert lost.message_id > first.message_id + 60
        assert await here.messenger.find(here.room, first.message_id, ()) == [lost]


async def test_find_looks_behind_much_that_is_not_bridged(here: Scene) -> None:
    """As in a group of which one topic alone is bridged."""
    first = await send(here, "known")
    for number in range(205):
        here.service.say(here.bob["id"], here.room.chat, f"other things {number}")
    lost = await send(here, "lost")
    assert await here.messenger.find(here.room, first.message_id, ()) == [lost]


async def test_find_waits_as_told(here: Scene) -> None:
    """A limit met on the way is waited for; one that takes too long is passed on."""
    ref = await send(here, "x")
    slow = Fault("status", "editMessageReplyMarkup", status=429, retry_after_s=1)
    here.service.faults.add(slow)
    assert await here.messenger.find(here.room, ref.message_id - 1, ()) == [ref]
    here.service.faults.add(
        Fault("status", "editMessageReplyMarkup", status=429, retry_after_s=900)
    )
    with pytest.raises(TemporaryError):
        await here.messenger.find(here.room, ref.message_id - 1, ())


async def test_find_in_a_channel_takes_nothing_of_others() -> None:
    """Where we may edit everybody's posts, none is taken for ours."""
    async with scene(kind="channel") as here:
        here.service.say(here.ann["id"], here.room.chat, "theirs")
        await send(here, "ours")
        found = await here.messenger.find(here.room, 0, ())
        theirs = [m for m in here.service.messages(here.room.chat) if m.get("text") == "theirs"]
        assert theirs[0]["message_id"] not in [ref.message_id for ref in found]


async def test_rooms(here: Scene) -> None:
    """Who decides in a room, and what it is called, is asked of the service."""
    rooms = TelegramRooms(here.bot)
    assert await rooms.is_admin(here.room, here.ann["id"])
    assert not await rooms.is_admin(here.room, here.bob["id"])
    assert not await rooms.is_admin(here.room, 424242)
    assert await rooms.title(here.room) == "Friends"
    assert await rooms.title(Room.telegram(here.room.chat, 5)) == "Friends › 5"
    assert len(here.service.calls_of("getChat")) == 1
    assert await rooms.title(Room.telegram(-100999)) == "telegram:-100999"
    await here.service.stop_listening()
    with pytest.raises(TemporaryError):
        await rooms.is_admin(here.room, here.ann["id"])


async def test_what_is_refused_with_its_formatting_arrives_without(here: Scene) -> None:
    """A rule that nobody knew costs the formatting alone, in a post and in an edit."""
    messenger, odd = here.messenger, (Entity("text_link", 0, 3, url=""),)
    (ref,) = await messenger.send(here.room, [TelegramPart("odd", odd)], "key")
    assert texts(here, here.room.chat) == ["odd"]
    await messenger.edit(ref, TelegramPart("odder", odd))
    assert texts(here, here.room.chat) == ["odder"]
    with pytest.raises(PermanentError):
        await messenger.send(here.room, [TelegramPart(" ")], "key")


def test_it_is_a_messenger() -> None:
    """The class fills the port."""
    from matebot.core.ports import Messenger, Rooms

    messenger: type[Messenger[TelegramPart]] = TelegramMessenger
    rooms: type[Rooms] = TelegramRooms
    assert messenger
    assert rooms


RICH = TelegramPart("Zoë\nBig", rich="<p>Zoë</p><h1>Big</h1>")


def kept(here: Scene, ref: MessageRef) -> dict[str, Any]:
    """A message as it stands."""
    found = here.service.message(here.room.chat, ref.message_id)
    assert found is not None
    return found


async def test_rich_messages_are_posted_and_edited(here: Scene) -> None:
    """A rich part is a native rich message, stays one, and may become a text and back."""
    (ref,) = await here.messenger.send(here.room, [RICH], "k")
    assert [block["type"] for block in kept(here, ref)["rich_message"]["blocks"]] == [
        "paragraph",
        "heading",
    ]
    await here.messenger.edit(ref, RICH)
    await here.messenger.edit(ref, TelegramPart("Zoë\nx", rich="<p>Zoë</p><h2>x</h2>"))
    assert kept(here, ref)["rich_message"]["blocks"][1]["size"] == 2
    await here.messenger.edit(ref, TelegramPart("plain"))
    assert kept(here, ref)["text"] == "plain"
    await here.messenger.edit(ref, RICH)
    assert "text" not in kept(here, ref)
    assert await here.messenger.find(here.room, ref.message_id - 1, ()) == [ref]


async def test_a_server_without_rich_messages_is_asked_once(here: Scene) -> None:
    """Where the method is unknown, everything goes out plainly from then on."""
    here.service.faults.add(Fault("status", "sendRichMessage", status=404))
    for number in (1, 2):
        (ref,) = await here.messenger.send(here.room, [RICH], "k")
        assert kept(here, ref)["text"] == RICH.text
        assert len(here.service.calls_of("sendRichMessage")) == 1, number
    await here.messenger.edit(ref, TelegramPart("Zoë\nx", rich="<h1>x</h1>"))
    assert kept(here, ref)["text"] == "Zoë\nx"


async def test_a_refused_rich_message_is_said_plainly(here: Scene) -> None:
    """One refusal is about that message alone; a missing right is no reason to try on."""
    broken = TelegramPart("words", rich="<table></table>")
    (ref,) = await here.messenger.send(here.room, [broken], "k")
    assert kept(here, ref)["text"] == "words"
    await here.messenger.edit(ref, TelegramPart("other", rich="<table></table>"))
    assert kept(here, ref)["text"] == "other"
    (ref,) = await here.messenger.send(here.room, [RICH], "k")
    assert "rich_message" in kept(here, ref)
    here.service.mute_bot(here.room.chat)
    here.service.demote(here.room.chat, here.bot.id)
    with pytest.raises(NoAccess):
        await here.messenger.send(here.room, [RICH], "k")


async def test_an_edit_of_a_rich_message_that_cannot_become_text(here: Scene) -> None:
    """Where the server keeps the kind, the text is said as a rich message."""
    (ref,) = await here.messenger.send(here.room, [RICH], "k")
    here.service.faults.add(Fault("status", "editMessageText", status=400))
    await here.messenger.edit(ref, TelegramPart("Zoë\nplain"))
    (paragraph,) = kept(here, ref)["rich_message"]["blocks"]
    assert paragraph["text"] == "Zoë\nplain"


async def test_quotes(here: Scene) -> None:
    """An answer quotes; a quote that the server refuses is left out, and nothing else is."""
    said = here.service.say(here.bob["id"], here.room.chat, "one two three")
    part = TelegramPart("yes", (Entity("bold", 0, 3),), said["message_id"], quote="two")
    (ref,) = await here.messenger.send(here.room, [part], "k")
    assert kept(here, ref)["quote"]["text"] == "two"
    (ref,) = await here.messenger.send(
        here.room, [msgspec.structs.replace(part, quote="four")], "k"
    )
    assert "quote" not in kept(here, ref)
    assert kept(here, ref)["reply_to_message"]["message_id"] == said["message_id"]
    assert kept(here, ref)["entities"]


async def test_previews(here: Scene) -> None:
    """A suppressed preview stays so through an edit, and comes back when it is wanted."""
    part = TelegramPart("https://x.org", preview=False)
    (ref,) = await here.messenger.send(here.room, [part], "k")
    assert kept(here, ref)["link_preview_options"] == {"is_disabled": True}
    await here.messenger.edit(ref, TelegramPart("https://x.org"))
    assert "link_preview_options" not in kept(here, ref)
