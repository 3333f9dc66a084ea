"""Albums and groups: several messages that belong together, and their way through the books."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace as with_changes
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from matebot.bridge import calling
from matebot.bridge.retry import LATE_UPLOAD_S, PROMPT_S, due
from matebot.core.choices import Choices, Deletes
from matebot.core.errors import (
    DeliveryError,
    PermanentError,
    SourceUnavailable,
    TemporaryError,
    UnsureError,
)
from matebot.core.events import Deleted, Edited, Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.ports import Mark
from matebot.storage import bridges
from matebot.storage.albums import QUIET_S
from tests.bridge.test_lanes import settle
from tests.bridge.world import (
    CHANNEL,
    GROUP,
    World,
    bridge,
    message,
    under_pressure,
    with_files,
    world,
)

OTHER_GROUP = Room.telegram(-1002)


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[World]:
    """A bridge of two groups of Telegram's and a channel of Discord's."""
    async with world(tmp_path / "w.sqlite", bridge(GROUP, CHANNEL)) as built:
        yield built


@pytest.fixture
async def twins(tmp_path: Path) -> AsyncIterator[World]:
    """A bridge of two groups of Telegram's."""
    async with world(tmp_path / "w.sqlite", bridge(GROUP, OTHER_GROUP)) as built:
        yield built


def picture(number: int, caption: str = "", name: str = "") -> Posted:
    """A picture of Ana's album."""
    return Posted(with_files(message(number, caption), name or f"p{number}", album="77"))


async def post(parts: World, *said: Posted) -> None:
    """Somebody says things, each told by an update of its own."""
    for each in said:
        await parts.relay.take([each], Mark())


async def now_in(parts: World, room: Room = CHANNEL) -> float:
    """How long the lane of a room waits now, in seconds."""
    job = await parts.store.next_in(room)
    assert job is not None
    return job.delivery.not_before - parts.clock.now


async def test_an_album_becomes_one_post_with_every_original_in_the_map(parts: World) -> None:
    """Edits render it anew with the others, deletes take one picture out, answers find theirs."""
    await post(parts, picture(1, "look"), picture(2), picture(3, "and here"))
    await settle(parts)
    assert parts.discord.shown == ["look++and here <p1 p2 p3>"]
    (copy,) = parts.discord.posted
    answer = Posted(message(90, "nice", CHANNEL, reply_to=copy))
    await post(parts, answer)
    await parts.relay.take([Edited(picture(1, "look there").message)], Mark())
    await settle(parts)
    assert parts.discord.shown == ["look there++and here <p1 p2 p3>"]
    assert parts.discord.calls[-1] == "edit look there++and here"  # without its files
    assert [part.reply_to for part in parts.telegram.posted.values()] == [3]
    await parts.relay.take([Deleted((MessageRef(GROUP, 2),))], Mark())
    await settle(parts)
    assert parts.discord.shown == ["look there+and here <p1 p3>"]
    await parts.relay.take([Deleted((MessageRef(GROUP, 1), MessageRef(GROUP, 3)))], Mark())
    await settle(parts)
    assert parts.discord.shown == []


async def test_a_replaced_picture_is_replaced_in_the_post(parts: World) -> None:
    """The files differ, so that the edit brings them; the next edit of another does not."""
    await post(parts, picture(1, "a"), picture(2, "b"))
    await settle(parts)
    await parts.relay.take([Edited(picture(1, "a", "new").message)], Mark())
    await settle(parts)
    assert parts.discord.shown == ["a+b <new p2>"]
    await parts.relay.take([Edited(picture(2, "c").message)], Mark())
    await settle(parts)
    assert parts.discord.calls[-2:] == ["edit a+b and its files", "edit a+c"]


async def test_an_album_waits_for_quiet_and_only_its_own_room_waits(tmp_path: Path) -> None:
    """Each further part puts it off; what is said behind it waits, other rooms do not."""
    other = Room.discord(501)
    pair = bridge(GROUP, CHANNEL), with_changes(bridge(OTHER_GROUP, other), id="2")
    async with world(tmp_path / "w.sqlite", *pair) as parts:
        await post(parts, picture(1))
        assert await now_in(parts) == QUIET_S
        parts.clock.now += 0.7
        await post(parts, Posted(message(2, "behind")), picture(3))
        assert await now_in(parts) == QUIET_S
        await post(parts, Posted(message(1, "elsewhere", OTHER_GROUP)))
        assert await now_in(parts, other) < 0
        await settle(parts)
        shown = [parts.discord.posted[number].text for number in sorted(parts.discord.posted)]
        assert sorted(shown) == ["+", "behind", "elsewhere"]
        assert shown.index("+") < shown.index("behind")


async def test_an_album_in_one_topic_holds_up_no_other_topic(tmp_path: Path) -> None:
    """One chat is one lane, but the topics of a forum are rooms of their own."""
    topics = [Room.telegram(-1003, number) for number in (1, 2)]
    pair = [
        with_changes(bridge(Room.telegram(-2000 - number), topic), id=str(number))
        for number, topic in enumerate(topics)
    ]
    async with world(tmp_path / "w.sqlite", *pair) as parts:
        said = with_files(message(1, "", Room.telegram(-2000)), "p1", album="77")
        await post(parts, Posted(said), Posted(message(1, "hello", Room.telegram(-2001))))
        job = await parts.store.next_in(topics[0].whole)
        assert job is not None
        assert job.delivery.room == topics[1]


async def test_ten_pictures_need_not_wait(parts: World) -> None:
    """No album is larger."""
    await post(parts, *(picture(number) for number in range(1, 10)))
    assert await now_in(parts) == QUIET_S
    await post(parts, picture(10))
    assert await now_in(parts) == -parts.clock.now  # due at once


async def test_an_album_survives_a_restart_while_it_waits(tmp_path: Path) -> None:
    """The rest comes to the next process; it goes out whole."""
    path = tmp_path / "w.sqlite"
    async with world(path) as parts:
        await post(parts, picture(1), picture(2))
    async with world(path) as parts:
        await post(parts, picture(3))
        await settle(parts)
        assert parts.discord.shown == ["++ <p1 p2 p3>"]


async def test_a_picture_that_comes_too_late_goes_by_itself(parts: World) -> None:
    """So does an album of a single one, and one of another album in between."""
    await post(parts, picture(1), picture(2))
    await settle(parts)
    await post(parts, picture(3))
    other = Posted(replace(picture(4).message, album="78"))
    await post(parts, other, picture(5))
    await settle(parts)
    assert parts.discord.shown == ["+ <p1 p2>", "+ <p3 p5>", " <p4>"]


async def test_what_changes_while_an_album_waits_is_in_it(parts: World) -> None:
    """An edit is folded in, a deleted picture is not sent."""
    await post(parts, picture(1, "a"), picture(2, "b"), picture(3, "c"))
    await parts.relay.take([Edited(picture(3, "changed").message)], Mark())
    await parts.relay.take([Deleted((MessageRef(GROUP, 1),))], Mark())
    await settle(parts)
    assert parts.discord.shown == ["b+changed <p2 p3>"]


async def test_an_album_stays_an_album_in_the_other_group(twins: World) -> None:
    """One call, a message for each picture, each original with a copy of its own."""
    await post(twins, picture(1, "a"), picture(2), picture(3, "c"))
    await settle(twins)
    assert twins.telegram.calls == ["send 1-0 a |  | c"]
    await parts_change(twins)
    assert twins.telegram.shown == [" <p2>", "changed <p3>"]


async def parts_change(twins: World) -> None:
    """The first picture is deleted, the caption of the third changes."""
    await twins.relay.take([Deleted((MessageRef(GROUP, 1),))], Mark())
    await twins.relay.take([Edited(picture(3, "changed").message)], Mark())
    await settle(twins)


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "did not arrive"])
async def test_an_album_whose_answer_never_came(twins: World, arrived: bool) -> None:
    """It is looked for: all of its messages are found and mapped, or it is sent again, whole."""
    errors: list[DeliveryError] = [UnsureError("timeout")]
    if arrived:
        twins.telegram.errors_after.extend(errors)
    else:
        twins.telegram.errors.extend(errors)
    await post(twins, picture(1, "a"), picture(2), picture(3, "c"))
    await settle(twins, until=lambda: bool(twins.reporter.failures))
    twins.clock.now += 100
    await settle(twins)
    assert twins.telegram.shown == ["a <p1>", " <p2>", "c <p3>"]
    sent = [call for call in twins.telegram.calls if call.startswith("send")]
    assert len(sent) == (1 if arrived else 2)
    await parts_change(twins)
    assert twins.telegram.shown == [" <p2>", "changed <p3>"]


@pytest.mark.parametrize("error", [TemporaryError("429", 1.0), TemporaryError("503")])
async def test_an_album_that_was_put_off_stays_together(
    parts: World, error: TemporaryError
) -> None:
    """Too many requests, or an outage, do not take it apart."""
    parts.discord.errors.append(error)
    await post(parts, picture(1), picture(2))
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    parts.clock.now += 10
    await settle(parts)
    assert parts.discord.shown == ["+ <p1 p2>"]


async def test_a_refused_album_is_sent_one_by_one(parts: World) -> None:
    """What the service refuses in one post is not lost."""
    parts.discord.errors.append(PermanentError("413"))
    await post(parts, picture(1), picture(2))
    await settle(parts)
    assert parts.discord.shown == [" <p1>", " <p2>"]


async def test_an_album_that_is_too_large_goes_as_few_posts(parts: World) -> None:
    """As many pictures as one post holds, then the rest; all stays in order."""
    captions = [f"{number}\n." for number in range(1, 7)]
    await post(parts, *(picture(number, text) for number, text in enumerate(captions, 1)))
    await settle(parts)
    assert parts.discord.shown == ["1+.+2+.+3+.+4+. <p1 p2 p3 p4>", "5+.+6+. <p5 p6>"]


async def test_an_album_is_never_merged_with_text(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under pressure the texts before and behind it are merged, it itself stays what it is."""
    under_pressure(monkeypatch)
    texts = [Posted(message(number, f"m{number}")) for number in (1, 2, 5, 6)]
    await post(parts, *texts[:2], picture(3), picture(4), *texts[2:])
    await settle(parts)
    assert parts.discord.shown == ["m1+m2", "+ <p3 p4>", "m5+m6"]


async def test_a_file_is_never_merged_with_text(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one that comes by itself."""
    under_pressure(monkeypatch)
    file = Posted(with_files(message(3, "file"), "f"))
    await post(parts, Posted(message(1, "m1")), Posted(message(2, "m2")), file)
    await settle(parts)
    assert parts.discord.shown == ["m1+m2", "file <f>"]


async def test_several_files_of_one_post_are_a_group(parts: World) -> None:
    """One call, a copy for each; a new one is sent, one that is gone deleted, others stay."""
    files = with_files(message(1, "text", CHANNEL), "a", "b", "c")
    await post(parts, Posted(files))
    await settle(parts)
    assert parts.telegram.calls == ["send 1-0 text |  | "]
    parts.telegram.calls.clear()
    fewer = with_files(message(1, "text", CHANNEL), "a", "b")
    await parts.relay.take([Edited(fewer)], Mark())
    await settle(parts)
    assert parts.telegram.shown == ["text <a>", " <b>"]
    assert parts.telegram.calls == ["delete 9003"]


async def test_a_caption_edit_brings_no_file(parts: World) -> None:
    """Nor does a change of the file's address alone bring anything."""
    await post(parts, Posted(with_files(message(1, "old", CHANNEL), "a")))
    await settle(parts)
    parts.telegram.calls.clear()
    await parts.relay.take([Edited(with_files(message(1, "old", CHANNEL), "a"))], Mark())
    assert await parts.store.lanes() == []
    await parts.relay.take([Edited(with_files(message(1, "new", CHANNEL), "a"))], Mark())
    await settle(parts)
    assert parts.telegram.calls == ["edit new"]
    above = replace(with_files(message(1, "new", CHANNEL), "a"), caption_above=True)
    await parts.relay.take([Edited(above)], Mark())
    assert await parts.store.lanes() != []


async def test_what_cannot_become_a_picture_is_posted_anew(parts: World) -> None:
    """The old copy goes, the new one stands behind; later parts stay, and all goes at the end."""
    await post(parts, Posted(message(1, "a\nb", CHANNEL)), Posted(message(2, "x", CHANNEL)))
    await settle(parts)
    parts.telegram.calls.clear()
    await parts.relay.take([Edited(with_files(message(2, "x", CHANNEL), "f"))], Mark())
    await settle(parts)
    assert parts.telegram.calls == ["edit x and its files", "delete 9003", "send 3-0 x"]
    assert parts.telegram.shown == ["a", "b", "x <f>"]
    await parts.relay.take([Edited(message(2, "x\ny", CHANNEL))], Mark())
    await settle(parts)
    assert parts.telegram.shown == ["a", "b", "x", "y"]
    await parts.relay.take([Deleted((MessageRef(CHANNEL, 2),))], Mark())
    await settle(parts)
    assert parts.telegram.shown == ["a", "b"]


async def test_what_was_found_after_a_lost_answer_is_not_edited(parts: World) -> None:
    """It is as it was sent; only where the original changed meanwhile, an edit follows."""
    for number, calls in ((1, ["find"]), (2, ["find", "edit new and its files"])):
        parts.telegram.errors_after.append(UnsureError("timeout"))
        said = with_files(message(number, "old", CHANNEL), "f")
        await post(parts, Posted(said))
        failures = len(parts.reporter.failures)
        await settle(parts, until=lambda: len(parts.reporter.failures) > failures)  # noqa: B023  (waited for in the same round)
        parts.telegram.calls.clear()
        if number == 2:
            changed = with_files(message(number, "new", CHANNEL), "f")
            await parts.relay.take([Edited(changed)], Mark())
        parts.clock.now += 100
        await settle(parts)
        assert parts.telegram.calls == calls


async def test_the_author_is_told_of_what_stayed_behind(parts: World) -> None:
    """Of a post, and of each picture of an album, once it has arrived."""
    await post(parts, Posted(with_files(message(1, "a"), "f", "large")))
    await post(parts, picture(2, "", "large2"), picture(3))
    await settle(parts)
    assert parts.reporter.left == ["1: large", "2: large2"]


async def test_a_file_is_foreseen_once_it_is_stored(parts: World) -> None:
    """For its destination; what came before changes nothing, mere text takes no time."""
    said = with_files(message(1, "file"), "f")
    for update in (1, 1):
        await parts.relay.take([Posted(said)], Mark(update_id=update))
    await post(parts, Posted(message(2, "text")))
    await parts.relay.take([Edited(with_files(message(1, "file"), "g"))], Mark())
    await asyncio.sleep(0)
    assert parts.discord.foreseen == [f"{CHANNEL} file"]
    await settle(parts)
    await parts.relay.take([Edited(with_files(message(1, "file"), "h"))], Mark())
    assert parts.discord.foreseen == [f"{CHANNEL} file"] * 2
    assert parts.telegram.foreseen == []


async def test_a_file_that_its_side_withholds_holds_up_its_own_room_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again; what waits behind it stays in order, other rooms go on."""
    other = Room.discord(501)
    pair = bridge(GROUP, CHANNEL), with_changes(bridge(OTHER_GROUP, other), id="2")
    async with world(tmp_path / "w.sqlite", *pair) as parts:
        prepare, withheld = parts.discord.prepare, [SourceUnavailable("503")] * 7

        async def prepared(room: Room, copy: object) -> object:
            if room == CHANNEL and withheld:
                raise withheld.pop()
            return await prepare(room, copy)  # type: ignore[arg-type]  # what it was

        monkeypatch.setattr(parts.discord, "prepare", prepared)
        await post(parts, Posted(with_files(message(1, "file"), "f")), Posted(message(2, "m2")))
        await post(parts, Posted(message(1, "elsewhere", OTHER_GROUP)))
        await settle(parts, until=lambda: len(parts.discord.posted) == 1)
        while withheld:
            parts.reporter.failures.clear()
            parts.clock.now += 100
            await settle(parts, until=lambda: bool(parts.reporter.failures))
        parts.clock.now += 100
        await settle(parts)
        assert parts.discord.shown == ["elsewhere", "file <f>", "m2"]


@pytest.mark.parametrize("album", ["", "77"])
async def test_a_slow_file_holds_up_no_other_topic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, album: str
) -> None:
    """The topics of a chat share a lane: it is not kept for long; the file comes once it can."""
    monkeypatch.setattr(calling, "PATIENCE_S", 0.01)
    topics = [Room.telegram(-1003, number) for number in (1, 2)]
    pair = [
        with_changes(bridge(Room.telegram(-2000 - number), topic), id=str(number))
        for number, topic in enumerate(topics)
    ]
    async with world(tmp_path / "w.sqlite", *pair) as parts:
        there = asyncio.Event()

        def slowly(
            prepare: Callable[[Room, Any], Awaitable[object]],
        ) -> Callable[[Room, Any], Awaitable[object]]:
            async def prepared(room: Room, what: Any) -> object:
                if room == topics[0]:
                    await there.wait()
                return await prepare(room, what)

            return prepared

        for name in ("prepare", "prepare_together"):
            monkeypatch.setattr(parts.telegram, name, slowly(getattr(parts.telegram, name)))
        said = [message(number, "", Room.telegram(-2000)) for number in (1, 2)]
        slow = [with_files(each, f"p{each.ref.message_id}", album=album) for each in said]
        await post(parts, *map(Posted, slow), Posted(message(1, "hello", Room.telegram(-2001))))
        parts.telegram.foreseen.clear()
        await settle(parts, until=lambda: parts.telegram.shown == ["hello"])
        assert parts.telegram.foreseen[0] == f"{topics[0]} "
        there.set()
        parts.clock.now += 100
        await settle(parts)
        assert parts.telegram.shown == ["hello", " <p1>", " <p2>"]


async def test_a_stop_does_not_wait_for_a_file(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preparation under way is abandoned: nothing of it is in the books, it is made again."""
    preparing, never = asyncio.Event(), asyncio.Event()

    async def prepare(_room: Room, _copy: object) -> object:
        preparing.set()
        return await never.wait()

    await post(parts, Posted(with_files(message(1, "file"), "f")))
    with monkeypatch.context() as patch:
        patch.setattr(parts.discord, "prepare", prepare)
        async with asyncio.TaskGroup() as group:
            group.create_task(parts.lanes.run())
            await preparing.wait()
            await parts.lanes.stop(60.0)
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    assert (job.delivery.attempts, job.delivery.attempted_at) == (0, None)
    parts.restart()
    await settle(parts)
    assert parts.discord.shown == ["file <f>"]


@pytest.mark.parametrize(
    ("deletes", "shown"),
    [
        (Deletes.DELETE, "changed+m3"),
        (Deletes.MARK, "changed+~m2~+m3"),
        (Deletes.KEEP, "changed+m2+m3"),
    ],
)
async def test_what_stays_of_the_deleted_stays_in_a_merged_message(
    parts: World, monkeypatch: pytest.MonkeyPatch, deletes: Deletes, shown: str
) -> None:
    """Whatever the bridge chose holds on when a neighbour is edited."""
    under_pressure(monkeypatch)
    chosen = with_changes(bridge(GROUP, CHANNEL), choices=Choices(deletes=deletes))
    parts.routes.replace([chosen])
    await choose(parts, chosen.choices)
    await post(parts, *(Posted(message(number, f"m{number}")) for number in (1, 2, 3)))
    await settle(parts)
    await parts.relay.take([Deleted((MessageRef(GROUP, 2),))], Mark())
    await settle(parts)
    await parts.relay.take([Edited(message(1, "changed"))], Mark())
    await settle(parts)
    assert parts.discord.shown == [shown]


async def choose(parts: World, choices: Choices) -> None:
    """Write down what the bridge's people chose."""
    await parts.database.run(lambda conn: bridges.set_choices(conn, "1", choices))


async def test_an_upload_that_may_still_arrive_is_given_time(tmp_path: Path) -> None:
    """Whoever has the whole file posts it though nobody waits: not looked for too soon."""
    async with world(tmp_path / "w.sqlite", bridge(GROUP, CHANNEL)) as parts:
        parts.discord.errors_after = [UnsureError("reset")]
        await post(parts, picture(1))
        await settle(parts, until=lambda: bool(parts.reporter.failures))
        job = await parts.store.next_in(CHANNEL)
        assert job is not None
        assert due(job, 0.0) == parts.clock.now + PROMPT_S + LATE_UPLOAD_S
        began = parts.clock.now + 600.0  # a long upload, and the process died in the midst of it
        assert due(job, began) == began + LATE_UPLOAD_S
        parts.clock.now += PROMPT_S + LATE_UPLOAD_S
        await settle(parts)
        assert parts.discord.shown == [" <p1>"]
        assert [call.split()[0] for call in parts.discord.calls] == ["send", "find"]
