"""What a person attaches, and the attachments that it becomes."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matebot.sandbox.discord import files
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.validate import Upload
from matebot.sandbox.discord.world import World
from matebot.sandbox.look import look


class File(NamedTuple):
    """A file that somebody attaches.

    Attributes:
        name: Its file name.
        data: The bytes, or a file on disk, which is then never read whole.
        mime: Its type.
        description: The alt text.
        spoiler: Whether it is covered: its name begins with ``SPOILER_``.
        duration_secs: Of a voice message.
        waveform: Of a voice message: up to 256 samples.
    """

    name: str
    data: bytes | Path
    mime: str
    description: str | None = None
    spoiler: bool = False
    duration_secs: float | None = None
    waveform: bytes | None = None


def attached(world: World, attachments: Sequence[File | tuple[str, bytes, str]]) -> list[Json]:
    """Keep files, and tell of them as a message does."""
    given = [File(*each) for each in attachments]
    uploads = [_upload(world, index, each) for index, each in enumerate(given)]
    return files.keep(world, uploads, [_told(index, each) for index, each in enumerate(given)])


def _upload(world: World, index: int, file: File) -> Upload:
    place = world.shelf.put(file.data)
    name = f"SPOILER_{file.name}" if file.spoiler else file.name
    seen = look(place, render=False)
    return Upload(f"files[{index}]", name, file.mime, place, place.stat().st_size, seen)


def _told(index: int, file: File) -> Json:
    told: Json = {"id": str(index)}
    if file.description is not None:
        told["description"] = file.description
    if file.waveform is not None:
        told["waveform"] = base64.b64encode(file.waveform).decode()
        told["duration_secs"] = file.duration_secs
    return told
