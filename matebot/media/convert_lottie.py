"""Lottie animations, TGS among them: read with care, then drawn. Runs in a worker process.

The drawing library trusts what it is given, so everything that it would allocate, repeat or load
by is looked at first. https://core.telegram.org/stickers#animation-requirements (2026-11-24)
"""

import json
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from PIL import Image
from rlottie_python.rlottie_wrapper import LottieAnimation

from matebot.media.conversion import Unconvertible

MOST_BYTES: Final = 4_000_000  # unpacked; Telegram's own are mostly under 1 MB
MOST_SECONDS: Final = 60.0
MOST_FPS: Final = 120.0
MOST_SIDE: Final = 4096
MOST_DEPTH: Final = 100
MOST_VALUES: Final = 500_000


class Lottie(NamedTuple):
    """An animation that is fit to be drawn."""

    text: str
    width: int
    height: int
    fps: float
    frames: int

    @property
    def duration_s(self) -> float:
        """How long it plays, in seconds."""
        return self.frames / self.fps


def read_lottie(path: Path, *, packed: bool) -> Lottie:
    """Read an animation.

    Args:
        path: The file.
        packed: Whether it is packed with gzip.

    Raises:
        Unconvertible: It is none, or asks for more than is sensible.
        ValueError: It is no JSON.
        zlib.error: It is not packed as it should be.
    """
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if packed:
        data = zlib.decompressobj(wbits=31).decompress(data, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unconvertible("a drawing of too many bytes")
    root = json.loads(data)
    if not isinstance(root, dict) or not isinstance(root.get("layers"), list):
        raise Unconvertible("no drawing")
    _bound(root)
    fps, frames = _number(root, "fr"), _number(root, "op") - _number(root, "ip")
    width, height = _number(root, "w"), _number(root, "h")
    if not (
        1 <= fps <= MOST_FPS
        and 1 <= frames <= MOST_SECONDS * fps
        and 1 <= width <= MOST_SIDE
        and 1 <= height <= MOST_SIDE
    ):
        raise Unconvertible("a drawing of absurd size or length")
    # Pictures are not part of a sticker, and would be loaded from wherever the file says.
    assets = root.get("assets")
    if isinstance(assets, list):
        root["assets"] = [item for item in assets if isinstance(item, dict) and "p" not in item]
    return Lottie(json.dumps(root), round(width), round(height), fps, round(frames))


def drawn(
    lottie: Lottie, width: int, height: int, times_s: Iterator[float]
) -> Iterator[Image.Image]:
    """Draw an animation as it is at certain times, transparent.

    Args:
        lottie: Which.
        width: Of the result, in pixels.
        height: Likewise.
        times_s: Seconds from its beginning.
    """
    with LottieAnimation.from_data(lottie.text, key_size=1) as animation:
        pointer: Any = animation.animation_p
        if not pointer:
            raise Unconvertible("a drawing that cannot be read")
        last = max(0, int(animation.lottie_animation_get_totalframe()) - 1)
        for time_s in times_s:
            number = min(last, int(time_s * lottie.fps + 0.001))
            pixels = animation.lottie_animation_render(number, width=width, height=height)
            image = Image.frombuffer("RGBa", (width, height), pixels, "raw", "BGRa", 0, 1)
            yield image.convert("RGBA")


def _number(root: dict[str, Any], name: str) -> float:
    value = root.get(name)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise Unconvertible(f"a drawing without {name}")
    return float(value)


def _bound(root: dict[str, Any]) -> None:
    """Check how deep and how large a drawing is, and how often it repeats anything."""
    level: list[Any] = [root]
    seen = 0
    for _ in range(MOST_DEPTH):
        following: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                if value.get("ty") == "rp" and not _repeats_little(value.get("c")):
                    raise Unconvertible("a drawing that repeats itself too often")
                following.extend(value.values())
            elif isinstance(value, list):
                following.extend(value)
        seen += len(following)
        if seen > MOST_VALUES:
            raise Unconvertible("a drawing of too many parts")
        if not following:
            return
        level = following
    raise Unconvertible("a drawing of too many levels")


def _repeats_little(copies: object) -> bool:
    value = copies.get("k") if isinstance(copies, dict) else copies
    return isinstance(value, int | float) and 0 <= value <= 100
