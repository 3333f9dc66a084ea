"""Application commands: the rules of their registration. Pure.

Source: discord-api-docs, interactions/application-commands.
"""

import re
from typing import Any

from matebot.sandbox.discord import schema
from matebot.sandbox.discord.errors import FormErrors, Json

CHAT_INPUT = 1
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11
OPTIONS = 25
CHOICES = 25
SUM = 8000
_NAME = re.compile(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}")
VALUES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    NUMBER: (int, float),
}

_CHOICE = schema.record({"name": schema.text(1, 100)}, required=("name", "value"))
_OPTION = schema.record(
    {
        "type": schema.integer(1, 11),
        "name": schema.text(1, 32),
        "description": schema.text(1, 100),
        "required": schema.boolean,
        "autocomplete": schema.boolean,
        "choices": schema.items(_CHOICE, CHOICES),
        "options": schema.items(schema.anything, OPTIONS),
        "channel_types": schema.items(schema.integer(0, 16), 20),
        "min_length": schema.integer(0, 6000),
        "max_length": schema.integer(1, 6000),
    },
    required=("type", "name", "description"),
)
FIELDS: dict[str, schema.Check] = {
    "type": schema.choice(1, 2, 3, 4),
    "name": schema.text(1, 32),
    "description": schema.text(0, 100),
    "options": schema.items(_OPTION, OPTIONS),
    "dm_permission": schema.boolean,
    "nsfw": schema.boolean,
    "contexts": schema.items(schema.choice(0, 1, 2), 3, unique=True, low=1),
    "integration_types": schema.items(schema.choice(0, 1), 2, unique=True, low=1),
}
LOCALES = frozenset(
    {"id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl"}
    | {"no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi"}
    | {"th", "zh-CN", "ja", "zh-TW", "ko"}
)


def check(command: Any, path: str, form: FormErrors) -> None:
    """Note what is wrong with a command."""
    schema.record(FIELDS, required=("name",))(command, path, form)
    if not isinstance(command, dict) or not isinstance(command.get("name"), str):
        return
    at = f"{path}." if path else ""
    if (command.get("type") or CHAT_INPUT) != CHAT_INPUT:
        if command.get("description") or command.get("options"):
            message = "Context menu commands cannot have description or options"
            form.add(path, "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_INVALID", message)
        return
    _name(command["name"], f"{at}name", form)
    if not command.get("description"):
        form.add(f"{at}description", "BASE_TYPE_REQUIRED", "This field is required")
    held = command.get("default_member_permissions")
    if held is not None and not str(held).isdecimal():
        message = f'Value "{held}" is not int.'
        form.add(f"{at}default_member_permissions", "NUMBER_TYPE_COERCE", message)
    _localized(command, at, form)
    _options(command.get("options"), f"{at}options", form, depth=0)
    if _length(command) > SUM:
        message = f"Command exceeds maximum size ({SUM})"
        form.add(path, "APPLICATION_COMMAND_TOO_LARGE", message)


def _name(name: str, path: str, form: FormErrors) -> None:
    if not _NAME.fullmatch(name) or name != name.lower():
        message = "Command name is invalid"
        form.add(path, "APPLICATION_COMMAND_INVALID_NAME", message)


def _localized(part: Json, at: str, form: FormErrors) -> None:
    for key, most in (("name_localizations", 32), ("description_localizations", 100)):
        texts = part.get(key)
        if not isinstance(texts, dict):
            continue
        for locale, each in texts.items():
            if locale not in LOCALES:
                message = f"Value must be one of {sorted(LOCALES)}."
                form.add(f"{at}{key}.{locale}", "ENUM_TYPE_COERCE", message)
            schema.text(1, most)(each, f"{at}{key}.{locale}", form)
            if key.startswith("name") and isinstance(each, str):
                _name(each, f"{at}{key}.{locale}", form)


def _options(options: Any, path: str, form: FormErrors, *, depth: int) -> None:
    if not isinstance(options, list):
        return
    names = [each.get("name") for each in options if isinstance(each, dict)]
    if len({str(each) for each in names}) != len(names):
        message = "Option names must be unique"
        form.add(path, "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", message)
    optional = False
    for index, each in enumerate(options):
        at = f"{path}.{index}"
        _OPTION(each, at, form)
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            continue
        _name(each["name"], f"{at}.name", form)
        _localized(each, f"{at}.", form)
        if each.get("required") and optional:
            message = "Required options must be placed before non-required options"
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            form.add(at, code, message)
        optional = optional or not each.get("required")
        _choices(each, at, form)
        nested = each.get("type") in (SUBCOMMAND, GROUP)
        if nested and (depth > 1 or (each["type"] == GROUP and depth > 0)):
            message = "This option type cannot be used here"
            form.add(f"{at}.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
        elif nested:
            _options(each.get("options"), f"{at}.options", form, depth=depth + 1)


def _choices(option: Json, path: str, form: FormErrors) -> None:
    types = VALUES.get(option.get("type", 0))
    for index, each in enumerate(option.get("choices") or ()):
        if types is None or option["type"] == BOOLEAN:
            message = "Choices are not allowed for this option type"
            form.add(f"{path}.choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", message)
        elif isinstance(each, dict) and not isinstance(each.get("value"), types):
            message = "Choice value has the wrong type"
            form.add(f"{path}.choices.{index}.value", "UNION_TYPE_CHOICES", message)


def _length(part: Json) -> int:
    total = len(part.get("name") or "") + len(part.get("description") or "")
    for each in part.get("choices") or ():
        total += len(str(each.get("name", ""))) + len(str(each.get("value", "")))
    return total + sum(
        _length(each) for each in part.get("options") or () if isinstance(each, dict)
    )
