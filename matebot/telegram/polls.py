"""A poll's twin in Telegram: how it is asked and ended. Pure."""

from typing import Final

import msgspec
from aiogram.methods import SendPoll, StopPoll
from aiogram.types import InputPollOption, MessageEntity

from matebot.core.ids import MessageRef, Room
from matebot.core.message import Message
from matebot.core.polls import fits, lasts_s, one_line
from matebot.core.richtext import RichText
from matebot.telegram import markup
from matebot.telegram.limits import (
    POLL_DESCRIPTION,
    POLL_OPTION,
    POLL_OPTIONS,
    POLL_PERIOD_S,
)

ALREADY_STOPPED: Final = "poll has already been closed"


class Ballot(msgspec.Struct, frozen=True):
    """What a poll's twin says.

    Attributes:
        question: On one line.
        options: Each on one line.
        heading: Who asks, and what stands around it: the poll's description.
        entities: Its formatting.
        multiple: Whether one may choose several.
        period_s: How long it lasts; None: until its author ends it.
        closed: Whether it has ended.
    """

    question: str
    options: tuple[str, ...]
    heading: str
    entities: tuple[markup.Entity, ...] = ()
    multiple: bool = False
    period_s: int | None = None
    closed: bool = False


def ballot_of(message: Message, heading: RichText, *, closed: bool) -> Ballot | None:
    """The twin of a message's poll; None where it asks nothing or cannot be asked here."""
    poll = message.poll
    if poll is None or not fits(poll, options=POLL_OPTIONS, option=POLL_OPTION):
        return None
    text, entities = markup.render(heading)
    if len(text.encode("utf-16-le")) // 2 > POLL_DESCRIPTION:
        return None
    return Ballot(
        one_line(poll.question),
        tuple(one_line(option) for option in poll.options),
        text,
        tuple(entities),
        poll.multiple,
        lasts_s(message, *POLL_PERIOD_S),
        closed,
    )


def poll_post(
    room: Room,
    ballot: Ballot,
    entities: list[MessageEntity] | None,
    *,
    thread: int | None,
    silent: bool,
) -> SendPoll:
    """The call that asks it. Which answer of a quiz is right is not known here: it is a poll."""
    return SendPoll(
        chat_id=room.chat,
        message_thread_id=thread,
        question=ballot.question,
        options=[InputPollOption(text=option) for option in ballot.options],
        allows_multiple_answers=ballot.multiple or None,
        open_period=None if ballot.closed else ballot.period_s,
        is_closed=ballot.closed or None,
        description=ballot.heading,
        description_entities=entities,
        disable_notification=silent or None,
    )


def poll_stop(ref: MessageRef) -> StopPoll:
    """The call that ends it."""
    return StopPoll(chat_id=ref.room.chat, message_id=ref.message_id)
