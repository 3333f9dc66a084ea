"""Webhooks over plain HTTP: what Discord takes, and how it refuses the rest."""

import io
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matebot.sandbox.discord import DiscordStandIn
from matebot.sandbox.discord.errors import ApiError
from matebot.sandbox.discord.validate import name
from tests.sandbox.discord.conftest import Api, Json


@pytest.fixture
async def hook(api: Api, room: Json) -> Json:
    """A webhook of the bot."""
    status, made = await api("POST", f"/channels/{room['id']}/webhooks", {"name": " the  bridge "})
    assert status == 200
    assert made["name"] == "the bridge"
    found: Json = made
    return found


def path(hook: Json, more: str = "") -> str:
    """Where a webhook is."""
    return f"/webhooks/{hook['id']}/{hook['token']}{more}"


REFUSED: list[tuple[Any, int, str, str]] = [
    ({"content": "x" * 2001}, 50035, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": " \n "}, 50006, "", ""),
    ({}, 50006, "", ""),
    ({"content": "x", "username": "Clyde the bot"}, 50035, "username", "USERNAME_INVALID_CONTAINS"),
    ({"content": "x", "username": "my dIsCoRd"}, 50035, "username", "USERNAME_INVALID_CONTAINS"),
    ({"content": "x", "username": "everyone"}, 50035, "username", "USERNAME_INVALID"),
    ({"content": "x", "username": "x" * 81}, 50035, "username", "BASE_TYPE_BAD_LENGTH"),
    ({"content": "x", "username": "\u200b"}, 50035, "username", "BASE_TYPE_BAD_LENGTH"),
    ({"content": "x", "avatar_url": "ftp://a/b"}, 50035, "avatar_url", "URL_TYPE_INVALID_SCHEME"),
    ({"content": "x", "avatar_url": "http://"}, 50035, "avatar_url", "URL_TYPE_INVALID_URL"),
    ({"content": 5}, 50035, "content", "STRING_TYPE_CONVERT"),
    ({"content": "x", "flags": 64}, 50035, "flags", "BASE_TYPE_FLAGS"),
    ({"embeds": [{"title": "x"}] * 11}, 50035, "embeds", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "x" * 4000}] * 2}, 50035, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ({"embeds": [{"title": "x" * 257}]}, 50035, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    ({"content": "x", "thread_name": "t"}, 220003, "", ""),
    (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        50035,
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    (
        {"content": "x", "allowed_mentions": {"parse": ["all"]}},
        50035,
        "allowed_mentions.parse.0",
        "BASE_TYPE_CHOICES",
    ),
]


@pytest.mark.parametrize("refused", REFUSED)
async def test_what_is_refused(
    standin: DiscordStandIn, api: Api, hook: Json, refused: tuple[Any, int, str, str]
) -> None:
    """Each body that breaks a rule is refused with Discord's own code, at the fault's place."""
    body, code, where, what = refused
    status, answer = await api("POST", path(hook), body, token=None)
    assert status == 400
    assert answer["code"] == code
    node = answer.get("errors", {})
    for step in filter(None, where.split(".")):
        node = node[step]
    assert not what or node["_errors"][0]["code"] == what
    assert standin.messages(hook["channel_id"]) == []


async def test_a_post_and_its_life(standin: DiscordStandIn, api: Api, hook: Json) -> None:
    """A post keeps its text without the blanks around it; its webhook edits and deletes it."""
    assert await api("POST", path(hook), {"content": "quiet"}, token=None) == (204, None)
    body = {"content": "  é" * 10, "username": "Zoë", "avatar_url": "https://example.com/a.png"}
    status, made = await api("POST", path(hook, "?wait=true"), body, token=None)
    assert status == 200
    assert made["content"] == ("  é" * 10).strip()
    assert made["author"]["username"] == "Zoë"
    assert made["webhook_id"] == made["author"]["id"] == hook["id"]
    assert made["edited_timestamp"] is None
    one = path(hook, f"/messages/{made['id']}")
    status, edited = await api("PATCH", one, {"content": "new"}, token=None)
    assert (status, edited["content"]) == (200, "new")
    assert edited["edited_timestamp"]
    assert (await api("GET", one, token=None))[1]["content"] == "new"
    assert (await api("PATCH", one, {"content": ""}, token=None))[1]["code"] == 50006
    assert (await api("DELETE", one, token=None))[0] == 204
    assert (await api("GET", one, token=None))[1]["code"] == 10008
    assert [each["content"] for each in standin.messages(hook["channel_id"])] == ["quiet"]


async def test_files_go_up_and_come_down(
    standin: DiscordStandIn, api: Api, hook: Json, session: aiohttp.ClientSession
) -> None:
    """An uploaded picture is an attachment with its size, behind an address that is signed."""
    data = standin.picture("seed")
    form = aiohttp.FormData(quote_fields=False)
    note = '{"content":"see","attachments":[{"id":0,"description":"alt"}]}'
    form.add_field("payload_json", note)
    form.add_field("files[0]", data, filename="my cat.png", content_type="image/png")
    status, made = await api("POST", path(hook, "?wait=true"), token=None, data=form)
    assert status == 200
    (attachment,) = made["attachments"]
    assert attachment["filename"] == "my_cat.png"
    assert (attachment["width"], attachment["height"]) == (64, 64)
    assert attachment["description"] == "alt"
    async with session.get(attachment["url"]) as response:
        assert await response.read() == data
    async with session.get(attachment["url"].replace("hm=", "hm=0")) as response:
        assert response.status == 404
    call = standin.calls[-1]
    assert call.body == {"content": "see", "attachments": [{"id": 0, "description": "alt"}]}
    assert call.files[0].size_bytes == len(data)


async def test_a_file_that_is_too_large(api: Api, hook: Json) -> None:
    """Over 10 MiB the answer is 413 with 40005."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"content":"x"}')
    form.add_field("files[0]", io.BytesIO(b"\0" * (10 * 1024 * 1024 + 1)), filename="big.bin")
    status, answer = await api("POST", path(hook), token=None, data=form)
    assert (status, answer["code"]) == (413, 40005)


async def test_ids_and_tokens(standin: DiscordStandIn, api: Api, hook: Json) -> None:
    """A wrong token, an unknown webhook and a deleted one get Discord's answers."""
    wrong = f"/webhooks/{hook['id']}/nope"
    assert (await api("POST", wrong, {"content": "x"}, token=None))[1]["code"] == 50027
    assert (await api("POST", "/webhooks/1/nope", {"content": "x"}, token=None))[1]["code"] == 10015
    standin.delete_webhook(hook["id"])
    assert (await api("POST", path(hook), {"content": "x"}, token=None)) == (
        404,
        {"message": "Unknown Webhook", "code": 10015},
    )


async def test_rights_and_the_fifteenth(
    standin: DiscordStandIn, api: Api, room: Json, hook: Json
) -> None:
    """A channel has 15 webhooks at most, and none without MANAGE_WEBHOOKS."""
    where = f"/channels/{hook['channel_id']}/webhooks"
    for _ in range(14):
        assert (await api("POST", where, {"name": "more"}))[0] == 200
    assert (await api("POST", where, {"name": "more"}))[1]["code"] == 30007
    assert len((await api("GET", where))[1]) == 15
    standin.set_bot_permissions(1 << 10 | 1 << 11, room["id"])
    assert (await api("GET", where))[1]["code"] == 50013
    standin.set_bot_permissions(0, room["id"])
    assert (await api("GET", where))[1]["code"] == 50001


async def test_threads_and_forums(standin: DiscordStandIn, api: Api, hook: Json) -> None:
    """A webhook posts into threads of its channel, and begins posts in a forum."""
    thread = standin.add_thread(hook["channel_id"], "side")
    target = path(hook, f"?thread_id={thread['id']}")
    assert (await api("POST", target, {"content": "in"}, token=None))[0] == 204
    assert standin.messages(thread["id"])[0]["content"] == "in"
    other = standin.add_channel("other")
    strange = standin.add_thread(other["id"], "strange")
    target = path(hook, f"?thread_id={strange['id']}")
    assert (await api("POST", target, {"content": "x"}, token=None))[1]["code"] == 10003
    forum = standin.add_channel("questions", kind=15)
    _, made = await api("POST", f"/channels/{forum['id']}/webhooks", {"name": "f"})
    assert (await api("POST", path(made), {"content": "x"}, token=None))[1]["code"] == 220001
    body = {"content": "first", "thread_name": "How?"}
    _, first = await api("POST", path(made, "?wait=1"), body, token=None)
    assert first["channel_id"] == first["id"]
    assert standin.messages(first["channel_id"])[0]["content"] == "first"


async def test_who_is_pinged(standin: DiscordStandIn, api: Api, hook: Json, ana: Json) -> None:
    """A webhook's mentions ping unless allowed_mentions says no; code never does."""
    text = f"<@{ana['id']}> @everyone `<@{ana['id']}>`"
    _, loud = await api("POST", path(hook, "?wait=true"), {"content": text}, token=None)
    assert loud["mention_everyone"] is True
    assert ana["id"] in standin.pinged(loud["id"])
    body = {"content": text, "allowed_mentions": {"parse": []}}
    _, still = await api("POST", path(hook, "?wait=true"), body, token=None)
    assert (still["mentions"], still["mention_everyone"]) == ([], False)
    assert standin.pinged(still["id"]) == []
    body = {"content": text, "allowed_mentions": {"parse": [], "users": [ana["id"]]}}
    _, one = await api("POST", path(hook, "?wait=true"), body, token=None)
    assert standin.pinged(one["id"]) == [ana["id"]]


async def test_the_avatar_is_fetched(standin: DiscordStandIn, api: Api, hook: Json) -> None:
    """Told to, the stand-in fetches an avatar as Discord would, and writes down what came."""

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=b"picture", content_type="image/png")

    app = web.Application()
    app.router.add_get("/a.png", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        standin.fetch_avatars = True
        standin.reach["https://bridge.example"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        body = {"content": "x", "avatar_url": "https://bridge.example/a.png"}
        await api("POST", path(hook), body, token=None)
        await standin.wait_for(lambda: standin.fetches)
        fetch = standin.fetches[0]
        assert (fetch.status, fetch.data, fetch.content_type) == (200, b"picture", "image/png")
    finally:
        await runner.cleanup()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=80))
def test_any_name_is_taken_or_refused(text: str) -> None:
    """A name is kept trimmed and free of what is forbidden, or refused with 50035."""
    try:
        kept = name(text)
    except ApiError as error:
        code = error.problem.code
    else:
        code = 0
    assert code in (0, 50035)
    if code:
        return
    assert kept == " ".join(kept.split())
    assert 1 <= len(kept) <= 80
    assert "discord" not in kept.casefold()
    assert "clyde" not in kept.casefold()
