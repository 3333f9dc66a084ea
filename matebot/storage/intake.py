"""One transaction for what came in: its identity, its deliveries, and how far was read."""

import sqlite3
from collections.abc import Sequence

from matebot.core.delivery import DeliveryKind, Destination, Routed
from matebot.core.ids import Room
from matebot.core.message import Deleted, Edited, Moved, Posted
from matebot.core.ports import Mark
from matebot.storage import bridges, deliveries, messages, pairings, rooms, updates


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
                    touched |= _deleted(conn, original.id, item, now)
            return touched
        case Moved(old, new):
            move(conn, old, new)
            return {new}


def _posted(conn: sqlite3.Connection, item: Routed, event: Posted, now: float) -> set[Room]:
    if messages.is_copy(conn, event.message.ref):
        return set()
    original = messages.add(conn, event.message, item.digest, now)
    if original is None:
        return set()
    for destination in item.destinations:
        deliveries.enqueue(conn, DeliveryKind.POST, destination, original, now)
    return {destination.room for destination in item.destinations}


def _edited(conn: sqlite3.Connection, item: Routed, event: Edited, now: float) -> set[Room]:
    """Note what an original says now; a delivery that still waits will bring the new state."""
    original = messages.find(conn, event.message.ref)
    if original is None or original.deleted or original.digest == item.digest:
        return set()
    messages.update(conn, original.id, event.message, item.digest)
    touched: set[Room] = set()
    for destination in _reached(conn, original.id, item):
        if not deliveries.waits_untried(conn, original.id, destination.room):
            deliveries.enqueue(conn, DeliveryKind.EDIT, destination, original.id, now)
            touched.add(destination.room)
    return touched


def _deleted(conn: sqlite3.Connection, original: int, item: Routed, now: float) -> set[Room]:
    """Note that an original is gone; what was not yet tried is never sent."""
    deliveries.cancel_untried(conn, original)
    messages.mark_deleted(conn, original)
    reached = _reached(conn, original, item)
    for destination in reached:
        deliveries.enqueue(conn, DeliveryKind.DELETE, destination, original, now)
    return {destination.room for destination in reached}


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
