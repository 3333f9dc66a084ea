"""Files for the demo, made when they are needed: pictures, moving stickers, a voice.

Nothing here was drawn or spoken by anybody: shapes and tones that are computed.
"""

import gzip
import io
import json
import math
from array import array
from typing import Any

Json = dict[str, Any]
RATE = 48_000
STICKER_FPS = 60
MELODY = (392.0, 440.0, 523.25, 440.0, 587.33, 523.25)
SCENES = (
    ("#1b2a49", "#f4a259", "#5b8e7d"),
    ("#2d3047", "#93b7be", "#e07a5f"),
    ("#14213d", "#fca311", "#588157"),
)


def picture(number: int, width: int = 960, height: int = 720) -> bytes:
    """A landscape as a JPEG: a sky, a sun, two rows of hills; each number has its own."""
    from PIL import Image, ImageDraw, ImageFilter

    sky, sun, hill = SCENES[number % len(SCENES)]
    image = Image.new("RGB", (width, height), sky)
    draw = ImageDraw.Draw(image)
    for row in range(height):
        share = row / height
        draw.line((0, row, width, row), fill=_mixed(sky, sun, share * 0.6))
    at = width * (2 + number % 3) // 6
    draw.ellipse((at - 90, height // 3 - 90, at + 90, height // 3 + 90), fill=sun)
    image = image.filter(ImageFilter.GaussianBlur(2))
    draw = ImageDraw.Draw(image)
    for depth, shade in ((0.62, 0.35), (0.76, 0.0)):
        points = [
            (x, height * depth + 60 * math.sin(x / (90 + 40 * depth) + number))
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([*points, (width, height), (0, height)], fill=_mixed(hill, sky, shade))
    return _saved(image, "JPEG", quality=88)


def _mixed(one: str, other: str, share: float) -> tuple[int, int, int]:
    from PIL import ImageColor

    pairs = zip(ImageColor.getrgb(one)[:3], ImageColor.getrgb(other)[:3], strict=True)
    red, green, blue = (round(a + (b - a) * share) for a, b in pairs)
    return red, green, blue


def _saved(image: Any, form: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def lottie(side: int = 320) -> bytes:
    """A gourd that hops and turns, for two seconds, as a Lottie animation."""
    return json.dumps(_animation(side), separators=(",", ":")).encode()


def tgs() -> bytes:
    """The same as a sticker of Telegram's."""
    return gzip.compress(lottie(512), mtime=0)


def _animation(side: int) -> Json:
    """A Lottie document, see https://lottiefiles.github.io/lottie-docs/ ."""
    end, half = 2 * STICKER_FPS, STICKER_FPS
    low, high = [side * 0.5, side * 0.62, 0], [side * 0.5, side * 0.38, 0]
    ease = {"i": {"x": 0.4, "y": 1}, "o": {"x": 0.6, "y": 0}}
    move = [_key(0, low, ease), _key(half, high, ease), _key(end, low, {})]
    turn = [_key(0, [-14], ease), _key(half, [14], ease), _key(end, [-14], {})]
    body = [
        _ellipse(side * 0.44, side * 0.46, 0, [0.36, 0.22, 0.13, 1]),
        _ellipse(side * 0.30, side * 0.14, -side * 0.18, [0.35, 0.56, 0.24, 1]),
    ]
    layer: Json = {
        "ddd": 0,
        "ind": 1,
        "ty": 4,
        "nm": "gourd",
        "sr": 1,
        "st": 0,
        "ip": 0,
        "op": end,
        "ks": {
            "o": {"a": 0, "k": 100},
            "r": {"a": 1, "k": turn},
            "p": {"a": 1, "k": move},
            "a": {"a": 0, "k": [0, 0, 0]},
            "s": {"a": 0, "k": [100, 100, 100]},
        },
        "shapes": list(reversed(body)),
        "bm": 0,
    }
    head = {"v": "5.5.2", "fr": STICKER_FPS, "ip": 0, "op": end, "w": side, "h": side}
    return {**head, "nm": "gourd", "ddd": 0, "assets": [], "layers": [layer]}


def _key(frame: int, value: list[float], ease: Json) -> Json:
    return {"t": frame, "s": value, **ease}


def _ellipse(width: float, height: float, above: float, colour: list[float]) -> Json:
    place = {"p": {"a": 0, "k": [0, above]}, "s": {"a": 0, "k": [width, height]}}
    still: Json = {"a": 0, "k": [0, 0]}
    shift: Json = {"ty": "tr", "p": still, "a": still, "s": {"a": 0, "k": [100, 100]}}
    shift |= {"r": {"a": 0, "k": 0}, "o": {"a": 0, "k": 100}}
    fill: Json = {"ty": "fl", "c": {"a": 0, "k": colour}, "o": {"a": 0, "k": 100}, "r": 1}
    return {"ty": "gr", "it": [{"ty": "el", "d": 1, **place}, fill, shift]}


def apng(side: int = 160, frames: int = 16) -> bytes:
    """A sticker of Discord's: a ring that turns, transparent."""
    from PIL import Image, ImageDraw

    drawn = []
    for number in range(frames):
        image = Image.new("RGBA", (side, side))
        draw = ImageDraw.Draw(image)
        start = 360 * number / frames
        for part, colour in enumerate(("#5865f2", "#57f287", "#fee75c", "#eb459e")):
            at = start + 90 * part
            draw.arc((12, 12, side - 12, side - 12), at, at + 74, fill=colour, width=22)
        drawn.append(image)
    more = {"save_all": True, "append_images": drawn[1:], "duration": 60, "loop": 0}
    return _saved(drawn[0], "PNG", disposal=1, blend=0, **more)


def voice(seconds: float = 3.6) -> bytes:
    """A hummed melody: Opus in OGG, one channel, 48 kHz, as voice messages are recorded."""
    import av

    target = io.BytesIO()
    with av.open(target, "w", format="ogg") as container:
        stream: Any = container.add_stream("libopus", rate=RATE)
        stream.bit_rate, stream.layout = 32_000, "mono"
        block = 960
        for start in range(0, int(seconds * RATE), block):
            frame: Any = av.AudioFrame(format="s16", layout="mono", samples=block)
            frame.planes[0].update(_hum(start, block, seconds).tobytes())
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def loudness(count: int = 96) -> bytes:
    """How loud `voice` is over its time, in so many samples, as whoever records it tells."""
    return bytes(int(255 * _swell(number / count * len(MELODY))) for number in range(count))


def _swell(note: float) -> float:
    return math.pow(math.sin(math.pi * (note % 1)), 0.7)


def _hum(start: int, count: int, seconds: float) -> "array[int]":
    samples = array("h")
    for number in range(start, start + count):
        at = number / RATE
        note = at / seconds * len(MELODY)
        swell = _swell(note)
        tone = MELODY[min(int(note), len(MELODY) - 1)] * (1 + 0.004 * math.sin(34 * at))
        wave = math.sin(math.tau * tone * at) + 0.4 * math.sin(2 * math.tau * tone * at)
        samples.append(int(9000 * swell * wave))
    return samples
