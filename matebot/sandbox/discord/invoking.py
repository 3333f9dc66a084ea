"""A slash command as a person's client sends it: only what the command's registration allows."""

from typing import Any

from matebot.sandbox.discord.commands import (
    BOOLEAN,
    CHANNEL,
    CHAT_INPUT,
    GROUP,
    MENTIONABLE,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
    VALUES,
)
from matebot.sandbox.discord.errors import Json
from matebot.sandbox.discord.world import World


def find(world: World, name: str) -> Json:
    """A registered chat command: the guild's own before the global one.

    Raises:
        ValueError: There is none of this name.
    """
    for scope in (world.guild_id, None):
        for each in world.commands.get(scope, {}).values():
            if each["name"] == name and each["type"] == CHAT_INPUT:
                return each
    raise ValueError(f"no command /{name} is registered")


def fill(world: World, command: Json, path: list[str], options: Json) -> Json:
    """The ``data`` of an invoked command.

    Args:
        world: For what options refer to.
        command: As it is registered.
        path: The names of subcommand group and subcommand.
        options: Values by name.

    Raises:
        ValueError: A client would not let a person send this.
    """
    resolved: Json = {}
    inner = _filled(world, command.get("options") or [], path, options, resolved)
    data: Json = {"id": command["id"], "name": command["name"], "type": CHAT_INPUT}
    data["options"] = inner
    if resolved:
        data["resolved"] = resolved
    return {**data, "guild_id": command["guild_id"]} if "guild_id" in command else data


def _filled(
    world: World, known: list[Json], path: list[str], options: Json, out: Json
) -> list[Json]:
    if path:
        part = next((each for each in known if each["name"] == path[0]), None)
        if part is None or part["type"] not in (SUBCOMMAND, GROUP):
            raise ValueError(f"no subcommand {path[0]}")
        inner = _filled(world, part.get("options") or [], path[1:], options, out)
        return [{"name": part["name"], "type": part["type"], "options": inner}]
    if any(each["type"] in (SUBCOMMAND, GROUP) for each in known):
        raise ValueError("a subcommand must be chosen")
    by_name = {each["name"]: each for each in known}
    if set(options) - set(by_name):
        raise ValueError(f"unknown options {sorted(set(options) - set(by_name))}")
    for each in known:
        if each.get("required") and each["name"] not in options:
            raise ValueError(f"the option {each['name']} is required")
    return [_value(world, by_name[name], value, out) for name, value in options.items()]


def _value(world: World, option: Json, value: Any, resolved: Json) -> Json:
    kind = option["type"]
    types = VALUES.get(kind)
    if types is not None and (
        not isinstance(value, types) or (isinstance(value, bool) and kind != BOOLEAN)
    ):
        raise ValueError(f"{option['name']} takes another type than {type(value).__name__}")
    if kind == STRING and not option.get("min_length", 0) <= len(value) <= (
        option.get("max_length") or 6000
    ):
        raise ValueError(f"{option['name']} is too long or too short")
    if option.get("choices") and value not in [each["value"] for each in option["choices"]]:
        raise ValueError(f"{option['name']} has no choice {value!r}")
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE):
        value = str(value)
        _resolve(world, kind, int(value), resolved)
    return {"name": option["name"], "type": kind, "value": value}


def _resolve(world: World, kind: int, key: int, resolved: Json) -> None:
    if kind in (USER, MENTIONABLE) and key in world.users:
        resolved.setdefault("users", {})[str(key)] = world.users[key]
        if key in world.members:
            held = {"permissions": str(world.permissions(key))}
            resolved.setdefault("members", {})[str(key)] = {**world.members[key], **held}
    elif kind == CHANNEL and key in world.channels:
        names = ("id", "type", "name", "parent_id", "thread_metadata")
        found = world.channels[key]
        kept = {name: found[name] for name in names if name in found}
        kept["permissions"] = str(world.permissions(world.bot_id, found))
        resolved.setdefault("channels", {})[str(key)] = kept
    elif kind in (ROLE, MENTIONABLE) and key in world.roles:
        resolved.setdefault("roles", {})[str(key)] = world.roles[key]
    else:
        raise ValueError(f"nothing has the id {key}")
