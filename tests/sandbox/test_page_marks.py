"""The page in a real browser: pins, forwards, rich messages, menus, dates, links to messages."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from matebot.sandbox.world import MAIN, WORKSHOP
from tests.sandbox.browser import arrives, goes, message, opened, speak, use
from tests.sandbox.scene import Scene, staged

Json = dict[str, Any]
FOURTEEN_UTC = 1_795_874_400  # 28 November 2026, 14:00
NEW_YORK_CLOCK = "09:00"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """The page without a daemon."""
    async with staged() as found:
        yield found


@pytest.fixture
async def tab(scene: Scene, tmp_path: Path) -> AsyncIterator[Tab]:
    """A browser of somebody in New York."""
    async with opened(tmp_path, scene.page.url, timezone="America/New_York") as page:
        yield page


async def test_pins_are_set_shown_and_taken_back_on_telegram(scene: Scene, tab: Tab) -> None:
    """A pinned message stands in the bar below the head, and its click leads to it."""
    number = scene.left("Noor", "keep this")["message_id"]
    found = message(tab, "telegram", "keep this")
    await use(found, "pin")
    bar = tab.get_by_test_id("telegram").get_by_test_id("pinned")
    await expect(bar).to_contain_text("keep this")
    await arrives(tab.get_by_test_id("notice").filter(has_text="pinned “keep this”"))
    assert scene.stage.telegram.pinned(scene.chat) == [number]
    await bar.click()
    await expect(found).to_have_attribute("aria-current", "true")
    await use(found, "pin")
    await goes(bar)
    assert scene.stage.telegram.pinned(scene.chat) == []


async def test_pins_are_set_shown_and_taken_back_on_discord(scene: Scene, tab: Tab) -> None:
    """A pinned message stands in the list behind the head's button, and a line tells of it."""
    scene.right("Mika", "keep this")
    found = message(tab, "discord", "keep this")
    await use(found, "pin")
    await arrives(tab.get_by_test_id("notice").filter(has_text="Renata pinned a message"))
    assert scene.stage.discord.messages(scene.channel)[0]["pinned"] is True
    await tab.get_by_test_id("discord-pins").locator("summary").click()
    await expect(tab.get_by_test_id("discord-pins")).to_contain_text("keep this")
    await tab.keyboard.press("Escape")
    await tab.get_by_test_id("discord-pins").locator("summary").click()
    await use(found, "pin")
    await expect(found).to_be_visible()
    await expect(tab.locator(".dc .pins.some")).to_have_count(0)
    assert scene.stage.discord.messages(scene.channel)[0]["pinned"] is False


@pytest.mark.parametrize("side", ["telegram", "discord"])
async def test_a_message_is_passed_on(scene: Scene, tab: Tab, side: str) -> None:
    """A forward goes to the room that is chosen and shows where it comes from."""
    say = scene.left if side == "telegram" else scene.right
    say("Noor" if side == "telegram" else "Mika", "pass **this** on")
    found = message(tab, side, "this")
    await use(found, "forward")
    await found.locator(f'[data-testid="forward-to"][data-place="{WORKSHOP}"]').click()
    room = tab.get_by_test_id(f"{side}-room").and_(tab.locator(f'[data-place="{WORKSHOP}"]'))
    await room.click()
    copy = message(tab, side, "Forwarded")
    await expect(copy).to_contain_text("this")
    if side == "telegram":
        await expect(copy).to_contain_text("Noor Rahimi")
    else:
        await expect(copy.locator("strong")).to_have_text("this")


async def test_a_rich_message_of_the_bot_is_drawn(scene: Scene, tab: Tab) -> None:
    """Headings, lists, quotes and marks stand as elements, and the whole has its words."""
    html = (
        "<h2>Plan</h2><ul><li>bring <b>mate</b></li><li>come</li></ul>"
        "<blockquote><p>said</p></blockquote>"
    )
    await scene.bot_left("sendRichMessage", rich_message={"html": html})
    found = message(tab, "telegram", "Plan").get_by_test_id("text")
    await arrives(found)
    await expect(found.locator("h2")).to_have_text("Plan")
    await expect(found.locator("li")).to_have_text(["•bring mate", "•come"])
    await expect(found.locator("li b")).to_have_text("mate")
    await expect(found.locator("blockquote")).to_have_text("said")


CELL = {"align": "left", "valign": "top"}
BLOCKS: list[tuple[Json, str]] = [
    (
        {"type": "table", "cells": [[{**CELL, "text": "a", "is_header": True}, {**CELL}]]},
        (
            '<div class="tg-table"><table><tbody><tr><th class="left">a</th>'
            '<td class="left"></td></tr></tbody></table></div>'
        ),
    ),
    (
        {"type": "details", "summary": "more", "blocks": [{"type": "divider"}]},
        "<details><summary>more</summary><hr></details>",
    ),
    (
        {"type": "mathematical_expression", "expression": "x<y"},
        '<div class="math">x&lt;y</div>',
    ),
    (
        {"type": "paragraph", "text": {"type": "custom_emoji", "alternative_text": "🧉"}},
        "<p>🧉</p>",
    ),
    (
        {"type": "paragraph", "text": {"type": "url", "text": "no", "url": "javascript:alert(1)"}},
        "<p><span>no</span></p>",
    ),
]


async def test_blocks_that_the_bot_does_not_send_are_drawn(tab: Tab) -> None:
    """What a person's rich message may have: one form each, and no address that runs."""
    drawn = await tab.evaluate(
        """async (all) => {
            const { renderRich } = await import("/static/telegram_rich.js");
            return all.map((block) => renderRich({ blocks: [block] }).innerHTML);
        }""",
        [block for block, _ in BLOCKS],
    )
    assert drawn == [wanted for _, wanted in BLOCKS]


async def test_each_reader_sees_their_own_time(scene: Scene, tab: Tab) -> None:
    """A moment shows by the browser's clock on both sides."""
    entity = {"type": "date_time", "offset": 3, "length": 4, "unix_time": FOURTEEN_UTC}
    scene.left("Noor", "at 14 h", entities=[{**entity, "date_time_format": "t"}])
    scene.right("Mika", f"at <t:{FOURTEEN_UTC}:t>")
    for side in ("telegram", "discord"):
        shown = tab.get_by_test_id(f"{side}-message").get_by_test_id("moment")
        await expect(shown).to_have_text(NEW_YORK_CLOCK)


async def test_a_long_quote_is_opened(scene: Scene, tab: Tab) -> None:
    """An expandable quote shows its beginning, and all of it after a click."""
    text = "\n".join(f"line {number}" for number in range(12))
    entity = {"type": "expandable_blockquote", "offset": 0, "length": len(text)}
    scene.left("Noor", text, entities=[entity])
    quote = tab.get_by_test_id("telegram-message").locator("blockquote")
    await expect(quote).to_have_class("folded")
    await quote.click()
    await expect(quote).not_to_have_class("folded")


async def test_a_menu_is_drawn_and_chosen_from(scene: Scene, tab: Tab) -> None:
    """A choice in a select menu becomes an interaction with its value."""
    options = [{"label": "Mark", "value": "mark"}, {"label": "Keep", "value": "keep"}]
    menu = {"type": 3, "custom_id": "deletes", "options": options, "placeholder": "Deletes"}
    await scene.bot_right(content="choose", components=[{"type": 1, "components": [menu]}])
    select = message(tab, "discord", "choose").get_by_test_id("select")
    await select.select_option("keep")
    kept = scene.stage.discord.interactions.kept
    await scene.stage.discord.wait_for(lambda: len(kept) == 1)
    (made,) = kept.values()
    assert made.user_id == int(scene.stage.right.named("Renata").id)


async def test_a_keyboard_is_drawn_and_pressed(scene: Scene, tab: Tab) -> None:
    """A press of a button reaches the bot with its data."""
    row = [{"text": "Press me", "callback_data": "pressed"}]
    keyboard = {"inline_keyboard": [row]}
    await scene.bot_left("sendMessage", text="choose", reply_markup=keyboard)
    await message(tab, "telegram", "choose").get_by_test_id("key").click()
    telegram = scene.stage.telegram

    def pressed() -> list[Json]:
        return [one for one in telegram.pending_updates if "callback_query" in one]

    (update,) = await telegram.wait_for(pressed)
    assert update["callback_query"]["data"] == "pressed"


async def test_an_answered_message_is_shown_in_one_plain_line(scene: Scene, tab: Tab) -> None:
    """The line of a reply has the words of its original: no marks of blocks, and no links."""
    first = "-# ↪ [Ana](https://discord.com/channels/1/2/3): so\n# Big\n**bold** ```py\nx```"
    original = scene.right("Mika", first)
    scene.right("Zé", "answer", reply_to=original["id"])
    line = message(tab, "discord", "answer").get_by_test_id("reply")
    await expect(line).to_have_text("Mika↪ Ana: so Big bold x")
    assert await line.locator("a").count() == 0


async def test_a_link_to_a_message_leads_to_it(scene: Scene, tab: Tab) -> None:
    """A link to a message of the same room jumps there instead of leaving the page."""
    said = scene.left("Noor", "the target")
    room = str(scene.chat).removeprefix("-100")
    scene.left("Bia", f"see https://t.me/c/{room}/{said['message_id']}")
    await message(tab, "telegram", "see").locator("a").click()
    await expect(message(tab, "telegram", "the target")).to_have_attribute("aria-current", "true")

    there = scene.right("Mika", "the goal")
    guild = scene.stage.discord.guild_id
    scene.right("Zé", f"https://discord.com/channels/{guild}/{scene.channel}/{there['id']}")
    chip = message(tab, "discord", "💬").locator("a")
    await expect(chip).to_have_text("#matehackers › 💬")
    await chip.click()
    await expect(message(tab, "discord", "the goal")).to_have_attribute("aria-current", "true")


async def test_what_other_bots_post_is_drawn(scene: Scene, tab: Tab) -> None:
    """An embed shows its title, fields and footer; an unknown custom emoji its name."""
    embed = {
        "title": "Build 42",
        "description": "**green**",
        "fields": [{"name": "took", "value": "3 s", "inline": True}],
        "footer": {"text": "ci"},
    }
    scene.right("Mika", "done <:nothing:123456789012345678>", embeds=[embed])
    found = message(tab, "discord", "Build 42")
    await expect(found.get_by_test_id("embed")).to_have_text("Build 42greentook3 sci")
    await expect(found.get_by_test_id("text")).to_contain_text("done")


@pytest.mark.parametrize("side", ["telegram", "discord"])
async def test_a_poll_is_asked_voted_in_and_ended(tab: Tab, side: str) -> None:
    """A poll is asked by a form; votes are counted, and a second press takes one back."""
    await tab.get_by_test_id(f"{side}-poll").click()
    await tab.get_by_test_id(f"{side}-question").fill("Which mate?")
    await tab.get_by_test_id(f"{side}-options").fill("canarias\nbarão\n")
    await tab.get_by_test_id(f"{side}-ask").click()
    found = message(tab, side, "Which mate?")
    options = found.get_by_test_id("option")
    await expect(options).to_have_count(2)
    await options.nth(1).click()
    await expect(options.nth(1)).to_have_attribute("aria-pressed", "true")
    await expect(found).to_contain_text("1 vote")
    await speak(tab, side, "Gustavo Nunes" if side == "telegram" else "Mika")
    await options.nth(0).click()
    await expect(options).to_contain_text(["50%", "50%"])
    await options.nth(0).click()
    await expect(found).to_contain_text("1 vote")
    await speak(tab, side, "Tainá Souza" if side == "telegram" else "Renata")
    await use(found, "end-poll")
    await expect(options.nth(0)).to_be_disabled()
    if side == "discord":
        await arrives(tab.get_by_test_id("notice").filter(has_text="Winner: barão"))


async def test_a_pin_is_made_once(scene: Scene, tab: Tab) -> None:
    """The same pin again is refused with a reason, and nothing is pinned twice."""
    number = scene.left("Noor", "once")["message_id"]
    user = scene.stage.left.named("Bia").id
    asked = {"user": user, "place": MAIN, "room": scene.chat, "message": number}
    for status in (200, 400):
        answer = await tab.request.post(f"{scene.page.url}/do/telegram.pin", data=asked)
        assert answer.status == status
    assert scene.stage.telegram.pinned(scene.chat) == [number]
