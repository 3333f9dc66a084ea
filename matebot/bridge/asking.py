"""`/poll`: MateBot's own poll in every room of a bridge, with one tally and one end.

Such a poll is an original that stands nowhere: what is seen of it are copies, in the caller's room
as well, and what the copies show is a desired state like any other.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from matebot.bridge.answers import Answers, Scene
from matebot.core.asking import AskingStore, Draft, Ending, Refusal, read
from matebot.core.bridges import Bridge
from matebot.core.delivery import Destination
from matebot.core.errors import StoreUnavailable
from matebot.core.ids import MessageRef, Platform, Room
from matebot.core.message import Message, Poll
from matebot.core.notice import Notice
from matebot.core.ports import CommandCall
from matebot.core.richtext import RichText

LOOK_EVERY_S: Final = 5.0
log = logging.getLogger(__name__)


class Asking:
    """Asks, and ends what was asked in its time.

    Args:
        store: Keeps the polls.
        bridges_of: The bridges in force that a room belongs to.
        wake: Tells lanes that something waits.
    """

    def __init__(
        self,
        store: AskingStore,
        bridges_of: Callable[[Room], Sequence[Bridge]],
        wake: Callable[[Iterable[Room]], None],
    ) -> None:
        self._store = store
        self._bridges_of = bridges_of
        self._wake = wake

    def places(self, room: Room) -> tuple[Destination, ...]:
        """Where a poll is asked that somebody asks in a room: there, and where its words go.

        A chat that is in it several times has it once; empty where nothing said here goes anywhere.
        """
        found: dict[Room, Destination] = {}
        for bridge in self._bridges_of(room):
            here = [part for part in bridge.rooms if part.room in (room, room.whole)]
            there = [part.room for part in bridge.rooms if part.writes and part not in here]
            if there and any(part.reads for part in here):
                for each in (room, *there):
                    found.setdefault(each.whole, Destination(bridge.id, each, bridge.choices))
        return tuple(found.values())

    async def ask(self, scene: Scene, draft: Draft, places: Sequence[Destination]) -> bool:
        """Ask it in these places; False where the update was seen before.

        Raises:
            StoreUnavailable: It is not written down.
        """
        now = scene.stamp.now
        poll = Poll(draft.question, draft.options, closes_at=now + draft.lasts_s, own=True)
        ref = MessageRef(scene.room, scene.reply_to or 0)
        message = Message(ref, scene.caller, RichText(), sent_at=now, poll=poll)
        asked = await self._store.ask(message, places, scene.stamp)
        self._wake({place.room.whole for place in places})
        return asked

    async def end(self, scene: Scene, *, anybodys: bool) -> bool:
        """End the caller's newest poll in that room, or anybody's; False where there is none.

        Raises:
            StoreUnavailable: It is not written down.
        """
        person = None if anybodys else scene.caller.id
        lanes = await self._store.end(scene.room, person, scene.stamp)
        self._wake(lanes or ())
        return lanes is not None

    async def run(self) -> None:
        """End polls when their time has come, until cancelled."""
        while True:
            try:
                self._wake(await self._store.close_due())
            except StoreUnavailable as error:
                log.warning("polls wait for the database: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)


async def poll_command(
    asking: Asking, answers: Answers, scene: Scene, call: CommandCall
) -> Notice | None:
    """Do what `/poll` says; in Telegram the poll itself is the answer."""
    wish = read(call.argument)
    if isinstance(wish, Refusal):
        return await answers.tell_text(scene, wish.message_id, **wish.args)
    if isinstance(wish, Ending):
        if not await asking.end(scene, anybodys=call.caller_is_admin):
            return await answers.tell_text(scene, "poll-none-open")
        return _done(answers, scene, "poll-ends")
    places = asking.places(scene.room)
    if not places:
        return await answers.tell_text(scene, "poll-nowhere")
    if not await asking.ask(scene, wish, places):
        return None
    return _done(answers, scene, "poll-asked", count=len(places))


def _done(answers: Answers, scene: Scene, message_id: str, **args: int) -> Notice | None:
    if scene.room.platform is Platform.TELEGRAM:
        return None
    return Notice(answers.text(scene.language, message_id, **args))
