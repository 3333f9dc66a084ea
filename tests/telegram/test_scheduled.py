from datetime import UTC, datetime

import pytest
from aiogram.types import Chat, Message

from matebot.core.errors import TemporaryError, UnsureError
from matebot.telegram.scheduled import PATIENCE_S, Scheduled


def answer(message_id: int) -> Message:
    """What the service returns."""
    date = datetime(2026, 1, 1, tzinfo=UTC)
    return Message(message_id=message_id, date=date, chat=Chat(id=-1, type="group"))


def test_all_of_an_album_is_waited_for_but_not_for_ever() -> None:
    """Half of it is not enough, and after a while what is not there is taken for not posted."""
    now = 0.0
    scheduled = Scheduled(lambda: now)
    scheduled.note(-1, [answer(5)])
    scheduled.settle(-1, found=0)
    with pytest.raises(UnsureError):
        scheduled.note(-1, [answer(6), answer(0)])
    scheduled.settle(-2, found=0)
    for found in (0, 1):
        with pytest.raises(TemporaryError):
            scheduled.settle(-1, found=found)
    now = PATIENCE_S
    scheduled.settle(-1, found=1)
    now = 0.0
    scheduled.settle(-1, found=0)
