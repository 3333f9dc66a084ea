"""What there is in the stand-in's Discord: one guild, its people, channels, messages and webhooks.

Everything is kept in the API's own JSON shapes, by integer id. What happens is told through
`World.emit`; the gateway and the driving side listen there.
"""

import copy
import hashlib
import hmac
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matebot.sandbox.discord import errors, limits
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.snowflake import Snowflakes, iso
from matebot.sandbox.shelf import Shelf

GUILD_TEXT, DM, GUILD_VOICE, CATEGORY, NEWS, FORUM = 0, 1, 2, 4, 5, 15
THREADS = frozenset({10, 11, 12})
TEXT_LIKE = frozenset({GUILD_TEXT, DM, GUILD_VOICE, NEWS}) | THREADS


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the gateway may tell.

    Attributes:
        name: ``MESSAGE_CREATE``...
        data: Its ``d``.
        intents: Any of these bits lets it through; 0 is everybody.
        channel: Only for who can see this channel.
        is_message: Its content is subject to the MESSAGE_CONTENT intent.
    """

    name: str
    data: Json
    intents: int = 0
    channel: int | None = None
    is_message: bool = False


@dataclass(slots=True)
class World:
    """The state. Lookups raise `ApiError` as the API would."""

    bot_name: str
    clock: Callable[[], float] = time.time
    emit: Callable[[Event], None] = lambda _event: None
    cdn_url: str = ""
    message_content: bool = True
    in_guild: bool = True
    out_of_order: bool = False
    users: dict[int, Json] = field(default_factory=dict)
    members: dict[int, Json] = field(default_factory=dict)
    roles: dict[int, Json] = field(default_factory=dict)
    channels: dict[int, Json] = field(default_factory=dict)
    messages: dict[int, dict[int, Json]] = field(default_factory=dict)
    webhooks: dict[int, Json] = field(default_factory=dict)
    commands: dict[int | None, dict[int, Json]] = field(default_factory=dict)
    emojis: dict[int, Json] = field(default_factory=dict)
    reactors: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    pinged: dict[int, list[str]] = field(default_factory=dict)
    pinned: dict[int, dict[int, float]] = field(default_factory=dict)
    nonces: dict[tuple[int, str], tuple[float, int]] = field(default_factory=dict)
    files: dict[int, Path] = field(default_factory=dict)
    file_bytes: int = 0
    attachment_url_s: float = limits.ATTACHMENT_URL_S
    stickers: dict[int, tuple[str, Path]] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)
    pictures: dict[str, bytes] = field(default_factory=dict)
    avatar_urls: dict[str, str] = field(default_factory=dict)
    closed_dms: set[int] = field(default_factory=set)
    blocking: set[int] = field(default_factory=set)
    poll_votes: dict[int, dict[int, tuple[int, ...]]] = field(default_factory=dict)
    ignored: Counter[tuple[str, str]] = field(default_factory=Counter)
    typed: deque[Json] = field(default_factory=lambda: deque(maxlen=1000))
    ids: Snowflakes = field(init=False)
    secret: bytes = field(init=False)
    guild: Json = field(init=False)
    bot_id: int = field(init=False)
    bot_role_id: int = field(init=False)
    people_role_id: int = field(init=False)

    def __post_init__(self) -> None:
        self.ids = Snowflakes(self.clock)
        self.secret = hashlib.sha256(f"{self.bot_name} {self.clock()}".encode()).digest()
        guild_id = self.ids.next()
        owner = self.new_user("owner", global_name="Server owner")
        bot = self.new_user(self.bot_name, bot=True)
        self.bot_id = int(bot["id"])
        self.guild = _guild(guild_id, int(owner["id"]))
        # @everyone may do nothing: so a test can take a right from the bot by its own role alone.
        self.new_role("@everyone", 0, role_id=guild_id)
        self.people_role_id = int(self.new_role("People", perms.PERSON)["id"])
        tags = {"bot_id": str(self.bot_id)}
        self.bot_role_id = int(self.new_role(self.bot_name, perms.BOT, tags=tags)["id"])
        self.new_member(int(owner["id"]), roles=[self.people_role_id])
        self.new_member(self.bot_id, roles=[self.bot_role_id])

    # -- making things -----------------------------------------------------------------------

    def new_user(self, name: str, *, global_name: str | None = None, bot: bool = False) -> Json:
        """Someone with an account."""
        user: Json = {
            "id": str(self.ids.next()),
            "username": name,
            "discriminator": "0000" if bot else "0",
            "global_name": global_name,
            "avatar": None,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }
        if bot:
            user["bot"] = True
        self.users[int(user["id"])] = user
        return user

    def new_role(
        self, name: str, held: int, *, role_id: int | None = None, tags: Json | None = None
    ) -> Json:
        """A role of the guild."""
        role: Json = {
            "id": str(role_id or self.ids.next()),
            "name": name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": len(self.roles),
            "permissions": str(held),
            "managed": tags is not None,
            "mentionable": False,
            "flags": 0,
        }
        if tags is not None:
            role["tags"] = tags
        self.roles[int(role["id"])] = role
        return role

    def new_member(self, user_id: int, *, roles: list[int], nick: str | None = None) -> Json:
        """Let someone into the guild."""
        member: Json = {
            "nick": nick,
            "avatar": None,
            "banner": None,
            "roles": [str(each) for each in roles],
            "joined_at": iso(self.clock()),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }
        self.members[user_id] = member
        return member

    def new_webhook(self, channel_id: int, name: str, avatar: str | None) -> Json:
        """A webhook that the bot owns."""
        key = self.ids.next()
        token = hmac.digest(self.secret, str(key).encode(), "sha512").hex()[:68]
        hook: Json = {
            "type": 1,
            "id": str(key),
            "name": name,
            "avatar": avatar,
            "channel_id": str(channel_id),
            "guild_id": self.guild["id"],
            "application_id": str(self.bot_id),
            "user": self.users[self.bot_id],
            "token": token,
            "url": f"https://discord.com/api/webhooks/{key}/{token}",
        }
        self.webhooks[key] = hook
        return hook

    def keep_picture(self, data: bytes) -> str:
        """Store an avatar; returns its hash."""
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self.pictures[digest] = data
        return digest

    # -- finding things ----------------------------------------------------------------------

    @property
    def guild_id(self) -> int:
        """The one guild's id."""
        return int(self.guild["id"])

    def channel(self, channel_id: int) -> Json:
        """A channel, thread or DM that the bot may know, as it is kept."""
        found = self.anybodys_channel(channel_id)
        if not self.in_guild and "guild_id" in found:
            raise ApiError(errors.MISSING_ACCESS)
        return found

    def anybodys_channel(self, channel_id: int) -> Json:
        """A channel, thread or DM, as it is kept: people stay where the bot is thrown out."""
        found = self.channels.get(channel_id)
        if found is None:
            raise ApiError(errors.UNKNOWN_CHANNEL)
        return found

    def message(self, channel_id: int, message_id: int) -> Json:
        """A message as it is kept (see `posts.shown` for what others see)."""
        found = self.messages.get(channel_id, {}).get(message_id)
        if found is None:
            raise ApiError(errors.UNKNOWN_MESSAGE)
        return found

    def webhook(self, webhook_id: int, token: str | None = None) -> Json:
        """A webhook; with a token, only where it fits."""
        found = self.webhooks.get(webhook_id)
        if found is None:
            raise ApiError(errors.UNKNOWN_WEBHOOK)
        if token is not None and not hmac.compare_digest(
            token.encode(), str(found["token"]).encode()
        ):
            raise ApiError(errors.INVALID_WEBHOOK_TOKEN)
        return found

    def user(self, user_id: int) -> Json:
        """An account."""
        found = self.users.get(user_id)
        if found is None:
            raise ApiError(errors.UNKNOWN_USER)
        return found

    def member(self, user_id: int) -> Json:
        """A member with ``user`` in it."""
        found = self.members.get(user_id)
        if found is None:
            raise ApiError(errors.UNKNOWN_MEMBER)
        return {**found, "user": self.users[user_id]}

    def threads(self, parent_id: int | None = None, *, archived: bool = False) -> list[Json]:
        """Threads that are (not) archived, of one channel or all."""
        return [
            each
            for each in self.channels.values()
            if each["type"] in THREADS
            and bool(each["thread_metadata"]["archived"]) == archived
            and (parent_id is None or int(each["parent_id"]) == parent_id)
        ]

    def root(self, channel: Json) -> Json:
        """The channel that has the overwrites: of a thread, its parent."""
        return self.channel(int(channel["parent_id"])) if channel["type"] in THREADS else channel

    # -- who may what ------------------------------------------------------------------------

    def permissions(self, user_id: int, channel: Json | None = None) -> int:
        """What someone may do, in the guild or in one of its channels."""
        if channel is not None and channel["type"] == DM:
            own = user_id in (self.bot_id, *(int(each["id"]) for each in channel["recipients"]))
            return perms.ALL & ~perms.MANAGE_MESSAGES if own else 0
        member = self.members.get(user_id)
        if member is None:
            return 0
        if user_id == int(self.guild["owner_id"]):
            return perms.ALL
        roles = [int(each) for each in member["roles"]]
        held = [int(self.roles[each]["permissions"]) for each in (self.guild_id, *roles)]
        base = perms.of_roles(held)
        if channel is None:
            return base
        return perms.in_channel(
            base,
            self.root(channel)["permission_overwrites"],
            everyone=self.guild_id,
            roles=roles,
            user=user_id,
        )

    def require(self, channel: Json, needed: int, user_id: int | None = None) -> None:
        """Refuse where the bot (or someone) may not.

        Raises:
            ApiError: 50001 where the channel cannot be seen, 50013 where a right is missing.
        """
        held = self.permissions(self.bot_id if user_id is None else user_id, channel)
        if not held & perms.VIEW_CHANNEL:
            raise ApiError(errors.MISSING_ACCESS)
        if held & needed != needed:
            raise ApiError(errors.MISSING_PERMISSIONS)

    def viewers(self, channel: Json) -> Iterator[int]:
        """Ids of those who can see a channel."""
        if channel["type"] == DM:
            yield from (self.bot_id, *(int(each["id"]) for each in channel["recipients"]))
            return
        for each in self.members:
            if self.permissions(each, channel) & perms.VIEW_CHANNEL:
                yield each

    # -- addresses ---------------------------------------------------------------------------

    def attachment_url(self, channel_id: int, attachment_id: int, name: str) -> str:
        """A signed address that expires."""
        now = int(self.clock())
        path = f"/attachments/{channel_id}/{attachment_id}/{name}"
        until = f"{now + int(self.attachment_url_s):x}"
        since = f"{now:x}"
        return f"{self.cdn_url}{path}?ex={until}&is={since}&hm={self.sign(path, until, since)}&"

    def sign(self, path: str, until: str, since: str) -> str:
        """The ``hm`` of an attachment's address."""
        return hmac.digest(self.secret, f"{path}|{until}|{since}".encode(), "sha256").hex()

    @property
    def most_file_bytes(self) -> int:
        """The largest file that may be uploaded to the guild."""
        return limits.TIER_BYTES[int(self.guild["premium_tier"])]

    def copy(self, value: Any) -> Any:
        """A deep copy: what goes out is no handle on what is kept."""
        return copy.deepcopy(value)


def _guild(guild_id: int, owner_id: int) -> Json:
    """The guild's own fields, as GET /guilds/{id} shows them."""
    return {
        "id": str(guild_id),
        "name": "Sandbox",
        "icon": None,
        "description": None,
        "splash": None,
        "discovery_splash": None,
        "home_header": None,
        "banner": None,
        "owner_id": str(owner_id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "hub_type": None,
        "incidents_data": None,
        "nsfw": False,
        "nsfw_level": 0,
        "features": [],
        "stickers": [],
        "emojis": [],
    }
