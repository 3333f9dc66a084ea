"""Rooms that change: paused where they cannot be written to, told of once, resumed when mended."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from matebot.sandbox.discord.permissions import ALL
from tests.scenarios.counting import numbers
from tests.scenarios.harness import Scene, scene
from tests.scenarios.trouble import rows

VIEW_CHANNEL = 1 << 10
READ_HISTORY = 1 << 16
SEND_MESSAGES = 1 << 11
SEND_IN_THREADS = 1 << 38
MANAGE_WEBHOOKS = 1 << 29
TOLD = "I cannot post in"
WITHOUT_A_WORD_S = 100.0
"""Telegram does not tell of a right that a group has again: a paused room asks each minute."""


@dataclass
class House:
    """A forum with two topics and a channel for each, and a thread with a group of its own."""

    stage: Scene
    forum: int
    topics: tuple[int, int]
    channels: tuple[int, int]
    threaded: int
    thread: int


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with scene(tmp_path, start=False) as stage:
        telegram, discord = stage.telegram, stage.discord
        forum = int(telegram.add_group("Forum", forum=True)["id"])
        threaded = int(telegram.add_group("Threaded")["id"])
        for chat in (forum, threaded):
            telegram.join(chat, stage.ana["id"], status="administrator", quiet=True)
        topics = telegram.add_topic(forum, "First"), telegram.add_topic(forum, "Second")
        channels = int(discord.add_channel("one")["id"]), int(discord.add_channel("two")["id"])
        thread = int(discord.add_thread(channels[0], "A thread")["id"])
        pairs = [(f"{forum}/{topics[0]}", channels[0]), (f"{forum}/{topics[1]}", channels[1])]
        pairs.append((str(threaded), thread))
        more = [f"telegram:{room} <-> discord:{channel}" for room, channel in pairs]
        stage.daemon.settings["MATEBOT_BRIDGES"] += "; " + "; ".join(more)
        await stage.daemon.start()
        await stage.daemon.ready()
        yield House(stage, forum, topics, channels, threaded, thread)


def in_topic(house: House, topic: int) -> list[int]:
    """The numbers of the copies in a topic."""
    every = house.stage.telegram.bot_messages(house.forum)
    return numbers([m for m in every if m.get("message_thread_id") == topic], "text")


def in_channel(stage: Scene, channel: int) -> list[int]:
    """The numbers of the copies in a channel, whether by a webhook or by the bot."""
    own = stage.discord.bot_user["id"]
    every = stage.discord.messages(channel)
    return numbers([m for m in every if m.get("webhook_id") or m["author"]["id"] == own], "content")


def told_in_telegram(stage: Scene, chat: int) -> list[str]:
    """What MateBot said there of a room that it cannot write to."""
    return [m["text"] for m in stage.telegram.bot_messages(chat) if TOLD in m["text"]]


def told_in_discord(stage: Scene, channel: int) -> list[str]:
    """The same in a channel."""
    return [m["content"] for m in stage.discord.messages(channel) if TOLD in m["content"]]


@pytest.mark.parametrize("how", ["closed", "deleted"])
async def test_a_topic_that_is_lost_holds_up_no_other(house: House, how: str) -> None:
    """Its side is told once, the forum's other topics go on; a reopened one gets all, in order."""
    stage, (first, second) = house.stage, house.topics
    if how == "closed":
        stage.telegram.set_rights(house.forum, can_manage_topics=False)
        stage.telegram.close_topic(house.forum, first)
    else:
        stage.telegram.delete_topic(house.forum, first)
    for number in (1, 2, 3):
        stage.discord.say(stage.bia["id"], house.channels[0], f"#{number}")
        stage.discord.say(stage.bia["id"], house.channels[1], f"#{number}")
    await stage.until(lambda: in_topic(house, second) == [1, 2, 3])
    await stage.until(lambda: bool(told_in_discord(stage, house.channels[0])))
    waits = rows(stage, "SELECT count(*) FROM deliveries WHERE platform = 'telegram'")
    assert waits == [(3,)]
    if how == "closed":
        stage.telegram.reopen_topic(house.forum, first)
        stage.telegram.set_rights(house.forum, can_manage_topics=True)
        await stage.until(lambda: in_topic(house, first) == [1, 2, 3])
    assert len(told_in_discord(stage, house.channels[0])) == 1


def no_rights(stage: Scene, channel: int) -> None:
    """The bot may neither post nor make webhooks there."""
    held = ALL & ~(SEND_MESSAGES | SEND_IN_THREADS | MANAGE_WEBHOOKS) & ~(1 << 3)
    stage.discord.set_bot_permissions(held)
    for hook in stage.discord.webhooks(channel):
        stage.discord.delete_webhook(hook["id"])


LOST: dict[str, tuple[Callable[[Scene, int], None], Callable[[Scene, int], None]]] = {
    "rights": (no_rights, lambda stage, _channel: stage.discord.set_bot_permissions(ALL)),
    "kicked": (
        lambda stage, _channel: stage.discord.kick_bot(),
        lambda stage, _channel: stage.discord.invite_bot(),
    ),
}


@pytest.mark.parametrize("what", LOST)
async def test_a_server_that_shuts_the_bot_out(house: House, what: str) -> None:
    """Rights taken, or thrown out: told once, all waits, and comes in order when it is let in."""
    stage = house.stage
    lose, mend = LOST[what]
    stage.telegram_says("#1")
    await stage.until(lambda: in_channel(stage, stage.channel) == [1])
    lose(stage, stage.channel)
    for number in (2, 3, 4):
        stage.telegram_says(f"#{number}")
    await stage.until(lambda: bool(told_in_telegram(stage, stage.group)))
    assert in_channel(stage, stage.channel) == [1]
    mend(stage, stage.channel)
    await stage.until(lambda: in_channel(stage, stage.channel) == [1, 2, 3, 4])
    assert len(told_in_telegram(stage, stage.group)) == 1


def without(right: int) -> Callable[[Scene], None]:
    """The bot lacks a right; webhooks work on."""
    return lambda stage: stage.discord.set_bot_permissions(ALL & ~right & ~(1 << 3))


UNSEEN: dict[str, tuple[Callable[[Scene], None], Callable[[Scene], None]]] = {
    "rights": (without(VIEW_CHANNEL), lambda stage: stage.discord.set_bot_permissions(ALL)),
    "history": (without(READ_HISTORY), lambda stage: stage.discord.set_bot_permissions(ALL)),
    "kicked": (lambda stage: stage.discord.kick_bot(), lambda stage: stage.discord.invite_bot()),
}


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
@pytest.mark.parametrize("what", UNSEEN)
async def test_a_server_that_hides_what_is_said(house: House, what: str, *, restart: bool) -> None:
    """Its other side is told once; what was said unseen comes, in order, when it may be read."""
    stage = house.stage
    lose, mend = UNSEEN[what]
    stage.discord_says("#1")
    await stage.reaches_telegram("#1")
    await stage.daemon.logs('"servers": 1')

    def told() -> int:
        texts = [m["text"] for m in stage.telegram.bot_messages(stage.group)]
        return sum("cannot read" in text for text in texts)

    lose(stage)
    await stage.until(lambda: told() == 1)
    for number in (2, 3):
        stage.discord_says(f"#{number}")
    if restart:
        assert await stage.daemon.stop() == 0
        await stage.daemon.start()
        await stage.daemon.ready()
    mend(stage)
    stage.discord_says("#4")
    await stage.until(lambda: numbers(stage.in_telegram(), "text") == [1, 2, 3, 4])
    assert told() == 1


async def test_a_server_that_is_out_of_order_is_read_afterwards(house: House) -> None:
    """What was said there meanwhile comes, in order; nobody has to do anything, nor is told so."""
    stage = house.stage
    stage.discord_says("#1")
    await stage.reaches_telegram("#1")
    await stage.daemon.logs('"servers": 1')
    stage.discord.set_out_of_order(on=True)
    for number in (2, 3):
        stage.discord_says(f"#{number}")
    stage.discord.set_out_of_order(on=False)
    stage.discord_says("#4")
    await stage.until(lambda: numbers(stage.in_telegram(), "text") == [1, 2, 3, 4])
    await stage.settled()
    assert not any("cannot read" in m["text"] for m in stage.telegram.bot_messages(stage.group))


async def test_a_webhook_that_is_deleted_is_made_anew(house: House) -> None:
    """Nobody notices."""
    stage = house.stage
    for number in (1, 2, 3):
        stage.telegram_says(f"#{number}")
        await stage.until(lambda n=number: len(in_channel(stage, stage.channel)) == n)  # type: ignore[misc]  # a default binds it
        for hook in stage.discord.webhooks(stage.channel):
            stage.discord.delete_webhook(hook["id"])
    assert numbers(stage.in_discord(), "content") == [1, 2, 3]
    assert told_in_telegram(stage, stage.group) == []


async def test_a_thread_that_is_archived_or_locked(house: House) -> None:
    """Archived, it opens by itself; locked against a bot without the right, it is waited for."""
    stage = house.stage

    def say(number: int) -> None:
        stage.telegram.say(stage.ana["id"], house.threaded, f"#{number}")

    say(1)
    await stage.until(lambda: in_channel(stage, house.thread) == [1])
    stage.discord.archive(house.thread)
    say(2)
    await stage.until(lambda: in_channel(stage, house.thread) == [1, 2])
    no_rights(stage, house.channels[0])
    stage.discord.archive(house.thread, archived=True, locked=True)
    say(3)
    say(4)
    await stage.until(lambda: bool(told_in_telegram(stage, house.threaded)))
    stage.discord.archive(house.thread, archived=False, locked=False)
    stage.discord.set_bot_permissions(ALL)
    await stage.until(lambda: in_channel(stage, house.thread) == [1, 2, 3, 4])
    assert len(told_in_telegram(stage, house.threaded)) == 1


@pytest.mark.timeout(150)
async def test_a_group_that_mutes_its_members(house: House) -> None:
    """Nobody tells that it is over: the paused room asks each minute, and goes on by itself."""
    stage = house.stage
    stage.telegram.mute_bot(stage.group)
    stage.telegram.demote(stage.group, stage.telegram.bot["id"])
    for number in (1, 2, 3):
        stage.discord_says(f"#{number}")
    await stage.until(lambda: bool(told_in_discord(stage, stage.channel)))
    stage.telegram.mute_bot(stage.group, muted=False)
    copies = stage.in_telegram
    await stage.until(
        lambda: numbers(copies(), "text") == [1, 2, 3], timeout_s=WITHOUT_A_WORD_S, every_s=0.2
    )
    assert len(told_in_discord(stage, stage.channel)) == 1


async def test_a_person_who_blocked_the_bot_in_private(house: House) -> None:
    """What was for that person alone is given to nobody else, and holds up nothing."""
    stage = house.stage
    ana = stage.ana["id"]
    plain = stage.telegram.add_group("Plain", bot_admin=False)["id"]
    stage.telegram.join(plain, ana, status="administrator", quiet=True)
    stage.telegram.start_private(ana)
    await stage.until(lambda: bool(stage.telegram.bot_messages(ana)))
    greeted = len(stage.telegram.bot_messages(ana))
    stage.telegram.block(ana)
    stage.telegram.say(ana, plain, "/bridge")
    stage.telegram_says("#1")
    stage.discord_says("#2")
    await stage.until(lambda: bool(stage.telegram.bot_messages(plain)))
    await stage.until(lambda: in_channel(stage, stage.channel) == [1])
    await stage.until(lambda: numbers(stage.in_telegram(), "text") == [2])
    (hint,) = stage.telegram.bot_messages(plain)
    assert "could not write to you alone" in hint["text"]
    assert len(stage.telegram.bot_messages(ana)) == greeted
    assert stage.daemon.log.count("cannot be reached in private") == 1
    await stage.until(lambda: not rows(stage, "SELECT id FROM deliveries"))
