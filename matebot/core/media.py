"""Files on their way: what a room takes, what becomes of each file, and who brings that about.

A file is known by a key that tells its bytes and the form that they are sent in. Pure, and the
protocols between those who have files (each platform), who keeps and converts them, and who sends
them.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from matebot.core.ids import MessageRef, Platform
from matebot.core.message import Attachment, AttachmentKind, File, Message


def has_files(message: Message) -> bool:
    """Whether something came with a message that can be fetched."""
    return any(attachment.file is not None for attachment in message.attachments)


class Takes(NamedTuple):
    """What a room takes.

    Attributes:
        platform: Whose room it is: each shows its own formats in place.
        most_bytes: The largest file.
    """

    platform: Platform
    most_bytes: int


class Ready(msgspec.Struct, frozen=True):
    """A file as it is to be sent.

    Attributes:
        key: Names these bytes in this form, sent as this kind, for ever; at most 200 characters,
            unfit for a path.
        kind: As what it is sent: a photo that is too large may go as a file, for one.
        name: Its file name, fit to be shown and saved anywhere.
        mime: Its type.
        size_bytes: Its size.
        width: In pixels; 0 if unknown.
        height: In pixels; 0 if unknown.
        duration_s: How long it plays, in seconds; 0 if unknown.
        waveform: How loud a voice message is over its time: up to 256 samples of 0 to 255.
        spoiler: Whether it is to be covered.
        alt: What it shows, in words.
    """

    key: str
    kind: AttachmentKind
    name: str
    mime: str
    size_bytes: int
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    waveform: bytes = b""
    spoiler: bool = False
    alt: str = ""


class Reason(StrEnum):
    """Why a file stays behind; each has its words, ``left-out-NAME``, in the catalogue."""

    TOO_LARGE = "too-large"
    GONE = "gone"
    BROKEN = "broken"


class LeftOut(msgspec.Struct, frozen=True):
    """A file that does not go along: a note stands in its place.

    Attributes:
        attachment: What it was.
        reason: Why.
        most_bytes: What would have been taken, where it was too large.
    """

    attachment: Attachment
    reason: Reason
    most_bytes: int = 0


Outcome = Ready | LeftOut | None
"""What becomes of an attachment; None of one that has no file, and is but a note."""


class Media(Protocol):
    """Fetches, converts and keeps files."""

    def foresee(self, message: Message, takes: Takes) -> None:
        """Begin to fetch and convert a message's files ahead of its turn, as far as there is room.

        It returns at once and promises nothing.
        """
        ...

    async def outcomes(
        self, message: Message, takes: Takes, *, fetch: bool = True
    ) -> Sequence[Outcome]:
        """What becomes of each attachment of a message, in order.

        Args:
            message: Whose files.
            takes: What the room takes.
            fetch: Whether the bytes are to lie ready for `path` as well, as far as is possible;
                without it only what is not known yet is looked at.

        Raises:
            TemporaryError: Its own service does not hand a file out now.
        """
        ...

    async def path(self, message: Message, ready: Ready, takes: Takes) -> Path:
        """Where a file's bytes lie, for long enough to begin to read them; fetched if need be.

        Raises:
            TemporaryError: They are not there now; another attempt may find them.
            PermanentError: They are not there any more.
        """
        ...


class Opened(NamedTuple):
    """A file at its service, open for reading.

    Attributes:
        size_bytes: Its size, if it is told.
        chunks: Its bytes, as they come; what is not read is not fetched.
    """

    size_bytes: int | None
    chunks: AsyncIterator[bytes]


class FileSource(Protocol):
    """Where the files of one platform's messages come from.

    Attributes:
        most_bytes: The largest file that the service hands out.
    """

    most_bytes: int

    def open(self, file: File, of: MessageRef) -> AbstractAsyncContextManager[Opened]:
        """Read a file from its beginning, by a fresh address where the old one has expired.

        Args:
            file: Which.
            of: The message that it came with.

        Raises:
            FileTooLarge: The service hands out no file of that size.
            MessageGone: There is no such file any more.
            TemporaryError: It cannot be read now; also from the chunks.
        """
        ...


class Sent(NamedTuple):
    """What is known of a file that was fetched or sent before.

    Attributes:
        outcome: What became of it; None where only the remote is known.
        remote: How the destination's service finds it, so that it need not be sent again; empty
            if it does not keep files for us.
    """

    outcome: Ready | LeftOut | None
    remote: str = ""


class FileBook(Protocol):
    """Remembers files by their keys; forgets those that were long not used."""

    async def known(self, keys: Sequence[str]) -> dict[str, Sent]:
        """What is known of those of the keys of which anything is."""
        ...

    async def note(self, key: str, outcome: Ready | LeftOut) -> None:
        """Remember what became of a file."""
        ...

    async def note_remote(self, key: str, remote: str) -> None:
        """Remember how the destination's service finds a file; empty: it does not any more."""
        ...
