"""What the page shows of files in a real browser, and how one attaches them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Locator, expect
from playwright.async_api import Page as Tab

from matebot.sandbox import samples
from matebot.sandbox.discord import File
from tests.media import makers
from tests.sandbox.browser import arrives, opened
from tests.sandbox.scene import Scene, staged

pytestmark = [pytest.mark.timeout(120)]
PIXELS = "node => node.complete && node.naturalWidth"
PLAYS = """node => new Promise(done => {
  const tell = () => done(node.duration);
  if (node.readyState) tell(); else node.addEventListener("loadedmetadata", tell);
})"""


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Both stand-ins and the page."""
    async with staged() as made:
        yield made


@pytest.fixture
async def tab(scene: Scene, tmp_path: Path) -> AsyncIterator[Tab]:
    """The page in a browser."""
    async with opened(tmp_path, scene.page.url) as page:
        yield page


async def is_seen(image: Locator, width: int) -> None:
    """A picture was fetched and decoded, and is so wide."""
    await arrives(image)
    await expect(image).to_have_js_property("complete", value=True)
    assert await image.evaluate(PIXELS) == width


async def test_telegram_media_is_shown(scene: Scene, tab: Tab) -> None:
    """An album as a grid, moving stickers moving, a voice with its loudness, round films."""
    telegram, chat = scene.stage.telegram, scene.chat
    bia = int(scene.stage.left.named("Bia").id)
    pictures = [("photo", samples.picture(number), "", "image/jpeg") for number in range(3)]
    telegram.send_album(bia, chat, pictures, caption="the album", spoiler=True)
    album = tab.get_by_test_id("telegram-message").filter(has_text="the album")
    await arrives(album)
    await expect(album.get_by_test_id("album")).to_have_attribute("data-parts", "3")
    await expect(album.locator("img")).to_have_count(4)  # with the sender's own
    first = album.get_by_test_id("cover").first
    await expect(first).to_have_class("cover covered")
    await first.get_by_role("button").click()
    await expect(first).to_have_class("cover")
    await is_seen(first.locator("img"), 960)
    telegram.send_file(bia, chat, "sticker", samples.tgs(), name="", mime="", emoji="🧉")
    await is_seen(tab.get_by_alt_text("Sticker 🧉"), 256)
    telegram.send_file(bia, chat, "voice", samples.voice(), name="", mime="audio/ogg")
    voice = tab.locator("#telegram").get_by_test_id("voice")
    await expect(voice.locator(".bars i")).to_have_count(48)
    assert 3 < await voice.locator("audio").evaluate(PLAYS) < 4
    telegram.send_file(bia, chat, "video_note", makers.video_note(), name="", mime="video/mp4")
    note = tab.locator("#telegram .round-film")
    await arrives(note)
    assert 1 < await note.evaluate(PLAYS) < 3
    telegram.send_file(bia, chat, "sticker", makers.webm_sticker(), name="", mime="video/webm")
    assert await tab.locator("video.tg-sticker").evaluate(PLAYS) > 1


async def test_discord_media_is_shown(scene: Scene, tab: Tab) -> None:
    """Pictures side by side, the covered one covered; a voice; stickers of each kind."""
    discord, channel = scene.stage.discord, scene.channel
    mika = scene.stage.right.named("Mika").id
    files = [
        File("a.jpg", samples.picture(0), "image/jpeg", description="the hills"),
        File("b.jpg", samples.picture(1), "image/jpeg", spoiler=True),
        File("c.zip", b"zip", "application/zip"),
    ]
    discord.say(mika, channel, "look", attachments=files)
    said = tab.get_by_test_id("discord-message").filter(has_text="look")
    await arrives(said)
    await expect(said.get_by_test_id("album")).to_have_attribute("data-parts", "2")
    await is_seen(said.get_by_alt_text("the hills"), 960)
    await expect(said.get_by_test_id("cover")).to_have_count(1)
    await expect(said.locator(".dc-file")).to_contain_text("c.zip")
    discord.say_voice(mika, channel, samples.voice())
    voice = tab.locator("#discord").get_by_test_id("voice")
    await expect(voice.locator(".bars i")).to_have_count(48)
    assert 3 < await voice.locator("audio").evaluate(PLAYS) < 4
    for kind, data, width in (
        ("lottie", samples.lottie(), 256),
        ("apng", samples.apng(), 160),
        ("gif", makers.gif(), 160),
    ):
        sticker = discord.add_sticker(kind, data, kind)
        discord.say(mika, channel, "", stickers=[sticker])
        await is_seen(tab.get_by_alt_text(f"Sticker: {kind}"), width)


async def test_a_picture_that_no_browser_draws_is_a_file(scene: Scene, tab: Tab) -> None:
    """It is offered by its name, as in Discord, and is no broken picture."""
    mika = scene.stage.right.named("Mika").id
    drawing = File("plan.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml")
    scene.stage.discord.say(mika, scene.channel, "look", attachments=[drawing])
    said = tab.get_by_test_id("discord-message").filter(has_text="look")
    await expect(said.locator(".dc-file")).to_contain_text("plan.svg")
    await expect(said.get_by_test_id("album")).to_have_count(0)


async def attach(tab: Tab, side: str, *files: FilePayload) -> None:
    """Choose files on one side."""
    await tab.get_by_test_id(f"{side}-file").set_input_files(list(files))


async def test_files_are_sent_as_one_chooses(scene: Scene, tab: Tab) -> None:
    """A cover, silence, and what a file is sent as, on both sides."""
    voice: FilePayload = {"name": "v.ogg", "mimeType": "audio/ogg", "buffer": samples.voice()}
    photo: FilePayload = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": samples.picture(0)}
    sticker: FilePayload = {"name": "s.png", "mimeType": "image/png", "buffer": samples.apng()}
    await attach(tab, "telegram", voice)
    await tab.get_by_test_id("telegram-as").select_option("voice")
    await tab.get_by_test_id("telegram-send").click()
    await arrives(tab.locator("#telegram").get_by_test_id("voice"))
    assert "voice" in scene.said_left()
    await attach(tab, "telegram", photo, photo)
    await tab.get_by_test_id("telegram-spoiler").check()
    await tab.get_by_test_id("telegram-send").click()
    await arrives(tab.locator("#telegram").get_by_test_id("album"))
    assert scene.said_left()["has_media_spoiler"]
    assert scene.said_left()["media_group_id"]
    await attach(tab, "discord", voice)
    await tab.get_by_test_id("discord-as").select_option("voice")
    await tab.get_by_test_id("discord-silent").check()
    await tab.get_by_test_id("discord-send").click()
    await arrives(tab.locator("#discord").get_by_test_id("voice"))
    assert scene.said_right()["flags"] == (1 << 13 | 1 << 12)
    await attach(tab, "discord", sticker)
    await tab.get_by_test_id("discord-as").select_option("sticker")
    await tab.get_by_test_id("discord-send").click()
    await is_seen(tab.get_by_alt_text("Sticker: s"), 160)
    assert scene.said_right()["sticker_items"][0]["format_type"] == 2
