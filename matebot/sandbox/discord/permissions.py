"""Permission bits and how roles and overwrites add up.

Source: discord-api-docs, topics/permissions ("Permission Hierarchy", "Implicit Permissions").
"""

from collections.abc import Iterable, Mapping
from typing import Any

ADD_REACTIONS = 1 << 6
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
SEND_TTS_MESSAGES = 1 << 12
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
USE_EXTERNAL_EMOJIS = 1 << 18
MANAGE_WEBHOOKS = 1 << 29
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
SEND_MESSAGES_IN_THREADS = 1 << 38
SEND_VOICE_MESSAGES = 1 << 46
SEND_POLLS = 1 << 49
PIN_MESSAGES = 1 << 51

ALL = (1 << 53) - 1

PERSON = (
    ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_EXTERNAL_EMOJIS
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS
    | SEND_VOICE_MESSAGES
    | SEND_POLLS
)
BOT = PERSON | MANAGE_MESSAGES | MANAGE_WEBHOOKS | PIN_MESSAGES | MANAGE_THREADS

_LOST_WITHOUT_SEND = MENTION_EVERYONE | SEND_TTS_MESSAGES | ATTACH_FILES | EMBED_LINKS


def of_roles(permissions: Iterable[int]) -> int:
    """What roles give together, everywhere in the guild."""
    together = 0
    for each in permissions:
        together |= each
    return ALL if together & ADMINISTRATOR else together


def in_channel(
    base: int,
    overwrites: Iterable[Mapping[str, Any]],
    *,
    everyone: int,
    roles: Iterable[int],
    user: int,
) -> int:
    """What is left of the guild's permissions in one channel.

    Args:
        base: From `of_roles`.
        overwrites: The channel's ``permission_overwrites``.
        everyone: The id of the role that all have.
        roles: Ids of the member's roles.
        user: The member's id.
    """
    if base & ADMINISTRATOR:
        return ALL
    by_id = {int(each["id"]): (int(each["allow"]), int(each["deny"])) for each in overwrites}
    held = base
    allow, deny = by_id.get(everyone, (0, 0))
    held = held & ~deny | allow
    allow = deny = 0
    for role in roles:
        role_allow, role_deny = by_id.get(role, (0, 0))
        allow |= role_allow
        deny |= role_deny
    held = held & ~deny | allow
    allow, deny = by_id.get(user, (0, 0))
    return implied(held & ~deny | allow)


def implied(held: int) -> int:
    """Take away what is worth nothing without another permission."""
    if not held & VIEW_CHANNEL:
        return 0
    return held if held & SEND_MESSAGES else held & ~_LOST_WITHOUT_SEND
