"""Which files may stand in one album, and which kinds can say something below them. Pure.

https://core.telegram.org/bots/api#sendmediagroup: photos and videos mix, documents and audios keep
to themselves, all else comes alone.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from matebot.core.media import Ready
from matebot.core.message import AttachmentKind
from matebot.telegram.limits import ALBUM_MOST

_FAMILIES: Final = {
    AttachmentKind.PHOTO: AttachmentKind.PHOTO,
    AttachmentKind.VIDEO: AttachmentKind.PHOTO,
    AttachmentKind.FILE: AttachmentKind.FILE,
    AttachmentKind.AUDIO: AttachmentKind.AUDIO,
}
_CAPTIONLESS: Final = frozenset({AttachmentKind.STICKER, AttachmentKind.VIDEO_NOTE})


def family(kind: AttachmentKind) -> AttachmentKind | None:
    """The same for all kinds that one album may hold; None where a kind comes alone."""
    return _FAMILIES.get(kind)


def bears_caption(kind: AttachmentKind) -> bool:
    """Whether a text may stand below such a file."""
    return kind not in _CAPTIONLESS


def grouped(files: Sequence[Ready]) -> list[tuple[Ready, ...]]:
    """Files as albums and single ones, as few as their order allows."""
    groups: list[tuple[Ready, ...]] = []
    for shared, run in groupby(files, key=lambda file: family(file.kind)):
        together = tuple(run)
        most = ALBUM_MOST if shared is not None else 1
        groups += (together[at : at + most] for at in range(0, len(together), most))
    return groups
