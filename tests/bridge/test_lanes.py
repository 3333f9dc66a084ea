"""From an event to its copies, over the real store: order, folding, retries, crashes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from matebot.bridge import calling
from matebot.bridge.lanes import MOST_PROMISED
from matebot.bridge.pacing import Pacer
from matebot.bridge.retry import LATE_REQUEST_S, PROMPT_S, due
from matebot.core.choices import Choices, Deletes
from matebot.core.delivery import Delivery, Job
from matebot.core.errors import (
    NoAccess,
    PermanentError,
    RoomMoved,
    TemporaryError,
    UnsureError,
)
from matebot.core.events import Deleted, Edited, How, Pinned, Posted, Reacted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Emoji, Happening
from matebot.core.notice import Notice
from matebot.core.ports import Mark
from matebot.core.richtext import plain
from tests.bridge.world import CHANNEL, GROUP, Part, World, bridge, message, world

OTHER = Room.telegram(-1002)


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "w.sqlite") as built:
        yield built


async def settle(parts: World, *, until: Callable[[], bool] | None = None) -> None:
    """Run the lanes until nothing waits any more (or a condition holds)."""
    parts.clock.now += 2.5  # past the time for which edits and reactions wait for more of them
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        async with asyncio.timeout(10):
            while not (until() if until else not await parts.store.lanes()):
                await asyncio.sleep(0)
        await parts.lanes.stop(1.0)
    parts.restart()


async def post(parts: World, number: int, text: str, reply_to: int | None = None) -> None:
    """Ana says something in the group."""
    said = Posted(message(number, text, reply_to=reply_to))
    await parts.relay.take([said], Mark(update_id=number))


async def edit(parts: World, number: int, text: str) -> None:
    """Ana changes it."""
    await parts.relay.take([Edited(message(number, text))], Mark())


async def delete(parts: World, number: int) -> None:
    """Ana takes it back."""
    await parts.relay.take([Deleted((MessageRef(GROUP, number),))], Mark())


async def test_messages_arrive_in_order(parts: World) -> None:
    """A hundred messages stand at the destination in the order in which they were said."""
    for number in range(1, 101):
        await post(parts, number, f"m{number}")
    await settle(parts)
    assert parts.discord.lines == [f"m{number}" for number in range(1, 101)]


async def test_a_repeated_update_and_a_repeated_message_change_nothing(parts: World) -> None:
    """The identity is the update's id, and the message's own where there is no update."""
    await post(parts, 1, "once")
    await post(parts, 1, "once")
    await parts.relay.take([Posted(message(1, "once"))], Mark())
    await settle(parts)
    assert parts.discord.lines == ["once"]


async def test_a_copy_is_never_relayed_back(parts: World) -> None:
    """What stands in the map as a copy is no original, whoever brings it."""
    await post(parts, 1, "hello")
    await settle(parts)
    (number,) = parts.discord.posted
    await parts.relay.take([Posted(message(number, "hello", CHANNEL))], Mark())
    await settle(parts)
    assert parts.telegram.lines == []


async def test_an_edit_before_the_turn_is_folded_in(parts: World) -> None:
    """The original had not been tried yet: it is sent as it is now, in one call."""
    await post(parts, 1, "helo")
    await edit(parts, 1, "hello")
    await settle(parts)
    assert parts.discord.calls == ["send 1-0 hello"]


async def test_an_edit_between_the_look_and_the_attempt_is_not_lost(parts: World) -> None:
    """The job was read before the edit came: the attempt sees that and looks again."""
    await post(parts, 1, "helo")
    stale = await parts.store.next_in(CHANNEL)
    assert stale is not None
    await edit(parts, 1, "hello")
    assert await parts.store.begin(stale, posts=1) is None
    await settle(parts)
    assert parts.discord.lines == ["hello"]


async def test_an_edit_that_comes_while_there_is_nothing_to_edit_is_not_lost(parts: World) -> None:
    """The copy is as the job was; that the job is done is written down only if that still holds."""
    await post(parts, 1, "hello")
    await settle(parts)
    await edit(parts, 1, "helo")
    await edit(parts, 1, "hello")

    async def once() -> None:
        parts.discord.preparing = None
        await edit(parts, 1, "hello again")

    parts.discord.preparing = once
    await settle(parts)
    assert parts.discord.lines == ["hello again"]
    assert await parts.store.lanes() == []


async def test_an_edit_after_the_attempt_queues_behind(parts: World) -> None:
    """It is delivered as an edit of the copy."""
    await post(parts, 1, "helo")
    await settle(parts)
    await edit(parts, 1, "hello")
    await settle(parts)
    assert parts.discord.calls == ["send 1-0 helo", "edit hello"]


async def test_an_edit_that_no_reader_sees_does_nothing(parts: World) -> None:
    """The same text again makes no call."""
    await post(parts, 1, "hello")
    await settle(parts)
    await edit(parts, 1, "hello")
    assert await parts.store.lanes() == []


@pytest.mark.parametrize(
    ("before", "after", "calls"),
    [
        ("a\nb", "a\nc", ["edit c"]),
        ("a\nb\nc", "a", ["delete 9002", "delete 9003"]),
        ("a", "a\nb", ["send 2-1 b"]),
        ("a\nb", "x\nb\nc", ["edit x", "send 2-2 c"]),
    ],
    ids=["one part differs", "parts shrink", "parts grow", "both"],
)
async def test_an_edit_touches_only_the_parts_that_differ(
    parts: World, before: str, after: str, calls: list[str]
) -> None:
    """Equal parts are left alone, surplus ones deleted, missing ones sent; then all is equal."""
    await post(parts, 1, before)
    await settle(parts)
    parts.discord.calls.clear()
    await edit(parts, 1, after)
    await settle(parts)
    assert parts.discord.calls == calls
    assert parts.discord.lines == after.split("\n")


async def test_a_delete_takes_every_part_away(parts: World) -> None:
    """All copies go, and a message deleted before its turn is never sent."""
    await post(parts, 1, "a\nb")
    await settle(parts)
    await post(parts, 2, "never")
    await delete(parts, 2)
    await delete(parts, 1)
    await settle(parts)
    assert parts.discord.lines == []
    assert not any("never" in call for call in parts.discord.calls)


async def test_an_edit_of_something_deleted_does_not_revive_it(parts: World) -> None:
    """Late edits find a tombstone."""
    await post(parts, 1, "a")
    await settle(parts)
    await delete(parts, 1)
    await settle(parts)
    await edit(parts, 1, "b")
    await post(parts, 1, "a")
    await settle(parts)
    assert parts.discord.lines == []


async def test_replies_find_their_counterpart(parts: World) -> None:
    """A reply to an original answers its copy, a reply to a copy answers the original."""
    await post(parts, 1, "question")
    await settle(parts)
    (copy,) = parts.discord.posted
    await post(parts, 2, "answer", reply_to=1)
    answer = Posted(message(77, "from discord", CHANNEL, reply_to=copy))
    await parts.relay.take([answer], Mark())
    await settle(parts)
    assert [part.reply_to for part in parts.discord.posted.values()] == [None, copy]
    assert [part.reply_to for part in parts.telegram.posted.values()] == [1]


async def test_a_temporary_failure_is_tried_again_and_holds_the_order(parts: World) -> None:
    """The second message waits behind the first, which is retried after the service's own hint."""
    parts.discord.errors.append(TemporaryError("429", retry_after_s=0.0))
    await post(parts, 1, "first")
    await post(parts, 2, "second")
    await settle(parts)
    assert parts.discord.lines == ["first", "second"]
    assert parts.reporter.failures == [("429", False)]


async def test_a_refused_message_is_given_up_with_its_reason_and_the_next_goes_on(
    parts: World,
) -> None:
    """The reason is kept and reported; the lane is not stuck."""
    parts.discord.errors.append(PermanentError("400: no"))
    await post(parts, 1, "refused")
    await post(parts, 2, "fine")
    await settle(parts)
    assert parts.discord.lines == ["fine"]
    assert parts.reporter.failures == [("400: no", True)]
    backlog = {row.platform: row for row in await parts.store.backlog()}
    assert backlog[CHANNEL.platform].failed == 1


async def test_a_broken_messenger_loses_one_message_and_says_so(
    parts: World, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in MateBot itself is reported like a refusal, with a traceback in the log."""
    parts.discord.errors_after.append(ZeroDivisionError())
    await post(parts, 1, "breaks")
    await post(parts, 2, "fine")
    await settle(parts)
    assert parts.discord.lines[-1] == "fine"
    assert parts.reporter.failures == [("an error in MateBot itself (ZeroDivisionError)", True)]
    assert "a delivery broke" in caplog.text


async def test_a_lane_that_waits_holds_up_no_other(tmp_path: Path) -> None:
    """One room may not be written to; the messages of the other room arrive meanwhile."""
    other = Room.discord(501)
    async with world(tmp_path / "w.sqlite", bridge(GROUP, CHANNEL), bridge(GROUP, other)) as parts:
        await post(parts, 1, "one")
        parts.discord.errors.append(NoAccess("403"))
        await post(parts, 2, "two")
        await settle(parts, until=lambda: len(parts.discord.posted) >= 2)
        assert parts.discord.lines == ["one", "two"]
        assert len(set(parts.discord.rooms)) == 1
        assert len(await parts.store.lanes()) == 1


async def test_a_paused_room_is_tried_again_when_its_side_is_back(parts: World) -> None:
    """`retry_now` does not wait for the postponed moment."""
    parts.discord.errors.append(NoAccess("403"))
    await post(parts, 1, "kept")
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        async with asyncio.timeout(10):
            while not parts.reporter.failures:
                await asyncio.sleep(0)
            await parts.lanes.retry_now(CHANNEL.platform)
            while await parts.store.lanes():
                await asyncio.sleep(0)
        await parts.lanes.stop(1.0)
    assert parts.discord.lines == ["kept"]


async def test_what_a_service_put_off_waits_though_its_side_is_back(parts: World) -> None:
    """`retry_now` leaves alone an hour that the service asked for."""
    parts.discord.errors.append(TemporaryError("429", 3600.0))
    await post(parts, 1, "an hour later")
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        await parts.lanes.retry_now(CHANNEL.platform)
        for _ in range(200):
            await asyncio.sleep(0)
        await parts.lanes.stop(1.0)
    assert parts.discord.lines == []
    parts.restart()
    parts.clock.now += 3600.0
    await settle(parts)
    assert parts.discord.lines == ["an hour later"]


async def test_what_may_have_arrived_is_looked_for_before_it_is_sent_again(parts: World) -> None:
    """The answer never came, the message did: it is found and mapped, not doubled."""
    parts.discord.errors_after.append(UnsureError("timeout"))
    await post(parts, 1, "a\nb")
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    parts.clock.now += 100
    await settle(parts)
    assert parts.discord.lines == ["a", "b"]
    assert parts.discord.calls.count("find") == 1
    await delete(parts, 1)
    await settle(parts)
    assert parts.discord.lines == []


async def test_what_did_not_arrive_is_sent_again(parts: World) -> None:
    """It is looked for, not found, and sent."""
    parts.discord.errors.append(UnsureError("timeout"))
    await post(parts, 1, "a")
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    parts.clock.now += 100
    await settle(parts)
    assert parts.discord.lines == ["a"]
    assert "find" in parts.discord.calls


async def test_a_failing_look_keeps_the_attempt_on_record(parts: World) -> None:
    """Where the look itself fails, the next attempt looks again instead of sending."""
    parts.discord.errors_after.append(UnsureError("timeout"))
    await post(parts, 1, "a")
    await settle(parts, until=lambda: len(parts.reporter.failures) == 1)
    parts.discord.errors.append(TemporaryError("503"))
    parts.clock.now += 100
    await settle(parts, until=lambda: len(parts.reporter.failures) == 2)
    parts.clock.now += 1000
    await settle(parts)
    assert parts.discord.lines == ["a"]
    assert parts.discord.calls.count("find") == 2


async def test_a_notice_is_not_taken_for_a_lost_copy(parts: World) -> None:
    """The notice stands after the last mapped message; what is lost is looked for behind it."""
    await parts.store.notify(CHANNEL, Notice(plain("a notice")))
    await settle(parts)
    parts.discord.errors.append(UnsureError("timeout"))
    await post(parts, 1, "a")
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    parts.clock.now += 100
    await settle(parts)
    assert parts.discord.lines == ["a notice", "a"]


async def test_deliveries_survive_a_restart(tmp_path: Path) -> None:
    """What was stored and not delivered is delivered by the next process."""
    path = tmp_path / "w.sqlite"
    async with world(path) as parts:
        await post(parts, 1, "kept")
    async with world(path) as parts:
        await settle(parts)
        assert parts.discord.lines == ["kept"]


async def test_a_chat_that_moved_takes_its_deliveries_along(parts: World) -> None:
    """The API answers with the new id: what waits goes there, in order."""
    new = Room.telegram(-1009)
    parts.telegram.errors.append(RoomMoved("upgraded", new.chat))
    for number in (1, 2):
        await parts.relay.take([Posted(message(number, f"m{number}", CHANNEL))], Mark())
    await settle(parts)
    assert parts.telegram.lines == ["m1", "m2"]
    assert set(parts.telegram.rooms) == {new}
    _, moves, _ = await parts.store.bridges()
    assert moves == {GROUP: new}


async def test_an_answer_goes_into_the_topic_of_what_it_answers(parts: World) -> None:
    """The whole forum is bridged: a reply to a message of topic 42 lands in topic 42."""
    topic = Room.telegram(GROUP.chat, 42)
    await parts.relay.take([Posted(message(1, "in a topic", topic))], Mark())
    await settle(parts)
    (copy,) = parts.discord.posted
    await parts.relay.take([Posted(message(2, "answer", CHANNEL, reply_to=copy))], Mark())
    await settle(parts)
    assert parts.telegram.rooms == [topic]


async def test_a_stop_lets_the_call_under_way_end_and_keeps_the_rest(parts: World) -> None:
    """The message under way arrives and is mapped; the one behind it stays in the outbox."""
    calling, go_on = asyncio.Event(), asyncio.Event()
    send = parts.discord.send

    async def slow(room: Room, part: Sequence[Part], key: str) -> Sequence[MessageRef]:
        calling.set()
        await go_on.wait()
        return await send(room, part, key)

    parts.discord.send = slow  # type: ignore[assignment,method-assign]  # a slow service
    await post(parts, 1, "under way")
    await post(parts, 2, "later")
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        await calling.wait()
        stopping = group.create_task(parts.lanes.stop(10.0))
        go_on.set()
        await stopping
    assert parts.discord.lines == ["under way"]
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    assert (job.delivery.attempts, job.delivery.attempted_at) == (0, None)


async def test_what_was_begun_with_its_storing_goes_out_before_a_stop(parts: World) -> None:
    """A text's attempt is on record once it is stored: a stop leaves nothing to look for."""
    preparing, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        preparing.set()
        await go_on.wait()

    parts.discord.preparing = slowly
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        await asyncio.sleep(0)
        await post(parts, 1, "hello")
        await preparing.wait()
        job = await parts.store.next_in(CHANNEL)
        assert job is not None
        assert (job.delivery.attempts, job.delivery.posts) == (1, 1)
        assert job.delivery.attempted_at is not None
        await edit(parts, 1, "hello again")  # too late for that attempt: it comes behind
        stopping = group.create_task(parts.lanes.stop(10.0))
        go_on.set()
        await stopping
    assert parts.discord.calls == ["send 1-0 hello"]
    parts.restart()
    await settle(parts)
    assert parts.discord.calls[1:] == ["edit hello again"]


async def test_each_of_many_posts_is_begun_with_its_storing(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many went before: none of them needs a commit of its own for that."""
    begun: list[Job] = []
    begin = parts.store.begin

    async def counted(job: Job, *, posts: int) -> Delivery | None:
        begun.append(job)
        return await begin(job, posts=posts)

    monkeypatch.setattr(parts.store, "begin", counted)
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        await asyncio.sleep(0)
        for number in range(1, MOST_PROMISED + 6):
            await post(parts, number, f"m{number}")
            async with asyncio.timeout(10):
                while await parts.store.lanes():
                    await asyncio.sleep(0)
        await parts.lanes.stop(1.0)
    assert parts.discord.lines == [f"m{number}" for number in range(1, MOST_PROMISED + 6)]
    assert begun == []


async def test_words_that_take_too_long_to_prepare_are_tried_again(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that does not answer what is asked for them holds nothing up for ever."""
    monkeypatch.setattr(calling, "WORDS_S", 0.01)

    async def never() -> None:
        parts.discord.preparing = None
        await asyncio.Event().wait()

    parts.discord.preparing = never
    await post(parts, 1, "hello")
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    parts.clock.now += 5
    await settle(parts)
    assert parts.discord.calls == ["send 1-0 hello"]


async def test_what_is_deleted_while_it_is_prepared_is_never_sent(parts: World) -> None:
    """A beginning on record that has become old is written anew, with a look at the original."""

    async def slowly() -> None:
        parts.discord.preparing = None
        parts.clock.now += 5
        await delete(parts, 1)

    parts.discord.preparing = slowly
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        await asyncio.sleep(0)
        await post(parts, 1, "hello")
        async with asyncio.timeout(10):
            while await parts.store.lanes():
                await asyncio.sleep(0)
        await parts.lanes.stop(1.0)
    assert parts.discord.calls == []


async def test_what_was_begun_and_has_no_room_after_all_is_taken_back(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many lanes see the same room; who comes too late waits like anything else."""
    room = iter((True, False))
    monkeypatch.setattr(Pacer, "has_room", lambda _pacer, _lane: next(room, False))
    await post(parts, 1, "hello")
    await settle(parts)
    assert parts.discord.calls == ["send 1-0 hello"]


async def test_a_stop_takes_back_what_a_look_has_begun(
    parts: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next post was begun while the one before it was being written down as done."""
    ahead = parts.lanes.look_ahead
    await post(parts, 1, "one")
    await post(parts, 2, "two")
    async with asyncio.TaskGroup() as group:

        def look_and_stop(room: Room) -> None:
            ahead(room)
            group.create_task(parts.lanes.stop(10.0))

        monkeypatch.setattr(parts.lanes, "look_ahead", look_and_stop)
        group.create_task(parts.lanes.run())
    assert parts.discord.lines == ["one"]
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    assert (job.delivery.attempts, job.delivery.attempted_at) == (0, None)


async def test_a_lane_looks_again_when_another_topic_may_go(parts: World) -> None:
    """The head waits for long; what waits for less behind it is told with it."""
    one, two = (Room.telegram(-1003, number) for number in (1, 2))
    parts.routes.replace([bridge(GROUP, one), replace(bridge(OTHER, two), id="2")])
    parts.telegram.errors.append(NoAccess("closed"))
    await post(parts, 1, "waits for a minute")
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    said = msgspec.structs.replace(message(1, "", OTHER), album="7")
    await parts.relay.take([Posted(said)], Mark())
    job = await parts.store.next_in(one)
    assert job is not None
    assert job.delivery.room == one
    assert job.again_at - parts.clock.now == pytest.approx(1.0)


async def test_what_was_begun_and_then_could_not_be_prepared_is_not_looked_for(
    parts: World,
) -> None:
    """Nothing was sent: the next attempt is an ordinary one."""

    async def refused() -> None:
        parts.discord.preparing = None
        raise TemporaryError("not now")

    parts.discord.preparing = refused
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.lanes.run())
        await asyncio.sleep(0)
        await post(parts, 1, "hello")
        async with asyncio.timeout(10):
            while not parts.reporter.failures:
                await asyncio.sleep(0)
        await parts.lanes.stop(1.0)
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    assert (job.delivery.attempts, job.delivery.attempted_at) == (0, None)
    parts.restart()
    parts.clock.now += 5
    await settle(parts)
    assert parts.discord.calls == ["send 1-0 hello"]


async def test_an_answer_never_shows_what_was_deleted_before_it_went_out(parts: World) -> None:
    """What is answered may change, too, between the look and the attempt."""
    await post(parts, 1, "secret words")
    await settle(parts)
    await post(parts, 2, "indeed", reply_to=1)
    stale = await parts.store.next_in(CHANNEL)
    assert stale is not None
    assert stale.message is not None
    assert stale.message.reply is not None
    assert stale.message.reply.excerpt == "secret words"
    await delete(parts, 1)
    assert await parts.store.begin(stale, posts=1) is None
    fresh = await parts.store.next_in(CHANNEL)
    assert fresh is not None
    assert fresh.message is not None
    assert fresh.message.reply is not None
    assert (fresh.message.reply.excerpt, fresh.message.reply.gone) == ("", True)
    assert await parts.store.begin(fresh, posts=1) is not None


async def test_what_may_still_arrive_gets_its_time_though_its_side_is_back(parts: World) -> None:
    """`retry_now` makes due what waits, but not what is on its way to be looked for too soon."""
    parts.discord.errors_after.append(UnsureError("reset"))
    await post(parts, 1, "hello")
    await settle(parts, until=lambda: bool(parts.reporter.failures))
    parts.clock.now += 1
    await parts.store.retry_now(CHANNEL.platform)
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    assert due(job, 0.0) == pytest.approx(parts.clock.now - 1 + LATE_REQUEST_S, abs=PROMPT_S)


async def react(parts: World, ref: MessageRef, person: int, emoji: str) -> None:
    """Somebody's one reaction from now on."""
    event = Reacted(ref, person, (Emoji(emoji),) if emoji else (), How.ARE)
    await parts.relay.take([event], Mark())


async def test_reactions_cross_and_are_counted_in_the_copy(parts: World) -> None:
    """Each person counts once; the copy's last line tells; taken back is taken back."""
    await parts.relay.take([Posted(message(77, "hello", CHANNEL))], Mark())
    await settle(parts)
    original = MessageRef(CHANNEL, 77)
    for person in (1, 2):
        await react(parts, original, person, "👍")
    await react(parts, original, 3, "🎉")
    await settle(parts)
    (copy,) = parts.telegram.reactions
    assert parts.telegram.reactions[copy] == ["👍", "🎉"]
    assert parts.telegram.lines == ["hello", "[👍2]", "[🎉1]"]
    assert sum(call.startswith("react") for call in parts.telegram.calls) == 1
    for person in (1, 2, 3):
        await react(parts, original, person, "")
    await settle(parts)
    assert parts.telegram.lines == ["hello"]
    assert parts.telegram.reactions[copy] == []


async def test_a_reaction_to_a_copy_reaches_the_original(parts: World) -> None:
    """What is reacted to in Discord, of a Telegram person's message, is that person's message."""
    await post(parts, 1, "hello")
    await settle(parts)
    (copy,) = parts.discord.posted
    await react(parts, MessageRef(CHANNEL, copy), 5, "👍")
    await settle(parts)
    assert parts.telegram.reactions == {1: ["👍"]}
    assert parts.telegram.lines == []


async def test_a_reaction_that_changes_before_the_attempt_is_not_lost(parts: World) -> None:
    """The job was made before the second reaction came: the attempt sees that and looks again."""
    await post(parts, 1, "hello")
    await settle(parts)
    await react(parts, MessageRef(GROUP, 1), 5, "👍")
    parts.clock.now += 5
    stale = await parts.store.next_in(CHANNEL)
    assert stale is not None
    await react(parts, MessageRef(GROUP, 1), 5, "🎉")
    assert await parts.store.begin(stale, posts=0) is None
    await settle(parts)
    assert list(parts.discord.reactions.values()) == [["🎉"]]


async def test_pins_cross(parts: World) -> None:
    """A message that is pinned in one room is pinned in the other."""
    await post(parts, 1, "hello")
    await settle(parts)
    (copy,) = parts.discord.posted
    await parts.relay.take([Pinned(MessageRef(GROUP, 1), pinned=True)], Mark())
    await settle(parts)
    assert parts.discord.calls[-1] == f"pin {copy} True"


async def test_a_bridge_may_mark_or_keep_what_is_deleted(parts: World) -> None:
    """Copies of a deleted message say so, or stay as they are."""
    for number, deletes in ((1, Deletes.MARK), (2, Deletes.KEEP)):
        chosen = replace(bridge(GROUP, CHANNEL), choices=Choices(deletes=deletes))
        parts.routes.replace([chosen])
        await post(parts, number, f"m{number}")
        await settle(parts)
        await delete(parts, number)
        await settle(parts)
    assert parts.discord.lines == ["~m1~", "m2"]


async def test_answers_show_what_they_answer_as_it_is_now(parts: World) -> None:
    """An edit of the answered message has its answers' copies made anew; so has its deletion."""
    await post(parts, 1, "question")
    await post(parts, 2, "answer", reply_to=1)
    await settle(parts)
    await edit(parts, 1, "changed question")
    job = None
    parts.clock.now += 5
    for _ in range(2):
        job = await parts.store.next_in(CHANNEL)
        assert job is not None
        await parts.store.finish(job)
    assert job is not None
    assert job.message is not None
    assert job.message.reply is not None
    assert job.message.reply.excerpt == "changed question"


async def test_an_edit_that_waits_holds_up_no_post(parts: World) -> None:
    """It waits for more edits while the next message passes it."""
    await post(parts, 1, "a")
    await settle(parts)
    await edit(parts, 1, "b")
    await post(parts, 2, "c")
    job = await parts.store.next_in(CHANNEL)
    assert job is not None
    assert job.message is not None
    assert job.message.text.text == "c"


@pytest.mark.parametrize(
    ("said", "choices", "crosses"),
    [
        ({"protected": True}, Choices(), False),
        ({"protected": True}, Choices(protected=True), True),
        ({"author": Author(9, "RSS", is_bot=True)}, Choices(), True),
        ({"author": Author(9, "RSS", is_bot=True)}, Choices(other_bots=False), False),
        ({"happening": Happening.JOINED}, Choices(), False),
        ({"happening": Happening.JOINED}, Choices(joins=True), True),
        ({"happening": Happening.TITLE}, Choices(titles=False), False),
    ],
)
async def test_a_bridges_choices_decide_what_crosses(
    parts: World, said: dict[str, Any], choices: Choices, crosses: bool
) -> None:
    """Protected content, other bots, joins and titles."""
    parts.routes.replace([replace(bridge(GROUP, CHANNEL), choices=choices)])
    posted = Posted(msgspec.structs.replace(message(1, "x"), **said))
    await parts.relay.take([posted], Mark())
    assert bool(await parts.store.lanes()) is crosses


async def test_what_comes_late_bears_its_time_and_keeps_it(parts: World) -> None:
    """What waited for hours tells when it was said, after an edit too; a fresh one does not."""
    fresh = msgspec.structs.replace(message(1, "now"), sent_at=parts.clock.now)
    late = msgspec.structs.replace(message(2, "then"), sent_at=parts.clock.now - 3600)
    await parts.relay.take([Posted(fresh), Posted(late)], Mark())
    await settle(parts)
    assert parts.discord.lines == ["now", "(late) then"]
    parts.clock.now += 7200
    for said, text in ((fresh, "now!"), (late, "then!")):
        changed = msgspec.structs.replace(said, text=plain(text))
        await parts.relay.take([Edited(changed)], Mark())
    await settle(parts)
    assert parts.discord.lines == ["now!", "(late) then!"]
