"""The rows of the feature table that scenarios show working, by their numbers."""

import re
from typing import Final

ROWS: Final = {
    "1.1": "styles, nested and overlapping",
    "1.2": "formatting of captions and edits",
    "1.3": "literal text stays literal",
    "1.4": "quotes, headings, lists; rich messages",
    "1.5": "date and time",
    "1.6": "custom emoji",
    "1.7": "long text is split",
    "1.8": "any script: offsets, joiners, blanks",
    "1.9": "link previews as the author wanted",
    "2.1": "a Telegram person's name and face in Discord",
    "2.2": "a Discord person's name in Telegram",
    "2.3": "sensible names for everybody else",
    "2.4": "nobody is pinged by accident",
    "2.6": "look-alikes are marked",
    "3.1": "replies",
    "3.2": "quotes, other chats, never bridged",
    "3.3": "edits",
    "3.4": "deletes Discord to Telegram",
    "3.5": "deletes Telegram to Discord",
    "3.6": "what a delete does is chosen",
    "3.7": "reactions",
    "3.8": "forwards",
    "3.9": "pins, joins, leaves, titles",
    "3.10": "polls",
    "3.11": "everything else of Telegram, readable",
    "3.12": "everything else of Discord, readable",
    "3.13": "links to bridged messages",
    "3.14": "typing",
    "4.1": "files of every kind, whole",
    "4.2": "albums",
    "4.3": "voice messages and round films",
    "4.4": "stickers of every format",
    "4.5": "spoilers; silent messages",
    "4.6": "what is too large",
    "4.7": "a Bot API server of one's own",
}

ROW: Final = "row"
TOLD: Final = "told"
"""Names of what a test's report carries: a row it shows, and a line to be read by people."""

_NAMED: Final = re.compile(r"test_(\d+)_(\d+)_")


def row_of(test_name: str) -> str | None:
    """The row that a test's name begins with: ``test_3_7_reactions_cross`` is of row 3.7."""
    match = _NAMED.match(test_name)
    return f"{match[1]}.{match[2]}" if match else None
