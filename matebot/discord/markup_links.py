"""Links as Discord's markdown can write them. Pure.

The text is of one line, the address without signs that are markup.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from msgspec.structs import replace

from matebot.core.richtext import BLOCKS, Italic, Link, Pre, RichText, Span, Underline
from matebot.core.richtext_edit import Change, substitute
from matebot.discord.markup_words import SEPARATOR

_WEB: Final = re.compile(r"(https?)://.+", re.IGNORECASE | re.DOTALL)
_ODD: Final = re.compile(r"[\s\x00-\x20\x7f<>()\[\]\\\"'`*|\u2060\ufffd]|~(?=~)|_(?=_)")
_LONGEST: Final = 1000


def with_links(rich: RichText) -> RichText:
    """Links cut to lines, apart from one another and from blocks of code, and writable."""
    others = tuple(span for span in rich.spans if not isinstance(span.style, Link))
    leaning = [s for s in others if isinstance(s.style, Italic | Underline)]
    links = [_encoded(link, leaning) for link in _lines_of_links(rich)]
    kept: list[Span] = []
    changes: list[Change] = []
    for link in links:
        change = _change(link, rich.text)
        twin = kept and kept[-1].end == link.start and kept[-1].style == link.style
        if change is not None and not twin:
            kept.append(link)
            changes.append(change)
    changed = substitute(RichText(rich.text, (*others, *kept)), changes, after=(*BLOCKS, Link))
    return RichText(changed.text, tuple(_leading(s, changed.text) for s in changed.spans))


def _lines_of_links(rich: RichText) -> list[Span]:
    """The links' parts in each line, without blanks at their ends; the first keeps the text."""
    barred = [(s.start, s.end) for s in rich.spans if isinstance(s.style, Pre)]
    parts: list[Span] = []
    reached = 0
    for span in rich.spans:
        if not isinstance(span.style, Link):
            continue
        start = max(span.start, reached)
        for line in rich.text[start : span.end].split("\n"):
            low = start + len(line) - len(line.lstrip())
            high = start + len(line.rstrip())
            start += len(line) + 1
            if low < high and not any(a < high and low < b for a, b in barred):
                parts.append(Span(low, high, span.style))
        reached = max(reached, span.end)
    return parts


def _encoded(span: Span, leaning: list[Span]) -> Span:
    """A link whose address has no sign that is markup."""
    if not isinstance(span.style, Link):
        return span
    found = _WEB.fullmatch(span.style.url)
    if found is None:
        return span
    scheme = found[1]
    url = scheme.lower() + _ODD.sub(lambda m: _percent(m[0]), span.style.url[len(scheme) :])
    if any(s.start < span.end and span.start < s.end for s in leaning):
        url = url.replace("_", "%5F")
    return replace(span, style=Link(url))


def _percent(sign: str) -> str:
    coded = quote(sign, safe="")
    return coded if coded != sign else f"%{ord(sign):02X}"


def _change(span: Span, text: str) -> Change | None:
    """What makes a link writable; None to drop it."""
    if not isinstance(span.style, Link):
        return None
    url, label = span.style.url, text[span.start : span.end]
    if len(url) > _LONGEST or not url.strip():
        return None
    if label == url or (label.startswith("http") and _same(label, url)):
        return Change(span.start, span.end, url)
    if _WEB.fullmatch(url) and _is_label(label):
        return Change(span.start, span.start, "")
    return Change(span.end, span.end, _suffix(url))


def _suffix(url: str) -> str:
    shown = " ".join(url.replace(SEPARATOR, "").split())
    return f" ({shown})"


def _same(label: str, url: str) -> bool:
    return _ODD.sub(lambda m: _percent(m[0]), label).replace("_", "%5F") == url.replace("_", "%5F")


def _is_label(label: str) -> bool:
    """Whether a text may be a link's: no address, its brackets in pairs and apart."""
    if "://" in label or "\\[" in label or "\\]" in label:
        return False
    depth = 0
    for sign in re.findall(r"[\[\]]", label):
        depth += 1 if sign == "[" else -1
        if depth not in {0, 1}:
            return False
    return depth == 0


def _leading(span: Span, text: str) -> Span:
    """A link moved to the address that was put behind its text."""
    if not isinstance(span.style, Link):
        return span
    suffix = _suffix(span.style.url)
    if not text[span.start : span.end].endswith(suffix):
        return span
    if not _WEB.fullmatch(span.style.url):
        return Span(0, 0, span.style)
    return Span(span.end - len(suffix) + 2, span.end - 1, span.style)
