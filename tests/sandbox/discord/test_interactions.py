"""Slash commands and buttons: registered, invoked, answered."""

from typing import Any

import discord
import pytest
from discord import app_commands

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.discord.interactions import Interaction
from tests.sandbox.discord.conftest import Api, Bot, Json, running

BRIDGE: Json = {
    "name": "bridge",
    "description": "Join rooms",
    "options": [{"type": 3, "name": "code", "description": "A code", "required": False}],
}


async def register(standin: DiscordStandIn, api: Api, *commands: Json) -> tuple[int, Any]:
    """Replace the global commands."""
    return await api("PUT", f"/applications/{standin.application_id}/commands", list(commands))


def interaction(standin: DiscordStandIn, key: str) -> Interaction:
    """What the stand-in keeps of one."""
    return standin.interactions.kept[int(key)]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": "Bridge"}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "x" * 33}, "name"),
        ({"description": ""}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"name_localizations": {"pt": "ponte"}}, "name_localizations"),
        ({"options": [{"type": 3, "name": "A", "description": "x"}]}, "options"),
        ({"options": [{"type": 99, "name": "a", "description": "x"}]}, "options"),
        (
            {
                "options": [
                    {"type": 3, "name": "a", "description": "x"},
                    {"type": 3, "name": "b", "description": "x", "required": True},
                ]
            },
            "options",
        ),
    ],
)
async def test_what_is_no_command(
    standin: DiscordStandIn, api: Api, change: Json, where: str
) -> None:
    """Each rule that is broken is told at the command's place in the list."""
    status, answer = await register(standin, api, {**BRIDGE, **change})
    assert (status, answer["code"]) == (400, 50035)
    assert where in answer["errors"]["0"]


async def test_the_registry(standin: DiscordStandIn, api: Api) -> None:
    """A command keeps its id when it is registered again, and goes when it is left out."""
    _, (made,) = await register(standin, api, BRIDGE)
    _, (again,) = await register(standin, api, {**BRIDGE, "description": "Other"})
    assert made["id"] == again["id"]
    assert made["version"] != again["version"]
    base = f"/applications/{standin.application_id}/commands"
    assert (await api("GET", f"{base}/{made['id']}"))[1]["description"] == "Other"
    assert await register(standin, api) == (200, [])
    assert (await api("GET", f"{base}/{made['id']}"))[1]["code"] == 10063
    assert (await api("POST", base, BRIDGE))[0] == 201


async def test_a_client_checks(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """People can invoke only what is registered, with its options, where they may."""
    await register(standin, api, {**BRIDGE, "default_member_permissions": str(1 << 5)})
    with pytest.raises(ValueError, match="no command"):
        standin.invoke(ana["id"], room["id"], "nothing", {})
    with pytest.raises(PermissionError):
        standin.invoke(ana["id"], room["id"], "bridge", {})
    boss = standin.add_user("boss")
    standin.add_member(boss["id"], administrator=True)
    with pytest.raises(ValueError, match="unknown options"):
        standin.invoke(boss["id"], room["id"], "bridge", {"other": "x"})
    assert standin.invoke(boss["id"], room["id"], "bridge", {"code": "x"})


async def test_answers(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """An ephemeral answer is for its person alone, a follow-up for all; no second answer."""
    await register(standin, api, BRIDGE)
    key = standin.invoke(ana["id"], room["id"], "bridge", {})
    token = interaction(standin, key).token
    callback = f"/interactions/{key}/{token}/callback"
    body = {"type": 4, "data": {"content": "your code", "flags": 64}}
    assert (await api("POST", callback, body, token=None))[0] == 204
    assert (await api("POST", callback, body, token=None))[1]["code"] == 40060
    hook = f"/webhooks/{standin.application_id}/{token}"
    _, made = await api("POST", hook, {"content": "to all"}, token=None)
    assert made["flags"] == 0
    seen = [(each["content"], each["ephemeral"]) for each in standin.answers(key)]
    assert seen == [("your code", True), ("to all", False)]
    assert [each["content"] for each in standin.messages(room["id"])] == ["to all"]
    original = f"{hook}/messages/@original"
    assert (await api("GET", original, token=None))[1]["content"] == "your code"
    assert (await api("PATCH", original, {"content": "edited"}, token=None))[0] == 200
    assert standin.answers(key)[0]["content"] == "edited"
    assert (await api("DELETE", original, token=None))[0] == 204
    assert [each["content"] for each in standin.answers(key)] == ["to all"]


async def test_a_deferred_answer(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """A deferral shows nothing; the edit of the original fills it in, as ephemeral as it was."""
    await register(standin, api, BRIDGE)
    key = standin.invoke(ana["id"], room["id"], "bridge", {})
    token = interaction(standin, key).token
    body = {"type": 5, "data": {"flags": 64}}
    where = f"/interactions/{key}/{token}/callback"
    assert (await api("POST", where, body, token=None))[0] == 204
    assert standin.answers(key) == []
    original = f"/webhooks/{standin.application_id}/{token}/messages/@original"
    await api("PATCH", original, {"content": "done"}, token=None)
    (answer,) = standin.answers(key)
    assert (answer["content"], answer["ephemeral"]) == ("done", True)


async def test_too_late(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """After three seconds an interaction is not known any more."""
    await register(standin, api, BRIDGE)
    key = standin.invoke(ana["id"], room["id"], "bridge", {})
    made = interaction(standin, key)
    made.at -= 3.1
    body = {"type": 4, "data": {"content": "late"}}
    where = f"/interactions/{key}/{made.token}/callback"
    status, answer = await api("POST", where, body, token=None)
    assert (status, answer) == (404, {"message": "Unknown interaction", "code": 10062})


class Sure(discord.ui.View):
    """One button."""

    @discord.ui.button(label="Yes", custom_id="yes")
    async def yes(self, asked: discord.Interaction[Any], _: discord.ui.Button["Sure"]) -> None:
        """It was clicked."""
        await asked.response.edit_message(content="done", view=None)


class Clicker(Bot):
    """Answers /ask with a private button, and a click with a word."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = app_commands.CommandTree(self)

        @self.tree.command(name="ask", description="Ask")
        async def ask(asked: discord.Interaction[Any], word: str) -> None:
            await asked.response.defer(ephemeral=True)
            await asked.followup.send(f"sure about {word}?", view=Sure(), ephemeral=True)

    async def setup_hook(self) -> None:
        await self.tree.sync()
        await super().setup_hook()


@pytest.mark.usefixtures("library")
async def test_the_library_answers(standin: DiscordStandIn, ana: Json, room: Json) -> None:
    """The real library registers a command, answers it in private, and hears the button."""
    bot = Clicker()
    async with running(bot):
        key = standin.invoke(ana["id"], room["id"], "ask", {"word": "this"})
        await standin.wait_for(lambda: standin.answers(key))
        (answer,) = standin.answers(key)
        assert answer["content"] == "sure about this?"
        assert answer["ephemeral"] is True
        assert standin.messages(room["id"]) == []
        click = standin.click(ana["id"], room["id"], answer["id"], "yes")
        await standin.wait_for(lambda: interaction(standin, click).callback is not None)
        assert standin.answers(key)[0]["content"] == "done"
        with pytest.raises(ValueError, match="no component"):
            standin.click(ana["id"], room["id"], answer["id"], "yes")
