"""Other bots' embeds and components as rich text."""

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.richtext import Bold, DateTime, Link, Quote, RichText, Spoiler, Subtext
from matebot.discord.embeds import components_text, embeds_text
from matebot.discord.markup import Names, render

Json = dict[str, Any]

RELEASE: Json = {
    "type": "rich",
    "author": {"name": "octo", "url": "https://a.example/octo"},
    "title": "Release *1.0*",
    "url": "https://a.example/1",
    "description": "> it **works**",
    "fields": [
        {"name": "Size", "value": "3 MB"},
        {"name": "Notes", "value": "one\ntwo"},
        {"name": "\u200b", "value": "alone"},
    ],
    "image": {"url": "https://a.example/img/cat%20one.png?x=1"},
    "footer": {"text": "CI"},
    "timestamp": "2026-11-24T10:00:00+00:00",
}


def shown(*embeds: Json, content: str = "", by_person: bool = False) -> RichText:
    """What embeds say."""
    made = [discord.Embed.from_dict(each) for each in embeds]
    return embeds_text(made, content, Names(), by_person=by_person)


def styles(text: RichText, kind: type[Any]) -> list[str]:
    """What stands in a style."""
    return [text.text[s.start : s.end] for s in text.spans if isinstance(s.style, kind)]


def test_an_embed_is_readable() -> None:
    """Author, linked title, text, fields, picture and footer stand in a quote, in order."""
    text = shown(RELEASE)
    lines = text.text.split("\n")
    assert lines[:7] == [
        "octo", "Release 1.0", "it works", "Size: 3 MB", "Notes", "one", "two"
    ]  # fmt: skip
    assert lines[7:9] == ["alone", "🖼 cat one.png"]
    assert lines[9].startswith("CI · ")
    assert styles(text, Quote) == [text.text]
    assert styles(text, Link) == ["octo", "Release 1.0", "cat one.png"]
    assert {"Release 1.0", "works", "Size"} <= set(styles(text, Bold))
    assert styles(text, Subtext) == [lines[9]]
    assert len(styles(text, DateTime)) == 1
    assert render(text)


@pytest.mark.parametrize(
    ("embed", "content", "by_person", "text"),
    [
        ({"type": "link", "title": "x", "url": "https://a.example"}, "", False, ""),
        ({"type": "video", "title": "x", "url": "https://a.example"}, "", False, ""),
        ({"type": "rich", "title": "x", "url": "https://a.org"}, "https://a.org", False, ""),
        ({"type": "rich", "title": "tweet"}, "see https://x.example/1?s=2", True, ""),
        ({"type": "rich", "title": "x"}, "see https://x.example", False, "x"),
        ({"type": "gifv", "url": "https://tenor.example/a"}, "", True, "https://tenor.example/a"),
        ({"type": "gifv", "url": "https://tenor.example/a"}, "https://tenor.example/a", True, ""),
    ],
)  # fmt: skip
def test_previews_are_no_content(embed: Json, content: str, text: str, *, by_person: bool) -> None:
    """What Discord makes of an address is left out; a picture alone keeps its address."""
    assert shown(embed, content=content, by_person=by_person).text == text


def components(*payloads: Json) -> RichText:
    """What components say."""
    client = discord.Client(intents=discord.Intents.none())
    data: Any = {
        "id": "1", "channel_id": "5", "content": "", "type": 0, "attachments": [], "embeds": [],
        "author": {"id": "7", "username": "u", "discriminator": "0", "avatar": None},
        "components": list(payloads), "flags": 1 << 15, "edited_timestamp": None,
        "timestamp": "2026-11-24T10:00:00+00:00", "mentions": [], "mention_roles": [],
    }  # fmt: skip
    channel: Any = client.get_partial_messageable(5)
    message = discord.Message(state=client._connection, channel=channel, data=data)
    return components_text(message.components, Names())


def media(url: str) -> Json:
    """A medium as the API writes one."""
    return {"url": url, "proxy_url": url}


def test_components_in_their_order() -> None:
    """Texts, sections, galleries, files and buttons that lead somewhere are read in order."""
    text = components(
        {"type": 17, "spoiler": True, "components": [
            {"type": 10, "content": "# Hi"},
            {"type": 14},
            {"type": 9, "components": [{"type": 10, "content": "**a**"}],
             "accessory": {"type": 11, "media": media("https://a.example/t.png"),
                           "description": "a cat"}},
        ]},
        {"type": 12, "items": [{"media": media("https://a.example/1.png")}]},
        {"type": 13, "file": media("https://a.example/f.pdf"), "name": "f.pdf", "size": 3},
        {"type": 1, "components": [
            {"type": 2, "style": 5, "label": "Open", "url": "https://a.example/go"},
            {"type": 2, "style": 1, "label": "Vote", "custom_id": "x"},
        ]},
    )  # fmt: skip
    assert text.text == "Hi\na\n🖼 a cat\n🖼 1.png\n📎 f.pdf\n🔗 Open"
    assert styles(text, Spoiler) == ["Hi\na\n🖼 a cat"]
    assert styles(text, Link) == ["a cat", "1.png", "f.pdf", "Open"]


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_any_embed_can_be_read_and_said(text: str, name: str, url: str) -> None:
    """Nothing that a bot writes raises, there or where it is rendered again."""
    embed = {
        "type": "rich", "title": name, "description": text, "url": url, "footer": {"text": name},
        "fields": [{"name": name, "value": text}], "image": {"url": f"https://{url}"},
    }  # fmt: skip
    render(shown(embed))
