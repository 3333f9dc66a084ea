"""How fast stickers are converted, what the first one waits for, and what keeping them saves."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from matebot.core.ids import Platform
from matebot.core.media import Ready, Takes
from matebot.core.message import AttachmentKind
from matebot.media.conversion import Conversion
from matebot.media.desk import Desk
from matebot.media.spool import Spool
from matebot.media.workers import Workers
from tests.benchmarks.tables import Line
from tests.media import makers
from tests.media.world import GROUP, Book, Source, attachment, message

C = Conversion
KINDS: Final[dict[str, tuple[Callable[[], bytes], Conversion]]] = {
    "TGS, 512 px, 60 fps, 2 s, to Discord": (makers.tgs, C.STICKER_TO_DISCORD),
    "WEBM, 512 px, 30 fps, 2 s, to Discord": (makers.webm_sticker, C.STICKER_TO_DISCORD),
    "WEBP, 512 px, to Discord": (makers.webp, C.STICKER_STILL_TO_DISCORD),
    "APNG, 320 px, 20 fps, 1 s, to Telegram": (makers.apng, C.STICKER_TO_TELEGRAM_MOVING),
    "GIF, 160 px, 10 fps, 1 s, to Telegram": (makers.gif, C.STICKER_TO_TELEGRAM_MOVING),
    "Lottie, 320 px, 60 fps, 2 s, to Telegram": (makers.lottie, C.STICKER_TO_TELEGRAM_MOVING),
    "PNG, 320 px, to Telegram": (makers.png, C.STICKER_TO_TELEGRAM_STILL),
}
LEAST_S: Final = 1.5
"""Each kind is converted again and again for so long, one after the other."""
CACHED: Final = 300


async def lines() -> AsyncIterator[Line]:
    """The figures: each kind in one warm process, the start of that process, and the cache."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with Workers() as workers:
            yield await _first(workers, folder)
            for kind, (make, conversion) in KINDS.items():
                rate = await _rate(workers, folder, make(), conversion)
                yield Line(f"sticker, {kind}", rate, "/s")
            yield await _kept(workers, folder)


async def _first(workers: Workers, folder: Path) -> Line:
    source = folder / "first"
    source.write_bytes(makers.png())
    began = time.perf_counter()
    await workers.convert(C.DESCRIBE, source, folder / "nothing")
    took_ms = (time.perf_counter() - began) * 1000
    return Line("first conversion after a quiet minute: start of its process", took_ms, "ms")


async def _rate(workers: Workers, folder: Path, data: bytes, conversion: Conversion) -> float:
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    await workers.convert(conversion, source, target)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < LEAST_S:
        target.unlink()
        await workers.convert(conversion, source, target)
        count += 1
    return count / (time.perf_counter() - began)


async def _kept(workers: Workers, folder: Path) -> Line:
    """A sticker that was there before: its file is looked up, not made."""
    source = Source()
    source.files["tgs"] = makers.tgs()
    desk = Desk(
        sources={Platform.TELEGRAM: source},
        book=Book(),
        spool=Spool(folder / "media", 100_000_000),
        converter=workers,
    )
    mime = "application/x-tgsticker"
    what = attachment(AttachmentKind.STICKER, "tgs", len(makers.tgs()), name="tgs", mime=mime)
    of, takes = message(what, room=GROUP), Takes(Platform.DISCORD, 10_000_000)
    count, began = 0, 0.0
    for _ in range(CACHED + 1):
        (ready,) = await desk.outcomes(of, takes)
        assert isinstance(ready, Ready)
        await desk.path(of, ready, takes)
        count, began = (count + 1, began) if began else (0, time.perf_counter())
    return Line(
        "sticker, TGS, to Discord, converted before", count / (time.perf_counter() - began), "/s"
    )
