"""Gateway intents. Source: discord-api-docs, topics/gateway ("List of Intents")."""

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_EXPRESSIONS = 1 << 3
GUILD_WEBHOOKS = 1 << 5
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_MESSAGE_REACTIONS = 1 << 10
GUILD_MESSAGE_TYPING = 1 << 11
DIRECT_MESSAGES = 1 << 12
DIRECT_MESSAGE_REACTIONS = 1 << 13
DIRECT_MESSAGE_TYPING = 1 << 14
MESSAGE_CONTENT = 1 << 15
GUILD_MESSAGE_POLLS = 1 << 24
DIRECT_MESSAGE_POLLS = 1 << 25

# Bits 0-16, 20, 21, 24, 25 are taken; any other makes the intents invalid (4013).
KNOWN = (1 << 17) - 1 | 1 << 20 | 1 << 21 | GUILD_MESSAGE_POLLS | DIRECT_MESSAGE_POLLS


def messages(*, dm: bool) -> int:
    """What lets the messages of a channel through."""
    return DIRECT_MESSAGES if dm else GUILD_MESSAGES


def reactions(*, dm: bool) -> int:
    """What lets the reactions in a channel through."""
    return DIRECT_MESSAGE_REACTIONS if dm else GUILD_MESSAGE_REACTIONS


def typing(*, dm: bool) -> int:
    """What lets the typing in a channel through."""
    return DIRECT_MESSAGE_TYPING if dm else GUILD_MESSAGE_TYPING
