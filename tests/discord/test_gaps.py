"""The bookkeeping of rooms that are behind."""

from matebot.core.events import Deleted, Edited
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Message
from matebot.core.richtext import plain
from matebot.discord.gaps import Gaps

ROOM = Room.discord(5)


def edit(number: int, text: str = "") -> Edited:
    """An edit of a message."""
    return Edited(Message(MessageRef(ROOM, number), Author(1, "Ana"), plain(text)))


def test_a_room_closes_when_its_history_ends() -> None:
    """Nothing came meanwhile: it is live, and what was held comes out in order, the last edits."""
    gaps = Gaps()
    gaps.open(ROOM)
    look = gaps.look(ROOM)
    gone = Deleted((MessageRef(ROOM, 2),))
    for event in (edit(1, "a"), gone, edit(1, "b")):
        assert gaps.hold(ROOM, event)
    assert gaps.close(ROOM, look, 10) == (gone, edit(1, "b"))
    assert not gaps.is_behind(ROOM)


def test_a_message_during_the_last_page_keeps_it_open() -> None:
    """Something newer than the page was seen while it was read: read on, then close."""
    gaps = Gaps()
    gaps.open(ROOM)
    look = gaps.look(ROOM)
    gaps.saw(ROOM, 11)
    assert gaps.close(ROOM, look, 10) is None
    assert gaps.close(ROOM, look, 11) == ()


def test_a_message_that_was_deleted_does_not_keep_it_open() -> None:
    """A message seen before the page was asked for and not in it is gone."""
    gaps = Gaps()
    gaps.open(ROOM)
    gaps.saw(ROOM, 11)
    assert gaps.close(ROOM, gaps.look(ROOM), 10) == ()


def test_another_gap_meanwhile_keeps_it_open() -> None:
    """A new session during the reading: what it missed may not be in the page."""
    gaps = Gaps()
    gaps.open(ROOM)
    look = gaps.look(ROOM)
    gaps.open(ROOM)
    assert gaps.close(ROOM, look, 10) is None
    assert gaps.close(ROOM, gaps.look(ROOM), 10) == ()


def test_reading_begins_at_the_oldest_that_failed() -> None:
    """Messages that failed are told in any order, even while reading; none is skipped."""
    gaps = Gaps()
    gaps.open(ROOM, below=20)
    assert gaps.start(ROOM, 30) == 20
    look = gaps.look(ROOM)
    gaps.open(ROOM, below=10)
    gaps.read(ROOM, look, 25)
    assert gaps.start(ROOM, 25) == 10
    gaps.read(ROOM, gaps.look(ROOM), 25)
    assert gaps.start(ROOM, 25) == 25


def test_what_is_held_is_bounded() -> None:
    """More than a thousand changes go ahead; a newer edit of a held one is still kept."""
    gaps = Gaps()
    gaps.open(ROOM)
    assert all(gaps.hold(ROOM, edit(number)) for number in range(1000))
    assert not gaps.hold(ROOM, edit(1000))
    assert gaps.hold(ROOM, edit(0, "newer"))
