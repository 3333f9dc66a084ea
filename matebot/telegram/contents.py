"""What people's Telegram messages hold: the text, and what comes with it. Pure.

The tables here and in `matebot.telegram.service_notes` name every content field of Bot API 10.3's
Message; what neither knows becomes an attachment `OTHER` by its name, never silence.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from aiogram import types

from matebot.core.message import Attachment, AttachmentKind, Poll
from matebot.core.richtext import Bold, RichText, concat
from matebot.telegram import markup, media_in, rich_message, things
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
    link = post_link(message.chat, message.message_id)
    if message.rich_message is not None:
        media = rich_message.media_of(message.rich_message, link)
        yield from media
        if not media and not rich_message.text_of(message.rich_message):
            yield Attachment(AttachmentKind.OTHER)
    yield from media_in.files_of(message, link)
    for field, build in things.BUILDERS.items():
        value = getattr(message, field)
        # An old field that repeats a new one, for bots that do not know it.
        if value is not None and not (field == "location" and message.venue is not None):
            yield build(value)
    if message.paid_media is not None:
        yield from media_in.previews_of(message.paid_media, link)


CONTENT_FIELDS: Final = (*media_in.FIELDS, *things.BUILDERS, "text", "rich_message", "checklist")
