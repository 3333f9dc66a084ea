from typing import Any

import pytest
from aiogram.enums import ContentType
from aiogram.types import Message as Native
from aiogram.types import Poll as NativePoll

from matebot.core.events import Posted
from matebot.core.message import Attachment, AttachmentKind, Message
from matebot.core.richtext import Bold, RichText, Span
from matebot.telegram import contents
from matebot.telegram.contents import poll_of
from matebot.telegram.service_notes import SERVICE_FIELDS
from matebot.telegram.things import amount
from tests.telegram.updates import parsed

CHANNEL: dict[str, Any] = {"id": -1009, "type": "channel", "title": "News", "username": "news"}
FILE: dict[str, Any] = {"file_id": "f", "file_unique_id": "u"}
SIZED: dict[str, Any] = {**FILE, "file_size": 2048}
BOX: dict[str, Any] = {"width": 9, "height": 9, "duration": 3}


def said(**fields: Any) -> Message:
    """The message of an update that is relayed."""
    (event,) = parsed(**fields).events
    assert isinstance(event, Posted)
    return event.message


@pytest.mark.parametrize(
    ("fields", "kind", "name", "size_bytes"),
    [
        (
            {
                "photo": [
                    {**FILE, "width": 1, "height": 1, "file_size": 5},
                    {**FILE, "width": 3, "height": 3, "file_size": 70},
                ]
            },
            AttachmentKind.PHOTO,
            None,
            70,
        ),
        ({"video": {**SIZED, **BOX, "file_name": "v.mp4"}}, AttachmentKind.VIDEO, "v.mp4", 2048),
        (
            {"animation": {**SIZED, **BOX, "file_name": "a.mp4"}, "document": SIZED},
            AttachmentKind.ANIMATION,
            "a.mp4",
            2048,
        ),
        (
            {"audio": {**SIZED, "duration": 3, "performer": "Bach", "title": "Air"}},
            AttachmentKind.AUDIO,
            "Bach – Air",
            2048,
        ),
        ({"voice": {**SIZED, "duration": 3}}, AttachmentKind.VOICE, None, 2048),
        (
            {"video_note": {**SIZED, "length": 9, "duration": 3}},
            AttachmentKind.VIDEO_NOTE,
            None,
            2048,
        ),
        (
            {
                "sticker": {
                    **SIZED,
                    "type": "regular",
                    "width": 9,
                    "height": 9,
                    "is_animated": False,
                    "is_video": False,
                    "emoji": "👍",
                }
            },
            AttachmentKind.STICKER,
            "👍",
            2048,
        ),
        ({"document": {**SIZED, "file_name": "d.pdf"}}, AttachmentKind.FILE, "d.pdf", 2048),
        ({"dice": {"emoji": "🎲", "value": 4}}, AttachmentKind.DICE, "🎲 4", None),
    ],
)
def test_attachments(
    fields: dict[str, Any], kind: AttachmentKind, name: str | None, size_bytes: int | None
) -> None:
    """Each kind of media has its kind, name and size; what is unknown is named, never silence."""
    (attachment,) = said(**fields).attachments
    assert (attachment.kind, attachment.name, attachment.size_bytes) == (kind, name, size_bytes)


MAP_LINK = "https://www.openstreetmap.org/?mlat=1.500000&mlon=-2.000000#map=17/1.500000/-2.000000"
PLACE: dict[str, Any] = {"latitude": 1.5, "longitude": -2}
WHERE = "1.500000, -2.000000"
STICKER: dict[str, Any] = {
    **FILE, "type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False,
    "emoji": "🧸",
}  # fmt: skip
ONE_STAR: dict[str, Any] = {"id": "g", "sticker": STICKER, "star_count": 15}


@pytest.mark.parametrize(
    ("fields", "attachment"),
    [
        (
            {"location": PLACE},
            Attachment(AttachmentKind.LOCATION, WHERE, link=MAP_LINK),
        ),
        (
            {"location": {**PLACE, "live_period": 900}},
            Attachment(AttachmentKind.LIVE_LOCATION, WHERE, link=MAP_LINK),
        ),
        (
            {
                "location": PLACE,
                "venue": {"location": PLACE, "title": "Bar", "address": "1 Road"},
            },
            Attachment(AttachmentKind.LOCATION, "Bar", detail=f"1 Road\n{WHERE}", link=MAP_LINK),
        ),
        (
            {"contact": {"phone_number": "+1", "first_name": "Bo", "last_name": "Li"}},
            Attachment(AttachmentKind.CONTACT, "Bo Li", detail="+1"),
        ),
        (
            {"game": {"title": "Chess", "description": "A game", "photo": []}},
            Attachment(AttachmentKind.GAME, "Chess", detail="A game"),
        ),
        (
            {"story": {"chat": CHANNEL, "id": 4}},
            Attachment(AttachmentKind.STORY, "News", link="https://t.me/news/s/4"),
        ),
        (
            {
                "invoice": {
                    "title": "Tea",
                    "description": "A cup",
                    "start_parameter": "t",
                    "currency": "EUR",
                    "total_amount": 1250,
                }
            },
            Attachment(AttachmentKind.INVOICE, "Tea – 12.50 EUR", detail="A cup"),
        ),
        (
            {"paid_media": {"star_count": 50, "paid_media": [{"type": "preview"}]}},
            Attachment(AttachmentKind.PAID_MEDIA, "50 ⭐", detail="🔒"),
        ),
        (
            {
                "giveaway": {
                    "chats": [CHANNEL],
                    "winners_selection_date": 1_700_000_000,
                    "winner_count": 3,
                    "prize_description": "And a cup",
                    "premium_subscription_month_count": 6,
                }
            },
            Attachment(
                AttachmentKind.GIVEAWAY,
                "3 × Telegram Premium",
                detail="And a cup\n→ 2023-11-14 22:13 UTC\nNews",
            ),
        ),
        (
            {
                "giveaway_winners": {
                    "chat": CHANNEL,
                    "giveaway_message_id": 1,
                    "winners_selection_date": 1_700_000_000,
                    "winner_count": 2,
                    "winners": [{"id": 9, "is_bot": False, "first_name": "Cy"}],
                    "prize_star_count": 500,
                }
            },
            Attachment(AttachmentKind.GIVEAWAY_WINNERS, "500 ⭐ : 2", detail="Cy (+1)"),
        ),
        (
            {"gift": {"gift": ONE_STAR}},
            Attachment(AttachmentKind.GIFT, "🧸 15 ⭐"),
        ),
        (
            {"hologram_call": {"depth": 3}, "chat": {**CHANNEL, "id": -1001}},
            Attachment(AttachmentKind.OTHER, "hologram call", link="https://t.me/news/10"),
        ),
        ({}, Attachment(AttachmentKind.OTHER, link="https://t.me/c/1/10")),
    ],
    ids=[
        "location", "live", "venue", "contact", "game", "story", "invoice", "paid-media",
        "giveaway", "winners", "gift", "unknown", "empty",
    ],
)  # fmt: skip
def test_things(fields: dict[str, Any], attachment: Attachment) -> None:
    """Everything has a readable form with its details and an address where it has one."""
    assert said(**fields).attachments == (attachment,)


def test_a_checklist_is_read_with_its_boxes() -> None:
    """The title in bold, a box before each task, ticked where it is done."""
    tasks = [{"id": 1, "text": "Milk", "completion_date": 5}, {"id": 2, "text": "Bread"}]
    message = said(checklist={"title": "Shop", "tasks": tasks})
    assert message.text == RichText("☑️ Shop\n☑ Milk\n☐ Bread", (Span(3, 7, Bold()),))
    assert message.attachments == ()


def test_what_was_written_with_a_gift_or_a_game_is_text() -> None:
    """Words that come with a gift or a game are the message's text."""
    assert said(gift={"gift": ONE_STAR, "text": "For you"}).text.text == "For you"
    game = {"title": "Chess", "description": "A game", "photo": [], "text": "Won!"}
    assert said(game=game).text.text == "Won!"


@pytest.mark.parametrize(
    ("currency", "units", "text"),
    [
        ("EUR", 5, "0.05 EUR"),
        ("JPY", 500, "500 JPY"),
        ("KWD", 1500, "1.500 KWD"),
        ("XTR", 9, "9 ⭐"),
    ],
)
def test_amounts(currency: str, units: int, text: str) -> None:
    """Money is told in its own digits."""
    assert amount(currency, units) == text


POLL: dict[str, Any] = {
    "id": "1",
    "question": "Tea?",
    "options": [
        {"persistent_id": "a", "text": "Yes", "voter_count": 0},
        {"persistent_id": "b", "text": "No", "voter_count": 0},
    ],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "quiz",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
    "correct_option_ids": [1],
    "close_date": 1_700_000_600,
}


def test_a_poll_is_told_without_what_is_right() -> None:
    """Question, answers and end cross, and a note for where no poll can be shown."""
    message = said(poll=POLL)
    assert message.poll is not None
    poll = message.poll
    assert (poll.question, poll.options, poll.votes) == ("Tea?", ("Yes", "No"), ())
    assert (poll.quiz, poll.multiple, poll.closed) == (True, False, False)
    assert poll.closes_at == 1_700_000_600.0
    assert message.attachments == (Attachment(AttachmentKind.POLL, "Tea?", detail="• Yes\n• No"),)
    lasting = said(poll={**POLL, "close_date": None, "open_period": 60}).poll
    assert lasting is not None
    assert lasting.closes_at == 1_700_000_060.0


def test_a_polls_end_tells_its_votes() -> None:
    """Once a poll has ended its votes are told."""
    options = [{**option, "voter_count": 2} for option in POLL["options"]]
    ended = {**POLL, "is_closed": True, "options": options, "total_voter_count": 4}
    poll = poll_of(NativePoll.model_validate(ended))
    assert (poll.votes, poll.closed) == ((2, 2), True)


def test_every_content_field_of_this_bot_api_is_known() -> None:
    """No field of aiogram's Message that can stand for a message's content is in no table."""
    known = {*SERVICE_FIELDS, *contents.CONTENT_FIELDS}
    known |= {"migrate_to_chat_id", "migrate_from_chat_id"}
    names = {kind.value for kind in ContentType} & set(Native.model_fields)
    assert names <= known
    assert set(SERVICE_FIELDS) | set(contents.CONTENT_FIELDS) <= set(Native.model_fields)
