"""What a Telegram message holds: its text, what comes with it, or what it reports. Pure.

The tables name every content field of Bot API 10.3's Message: what is people's becomes an
attachment, what is the service's own is left out by decision, and what neither table knows becomes
an attachment `OTHER` by its name, never silence.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aiogram import types

from matebot.core.message import Attachment, AttachmentKind
from matebot.core.richtext import RichText
from matebot.telegram import markup, rich_message
from matebot.telegram.people import chat_title, full_name

#: Reports of the service: joins, titles, pins, topics, payments, calls.
_SERVICE: Final = (
    "new_chat_members",
    "left_chat_member",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "chat_shared",
    "user_shared",
    "gift_upgrade_sent",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_completed",
    "managed_bot_created",
    "paid_message_price_changed",
    "poll_option_added",
    "poll_option_deleted",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "web_app_data",
    "community_chat_added",
    "community_chat_removed",
    "community_chat_joined",
)


def service_of(message: types.Message) -> str | None:
    """The name of what the service reports by this message; None where people speak."""
    return next((name for name in _SERVICE if getattr(message, name, None)), None)


def entities_of(entities: Iterable[types.MessageEntity] | None) -> list[markup.Entity]:
    """Entities of aiogram's as the bridge's own."""
    return [
        markup.Entity(
            entity.type,
            entity.offset,
            entity.length,
            entity.url,
            entity.user.id if entity.user else None,
            entity.language,
            entity.custom_emoji_id,
            entity.unix_time,
            entity.date_time_format,
        )
        for entity in entities or ()
    ]


def text_of(message: types.Message) -> RichText:
    """The text or caption, or a rich message's words."""
    if message.text is not None:
        return markup.parse(message.text, entities_of(message.entities))
    if message.caption is not None:
        return markup.parse(message.caption, entities_of(message.caption_entities))
    if message.rich_message is not None:
        return RichText.plain(rich_message.plain_text(message.rich_message))
    return RichText()


def attachments_of(message: types.Message) -> tuple[Attachment, ...]:
    """What comes with the text or in its place, in order; something wherever there is no text."""
    found = tuple(_known(message))
    if found or message.text is not None or message.caption is not None:
        return found
    unknown = next(iter(message.model_extra or ()), None)
    return (Attachment(AttachmentKind.OTHER, unknown and unknown.replace("_", " ")),)


def _known(message: types.Message) -> Iterator[Attachment]:
    if message.rich_message is not None:
        yield from rich_message.media_of(message.rich_message)
        if not rich_message.plain_text(message.rich_message):
            yield Attachment(AttachmentKind.OTHER)
    for field, build in _BUILDERS.items():
        value = getattr(message, field)
        if value is not None and not (field in _SHADOWED and _shadowed(message, field)):
            yield build(value)


#: An old field that repeats a new one, for bots that do not know it.
_SHADOWED: Final = {"document": "animation", "location": "venue", "photo": "live_photo"}


def _shadowed(message: types.Message, field: str) -> bool:
    return getattr(message, _SHADOWED[field]) is not None


def _file(kind: AttachmentKind) -> Callable[[Any], Attachment]:
    """A file with what Telegram tells of it."""
    return lambda file: Attachment(kind, getattr(file, "file_name", None), file.file_size)


def _photo(sizes: list[types.PhotoSize]) -> Attachment:
    largest = max(sizes, key=lambda size: size.width * size.height, default=None)
    return Attachment(AttachmentKind.PHOTO, None, largest.file_size if largest else None)


def _audio(audio: types.Audio) -> Attachment:
    title = " – ".join(part for part in (audio.performer, audio.title) if part)
    return Attachment(AttachmentKind.AUDIO, title or audio.file_name, audio.file_size)


def _named(kind: AttachmentKind, name: Callable[[Any], str | None]) -> Callable[[Any], Attachment]:
    """Something with a name and no bytes."""
    return lambda thing: Attachment(kind, name(thing) or None)


def _place(location: types.Location) -> str:
    return f"{location.latitude:.6f}, {location.longitude:.6f}"


_BUILDERS: Final[dict[str, Callable[[Any], Attachment]]] = {
    "photo": _photo,
    "live_photo": _file(AttachmentKind.PHOTO),
    "video": _file(AttachmentKind.VIDEO),
    "animation": _file(AttachmentKind.ANIMATION),
    "audio": _audio,
    "voice": _file(AttachmentKind.VOICE),
    "video_note": _file(AttachmentKind.VIDEO_NOTE),
    "sticker": lambda s: Attachment(AttachmentKind.STICKER, s.emoji, s.file_size),
    "document": _file(AttachmentKind.FILE),
    "location": _named(AttachmentKind.LOCATION, _place),
    "venue": _named(AttachmentKind.LOCATION, lambda v: f"{v.title}, {v.address}".strip(", ")),
    "contact": _named(
        AttachmentKind.CONTACT, lambda c: f"{full_name(c.first_name, c.last_name)} {c.phone_number}"
    ),
    "poll": _named(AttachmentKind.POLL, lambda poll: poll.question),
    "dice": _named(AttachmentKind.DICE, lambda dice: f"{dice.emoji} {dice.value}"),
    "game": _named(AttachmentKind.GAME, lambda game: game.title),
    "story": _named(AttachmentKind.STORY, lambda story: chat_title(story.chat)),
    "checklist": _named(AttachmentKind.OTHER, lambda checklist: checklist.title),
    "invoice": _named(AttachmentKind.OTHER, lambda invoice: invoice.title),
    "paid_media": _named(AttachmentKind.OTHER, lambda paid: f"{paid.star_count} ⭐"),
    "giveaway": _named(AttachmentKind.OTHER, lambda _: "giveaway"),
    "giveaway_winners": _named(AttachmentKind.OTHER, lambda _: "giveaway winners"),
    "gift": _named(AttachmentKind.OTHER, lambda _: "gift"),
    "unique_gift": _named(AttachmentKind.OTHER, lambda _: "gift"),
}
