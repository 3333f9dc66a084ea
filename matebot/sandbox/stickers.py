"""Draws moving stickers for browsers, which know no Lottie: an animated WEBP of each.

The drawing happens in a process of its own, ``python -m matebot.sandbox.stickers IN OUT``: a file
that is meant to do harm takes that one down, and not the sandbox.
"""

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matebot.sandbox.look import unpacked

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 256
FPS = 25.0
MOST_FRAMES = 150
DRAWN_WITHIN_S = 30.0


async def drawn(place: Path) -> Path | None:
    """The WEBP of a TGS or Lottie animation, made once and kept beside it; None: it is none."""
    target = place.with_suffix(".webp")
    if target.exists():
        return target
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "matebot.sandbox.stickers", str(place), str(target)),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(DRAWN_WITHIN_S):
            status = await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return target if status == 0 and target.exists() else None


def draw(source: Path, target: Path) -> None:
    """Write the WEBP.

    Raises:
        ValueError: It is no animation.
    """
    text = unpacked(source)
    if text is None:
        raise ValueError(f"no Lottie animation: {source}")
    lottie: Any = import_module("rlottie_python")  # it tells no types
    with lottie.LottieAnimation.from_data(text) as animation:
        rate, total = animation.lottie_animation_get_framerate(), _count(animation)
        step = max(1.0, rate / FPS, total / MOST_FRAMES)
        numbers = [round(step * number) for number in range(max(1, int(total / step)))]
        frames = [_frame(animation, min(number, total - 1)) for number in numbers]
    unfinished = target.with_suffix(".part")
    frames[0].save(
        unfinished,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=round(1000 * step / rate),
        loop=0,
        quality=75,
        method=2,
    )
    unfinished.rename(target)


def _count(animation: Any) -> int:
    return max(1, int(animation.lottie_animation_get_totalframe()))


def _frame(animation: Any, number: int) -> "Image":
    frame: Image = animation.render_pillow_frame(frame_num=number, width=SIDE, height=SIDE)
    return frame


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
