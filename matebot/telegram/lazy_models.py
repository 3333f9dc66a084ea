"""Imports aiogram without building its 440 pydantic models.

The end of ``aiogram/types/__init__.py`` (3.31) calls ``model_rebuild`` on every type: 4 s and
110 MB before the first message, for a bridge that uses a fraction of them. aiogram defers the build
(``defer_build=True``) and only calls it there because its modules import the names in their
annotations for type checkers alone, so that pydantic could not resolve them later. Here that call
is held back, and the missing names are put where pydantic looks for them: into each type's own
module. After that every model builds itself on its first use; nothing stays patched.
"""

import importlib
import inspect
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_logger = logging.getLogger(__name__)


class _Held(NamedTuple):
    """A rebuild that was held back."""

    model: type[BaseModel]
    arguments: dict[str, Any]

    @property
    def names(self) -> Mapping[str, Any] | None:
        return self.arguments.get("_types_namespace")


def import_aiogram() -> int:
    """Import aiogram without its models; does nothing where it is imported already."""
    return import_lazily("aiogram")


def import_lazily(package: str) -> int:
    """Import a package without building the models that it would rebuild.

    Returns:
        How many models were left unbuilt: 0 where the package had its own way.
    """
    if package in sys.modules:
        return 0
    held = _import_holding(package)
    if all(rebuild.names is not None for rebuild in held):
        for rebuild in held:
            _complete(rebuild.model, rebuild.names or {})
        return len(held)
    # Another version that calls it in another way: do now what it asked for, as it did.
    _logger.warning("%s builds its models in a new way: a slower start", package)
    for rebuild in held:
        rebuild.model.model_rebuild(**rebuild.arguments)
    return 0


def _import_holding(package: str) -> list[_Held]:
    held: list[_Held] = []

    def hold(cls: type[BaseModel], /, **arguments: Any) -> None:
        held.append(_Held(cls, arguments))

    original = BaseModel.__dict__["model_rebuild"]
    type.__setattr__(BaseModel, "model_rebuild", classmethod(hold))
    try:
        importlib.import_module(package)
    finally:
        type.__setattr__(BaseModel, "model_rebuild", original)
    return held


def _complete(model: type[BaseModel], names: Mapping[str, Any]) -> None:
    """Give the model's module the names that its annotations use and that it does not have."""
    module = vars(sys.modules[model.__module__])
    # Inherited fields, too: pydantic looks their names up in the heir's module.
    for base in model.__mro__:
        for annotation in inspect.get_annotations(base).values():
            for name in _NAME.findall(str(annotation)):
                if name in names:
                    module.setdefault(name, names[name])
