"""Addresses of messages in a text, and others in their place."""

from matebot.core.ids import MessageRef, Room
from matebot.core.links import discord_link, message_links, relinked, telegram_link
from matebot.core.richtext import Bold, Link, concat, plain

POST = "https://t.me/c/1234567890/42"
THERE = "https://discord.com/channels/111111111111111111/222222222222222222/333333333333333333"


def test_addresses_are_found() -> None:
    """Typed or behind words, each once, with the message that it names."""
    text = concat("see ", POST, " and ", plain("this").styled(Link(THERE)), f" or {POST}")
    telegram = MessageRef(Room.telegram(-1001234567890), 42)
    discord = MessageRef(Room.discord(222222222222222222), 333333333333333333)
    assert list(message_links(text)) == [(POST, telegram), (THERE, discord)]
    assert telegram_link(telegram) == POST
    assert discord_link(discord, 111111111111111111) == THERE


def test_others_take_their_place() -> None:
    """The words and styles around stay; what is not in the table stays; code points count."""
    text = concat("😀 ", plain(f"see {POST}!").styled(Bold()), " ", plain("x").styled(Link(POST)))
    changed = relinked(text, {POST: THERE})
    meant = concat(
        "😀 ", plain(f"see {THERE}!").styled(Bold()), " ", plain("x").styled(Link(THERE))
    )
    assert changed.normalise() == meant.normalise()
    assert relinked(text, {}) == text
    longer = plain(f"{POST}7 {POST}/8")
    assert relinked(longer, {POST: THERE}) == longer
