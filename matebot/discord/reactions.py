"""MateBot's reactions to a message: emoji by emoji what people elsewhere react with."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final

import discord

from matebot.core.ids import MessageRef
from matebot.core.message import Emoji, Tally
from matebot.discord.calls import Calls
from matebot.discord.errors import NoMoreReactions, UnknownEmoji
from matebot.discord.limits import REACTIONS

_PICTURE: Final = "\ufe0f"
_TONES: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
#: Emoji that are shown as text unless U+FE0F follows: Telegram leaves it out, Discord wants it.
_AS_TEXT: Final = frozenset(
    "©®‼⁉™ℹ↔↕↖↗↘↙↩↪⌨⏏⏭⏮⏯⏱⏲⏸⏹⏺▶◀☀☁☂☃☄☎☑☘☝☠☢☣☦☪☮☯☸☹☺♀♂♟♠♣♥♦♨♻♾⚒⚔⚕⚖⚗⚙⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷⛸⛹"
    "✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❣❤➡⤴⤵⬅⬆⬇〰〽㊗㊙🅰🅱🅾🅿🌡🌤🌥🌦🌧🌨🌩🌪🌫🌬🌶🍽🎖🎗🎙🎚🎛🎞🎟🏋🏌🏍🏎🏔🏕🏖🏗🏘🏙🏚🏛🏜🏝🏞"
    "🏟🏳🏵🏷🐿👁📽🕉🕊🕯🕰🕳🕴🕵🕶🕷🕸🕹🖇🖊🖋🖌🖍🖐🖥🖨🖱🖲🖼🗂🗃🗄🗑🗒🗓🗜🗝🗞🗡🗣🗨🗯🗳🗺🛋🛍🛎🛏🛠🛡🛢🛣🛤🛥🛩🛰🛳"
)

Known = Callable[[Emoji], str | None]
"""Tells how Discord names an emoji: itself, ``name:id``, or None where the bot has none such."""


def known_emoji(guilds: Iterable[discord.Guild], here: discord.Guild | None) -> Known:
    """How an emoji of people elsewhere is named here.

    Args:
        guilds: The servers that the bot is in, whose custom emoji it may use.
        here: The message's own.

    Returns:
        What names a custom one by its id where the bot has it, else the one of this server that
        bears its name, else its fallback.
    """
    by_id = {str(each.id): each for guild in guilds for each in guild.emojis if each.available}
    by_name = {each.name: each for each in (here.emojis if here else ()) if each.available}

    def named(emoji: Emoji) -> str | None:
        if not emoji.custom_id:
            return qualified(emoji.text)
        found = by_id.get(emoji.custom_id) or by_name.get(emoji.text.strip(":"))
        if found is not None:
            return f"{found.name}:{found.id}"
        return qualified(emoji.text) if emoji.text and not emoji.text.isascii() else None

    return named


def qualified(text: str) -> str:
    """An emoji with U+FE0F wherever Unicode's fully qualified form has it."""
    made = ""
    for place, character in enumerate(text):
        made += character
        after = text[place + 1 : place + 2]
        if character in _AS_TEXT and after != _PICTURE and after not in _TONES:
            made += _PICTURE
    return made


def _key(name: str) -> str:
    """What tells reactions apart: a custom one's id, else the emoji without U+FE0F."""
    return name.rpartition(":")[2].replace(_PICTURE, "")


def own_reactions(message: Any) -> dict[str, str]:
    """What the bot reacts with to a message of the API's: each key with its name."""
    emoji = [each["emoji"] for each in message.get("reactions", ()) if each.get("me")]
    names = [f"{e['name']}:{e['id']}" if e.get("id") else str(e["name"]) for e in emoji]
    return {_key(name): name for name in names}


async def set_reactions(
    calls: Calls, ref: MessageRef, tally: Sequence[Tally], known: Known
) -> tuple[Emoji, ...]:
    """Have the bot react with the emoji of a tally and no others, as far as Discord takes them.

    Returns:
        What it reacts with from now on.

    Raises:
        MessageGone: It is not there.
        DeliveryError: Discord refused for another reason than the emoji itself.
    """
    named = [(each.emoji, name) for each in tally if (name := known(each.emoji))]
    wanted = {_key(name): (emoji, name) for emoji, name in islice(named, REACTIONS)}
    set_now = own_reactions(await calls.message(ref))
    for key, name in set_now.items():
        if key not in wanted:
            await _unreact(calls, ref, name)
    done = [emoji for key, (emoji, _) in wanted.items() if key in set_now]
    for emoji, name in (wanted[key] for key in wanted if key not in set_now):
        try:
            await calls.react(ref, name)
        except UnknownEmoji:
            continue
        except NoMoreReactions:
            break
        done.append(emoji)
    return tuple(done)


async def _unreact(calls: Calls, ref: MessageRef, name: str) -> None:
    try:
        await calls.unreact(ref, name)
    except UnknownEmoji:
        return  # somebody took it away meanwhile
