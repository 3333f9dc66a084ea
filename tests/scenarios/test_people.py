"""Who says something: names, faces, who speaks for a chat, and the webhook they speak through."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from matebot.sandbox.discord import permissions
from tests.scenarios.crossing import Crossing, body
from tests.scenarios.harness import PUBLIC_URL, TELEGRAM_TOKEN, Json, Scene, scene

NAMES = [
    "Discord Lover", "xX_clyde_Xx", "DISCORDCLYDE", "everyone", "here", "N" * 200, "👩‍👩‍👧‍👦" * 30,
    "\u200b\u200d", "\u3164", "عربي \u202eevil", "a\nb", "  spaced   out  ", "@everyone", "```",
    "discord\u200bdiscord", "ＤＩＳＣＯＲＤ", "Ünï Cödé", "🙂",
]  # fmt: skip
ALL_RIGHTS = (1 << 53) - 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    async with scene(tmp_path_factory.mktemp("people")) as stage:
        stage.discord.fetch_avatars = True
        stage.discord.reach[PUBLIC_URL] = f"http://127.0.0.1:{stage.daemon.port}"
        yield Crossing(stage)


def _joined(stage: Scene, name: str, **more: object) -> int:
    """A new member of the group; their id."""
    photo = more.pop("photo", None)
    user = stage.telegram.add_user(name, photo=photo if isinstance(photo, bytes) else None)
    stage.telegram.join(stage.group, user["id"], quiet=True)
    return int(user["id"])


@pytest.mark.rows("2.1")
@pytest.mark.asyncio(loop_scope="module")
async def test_any_name_fits(talk: Crossing) -> None:
    """However odd a Telegram name is, Discord takes it, and ordinary ones stay what they are."""
    stage = talk.stage
    people = [_joined(stage, name) for name in NAMES]

    def all_say() -> None:
        for number, person in enumerate(people):
            stage.telegram.say(person, stage.group, f"I am number {number}")

    copies = await talk.to_discord(all_say)
    assert [copy["content"] for copy in copies] == [
        f"I am number {number}" for number in range(len(NAMES))
    ]
    shown = dict(zip(NAMES, (copy["author"]["username"] for copy in copies), strict=True))
    assert shown["Ünï Cödé"] == "Ünï Cödé"
    assert shown["🙂"] == "🙂"
    assert shown["  spaced   out  "] == "spaced out"
    assert shown["N" * 200] == "N" * 79 + "…"
    assert "\u202e" not in shown["عربي \u202eevil"]
    assert shown["Discord Lover"].endswith("iscord Lover") or "Lover" in shown["Discord Lover"]
    assert all(1 <= len(name) <= 80 for name in shown.values())
    # No name was refused by Discord and sent under another.
    assert len({*shown.values()}) >= len(NAMES) - 3


@pytest.mark.rows("2.1")
@pytest.mark.asyncio(loop_scope="module")
async def test_a_face_is_fetched_from_the_public_address(talk: Crossing) -> None:
    """Discord fetches the very picture under a name nobody can guess, without the token in it."""
    stage = talk.stage
    face = stage.discord.picture("face")
    person = _joined(stage, "Pictured", photo=face)
    (copy,) = await talk.to_discord(lambda: stage.telegram.say(person, stage.group, "see me"))
    assert copy["author"]["avatar"] is not None
    await stage.discord.wait_for(lambda: any(f.data == face for f in stage.discord.fetches))
    fetch = next(f for f in stage.discord.fetches if f.data == face)
    assert re.fullmatch(rf"{re.escape(PUBLIC_URL)}/avatars/[\w-]{{22,}}\.png", fetch.url)
    assert (fetch.status, fetch.content_type) == (200, "image/png")
    assert TELEGRAM_TOKEN not in str(stage.discord.calls)
    port = stage.daemon.port
    async with aiohttp.ClientSession() as session:
        for path in ("avatars/", "avatars/x.png", "avatars/..%2Favatars.secret", "avatars.secret"):
            async with session.get(f"http://127.0.0.1:{port}/{path}") as response:
                assert response.status == 404


@pytest.mark.asyncio(loop_scope="module")
async def test_who_has_no_face_has_one_of_discords(talk: Crossing) -> None:
    """The same person always the same one of Discord's own pictures."""
    stage = talk.stage
    person = _joined(stage, "Faceless")
    await talk.to_discord(lambda: stage.telegram.say(person, stage.group, "one"))
    await talk.to_discord(lambda: stage.telegram.say(person, stage.group, "two"))
    posts = [call.body for call in stage.discord.calls if isinstance(call.body, dict)]
    urls = {each["avatar_url"] for each in posts if each.get("username") == "Faceless"}
    assert len(urls) == 1
    assert re.fullmatch(rf"{re.escape(stage.discord.cdn_url)}/embed/avatars/[0-5]\.png", *urls)


@pytest.mark.rows("2.3")
@pytest.mark.asyncio(loop_scope="module")
async def test_who_speaks_for_a_chat(talk: Crossing) -> None:
    """Anonymous administrators, channels, automatic forwards, inline bots, who is no more."""
    stage = talk.stage
    news = stage.telegram.add_group("News", kind="channel")["id"]
    post = stage.telegram.say(stage.telegram.owner_of(news), news, "a post")
    inline = stage.telegram.add_user("GIF Bot", username="gif_bot", is_bot=True)
    ghost = _joined(stage, "Ghost")
    stage.telegram.rename_user(ghost, "")
    ana, group, say = stage.ana["id"], stage.group, stage.telegram.say

    def all_say() -> None:
        say(ana, group, "hidden", sender_chat_id=group)
        say(ana, group, "as a channel", sender_chat_id=news)
        stage.telegram.forward_post(news, post["message_id"], group)
        say(ana, group, "found inline", via_bot=inline)
        say(ghost, group, "boo")

    copies = await talk.to_discord(all_say)
    said = [(copy["author"]["username"], copy["content"].split("\n")[-1]) for copy in copies]
    assert said == [
        ("Matehackers", "hidden"),
        ("News", "as a channel"),
        ("News", "a post"),
        ("Ana via @gif_bot", "found inline"),
        ("Deleted Account", "boo"),
    ]


@pytest.mark.rows("2.2")
@pytest.mark.asyncio(loop_scope="module")
async def test_odd_discord_names_fit_and_other_bots_cross(talk: Crossing) -> None:
    """A server's nickname goes before the name; other programs' posts cross, MateBot's never."""
    stage = talk.stage
    nick = stage.discord.add_user("plain", global_name="Global")
    stage.discord.add_member(nick["id"], nick="*Nick* _name_")
    bot = stage.discord.add_user("otherbot", bot=True)
    stage.discord.add_member(bot["id"])
    pinger = stage.discord.add_user("pinger", global_name="@anasilva /start")
    stage.discord.add_member(pinger["id"])

    def all_say() -> None:
        for user in (nick, bot, pinger):
            stage.discord.say(user["id"], stage.channel, f"hello from {user['username']}")

    copies = await talk.to_telegram(all_say)
    names = [copy["text"].partition("\n")[0].replace("\u2060", "") for copy in copies]
    assert names == ["*Nick* _name_", "otherbot", "@anasilva /start"]
    assert all({one["type"] for one in copy["entities"]} == {"bold"} for copy in copies)


@pytest.mark.asyncio(loop_scope="module")
async def test_another_webhooks_posts_cross_and_ones_own_do_not(talk: Crossing) -> None:
    """Someone else's integration is relayed; what MateBot wrote never comes back."""
    stage = talk.stage
    hook = stage.discord.add_webhook(stage.channel, "Builds")
    url = f"{stage.discord.api_url}/webhooks/{hook['id']}/{hook['token']}"
    sent = {"content": "build 7 passed"}
    async with aiohttp.ClientSession() as session, session.post(url, json=sent) as response:
        assert response.status == 204
    copies = await stage.reaches_telegram("build 7 passed")
    (copy,) = [m for m in copies if body(m) == "build 7 passed"]
    assert copy["text"] == "Builds\nbuild 7 passed"
    before = len(stage.in_telegram())
    await talk.telegram_fence()
    await talk.telegram_fence()
    assert len(await talk.to_telegram(lambda: None)) == 0
    # The fence that was said in Discord is all that came.
    assert len(stage.in_telegram()) == before + 1


async def test_the_webhook_is_found_again_and_made_anew(tmp_path: Path) -> None:
    """A restart makes no second one; a deleted one is replaced, and all arrives in order."""
    async with scene(tmp_path) as stage:
        talk = Crossing(stage)
        (first,) = await talk.to_discord(lambda: stage.telegram_says("before"))
        (hook,) = stage.discord.webhooks(stage.channel)
        assert await stage.daemon.stop() == 0
        stage.telegram_says("while it is down")
        stage.telegram.set_photo(stage.ana["id"], stage.discord.picture("first"))
        await stage.daemon.start()
        await stage.daemon.ready()
        await stage.reaches_discord("while it is down")
        assert [each["id"] for each in stage.discord.webhooks(stage.channel)] == [hook["id"]]
        first_face = _last_avatar(stage)
        stage.discord.delete_webhook(hook["id"])

        def say_three() -> None:
            for number in range(3):
                stage.telegram_says(f"after {number}")

        copies = await talk.to_discord(say_three)
        assert [copy["content"] for copy in copies] == ["after 0", "after 1", "after 2"]
        (new,) = stage.discord.webhooks(stage.channel)
        assert new["id"] != hook["id"]
        assert {copy["webhook_id"] for copy in copies} == {new["id"]}
        # Its messages are MateBot's own as well: nothing comes back.
        assert await talk.to_telegram(lambda: None) == []
        assert first["author"]["username"] == copies[0]["author"]["username"] == "Ana"
        stage.telegram.set_photo(stage.ana["id"], stage.discord.picture("second"))
        await stage.daemon.kill()
        await stage.daemon.start()
        await stage.daemon.ready()
        await talk.to_discord(lambda: stage.telegram_says("with another face"))
        assert _last_avatar(stage) != first_face


def _last_avatar(stage: Scene) -> str:
    last = _avatars(stage)[-1]
    assert last.startswith(f"{PUBLIC_URL}/avatars/")
    return last


def _avatars(stage: Scene) -> list[str]:
    """The addresses of the pictures that posts asked for, in order."""
    bodies = [call.body for call in stage.discord.calls if isinstance(call.body, dict)]
    return [str(each["avatar_url"]) for each in bodies if "avatar_url" in each]


async def test_without_the_permission_the_bot_posts_and_says_what_to_grant(tmp_path: Path) -> None:
    """Names in bold, one notice, edits still work; once it is granted, people have their names."""
    async with scene(tmp_path, start=False) as stage:
        talk = Crossing(stage)
        rights = ALL_RIGHTS & ~(permissions.MANAGE_WEBHOOKS | permissions.ADMINISTRATOR)
        stage.discord.set_bot_permissions(rights)
        await stage.daemon.start()
        await stage.daemon.ready()
        odd = _joined(stage, "*Odd* @everyone")
        said: list[Json] = [stage.telegram.say(odd, stage.group, "one")]
        stage.telegram_says("two")
        await _bot_says(stage, "**Ana**\ntwo")
        await _bot_says(stage, "names and pictures.")
        texts = [m["content"] for m in talk.in_discord()]
        assert texts[0].endswith("\none")
        assert sum("Manage Webhooks" in text for text in texts) == 1
        assert not any(stage.discord.pinged(m["id"]) for m in talk.in_discord())
        stage.telegram.edit(stage.group, said[0]["message_id"], "one, edited")
        await _bot_says(stage, "\none, edited")
        assert stage.in_discord() == []
        # Its own posts are not relayed back.
        assert await talk.to_telegram(lambda: None) == []

        stage.discord.set_bot_permissions(rights | permissions.MANAGE_WEBHOOKS)
        await talk.discord_fence()  # the gateway is in order: by now MateBot knows
        stage.telegram_says("three")
        (copy, *_) = await stage.reaches_discord("three")
        assert copy["author"]["username"] == "Ana"
        # What the bot posted before is still edited by the bot.
        stage.telegram.edit(stage.group, said[0]["message_id"], "one, edited again")
        await _bot_says(stage, "\none, edited again")
        assert sum("Manage Webhooks" in m["content"] for m in talk.in_discord()) == 1

        # With no right at all what is said waits, and arrives as soon as there is one.
        for hook in stage.discord.webhooks(stage.channel):
            stage.discord.delete_webhook(hook["id"])
        stage.discord.set_bot_permissions(rights & ~permissions.SEND_MESSAGES)
        stage.telegram_says("patience")
        await stage.reaches_telegram("I cannot post in")
        stage.discord.set_bot_permissions(rights | permissions.MANAGE_WEBHOOKS)
        await stage.reaches_discord("patience")


async def _bot_says(stage: Scene, ending: str) -> None:
    await stage.discord.wait_for(
        lambda: any(
            m["content"].endswith(ending) and not m.get("webhook_id")
            for m in stage.discord.messages(stage.channel)
        ),
        timeout_s=20.0,
    )


async def test_a_self_signed_host_shows_discords_own_faces(tmp_path: Path) -> None:
    """Discord fetches nothing from a host that no authority knows: one of its own stands in."""
    settings = {"TLS": "self-signed", "PUBLIC_URL": "https://127.0.0.1:8443"}
    settings |= {"LISTEN_HOST": "127.0.0.1", "WEBHOOK_NETWORKS": "127.0.0.0/8"}
    async with scene(tmp_path, start=False, settings=settings) as stage:
        stage.telegram.set_photo(stage.ana["id"], stage.discord.picture("hers"))
        stage.telegram.route_webhook(("127.0.0.1", stage.daemon.port))
        await stage.daemon.start()
        stage.telegram_says("seen")
        (copy,) = await stage.reaches_discord("seen")
        assert copy["author"]["username"] == "Ana"
        asked = _avatars(stage)
        assert asked
        assert all(url.startswith(f"{stage.discord.cdn_url}/embed/avatars/") for url in asked)
