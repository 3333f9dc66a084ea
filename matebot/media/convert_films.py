"""Films: H.264 and AAC in MP4, which both services play in place. Runs in a worker process.

What is that already is put into a fresh container without being coded again.
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import av
from av.audio.stream import AudioStream
from av.container.input import InputContainer
from av.container.output import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from matebot.media.conversion import Facts, Limits, Unconvertible
from matebot.media.convert_look import FILMS, Tracks, film, kind_of, look
from matebot.media.convert_reel import MOST_FPS, at_rate, fitted, reel

FILM_SIDE: Final = 1280
ANIMATION_LONGEST_S: Final = 60.0
LEAST_SIDE: Final = 160  # below that a film shows nothing
BITS_A_PIXEL: Final = 0.06  # what keeps a film at 30 pictures a second watchable
SOUND_BITS: Final = 96_000
POOR_SOUND_BITS: Final = 48_000
CONTAINER_SHARE: Final = 0.95  # of the bytes, for what is not the container itself
MP4: Final = {"movflags": "+faststart", "fflags": "+bitexact"}


class _Plan(NamedTuple):
    """How a film is coded: dimensions, bits a second of each track, pictures a second."""

    width: int
    height: int
    video_bits: int
    audio_bits: int
    fps: Fraction


def film_to_fit(source: Path, target: Path, limits: Limits) -> None:
    """Write a film within so many bytes, coded again only if it must be."""
    kind, facts = kind_of(source), look(source)
    if kind not in FILMS or not facts.frames or not facts.duration_s:
        raise Unconvertible("no film")
    side = limits.most_side or 0
    fits = not side or max(facts.width, facts.height) <= side
    if fits and _plays(facts) and _small(facts.size_bytes, limits):
        _repack(source, kind, target)
        if _small(target.stat().st_size, limits):
            return
    for share in (1.0, 0.75):
        plan = _plan(facts, limits, share)
        with film(source, kind) as (container, tracks):
            _code(container, tracks, target, plan)
        if _small(target.stat().st_size, limits):
            return
    raise Unconvertible("a film that cannot be made small enough")


def to_mp4(source: Path, target: Path, limits: Limits) -> None:
    """Write a film into a container that plays in place, its tracks as they are."""
    del limits  # it stays as large as it is
    kind = kind_of(source)
    if kind not in FILMS or not _plays(look(source)):
        raise Unconvertible("a film that would have to be coded again")
    _repack(source, kind, target)


def to_animation(source: Path, target: Path, limits: Limits) -> None:
    """Write moving pictures as a film without sound; what is transparent becomes white."""
    whole = reel(source)
    if whole.duration_s > ANIMATION_LONGEST_S:
        raise Unconvertible(f"an animation of {whole.duration_s:.0f} s")
    side = min(limits.most_side or FILM_SIDE, FILM_SIDE, max(whole.width, whole.height))
    for scale in (1.0, 0.6, 0.35):
        width, height = _even(*fitted(whole.width, whole.height, round(side * scale)))
        shown = whole.play(width, height, whole.fps)
        pictures = (_on_white(image) for image in at_rate(shown, whole.fps))
        _write_animation(pictures, (width, height), whole.fps, target)
        if _small(target.stat().st_size, limits):
            return
    raise Unconvertible("an animation that cannot be made small enough")


def _small(size_bytes: int, limits: Limits) -> bool:
    return not limits.most_bytes or size_bytes <= limits.most_bytes


def _plays(facts: Facts) -> bool:
    return facts.codecs in (("h264",), ("h264", "aac"))


def _even(width: int, height: int) -> tuple[int, int]:
    """The next lower even dimensions: H.264 shares colours between two pixels."""
    return max(2, width // 2 * 2), max(2, height // 2 * 2)


def _repack(source: Path, kind: str, target: Path) -> None:
    with film(source, kind) as (container, tracks), _mp4(target) as out:
        chosen = [track for track in tracks if track is not None]
        copies = {track.index: out.add_stream_from_template(track) for track in chosen}
        if tracks.video is not None and (turn := _turn(source, kind)):
            video: Any = copies[tracks.video.index]
            video.set_display_rotation(turn)
        for packet in container.demux(*chosen):
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                out.mux(packet)


def _turn(source: Path, kind: str) -> int:
    """How far a film is to be turned when it is shown, in degrees, as its first picture says."""
    with film(source, kind) as (container, tracks):
        frame = next(container.decode(tracks.video), None) if tracks.video is not None else None
        return frame.rotation if isinstance(frame, VideoFrame) else 0


def _mp4(target: Path) -> OutputContainer:
    return av.open(str(target), "w", format="mp4", options=MP4)


def _plan(facts: Facts, limits: Limits, share: float) -> _Plan:
    """How a film gets as good as so many bytes allow.

    Raises:
        Unconvertible: Nothing watchable would be left of it.
    """
    fps = Fraction(min(MOST_FPS, facts.frames / facts.duration_s)).limit_denominator(1001)
    side = min(limits.most_side or FILM_SIDE, FILM_SIDE)
    width, height = fitted(facts.width, facts.height, side)
    if not limits.most_bytes:
        return _Plan(*_even(width, height), 0, SOUND_BITS, fps)
    bits = limits.most_bytes * 8 * CONTAINER_SHARE * share / facts.duration_s
    sound = 0 if len(facts.codecs) < 2 else SOUND_BITS if bits > 600_000 else POOR_SOUND_BITS
    left = bits - sound
    area = left / (float(fps) * BITS_A_PIXEL)
    scale = math.sqrt(max(0.0, area) / (width * height))
    if scale < 1:
        width, height = fitted(width, height, round(max(width, height) * scale))
    if max(width, height) < LEAST_SIDE and scale < 1:
        raise Unconvertible("a film too long for so few bytes")
    return _Plan(*_even(width, height), int(left), sound, fps)


def _code(container: InputContainer, tracks: Tracks, target: Path, plan: _Plan) -> None:
    video, audio = tracks
    if video is None:
        raise Unconvertible("no pictures")
    with _mp4(target) as out:
        pictures = _Pictures(out, video, plan)
        sound = _Sound(out, plan.audio_bits) if audio is not None and plan.audio_bits else None
        chosen: list[VideoStream | AudioStream] = [video]
        if audio is not None and sound is not None:
            chosen.append(audio)
        for packet in container.demux(*chosen):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                continue  # what is broken in between is passed over
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    pictures.take(frame)
                elif sound is not None:
                    sound.take(frame)
        pictures.end()
        if sound is not None:
            sound.end()


class _Pictures:
    """Scales, turns and codes the pictures of a film."""

    def __init__(self, out: OutputContainer, source: VideoStream, plan: _Plan) -> None:
        self._out, self._source, self._plan = out, source, plan
        self._graph: Graph | None = None
        self._track = _h264(out, plan.width, plan.height, plan.fps, plan.video_bits)

    def take(self, frame: VideoFrame) -> None:
        """Code what becomes of one picture."""
        if self._graph is None:
            self._graph = self._built(frame)
        self._graph.vpush(frame)
        self._pull(self._graph)

    def end(self) -> None:
        """Code what is left.

        Raises:
            Unconvertible: There was nothing at all.
        """
        if self._graph is None:
            raise Unconvertible("no pictures")
        self._graph.vpush(None)
        self._pull(self._graph)
        self._out.mux(self._track.encode(None))

    def _built(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        turns = {90: ["2"], 180: ["1", "1"], 270: ["1"]}.get(frame.rotation % 360, [])
        source = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=self._source.time_base,
        )
        fps, (width, height) = self._plan.fps, (self._plan.width, self._plan.height)
        graph.link_nodes(
            source,
            graph.add("fps", f"fps={fps.numerator}/{fps.denominator}"),
            *(graph.add("transpose", turn) for turn in turns),
            graph.add("scale", f"{width}:{height}"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ).configure()
        return graph

    def _pull(self, graph: Graph) -> None:
        while True:
            try:
                frame = graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            frame.pict_type = 0  # the encoder chooses anew
            self._out.mux(self._track.encode(frame))


class _Sound:
    """Codes the sound of a film."""

    def __init__(self, out: OutputContainer, bits: int) -> None:
        self._out = out
        self._track = out.add_stream("aac", rate=48_000, layout="stereo")
        self._track.bit_rate = bits

    def take(self, frame: Any) -> None:
        """Code one block; the encoder brings it into its own form."""
        self._out.mux(self._track.encode(frame))

    def end(self) -> None:
        """Code what is left."""
        self._out.mux(self._track.encode(None))


def _h264(
    out: OutputContainer, width: int, height: int, fps: Fraction, most_bits: int
) -> VideoStream:
    track = out.add_stream("libx264", rate=fps)
    track.width, track.height, track.pix_fmt = width, height, "yuv420p"
    options: dict[str, object] = {
        "preset": "veryfast",
        "crf": "23",
        "profile": "high",
        "threads": "1",
    }
    if most_bits:
        options.update(maxrate=str(most_bits), bufsize=str(most_bits))
    track.options = options
    return track


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, image)


def _write_animation(
    pictures: Iterator[Image.Image], size: tuple[int, int], fps: float, target: Path
) -> None:
    first = next(pictures, None)
    if first is None:
        raise Unconvertible("no pictures")
    rate = Fraction(fps).limit_denominator(1001)
    with _mp4(target) as out:
        track = _h264(out, *size, rate, 0)
        for number, image in enumerate(_at_most(chain((first,), pictures), fps)):
            frame = VideoFrame.from_bytes(image.tobytes(), *size)
            frame.pts, frame.time_base = number, 1 / rate
            out.mux(track.encode(frame))
        out.mux(track.encode(None))


def _at_most(pictures: Iterable[Image.Image], fps: float) -> Iterator[Image.Image]:
    """Pictures of an animation that may not be as long as it says."""
    for number, image in enumerate(pictures):
        if number > ANIMATION_LONGEST_S * fps + 1:
            raise Unconvertible("an endless animation")
        yield image
