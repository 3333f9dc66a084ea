"""With what a bot may react in Telegram, and which of it is nearest to what people meant. Pure.

https://core.telegram.org/bots/api#reactiontypeemoji (2026-11-24).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from matebot.core.message import Emoji, Tally

#: A chat may allow fewer than Telegram does; after so many refusals it is let be.
MOST_TRIES: Final = 3

_LIST: Final = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 "
    "❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 "
    "🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 "
    "👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
ALLOWED: Final = frozenset(_LIST.split(" "))

# Variation selectors and skin tones: Telegram's list has none.
_LOOKS: Final = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")

#: Each line: what is allowed, and what people mean by it.
MEANT: Final = {
    allowed: others.split()
    for allowed, others in {
        "❤": "♥ 🧡 💛 💚 💙 💜 🖤 🤍 🤎 🩷 🩵 🩶 💕 💞 💓 💗 💖 💝 ❣ 🫶",
        "👍": "✅ ☑ ✔ 👆 ⬆ 🔼 🆗 ➕ 🤙",
        "👎": "❌ ✖ ❎ 🚫 ⬇ 🔽 ➖",
        "🤣": "😂 😹",
        "😁": "😀 😃 😄 😆 😅 🙂 😊 ☺ 😸 😺",
        "😢": "🙁 ☹ 😞 😔 😟 😥 🥺 😿 😓 😕",
        "😭": "😩 😫",
        "😱": "😮 😯 😲 😧 🙀 😦",
        "🎉": "🎊 🥳 🎈 🎂 🪅",
        "👏": "🙌",
        "🤩": "⭐ 🌟 ✨",
        "😡": "😠 😤 👿",
        "🤬": "💢",
        "🤮": "🤢",
        "😍": "😻",
        "😘": "😗 😙 😚 😽",
        "💋": "👄",
        "😴": "💤 😪",
        "😐": "😑 😶 🫤",
        "😎": "🕶",
        "🤝": "🫱 🫲",
        "👀": "👁",
        "🎅": "🤶 🧑‍🎄",
        "☃": "⛄",
        "🎄": "🌲",
        "🏆": "🥇 🏅 🎖",
        "🤯": "💥",
        "👨‍💻": "💻 🧑‍💻 👩‍💻",
        "😇": "👼",
        "🙈": "🫣 🤦 🤦‍♂ 🤦‍♀",
        "🕊": "☮",
        "🌭": "🌮 🍔",
        "🍾": "🥂 🍻 🍺",
        "🐳": "🐋",
        "👾": "🤖 👽",
        "💊": "💉",
        "👻": "💀 ☠",
    }.items()
}

#: The words in the names of custom emoji.
_NAMED: Final = {
    word: allowed
    for allowed, words in {
        "❤": "heart love hearts amor",
        "👍": "thumbsup like yes upvote check checkmark approve approved sim",
        "👎": "thumbsdown dislike no downvote deny nope nao",
        "🤣": "lol lmao rofl kek lul kekw omegalul joy laugh",
        "😢": "sad sadge cry crying",
        "😭": "sob",
        "🔥": "fire lit hot",
        "🎉": "party tada partying hooray celebrate",
        "👏": "clap claps applause",
        "🤔": "think thinking thonk hmm",
        "😱": "shock shocked scream wow pog poggers pogchamp",
        "😡": "angry rage mad",
        "🙏": "pray thanks thank thankyou please obrigado",
        "👀": "eyes look peek",
        "🤡": "clown",
        "💩": "poop shit",
        "😎": "cool sunglasses",
        "🤯": "mindblown",
        "💯": "hundred",
        "🫡": "salute",
        "🤷": "shrug",
        "😴": "sleep sleepy",
        "🤗": "hug",
        "😈": "devil evil",
        "👻": "ghost boo",
        "🦄": "unicorn",
        "👌": "ok okay okhand",
        "🏆": "trophy win winner",
        "😘": "kiss",
    }.items()
    for word in words.split()
}
_LIKE: Final = {meant: allowed for allowed, others in MEANT.items() for meant in others}
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def candidates(tally: Sequence[Tally]) -> tuple[str, ...]:
    """What the bot may react with, the most fitting first: the leading emoji, then the next.

    At most `MOST_TRIES`, each once; none where nothing of the tally has a counterpart.
    """
    return tuple(dict.fromkeys(_fitting(tally)))[:MOST_TRIES]


def _fitting(tally: Sequence[Tally]) -> Iterator[str]:
    for entry in tally:
        nearest = _nearest(entry.emoji)
        if nearest is not None:
            yield nearest


def _nearest(emoji: Emoji) -> str | None:
    """The allowed emoji that says what this one says; None where there is none."""
    if emoji.custom_id:
        words = (word.lower() for word in _WORDS.findall(emoji.text))
        return next((_NAMED[word] for word in words if word in _NAMED), None)
    bare = _LOOKS.sub("", emoji.text)
    return bare if bare in ALLOWED else _LIKE.get(bare)
