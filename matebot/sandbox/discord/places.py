"""Channels, threads, DMs, reactions, pins: made and changed, and told."""

import re
from typing import Any

from matebot.sandbox.discord import errors, intents, limits, posts
from matebot.sandbox.discord.errors import ApiError, Json
from matebot.sandbox.discord.snowflake import iso
from matebot.sandbox.discord.world import DM, FORUM, THREADS, Event, World

_TEXT_STYLE = frozenset("❤✍🕊☃♂♀")  # shown as text without U+FE0F
_CUSTOM = re.compile(r"(?:a:)?(\w{2,32}):(\d{1,20})")


def new_channel(world: World, name: str, kind: int) -> Json:
    """A channel of the guild."""
    channel: Json = {
        "id": str(world.ids.next()),
        "type": kind,
        "guild_id": world.guild["id"],
        "name": name,
        "position": sum(each["type"] not in THREADS for each in world.channels.values()),
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "flags": 0,
        "last_message_id": None,
        "last_pin_timestamp": None,
        "rate_limit_per_user": 0,
        "permission_overwrites": [],
    }
    if kind == FORUM:
        channel |= {"available_tags": [], "default_reaction_emoji": None}
        channel |= {"default_sort_order": None, "default_forum_layout": 0}
    if kind == 2:
        channel |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    world.channels[int(channel["id"])] = channel
    posts.tell_channel(world, "CHANNEL_CREATE", channel)
    return channel


def new_thread(
    world: World,
    parent: Json,
    name: str,
    owner_id: int,
    *,
    thread_id: int | None = None,
    private: bool = False,
) -> Json:
    """A thread, or a post of a forum."""
    kind = 12 if private else 10 if parent["type"] == 5 else 11
    now = iso(world.clock())
    metadata = {
        "archived": False,
        "archive_timestamp": now,
        "auto_archive_duration": 4320,
        "locked": False,
        "create_timestamp": now,
    }
    thread: Json = {
        "id": str(thread_id or world.ids.next()),
        "type": kind,
        "guild_id": world.guild["id"],
        "name": name,
        "parent_id": parent["id"],
        "owner_id": str(owner_id),
        "last_message_id": None,
        "last_pin_timestamp": None,
        "rate_limit_per_user": 0,
        "flags": 0,
        "message_count": 0,
        "total_message_sent": 0,
        "member_count": 1,
        "thread_metadata": metadata,
    }
    if parent["type"] == FORUM:
        thread["applied_tags"] = []
    world.channels[int(thread["id"])] = thread
    parent["last_message_id"] = (
        thread["id"] if parent["type"] == FORUM else parent["last_message_id"]
    )
    posts.tell_channel(world, "THREAD_CREATE", thread, newly_created=True)
    return thread


def remove_channel(world: World, channel: Json) -> None:
    """Delete a channel with its threads, messages and webhooks."""
    key = int(channel["id"])
    thread = channel["type"] in THREADS
    for each in list(world.channels.values()):
        if each["type"] in THREADS and int(each["parent_id"]) == key:
            remove_channel(world, each)
    for hook in [
        int(each["id"]) for each in world.webhooks.values() if each["channel_id"] == channel["id"]
    ]:
        del world.webhooks[hook]
    if thread:
        kept = {name: channel[name] for name in ("id", "guild_id", "parent_id", "type")}
        world.emit(Event("THREAD_DELETE", kept, intents.GUILDS))
    else:
        posts.tell_channel(world, "CHANNEL_DELETE", channel)
    world.channels.pop(key, None)
    world.messages.pop(key, None)


def dm_with(world: World, user_id: int) -> Json:
    """The direct messages with someone; made where there are none."""
    for each in world.channels.values():
        if each["type"] == DM and int(each["recipients"][0]["id"]) == user_id:
            return each
    channel: Json = {
        "id": str(world.ids.next()),
        "type": DM,
        "last_message_id": None,
        "flags": 0,
        "recipients": [world.user(user_id)],
    }
    world.channels[int(channel["id"])] = channel
    return channel


def webhooks_changed(world: World, channel: Json) -> None:
    """Tell that a channel's webhooks are others now."""
    data = {"guild_id": world.guild["id"], "channel_id": channel["id"]}
    world.emit(Event("WEBHOOKS_UPDATE", data, intents.GUILD_WEBHOOKS))


# -- reactions -------------------------------------------------------------------------------


def new_emoji(world: World, name: str) -> Json:
    """A custom emoji of the guild, told."""
    emoji = {"id": str(world.ids.next()), "name": name, "roles": [], "animated": False}
    emoji |= {"require_colons": True, "managed": False, "available": True}
    world.guild["emojis"] = [*world.guild["emojis"], emoji]
    data = {"guild_id": world.guild["id"], "emojis": world.copy(world.guild["emojis"])}
    world.emit(Event("GUILD_EMOJIS_UPDATE", data, intents.GUILD_EXPRESSIONS))
    return emoji


def emoji_of(world: World, text: str) -> Json:
    """An emoji as a reaction names it: itself, or ``name:id``.

    Raises:
        ApiError: 10014 where it is neither.
    """
    custom = _CUSTOM.fullmatch(text)
    if custom:
        known = world.emojis.get(int(custom[2])) or next(
            (each for each in world.guild["emojis"] if each["id"] == custom[2]), None
        )
        if known is None:
            raise ApiError(errors.UNKNOWN_EMOJI_400)
        return {"id": custom[2], "name": known["name"], "animated": bool(known.get("animated"))}
    if not _is_emoji(text):
        raise ApiError(errors.UNKNOWN_EMOJI_400)
    return {"id": None, "name": text}


def _is_emoji(text: str) -> bool:
    """Whether a text could be one emoji: outside the letters, a few code points long."""
    if not text or len(text) > 16 or text != qualified(text):
        return False
    if text[0] in "0123456789#*":
        return text.endswith("\u20e3")
    return ord(text[0]) in (0xA9, 0xAE) or (ord(text[0]) >= 0x203C and not text[0].isalpha())


def qualified(text: str) -> str:
    """An emoji as a client sends it: with U+FE0F where those of Telegram's list need it."""
    bare = text.replace("\ufe0f", "")
    if not _TEXT_STYLE & set(bare):
        return text
    return "".join(each + "\ufe0f" * (each in _TEXT_STYLE) for each in bare)


def _key(emoji: Json) -> str:
    return str(emoji["id"] or emoji["name"])


def react(world: World, message: Json, user_id: int, emoji: Json) -> None:
    """Set someone's reaction.

    Raises:
        ApiError: 30010 where there are 20 kinds already.
    """
    reactions: list[Json] = message.setdefault("reactions", [])
    found = next((each for each in reactions if _key(each["emoji"]) == _key(emoji)), None)
    if found is None:
        if len(reactions) >= limits.REACTIONS:
            raise ApiError(errors.MAX_REACTIONS)
        found = {"emoji": emoji, "count": 0, "count_details": {"burst": 0, "normal": 0}}
        found |= {"burst_colors": [], "me_burst": False, "burst_me": False, "me": False}
        found["burst_count"] = 0
        reactions.append(found)
    who = world.reactors.setdefault((int(message["id"]), _key(emoji)), [])
    if user_id in who:
        return
    who.append(user_id)
    _count(world, found, who)
    more: Json = {"message_author_id": message["author"]["id"], "burst": False, "type": 0}
    if user_id in world.members:
        more["member"] = world.member(user_id)
    _tell_reaction(world, "MESSAGE_REACTION_ADD", message, user_id, emoji, **more)


def unreact(world: World, message: Json, user_id: int, emoji: Json) -> None:
    """Take someone's reaction back; nothing where there is none."""
    who = world.reactors.get((int(message["id"]), _key(emoji)), [])
    if user_id not in who:
        return
    who.remove(user_id)
    found = next(each for each in message["reactions"] if _key(each["emoji"]) == _key(emoji))
    _count(world, found, who)
    if not who:
        message["reactions"].remove(found)
    if not message["reactions"]:
        del message["reactions"]
    _tell_reaction(world, "MESSAGE_REACTION_REMOVE", message, user_id, emoji, burst=False, type=0)


def _count(world: World, found: Json, who: list[int]) -> None:
    found["count"] = found["count_details"]["normal"] = len(who)
    found["me"] = world.bot_id in who


def clear_reactions(world: World, message: Json, emoji: Json | None = None) -> None:
    """Take all reactions away, or all of one emoji."""
    channel = world.channels[int(message["channel_id"])]
    kept = [
        each
        for each in message.pop("reactions", [])
        if emoji is not None and _key(each["emoji"]) != _key(emoji)
    ]
    if kept:
        message["reactions"] = kept
    for key in [key for key in world.reactors if key[0] == int(message["id"])]:
        if emoji is None or key[1] == _key(emoji):
            del world.reactors[key]
    data: Json = {"message_id": message["id"], **posts.where(channel)}
    name = "MESSAGE_REACTION_REMOVE_ALL"
    if emoji is not None:
        name, data = "MESSAGE_REACTION_REMOVE_EMOJI", {**data, "emoji": emoji}
    world.emit(Event(name, data, intents.reactions(dm=channel["type"] == DM), int(channel["id"])))


def _tell_reaction(
    world: World, name: str, message: Json, user_id: int, emoji: Json, **more: Any
) -> None:
    channel = world.channels[int(message["channel_id"])]
    data = {"user_id": str(user_id), "message_id": message["id"], "emoji": emoji}
    data |= posts.where(channel) | more
    wanted = intents.reactions(dm=channel["type"] == DM)
    world.emit(Event(name, data, wanted, int(channel["id"])))


# -- pins, typing ----------------------------------------------------------------------------


def pin(world: World, channel: Json, message: Json, user_id: int) -> None:
    """Pin a message: an update, the event, and the line in the channel that tells who did it.

    Raises:
        ApiError: 30003 where there are 250.
    """
    pinned = world.pinned.setdefault(int(channel["id"]), {})
    if int(message["id"]) in pinned:
        return
    if len(pinned) >= limits.PINS:
        raise ApiError(errors.MAX_PINS)
    pinned[int(message["id"])] = world.clock()
    message["pinned"] = True
    _pins_changed(world, channel, message)
    reference = {"type": 0, "message_id": message["id"], **posts.where(channel)}
    author = world.users[user_id]
    posts.post(world, channel, posts.Draft(author, kind=posts.PINS_ADD, reference=reference))


def unpin(world: World, channel: Json, message: Json) -> None:
    """Unpin a message."""
    if world.pinned.get(int(channel["id"]), {}).pop(int(message["id"]), None) is None:
        return
    message["pinned"] = False
    _pins_changed(world, channel, message)


def _pins_changed(world: World, channel: Json, message: Json) -> None:
    times = world.pinned.get(int(channel["id"]), {}).values()
    last = iso(max(times)) if times else None
    channel["last_pin_timestamp"] = last
    posts.tell(world, "MESSAGE_UPDATE", message)
    wanted = intents.GUILDS if "guild_id" in channel else intents.DIRECT_MESSAGES
    data = {**posts.where(channel), "last_pin_timestamp": last}
    world.emit(Event("CHANNEL_PINS_UPDATE", data, wanted, int(channel["id"])))


def typing(world: World, channel: Json, user_id: int) -> None:
    """Someone is typing."""
    data: Json = {"user_id": str(user_id), "timestamp": int(world.clock()), **posts.where(channel)}
    if user_id in world.members and "guild_id" in channel:
        data["member"] = world.member(user_id)
    world.typed.append(data)
    wanted = intents.typing(dm=channel["type"] == DM)
    world.emit(Event("TYPING_START", data, wanted, int(channel["id"])))
