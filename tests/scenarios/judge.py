"""Judges requests by the services' own documents, where those are at hand.

They are no part of the project: the folder ``shared/specs`` beside the checkout, or the one that
MATEBOT_TEST_SPECS names. Without it the judging is left out, and `report` says so.
"""

import importlib.util
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

from matebot.sandbox import discord, telegram

_DEFAULT = Path(__file__).parents[2].parent / "shared" / "specs"

#: Bot API 10.3's, which the document of 10.1 does not know yet.
NEWER = ("ephemeral_message_parameters",)


def specs() -> Path | None:
    """The folder of the documents, if there is one."""
    folder = Path(os.environ.get("MATEBOT_TEST_SPECS", _DEFAULT))
    return folder if (folder / "judge_discord.py").is_file() else None


@cache
def _judge(name: str) -> Callable[..., list[str]] | None:
    folder = specs()
    if folder is None:
        return None
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    check: Callable[..., list[str]] = module.check
    return check


def faults_of(
    telegram_calls: Iterable[telegram.Call], discord_calls: Iterable[discord.Call]
) -> list[str]:
    """What is wrong with requests; nothing where the documents are not at hand."""
    found: list[str] = []
    judge_telegram, judge_discord = _judge("judge_telegram"), _judge("judge_discord")
    if judge_telegram is None or judge_discord is None:
        return found
    for call in telegram_calls:
        params = {name: value for name, value in call.params.items() if name not in NEWER}
        found += [
            f"telegram {call.method}: {fault}" for fault in judge_telegram(call.method, params)
        ]
    for asked in discord_calls:
        if asked.status in (0, 401):
            continue  # dropped or refused before it was read
        faults = judge_discord(asked.method, asked.path, asked.body, tuple(asked.query or ()))
        found += [f"discord {asked.method} {asked.route}: {fault}" for fault in faults]
    return found
