"""What a Telegram update means besides texts: pins, forwards, reactions, what happened."""

from typing import Any

import pytest
from aiogram.types import Message as Native

from matebot.core.events import CROWD, How, Pinned, Posted, Reacted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Emoji, Forward, Happening, Message
from matebot.core.richtext import DateTime, RichText, Span
from matebot.telegram.service_notes import LEFT_OUT, duration, service_of
from tests.telegram.updates import ANN, BOT, FORUM, GROUP, message, parse_raw, parsed

ROOM = Room.telegram(-1001)
CHANNEL: dict[str, Any] = {"id": -1009, "type": "channel", "title": "News", "username": "news"}
CY: dict[str, Any] = {"id": 9, "is_bot": False, "first_name": "Cy"}
FILE: dict[str, Any] = {"file_id": "f", "file_unique_id": "u"}


def said(**fields: Any) -> Message:
    """The message of an update that is relayed."""
    (event,) = parsed(**fields).events
    assert isinstance(event, Posted)
    return event.message


def replied(**fields: Any) -> dict[str, Any]:
    """A message that is named by another."""
    return {**message(**fields), "message_id": 7}


@pytest.mark.parametrize(
    ("pinned", "room"),
    [
        (replied(text="p"), ROOM),
        (
            replied(text="p", chat=FORUM, message_thread_id=4, is_topic_message=True),
            Room.telegram(-1001, 4),
        ),
        ({"chat": GROUP, "message_id": 7, "date": 0}, ROOM),
    ],
    ids=["group", "topic", "no-longer-accessible"],
)
def test_a_pin_names_what_is_pinned(pinned: dict[str, Any], room: Room) -> None:
    """The service message of a pin becomes the pin and is no message itself."""
    assert parsed(pinned_message=pinned).events == (Pinned(MessageRef(room, 7), pinned=True),)


@pytest.mark.parametrize(
    ("origin", "forward"),
    [
        ({"type": "user", "sender_user": ANN}, Forward("Ann Lee", "https://t.me/ann")),
        (
            {"type": "user", "sender_user": {"id": 9, "is_bot": False, "first_name": "Cy"}},
            Forward("Cy"),
        ),
        ({"type": "hidden_user", "sender_user_name": "Someone"}, Forward("Someone")),
        (
            {"type": "chat", "sender_chat": GROUP, "author_signature": "Boss"},
            Forward("Friends (Boss)"),
        ),
        (
            {"type": "channel", "chat": CHANNEL, "message_id": 3},
            Forward("News", "https://t.me/news/3"),
        ),
        (
            {"type": "channel", "chat": {"id": -100123, "type": "channel", "title": "P"},
             "message_id": 3},
            Forward("P", "https://t.me/c/123/3"),
        ),
    ],
)  # fmt: skip
def test_forwards(origin: dict[str, Any], forward: Forward) -> None:
    """What is passed on names where it comes from, with the address if it has one."""
    assert said(text="x", forward_origin={"date": 1, **origin}).forward == forward


def test_a_linked_channels_post_is_its_own() -> None:
    """What the linked channel posts by itself in its group was not passed on by anybody."""
    origin = {"type": "channel", "date": 1, "chat": CHANNEL, "message_id": 3}
    post = said(text="x", sender_chat=CHANNEL, is_automatic_forward=True, forward_origin=origin)
    assert post.forward is None
    assert post.author.name == "News"


def test_protection_and_previews_are_told() -> None:
    """The wish not to be passed on, and links without a preview, cross as they are."""
    plain = said(text="x", link_preview_options={"url": "https://example.org/"})
    assert (plain.protected, plain.preview) == (False, True)
    shy = said(text="x", has_protected_content=True, link_preview_options={"is_disabled": True})
    assert (shy.protected, shy.preview) == (True, False)


def reaction(**fields: Any) -> Any:
    """What an update means with which Ann, or somebody else, reacts to message 7."""
    about = {"chat": FORUM, "message_id": 7, "date": 1, "old_reaction": [], "user": ANN}
    return parse_raw({"message_reaction": {**about, **fields}})


THUMB = {"type": "emoji", "emoji": "👍"}


@pytest.mark.parametrize(
    ("fields", "person", "emoji"),
    [
        ({"new_reaction": [THUMB]}, 5, (Emoji("👍"),)),
        ({"new_reaction": []}, 5, ()),
        (
            {"new_reaction": [THUMB, {"type": "custom_emoji", "custom_emoji_id": "5"}]},
            5,
            (Emoji("👍"), Emoji("", "5")),
        ),
        ({"new_reaction": [{"type": "paid"}]}, 5, (Emoji("⭐"),)),
        ({"user": None, "actor_chat": GROUP, "new_reaction": [THUMB]}, -1001, (Emoji("👍"),)),
    ],
    ids=["one", "taken-back", "custom", "paid", "anonymous"],
)
def test_reactions(fields: dict[str, Any], person: int, emoji: tuple[Emoji, ...]) -> None:
    """All that a person reacts with now, wherever in the chat the message stands."""
    assert reaction(**fields).events == (Reacted(MessageRef(ROOM, 7), person, emoji, How.ARE),)


def test_reactions_without_names_are_the_channels_own() -> None:
    """Of a channel's reactions only the number is told: a crowd, which may decide nothing."""
    counts = [
        {"type": THUMB, "total_count": 40},
        {"type": {"type": "emoji", "emoji": "🔥"}, "total_count": 0},
    ]
    about = {"chat": CHANNEL, "message_id": 7, "date": 1, "reactions": counts}
    ref = MessageRef(Room.telegram(-1009), 7)
    expected = (Reacted(ref, CROWD, (Emoji("👍"),), How.ARE),)
    assert parse_raw({"message_reaction_count": about}).events == expected


LIST = {
    "title": "Shop",
    "tasks": [{"id": 1, "text": "Milk"}, {"id": 2, "text": "Bread"}],
}


@pytest.mark.parametrize(
    ("fields", "happening", "text"),
    [
        ({"new_chat_members": [BOT, ANN, CY]}, Happening.JOINED, "Ann Lee, Cy"),
        ({"left_chat_member": CY}, Happening.LEFT, "Cy"),
        ({"new_chat_title": "New"}, Happening.TITLE, "New"),
        ({"forum_topic_edited": {"name": "Cats"}}, Happening.TITLE, "Cats"),
        (
            {"new_chat_photo": [{**FILE, "width": 1, "height": 1}]},
            Happening.GROUP_PHOTO,
            "",
        ),
        ({"delete_chat_photo": True}, Happening.NO_GROUP_PHOTO, ""),
        ({"boost_added": {"boost_count": 4}}, Happening.GROUP_BOOSTS, "4"),
        ({"video_chat_started": {}}, Happening.VIDEO_CHAT, ""),
        ({"video_chat_ended": {"duration": 3725}}, Happening.VIDEO_CHAT_ENDED, "1:02:05"),
        (
            {"video_chat_participants_invited": {"users": [ANN, CY]}},
            Happening.VIDEO_CHAT_INVITED,
            "Ann Lee, Cy",
        ),
        (
            {"forum_topic_created": {"name": "Cats", "icon_color": 1}},
            Happening.TOPIC_OPENED,
            "Cats",
        ),
        ({"forum_topic_closed": {}}, Happening.TOPIC_CLOSED, ""),
        ({"forum_topic_reopened": {}}, Happening.TOPIC_REOPENED, ""),
        (
            {"message_auto_delete_timer_changed": {"message_auto_delete_time": 604800}},
            Happening.AUTO_DELETE,
            "7 × 24:00:00",
        ),
        (
            {"message_auto_delete_timer_changed": {"message_auto_delete_time": 0}},
            Happening.NO_AUTO_DELETE,
            "",
        ),
        ({"chat_owner_changed": {"new_owner": CY}}, Happening.OWNER, "Cy"),
        ({"chat_owner_left": {}}, Happening.OWNER_LEFT, ""),
        (
            {
                "checklist_tasks_done": {
                    "checklist_message": replied(checklist=LIST),
                    "marked_as_done_task_ids": [2, 8],
                }
            },
            Happening.TASKS_DONE,
            "Bread; № 8",
        ),
        (
            {"checklist_tasks_done": {"marked_as_not_done_task_ids": [1]}},
            Happening.TASKS_UNDONE,
            "№ 1",
        ),
        (
            {"checklist_tasks_added": {"tasks": LIST["tasks"]}},
            Happening.TASKS_ADDED,
            "Milk; Bread",
        ),
        (
            {"poll_option_added": {"option_persistent_id": "1", "option_text": "Tea"}},
            Happening.OPTION_ADDED,
            "Tea",
        ),
        (
            {"proximity_alert_triggered": {"traveler": ANN, "watcher": CY, "distance": 40}},
            Happening.NEARBY,
            "Ann Lee, Cy (40 m)",
        ),
        ({"giveaway_created": {}}, Happening.GIVEAWAY, ""),
        ({"giveaway_completed": {"winner_count": 3}}, Happening.GIVEAWAY_ENDED, "3"),
    ],
)
def test_what_the_service_reports_is_told(
    fields: dict[str, Any], happening: Happening, text: str
) -> None:
    """What people elsewhere would miss becomes a happening with its details."""
    told = said(**fields)
    assert (told.happening, told.text.text, told.author.name) == (happening, text, "Ann Lee")
    assert told.ref == MessageRef(ROOM, 10)


def test_a_planned_video_chat_is_told_in_the_readers_time() -> None:
    """The moment is one that each reader sees in their own time zone."""
    shown = "2023-11-14 22:13 UTC"
    assert said(video_chat_scheduled={"start_date": 1_700_000_000}).text == RichText(
        shown, (Span(0, len(shown), DateTime(1_700_000_000, "f")),)
    )


def test_a_topics_new_picture_is_not_told() -> None:
    """Only a topic's new name shows elsewhere."""
    change = {"icon_custom_emoji_id": "5"}
    assert parsed(forum_topic_edited=change).ignored == "service:forum_topic_edited"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "0:05"), (245, "4:05"), (3600, "1:00:00"), (86_400, "24:00:00"), (90_000, "25:00:00")],
)
def test_durations(seconds: int, text: str) -> None:
    """Lengths of time are told as a clock shows them."""
    assert duration(seconds) == text


def test_what_is_left_out_is_a_service_message_of_this_bot_api() -> None:
    """The table names fields that exist, and takes no text for one of them."""
    assert set(LEFT_OUT) <= set(Native.model_fields)
    assert service_of(Native.model_validate(message(text="x"))) is None
