"""The methods that change or remove what stands in a chat."""

from collections.abc import Callable
from typing import Any

from matebot.sandbox.telegram.access import find_chat, find_message, take_rate
from matebot.sandbox.telegram.content import caption_fields, keyboard, text_fields
from matebot.sandbox.telegram.errors import bad
from matebot.sandbox.telegram.limits import DELETE_AGE_S, DELETE_IDS
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.rich import rich_fields
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.world import Chat

Json = dict[str, Any]
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
TEXT = ("text", "entities", "rich_message", "link_preview_options")
CAPTION = ("caption", "caption_entities", "show_caption_above_media")
# Of what has no caption, a bot may edit the keyboard alone: can_edit_message of TDLib.
CAPTIONED = ("photo", "live_photo", "document", "video", "animation", "audio", "voice")
BARE = ("sticker", "video_note")


def edit_text(state: State, params: Params) -> Json:
    """Answer editMessageText: a text or a rich message becomes either."""
    fields = rich_fields(params) if params.has("rich_message") else text_fields(params)
    markup = keyboard(params)
    chat, message = editable(state, params)
    check_not_bare(message)
    if "text" not in message and "rich_message" not in message:
        raise bad("there is no text in the message to edit")
    return edit(state, chat, message, TEXT, fields | markup)


def edit_caption(state: State, params: Params) -> Json:
    """Answer editMessageCaption."""
    fields, markup = caption_fields(params.values), keyboard(params)
    chat, message = editable(state, params)
    check_not_bare(message)
    if not any(kind in message for kind in CAPTIONED):
        raise bad("there is no caption in the message to edit")
    return edit(state, chat, message, CAPTION, fields | markup)


def check_not_bare(message: Json) -> None:
    """A message is of a kind of which more than the keyboard can be edited.

    Raises:
        ApiError: 400.
    """
    if any(kind in message for kind in BARE):
        raise bad("message can't be edited")


def edit_reply_markup(state: State, params: Params) -> Json:
    """Answer editMessageReplyMarkup; without a markup, it tells whether a message stands."""
    markup = keyboard(params)
    chat, message = editable(state, params)
    return edit(state, chat, message, (), markup)


def editable(state: State, params: Params) -> tuple[Chat, Json]:
    """The chat and the message that a call may edit.

    Raises:
        ApiError: The message is not there, or not the bot's.
    """
    if not params.has("message_id"):
        raise bad("message identifier is not specified")
    chat = find_chat(state, params, write=True)
    message_id = params.integer("message_id")
    message = find_message(chat, message_id, "message to edit")
    may_edit_all = chat.kind == "channel" and state.world.bot_may(chat, "can_edit_messages")
    own = message_id in chat.own or may_edit_all
    if not own or message_id in chat.service:
        raise bad("message can't be edited")
    return chat, message


def edit(state: State, chat: Chat, message: Json, replaced: tuple[str, ...], new: Json) -> Json:
    """Put new fields into the place of the ``replaced`` ones, and of the keyboard.

    Raises:
        ApiError: 429, or 400, nothing would change.
    """
    take_rate(state, chat)
    gone = (*replaced, "reply_markup")
    old = {name: message[name] for name in gone if name in message}
    if old == new:
        raise bad(NOT_MODIFIED)
    kept = {name: value for name, value in message.items() if name not in gone}
    edited = kept | new | {"edit_date": int(state.world.now())}
    state.world.put(chat, edited)
    state.show("edit", chat, edited)
    return edited


def delete_message(state: State, params: Params) -> bool:
    """Answer deleteMessage."""
    if not params.has("message_id"):
        raise bad("message identifier is not specified")
    chat = find_chat(state, params, write=True)
    message_id = params.integer("message_id")
    message = find_message(chat, message_id, "message to delete")
    if not _deletable(state, chat, message):
        raise bad("message can't be deleted for everyone")
    _remove(state, chat, message_id)
    return True


def delete_messages(state: State, params: Params) -> bool:
    """Answer deleteMessages: what is not there or may not be deleted is skipped."""
    ids = params.listed("message_ids", "message identifiers") or []
    if not ids:
        raise bad("message identifiers are not specified")
    if len(ids) > DELETE_IDS:
        raise bad("too many message identifiers specified")
    if any(isinstance(number, bool) or not isinstance(number, int) for number in ids):
        raise bad("message identifier must be a valid Number")
    chat = find_chat(state, params, write=True)
    for message_id in ids:
        message = chat.messages.get(message_id) if message_id > 0 else None
        if message is not None and _deletable(state, chat, message):
            _remove(state, chat, message_id)
    return True


def _deletable(state: State, chat: Chat, message: Json) -> bool:
    """Whether the bot may delete a message: it is young, and its own or it has the right."""
    if state.world.now() - message["date"] >= DELETE_AGE_S:
        return False
    if chat.kind == "private" or message["message_id"] in chat.own:
        return True
    return state.world.bot_may(chat, "can_delete_messages")


def _remove(state: State, chat: Chat, key: int) -> None:
    message = state.world.remove(chat, key)
    if message is not None:
        state.show("delete", chat, message)


def edit_ephemeral_text(state: State, params: Params) -> bool:
    """Answer editEphemeralMessageText."""
    fields, markup = text_fields(params), keyboard(params)
    chat, message = _ephemeral(state, params)
    return _edit_ephemeral(state, chat, message, TEXT, fields | markup)


def edit_ephemeral_caption(state: State, params: Params) -> bool:
    """Answer editEphemeralMessageCaption."""
    fields, markup = caption_fields(params.values), keyboard(params)
    chat, message = _ephemeral(state, params)
    return _edit_ephemeral(state, chat, message, CAPTION, fields | markup)


def edit_ephemeral_markup(state: State, params: Params) -> bool:
    """Answer editEphemeralMessageReplyMarkup."""
    markup = keyboard(params)
    chat, message = _ephemeral(state, params)
    return _edit_ephemeral(state, chat, message, (), markup)


def _edit_ephemeral(
    state: State, chat: Chat, message: Json, replaced: tuple[str, ...], new: Json
) -> bool:
    edit(state, chat, message, replaced, new)
    return True


def delete_ephemeral(state: State, params: Params) -> bool:
    """Answer deleteEphemeralMessage."""
    chat, message = _ephemeral(state, params)
    _remove(state, chat, -message["ephemeral_message_id"])
    return True


def _ephemeral(state: State, params: Params) -> tuple[Chat, Json]:
    """The bot's ephemeral message to that person.

    Raises:
        ApiError: 400, there is none.
    """
    chat = find_chat(state, params, write=True)
    ephemeral_id = params.integer("ephemeral_message_id")
    message = chat.messages.get(-ephemeral_id) if ephemeral_id > 0 else None
    if message is None or -ephemeral_id not in chat.own:
        raise bad("MESSAGE_ID_INVALID")
    if message["receiver_user"]["id"] != params.integer("receiver_user_id"):
        raise bad("MESSAGE_ID_INVALID")
    return chat, message


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "editEphemeralMessageText": edit_ephemeral_text,
    "editEphemeralMessageCaption": edit_ephemeral_caption,
    "editEphemeralMessageReplyMarkup": edit_ephemeral_markup,
    "deleteEphemeralMessage": delete_ephemeral,
}
