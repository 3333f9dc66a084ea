import subprocess
import sys
from pathlib import Path

import pytest

UNBUILT = """
import matebot.telegram
from aiogram import types
assert not types.Message.__pydantic_complete__
assert not types.Update.__pydantic_complete__
from pydantic import BaseModel
assert BaseModel.model_rebuild.__func__.__module__ == "pydantic.main"
"""

ALL_BUILD = """
import matebot.telegram
from aiogram import methods, types
from aiogram.methods.base import TelegramMethod
names = [(types, n) for n in types.__all__] + [(methods, n) for n in methods.__all__]
for module, name in names:
    model = getattr(module, name)
    if hasattr(model, "model_rebuild") and model is not TelegramMethod:
        model.model_rebuild(raise_errors=True)
        assert model.__pydantic_complete__, name
"""


def run(code: str) -> None:
    """Run a program in an interpreter of its own, where aiogram is not imported yet."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr


def test_models_are_left_unbuilt() -> None:
    """The package's import builds no update, and leaves pydantic as it was."""
    run(UNBUILT)


def test_every_type_and_method_builds_on_demand() -> None:
    """No name that any of aiogram's models needs is missing later."""
    run(ALL_BUILD)


def test_another_way_of_building_is_let_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A package that rebuilds without the kept names gets what it asked for, with a warning."""
    from matebot.telegram.lazy_models import import_lazily

    source = (
        "from __future__ import annotations\n"
        "from pydantic import BaseModel\n"
        "class Outer(BaseModel):\n    inner: Inner\n"
        "class Inner(BaseModel):\n    x: int\n"
        "Outer.model_rebuild()\n"
    )
    (tmp_path / "otherwise_built.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    assert import_lazily("otherwise_built") == 0
    assert "otherwise_built" in caplog.text
    assert sys.modules.pop("otherwise_built").Outer(inner={"x": 1}).inner.x == 1
