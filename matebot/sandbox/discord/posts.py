"""Messages: made, shown, edited, deleted."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from matebot.sandbox.discord import intents, mentions
from matebot.sandbox.discord import permissions as perms
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.snowflake import iso
from matebot.sandbox.discord.validate import SUPPRESS_EMBEDS
from matebot.sandbox.discord.world import DM, THREADS, Event, World

DEFAULT, PINS_ADD, THREAD_CREATED, REPLY, CHAT_INPUT = 0, 6, 18, 19, 20
REFERENCE_REPLY, REFERENCE_FORWARD = 0, 1
USER_KINDS = frozenset({DEFAULT, REPLY, CHAT_INPUT, 23})


@dataclass(slots=True)
class Draft:
    """What is to become a message.

    Attributes:
        author: A user, or what a webhook calls itself.
        rules: ``allowed_mentions``.
        may_ping_all: The author may ping @everyone and any role.
        reference: ``message_reference``, checked.
        attachments: From `files.keep`.
        more: Further fields, as they are shown.
    """

    author: Json
    content: str = ""
    rules: Json | None = None
    may_ping_all: bool = False
    kind: int = DEFAULT
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    reference: Json | None = None
    flags: int = 0
    tts: bool = False
    nonce: str | int | None = None
    more: Json = field(default_factory=dict)


def build(world: World, channel: Json, draft: Draft, message_id: int | None = None) -> Json:
    """The message of a draft, not yet in its channel; who was pinged is noted."""
    key = message_id or world.ids.next()
    message: Json = {
        "type": draft.kind,
        "id": str(key),
        "channel_id": channel["id"],
        "author": draft.author,
        "content": draft.content,
        "timestamp": iso(world.clock()),
        "edited_timestamp": None,
        "flags": draft.flags,
        "tts": draft.tts,
        "pinned": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": draft.attachments,
        "embeds": [rich(each) for each in draft.embeds],
        "components": numbered(draft.components),
    }
    if draft.reference is not None:
        message["message_reference"] = draft.reference
    if draft.nonce is not None:
        message["nonce"] = draft.nonce
    message.update(draft.more)
    world.pinged[key] = _mention(world, channel, message, draft)
    return message


def post(world: World, channel: Json, draft: Draft, message_id: int | None = None) -> Json:
    """Put a message into a channel and tell everybody; returns what is kept."""
    message = build(world, channel, draft, message_id)
    if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
        channel["thread_metadata"]["archived"] = False
        tell_channel(world, "THREAD_UPDATE", channel)
    if channel["type"] in THREADS:
        message["position"] = channel["total_message_sent"]
        channel["message_count"] += 1
        channel["total_message_sent"] += 1
    world.messages.setdefault(int(channel["id"]), {})[int(message["id"])] = message
    channel["last_message_id"] = message["id"]
    tell(world, "MESSAGE_CREATE", message)
    return message


def rich(embed: Json) -> Json:
    """An embed as it is kept."""
    kept = {key: value for key, value in embed.items() if value is not None}
    kept.setdefault("type", "rich")
    for part in ("image", "thumbnail"):
        if part in kept:
            url = kept[part]["url"]
            kept[part] = {"proxy_url": url, "width": 0, "height": 0} | kept[part]
    return kept


def numbered(components: list[Json]) -> list[Json]:
    """Components with the ``id`` that Discord gives each."""
    count = 0

    def number(each: Json) -> Json:
        nonlocal count
        count += 1
        kept = {**each, "id": each.get("id") or count}
        if isinstance(each.get("components"), list):
            kept["components"] = [number(inner) for inner in each["components"]]
        if isinstance(each.get("accessory"), dict):
            kept["accessory"] = number(each["accessory"])
        return kept

    return [number(each) for each in components]


def _mention(world: World, channel: Json, message: Json, draft: Draft) -> list[str]:
    """Fill in whom the message mentions; returns whom it pings."""
    found = mentions.allowed(mentions.named(message["content"]), draft.rules)
    users = [each for each in found.users if each in world.users]
    answered = _answered(world, message)
    if answered is not None and mentions.pings_replied(draft.rules):
        users = list(dict.fromkeys([*users, answered]))
    roles = [
        each
        for each in found.roles
        if each in world.roles and (draft.may_ping_all or world.roles[each]["mentionable"])
    ]
    everyone = found.everyone and draft.may_ping_all
    message["mentions"] = [world.users[each] for each in users]
    message["mention_roles"] = [str(each) for each in roles]
    message["mention_everyone"] = everyone
    seeing = list(world.viewers(channel))
    pinged = [each for each in users if each in seeing]
    wanted = {str(each) for each in roles}
    for each in seeing:
        held = world.members.get(each, {}).get("roles", ())
        if everyone or wanted & set(held):
            pinged.append(each)
    own = str(draft.author["id"])
    return [str(each) for each in dict.fromkeys(pinged) if str(each) != own]


def _answered(world: World, message: Json) -> int | None:
    """Whom a reply answers; None for what is no reply, or answers a webhook."""
    if message["type"] != REPLY:
        return None
    told = message["message_reference"]
    found = world.messages.get(int(told["channel_id"]), {}).get(int(told["message_id"]))
    author = int(found["author"]["id"]) if found else 0
    return author if author in world.users else None


# -- showing ---------------------------------------------------------------------------------


def shown(world: World, message: Json, *, nested: bool = True) -> Json:
    """A message as the API answers it: addresses signed anew, the message replied to in it."""
    copy: Json = world.copy(message)
    for each in copy["attachments"]:
        link = world.attachment_url(int(copy["channel_id"]), int(each["id"]), each["filename"])
        each["url"] = each["proxy_url"] = link
    if nested and copy["type"] == REPLY:
        told = copy["message_reference"]
        original = world.messages.get(int(told["channel_id"]), {}).get(int(told["message_id"]))
        copy["referenced_message"] = original and shown(world, original, nested=False)
    return copy


def hidden(message: Json) -> Json:
    """A message for a client that may not read its content."""
    empty: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
    kept = {**message, **empty}
    kept.pop("poll", None)
    kept.pop("message_snapshots", None)
    if kept.get("referenced_message"):
        kept["referenced_message"] = {**kept["referenced_message"], **empty}
    return kept


def readable(world: World, message: Json) -> bool:
    """Whether the bot may read it even without MESSAGE_CONTENT: its own, to it, or naming it."""
    own = str(world.bot_id)
    return (
        message["author"]["id"] == own
        or message.get("application_id") == own
        or any(each["id"] == own for each in message["mentions"])
        or world.channels.get(int(message["channel_id"]), {}).get("type") == DM
    )


def answer(world: World, message: Json) -> Json:
    """A message as REST answers it to the bot."""
    seen = shown(world, message)
    return seen if world.message_content or readable(world, message) else hidden(seen)


def tell(world: World, name: str, message: Json) -> None:
    """Dispatch a message as it is now."""
    channel = world.channels[int(message["channel_id"])]
    data = shown(world, message)
    data["channel_type"] = channel["type"]
    if channel["type"] != DM:
        data["guild_id"] = world.guild["id"]
        author = int(message["author"]["id"])
        if author in world.members and "webhook_id" not in message:
            data["member"] = world.copy(world.members[author])
        for each in data["mentions"]:
            if int(each["id"]) in world.members:
                each["member"] = world.copy(world.members[int(each["id"])])
    wanted = intents.messages(dm=channel["type"] == DM)
    world.emit(Event(name, data, wanted, int(channel["id"]), is_message=True))


def tell_channel(world: World, name: str, channel: Json, **more: Any) -> None:
    """Dispatch a channel or thread as it is now."""
    world.emit(Event(name, {**world.copy(channel), **more}, intents.GUILDS))


def where(channel: Json) -> Json:
    """The ids of a place, for the small events."""
    ids = {"channel_id": channel["id"]}
    return {**ids, "guild_id": channel["guild_id"]} if "guild_id" in channel else ids


# -- changing --------------------------------------------------------------------------------


def change(world: World, message: Json, draft: Draft, fields: Iterable[str]) -> None:
    """Edit: take these fields of a draft, and tell it as an edit."""
    for key in fields:
        match key:
            case "embeds":
                message["embeds"] = [rich(each) for each in draft.embeds]
            case "components":
                message["components"] = numbered(draft.components)
            case "flags":
                kept = message["flags"] & ~SUPPRESS_EMBEDS
                message["flags"] = kept | draft.flags
            case _:
                message[key] = getattr(draft, key)
    channel = world.channels[int(message["channel_id"])]
    if "content" in fields or "rules" in fields:
        _mention(world, channel, message, draft)  # who is mentioned is new; nobody is pinged
    message["edited_timestamp"] = iso(world.clock())


def delete(world: World, channel: Json, message_ids: list[int], *, bulk: bool = False) -> None:
    """Take messages out of a channel and tell it; ids that are not there are passed over."""
    kept = world.messages.get(int(channel["id"]), {})
    gone = [each for each in message_ids if kept.pop(each, None) is not None]
    for each in gone:
        world.pinned.get(int(channel["id"]), {}).pop(each, None)
        if channel["type"] in THREADS:
            channel["message_count"] = max(0, channel["message_count"] - 1)
    dm = channel["type"] == DM
    place = where(channel)
    wanted, key = intents.messages(dm=dm), int(channel["id"])
    if bulk and gone:
        data = {"ids": [str(each) for each in gone], **place}
        world.emit(Event("MESSAGE_DELETE_BULK", data, wanted, key))
        return
    for each in gone:
        world.emit(Event("MESSAGE_DELETE", {"id": str(each), **place}, wanted, key))


def may_ping_all(world: World, user_id: int, channel: Json) -> bool:
    """Whether someone's @everyone pings here."""
    held = world.permissions(user_id, channel)
    return channel["type"] != DM and bool(held & perms.MENTION_EVERYONE)
