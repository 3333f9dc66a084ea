"""What people's Telegram messages hold: the text, and what comes with it. Pure.

The tables here and in `matebot.telegram.service_notes` name every content field of Bot API 10.3's
Message; what neither knows becomes an attachment `OTHER` by its name, never silence.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from aiogram import types

from matebot.core.message import Attachment, AttachmentKind, Poll
from matebot.core.richtext import Bold, RichText, concat
from matebot.telegram import markup, rich_message, things
from matebot.telegram.people import post_link


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
    """The text or caption, or what people wrote in whatever stands in its place."""
    if message.text is not None:
        return markup.parse(message.text, entities_of(message.entities))
    if message.caption is not None:
        return markup.parse(message.caption, entities_of(message.caption_entities))
    if message.rich_message is not None:
        return rich_message.text_of(message.rich_message)
    if message.checklist is not None:
        return _checklist_text(message.checklist)
    gift = message.gift or message.unique_gift
    if gift is not None:
        return markup.parse(gift.text or "", entities_of(gift.entities))
    if message.game is not None:
        return markup.parse(message.game.text or "", entities_of(message.game.text_entities))
    return RichText()


def _checklist_text(checklist: types.Checklist) -> RichText:
    """The title in bold, a line with a box for each task."""
    title = markup.parse(checklist.title, entities_of(checklist.title_entities)).styled(Bold())
    lines: list[RichText | str] = ["☑️ ", title]
    for task in checklist.tasks:
        lines.append("\n☑ " if task.completion_date else "\n☐ ")
        lines.append(markup.parse(task.text, entities_of(task.text_entities)))
    return concat(*lines)


def poll_of(poll: types.Poll, asked_at: float | None = None) -> Poll:
    """A poll as it stands; which answer of a quiz is right is never told.

    Votes are told once it has ended: until then a bot sees those of its own polls alone.

    Args:
        poll: As it came.
        asked_at: Unix seconds of the message that asks it, for an end that is told by how long it
            stays open.
    """
    closes_at = poll.close_date.timestamp() if poll.close_date is not None else None
    if closes_at is None and asked_at is not None and poll.open_period:
        closes_at = asked_at + poll.open_period
    told = poll.is_closed or poll.total_voter_count > 0
    return Poll(
        question=poll.question,
        options=tuple(option.text for option in poll.options),
        votes=tuple(option.voter_count for option in poll.options) if told else (),
        multiple=poll.allows_multiple_answers,
        quiz=poll.type == "quiz",
        closes_at=closes_at,
        closed=poll.is_closed,
        id=poll.id,
    )


def attachments_of(message: types.Message) -> tuple[Attachment, ...]:
    """What comes with the text or in its place, in order; something wherever there is no text."""
    found = tuple(_known(message))
    if found or message.text is not None or message.caption is not None or message.checklist:
        return found
    unknown = next(iter(message.model_extra or ()), None)
    link = post_link(message.chat, message.message_id)
    return (Attachment(AttachmentKind.OTHER, unknown and unknown.replace("_", " "), link=link),)


def _known(message: types.Message) -> Iterator[Attachment]:
    if message.rich_message is not None:
        media = rich_message.media_of(message.rich_message)
        yield from media
        if not media and not rich_message.text_of(message.rich_message):
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
    **things.BUILDERS,
}
CONTENT_FIELDS: Final = (*_BUILDERS, "text", "rich_message", "checklist")
