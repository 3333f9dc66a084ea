"""The message catalogue: what MateBot itself says, in each of its languages.

One Fluent file a language, ``locales/LANGUAGE/matebot.ftl``, loaded once. A language that is not
known falls back to English, and so does a message that its language lacks.
"""

import logging
from importlib import resources
from typing import Any, Final, Self

from babel import localedata
from fluent.runtime import FluentBundle, FluentResource

FALLBACK: Final = "en"

log = logging.getLogger(__name__)


class Catalogue:
    """Implements `matebot.core.words.Words`.

    Args:
        sources: The Fluent source of each language, `FALLBACK` among them.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        self._bundles = {language: _bundle(language, text) for language, text in sources.items()}

    @classmethod
    def load(cls) -> Self:
        """Read the languages that come with the program."""
        return cls({language: source(language) for language in known_languages()})

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages' names, such as ``en`` and ``pt_BR``, in order."""
        return tuple(sorted(self._bundles))

    def __call__(self, language: str, message_id: str, /, **args: str | float) -> str:
        """Say something; an id that no language has is said itself, and logged."""
        for name in (language, FALLBACK):
            bundle = self._bundles.get(name)
            if bundle is not None and bundle.has_message(message_id):
                return _say(bundle, message_id, args)
        log.error("no such message in the catalogue: %s", message_id)
        return message_id


def known_languages() -> tuple[str, ...]:
    """The languages that the program brings, in order."""
    folder = resources.files("matebot") / "locales"
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.is_dir()))


def source(language: str) -> str:
    """A language's Fluent file."""
    path = resources.files("matebot") / "locales" / language / "matebot.ftl"
    return path.read_text("utf-8")


def _bundle(language: str, text: str) -> FluentBundle:
    # Without the invisible marks that would isolate each argument: they would be posted as text.
    bundle = FluentBundle([language.replace("_", "-")], use_isolating=False)
    bundle.add_resource(FluentResource(text))
    _lighten(bundle)
    return bundle


def _lighten(bundle: FluentBundle) -> None:
    """Have Babel forget what it has read of a language: the bundle has taken its plural rules.

    It is the names of all countries, currencies and units, nearly 3 MB for two languages, and has
    no public way out. What a number needs of it to be written is read again by itself.
    """
    localedata._cache.clear()  # noqa: SLF001  (there is no public way)
    locale: Any = getattr(bundle, "_babel_locale", None)
    if hasattr(locale, "_Locale__data"):
        locale._Locale__data = None  # noqa: SLF001  (there is no public way)


def _say(bundle: FluentBundle, message_id: str, args: dict[str, str | float]) -> str:
    pattern = bundle.get_message(message_id).value
    if pattern is None:
        log.error("a message of the catalogue has no text: %s", message_id)
        return message_id
    text, errors = bundle.format_pattern(pattern, args)
    if errors:
        log.error("the message %s lacks an argument: %s", message_id, errors)
    return str(text)
