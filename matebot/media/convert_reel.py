"""Moving pictures from whatever holds them, one after the other. Runs in a worker process."""

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from PIL import Image, ImageOps

from matebot.media.conversion import Facts, Unconvertible
from matebot.media.convert_look import (
    DRAWN,
    FILMS,
    MOST_PIXELS,
    PICTURES,
    QUICK_S,
    durations,
    film,
    kind_of,
    look,
    picture,
    shown_s,
    video_frames,
    within,
)
from matebot.media.convert_lottie import drawn, read_lottie

MOST_FPS: Final = 30.0
LEAST_FPS: Final = 5.0


class Shown(NamedTuple):
    """A picture, and for how long it is shown.

    Attributes:
        image: RGBA.
        seconds: How long.
    """

    image: Image.Image
    seconds: float


class Reel(NamedTuple):
    """Moving pictures that can be played, once or again.

    Attributes:
        width: In pixels, upright.
        height: Likewise.
        duration_s: How long they play, as far as it is told.
        fps: How many pictures a second do justice to the shortest of them; at most 30.
        play: Plays them, given a width, a height and the most pictures a second; what would be
            shown for less time than that allows is passed over.
    """

    width: int
    height: int
    duration_s: float
    fps: float
    play: Callable[[int, int, float], Iterator[Shown]]


def reel(path: Path) -> Reel:
    """Open moving pictures, or a still one, which are then one.

    Raises:
        Unconvertible: It holds no pictures.
    """
    kind = kind_of(path)
    if kind in PICTURES:
        return _of_picture(path, kind, look(path))
    if kind in DRAWN:
        return _of_drawing(path, packed=kind == DRAWN[0])
    if kind in FILMS:
        return _of_film(path, kind, look(path))
    raise Unconvertible("no pictures")


def first_picture(path: Path, most_side: int) -> Image.Image:
    """The first picture of anything, upright, in its own size if that is no larger.

    Args:
        path: The file.
        most_side: How long its longer side needs to be at most; JPEG is decoded no larger than
            about that.

    Raises:
        Unconvertible: It holds no pictures.
    """
    kind = kind_of(path)
    if kind in PICTURES:
        with picture(path, kind) as image:
            if kind == "image/jpeg":
                image.draft(None, fitted(*image.size, most_side))
            within(*image.size, MOST_PIXELS)
            image.load()
            return ImageOps.exif_transpose(image)
    whole = reel(path)
    width, height = fitted(whole.width, whole.height, most_side)
    for shown in whole.play(width, height, MOST_FPS):
        return shown.image
    raise Unconvertible("no pictures")


def fitted(width: int, height: int, side: int, *, enlarge: bool = False) -> tuple[int, int]:
    """Dimensions in the same proportion whose longer side is as given; smaller ones stay."""
    if max(width, height) <= side and not enlarge:
        return width, height
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def at_rate(shown: Iterable[Shown], fps: float, speed: float = 1.0) -> Iterator[Image.Image]:
    """Pictures as they stand at each tick; one that is shown for several ticks comes again."""
    tick, end = 0, 0.0
    for image, seconds in shown:
        end += seconds / speed
        while tick / fps < end - 0.001:
            yield image
            tick += 1


def write_picture(image: Image.Image, target: Path, form: str, **options: Any) -> int:
    """Write a picture; returns its size in bytes.

    Pillow's own way to a file tells a full disk from a broken picture by its words alone.
    """
    out = io.BytesIO()
    image.save(out, form, **options)
    return target.write_bytes(out.getbuffer())


def opaque(image: Image.Image) -> bool:
    """Whether nothing of a picture is transparent."""
    return (
        not image.has_transparency_data
        or min(image.convert("RGBA").getchannel("A").tobytes()) == 255
    )


def _of_picture(path: Path, kind: str, facts: Facts) -> Reel:
    if not facts.moves:
        return Reel(facts.width, facts.height, 0.0, LEAST_FPS, partial(_play_still, path))
    with picture(path, kind) as image:
        shortest = min(durations(image))

    def play(width: int, height: int, most_fps: float) -> Iterator[Shown]:
        with picture(path, kind) as image:
            for shown in _thinned(_all_of(image), most_fps):
                yield Shown(_resized(shown.image, width, height), shown.seconds)

    return Reel(facts.width, facts.height, facts.duration_s, _rate(1 / shortest), play)


def _play_still(path: Path, width: int, height: int, _most_fps: float) -> Iterator[Shown]:
    yield Shown(_resized(first_picture(path, max(width, height)), width, height), QUICK_S)


def _resized(image: Image.Image, width: int, height: int) -> Image.Image:
    return image.convert("RGBA").resize((width, height), Image.Resampling.LANCZOS)


def _all_of(image: Image.Image) -> Iterator[Shown]:
    with contextlib.suppress(EOFError):  # it claimed to have more
        for number in range(int(getattr(image, "n_frames", 1))):
            image.seek(number)
            image.load()
            yield Shown(image, shown_s(image))


def _thinned(shown: Iterable[Shown], most_fps: float) -> Iterator[Shown]:
    """Leave out what is shown too briefly, and show what is there for so much longer.

    The first is always shown. Each counts until the next is asked for.
    """
    owed, least = 0.0, 1
    for image, seconds in shown:
        owed += seconds
        ticks = max(least, int(owed * most_fps + 0.01))
        if ticks > 0:
            yield Shown(image, ticks / most_fps)
            owed -= ticks / most_fps
            least = 0


def _of_drawing(path: Path, *, packed: bool) -> Reel:
    lottie = read_lottie(path, packed=packed)
    fps = _rate(lottie.fps)

    def play(width: int, height: int, most_fps: float) -> Iterator[Shown]:
        rate = min(fps, most_fps)
        count = max(1, round(lottie.duration_s * rate))
        for image in drawn(lottie, width, height, (n / rate for n in range(count))):
            yield Shown(image, 1 / rate)

    return Reel(lottie.width, lottie.height, lottie.duration_s, fps, play)


def _of_film(path: Path, kind: str, facts: Facts) -> Reel:
    if not facts.frames:
        raise Unconvertible("no pictures")
    fps = facts.frames / facts.duration_s if facts.duration_s else MOST_FPS

    def play(width: int, height: int, most_fps: float) -> Iterator[Shown]:
        with film(path, kind) as (container, (video, _)):
            if video is None:
                raise Unconvertible("no pictures")
            frames = video_frames(container, video)
            for frame, seconds in _thinned_frames(frames, min(most_fps, _rate(fps)), 1 / fps):
                yield Shown(_as_image(frame, width, height), seconds)

    return Reel(facts.width, facts.height, facts.duration_s, _rate(fps), play)


def _thinned_frames(
    frames: Iterator[VideoFrame], most_fps: float, usual_s: float
) -> Iterator[tuple[VideoFrame, float]]:
    """Leave out what is shown too briefly; how long each is shown tells the time of the next."""
    kept: VideoFrame | None = None
    since = latest = 0.0
    for frame in frames:
        latest = frame.time if frame.time is not None else latest + usual_s
        if kept is None:
            kept, since = frame, latest
        elif latest - since >= 1 / most_fps - 0.002:
            yield kept, latest - since
            kept, since = frame, latest
    if kept is not None:
        yield kept, max(latest - since + usual_s, usual_s)


def _as_image(frame: VideoFrame, width: int, height: int) -> Image.Image:
    turn = frame.rotation
    size = (height, width) if turn % 180 else (width, height)
    plane = frame.reformat(*size, "rgba", interpolation=Interpolation.AREA).planes[0]
    image = Image.frombuffer("RGBA", size, bytes(plane), "raw", "RGBA", plane.line_size, 1)
    return image.rotate(turn, expand=True) if turn else image


def _rate(fps: float) -> float:
    return max(LEAST_FPS, min(MOST_FPS, fps))
