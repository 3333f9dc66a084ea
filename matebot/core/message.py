"""What people say, and what happens to it: the events that readers make and the relay takes.

Everything here is frozen and serialises in one step, since it rests in the database.
"""

from enum import StrEnum

import msgspec

from matebot.core.ids import MessageRef, Room
from matebot.core.richtext import RichText


class Author(msgspec.Struct, frozen=True):
    """Who said something.

    Attributes:
        id: The native id of the user, or of the chat that speaks (a channel, an anonymous
            administrator); 0 where there is none.
        name: As people see it there.
        username: Without ``@``, where there is one.
        is_bot: Whether a program speaks.
    """

    id: int
    name: str
    username: str | None = None
    is_bot: bool = False


class AttachmentKind(StrEnum):
    """What comes with a text, or in its place; each has its word in the catalogue."""

    PHOTO = "photo"
    VIDEO = "video"
    ANIMATION = "animation"
    AUDIO = "audio"
    VOICE = "voice"
    VIDEO_NOTE = "video-note"
    STICKER = "sticker"
    FILE = "file"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    DICE = "dice"
    GAME = "game"
    STORY = "story"
    EMBED = "embed"
    OTHER = "other"


class Attachment(msgspec.Struct, frozen=True):
    """Something that is not text.

    Attributes:
        kind: What it is.
        name: Its file name or title, if it has one.
        size_bytes: Its size, if it is known.
    """

    kind: AttachmentKind
    name: str | None = None
    size_bytes: int | None = None


class Reply(msgspec.Struct, frozen=True):
    """What a message answers.

    Attributes:
        to: The message answered, in the same room as the answer.
        author: The name of who wrote it, as seen there.
        author_id: Their native id, 0 if unknown.
        excerpt: Its first words, plain, on one line.
    """

    to: MessageRef
    author: str
    author_id: int = 0
    excerpt: str = ""


class Message(msgspec.Struct, frozen=True):
    """What was said, whole.

    Attributes:
        ref: Where it stands.
        author: Who said it.
        text: The text or caption.
        attachments: What came with it, in order.
        reply: What it answers.
        sent_at: Unix seconds.
        silent: Whether it was sent without a sound.
    """

    ref: MessageRef
    author: Author
    text: RichText
    attachments: tuple[Attachment, ...] = ()
    reply: Reply | None = None
    sent_at: float = 0.0
    silent: bool = False


class Posted(msgspec.Struct, frozen=True, tag=True):
    """Somebody said something."""

    message: Message


class Edited(msgspec.Struct, frozen=True, tag=True):
    """A message is now as given (perhaps in no way that a reader sees)."""

    message: Message


class Deleted(msgspec.Struct, frozen=True, tag=True):
    """Messages of one room are gone."""

    refs: tuple[MessageRef, ...]


class Moved(msgspec.Struct, frozen=True, tag=True):
    """A chat has a new id: a Telegram group became a supergroup."""

    old: Room
    new: Room


Event = Posted | Edited | Deleted | Moved


class Button(msgspec.Struct, frozen=True):
    """A button below a notice.

    Attributes:
        label: What stands on it.
        action: What comes back when it is pressed; 1 to 64 bytes.
    """

    label: str
    action: str


class Notice(msgspec.Struct, frozen=True):
    """What MateBot itself says in a room.

    Attributes:
        text: What it says.
        only_for: The native id of the one person who may see it; None is everybody. Where the room
            cannot show it to one person alone, it goes to that person in private.
        reply_to: The id of the message that it answers in that room.
        buttons: Below it, in one row.
        or_else: Said to everybody in the room in place of ``text`` when ``only_for`` could not be
            reached in private; it must hold nothing private.
    """

    text: RichText
    only_for: int | None = None
    reply_to: int | None = None
    buttons: tuple[Button, ...] = ()
    or_else: RichText | None = None


class Copy(msgspec.Struct, frozen=True):
    """A message on its way into one room: all that its rendering there needs to know.

    Attributes:
        message: The original, as it is now.
        reply_to: What the original answers, as it stands in the destination; None where the
            original answers nothing or the answered message has no counterpart there.
        language: The destination's language, such as ``en`` or ``pt_BR``.
    """

    message: Message
    reply_to: MessageRef | None
    language: str
