"""The long payloads of the gateway's beginning: READY, GUILD_CREATE, the chunks of members."""

from collections.abc import Iterator
from typing import Any

from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.world import DM, THREADS, World

CHUNK = 1000


def ready(world: World, session_id: str, url: str, shard: Any) -> Json:
    """READY: who the bot is; its guild comes after."""
    guilds = [{"id": world.guild["id"], "unavailable": True}] if world.in_guild else []
    flags = 1 << 19 if world.message_content else 0
    return {
        "v": 10,
        "user": {
            **world.users[world.bot_id],
            "verified": True,
            "mfa_enabled": True,
            "email": None,
        },
        "user_settings": {},
        "session_type": "normal",
        "session_id": session_id,
        "resume_gateway_url": url,
        "relationships": [],
        "private_channels": [],
        "presences": [],
        "guilds": guilds,
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": [],
        "auth": {},
        "application": {"id": str(world.bot_id), "flags": flags},
        "shard": shard or [0, 1],
        "_trace": [],
    }


def guild_create(world: World, *, whole: bool) -> Json:
    """GUILD_CREATE.

    Args:
        world: The state.
        whole: All members; without the intent the bot alone is in it.
    """
    who = world.members if whole else {world.bot_id: None}
    channels = [
        each
        for each in world.channels.values()
        if each["type"] != DM and each["type"] not in THREADS
    ]
    guild: Json = world.copy(
        {
            **world.guild,
            "roles": list(world.roles.values()),
            "channels": channels,
            "threads": world.threads(),
            "members": [world.member(each) for each in who],
        }
    )
    return {
        **guild,
        "joined_at": world.members[world.bot_id]["joined_at"],
        "large": len(world.members) > 250,
        "unavailable": False,
        "member_count": len(world.members),
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def members_chunks(world: World, asked: Json) -> Iterator[Json]:
    """The answers to REQUEST_GUILD_MEMBERS."""
    wanted = asked.get("user_ids")
    if wanted is not None:
        ids = [int(each) for each in (wanted if isinstance(wanted, list) else [wanted])]
        found = [each for each in ids if each in world.members]
        missing = [str(each) for each in ids if each not in world.members]
    else:
        start = str(asked.get("query") or "").casefold()
        found = [each for each in world.members if _named(world, each).startswith(start)]
        found, missing = found[: asked.get("limit") or None], []
    chunks = [found[at : at + CHUNK] for at in range(0, len(found), CHUNK)] or [[]]
    for index, each in enumerate(chunks):
        chunk: Json = {
            "guild_id": world.guild["id"],
            "members": [world.member(user) for user in each],
            "chunk_index": index,
            "chunk_count": len(chunks),
            "not_found": missing,
        }
        if asked.get("nonce") is not None:
            chunk["nonce"] = asked["nonce"]
        yield chunk


def _named(world: World, user_id: int) -> str:
    nick = world.members[user_id]["nick"]
    return str(nick or world.users[user_id]["username"]).casefold()
