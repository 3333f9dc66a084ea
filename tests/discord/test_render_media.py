"""A copy's files, spread over posts."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.errors import FileTooLarge, PermanentError
from matebot.core.ids import MessageRef, Room
from matebot.core.media import LeftOut, Outcome, Ready, Reason
from matebot.core.message import Attachment, AttachmentKind, Author, Copy, Message, Reply
from matebot.core.richtext import plain
from matebot.discord.errors import FilesRefused, MissingPermission
from matebot.discord.limits import CONTENT, REQUEST_BYTES
from matebot.discord.parts import IS_VOICE_MESSAGE, DiscordPart, bot_payload, webhook_payload
from matebot.discord.render import Place, render
from matebot.discord.render_media import lesser
from matebot.sandbox.discord import validate
from tests.discord.harness import words

MIB = 1024 * 1024
KINDS = [AttachmentKind.PHOTO, AttachmentKind.VOICE, AttachmentKind.FILE, AttachmentKind.STICKER]


def ready(key: str, kind: AttachmentKind = AttachmentKind.PHOTO, size: int = 5) -> Ready:
    """A file that comes along."""
    return Ready(key, kind, f"{key}.bin", "audio/ogg", size, waveform=b"\x01")


def rendered(
    text: str,
    outcomes: Sequence[Outcome],
    *,
    as_bot: bool = False,
    reply: bool = False,
    deleted: bool = False,
) -> tuple[DiscordPart, ...]:
    """The posts of a text with files."""
    attachments = tuple(Attachment(AttachmentKind.FILE, f"n{n}") for n in range(len(outcomes)))
    answered = Reply(MessageRef(Room.telegram(-1), 3), "Ana", 1, "what?") if reply else None
    ref = MessageRef(Room.telegram(-1), 7)
    message = Message(ref, Author(42, "Zoe"), plain(text), attachments, answered)
    made = Copy(message, None, "en", deleted=deleted)
    return render(made, words, Place(as_bot=as_bot), outcomes)


def keys(parts: Sequence[DiscordPart]) -> list[list[str]]:
    """Which files go with which post."""
    return [[each.ready.key for each in part.uploads] for part in parts]


def test_files_go_below_the_end_of_a_long_text() -> None:
    """A text of several posts has its files with the last of them."""
    parts = rendered("word " * 600, [ready("a"), ready("b")])
    assert keys(parts) == [[], ["a", "b"]]


def test_what_was_spoken_comes_last_and_alone() -> None:
    """Each voice message is a post of its own, behind text and other files."""
    voice = AttachmentKind.VOICE
    parts = rendered("hi", [ready("v", voice), ready("a"), ready("w", voice)])
    assert keys(parts) == [["a"], ["v"], ["w"]]
    flags = [webhook_payload(part)["flags"] & IS_VOICE_MESSAGE for part in parts]
    assert flags == [0, IS_VOICE_MESSAGE, IS_VOICE_MESSAGE]


def test_large_files_go_in_several_posts() -> None:
    """No post is larger than what Discord is known to take."""
    half = REQUEST_BYTES // 2 + 1
    parts = rendered("", [ready("a", size=half), ready("b", size=half), ready("c")])
    assert keys(parts) == [["a"], ["b", "c"]]


def test_what_does_not_come_along_is_named() -> None:
    """Notes stand below the text, for what has no file and for what stays behind."""
    left = LeftOut(Attachment(AttachmentKind.FILE, "big"), Reason.TOO_LARGE, 9)
    (part,) = rendered("hi", [ready("a"), left, None])
    lines = part.text.splitlines()
    assert lines[0] == "hi"
    assert len(lines) == 3
    assert part.left_out == (left,)
    assert keys([part]) == [["a"]]


def test_files_tell_parts_from_others() -> None:
    """Other bytes, another cover or other words are other files; another text is not."""
    file = ready("a")
    texts = [rendered(text, [file])[0].files for text in ("x", "y")]
    others = [
        rendered("x", [other])[0].files
        for other in (
            ready("b"),
            msgspec.structs.replace(file, spoiler=True),
            msgspec.structs.replace(file, alt="a cat"),
        )
    ]
    assert len(set(texts)) == 1
    assert len({texts[0], *others}) == 4
    assert rendered("x", [])[0].files == ""


def test_what_is_refused_becomes_less() -> None:
    """A voice message becomes a sound, then its name; of several the largest goes first."""
    (part,) = rendered("", [ready("v", AttachmentKind.VOICE)])
    for refused in (FilesRefused(""), MissingPermission(""), PermanentError("")):
        sound = lesser(part, refused)
        assert sound is not None
        assert not webhook_payload(sound)["flags"] & IS_VOICE_MESSAGE
        note = lesser(sound, refused)
        assert note is not None
        assert (note.uploads, bool(note.text)) == ((), True)
        assert lesser(note, refused) is None
    (part,) = rendered("hi", [ready("a", size=1), ready("b", size=2)])
    less = lesser(part, FileTooLarge(""))
    assert less is not None
    assert keys([less]) == [["a"]]
    assert less.text.startswith("hi\n")


@given(
    st.text(max_size=3000),
    st.lists(st.sampled_from([*KINDS, None, Reason.GONE]), max_size=25),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_everything_is_taken(
    text: str,
    chosen: list[AttachmentKind | Reason | None],
    as_bot: bool,
    reply: bool,
    deleted: bool,
) -> None:
    """Whatever comes along, every file is sent once, in posts that Discord takes."""
    outcomes: list[Outcome] = []
    for number, each in enumerate(chosen):
        match each:
            case AttachmentKind():
                outcomes.append(ready(f"k{number}", each))
            case Reason():
                outcomes.append(LeftOut(Attachment(AttachmentKind.FILE), each))
            case None:
                outcomes.append(None)
    parts = rendered(text, outcomes, as_bot=as_bot, reply=reply, deleted=deleted)
    sent = [key for part in keys(parts) for key in part]
    expected = [each.key for each in outcomes if isinstance(each, Ready)]
    assert sorted(sent) == (sorted(expected) if not deleted else [])
    for part in parts:
        payload = bot_payload(part) if as_bot else webhook_payload(part)
        assert len(payload["content"]) <= CONTENT
        assert payload["content"].strip() or payload["attachments"]
        assert len(part.uploads) <= 10
        voice = payload["flags"] & IS_VOICE_MESSAGE
        assert not voice or (len(part.uploads) == 1 and not payload["content"])
        fields = validate.MESSAGE if as_bot else validate.WEBHOOK
        bare = {each: told for each, told in payload.items() if each != "attachments"}
        validate.message_body(bare, fields, ())
