"""What we say, as calls of the Bot API: the best one first, then what to make do with. Pure.

A refused call did nothing, so that the next one is no double.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from aiogram.methods import EditMessageText, SendMessage, SendPoll, SendRichMessage, TelegramMethod
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputRichMessage,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from msgspec.structs import replace

from matebot.core.ids import GENERAL_TOPIC, MessageRef, Room
from matebot.core.notice import Notice
from matebot.core.richtext import RichText
from matebot.telegram import markup, rich_out
from matebot.telegram.polls import Ballot, poll_post, poll_stop
from matebot.telegram.render import TelegramPart


class Form(NamedTuple):
    """One call that says something.

    Attributes:
        method: The call.
        rich: Whether it takes a server of 2026 or later.
        way: Forms of the same way hold the same files: where one is refused because of those, the
            others need not be tried.
        upload_bytes: So many bytes go with it.
    """

    method: TelegramMethod[Any]
    rich: bool = False
    way: int = 0
    upload_bytes: int = 0


def posts(room: Room, part: TelegramPart) -> Iterator[Form]:
    """How to post a part: as it is meant, without its quote, without its formatting."""
    if part.ballot is not None:
        yield Form(_poll_post(room, part, part.ballot))
    variants = [part, replace(part, quote="")] if part.quote else [part]
    if part.rich:
        yield from (Form(_rich_post(room, one), rich=True) for one in variants)
    yield from (Form(_post(room, one)) for one in variants)
    if part.entities:
        yield Form(_post(room, replace(part, quote="", entities=())))


def edits(ref: MessageRef, part: TelegramPart) -> Iterator[Form]:
    """How to make a message read like a part, whether that message is a rich one or not."""
    if part.ballot is not None:
        yield Form(poll_stop(ref))
    if part.rich:
        yield Form(_rich_edit(ref, part.rich), rich=True)
    yield Form(_edit(ref, part))
    if part.entities:
        yield Form(_edit(ref, replace(part, entities=())))
    as_rich = "" if part.rich else rich_out.html(markup.parse(part.text, part.entities))
    if as_rich:
        yield Form(_rich_edit(ref, as_rich), rich=True)


def said(room: Room, text: RichText, notice: Notice, reply_to: int | None) -> SendMessage:
    """What MateBot itself says."""
    words, found = markup.render(text)
    return SendMessage(
        chat_id=room.chat,
        message_thread_id=thread(room),
        text=words,
        entities=entities(found),
        reply_parameters=reply(reply_to),
        reply_markup=keyboard(notice),
    )


def said_instead(ref: MessageRef, notice: Notice) -> EditMessageText:
    """What MateBot says in the place of something that it said before."""
    words, found = markup.render(notice.text)
    return EditMessageText(
        chat_id=ref.room.chat,
        message_id=ref.message_id,
        text=words,
        entities=entities(found),
        reply_markup=keyboard(notice),
    )


def _post(room: Room, part: TelegramPart) -> SendMessage:
    return SendMessage(
        chat_id=room.chat,
        message_thread_id=thread(room),
        text=part.text,
        entities=entities(part.entities),
        link_preview_options=_preview(part),
        reply_parameters=reply(part.reply_to, part.quote),
        disable_notification=part.silent or None,
    )


def _poll_post(room: Room, part: TelegramPart, ballot: Ballot) -> SendPoll:
    call = poll_post(
        room, ballot, entities(ballot.entities), thread=thread(room), silent=part.silent
    )
    call.reply_parameters = reply(part.reply_to)
    return call


def _rich_post(room: Room, part: TelegramPart) -> SendRichMessage:
    return SendRichMessage(
        chat_id=room.chat,
        message_thread_id=thread(room),
        rich_message=InputRichMessage(html=part.rich),
        reply_parameters=reply(part.reply_to, part.quote),
        disable_notification=part.silent or None,
    )


def _edit(ref: MessageRef, part: TelegramPart) -> EditMessageText:
    return EditMessageText(
        chat_id=ref.room.chat,
        message_id=ref.message_id,
        text=part.text,
        entities=entities(part.entities),
        link_preview_options=_preview(part),
    )


def _rich_edit(ref: MessageRef, html: str) -> EditMessageText:
    return EditMessageText(
        chat_id=ref.room.chat,
        message_id=ref.message_id,
        rich_message=InputRichMessage(html=html),
    )


def _preview(part: TelegramPart) -> LinkPreviewOptions | None:
    return None if part.preview else LinkPreviewOptions(is_disabled=True)


def thread(room: Room) -> int | None:
    """The thread to write in: General is addressed by none."""
    return None if room.topic == GENERAL_TOPIC else room.topic


def reply(message_id: int | None, quote: str = "") -> ReplyParameters | None:
    """What is answered; it may be gone by then."""
    if message_id is None:
        return None
    return ReplyParameters(
        message_id=message_id, allow_sending_without_reply=True, quote=quote or None
    )


def keyboard(notice: Notice) -> InlineKeyboardMarkup | None:
    """A notice's buttons, in one row or each in its own."""
    row = [
        InlineKeyboardButton(text=button.label, callback_data=button.action)
        for button in notice.buttons
    ]
    if not row:
        return None
    rows = [[button] for button in row] if notice.stacked else [row]
    return InlineKeyboardMarkup(inline_keyboard=rows)


def entities(found: Sequence[markup.Entity]) -> list[MessageEntity] | None:
    """The bridge's entities as aiogram's; none of those we send names a user."""
    return [
        MessageEntity(
            type=entity.type,
            offset=entity.offset,
            length=entity.length,
            url=entity.url,
            language=entity.language,
            custom_emoji_id=entity.custom_emoji_id,
            unix_time=entity.unix_time,
            date_time_format=entity.date_time_format,
        )
        for entity in found
    ] or None
