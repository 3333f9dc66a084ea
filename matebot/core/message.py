"""What people say, and what it becomes on its way.

Everything here is frozen and serialises in one step, since it rests in the database.
"""

from enum import StrEnum

import msgspec

from matebot.core.choices import DEFAULTS, Choices
from matebot.core.ids import MessageRef
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
    LIVE_LOCATION = "live-location"
    CHECKLIST = "checklist"
    INVOICE = "invoice"
    PAID_MEDIA = "paid-media"
    GIFT = "gift"
    GIVEAWAY = "giveaway"
    GIVEAWAY_WINNERS = "giveaway-winners"
    OTHER = "other"


class File(msgspec.Struct, frozen=True):
    """A file as the service keeps it that it was sent to.

    Attributes:
        source: How that service finds it: Telegram's ``file_id``, Discord's address of it. It may
            change and expire, the file stays the same.
        unique: The same for as long as the bytes are the same; never empty.
        mime: Its type as the service tells it, such as ``image/png``; empty if it does not.
        width: In pixels; 0 if unknown.
        height: In pixels; 0 if unknown.
        duration_s: How long it plays; 0 if unknown, or if it does not play.
        waveform: How loud a voice message is over its time: up to 256 samples of 0 to 255.
        spoiler: Whether it is covered until somebody wants to see it.
        alt: What it shows, in words.
        thumbnail: The source of a still picture of it; empty if there is none.
    """

    source: str
    unique: str
    mime: str = ""
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    waveform: bytes = b""
    spoiler: bool = False
    alt: str = ""
    thumbnail: str = ""

    def __post_init__(self) -> None:
        """Take a number for unknown that no file has: services tell what its header claims."""
        for name, unknown in (("width", 0), ("height", 0), ("duration_s", 0.0)):
            if not 0 <= getattr(self, name) < 2**31:
                msgspec.structs.force_setattr(self, name, unknown)


class Attachment(msgspec.Struct, frozen=True):
    """Something that is not text.

    Attributes:
        kind: What it is.
        name: Its file name or title, if it has one.
        size_bytes: Its size, if it is known.
        detail: More about it, plain, a line or several; empty if there is none.
        link: An address that leads to it, or shows it.
        file: What can be fetched of it; None where that is nothing.
    """

    kind: AttachmentKind
    name: str | None = None
    size_bytes: int | None = None
    detail: str = ""
    link: str | None = None
    file: File | None = None


class Emoji(msgspec.Struct, frozen=True, order=True):
    """What people react with.

    Attributes:
        text: The emoji itself, or the bare name of a custom one.
        custom_id: The native id of a custom one; empty for one of Unicode's.
    """

    text: str
    custom_id: str = ""


class Tally(msgspec.Struct, frozen=True):
    """How many people of the other rooms reacted with an emoji."""

    emoji: Emoji
    count: int


class Forward(msgspec.Struct, frozen=True):
    """Where something that was passed on comes from.

    Attributes:
        origin: The name of who said it first; empty if it is not told.
        link: Its address, if it has a public one.
    """

    origin: str = ""
    link: str | None = None


class Poll(msgspec.Struct, frozen=True):
    """A question with answers to choose from.

    Attributes:
        question: Plain.
        options: The answers, plain, in order.
        votes: How many chose each, as far as it is known; empty if it is not.
        multiple: Whether one may choose several.
        quiz: Whether one of them is right (which one is never passed on before its end).
        closes_at: Unix seconds of its end, if it has one.
        closed: Whether it has ended.
        id: Its own native id, where it has one apart from its message's (Telegram).
        own: Whether MateBot asks it, in every room of a bridge, and counts them together.
    """

    question: str
    options: tuple[str, ...]
    votes: tuple[int, ...] = ()
    multiple: bool = False
    quiz: bool = False
    closes_at: float | None = None
    closed: bool = False
    id: str = ""
    own: bool = False


class Happening(StrEnum):
    """What is told of a room; each has its words, ``happening-NAME``, in the catalogue.

    See `matebot.core.happenings.told`. ``OTHER`` is told by its details alone.
    """

    JOINED = "joined"
    LEFT = "left"
    TITLE = "title"
    BOOST = "boost"
    BOOSTS = "boosts"
    BOOST_LEVEL = "boost-level"
    THREAD = "thread"
    FOLLOW = "follow"
    STAGE_START = "stage-start"
    STAGE_END = "stage-end"
    STAGE_TOPIC = "stage-topic"
    STAGE_SPEAKER = "stage-speaker"
    POLL_ENDED = "poll-ended"
    EVENT_NEW = "event-new"
    EVENT_STARTED = "event-started"
    EVENT_ENDED = "event-ended"
    EVENT_CANCELLED = "event-cancelled"
    VIDEO_CHAT = "video-chat"
    VIDEO_CHAT_ENDED = "video-chat-ended"
    VIDEO_CHAT_PLANNED = "video-chat-planned"
    VIDEO_CHAT_INVITED = "video-chat-invited"
    GROUP_BOOSTS = "group-boosts"
    GROUP_PHOTO = "group-photo"
    NO_GROUP_PHOTO = "no-group-photo"
    BACKGROUND = "background"
    AUTO_DELETE = "auto-delete"
    NO_AUTO_DELETE = "no-auto-delete"
    TOPIC_OPENED = "topic-opened"
    TOPIC_CLOSED = "topic-closed"
    TOPIC_REOPENED = "topic-reopened"
    OWNER = "owner"
    OWNER_LEFT = "owner-left"
    TASKS_DONE = "tasks-done"
    TASKS_UNDONE = "tasks-undone"
    TASKS_ADDED = "tasks-added"
    OPTION_ADDED = "option-added"
    OPTION_REMOVED = "option-removed"
    NEARBY = "nearby"
    GIVEAWAY = "giveaway"
    GIVEAWAY_ENDED = "giveaway-ended"
    SKIPPED = "skipped"
    OTHER = "other"


class Reply(msgspec.Struct, frozen=True):
    """What a message answers.

    Attributes:
        to: The message answered, in the same room as the answer.
        author: The name of who wrote it, as seen there.
        author_id: Their native id, 0 if unknown.
        excerpt: Its first words, plain, on one line.
        quote: The part that the answer quotes, plain; empty where it quotes none.
        pings: Whether the answer rings for who is answered.
        gone: Whether the message answered is known to be deleted.
    """

    to: MessageRef
    author: str
    author_id: int = 0
    excerpt: str = ""
    quote: str = ""
    pings: bool = True
    gone: bool = False


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
        forward: Where it comes from, if it was passed on.
        poll: The poll that it is.
        happening: What happened, where nobody said anything: ``text`` holds the details.
        protected: Whether its room asks that it is not passed on.
        preview: Whether links in it show a preview.
        album: Names the pictures that were sent together as messages of their own (Telegram);
            empty if it is by itself.
        caption_above: Whether the text stands above the pictures.
    """

    ref: MessageRef
    author: Author
    text: RichText
    attachments: tuple[Attachment, ...] = ()
    reply: Reply | None = None
    sent_at: float = 0.0
    silent: bool = False
    forward: Forward | None = None
    poll: Poll | None = None
    happening: Happening | None = None
    protected: bool = False
    preview: bool = True
    album: str = ""
    caption_above: bool = False


class Copy(msgspec.Struct, frozen=True):
    """A message on its way into one room: all that its rendering there needs to know.

    Attributes:
        message: The original, as it is now.
        reply_to: What the original answers, as it stands in the destination; None where the
            original answers nothing or the answered message has no counterpart there.
        language: The destination's language, such as ``en`` or ``pt_BR``.
        choices: What the bridge's people chose.
        deleted: Whether the original is gone and its copies are to say so.
        tally: The reactions of people elsewhere, most numerous first; empty if no line is wanted.
        links: For each address in the text that names a bridged message: what stands for it in
            the destination.
        answered_author: The native id of who is answered, where that person's own message, and
            not a copy of it, stands in the destination; else None.
        late: Whether readers are told when it was said.
        stands: Whether it has copies there already, so that its files may be there, too.
    """

    message: Message
    reply_to: MessageRef | None
    language: str
    choices: Choices = DEFAULTS
    deleted: bool = False
    tally: tuple[Tally, ...] = ()
    links: dict[str, MessageRef] = {}
    late: bool = False
    answered_author: int | None = None
    stands: bool = False
