"""What files can be turned into, and what is known of a file: names and tables, no libraries.

Light, so that the daemon may import it; the work is done in `matebot.media.workers`' processes.
What each service shows in place decides what is made:

- Discord moves GIF, WEBP and AVIF that are attached to a message, on every client and with real
  transparency for the latter two; of an attached APNG it shows the first picture, and Lottie moves
  only as a sticker of its own. Hence animated WEBP. (discord.com/blog/modern-image-formats-at-
  discord-supporting-webp-and-avif, discord/discord-api-docs#6359; 2026-11-24.)
- Telegram's stickers: one side of exactly 512 pixels, the other no longer; static ones WEBP up to
  512 KB; moving ones VP9 in WEBM, up to 3 s, 30 pictures/s and 256 KB, no sound, looped.
  (core.telegram.org/stickers; 2026-11-24.)
- Telegram's animations are H.264 in MP4 without sound, its voice messages Opus in OGG.
  (core.telegram.org/bots/api#sendanimation, #sendvoice; 2026-11-24.)
"""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

VERSION: Final = 1
"""Grows whenever a conversion makes something else of the same file; belongs into cache keys."""


class Unconvertible(Exception):
    """This file cannot be turned into that: it is broken, hostile, too large or takes too long.

    Another attempt would end the same way. The text is for the log and quotes nothing of the file.
    """


class Conversion(StrEnum):
    """What is made of a file. `MAKES` tells the type of each result."""

    DESCRIBE = "describe"
    """Nothing is made, the file is only looked into: its type, by content, and its facts."""

    STICKER_TO_DISCORD = "sticker-to-discord"
    """A moving sticker (TGS, Lottie, WEBM, APNG, GIF, WEBP) as animated WEBP of 256 pixels."""

    STICKER_STILL_TO_DISCORD = "sticker-still-to-discord"
    """The first picture of any sticker as PNG of 256 pixels."""

    STICKER_TO_TELEGRAM_STILL = "sticker-to-telegram-still"
    """The first picture of any sticker as a static sticker: WEBP with a side of 512 pixels."""

    STICKER_TO_TELEGRAM_MOVING = "sticker-to-telegram-moving"
    """A moving sticker (APNG, GIF, WEBP, Lottie, TGS, WEBM) as a video sticker: VP9 in WEBM."""

    VOICE_TO_OPUS = "voice-to-opus"
    """The first sound of a file as a voice message: Opus in OGG, copied if it is that."""

    PHOTO_TO_FIT = "photo-to-fit"
    """A picture as JPEG, upright, within the limits; nothing else of the file goes along."""

    VIDEO_TO_FIT = "video-to-fit"
    """A film as H.264 and AAC in MP4 within the limits, playing before it is wholly loaded."""

    VIDEO_TO_MP4 = "video-to-mp4"
    """A film of H.264 and AAC in another container, as MP4; nothing is coded again."""

    TO_ANIMATION = "to-animation"
    """Moving pictures (WEBP, APNG, AVIF, GIF, films) as H.264 in MP4 without sound."""

    STILL = "still"
    """The first picture of anything as PNG, within the limits."""


class Made(NamedTuple):
    """What a conversion's result is.

    Attributes:
        mime: Its type; empty where nothing is made.
        suffix: What its file name ends in, with the dot.
    """

    mime: str
    suffix: str


_PNG = Made("image/png", ".png")
_WEBP = Made("image/webp", ".webp")
_MP4 = Made("video/mp4", ".mp4")

MAKES: Final[dict[Conversion, Made]] = {
    Conversion.DESCRIBE: Made("", ""),
    Conversion.STICKER_TO_DISCORD: _WEBP,
    Conversion.STICKER_STILL_TO_DISCORD: _PNG,
    Conversion.STICKER_TO_TELEGRAM_STILL: _WEBP,
    Conversion.STICKER_TO_TELEGRAM_MOVING: Made("video/webm", ".webm"),
    Conversion.VOICE_TO_OPUS: Made("audio/ogg", ".ogg"),
    Conversion.PHOTO_TO_FIT: Made("image/jpeg", ".jpg"),
    Conversion.VIDEO_TO_FIT: _MP4,
    Conversion.VIDEO_TO_MP4: _MP4,
    Conversion.TO_ANIMATION: _MP4,
    Conversion.STILL: _PNG,
}

TIME_S: Final[dict[Conversion, float]] = {
    Conversion.DESCRIBE: 20.0,
    Conversion.STICKER_TO_DISCORD: 20.0,
    Conversion.STICKER_STILL_TO_DISCORD: 10.0,
    Conversion.STICKER_TO_TELEGRAM_STILL: 10.0,
    Conversion.STICKER_TO_TELEGRAM_MOVING: 30.0,
    Conversion.VOICE_TO_OPUS: 60.0,
    Conversion.PHOTO_TO_FIT: 30.0,
    Conversion.VIDEO_TO_FIT: 300.0,
    Conversion.VIDEO_TO_MP4: 60.0,
    Conversion.TO_ANIMATION: 60.0,
    Conversion.STILL: 20.0,
}
"""How long each may work, in seconds of the processor's time; what takes longer is killed."""

PATIENCE: Final = 4.0
"""So many times that long it may take by the clock: a small machine may have much else to do."""

FILMS: Final = frozenset({Conversion.VIDEO_TO_FIT, Conversion.VIDEO_TO_MP4})
"""Those whose results may be as large as a film, and take minutes."""


class Limits(msgspec.Struct, frozen=True):
    """What a result has to keep to; 0 wherever nothing but the conversion's own rule matters.

    Attributes:
        most_bytes: Its size.
        most_side: Its longer side, in pixels.
        most_sides: Width and height together, in pixels.
        most_ratio: The longer side by the shorter; what is beyond it is not made.
    """

    most_bytes: int = 0
    most_side: int = 0
    most_sides: int = 0
    most_ratio: int = 0


NO_LIMITS: Final = Limits()


class Facts(msgspec.Struct, frozen=True):
    """What is known of a file once it was looked into.

    Attributes:
        mime: Its type by its content, such as ``image/webp``; ``application/octet-stream`` of what
            is neither picture, film nor sound.
        size_bytes: Its size.
        width: In pixels as it is shown, turned upright; 0 of what is no picture.
        height: Likewise.
        duration_s: How long it plays, in seconds; 0 of what does not play.
        frames: How many pictures: 0 of sound, 1 of a still picture, at least 2 of what moves. Of
            films it is worked out from their length.
        alpha: Whether some of it may be transparent.
        codecs: How its tracks are coded, video first: ``("h264", "aac")``; empty of pictures.
        waveform: How loud it is over its time, of sound without pictures: up to 256 samples of 0
            to 255, the loudest of which is 255; empty of all else.
    """

    mime: str
    size_bytes: int = 0
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    frames: int = 0
    alpha: bool = False
    codecs: tuple[str, ...] = ()
    waveform: bytes = b""

    @property
    def moves(self) -> bool:
        """Whether it is more than one picture."""
        return self.frames > 1
