"""Messages, reactions, pins and rights over plain HTTP."""

import pytest

from matebot.sandbox.discord import DiscordStandIn
from tests.sandbox.discord.conftest import Api, Json

VIEW, SEND, HISTORY = 1 << 10, 1 << 11, 1 << 16


async def test_the_token(standin: DiscordStandIn, api: Api) -> None:
    """Without the token, with another, or once it is revoked: 401 with code 0."""
    unauthorized = (401, {"message": "401: Unauthorized", "code": 0})
    assert await api("GET", "/users/@me", token=None) == unauthorized
    assert await api("GET", "/users/@me", token="x") == unauthorized
    status, me = await api("GET", "/users/@me")
    assert (status, me["id"]) == (200, standin.bot_user["id"])
    standin.revoke_token()
    assert await api("GET", "/users/@me") == unauthorized


async def test_what_is_no_route(api: Api) -> None:
    """An unknown path is 404, a wrong method 405, an id that is none 50035, broken JSON 50109."""
    assert await api("GET", "/nothing") == (404, {"message": "404: Not Found", "code": 0})
    assert (await api("DELETE", "/users/@me"))[0] == 405
    assert (await api("GET", "/channels/abc"))[1]["code"] == 50035
    assert (await api("GET", "/channels/1"))[1]["code"] == 10003
    broken = {"data": b"{", "headers": {}}
    url = api.standin.api_url + "/users/@me/channels"
    headers = {"Authorization": "Bot bot.token.for-tests", "Content-Type": "application/json"}
    async with api.session.post(url, data=broken["data"], headers=headers) as response:
        assert (await response.json())["code"] == 50109


async def test_pages(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """Lists come newest first, by before, after and around; a limit outside 1-100 is refused."""
    ids = [standin.say(ana["id"], room["id"], str(n))["id"] for n in range(10)]
    base = f"/channels/{room['id']}/messages"

    async def page(query: str) -> list[str]:
        return [each["content"] for each in (await api("GET", f"{base}?{query}"))[1]]

    assert await page("limit=3") == ["9", "8", "7"]
    assert await page(f"limit=3&after={ids[2]}") == ["5", "4", "3"]
    assert await page(f"limit=3&before={ids[2]}") == ["1", "0"]
    assert await page(f"limit=3&around={ids[5]}") == ["6", "5", "4"]
    for limit in ("0", "101", "x"):
        assert (await api("GET", f"{base}?limit={limit}"))[1]["code"] == 50035


async def test_a_nonce_makes_one_message(standin: DiscordStandIn, api: Api, room: Json) -> None:
    """With enforce_nonce the second request answers the first one's message."""
    base = f"/channels/{room['id']}/messages"
    body = {"content": "once", "nonce": "n-1", "enforce_nonce": True}
    _, first = await api("POST", base, body)
    _, again = await api("POST", base, body)
    assert first["id"] == again["id"]
    assert first["nonce"] == "n-1"
    await api("POST", base, {"content": "twice", "nonce": "n-1"})
    assert [each["content"] for each in standin.messages(room["id"])] == ["once", "twice"]


async def test_replies(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """A reply shows what it answers; to a message that is gone it is refused, or plain."""
    said = standin.say(ana["id"], room["id"], "question")
    base = f"/channels/{room['id']}/messages"
    body = {"content": "answer", "message_reference": {"message_id": said["id"]}}
    _, reply = await api("POST", base, body)
    assert reply["type"] == 19
    assert reply["referenced_message"]["content"] == "question"
    assert standin.pinged(reply["id"]) == [ana["id"]]
    standin.delete(room["id"], said["id"])
    status, answer = await api("POST", base, body)
    assert (status, answer["code"]) == (400, 50035)
    assert answer["errors"]["message_reference"]["_errors"][0]["code"] == "REPLIES_UNKNOWN_MESSAGE"
    body["message_reference"] = {"message_id": said["id"], "fail_if_not_exists": False}
    assert (await api("POST", base, body))[1]["type"] == 0
    assert standin.message(room["id"], reply["id"])["referenced_message"] is None


async def test_rights(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """Each missing right is refused with its code; without history a channel reads empty."""
    said = standin.say(ana["id"], room["id"], "mine")
    base = f"/channels/{room['id']}/messages"
    one = f"{base}/{said['id']}"
    assert (await api("PATCH", one, {"content": "x"}))[1]["code"] == 50005
    standin.set_bot_permissions(VIEW | HISTORY)
    assert (await api("POST", base, {"content": "x"}))[1]["code"] == 50013
    assert (await api("DELETE", one))[1]["code"] == 50013
    assert (await api("PUT", f"{one}/reactions/👍/@me"))[1]["code"] == 50013
    standin.set_bot_permissions(VIEW | SEND)
    assert await api("GET", base) == (200, [])
    standin.set_bot_permissions(0)
    assert (await api("GET", base))[1]["code"] == 50001
    standin.kick_bot()
    assert (await api("GET", f"/guilds/{standin.guild_id}"))[1]["code"] == 50001


async def test_edits_and_previews(standin: DiscordStandIn, ana: Json, room: Json) -> None:
    """An edit changes edited_timestamp, a link's preview does not."""
    said = standin.say(ana["id"], room["id"], "https://example.com")
    assert standin.preview(room["id"], said["id"])["edited_timestamp"] is None
    assert standin.message(room["id"], said["id"])["embeds"]
    assert standin.edit(room["id"], said["id"], "new")["edited_timestamp"] is not None


async def test_reactions_and_pins(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """Reactions are counted by emoji, pins are listed and told in a line, and both go again."""
    said = standin.say(ana["id"], room["id"], "look")
    one = f"/channels/{room['id']}/messages/{said['id']}"
    assert (await api("PUT", f"{one}/reactions/%F0%9F%91%8D/@me"))[0] == 204
    standin.react(ana["id"], room["id"], said["id"], "👍")
    (reaction,) = standin.message(room["id"], said["id"])["reactions"]
    assert (reaction["count"], reaction["me"]) == (2, True)
    assert (await api("PUT", f"{one}/reactions/abc/@me"))[1]["code"] == 10014
    assert (await api("DELETE", f"{one}/reactions/%F0%9F%91%8D/@me"))[0] == 204
    standin.unreact(ana["id"], room["id"], said["id"], "👍")
    assert "reactions" not in standin.message(room["id"], said["id"])
    pins = f"/channels/{room['id']}/messages/pins"
    assert (await api("PUT", f"{pins}/{said['id']}"))[0] == 204
    _, listed = await api("GET", pins)
    assert [each["message"]["id"] for each in listed["items"]] == [said["id"]]
    assert standin.messages(room["id"])[-1]["type"] == 6
    assert (await api("DELETE", f"{pins}/{said['id']}"))[0] == 204
    assert standin.message(room["id"], said["id"])["pinned"] is False


async def test_direct_messages(standin: DiscordStandIn, api: Api, ana: Json) -> None:
    """The bot writes to a person in private, unless that person takes none."""
    _, channel = await api("POST", "/users/@me/channels", {"recipient_id": ana["id"]})
    base = f"/channels/{channel['id']}/messages"
    assert (await api("POST", base, {"content": "psst"}))[0] == 200
    assert [each["content"] for each in standin.dms(ana["id"])] == ["psst"]
    standin.close_dms(ana["id"])
    assert (await api("POST", base, {"content": "psst"}))[1]["code"] == 50007


async def test_bulk_delete(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """Two to a hundred, none older than two weeks."""
    ids = [standin.say(ana["id"], room["id"], str(n))["id"] for n in range(3)]
    where = f"/channels/{room['id']}/messages/bulk-delete"
    assert (await api("POST", where, {"messages": ids[:1]}))[1]["code"] == 50016
    assert (await api("POST", where, {"messages": ["1", ids[0]]}))[1]["code"] == 50034
    assert (await api("POST", where, {"messages": ids[:2]}))[0] == 204
    assert [each["id"] for each in standin.messages(room["id"])] == ids[2:]


async def test_without_the_content_intent(api: Api) -> None:
    """REST hides what others wrote where the portal does not grant it, save what names the bot."""
    async with DiscordStandIn(token="t", limited=False, message_content_intent=False) as strict:
        user = strict.add_user("bo")
        strict.add_member(user["id"])
        channel = strict.add_channel("c")
        strict.say(user["id"], channel["id"], "secret")
        strict.say(user["id"], channel["id"], f"<@{strict.application_id}> hello")
        plain = Api(strict, api.session)
        _, listed = await plain("GET", f"/channels/{channel['id']}/messages", token="t")
        assert [bool(each["content"]) for each in listed] == [True, False]


async def test_application_emojis(standin: DiscordStandIn, api: Api) -> None:
    """A picture becomes an emoji of the application, behind the CDN, until it is deleted."""
    base = f"/applications/{standin.application_id}/emojis"
    image = "data:image/png;base64,iVBORw0KGgo="
    status, made = await api("POST", base, {"name": "avatar_1", "image": image})
    assert status == 201
    async with api.session.get(f"{standin.cdn_url}/emojis/{made['id']}.png") as response:
        assert response.status == 200
    assert len((await api("GET", base))[1]["items"]) == 1
    assert (await api("POST", base, {"name": "a b", "image": image}))[1]["code"] == 50035
    assert (await api("DELETE", f"{base}/{made['id']}"))[0] == 204


@pytest.mark.parametrize("text", ["", "x" * 2001])
async def test_what_a_client_would_not_send(
    standin: DiscordStandIn, ana: Json, room: Json, text: str
) -> None:
    """People are held to the client's rules: no empty text, none that is too long."""
    with pytest.raises(ValueError, match=r"empty|sendable"):
        standin.say(ana["id"], room["id"], text)
    stranger = standin.add_user("stranger")
    with pytest.raises(PermissionError):
        standin.say(stranger["id"], room["id"], "hi")


async def test_threads(standin: DiscordStandIn, api: Api, ana: Json, room: Json) -> None:
    """A message wakes an archived thread, a locked one takes none; a post has its first."""
    thread = standin.add_thread(room["id"], "side")
    base = f"/channels/{thread['id']}/messages"
    said = standin.say(ana["id"], thread["id"], "in the thread")
    standin.archive(thread["id"])
    _, active = await api("GET", f"/guilds/{standin.guild_id}/threads/active")
    assert active["threads"] == []
    assert (await api("POST", base, {"content": "awake"}))[0] == 200
    _, active = await api("GET", f"/guilds/{standin.guild_id}/threads/active")
    assert [each["id"] for each in active["threads"]] == [thread["id"]]
    standin.set_bot_permissions(VIEW | SEND | HISTORY | 1 << 38)
    standin.archive(thread["id"], locked=True)
    assert (await api("POST", base, {"content": "x"}))[1]["code"] == 160005
    assert said["channel_id"] == thread["id"]
    forum = standin.add_channel("forum", kind=15)
    assert (await api("POST", f"/channels/{forum['id']}/messages", {"content": "x"}))[1][
        "code"
    ] == 50008
    body = {"name": "post", "message": {"content": "first"}}
    status, post = await api("POST", f"/channels/{forum['id']}/threads", body)
    assert (status, post["message"]["id"]) == (201, post["id"])


async def test_unknown_keys_are_written_down(standin: DiscordStandIn, api: Api, room: Json) -> None:
    """A key that Discord does not know changes nothing, and stands in the books."""
    base = f"/channels/{room['id']}/messages"
    assert (await api("POST", base, {"content": "x", "colour": 1}))[0] == 200
    assert standin.ignored() == {("message.create", "colour"): 1}


async def test_reactions_keep_discords_rules(api: Api, room: Json, ana: Json) -> None:
    """An emoji needs its selector, a blocked bot reacts to nothing, an archive takes nothing."""
    standin = api.standin
    said = standin.say(ana["id"], room["id"], "hi")
    base = f"/channels/{room['id']}/messages/{said['id']}/reactions"
    bare, full = "%E2%9D%A4", "%E2%9D%A4%EF%B8%8F"
    assert (await api("PUT", f"{base}/{bare}/@me"))[1]["code"] == 10014
    assert (await api("PUT", f"{base}/{full}/@me"))[0] == 204
    standin.block_bot(ana["id"])
    assert (await api("PUT", f"{base}/{full}/@me"))[1]["code"] == 90001
    thread = standin.add_thread(room["id"], "old")
    bob = standin.add_user("bob")
    standin.add_member(bob["id"])
    there = standin.say(bob["id"], thread["id"], "hi")
    standin.archive(thread["id"])
    path = f"/channels/{thread['id']}/messages/{there['id']}/reactions/{full}/@me"
    assert (await api("PUT", path))[1]["code"] == 50083
    pin = f"/channels/{thread['id']}/messages/pins/{there['id']}"
    assert (await api("PUT", pin))[1]["code"] == 50083


async def test_members_are_found_by_the_begin_of_a_name(api: Api, ana: Json) -> None:
    """User name, display name and nickname count, without regard to case."""
    bob = api.standin.add_user("bob")
    api.standin.add_member(bob["id"], nick="Anatole")
    path = f"/guilds/{api.standin.world.guild_id}/members/search"
    status, found = await api("GET", f"{path}?query=ANA&limit=10")
    assert status == 200
    assert [each["user"]["id"] for each in found] == [ana["id"], bob["id"]]
    assert len((await api("GET", f"{path}?query=an"))[1]) == 1
    assert (await api("GET", f"{path}?limit=5"))[1]["code"] == 50035
