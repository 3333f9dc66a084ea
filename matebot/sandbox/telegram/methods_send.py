"""The methods that send something new, and have no file."""

from collections.abc import Callable
from typing import Any

from matebot.sandbox.telegram.access import find_chat
from matebot.sandbox.telegram.content import text_fields
from matebot.sandbox.telegram.errors import bad
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.posting import post
from matebot.sandbox.telegram.rich import rich_fields
from matebot.sandbox.telegram.state import State

Json = dict[str, Any]
ACTIONS = {
    "cancel",
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def send_message(state: State, params: Params) -> Json:
    """Answer sendMessage."""
    fields = text_fields(params)
    return post(state, params, [lambda: fields], "text messages")[0]


def send_rich_message(state: State, params: Params) -> Json:
    """Answer sendRichMessage."""
    fields = rich_fields(params)
    return post(state, params, [lambda: fields], "text messages")[0]


def send_chat_action(state: State, params: Params) -> bool:
    """Answer sendChatAction."""
    action = params.text("action")
    if action.lower() not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat = find_chat(state, params, write=True)
    thread_id = params.integer("message_thread_id")
    if thread_id and chat.forum and thread_id not in chat.topics:
        raise bad("message thread not found")
    state.changes.tell("typing", chat_id=chat.id, action=action, topic=thread_id or None)
    return True


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "sendMessage": send_message,
    "sendRichMessage": send_rich_message,
    "sendChatAction": send_chat_action,
}
