"""What the service refuses of a bot's new file, and what it turns it into.

https://core.telegram.org/bots/api#sending-files and the methods there,
https://core.telegram.org/stickers for stickers. Where the documents say that another format "may be
sent as a document", it becomes one.
"""

from matebot.sandbox.look import Look
from matebot.sandbox.telegram.errors import bad
from matebot.sandbox.telegram.limits import (
    LIVE_PHOTO_BYTES,
    LIVE_PHOTO_S,
    PHOTO_BYTES,
    PHOTO_RATIO,
    PHOTO_SIDES_SUM,
    STATIC_STICKER_BYTES,
    STICKER_S,
    STICKER_SIDE,
    TGS_BYTES,
    TGS_RATES,
    VIDEO_NOTE_S,
    VIDEO_NOTE_SIDE,
    WEBM_STICKER_BYTES,
    WEBM_STICKER_FPS,
)
from matebot.sandbox.telegram.params import Upload

SOUNDS = ("audio/mpeg", "audio/mp4")
FILMS = ("h264", "hevc", "mpeg4", "av1")
PHOTOS = ("image/jpeg", "image/png", "image/webp", "image/gif")
STICKERS = ("image/webp", "application/x-tgsticker", "video/webm")
TOLERANCE_S = 0.1  # durations are told in the steps of a container


def becomes(kind: str, upload: Upload, *, detect: bool = True) -> str:
    """As what an upload is kept.

    Args:
        kind: As what the bot sent it.
        upload: The file.
        detect: Whether a document may be taken for what it looks like.

    Raises:
        ApiError: 400, it is refused.
    """
    seen = upload.look
    if not upload.size:
        raise bad("file must be non-empty")
    match kind:
        case "photo":
            check_photo(upload)
        case "live_photo":
            _check_live(upload)
        case "video" | "animation":
            return _film(kind, seen)
        case "video_note":
            return _round(seen)
        case "voice":
            return "voice" if _speaks(seen) else "document"
        case "audio":
            return "audio" if seen.mime in (*SOUNDS, "audio/flac", "audio/ogg") else "document"
        case "sticker":
            return _sticker(upload)
        case "document" if detect:
            return _detected(upload)
    return kind


def check_photo(upload: Upload) -> None:
    """A photo decodes and is not too large.

    Raises:
        ApiError: 400.
    """
    if upload.size > PHOTO_BYTES:
        raise bad(
            f"file of size {upload.size} bytes is too big for a photo;"
            f" the maximum size is {PHOTO_BYTES} bytes"
        )
    seen = upload.look
    if seen.mime not in PHOTOS or not seen.width or not seen.height:
        raise bad("IMAGE_PROCESS_FAILED")
    sides = (seen.width, seen.height)
    if sum(sides) > PHOTO_SIDES_SUM or max(sides) > PHOTO_RATIO * min(sides):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    if not seen.decodes:
        raise bad("IMAGE_PROCESS_FAILED")


def _check_live(upload: Upload) -> None:
    seen = upload.look
    if upload.size > LIVE_PHOTO_BYTES or seen.duration_s > LIVE_PHOTO_S + TOLERANCE_S:
        raise bad("LIVE_PHOTO_INVALID")
    if seen.mime != "video/mp4" or not seen.video or not seen.decodes:
        raise bad("LIVE_PHOTO_INVALID")


def _film(kind: str, seen: Look) -> str:
    """A video is an MP4; an animation a GIF or an MP4 without sound, with sound it is a video."""
    if kind == "animation" and seen.mime == "image/gif" and seen.decodes:
        return kind
    if seen.mime != "video/mp4" or seen.video not in FILMS or not seen.decodes:
        return "document"
    return "video" if seen.audio else kind


def _round(seen: Look) -> str:
    """A video message is a square MP4 of up to a minute, else it is an ordinary video."""
    if _film("video", seen) != "video":
        return "document"
    fits = seen.width == seen.height <= VIDEO_NOTE_SIDE
    return "video_note" if fits and seen.duration_s <= VIDEO_NOTE_S + TOLERANCE_S else "video"


def _speaks(seen: Look) -> bool:
    opus = seen.mime == "audio/ogg" and seen.audio == "opus"
    return seen.decodes and not seen.video and (opus or seen.mime in SOUNDS)


def _sticker(upload: Upload) -> str:
    """A sticker that breaks a rule of its format is shown as a file."""
    if upload.look.mime not in STICKERS:
        raise bad("wrong file type: a sticker is WEBP, TGS or WEBM")
    return "sticker" if is_sticker(upload) else "document"


def is_sticker(upload: Upload) -> bool:
    """Whether a file keeps to the rules of stickers."""
    seen = upload.look
    if not seen.decodes or max(seen.width, seen.height) != STICKER_SIDE:
        return False
    match seen.mime:
        case "image/webp":
            return seen.frames == 1 and upload.size <= STATIC_STICKER_BYTES
        case "application/x-tgsticker":
            square = seen.width == seen.height
            brief = seen.duration_s <= STICKER_S and seen.fps in TGS_RATES
            return square and brief and upload.size <= TGS_BYTES
        case "video/webm":
            brief = seen.duration_s <= STICKER_S + TOLERANCE_S and seen.fps <= WEBM_STICKER_FPS
            plain = seen.video == "vp9" and not seen.audio
            return plain and brief and upload.size <= WEBM_STICKER_BYTES
    return False


def _detected(upload: Upload) -> str:
    """What a document is taken for where the bot does not forbid it."""
    seen = upload.look
    if seen.mime == "image/gif" and seen.moves:
        return "animation"
    if seen.mime == "video/mp4" and seen.decodes:
        return "video" if seen.audio else "animation"
    if seen.mime in SOUNDS:
        return "audio"
    if seen.mime in ("image/webp", "application/x-tgsticker") and is_sticker(upload):
        return "sticker"
    return "document"
