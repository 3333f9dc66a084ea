"""What people say in Discord is taken in, in order, whatever happens to the connection."""

from typing import Any

from matebot.core.events import Deleted, Edited, How, Pinned, Posted, Reacted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Emoji, Happening, Tally
from matebot.core.richtext import plain
from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.discord.posts import tell_channel
from matebot.sandbox.discord.world import Event
from matebot.sandbox.faults import Fault
from tests.discord.harness import TOKEN, Side, copy

Json = dict[str, Any]


async def test_messages_come_in_order(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Each message is taken in once, in order, with its cursor and the author's nickname."""
    await side.start()
    said = [standin.say(ana["id"], channel["id"], f"{n}") for n in range(50)]
    await side.wait_for(lambda: len(side.intake.texts) == 50)
    assert side.intake.texts == [f"{n}" for n in range(50)]
    assert side.intake.cursors[side.room] == int(said[-1]["id"])
    first = side.intake.events[0]
    assert isinstance(first, Posted)
    assert first.message.author.name == "Ana"


async def test_only_read_rooms_are_taken(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """What is said elsewhere is nobody's business."""
    other = standin.add_channel("private")
    await side.start()
    standin.say(ana["id"], other["id"], "secret")
    standin.say(ana["id"], channel["id"], "open")
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["open"]


async def test_a_first_start_begins_now(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """A room that was never read begins behind its last message."""
    old = standin.say(ana["id"], channel["id"], "old")
    await side.start()
    assert side.intake.cursors[side.room] == int(old["id"])
    standin.say(ana["id"], channel["id"], "new")
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["new"]


async def test_what_was_said_while_down_is_read(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """A start reads on from the cursor, page by page, with nicknames."""
    side.intake.cursors[side.room] = int(channel["id"])
    for number in range(230):
        standin.say(ana["id"], channel["id"], f"{number}")
    await side.start(until=lambda: len(side.intake.texts) >= 230)
    assert side.intake.texts == [f"{n}" for n in range(230)]
    last = side.intake.events[-1]
    assert isinstance(last, Posted)
    assert last.message.author.name == "Ana"


async def test_a_lost_session_is_read_from_the_history(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """After a session that cannot resume, nothing of what was said meanwhile is missing."""
    await side.start()
    standin.say(ana["id"], channel["id"], "before")
    await side.wait_for(lambda: side.intake.texts)
    standin.disconnect(code=4000, resumable=False)
    for number in range(120):
        standin.say(ana["id"], channel["id"], f"{number}")
    await side.wait_for(lambda: len(side.intake.texts) == 121)
    standin.say(ana["id"], channel["id"], "after")
    await side.wait_for(lambda: side.intake.texts[-1] == "after")
    assert side.intake.texts == ["before", *(f"{n}" for n in range(120)), "after"]


async def test_a_resumed_session_misses_nothing(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """What was said during a short break is replayed, without reading any history."""
    await side.start()
    standin.disconnect(code=4000, resumable=True)
    standin.say(ana["id"], channel["id"], "meanwhile")
    calls = len(standin.calls)
    await side.wait_for(lambda: side.intake.texts)
    assert side.intake.texts == ["meanwhile"]
    assert not [c for c in list(standin.calls)[calls:] if c.path.endswith("/messages")]


async def test_a_failed_store_is_read_again(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Messages that the database did not take are read once it does, in order."""
    await side.start()
    side.intake.down = True
    standin.say(ana["id"], channel["id"], "one")
    standin.say(ana["id"], channel["id"], "two")
    gaps = side.service.reader
    assert gaps is not None
    await side.wait_for(lambda: gaps._gaps.is_behind(side.room))
    standin.say(ana["id"], channel["id"], "three")
    side.intake.down = False
    await side.wait_for(lambda: len(side.intake.texts) == 3)
    assert side.intake.texts == ["one", "two", "three"]


async def test_a_room_that_cannot_be_read_holds_up_no_other(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """A failing page is tried again; the other room is live meanwhile."""
    other = standin.add_channel("other")
    room = side.room.discord(int(other["id"]))
    side.reads.add(room)
    side.intake.cursors[side.room] = side.intake.cursors[room] = int(channel["id"])
    standin.say(ana["id"], channel["id"], "a")
    standin.say(ana["id"], other["id"], "b")
    standin.faults.add(Fault("status", match="channel.messages", status=403))
    await side.start(until=lambda: len(side.intake.texts) == 2)
    assert sorted(side.intake.texts) == ["a", "b"]


async def test_edits_and_deletions(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """A person's edit and deletions are taken in; a link's preview is no edit."""
    await side.start()
    said = [standin.say(ana["id"], channel["id"], text) for text in ("a", "b", "c")]
    standin.preview(channel["id"], said[0]["id"])
    standin.edit(channel["id"], said[0]["id"], "A")
    standin.preview(channel["id"], said[0]["id"])
    standin.delete(channel["id"], said[1]["id"])
    standin.bulk_delete(channel["id"], [said[0]["id"], said[2]["id"]])
    await side.wait_for(lambda: len(side.intake.events) == 6)
    edited, one, two = side.intake.events[3:]
    assert isinstance(edited, Edited)
    assert edited.message.text == plain("A")
    refs = [MessageRef(side.room, int(each["id"])) for each in said]
    assert one == Deleted((refs[1],))
    assert two == Deleted((refs[0], refs[2]))


async def test_no_echo(standin: DiscordStandIn, side: Side, channel: Json, ana: Json) -> None:
    """What MateBot posts is not taken in, live or from the history, not after a restart."""
    await side.start()
    parts = await side.service.messenger.prepare(side.room, copy("from Telegram"))
    await side.service.messenger.send(side.room, [parts[0]], "k1")
    standin.say(ana["id"], channel["id"], "from Discord")
    await side.wait_for(lambda: side.intake.texts)
    await side.stop()
    side.intake.cursors[side.room] = int(channel["id"])
    side.intake.events.clear()
    side.make("bot.token.for-tests")
    await side.start(until=lambda: side.intake.texts)
    assert side.intake.texts == ["from Discord"]


async def test_reactions_and_pins(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Each is an event; a pin's own line and MateBot's reactions are none."""
    await side.start()
    said = standin.say(ana["id"], channel["id"], "look")
    ref = MessageRef(side.room, int(said["id"]))
    emoji = (Emoji("👍"),)
    who = int(ana["id"])
    standin.pin(ana["id"], channel["id"], said["id"])
    standin.preview(channel["id"], said["id"])
    standin.react(ana["id"], channel["id"], said["id"], "👍")
    await side.service.messenger.react(ref, [Tally(Emoji("🎉"), 1)], ())
    standin.unreact(ana["id"], channel["id"], said["id"], "👍")
    standin.unpin(channel["id"], said["id"])
    await side.wait_for(lambda: len(side.intake.events) == 5)
    assert side.intake.events[1:] == [
        Pinned(ref, pinned=True),
        Reacted(ref, who, emoji, How.ADDED),
        Reacted(ref, who, emoji, How.REMOVED),
        Pinned(ref, pinned=False),
    ]
    reader = side.service.reader
    assert reader is not None
    assert reader.left_out["kind:pins_add"] == 1


async def test_typing_names_and_joins(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Who types is told at once; a new name and who joined come as happenings, in order."""
    typed: list[Room] = []
    side.typing = typed.append
    side.make(TOKEN)
    await side.start()
    await side.wait_for(side.service.client.guilds_told.is_set)
    other = standin.add_channel("other")
    standin.typing(ana["id"], other["id"])
    standin.typing(ana["id"], channel["id"])
    await side.wait_for(lambda: typed)
    assert typed == [side.room]
    standin.say(ana["id"], channel["id"], "", more={"type": 7})
    kept = standin.world.channel(int(channel["id"]))
    kept["name"] = "tea"
    tell_channel(standin.world, "CHANNEL_UPDATE", kept)
    tell_channel(standin.world, "CHANNEL_UPDATE", kept)
    standin.say(ana["id"], channel["id"], "hi")
    await side.wait_for(lambda: len(side.intake.events) == 3)
    joined, named, _ = (e.message for e in side.intake.events if isinstance(e, Posted))
    assert (joined.happening, joined.text.text) == (Happening.JOINED, "Ana")
    assert (named.happening, named.text.text) == (Happening.TITLE, "tea")
    assert named.author.id == standin.guild_id


async def test_planned_events(standin: DiscordStandIn, side: Side) -> None:
    """What a server plans is told once, in a room that is read."""
    standin.add_channel("other")
    await side.start()
    await side.wait_for(side.service.client.guilds_told.is_set)
    event: Json = {
        "id": "901", "guild_id": str(standin.guild_id), "name": "Mate", "entity_type": 3,
        "status": 1, "privacy_level": 2, "scheduled_start_time": "2026-12-01T12:00:00+00:00",
        "entity_metadata": {"location": "Club"},
    }  # fmt: skip
    for name, status in (("CREATE", 1), ("UPDATE", 2), ("UPDATE", 3), ("DELETE", 3)):
        data = {**event, "status": status}
        standin.world.emit(Event(f"GUILD_SCHEDULED_EVENT_{name}", data, 1 << 16))
    await side.wait_for(lambda: len(side.intake.events) == 3)
    told = [e.message for e in side.intake.events if isinstance(e, Posted)]
    assert [each.happening for each in told] == [
        Happening.EVENT_NEW,
        Happening.EVENT_STARTED,
        Happening.EVENT_ENDED,
    ]
    assert {each.ref.room for each in told} == {side.room}


async def test_what_no_history_tells_waits_for_a_gap(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Reactions, pins and names that are told while a room is behind come behind its messages."""
    side.intake.cursors[side.room] = int(channel["id"])
    said = standin.say(ana["id"], channel["id"], "first")
    standin.faults.add(Fault("slow", match="channel.messages", delay_s=0.5))
    await side.start(until=lambda: any(c.path.endswith("/messages") for c in standin.calls))
    await side.wait_for(lambda: side.is_well)
    standin.react(ana["id"], channel["id"], said["id"], "👍")
    standin.unreact(ana["id"], channel["id"], said["id"], "👍")
    standin.pin(ana["id"], channel["id"], said["id"])
    await side.wait_for(lambda: len(side.intake.events) >= 3)
    kinds = [type(event) for event in side.intake.events]
    assert kinds == [Posted, Reacted, Pinned]
    assert isinstance(side.intake.events[1], Reacted)
    assert side.intake.events[1].how is How.REMOVED


async def test_a_bots_late_answer_is_said_once_it_is_there(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """The announcement of an answer is nothing yet; its update is the message, not an edit."""
    await side.start()
    said = standin.say(ana["id"], channel["id"], "the answer")
    await side.wait_for(lambda: side.intake.texts)
    side.intake.events.clear()
    reader = side.service.reader
    assert reader is not None
    reader._thinking[int(said["id"])] = None
    standin.preview(channel["id"], said["id"])
    await side.wait_for(lambda: side.intake.texts)
    assert isinstance(side.intake.events[0], Posted)
    assert not reader._thinking


async def test_changes_during_a_gap_come_after_it(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """An edit and a deletion that are told while a room is behind come behind its messages."""
    side.intake.cursors[side.room] = int(channel["id"])
    first = standin.say(ana["id"], channel["id"], "first")
    second = standin.say(ana["id"], channel["id"], "second")
    standin.faults.add(Fault("slow", match="channel.messages", delay_s=0.5))
    asked = "/messages"
    await side.start(until=lambda: any(c.path.endswith(asked) for c in standin.calls))
    await side.wait_for(lambda: side.is_well)
    standin.edit(channel["id"], first["id"], "changed")
    standin.delete(channel["id"], second["id"])
    await side.wait_for(lambda: len(side.intake.events) >= 3)
    assert isinstance(side.intake.events[0], Posted)
    assert [type(event) for event in side.intake.events[-2:]] == [Edited, Deleted]


async def test_a_room_that_is_linked_later_is_read_from_its_cursor(
    standin: DiscordStandIn, side: Side, ana: Json
) -> None:
    """What was said between the linking and the change of the routes is not lost."""
    await side.start()
    other = standin.add_channel("other")
    standin.say(ana["id"], other["id"], "before")
    room = side.room.discord(int(other["id"]))
    side.intake.cursors[room] = int(standin.messages(other["id"])[-1]["id"])
    standin.say(ana["id"], other["id"], "between")
    side.reads.add(room)
    side.service.rooms_changed()
    await side.wait_for(lambda: side.intake.texts)
    standin.say(ana["id"], other["id"], "after")
    await side.wait_for(lambda: len(side.intake.texts) == 2)
    assert side.intake.texts == ["between", "after"]
