from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matebot.core.ids import MessageRef, Room
from matebot.core.media import LeftOut, Outcome, Ready, Reason
from matebot.core.message import (
    Attachment,
    AttachmentKind,
    Author,
    Copy,
    Emoji,
    File,
    Message,
    Tally,
)
from matebot.core.richtext import RichText, utf16_length
from matebot.telegram.albums import bears_caption, family, grouped
from matebot.telegram.markup import Entity
from matebot.telegram.own_files import own_outcomes, own_source, resendable
from matebot.telegram.render_media import rendered
from matebot.words import Catalogue

WORDS = Catalogue.load()
K = AttachmentKind
FILES = (K.PHOTO, K.VIDEO, K.ANIMATION, K.AUDIO, K.VOICE, K.VIDEO_NOTE, K.STICKER, K.FILE)


def ready(kind: K, number: int = 0, **more: Any) -> Ready:
    """A file that goes along."""
    return Ready(f"key {number}", kind, f"{number}.x", "", 5, **more)


def copy(text: str, outcomes: list[Outcome], **fields: Any) -> Copy:
    """A Discord message with an attachment for each outcome."""
    how = {name: fields.pop(name) for name in ("tally", "deleted") if name in fields}
    attachments = tuple(
        Attachment(each.kind if isinstance(each, Ready) else K.FILE, f"{number}.x", 5)
        for number, each in enumerate(outcomes)
    )
    message = Message(
        MessageRef(Room.discord(1), 2), Author(3, "Zoë"), RichText(text), attachments, **fields
    )
    return Copy(message, MessageRef(Room.telegram(-1001), 7), "en", **how)


@given(st.lists(st.sampled_from(FILES), max_size=25))
def test_groups_keep_order_and_the_rules_of_albums(kinds: list[K]) -> None:
    """Every file is in one group, in order; a group is of one family and of ten at most."""
    files = [ready(kind, number) for number, kind in enumerate(kinds)]
    groups = grouped(files)
    assert [file for group in groups for file in group] == files
    for group in groups:
        families = {family(file.kind) for file in group}
        assert len(families) == 1
        assert len(group) == 1 or (None not in families and len(group) <= 10)


@given(
    st.text(max_size=40) | st.integers(1000, 1030).map("x".__mul__),
    st.lists(st.sampled_from(FILES), min_size=1, max_size=12),
    st.booleans(),
)
def test_parts_keep_every_file_within_the_limits(text: str, kinds: list[K], gone: bool) -> None:
    """Texts and captions fit, albums have neighbours, the answer is the first part's alone."""
    outcomes: list[Outcome] = [ready(kind, number) for number, kind in enumerate(kinds)]
    parts = rendered(copy(text, outcomes, deleted=gone), WORDS, outcomes)
    assert [part.media[0] for part in parts if part.media] == outcomes
    assert [part.reply_to for part in parts] == [7] + [None] * (len(parts) - 1)
    for part in parts:
        assert utf16_length(part.text) <= (1024 if part.media else 4096)
        assert part.media or part.text
        assert not part.media or bears_caption(part.media[0].kind) or not part.text
        assert not part.group or sum(each.group == part.group for each in parts) > 1


def test_what_stays_behind_is_noted_and_told() -> None:
    """A file left out has its line and its reason; the others go along."""
    lost = LeftOut(Attachment(K.FILE, "big.iso", 5, link="https://x.example/1"), Reason.TOO_LARGE)
    outcomes: list[Outcome] = [ready(K.PHOTO), lost]
    (part,) = rendered(copy("look", outcomes), WORDS, outcomes)
    assert part.left_out == (lost,)
    assert part.text.startswith("Zoë\nlook\n")
    assert "big.iso" in part.text
    assert any(entity.url == "https://x.example/1" for entity in part.entities)
    (part,) = rendered(copy("look", [lost]), WORDS, [lost])
    assert part.left_out == (lost,)
    assert not part.media


def test_what_a_picture_shows_is_said_below() -> None:
    """A description stands in italics below the words; who gave none reads none."""
    outcomes: list[Outcome] = [ready(K.PHOTO, alt="a @cat"), ready(K.PHOTO, 1)]
    first, second = rendered(copy("look", outcomes), WORDS, outcomes)
    assert first.text == "Zoë\nlook\n🖼 a @\u2060cat"
    assert first.entities[-1] == Entity("italic", 9, 10)
    assert second.text == ""


def test_reactions_stand_in_the_caption() -> None:
    """What people elsewhere react with is counted below the words."""
    outcomes: list[Outcome] = [ready(K.PHOTO)]
    tally = (Tally(Emoji("👍"), 2),)
    (part,) = rendered(copy("look", outcomes, tally=tally), WORDS, outcomes)
    assert part.text == "Zoë\nlook\n👍 2"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ready(K.PHOTO), ready(K.PHOTO, width=9), True),
        (ready(K.PHOTO), ready(K.PHOTO, spoiler=True), False),
        (ready(K.PHOTO), ready(K.PHOTO, 1), False),
    ],
    ids=["facts", "covered", "bytes"],
)
def test_parts_tell_their_files(one: Ready, other: Ready, *, same: bool) -> None:
    """Other bytes or another cover make another file, other facts do not."""
    (first,) = rendered(copy("", [one]), WORDS, [one])
    (second,) = rendered(copy("", [other]), WORDS, [other])
    assert (first.files == second.files) is same


def test_only_a_live_photos_own_film_goes_with_its_still() -> None:
    """An animation that merely follows a picture stays what it is."""
    still = Attachment(K.PHOTO, file=File("l", "lu", "image/jpeg", thumbnail="s"))
    film = Attachment(K.ANIMATION, file=File("f", "fu", "video/mp4", thumbnail="l"))
    other = Attachment(K.ANIMATION, file=File("g", "gu", "video/mp4", thumbnail="t"))
    message = Message(
        MessageRef(Room.telegram(-1002), 1), Author(5, "Ann"), RichText(), (still, film, other)
    )
    settled = resendable(Copy(message, None, "en")).message
    assert settled.attachments == (still, other)
    first, second = own_outcomes(settled)
    assert first is not None
    assert second is not None
    assert own_source(message, first) == (K.PHOTO, "l", "f")
    assert own_source(message, second) == (K.ANIMATION, "g", "")
