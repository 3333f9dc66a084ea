"""What the relay does with events that can never be stored."""

import logging
from pathlib import Path

import pytest
from msgspec.structs import replace

from matebot.core.events import Posted
from matebot.core.message import Attachment, AttachmentKind, Author, Message
from matebot.core.ports import Mark
from tests.bridge.world import message, world


@pytest.mark.parametrize("where", ["while it is stored", "while it is looked at"])
async def test_what_cannot_be_stored_stops_nothing_else(
    tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its neighbours are stored, its room is read on, and the log names no word."""
    odd = _odd(where)
    async with world(tmp_path / "w.sqlite") as parts:
        events = [Posted(message(1, "before")), Posted(odd), Posted(message(3, "behind"))]
        with caplog.at_level(logging.ERROR):
            await parts.relay.take(events, Mark(cursor=events[-1].message.ref))
        assert [record.message for record in caplog.records] == [
            "an event cannot be stored and is left out"
        ]
        assert "secret" not in caplog.text
        (lane,) = await parts.store.lanes()
        job = await parts.store.next_in(lane)
        assert job is not None
        assert job.message is not None
        assert job.message.text.text == "before"
        assert parts.relay.counts["posted"] >= 2
        ahead = await parts.store.posts_ahead(lane, 10)
        assert [each.message.text.text for each in ahead if each.message] == ["before", "behind"]


@pytest.mark.parametrize("where", ["while it is stored", "while it is looked at"])
async def test_an_update_that_cannot_be_stored_is_left_to_who_brought_it(
    tmp_path: Path, where: str
) -> None:
    """Nothing of it is stored, nor that it came: Telegram's side keeps it as it came."""
    async with world(tmp_path / "w.sqlite") as parts:
        with pytest.raises(OverflowError):
            await parts.relay.take([Posted(_odd(where))], Mark(update_id=7))
        assert await parts.store.lanes() == []
        await parts.relay.take([Posted(message(3, "with its number"))], Mark(update_id=7))
        assert len(await parts.store.lanes()) == 1


def _odd(where: str) -> Message:
    odd = message(2, "a secret word")
    if where == "while it is stored":  # no column of the database holds such a number
        return replace(odd, author=Author(2**63, "Ana"))
    # nor can it be written down at all
    return replace(odd, attachments=(Attachment(AttachmentKind.FILE, size_bytes=2**70),))
