"""Several copies of one author's as one post in Discord, a line each. Pure."""

from collections.abc import Sequence

from msgspec.structs import replace

from matebot.core.message import Copy
from matebot.core.words import Words
from matebot.discord.limits import CONTENT
from matebot.discord.render import DiscordPart, Place, render


def together(copies: Sequence[Copy], words: Words, place: Place) -> tuple[DiscordPart, ...]:
    """The posts that several copies of one author's become; one where they fit."""
    if len(copies) == 1:
        return render(copies[0], words, place)
    every = [render(copy, words, place) for copy in copies]
    firsts = [parts[0] for parts in every]
    joined = _joined(firsts)
    if any(len(parts) > 1 for parts in every) or _length(joined) > CONTENT:
        return tuple(part for parts in every for part in parts)
    return (joined,)


def most_together(copies: Sequence[Copy], words: Words, place: Place) -> int:
    """How many of the first copies fit one post: a webhook's post has one name; at least 1."""
    parts: list[DiscordPart] = []
    first = copies[0].message
    for number, copy in enumerate(copies):
        message = copy.message
        rendered = render(copy, words, place)
        if (
            message.author != first.author
            or message.silent != first.silent
            or message.preview != first.preview
            or message.happening is not None
            or len(rendered) > 1
            or rendered[0].ballot is not None
            or _length(_joined([*parts, rendered[0]])) > CONTENT
        ):
            return max(1, number)
        parts.append(rendered[0])
    return len(copies)


def _joined(parts: Sequence[DiscordPart]) -> DiscordPart:
    """One part for several; what the later ones answer stands above their own words."""
    first, *rest = parts
    lines = [first.text, *(part.reply_line + part.text for part in rest)]
    pings = tuple(dict.fromkeys(person for part in parts for person in part.pings))
    return replace(first, text="\n".join(lines), pings=pings)


def _length(part: DiscordPart) -> int:
    return len(part.reply_line) + len(part.name_line) + len(part.text)
