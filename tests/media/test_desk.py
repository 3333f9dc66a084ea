"""The desk: each file fetched, converted and looked up once, and never waited for without end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from matebot.core.errors import (
    FileTooLarge,
    MessageGone,
    NotConnected,
    SourceUnavailable,
    TemporaryError,
)
from matebot.core.ids import Platform
from matebot.core.media import LeftOut, Outcome, Ready, Reason, Takes
from matebot.core.message import Attachment, AttachmentKind, Message
from matebot.media.conversion import Conversion
from matebot.media.desk import AHEAD, MOST_AHEAD, OF_ONE, Desk
from matebot.media.failing import GIVE_UP_S
from matebot.media.spool import Spool
from tests.media.world import (
    CHANNEL,
    GROUP,
    TO_DISCORD,
    TO_TELEGRAM,
    Book,
    Clock,
    Converter,
    Source,
    attachment,
    message,
    until,
)

K, C = AttachmentKind, Conversion
MB = 1_000_000


class World(NamedTuple):
    """A desk and all around it."""

    desk: Desk
    source: Source
    book: Book
    converter: Converter
    spool: Spool
    clock: Clock
    pauses: list[float]

    async def one(self, what: Attachment, takes: Takes = TO_TELEGRAM) -> Outcome:
        """What becomes of one attachment of a message in Discord."""
        (outcome,) = await self.desk.outcomes(message(what), takes)
        return outcome


def make_world(folder: Path, *, disk: int = 100 * MB, book: Book | None = None) -> World:
    source, clock, converter = Source(), Clock(), Converter()
    book, pauses = book or Book(), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    spool = Spool(folder, disk, hold_s=0.0, wait_s=0.2)
    desk = Desk(
        sources=dict.fromkeys(Platform, source),
        book=book,
        spool=spool,
        converter=converter,
        now=clock,
        pause=pause,
    )
    return World(desk, source, book, converter, spool, clock, pauses)


def world_folder(world: World) -> Path:
    """Where its files lie."""
    return world.spool._folder


@pytest.fixture
async def world(tmp_path: Path) -> World:
    return make_world(tmp_path / "media")


@pytest.fixture
async def running(world: World) -> AsyncIterator[World]:
    """With the desk's own work under way."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(world.desk.run())
        yield world
        task.cancel()


async def read(world: World, of: Message, ready: Outcome, takes: Takes = TO_TELEGRAM) -> bytes:
    """The bytes that would be sent."""
    assert isinstance(ready, Ready)
    path = await world.desk.path(of, ready, takes)
    return path.read_bytes()


async def test_a_file_goes_as_it_is(world: World) -> None:
    """Fetched once, with all that is known of it."""
    data = bytes(range(256)) * 1000
    world.source.files["a"] = data
    photo = attachment(
        K.PHOTO, size=len(data), name="../cat.jpg", mime="image/jpeg", spoiler=True, alt="a cat"
    )
    ready = await world.one(photo)
    assert isinstance(ready, Ready)
    assert (ready.kind, ready.name, ready.mime) == (K.PHOTO, "cat.jpg", "image/jpeg")
    assert (ready.size_bytes, ready.spoiler, ready.alt) == (len(data), True, "a cat")
    assert await read(world, message(photo), ready) == data
    assert world.source.opened == ["a"]


async def test_each_attachment_has_its_outcome_in_order(world: World) -> None:
    """What has no file is but a note; one that fails takes no other with it."""
    world.source.files |= {"a": b"a" * 10, "c": b"c" * 30}
    files = [attachment(source=name, size=size) for name, size in (("a", 10), ("b", 1), ("c", 30))]
    outcomes = await world.desk.outcomes(
        message(files[0], Attachment(K.LOCATION), files[1], files[2]), TO_TELEGRAM
    )
    assert [type(outcome) for outcome in outcomes] == [Ready, type(None), LeftOut, Ready]
    assert outcomes[2] == LeftOut(files[1], Reason.GONE)


async def test_without_fetching_only_the_unknown_is_looked_at(world: World) -> None:
    """A known size is enough; a file of unknown size, or one to convert, has to be seen once."""
    world.source.files |= {"a": b"a", "b": b"bb", "s": b"lottie"}
    of = message(
        attachment(source="a", size=1),
        attachment(source="b"),
        attachment(K.STICKER, "s", mime="application/json"),
    )
    for _ in range(2):
        outcomes = await world.desk.outcomes(of, TO_TELEGRAM, fetch=False)
        assert [each.size_bytes for each in outcomes if isinstance(each, Ready)] == [1, 2, 100]
        assert sorted(world.source.opened) == ["b", "s"]


async def test_the_same_sticker_again_costs_nothing(world: World) -> None:
    """In another message, with another address: no download, no conversion; nor after a start."""
    world.source.files["a"] = b"lottie"
    first = await world.one(attachment(K.STICKER, "a", mime="application/json", unique="s"))
    again = attachment(K.STICKER, "b", name="other", mime="application/json", unique="s")
    second = await world.one(again)
    assert isinstance(first, Ready)
    assert isinstance(second, Ready)
    assert (first.key, first.width) == (second.key, 256)
    assert second.name == "other.webm"
    restarted = make_world(world_folder(world), book=world.book)
    assert await restarted.one(again) == second
    assert await read(restarted, message(again), second) == b"x" * 100
    assert (world.source.opened, restarted.source.opened) == (["a"], [])
    assert (world.converter.done.total(), restarted.converter.done.total()) == (1, 0)


async def test_what_the_destination_has_is_not_fetched(world: World) -> None:
    """Telegram sends by its own id; only where that fails after all the bytes are needed."""
    world.source.files["a"] = b"lottie"
    sticker = attachment(K.STICKER, "a", mime="application/json")
    ready = await world.one(sticker)
    assert isinstance(ready, Ready)
    await world.book.note_remote(ready.key, "CAAC")
    later = make_world(world_folder(world).with_name("empty"), book=world.book)
    later.source.files["a"] = b"lottie"
    assert await later.one(sticker) == ready
    assert later.source.opened == []
    assert await read(later, message(sticker), ready) == b"x" * 100
    assert later.source.opened == ["a"]


async def test_many_who_want_the_same_fetch_it_once(world: World) -> None:
    """Twenty messages in as many rooms with the same sticker: one download, one conversion."""
    world.source.files["a"] = b"lottie"
    world.source.gate.clear()
    sticker = attachment(K.STICKER, "a", mime="application/json")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(world.one(sticker)) for _ in range(20)]
        await until(lambda: world.source.open_now == 1)
        world.source.gate.set()
    assert len({task.result() for task in tasks}) == 1
    assert (world.source.opened, world.converter.done.total()) == (["a"], 1)


async def test_who_is_cancelled_leaves_the_work_to_the_next(world: World) -> None:
    """A stop in the middle of a download leaves no half file and holds up nobody."""
    world.source.files["a"] = b"a" * MB
    world.source.gate.clear()
    photo = attachment(source="a", size=MB)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(world.one(photo))
        await until(lambda: world.source.open_now == 1)
        second = group.create_task(world.one(photo))
        first.cancel()
        await until(lambda: len(world.source.opened) == 2)
        world.source.gate.set()
    assert first.cancelled()
    assert isinstance(second.result(), Ready)
    assert len(list(world_folder(world).iterdir())) == 1


async def test_what_breaks_off_is_tried_again_from_a_fresh_address(world: World) -> None:
    """At once, a few times, from the beginning: what arrives is whole."""
    data = bytes(range(250)) * 2000
    world.source.files["a"] = data
    world.source.breaks_after = [65_536, 131_072]
    what = attachment(source="a", size=len(data))
    ready = await world.one(what)
    assert await read(world, message(what), ready) == data
    assert world.source.opened == ["a"] * 3
    assert world.pauses == [0.5, 2.0]
    assert len(list(world_folder(world).iterdir())) == 1


async def test_what_broke_off_makes_room_for_the_next_attempt(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is room for the file once: what came of it before lies there no more meanwhile."""
    lying: list[int] = []

    async def pause(seconds: float) -> None:
        del seconds
        lying.append(len(list(world_folder(world).iterdir())))

    monkeypatch.setattr(world.desk, "_pause", pause)
    world.source.files["a"] = data = b"a" * 500_000
    world.source.breaks_after = [65_536, 131_072]
    assert isinstance(await world.one(attachment(source="a", size=len(data))), Ready)
    assert lying == [0, 0]


async def test_a_fault_of_our_own_costs_one_file_and_no_message(world: World) -> None:
    """What nobody thought of stays with the file that it came of."""
    world.source.files = {"s": b"lottie", "a": b"fine"}
    world.converter.errors = [KeyError("of nobody's knowledge")]
    sticker = attachment(K.STICKER, "s", mime="application/json")
    outcomes = await world.desk.outcomes(message(sticker, attachment(source="a")), TO_TELEGRAM)
    assert outcomes[0] == LeftOut(sticker, Reason.BROKEN)
    assert isinstance(outcomes[1], Ready)


@pytest.mark.parametrize(
    "error", [TemporaryError("502"), NotConnected("revoked"), TemporaryError("429", 3600.0)]
)
async def test_a_service_that_is_down_lets_the_lane_wait(
    world: World, error: TemporaryError
) -> None:
    """By an error that says nothing of the destination, and with no hour's pause for the text."""
    world.source.files["a"] = b"a"
    world.source.errors = [error] * 3
    with pytest.raises(SourceUnavailable) as caught:
        await world.one(attachment(source="a", size=1))
    assert (caught.value.retry_after_s or 0.0) <= 60.0
    world.source.errors = []
    assert isinstance(await world.one(attachment(source="a", size=1)), Ready)


async def test_after_a_quarter_of_an_hour_the_message_goes_without(world: World) -> None:
    """Its file is gone for its own later edits, and is tried for in a new message."""
    what = attachment(source="a", size=1)
    world.source.files["a"] = b"a"

    async def once() -> Outcome:
        world.source.errors = [TemporaryError("502")] * 3
        return await world.one(what)

    for _ in range(int(GIVE_UP_S / 60.0)):
        with pytest.raises(SourceUnavailable):
            await once()
        world.clock.now += 60.0
    assert await once() == LeftOut(what, Reason.GONE)
    world.source.errors = []
    assert list(await world.desk.outcomes(message(what), TO_TELEGRAM, fetch=False)) == [
        LeftOut(what, Reason.GONE)
    ]
    assert isinstance(await world.one(what), Ready)
    assert isinstance(
        (await world.desk.outcomes(message(what), TO_TELEGRAM, fetch=False))[0], Ready
    )


async def test_in_a_long_outage_not_every_message_waits_anew(world: World) -> None:
    """Where nothing came from a service for that long, the next message waits no longer."""
    for number in range(int(GIVE_UP_S / 60.0)):
        world.source.errors = [TemporaryError("502")] * 3
        with pytest.raises(SourceUnavailable):
            await world.one(attachment(source=f"{number}", size=1))
        world.clock.now += 60.0
    world.source.errors = [TemporaryError("502")] * 3
    late = attachment(source="late", size=1)
    assert await world.one(late) == LeftOut(late, Reason.GONE)


async def test_a_success_ends_the_wait(world: World) -> None:
    """Trouble with a service's other files, once over, is not held against the next one."""
    world.source.files["fine"] = b"a"
    for number in range(int(GIVE_UP_S / 60.0) + 5):
        if number % 4 == 3:
            assert isinstance(await world.one(attachment(source="fine", size=1)), Ready)
            for path in world_folder(world).iterdir():
                path.unlink()
        world.source.errors = [TemporaryError("502")] * 3
        with pytest.raises(SourceUnavailable):
            await world.one(attachment(source=f"{number}", size=1))
        world.source.errors = []
        world.clock.now += 60.0


async def test_yesterdays_trouble_does_not_count(world: World) -> None:
    """A failure after a quiet night is the first one."""
    what = attachment(source="a", size=1)
    for _ in range(2):
        world.source.errors = [TemporaryError("502")] * 3
        with pytest.raises(SourceUnavailable):
            await world.one(what)
        world.clock.now += 40_000.0


async def test_too_large_is_known_beforehand(world: World) -> None:
    """For the room, for the service that has it, for the disk: nothing is asked for."""
    for size, most in ((51 * MB, 20 * MB), (21 * MB, 20 * MB)):
        what = attachment(source="a", size=size)
        assert await world.one(what) == LeftOut(what, Reason.TOO_LARGE, most)
    film = attachment(K.VIDEO, "v", 11 * MB)
    (outcome,) = await world.desk.outcomes(message(film, room=GROUP), TO_DISCORD)
    assert outcome == LeftOut(film, Reason.TOO_LARGE, TO_DISCORD.most_bytes)
    assert world.source.opened == []


@pytest.mark.parametrize("told", [None, 10], ids=["untold", "a lie"])
async def test_a_size_that_is_not_told_is_counted(world: World, told: int | None) -> None:
    """Reading stops at the limit, whatever was said before; and that is remembered."""
    world.source.files["a"] = b"a" * (3 * MB)
    world.source.told["a"] = told
    takes = Takes(Platform.TELEGRAM, MB)
    what = attachment(source="a")
    assert await world.one(what, takes) == LeftOut(what, Reason.TOO_LARGE, MB)
    assert await world.one(what, takes) == LeftOut(what, Reason.TOO_LARGE, MB)
    assert world.source.opened == ["a"]
    assert list(world_folder(world).iterdir()) == []


async def test_a_service_may_refuse_a_size(world: World) -> None:
    """Telegram tells so when asked for the file."""
    world.source.errors = [FileTooLarge("file is too big")]
    what = attachment(source="a")
    outcome = await world.one(what)
    assert isinstance(outcome, LeftOut)
    assert outcome.reason is Reason.TOO_LARGE


async def test_what_cannot_be_converted_goes_in_the_next_form(world: World) -> None:
    """A moving sticker as a still one, a voice as a file; known from then on."""
    world.source.files |= {"s": b"lottie", "v": b"sound"}
    world.converter.cannot = {C.STICKER_TO_TELEGRAM_MOVING, C.VOICE_TO_OPUS}
    sticker = attachment(K.STICKER, "s", mime="application/json", name="wave")
    voice = attachment(K.VOICE, "v", 5, mime="audio/mpeg")
    for _ in range(2):
        ready = await world.one(sticker)
        assert isinstance(ready, Ready)
        assert (ready.kind, ready.name) == (K.STICKER, "wave.webp")
        ready = await world.one(voice)
        assert isinstance(ready, Ready)
        assert (ready.kind, ready.size_bytes) == (K.FILE, 5)
    assert set(world.converter.done.values()) == {1}
    assert sorted(world.source.opened) == ["s", "v"]


async def test_a_broken_sticker_ends_as_its_thumbnail_or_a_note(world: World) -> None:
    """Telegram has a still picture of most."""
    world.source.files |= {"s": b"broken", "t": b"picture"}
    sticker = attachment(K.STICKER, "s", mime="application/x-tgsticker", thumbnail="t", size=6)
    world.converter.cannot = {C.STICKER_TO_DISCORD, C.STICKER_STILL_TO_DISCORD}
    of = message(sticker, room=GROUP)
    assert list(await world.desk.outcomes(of, TO_DISCORD)) == [LeftOut(sticker, Reason.BROKEN)]
    assert world.source.opened == ["s", "t"]
    whole = attachment(K.STICKER, "s2", mime="application/x-tgsticker", thumbnail="t", unique="n")
    world.converter.cannot = {C.STICKER_TO_DISCORD}
    world.source.errors = [MessageGone("the sticker itself is gone")]
    (outcome,) = await world.desk.outcomes(message(whole, room=GROUP), TO_DISCORD)
    assert isinstance(outcome, Ready)


async def test_a_result_that_is_too_large_is_not_sent(world: World) -> None:
    """The next form is taken, else the note says what would have been."""
    world.source.files["p"] = b"p" * (2 * MB)
    world.converter.size_bytes = 2 * MB
    photo = attachment(K.PHOTO, "p", 2 * MB, mime="image/tiff")
    takes = Takes(Platform.TELEGRAM, MB)
    assert await world.one(photo, takes) == LeftOut(photo, Reason.TOO_LARGE, MB)


async def test_a_converter_that_has_no_time_is_tried_again(world: World) -> None:
    """That is nothing against the service whose file it is."""
    world.source.files["s"] = b"lottie"
    world.converter.errors = [TemporaryError("no process for a conversion")]
    sticker = attachment(K.STICKER, "s", mime="application/json")
    with pytest.raises(SourceUnavailable):
        await world.one(sticker)
    assert isinstance(await world.one(sticker), Ready)
    assert world.source.opened == ["s"]


async def test_nothing_that_people_said_is_remembered(world: World) -> None:
    """The book holds facts of files alone."""
    world.source.files["a"] = b"secret plan"
    await world.one(attachment(source="a", size=11, name="plan.pdf", alt="words", spoiler=True))
    await world.one(attachment(source="gone", size=11, name="plan.pdf", alt="words"))
    assert "plan" not in repr(world.book.rows)
    assert "words" not in repr(world.book.rows)


async def test_what_made_room_meanwhile_is_fetched_again(tmp_path: Path) -> None:
    """Between a message's preparation and its turn its file may have been dropped."""
    world = make_world(tmp_path / "media", disk=3 * MB)
    for name in "abc":
        world.source.files[name] = name.encode() * (2 * MB)
    files = [attachment(source=name, size=2 * MB) for name in "abc"]
    outcomes = [await world.one(file) for file in files]
    assert world.spool.used_bytes <= 3 * MB
    for file, outcome in zip(files, outcomes, strict=True):
        assert (await read(world, message(file), outcome))[:1].decode() == "abc"[files.index(file)]


async def test_an_album_larger_than_the_area_is_cut(tmp_path: Path) -> None:
    """All of it is sent with one call, so all of it has to lie there; the rest is told."""
    world = make_world(tmp_path / "media", disk=5 * MB)
    for name in "abc":
        world.source.files[name] = b"x" * (2 * MB)
    files = [attachment(source=name, size=2 * MB) for name in "abc"]
    outcomes = await world.desk.outcomes(message(*files), TO_TELEGRAM)
    assert [isinstance(each, Ready) for each in outcomes] == [True, True, False]


async def test_a_path_of_what_is_gone_lets_the_message_be_prepared_anew(world: World) -> None:
    """Not an end of the delivery: its text has yet to cross."""
    world.source.files["a"] = b"a"
    what = attachment(source="a", size=1)
    ready = await world.one(what)
    assert isinstance(ready, Ready)
    for path in world_folder(world).iterdir():
        path.unlink()
    del world.source.files["a"]
    with pytest.raises(SourceUnavailable):
        await world.desk.path(message(what), ready, TO_TELEGRAM)
    assert await world.one(what) == LeftOut(what, Reason.GONE)


async def test_what_is_foreseen_lies_there_in_its_turn(running: World) -> None:
    """Fetched and converted before anybody asks."""
    running.source.files["s"] = b"lottie"
    of = message(attachment(K.STICKER, "s", mime="application/json"))
    running.desk.foresee(of, TO_TELEGRAM)
    await until(lambda: bool(running.book.rows))
    (ready,) = await running.desk.outcomes(of, TO_TELEGRAM)
    assert isinstance(ready, Ready)
    assert (running.source.opened, running.converter.done.total()) == (["s"], 1)


async def test_what_is_foreseen_is_bounded_and_stands_in_nobodys_way(running: World) -> None:
    """A few at once, some more that wait; a message whose turn has come is fetched at once."""
    running.source.gate.clear()
    for number in range(MOST_AHEAD * 2):
        running.source.files[f"{number}"] = b"x"
        running.desk.foresee(message(attachment(source=f"{number}", size=1)), TO_TELEGRAM)
        if number % 16 == 0:
            await asyncio.sleep(0)
    await until(lambda: running.source.open_now == AHEAD)
    async with asyncio.TaskGroup() as group:
        running.source.files["now"] = b"x"
        task = group.create_task(running.one(attachment(source="now", size=1)))
        await until(lambda: "now" in running.source.opened)
        assert running.source.open_now == AHEAD + 1
        running.source.gate.set()
    assert isinstance(task.result(), Ready)
    await until(lambda: running.desk._foreseen.empty() and not running.source.open_now)
    assert len(running.source.opened) <= MOST_AHEAD + AHEAD + 17


async def test_one_message_does_not_take_all_the_room(world: World) -> None:
    """Ten files of one message come a few at once."""
    for number in range(10):
        world.source.files[f"{number}"] = b"x"
    files = [attachment(source=f"{number}", size=1) for number in range(10)]
    await world.desk.outcomes(message(*files), TO_TELEGRAM)
    assert world.source.most_open <= OF_ONE


async def test_what_fails_ahead_ends_nothing(running: World) -> None:
    """Not even an error of our own; its turn will tell."""
    running.source.files["s"] = b"lottie"
    running.converter.errors = [ValueError("a mistake"), ValueError("a mistake")]
    sticker = attachment(K.STICKER, "s", mime="application/json")
    for _ in range(AHEAD + 1):
        running.desk.foresee(message(sticker), TO_TELEGRAM)
    await until(lambda: bool(running.book.rows))
    assert isinstance(await running.one(sticker), Ready)


async def test_rooms_with_other_limits_get_other_files(world: World) -> None:
    """A photo is made to fit each guild's own limit, from one download."""
    world.source.files["p"] = b"p" * (12 * MB)
    photo = attachment(K.PHOTO, "p", 12 * MB, mime="image/jpeg")
    of = message(photo, room=GROUP)
    takes = [Takes(Platform.DISCORD, most) for most in (10 * MB, 11 * MB, 50 * MB)]
    outcomes = [(await world.desk.outcomes(of, each))[0] for each in takes]
    keys = [outcome.key for outcome in outcomes if isinstance(outcome, Ready)]
    assert len(set(keys)) == 3
    assert world.converter.done == {C.PHOTO_TO_FIT: 2}
    assert world.source.opened == ["p"]


async def test_a_message_without_files_asks_nobody(world: World) -> None:
    """Most messages have none."""
    of = message(Attachment(K.LOCATION), room=CHANNEL)
    assert list(await world.desk.outcomes(of, TO_TELEGRAM)) == [None]
    world.desk.foresee(of, TO_TELEGRAM)
    assert world.desk._foreseen.empty()
