"""What Discord itself tells of a room: system messages, new names, planned events. Pure."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Final, NamedTuple

import discord

from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Happening, Message
from matebot.core.richtext import Link, RichText, concat, plain
from matebot.discord.markup import Names, parse

M: Final = discord.MessageType

#: What tells nothing to people: pins have an event of their own, a thread's first message stands
#: elsewhere, the rest is Discord's advice to the server's owner.
UNTOLD: Final = frozenset(
    {
        M.pins_add,
        M.thread_starter_message,
        M.guild_discovery_disqualified,
        M.guild_discovery_requalified,
        M.guild_discovery_grace_period_initial_warning,
        M.guild_discovery_grace_period_final_warning,
        M.guild_invite_reminder,
        M.interaction_premium_upsell,
    }
)
_LEVELS: Final = {
    M.premium_guild_tier_1: 1,
    M.premium_guild_tier_2: 2,
    M.premium_guild_tier_3: 3,
}
_WITH_CONTENT: Final = {
    M.channel_name_change: Happening.TITLE,
    M.channel_follow_add: Happening.FOLLOW,
    M.stage_start: Happening.STAGE_START,
    M.stage_end: Happening.STAGE_END,
    M.stage_topic: Happening.STAGE_TOPIC,
}
_sequence: Final = count(1)
_LOW_BITS: Final = (1 << 22) - 1
_SEQUENCE_BITS: Final = 0xFFF
_MADE_UP: Final = _LOW_BITS ^ _SEQUENCE_BITS
"""The bits by which Discord's own ids name a machine: all of them set mark what is made up."""


class Told(NamedTuple):
    """What a system message tells: the kind of it and its details."""

    happening: Happening
    text: RichText


def told_by(message: discord.Message, names: Names, author: str) -> Told:
    """What a system message tells.

    Args:
        message: One that nobody wrote.
        names: What mentions in it are shown as.
        author: The name of whom it is about.
    """
    kind = message.type
    content = plain(" ".join(message.content.split()))
    match kind:
        case M.new_member:
            return Told(Happening.JOINED, plain(author))
        case M.recipient_add | M.recipient_remove:
            joined = kind is M.recipient_add
            whom = ", ".join(user.display_name for user in message.mentions) or author
            return Told(Happening.JOINED if joined else Happening.LEFT, plain(whom))
        case M.premium_guild_subscription:
            return Told(Happening.BOOSTS if content else Happening.BOOST, content)
        case M.thread_created:
            return Told(Happening.THREAD, content.styled(Link(_thread_address(message))))
        case M.stage_speaker:
            return Told(Happening.STAGE_SPEAKER, RichText())
        case M.poll_result:
            return Told(Happening.POLL_ENDED, plain(_result(message)))
        case M.auto_moderation_action:
            return Told(Happening.OTHER, plain(_moderated(message)))
    if kind in _LEVELS:
        return Told(Happening.BOOST_LEVEL, plain(str(_LEVELS[kind])))
    if kind in _WITH_CONTENT:
        return Told(_WITH_CONTENT[kind], content)
    return Told(Happening.OTHER, _other(message, names))


def _thread_address(message: discord.Message) -> str:
    guild = message.guild.id if message.guild is not None else "@me"
    reference = message.reference
    thread = reference.channel_id if reference is not None else message.id
    return f"https://discord.com/channels/{guild}/{thread}"


def _fields(message: discord.Message) -> dict[str, str]:
    """The fields in which Discord hides what a system message is about."""
    found = (field for embed in message.embeds for field in embed.fields)
    return {field.name: field.value for field in found if field.name and field.value}


def _result(message: discord.Message) -> str:
    """``Mate or coffee? Mate (3/5)``; without a winner there was a tie or no vote."""
    fields = _fields(message)
    question, winner = fields.get("poll_question_text", ""), fields.get("victor_answer_text")
    total = fields.get("total_votes", "0")
    if winner is None:
        return f"{question} (0/{total})" if total == "0" else f"{question} (={total})"
    return f"{question} {winner} ({fields.get('victor_answer_votes', '0')}/{total})"


def _moderated(message: discord.Message) -> str:
    """The rule that applied, without the words that it holds back."""
    return f"AutoMod: {_fields(message).get('rule_name', message.author.display_name)}"


def _other(message: discord.Message, names: Names) -> RichText:
    """The library's words in English, else the kind's own name leading to the message."""
    try:
        words = message.system_content
    except (AttributeError, IndexError, TypeError):  # it looks for what is not known here
        words = ""
    if words:
        return parse(" ".join(words.split()), names)
    kind = str(message.type.name).replace("_", " ")
    return plain(kind).styled(Link(message.jump_url))


# What comes without a message


def happened(room: Room, author: Author, told: Told, at: datetime) -> Message:
    """Something that happened in a room without a message there; its id is made up."""
    return _happened(room, author, told, at, _made_up_id(at))


def happened_up_to(
    room: Room, author: Author, told: Told, at: datetime, message_id: int
) -> Message:
    """Something that is true of all up to a message; the id is made up of that one's."""
    return _happened(room, author, told, at, message_id | _LOW_BITS)


def is_made_up(message_id: int) -> bool:
    """Whether no message stands for that id (of real ones, hardly any looks so)."""
    return message_id & _MADE_UP == _MADE_UP


def _happened(room: Room, author: Author, told: Told, at: datetime, message_id: int) -> Message:
    return Message(
        ref=MessageRef(room, message_id),
        author=author,
        text=told.text,
        happening=told.happening,
        sent_at=at.timestamp(),
    )


def _made_up_id(at: datetime) -> int:
    """A snowflake of that moment; two are never the same in a process."""
    sequence = next(_sequence) % _SEQUENCE_BITS
    return discord.utils.time_snowflake(at) | _MADE_UP | sequence


def renamed(before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> Told | None:
    """A channel's new name; of a thread's a system message tells."""
    if before.name == after.name:
        return None
    return Told(Happening.TITLE, plain(after.name))


def of_guild(guild: discord.Guild) -> Author:
    """The server as the author of what Discord does not say who did it."""
    return Author(guild.id, guild.name)


def planner(event: discord.ScheduledEvent, guild: discord.Guild) -> Author:
    """Who planned an event."""
    user = event.creator
    if user is None:
        return of_guild(guild)
    return Author(user.id, user.display_name, user.name, user.bot)


def planned(before: discord.ScheduledEvent | None, after: discord.ScheduledEvent) -> Told | None:
    """What is new of a planned event; None if people need not know.

    Args:
        before: How it was; None for a new one.
        after: How it is.
    """
    if before is None or before.start_time != after.start_time:
        return Told(Happening.EVENT_NEW, _details(after))
    if before.status is after.status:
        return None
    status = discord.EventStatus
    match after.status:
        case status.active:
            return Told(Happening.EVENT_STARTED, _details(after))
        case status.completed:
            return Told(Happening.EVENT_ENDED, _name(after))
        case status.canceled:
            return called_off(after)
    return None


def called_off(event: discord.ScheduledEvent) -> Told | None:
    """That an event will not be; None if it was or is already."""
    if event.status in (discord.EventStatus.active, discord.EventStatus.completed):
        return None
    return Told(Happening.EVENT_CANCELLED, _name(event))


def _name(event: discord.ScheduledEvent) -> RichText:
    url = f"https://discord.com/events/{event.guild_id}/{event.id}"
    return plain(" ".join(event.name.split())).styled(Link(url))


def _details(event: discord.ScheduledEvent) -> RichText:
    """Its name, its time in each reader's own, and its place."""
    parts = [_name(event), parse(f"<t:{int(event.start_time.timestamp())}:f>")]
    if event.location:
        parts.append(plain(" ".join(event.location.split())))
    text = parts[0]
    for part in parts[1:]:
        text = concat(text, " · ", part)
    return text


def event_room(
    event: discord.ScheduledEvent, guild: discord.Guild, is_read: Callable[[Room], bool]
) -> Room | None:
    """Where an event is told: its own channel, the server's system channel, or the oldest one.

    Once in a server and only where a bridge reads; None if none does.
    """
    own = [event.channel_id] if event.channel_id is not None else []
    system = [guild.system_channel.id] if guild.system_channel is not None else []
    others = sorted(each.id for each in (*guild.channels, *guild.threads))
    rooms = (Room.discord(each) for each in (*own, *system, *others))
    return next((room for room in rooms if is_read(room)), None)
