"""In which forms a file may be sent to a room, best first, before anything of it is fetched.

Pure. A form's key is made of the file's own name at its service, of what is made of it and of what
the room takes; so the same sticker is known again in any message.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from msgspec.structs import replace

from matebot.core.ids import Platform
from matebot.core.media import Ready, Takes
from matebot.core.message import Attachment, AttachmentKind, File
from matebot.media.conversion import (
    MAKES,
    NO_LIMITS,
    VERSION,
    Conversion,
    Facts,
    Limits,
)
from matebot.media.names import fit_name, mime_of, renamed

#: What Telegram takes as a photo: https://core.telegram.org/bots/api#sendphoto (2026-11-24).
TELEGRAM_PHOTO: Final = Limits(most_bytes=10_000_000, most_sides=10_000, most_ratio=20)
TELEGRAM_PHOTOS: Final = frozenset({"", "image/jpeg", "image/png", "image/webp"})
#: https://core.telegram.org/bots/api#sendanimation, #sendaudio and #sendvideo (2026-11-24).
TELEGRAM_ANIMATIONS: Final = frozenset({"", "image/gif", "video/mp4"})
TELEGRAM_AUDIO: Final = frozenset(
    {"audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/m4a"}
)
TELEGRAM_VIDEOS: Final = frozenset({"", "video/mp4"})
#: https://core.telegram.org/bots/api#sendvoice (2026-11-24); it plays others, too, but as music.
TELEGRAM_VOICE: Final = frozenset({"audio/ogg", "audio/opus"})
MOVING_STICKERS: Final = frozenset(
    {"application/json", "application/x-tgsticker", "image/apng", "image/gif", "video/webm"}
)
LONGEST_UNIQUE: Final = 64
#: https://datatracker.ietf.org/doc/html/rfc6838#section-4.2, without those that hold other parts.
_MIME: Final = re.compile(
    r"(?!multipart/|message/)[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"
)

K, C = AttachmentKind, Conversion
#: What has a file may be sent as one of these; whatever else it was is told by the file's type.
_SENT_AS: Final = frozenset(
    {K.PHOTO, K.VIDEO, K.ANIMATION, K.AUDIO, K.VOICE, K.VIDEO_NOTE, K.STICKER, K.FILE}
)


class Form(NamedTuple):
    """One way of sending a file.

    Attributes:
        key: Of the result, see `matebot.core.media.Ready`.
        raw: Of what it is made from: the file as its service keeps it.
        file: What to fetch.
        kind: As what it is sent.
        name: Its file name.
        mime: Its type.
        size_bytes: That of what is fetched; None if it is not known.
        most_bytes: The largest result that may be sent so.
        conversion: What is made of it; None if it is sent as it is.
        limits: What the conversion has to keep to.
    """

    key: str
    raw: str
    file: File
    kind: AttachmentKind
    name: str
    mime: str
    size_bytes: int | None
    most_bytes: int
    conversion: Conversion | None = None
    limits: Limits = NO_LIMITS

    def as_it_is(self, attachment: Attachment, size_bytes: int) -> Ready:
        """What is sent where nothing is made of the file."""
        file = self.file
        return self.worded(
            Ready(
                self.key,
                self.kind,
                self.name,
                self.mime,
                size_bytes,
                file.width,
                file.height,
                file.duration_s,
                file.waveform,
            ),
            attachment,
        )

    def made(self, attachment: Attachment, facts: Facts) -> Ready:
        """What is sent of a conversion's result."""
        file = self.file
        return self.worded(
            Ready(
                self.key,
                self.kind,
                self.name,
                facts.mime or self.mime,
                facts.size_bytes,
                facts.width,
                facts.height,
                facts.duration_s or file.duration_s,
                facts.waveform or file.waveform,
            ),
            attachment,
        )

    def worded(self, ready: Ready, attachment: Attachment) -> Ready:
        """A file that is known, under the name and with the words of this message's."""
        file = attachment.file
        spoiler, alt = (file.spoiler, file.alt) if file is not None else (False, "")
        return replace(ready, kind=self.kind, name=self.name, spoiler=spoiler, alt=alt)


def forms(
    attachment: Attachment, origin: Platform, takes: Takes, *, shrink_videos: bool = False
) -> tuple[Form, ...]:
    """The ways of sending an attachment's file, best first.

    Args:
        attachment: Which.
        origin: Where it was sent.
        takes: What the room takes that it goes to.
        shrink_videos: Whether films that are too large are made smaller.

    Returns:
        Those that are not known to be too large; none of what has no file.
    """
    if attachment.file is None:
        return ()
    maker = _Maker(attachment, attachment.file, origin, takes)
    if takes.platform is Platform.DISCORD:
        found = _for_discord(maker, shrink_videos=shrink_videos)
    elif origin is Platform.TELEGRAM:
        found = iter([maker.plain(maker.kind)])
    else:
        found = _for_telegram(maker, shrink_videos=shrink_videos)
    return tuple(form for form in found if form is not None)


class _Maker:
    """Makes the forms of one attachment; None stands for one that is too large.

    Args:
        attachment: Which.
        file: Its own.
        origin: Where it was sent.
        takes: What the room takes.
    """

    def __init__(self, attachment: Attachment, file: File, origin: Platform, takes: Takes) -> None:
        self._attachment = attachment
        self._takes = takes
        self.file = file
        self.origin = origin
        self.most_bytes = takes.most_bytes
        self.mime = _type(file.mime) or mime_of(attachment.name or "")
        self.kind = _kind(attachment.kind, self.mime)
        self._size = attachment.size_bytes
        self._name = fit_name(attachment.name, attachment.kind, self.mime)
        self._raw = f"{origin.value}:{_short(file.unique)}"

    def plain(self, kind: AttachmentKind, most_bytes: int | None = None) -> Form | None:
        """As it is."""
        most = min(self.most_bytes, most_bytes or self.most_bytes)
        if self._size is not None and self._size > most:
            return None
        key = f"{self._raw}:{kind.value}"
        return Form(key, self._raw, self.file, kind, self._name, self.mime, self._size, most)

    def made(
        self, conversion: Conversion, kind: AttachmentKind, limits: Limits = NO_LIMITS
    ) -> Form:
        """By a conversion."""
        mime = MAKES[conversion].mime
        key = f"{self._raw}:{kind.value}:{conversion.value}.{VERSION}{_told(limits)}"
        return Form(
            key,
            self._raw,
            self.file,
            kind,
            renamed(self._name, mime),
            mime,
            self._size,
            self.most_bytes,
            conversion,
            limits,
        )

    def of_thumbnail(self, conversion: Conversion, kind: AttachmentKind) -> Form | None:
        """By a conversion, from the still picture that the service has of it."""
        if not self.file.thumbnail:
            return None
        unique = f"{self.file.unique}:thumbnail"
        still = replace(self.file, source=self.file.thumbnail, unique=unique, thumbnail="")
        of_unknown_size = replace(self._attachment, size_bytes=None)
        maker = _Maker(of_unknown_size, still, self.origin, self._takes)
        return maker.made(conversion, kind)

    @property
    def fits_photo(self) -> bool:
        """Whether its sides, as far as they are known, are those of a photo of Telegram's."""
        sides = self.file.width + self.file.height
        return sides <= TELEGRAM_PHOTO.most_sides and not self.is_strip

    @property
    def is_strip(self) -> bool:
        """Whether it is too long for its breadth to be a photo of Telegram's."""
        short, long = sorted((self.file.width, self.file.height))
        return long > TELEGRAM_PHOTO.most_ratio * short > 0


def _for_telegram(maker: _Maker, *, shrink_videos: bool) -> Iterator[Form | None]:
    match maker.kind:
        case K.PHOTO:
            yield from _photo_for_telegram(maker)
            return
        case K.ANIMATION if maker.mime in TELEGRAM_ANIMATIONS:
            yield maker.plain(K.ANIMATION)
        case K.ANIMATION:
            yield maker.made(C.TO_ANIMATION, K.ANIMATION)
        case K.VIDEO | K.VIDEO_NOTE:
            yield from _video_for_telegram(maker)
            if shrink_videos:
                yield _shrunk(maker, K.VIDEO)
            return
        case K.AUDIO if maker.mime in TELEGRAM_AUDIO:
            yield maker.plain(K.AUDIO)
        case K.VOICE:
            yield maker.plain(K.VOICE) if maker.mime in TELEGRAM_VOICE else None
            yield maker.made(C.VOICE_TO_OPUS, K.VOICE)
        case K.STICKER:
            yield from _sticker_for_telegram(maker)
            return
    yield maker.plain(K.FILE)


def _video_for_telegram(maker: _Maker) -> Iterator[Form | None]:
    if maker.mime in TELEGRAM_VIDEOS:
        yield maker.plain(K.VIDEO)
    elif (as_file := maker.plain(K.FILE)) is not None:
        yield maker.made(C.VIDEO_TO_MP4, K.VIDEO)
        yield as_file


def _photo_for_telegram(maker: _Maker) -> Iterator[Form | None]:
    if maker.mime == "image/gif":  # as a photo it would stand still
        yield maker.plain(K.ANIMATION)
    elif not maker.is_strip:
        if maker.mime in TELEGRAM_PHOTOS and maker.fits_photo:
            yield maker.plain(K.PHOTO, TELEGRAM_PHOTO.most_bytes)
        yield maker.made(C.PHOTO_TO_FIT, K.PHOTO, TELEGRAM_PHOTO)
    yield maker.plain(K.FILE)


def _sticker_for_telegram(maker: _Maker) -> Iterator[Form | None]:
    if maker.mime in MOVING_STICKERS:
        yield maker.made(C.STICKER_TO_TELEGRAM_MOVING, K.STICKER)
    yield maker.made(C.STICKER_TO_TELEGRAM_STILL, K.STICKER)
    yield maker.of_thumbnail(C.STICKER_TO_TELEGRAM_STILL, K.STICKER)


def _for_discord(maker: _Maker, *, shrink_videos: bool) -> Iterator[Form | None]:
    match maker.kind:
        case K.STICKER:
            yield from _sticker_for_discord(maker)
        case K.VOICE:
            if maker.origin is Platform.DISCORD:  # with the waveform that it has
                yield maker.plain(K.VOICE)
            else:
                yield maker.made(C.VOICE_TO_OPUS, K.VOICE)
            yield maker.plain(K.AUDIO)
        case K.PHOTO:
            yield maker.plain(K.PHOTO)
            yield maker.made(C.PHOTO_TO_FIT, K.PHOTO, Limits(most_bytes=maker.most_bytes))
        case K.VIDEO | K.VIDEO_NOTE | K.ANIMATION as kind:
            sent_as = K.VIDEO if kind is K.VIDEO_NOTE else kind
            yield maker.plain(sent_as)
            if shrink_videos:
                yield _shrunk(maker, sent_as)
        case kind:
            yield maker.plain(kind)


def _sticker_for_discord(maker: _Maker) -> Iterator[Form | None]:
    if maker.origin is Platform.DISCORD and maker.mime != "application/json":
        yield maker.plain(K.STICKER)
        return
    if maker.mime in MOVING_STICKERS:
        yield maker.made(C.STICKER_TO_DISCORD, K.STICKER)
    yield maker.made(C.STICKER_STILL_TO_DISCORD, K.STICKER)
    yield maker.of_thumbnail(C.STICKER_STILL_TO_DISCORD, K.STICKER)


def _shrunk(maker: _Maker, kind: AttachmentKind) -> Form:
    return maker.made(C.VIDEO_TO_FIT, kind, Limits(most_bytes=maker.most_bytes))


def _type(told: str) -> str:
    """A type as it may stand in a header; empty for what is none: senders write what they like."""
    plain = told.partition(";")[0].strip().lower()
    return plain if _MIME.fullmatch(plain) else ""


def _kind(kind: AttachmentKind, mime: str) -> AttachmentKind:
    """As what a file goes that came as that."""
    if kind in _SENT_AS:
        return kind
    return {"image": K.PHOTO, "video": K.VIDEO, "audio": K.AUDIO}.get(
        mime.partition("/")[0], K.FILE
    )


def _short(unique: str) -> str:
    """A name of a file's that fits into a key."""
    return unique if len(unique) <= LONGEST_UNIQUE else sha256(unique.encode()).hexdigest()


def _told(limits: Limits) -> str:
    """The limits that a result was made for; empty if there are none."""
    told = zip("bswr", limits.__struct_fields__, strict=True)
    given = [f"{sign}{n}" for sign, field in told if (n := getattr(limits, field))]
    return f":{'.'.join(given)}" if given else ""
