"""Putting a bot's message into a chat."""

from collections.abc import Callable
from typing import Any

from matebot.sandbox.telegram.access import check_may_send, find_chat, is_admin, take_rate
from matebot.sandbox.telegram.content import keyboard, reply_fields, thread_fields
from matebot.sandbox.telegram.errors import bad
from matebot.sandbox.telegram.limits import EPHEMERAL_WINDOW_S
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.world import INSIDE, Chat

Json = dict[str, Any]


def post(state: State, params: Params, content: list[Callable[[], Json]], what: str) -> list[Json]:
    """Send one message, or the parts of an album.

    Each of ``content`` makes the fields of a part, when all else is in order; ``what`` is how a
    refusal for want of rights calls the parts.

    Raises:
        ApiError: Whatever speaks against it.
    """
    markup = keyboard(params)
    chat = find_chat(state, params, write=True)
    check_may_send(chat, what)
    receiver_id = ephemeral_receiver(state, chat, params)
    reply = reply_fields(state, chat, params)
    fields = reply | thread_fields(chat, params, reply) | markup
    if params.flag("protect_content"):
        fields["has_protected_content"] = True
    take_rate(state, chat, len(content))
    made = [make() for make in content]
    if state.slow_videos and any("video" in one for one in made):
        return _scheduled(state, chat, [fields | one for one in made])
    sent = []
    for one in made:
        message = head(state, chat, receiver_id) | fields | one
        state.world.put(chat, message, own=True)
        state.show("message", chat, message)
        sent.append(message)
    return sent


def _scheduled(state: State, chat: Chat, made: list[Json]) -> list[Json]:
    """Messages with a video that is processed first: their id is 0 until they are sent.

    https://core.telegram.org/bots/api#messageid
    """
    about = head(state, chat, None, message_id=0)
    state.processed += [(chat, one) for one in made]
    return [about | one for one in made]


def head(
    state: State, chat: Chat, receiver_id: int | None = None, *, message_id: int | None = None
) -> Json:
    """The fields that every message of the bot has; with the next id, unless one is given."""
    world = state.world
    message: Json = {"message_id": 0, "date": int(world.now()), "chat": world.chat_fields(chat)}
    if chat.kind == "channel":
        message["sender_chat"] = world.chat_fields(chat)
    else:
        message["from"] = world.bot
    if receiver_id is None:
        given = world.new_message_id(chat) if message_id is None else message_id
        return message | {"message_id": given}
    ephemeral_id = world.new_ephemeral_id(chat)
    receiver = world.users[receiver_id]
    return message | {"ephemeral_message_id": ephemeral_id, "receiver_user": receiver}


def ephemeral_receiver(state: State, chat: Chat, params: Params) -> int | None:
    """Who alone sees the message; None where all do.

    An administrator may always; others within 15 s of the person's press or ephemeral command.

    Raises:
        ApiError: 400, the conditions are not met.
    """
    wanted = params.record("ephemeral_message_parameters", "ephemeral message parameters")
    if wanted is None and params.has("receiver_user_id"):
        wanted = {
            name: params.values.get(name) for name in ("receiver_user_id", "callback_query_id")
        }
    reply = Params(params.record("reply_parameters", "reply parameters") or {})
    command_id = reply.integer("ephemeral_message_id")
    if wanted is None:
        if command_id:
            raise bad("message to be replied not found")
        return None
    reader = Params(wanted)
    user_id = reader.integer("receiver_user_id")
    if not chat.is_group:
        raise bad("PEER_ID_INVALID")
    if user_id not in state.world.users:
        raise bad("user not found")
    if state.world.users[user_id]["is_bot"]:
        raise bad("USER_IS_BOT")
    if chat.members.get(user_id) not in INSIDE:
        raise bad("USER_NOT_PARTICIPANT")
    if not (
        is_admin(state, chat)
        or _pressed(state, chat, user_id, reader.text("callback_query_id"))
        or _commanded(state, chat, user_id, command_id)
    ):
        raise bad("CHAT_ADMIN_REQUIRED")
    return user_id


def _pressed(state: State, chat: Chat, user_id: int, query_id: str) -> bool:
    press = state.world.presses.get(query_id)
    return (
        press is not None
        and (press.user_id, press.chat_id) == (user_id, chat.id)
        and state.world.now() - press.at <= EPHEMERAL_WINDOW_S
    )


def _commanded(state: State, chat: Chat, user_id: int, ephemeral_id: int) -> bool:
    command = chat.messages.get(-ephemeral_id) if ephemeral_id > 0 else None
    return (
        command is not None
        and -ephemeral_id not in chat.own
        and command["from"]["id"] == user_id
        and state.world.now() - command["date"] <= EPHEMERAL_WINDOW_S
    )


def service_message(state: State, chat: Chat, author: Json | None, fields: Json) -> Json:
    """Put a service message into a chat; the bot is told, even of those it caused by a pin."""
    world = state.world
    message: Json = {
        "message_id": world.new_message_id(chat),
        "date": int(world.now()),
        "chat": world.chat_fields(chat),
    }
    if author is not None and chat.kind != "channel":
        message["from"] = author
    else:
        message["sender_chat"] = world.chat_fields(chat)
    message |= fields
    own = author is world.bot
    world.put(chat, message, own=own, service=True)
    state.emit("channel_post" if chat.kind == "channel" else "message", message, chat)
    state.show("message", chat, message)
    return message
