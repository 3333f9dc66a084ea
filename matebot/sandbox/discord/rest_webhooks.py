"""REST: webhooks, what they post, and what they posted."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable

from matebot.sandbox.discord import errors, files, limits, picture, places, posts, schema, validate
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.asked import Asked, Route
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.rest_messages import change, poll
from matebot.sandbox.discord.world import FORUM, THREADS, World

KEYS = frozenset(validate.WEBHOOK)
OWNERS = frozenset({0, 2, 5, 15, 16})  # kinds of channels that have webhooks


class Webhooks:
    """The routes about webhooks.

    Args:
        world: The state.
        fetch: Told every ``avatar_url`` that was posted, as Discord would go and fetch it.
    """

    def __init__(self, world: World, fetch: Callable[[str], None]) -> None:
        self.world = world
        self.fetch = fetch

    def routes(self) -> Iterable[Route]:
        """The table."""
        yield Route("channel.webhooks", "GET", "/channels/{channel_id}/webhooks", self.of_channel)
        yield Route("webhook.create", "POST", "/channels/{channel_id}/webhooks", self.create)
        yield Route("guild.webhooks", "GET", "/guilds/{guild_id}/webhooks", self.of_guild)
        plain, secret = "/webhooks/{webhook_id}", "/webhooks/{webhook_id}/{token}"
        yield Route("webhook.get", "GET", plain, self.get)
        yield Route("webhook.edit", "PATCH", plain, self.edit)
        yield Route("webhook.delete", "DELETE", plain, self.delete)
        yield Route("webhook.get", "GET", secret, self.get_by_token, "token")
        yield Route("webhook.edit", "PATCH", secret, self.edit_by_token, "token")
        yield Route("webhook.delete", "DELETE", secret, self.delete_by_token, "token")
        yield Route("webhook.execute", "POST", secret, self.execute, "token", KEYS)
        one = secret + "/messages/{message_id}"
        yield Route("webhook.message.get", "GET", one, self.get_message, "token")
        yield Route("webhook.message.edit", "PATCH", one, self.edit_message, "token", KEYS)
        yield Route("webhook.message.delete", "DELETE", one, self.delete_message, "token")

    # -- webhooks themselves -----------------------------------------------------------------

    def of_channel(self, asked: Asked) -> list[Json]:
        """A channel's webhooks."""
        channel = self.world.channel(asked.id("channel_id"))
        self.world.require(channel, perms.MANAGE_WEBHOOKS)
        return [each for each in self._all() if each["channel_id"] == channel["id"]]

    def of_guild(self, asked: Asked) -> list[Json]:
        """All of the guild."""
        if asked.id("guild_id") != self.world.guild_id:
            raise ApiError(errors.UNKNOWN_GUILD)
        if not self.world.in_guild:
            raise ApiError(errors.MISSING_ACCESS)
        if not self.world.permissions(self.world.bot_id) & perms.MANAGE_WEBHOOKS:
            raise ApiError(errors.MISSING_PERMISSIONS)
        return self._all()

    def _all(self) -> list[Json]:
        """Webhooks as the bot sees them: the token is shown of its own alone."""
        own = str(self.world.bot_id)
        return [
            each
            if each["application_id"] == own
            else {key: value for key, value in each.items() if key not in ("token", "url")}
            for each in self.world.webhooks.values()
        ]

    def create(self, asked: Asked) -> Json:
        """A new one, owned by the bot."""
        world = self.world
        channel = world.channel(asked.id("channel_id"))
        world.require(channel, perms.MANAGE_WEBHOOKS)
        if channel["type"] not in OWNERS:
            raise ApiError(errors.WRONG_CHANNEL_KIND)
        fields = {"name": schema.text(1, limits.WEBHOOK_NAME), "avatar": schema.text()}
        body = schema.checked(asked.form, fields, required=("name",))
        name = validate.name(body["name"], "name")
        avatar = self._picture(body.get("avatar"))
        if sum(each["channel_id"] == channel["id"] for each in world.webhooks.values()) >= (
            limits.WEBHOOKS
        ):
            raise ApiError(errors.MAX_WEBHOOKS)
        hook = world.new_webhook(int(channel["id"]), name, avatar)
        places.webhooks_changed(world, channel)
        return hook

    def get(self, asked: Asked) -> Json:
        """One, where the bot may manage webhooks in its channel."""
        hook = self.world.webhook(asked.id("webhook_id"))
        channel = self.world.channel(int(hook["channel_id"]))
        self.world.require(channel, perms.MANAGE_WEBHOOKS)
        return hook

    def get_by_token(self, asked: Asked) -> Json:
        """One, without the user who made it."""
        return {key: value for key, value in self._by_token(asked).items() if key != "user"}

    def _by_token(self, asked: Asked) -> Json:
        return self.world.webhook(asked.id("webhook_id"), asked.parts["token"])

    def edit(self, asked: Asked) -> Json:
        """Rename, repaint or move."""
        return self._edit(asked, self.get(asked), move=True)

    def edit_by_token(self, asked: Asked) -> Json:
        """Rename or repaint; the token does not let it move."""
        return self._edit(asked, self._by_token(asked), move=False)

    def _edit(self, asked: Asked, hook: Json, *, move: bool) -> Json:
        fields = {"name": schema.text(1, limits.WEBHOOK_NAME), "avatar": schema.text()}
        body = schema.checked(asked.form, {**fields, "channel_id": schema.snowflake})
        if move and body.get("channel_id") is not None:
            channel = self.world.channel(int(body["channel_id"]))
            self.world.require(channel, perms.MANAGE_WEBHOOKS)
            hook["channel_id"] = channel["id"]
        if body.get("name") is not None:
            hook["name"] = validate.name(body["name"], "name")
        if "avatar" in body:
            hook["avatar"] = self._picture(body["avatar"])
        places.webhooks_changed(self.world, self.world.channel(int(hook["channel_id"])))
        return hook

    def delete(self, asked: Asked) -> None:
        """Delete one."""
        self.remove(self.get(asked))

    def delete_by_token(self, asked: Asked) -> None:
        """Delete one by its token."""
        self.remove(self._by_token(asked))

    def remove(self, hook: Json) -> None:
        """Take it away, and tell."""
        del self.world.webhooks[int(hook["id"])]
        channel = self.world.channels.get(int(hook["channel_id"]))
        if channel is not None:
            places.webhooks_changed(self.world, channel)

    def _picture(self, data: str | None) -> str | None:
        return None if data is None else self.world.keep_picture(decode_picture(data, "avatar"))

    # -- posting -----------------------------------------------------------------------------

    def execute(self, asked: Asked) -> Json | None:
        """Post; the message is answered with ``wait=true`` alone."""
        world = self.world
        hook = self._by_token(asked)
        body = validate.message_body(asked.form, validate.WEBHOOK, asked.files)
        author = self._author(hook, body)
        if validate.empty(body, asked.files):
            raise ApiError(errors.EMPTY_MESSAGE)
        validate.voice_message(body, asked.files)
        channel, first = self._target(hook, body, asked)
        draft = posts.Draft(
            author,
            content=validate.content_of(body),
            rules=body.get("allowed_mentions"),
            may_ping_all=True,
            embeds=body.get("embeds") or [],
            components=body.get("components") or [],
            flags=body.get("flags") or 0,
            tts=bool(body.get("tts")),
            more={"webhook_id": hook["id"], "application_id": hook["application_id"]},
        )
        draft.attachments = files.keep(world, asked.files, body.get("attachments") or [])
        if body.get("poll"):
            draft.more["poll"] = poll(world, body["poll"])
        made = posts.post(world, channel, draft, first)
        return posts.shown(world, made) if asked.flag("wait") else None

    def _author(self, hook: Json, body: Json) -> Json:
        """Whom the post shows; Discord fetches the picture at this moment."""
        name = hook["name"] if body.get("username") is None else validate.name(body["username"])
        avatar = hook["avatar"]
        if body.get("avatar_url"):
            url = body["avatar_url"]
            avatar = hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()
            self.world.avatar_urls[avatar] = url
            self.fetch(url)
        return {
            "id": hook["id"],
            "username": name,
            "avatar": avatar,
            "discriminator": "0000",
            "public_flags": 0,
            "flags": 0,
            "bot": True,
            "global_name": None,
            "clan": None,
            "primary_guild": None,
        }

    def _target(self, hook: Json, body: Json, asked: Asked) -> tuple[Json, int | None]:
        """Where it goes, and the message's id where that is settled (the first of a post)."""
        world = self.world
        parent = world.channels.get(int(hook["channel_id"]))
        if parent is None:
            raise ApiError(errors.UNKNOWN_CHANNEL)
        name = (body.get("thread_name") or "").strip()
        forum = parent["type"] == FORUM
        if forum and "thread_id" in asked.query and name:
            raise ApiError(errors.FORUM_TWO_THREADS)
        if "thread_id" in asked.query:
            return self._thread(parent, asked.query["thread_id"]), None
        if forum and not name:
            raise ApiError(errors.FORUM_NEEDS_THREAD)
        if name and not forum:
            raise ApiError(errors.NOT_A_FORUM)
        if not forum:
            return parent, None
        key = world.ids.next()
        thread = places.new_thread(world, parent, name, int(hook["id"]), thread_id=key)
        return thread, key

    def _thread(self, parent: Json, told: str) -> Json:
        form = errors.FormErrors()
        schema.snowflake(told, "thread_id", form)
        form.check()
        thread = self.world.channels.get(int(told))
        if thread is None or thread["type"] not in THREADS or thread["parent_id"] != parent["id"]:
            raise ApiError(errors.UNKNOWN_CHANNEL)
        if thread["thread_metadata"]["locked"] and thread["thread_metadata"]["archived"]:
            raise ApiError(errors.THREAD_LOCKED)
        return thread

    # -- what was posted ---------------------------------------------------------------------

    def _posted(self, asked: Asked) -> tuple[Json, Json]:
        """A message of this very webhook, with its channel."""
        hook = self._by_token(asked)
        parent = self.world.channels.get(int(hook["channel_id"]))
        if parent is None:
            raise ApiError(errors.UNKNOWN_CHANNEL)
        channel = parent
        if "thread_id" in asked.query:
            channel = self._thread(parent, asked.query["thread_id"])
        message = self.world.message(int(channel["id"]), asked.id("message_id"))
        if message.get("webhook_id") != hook["id"]:
            raise ApiError(errors.UNKNOWN_MESSAGE)
        return channel, message

    def get_message(self, asked: Asked) -> Json:
        """One of its messages."""
        return posts.shown(self.world, self._posted(asked)[1])

    def edit_message(self, asked: Asked) -> Json:
        """Edit one of its messages."""
        channel, message = self._posted(asked)
        body = validate.message_body(
            asked.form, validate.COMMON, asked.files, flags=validate.EDIT_FLAGS
        )
        if message["flags"] & validate.VOICE_MESSAGE:
            raise ApiError(errors.VOICE_EDIT)
        change(self.world, channel, message, body, asked, ping_all=True)
        return posts.shown(self.world, message)

    def delete_message(self, asked: Asked) -> None:
        """Delete one of its messages."""
        channel, message = self._posted(asked)
        posts.delete(self.world, channel, [int(message["id"])])


def decode_picture(data: str, path: str) -> bytes:
    """The bytes of a ``data:image/png;base64,...``.

    Raises:
        ApiError: 50035 where it is none.
    """
    head, _, encoded = data.partition(";base64,")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not head.startswith("data:image/") or picture.kind_of(raw) is None:
        raise errors.invalid(path, "IMAGE_INVALID", "Invalid image data")
    return raw
