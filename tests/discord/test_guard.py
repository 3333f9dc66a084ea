"""Names from Telegram that could be taken for somebody's in Discord are marked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.events import Posted
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Author, Copy, Message
from matebot.core.ports import Mark
from matebot.core.richtext import plain
from matebot.discord.guard import Overheard, begins, skeleton
from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.faults import Fault
from tests.discord.harness import Side, copy

Json = dict[str, Any]


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("bia", "Bia"),
        ("  B i a ", "Bia"),
        ("Biа", "Bia"),  # a Cyrillic letter
        ("ВIА", "bia"),
        ("B\u200bi\u2060a", "Bia"),
        ("𝐁𝐢𝐚", "Bia"),
        ("Bía", "Bia"),
        ("Bia 🌸", "Bia"),
        ("lvan", "Ivan"),
        ("M0derator", "Moderator"),
        ("Adrnin", "Admin"),
        ("🌸 🌸", "🌸🌸"),
    ],
)
def test_what_looks_alike(name: str, like: str) -> None:
    """Case, blanks, unseen signs, accents and letters of other scripts tell nobody apart."""
    assert skeleton(name) == skeleton(like)


@pytest.mark.parametrize(
    ("name", "other"), [("Bia", "Leo"), ("Ana", "Anna"), ("李", "王"), ("🌸", "🔥")]
)
def test_what_does_not(name: str, other: str) -> None:
    """Other names are other names."""
    assert skeleton(name) != skeleton(other)


@given(st.text(max_size=200))
def test_any_name_can_be_looked_up(name: str) -> None:
    """A search has at most four queries, none empty, whatever the name."""
    queries = begins(name)
    assert len(queries) <= 4
    assert all(1 <= len(query) <= 100 for query in queries)
    skeleton(name)


async def username(side: Side, name: str) -> str:
    """Under which name a copy would be posted."""
    (part,) = await side.service.messenger.prepare(side.room, copy(name=name))
    return part.username


async def test_members_names_are_marked(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """A member's name as people see it, also one that was only spelt to look so; no other."""
    assert channel["id"] == str(side.room.chat)
    for name, nick in (("bia", None), ("u1", "Ivan"), ("hidden", "Lia")):
        standin.add_member(standin.add_user(name)["id"], nick=nick)
    await side.start()
    assert await username(side, "Bia") == "Bia (Telegram)"
    assert await username(side, "Biа") == "Biа (Telegram)"
    assert await username(side, "lvan") == "lvan (Telegram)"
    assert await username(side, "hidden") == "hidden"
    assert await username(side, "Zoe") == "Zoe"
    long = await username(side, "Bia" + "\u2060" * 100)
    assert long == "Bia" + "\u2060" * 65 + "… (Telegram)"
    assert len(long) == 80


async def test_own_names_are_marked(standin: DiscordStandIn, side: Side, channel: Json) -> None:
    """MateBot's own name, in the text, too, where the bot itself posts."""
    assert channel["id"] == str(side.room.chat)
    await side.start()
    assert await username(side, "mate bot") == "mate bot (Telegram)"
    bot = standin.world.users[standin.world.bot_id]["username"]
    (part,) = await side.service.messenger.prepare(side.room, copy(name=bot))
    assert part.content(as_bot=True) == f"**{bot} (Telegram)**\nhi"


async def test_who_spoke_is_known_without_a_search(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """Whoever spoke of late counts, however the name begins; nobody is searched for it."""
    bia = standin.add_user("u", global_name="✨ Bia ✨")
    standin.add_member(bia["id"])
    await side.start()
    standin.say(bia["id"], channel["id"], "hi")
    await side.wait_for(lambda: side.intake.texts == ["hi"])
    assert await username(side, "Bia") == "Bia (Telegram)"
    assert not [call for call in standin.calls if call.path.endswith("/members/search")]


async def test_what_discord_does_not_tell_marks_nobody(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """A failed search holds nothing up; its answer is kept, and searches are few."""
    assert channel["id"] == str(side.room.chat)
    standin.add_member(standin.add_user("bia")["id"])
    await side.start()
    standin.faults.add(Fault("status", match="guild.members.search", status=403))
    assert await username(side, "Bia") == "Bia"
    assert await username(side, "Bia") == "Bia"
    for number in range(20):
        await username(side, f"zoe{number}" if number % 2 else f"{number}abc")
    searches = [call for call in standin.calls if call.path.endswith("/members/search")]
    assert 0 < len(searches) <= 8


async def test_a_name_of_another_discord_room_is_not_marked(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """Between two Discord rooms people keep their names."""
    assert channel["id"] == str(side.room.chat)
    standin.add_member(standin.add_user("bia")["id"])
    await side.start()
    ref = MessageRef(Room.discord(1), 7)
    made = Copy(Message(ref, Author(42, "bia"), plain("hi")), None, "en")
    (part,) = await side.service.messenger.prepare(side.room, made)
    assert part.username == "bia"


async def test_what_is_overheard_goes_on(side: Side) -> None:
    """Events pass as they are, also of a channel that nobody knows."""
    heard = Overheard(side.intake, side.service._guard, side.service.client)
    event = Posted(Message(MessageRef(Room.discord(1), 7), Author(42, "bia"), plain("hi")))
    await heard.take([event], Mark())
    assert side.intake.events == [event]
