"""One conversion, from a file to a file. Runs in a worker process, which `convert_worker` is.

What the libraries raise at hostile files is of every kind, so all of it means the same here.
"""

import errno
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import av
from PIL import Image

from matebot.media.conversion import Conversion, Facts, Limits, Unconvertible
from matebot.media.convert_films import film_to_fit, to_animation, to_mp4
from matebot.media.convert_look import FILMS, film, kind_of, look
from matebot.media.convert_pictures import photo_to_fit, still
from matebot.media.convert_sound import to_voice
from matebot.media.convert_stickers import (
    moving_to_telegram,
    still_to_discord,
    still_to_telegram,
    to_discord,
)

OURS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of the disk; another attempt may end otherwise. Of EIO, ffmpeg says it of broken files."""

_FAULTS: Final = (
    *(OSError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, SyntaxError),
    *(EOFError, MemoryError, RuntimeError, AssertionError, struct.error, zlib.error),
    *(av.error.FFmpegError, Image.DecompressionBombError),
)


def convert(conversion: Conversion, source: Path, target: Path, limits: Limits) -> Facts:
    """Make something of a file.

    Args:
        conversion: What.
        source: The file; it is not changed.
        target: Where to; gone again if it fails. Nothing is written by `Conversion.DESCRIBE`.
        limits: What the result has to keep to.

    Returns:
        What was made; of `Conversion.DESCRIBE`, what was looked at.

    Raises:
        Unconvertible: This file cannot be made into that.
        OSError: The disk is at fault, or there is no such file.
    """
    source.stat()
    try:
        return _made(conversion, source, target, limits)
    except Unconvertible:
        target.unlink(missing_ok=True)
        raise
    except _FAULTS as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in OURS:
            raise OSError(error.errno, "the disk does not take it") from None
        raise Unconvertible(f"{conversion}: {type(error).__name__}") from error


def _made(conversion: Conversion, source: Path, target: Path, limits: Limits) -> Facts:
    if conversion is Conversion.DESCRIBE:
        return look(source)
    _MAKERS[conversion](source, target, limits)
    facts = look(target)
    if limits.most_bytes and facts.size_bytes > limits.most_bytes:
        raise Unconvertible("a result that is too large")
    return facts


def _voice(source: Path, target: Path, limits: Limits) -> None:
    kind = kind_of(source)
    if kind not in FILMS:
        raise Unconvertible("no sound")
    with film(source, kind) as (container, tracks):
        if tracks.audio is None:
            raise Unconvertible("no sound")
        to_voice(container, tracks.audio, target, limits.most_bytes)


_MAKERS: Final[dict[Conversion, Callable[[Path, Path, Limits], None]]] = {
    Conversion.STICKER_TO_DISCORD: to_discord,
    Conversion.STICKER_STILL_TO_DISCORD: still_to_discord,
    Conversion.STICKER_TO_TELEGRAM_STILL: still_to_telegram,
    Conversion.STICKER_TO_TELEGRAM_MOVING: moving_to_telegram,
    Conversion.VOICE_TO_OPUS: _voice,
    Conversion.PHOTO_TO_FIT: photo_to_fit,
    Conversion.VIDEO_TO_FIT: film_to_fit,
    Conversion.VIDEO_TO_MP4: to_mp4,
    Conversion.TO_ANIMATION: to_animation,
    Conversion.STILL: still,
}
