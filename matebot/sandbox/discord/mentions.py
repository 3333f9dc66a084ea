"""Who a text names, and whom of those a message may ping. Pure.

Source: discord-api-docs, resources/message ("Allowed Mentions").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CODE = re.compile(r"```.*?```|``.+?``|`[^`]+`", re.DOTALL)
_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(everyone|here)")


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names, in order, each once."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: bool = False


def named(content: str) -> Named:
    """Find the mentions outside of code."""
    plain = _CODE.sub(" ", content)
    return Named(
        tuple(dict.fromkeys(int(found) for found in _USER.findall(plain))),
        tuple(dict.fromkeys(int(found) for found in _ROLE.findall(plain))),
        _EVERYONE.search(plain) is not None,
    )


def allowed(found: Named, rules: Mapping[str, Any] | None) -> Named:
    """Leave what ``allowed_mentions`` lets through; without rules, that is everything."""
    if rules is None:
        return found
    parse = set(rules.get("parse") or ())
    users = {int(each) for each in rules.get("users") or ()}
    roles = {int(each) for each in rules.get("roles") or ()}
    return Named(
        tuple(each for each in found.users if "users" in parse or each in users),
        tuple(each for each in found.roles if "roles" in parse or each in roles),
        found.everyone and "everyone" in parse,
    )


def pings_replied(rules: Mapping[str, Any] | None) -> bool:
    """Whether a reply pings whom it answers: yes where no rules were given at all."""
    return rules is None or bool(rules.get("replied_user"))
