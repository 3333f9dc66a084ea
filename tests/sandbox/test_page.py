"""The sandbox's page in a real browser, against the stand-ins alone."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import FilePayload, expect
from playwright.async_api import Page as Tab

from matebot.sandbox.portraits import NAMES, portrait
from matebot.sandbox.world import MAIN
from tests.sandbox.browser import arrives, goes, message, opened, speak, use, write
from tests.sandbox.scene import Scene, staged

Json = dict[str, Any]


def outage(scene: Scene) -> bool:
    """Whether Discord is out now."""
    return scene.stage.discord.faults.outage


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """The page without a daemon."""
    async with staged() as found:
        yield found


@pytest.fixture
async def tab(scene: Scene, tmp_path: Path) -> AsyncIterator[Tab]:
    async with opened(tmp_path, scene.page.url) as page:
        yield page


async def test_one_speaks_as_several_people(scene: Scene, tab: Tab) -> None:
    """What is typed on a side appears there under the name of whom one speaks as."""
    await speak(tab, "telegram", "Bia")
    await write(tab, "telegram", "olá from the left")
    await arrives(message(tab, "telegram", "olá from the left"))
    assert scene.said_left()["from"]["first_name"] == "Bia"
    await speak(tab, "discord", "Mika")
    await write(tab, "discord", "hello from the right")
    found = message(tab, "discord", "hello from the right")
    await arrives(found)
    await expect(found.get_by_test_id("author")).to_have_text("Mika")


async def test_the_telegram_toolbar_makes_entities(scene: Scene, tab: Tab) -> None:
    """A selection made bold, then italic inside, is sent as two entities in UTF-16 units."""
    field = tab.get_by_test_id("telegram-input")
    await field.fill("🧉 very good")
    await field.press("ControlOrMeta+a")
    await tab.get_by_test_id("format-bold").click()
    await field.press("End")
    for _ in "good":
        await field.press("Shift+ArrowLeft")
    await tab.get_by_test_id("format-spoiler").click()
    await field.press("Enter")
    await arrives(message(tab, "telegram", "very good"))
    said = scene.said_left()
    kinds = {(one["type"], one["offset"], one["length"]) for one in said["entities"]}
    assert said["text"] == "🧉 very good"
    assert kinds == {("bold", 0, 12), ("spoiler", 8, 4)}


async def test_telegram_reads_typed_marks_as_its_clients_do(scene: Scene, tab: Tab) -> None:
    """Marks typed in the field become entities, nested ones too; those inside code stay."""
    await write(tab, "telegram", "**bold __both__** `a**b**c` ||hid|| [here](https://example.org/)")
    await arrives(message(tab, "telegram", "bold both"))
    said = scene.said_left()
    assert said["text"] == "bold both a**b**c hid here"
    kinds = {(one["type"], one["offset"], one["length"]) for one in said["entities"]}
    assert kinds == {
        ("bold", 0, 9),
        ("italic", 5, 4),
        ("code", 10, 7),
        ("spoiler", 18, 3),
        ("text_link", 22, 4),
    }


async def test_lines_are_sent_as_typed(scene: Scene, tab: Tab) -> None:
    """Shift+Enter begins a new line on both sides; Enter sends."""
    for side, key in (("telegram", "text"), ("discord", "content")):
        field = tab.get_by_test_id(f"{side}-input")
        await field.click()
        await tab.keyboard.type("one")
        await tab.keyboard.press("Shift+Enter")
        await tab.keyboard.type("two")
        await tab.keyboard.press("Enter")
        await arrives(message(tab, side, "two"))
        said = scene.said_left() if side == "telegram" else scene.said_right()
        assert said[key] == "one\ntwo"


async def test_telegram_entities_are_drawn(scene: Scene, tab: Tab) -> None:
    """Nested and crossing entities after an emoji cover the right letters."""
    text = "🧉 abcdef\nquoted\nafter"
    entities = [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "italic", "offset": 5, "length": 4},
        {"type": "blockquote", "offset": 10, "length": 6},
    ]
    scene.left("Noor", text, entities=entities)
    found = message(tab, "telegram", "abcdef").get_by_test_id("text")
    await arrives(found)
    drawn = await found.evaluate("node => node.innerHTML.replace(/<span class=\"tg-meta.*/, '')")
    assert drawn == ("🧉 <b>ab<i>cd</i></b><i>ef</i>\n<blockquote>quoted</blockquote>after")


MARKDOWN = {
    "**b** *i* _i_ __u__ ~~s~~": ("<strong>b</strong> <em>i</em> <em>i</em> <u>u</u> <s>s</s>"),
    "***both***": "<em><strong>both</strong></em>",
    "***a* b**": "<strong><em>a</em> b</strong>",
    "snake_case_word and 2 * 3 * 4": "snake_case_word and 2 * 3 * 4",
    r"\*literal\* and \_so\_": "*literal* and _so_",
    "`a **b**` and ``a`b``": (
        '<code class="dc-code">a **b**</code> and <code class="dc-code">a`b</code>'
    ),
    "```py\nx = 1\n```after": '<pre data-language="py"><code>x = 1</code></pre>after',
    "> quoted\n> more\nplain": "<blockquote>quoted\nmore</blockquote>plain",
    "# Big\ntext\n-# small": ('<h3 class="dc-h1">Big</h3>text<div class="dc-subtext">small</div>'),
    "#no heading": "#no heading",
    "- one\n- two\n  - deep": ("<ul><li>one</li><li>two<ul><li>deep</li></ul></li></ul>"),
    "3. three\n4. four": '<ol start="3"><li>three</li><li>four</li></ol>',
    "<b>no</b> &amp; <script>": "&lt;b&gt;no&lt;/b&gt; &amp;amp; &lt;script&gt;",
    "[javascript](javascript:alert(1))": "[javascript](javascript:alert(1))",
}


async def test_discord_markdown_is_drawn(tab: Tab) -> None:
    """The page's own reading of markdown: one form each, and what is none stays as typed."""
    drawn = await tab.evaluate(
        """async (all) => {
            const { render } = await import("/static/discord_text.js");
            return all.map((typed) => {
                const box = document.createElement("div");
                box.append(...render(typed, { users: {}, roles: {}, channels: {} }));
                return [typed, box.innerHTML];
            });
        }""",
        list(MARKDOWN),
    )
    assert dict(drawn) == MARKDOWN


async def test_reply_edit_react_delete_on_telegram(scene: Scene, tab: Tab) -> None:
    """All that one does with a message, by its buttons."""
    scene.left("Noor", "the original")
    found = message(tab, "telegram", "the original")
    await arrives(found)
    await use(found, "reply-to")
    await write(tab, "telegram", "my answer")
    answer = message(tab, "telegram", "my answer")
    await arrives(answer.get_by_test_id("reply"))
    assert scene.said_left()["reply_to_message"]["text"] == "the original"

    await use(answer, "edit")
    await write(tab, "telegram", "my better answer")
    better = message(tab, "telegram", "my better answer")
    await arrives(better.get_by_test_id("edited"))

    await use(better, "react")
    await better.locator('[data-emoji="🔥"]').click()
    await arrives(better.get_by_test_id("reaction"))
    number = scene.said_left()["message_id"]
    assert list(scene.stage.telegram.reactions(scene.chat, number).values()) == [["🔥"]]

    await use(better, "delete")
    await goes(better)
    assert scene.stage.telegram.message(scene.chat, number) is None


async def test_reply_edit_react_delete_on_discord(scene: Scene, tab: Tab) -> None:
    """All that one does with a message, by its buttons."""
    original = scene.right("Mika", "the original")
    found = message(tab, "discord", "the original")
    await arrives(found)
    await use(found, "reply-to")
    await write(tab, "discord", "my answer")
    answer = message(tab, "discord", "my answer")
    await arrives(answer.get_by_test_id("reply"))
    assert scene.said_right()["message_reference"]["message_id"] == original["id"]

    await use(answer, "edit")
    await write(tab, "discord", "my better answer")
    better = message(tab, "discord", "my better answer")
    await arrives(better.get_by_test_id("edited"))

    await use(better, "react")
    await better.locator('[data-emoji="🎉"]').click()
    await arrives(better.get_by_test_id("reaction"))
    assert scene.said_right()["reactions"][0]["emoji"]["name"] == "🎉"
    await better.get_by_test_id("reaction").click()
    await goes(better.get_by_test_id("reaction"))

    await use(better, "delete")
    await goes(better)


async def test_files_are_attached(scene: Scene, tab: Tab) -> None:
    """A picture is sent with its caption and drawn, on both sides."""
    picture = FilePayload(name="cat.png", mimeType="image/png", buffer=portrait("cat"))
    for side in ("telegram", "discord"):
        await tab.get_by_test_id(f"{side}-file").set_input_files([picture])
        await write(tab, side, "a cat")
        found = message(tab, side, "a cat")
        await arrives(found)
        image = found.locator(".tg-photo-box img, .dc-image img")
        await expect(image).to_have_js_property("naturalWidth", 168)
    assert scene.said_left()["photo"][-1]["width"] == 168
    assert scene.said_right()["attachments"][0]["filename"] == "cat.png"


async def test_what_people_type_is_never_markup(scene: Scene, tab: Tab) -> None:
    """HTML in texts and names is shown as letters; nothing of it becomes an element."""
    evil = '<img src=x onerror="document.title=1"><b>no</b>'
    scene.left("Noor", evil)
    scene.right("Mika", evil)
    for side in ("telegram", "discord"):
        found = message(tab, side, evil).get_by_test_id("text")
        await arrives(found)
        assert await found.locator("img, b").count() == 0
    assert await tab.title() == "MateBot sandbox"


async def test_a_deleted_or_edited_message_changes_in_place(scene: Scene, tab: Tab) -> None:
    """What others change is followed without a reload, and the order stays."""
    first = scene.left("Noor", "first")
    scene.left("Noor", "second")
    await arrives(message(tab, "telegram", "second"))
    scene.stage.telegram.edit(scene.chat, first["message_id"], "first, mended")
    await arrives(message(tab, "telegram", "first, mended"))
    texts = await tab.get_by_test_id("telegram-message").evaluate_all(
        "nodes => nodes.map(node => node.dataset.text)"
    )
    assert texts == ["first, mended", "second"]
    scene.stage.telegram.delete(scene.chat, first["message_id"])
    await goes(message(tab, "telegram", "first, mended"))


async def test_rooms_are_apart(tab: Tab) -> None:
    """What is said in one room is not seen in another; a private chat is its person's own."""
    await write(tab, "telegram", "in the hall")
    await arrives(message(tab, "telegram", "in the hall"))
    rooms = tab.get_by_test_id("telegram-room")
    await rooms.and_(tab.locator('[data-place="private"]')).click()
    await goes(message(tab, "telegram", "in the hall"))
    await write(tab, "telegram", "between us")
    await arrives(message(tab, "telegram", "between us"))
    await speak(tab, "telegram", "Bia")
    await goes(message(tab, "telegram", "between us"))


async def test_trouble_is_made_and_ended(scene: Scene, tab: Tab) -> None:
    """An outage is switched on and off; what cannot be done is told."""
    await tab.get_by_test_id("trouble").locator("summary").click()
    await tab.get_by_test_id("trouble-discord-outage").click()
    button = tab.get_by_test_id("trouble-discord-outage")
    await expect(button).to_have_attribute("aria-pressed", "true")
    assert outage(scene)
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "false")
    assert not outage(scene)
    await tab.get_by_test_id("trouble-kill").click()
    await expect(tab.get_by_test_id("toasts")).to_contain_text("no daemon runs")


async def test_on_a_phone_one_chat_is_seen_at_a_time(scene: Scene, tmp_path: Path) -> None:
    """At 390 pixels the tabs choose the chat, and nothing reaches over the edge."""
    async with opened(tmp_path, scene.page.url, width=390) as tab:
        await expect(tab.get_by_test_id("telegram")).to_be_visible()
        await expect(tab.get_by_test_id("discord")).to_be_hidden()
        await tab.get_by_role("button", name="Discord", exact=True).click()
        await expect(tab.get_by_test_id("discord")).to_be_visible()
        await write(tab, "discord", "from a phone")
        await arrives(message(tab, "discord", "from a phone"))
        assert await tab.evaluate("document.documentElement.scrollWidth") <= 390


async def test_other_sites_are_kept_out(scene: Scene) -> None:
    """A request that another site makes, or that comes by a name of somebody's DNS, is refused."""
    asked = {"side": "discord", "on": True}
    async with aiohttp.ClientSession() as session:
        url = f"{scene.page.url}/do/trouble.outage"
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            async with session.post(url, json=asked, headers=headers) as answer:
                assert answer.status == 403
        async with session.post(url, data=b"x", headers={"Content-Type": "text/plain"}) as answer:
            assert answer.status == 400
    assert not scene.stage.discord.faults.outage


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("nothing.such", {}),
        ("telegram.say", {}),
        ("telegram.say", {"user": "x", "place": MAIN, "text": "a"}),
        ("telegram.delete", {"room": "-1", "message": "1"}),
        ("discord.say", {"user": "1", "place": MAIN, "text": "a"}),
        ("discord.edit", {"room": "1", "message": "1", "text": "a"}),
        ("discord.invoke", {"user": "1", "place": MAIN, "text": "/nothing"}),
        ("trouble.outage", {"side": "carrier pigeon", "on": True}),
        ("trouble.migrate", {"place": MAIN}),
    ],
)
async def test_what_cannot_be_done_is_refused(scene: Scene, name: str, asked: Json) -> None:
    """An action that makes no sense is answered with 400 and a reason."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{scene.page.url}/do/{name}", json=asked) as answer,
    ):
        assert answer.status == 400
        assert (await answer.json())["error"]


def test_portraits_are_pictures() -> None:
    """Every drawing has its full size, and is a PNG; others are refused."""
    for name in NAMES:
        assert portrait(name).startswith(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(KeyError):
        portrait("nobody")
