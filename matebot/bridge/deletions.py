"""Deleting on purpose from Telegram: `/delete` as an answer, and a reaction that was agreed on.

What is pointed at goes where it was pointed at, so does the original where MateBot has the right;
the copies elsewhere follow the bridges' choices, as with every deletion. The calls come first and
may be made twice: an update whose transaction was not written comes again.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final

from matebot.bridge.answers import Answers, Scene
from matebot.bridge.routes import Routes
from matebot.core.choices import DeleteReaction
from matebot.core.errors import DeliveryError, PermanentError, StoreUnavailable
from matebot.core.events import CROWD, Deleted, Event, How, Reacted
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.notice import Notice
from matebot.core.ports import AnyMessenger, CommandCall, Intake, Mark, Rooms
from matebot.core.presence import PresenceStore, Target

RETRY_S: Final = 5.0
log = logging.getLogger(__name__)


class Remover:
    """Deletes what somebody who may has pointed at.

    Args:
        store: Knows what stands where.
        messengers: Who writes into each platform's rooms.
        intake: The relay.
        routes: The bridges in force.
    """

    def __init__(
        self,
        store: PresenceStore,
        messengers: Mapping[Platform, AnyMessenger],
        intake: Intake,
        routes: Routes,
    ) -> None:
        self._store = store
        self._messengers = messengers
        self._intake = intake
        self._routes = routes

    async def target(self, ref: MessageRef) -> Target | None:
        """What stands there; None if it is nothing that crossed a bridge, or is gone already."""
        target = await self._store.target(ref)
        return None if target is None or target.deleted else target

    async def remove(self, target: Target, mark: Mark) -> bool:
        """Delete it everywhere, as far as the room it was pointed at in may decide.

        Returns:
            Whether all that was to go is gone, or will go; ``mark`` is stored only then.

        Raises:
            StoreUnavailable: It is not written down; the calls may be made again.
        """
        room = target.here[0].room
        # Where others' words stand in the same copy, its delivery takes out the one original alone.
        wanted = {} if target.shared else dict.fromkeys(target.here)
        reads = self._routes.is_read(room)
        if reads and target.original.room.chat:  # MateBot's own polls stand nowhere else
            wanted[target.original] = None
        done = await self._delete_all(wanted)
        log.info("deleted on demand in %s, all gone: %s", room, done)
        events = [Deleted((target.original,))] if reads else []
        await self._intake.take(events, mark if done else Mark())
        return done

    async def tidy(self, ref: MessageRef) -> None:
        """Delete a message that has done its work, if MateBot may."""
        await self._delete_all([ref])

    async def _delete_all(self, refs: Iterable[MessageRef]) -> bool:
        done = True
        for ref in refs:
            try:
                await self._messengers[ref.room.platform].delete(ref)
            except DeliveryError as error:
                log.info("a message in %s stays: %s", ref.room, error)
                done = False
        return done


async def delete_command(
    remover: Remover, answers: Answers, scene: Scene, call: CommandCall
) -> Notice | None:
    """Do what `/delete` says; where all went well the command vanishes as well."""
    if call.reply_to is None:
        return await answers.tell_text(scene, "delete-how")
    target = await remover.target(MessageRef(call.room, call.reply_to))
    if target is None:
        return await answers.tell_text(scene, "delete-unknown")
    own = (target.original.room.platform, target.author_id) == (
        call.room.platform,
        call.caller.id,
    )
    if not (call.caller_is_admin or own):
        return await answers.tell_text(scene, "delete-not-yours")
    done = await remover.remove(target, Mark(update_id=scene.stamp.update_id))
    answer = None if done else await answers.tell_text(scene, "delete-stays")
    if call.message_id is not None:
        await remover.tidy(MessageRef(call.room, call.message_id))
    return answer


class Moderated:
    """The relay for Telegram's events, but a reaction agreed on, by an administrator, deletes.

    Args:
        intake: The relay.
        remover: Deletes.
        routes: The bridges in force, with their choices.
        rooms: Tells who is an administrator.
        say_it_stays: Says, at a message, that not all of it could be deleted.
    """

    def __init__(
        self,
        intake: Intake,
        remover: Remover,
        routes: Routes,
        rooms: Rooms,
        say_it_stays: Callable[[MessageRef], Awaitable[None]],
    ) -> None:
        self._intake = intake
        self._remover = remover
        self._routes = routes
        self._rooms = rooms
        self._say_it_stays = say_it_stays

    def take(self, events: Sequence[Event], mark: Mark) -> Awaitable[None]:
        """See `Intake.take`; reactions that may delete are looked at first (they have no order)."""
        match events:
            case [Reacted(how=How.ARE | How.ADDED) as event] if self._agreed(event):
                return self._judge(event, mark)
            case _:
                return self._intake.take(events, mark)

    def _agreed(self, event: Reacted) -> bool:
        """Whether an emoji may delete somewhere in that chat; the message tells whether here."""
        if event.person in (0, CROWD):
            return False
        emoji = {each.text for each in event.emoji if not each.custom_id}
        return any(
            bridge.choices.delete_reaction in emoji
            for bridge in self._routes.bridges
            if bridge.choices.delete_reaction is not DeleteReaction.OFF
            for part in bridge.rooms
            if part.room.whole == event.ref.room.whole
        )

    def _agreed_in(self, room: Room, event: Reacted) -> bool:
        """Whether the bridges of the very room in which the message stands agreed on it."""
        emoji = {each.text for each in event.emoji if not each.custom_id}
        chosen = {bridge.choices.delete_reaction for bridge in self._routes.bridges_of(room)}
        return any(each in emoji for each in chosen - {DeleteReaction.OFF})

    async def _judge(self, event: Reacted, mark: Mark) -> None:
        target = await self._remover.target(event.ref)
        if target is None or not self._agreed_in(target.here[0].room, event):
            await self._intake.take([event], mark)
            return
        if not await self._is_admin(event.ref.room, event.person):
            await self._intake.take([event], mark)
            return
        if not await self._remover.remove(target, mark):
            await self._say_it_stays(event.ref)
            await self._intake.take([], mark)

    async def _is_admin(self, room: Room, person: int) -> bool:
        """Whether they may; an anonymous administrator acts as the chat itself.

        Raises:
            StoreUnavailable: Telegram does not tell now.
        """
        if person == room.chat:
            return True
        try:
            return await self._rooms.is_admin(room, person)
        except PermanentError:
            return False
        except DeliveryError as error:
            raise StoreUnavailable(f"rights unknown: {error}", RETRY_S) from error
