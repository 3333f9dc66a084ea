"""What people write in one service as it reads in the other: styles, literal signs, no pings."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from tests.scenarios.crossing import (
    Crossing,
    body,
    entity,
    read_markdown,
    styled_parts,
)
from tests.scenarios.harness import Json, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crossing]:
    async with scene(tmp_path_factory.mktemp("conversation")) as stage:
        yield Crossing(stage)


STYLES = ["bold", "italic", "underline", "strikethrough", "spoiler", "code"]


@pytest.mark.rows("1.1")
@pytest.mark.parametrize("kind", STYLES)
async def test_a_style_reaches_discord(talk: Crossing, kind: str) -> None:
    """Each basic style of Telegram covers the same words in Discord."""
    text = "one styled words two"
    said = entity(text, "styled words", kind)
    (copy,) = await talk.to_discord(lambda: talk.stage.telegram_says(text, entities=[said]))
    reading = read_markdown(copy["content"])
    assert (reading.text, reading.styles) == (text, {(kind, "styled words")})


@pytest.mark.rows("1.1")
async def test_code_blocks_and_links_reach_discord(talk: Crossing) -> None:
    """A code block keeps its language, a link its words and its address."""
    text = "look:\nprint(*a, **b)\nhere"
    said = [
        entity(text, "print(*a, **b)", "pre", language="python"),
        entity(text, "here", "text_link", url="https://example.com/a_b(c)"),
    ]
    (copy,) = await talk.to_discord(lambda: talk.stage.telegram_says(text, entities=said))
    reading = read_markdown(copy["content"])
    assert ("pre", "print(*a, **b)") in reading.styles
    assert reading.languages == ["python"]
    assert [words for words, _ in reading.links] == ["here"]


@pytest.mark.rows("1.1")
async def test_nested_styles_reach_discord(talk: Crossing) -> None:
    """Styles inside of one another stay so, astral characters before them do not shift them."""
    text = "😀 all of it and more"
    said = [
        entity(text, "all of it", "bold"),
        entity(text, "of", "italic"),
        entity(text, "of it", "underline"),
        entity(text, "more", "strikethrough"),
        entity(text, "more", "spoiler"),
    ]
    (copy,) = await talk.to_discord(lambda: talk.stage.telegram_says(text, entities=said))
    reading = read_markdown(copy["content"])
    assert reading.text == text
    assert {("bold", "all of it"), ("italic", "of")} <= reading.styles
    assert {("strikethrough", "more"), ("spoiler", "more")} <= reading.styles
    assert {part for kind, part in reading.styles if kind == "underline"} & {"of it", "of", " it"}


MARKDOWN = [
    ("**words**", {("bold", "words")}),
    ("*words*", {("italic", "words")}),
    ("_words_", {("italic", "words")}),
    ("__words__", {("underline", "words")}),
    ("~~words~~", {("strikethrough", "words")}),
    ("||words||", {("spoiler", "words")}),
    ("`words`", {("code", "words")}),
    ("```py\nwords\n```", {("pre", "words")}),
    ("[words](https://example.com/x)", {("text_link", "words")}),
    ("***words***", {("bold", "words"), ("italic", "words")}),
    ("||**words**||", {("bold", "words"), ("spoiler", "words")}),
]


@pytest.mark.rows("1.1", "2.2")
@pytest.mark.parametrize(("markdown", "styles"), MARKDOWN, ids=[each for each, _ in MARKDOWN])
async def test_a_style_reaches_telegram(
    talk: Crossing, markdown: str, styles: set[tuple[str, str]]
) -> None:
    """Each basic style of Discord becomes the entity that means the same."""
    (copy,) = await talk.to_telegram(lambda: talk.stage.discord_says(f"😀 {markdown}"))
    assert " ".join(body(copy).split()) == "😀 words"
    assert styled_parts(copy) == {("bold", "Bia"), *styles}
    details: dict[str, Any] = {one["type"]: one for one in copy["entities"]}
    if "pre" in details:
        assert details["pre"]["language"] == "py"
    if "text_link" in details:
        assert details["text_link"]["url"] == "https://example.com/x"


LITERAL = [
    "a*b*c", "**x**", "snake_case_name", "_x_", "__init__", "# x", "- x", "* x", "1. x", "> x",
    ">>> x", "-# x", "<b>bold</b>", "&amp; &lt;", "||x||", "~~x~~", "`x`", "```x```", "`` ` ``",
    "[x](https://example.com/)", "<@123>", "<@&123>", "<#123>", "<:x:123>", "</x:123>",
    "@everyone and @here", ":x: :smile:", "a \\* b \\", "\\", "x\n# y\n- z\n> w", "*x", "***",
    "¯\\_(ツ)_/¯", "<t:0:R>",
]  # fmt: skip


@pytest.mark.rows("1.3")
async def test_literal_signs_stay_literal_in_discord(talk: Crossing) -> None:
    """Whatever signs a Telegram person types are read in Discord as just those, without a ping."""

    def say_all() -> None:
        for text in LITERAL:
            talk.stage.telegram_says(text)

    copies = await talk.to_discord(say_all)
    readings = [read_markdown(copy["content"]) for copy in copies]
    assert [reading.text for reading in readings] == LITERAL
    # An address in a literal link may still be shown as an address.
    assert [reading.styles for reading in readings] == [set()] * len(LITERAL)
    assert not any(reading.links for reading in readings)
    for copy in copies:
        assert not copy["mention_everyone"]
        assert (copy["mentions"], copy["mention_roles"]) == ([], [])
        assert not talk.stage.discord.pinged(copy["id"])


LITERAL_IN_DISCORD = [
    ("snake_case_name",) * 2, (r"\*x\*", "*x*"), (r"a\_b\_", "a_b_"), ("2 * 3 * 4",) * 2,
    ("<b>bold</b>",) * 2, ("&amp; &lt;",) * 2, ("#x",) * 2, ("a # b",) * 2, ("a > b",) * 2,
    ("a||b",) * 2, (r"\`x\`", "`x`"), (r"\~~x~~", "~~x~~"), ("¯\\_(ツ)_/¯", "¯\\_(ツ)_/¯"),
    ("[x] (y)",) * 2, (":x:",) * 2, ("***",) * 2, ("**",) * 2,
]  # fmt: skip


@pytest.mark.rows("1.3")
async def test_literal_signs_stay_literal_in_telegram(talk: Crossing) -> None:
    """What is no markup in Discord, or was escaped there, is plain text in Telegram."""

    def say_all() -> None:
        for typed, _ in LITERAL_IN_DISCORD:
            talk.stage.discord_says(typed)

    copies = await talk.to_telegram(say_all)
    assert [body(copy) for copy in copies] == [shown for _, shown in LITERAL_IN_DISCORD]
    for copy in copies:
        assert {kind for kind, _ in styled_parts(copy)} <= {"bold", "hashtag"}
        assert [part for kind, part in styled_parts(copy) if kind == "bold"] == ["Bia"]


@pytest.mark.rows("2.4")
async def test_a_discord_mention_is_read_as_a_name(talk: Crossing) -> None:
    """A mention of a person or a channel is read by its name in Telegram, not as a number."""
    leo, channel = talk.stage.leo["id"], talk.stage.channel
    (copy,) = await talk.to_telegram(
        lambda: talk.stage.discord_says(f"<@{leo}> look at <#{channel}>")
    )
    assert body(copy).replace("\u2060", "") == "@Leo look at #geral"
    # The group may have a member whose @name happens to be the same.
    assert "mention" not in {kind for kind, _ in styled_parts(copy)}


@pytest.mark.rows("2.4")
async def test_words_from_discord_become_no_commands_in_telegram(talk: Crossing) -> None:
    """What looks like a command is plain text; an @name that somebody typed mentions who it is."""
    (copy,) = await talk.to_telegram(lambda: talk.stage.discord_says("hi @anasilva, say /status"))
    assert body(copy).replace("\u2060", "") == "hi @anasilva, say /status"
    assert styled_parts(copy) == {("bold", "Bia"), ("mention", "@anasilva")}


ODD = [
    "_ _", "\u200b", "*" * 2000, "[" * 2000, "||" * 1000, "> " * 999 + "x", "`" * 2000, "\u3164",
    "# \n- \n> ", "-# ", "<t:0:R>", "<t:9999999999:F>", "<t:99999999999999:F>", "<@1>", "<#1>",
    "<:blob:123456789012345678>", "[a](<https://example.com/a b>)", "x\x00y", "\u202eabc",
    "a" + "\u0301" * 1500, "\n\n\nfoo", "```" + "`" * 1990 + "```", "**" * 499 + "x" + "**" * 499,
]  # fmt: skip


@pytest.mark.rows("1.8")
async def test_no_discord_text_is_lost(talk: Crossing) -> None:
    """However odd a text is, it arrives, in its turn, and holds nothing up."""

    def say_all() -> None:
        for number, text in enumerate(ODD):
            talk.stage.discord_says(text)
            talk.stage.discord_says(f"after number {number}")

    copies = await talk.to_telegram(say_all)
    after = [number for number, copy in enumerate(copies) if "after number" in copy["text"]]
    assert [body(copies[place]) for place in after] == [
        f"after number {n}" for n in range(len(ODD))
    ]
    # Between two of them there is always something.
    assert all(later - earlier > 1 for earlier, later in zip([-1, *after], after, strict=False))


ODD_IN_TELEGRAM = [
    "\u3164", "*" * 4096, "`" * 4096, "[" * 4096, "_" * 4096, "|" * 4096, "\\" * 4096, "\u202eabc",
    "> " * 2000 + "x", "-# " * 1000 + "x", "a" + "\u0301" * 1500, "x\ny\n" * 900, "@everyone" * 400,
]  # fmt: skip


@pytest.mark.rows("1.8")
async def test_no_telegram_text_is_lost(talk: Crossing) -> None:
    """However odd a text is, all of it arrives, in parts that Discord takes."""
    for text in ODD_IN_TELEGRAM:
        copies = await talk.to_discord(partial(talk.stage.telegram_says, text))
        shown = "".join(read_markdown(copy["content"]).text for copy in copies)
        assert "".join(shown.split()) == "".join(text.replace("\u202e", "").split())


@pytest.mark.rows("2.4")
async def test_nobody_is_pinged_and_every_call_says_so(talk: Crossing) -> None:
    """Mentions in names, texts and answers ping nobody; every post and edit says so."""
    stage = talk.stage
    joker = stage.telegram.add_user("@everyone", last_name=f"<@{stage.bia['id']}>")
    stage.telegram.join(stage.group, joker["id"], quiet=True)
    mine = stage.discord_says("ping me")
    await talk.discord_fence()
    (below,) = [m for m in stage.in_telegram() if body(m) == "ping me"]
    said: list[Json] = []

    def act() -> None:
        text = f"<@{stage.bia['id']}> @everyone @here"
        said.append(
            stage.telegram.say(joker["id"], stage.group, text, reply_to=below["message_id"])
        )

    (copy,) = await talk.to_discord(act)
    stage.telegram.edit(stage.group, said[0]["message_id"], f"changed <@{stage.leo['id']}> @here")
    await talk.telegram_fence()
    assert "changed" in talk.discord_copy(copy)["content"]
    # As a native answer would, a copy may ping the one who is answered, and nobody else.
    assert set(stage.discord.pinged(copy["id"])) <= {mine["author"]["id"]}
    assert not talk.discord_copy(copy)["mention_everyone"]
    writing = [c for c in stage.discord.calls if c.body and "content" in c.body]
    assert writing
    assert all(call.body["allowed_mentions"].get("parse") == [] for call in writing)
