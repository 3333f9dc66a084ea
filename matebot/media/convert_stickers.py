"""Stickers, still and moving, as the other service shows them. Runs in a worker process."""

from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

import av
from av.video.frame import VideoFrame
from PIL import Image

from matebot.media.conversion import Limits, Unconvertible
from matebot.media.convert_reel import (
    Reel,
    Shown,
    at_rate,
    first_picture,
    fitted,
    opaque,
    reel,
    write_picture,
)

DISCORD_SIDE: Final = 256
DISCORD_LONGEST_S: Final = 10.0
DISCORD_MOST_BYTES: Final = 8_000_000
TELEGRAM_SIDE: Final = 512
TELEGRAM_LONGEST_S: Final = 2.98  # below 3 s also where a player rounds up
TELEGRAM_MOVING_BYTES: Final = 256_000  # whether K is 1000 or 1024 is not said
TELEGRAM_STILL_BYTES: Final = 512_000
_RUNGS: Final = ((28, 1), (44, 1), (60, 1), (63, 2), (63, 4), (63, 8))
"""Quality, and of how many pictures one is kept; each makes about a third of the one before."""
MOST_SPEED: Final = 2.0  # what is too long is played faster, up to this, and then cut off


def to_discord(source: Path, target: Path, limits: Limits) -> None:
    """Write a moving sticker as animated WEBP."""
    whole = reel(source)
    size = fitted(whole.width, whole.height, limits.most_side or DISCORD_SIDE)
    most_bytes = limits.most_bytes or DISCORD_MOST_BYTES
    for fps, quality in ((30.0, 80), (20.0, 60), (12.0, 40)):
        if _write_webp(_until(whole, size, fps, DISCORD_LONGEST_S), target, quality) <= most_bytes:
            return
    raise Unconvertible("a sticker that cannot be made small enough")


def still_to_discord(source: Path, target: Path, limits: Limits) -> None:
    """Write a sticker's first picture as PNG."""
    image = _sized(source, limits.most_side or DISCORD_SIDE, enlarge=False)
    write_picture(image, target, "PNG", optimize=True)


def still_to_telegram(source: Path, target: Path, limits: Limits) -> None:
    """Write a sticker's first picture as a static sticker."""
    image = _sized(source, TELEGRAM_SIDE, enlarge=True)
    most_bytes = limits.most_bytes or TELEGRAM_STILL_BYTES
    for quality in (95, 80, 50):
        if write_picture(image, target, "WEBP", quality=quality, method=4) <= most_bytes:
            return
    raise Unconvertible("a sticker that cannot be made small enough")


def moving_to_telegram(source: Path, target: Path, limits: Limits) -> None:
    """Write a moving sticker as a video sticker."""
    whole = reel(source)
    width, height = fitted(whole.width, whole.height, TELEGRAM_SIDE, enlarge=True)
    speed = max(1.0, min(MOST_SPEED, whole.duration_s / TELEGRAM_LONGEST_S))
    fps = whole.fps
    ticks = int(TELEGRAM_LONGEST_S * fps)
    pictures = at_rate(whole.play(width, height, fps), fps, speed)
    frames = [_as_frame(image) for image in islice(pictures, ticks)]
    if not frames:
        raise Unconvertible("no pictures")
    most_bytes = limits.most_bytes or TELEGRAM_MOVING_BYTES
    rung = 0
    while rung < len(_RUNGS):
        crf, step = _RUNGS[rung]
        size = _write_webm(frames[::step], fps / step, target, crf, most_bytes)
        if size <= most_bytes:
            return
        rung += 1 + (size > 3 * most_bytes) + (size > 9 * most_bytes)
    raise Unconvertible("a sticker that cannot be made small enough")


def _sized(source: Path, side: int, *, enlarge: bool) -> Image.Image:
    image = first_picture(source, side)
    image = image.convert("RGB" if opaque(image) else "RGBA")
    size = fitted(image.width, image.height, side, enlarge=enlarge)
    return image.resize(size, Image.Resampling.LANCZOS)


def _until(whole: Reel, size: tuple[int, int], fps: float, longest_s: float) -> list[Shown]:
    shown: list[Shown] = []
    left_s = longest_s
    for image, seconds in whole.play(*size, fps):
        shown.append(Shown(image, min(seconds, left_s)))
        left_s -= seconds
        if left_s <= 0:
            break
    if not shown:
        raise Unconvertible("no pictures")
    return shown


def _write_webp(shown: list[Shown], target: Path, quality: int) -> int:
    ends, total = [0], 0.0
    for one in shown:  # rounded where each ends, so that the roundings do not add up
        total += one.seconds * 1000
        ends.append(round(total))
    images = [one.image for one in shown]
    return write_picture(
        images[0],
        target,
        "WEBP",
        save_all=len(images) > 1,
        append_images=images[1:],
        duration=[end - start for start, end in pairwise(ends)],
        loop=0,
        quality=quality,
        method=3,
        allow_mixed=True,
    )


def _as_frame(image: Image.Image) -> VideoFrame:
    frame = VideoFrame.from_bytes(image.tobytes(), image.width, image.height)
    return frame.reformat(format="yuva420p")


def _write_webm(
    frames: list[VideoFrame], fps: float, target: Path, crf: int, most_bytes: int
) -> int:
    """Write VP9 of an even quality: 0 is the best, 63 the smallest.

    Returns:
        Its size in bytes; once it is clear that it is too much, what it would have become.
    """
    rate = Fraction(fps).limit_denominator(1000)
    written = 0
    with av.open(str(target), "w", format="webm", options={"fflags": "+bitexact"}) as out:
        track = out.add_stream("libvpx-vp9", rate=rate)
        track.width, track.height, track.pix_fmt = frames[0].width, frames[0].height, "yuva420p"
        track.bit_rate = 0  # as many as the quality takes
        track.options = {
            "crf": str(crf),
            "deadline": "good",
            "cpu-used": "5",
            "threads": "1",
            "auto-alt-ref": "0",  # hidden pictures and transparency exclude each other
        }
        for number, frame in enumerate([*frames, None]):
            if frame is not None:
                frame.pts, frame.time_base = number, 1 / rate
            for packet in track.encode(frame):
                written += packet.size
                out.mux(packet)
            if written > most_bytes and number:
                return written * len(frames) // number
    return target.stat().st_size
