"""Voices, films, animations and the facts of files: opened and looked at by another's eyes."""

import io
from pathlib import Path

import av
import pytest
from PIL import Image

from matebot.media.conversion import NO_LIMITS, Conversion, Facts, Limits, Unconvertible
from matebot.media.convert import convert
from tests.media import makers
from tests.media.converting import Made

C = Conversion


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def described(tmp_path: Path, data: bytes) -> Facts:
    path = tmp_path / "described"
    path.write_bytes(data)
    return convert(C.DESCRIBE, path, tmp_path / "nothing", NO_LIMITS)


def opus_packets(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data), "r") as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


# Voices


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_a_voice_message_in_opus_is_not_coded_again(made: Made, layout: str) -> None:
    data = makers.ogg_opus(3.0, layout)
    facts, result = made(C.VOICE_TO_OPUS, data)
    assert (result.kind, result.codecs) == ("ogg", ("opus",))
    assert result.duration_s == pytest.approx(3.0, abs=0.03)
    assert opus_packets(made.data) == opus_packets(data)
    assert facts.waveform


@pytest.mark.parametrize("name", ["mp3", "m4a", "mp4", "webm", "mkv"])
def test_any_sound_becomes_a_voice_message(made: Made, name: str) -> None:
    """Opus in OGG, mono: what both services play in place."""
    facts, result = made(C.VOICE_TO_OPUS, getattr(makers, name)())
    assert (result.kind, result.codecs) == ("ogg", ("opus",))
    assert result.duration_s == pytest.approx(1 if name in ("webm", "mkv") else 2, abs=0.1)
    assert len(facts.waveform) >= 10


def test_a_voice_message_within_few_bytes(made: Made) -> None:
    made(C.VOICE_TO_OPUS, makers.mp3(10.0), Limits(most_bytes=20_000))
    assert len(made.data) <= 20_000


def test_a_film_without_sound_is_no_voice_message(made: Made) -> None:
    with pytest.raises(Unconvertible):
        made(C.VOICE_TO_OPUS, makers.mp4(sound=False))


def test_a_waveform_rises_and_falls_with_the_sound(tmp_path: Path) -> None:
    """Ten samples a second, the loudest 255: the tone swells to its middle and fades again."""
    wave = list(described(tmp_path, makers.ogg_opus(3.0)).waveform)
    assert len(wave) == 30
    assert max(wave) == 255
    assert wave[0] < 40
    assert wave[-1] < 40
    assert wave[:15] == sorted(wave[:15])
    assert wave[15:] == sorted(wave[15:], reverse=True)


def test_a_long_waveform_has_256_samples(tmp_path: Path) -> None:
    assert len(described(tmp_path, makers.ogg_opus(30.0)).waveform) == 256


# Films


@pytest.mark.parametrize("name", ["mp4", "mov", "video_note"])
def test_a_film_that_plays_is_not_coded_again(made: Made, name: str) -> None:
    """Its index comes first, so that it plays while it loads."""
    data = getattr(makers, name)()
    _, result = made(C.VIDEO_TO_FIT, data)
    assert (result.kind, result.codecs) == ("mp4", ("h264", "aac"))
    assert abs(len(made.data) - len(data)) < 2_000
    assert made.data.index(b"moov") < made.data.index(b"mdat")


def test_a_film_of_another_container_is_put_into_one_that_plays(made: Made) -> None:
    """The pictures and the sound are the very same; they play while they load."""
    _, result = made(C.VIDEO_TO_MP4, makers.mov())
    assert (result.kind, result.codecs) == ("mp4", ("h264", "aac"))
    assert made.data.index(b"moov") < made.data.index(b"mdat")


@pytest.mark.parametrize("name", ["mkv", "webm", "mp3", "png"])
def test_what_would_have_to_be_coded_again_stays_as_it_is(made: Made, name: str) -> None:
    with pytest.raises(Unconvertible):
        made(C.VIDEO_TO_MP4, getattr(makers, name)())


@pytest.mark.parametrize("name", ["mkv", "webm", "webm_sticker"])
def test_a_film_that_would_not_play_is_coded_anew(made: Made, name: str) -> None:
    facts, result = made(C.VIDEO_TO_FIT, getattr(makers, name)())
    assert result.kind == "mp4"
    assert result.codecs[0] == "h264"
    assert facts.codecs == result.codecs
    assert result.changes == result.frames - 1


def test_a_large_film_is_made_to_fit(made: Made) -> None:
    """Within the bytes, in the same proportion, with its sound and at its length."""
    data = makers.mp4(640, 480, 3.0)
    most = len(data) // 2
    _, result = made(C.VIDEO_TO_FIT, data, Limits(most_bytes=most))
    assert len(made.data) <= most
    assert result.codecs == ("h264", "aac")
    assert result.width == pytest.approx(result.height * 4 / 3, abs=3)
    assert result.duration_s == pytest.approx(3.0, abs=0.1)
    assert made.data.index(b"moov") < made.data.index(b"mdat")


def test_a_film_for_which_there_are_too_few_bytes(made: Made) -> None:
    with pytest.raises(Unconvertible):
        made(C.VIDEO_TO_FIT, makers.mp4(), Limits(most_bytes=5_000))


@pytest.mark.parametrize("turn", [90, -90, 180])
@pytest.mark.parametrize("most_bytes", [0, 40_000])
def test_a_film_of_a_phone_stays_upright(made: Made, turn: int, most_bytes: int) -> None:
    """Whether it is coded anew or not: where the disc comes up tells how it is shown."""
    source = makers.mp4(320, 240, turn=turn)
    made.folder.joinpath("source").write_bytes(source)
    target = made.folder / "target"
    limits = Limits(most_bytes=most_bytes)
    facts = convert(C.VIDEO_TO_FIT, made.folder / "source", target, limits)
    size = (240, 320) if turn % 180 else (320, 240)
    assert (facts.width, facts.height) == size
    assert _disc(target.read_bytes()) == pytest.approx(_disc(source), abs=0.05)


def _disc(data: bytes) -> tuple[float, float]:
    """Where in a film's first picture, as it is shown, the red is, in shares of its sides."""
    with av.open(io.BytesIO(data), "r") as container:
        frame = next(container.decode(video=0))
        rgb = frame.reformat(format="rgb24").planes[0]
        size = (frame.width, frame.height)
        image = Image.frombuffer("RGB", size, bytes(rgb), "raw", "RGB", rgb.line_size, 1)
        image = image.rotate(frame.rotation, expand=True).resize((64, 64))
    red = [
        (n % 64, n // 64)
        for n, (r, g, b) in enumerate(zip(*(c.tobytes() for c in image.split()), strict=True))
        if r > 180 and g < 90 and b < 90
    ]
    assert red
    return sum(x for x, _ in red) / len(red) / 64, sum(y for _, y in red) / len(red) / 64


@pytest.mark.parametrize("name", ["apng", "gif", "webp_moving", "avif_moving", "tgs", "mp4"])
def test_an_animation_is_a_film_without_sound(made: Made, name: str) -> None:
    source = makers.probe(getattr(makers, name)())
    _, result = made(C.TO_ANIMATION, getattr(makers, name)())
    assert (result.kind, result.codecs) == ("mp4", ("h264",))
    assert result.duration_s == pytest.approx(source.duration_s, abs=0.05)
    assert (result.width, result.height) == (source.width, source.height)
    assert result.changes >= 9


def test_odd_sides_are_made_even(made: Made) -> None:
    _, result = made(C.TO_ANIMATION, makers.gif(101, 75))
    assert (result.width, result.height) == (100, 74)


def test_an_animation_within_few_bytes(made: Made) -> None:
    made(C.TO_ANIMATION, makers.gif(640, 480))
    whole = len(made.data)
    made(C.TO_ANIMATION, makers.gif(640, 480), Limits(most_bytes=whole * 3 // 4))
    assert len(made.data) <= whole * 3 // 4


# Facts


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jpeg", Facts("image/jpeg", 0, 320, 240, 0.0, 1)),
        ("png", Facts("image/png", 0, 320, 240, 0.0, 1)),
        ("webp", Facts("image/webp", 0, 512, 512, 0.0, 1, alpha=True)),
        ("avif", Facts("image/avif", 0, 64, 48, 0.0, 1)),
        ("webp_moving", Facts("image/webp", 0, 160, 120, 1.0, 10, alpha=True)),
        ("gif", Facts("image/gif", 0, 160, 120, 1.0, 10, alpha=True)),
        ("gif_still", Facts("image/gif", 0, 160, 120, 0.0, 1)),
        ("apng", Facts("image/apng", 0, 320, 320, 1.0, 20, alpha=True)),
        ("avif_moving", Facts("image/avif", 0, 160, 120, 1.0, 10)),
        ("lottie", Facts("video/lottie+json", 0, 320, 320, 2.0, 120, alpha=True)),
        ("tgs", Facts("application/x-tgsticker", 0, 512, 512, 2.0, 120, alpha=True)),
        ("webm_sticker", Facts("video/webm", 0, 512, 512, 2.0, 60, True, ("vp9",))),
        ("mp4", Facts("video/mp4", 0, 320, 240, 2.0, 30, codecs=("h264", "aac"))),
        ("mov", Facts("video/quicktime", 0, 320, 240, 1.0, 15, codecs=("h264", "aac"))),
        ("mkv", Facts("video/x-matroska", 0, 320, 240, 1.0, 15, codecs=("h264", "opus"))),
        ("webm", Facts("video/webm", 0, 320, 240, 1.0, 15, codecs=("vp9", "opus"))),
        ("ogg_opus", Facts("audio/ogg", 0, duration_s=3.0, codecs=("opus",))),
        ("mp3", Facts("audio/mpeg", 0, duration_s=2.0, codecs=("mp3",))),
        ("m4a", Facts("audio/mp4", 0, duration_s=2.0, codecs=("aac",))),
        ("document", Facts("application/octet-stream")),
    ],
)
def test_what_a_file_is(tmp_path: Path, name: str, expected: Facts) -> None:
    """By its content, whatever its name or its service says."""
    data = getattr(makers, name)()
    facts = described(tmp_path, data)
    assert facts.duration_s == pytest.approx(expected.duration_s, abs=0.02)
    assert bool(facts.waveform) == facts.mime.startswith("audio/")
    told = Facts(
        facts.mime,
        0,
        facts.width,
        facts.height,
        expected.duration_s,
        facts.frames,
        facts.alpha,
        facts.codecs,
    )
    assert told == expected
    assert facts.size_bytes == len(data)
    assert facts.moves == (expected.frames > 1)


def test_a_photo_on_its_side_is_described_upright(tmp_path: Path) -> None:
    facts = described(tmp_path, makers.jpeg(320, 240, orientation=6))
    assert (facts.width, facts.height) == (240, 320)


def test_json_and_archives_are_no_stickers(tmp_path: Path) -> None:
    assert described(tmp_path, b'{"layers": 1}').mime == "application/octet-stream"
    assert described(tmp_path, b"\x1f\x8b" + makers.blob(100)).mime == "application/gzip"
