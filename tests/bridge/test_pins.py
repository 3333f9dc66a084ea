"""Pins are a state: what MateBot pinned itself comes back as nothing."""

from pathlib import Path

from matebot.core.events import Pinned
from matebot.core.ids import MessageRef
from matebot.core.ports import Mark
from tests.bridge.test_lanes import post, settle
from tests.bridge.world import CHANNEL, GROUP, World, world


async def pins(parts: World, ref: MessageRef, *, pinned: bool) -> list[str]:
    """The calls that a pin's change brings about."""
    before = len(parts.telegram.calls), len(parts.discord.calls)
    await parts.relay.take([Pinned(ref, pinned=pinned)], Mark())
    await settle(parts)
    return parts.telegram.calls[before[0] :] + parts.discord.calls[before[1] :]


async def test_an_echo_is_nothing(tmp_path: Path) -> None:
    """The copy's own pin, and a state that is known already, bring no call."""
    async with world(tmp_path / "w.sqlite") as parts:
        await post(parts, 1, "hello")
        await settle(parts)
        (number,) = parts.discord.posted
        original, copy = MessageRef(GROUP, 1), MessageRef(CHANNEL, number)
        assert await pins(parts, copy, pinned=False) == []
        assert await pins(parts, original, pinned=True) == [f"pin {number} True"]
        assert await pins(parts, copy, pinned=True) == []
        assert await pins(parts, original, pinned=True) == []
        assert await pins(parts, copy, pinned=False) == ["pin 1 False"]
        assert await pins(parts, copy, pinned=False) == []


async def test_a_further_part_is_not_unpinned(tmp_path: Path) -> None:
    """Of a copy of several parts the first is pinned: that the second is not says nothing."""
    async with world(tmp_path / "w.sqlite") as parts:
        await post(parts, 1, "one\ntwo")
        await settle(parts)
        first, second = sorted(parts.discord.posted)
        await pins(parts, MessageRef(GROUP, 1), pinned=True)
        assert await pins(parts, MessageRef(CHANNEL, second), pinned=False) == []
        assert await pins(parts, MessageRef(CHANNEL, first), pinned=False) == ["pin 1 False"]
        assert await pins(parts, MessageRef(CHANNEL, second), pinned=True) == ["pin 1 True"]
