"""Slash commands and buttons against the stand-in, which knows Discord's rules for them."""

from functools import partial
from typing import Any

from matebot.bridge.commands import COMMANDS
from matebot.core.errors import StoreUnavailable
from matebot.core.notice import Button, Notice
from matebot.core.richtext import plain
from matebot.discord.commands import fingerprint, payload
from matebot.sandbox.discord import DiscordStandIn, permissions
from tests.discord.harness import Side, words

Json = dict[str, Any]


async def listed(side: Side) -> None:
    """Start, and wait until Discord lists the commands."""
    await side.start()
    await side.wait_for(lambda: side.mark)


def is_answered(standin: DiscordStandIn, call: str) -> bool:
    """Whether who asked sees an answer."""
    return any(answer.get("content") for answer in standin.answers(call))


def boss(standin: DiscordStandIn) -> Json:
    """Somebody who manages the server."""
    user = standin.add_user("boss")
    standin.add_member(user["id"], permissions=permissions.MANAGE_GUILD)
    return user


async def test_a_command_is_answered_in_private(
    standin: DiscordStandIn, side: Side, channel: Json
) -> None:
    """An administrator's call reaches the bridge whole; the answer is theirs alone."""
    admin = boss(standin)
    await listed(side)
    side.commands.answer = Notice(plain("Your code"), buttons=(Button("Yes", "yes"),))
    call = standin.invoke(admin["id"], channel["id"], "bridge", {"code": " AB-12 "})
    await side.wait_for(partial(is_answered, standin, call))
    (answer,) = standin.answers(call)
    assert answer["content"] == "Your code"
    assert answer["flags"] & 64
    (seen,) = side.commands.calls
    assert (seen.name, seen.argument, seen.room) == ("bridge", "AB-12", side.room)
    assert seen.caller_is_admin
    assert seen.caller.id == int(admin["id"])
    standin.click(admin["id"], channel["id"], answer["id"], "yes")
    await side.wait_for(lambda: side.commands.presses)
    action, room, caller = side.commands.presses[0]
    assert (action, room, caller.id) == ("yes", side.room, int(admin["id"]))


async def test_a_member_is_no_administrator(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """The bridge is told that a member decides nothing."""
    await listed(side)
    standin.invoke(ana["id"], channel["id"], "status", {})
    await side.wait_for(lambda: side.commands.calls)
    assert not side.commands.calls[0].caller_is_admin


async def test_a_failure_gets_a_polite_word(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """Whatever fails, who asked is told, and the next one is served."""
    await listed(side)
    for error in (StoreUnavailable("disk full"), RuntimeError("bug")):
        side.commands.error = error
        call = standin.invoke(ana["id"], channel["id"], "help", {})
        await side.wait_for(partial(is_answered, standin, call))
        assert "try-again" in standin.answers(call)[0]["content"]


async def test_a_long_answer_comes_whole(
    standin: DiscordStandIn, side: Side, channel: Json, ana: Json
) -> None:
    """What does not fit into one message follows in others, in private, too."""
    await listed(side)
    side.commands.answer = Notice(plain("x" * 1990 + "\n" + "y" * 100))
    call = standin.invoke(ana["id"], channel["id"], "help", {})
    await side.wait_for(lambda: len(standin.answers(call)) == 2)
    assert all(answer["flags"] & 64 for answer in standin.answers(call))


async def test_the_table_is_given_once(standin: DiscordStandIn, side: Side) -> None:
    """A second start with the same table does not list it again."""
    await listed(side)
    await side.stop()
    side.make("bot.token.for-tests")
    await side.start()
    puts = [c for c in standin.calls if c.method == "PUT" and c.path.endswith("/commands")]
    assert len(puts) == 1


def test_the_table_is_localised() -> None:
    """Every command is described in both languages, and admin ones are hidden from others."""
    table = {each["name"]: each for each in payload(COMMANDS, words)}
    assert table["bridge"]["default_member_permissions"] == 32
    assert table["bridge"]["contexts"] == [0]
    assert table["help"]["default_member_permissions"] is None
    for each in table.values():
        assert each["description"].startswith("en:")
        assert each["description_localizations"]["pt-BR"].startswith("pt_BR:")


def test_the_fingerprint_tells_tables_apart() -> None:
    """Another application or another table has another fingerprint."""
    table = payload(COMMANDS, words)
    assert fingerprint(table, 1) == fingerprint(payload(COMMANDS, words), 1)
    assert fingerprint(table, 1) != fingerprint(table, 2)
    assert fingerprint(table[1:], 1) != fingerprint(table, 1)
