"""What happened in a room as one line, in the reader's language. Pure."""

from typing import Final

from matebot.core.message import Happening, Message
from matebot.core.richtext import RichText, concat
from matebot.core.words import Words

_PLACE: Final = "\ufffc"
"""Stands for the details while the line is put together, so that their styles stay."""
_WITHOUT_DETAILS: Final = frozenset(
    {
        Happening.BOOST,
        Happening.STAGE_SPEAKER,
        Happening.VIDEO_CHAT,
        Happening.GROUP_PHOTO,
        Happening.NO_GROUP_PHOTO,
        Happening.BACKGROUND,
        Happening.NO_AUTO_DELETE,
        Happening.TOPIC_CLOSED,
        Happening.TOPIC_REOPENED,
        Happening.OWNER_LEFT,
        Happening.GIVEAWAY,
    }
)


def told(message: Message, language: str, words: Words) -> RichText:
    """A line such as ``➕ Ana joined``; plain but for the styles that the details bring.

    Args:
        message: One with a happening; its text holds the details (a new name, who joined…).
        language: The reader's.
        words: The catalogue; ``happening-NAME`` takes the author's name and the details.
    """
    happening = message.happening or Happening.OTHER
    if not message.text and happening not in _WITHOUT_DETAILS:
        return RichText.plain(words(language, "note-other"))
    name = " ".join(message.author.name.replace(_PLACE, " ").split())
    line = words(language, f"happening-{happening.value}", name=name, text=_PLACE)
    before, place, after = line.partition(_PLACE)
    return concat(before, message.text.strip() if place else "", after)
