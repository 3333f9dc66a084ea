"""A copy as the posts that Discord takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.errors import NoAccess
from matebot.core.ids import MessageRef, Room
from matebot.core.message import Attachment, AttachmentKind, Author, Copy, Message, Reply
from matebot.core.richtext import plain
from matebot.discord import markup
from matebot.discord.limits import CONTENT
from matebot.discord.parts import DiscordPart
from matebot.discord.render import Place, render
from matebot.sandbox.discord import validate
from tests.discord.harness import copy, words

TELEGRAM = Room.telegram(-100)
DISCORD = Room.discord(500)


def one(made: Copy, *, as_bot: bool = False, guild_id: int | None = 9) -> DiscordPart:
    """The only part of a copy."""
    place = Place(as_bot=as_bot, guild_id=guild_id, avatar_url="https://x/a.png")
    (part,) = render(made, words, place)
    return part


def test_a_webhook_carries_the_name() -> None:
    """The text stands alone, the name and picture beside it."""
    part = one(copy("hi"))
    assert part.content(as_bot=False) == "hi"
    assert (part.username, part.avatar_url) == ("Zoe", "https://x/a.png")


def test_the_bot_says_the_name() -> None:
    """Without a webhook the name stands in bold on a line of its own, as it was written."""
    assert one(copy("hi"), as_bot=True).content(as_bot=True) == "**Zoe**\nhi"
    odd = one(copy("hi", name="*Z*\n_oe_"), as_bot=True).content(as_bot=True)
    assert markup.parse(odd).text == "*Z* _oe_\nhi"


def test_a_reply_leads_to_its_message() -> None:
    """The line above links the answered author's name."""
    reply = Reply(MessageRef(TELEGRAM, 3), "[An*a]", 1, "**what?** <@1>")
    part = one(copy("this", reply=reply, to=MessageRef(DISCORD, 77)))
    line, text = part.content(as_bot=False).splitlines()
    assert line.startswith("-# ↪ [")
    assert "(https://discord.com/channels/9/500/77)" in line
    assert markup.parse(line).text == "↪ [An*a]: **what?** <@1>"
    assert text == "this"


@pytest.mark.parametrize(("to", "guild"), [(None, 9), (MessageRef(DISCORD, 77), None)])
def test_a_reply_without_counterpart_has_no_link(to: MessageRef | None, guild: int | None) -> None:
    """Where the answered message is unknown its author and words still stand there."""
    reply = Reply(MessageRef(TELEGRAM, 3), "Ana", 1, "what?")
    content = one(copy("this", reply=reply, to=to), guild_id=guild).content(as_bot=False)
    assert content == "-# ↪ Ana: what?\nthis"


def with_attachments(text: str, *attachments: Attachment) -> Copy:
    """A copy of a message that is not text alone."""
    ref = MessageRef(TELEGRAM, 7)
    return Copy(Message(ref, Author(42, "Zoe"), plain(text), attachments), None, "en")


def test_attachments_are_named() -> None:
    """Each file is a line with its kind, name and size, below the caption."""
    photo = Attachment(AttachmentKind.PHOTO)
    file = Attachment(AttachmentKind.FILE, "a_b_c.pdf", 1_500_000)
    content = one(with_attachments("look", photo, file)).content(as_bot=False)
    first, second, third = markup.parse(content).text.splitlines()
    assert first == "look"
    assert second == "en:note-photo"
    assert "a_b_c.pdf" in third
    assert "1.4 MB" in third


def test_an_attachment_alone() -> None:
    """Without a caption the note is the text."""
    part = one(with_attachments("", Attachment(AttachmentKind.VOICE)))
    assert markup.parse(part.content(as_bot=False)).text == "en:note-voice"


@pytest.mark.parametrize("text", ["", " \n ", "\u2003"])
def test_nothing_to_show_is_still_a_message(text: str) -> None:
    """Discord takes no empty message."""
    assert markup.parse(one(copy(text)).content(as_bot=False)).text == "en:note-other"


def test_a_long_text_is_split() -> None:
    """The lines above count; they stand on the first part alone."""
    reply = Reply(MessageRef(TELEGRAM, 3), "Ana", 1, "what?")
    made = copy("word " * 1200, reply=reply, to=MessageRef(DISCORD, 77))
    for as_bot in (False, True):
        parts = render(made, words, Place(as_bot=as_bot, guild_id=9))
        contents = [part.content(as_bot=as_bot) for part in parts]
        assert len(contents) == 4
        assert all(len(content) <= CONTENT for content in contents)
        assert [content.startswith("-# ↪") for content in contents] == [True, False, False, False]


def test_a_full_text_does_not_fit_beside_a_name() -> None:
    """A part made for a webhook says so when the bot would have to post it."""
    part = one(copy("x" * CONTENT))
    assert len(part.content(as_bot=False)) == CONTENT
    with pytest.raises(NoAccess):
        part.content(as_bot=True)


@given(st.text(max_size=5000), st.text(max_size=100), st.booleans())
def test_everything_is_taken(text: str, name: str, as_bot: bool) -> None:
    """Whatever is said by whomever, each part is a message that Discord takes."""
    for part in render(copy(text, name=name), words, Place(as_bot=as_bot, guild_id=9)):
        content = part.content(as_bot=as_bot)
        assert len(content) <= CONTENT
        assert not validate.empty({"content": content}, ())
        assert validate.name(part.username) == part.username
