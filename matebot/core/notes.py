"""What stands in a copy in place of what is not text, in the reader's language. Pure."""

import re
from typing import Final

from matebot.core.media import LeftOut
from matebot.core.message import Attachment
from matebot.core.richtext import Italic, Link, RichText, concat, plain
from matebot.core.words import Words

_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_NAME_LIMIT: Final = 200
_DETAIL_LIMIT: Final = 1500
_DECIMAL_COMMA: Final = ("pt",)
# Controls, and what turns the direction of the text that follows, stay out; line breaks do not.
_UNFIT: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"
)


def note(attachment: Attachment, language: str, words: Words) -> str:
    """One line that says what it is, its name and its size, such as ``📎 File: a.pdf (1.2 MB)``."""
    text = words(language, f"note-{attachment.kind.value}")
    name = " ".join(_UNFIT.sub(" ", attachment.name or "").split())
    if name:
        text = words(language, "note-with-name", note=text, name=_shortened(name))
    if attachment.size_bytes is not None:
        size = human_size(attachment.size_bytes, language)
        text = words(language, "note-with-size", note=text, size=size)
    return text


def noted(what: Attachment | LeftOut, language: str, words: Words) -> RichText:
    """The note in italics, leading to the attachment's address if it has one, then its details.

    Of a file that stayed behind it says why.
    """
    attachment = what.attachment if isinstance(what, LeftOut) else what
    line = note(attachment, language, words)
    if isinstance(what, LeftOut):
        line = words(language, f"note-left-{what.reason.value}", note=line)
    first = plain(line).styled(Italic())
    if attachment.link:
        first = first.styled(Link(attachment.link))
    detail = _UNFIT.sub(" ", attachment.detail).strip()
    if not detail:
        return first
    cut = detail if len(detail) <= _DETAIL_LIMIT else f"{detail[:_DETAIL_LIMIT].rstrip()}…"
    return concat(first, f"\n{cut}")


def human_size(size_bytes: int, language: str) -> str:
    """A size as people read it, such as ``1.2 MB`` or ``1,2 MB``; 1 KB is 1024 bytes."""
    size, unit = float(size_bytes), _UNITS[0]
    for unit in _UNITS:
        if size < 1023.5 or unit == _UNITS[-1]:
            break
        size /= 1024
    digits = 0 if unit == "B" or size >= 99.95 else 1
    text = f"{size:.{digits}f}".removesuffix(".0")
    if language.startswith(_DECIMAL_COMMA):
        text = text.replace(".", ",")
    return f"{text} {unit}"


def _shortened(name: str) -> str:
    """A long name without its middle, so that its beginning and its suffix stay."""
    if len(name) <= _NAME_LIMIT:
        return name
    half = _NAME_LIMIT // 2
    return f"{name[:half]}…{name[-half:]}"
