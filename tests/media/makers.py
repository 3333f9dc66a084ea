"""Real files for the tests, made with the libraries, and a witness that looks into any file.

Everything is small unless it says otherwise, the same at every call, and made once in a process.
The witness shares no code with `matebot.media`.
"""

import gzip
import io
import json
import math
import random
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any, Final, NamedTuple

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageOps

BITEXACT: Final = {"fflags": "+bitexact"}  # no random ids, no dates: the same file every time
SOUND_RATE: Final = 48_000


class Probed(NamedTuple):
    """What a file turned out to be.

    Attributes:
        kind: ``jpeg``, ``png``, ``apng``, ``webp``, ``gif``, ``avif``, ``lottie``, ``tgs``,
            ``webm``, ``mkv``, ``mp4``, ``mov``, ``ogg``, ``mp3``, ``m4a`` or ``pdf``.
        width: In pixels.
        height: In pixels.
        duration_s: How long it plays.
        frames: How many pictures were decoded; 0 of sound.
        alpha: Whether anything of it really is transparent.
        codecs: Video first.
        changes: How many of the pictures differ from the one before, so that it really moves.
    """

    kind: str
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    frames: int = 0
    alpha: bool = False
    codecs: tuple[str, ...] = ()
    changes: int = 0


# Pictures


def _picture(width: int, height: int, step: float, *, alpha: bool) -> Image.Image:
    """A disc on a slope of colours; with alpha, on nothing. It wanders as step goes from 0 to 1."""
    if alpha:
        image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    else:
        slope = Image.linear_gradient("L").resize((width, height))
        image = Image.merge("RGB", (slope, ImageOps.mirror(slope), ImageOps.flip(slope)))
    radius = min(width, height) / 4
    x = radius + (width - 2 * radius) * step
    y = height / 2
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(image).ellipse(box, fill=(220, 40, 40))
    return image


def _pictures(width: int, height: int, frames: int, *, alpha: bool) -> list[Image.Image]:
    return [_picture(width, height, n / frames, alpha=alpha) for n in range(frames)]


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@cache
def jpeg(width: int = 320, height: int = 240, *, orientation: int = 1, gps: bool = False) -> bytes:
    """A photo; with an EXIF orientation (1 to 8), and with the place where it was taken."""
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    if gps:
        exif[0x010F] = "MateCam"
        exif.get_ifd(0x8825).update({1: "S", 2: (23.0, 33.0, 1.0), 3: "W", 4: (46.0, 38.0, 1.0)})
    return _saved(_picture(width, height, 0.2, alpha=False), "JPEG", quality=90, exif=exif)


@cache
def png(width: int = 320, height: int = 240, *, alpha: bool = False) -> bytes:
    """A still picture."""
    return _saved(_picture(width, height, 0.2, alpha=alpha), "PNG")


@cache
def heavy_png(width: int = 2000, height: int = 1800) -> bytes:
    """A picture of noise, which cannot be packed: over 10 MB as it is by default."""
    noise = random.Random(7).randbytes(width * height * 3)
    return _saved(Image.frombytes("RGB", (width, height), noise), "PNG", compress_level=1)


@cache
def huge_jpeg(width: int = 12_000, height: int = 3_000) -> bytes:
    """A photo beyond what Telegram takes as one, by its sides."""
    return jpeg(width, height)


@cache
def webp(width: int = 512, height: int = 512, *, alpha: bool = True) -> bytes:
    """A still picture, such as a static sticker of Telegram's."""
    return _saved(_picture(width, height, 0.2, alpha=alpha), "WEBP")


@cache
def avif(width: int = 64, height: int = 48) -> bytes:
    """A still picture."""
    return _saved(_picture(width, height, 0.2, alpha=False), "AVIF", max_threads=1)


def _moving(form: str, images: list[Image.Image], frame_ms: int, **options: Any) -> bytes:
    return _saved(
        images[0],
        form,
        save_all=True,
        append_images=images[1:],
        duration=frame_ms,
        loop=0,
        **options,
    )


@cache
def webp_moving(width: int = 160, height: int = 120, frames: int = 10, ms: int = 100) -> bytes:
    """An animated WEBP, transparent."""
    return _moving("WEBP", _pictures(width, height, frames, alpha=True), ms)


@cache
def gif(width: int = 160, height: int = 120, frames: int = 10, ms: int = 100) -> bytes:
    """An animated GIF, transparent."""
    return _moving("GIF", _pictures(width, height, frames, alpha=True), ms, disposal=2)


@cache
def gif_still(width: int = 160, height: int = 120) -> bytes:
    """A GIF of one picture."""
    return _saved(_picture(width, height, 0.2, alpha=False), "GIF")


@cache
def apng(width: int = 320, height: int = 320, frames: int = 20, ms: int = 50) -> bytes:
    """An animated PNG, transparent, as Discord's stickers are."""
    return _moving("PNG", _pictures(width, height, frames, alpha=True), ms, disposal=1)


@cache
def avif_moving(width: int = 160, height: int = 120, frames: int = 10, ms: int = 100) -> bytes:
    """An animated AVIF."""
    images = _pictures(width, height, frames, alpha=False)
    return _moving("AVIF", images, ms, max_threads=1)


# Lottie


@cache
def lottie(side: int = 320, fps: int = 60, duration_s: float = 2.0) -> bytes:
    """A Lottie animation: a red disc that wanders and turns from the left to the right."""
    end = round(fps * duration_s)
    middle, far = side / 2, side * 3 / 4

    def fixed(value: object) -> dict[str, object]:
        return {"a": 0, "k": value}

    place = {
        "a": 1,
        "k": [
            {
                "t": 0,
                "s": [side / 4, middle, 0],
                "i": {"x": [0.8], "y": [0.8]},
                "o": {"x": [0.2], "y": [0.2]},
            },
            {"t": end, "s": [far, middle, 0]},
        ],
    }
    still = {"o": fixed(100), "r": fixed(0), "p": fixed([0, 0]), "a": fixed([0, 0])}
    shapes = [
        {"ty": "el", "p": fixed([0, 0]), "s": fixed([side / 3, side / 3])},
        {"ty": "fl", "c": fixed([0.86, 0.16, 0.16, 1]), "o": fixed(100)},
        {"ty": "tr", "s": fixed([100, 100]), **still},
    ]
    layer = {
        "ty": 4,
        "nm": "disc",
        "ind": 1,
        "ip": 0,
        "op": end,
        "st": 0,
        "ks": {"s": fixed([100, 100, 100]), **still, "p": place, "a": fixed([0, 0, 0])},
        "shapes": [{"ty": "gr", "it": shapes}],
    }
    head = {"v": "5.5.2", "fr": fps, "ip": 0, "op": end, "w": side, "h": side, "nm": "mate"}
    return json.dumps({**head, "ddd": 0, "assets": [], "layers": [layer]}).encode()


@cache
def tgs(fps: int = 60, duration_s: float = 2.0) -> bytes:
    """A moving sticker of Telegram's: Lottie, packed, 512 x 512."""
    packed = json.dumps({"tgs": 1, **json.loads(lottie(512, fps, duration_s))}).encode()
    return gzip.compress(packed, mtime=0)


# Films and sound


def _tone(seconds: float, layout: str) -> Iterator[AudioFrame]:
    """A tone of 440 Hz that swells and fades, in blocks of 960 samples at 48 kHz."""
    total, done = round(seconds * SOUND_RATE), 0
    channels = 2 if layout == "stereo" else 1
    while done < total:
        count = min(960, total - done)
        values = [
            round(
                20_000
                * math.sin(math.pi * (done + n) / total)
                * math.sin(2 * math.pi * 440 * (done + n) / SOUND_RATE)
            )
            for n in range(count)
        ]
        frame = AudioFrame(format="s16", layout=layout, samples=count)
        frame.planes[0].update(
            struct.pack(f"<{count * channels}h", *(v for v in values for _ in range(channels)))
        )
        frame.sample_rate, frame.pts = SOUND_RATE, done
        frame.time_base = Fraction(1, SOUND_RATE)
        yield frame
        done += count


def _film(
    form: str,
    *,
    video: tuple[str, int, int, float, int] | None = None,
    alpha: bool = False,
    sound: tuple[str, float, str] | None = None,
    turn: int = 0,
) -> bytes:
    """A file of moving pictures (codec, width, height, seconds, fps), sound (codec, s, layout)."""
    out = io.BytesIO()
    with av.open(out, "w", format=form, options=BITEXACT) as container:
        tracks: list[tuple[VideoStream | AudioStream, Iterator[VideoFrame | AudioFrame]]] = []
        if video is not None:
            codec, width, height, seconds, fps = video
            track = container.add_stream(codec, rate=fps)
            assert isinstance(track, VideoStream)
            track.width, track.height = width, height
            track.pix_fmt = "yuva420p" if alpha else "yuv420p"
            track.options = {"threads": "1", "deadline": "realtime", "cpu-used": "8"}
            if codec == "libx264":
                track.options = {"threads": "1", "preset": "veryfast"}
            if turn:
                track.set_display_rotation(turn)
            tracks.append((track, _frames(width, height, seconds, fps, alpha=alpha)))
        if sound is not None:
            codec, seconds, layout = sound
            noise = container.add_stream(codec, rate=SOUND_RATE, layout=layout)
            assert isinstance(noise, AudioStream)
            noise.codec_context.flags |= 1 << 23  # bitexact
            tracks.append((noise, _tone(seconds, layout)))
        for stream, frames in tracks:
            for frame in frames:
                container.mux(stream.encode(frame))  # type: ignore[arg-type]  # the library's types say less
            container.mux(stream.encode(None))
    return out.getvalue()


def _frames(
    width: int, height: int, seconds: float, fps: int, *, alpha: bool
) -> Iterator[VideoFrame]:
    count = round(seconds * fps)
    for n in range(count):
        image = _picture(width, height, n / count, alpha=alpha).convert("RGBA")
        frame = VideoFrame.from_bytes(image.tobytes(), width, height)
        frame.pts, frame.time_base = n, Fraction(1, fps)
        yield frame


@cache
def webm_sticker(width: int = 512, height: int = 512, seconds: float = 2.0) -> bytes:
    """A video sticker of Telegram's: VP9 in WEBM, transparent."""
    return _film("webm", video=("libvpx-vp9", width, height, seconds, 30), alpha=True)


@cache
def mp4(
    width: int = 320,
    height: int = 240,
    seconds: float = 2.0,
    fps: int = 15,
    *,
    sound: bool = True,
    turn: int = 0,
) -> bytes:
    """A film as phones make them: H.264, AAC; to be shown turned by so many degrees."""
    tone = ("aac", seconds, "stereo") if sound else None
    return _film("mp4", video=("libx264", width, height, seconds, fps), sound=tone, turn=turn)


@cache
def video_note(side: int = 240, seconds: float = 2.0) -> bytes:
    """A round film of Telegram's, which is a square one."""
    return mp4(side, side, seconds)


@cache
def mov(width: int = 320, height: int = 240, seconds: float = 1.0) -> bytes:
    """A film in QuickTime's container."""
    tone = ("aac", seconds, "stereo")
    return _film("mov", video=("libx264", width, height, seconds, 15), sound=tone)


@cache
def mkv(width: int = 320, height: int = 240, seconds: float = 1.0) -> bytes:
    """A film in Matroska's container."""
    tone = ("libopus", seconds, "stereo")
    return _film("matroska", video=("libx264", width, height, seconds, 15), sound=tone)


@cache
def webm(width: int = 320, height: int = 240, seconds: float = 1.0) -> bytes:
    """A film as browsers make them: VP9, Opus."""
    tone = ("libopus", seconds, "stereo")
    return _film("webm", video=("libvpx-vp9", width, height, seconds, 15), sound=tone)


@cache
def ogg_opus(seconds: float = 3.0, layout: str = "mono") -> bytes:
    """A voice message: Opus in OGG."""
    return _film("ogg", sound=("libopus", seconds, layout))


@cache
def mp3(seconds: float = 2.0) -> bytes:
    """Music."""
    return _film("mp3", sound=("libmp3lame", seconds, "stereo"))


@cache
def m4a(seconds: float = 2.0) -> bytes:
    """A voice message as phones make them: AAC in MP4."""
    return _film("ipod", sound=("aac", seconds, "mono"))


# Anything else


@cache
def document() -> bytes:
    """A PDF of one empty page."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


@cache
def blob(size_bytes: int, seed: int = 1) -> bytes:
    """A file of that size that is nothing in particular."""
    return random.Random(seed).randbytes(size_bytes)


# The witness


def probe(data: bytes) -> Probed:
    """Decode a whole file and say what it is.

    Raises:
        ValueError: It is nothing that is known here, or does not decode.
    """
    for head, offset, look in _LOOKS:
        if data[offset : offset + len(head)] == head:
            try:
                return look(data)
            except (OSError, SyntaxError, av.FFmpegError, EOFError, KeyError) as error:
                raise ValueError(f"does not decode: {error}") from error
    raise ValueError(f"unknown beginning {data[:12]!r}")


def _look_at_picture(data: bytes) -> Probed:
    with Image.open(io.BytesIO(data)) as image:
        assert image.format is not None
        frames = int(getattr(image, "n_frames", 1))
        duration_ms, alpha, changes, before = 0.0, False, 0, b""
        for n in range(frames):
            image.seek(n)
            image.load()
            duration_ms += float(image.info.get("duration", 0) or 0)
            rgba = image.convert("RGBA")
            alpha = alpha or rgba.getchannel("A").getextrema()[0] < 255  # type: ignore[operator]  # the library's types say less
            now = rgba.tobytes()
            changes += n > 0 and now != before
            before = now
        kind = "apng" if image.format == "PNG" and frames > 1 else image.format.lower()
        seconds = duration_ms / 1000 if frames > 1 else 0.0
        return Probed(kind, *image.size, seconds, frames, alpha, (), changes)


def _look_at_lottie(data: bytes) -> Probed:
    kind = "lottie"
    if data[:2] == b"\x1f\x8b":
        kind, data = "tgs", gzip.decompress(data)
    root = json.loads(data)
    frames = round(root["op"] - root["ip"])
    return Probed(kind, root["w"], root["h"], frames / root["fr"], frames, True)


def _look_at_film(data: bytes) -> Probed:
    with av.open(io.BytesIO(data), "r") as container:
        kind = _container(container.format.name, data)
        streams = [*container.streams.video, *container.streams.audio]
        codecs = tuple(stream.codec_context.name for stream in streams)
        if not container.streams.video:
            end = 0.0
            for sound in container.decode(audio=0):
                assert sound.time is not None
                end = max(end, sound.time + sound.samples / sound.sample_rate)
            if end == 0.0:
                raise ValueError("no sound in it")
            kind = "m4a" if kind == "mp4" else kind
            return Probed(kind, duration_s=end, codecs=codecs)
        track = container.streams.video[0]
        decoder: Any = track.codec_context
        if decoder.name == "vp9":  # ffmpeg's own decoder drops the transparency
            decoder = av.CodecContext.create("libvpx-vp9", "r")
        shown = _decoded(container.demux(track), decoder, float(track.average_rate or 25))
    codecs = tuple("vp9" if name == "libvpx-vp9" else name for name in codecs)
    return shown._replace(kind=kind, codecs=codecs)


def _decoded(packets: Iterator[Any], decoder: Any, fps: float) -> Probed:
    count, end, alpha, changes, before, size = 0, 0.0, False, 0, b"", (0, 0)
    for packet in packets:
        for frame in decoder.decode(packet if packet.size else None):
            count += 1
            size = (frame.width, frame.height)
            end = max(end, float((frame.pts or 0) * packet.time_base) + 1 / fps)
            if "yuva" in frame.format.name or "rgba" in frame.format.name:
                plane = frame.reformat(format="rgba").planes[0]
                stride = (bytes(plane), "raw", "RGBA", plane.line_size, 1)
                seen = Image.frombuffer("RGBA", size, *stride).getchannel("A")
                alpha = alpha or min(seen.tobytes()) < 255
            now = bytes(frame.planes[0])
            changes += count > 1 and now != before
            before = now
    if not count:
        raise ValueError("no pictures in it")
    return Probed("", *size, end, count, alpha, (), changes)


def _container(name: str, data: bytes) -> str:
    if "matroska" in name:
        return "webm" if b"webm" in data[:64] else "mkv"
    if "mov" in name:
        return "mov" if data[8:10] == b"qt" else "mp4"
    return name


def _look_at_document(data: bytes) -> Probed:
    if b"%%EOF" not in data:
        raise ValueError("an unfinished document")
    return Probed("pdf")


_LOOKS: Final[tuple[tuple[bytes, int, Callable[[bytes], Probed]], ...]] = (
    (b"\xff\xd8\xff", 0, _look_at_picture),
    (b"\x89PNG", 0, _look_at_picture),
    (b"GIF8", 0, _look_at_picture),
    (b"WEBP", 8, _look_at_picture),
    (b"ftypavi", 4, _look_at_picture),
    (b"{", 0, _look_at_lottie),
    (b"\x1f\x8b", 0, _look_at_lottie),
    (b"%PDF", 0, _look_at_document),
    (b"ftyp", 4, _look_at_film),
    (b"\x1aE\xdf\xa3", 0, _look_at_film),
    (b"OggS", 0, _look_at_film),
    (b"ID3", 0, _look_at_film),
    (b"\xff\xfb", 0, _look_at_film),
)
