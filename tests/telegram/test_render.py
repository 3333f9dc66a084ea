from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from matebot.core.choices import Choices
from matebot.core.ids import MessageRef, Room
from matebot.core.message import (
    Attachment,
    AttachmentKind,
    Author,
    Copy,
    Emoji,
    Forward,
    Happening,
    Message,
    Reply,
    Tally,
)
from matebot.core.notes import human_size, note
from matebot.core.richtext import (
    Bold,
    Code,
    Heading,
    Italic,
    Link,
    Mention,
    Pre,
    RichText,
    Span,
    utf16_length,
)
from matebot.telegram.markup import Entity
from matebot.telegram.render import heading, render
from matebot.words import Catalogue

WORDS = Catalogue.load()
THERE = Room.discord(42)
HERE = Room.telegram(-1001)


def copy(text: RichText | str = "", *, language: str = "en", **fields: Any) -> Copy:
    """A Discord message on its way into Telegram."""
    rich = text if isinstance(text, RichText) else RichText(text)
    reply_to = fields.pop("reply_to", None)
    fields.setdefault("author", Author(9, "Zoë"))
    return Copy(Message(ref=MessageRef(THERE, 1), text=rich, **fields), reply_to, language)


def test_name_in_bold_then_the_text() -> None:
    """The author heads the message in bold, the text follows with its own formatting."""
    (part,) = render(copy(RichText("so so", (Span(3, 5, Italic()),))), WORDS)
    assert part.text == "Zoë\nso so"
    assert part.entities == (Entity("bold", 0, 3), Entity("italic", 7, 2))
    assert (part.reply_to, part.silent) == (None, False)


def test_an_attachment_alone_has_name_and_note() -> None:
    """A file without a text still says who sent what, in the reader's language."""
    file = Attachment(AttachmentKind.FILE, "a*b*.pdf", 1_258_291)
    (english,) = render(copy(attachments=(file,)), WORDS)
    (portuguese,) = render(copy(attachments=(file,), language="pt_BR"), WORDS)
    assert english.text.startswith("Zoë\n")
    assert english.text.endswith("a*b*.pdf (1.2 MB)")
    assert portuguese.text.endswith("a*b*.pdf (1,2 MB)")
    assert english.entities[1].type == "italic"


@pytest.mark.parametrize("kind", AttachmentKind)
def test_each_kind_has_its_words(kind: AttachmentKind) -> None:
    """No kind of attachment shows the catalogue's own id."""
    for language in WORDS.languages:
        assert not note(Attachment(kind), language, WORDS).startswith("note-")


def test_nothing_to_say_is_still_a_message() -> None:
    """An empty or blank text leaves the name alone, never an empty message."""
    assert [part.text for part in render(copy("  \n "), WORDS)] == ["Zoë"]


def test_a_long_text_is_split_and_answers_once() -> None:
    """Every part fits, nothing is lost, and only the first part is the answer."""
    text = RichText("word 🙂 " * 1500, (Span(0, 9000, Bold()),))
    reply = Reply(MessageRef(THERE, 3), "Bo")
    parts = render(copy(text, reply=reply, reply_to=MessageRef(HERE, 77), silent=True), WORDS)
    assert len(parts) == 3
    assert all(0 < utf16_length(part.text) <= 4096 for part in parts)
    assert [part.reply_to for part in parts] == [77, None, None]
    assert all(part.silent for part in parts)
    assert sum(part.text.count("🙂") for part in parts) == 1500


def test_a_reply_without_counterpart_is_a_quote() -> None:
    """What cannot be pointed at is quoted in a line: who, and the first words."""
    reply = Reply(MessageRef(THERE, 3), "Bo", 0, "hey @ann\nyou")
    (part,) = render(copy("yes", reply=reply), WORDS)
    assert part.text == "Zoë\nBo: hey @\u2060ann you\nyes"
    assert Entity("blockquote", 4, 17) in part.entities
    (pointed,) = render(copy("yes", reply=reply, reply_to=MessageRef(HERE, 7)), WORDS)
    assert pointed.text == "Zoë\nyes"


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("  Ann\n Lee ", "Ann Lee"),
        ("@everyone", "@\u2060everyone"),
        ("/start", "/\u2060start"),
        ("\u202eevil", "evil"),
        ("\u200b", ""),
        ("x" * 500, "x" * 128),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ],
)
def test_headings(name: str, head: str) -> None:
    """A name is one harmless line, however odd."""
    assert heading(name) == head


def test_nobody_without_a_name() -> None:
    """A name of which nothing is seen is replaced by words."""
    (part,) = render(copy("x", author=Author(1, "\u200b")), WORDS)
    assert part.text == f"{WORDS('en', 'author-anonymous')}\nx"


def test_indentation_of_code_is_kept() -> None:
    """What stands before the first word of a text belongs to it."""
    (part,) = render(copy(RichText("\n  if x:\n", (Span(1, 8, Pre("py")),))), WORDS)
    assert part.text == "Zoë\n  if x:"
    assert part.entities[1].language == "py"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (1536, "1.5 KB"), (10**9, "954 MB")],
)
def test_sizes(size_bytes: int, text: str) -> None:
    """Sizes read as people write them."""
    assert human_size(size_bytes, "en") == text


@given(st.text(), st.text(max_size=300), st.text(max_size=300))
def test_any_text_becomes_sendable_parts(text: str, name: str, file: str) -> None:
    """Whatever anybody typed, each part is within the limits and never blank."""
    attachment = Attachment(AttachmentKind.FILE, file, 5)
    parts = render(copy(text, author=Author(1, name), attachments=(attachment,)), WORDS)
    assert parts
    for part in parts:
        assert part.text.strip()
        assert utf16_length(part.text) <= 4096
        assert all(e.offset + e.length <= utf16_length(part.text) for e in part.entities)


def test_words_become_no_commands_and_foreign_mentions_no_members() -> None:
    """A command, and a mention from Discord, show but link nothing; paths and code are as typed."""
    text = RichText(
        "/start /a/b @Leo @anasilva `/x` https://e.org/help",
        (
            Span(12, 16, Mention("user", "123", "Leo")),
            Span(17, 26, Mention("user", "anasilva", "anasilva")),
            Span(27, 31, Code()),
        ),
    )
    (part,) = render(copy(text), WORDS)
    shown = "/\u2060start /a/b @\u2060Leo @anasilva `/x` https://e.org/help"
    assert part.text == f"Zoë\n{shown}"


def test_a_tally_is_the_last_line() -> None:
    """Reactions of people elsewhere are counted at the end, custom ones by name."""
    given = (Tally(Emoji("👍"), 2), Tally(Emoji("pepe", "77"), 1))
    (part,) = render(replace(copy("hi"), tally=given), WORDS)
    assert part.text == "Zoë\nhi\n👍 2 · :pepe: 1"
    assert part.entities[-1] == Entity("italic", 7, 15)


def test_a_deleted_original_is_struck_through_and_marked() -> None:
    """Its words stay, struck through, with a mark; the name is not struck, nor a tally shown."""
    given = (Tally(Emoji("👍"), 2),)
    (part,) = render(replace(copy("hi"), tally=given, deleted=True), WORDS)
    assert part.text == "Zoë\nhi\n🗑 deleted"
    assert Entity("strikethrough", 4, 2) in part.entities


def test_where_a_forward_comes_from() -> None:
    """It stands above the text, leading there or to the counterpart here, and pings nobody."""
    (bare,) = render(copy("hi", forward=Forward()), WORDS)
    assert bare.text == "Zoë\n↪ Forwarded\nhi"
    link = "https://discord.com/channels/111111111111111111/222222222222222222/333333333333333333"
    said = copy("hi", forward=Forward("@news", link))
    (there,) = render(said, WORDS)
    assert there.text == "Zoë\n↪ Forwarded from @\u2060news\nhi"
    assert there.entities[1].url == link
    known = {link: MessageRef(Room.telegram(-1001234), 7)}
    (here,) = render(replace(said, links=known), WORDS)
    assert here.entities[1].url == "https://t.me/c/1234/7"


def test_a_happening_has_no_author_above_it() -> None:
    """One small line tells who did what, and pings nobody."""
    happened = copy("", happening=Happening.JOINED, author=Author(9, "@zoe"))
    joined = replace(happened, message=replace(happened.message, text=RichText("@zoe")))
    (part,) = render(joined, WORDS)
    assert "\n" not in part.text
    assert "@\u2060zoe" in part.text
    assert [entity.type for entity in part.entities] == ["italic"]


def test_an_answer_to_what_is_gone() -> None:
    """What was deleted is no longer quoted: it says so."""
    reply = Reply(MessageRef(THERE, 3), "Bo", 0, "secret", gone=True)
    (part,) = render(copy("yes", reply=reply), WORDS)
    assert part.text == "Zoë\nBo: deleted message\nyes"


@pytest.mark.parametrize(
    ("quote", "excerpt", "kept"),
    [
        ("the part", "has the part in it", "the part"),
        ("not", "has the part in it", ""),
        ("a /word", "with a /word in it", ""),
        ("", "has the part in it", ""),
    ],
)
def test_quotes_that_are_known_to_stand_there(quote: str, excerpt: str, kept: str) -> None:
    """Only what surely stands in the answered message is quoted natively."""
    reply = Reply(MessageRef(THERE, 3), "Bo", 0, excerpt, quote)
    (part,) = render(copy("yes", reply=reply, reply_to=MessageRef(HERE, 7)), WORDS)
    assert (part.reply_to, part.quote) == (7, kept)


def test_links_to_bridged_messages_lead_to_their_counterparts() -> None:
    """Typed and behind words; what only begins alike, or has no address here, stays."""
    base = "https://discord.com/channels/111111111111111111/222222222222222222/"
    one, two, three = (f"{base}{digit * 18}" for digit in "345")
    text = RichText(
        f"{one} {two} words {one}1", (Span(len(one) * 2 + 2, len(one) * 2 + 7, Link(one)),)
    )
    links = {one: MessageRef(Room.telegram(-1001234), 7), two: MessageRef(Room.telegram(-5), 8)}
    (part,) = render(replace(copy(text), links=links | {three: links[one]}), WORDS)
    here = "https://t.me/c/1234/7"
    assert part.text == f"Zoë\n{here} {two} words {one}1"
    (behind,) = (entity for entity in part.entities if entity.type == "text_link")
    assert behind.url == here
    assert part.text[behind.offset :].startswith("words")


def test_usernames_are_a_choice() -> None:
    """An @name that somebody typed mentions, unless the bridge switched that off; never in URLs."""
    said = copy("hi @ana https://x.org/?q=@bob `@c` a@b.org")
    (on,) = render(said, WORDS)
    assert "\u2060" not in on.text
    (off,) = render(replace(said, choices=Choices(usernames=False)), WORDS)
    assert off.text == "Zoë\nhi @\u2060ana https://x.org/?q=@bob `@c` a@b.org"


def test_previews_are_as_the_author_wanted() -> None:
    """Suppressed previews stay suppressed."""
    assert [part.preview for part in render(copy("x", preview=False), WORDS)] == [False]
    assert [part.preview for part in render(copy("x"), WORDS)] == [True]


def test_headings_and_lists_are_rich() -> None:
    """With the plain form beside it; not where the bridge does not want it, nor in pieces."""
    text = RichText("Big\nsmall", (Span(0, 3, Heading(1)),))
    (part,) = render(copy(text), WORDS)
    assert part.rich == "<p><b>Zoë</b></p><h1>Big</h1><p>small</p>"
    assert part.text == "Zoë\nBig\nsmall"
    (plain,) = render(replace(copy(text), choices=Choices(rich=False)), WORDS)
    assert (plain.rich, plain.text) == ("", part.text)
    (bold,) = render(copy(RichText("x", (Span(0, 1, Bold()),))), WORDS)
    assert bold.rich == ""
    long = RichText("Big\n" + "word " * 1000, (Span(0, 3, Heading(1)),))
    assert [each.rich for each in render(copy(long), WORDS)] == ["", ""]
