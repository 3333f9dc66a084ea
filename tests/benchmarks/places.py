"""Who and where in the benchmarks: bridges by number, and what stands for them on both sides."""

import time
from typing import Any, Final

Json = dict[str, Any]

TELEGRAM_TOKEN: Final = "123456:TEST-telegram-token-for-benchmarks"
DISCORD_TOKEN: Final = "TEST.discord-token.for-benchmarks"
SECRET: Final = "a-secret-for-benchmarks-of-the-webhook"
BOT_ID: Final = 123456
PEOPLE: Final = 5
"""People who speak in each bridge, on each side."""
CHANNELS_OF_A_GUILD: Final = 250

_DISCORD_EPOCH_MS: Final = 1_420_070_400_000
_CHANNELS: Final = 1_000_000_000_000_000_000
_HOOKS: Final = 1_100_000_000_000_000_000
_GUILDS: Final = 900_000_000_000_000_000
_DISCORD_PEOPLE: Final = 800_000_000_000_000_000
_GROUPS: Final = -1_001_000_000_000
APPLICATION: Final = 850_000_000_000_000_000
TEXT: Final = "Message %d: is the laser cutter free tonight, or shall I come on Friday?"


def group(bridge: int) -> int:
    """The Telegram group of a bridge."""
    return _GROUPS - bridge


def channel(bridge: int) -> int:
    """The Discord channel of a bridge."""
    return _CHANNELS + bridge


def hook(bridge: int) -> int:
    """The webhook of its channel."""
    return _HOOKS + bridge


def guild(bridge: int) -> int:
    """The server of its channel."""
    return _GUILDS + bridge // CHANNELS_OF_A_GUILD


def bridge_of_group(chat: int) -> int:
    """The bridge of a group."""
    return _GROUPS - chat


def bridge_of_channel(channel_id: int) -> int:
    """The bridge of a channel."""
    return channel_id - _CHANNELS


def bridge_of_hook(hook_id: int) -> int:
    """The bridge of a webhook."""
    return hook_id - _HOOKS


class Snowflakes:
    """Discord's ids: they grow, and tell the time."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """A new one."""
        now = (int(time.time() * 1000) - _DISCORD_EPOCH_MS) << 22
        self._last = max(self._last + 1, now)
        return self._last


def update(update_id: int, bridge: int, message_id: int, number: int) -> Json:
    """What Telegram tells of a message."""
    person = number % PEOPLE
    return {
        "update_id": update_id,
        "message": {
            "message_id": message_id,
            "from": {
                "id": 500_000_000 + bridge * PEOPLE + person,
                "is_bot": False,
                "first_name": f"Ana {person}",
                "last_name": f"of {bridge}",
                "username": f"ana_{bridge}_{person}",
                "language_code": "pt-br",
            },
            "chat": {"id": group(bridge), "title": f"Group {bridge}", "type": "supergroup"},
            "date": int(time.time()),
            "text": TEXT % number,
        },
    }


def discord_message(bridge: int, message_id: int, content: str, author: Json) -> Json:
    """A message as the gateway tells it."""
    return {
        "type": 0,
        "id": str(message_id),
        "channel_id": str(channel(bridge)),
        "author": author,
        "content": content,
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime()),
        "edited_timestamp": None,
        "flags": 0,
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "channel_type": 0,
    }


def said_on_discord(bridge: int, message_id: int, number: int) -> Json:
    """What a person says there."""
    person = number % PEOPLE
    author = {
        **_user(_DISCORD_PEOPLE + bridge * PEOPLE + person, f"bia_{bridge}_{person}"),
        "global_name": f"Bia {person}",
    }
    member: Json = {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [],
        "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }
    told = discord_message(bridge, message_id, TEXT % number, author)
    return told | {"guild_id": str(guild(bridge)), "member": member}


def posted_by_hook(bridge: int, message_id: int, asked: Json) -> Json:
    """What MateBot's webhook posted."""
    author = _user(hook(bridge), str(asked.get("username"))) | {"bot": True}
    told = discord_message(bridge, message_id, str(asked.get("content")), author)
    return told | {"webhook_id": str(hook(bridge)), "application_id": str(APPLICATION)}


def webhook(bridge: int) -> Json:
    """The webhook of a channel, as the API shows it."""
    return {
        "type": 1,
        "id": str(hook(bridge)),
        "name": "MateBot",
        "avatar": None,
        "channel_id": str(channel(bridge)),
        "guild_id": str(guild(bridge)),
        "application_id": str(APPLICATION),
        "token": f"token-of-{bridge}",
    }


def bot_user() -> Json:
    """The bot on Discord."""
    return _user(APPLICATION, "MateBot") | {"bot": True, "verified": True}


def _user(user_id: int, username: str) -> Json:
    return {
        "id": str(user_id),
        "username": username,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "public_flags": 0,
        "flags": 0,
    }


def guilds(bridges: int) -> list[Json]:
    """The servers with the channels of so many bridges, as the gateway tells of them."""
    numbers = sorted({guild(bridge) for bridge in range(bridges)})
    return [_guild(each, [b for b in range(bridges) if guild(b) == each]) for each in numbers]


def _guild(guild_id: int, bridges: list[int]) -> Json:
    everyone = {
        "id": str(guild_id),
        "name": "@everyone",
        "color": 0,
        "hoist": False,
        "position": 0,
        "permissions": str((1 << 50) - 1 & ~8),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    member: Json = {
        "user": bot_user(),
        "nick": None,
        "roles": [],
        "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }
    return {
        "id": str(guild_id),
        "name": f"Server {guild_id}",
        "owner_id": str(_DISCORD_PEOPLE),
        "roles": [everyone],
        "channels": [channel_of(bridge) for bridge in bridges],
        "members": [member],
        "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "large": True,
        "member_count": 1000,
        "unavailable": False,
        "preferred_locale": "en-US",
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "afk_timeout": 300,
        "system_channel_flags": 0,
    } | {
        name: []
        for name in (
            "threads", "voice_states", "presences", "stage_instances", "features", "emojis",
            "stickers", "guild_scheduled_events", "soundboard_sounds",
        )
    }  # fmt: skip


def channel_of(bridge: int) -> Json:
    """The channel, as the API shows it."""
    return {
        "id": str(channel(bridge)),
        "type": 0,
        "guild_id": str(guild(bridge)),
        "name": f"channel-{bridge}",
        "position": bridge,
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "flags": 0,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "permission_overwrites": [],
    }
