"""What a file really is, told by real decoders, and stills of it.

All of it is synchronous and may take a while: servers call it in a thread. The decoders are loaded
with the first file.
"""

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

HEAD_BYTES = 64
LOTTIE_BYTES = 8 * 1024 * 1024  # of a Lottie animation's JSON; beyond it, it is none here
LOTTIE_SIDE = 4096  # in pixels: what is larger is not drawn here
MOST_PIXELS = 100_000_000  # of a picture: a larger one is meant to do harm, and not decoded
FRAMES_DECODED = 60  # of a film or a sound: enough to tell that it decodes
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """What a file turned out to be.

    Attributes:
        mime: By its bytes; ``application/json`` is a Lottie animation; empty: nothing known here.
        width: In pixels; 0 if it is not to be seen.
        height: In pixels.
        duration_s: How long it plays; 0 if it does not.
        frames: How many pictures a picture or an animation has.
        fps: Pictures in a second.
        video: The codec of its moving picture, such as ``h264``.
        audio: The codec of its sound, such as ``opus``.
        decodes: Whether the decoder took it; a header alone may tell the rest.
    """

    mime: str = ""
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    frames: int = 0
    fps: float = 0.0
    video: str = ""
    audio: str = ""
    decodes: bool = False

    @property
    def is_picture(self) -> bool:
        """A picture, whether it moves or not."""
        return self.mime.startswith("image/")

    @property
    def moves(self) -> bool:
        """A picture of several frames."""
        return self.is_picture and self.frames > 1


NOTHING = Look()


class Seen(NamedTuple):
    """A file that was looked at."""

    place: Path
    look: Look


def look(path: Path, *, render: bool = True) -> Look:
    """What a file is; never fails.

    Args:
        path: Where it is.
        render: Whether a Lottie animation is to be drawn, too: its decoder may take this process
            down with it where the file is meant to do harm.
    """
    head = _head(path)
    if head[:2] == b"\x1f\x8b" or head.lstrip()[:1] == b"{":
        return _lottie(path, render=render)
    if kind := _picture_kind(head):
        return _picture(path, kind)
    if _plays(head):
        return _film(path, head)
    return NOTHING


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _picture_kind(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "image/avif"
    return None


def _plays(head: bytes) -> bool:
    return (
        head[4:8] == b"ftyp"
        or head[:4] in (b"\x1a\x45\xdf\xa3", b"OggS", b"fLaC")
        or head[:3] == b"ID3"
        or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6))
        or (head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI "))
    )


# -- pictures ----------------------------------------------------------------------------------


def _picture(path: Path, kind: str) -> Look:
    from PIL import Image

    found = Look(kind)
    try:
        with Image.open(path) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return Look(kind, width, height)
            frames = int(getattr(image, "n_frames", 1))
            found = Look(kind, width, height, frames=frames)
            duration_s = sum(_frame_times(image, frames))
        fps = frames / duration_s if duration_s and frames > 1 else 0.0
        return Look(kind, width, height, duration_s, frames, fps, decodes=True)
    except Exception:  # noqa: BLE001 - a broken file can break its decoder in any way
        return found  # what its header says, at most


def _frame_times(image: "Image", frames: int) -> Iterator[float]:
    """Decode every frame; seconds of each."""
    for number in range(frames):
        image.seek(number)
        image.load()
        yield float(image.info.get("duration") or 0) / 1000 if frames > 1 else 0.0


def scaled(path: Path, side: int, target: Path) -> Seen:
    """Write a picture as JPEG, its longest side at most so many pixels.

    Raises:
        OSError: It is no picture.
    """
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        image.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((side, side))
        flat = Image.new("RGB", upright.size, "white")
        flat.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
        flat.save(target, "JPEG", quality=87)
        return _jpeg(target, *flat.size)


def _jpeg(place: Path, width: int, height: int) -> Seen:
    return Seen(place, Look("image/jpeg", width, height, frames=1, decodes=True))


# -- Lottie ------------------------------------------------------------------------------------


def _lottie(path: Path, *, render: bool) -> Look:
    packed = _head(path)[:2] == b"\x1f\x8b"
    text = unpacked(path)
    if text is None:
        return NOTHING
    try:
        told = json.loads(text)
        width, height, fps = int(told["w"]), int(told["h"]), float(told["fr"])
        frames = float(told["op"]) - float(told["ip"])
        layers = told["layers"]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return NOTHING
    if not isinstance(layers, list) or fps <= 0 or not math.isfinite(frames):
        return NOTHING
    if not (0 < width <= LOTTIE_SIDE and 0 < height <= LOTTIE_SIDE):
        return NOTHING
    mime = "application/x-tgsticker" if packed else "application/json"
    decodes = not render or _renders(text)
    return Look(mime, width, height, frames / fps, round(frames), fps, decodes=decodes)


def unpacked(path: Path) -> str | None:
    """The JSON of a Lottie animation or of a TGS sticker; None where it is neither."""
    opener: Any = gzip.open if _head(path)[:2] == b"\x1f\x8b" else open
    try:
        with opener(path, "rb") as file:
            data = file.read(LOTTIE_BYTES + 1)
        return data.decode() if len(data) <= LOTTIE_BYTES else None
    except (OSError, EOFError, ValueError, zlib.error):
        return None


def _renders(text: str) -> bool:
    lottie: Any = import_module("rlottie_python")  # it tells no types
    try:
        with lottie.LottieAnimation.from_data(text) as animation:
            animation.render_pillow_frame(frame_num=0)
    except Exception:  # noqa: BLE001 - a broken file can break its decoder in any way
        return False
    return True


# -- films and sounds --------------------------------------------------------------------------


def _film(path: Path, head: bytes) -> Look:
    import av

    try:
        with av.open(str(path)) as container:
            return _streams(container, head)
    except Exception:  # noqa: BLE001 - a broken file can break its decoder in any way
        return NOTHING


def _streams(container: Any, head: bytes) -> Look:
    seen = next((one for one in container.streams.video if not _is_cover(one)), None)
    heard = next(iter(container.streams.audio), None)
    seconds = container.duration / MICROSECONDS if container.duration else 0.0
    found = Look(
        mime=_mime(container.format.name, head, seen is not None),
        width=seen.width if seen else 0,
        height=seen.height if seen else 0,
        duration_s=seconds,
        frames=seen.frames if seen else 0,
        fps=float(seen.average_rate or 0) if seen else 0.0,
        video=seen.codec_context.name if seen else "",
        audio=heard.codec_context.name if heard else "",
        decodes=all(_decodes(container, one) for one in (seen, heard) if one is not None),
    )
    return found if seen or heard else NOTHING


def _is_cover(stream: Any) -> bool:
    """Whether a stream is but the cover of a record."""
    return str(stream.codec_context.name) in ("mjpeg", "png")


def _decodes(container: Any, stream: Any) -> bool:
    """Whether the first frames of a stream decode."""
    count = 0
    try:
        container.seek(0)
        for count, _frame in enumerate(container.decode(stream), 1):
            if count >= FRAMES_DECODED:
                break
    except Exception:  # noqa: BLE001 - as above
        return False
    return count > 0


def _mime(container: str, head: bytes, seen: bool) -> str:
    if "mp4" in container:
        if head[8:10] == b"qt":
            return "video/quicktime"
        return "video/mp4" if seen else "audio/mp4"
    if "matroska" in container:
        return "video/webm" if b"webm" in head else "video/x-matroska"
    names = {"ogg": "audio/ogg", "mp3": "audio/mpeg", "flac": "audio/flac", "wav": "audio/wav"}
    return names.get(container, f"video/x-{container.partition(',')[0]}")


def still(path: Path, side: int, target: Path) -> Seen | None:
    """Write the first frame of a picture or film as JPEG; None where there is none."""
    import av

    try:
        if _picture_kind(_head(path)):
            return scaled(path, side, target)
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0), None)
            if frame is None:
                return None
            picture: Any = frame  # the library's own types stop here
            image = picture.to_image()
    except Exception:  # noqa: BLE001 - as above
        return None
    image.thumbnail((side, side))
    image.convert("RGB").save(target, "JPEG", quality=80)
    return _jpeg(target, image.width, image.height)


def film_of(path: Path, target: Path) -> Seen | None:
    """Write an animated GIF as an MP4 without sound, as Telegram keeps it; None: it is none."""
    import av
    from PIL import Image

    try:
        with Image.open(path) as image, av.open(str(target), "w", format="mp4") as film:
            frames = int(getattr(image, "n_frames", 1))
            seconds = sum(_frame_times(image, frames)) or frames / 10
            stream = film.add_stream("libx264", rate=max(1, min(60, round(frames / seconds))))
            stream.width, stream.height = (max(2, side - side % 2) for side in image.size)
            stream.pix_fmt = "yuv420p"
            new_frame: Any = av.VideoFrame.from_image
            for number in range(frames):
                image.seek(number)
                shown = image.convert("RGB").resize((stream.width, stream.height))
                film.mux(stream.encode(new_frame(shown)))
            film.mux(stream.encode(None))
    except (av.FFmpegError, OSError, ValueError, EOFError):
        return None
    return Seen(target, look(target))
