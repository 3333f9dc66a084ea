"""The real discord.py against the stand-in."""

import discord
import pytest
import yarl

from matebot.sandbox.discord import DiscordStandIn
from tests.sandbox.discord.conftest import Bot, Json, running

pytestmark = pytest.mark.usefixtures("library")


async def test_a_message_reaches_the_client(standin: DiscordStandIn, ana: Json, room: Json) -> None:
    """The client becomes ready, knows the channel, and is told what a person says."""
    bot = Bot()
    async with running(bot):
        assert bot.user is not None
        assert bot.user.name == "MateBot"
        channel = bot.get_channel(int(room["id"]))
        assert isinstance(channel, discord.TextChannel)
        said = standin.say(ana["id"], room["id"], "hello **there**")
        await standin.wait_for(lambda: bot.said)
        message = bot.said[0]
        assert message.content == "hello **there**"
        assert str(message.id) == said["id"]
        assert message.channel is channel
        assert message.author.display_name == "Ana"


async def test_a_webhook_posts_and_hears_itself(standin: DiscordStandIn, room: Json) -> None:
    """A webhook made by the library posts under a name, and its post comes back on the gateway."""
    bot = Bot()
    async with running(bot):
        channel = bot.get_channel(int(room["id"]))
        assert isinstance(channel, discord.TextChannel)
        hook = await channel.create_webhook(name="bridge")
        made = await hook.send(
            "hi", username="Bia", wait=True, allowed_mentions=discord.AllowedMentions.none()
        )
        await standin.wait_for(lambda: bot.said)
        assert bot.said[0].webhook_id == hook.id
        assert bot.said[0].id == made.id
        assert bot.said[0].author.name == "Bia"
        assert [each["content"] for each in standin.messages(room["id"])] == ["hi"]
        edited = await made.edit(content="hi!")
        assert edited.edited_at is not None
        await made.delete()
        assert standin.messages(room["id"]) == []


async def test_history_is_read_in_pages(standin: DiscordStandIn, ana: Json, room: Json) -> None:
    """The library reads all that came after a message, oldest first."""
    said = [standin.say(ana["id"], room["id"], f"line {n}") for n in range(230)]
    bot = Bot()
    async with running(bot):
        channel = bot.get_channel(int(room["id"]))
        assert isinstance(channel, discord.TextChannel)
        after = discord.Object(int(said[9]["id"]))
        read = [each async for each in channel.history(after=after, limit=None)]
        assert [str(each.id) for each in read] == [each["id"] for each in said[10:]]


async def test_a_broken_connection_resumes(standin: DiscordStandIn, ana: Json, room: Json) -> None:
    """What was said while the connection was broken is replayed, once."""
    bot = Bot()
    async with running(bot):
        standin.disconnect(code=1006)
        await standin.wait_for(lambda: not standin.gateway.connections)
        standin.say(ana["id"], room["id"], "meanwhile")
        await standin.wait_for(lambda: bot.said)
        standin.say(ana["id"], room["id"], "after")
        await standin.wait_for(lambda: len(bot.said) == 2)
        assert [each.content for each in bot.said] == ["meanwhile", "after"]
        assert (standin.gateway.identifies, standin.gateway.resumes) == (1, 1)


async def test_a_lost_session_identifies_anew(
    standin: DiscordStandIn, ana: Json, room: Json
) -> None:
    """Where the session is forgotten the client identifies again, and nothing is replayed."""
    bot = Bot()
    async with running(bot):
        standin.disconnect(resumable=False)
        standin.say(ana["id"], room["id"], "lost to the gateway")
        await standin.wait_for(lambda: standin.gateway.identifies == 2, timeout_s=20)
        standin.say(ana["id"], room["id"], "after")
        await standin.wait_for(lambda: bot.said)
        assert [each.content for each in bot.said] == ["after"]


async def test_the_service_asks_to_reconnect(
    standin: DiscordStandIn, ana: Json, room: Json
) -> None:
    """Op 7 makes the client come again with a resume."""
    bot = Bot()
    async with running(bot):
        standin.reconnect_request()
        await standin.wait_for(lambda: standin.gateway.resumes == 1, timeout_s=20)
        standin.say(ana["id"], room["id"], "still here")
        await standin.wait_for(lambda: bot.said)


async def test_an_intent_that_is_not_granted() -> None:
    """Without MESSAGE_CONTENT in the portal the library raises what it raises for 4014."""
    async with DiscordStandIn(token="other", message_content_intent=False) as strict:
        discord.http.Route.BASE = strict.api_url
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(strict.gateway_url)
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with Bot() as bot:
                await bot.start("other")


async def test_a_wrong_token() -> None:
    """REST refuses it with 401, which the library tells as LoginFailure."""
    with pytest.raises(discord.LoginFailure):
        async with Bot() as bot:
            await bot.start("wrong")
