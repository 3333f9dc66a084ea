"""What happens in Discord, handed over to the intake in the gateway's order.

Called synchronously by the client, so that nothing can come between two events. What is said is
queued at once; a task of the side's own waits until it rests in the database.
"""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

import discord

from matebot.core.errors import StoreUnavailable
from matebot.core.events import Deleted, Edited, Pinned, Polled, Posted, Voted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author
from matebot.core.ports import Intake, Mark
from matebot.discord.catchup import CatchUp
from matebot.discord.commands import DiscordCommands
from matebot.discord.contents import poll_of
from matebot.discord.gaps import Change, Gaps
from matebot.discord.marks import PinStates, Reaction, reacted
from matebot.discord.missed import may_be_news
from matebot.discord.parse import THINKING, left_out, parse_or_note
from matebot.discord.sight import Sight
from matebot.discord.system import (
    Told,
    called_off,
    event_room,
    happened,
    of_guild,
    planned,
    planner,
    renamed,
)

log = logging.getLogger(__name__)

V = TypeVar("V")

_KEPT: Final = 4096
_MOST_WAITING: Final = 2000
"""Messages that wait for the database; beyond that their room's history brings them."""


class DiscordReader:
    """Implements `matebot.discord.listener.Listener`.

    Args:
        intake: Takes the events.
        tasks: Owns what waits for the database.
        catchup: Reads the rooms that are behind.
        gaps: Which rooms those are.
        answers: Answers commands and buttons.
        is_own: Whether MateBot posted a message itself.
        read_rooms: The Discord rooms that a bridge reads.
        forget_refusals: Called when permissions may have changed.
        connected: Called each time that Discord is there (again).
        welcomed: Called each time that permissions may have been given.
        own_user_id: The bot's own id, once it is known.
        typing: Told a room that is read and in which somebody types.
        sight: Knows which rooms can be read.
        reading: Told which cannot be read.
    """

    def __init__(
        self,
        intake: Intake,
        tasks: asyncio.TaskGroup,
        catchup: CatchUp,
        gaps: Gaps,
        answers: DiscordCommands,
        *,
        is_own: Callable[[discord.Message], bool],
        is_read: Callable[[Room], bool],
        read_rooms: Callable[[], Iterable[Room]],
        forget_refusals: Callable[[], None],
        connected: Callable[[], Coroutine[Any, Any, None]],
        welcomed: Callable[[], Coroutine[Any, Any, None]],
        own_user_id: Callable[[], int | None],
        typing: Callable[[Room], None],
        sight: Sight,
        reading: Callable[[Collection[Room]], Coroutine[Any, Any, None]],
    ) -> None:
        self._intake = intake
        self._tasks = tasks
        self._catchup = catchup
        self._gaps = gaps
        self._answers = answers
        self._listed = False
        self._known: set[Room] = set()
        self._is_own = is_own
        self._is_read = is_read
        self._read_rooms = read_rooms
        self._forget_refusals = forget_refusals
        self._connected = connected
        self._welcomed = welcomed
        self._own_user_id = own_user_id
        self._typing = typing
        self._sight = sight
        self._reading = reading
        self._pins = PinStates()
        self._edited_at: OrderedDict[int, datetime] = OrderedDict()
        self._thinking: OrderedDict[int, None] = OrderedDict()
        self._waiting = 0
        self.left_out: Counter[str] = Counter()
        """What was not relayed by decision, by its name."""

    def new_session(self) -> None:
        """Nothing is replayed: every room is behind."""
        if not self._listed:
            self._listed = True
            self._tasks.create_task(self._answers.sync(), name="list the commands")
        self.missed()

    def missed(self) -> None:
        """An event could not be read, and it may have been in any room."""
        self._known = set(self._read_rooms())
        for room in self._known:
            self._catchup.fall_behind(room)
        self._catchup.retry_now()

    def connected(self) -> None:
        """Discord is there (again): what waits for it may go."""
        self._tasks.create_task(self._connected(), name="Discord is there")

    def rooms_changed(self) -> None:
        """Bridges changed: between a room's linking and now something may have been said there."""
        rooms = set(self._read_rooms())
        for room in rooms - self._known if self._listed else ():
            self._catchup.fall_behind(room)
        self._known = rooms

    def posted(self, message: discord.Message) -> None:
        """Hand over what somebody said."""
        room = Room.discord(message.channel.id)
        if not self._is_read(room):
            return
        self._pins.is_news(message.id, pinned=message.pinned)
        if self._is_own(message):
            return
        reason = left_out(message)
        if reason is not None:
            self.left_out[reason] += 1
            if reason == THINKING:
                _remember(self._thinking, message.id, None)
            return
        if self._gaps.is_behind(room):
            self._gaps.saw(room, message.id)
            return
        if self._waiting >= _MOST_WAITING:
            self._catchup.fall_behind(room, below=message.id - 1)
            self._gaps.saw(room, message.id)
            return
        said = parse_or_note(message)
        stored = self._intake.take([Posted(said)], Mark(cursor=said.ref))
        self._waiting += 1
        self._tasks.create_task(self._follow(stored, said.ref), name=f"store {room}")

    async def _follow(self, stored: Awaitable[None], ref: MessageRef) -> None:
        """Wait until a message is stored; if it cannot be, its room's history brings it later."""
        try:
            await stored
        except StoreUnavailable as error:
            log.warning("%s: not stored, will be read again: %s", ref.room, error)
            self._catchup.fall_behind(ref.room, below=ref.message_id - 1)
        finally:
            self._waiting -= 1

    def edited(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Hand over what a person edited; a link's preview is no edit."""
        message = payload.message
        room = Room.discord(message.channel.id)
        own = self._is_own(message)
        if own:
            self._note_end(room, message)
        if not self._is_read(room):
            return
        edited = self._is_edited(message)
        if not edited:
            self._note_pin(room, message)
        if own:
            return
        if message.id in self._thinking and left_out(message) is None:
            # A bot's answer that was announced: only now it is there, and that is no edit.
            del self._thinking[message.id]
            self.posted(message)
            return
        if left_out(message) is not None or not (edited or may_be_news(message)):
            self.left_out["update"] += 1
            return
        self._change(room, Edited(parse_or_note(message)))

    def _note_pin(self, room: Room, message: discord.Message) -> None:
        """Hand over that a message, perhaps MateBot's own, is pinned now or is no more.

        Any update tells how it stands; whether that is another state, the intake sees.
        """
        if self._pins.is_news(message.id, pinned=message.pinned):
            self._change(room, Pinned(MessageRef(room, message.id), message.pinned))

    def _note_end(self, room: Room, message: discord.Message) -> None:
        """Hand over a poll of MateBot's own with its final figures."""
        if message.poll is not None and message.poll.is_finalised():
            self._change(room, Polled(poll_of(message.poll), MessageRef(room, message.id)))

    def _is_edited(self, message: discord.Message) -> bool:
        """Whether a message was edited since it was last seen; remembered for 4096 of them."""
        edited_at = message.edited_at
        if edited_at is None or self._edited_at.get(message.id) == edited_at:
            return False
        _remember(self._edited_at, message.id, edited_at)
        return True

    def deleted(self, channel_id: int, message_ids: set[int]) -> None:
        """Hand over what is gone."""
        room = Room.discord(channel_id)
        if not self._is_read(room) or not message_ids:
            return
        self._change(room, Deleted(tuple(MessageRef(room, each) for each in sorted(message_ids))))

    def _change(self, room: Room, event: Change) -> None:
        if self._gaps.is_behind(room) and self._gaps.hold(room, event):
            return
        self._catchup.hand_over(room, [event])

    def reacted(self, payload: Reaction) -> None:
        """Hand over what people react with; what was changed while MateBot was away is not told."""
        event = reacted(payload)
        if self._is_read(event.ref.room) and event.person != self._own_user_id():
            self._change(event.ref.room, event)

    def voted(self, payload: discord.RawPollVoteActionEvent, *, chosen: bool) -> None:
        """Hand over a vote: which polls count, the store knows; answers are numbered from 1."""
        ref = MessageRef(Room.discord(payload.channel_id), payload.message_id)
        self._change(ref.room, Voted(ref, payload.user_id, payload.answer_id - 1, chosen))

    def typing(self, channel_id: int, user_id: int) -> None:
        """Tell that somebody types."""
        room = Room.discord(channel_id)
        if self._is_read(room) and user_id != self._own_user_id():
            self._typing(room)

    def renamed(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """Tell a channel's new name in it."""
        room = Room.discord(after.id)
        if self._is_read(room):
            self._tell(room, of_guild(after.guild), renamed(before, after))

    def planned(self, before: discord.ScheduledEvent | None, after: discord.ScheduledEvent) -> None:
        """Tell what is new of a planned event, in one room of its server."""
        self._tell_of_event(after, planned(before, after))

    def called_off(self, event: discord.ScheduledEvent) -> None:
        """Tell that an event will not be."""
        self._tell_of_event(event, called_off(event))

    def _tell_of_event(self, event: discord.ScheduledEvent, told: Told | None) -> None:
        guild = event.guild
        room = None if guild is None else event_room(event, guild, self._is_read)
        if guild is not None and room is not None:
            self._tell(room, planner(event, guild), told)

    def _tell(self, room: Room, author: Author, told: Told | None) -> None:
        """Hand over something that left no message in its room."""
        if told is not None:
            self._change(room, Posted(happened(room, author, told, discord.utils.utcnow())))

    def interaction(self, interaction: discord.Interaction) -> None:
        """Answer a command or a button, in its own time."""
        self._tasks.create_task(self._answers.answer(interaction), name="answer a command")

    def permissions_changed(self) -> None:
        """Ask for webhooks again, and for the rooms that could not be read or written to."""
        seen = self._sight.look(list(self._read_rooms()))
        for room in seen.found:  # at once: what was said there meanwhile comes before what is now
            self._catchup.fall_behind(room)
        if seen.news:
            self._tasks.create_task(self._reading(seen.unreadable), name="what can be read")
        self._forget_refusals()
        self._catchup.retry_now()
        self._tasks.create_task(self._welcomed(), name="permissions changed")


def _remember(kept: OrderedDict[int, V], key: int, value: V) -> None:
    """Keep a value by a message's id, and not more than 4096 of them."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
