"""Event in, deliveries out: drops echoes, asks the routes, stores, and wakes the lanes."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from matebot.bridge.loops import Loops
from matebot.bridge.routes import Routes
from matebot.core.choices import Choices
from matebot.core.delivery import Destination, IntakeStore, Routed
from matebot.core.errors import StoreUnavailable
from matebot.core.events import (
    Deleted,
    Edited,
    Event,
    Moved,
    Pinned,
    Polled,
    Posted,
    Reacted,
    Voted,
)
from matebot.core.faults import whereabouts
from matebot.core.ids import Room
from matebot.core.media import has_files
from matebot.core.message import Attachment, Happening, Message
from matebot.core.ports import Mark

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode


def visible_digest(message: Message) -> bytes:
    """What tells two states of a message apart: all that a reader sees of it, and no more."""
    attachments = [_seen(each) for each in message.attachments]
    seen = _encode((message.text, attachments, message.poll, message.forward))
    shown = b"" if message.preview else b"bare"
    above = b"above" if message.caption_above else b""
    return blake2b(seen + shown + above, digest_size=16).digest()


def _seen(attachment: Attachment) -> Attachment:
    """An attachment without the addresses of its file, which change by themselves."""
    if attachment.file is None:
        return attachment
    return replace(attachment, link=None, file=replace(attachment.file, source="", thumbnail=""))


class Relay:
    """Takes what the readers bring (`matebot.core.ports.Intake`).

    Args:
        store: Where it is written down.
        routes: The bridges in force.
        wake: Told the lanes that have something new to do.
        moved: Told after a chat's new id was stored, so that the routes follow.
        loops: Decides which other bots' messages go on.
        foresee: Told, once they are stored, which messages with files go into which room, so that
            what takes time may begin ahead of their turn.

    Attributes:
        counts: How many events were stored, by kind.
    """

    def __init__(
        self,
        store: IntakeStore,
        routes: Routes,
        wake: Callable[[Iterable[Room]], None],
        moved: Callable[[], None],
        *,
        loops: Loops | None = None,
        foresee: Callable[[Room, Message], None] | None = None,
    ) -> None:
        self._store = store
        self._routes = routes
        self._wake = wake
        self._moved = moved
        self._loops = loops or Loops()
        self._foresee = foresee
        self.counts: Counter[str] = Counter()

    def take(self, events: Sequence[Event], mark: Mark) -> Awaitable[None]:
        """See `Intake.take`: the events are queued now, in the order of the calls."""
        routed = [item for event in events for item in self._if_it_can_be(event, mark)]
        return self._finish(routed, mark, self._accept(routed, mark))

    def _accept(self, routed: Sequence[Routed], mark: Mark) -> asyncio.Future[frozenset[Room]]:
        stored = self._store.accept(routed, mark)
        awake = frozenset(
            place.room.whole
            for item in routed
            if isinstance(item.event, Posted)
            for place in item.destinations
        )
        # A callback and not the caller's await: a caller may be cancelled, the rows stay.
        stored.add_done_callback(partial(self._stored, routed, awake))
        self._wake(awake)  # at once: their look comes behind what is being stored
        return stored

    async def _finish(
        self, routed: Sequence[Routed], mark: Mark, stored: asyncio.Future[frozenset[Room]]
    ) -> None:
        """Wait until all is stored; what can never be is left out, so that it stops nothing else.

        Raises:
            StoreUnavailable: Nothing was stored, or not all of it.
            Exception: An update's event can never be stored: nothing was.
        """
        try:
            await asyncio.shield(stored)
            await asyncio.sleep(0)  # the copies' requests go out first: they are waited for
        except StoreUnavailable:
            raise
        except Exception:  # whatever it is, it would be the same the next time
            if mark.kept_by_its_bringer:
                raise
            for item in routed:
                try:
                    await asyncio.shield(self._accept([item], Mark()))
                except StoreUnavailable:
                    raise
                except Exception as error:  # noqa: BLE001  (whatever it is, the others go on)
                    _left_out(item.event, error)
            await asyncio.shield(self._accept([], mark))

    def _if_it_can_be(self, event: Event, mark: Mark) -> Sequence[Routed]:
        """An event with its rooms; nothing of one that cannot even be looked at."""
        try:
            return (self._route(event),)
        except Exception as error:  # one event must not stop all others
            if mark.kept_by_its_bringer:
                raise
            _left_out(event, error)
            return ()

    def _stored(
        self,
        routed: Sequence[Routed],
        awake: frozenset[Room],
        stored: asyncio.Future[frozenset[Room]],
    ) -> None:
        if stored.cancelled() or stored.exception() is not None:
            return
        self.counts.update(type(item.event).__name__.lower() for item in routed)
        if any(isinstance(item.event, Moved) for item in routed):
            self._moved()
        touched = stored.result()
        for item in routed:
            self._begin(item, touched)
        self._wake(touched - awake)

    def _begin(self, item: Routed, touched: frozenset[Room]) -> None:
        """Have begun ahead of its turn what takes time for a message with files."""
        event = item.event
        if self._foresee is None or not isinstance(event, Posted | Edited):
            return
        if has_files(event.message):
            for place in item.destinations:
                if place.room.whole in touched:
                    self._foresee(place.room, event.message)

    def _route(self, event: Event) -> Routed:
        match event:
            case Posted(message):
                places = self._passing(message, self._places(event, message.ref.room))
                return Routed(event, places, visible_digest(message))
            case Edited(message):
                places = self._places(event, message.ref.room)
                return Routed(event, places, visible_digest(message))
            case Deleted(refs):
                rooms = {ref.room for ref in refs}
                by_room = {
                    destination.room: destination
                    for room in rooms
                    for destination in self._routes.destinations(room)
                }
                return Routed(event, tuple(by_room.values()))
            case Reacted(ref):
                found = self._routes.around(ref.room)
                return Routed(event, _where_wanted(event, found))
            case Pinned(ref):
                return Routed(event, self._places(event, ref.room))
            case Moved(old, new):
                # At once, and not only after it is stored: the next update is said in the new chat.
                self._routes.move(old, new)
                return Routed(event, ())
            case Polled() | Voted():  # the store knows which of MateBot's own polls, and where
                return Routed(event, ())

    def _places(self, event: Event, room: Room) -> tuple[Destination, ...]:
        """Where an event goes, as far as each bridge's people want it there."""
        return _where_wanted(event, self._routes.destinations(room))

    def _passing(
        self, message: Message, places: tuple[Destination, ...]
    ) -> tuple[Destination, ...]:
        """Those of the places that are reached without repeating another bot for ever."""
        now = time.time()
        bridges = dict.fromkeys(place.bridge for place in places)
        passing = {name for name in bridges if self._loops.passes(name, message, now)}
        return tuple(place for place in places if place.bridge in passing)


def _where_wanted(event: Event, places: Iterable[Destination]) -> tuple[Destination, ...]:
    return tuple(place for place in places if _wanted(event, place.choices))


def _wanted(event: Event, choices: Choices) -> bool:
    """Whether a bridge's people want that kind of thing."""
    match event:
        case Posted(message):
            match message.happening:
                case Happening.JOINED | Happening.LEFT:
                    return choices.joins
                case Happening.TITLE:
                    return choices.titles
                case Happening.POLL_ENDED:
                    return False  # the poll itself tells, with its figures
            if message.protected and not choices.protected:
                return False
            return choices.other_bots or not message.author.is_bot
        case Reacted():
            return choices.reactions
        case Pinned():
            return choices.pins
        case _:
            return True


def _left_out(event: Event, error: Exception) -> None:
    """Say that an event is lost, without a word of what was said."""
    where = {"event": type(event).__name__.lower(), "error": whereabouts(error)}
    log.error("an event cannot be stored and is left out", extra=where)
