"""The state of one reading of Discord's markdown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matebot.core.richtext import Link, RichText, Span, Style
from matebot.discord.markup_tables import Ending, Tables
from matebot.discord.markup_words import SEPARATOR


@dataclass(frozen=True)
class Names:
    """What the ids in a text are shown as; an unknown one is shown as what it is."""

    users: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)
    channels: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of the source that is being read: up to ``end``, then on at ``resume``."""

    style: Style | None
    out: int  # where its text starts in what was read
    end: int
    resume: int
    in_label: bool = False  # whether it is in the text of a link, which holds no link


class Reader:
    """A source, how far it was read, what is open, and the rich text so far."""

    def __init__(self, source: str, names: Names) -> None:
        self.source = source
        self.names = names
        self.tables = Tables(source)
        self.pos = 0
        self.frames = [Frame(None, 0, len(source), len(source))]
        self._out: list[str] = []
        self._length = 0
        self._spans: list[Span] = []
        self._break_due = False  # a block of code ended: what follows gets a line of its own
        self._at_line_start = True

    @property
    def frame(self) -> Frame:
        """The innermost stretch."""
        return self.frames[-1]

    def result(self) -> RichText:
        """What was read."""
        return RichText("".join(self._out), tuple(self._spans))

    def open(self, style: Style, start: int, ending: Ending) -> None:
        """Begin a styled stretch whose inside starts at ``start`` of the source."""
        label = self.frame.in_label or isinstance(style, Link)
        out = self._length + (1 if self._break_due else 0)
        self.frames.append(Frame(style, out, ending.inner_end, ending.resume, label))
        self.pos = start

    def close(self) -> None:
        """End the innermost stretch."""
        frame = self.frames.pop()
        self.pos = frame.resume
        if frame.style is not None and frame.out < self._length:
            self._spans.append(Span(frame.out, self._length, frame.style))

    def say(self, text: str, style: Style | None = None) -> None:
        """Add to the text, without separators."""
        said = text.replace(SEPARATOR, "")
        if not said:
            return
        if self._break_due and not said.startswith("\n"):
            self._out.append("\n")
            self._length += 1
        self._break_due = False
        if style is not None:
            self._spans.append(Span(self._length, self._length + len(said), style))
        self._out.append(said)
        self._length += len(said)
        self._at_line_start = said.endswith("\n")

    def say_block(self, inner: RichText, style: Style) -> None:
        """Add something that stands on lines of its own."""
        if not inner:
            return
        if not self._at_line_start:
            self.say("\n")
        start = self._length + (1 if self._break_due else 0)
        self.say(inner.text, style)
        self._spans += (Span(s.start + start, s.end + start, s.style) for s in inner.spans)
        self._break_due = True
