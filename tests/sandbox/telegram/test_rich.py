"""Rich messages on the stand-in: what it reads, what it refuses."""

from typing import Any

import pytest

from matebot.sandbox.telegram import TelegramStandIn
from tests.sandbox.telegram.api import Api


async def send(api: Api, group: int, html: str, **more: Any) -> list[dict[str, Any]]:
    """Post a rich message; its blocks as kept."""
    sent = await api.call("sendRichMessage", chat_id=group, rich_message={"html": html, **more})
    found: list[dict[str, Any]] = sent["rich_message"]["blocks"]
    return found


async def test_blanks_and_breaks(api: Api, group: int) -> None:
    """Line breaks in the source are blanks, those of the tag stay; loose text is a paragraph."""
    assert await send(api, group, " a\n b<br>c <h2> d </h2>&lt;e&#33;") == [
        {"type": "paragraph", "text": "a b\nc"},
        {"type": "heading", "text": "d", "size": 2},
        {"type": "paragraph", "text": "<e!"},
    ]


async def test_what_the_server_finds(api: Api, group: int) -> None:
    """Names, commands and addresses become what they look like, unless that is not wanted."""
    found = await send(api, group, "hi @someone /start <code>@none</code>")
    kinds = [part["type"] for part in found[0]["text"] if isinstance(part, dict)]
    assert kinds == ["mention", "bot_command", "code"]
    (quiet,) = await send(api, group, "hi @someone", skip_entity_detection=True)
    assert quiet["text"] == "hi @someone"


async def test_details_and_credit(api: Api, group: int) -> None:
    """Details have a summary, quotes a credit."""
    html = (
        "<details open><summary>More</summary><p>x</p></details>"
        "<blockquote>q<cite>Me</cite></blockquote><hr/>"
    )
    assert await send(api, group, html) == [
        {
            "type": "details",
            "blocks": [{"type": "paragraph", "text": "x"}],
            "summary": "More",
            "is_open": True,
        },
        {
            "type": "blockquote",
            "blocks": [{"type": "paragraph", "text": "q"}],
            "credit": "Me",
        },
        {"type": "divider"},
    ]


@pytest.mark.parametrize(
    ("rich", "why"),
    [
        pytest.param({"html": "<b>x"}, "Can't find end tag", id="open"),
        pytest.param({"html": "<b>x</i></b>"}, "Unmatched end tag", id="crossed"),
        pytest.param({"html": "a < b"}, "Unsupported start tag", id="unescaped"),
        pytest.param({"html": "<script>x</script>"}, "Unsupported start tag", id="unknown"),
        pytest.param({"html": "<b><p>x</p></b>"}, "Unsupported start tag", id="block-in-style"),
        pytest.param({"html": "<ul>x</ul>"}, "Unexpected text in a list", id="loose-in-list"),
        pytest.param({"html": "&copy;"}, "Unsupported entity", id="reference"),
        pytest.param({"html": " <br> "}, "message text is empty", id="blank"),
        pytest.param({"html": "x" * 32_769}, "message is too long", id="long"),
        pytest.param({"html": "<p>x</p>" * 501}, "TOO_MANY_BLOCKS", id="blocks"),
        pytest.param({"html": "<i>" * 17 + "x" + "</i>" * 17}, "Too many nested", id="deep"),
        pytest.param({"markdown": "# x"}, "html alone", id="markdown"),
        pytest.param({}, "html alone", id="nothing"),
    ],
)
async def test_what_is_refused(api: Api, group: int, rich: dict[str, str], why: str) -> None:
    """What breaks a rule is a 400 that says which."""
    assert why in await api.refused("sendRichMessage", chat_id=group, rich_message=rich)


async def test_edits_between_kinds(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A text becomes a rich message and back; the same again is refused."""
    sent = await api.call("sendMessage", chat_id=group, text="x")
    place = {"chat_id": group, "message_id": sent["message_id"]}
    rich = {"rich_message": {"html": "<h1>x</h1>"}}
    await api.call("editMessageText", **place, **rich)
    kept = standin.message(group, sent["message_id"])
    assert kept is not None
    assert "text" not in kept
    assert "not modified" in await api.refused("editMessageText", **place, **rich)
    assert (await api.call("editMessageText", **place, text="y"))["text"] == "y"


async def test_what_a_chat_lets_react(api: Api, standin: TelegramStandIn, group: int) -> None:
    """A chat may allow fewer reactions: it says which, and refuses the others."""
    sent = await api.call("sendMessage", chat_id=group, text="x")
    standin.allow_reactions(group, ["🔥"])
    listed = (await api.call("getChat", chat_id=group))["available_reactions"]
    assert listed == [{"type": "emoji", "emoji": "🔥"}]
    place = {"chat_id": group, "message_id": sent["message_id"]}
    wrong = [{"type": "emoji", "emoji": "👍"}]
    assert "REACTION_INVALID" in await api.refused("setMessageReaction", **place, reaction=wrong)
    assert await api.call("setMessageReaction", **place, reaction=listed)
    with pytest.raises(ValueError, match="no reactions"):
        standin.allow_reactions(group, ["🧀"])
