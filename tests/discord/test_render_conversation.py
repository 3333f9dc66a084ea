"""What stands around the words of a copy in Discord: answers, origins, happenings, deletions."""

from typing import Any

import msgspec
import pytest

from matebot.core.ids import MessageRef, Room
from matebot.core.message import (
    Attachment,
    AttachmentKind,
    Author,
    Copy,
    Forward,
    Happening,
    Message,
    Poll,
    Reply,
)
from matebot.core.richtext import Bold, CustomEmoji, Link, RichText, concat, plain
from matebot.discord import markup
from matebot.discord.names import OWN
from matebot.discord.parts import SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS, DiscordPart
from matebot.discord.render import Place
from matebot.discord.render import render as rendered
from tests.discord.harness import words

TELEGRAM, DISCORD = Room.telegram(-1001), Room.discord(500)
ANSWERED = MessageRef(DISCORD, 77)
URL = "https://discord.com/channels/9/500/77"


def made(text: RichText | str = "hi", *, of: dict[str, Any] | None = None, **more: Any) -> Copy:
    """A copy of what Zoe said; ``of`` are more fields of her message."""
    text = plain(text) if isinstance(text, str) else text
    message = Message(MessageRef(TELEGRAM, 7), Author(42, "Zoe"), text, **(of or {}))
    return Copy(message, more.pop("reply_to", None), "en", **more)


def one(copy: Copy, **place: Any) -> DiscordPart:
    """Its only part, posted by a webhook."""
    (part,) = rendered(copy, words, Place(as_bot=False, guild_id=9, **place))
    return part


def content(copy: Copy, **place: Any) -> str:
    """All of its only part."""
    return one(copy, **place).content(as_bot=False)


def answer(**more: Any) -> dict[str, Any]:
    """The fields of a message that answers Bia's."""
    reply = Reply(MessageRef(TELEGRAM, 3), "Bia", 111, "first words")
    return {"reply": msgspec.structs.replace(reply, **more)}


def test_who_is_answered_is_pinged() -> None:
    """The person is mentioned in the line and allowed to be, and nobody else is."""
    copy = made("hi <@5>", of=answer(excerpt="hey <@7>"), reply_to=ANSWERED, answered_author=111)
    part = one(copy)
    line, text = part.content(as_bot=False).splitlines()
    assert line.startswith(f"-# [↪]({URL}) <@111>: ")
    assert markup.parse(text).text == "hi <@5>"
    assert part.allowed_mentions == {"parse": [], "users": ["111"]}


@pytest.mark.parametrize(
    ("reply", "more"),
    [
        (answer(), {"reply_to": ANSWERED}),
        (answer(), {"answered_author": 111}),
        (answer(pings=False), {"reply_to": ANSWERED, "answered_author": 111}),
        (answer(gone=True), {"reply_to": ANSWERED, "answered_author": 111}),
        (answer(), {"reply_to": ANSWERED, "answered_author": 111, "deleted": True}),
    ],
    ids=["a copy", "not here", "without a ping", "gone", "deleted itself"],
)
def test_nobody_else_is_pinged(reply: dict[str, Any], more: dict[str, Any]) -> None:
    """Where a native reply would not ring, neither does the copy."""
    part = one(made(of=reply, **more))
    assert "<@" not in part.content(as_bot=False)
    assert part.allowed_mentions == {"parse": []}


def test_only_the_first_part_pings() -> None:
    """The rest of a long answer rings for nobody."""
    copy = made("word " * 1000, of=answer(), reply_to=ANSWERED, answered_author=111)
    first, *rest = rendered(copy, words, Place(as_bot=False, guild_id=9))
    assert first.pings == (111,)
    assert rest
    assert all(part.allowed_mentions == {"parse": []} for part in rest)


def test_a_quote_stands_below_the_name() -> None:
    """What was quoted takes the place of the first words, on one line, literally, not too long."""
    copy = made(of=answer(quote="some *of*\nit"), reply_to=ANSWERED)
    line, quote, text = content(copy).splitlines()
    assert line == f"-# ↪ [Bia]({URL})"
    assert markup.parse(quote).text == "some *of* it"
    assert quote.startswith("> ")
    assert text == "hi"
    long = content(made(of=answer(quote="x" * 1024))).splitlines()[1]
    assert long == "> " + "x" * 300 + "…"


def test_what_is_answered_may_be_gone() -> None:
    """It is said, and its words and quote are not shown."""
    copy = made(of=answer(gone=True, excerpt="secret", quote="secret"))
    assert content(copy) == "-# ↪ Bia: (en:reply-gone)\nhi"


@pytest.mark.parametrize(
    ("forward", "line"),
    [
        (Forward(), "-# en:forwarded"),
        (Forward("An*a*"), "-# en:forwarded-from An\\*a\\*"),
        (
            Forward("News", "https://t.me/news/5"),
            "-# [en:forwarded-from News](https://t.me/news/5)",
        ),
        (Forward("News", "https://t.me/c/1/5"), f"-# [en:forwarded-from News]({URL})"),
    ],
)
def test_forwards_tell_their_origin(forward: Forward, line: str) -> None:
    """Small, above the text, leading to the origin; to its counterpart here if there is one."""
    copy = made(of={"forward": forward}, links={"https://t.me/c/1/5": ANSWERED})
    first, text = content(copy).splitlines()
    assert markup.parse(first) == markup.parse(line)
    assert text == "hi"


def test_what_happened_is_said_by_matebot() -> None:
    """One small line under MateBot's name, without the person's picture."""
    copy = made("Ana", of={"happening": Happening.JOINED})
    part = one(copy, avatar_url="https://x/a.png")
    assert part.content(as_bot=False).startswith("-# en:happening-joined Zoe Ana")
    assert (part.username, part.avatar_url) == (OWN, None)
    (part,) = rendered(copy, words, Place(as_bot=True, guild_id=9))
    assert part.content(as_bot=True).startswith("-# en:happening-joined")


def test_what_is_deleted_is_struck() -> None:
    """It is said in small print, and all that was said stays readable, struck."""
    photo = Attachment(AttachmentKind.PHOTO)
    copy = made(plain("so **it** is").styled(Bold()), of={"attachments": (photo,)}, deleted=True)
    first, text, note = content(copy).splitlines()
    assert first == "-# en:deleted"
    assert text.startswith(("~~**", "**~~"))
    assert markup.parse(text).text == "so **it** is"
    assert "~~" in note


def test_links_lead_to_counterparts() -> None:
    """The address of a bridged message, typed or behind words, becomes the one of its copy."""
    post = "https://t.me/c/1/5"
    text = concat(f"see {post}, ", plain("here").styled(Link(post)), " https://t.me/c/1/6")
    assert content(made(text, links={post: ANSWERED})) == (
        f"see {URL}, [here]({URL}) https://t.me/c/1/6"
    )


def test_flags() -> None:
    """A silent message rings nowhere, a suppressed preview stays so; an edit may change that."""
    assert one(made()).flags == 0
    part = one(made(of={"silent": True, "preview": False}))
    assert part.flags == SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS
    assert part.edit_flags == SUPPRESS_EMBEDS


def test_custom_emoji_are_their_fallback() -> None:
    """A picture of Telegram's own is the emoji that stands for it."""
    text = concat("go ", plain("🦊").styled(CustomEmoji("5368324170671202286", fallback="🦊")))
    assert content(made(text)) == "go 🦊"


def test_a_poll_is_readable() -> None:
    """Its question and answers, literally."""
    said = content(made("", of={"poll": Poll("*Who?*", ("_me_", "you"))}))
    assert markup.parse(said).text.splitlines() == [
        "en:note-with-name en:note-poll *Who?*",
        "• _me_",
        "• you",
    ]
