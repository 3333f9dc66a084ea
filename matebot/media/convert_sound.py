"""Sounds: voice messages and their waveforms. Runs in a worker process.

A waveform is what Discord's clients draw beside a voice message: at most one sample for each tenth
of a second and at most 256 in all. https://discord.com/developers/docs/resources/message
#attachment-object (2026-11-24); the loudness of each is its root mean square, scaled so that the
loudest is 255.
"""

import contextlib
import math
from array import array
from collections.abc import Iterator
from itertools import pairwise
from operator import mul
from pathlib import Path
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.container.output import OutputContainer

from matebot.media.conversion import Unconvertible

LONGEST_S: Final = 1200.0  # Discord's longest voice message; more than that is no voice message
VOICE_RATE: Final = 48_000
VOICE_BITS: Final = 32_000
MOST_SAMPLES: Final = 256
_RATE: Final = 8_000  # enough to tell how loud it is
_BLOCK: Final = 400  # 50 ms of it


def waveform(
    container: InputContainer, stream: AudioStream, claimed_s: float
) -> tuple[bytes, float]:
    """How loud a sound is over its time.

    Returns:
        The waveform, and how long it plays in seconds; what it claims itself, and no waveform, if
        that is longer than a voice message can be.
    """
    if claimed_s > LONGEST_S:
        return b"", claimed_s
    resampler = AudioResampler(format="s16", layout="mono", rate=_RATE)
    powers: list[int] = []
    rest, total = array("h"), 0
    for frame in _frames(container, stream):
        for small in resampler.resample(frame):
            rest.frombytes(bytes(small.planes[0])[: small.samples * 2])
            total += small.samples
        while len(rest) >= _BLOCK:
            block, rest = rest[:_BLOCK], rest[_BLOCK:]
            powers.append(sum(map(mul, block, block)))
        if total > LONGEST_S * _RATE:
            return b"", claimed_s
    if rest:
        powers.append(sum(map(mul, rest, rest)))
    if not total:
        raise Unconvertible("a sound without samples")
    return _drawn(powers, total / _RATE), total / _RATE


def _drawn(powers: list[int], duration_s: float) -> bytes:
    """Samples of 0 to 255 from how much power each short block has."""
    count = max(1, min(MOST_SAMPLES, math.ceil(duration_s * 10), len(powers)))
    edges = [len(powers) * n // count for n in range(count + 1)]
    means = [math.sqrt(sum(powers[start:end]) / (end - start)) for start, end in pairwise(edges)]
    loudest = max(means) or 1.0
    return bytes(round(255 * mean / loudest) for mean in means)


def to_voice(container: InputContainer, stream: AudioStream, target: Path, most_bytes: int) -> None:
    """Write a sound as Opus in OGG, its packets as they are where they are Opus already.

    Raises:
        Unconvertible: It is too long for a voice message.
    """
    seconds = (container.duration or 0) / av.time_base
    if seconds > LONGEST_S:
        raise Unconvertible(f"a voice message of {seconds:.0f} s")
    with av.open(str(target), "w", format="ogg", options={"fflags": "+bitexact"}) as out:
        if stream.codec_context.name in ("opus", "libopus") and stream.codec_context.channels <= 2:
            _copy(container, stream, out)
        else:
            bits = VOICE_BITS
            if most_bytes and seconds:
                bits = max(8_000, min(bits, int(most_bytes * 6 / seconds)))
            _encode(container, stream, out, bits)


def _copy(container: InputContainer, stream: AudioStream, out: OutputContainer) -> None:
    track = out.add_stream_from_template(stream)
    for packet in container.demux(stream):
        if packet.dts is None:
            continue
        packet.stream = track
        out.mux(packet)


def _encode(
    container: InputContainer, stream: AudioStream, out: OutputContainer, bits: int
) -> None:
    track = out.add_stream("libopus", rate=VOICE_RATE, layout="mono")
    track.bit_rate = bits
    track.options = {"application": "voip"}
    resampler = AudioResampler(format="s16", layout="mono", rate=VOICE_RATE)
    done = 0
    for frame in _frames(container, stream):
        for small in resampler.resample(frame):
            small.pts = done  # gaps and jumps of the original are closed
            done += small.samples
            if done > LONGEST_S * VOICE_RATE:
                raise Unconvertible("an endless voice message")
            out.mux(track.encode(small))
    if not done:
        raise Unconvertible("a sound without samples")
    out.mux(track.encode(None))


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame | None]:
    """Decode a sound, and None at its end; what is broken in between is passed over."""
    for packet in container.demux(stream):
        with contextlib.suppress(av.error.InvalidDataError):
            yield from stream.codec_context.decode(packet if packet.size else None)
    yield None
