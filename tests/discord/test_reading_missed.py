"""What happened in Discord while MateBot was away: limits, edits and deletions."""

from typing import Any

from matebot.core.events import Deleted, Edited, Posted
from matebot.core.ids import MessageRef
from matebot.core.message import Happening
from matebot.discord.missed import Limits
from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.faults import Fault
from tests.discord.harness import TOKEN, Side, copy

Json = dict[str, Any]
DAY_S = 86_400.0


async def away(side: Side, limits: Limits | None = None) -> None:
    """Stop; it will start anew, perhaps with other limits."""
    await side.stop()
    side.limits = limits or side.limits
    side.make(TOKEN)


def lines(side: Side) -> list[str]:
    """How much was said to be skipped."""
    told = [e.message for e in side.intake.events if isinstance(e, Posted)]
    return [each.text.text for each in told if each.happening is Happening.SKIPPED]


def later(standin: DiscordStandIn, seconds: float = 1.0) -> None:
    """Have what is said from now on be so much younger, by its id."""
    standin.world.ids._last += int(seconds * 1000) << 22


async def test_what_changed_while_away_is_told(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Of what was stored before: edits and deletions, before what is new; nothing else."""
    await side.start()
    said = [standin.say(ana["id"], channel["id"], f"{n}") for n in range(5)]
    await side.wait_for(lambda: len(side.intake.texts) == 5)
    parts = await side.service.messenger.prepare(side.room, copy("from Telegram"))
    await side.service.messenger.send(side.room, [parts[0]], "k1")
    await away(side)
    side.intake.marks.clear()
    standin.edit(channel["id"], said[1]["id"], "changed")
    standin.preview(channel["id"], said[2]["id"])
    standin.delete(channel["id"], said[3]["id"])
    standin.delete(channel["id"], said[0]["id"])
    standin.say(ana["id"], channel["id"], "new")
    await side.start(until=lambda: len(side.intake.texts) == 6)
    edited, deleted, new = side.intake.events[5:]
    assert isinstance(edited, Edited)
    assert edited.message.text.text == "changed"
    assert edited.message.author.name == "Ana"
    refs = [MessageRef(side.room, int(each["id"])) for each in said]
    assert deleted == Deleted((refs[0], refs[3]))
    assert isinstance(new, Posted)


async def test_what_changed_in_a_second_gap_is_told_too(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """While a room is read, something may be missed again: what was compared before, is anew."""
    await side.start()
    said = [standin.say(ana["id"], channel["id"], f"{n}") for n in range(3)]
    await side.wait_for(lambda: len(side.intake.texts) == 3)
    reader = side.service.reader
    assert reader is not None
    for delay_s in (0.0, 1.0):  # the page of what was known before, and that of what is new
        standin.faults.add(Fault("slow", match="channel.messages", delay_s=delay_s))
    reader.missed()
    await side.wait_for(lambda: not standin.faults.waiting)
    standin.world.out_of_order = True  # of this no event tells
    standin.edit(channel["id"], said[1]["id"], "changed")
    standin.delete(channel["id"], said[0]["id"])
    standin.world.out_of_order = False
    reader.missed()
    await side.wait_for(lambda: len(side.intake.events) == 5)
    edited, deleted = side.intake.events[3:]
    assert isinstance(edited, Edited)
    assert edited.message.text.text == "changed"
    assert deleted == Deleted((MessageRef(side.room, int(said[0]["id"])),))


async def test_an_error_tells_of_no_deletion(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """A history that fails, or that MateBot may not read, is no proof that something is gone."""
    await side.start()
    said = standin.say(ana["id"], channel["id"], "stays")
    await side.wait_for(lambda: side.intake.texts)
    await away(side)
    standin.set_bot_permissions(perms.ALL & ~perms.READ_MESSAGE_HISTORY & ~perms.ADMINISTRATOR)
    standin.faults.add(Fault("status", match="channel.messages", status=403))
    calls = len(standin.calls)

    def asked() -> int:
        return sum(c.path.endswith("/messages") for c in list(standin.calls)[calls:])

    await side.start(until=lambda: asked() >= 3)
    assert [type(event) for event in side.intake.events] == [Posted]
    standin.set_bot_permissions(perms.ALL)
    await away(side)
    standin.delete(channel["id"], said["id"])
    standin.say(ana["id"], channel["id"], "another")
    await side.start(until=lambda: len(side.intake.events) == 2)


async def test_a_limit_by_number(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """The newest are brought, behind one line that says how many are not; it stands with them."""
    side.intake.cursors[side.room] = int(channel["id"])
    side.limits = Limits(DAY_S, 130)
    side.make(TOKEN)
    for number in range(340):
        standin.say(ana["id"], channel["id"], f"{number}")
    await side.start(until=lambda: len(side.intake.texts) >= 131)
    assert side.intake.texts == ["210", *(f"{n}" for n in range(210, 340))]
    first = side.intake.events[0]
    assert isinstance(first, Posted)
    assert first.message.author.name == "#general"
    assert side.intake.marks[0].cursor is not None
    assert side.intake.marks[0].decided_at is not None


async def test_a_limit_by_age(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """What is older than the limit is counted and left; few as it is, one page tells it."""
    side.intake.cursors[side.room] = int(channel["id"])
    for number in range(7):
        standin.say(ana["id"], channel["id"], f"old {number}")
    later(standin)
    new = standin.say(ana["id"], channel["id"], "new")
    edge_s = ((int(new["id"]) >> 22) + 1_420_070_400_000) / 1000
    side.now = lambda: edge_s + DAY_S - 0.5
    side.make(TOKEN)
    await side.start(until=lambda: len(side.intake.texts) == 2)
    assert side.intake.texts == ["7", "new"]


async def test_a_decision_is_not_made_twice(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """What was to be brought when MateBot died is brought, though more was said meanwhile."""
    side.intake.cursors[side.room] = int(channel["id"])
    side.limits = Limits(DAY_S, 150)
    side.make(TOKEN)
    for number in range(200):
        standin.say(ana["id"], channel["id"], f"{number}")
    # The first page, and three backwards to measure; then the pages to be brought fail.
    standin.faults.add(Fault("slow", match="channel.messages", times=4))
    standin.faults.add(Fault("status", match="channel.messages", status=403, times=None))
    await side.start(until=lambda: lines(side) == ["50"])
    await away(side)
    standin.faults.clear()
    for number in range(200, 240):
        standin.say(ana["id"], channel["id"], f"{number}")
    await side.start(until=lambda: len(side.intake.texts) >= 191)
    assert side.intake.texts == ["50", *(f"{n}" for n in range(50, 240))]


async def test_nothing_old_is_brought_with_a_limit_of_none(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """0 messages: the line alone, and what is said from then on."""
    side.intake.cursors[side.room] = int(channel["id"])
    side.limits = Limits(DAY_S, 0)
    side.make(TOKEN)
    for number in range(3):
        standin.say(ana["id"], channel["id"], f"{number}")
    await side.start(until=lambda: lines(side))
    await side.wait_for(lambda: side.is_well)
    standin.say(ana["id"], channel["id"], "live")
    await side.wait_for(lambda: len(side.intake.texts) == 2)
    assert side.intake.texts == ["3", "live"]
