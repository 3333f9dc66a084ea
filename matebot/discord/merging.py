"""Several copies of one author's as one post in Discord. Pure.

Under pressure texts go as lines of one post; the pictures of an album always do.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from matebot.core.media import Outcome, has_files
from matebot.core.message import AttachmentKind, Copy
from matebot.core.words import Words
from matebot.discord.limits import CONTENT
from matebot.discord.parts import DiscordPart
from matebot.discord.render import Place, render
from matebot.discord.render_media import fit_together


class Brought(NamedTuple):
    """A copy, and what becomes of its attachments."""

    copy: Copy
    outcomes: Sequence[Outcome] = ()


def together(brought: Sequence[Brought], words: Words, place: Place) -> tuple[DiscordPart, ...]:
    """The posts that several copies of one author's become; one where they fit."""
    every = [render(each.copy, words, place, each.outcomes) for each in brought]
    if len(every) == 1:
        return every[0]
    firsts = [parts[0] for parts in every]
    if any(len(parts) > 1 for parts in every) or not _fit(firsts):
        return tuple(part for parts in every for part in parts)
    return (_joined(firsts),)


def most_together(brought: Sequence[Brought], words: Words, place: Place) -> int:
    """How many of the first copies fit one post: a webhook's post has one name; at least 1."""
    parts: list[DiscordPart] = []
    for number, (copy, outcomes) in enumerate(brought):
        rendered = render(copy, words, place, outcomes)
        if (
            (number > 0 and not _go_together(brought[0].copy, copy))
            or len(rendered) > 1
            or rendered[0].ballot is not None
            or not _fit([*parts, rendered[0]])
        ):
            return max(1, number)
        parts.append(rendered[0])
    return len(brought)


def candidates(copies: Sequence[Copy]) -> Sequence[Copy]:
    """The first copies, as far as they might become one post, whatever comes of their files."""
    number = 1
    while number < len(copies) and _go_together(copies[0], copies[number]):
        number += 1
    return copies[:number]


def _go_together(first: Copy, other: Copy) -> bool:
    """Whether a copy is of a kind with the first: texts of one author, or one album of theirs."""
    one, message = first.message, other.message
    return (
        message.author == one.author
        and message.silent == one.silent
        and message.preview == one.preview
        and one.happening is None
        and message.happening is None
        and message.album == one.album
        and (bool(one.album) or not (has_files(one) or has_files(message)))
    )


def _fit(parts: Sequence[DiscordPart]) -> bool:
    """Whether one post holds them; what was spoken stands alone."""
    if len(parts) == 1:
        return True
    uploads = [upload for part in parts for upload in part.uploads]
    voice = any(each.ready.kind is AttachmentKind.VOICE for each in uploads)
    return not voice and fit_together(uploads) and _length(_joined(parts)) <= CONTENT


def _joined(parts: Sequence[DiscordPart]) -> DiscordPart:
    """One part for several; what the later ones answer stands above their own words."""
    first, *rest = parts
    lines = [first.text, *(part.reply_line + part.text for part in rest)]
    return replace(
        first,
        text="\n".join(line for line in lines if line),
        pings=tuple(dict.fromkeys(person for part in parts for person in part.pings)),
        uploads=tuple(upload for part in parts for upload in part.uploads),
        left_out=tuple(each for part in parts for each in part.left_out),
    )


def _length(part: DiscordPart) -> int:
    return len(part.reply_line) + len(part.name_line) + len(part.text)
