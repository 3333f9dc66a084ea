"""Rooms of every kind: topics, threads, one direction, many in one bridge, moved and lost ones."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from matebot.sandbox.faults import Fault
from tests.scenarios.harness import ARRIVES_S, Json, Scene, free_port, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class House:
    """One daemon with many bridges; Ana speaks in every Telegram room, Bia in every Discord one.

    Attributes:
        forum: Two topics and General, each with a channel of its own.
        whole: A forum that is joined as a whole.
        one_way: Read, and never written to.
        first: In one bridge with a channel and ``second``.
        basic: Two groups that are no supergroups yet.
    """

    stage: Scene
    forum: int
    topics: tuple[int, int]
    whole: int
    whole_topic: int
    threaded: int
    one_way: int
    first: int
    second: int
    basic: tuple[int, int]
    channels: dict[str, int]

    def telegram(self, chat: int, text: str, topic: int | None = None) -> Json:
        """Ana says something."""
        return self.stage.telegram.say(self.stage.ana["id"], chat, text, topic=topic)

    def discord(self, name: str, text: str, **more: str) -> Json:
        """Bia says something."""
        return self.stage.discord.say(
            self.stage.bia["id"], self.channels[name], text, reply_to=more.get("reply_to")
        )

    async def in_discord(self, name: str, text: str) -> Json:
        """Wait for a copy in a channel."""
        return await in_channel(self.stage, self.channels[name], text)

    async def in_telegram(self, chat: int, text: str) -> Json:
        """Wait for a copy in a chat."""
        return await in_chat(self.stage, chat, text)

    def texts(self, name: str) -> list[str]:
        """All that stands in a channel."""
        every = [m["content"] for m in self.stage.discord.messages(self.channels[name])]
        return [text for text in every if not text.startswith("-# ")]  # notices are small


async def in_channel(stage: Scene, channel: int, text: str) -> Json:
    """Wait for a message in a channel that MateBot posted and that ends with a text."""

    def found() -> list[Json]:
        every = stage.discord.messages(channel)
        return [m for m in every if m.get("webhook_id") and m["content"].endswith(text)]

    await stage.discord.wait_for(found, timeout_s=ARRIVES_S)
    (copy,) = found()
    return copy


async def in_chat(stage: Scene, chat: int, text: str) -> Json:
    """Wait for a message in a chat that MateBot posted and that ends with a text."""

    def found() -> list[Json]:
        return [m for m in stage.telegram.bot_messages(chat) if m["text"].endswith(text)]

    await stage.telegram.wait_for(found, timeout_s=ARRIVES_S)
    (copy,) = found()
    return copy


def _group(stage: Scene, title: str, *, kind: str = "supergroup", forum: bool = False) -> int:
    if kind == "group":
        chat = stage.telegram.add_group(title, kind="group")["id"]
    else:
        chat = stage.telegram.add_group(title, forum=forum)["id"]
    stage.telegram.join(chat, stage.ana["id"], status="administrator", quiet=True)
    return int(chat)


def _build(stage: Scene) -> House:
    telegram, discord = stage.telegram, stage.discord
    forum, whole = _group(stage, "Forum", forum=True), _group(stage, "Whole", forum=True)
    names = ("one", "general", "whole", "one-way", "many", "basic", "basic2", "parent")
    channels = {name: int(discord.add_channel(name)["id"]) for name in names}
    channels["thread"] = int(discord.add_thread(channels["parent"], "A thread")["id"])
    board = int(discord.add_channel("board", kind=15)["id"])
    channels["post"] = int(discord.add_thread(board, "A post")["id"])
    return House(
        stage,
        forum=forum,
        topics=(telegram.add_topic(forum, "First"), telegram.add_topic(forum, "Second")),
        whole=whole,
        whole_topic=telegram.add_topic(whole, "Anything"),
        threaded=_group(stage, "Threaded"),
        one_way=_group(stage, "One way"),
        first=_group(stage, "Many, first"),
        second=_group(stage, "Many, second"),
        basic=(_group(stage, "Basic", kind="group"), _group(stage, "Basic 2", kind="group")),
        channels=channels,
    )


def _bridges(house: House) -> str:
    c = house.channels
    return f"""
        telegram:{house.forum}/{house.topics[0]} <-> discord:{c["one"]}   # a topic
        telegram:{house.forum}/1 <-> discord:{c["general"]}
        telegram:{house.whole} <-> discord:{c["whole"]}
        telegram:{house.one_way} -> discord:{c["one-way"]}
        telegram:{house.basic[1]} <-> discord:{c["basic2"]}
        telegram:{house.threaded} <-> discord:{c["thread"]} <-> discord:{c["post"]}
        telegram:{house.first} <-> discord:{c["many"]} <-> telegram:{house.second}
        telegram:{house.basic[0]} <-> discord:{c["basic"]}; # by its old id
    """


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with scene(tmp_path_factory.mktemp("rooms"), start=False) as stage:
        house = _build(stage)
        stage.daemon.settings["MATEBOT_BRIDGES"] = _bridges(house)
        await stage.daemon.start()
        await stage.daemon.ready()
        yield house


async def test_a_topic_is_a_room_of_its_own(house: House) -> None:
    """Each topic has its channel, General is one, and an unlinked topic is nobody else's."""
    first, second = house.topics
    house.telegram(house.forum, "in the unlinked topic", second)
    house.telegram(house.forum, "in the topic", first)
    house.telegram(house.forum, "in general")
    await house.in_discord("one", "in the topic")
    await house.in_discord("general", "in general")
    assert house.texts("one") == ["in the topic"]
    assert house.texts("general") == ["in general"]
    house.discord("one", "to the topic")
    house.discord("general", "to general")
    copy = await house.in_telegram(house.forum, "to the topic")
    assert (copy["message_thread_id"], copy["is_topic_message"]) == (first, True)
    copy = await house.in_telegram(house.forum, "to general")
    assert "message_thread_id" not in copy


async def test_the_first_words_of_a_topic_answer_nothing(house: House) -> None:
    """What stands in a topic is no answer to its root; an answer in it is one, both ways."""
    first = house.topics[0]
    said = house.telegram(house.forum, "a question in the topic", first)
    copy = await house.in_discord("one", "a question in the topic")
    assert copy["content"] == "a question in the topic"
    house.discord("one", "its answer", reply_to=copy["id"])
    answer = await house.in_telegram(house.forum, "its answer")
    assert answer["reply_to_message"]["message_id"] == said["message_id"]
    assert answer["message_thread_id"] == first


async def test_a_forum_joined_as_a_whole(house: House) -> None:
    """Every topic is read; an answer goes to the topic of what it answers, the rest to General."""
    house.telegram(house.whole, "from general")
    said = house.telegram(house.whole, "from a topic", house.whole_topic)
    await house.in_discord("whole", "from general")
    copy = await house.in_discord("whole", "from a topic")
    house.discord("whole", "to all")
    house.discord("whole", "to the topic", reply_to=copy["id"])
    assert "message_thread_id" not in await house.in_telegram(house.whole, "to all")
    answer = await house.in_telegram(house.whole, "to the topic")
    assert answer["reply_to_message"]["message_id"] == said["message_id"]
    assert answer["message_thread_id"] == house.whole_topic


async def test_threads_and_posts_are_rooms(house: House) -> None:
    """A thread and a forum's post take part in a conversation; an archived one opens again."""
    stage = house.stage
    house.telegram(house.threaded, "into the thread")
    copy = await house.in_discord("thread", "into the thread")
    assert copy["author"]["username"] == "Ana"
    await house.in_discord("post", "into the thread")
    assert house.texts("parent") == []
    house.discord("thread", "out of the thread")
    await house.in_telegram(house.threaded, "out of the thread")
    await house.in_discord("post", "out of the thread")
    house.discord("post", "out of the post")
    await house.in_telegram(house.threaded, "out of the post")
    copy = await house.in_discord("thread", "out of the post")
    assert copy["author"]["username"] == "Bia"
    said = house.telegram(house.threaded, "to be edited")
    await house.in_discord("thread", "to be edited")
    stage.discord.archive(house.channels["thread"])
    house.telegram(house.threaded, "opens it again")
    await house.in_discord("thread", "opens it again")
    stage.discord.archive(house.channels["thread"])
    stage.telegram.edit(house.threaded, said["message_id"], "changed in the archive")
    await house.in_discord("thread", "changed in the archive")


async def test_one_direction_stays_one(house: House) -> None:
    """What is said in a room that is only written to goes nowhere; edits go with the direction."""
    stage = house.stage
    said = house.telegram(house.one_way, "announced")
    copy = await house.in_discord("one-way", "announced")
    message = house.discord("one-way", "never to be heard")
    stage.discord.edit(house.channels["one-way"], message["id"], "nor this")
    stage.discord.delete(house.channels["one-way"], message["id"])
    stage.telegram.edit(house.one_way, said["message_id"], "announced anew")
    await house.in_discord("one-way", "announced anew")
    house.discord("general", "a fence")
    await house.in_telegram(house.forum, "a fence")
    assert stage.telegram.bot_messages(house.one_way) == []
    assert copy["author"]["username"] == "Ana"


async def test_three_rooms_are_one_conversation(house: House) -> None:
    """Each hears the other two; an answer, an edit and a delete find every copy."""
    stage, first, second = house.stage, house.first, house.second
    said = house.telegram(first, "to the others")
    in_many = await house.in_discord("many", "to the others")
    there = await house.in_telegram(second, "to the others")
    assert there["text"] == "Ana\nto the others"
    # An answer to a copy in one room points at the original in its own, and at the copy elsewhere.
    stage.telegram.say(stage.ana["id"], second, "an answer", reply_to=there["message_id"])
    answer = await house.in_telegram(first, "an answer")
    assert answer["reply_to_message"]["message_id"] == said["message_id"]
    line = (await house.in_discord("many", "an answer"))["content"].split("\n")[0]
    assert in_many["id"] in line
    stage.telegram.edit(first, said["message_id"], "to the other two")
    await house.in_discord("many", "to the other two")
    await house.in_telegram(second, "to the other two")
    message = house.discord("many", "short-lived")
    copies = [await house.in_telegram(chat, "short-lived") for chat in (first, second)]
    stage.discord.delete(house.channels["many"], message["id"])
    await stage.telegram.wait_for(
        lambda: all(
            stage.telegram.message(chat, copy["message_id"]) is None
            for chat, copy in zip((first, second), copies, strict=True)
        ),
        timeout_s=ARRIVES_S,
    )


async def test_a_room_that_is_lost_holds_up_no_other_and_is_told_once(house: House) -> None:
    """MateBot is thrown out of one room: the others go on and hear of it once; it may come back."""
    stage, first, second = house.stage, house.first, house.second
    stage.telegram.kick(second)
    for number in range(3):
        house.telegram(first, f"without it {number}")
    await house.in_discord("many", "without it 2")
    await stage.telegram.wait_for(
        lambda: any("cannot post in" in m["text"] for m in stage.telegram.bot_messages(first)),
        timeout_s=ARRIVES_S,
    )
    house.discord("many", "still here")
    await house.in_telegram(first, "still here")
    told = [m for m in stage.telegram.bot_messages(first) if "cannot post in" in m["text"]]
    assert len(told) == 1
    # Added again, it brings at once what was said meanwhile, in order.
    stage.telegram.add_bot(second)
    await house.in_telegram(second, "still here")
    there = [m["text"] for m in stage.telegram.bot_messages(second)]
    assert [text[-1] for text in there if "without it" in text] == ["0", "1", "2"]


async def test_a_group_that_migrates_goes_on(house: House) -> None:
    """By the service message or by the refusal of a call; the configuration keeps the old id."""
    stage = house.stage
    by_message, by_refusal = house.basic
    house.telegram(by_message, "before the move")
    await house.in_discord("basic", "before the move")
    new = stage.telegram.migrate(by_message)
    house.telegram(new, "after the move")
    await house.in_discord("basic", "after the move")
    house.discord("basic", "to the new one")
    await house.in_telegram(new, "to the new one")

    # Telegram's own word of it is late: the first call with the old id tells.
    stage.telegram.route_webhook(("127.0.0.1", free_port()), plain_http=True)
    other = stage.telegram.migrate(by_refusal)
    house.discord("basic2", "goes after it")
    await house.in_telegram(other, "goes after it")
    stage.telegram.route_webhook(("127.0.0.1", stage.daemon.port), plain_http=True)
    house.telegram(other, "and back")
    await house.in_discord("basic2", "and back")

    assert await stage.daemon.stop() == 0
    await stage.daemon.start()
    await stage.daemon.ready()
    for chat, name in ((new, "basic"), (other, "basic2")):
        house.telegram(chat, f"after a restart, {name}")
        await house.in_discord(name, f"after a restart, {name}")
        house.discord(name, f"back, {name}")
        await house.in_telegram(chat, f"back, {name}")


async def test_a_channel_that_is_deleted_holds_up_no_other(house: House) -> None:
    """Who speaks to it is told once, and every other room goes on."""
    stage = house.stage
    stage.discord.delete_channel(house.channels["whole"])
    house.telegram(house.whole, "to nowhere")
    house.telegram(house.forum, "elsewhere")
    await house.in_discord("general", "elsewhere")
    await stage.telegram.wait_for(
        lambda: any(
            "the channel is gone" in m["text"] for m in stage.telegram.bot_messages(house.whole)
        ),
        timeout_s=ARRIVES_S,
    )


async def test_a_slow_room_holds_up_no_other(tmp_path: Path) -> None:
    """A group with a backlog beyond its rate does not delay another one, under the real limits."""
    async with scene(tmp_path, start=False, limited=True) as stage:
        quick = _group(stage, "Quick")
        channel = int(stage.discord.add_channel("quick")["id"])
        stage.daemon.settings["MATEBOT_BRIDGES"] += f"; telegram:{quick} <-> discord:{channel}"
        await stage.daemon.start()
        await stage.daemon.ready()
        for number in range(30):
            stage.discord_says(f"flood {number:02d}")
        await stage.reaches_telegram("flood 02")
        stage.telegram.faults.add(Fault("slow", "sendMessage", times=1, delay_s=2.0))
        stage.discord.say(stage.bia["id"], channel, "overtakes")
        await in_chat(stage, quick, "overtakes")
        # Under pressure several lines may stand in one message.
        there = re.findall(r"flood (\d\d)", "\n".join(m["text"] for m in stage.in_telegram()))
        assert len(there) >= 3
        assert there == [f"{number:02d}" for number in range(len(there))]
