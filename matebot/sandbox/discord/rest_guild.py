"""REST: the bot itself, the guild, its channels and threads, application emojis, DMs."""

from collections.abc import Iterable

from matebot.sandbox.discord import errors, files, limits, places, posts, schema, validate
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.asked import Asked, Made, Route
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.rest_webhooks import decode_picture
from matebot.sandbox.discord.world import DM, FORUM, THREADS, World

GATEWAY_MESSAGE_CONTENT = 1 << 18
GATEWAY_MESSAGE_CONTENT_LIMITED = 1 << 19
GATEWAY_GUILD_MEMBERS_LIMITED = 1 << 15


def application(world: World, *, members: bool) -> Json:
    """The bot's application."""
    flags = GATEWAY_MESSAGE_CONTENT_LIMITED if world.message_content else 0
    flags |= GATEWAY_GUILD_MEMBERS_LIMITED if members else 0
    return {
        "id": str(world.bot_id),
        "name": world.bot_name,
        "icon": None,
        "description": "",
        "type": None,
        "summary": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "owner": world.users[int(world.guild["owner_id"])],
        "team": None,
        "bot": world.users[world.bot_id],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "integration_types_config": {"0": {}},
    }


class Guild:
    """The routes about everything that is no message, webhook, command or interaction."""

    def __init__(self, world: World, gateway_url: str, *, members: bool) -> None:
        self.world = world
        self.gateway_url = gateway_url
        self.members = members

    def routes(self) -> Iterable[Route]:
        """The table."""
        yield Route("user.me", "GET", "/users/@me", self.me)
        yield Route("user.dm", "POST", "/users/@me/channels", self.open_dm)
        yield Route("user.guilds", "GET", "/users/@me/guilds", self.my_guilds)
        yield Route("user.get", "GET", "/users/{user_id}", self.user)
        yield Route("application.get", "GET", "/applications/@me", self.application)
        yield Route("application.get", "GET", "/oauth2/applications/@me", self.application)
        yield Route("gateway.get", "GET", "/gateway", self.gateway, "token")
        yield Route("gateway.bot", "GET", "/gateway/bot", self.gateway_bot)
        base = "/guilds/{guild_id}"
        yield Route("guild.get", "GET", base, self.guild)
        yield Route("guild.channels", "GET", base + "/channels", self.channels)
        yield Route("guild.roles", "GET", base + "/roles", self.roles)
        yield Route("guild.threads", "GET", base + "/threads/active", self.threads)
        yield Route("guild.members.search", "GET", base + "/members/search", self.search)
        yield Route("guild.member", "GET", base + "/members/{user_id}", self.member)
        channel = "/channels/{channel_id}"
        yield Route("channel.get", "GET", channel, self.channel)
        yield Route("channel.edit", "PATCH", channel, self.edit_channel)
        yield Route("thread.create", "POST", channel + "/threads", self.new_thread)
        from_message = channel + "/messages/{message_id}/threads"
        yield Route("thread.create", "POST", from_message, self.thread_of_message)
        yield Route("thread.join", "PUT", channel + "/thread-members/@me", self.join)
        emojis = "/applications/{application_id}/emojis"
        yield Route("emojis.list", "GET", emojis, self.emojis)
        yield Route("emojis.create", "POST", emojis, self.new_emoji)
        yield Route("emojis.get", "GET", emojis + "/{emoji_id}", self.emoji)
        yield Route("emojis.delete", "DELETE", emojis + "/{emoji_id}", self.delete_emoji)

    # -- who and where -----------------------------------------------------------------------

    def me(self, _asked: Asked) -> Json:
        """The bot's own account."""
        return {
            **self.world.users[self.world.bot_id],
            "verified": True,
            "mfa_enabled": True,
            "locale": "en-US",
            "email": None,
            "bio": "",
        }

    def user(self, asked: Asked) -> Json:
        """Somebody's account."""
        return self.world.user(asked.id("user_id"))

    def my_guilds(self, _asked: Asked) -> list[Json]:
        """The guilds that the bot is in."""
        if not self.world.in_guild:
            return []
        held = str(self.world.permissions(self.world.bot_id))
        names = ("id", "name", "icon", "banner", "features")
        kept = {name: self.world.guild[name] for name in names}
        return [{**kept, "owner": False, "permissions": held}]

    def open_dm(self, asked: Asked) -> Json:
        """The direct messages with somebody."""
        fields = {"recipient_id": schema.snowflake}
        body = schema.checked(asked.form, fields, required=("recipient_id",))
        who = self.world.user(int(body["recipient_id"]))
        if who.get("bot"):
            raise ApiError(errors.CANNOT_DM)
        return places.dm_with(self.world, int(who["id"]))

    def application(self, _asked: Asked) -> Json:
        """The bot's application."""
        return application(self.world, members=self.members)

    def gateway(self, _asked: Asked) -> Json:
        """Where the gateway is."""
        return {"url": self.gateway_url}

    def gateway_bot(self, _asked: Asked) -> Json:
        """Where the gateway is, and how often one may identify."""
        start = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": 1, "session_start_limit": start}

    # -- the guild ---------------------------------------------------------------------------

    def _here(self, asked: Asked) -> World:
        if asked.id("guild_id") != self.world.guild_id:
            raise ApiError(errors.UNKNOWN_GUILD)
        if not self.world.in_guild:
            raise ApiError(errors.MISSING_ACCESS)
        return self.world

    def guild(self, asked: Asked) -> Json:
        """The guild with its roles."""
        world = self._here(asked)
        found = {**world.guild, "roles": list(world.roles.values())}
        if asked.flag("with_counts"):
            found["approximate_member_count"] = len(world.members)
            found["approximate_presence_count"] = len(world.members)
        return found

    def channels(self, asked: Asked) -> list[Json]:
        """Its channels, without threads."""
        world = self._here(asked)
        return [
            each
            for each in world.channels.values()
            if each["type"] not in THREADS and each["type"] != DM
        ]

    def roles(self, asked: Asked) -> list[Json]:
        """Its roles."""
        return list(self._here(asked).roles.values())

    def threads(self, asked: Asked) -> Json:
        """Its threads that are not archived."""
        return {"threads": self._here(asked).threads(), "members": [], "has_more": False}

    def member(self, asked: Asked) -> Json:
        """One of its members."""
        world = self._here(asked)
        if asked.id("user_id") not in world.users:
            raise ApiError(errors.UNKNOWN_USER)
        return world.member(asked.id("user_id"))

    def search(self, asked: Asked) -> list[Json]:
        """Members whose names begin with something; it needs no intent."""
        world = self._here(asked)
        query, limit = asked.query.get("query", ""), asked.query.get("limit", "1")
        form = errors.FormErrors()
        schema.text(1, 100)(query, "query", form)
        schema.integer(1, 1000)(int(limit) if limit.isdecimal() else limit, "limit", form)
        form.check()
        members = (world.member(each) for each in world.members)
        found = [each for each in members if _begins(each, query.casefold())]
        return found[: int(limit)]

    # -- channels and threads ----------------------------------------------------------------

    def channel(self, asked: Asked) -> Json:
        """A channel, thread or DM."""
        found = self.world.channel(asked.id("channel_id"))
        self.world.require(found, 0)
        return found

    def edit_channel(self, asked: Asked) -> Json:
        """Rename; of a thread also archive and lock."""
        world = self.world
        channel = self.channel(asked)
        if channel["type"] == DM:
            raise ApiError(errors.NOT_IN_DM)
        thread = channel["type"] in THREADS
        needed = perms.MANAGE_THREADS if thread else perms.MANAGE_CHANNELS
        locked = thread and channel["thread_metadata"]["locked"]
        if thread and asked.form == {"archived": False} and not locked:
            needed = perms.SEND_MESSAGES_IN_THREADS  # who may write there may open it again
        world.require(channel, needed)
        fields = {"name": schema.text(1, 100), "topic": schema.text(0, 4096)}
        states = {"archived": schema.boolean, "locked": schema.boolean}
        body = schema.checked(asked.form, {**fields, **(states if thread else {})})
        for name in ("name", *(() if thread else ("topic",))):
            if body.get(name) is not None:
                channel[name] = body[name]
        if thread:
            told = {name: body[name] for name in states if body.get(name) is not None}
            channel["thread_metadata"].update(told)
        posts.tell_channel(world, "THREAD_UPDATE" if thread else "CHANNEL_UPDATE", channel)
        return channel

    def new_thread(self, asked: Asked) -> Made:
        """A thread without a message, or a post of a forum with its first message."""
        world = self.world
        parent = self.channel(asked)
        forum = parent["type"] == FORUM
        if parent["type"] not in (0, 5, FORUM):
            raise ApiError(errors.WRONG_CHANNEL_KIND)
        needed = perms.SEND_MESSAGES if forum else perms.CREATE_PUBLIC_THREADS
        world.require(parent, needed)
        body = schema.checked(asked.form, {"name": schema.text(1, 100)}, required=("name",))
        if not forum:
            private = body.get("type", 12) == 12
            made = places.new_thread(world, parent, body["name"], world.bot_id, private=private)
            return Made(made)
        first = validate.message_body(body.get("message"), validate.MESSAGE, asked.files)
        if validate.empty(first, asked.files):
            raise ApiError(errors.EMPTY_MESSAGE)
        key = world.ids.next()
        thread = places.new_thread(world, parent, body["name"], world.bot_id, thread_id=key)
        draft = posts.Draft(
            world.users[world.bot_id],
            content=validate.content_of(first),
            rules=first.get("allowed_mentions"),
            embeds=first.get("embeds") or [],
            flags=first.get("flags") or 0,
            attachments=files.keep(world, asked.files, first.get("attachments") or []),
        )
        message = posts.post(world, thread, draft, key)
        return Made({**thread, "message": posts.shown(world, message)})

    def thread_of_message(self, asked: Asked) -> Made:
        """A thread that hangs on a message and has its id."""
        world = self.world
        parent = self.channel(asked)
        world.require(parent, perms.CREATE_PUBLIC_THREADS)
        if parent["type"] not in (0, 5):
            raise ApiError(errors.WRONG_CHANNEL_KIND)
        message = world.message(int(parent["id"]), asked.id("message_id"))
        body = schema.checked(asked.form, {"name": schema.text(1, 100)}, required=("name",))
        key = int(message["id"])
        if key in world.channels:
            raise ApiError(errors.THREAD_EXISTS)
        return Made(places.new_thread(world, parent, body["name"], world.bot_id, thread_id=key))

    def join(self, asked: Asked) -> None:
        """Join a thread."""
        if self.channel(asked)["type"] not in THREADS:
            raise ApiError(errors.WRONG_CHANNEL_KIND)

    # -- application emojis ------------------------------------------------------------------

    def _own(self, asked: Asked) -> None:
        if asked.id("application_id") != self.world.bot_id:
            raise ApiError(errors.UNKNOWN_APPLICATION)

    def emojis(self, asked: Asked) -> Json:
        """The application's emojis."""
        self._own(asked)
        return {"items": list(self.world.emojis.values())}

    def new_emoji(self, asked: Asked) -> Made:
        """A new one: a picture of 256 KiB at most."""
        self._own(asked)
        fields = {"name": schema.text(2, 32), "image": schema.text(1)}
        body = schema.checked(asked.form, fields, required=("name", "image"))
        if not body["name"].replace("_", "a").isalnum() or not body["name"].isascii():
            message = "String value did not match validation regex."
            raise errors.invalid("name", "STRING_TYPE_REGEX", message)
        data = decode_picture(body["image"], "image")
        if len(data) > limits.EMOJI_BYTES:
            message = "File cannot be larger than 256.0 kb."
            raise errors.invalid("image", "BINARY_TYPE_MAX_SIZE", message)
        if any(each["name"] == body["name"] for each in self.world.emojis.values()):
            message = "An emoji with this name already exists"
            raise errors.invalid("name", "APPLICATION_EMOJI_NAME_ALREADY_TAKEN", message)
        if len(self.world.emojis) >= limits.APPLICATION_EMOJIS:
            raise ApiError(errors.MAX_EMOJIS)
        key = self.world.ids.next()
        self.world.pictures[str(key)] = data
        emoji: Json = {"id": str(key), "name": body["name"], "roles": [], "animated": False}
        emoji |= {"user": self.world.users[self.world.bot_id], "require_colons": True}
        emoji |= {"managed": False, "available": True}
        self.world.emojis[key] = emoji
        return Made(emoji)

    def emoji(self, asked: Asked) -> Json:
        """One of them."""
        self._own(asked)
        found = self.world.emojis.get(asked.id("emoji_id"))
        if found is None:
            raise ApiError(errors.UNKNOWN_EMOJI)
        return found

    def delete_emoji(self, asked: Asked) -> None:
        """Delete one."""
        found = self.emoji(asked)
        del self.world.emojis[int(found["id"])]
        self.world.pictures.pop(found["id"], None)


def _begins(member: Json, begin: str) -> bool:
    """Whether one of a member's names begins like that."""
    user = member["user"]
    names = (user["username"], user["global_name"], member.get("nick"))
    return any(name and name.casefold().startswith(begin) for name in names)
