"""Discord's markdown, read as today's client reads it, into rich text.

Pure and linear: one pass with a stack of open stretches instead of recursion; where a style ends
is looked up (markup_tables). Only a quote is read by a reader of its own, since its lines have
prefixes; quotes do not nest.

The grammar, at the start of a line::

    block   = quote | heading | subtext | item
    quote   = "> " line {newline "> " line} | ">>> " everything
    heading = ("#" | "##" | "###") " " inline          subtext = "-# " inline
    item    = {" "} ("-" | "*" | digits ".") " " inline

and anywhere (markup_inline)::

    inline  = escape | fence | code | link | angle | address | styled | text
    styled  = "**" inline "**" | "*" inline "*" | "_" inline "_" | "__" inline "__"
            | "~~" inline "~~" | "||" inline "||"
    angle   = "<" (address | mention | emoji | time | command | navigation | mail) ">"

The separator U+2060, with which the renderer keeps delimiters apart, is no part of any text.
"""

from __future__ import annotations

import re
from typing import Final

from matebot.core.richtext import Heading, ListItem, Quote, RichText, Subtext
from matebot.discord.markup_inline import read_inline
from matebot.discord.markup_reader import Names, Reader
from matebot.discord.markup_tables import Ending
from matebot.discord.markup_words import is_plain

_HEADING: Final = re.compile(r" *(#{1,3}) +(?!#)(?=\S)")
_SUBTEXT: Final = re.compile(r" *-# +(?!-#)(?=\S)")
_ITEM: Final = re.compile(r"( *)(?:[-*]|([0-9]{1,9})\.) +(?=\S)")
_QUOTED: Final = re.compile(r" *> ")
_QUOTED_REST: Final = re.compile(r" *>>> ")


def parse(content: str, names: Names | None = None) -> RichText:
    """Read a message's content; never raises, and is linear in its length."""
    if is_plain(content):
        return RichText(content)
    return _read(content, names or Names(), quoted=False).normalise()


def _read(source: str, names: Names, *, quoted: bool) -> RichText:
    reader = Reader(source, names)
    indents: list[int] = []  # of the list items that the line may be inside of
    while True:
        if reader.pos >= reader.frame.end:
            if len(reader.frames) == 1:
                return reader.result()
            reader.close()
        elif not (_at_line_start(reader) and _block(reader, indents, quoted=quoted)):
            read_inline(reader)


def _at_line_start(reader: Reader) -> bool:
    """Tell whether a block may begin: never inside of a style that began before."""
    if len(reader.frames) > 1:
        return False
    return reader.pos == 0 or reader.source[reader.pos - 1] == "\n"


def _block(reader: Reader, indents: list[int], *, quoted: bool) -> bool:
    """Read a quote, or open a line's block; False if the line is neither."""
    source, start = reader.source, reader.pos
    end = source.find("\n", start)
    end = len(source) if end < 0 else end
    if found := _ITEM.match(source, start, end):
        reader.open(_item(found, indents), found.end(), _words(source, found.end(), end))
        return True
    indents.clear()
    if not quoted and _quote(reader):
        return True
    if found := _SUBTEXT.match(source, start, end):
        reader.open(Subtext(), found.end(), _words(source, found.end(), end))
        return True
    if found := _HEADING.match(source, start, end):
        return _heading(reader, found, end)
    return False


def _words(source: str, start: int, end: int) -> Ending:
    """A line's words without the blanks that end it."""
    return Ending(start + len(source[start:end].rstrip()), end)


def _item(found: re.Match[str], indents: list[int]) -> ListItem:
    indent = len(found[1])
    while indents and indents[-1] >= indent:
        indents.pop()
    indents.append(indent)
    return ListItem(found[2] is not None, int(found[2] or 1), len(indents) - 1)


def _heading(reader: Reader, found: re.Match[str], end: int) -> bool:
    """A heading; the ``#`` that end it are not shown."""
    words = reader.source[found.end() : end].rstrip()
    bare = words.rstrip("#").rstrip()
    if not bare:
        return False
    reader.open(Heading(len(found[1])), found.end(), Ending(found.end() + len(bare), end))
    return True


def _quote(reader: Reader) -> bool:
    source = reader.source
    if rest := _QUOTED_REST.match(source, reader.pos):
        inner, after = source[rest.end() :], len(source)
    else:
        lines = []
        after = reader.pos
        while found := _QUOTED.match(source, after):
            end = source.find("\n", after)
            end = len(source) if end < 0 else end
            lines.append(source[found.end() : end])
            after = end + 1
        if not lines:
            return False
        inner, after = "\n".join(lines), after - 1
    reader.say_block(_read(inner, reader.names, quoted=True), Quote())
    reader.pos = after
    return True
