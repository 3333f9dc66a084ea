"""A copy's files, spread over the posts that it is made of. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from matebot.core.errors import FileTooLarge
from matebot.core.media import LeftOut, Outcome, Ready
from matebot.core.message import Attachment, AttachmentKind, Author, Copy, Message
from matebot.core.notes import noted
from matebot.core.richtext import RichText
from matebot.core.words import Words
from matebot.discord import markup
from matebot.discord.limits import CONTENT, FILES, REQUEST_BYTES
from matebot.discord.parts import DiscordPart, Upload

_NOBODY: Final = Author(0, "")


class Files(NamedTuple):
    """What becomes of a message's attachments.

    Attributes:
        uploads: Those that come along.
        left_out: Those that stay behind.
        notes: What stands in the place of each that does not come along, in order.
    """

    uploads: tuple[Upload, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[RichText, ...] = ()


def files_of(copy: Copy, outcomes: Sequence[Outcome], words: Words) -> Files:
    """What comes along with a copy and what does not.

    The files of an original that is gone go with it; their names stay to be struck out.
    """
    message = copy.message
    known = [*outcomes, *[None] * len(message.attachments)] if not copy.deleted else []
    pairs = list(zip(message.attachments, known or [None] * len(message.attachments), strict=False))
    return Files(
        tuple(
            Upload(outcome, _origin(message), _markdown(attachment, copy.language, words))
            for attachment, outcome in pairs
            if isinstance(outcome, Ready)
        ),
        tuple(outcome for _, outcome in pairs if isinstance(outcome, LeftOut)),
        tuple(
            noted(outcome or attachment, copy.language, words)
            for attachment, outcome in pairs
            if not isinstance(outcome, Ready)
        ),
    )


def _markdown(attachment: Attachment, language: str, words: Words) -> str:
    """The note of a file, as markdown on few lines."""
    return next(iter(markup.split(noted(attachment, language, words), CONTENT)), "")


def _origin(message: Message) -> Message:
    """What is needed of a message to fetch its files: all else may change without them."""
    return Message(message.ref, _NOBODY, RichText(), message.attachments, album=message.album)


def with_files(part: DiscordPart, pieces: Sequence[str], files: Files) -> tuple[DiscordPart, ...]:
    """The posts of a text and files: the files below its last piece, sounds that were spoken alone.

    Args:
        part: All of the first post but text and files.
        pieces: The text.
        files: What comes along.
    """
    rest = replace(part, reply_line="", name_line="", pings=())
    posts = [replace(rest if number else part, text=each) for number, each in enumerate(pieces)]
    voices = [each for each in files.uploads if each.ready.kind is AttachmentKind.VOICE]
    others = [each for each in files.uploads if each.ready.kind is not AttachmentKind.VOICE]
    needs_line = bool(part.reply_line or (part.as_bot and part.name_line))
    if not posts and (others or needs_line):
        posts = [part]
    for number, batch in enumerate(_batches(others)):
        if number:
            posts.append(rest)
        posts[-1] = replace(posts[-1], uploads=batch)
    for voice in voices:
        # Through a webhook the first says who speaks should the bot have to post it after all.
        posts.append(replace(rest if posts else part, uploads=(voice,)))
    return replace(posts[0], left_out=files.left_out), *posts[1:]


def _batches(uploads: Sequence[Upload]) -> Iterator[tuple[Upload, ...]]:
    """As many files at once as a post holds."""
    batch: list[Upload] = []
    for upload in uploads:
        if batch and not fit_together([*batch, upload]):
            yield tuple(batch)
            batch = []
        batch.append(upload)
    if batch:
        yield tuple(batch)


def fit_together(uploads: Sequence[Upload]) -> bool:
    """Whether one post holds all these files."""
    size = sum(each.ready.size_bytes for each in uploads)
    return len(uploads) <= FILES and (size <= REQUEST_BYTES or len(uploads) == 1)


def lesser(part: DiscordPart, refused: Exception) -> DiscordPart | None:
    """The next best form of a part that Discord did not take; None where there is none.

    A voice message as a sound; else without its largest file if it was too large, without any if
    something else was wrong: what was said still crosses.
    """
    if not part.uploads:
        return None
    if isinstance(refused, FileTooLarge):
        return without(part, [max(part.uploads, key=lambda upload: upload.ready.size_bytes)])
    if part.may_be_voice and part.uploads[0].ready.kind is AttachmentKind.VOICE:
        return replace(part, may_be_voice=False)
    return without(part, part.uploads)


def without(part: DiscordPart, uploads: Sequence[Upload]) -> DiscordPart:
    """A part without some of its files, their notes in their place as far as there is space."""
    text = part.text
    before = len(part.reply_line) + len(part.name_line)
    for upload in uploads:
        longer = f"{text}\n{upload.note}" if text else upload.note
        text = longer if before + len(longer) <= CONTENT else text
    kept = tuple(each for each in part.uploads if each not in uploads)
    return replace(part, text=text, uploads=kept)
