"""What Discord itself tells: system messages, reactions, pins, planned events."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import discord
import pytest

from matebot.core.events import How, Reacted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Emoji, Happening
from matebot.core.richtext import DateTime, Link
from matebot.discord.marks import PinStates, reacted
from matebot.discord.markup import Names
from matebot.discord.system import (
    Told,
    called_off,
    event_room,
    happened,
    planned,
    told_by,
)
from tests.discord.test_parse import message, user

Json = dict[str, Any]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def told(**more: Any) -> Told:
    """What a system message tells."""
    made = message(**more)
    return told_by(made, Names(), made.author.display_name)


RESULT = [
    {"name": "poll_question_text", "value": "Mate?"},
    {"name": "victor_answer_id", "value": "1"},
    {"name": "victor_answer_text", "value": "Yes"},
    {"name": "victor_answer_votes", "value": "3"},
    {"name": "total_votes", "value": "5"},
]
REFERENCE = {"type": 0, "message_id": "9", "channel_id": "500"}


@pytest.mark.parametrize(
    ("more", "happening", "text"),
    [
        ({"type": 1, "mentions": [user(8, global_name="Bo")]}, Happening.JOINED, "Bo"),
        ({"type": 2, "mentions": [user(8, global_name="Bo")]}, Happening.LEFT, "Bo"),
        ({"type": 4, "content": "new *name*"}, Happening.TITLE, "new *name*"),
        ({"type": 7}, Happening.JOINED, "user7"),
        ({"type": 8}, Happening.BOOST, ""),
        ({"type": 8, "content": "3"}, Happening.BOOSTS, "3"),
        ({"type": 10}, Happening.BOOST_LEVEL, "2"),
        ({"type": 12, "content": "News #all"}, Happening.FOLLOW, "News #all"),
        ({"type": 18, "content": "side talk"}, Happening.THREAD, "side talk"),
        ({"type": 27, "content": "Live"}, Happening.STAGE_START, "Live"),
        ({"type": 28, "content": "Live"}, Happening.STAGE_END, "Live"),
        ({"type": 29}, Happening.STAGE_SPEAKER, ""),
        ({"type": 31, "content": "Tea"}, Happening.STAGE_TOPIC, "Tea"),
        ({"type": 37}, Happening.OTHER, "user7 disabled security actions."),
        ({"type": 24, "embeds": [{"type": "auto_moderation_message", "description": "bad words",
          "fields": [{"name": "rule_name", "value": "Spam"}]}]},
         Happening.OTHER, "AutoMod: Spam"),
        ({"type": 46, "message_reference": REFERENCE,
          "embeds": [{"type": "poll_result", "fields": RESULT}]},
         Happening.POLL_ENDED, "Mate? Yes (3/5)"),
        ({"type": 46, "message_reference": REFERENCE,
          "embeds": [{"type": "poll_result", "fields": [RESULT[0]]}]},
         Happening.POLL_ENDED, "Mate? (0/0)"),
        ({"type": 13}, Happening.OTHER, "guild stream"),
        ({"type": 32}, Happening.OTHER, "guild application premium subscription"),
        ({"type": 1234}, Happening.OTHER, "unknown 1234"),
    ],
)  # fmt: skip
def test_what_is_told(more: Json, happening: Happening, text: str) -> None:
    """Each kind of system message has its happening and its details; none is an empty line."""
    found = told(**more)
    assert (found.happening, found.text.text) == (happening, text)


def test_what_is_unknown_leads_to_its_original() -> None:
    """A kind without words is a link to the message."""
    (span,) = told(type=1234).text.spans
    assert isinstance(span.style, Link)
    assert span.style.url.startswith("https://discord.com/channels/")


def action(kind: str, **emoji: Any) -> discord.RawReactionActionEvent:
    """A reaction as the gateway tells it."""
    data: Any = {"message_id": "3", "channel_id": "500", "user_id": "7", "type": 0}
    partial = discord.PartialEmoji(**emoji)
    made: Any = discord.RawReactionActionEvent
    event: discord.RawReactionActionEvent = made(data, partial, kind)
    return event


def test_reactions() -> None:
    """Set, taken back, cleared whole and by emoji; a custom one has its id."""
    ref = MessageRef(Room.discord(500), 3)
    thumb, pepe = Emoji("👍"), Emoji("pepe", "99")
    added, removed = (
        action("REACTION_ADD", name="👍"),
        action("REACTION_REMOVE", name="pepe", id=99),
    )
    assert reacted(added) == Reacted(ref, 7, (thumb,), How.ADDED)
    assert reacted(removed) == Reacted(ref, 7, (pepe,), How.REMOVED)
    data: Any = {"message_id": "3", "channel_id": "500"}
    assert reacted(discord.RawReactionClearEvent(data)) == Reacted(ref, 0, (), How.CLEARED)
    one = discord.RawReactionClearEmojiEvent(data, discord.PartialEmoji(name="👍"))
    assert reacted(one) == Reacted(ref, 0, (thumb,), How.CLEARED)


def test_pins_are_news_once() -> None:
    """A state that was seen is no news; what was not seen may be."""
    pins = PinStates()
    seen = [pins.is_news(1, pinned=pinned) for pinned in (False, False, True, True, False)]
    assert seen == [True, False, True, False, True]


def event(status: int = 1, *, start: datetime = NOON, **more: Any) -> discord.ScheduledEvent:
    """A planned event as the library makes it."""
    data: Any = {
        "id": "77", "guild_id": "1", "name": "Mate  night", "entity_type": 3, "status": status,
        "privacy_level": 2, "scheduled_start_time": start.isoformat(),
        "entity_metadata": {"location": "Club"}, **more,
    }  # fmt: skip
    return discord.ScheduledEvent(state=Mock(), data=data)


def test_planned_events() -> None:
    """New, moved, begun, over and cancelled are told, anything else is not."""
    new = planned(None, event())
    assert new is not None
    assert new.happening is Happening.EVENT_NEW
    assert new.text.text.startswith("Mate night · ")
    assert new.text.text.endswith(" · Club")
    assert any(isinstance(span.style, DateTime) for span in new.text.spans)
    moved = planned(event(), event(start=NOON + timedelta(hours=1)))
    assert moved is not None
    assert moved.happening is Happening.EVENT_NEW
    for status, happening in (
        (2, Happening.EVENT_STARTED), (3, Happening.EVENT_ENDED), (4, Happening.EVENT_CANCELLED)
    ):  # fmt: skip
        found = planned(event(), event(status))
        assert found is not None
        assert found.happening is happening
    assert planned(event(), event(name="Other")) is None
    assert called_off(event(3)) is None
    assert called_off(event()) is not None


def test_where_an_event_is_told() -> None:
    """In its own channel, else the system channel, else the oldest room, if any is read."""
    guild = Mock(system_channel=Mock(id=20), channels=[Mock(id=30), Mock(id=20)], threads=[])
    here = event(channel_id="10")

    def room(*read: int) -> Room | None:
        return event_room(here, guild, lambda room: room.chat in read)

    assert room(10, 20, 30) == Room.discord(10)
    assert room(20, 30) == Room.discord(20)
    assert room(30) == Room.discord(30)
    assert room() is None


def test_what_left_no_message_has_an_id_of_its_own() -> None:
    """Two happenings of one moment are two, and their ids tell the time."""
    what = Told(Happening.TITLE, planned(None, event()).text)  # type: ignore[union-attr]  # seen above
    author = Author(1, "Server")
    one, two = (happened(Room.discord(5), author, what, NOON) for _ in range(2))
    assert one.ref != two.ref
    assert discord.utils.snowflake_time(one.ref.message_id) == NOON
    assert one.happening is Happening.TITLE
