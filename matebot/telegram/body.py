"""What somebody said, as it may stand in Telegram: links that lead there, nobody pinged. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from matebot.core.ids import MessageRef
from matebot.core.links import telegram_link
from matebot.core.message import Copy
from matebot.core.richtext import Code, Link, Mention, Pre, RichText, Span
from matebot.core.richtext_edit import Change, substitute

WORD_JOINER: Final = "\u2060"
#: What Telegram makes a command of: ``/words``, but no path.
_COMMAND: Final = re.compile(r"(?<![\w/<>])/(?=[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]+)?(?![\w/<>@]))")
#: What Telegram makes a mention of.
_USERNAME: Final = re.compile(r"(?<![\w/@])@(?=[A-Za-z]\w{2,})")
#: What calls everybody in Discord, and would be somebody's name in Telegram.
_EVERYBODY: Final = re.compile(r"(?<![\w/@])@(?=(?:everyone|here)\b)")
_ADDRESS: Final = re.compile(r"https?://\S+")
_PINGING: Final = re.compile(r"([@/#$])(?=\w)")


def body(copy: Copy) -> RichText:
    """A message's text without the blank lines around it; its own indentation is kept."""
    text = led_here(copy.message.text.strip("\r\n"), copy.links)
    return kept_quiet(text, usernames=copy.choices.usernames)


def unpinged(text: str) -> str:
    """Keep Telegram from making mentions and commands of what looks so, by an unseen joiner."""
    return _PINGING.sub(rf"\1{WORD_JOINER}", text)


def led_here(text: RichText, links: Mapping[str, MessageRef]) -> RichText:
    """Addresses of bridged messages as those of their counterparts, where these have one."""
    here = {url: link for url, ref in links.items() if (link := telegram_link(ref)) is not None}
    if not here:
        return text
    spans = tuple(
        Span(span.start, span.end, Link(here[span.style.url]))
        if isinstance(span.style, Link) and span.style.url in here
        else span
        for span in text.spans
    )
    # The longest first, or a shorter one would be found at the beginning of a longer one.
    urls = "|".join(re.escape(url) for url in sorted(here, key=len, reverse=True))
    typed = re.finditer(rf"(?:{urls})(?![\w/])", text.text)
    changes = [Change(match.start(), match.end(), here[match.group()]) for match in typed]
    return substitute(RichText(text.text, spans), changes)


def kept_quiet(text: RichText, *, usernames: bool) -> RichText:
    """Keep Telegram from making commands of words, and members of this chat of Discord's people.

    A name that somebody typed with an ``@`` stays what it is, if ``usernames`` may ping, and so do
    Telegram's own mentions.
    """
    places = set(_pinging(text, usernames=usernames))
    for span in text.spans:
        foreign = isinstance(span.style, Mention) and span.style.id.isdecimal()
        if foreign and text.text.startswith("@", span.start):
            places.add(span.start + 1)
    return substitute(text, [Change(place, place, WORD_JOINER) for place in places])


def _pinging(text: RichText, *, usernames: bool) -> Iterator[int]:
    """The places after a character that would make a command or a mention of what follows."""
    quiet = [(s.start, s.end) for s in text.spans if isinstance(s.style, Code | Pre | Link)]
    quiet += [match.span() for match in _ADDRESS.finditer(text.text)]
    covered = bytearray(len(text.text) + 1)
    for start, end in quiet:
        covered[start:end] = b"\1" * (end - start)
    for pattern in (_COMMAND, _EVERYBODY) if usernames else (_COMMAND, _USERNAME):
        yield from (m.end() for m in pattern.finditer(text.text) if not covered[m.start()])
