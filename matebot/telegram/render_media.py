"""A message with files on its way into Telegram: its files in order, and what is said with them.

A text of at most 1024 UTF-16 units is the caption of the first file; a longer one, or one whose
first file can bear none, goes ahead as a message of its own. Pure.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from matebot.core.media import LeftOut, Outcome, Ready
from matebot.core.message import Copy
from matebot.core.notes import note
from matebot.core.richtext import RichText
from matebot.core.words import Words
from matebot.telegram import markup
from matebot.telegram.albums import bears_caption, family, grouped
from matebot.telegram.limits import ALBUM_MOST, CAPTION_UNITS
from matebot.telegram.own_files import is_own, own_ready
from matebot.telegram.render import (
    TelegramPart,
    answering,
    named,
    render,
    texts,
    whole,
)

_Caption = tuple[str, tuple[markup.Entity, ...]]
_NONE: _Caption = ("", ())


def rendered(copy: Copy, words: Words, outcomes: Sequence[Outcome]) -> tuple[TelegramPart, ...]:
    """The messages that a copy becomes, in order.

    Args:
        copy: What is said.
        words: The catalogue.
        outcomes: What becomes of each of its attachments.
    """
    files = _files(copy, words, outcomes)
    parts = _with_files(copy, words, outcomes, files) if files else render(copy, words, outcomes)
    return _leaving_out(parts, outcomes)


def together(
    settled: Sequence[tuple[Copy, Sequence[Outcome]]], words: Words
) -> tuple[TelegramPart, ...]:
    """The messages of an album as one again, a part for each (see `album_length`).

    Each keeps what is said below it. The name stands on the first that says something, since an
    album of which two parts speak shows the words of neither.
    """
    speaks = next((n for n, (copy, _) in enumerate(settled) if copy.message.text.text.strip()), 0)
    parts = []
    for number, (copy, known) in enumerate(settled):
        (file, instead), *_ = _files(copy, words, known)
        text = whole(copy, words, known, headed=number == speaks)
        part = _part(copy, file, instead, _caption(text) or _NONE, group=1)
        parts.append(part if number else answering(part, copy))
    return tuple(parts)


def album_length(copies: Sequence[Copy], words: Words) -> int:
    """How many of the first copies stand in one album again; 0 where the first is of none."""
    first = copies[0].message
    if not first.album or not is_own(first):
        return 0
    kind = family(first.attachments[0].kind) if first.attachments else None
    for number, copy in enumerate(copies[:ALBUM_MOST]):
        message = copy.message
        fits = (
            message.album == first.album
            and len(message.attachments) == 1
            and message.attachments[0].file is not None
            and kind is not None
            and family(message.attachments[0].kind) is kind
            and _caption(whole(copy, words, [own_ready(message.attachments[0])])) is not None
        )
        if not fits:
            return max(1, number)
    return min(len(copies), ALBUM_MOST)


def _files(copy: Copy, words: Words, outcomes: Sequence[Outcome]) -> list[tuple[Ready, str]]:
    """The files that go along, each with the note that stands for it where it is refused."""
    pairs = zip(copy.message.attachments, outcomes, strict=False)
    return [
        (outcome, note(attachment, copy.language, words))
        for attachment, outcome in pairs
        if isinstance(outcome, Ready)
    ]


def _with_files(
    copy: Copy, words: Words, outcomes: Sequence[Outcome], files: Sequence[tuple[Ready, str]]
) -> tuple[TelegramPart, ...]:
    notes = iter([instead for _, instead in files])
    caption = _caption(whole(copy, words, outcomes))
    parts: list[TelegramPart] = []
    if caption is None or not bears_caption(files[0][0].kind):
        parts += texts(copy, words, outcomes)
        caption = None
    name = _caption(named(copy, words)) or _NONE
    for number, group in enumerate(grouped([file for file, _ in files]), 1):
        said = name if caption is None or number > 1 else caption
        for file in group:
            album = number if len(group) > 1 else 0
            below = said if bears_caption(file.kind) else _NONE
            parts.append(_part(copy, file, next(notes), below, group=album))
            said = _NONE
    return (answering(parts[0], copy), *parts[1:])


def _part(copy: Copy, file: Ready, instead: str, caption: _Caption, *, group: int) -> TelegramPart:
    text, entities = caption
    return TelegramPart(
        text,
        entities,
        silent=copy.message.silent,
        media=(file,),
        group=group,
        above=copy.message.caption_above,
        instead=instead,
    )


def _caption(text: RichText) -> _Caption | None:
    """A text as a caption; None where it is too long for one."""
    pieces = markup.split(text, CAPTION_UNITS)
    if len(pieces) > 1:
        return None
    return next(((said, tuple(entities)) for said, entities in pieces), _NONE)


def _leaving_out(
    parts: Sequence[TelegramPart], outcomes: Sequence[Outcome]
) -> tuple[TelegramPart, ...]:
    left_out = tuple(outcome for outcome in outcomes if isinstance(outcome, LeftOut))
    first, *rest = parts
    return (replace(first, left_out=left_out), *rest) if left_out else tuple(parts)
