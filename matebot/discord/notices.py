"""What MateBot itself says in Discord, with the buttons and menus below it."""

from typing import Any

from matebot.core.errors import NoAccess
from matebot.core.ids import MessageRef, Room
from matebot.core.notice import Menu, Notice
from matebot.core.richtext import RichText
from matebot.discord import markup
from matebot.discord.calls import Calls
from matebot.discord.limits import (
    BUTTON_LABEL,
    BUTTONS,
    NONCE,
    OPTION_TEXT,
    OPTIONS,
    PLACEHOLDER,
)
from matebot.discord.parts import ALLOWED_MENTIONS


async def say(calls: Calls, room: Room, notice: Notice, key: str) -> MessageRef | None:
    """Say something as the bot; to one person in private; see `Messenger.notice`."""
    if notice.only_for is None:
        return await _say(calls, room, notice.text, notice, key)
    try:
        channel = await calls.private_channel(notice.only_for)
        await _say(calls, Room.discord(channel), notice.text, notice, key)
    except NoAccess:
        if notice.or_else is None:
            raise
        public = Notice(notice.or_else, reply_to=notice.reply_to)
        return await _say(calls, room, public.text, public, key)
    return None


async def _say(calls: Calls, room: Room, text: RichText, notice: Notice, key: str) -> MessageRef:
    """Post a notice's text, the buttons below its last piece; the first piece is its place."""
    pieces = markup.split(text)
    ref = MessageRef(room, 0)
    for number, piece in enumerate(pieces):
        payload: dict[str, Any] = {"content": piece, "allowed_mentions": ALLOWED_MENTIONS}
        if number == 0 and notice.reply_to is not None and notice.only_for is None:
            payload["message_reference"] = {
                "message_id": str(notice.reply_to),
                "fail_if_not_exists": False,
            }
        if number == len(pieces) - 1 and (notice.buttons or notice.menus):
            payload["components"] = components(notice)
        piece_key = key if number == 0 else f"{key[: NONCE - 3]}.{number}"
        posted = await calls.post(room.chat, payload, piece_key)
        ref = MessageRef(room, int(posted["id"]))
    return ref


def components(notice: Notice) -> list[dict[str, Any]]:
    """What stands below a notice, as the API takes it: menus, then buttons in rows of five.

    A button's action comes back as ``custom_id``, an option's as the menu's value.
    """
    each = [
        {"type": 2, "style": 2, "label": b.label[:BUTTON_LABEL], "custom_id": b.action}
        for b in notice.buttons
    ]
    rows = [each[start : start + BUTTONS] for start in range(0, len(each), BUTTONS)]
    menus = [[_select(menu)] for menu in notice.menus]
    return [{"type": 1, "components": row} for row in menus + rows]


def _select(menu: Menu) -> dict[str, Any]:
    options = [
        {
            "label": option.label[:OPTION_TEXT],
            "value": option.action,
            **({"description": option.detail[:OPTION_TEXT]} if option.detail else {}),
            "default": option.chosen,
        }
        for option in menu.options[:OPTIONS]
    ]
    prompt = menu.prompt[:PLACEHOLDER]
    return {"type": 3, "custom_id": menu.name, "placeholder": prompt, "options": options}
