"""Stickers and pictures: each conversion's result is opened and looked at by another's eyes."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from matebot.media.conversion import (
    Conversion,
    Limits,
    Unconvertible,
)
from tests.media import makers
from tests.media.converting import Made
from tests.media.makers import probe

C = Conversion
MOVING = {
    "apng": makers.apng,
    "gif": makers.gif,
    "webp": makers.webp_moving,
    "lottie": makers.lottie,
    "tgs": makers.tgs,
    "webm": makers.webm_sticker,
}
TELEGRAM_PHOTO = Limits(most_bytes=10_000_000, most_sides=10_000, most_ratio=20)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def first_colours(data: bytes, x: float, y: float) -> tuple[int, ...]:
    """The colour of a first picture at a place, given in shares of its sides."""
    with Image.open(io.BytesIO(data)) as image:
        rgba = image.convert("RGBA")
        colour = rgba.getpixel((int(x * rgba.width), int(y * rgba.height)))
    assert isinstance(colour, tuple)
    return colour


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 190 and colour[1] < 80 and colour[2] < 80 and colour[3] == 255


@pytest.mark.parametrize("name", MOVING)
def test_a_moving_sticker_moves_in_discord(made: Made, name: str) -> None:
    """As animated WEBP, transparent, at most 256 pixels and 30 pictures a second."""
    source = probe(MOVING[name]())
    _, result = made(C.STICKER_TO_DISCORD, MOVING[name]())
    assert result.kind == "webp"
    assert result.alpha
    assert max(result.width, result.height) == min(256, max(source.width, source.height))
    assert result.width * source.height == pytest.approx(result.height * source.width, rel=0.02)
    assert result.duration_s == pytest.approx(source.duration_s, abs=0.05)
    assert 10 <= result.frames <= 30 * source.duration_s + 1
    assert result.changes == result.frames - 1
    assert first_colours(made.data, 0.02, 0.02)[3] == 0
    assert is_red(first_colours(made.data, 0.25, 0.5))


@pytest.mark.parametrize("name", MOVING)
def test_a_moving_sticker_is_a_video_sticker_in_telegram(made: Made, name: str) -> None:
    """VP9 with transparency, a side of 512, below 3 s and 256 KB: what the service asks for."""
    source = probe(MOVING[name]())
    facts, result = made(C.STICKER_TO_TELEGRAM_MOVING, MOVING[name]())
    assert result.kind == "webm"
    assert result.codecs == ("vp9",)
    assert result.alpha
    assert facts.alpha
    assert max(result.width, result.height) == 512
    assert result.duration_s == pytest.approx(source.duration_s, abs=0.05)
    assert result.frames <= 30 * result.duration_s + 1
    assert result.changes >= 9
    assert len(made.data) <= 256_000


@pytest.mark.parametrize(("seconds", "expected"), [(4.0, 2.97), (9.0, 2.97)])
def test_a_long_sticker_is_played_faster_or_cut(
    made: Made, seconds: float, expected: float
) -> None:
    _, result = made(C.STICKER_TO_TELEGRAM_MOVING, makers.lottie(64, 30, seconds))
    assert result.duration_s == pytest.approx(expected, abs=0.05)
    assert result.duration_s < 3


def test_a_sticker_of_noise_is_made_to_fit(made: Made) -> None:
    """What does not compress still gets below the services' limits."""
    noise = Image.frombytes("RGB", (128, 128), makers.blob(128 * 128 * 3)).resize((256, 256))
    images = [noise.rotate(turn * 10) for turn in range(20)]
    out = io.BytesIO()
    images[0].save(out, "WEBP", save_all=True, append_images=images[1:], duration=50)
    made(C.STICKER_TO_TELEGRAM_MOVING, out.getvalue())
    assert len(made.data) <= 256_000
    made(C.STICKER_TO_DISCORD, out.getvalue())
    most = len(made.data) * 2 // 3
    made(C.STICKER_TO_DISCORD, out.getvalue(), Limits(most_bytes=most))
    assert 0 < len(made.data) <= most
    with pytest.raises(Unconvertible):
        made(C.STICKER_TO_DISCORD, out.getvalue(), Limits(most_bytes=1_000))


def test_a_quick_animation_keeps_its_pace(made: Made) -> None:
    """Sixty pictures a second become thirty, in the same time."""
    _, result = made(C.STICKER_TO_DISCORD, makers.apng(64, 64, 60, 17))
    assert result.duration_s == pytest.approx(1.02, abs=0.04)
    assert 28 <= result.frames <= 32


@pytest.mark.parametrize("name", ["png", "webp", "jpeg", *MOVING])
def test_a_still_of_any_sticker(made: Made, name: str) -> None:
    """PNG for Discord, WEBP with a side of 512 for Telegram."""
    data = getattr(makers, {"webm": "webm_sticker"}.get(name, name))()
    alpha = name in MOVING or name == "webp"
    _, png = made(C.STICKER_STILL_TO_DISCORD, data)
    assert (png.kind, png.frames, png.alpha) == ("png", 1, alpha)
    assert max(png.width, png.height) <= 256
    _, webp = made(C.STICKER_TO_TELEGRAM_STILL, data)
    assert (webp.kind, webp.frames, webp.alpha) == ("webp", 1, alpha)
    assert max(webp.width, webp.height) == 512
    assert len(made.data) <= 512_000


def test_a_still_sticker_where_a_moving_one_is_asked_for(made: Made) -> None:
    """A file that only could move is no reason to lose it."""
    _, result = made(C.STICKER_TO_DISCORD, makers.png(alpha=True))
    assert (result.kind, result.frames) == ("webp", 1)
    _, result = made(C.STICKER_TO_TELEGRAM_MOVING, makers.png(alpha=True))
    assert (result.kind, result.frames) == ("webm", 1)


@pytest.mark.parametrize(
    "data", [makers.heavy_png, makers.huge_jpeg, makers.webp, makers.avif, makers.gif]
)
def test_a_photo_gets_within_the_limits(made: Made, data: Callable[[], bytes]) -> None:
    source = probe(data())
    _, result = made(C.PHOTO_TO_FIT, data(), TELEGRAM_PHOTO)
    assert result.kind == "jpeg"
    assert len(made.data) <= 10_000_000
    assert result.width + result.height <= 10_000
    assert result.width * source.height == pytest.approx(result.height * source.width, rel=0.02)


def test_a_photo_within_few_bytes(made: Made) -> None:
    _, result = made(C.PHOTO_TO_FIT, makers.heavy_png(), Limits(most_bytes=100_000))
    assert len(made.data) <= 100_000
    assert result.width >= 200
    with pytest.raises(Unconvertible):
        made(C.PHOTO_TO_FIT, makers.heavy_png(), Limits(most_bytes=300))


def test_a_photo_within_given_sides(made: Made) -> None:
    _, result = made(C.PHOTO_TO_FIT, makers.jpeg(800, 600), Limits(most_sides=700))
    assert (result.width, result.height) == (400, 300)
    _, result = made(C.PHOTO_TO_FIT, makers.jpeg(800, 600), Limits(most_side=200))
    assert (result.width, result.height) == (200, 150)


def test_a_strip_is_no_photo(made: Made) -> None:
    """Telegram refuses it, and squeezing it would show nothing."""
    with pytest.raises(Unconvertible):
        made(C.PHOTO_TO_FIT, makers.png(2100, 100), TELEGRAM_PHOTO)


@pytest.mark.parametrize(("orientation", "turned"), [(1, False), (3, False), (6, True), (8, True)])
def test_a_photo_stands_upright(made: Made, orientation: int, *, turned: bool) -> None:
    """What the camera wrote down about how it was held is done, not passed on."""
    data = makers.jpeg(320, 240, orientation=orientation)
    _, result = made(C.PHOTO_TO_FIT, data)
    assert (result.width, result.height) == ((240, 320) if turned else (320, 240))
    disc = {1: (0.3, 0.5), 3: (0.7, 0.5), 6: (0.5, 0.3), 8: (0.5, 0.7)}[orientation]
    colour = first_colours(made.data, *disc)
    assert is_red(colour), colour


def test_nothing_private_of_a_photo_goes_along(made: Made) -> None:
    data = makers.jpeg(gps=True)
    assert b"MateCam" in data
    made(C.PHOTO_TO_FIT, data)
    assert b"MateCam" not in made.data
    assert b"Exif" not in made.data


def test_what_is_transparent_is_white_in_a_photo(made: Made) -> None:
    made(C.PHOTO_TO_FIT, makers.png(alpha=True))
    assert min(first_colours(made.data, 0.95, 0.05)) > 245


@pytest.mark.parametrize("name", ["jpeg", "heavy_png", "gif", "tgs", "webm_sticker", "mp4", "avif"])
def test_a_preview_of_anything(made: Made, name: str) -> None:
    _, result = made(C.STILL, getattr(makers, name)(), Limits(most_side=100, most_bytes=30_000))
    assert (result.kind, result.frames) == ("png", 1)
    assert max(result.width, result.height) <= 100
    assert len(made.data) <= 30_000


@pytest.mark.parametrize("conversion", [c for c in C if c is not C.DESCRIBE])
@pytest.mark.parametrize("data", [b"", makers.document(), makers.blob(5000), b"{}", b"\x1f\x8b"])
def test_what_is_no_picture(made: Made, conversion: Conversion, data: bytes) -> None:
    """It is refused, and nothing is left behind."""
    with pytest.raises(Unconvertible):
        made(conversion, data)
    assert not (made.folder / "target").exists()
