"""What the relay does with events that can never be stored."""

import logging
from pathlib import Path

import pytest
from msgspec.structs import replace

from matebot.core.events import Posted
from matebot.core.message import Attachment, AttachmentKind, Author
from matebot.core.ports import Mark
from tests.bridge.world import message, world


@pytest.mark.parametrize("where", ["while it is stored", "while it is looked at"])
async def test_what_cannot_be_stored_stops_nothing_else(
    tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its neighbours are stored, its update is not brought again, and the log names no word."""
    odd = message(2, "a secret word")
    if where == "while it is stored":  # no column of the database holds such a number
        odd = replace(odd, author=Author(2**63, "Ana"))
    else:  # nor can it be written down at all
        odd = replace(odd, attachments=(Attachment(AttachmentKind.FILE, size_bytes=2**70),))
    async with world(tmp_path / "w.sqlite") as parts:
        events = [Posted(message(1, "before")), Posted(odd), Posted(message(3, "behind"))]
        with caplog.at_level(logging.ERROR):
            await parts.relay.take(events, Mark(update_id=7))
        assert [record.message for record in caplog.records] == [
            "an event cannot be stored and is left out"
        ]
        assert "secret" not in caplog.text
        (lane,) = await parts.store.lanes()
        job = await parts.store.next_in(lane)
        assert job is not None
        assert job.message is not None
        assert job.message.text.text == "before"
        await parts.relay.take([Posted(message(4, "the update comes again"))], Mark(update_id=7))
        assert parts.relay.counts["posted"] >= 2
        ahead = await parts.store.posts_ahead(lane, 10)
        assert [each.message.text.text for each in ahead if each.message] == ["before", "behind"]
