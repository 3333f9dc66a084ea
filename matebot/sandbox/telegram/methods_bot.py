"""The methods about the bot itself: who it is, how it gets its updates, its commands."""

import asyncio
import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from matebot.sandbox.telegram.content import secret_is_valid
from matebot.sandbox.telegram.errors import ApiError, bad
from matebot.sandbox.telegram.limits import (
    CALLBACK_ANSWER_CHARACTERS,
    COMMAND_CHARACTERS,
    COMMAND_DESCRIPTION_CHARACTERS,
    COMMANDS,
    SECRET_CHARACTERS,
    WEBHOOK_CONNECTIONS,
    WEBHOOK_DEFAULT_CONNECTIONS,
    WEBHOOK_PORTS,
)
from matebot.sandbox.telegram.params import Params
from matebot.sandbox.telegram.state import State
from matebot.sandbox.telegram.webhook import Webhook, trusting

Json = dict[str, Any]
CUSTOM_EMOJI_AT_ONCE = 200  # https://core.telegram.org/bots/api#getcustomemojistickers
CONFLICT = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook"
    " first"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def get_me(state: State, params: Params) -> Json:  # noqa: ARG001 - every method has this shape
    """Answer getMe: a ``User`` with the fields that only it has."""
    return state.world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": not state.world.privacy_mode,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_webhook(state: State, params: Params) -> bool:
    """Answer setWebhook; what waits is kept unless ``drop_pending_updates``."""
    url = params.text("url").strip()
    if not url:
        return delete_webhook(state, params)
    _check_url(url, local=state.local)
    allowed = params.listed("allowed_updates", "update types")
    if allowed is not None:
        state.updates.allowed = _allowed(allowed)
    webhook = Webhook(
        url=url,
        secret_token=_secret(params),
        certificate=_certificate(params),
        allowed_updates=tuple(state.updates.allowed),
        max_connections=_connections(params),
        ip_address=_address(params),
    )
    if params.flag("drop_pending_updates"):
        state.updates.clear()
    state.caller.register(webhook)
    state.changes.tell("webhook", url=url)
    return True


def _check_url(url: str, *, local: bool) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise bad("bad webhook: invalid webhook URL specified") from None
    if not parts.hostname:
        raise bad("bad webhook: invalid webhook URL specified")
    if local and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in WEBHOOK_PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _allowed(kinds: list[Any]) -> list[str]:
    if not all(isinstance(kind, str) for kind in kinds):
        raise bad("can't parse allowed_updates: expected an Array of String")
    return [str(kind) for kind in kinds]


def _secret(params: Params) -> str:
    secret = params.text("secret_token")
    if len(secret) > SECRET_CHARACTERS:
        raise bad("secret token is too long")
    if not secret_is_valid(secret):
        raise bad("secret token contains unallowed characters")
    return secret


def _certificate(params: Params) -> bytes | None:
    """The uploaded public key: a file, for a path or a text is ignored by the real server."""
    value = params.text("certificate")
    upload = params.files.get(value.removeprefix("attach://") or "certificate")
    if upload is None:
        return None
    try:
        trusting(upload.data)
    except ValueError:
        raise bad("bad webhook: certificate is not a PEM file") from None
    return upload.data


def _connections(params: Params) -> int:
    wanted = params.integer("max_connections", WEBHOOK_DEFAULT_CONNECTIONS)
    least, most = WEBHOOK_CONNECTIONS
    if not least <= wanted <= most:
        raise bad("max_connections must be between 1 and 100")
    return wanted


def _address(params: Params) -> str | None:
    address = params.text("ip_address")
    if not address:
        return None
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        raise bad("bad webhook: invalid IP address specified") from None


def delete_webhook(state: State, params: Params) -> bool:
    """Answer deleteWebhook."""
    if params.flag("drop_pending_updates"):
        state.updates.clear()
    state.caller.register(None)
    state.changes.tell("webhook", url="")
    return True


def get_webhook_info(state: State, params: Params) -> Json:  # noqa: ARG001 - as above
    """Answer getWebhookInfo: neither the secret nor the certificate is told."""
    webhook = state.caller.webhook
    info: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": bool(webhook and webhook.certificate),
        "pending_update_count": state.updates.count,
    }
    if state.updates.allowed:
        info["allowed_updates"] = list(state.updates.allowed)
    if webhook is not None:
        info["max_connections"] = webhook.max_connections
        info["ip_address"] = webhook.ip_address or "127.0.0.1"
    if webhook is not None and state.caller.last_error_date is not None:
        info["last_error_date"] = state.caller.last_error_date
        info["last_error_message"] = state.caller.last_error_message
    return info


async def get_updates(state: State, params: Params) -> list[Json]:
    """Answer getUpdates: an offset confirms what is before it; waits up to ``timeout`` seconds."""
    if state.caller.webhook is not None:
        raise ApiError(409, CONFLICT)
    allowed = params.listed("allowed_updates", "update types")
    if allowed is not None:
        state.updates.allowed = _allowed(allowed)
    offset = params.integer("offset")
    if offset < 0:
        kept = state.updates.waiting()[offset:]
        offset = kept[0].id if kept else 0
    for update in state.updates.waiting():
        if update.id < offset:
            state.updates.done(update)
    limit = min(max(params.integer("limit", 100), 1), 100)
    try:
        async with asyncio.timeout(params.integer("timeout")):
            while not state.updates.count:
                await state.changes.next()
    except TimeoutError:
        return []
    return [update.body for update in state.updates.waiting()[:limit]]


def set_my_commands(state: State, params: Params) -> bool:
    """Answer setMyCommands."""
    wanted = params.listed("commands", "BotCommand")
    if wanted is None:
        raise bad("can't parse BotCommands: commands are not specified")
    if len(wanted) > COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    state.world.commands[_scope(state, params)] = [_command(item) for item in wanted]
    return True


def _command(item: Any) -> Json:
    if not isinstance(item, dict):
        raise bad("can't parse BotCommand: expected an Object")
    name, description = str(item.get("command") or ""), str(item.get("description") or "")
    name = name.removeprefix("/")
    if not re.fullmatch(rf"[a-z0-9_]{{1,{COMMAND_CHARACTERS}}}", name):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= COMMAND_DESCRIPTION_CHARACTERS:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    kept: Json = {"command": name, "description": description}
    return kept | ({"is_ephemeral": True} if item.get("is_ephemeral") is True else {})


def _scope(state: State, params: Params) -> tuple[str, str]:
    scope = params.record("scope", "bot command scope") or {"type": "default"}
    if "chat_id" in scope and str(scope["chat_id"]).lstrip("-").isdecimal():
        if int(scope["chat_id"]) not in state.world.chats:
            raise bad("chat not found")
        scope = scope | {"chat_id": int(scope["chat_id"])}
    return json.dumps(scope, sort_keys=True), params.text("language_code")


def delete_my_commands(state: State, params: Params) -> bool:
    """Answer deleteMyCommands."""
    state.world.commands.pop(_scope(state, params), None)
    return True


def get_my_commands(state: State, params: Params) -> list[Json]:
    """Answer getMyCommands: of exactly that scope and language."""
    return state.world.commands.get(_scope(state, params), [])


def answer_callback_query(state: State, params: Params) -> bool:
    """Answer answerCallbackQuery: once for each press."""
    query_id = params.text("callback_query_id")
    if len(params.text("text")) > CALLBACK_ANSWER_CHARACTERS:
        raise bad("MESSAGE_TOO_LONG")
    press = state.world.presses.get(query_id)
    if press is None or query_id in state.world.answered:
        raise bad(QUERY_TOO_OLD)
    state.world.answered.add(query_id)
    state.changes.tell(
        "callback_answer",
        chat_id=press.chat_id,
        user_id=press.user_id,
        query_id=query_id,
        text=params.text("text"),
        alert=params.flag("show_alert"),
    )
    return True


def get_custom_emoji_stickers(state: State, params: Params) -> list[Json]:
    """Answer getCustomEmojiStickers: those that exist, at most 200 asked for at once."""
    ids = params.listed("custom_emoji_ids", "custom emoji identifiers") or []
    if len(ids) > CUSTOM_EMOJI_AT_ONCE:
        raise bad("too many custom emoji identifiers specified")
    known = state.custom_emoji
    return [_custom_sticker(each, known[each]) for each in ids if each in known]


def _custom_sticker(emoji_id: str, emoji: str) -> Json:
    return {
        "file_id": f"custom-{emoji_id}",
        "file_unique_id": f"unique-{emoji_id}",
        "type": "custom_emoji",
        "width": 100,
        "height": 100,
        "is_animated": False,
        "is_video": False,
        "emoji": emoji,
        "custom_emoji_id": emoji_id,
    }


def accept(state: State, params: Params) -> bool:  # noqa: ARG001 - as above
    """Answer logOut and close: nothing here runs on another server."""
    return True


METHODS: dict[str, Callable[[State, Params], Any]] = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getUpdates": get_updates,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
    "answerCallbackQuery": answer_callback_query,
    "getCustomEmojiStickers": get_custom_emoji_stickers,
    "logOut": accept,
    "close": accept,
}
