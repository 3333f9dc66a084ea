"""Discord's messages as core messages."""

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.ids import MessageRef, Room
from matebot.core.message import (
    Attachment,
    AttachmentKind,
    Author,
    Forward,
    Happening,
    Poll,
    Reply,
)
from matebot.core.richtext import Subtext
from matebot.discord.contents import poll_of
from matebot.discord.parse import (
    is_own,
    left_out,
    names_of,
    parse_message,
    parse_or_note,
)

Json = dict[str, Any]
ROOM = Room.discord(500)
SNOWFLAKE = (1795514400000 - 1420070400000) << 22
STAMP = "2026-11-24T10:00:00.000000+00:00"


def user(number: int = 7, **more: Any) -> Json:
    """A user as the API writes one."""
    return {
        "id": str(number),
        "username": f"user{number}",
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        **more,
    }


def payload(**more: Any) -> Json:
    """A message as the API writes one."""
    return {
        "id": f"{SNOWFLAKE}",
        "channel_id": "500",
        "author": user(),
        "content": "",
        "timestamp": STAMP,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        **more,
    }


def message(**more: Any) -> discord.Message:
    """A message as the library makes it of that."""
    client = discord.Client(intents=discord.Intents.none())
    channel: Any = client.get_partial_messageable(500)
    data: Any = payload(**more)
    return discord.Message(state=client._connection, channel=channel, data=data)


def attachment(name: str, mime: str | None = None) -> Json:
    """A file as the API writes one."""
    url = f"https://cdn/{name}"
    return {
        "id": "1",
        "filename": name,
        "size": 2048,
        "url": url,
        "proxy_url": url,
        **({"content_type": mime} if mime else {}),
    }


def test_plain_text() -> None:
    """A text has its place, its author and its time."""
    parsed = parse_message(message(content="hi"), names_of(message()))
    assert parsed.ref == MessageRef(ROOM, SNOWFLAKE)
    assert parsed.author == Author(7, "user7", "user7")
    assert parsed.text.text == "hi"
    assert parsed.sent_at == 1795514400.0  # Discord's epoch and the id's upper bits
    assert not parsed.silent
    assert not parsed.attachments


@pytest.mark.parametrize(
    ("more", "name", "is_bot"),
    [
        ({"author": user(global_name="Ana L.")}, "Ana L.", False),
        ({"author": user(bot=True)}, "user7", True),
        ({"author": user(username="Feed"), "webhook_id": "7"}, "Feed", True),
    ],
)
def test_authors(more: Json, name: str, *, is_bot: bool) -> None:
    """Bots and webhooks count as people, marked as programs."""
    author = parse_message(message(content="x", **more), names_of(message())).author
    assert (author.name, author.is_bot) == (name, is_bot)


def test_a_name_that_was_looked_up_wins() -> None:
    """A message of the history gets the nickname that was asked for."""
    parsed = parse_message(message(content="x"), names_of(message()), author_name="Nick")
    assert parsed.author.name == "Nick"


@pytest.mark.parametrize(
    ("name", "mime", "kind"),
    [
        ("a.png", "image/png", AttachmentKind.PHOTO),
        ("a.gif", "image/gif", AttachmentKind.ANIMATION),
        ("a.heic", "image/heic", AttachmentKind.PHOTO),
        ("a.svg", "image/svg+xml", AttachmentKind.FILE),
        ("a.psd", "image/vnd.adobe.photoshop", AttachmentKind.FILE),
        ("a.tiff", "image/tiff", AttachmentKind.FILE),
        ("a.mp4", "video/mp4", AttachmentKind.VIDEO),
        ("a.mp3", "audio/mpeg", AttachmentKind.AUDIO),
        ("a.txt", "text/plain; charset=utf-8", AttachmentKind.FILE),
        ("A.JPG", None, AttachmentKind.PHOTO),
        ("a", None, AttachmentKind.FILE),
    ],
)
def test_kinds_of_files(name: str, mime: str | None, kind: AttachmentKind) -> None:
    """A file's kind comes from its content type, else from its name."""
    parsed = parse_message(message(attachments=[attachment(name, mime)]), names_of(message()))
    (only,) = parsed.attachments
    assert (only.kind, only.name, only.size_bytes) == (kind, name, 2048)


def test_a_voice_message() -> None:
    """The flag makes an audio file a voice message."""
    heard = message(attachments=[attachment("v.ogg", "audio/ogg")], flags=1 << 13)
    assert parse_message(heard, names_of(heard)).attachments[0].kind is AttachmentKind.VOICE


def test_a_silent_message() -> None:
    """The flag tells that it rang nowhere."""
    assert parse_message(message(content="x", flags=1 << 12), names_of(message())).silent


def asked(**results: Any) -> Json:
    """A poll as the API writes one."""
    return {
        "question": {"text": "Lunch?"},
        "answers": [
            {"answer_id": 1, "poll_media": {"text": "Yes", "emoji": {"name": "🍕"}}},
            {"answer_id": 2, "poll_media": {"text": "No"}},
        ],
        "expiry": STAMP,
        "allow_multiselect": True,
        "layout_type": 1,
        **results,
    }


def test_stickers_and_polls() -> None:
    """What has no text of its own is named; a poll is there as such, and in words."""
    shown = message(
        sticker_items=[{"id": "1", "name": "wave", "format_type": 1}],
        embeds=[{"type": "link", "title": "preview"}],
        poll=asked(),
    )
    parsed = parse_message(shown, names_of(shown))
    sticker, poll = parsed.attachments
    assert (sticker.kind, sticker.name) == (AttachmentKind.STICKER, "wave")
    assert poll == Attachment(AttachmentKind.POLL, "Lunch?", detail="• 🍕 Yes\n• No")
    assert parsed.poll == Poll("Lunch?", ("🍕 Yes", "No"), multiple=True, closes_at=1795514400.0)


def test_a_polls_votes_count_once_they_are_final() -> None:
    """Before its end a poll's votes are a guess and not told."""
    counts = [{"id": 1, "count": 3, "me_voted": False}]
    for final, votes in ((False, ()), (True, (3, 0))):
        results = {"is_finalized": final, "answer_counts": counts}
        poll = message(poll=asked(results=results)).poll
        assert poll is not None
        assert poll_of(poll).votes == votes
        assert poll_of(poll).closed is final


@pytest.mark.parametrize(
    ("content", "flags", "preview"),
    [
        ("no address", 0, True),
        ("https://a.example", 0, True),
        ("<https://a.example>", 0, False),
        ("[a](<https://a.example>)", 0, False),
        ("<https://a.example> https://b.example", 0, True),
        ("https://a.example", 4, False),
    ],
)
def test_previews_as_their_author_wanted(content: str, flags: int, *, preview: bool) -> None:
    """Brackets around every address, or the flag, keep the preview away."""
    said = message(content=content, flags=flags)
    assert parse_message(said, names_of(said)).preview is preview


def test_nothing_becomes_silence() -> None:
    """A message in which nothing is understood still is a message."""
    parsed = parse_message(message(flags=1 << 15), names_of(message()))
    assert parsed.attachments == (Attachment(AttachmentKind.OTHER),)


def test_a_forward() -> None:
    """What was passed on is there whole, files and embeds included, and is no reply."""
    snapshot = {
        "type": 0,
        "content": "the **news**",
        "embeds": [{"type": "rich", "title": "News"}],
        "attachments": [attachment("a.png", "image/png")],
        "timestamp": STAMP,
        "edited_timestamp": None,
    }
    forwarded = message(
        message_reference={"type": 1, "message_id": "3", "channel_id": "4"},
        message_snapshots=[{"message": snapshot}],
    )
    parsed = parse_message(forwarded, names_of(forwarded))
    assert parsed.text.text == "the news\nNews"
    assert parsed.forward == Forward()
    assert parsed.attachments[0].kind is AttachmentKind.PHOTO
    assert parsed.reply is None


@pytest.mark.parametrize(("kind", "line"), [(20, "⌨️ Ana: /play"), (23, "⌨️ Ana: play"), (0, None)])
def test_who_used_a_command(kind: int, line: str | None) -> None:
    """A bot's answer is headed by a small line that names the person and the command."""
    by = user(9, global_name="Ana")
    shown = message(
        type=kind,
        content="♪",
        author=user(bot=True),
        interaction_metadata={"id": "1", "type": 2, "user": by},
        interaction={"id": "1", "type": 2, "name": "play", "user": by},
    )
    text = parse_message(shown, names_of(shown)).text
    assert text.text == (f"{line}\n♪" if line else "♪")
    assert any(isinstance(span.style, Subtext) for span in text.spans) is (line is not None)


def reply_to(answered: Json | None) -> discord.Message:
    """A reply as the API writes it."""
    return message(
        type=19,
        content="yes",
        message_reference={"type": 0, "message_id": "800", "channel_id": "500"},
        referenced_message=answered,
    )


def test_a_reply() -> None:
    """A reply names what it answers, by whom, and its first words."""
    answered = payload(id="800", content="Are you\nthere?", author=user(8, global_name="Bo"))
    parsed = parse_message(reply_to(answered), names_of(message()))
    to = MessageRef(ROOM, 800)
    assert parsed.reply == Reply(to, "Bo", 8, "Are you there?", pings=False)


def test_a_reply_pings_whom_it_mentions() -> None:
    """Discord lists the author of what is answered among the mentions where the reply rings."""
    answered = payload(id="800", content="Are you there?", author=user(8))
    ringing = message(
        type=19,
        message_reference={"type": 0, "message_id": "800", "channel_id": "500"},
        referenced_message=answered,
        mentions=[user(8)],
    )
    reply = parse_message(ringing, names_of(ringing)).reply
    assert reply is not None
    assert reply.pings


def test_a_reply_to_a_copy_leaves_its_reply_line_out() -> None:
    """The first words of a copy are not those of the lines above it; it rings for its person."""
    content = "-# ↪ Zoe: old words\n-# ↪ Forwarded\nnew words"
    answered = payload(id="800", content=content, webhook_id="7")
    reply = parse_message(reply_to(answered), names_of(message())).reply
    assert reply is not None
    assert reply.excerpt == "new words"
    assert reply.pings


def test_a_reply_to_what_is_gone() -> None:
    """The answered message may have been deleted."""
    reply = parse_message(reply_to(None), names_of(message())).reply
    assert reply == Reply(MessageRef(ROOM, 800), "", pings=False, gone=True)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, None),
        ({"type": 19}, None),
        ({"type": 20}, None),
        ({"type": 6}, "kind:pins_add"),
        ({"type": 7}, None),
        ({"type": 18}, None),
        ({"type": 22}, "kind:guild_invite_reminder"),
        ({"type": 21}, "kind:thread_starter_message"),
        ({"type": 20, "flags": 64}, "ephemeral"),
        ({"type": 20, "flags": 128}, "thinking"),
    ],
)
def test_what_is_left_out(more: Json, reason: str | None) -> None:
    """What tells people nothing is counted by its kind; the rest is relayed."""
    assert left_out(message(**more)) == reason


def test_a_kind_of_tomorrow_is_told() -> None:
    """A kind of message that nobody knows yet is no silence."""
    assert left_out(message(type=999)) is None
    parsed = parse_message(message(type=999), names_of(message()))
    assert parsed.happening is Happening.OTHER
    assert parsed.text.text == "unknown 999"


@pytest.mark.parametrize(
    ("more", "own"),
    [
        ({}, False),
        ({"author": user(1)}, True),
        ({"webhook_id": "70", "application_id": "1"}, True),
        ({"webhook_id": "77"}, True),
        ({"webhook_id": "70", "application_id": "2"}, False),
        ({"webhook_id": "70"}, False),
    ],
)
def test_own_messages(more: Json, *, own: bool) -> None:
    """Own are the bot's, its application's webhooks' and those of webhooks it knows."""
    assert is_own(message(**more), 1, 1, {77}) is own


def test_what_cannot_be_parsed_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in one message becomes a note of its author's, whatever it is in."""
    monkeypatch.setattr("matebot.discord.parse.names_of", lambda _message: 1 / 0)
    parsed = parse_or_note(message(content="hi"))
    assert parsed.attachments == (Attachment(AttachmentKind.OTHER),)
    assert parsed.author.id == 7


@given(st.text(max_size=300))
def test_every_text_parses(content: str) -> None:
    """No text of a message raises, and none is lost in silence."""
    said = message(content=content)
    parsed = parse_or_note(said)
    assert parsed.text or parsed.attachments
