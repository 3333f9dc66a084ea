"""One transaction for what came in: its identity, its deliveries, and how far was read."""

import sqlite3
from collections.abc import Sequence

from matebot.core.choices import Deletes
from matebot.core.delivery import DeliveryKind, Destination, Routed
from matebot.core.events import Deleted, Edited, Moved, Pinned, Polled, Posted, Reacted, Voted
from matebot.core.ids import Platform, Room
from matebot.core.message import Message
from matebot.core.ports import Mark
from matebot.storage import (
    albums,
    bridges,
    deliveries,
    messages,
    own_polls,
    pairings,
    polls,
    presence,
    reactions,
    reading,
    rooms,
    updates,
)

FOLD_EDITS_S = 1.0
"""An edit waits so long for more of them."""
FOLD_REACTIONS_S = 2.0
MOST_ANSWERS = 20
"""So many copies that show the first words of an edited message are made anew."""


def accept(
    conn: sqlite3.Connection, routed: Sequence[Routed], mark: Mark, now: float
) -> frozenset[Room]:
    """Store events and their deliveries; returns the lanes that have something new to do."""
    if mark.update_id is not None and updates.seen(conn, mark.update_id, now):
        return frozenset()
    touched: set[Room] = set()
    for item in routed:
        touched |= _accept_one(conn, item, now)
    if mark.cursor is not None:
        rooms.advance(conn, mark.cursor)
        if mark.decided_at is not None:
            reading.note_decision(conn, mark.cursor.room, mark.decided_at)
    return frozenset(room.whole for room in touched)


def _accept_one(conn: sqlite3.Connection, item: Routed, now: float) -> set[Room]:
    match item.event:
        case Posted():
            return _posted(conn, item, item.event, now)
        case Edited():
            return _edited(conn, item, item.event, now)
        case Deleted(refs):
            touched: set[Room] = set()
            for ref in refs:
                if (original := messages.find(conn, ref)) and not original.deleted:
                    everywhere = own_polls.everywhere(conn, original.id, item)
                    touched |= _deleted(conn, original, everywhere, now)
            return touched
        case Moved(old, new):
            move(conn, old, new)
            return {new}
        case Reacted():
            return _reacted(conn, item, item.event, now)
        case Pinned():
            return _pinned(conn, item, item.event, now)
        case Polled() | Voted():
            return own_polls.told(conn, item.event, now)


def _posted(conn: sqlite3.Connection, item: Routed, event: Posted, now: float) -> set[Room]:
    if not item.destinations or messages.is_copy(conn, event.message.ref):
        return set()  # what goes nowhere is not kept, either
    original = messages.add(conn, event.message, item.digest, now)
    if original is None:
        return set()
    album = _album(event.message)
    for destination in item.destinations:
        deliveries.enqueue(conn, DeliveryKind.POST, destination, original, now, album=album)
        if album is not None:
            albums.wait_for_more(conn, album, destination, now)
    if item.destinations and event.message.ref.room.platform is Platform.TELEGRAM:
        presence.watch(conn, original, now)
    if item.destinations:
        polls.note(conn, original, event.message)
    return {destination.room for destination in item.destinations}


def _album(message: Message) -> str | None:
    """What tells an album from all others; None for what is none."""
    return f"{message.ref.room.whole}:{message.album}" if message.album else None


def _edited(conn: sqlite3.Connection, item: Routed, event: Edited, now: float) -> set[Room]:
    """Note what an original says now; a delivery that still waits will bring the new state."""
    original = messages.find(conn, event.message.ref)
    if original is None or original.deleted or original.digest == item.digest:
        return set()
    messages.update(conn, original.id, event.message, item.digest)
    polls.note(conn, original.id, event.message)
    return _render_again(conn, original.id, item, now) | _answers_again(conn, original, item, now)


def _deleted(
    conn: sqlite3.Connection, gone: messages.Original, item: Routed, now: float
) -> set[Room]:
    """Note that an original is gone; what was not yet tried is never sent."""
    original = gone.id
    deliveries.cancel_untried(conn, original)
    reached = _reached(conn, original, item)
    marked = any(place.choices.deletes is Deletes.MARK for place in reached)
    kept = any(place.choices.deletes is Deletes.KEEP for place in reached)
    # What stays in a message with others has to be rendered again when one of those changes.
    needed = marked or (kept and messages.shares(conn, original))
    messages.mark_deleted(conn, original, forget=not needed)
    touched: set[Room] = set()
    for place in reached:
        if place.choices.deletes is not Deletes.KEEP:
            marks = place.choices.deletes is Deletes.MARK
            kind = DeliveryKind.EDIT if marks else DeliveryKind.DELETE
            deliveries.enqueue(conn, kind, place, original, now)
            touched.add(place.room)
    return touched | _answers_again(conn, gone, item, now)


def _render_again(conn: sqlite3.Connection, original: int, item: Routed, now: float) -> set[Room]:
    """Have an original's copies be as the original is now, where nothing that waits will do so."""
    touched: set[Room] = set()
    for place in _reached(conn, original, item):
        if not deliveries.waits_untried(conn, original, place.room):
            deliveries.enqueue(
                conn, DeliveryKind.EDIT, place, original, now, not_before=now + FOLD_EDITS_S
            )
            touched.add(place.room)
    return touched


def _answers_again(
    conn: sqlite3.Connection, original: messages.Original, item: Routed, now: float
) -> set[Room]:
    """Copies of answers show the first words of what they answer: make them anew.

    They stand in the room of what they answer, too, where the answer came from elsewhere.
    """
    here = {place._replace(room=original.ref.room) for place in item.destinations}
    everywhere = item._replace(destinations=(*item.destinations, *here))
    touched: set[Room] = set()
    for answer in messages.answers_to(conn, original.id, MOST_ANSWERS):
        touched |= _render_again(conn, answer, everywhere, now)
    return touched


def _reacted(conn: sqlite3.Connection, item: Routed, event: Reacted, now: float) -> set[Room]:
    original = messages.find_any(conn, event.ref)
    if original is None:
        return set()
    reactions.change(conn, original, event)
    return _enqueue_state(conn, DeliveryKind.REACT, original, item, now)


def _pinned(conn: sqlite3.Connection, item: Routed, event: Pinned, now: float) -> set[Room]:
    """Note whether an original is pinned; it comes back from where MateBot pinned it, unchanged."""
    original = messages.find_any(conn, event.ref)
    if original is None or not messages.pin_changes(conn, original, event):
        return set()
    messages.mark_pinned(conn, original, pinned=event.pinned)
    return _enqueue_state(conn, DeliveryKind.PIN, original, item, now)


def _enqueue_state(
    conn: sqlite3.Connection, kind: DeliveryKind, original: int, item: Routed, now: float
) -> set[Room]:
    """Bring a state of a message to the rooms where it stands, unless that is under way already."""
    fold_s = FOLD_REACTIONS_S if kind is DeliveryKind.REACT else 0.0
    stands = deliveries.chats_of(conn, original)
    if (found := messages.get(conn, original)) is not None:
        stands.add(found.ref.room.whole)
    touched: set[Room] = set()
    for place in item.destinations:
        waits = deliveries.waits_untried(conn, original, place.room, kind)
        if place.room.whole in stands and not waits:
            deliveries.enqueue(conn, kind, place, original, now, not_before=now + fold_s)
            touched.add(place.room)
    return touched


def _reached(conn: sqlite3.Connection, original: int, item: Routed) -> list[Destination]:
    """Those destinations that the original has reached, or is on its way to."""
    chats = deliveries.chats_of(conn, original)
    return [destination for destination in item.destinations if destination.room.whole in chats]


def move(conn: sqlite3.Connection, old: Room, new: Room) -> None:
    """A chat goes on under a new id: re-key whatever names the old one.

    The message map keeps the old id: a supergroup numbers its messages anew.
    """
    rooms.note_move(conn, new.platform, old.chat, new.chat)
    bridges.move(conn, new.platform.value, old.chat, new.chat)
    deliveries.move(conn, new.platform.value, old.chat, new.chat)
    pairings.move(conn, new.platform.value, old.chat, new.chat)
    own_polls.move(conn, new.platform.value, old.chat, new.chat)
