"""Addresses that name a message: which message each of them names. Pure.

https://core.telegram.org/api/links#message-links and
https://discord.com/developers/docs/reference#message-formatting (2026-11-24).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from matebot.core.ids import MessageRef, Room
from matebot.core.richtext import Link, RichText
from matebot.core.richtext_edit import Change, substitute

_LINK: Final = re.compile(
    r"https?://(?:"
    r"(?:t\.me|telegram\.me)/c/(?P<chat>\d{1,16})/(?:(?P<topic>\d{1,10})/)?(?P<post>\d{1,10})"
    r"|(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/\d{15,20}"
    r"/(?P<channel>\d{15,20})/(?P<message>\d{15,20})"
    r")(?![\w/])"
)


def message_links(text: RichText) -> Iterator[tuple[str, MessageRef]]:
    """Every address of a message in a text, typed or behind words, with the message it names."""
    typed = (match.group() for match in _LINK.finditer(text.text))
    behind = (span.style.url for span in text.spans if isinstance(span.style, Link))
    for url in dict.fromkeys((*typed, *behind)):
        if (match := _LINK.match(url)) is not None:
            yield url, _named(match)


def _named(match: re.Match[str]) -> MessageRef:
    if match["chat"] is None:
        return MessageRef(Room.discord(int(match["channel"])), int(match["message"]))
    # A supergroup's or channel's id, without the -100 before it.
    chat = int(f"-100{match['chat']}")
    topic = int(match["topic"]) if match["topic"] else None
    return MessageRef(Room.telegram(chat, topic), int(match["post"]))


def relinked(text: RichText, addresses: Mapping[str, str]) -> RichText:
    """A text with other addresses of messages in it, typed or behind words; its styles stay.

    Args:
        text: Any.
        addresses: What stands in the place of each address.
    """
    spans = tuple(
        msgspec.structs.replace(span, style=Link(addresses.get(span.style.url, span.style.url)))
        if isinstance(span.style, Link)
        else span
        for span in text.spans
    )
    changes = [
        Change(*found.span(), addresses[found.group()])
        for found in _LINK.finditer(text.text)
        if found.group() in addresses
    ]
    return substitute(RichText(text.text, spans), changes)


def telegram_link(ref: MessageRef) -> str | None:
    """The address of a message of a supergroup or channel; None in chats that have none."""
    chat = str(ref.room.chat)
    return f"https://t.me/c/{chat[4:]}/{ref.message_id}" if chat.startswith("-100") else None


def discord_link(ref: MessageRef, guild_id: int) -> str:
    """The address of a message in a server."""
    return f"https://discord.com/channels/{guild_id}/{ref.room.chat}/{ref.message_id}"
