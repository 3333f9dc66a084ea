from typing import Any

import pytest

from matebot.core.events import Edited, Moved, Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import AttachmentKind, Author, Message, Reply
from matebot.core.richtext import Bold, RichText, Span
from tests.telegram.updates import (
    ANN,
    BOT,
    FORUM,
    GROUP,
    command_entity,
    message,
    parse_raw,
    parsed,
)

ROOM = Room.telegram(-1001)
CHANNEL: dict[str, Any] = {"id": -1009, "type": "channel", "title": "News", "username": "news"}
FILE: dict[str, Any] = {"file_id": "f", "file_unique_id": "u"}
SIZED: dict[str, Any] = {**FILE, "file_size": 2048}


def said(**fields: Any) -> Message:
    """The message of an update that is relayed."""
    (event,) = parsed(**fields).events
    assert isinstance(event, Posted)
    return event.message


def test_a_text_is_posted_whole() -> None:
    """Place, author, formatting and time of an ordinary text arrive."""
    bold = {"type": "bold", "offset": 3, "length": 2}
    assert said(text="🙂 hi", entities=[bold]) == Message(
        ref=MessageRef(ROOM, 10),
        author=Author(5, "Ann Lee", "ann"),
        text=RichText("🙂 hi", (Span(2, 4, Bold()),)),
        sent_at=1_700_000_000.0,
    )


@pytest.mark.parametrize("kind", ["edited_message", "edited_channel_post"])
def test_an_edit_is_the_message_as_it_is_now(kind: str) -> None:
    """An edit of a text or a caption carries the whole message."""
    (event,) = parsed(kind, caption="new", photo=[{**SIZED, "width": 1, "height": 1}]).events
    assert isinstance(event, Edited)
    assert event.message.text == RichText("new")
    assert [a.kind for a in event.message.attachments] == [AttachmentKind.PHOTO]


@pytest.mark.parametrize(
    ("fields", "room"),
    [
        ({"chat": GROUP, "message_thread_id": 4}, ROOM),
        ({"chat": FORUM}, Room.telegram(-1001, 1)),
        (
            {"chat": FORUM, "message_thread_id": 42, "is_topic_message": True},
            Room.telegram(-1001, 42),
        ),
        ({"chat": FORUM, "message_thread_id": 42}, Room.telegram(-1001, 1)),
    ],
    ids=["comment-thread", "general", "topic", "reply-in-general"],
)
def test_rooms(fields: dict[str, Any], room: Room) -> None:
    """A forum's topics are rooms of their own, General is topic 1, threads elsewhere are none."""
    assert said(text="x", **fields).ref.room == room


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({}, Author(5, "Ann Lee", "ann")),
        ({"from": {**ANN, "last_name": None}}, Author(5, "Ann", "ann")),
        ({"from": {"id": 6, "is_bot": False, "first_name": ""}}, Author(6, "Deleted Account")),
        ({"from": {"id": 6, "is_bot": False, "first_name": "\u3164"}}, Author(6, "User 6")),
        ({"from": {**ANN, "first_name": "\u200b", "last_name": None}}, Author(5, "ann", "ann")),
        (
            {"from": {"id": 8, "is_bot": True, "first_name": "Poller", "username": "pollbot"}},
            Author(8, "Poller", "pollbot", is_bot=True),
        ),
        ({"sender_chat": GROUP}, Author(-1001, "Friends")),
        (
            {"sender_chat": GROUP, "author_signature": "Boss"},
            Author(-1001, "Friends (Boss)"),
        ),
        (
            {"sender_chat": CHANNEL, "is_automatic_forward": True},
            Author(-1009, "News", "news"),
        ),
        (
            {"via_bot": {"id": 9, "is_bot": True, "first_name": "Gif", "username": "gif"}},
            Author(5, "Ann Lee via @gif", "ann"),
        ),
        (
            {
                "sender_business_bot": {
                    "id": 9,
                    "is_bot": True,
                    "first_name": "Desk",
                    "username": "desk",
                }
            },
            Author(5, "Ann Lee via @desk", "ann"),
        ),
    ],
    ids=[
        "full-name",
        "first-name",
        "deleted",
        "filler-name",
        "invisible-name",
        "bot",
        "anonymous-admin",
        "anonymous-title",
        "linked-channel",
        "via-bot",
        "business-bot",
    ],
)
def test_authors(fields: dict[str, Any], author: Author) -> None:
    """Everybody who can speak has a sensible name."""
    assert said(text="x", **fields).author == author


def test_a_signed_channel_post_names_channel_and_author() -> None:
    """A channel speaks under its title, with the signature of who wrote."""
    fields = {"chat": CHANNEL, "from": None, "sender_chat": CHANNEL, "author_signature": "Jo"}
    (event,) = parsed("channel_post", text="x", **fields).events
    assert isinstance(event, Posted)
    assert event.message.author == Author(-1009, "News (Jo)", "news")
    assert event.message.ref == MessageRef(Room.telegram(-1009), 10)


def replied(**fields: Any) -> dict[str, Any]:
    """A message that is answered."""
    return {**message(**fields), "message_id": 7}


@pytest.mark.parametrize(
    ("fields", "reply"),
    [
        (
            {"reply_to_message": replied(text="first  words")},
            Reply(MessageRef(ROOM, 7), "Ann Lee", 5, "first words"),
        ),
        (
            {
                "reply_to_message": replied(text="first words"),
                "quote": {"text": "words", "position": 6, "is_manual": True},
            },
            Reply(MessageRef(ROOM, 7), "Ann Lee", 5, "first words", quote="words"),
        ),
        (
            {
                "reply_to_message": replied(text="first words"),
                "quote": {"text": "first words", "position": 0},
            },
            Reply(MessageRef(ROOM, 7), "Ann Lee", 5, "first words"),
        ),
        (
            {
                "reply_to_message": replied(
                    **{"from": BOT},
                    text="Zoë\nhello",
                    entities=[{"type": "bold", "offset": 0, "length": 3}],
                )
            },
            Reply(MessageRef(ROOM, 7), "Zoë", 0, "hello"),
        ),
        (
            {
                "reply_to_message": replied(
                    forum_topic_created={"name": "Cats", "icon_color": 1},
                )
            },
            None,
        ),
        (
            {
                "external_reply": {
                    "origin": {"type": "user", "date": 1, "sender_user": ANN},
                    "chat": CHANNEL,
                    "message_id": 3,
                },
                "quote": {"text": "far away", "position": 0},
            },
            Reply(MessageRef(Room.telegram(-1009), 3), "Ann Lee", 0, "far away"),
        ),
        (
            {
                "external_reply": {
                    "origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Someone"},
                }
            },
            Reply(MessageRef(ROOM, 0), "Someone"),
        ),
        (
            {"reply_to_story": {"chat": CHANNEL, "id": 1}},
            Reply(MessageRef(ROOM, 0), "News", -1009, "📖"),
        ),
    ],
    ids=[
        "plain",
        "quote",
        "automatic-quote",
        "to-our-copy",
        "topic-root",
        "elsewhere",
        "hidden",
        "story",
    ],
)
def test_replies(fields: dict[str, Any], reply: Reply | None) -> None:
    """What is answered is named by place, author and words; a topic's root is no answer."""
    assert said(text="x", **fields).reply == reply


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"new_chat_members": [BOT]}, "service:new_chat_members"),
        ({"left_chat_member": BOT}, "service:left_chat_member"),
        ({"supergroup_chat_created": True}, "service:supergroup_chat_created"),
        ({"general_forum_topic_hidden": {}}, "service:general_forum_topic_hidden"),
        ({"text": "psst", "ephemeral_message_id": 3, "message_id": 0}, "ephemeral"),
        ({"text": "echo", "from": BOT}, "own"),
        ({"pinned_message": replied(text="p"), "from": BOT}, "own"),
    ],
)
def test_what_is_left_out_says_why(fields: dict[str, Any], reason: str) -> None:
    """What is not relayed by decision is named, so that it is counted."""
    assert parsed(**fields) == (((), None, None, reason))
    assert parsed("edited_message", **fields).ignored == reason


def test_an_edit_of_what_happened_changes_nothing() -> None:
    """What the service reports happened once, whatever its message says later."""
    assert parsed("edited_message", new_chat_title="New").ignored == "service:new_chat_title"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {
                "message_reaction": {
                    "chat": GROUP,
                    "message_id": 1,
                    "date": 1,
                    "user": BOT,
                    "old_reaction": [],
                    "new_reaction": [{"type": "emoji", "emoji": "👍"}],
                }
            },
            "reaction",
        ),
        (
            {
                "my_chat_member": {
                    "chat": GROUP,
                    "from": ANN,
                    "date": 1,
                    "old_chat_member": {"status": "member", "user": BOT},
                    "new_chat_member": {"status": "kicked", "user": BOT, "until_date": 0},
                }
            },
            "my_chat_member:kicked",
        ),
        ({"hologram": {"a": 1}}, "update:hologram"),
        ({}, "update:empty"),
    ],
)
def test_other_updates_are_counted(fields: dict[str, Any], reason: str) -> None:
    """Updates that the bridge does not act on are named, tomorrow's too."""
    assert parse_raw(fields).ignored == reason


@pytest.mark.parametrize(
    "fields", [{"chat": {**GROUP, "id": -5}, "migrate_to_chat_id": -1001},
               {"migrate_from_chat_id": -5}]
)  # fmt: skip
def test_a_migration_is_told_by_both_chats(fields: dict[str, Any]) -> None:
    """Either service message of a migration says where the chat went."""
    assert parsed(**fields).events == (Moved(Room.telegram(-5), ROOM),)


@pytest.mark.parametrize(
    ("text", "length", "name", "argument"),
    [
        ("/bridge", 7, "bridge", ""),
        ("/Bridge@MateBot  ABCD-EFGH ", 15, "bridge", "ABCD-EFGH"),
        ("/help\nme", 5, "help", "me"),
    ],
)
def test_commands_of_ours(text: str, length: int, name: str, argument: str) -> None:
    """A known command, bare or addressed to us, is a call with its argument."""
    call = parsed(text=text, entities=command_entity(length)).command
    assert call is not None
    assert (call.name, call.argument, call.room) == (name, argument, ROOM)
    assert call.caller == Author(5, "Ann Lee", "ann")
    assert (call.caller_is_admin, call.anonymous, call.private) == (False, False, False)
    assert (call.message_id, call.locale) == (10, "pt-br")


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/bridge@otherbot", command_entity(16)),
        ("/weather", command_entity(8)),
        ("/bridge", []),
        ("say /bridge", [{"type": "bot_command", "offset": 4, "length": 7}]),
    ],
    ids=["other-bot", "unknown", "no-entity", "inside"],
)
def test_other_commands_are_text(text: str, entities: list[dict[str, Any]]) -> None:
    """What is no command of ours is said like any text."""
    assert said(text=text, entities=entities).text.text == text


def test_an_anonymous_administrator_is_known_as_one() -> None:
    """Who speaks as the group is an administrator without a face; another channel is not."""
    command: dict[str, Any] = {"text": "/bridge", "entities": command_entity(7)}
    as_group = parsed(**command, sender_chat=GROUP).command
    as_channel = parsed(**command, sender_chat=CHANNEL).command
    assert as_group is not None
    assert as_channel is not None
    assert (as_group.anonymous, as_group.caller_is_admin) == (True, True)
    assert (as_channel.anonymous, as_channel.caller_is_admin) == (True, False)


def test_a_command_says_what_it_answers() -> None:
    """The message that a command answers is named; a topic's root is none."""
    command: dict[str, Any] = {"text": "/bridge", "entities": command_entity(7)}
    answer = parsed(**command, reply_to_message=replied(text="x")).command
    root = replied(forum_topic_created={"name": "Cats", "icon_color": 1})
    in_topic = parsed(**command, reply_to_message=root).command
    assert answer is not None
    assert in_topic is not None
    assert (answer.reply_to, in_topic.reply_to) == (7, None)


def test_an_ephemeral_command_is_a_command() -> None:
    """A command that only the bot sees is answered, though nothing ephemeral is relayed."""
    entities = command_entity(7)
    result = parsed(text="/bridge", entities=entities, message_id=0, ephemeral_message_id=4)
    assert result.command is not None
    assert result.command.message_id is None


def test_a_command_edited_into_a_text_is_left_out() -> None:
    """Commands are not relayed, not even as the edit of something else."""
    result = parsed("edited_message", text="/bridge", entities=command_entity(7))
    assert result.ignored == "edited-command"


def test_a_press_names_who_and_where() -> None:
    """A button's press carries its action, the room and the person."""
    query = {"id": "q", "from": ANN, "chat_instance": "c", "data": "pair:yes:1"}
    press = parse_raw({"callback_query": {**query, "message": message(text="?", chat=FORUM)}}).press
    ann = Author(5, "Ann Lee", "ann")
    assert press == ("q", "pair:yes:1", Room.telegram(-1001, 1), ann, 10)
    old = {"chat": GROUP, "message_id": 3, "date": 0}
    assert parse_raw({"callback_query": {**query, "message": old}}).press is not None
    assert parse_raw({"callback_query": query}).ignored == "press:elsewhere"
