"""The words inside a rich message's blocks (Bot API 10.1's RichText) as rich text. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from matebot.core.richtext import (
    Bold,
    Code,
    CustomEmoji,
    DateTime,
    Italic,
    Link,
    Mention,
    RichText,
    Spoiler,
    Strike,
    Style,
    Underline,
    concat,
    plain,
)
from matebot.telegram.markup_sayable import TIME_FORMATS

_STYLES: Final[dict[str, Style]] = {
    "bold": Bold(),
    "italic": Italic(),
    "underline": Underline(),
    "strikethrough": Strike(),
    "spoiler": Spoiler(),
    "code": Code(),
    # Discord has no marker pen.
    "marked": Bold(),
}
_TIME_STYLES: Final = {text: style for style, text in TIME_FORMATS.items()}
_RAISED: Final = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED: Final = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))


def inline(words: Any) -> RichText:
    """A text, a list of them, or one with a style, each as the API writes it; None is nothing."""
    match words:
        case str():
            return plain(words)
        case list():
            return concat(*(inline(each) for each in words))
        case dict():
            return _styled(words)
        case _:
            return RichText()


def button(described: Mapping[str, Any]) -> RichText:
    """A button's label in brackets; it leads where the button does, if it leads anywhere."""
    label = concat("[", inline(described.get("text")), "]")
    url = described.get("url")
    return label.styled(Link(url)) if url else label


def _styled(words: Mapping[str, Any]) -> RichText:
    kind, text = str(words.get("type")), inline(words.get("text"))
    if (style := _STYLES.get(kind)) is not None:
        return text.styled(style)
    match kind:
        case "superscript":
            return _shifted(text, _RAISED, "^")
        case "subscript":
            return _shifted(text, _LOWERED, "_")
        case "mathematical_expression":
            return plain(words["expression"]).styled(Code())
        case "custom_emoji":
            shown = words["alternative_text"]
            return plain(shown).styled(CustomEmoji(words["custom_emoji_id"], fallback=shown))
        case "date_time":
            form = _TIME_STYLES.get(words.get("date_time_format") or "", "")
            return text.styled(DateTime(words["unix_time"], form))
        case "button":
            return button(words["button"])
        case _:
            return _linked(kind, words, text)


def _linked(kind: str, words: Mapping[str, Any], text: RichText) -> RichText:
    """What leads somewhere; an address that is its own text needs no link, the rest is text."""
    match kind:
        case "url" if words["url"] != text.text:
            return text.styled(Link(words["url"]))
        case "mention":
            return text.styled(Mention("user", words["username"].removeprefix("@"), text.text))
        case "text_mention":
            return text.styled(Mention("user", str(words["user"]["id"]), text.text))
        case _:
            return text


def _shifted(text: RichText, letters: Mapping[str, str], sign: str) -> RichText:
    """Raised or lowered letters, where there are such; else as people type it: ``^(text)``."""
    if text.text and all(letter in letters for letter in text.text):
        return RichText("".join(letters[letter] for letter in text.text), text.spans)
    return concat(f"{sign}(", text, ")") if len(text) > 1 else concat(sign, text)
