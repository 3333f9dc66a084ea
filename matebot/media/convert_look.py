"""What a file is, by its content, and its facts. Runs in a worker process.

A file's first bytes decide by which one reader it is opened, so that no other of the many that the
libraries know, playlists that name further files among them, ever sees it.
"""

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import av
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from matebot.media.conversion import Facts, Unconvertible
from matebot.media.convert_lottie import Lottie, read_lottie
from matebot.media.convert_sound import waveform

MOST_PIXELS: Final = 40_000_000  # 160 MB once it is decoded
MOST_MOVING_PIXELS: Final = 8_900_000  # 4096 x 2160
MOST_SIDE: Final = 30_000
MOST_LOOKED_AT: Final = 300  # pictures whose durations are read; the others will be like them
QUICKEST_S: Final = 0.011  # what browsers and clients show no quicker than
QUICK_S: Final = 0.1  # ... and show for so long instead

UNKNOWN: Final = "application/octet-stream"
PICTURES: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
}
FILMS: Final = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/amr": "amr",
    "video/x-msvideo": "avi",
    "video/x-flv": "flv",
}
DRAWN: Final = ("application/x-tgsticker", "video/lottie+json")

_BEGINNINGS: Final = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypavis", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (0, b"BM", "image/bmp"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (4, b"moov", "video/quicktime"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"\xff\xfa", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x1f\x8b", DRAWN[0]),
)
_DECODERS: Final = (
    "h264,hevc,vp8,vp9,libvpx-vp9,av1,libdav1d,mpeg4,msmpeg4v3,h263,flv,mjpeg,theora,aac,mp3,"
    "mp3float,opus,libopus,vorbis,flac,alac,ac3,eac3,amrnb,pcm_s16le,pcm_s16be,pcm_s24le,pcm_u8,"
    "pcm_f32le"
)


def kind_of(path: Path) -> str:
    """A file's type by its first bytes; `UNKNOWN` if they tell nothing."""
    with path.open("rb") as file:
        head = file.read(64)
    for offset, beginning, mime in _BEGINNINGS:
        if head.startswith(beginning, offset):
            return mime
    return DRAWN[1] if head.lstrip().startswith(b"{") else UNKNOWN


def look(path: Path) -> Facts:
    """The facts of a file, by its headers; of sounds, all is decoded for their waveform.

    Raises:
        Unconvertible: It says of itself what it is not, or more than it may.
    """
    mime, size = kind_of(path), path.stat().st_size
    if mime in PICTURES:
        return _look_at_picture(path, mime, size)
    if mime in FILMS:
        return _look_at_film(path, mime, size)
    if mime in DRAWN:
        return _look_at_drawing(path, mime, size)
    return Facts(mime, size)


@contextlib.contextmanager
def picture(path: Path, mime: str) -> Iterator[Image.Image]:
    """Open a picture; its headers are read, nothing is decoded yet.

    Raises:
        Unconvertible: It would be too large.
    """
    with Image.open(path, formats=[PICTURES[mime]]) as image:
        moves = bool(getattr(image, "is_animated", False))
        # A JPEG is decoded at a fraction of its size where all of it is not needed.
        most = MOST_MOVING_PIXELS if moves else MOST_PIXELS * (8 if mime == "image/jpeg" else 1)
        within(image.width, image.height, most)
        yield image


def within(width: int, height: int, most_pixels: int) -> None:
    """Check a picture's dimensions before it is decoded.

    Raises:
        Unconvertible: They are absurd.
    """
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE and width * height <= most_pixels):
        raise Unconvertible(f"pictures of {width} x {height}")


def durations(image: Image.Image) -> list[float]:
    """How long each of a moving picture's first pictures is shown, in seconds."""
    found: list[float] = []
    with contextlib.suppress(EOFError):  # it claimed to have more
        for number in range(min(int(getattr(image, "n_frames", 1)), MOST_LOOKED_AT)):
            image.seek(number)
            image.load()
            found.append(shown_s(image))
    image.seek(0)
    return found


def shown_s(image: Image.Image) -> float:
    """How long the picture that a moving one stands at is shown, in seconds."""
    seconds = float(image.info.get("duration") or 0) / 1000
    return seconds if seconds >= QUICKEST_S else QUICK_S


def _look_at_picture(path: Path, mime: str, size: int) -> Facts:
    with picture(path, mime) as image:
        width, height = image.size
        if image.getexif().get(0x0112, 1) in range(5, 9):  # it lies on its side
            width, height = height, width
        alpha = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
        frames, seconds = 1, 0.0
        if getattr(image, "is_animated", False):
            shown = durations(image)
            claimed = int(getattr(image, "n_frames", 1))
            frames = claimed if len(shown) == MOST_LOOKED_AT else len(shown)
            seconds = round(sum(shown) * frames / max(len(shown), 1), 3)
        if frames < 2:
            seconds = 0.0
        elif mime == "image/png":
            mime = "image/apng"
        return Facts(mime, size, width, height, seconds, frames, alpha=alpha)


def _look_at_drawing(path: Path, mime: str, size: int) -> Facts:
    try:
        lottie: Lottie = read_lottie(path, packed=mime == DRAWN[0])
    except (ValueError, RecursionError, zlib.error, Unconvertible):
        if mime == DRAWN[0]:
            return Facts("application/gzip", size)
        return Facts(UNKNOWN, size)
    width, height, seconds = lottie.width, lottie.height, lottie.duration_s
    return Facts(mime, size, width, height, seconds, lottie.frames, alpha=True)


# Films and sounds


class Tracks(NamedTuple):
    """What of a film or a sound is played."""

    video: VideoStream | None
    audio: AudioStream | None


@contextlib.contextmanager
def film(path: Path, mime: str) -> Iterator[tuple[InputContainer, Tracks]]:
    """Open a film or a sound.

    Raises:
        Unconvertible: Its pictures would be too large.
    """
    options = {"protocol_whitelist": "file", "codec_whitelist": _DECODERS}
    with av.open(str(path), "r", format=FILMS[mime], options=options) as container:
        video = next((s for s in container.streams.video if not _is_cover(s)), None)
        if video is not None:
            within(video.codec_context.width, video.codec_context.height, MOST_MOVING_PIXELS)
            video.codec_context.thread_count = 1
        yield container, Tracks(video, next(iter(container.streams.audio), None))


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def has_alpha(stream: VideoStream) -> bool:
    """Whether a film says that it is transparent, as VP8 and VP9 in WEBM can be."""
    return stream.metadata.get("alpha_mode") == "1"


def video_frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Decode a film's pictures, with their transparency; what is broken in between is passed over.

    Ffmpeg's own decoder of VP9 knows nothing of transparency, libvpx does.
    """
    decoder: Any = stream.codec_context
    if has_alpha(stream) and decoder.name in ("vp8", "vp9"):
        decoder = av.CodecContext.create(f"libvpx{'-vp9' * (decoder.name == 'vp9')}", "r")
    for packet in container.demux(stream):
        try:
            frames = decoder.decode(packet if packet.size else None)
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if frame.time_base is None:
                frame.time_base = stream.time_base
            yield frame


def _look_at_film(path: Path, mime: str, size: int) -> Facts:
    with film(path, mime) as (container, (video, audio)):
        codecs = tuple(track.codec_context.name for track in (video, audio) if track is not None)
        codecs = tuple(_CODECS.get(name, name) for name in codecs)
        seconds = (container.duration or 0) / av.time_base
        if video is None:
            if audio is None:
                raise Unconvertible("a film without tracks")
            waves, heard = waveform(container, audio, seconds)
            return Facts(
                _as_sound(mime, path), size, duration_s=heard, codecs=codecs, waveform=waves
            )
        first = next(video_frames(container, video), None)
        if first is None:
            raise Unconvertible("a film without pictures")
        width, height = first.width, first.height
        if first.rotation % 180:
            width, height = height, width
        seconds = seconds or _played(container, video)
        rate = float(video.average_rate or video.guessed_rate or 25)
        frames = video.frames or max(1, round(seconds * rate))
        alpha = has_alpha(video)
    kind = _as_film(mime, path)
    return Facts(kind, size, width, height, seconds, frames, alpha=alpha, codecs=codecs)


_CODECS: Final = {"mp3float": "mp3", "libdav1d": "av1", "libvpx-vp9": "vp9", "libvpx": "vp8"}


def _played(container: InputContainer, stream: VideoStream) -> float:
    """How long the rest of a film is that does not tell how long it is, in seconds."""
    end = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None and packet.time_base is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end


def _as_film(mime: str, path: Path) -> str:
    if mime == "video/webm":
        return mime if _says(path, b"webm") else "video/x-matroska"
    return {"audio/ogg": "video/ogg"}.get(mime, mime)


def _as_sound(mime: str, path: Path) -> str:
    if mime == "video/webm":
        return "audio/webm" if _says(path, b"webm") else "audio/x-matroska"
    return {"video/mp4": "audio/mp4", "video/quicktime": "audio/mp4"}.get(mime, mime)


def _says(path: Path, word: bytes) -> bool:
    with path.open("rb") as file:
        return word in file.read(64)
