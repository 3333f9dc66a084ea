"""What people are told of what stayed behind: files quietly and once for a message."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from matebot.bridge.reporter import PeopleReporter
from matebot.core.delivery import DeliveryKind, Job
from matebot.core.errors import NoAccess, PermanentError, RoomGone
from matebot.core.events import Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.media import LeftOut, Reason
from matebot.core.message import Attachment, AttachmentKind, Author, Message, Poll
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
        self.reporter = PeopleReporter(
            self.parts.store,
            words,
            title,
            wake=self.woken.extend,
            readers=lambda room: [GROUP] if room == CHANNEL else [],
            language="en",
        )

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


async def test_each_message_that_is_refused_is_told_of(desk: Desk) -> None:
    """Also the second one, though nothing has arrived in that room in between; of each room."""
    for number in (1, 2):
        for job in await desk.said(message(number, "odd")):
            await desk.reporter.failed(job, PermanentError("it is odd"), given_up=True)
    notices = await desk.notices()
    assert [notice.reply_to for notice in notices] == [1, 1, 2, 2]
    assert [notice.text.text for notice in notices[:2]] == [
        f"This message could not be brought to #{room.chat}: it is odd" for room in (CHANNEL, THIRD)
    ]


async def test_a_change_that_is_refused_is_told_of(desk: Desk) -> None:
    """People elsewhere go on reading what it was; of a message that is gone there is no change."""
    job = (await desk.said(message(1, "odd")))[0]
    edit = job._replace(delivery=job.delivery._replace(kind=DeliveryKind.EDIT))
    await desk.reporter.failed(edit._replace(deleted=True), PermanentError("no"), given_up=True)
    await desk.reporter.failed(edit, PermanentError("it is odd"), given_up=True)
    (notice,) = await desk.notices()
    assert notice.text.text == ("A change of this message could not be brought to #500: it is odd")


@pytest.mark.parametrize("error", [NoAccess("no right"), RoomGone("no channel")])
async def test_of_a_room_it_is_told_once_and_once_more_after_a_day(
    desk: Desk, error: PermanentError
) -> None:
    """What waits in vain is not dropped in silence, nor does every message say so."""
    first, second = [(await desk.said(message(number, "hi")))[0] for number in (1, 2)]
    for given_up in (False, True):
        for job in (first, second):
            await desk.reporter.failed(job, error, given_up=given_up)
    texts = [notice.text.text for notice in await desk.notices()]
    assert len(texts) == 2
    assert "I keep trying for a day" in texts[0]
    assert "more than a day ago was not brought to #500" in texts[1]


async def test_a_trouble_that_is_over_is_told_again(desk: Desk) -> None:
    """The whole of it: that it cannot be written to, and that what waited is dropped."""
    job = (await desk.said(message(1, "hi")))[0]
    for _ in range(2):
        for given_up in (False, True):
            await desk.reporter.failed(job, NoAccess("no right"), given_up=given_up)
        await desk.reporter.arrived(job)
    assert len(await desk.notices()) == 4


async def test_figures_of_a_poll_that_are_refused_are_no_change_of_a_person(desk: Desk) -> None:
    """Nobody said anything that was not brought."""
    job = (await desk.said(message(1, "?")))[0]
    asked = replace(message(1, "?"), poll=Poll("Where?", ("here", "there"), own=True))
    edit = job._replace(delivery=job.delivery._replace(kind=DeliveryKind.EDIT), message=asked)
    await desk.reporter.failed(edit, PermanentError("it is odd"), given_up=True)
    assert await desk.notices() == []


async def test_who_reads_a_room_is_told_once_that_it_cannot_be_read(desk: Desk) -> None:
    """Also over a restart; and again only after it could be read."""
    for unreadable in ([CHANNEL], [CHANNEL, THIRD], [THIRD]):
        await desk.reporter.reading(unreadable)
    await Desk(desk.parts).reporter.reading([THIRD])
    assert len(await desk.notices()) == 1
    await Desk(desk.parts).reporter.reading([CHANNEL])
    await Desk(desk.parts).reporter.reading([CHANNEL])
    assert len(await desk.notices()) == 2
