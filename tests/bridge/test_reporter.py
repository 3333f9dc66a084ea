"""What people are told of files that stayed behind: once for a message, and quietly."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from matebot.bridge.reporter import PeopleReporter
from matebot.core.delivery import DeliveryKind, Job
from matebot.core.events import Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.media import LeftOut, Reason
from matebot.core.message import Attachment, AttachmentKind, Author, Message
from matebot.core.notice import Notice
from matebot.core.ports import Mark
from matebot.words import Catalogue
from tests.bridge.test_lanes import settle
from tests.bridge.world import CHANNEL, GROUP, World, bridge, message, world

THIRD = Room.discord(501)
FILE = Attachment(AttachmentKind.FILE, "report.zip", 64 << 20)
TOO_LARGE = LeftOut(FILE, Reason.TOO_LARGE, 10 << 20)


@dataclass
class Desk:
    """A reporter over a real store, and the jobs of a message that was said."""

    parts: World
    reporter: PeopleReporter = field(init=False)
    woken: list[Room] = field(default_factory=list)

    def __post_init__(self) -> None:
        async def title(room: Room) -> str:
            return f"#{room.chat}"

        words = Catalogue.load()
        self.reporter = PeopleReporter(self.parts.store, words, title, self.woken.extend, "en")

    async def said(self, what: Message) -> list[Job]:
        """Somebody says something: the jobs that bring it to each room."""
        await self.parts.relay.take([Posted(what)], Mark())
        jobs = [await self.parts.store.next_in(room) for room in (CHANNEL, THIRD)]
        for job in jobs:
            assert job is not None
            await self.parts.store.finish(job)
        return [job for job in jobs if job is not None]

    async def notices(self) -> list[Notice]:
        """What is told in the end."""
        await settle(self.parts)
        return self.parts.telegram.said


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with world(tmp_path / "w.sqlite", bridge(GROUP, CHANNEL, THIRD)) as parts:
        yield Desk(parts)


async def test_the_author_is_told_once_for_all_rooms(desk: Desk) -> None:
    """In private where that can be, else below the message: file, size, room and limit."""
    for job in await desk.said(message(1, "look")):
        assert job.delivery.kind is DeliveryKind.POST
        await desk.reporter.left_out(job, [TOO_LARGE, TOO_LARGE])
    assert desk.woken == [GROUP]
    (notice,) = await desk.notices()
    assert notice.text.text == (
        "Not brought to #500, since it is larger than 10 MB: 📎 File: report.zip (64 MB)"
    )
    assert (notice.only_for, notice.reply_to, notice.or_else) == (7, 1, notice.text)


async def test_it_is_not_told_again_after_a_restart(desk: Desk) -> None:
    """The books know; another message is told of by itself."""
    first = (await desk.said(message(1, "look")))[0]
    await desk.reporter.left_out(first, [TOO_LARGE])
    await Desk(desk.parts).reporter.left_out(first, [TOO_LARGE])
    second = (await desk.said(message(2, "look")))[0]
    await desk.reporter.left_out(second, [TOO_LARGE])
    assert [notice.reply_to for notice in await desk.notices()] == [1, 2]


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (LeftOut(FILE, Reason.TOO_LARGE), "since it is too large"),
        (LeftOut(FILE, Reason.GONE), "since it was no longer to be had"),
        (LeftOut(FILE, Reason.BROKEN), "since it is damaged"),
    ],
    ids=lambda value: value.reason.value if isinstance(value, LeftOut) else "",
)
async def test_every_reason_has_its_words(desk: Desk, left: LeftOut, text: str) -> None:
    """In the language of the room where it was said."""
    await desk.reporter.left_out((await desk.said(message(1, "look")))[0], [left])
    (notice,) = await desk.notices()
    assert text in notice.text.text


async def test_who_speaks_for_a_chat_is_told_in_it_and_a_program_is_not(desk: Desk) -> None:
    """Neither can be written to in private."""
    said = [message(1, "a"), message(2, "b")]
    authors = Author(-1001, "The group"), Author(9, "RSS", is_bot=True)
    for each, author in zip(said, authors, strict=True):
        job = (await desk.said(replace(each, author=author)))[0]
        await desk.reporter.left_out(job, [TOO_LARGE])
    (notice,) = await desk.notices()
    assert (notice.only_for, notice.reply_to) == (None, 1)


async def test_a_message_that_is_nowhere_is_told_of_nowhere(desk: Desk) -> None:
    """Such as an answer to a command, which has none."""
    job = (await desk.said(message(1, "look")))[0]
    nowhere = replace(message(1, "look"), ref=MessageRef(GROUP, 0))
    await desk.reporter.left_out(job._replace(message=nowhere), [TOO_LARGE])
    assert await desk.notices() == []
