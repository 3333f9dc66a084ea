"""Files that mean harm, or were harmed: several hundred, the same every time."""

import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from matebot.media.conversion import Conversion
from tests.media import makers

C = Conversion


class Case(NamedTuple):
    """A file, and what somebody would make of what it claims to be."""

    name: str
    data: bytes
    conversion: Conversion


def sources() -> dict[str, tuple[bytes, Conversion]]:
    """Small sound files, and what is made of each."""
    return {
        "jpeg": (makers.jpeg(96, 64), C.PHOTO_TO_FIT),
        "png": (makers.png(96, 64, alpha=True), C.STICKER_TO_TELEGRAM_STILL),
        "webp": (makers.webp(96, 64), C.STICKER_STILL_TO_DISCORD),
        "avif": (makers.avif(), C.PHOTO_TO_FIT),
        "webp-moving": (makers.webp_moving(64, 48, 4), C.STICKER_TO_DISCORD),
        "gif": (makers.gif(64, 48, 4), C.TO_ANIMATION),
        "apng": (makers.apng(64, 64, 4), C.STICKER_TO_DISCORD),
        "avif-moving": (makers.avif_moving(64, 48, 4), C.TO_ANIMATION),
        "lottie": (makers.lottie(64, 10, 0.5), C.STICKER_TO_DISCORD),
        "tgs": (makers.tgs(10, 0.5), C.STICKER_TO_DISCORD),
        "webm-sticker": (makers.webm_sticker(64, 64, 0.3), C.STICKER_TO_DISCORD),
        "mp4": (makers.mp4(64, 48, 0.5), C.VIDEO_TO_FIT),
        "mov": (makers.mov(64, 48, 0.5), C.STILL),
        "mkv": (makers.mkv(64, 48, 0.5), C.VIDEO_TO_FIT),
        "webm": (makers.webm(64, 48, 0.5), C.TO_ANIMATION),
        "ogg": (makers.ogg_opus(0.5), C.VOICE_TO_OPUS),
        "mp3": (makers.mp3(0.5), C.VOICE_TO_OPUS),
        "m4a": (makers.m4a(0.5), C.VOICE_TO_OPUS),
    }


HARMS: Final = 28  # for each sound file


def harmed() -> Iterator[Case]:
    """Sound files cut off, with flipped bits, holes, doubled and shuffled parts."""
    for name, (data, conversion) in sources().items():
        dice = random.Random(name)
        for n in range(HARMS):
            yield Case(f"{name}-{n}", bytes(_harm(bytearray(data), n, dice)), conversion)


def _harm(data: bytearray, n: int, dice: random.Random) -> bytearray:
    size = len(data)
    if n < 7:
        return data[: size * (n + 1) // 8]
    if n < 18:
        for _ in range(1 + (n - 7) ** 2):
            data[dice.randrange(size)] ^= 1 << dice.randrange(8)
        return data
    if n < 22:  # the headers alone, where the dimensions and the tables are
        for _ in range(4):
            data[dice.randrange(8, min(size, 200))] = dice.choice((0, 0x7F, 0x80, 0xFF))
        return data
    start = dice.randrange(size // 2)
    end = start + dice.randrange(1, size // 2)
    if n < 25:
        data[start:end] = bytes([0, 0xFF][n % 2] for _ in range(end - start))
        return data
    return data[:end] + data[start:] if n % 2 else data[:start] + data[end:]


def bombs() -> Iterator[Case]:
    """Files that were made to do harm."""
    yield from _empty()
    yield from _huge_pictures()
    yield from _endless()
    yield from _disguised()
    yield from _drawings()


def _empty() -> Iterator[Case]:
    for conversion in C:
        yield Case(f"empty-{conversion}", b"", conversion)
        yield Case(f"noise-{conversion}", makers.blob(3000, 5), conversion)


def _huge_pictures() -> Iterator[Case]:
    for width, height in ((60_000, 60_000), (2**31 - 1, 1), (30_000, 30_000), (0, 0), (1, 40_000)):
        png = _png(width, height, zlib.compress(bytes(10_000)))
        for conversion in (C.DESCRIBE, C.PHOTO_TO_FIT, C.STICKER_TO_TELEGRAM_STILL, C.STILL):
            yield Case(f"png-{width}x{height}-{conversion}", png, conversion)
    # 30 MB of rows in 30 KB, then 900 of them
    yield Case("png-bomb", _png(6000, 6000, zlib.compress(bytes(6000 * 18_001), 9)), C.PHOTO_TO_FIT)
    yield Case("png-text-bomb", _png_text(), C.DESCRIBE)
    for sides in ((65_535, 65_535), (40_000, 40_000), (1, 65_535)):
        yield Case(f"jpeg-{sides}", _jpeg_of(*sides), C.PHOTO_TO_FIT)
        yield Case(f"gif-{sides}", _gif_of(*sides), C.TO_ANIMATION)
    webp = bytearray(makers.webp_moving(64, 48, 4))
    webp[24:30] = b"\xff" * 6  # the canvas: 16 million pixels square
    yield Case("webp-canvas", bytes(webp), C.STICKER_TO_DISCORD)
    apng = makers.apng(64, 64, 4).replace(struct.pack(">I", 4), struct.pack(">I", 2**31 - 1), 1)
    yield Case("apng-claims-pictures", apng, C.STICKER_TO_DISCORD)


def _endless() -> Iterator[Case]:
    gif = makers.gif(64, 48, 4)
    start = gif.index(b"\x21\xf9")
    endless = gif[:start] + gif[start:-1] * 3000 + b";"
    for conversion in (C.TO_ANIMATION, C.STICKER_TO_TELEGRAM_MOVING, C.STICKER_TO_DISCORD):
        yield Case(f"gif-endless-{conversion}", endless, conversion)
    for conversion in (C.DESCRIBE, C.VOICE_TO_OPUS):
        yield Case(f"ogg-ten-hours-{conversion}", _ten_hours(), conversion)
    film = makers.mp4(64, 48, 0.5)
    for box in (b"mvhd", b"tkhd", b"mdhd", b"stts", b"stsz", b"stco", b"stsc", b"avcC"):
        at = film.index(box) + 8
        for n, filling in enumerate((b"\xff" * 24, b"\x7f\xff\xff\xff" * 6)):
            bad = film[:at] + filling + film[at + 24 :]
            yield Case(f"mp4-{box.decode()}-{n}", bad, C.VIDEO_TO_FIT)
    size = film.index(b"moov") - 4
    yield Case("mp4-nested", film[: size + 8] + b"\0\0\0\x08moov" * 20_000, C.VIDEO_TO_FIT)


def _disguised() -> Iterator[Case]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", bytes(5_000_000))
    packed = out.getvalue()
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    for name, data in {
        "zip": packed,
        "zip-as-png": b"\x89PNG\r\n\x1a\n" + packed,
        "zip-as-jpeg": b"\xff\xd8\xff\xe0" + packed,
        "playlist": playlist,
        "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "playlist-as-ogg": b"OggS" + playlist,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "postscript": b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n",
        "webm-of-nothing": b"\x1aE\xdf\xa3" + bytes(2000),
        "ebml-endless": b"\x1aE\xdf\xa3\x01" + b"\xff" * 3000,
        "riff": b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 200,
        "wave": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0" + b"\xff" * 200,
        "avi": b"RIFF\xff\xff\xff\xffAVI LIST" + b"\xff" * 500,
    }.items():
        for conversion in (C.DESCRIBE, C.STILL, C.VOICE_TO_OPUS, C.STICKER_TO_DISCORD):
            yield Case(f"{name}-{conversion}", data, conversion)


def _drawings() -> Iterator[Case]:
    yield Case("tgs-bomb", gzip.compress(bytes(300_000_000), 9), C.STICKER_TO_DISCORD)
    twice = gzip.compress(gzip.compress(bytes(50_000_000), 9), 9)
    yield Case("tgs-twice", twice, C.STICKER_TO_DISCORD)
    spaces = gzip.compress(b"{" + b" " * 50_000_000 + b"}", 9)
    yield Case("tgs-spaces", spaces, C.STICKER_TO_DISCORD)
    yield Case("lottie-deep", b'{"layers":' + b"[" * 100_000, C.STICKER_TO_DISCORD)
    yield Case("lottie-deep-closed", b'{"layers":' + b"[" * 900 + b"]" * 900 + b"}", C.STILL)
    for n, changes in enumerate(_CHANGES):
        root = json.loads(makers.lottie(64, 10, 0.5))
        root.update(changes)
        data = json.dumps(root).encode()
        yield Case(f"lottie-{n}", data, C.STICKER_TO_DISCORD)
        yield Case(f"tgs-{n}", gzip.compress(data), C.STICKER_TO_TELEGRAM_MOVING)
    for n, layer in enumerate(_layers()):
        root = json.loads(makers.lottie(64, 10, 0.5))
        root["layers"].append({**root["layers"][0], **layer})
        yield Case(f"lottie-layer-{n}", json.dumps(root).encode(), C.STICKER_TO_DISCORD)


_CHANGES: Final[tuple[dict[str, Any], ...]] = (
    {"w": 10**9, "h": 10**9},
    {"w": -5},
    {"w": 0, "h": 0},
    {"w": "wide"},
    {"w": 1e308},
    {"fr": 10**6},
    {"fr": 0},
    {"fr": -1},
    {"fr": None},
    {"op": 10**12},
    {"op": -10},
    {"ip": 5, "op": 5},
    {"layers": []},
    {"layers": {}},
    {"layers": [None, 7, "x", []]},
    {"layers": [{}] * 2000},
    {"assets": [{"id": "a", "w": 9, "h": 9, "u": "/etc/", "p": "passwd", "e": 0}]},
    {"assets": [{"id": "a", "layers": [{"ty": 0, "refId": "a", "ks": {}, "ip": 0, "op": 9}]}]},
    {"assets": "x"},
    {"assets": [3]},
    {"v": "99.99.99"},
    {"v": []},
    {"fonts": {"list": [{"fName": "x" * 10_000}]}},
    {"markers": [{"tm": -1, "cm": "x", "dr": 10**9}]},
)


def _layers() -> Iterator[dict[str, Any]]:
    shape = {"ty": "gr", "it": []}
    for copies in (10**9, 50, -3):
        repeater = {"ty": "rp", "c": {"a": 0, "k": copies}, "o": {"a": 0, "k": 0}, "tr": {}}
        yield {"shapes": [shape, repeater]}
    moved = [{"t": 0, "s": [0]}, {"t": 5, "s": [10**9]}]
    yield {"shapes": [{"ty": "rp", "c": {"a": 1, "k": moved}}]}
    nested: dict[str, Any] = {"ty": "gr", "it": []}
    for _ in range(300):
        nested = {"ty": "gr", "it": [nested]}
    yield {"shapes": [nested]}
    yield {"shapes": [shape] * 20_000}
    yield {"ty": 0, "refId": "nothing"}
    yield {"parent": 1, "ind": 1}
    yield {"parent": 99}
    yield {"tt": 1, "td": 1}
    yield {"sr": 0}
    yield {"ks": {"p": {"a": 0, "k": [0, 0], "x": "while(true){}"}}}
    yield {"ks": {"s": {"a": 0, "k": [1e30, 1e30, 1e30]}}}
    yield {"ks": None}
    yield {"masksProperties": [{"mode": "a", "pt": {"a": 0, "k": {}}}]}
    yield {"shapes": [{"ty": "st", "w": {"a": 0, "k": 1e9}, "d": [{"n": "d", "v": {"k": 1e-9}}]}]}
    yield {"shapes": [{"ty": "gf", "g": {"p": 10**6, "k": {"a": 0, "k": [1]}}}]}
    yield {"ty": 2, "refId": "/etc/passwd"}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, pixels: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _png_text() -> bytes:
    text = _chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(200_000_000), 9))
    whole = makers.png(32, 32)
    return whole[:33] + text + whole[33:]


def _jpeg_of(width: int, height: int) -> bytes:
    data = bytearray(makers.jpeg(96, 64))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _gif_of(width: int, height: int) -> bytes:
    data = bytearray(makers.gif(64, 48, 4))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def _ten_hours() -> bytes:
    """A voice message whose last page says that it is ten hours long."""
    data = bytearray(makers.ogg_opus(0.5))
    at = data.rindex(b"OggS")
    data[at + 6 : at + 14] = struct.pack("<q", 36_000 * 48_000)
    data[at + 22 : at + 26] = bytes(4)
    crc = 0
    for byte in data[at:]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)
            crc &= 0xFFFFFFFF
    data[at + 22 : at + 26] = struct.pack("<I", crc)
    return bytes(data)
