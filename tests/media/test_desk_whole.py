"""The desk with real files, the real converters and the real database."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from matebot.core.ids import Platform
from matebot.core.media import Ready, Takes
from matebot.core.message import Attachment, AttachmentKind
from matebot.media.desk import Desk
from matebot.media.spool import Spool
from matebot.media.workers import Workers
from matebot.storage.database import Database, connect
from matebot.storage.files import Files
from matebot.storage.migrations import migrate
from tests.media import makers
from tests.media.world import CHANNEL, GROUP, TO_DISCORD, TO_TELEGRAM, Source, attachment, message

K = AttachmentKind
MB = 1_000_000


class Whole(NamedTuple):
    """A desk as the daemon has it, with files of ours."""

    desk: Desk
    source: Source
    book: Files

    async def sent(self, what: Attachment, data: bytes, takes: Takes) -> tuple[Ready, bytes]:
        """What is sent of an attachment of the other platform."""
        assert what.file is not None
        self.source.files[what.file.source] = data
        room = GROUP if takes.platform is Platform.DISCORD else CHANNEL
        of = message(what, room=room)
        (ready,) = await self.desk.outcomes(of, takes)
        assert isinstance(ready, Ready)
        path = await self.desk.path(of, ready, takes)
        return ready, path.read_bytes()


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    path = tmp_path / "matebot.sqlite"
    connection = connect(path)
    migrate(connection, path)
    source = Source(100 * MB)
    async with Database(connection) as database, Workers() as workers:
        book = Files(database, lambda: 1_800_000_000.0)
        spool = Spool(tmp_path / "media", 200 * MB)
        sources = dict.fromkeys(Platform, source)
        desk = Desk(sources=sources, book=book, spool=spool, converter=workers, shrink_videos=True)
        yield Whole(desk, source, book)


STICKERS = [
    ("tgs", makers.tgs, "application/x-tgsticker", TO_DISCORD, True),
    ("webm", makers.webm_sticker, "video/webm", TO_DISCORD, True),
    ("webp", makers.webp, "image/webp", TO_DISCORD, False),
    ("apng", makers.apng, "image/apng", TO_TELEGRAM, True),
    ("gif", makers.gif, "image/gif", TO_TELEGRAM, True),
    ("lottie", makers.lottie, "application/json", TO_TELEGRAM, True),
    ("png", makers.png, "image/png", TO_TELEGRAM, False),
]


async def test_stickers_are_converted_once(whole: Whole) -> None:
    """Each kind moves (or stands) on the other side, and the book tells what it became."""
    for name, make, mime, takes, moves in STICKERS:
        data = make()
        what = attachment(K.STICKER, name, len(data), name=name, mime=mime)
        ready, sent = await whole.sent(what, data, takes)
        probed = makers.probe(sent)
        assert ready.kind is K.STICKER, name
        assert (probed.frames > 1) is moves, name
        assert (ready.width, ready.height) == (probed.width, probed.height), name
        assert ready.size_bytes == len(sent), name
        again, same = await whole.sent(what, b"never read", takes)
        assert (again, same) == (ready, sent), name
    assert len(whole.source.opened) == len(STICKERS)


async def test_a_voice_has_what_discord_shows(whole: Whole) -> None:
    """Its length and its waveform, and it is OGG/Opus."""
    data = makers.ogg_opus(3.0)
    voice = attachment(K.VOICE, "v", len(data), mime="audio/ogg")
    ready, sent = await whole.sent(voice, data, TO_DISCORD)
    assert makers.probe(sent).codecs == ("opus",)
    assert ready.duration_s == pytest.approx(3.0, abs=0.2)
    assert 0 < len(ready.waveform) <= 256
    assert ready.name == "voice.ogg"
    data = makers.mp3(2.0)
    ready, sent = await whole.sent(
        attachment(K.VOICE, "m", len(data), mime="audio/mpeg"), data, TO_TELEGRAM
    )
    assert (ready.kind, makers.probe(sent).codecs) == (K.VOICE, ("opus",))


async def test_photos_are_made_to_fit(whole: Whole) -> None:
    """Too many bytes for the guild, too many pixels or an odd format for Telegram."""
    data = makers.heavy_png()
    takes = Takes(Platform.DISCORD, len(data) // 4)
    photo = attachment(K.PHOTO, "heavy", len(data), mime="image/png")
    ready, sent = await whole.sent(photo, data, takes)
    assert (ready.kind, ready.name, makers.probe(sent).kind) == (K.PHOTO, "photo.jpg", "jpeg")
    assert len(sent) <= takes.most_bytes
    data = makers.huge_jpeg()
    huge = attachment(K.PHOTO, "huge", len(data), mime="image/jpeg", width=12_000, height=3_000)
    ready, sent = await whole.sent(huge, data, TO_TELEGRAM)
    assert ready.kind is K.PHOTO
    assert ready.width + ready.height <= 10_000
    data = makers.avif()
    ready, sent = await whole.sent(
        attachment(K.PHOTO, "avif", len(data), mime="image/avif"), data, TO_TELEGRAM
    )
    assert (ready.kind, makers.probe(sent).kind) == (K.PHOTO, "jpeg")


async def test_moving_pictures_become_animations(whole: Whole) -> None:
    """What Telegram would show standing still."""
    data = makers.webp_moving()
    ready, sent = await whole.sent(
        attachment(K.ANIMATION, "w", len(data), mime="image/webp"), data, TO_TELEGRAM
    )
    assert (ready.kind, ready.name) == (K.ANIMATION, "animation.mp4")
    assert makers.probe(sent).codecs == ("h264",)


async def test_films_are_made_smaller_by_the_operators_choice(whole: Whole) -> None:
    """A film that the guild does not take becomes one that it takes."""
    data = makers.mp4(640, 480, 4.0)
    takes = Takes(Platform.DISCORD, len(data) * 2 // 3)
    film = attachment(K.VIDEO, "film", len(data), name="trip.mp4", mime="video/mp4")
    ready, sent = await whole.sent(film, data, takes)
    assert (ready.kind, ready.name) == (K.VIDEO, "trip.mp4")
    assert len(sent) <= takes.most_bytes
    assert makers.probe(sent).duration_s == pytest.approx(4.0, abs=0.3)


async def test_a_file_that_is_not_what_it_says_still_crosses(whole: Whole) -> None:
    """As a file, or as a note; the database and the disk are sound afterwards."""
    junk = makers.blob(20_000)
    ready, sent = await whole.sent(
        attachment(K.PHOTO, "x", len(junk), name="x.avif", mime="image/avif"), junk, TO_TELEGRAM
    )
    assert (ready.kind, sent) == (K.FILE, junk)
    what = attachment(K.STICKER, "y", len(junk), mime="image/gif")
    whole.source.files["y"] = junk
    (outcome,) = await whole.desk.outcomes(message(what), TO_TELEGRAM)
    assert outcome is not None
    assert not isinstance(outcome, Ready)
