"""What a poll's twin is made of, the same for both sides. Pure."""

import math
from typing import Final

from matebot.core.message import Message, Poll
from matebot.core.richtext import Bold, RichText, concat, plain, styled
from matebot.core.words import Words

_QUESTION: Final = 300
"""Both services' limit."""


def fits(poll: Poll, *, options: int, option: int) -> bool:
    """Whether a poll can be one elsewhere.

    Args:
        poll: As it is.
        options: How many answers it may have there.
        option: How long each may be, in UTF-16 code units (no service counts more strictly).
    """
    texts = [one_line(text) for text in poll.options]
    return (
        0 < units(one_line(poll.question)) <= _QUESTION
        and 0 < len(texts) <= options
        and all(0 < units(text) <= option for text in texts)
    )


def one_line(text: str) -> str:
    """A question or an answer as a twin shows it."""
    return " ".join(text.split())


def lasts_s(message: Message, least: int, most: int) -> int | None:
    """How long a poll lasts, in seconds, clamped; None where nothing ends it but its author."""
    if message.poll is None or message.poll.closes_at is None:
        return None
    return min(max(math.ceil(message.poll.closes_at - message.sent_at), least), most)


def figures(poll: Poll, language: str, words: Words) -> RichText:
    """How a poll ended where it was asked: a line with its question, and one for each answer."""
    votes = poll.votes or (0,) * len(poll.options)
    lines: list[RichText | str] = [
        styled(words(language, "poll-figures", question=one_line(poll.question)), Bold())
    ]
    for text, count in zip(poll.options, votes, strict=True):
        lines.append("\n" + words(language, "poll-answer", answer=one_line(text), count=count))
    return concat(*(plain(line) if isinstance(line, str) else line for line in lines))


def tally(poll: Poll, language: str, words: Words) -> RichText:
    """How a poll of MateBot's own stands in all rooms together: one line below it."""
    votes = poll.votes or (0,) * len(poll.options)
    each = [
        words(language, "poll-tally-answer", answer=one_line(text), count=count)
        for text, count in zip(poll.options, votes, strict=True)
    ]
    return plain(words(language, "poll-tally", figures=" · ".join(each)))


def units(text: str) -> int:
    """How long a text is, in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
