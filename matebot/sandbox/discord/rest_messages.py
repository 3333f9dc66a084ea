"""REST: messages, reactions, pins, typing."""

from collections.abc import Iterable
from typing import Any

from matebot.sandbox.discord import errors, files, limits, places, posts, schema, validate
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.asked import Asked, Route
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.snowflake import at_time, iso
from matebot.sandbox.discord.world import DM, TEXT_LIKE, THREADS, World

KEYS = frozenset(validate.MESSAGE)


class Messages:
    """The routes below ``/channels/{id}/messages``."""

    def __init__(self, world: World) -> None:
        self.world = world

    def routes(self) -> Iterable[Route]:
        """The table."""
        base = "/channels/{channel_id}/messages"
        one = base + "/{message_id}"
        yield Route("channel.messages", "GET", base, self.history)
        yield Route("message.create", "POST", base, self.create, keys=KEYS)
        yield Route("message.bulk_delete", "POST", base + "/bulk-delete", self.bulk_delete)
        yield Route("message.get", "GET", one, self.get)
        yield Route("message.edit", "PATCH", one, self.edit, keys=KEYS)
        yield Route("message.delete", "DELETE", one, self.delete)
        yield Route("typing", "POST", "/channels/{channel_id}/typing", self.typing)

    # -- reading -----------------------------------------------------------------------------

    def readable(self, asked: Asked) -> Json:
        """The channel, where the bot may read its history."""
        channel = self.world.channel(asked.id("channel_id"))
        self.world.require(channel, 0)
        return channel

    def history(self, asked: Asked) -> list[Json]:
        """Newest first; without READ_MESSAGE_HISTORY there is nothing to see."""
        channel = self.readable(asked)
        if channel["type"] not in TEXT_LIKE:
            raise ApiError(errors.NOT_TEXT)
        limit, anchors = _page(asked)
        if not self.world.permissions(self.world.bot_id, channel) & perms.READ_MESSAGE_HISTORY:
            return []
        kept = sorted(self.world.messages.get(int(channel["id"]), {}).items())
        chosen = _chosen(kept, limit, anchors)
        return [posts.answer(self.world, each) for _, each in reversed(chosen)]

    def get(self, asked: Asked) -> Json:
        """One message."""
        channel = self.readable(asked)
        self.world.require(channel, perms.READ_MESSAGE_HISTORY)
        return posts.answer(self.world, self._message(asked, channel))

    def _message(self, asked: Asked, channel: Json) -> Json:
        return self.world.message(int(channel["id"]), asked.id("message_id"))

    # -- writing -----------------------------------------------------------------------------

    def create(self, asked: Asked) -> Json:
        """Post as the bot."""
        world = self.world
        channel = self.readable(asked)
        body = validate.message_body(asked.form, validate.MESSAGE, asked.files)
        self._may_send(channel, body, asked)
        again = self._again(channel, body)
        if again is not None:
            return posts.answer(world, again)
        draft = posts.Draft(
            world.users[world.bot_id],
            content=validate.content_of(body),
            rules=body.get("allowed_mentions"),
            may_ping_all=posts.may_ping_all(world, world.bot_id, channel),
            embeds=body.get("embeds") or [],
            components=body.get("components") or [],
            flags=body.get("flags") or 0,
            tts=bool(body.get("tts")),
            nonce=body.get("nonce"),
        )
        forward = self._refer(channel, body, draft)
        if not forward and validate.empty(body, asked.files):
            raise ApiError(errors.EMPTY_MESSAGE)
        if forward and not validate.empty(body, asked.files):
            message = "Forwarded messages cannot have additional content."
            raise errors.invalid("", "MESSAGE_FORWARD_CANNOT_HAVE_CONTENT", message)
        validate.voice_message(body, asked.files)
        draft.attachments = files.keep(world, asked.files, body.get("attachments") or [])
        if body.get("poll"):
            draft.more["poll"] = poll(world, body["poll"])
        made = posts.post(world, channel, draft)
        if body.get("nonce") is not None:
            key = (int(channel["id"]), str(body["nonce"]))
            world.nonces[key] = (world.clock(), int(made["id"]))
        return posts.answer(world, made)

    def _may_send(self, channel: Json, body: Json, asked: Asked) -> None:
        world = self.world
        if channel["type"] not in TEXT_LIKE:
            raise ApiError(errors.NOT_TEXT)
        if channel["type"] == DM:
            recipient = channel["recipients"][0]
            if int(recipient["id"]) in world.closed_dms or recipient.get("bot"):
                raise ApiError(errors.CANNOT_DM)
            return
        in_thread = channel["type"] in THREADS
        world.require(channel, perms.SEND_MESSAGES_IN_THREADS if in_thread else perms.SEND_MESSAGES)
        held = world.permissions(world.bot_id, channel)
        if in_thread and channel["thread_metadata"]["locked"] and not held & perms.MANAGE_THREADS:
            raise ApiError(errors.THREAD_LOCKED)
        spoken = bool((body.get("flags") or 0) & validate.VOICE_MESSAGE)
        needed = perms.SEND_VOICE_MESSAGES if spoken else perms.ATTACH_FILES
        if asked.files and not held & needed:
            raise ApiError(errors.MISSING_PERMISSIONS)
        if body.get("poll") and not held & perms.SEND_POLLS:
            raise ApiError(errors.MISSING_PERMISSIONS)
        if body.get("embeds") and not held & perms.EMBED_LINKS:
            raise ApiError(errors.MISSING_PERMISSIONS)

    def _again(self, channel: Json, body: Json) -> Json | None:
        """With ``enforce_nonce``: the message that this nonce already made."""
        if not body.get("enforce_nonce") or body.get("nonce") is None:
            return None
        known = self.world.nonces.get((int(channel["id"]), str(body["nonce"])))
        if known is None or self.world.clock() - known[0] > limits.NONCE_S:
            return None
        return self.world.messages.get(int(channel["id"]), {}).get(known[1])

    def _refer(self, channel: Json, body: Json, draft: posts.Draft) -> bool:
        """Take ``message_reference`` into the draft; tells whether it is a forward."""
        told = body.get("message_reference")
        if not told:
            return False
        world = self.world
        forward = bool(told.get("type") == posts.REFERENCE_FORWARD)
        source = world.channel(int(told.get("channel_id") or channel["id"]))
        original = world.messages.get(int(source["id"]), {}).get(int(told["message_id"]))
        if not forward:
            held = world.permissions(world.bot_id, channel)
            if not held & perms.READ_MESSAGE_HISTORY:
                raise ApiError(errors.REPLY_WITHOUT_HISTORY)
            if source is not channel:
                message = "Cannot reply to a message in a different channel"
                raise errors.invalid(
                    "message_reference", "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", message
                )
        if original is None:
            if not forward and told.get("fail_if_not_exists") is False:
                return False
            raise errors.invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        if original["type"] not in posts.USER_KINDS:
            message = "Cannot reply to a system message"
            raise errors.invalid(
                "message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", message
            )
        draft.reference = reference(source, original, posts.REFERENCE_FORWARD if forward else 0)
        if forward:
            draft.more["message_snapshots"] = [snapshot(world, original)]
        else:
            draft.kind = posts.REPLY
        return forward

    def edit(self, asked: Asked) -> Json:
        """Edit the bot's own message, or (with the right) suppress another's embeds."""
        channel = self.readable(asked)
        message = self._message(asked, channel)
        body = validate.message_body(
            asked.form, validate.COMMON, asked.files, flags=validate.EDIT_FLAGS
        )
        if message["flags"] & validate.VOICE_MESSAGE:
            raise ApiError(errors.VOICE_EDIT)
        if message["author"]["id"] != str(self.world.bot_id) or "webhook_id" in message:
            if set(asked.form) != {"flags"}:
                raise ApiError(errors.NOT_AUTHOR)
            self.world.require(channel, perms.MANAGE_MESSAGES)
        ping_all = posts.may_ping_all(self.world, self.world.bot_id, channel)
        change(self.world, channel, message, body, asked, ping_all=ping_all)
        return posts.answer(self.world, message)

    def delete(self, asked: Asked) -> None:
        """Delete one's own message, or another's with MANAGE_MESSAGES."""
        channel = self.readable(asked)
        message = self._message(asked, channel)
        if message["author"]["id"] != str(self.world.bot_id):
            self.world.require(channel, perms.MANAGE_MESSAGES)
        posts.delete(self.world, channel, [int(message["id"])])

    def bulk_delete(self, asked: Asked) -> None:
        """Delete many, none older than two weeks."""
        channel = self.readable(asked)
        if channel["type"] == DM:
            raise ApiError(errors.NOT_IN_DM)
        self.world.require(channel, perms.MANAGE_MESSAGES)
        fields = {"messages": schema.items(schema.snowflake, limits.BULK_DELETE[1])}
        body = schema.checked(asked.form, fields, required=("messages",))
        wanted = sorted({int(each) for each in body["messages"]})
        if len(wanted) < limits.BULK_DELETE[0]:
            raise ApiError(errors.BULK_COUNT)
        if wanted[0] < at_time(self.world.clock() - limits.BULK_DELETE_AGE_S):
            raise ApiError(errors.BULK_AGE)
        posts.delete(self.world, channel, wanted, bulk=True)

    def typing(self, asked: Asked) -> None:
        """Show that the bot is typing."""
        channel = self.readable(asked)
        if channel["type"] != DM:
            in_thread = channel["type"] in THREADS
            needed = perms.SEND_MESSAGES_IN_THREADS if in_thread else perms.SEND_MESSAGES
            self.world.require(channel, needed)
        places.typing(self.world, channel, self.world.bot_id)


# -- shared with webhooks and interactions ---------------------------------------------------


def change(
    world: World, channel: Json, message: Json, body: Json, asked: Asked, *, ping_all: bool
) -> None:
    """Edit a message as a body says, and tell it.

    Raises:
        ApiError: 50006 where nothing would be left, 50083 in an archived thread.
    """
    apply_edit(world, channel, message, body, asked, ping_all=ping_all)
    posts.tell(world, "MESSAGE_UPDATE", message)


def apply_edit(
    world: World, channel: Json, message: Json, body: Json, asked: Asked, *, ping_all: bool
) -> None:
    """`change` without telling it."""
    if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
        raise ApiError(errors.ARCHIVED)
    fields = {each for each in ("content", "embeds", "components", "flags") if each in asked.form}
    attachments = _attachments(world, message, body, asked)
    after = {
        "content": body.get("content") if "content" in fields else message["content"],
        "embeds": body.get("embeds") if "embeds" in fields else message["embeds"],
        "components": body.get("components") if "components" in fields else message["components"],
        "attachments": attachments,
        "poll": message.get("poll"),
    }
    if validate.empty(after, ()):
        raise ApiError(errors.EMPTY_MESSAGE)
    draft = posts.Draft(
        message["author"],
        content=validate.content_of(body),
        rules=body.get("allowed_mentions"),
        may_ping_all=ping_all,
        embeds=body.get("embeds") or [],
        components=body.get("components") or [],
        attachments=attachments,
        flags=body.get("flags") or 0,
    )
    posts.change(world, message, draft, {*fields, "attachments"})


def _attachments(world: World, message: Json, body: Json, asked: Asked) -> list[Json]:
    """What is left of the old attachments, and the new ones."""
    told = body.get("attachments")
    old = message["attachments"]
    if told is not None or "attachments" in asked.form:
        kept = {str(each["id"]): each for each in told or []}
        old = [files.retold(each, kept[each["id"]]) for each in old if each["id"] in kept]
    return [*old, *files.keep(world, asked.files, told or [])]


def reference(channel: Json, original: Json, kind: int) -> Json:
    """A ``message_reference`` as it is shown."""
    return {"type": kind, "message_id": original["id"], **posts.where(channel)}


def snapshot(world: World, original: Json) -> Json:
    """What a forward carries of a message."""
    seen = posts.shown(world, original)
    names = (
        *("type", "content", "mentions", "mention_roles", "attachments", "embeds"),
        *("timestamp", "edited_timestamp", "flags", "components", "sticker_items"),
    )
    return {"message": {name: seen[name] for name in names if name in seen}}


def poll(world: World, asked: Json) -> Json:
    """A poll as it is shown."""
    until = world.clock() + (asked.get("duration") or 24) * 3600
    return {
        "question": asked["question"],
        "answers": [
            {"answer_id": index, "poll_media": each["poll_media"]}
            for index, each in enumerate(asked["answers"], 1)
        ],
        "expiry": iso(until),
        "allow_multiselect": bool(asked.get("allow_multiselect")),
        "layout_type": 1,
        "results": {"answer_counts": [], "is_finalized": False},
    }


def _page(asked: Asked) -> tuple[int, dict[str, int]]:
    """The ``limit`` and the anchor of a list.

    Raises:
        ApiError: 50035 for a limit outside 1-100, or anything that is no id.
    """
    form = errors.FormErrors()
    raw = asked.query.get("limit", "50")
    limit = int(raw) if raw.isascii() and raw.isdecimal() else raw
    schema.integer(1, 100)(limit, "limit", form)
    anchors: dict[str, int] = {}
    for name in ("around", "before", "after"):
        if name in asked.query:
            schema.snowflake(asked.query[name], name, form)
    form.check()
    for name in ("around", "before", "after"):
        if name in asked.query:
            anchors[name] = int(asked.query[name])
            break  # they exclude each other; the first of this order wins
    return int(limit), anchors


def _chosen(
    kept: list[tuple[int, Any]], limit: int, anchors: dict[str, int]
) -> list[tuple[int, Any]]:
    """The messages of a page, oldest first."""
    if "after" in anchors:
        return [each for each in kept if each[0] > anchors["after"]][:limit]
    if "before" in anchors:
        return [each for each in kept if each[0] < anchors["before"]][-limit:]
    if "around" in anchors:
        middle = anchors["around"]
        older = [each for each in kept if each[0] < middle][-(limit // 2) :]
        return [*older, *[each for each in kept if each[0] >= middle][: limit - len(older)]]
    return kept[-limit:]
