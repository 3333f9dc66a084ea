"""Notices that take another's place, and in whose name administrators act."""

import pytest

from matebot.core.ids import Room
from matebot.core.notice import Button, Notice
from matebot.core.richtext import plain
from matebot.telegram.rooms import TelegramRooms
from tests.telegram.standin import scene


async def test_a_notice_takes_anothers_place() -> None:
    """Text and keyboard change where it stands; the same again or one gone is no error."""
    async with scene() as here:
        page = Notice(plain("page"), buttons=(Button("a", "1"), Button("b", "2")), stacked=True)
        ref = await here.messenger.notice(here.room, page, "k")
        assert ref is not None
        shown = here.service.message(here.room.chat, ref.message_id)
        assert shown is not None
        assert [len(row) for row in shown["reply_markup"]["inline_keyboard"]] == [1, 1]
        other = Notice(plain("other"), buttons=(Button("c", "3"),), edits=ref.message_id)
        for _ in range(2):
            assert await here.messenger.notice(here.room, other, "k") == ref
        shown = here.service.message(here.room.chat, ref.message_id)
        assert shown is not None
        assert shown["text"] == "other"
        assert shown["reply_markup"]["inline_keyboard"][0][0]["text"] == "c"
        await here.messenger.delete(ref)
        assert await here.messenger.notice(here.room, other, "k") is None
        assert here.service.bot_messages(here.room.chat) == []


@pytest.mark.parametrize(("kind", "hidden"), [("supergroup", False), ("channel", True)])
async def test_in_whose_name_administrators_act(kind: str, hidden: bool) -> None:
    """Administrators are seen in groups; in a channel the channel itself speaks."""
    async with scene() as here:
        chat = here.service.add_group(
            "Place", kind="channel" if kind == "channel" else "supergroup"
        )
        here.service.join(chat["id"], here.ann["id"], status="administrator")
        rooms = TelegramRooms(here.bot)
        assert await rooms.is_anonymous(Room.telegram(chat["id"]), here.ann["id"]) is hidden
