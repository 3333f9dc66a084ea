"""Still pictures: photos within a service's limits, and previews. Runs in a worker process."""

import io
import math
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms

from matebot.media.conversion import Limits, Unconvertible
from matebot.media.convert_reel import first_picture, fitted, opaque, write_picture

STILL_SIDE: Final = 1280
PHOTO_SIDE: Final = 5000  # sharper than either service shows
QUALITIES: Final = (90, 80, 70)
SHRINKING: Final = 0.7
LEAST_SIDE: Final = 32


def photo_to_fit(source: Path, target: Path, limits: Limits) -> None:
    """Write a picture as JPEG: upright, on white, in sRGB, without anything else of the file."""
    most_side = min(limits.most_side or PHOTO_SIDE, PHOTO_SIDE)
    image = _on_white(_in_srgb(first_picture(source, most_side)))
    width, height = fitted(image.width, image.height, most_side)
    if limits.most_ratio and max(width, height) > limits.most_ratio * min(width, height):
        raise Unconvertible("a picture too long for a photo")
    if limits.most_sides and width + height > limits.most_sides:
        scale = limits.most_sides / (width + height)
        width, height = math.floor(width * scale) or 1, math.floor(height * scale) or 1
    while max(width, height) >= LEAST_SIDE or (width, height) == image.size:
        image = _resized(image, width, height)
        for quality in QUALITIES:
            options = {"quality": quality, "optimize": True, "progressive": True}
            size = write_picture(image, target, "JPEG", **options)
            if not limits.most_bytes or size <= limits.most_bytes:
                return
        width, height = math.ceil(width * SHRINKING), math.ceil(height * SHRINKING)
    raise Unconvertible("a picture that cannot be made small enough")


def still(source: Path, target: Path, limits: Limits) -> None:
    """Write the first picture of anything as PNG."""
    side = limits.most_side or STILL_SIDE
    image = first_picture(source, side)
    image = image.convert("RGB" if opaque(image) else "RGBA")
    while side >= LEAST_SIDE:
        width, height = fitted(image.width, image.height, side)
        image = _resized(image, width, height)
        size = write_picture(image, target, "PNG")
        if not limits.most_bytes or size <= limits.most_bytes:
            return
        side = math.floor(max(width, height) * SHRINKING)
    raise Unconvertible("a picture that cannot be made small enough")


def _resized(image: Image.Image, width: int, height: int) -> Image.Image:
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_srgb(image: Image.Image) -> Image.Image:
    """Bring the colours of a wider space, as phones photograph in, into that of screens."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        screen = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, own, screen, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that says nothing


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, image).convert("RGB")
