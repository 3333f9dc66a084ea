"""Reading what a call wants to say: its text, its keyboard, the message that it answers."""

import re
from typing import Any

from matebot.sandbox.telegram import entities, parse_modes
from matebot.sandbox.telegram.access import find_message
from matebot.sandbox.telegram.errors import ApiError, bad
from matebot.sandbox.telegram.limits import (
    CALLBACK_DATA_BYTES,
    CAPTION_UNITS,
    KEYBOARD_BUTTONS,
    TEXT_UNITS,
)
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.world import Chat

Json = dict[str, Any]
RAW_TEXT_BYTES = 32 * 1024
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
MEDIA_ALONE = ("voice", "video_note", "sticker", "paid_media")
QUOTED_STYLES = {
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "custom_emoji",
    "date_time",
}


def parsed(source: Json, name: str, entity_name: str) -> tuple[str, list[entities.Entity]]:
    """A text and the entities given with it, before the server cleans it.

    Args:
        source: The parameters, decoded but for ``entity_name``, which may be a JSON string.
        name: ``text`` or ``caption``.
        entity_name: ``entities`` or ``caption_entities``.

    Raises:
        ApiError: 400, broken markup or entities.
    """
    params = Params(source)
    text = params.text(name)
    if len(text.encode("utf-8", "surrogatepass")) > RAW_TEXT_BYTES:
        raise bad("text is too long")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise bad("strings must be encoded in UTF-8")
    mode = params.text("parse_mode")
    if mode and mode.lower() != "none":
        return parse_modes.parse(text, mode)
    return text, entities.read(params.listed(entity_name, "MessageEntity") or [])


def finished(text: str, found: list[entities.Entity], prefix: str = "") -> Json:
    """The fields of a cleaned text; none where nothing is visible; a caption's with its prefix.

    Raises:
        ApiError: 400, it is too long or an entity is misplaced.
    """
    text, found = entities.fix(text, found)
    limit = CAPTION_UNITS if prefix else TEXT_UNITS
    if entities.utf16_length(text) > limit:
        what = "message caption" if prefix else "message"
        raise bad(f"{what} is too long")
    if not text:
        return {}
    fields: Json = {"caption" if prefix else "text": text}
    if all_found := entities.detect(text, found):
        fields[f"{prefix}entities"] = all_found
    return fields


def text_fields(params: Params) -> Json:
    """``text``, ``entities`` and perhaps ``link_preview_options`` of a text message.

    Raises:
        ApiError: 400, there is none, it is too long or broken.
    """
    if not params.text("text"):
        raise bad("message text is empty")
    fields = finished(*parsed(params.values, "text", "entities"))
    if not fields:
        raise bad("text must be non-empty")
    preview = params.record("link_preview_options", "link preview options") or {}
    return fields | ({"link_preview_options": preview} if preview.get("is_disabled") else {})


def caption_fields(source: Json) -> Json:
    """``caption``, ``caption_entities`` and ``show_caption_above_media``, if any.

    Raises:
        ApiError: 400, it is too long or broken.
    """
    fields = finished(*parsed(source, "caption", "caption_entities"), prefix="caption_")
    above = bool(fields) and Params(source).flag("show_caption_above_media")
    return fields | ({"show_caption_above_media": True} if above else {})


def keyboard(params: Params) -> Json:
    """``reply_markup`` of a message, as kept: of an inline keyboard alone, cleaned.

    Raises:
        ApiError: 400, it is broken.
    """
    markup = params.record("reply_markup", "reply markup")
    rows = markup.get("inline_keyboard") if markup else None
    if rows is None:
        return {}
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    kept = [[_button(button) for button in row] for row in rows if row]
    if sum(len(row) for row in kept) > KEYBOARD_BUTTONS:
        raise bad("reply markup is too long")
    return {"reply_markup": {"inline_keyboard": kept}} if kept else {}


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: expected an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text:
        raise bad("can't parse InlineKeyboardButton: Can't find field \"text\"")
    action = next((name for name in ACTIONS if button.get(name) not in (None, "", False)), None)
    if action is None:
        raise bad("text buttons are not allowed in the inline keyboard")
    if action == "callback_data" and not _fits(button[action]):
        raise bad("BUTTON_DATA_INVALID")
    if action == "url":
        return {"text": text, "url": _button_url(str(button["url"]))}
    return {"text": text, action: button[action]}


def _fits(data: Any) -> bool:
    return isinstance(data, str) and 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES


def _button_url(url: str) -> str:
    try:
        return entities.link_url(url)
    except ApiError as error:
        reason = error.description.rpartition("is invalid: ")[2]
        raise bad(f"inline keyboard button URL '{url}' is invalid: {reason}") from None


def reply_fields(state: State, chat: Chat, params: Params) -> Json:
    """``reply_to_message`` or ``external_reply``, and ``quote``.

    Raises:
        ApiError: 400, what is replied to is not there, or the quote is not of it.
    """
    wanted = params.record("reply_parameters", "reply parameters")
    if wanted is None and params.has("reply_to_message_id"):
        loose = params.flag("allow_sending_without_reply")
        message_id = params.integer("reply_to_message_id")
        wanted = {"message_id": message_id, "allow_sending_without_reply": loose}
    reader = Params(wanted or {})
    message_id = reader.integer("message_id")
    if message_id <= 0:
        return {}
    other = _other_chat(state, chat, reader)
    try:
        target = find_message(other or chat, message_id, "message to be replied")
    except ApiError:
        if reader.flag("allow_sending_without_reply"):
            return {}
        raise
    fields = external(state, other, target) if other else {"reply_to_message": shallow(target)}
    if quote := reader.text("quote"):
        fields["quote"] = _quote(reader, quote, target)
    return fields


def _other_chat(state: State, chat: Chat, reader: Params) -> Chat | None:
    """The chat that ``reply_parameters.chat_id`` names, if it is another one."""
    chat_id = reader.integer("chat_id")
    if chat_id in (0, chat.id):
        return None
    other = state.world.chats.get(chat_id)
    if other is None:
        raise bad("chat not found")
    return other


def shallow(message: Json) -> Json:
    """A message as it stands inside of a reply: without what it replied to itself."""
    return {k: v for k, v in message.items() if k not in ("reply_to_message", "external_reply")}


def external(state: State, chat: Chat, target: Json) -> Json:
    """``external_reply`` to a message of another chat."""
    sender = target.get("from") or state.world.bot
    origin = {"type": "user", "date": target["date"], "sender_user": sender}
    if chat.kind == "channel":
        fields = state.world.chat_fields(chat)
        message_id = target["message_id"]
        origin = {
            "type": "channel",
            "date": target["date"],
            "chat": fields,
            "message_id": message_id,
        }
    media = (*("photo", "live_photo", "document", "video", "animation", "audio"), *MEDIA_ALONE)
    reply: Json = {"origin": origin} | {kind: target[kind] for kind in media if kind in target}
    if chat.kind in ("supergroup", "channel"):
        reply |= {"chat": state.world.chat_fields(chat), "message_id": target["message_id"]}
    return {"external_reply": reply}


def _quote(reader: Params, quote: str, target: Json) -> Json:
    source = {"quote": quote, "parse_mode": reader.text("quote_parse_mode")}
    styled = {"quote_entities": reader.values.get("quote_entities")}
    text, styles = entities.fix(*parsed(source | styled, "quote", "quote_entities"))
    whole = target.get("text") or target.get("caption") or ""
    if not text or text not in whole:
        raise bad("QUOTE_TEXT_INVALID")
    position = entities.utf16_length(whole[: whole.index(text)])
    kept = [style for style in styles if style["type"] in QUOTED_STYLES]
    found: Json = {"text": text, "position": position, "is_manual": True}
    return found | ({"entities": kept} if kept else {})


def thread_fields(chat: Chat, params: Params, reply: Json) -> Json:
    """``message_thread_id`` of a message, by its parameter or by what it replies to.

    Raises:
        ApiError: 400, there is no such thread or it is closed.
    """
    thread_id = params.integer("message_thread_id")
    if thread_id <= 0:
        return thread_of_reply(chat, reply)
    if chat.forum:
        if thread_id not in chat.topics:
            raise bad("message thread not found")
        if thread_id in chat.closed_topics:
            raise bad("TOPIC_CLOSED")
        return {"message_thread_id": thread_id, "is_topic_message": True}
    if chat.kind != "supergroup" or thread_id not in chat.messages:
        raise bad("message thread not found")
    return {"message_thread_id": thread_id}


def thread_of_reply(chat: Chat, reply: Json) -> Json:
    """The thread that a reply lands in: its topic, or of a supergroup the thread of its root."""
    target = reply.get("reply_to_message")
    if target is None or chat.kind != "supergroup":
        return {}
    thread_id = target.get("message_thread_id")
    if chat.forum:
        found = {"message_thread_id": thread_id, "is_topic_message": True}
        return found if thread_id else {}
    return {"message_thread_id": thread_id or target["message_id"]}


def secret_is_valid(secret: str) -> bool:
    """Whether a secret token has only the characters that it may have."""
    return re.fullmatch(r"[A-Za-z0-9_-]*", secret) is not None
