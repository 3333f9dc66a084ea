"""The command table as Telegram's menus list it."""

from matebot.bridge.commands import commands_on
from matebot.core.ids import Platform
from matebot.telegram.client import CommandEntry
from matebot.words import Catalogue


def command_entries(words: Catalogue) -> list[CommandEntry]:
    """The command table as Telegram lists it, in every language."""
    return [
        CommandEntry(
            spec.name,
            {language: words(language, spec.description) for language in words.languages},
            admin_only=spec.admin_only,
            in_private=spec.private_ok,
        )
        for spec in commands_on(Platform.TELEGRAM)
    ]
