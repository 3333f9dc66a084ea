"""The shape of the code: who may import whom, what stays pure, and how long things get."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "matebot"
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
PURE = (
    *("telegram/parse.py", "telegram/render.py", "telegram/markup*.py"),
    *("discord/parse.py", "discord/render.py", "discord/markup*.py", "discord/names.py"),
    "bridge/retry.py",
)


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_keep_to_the_table() -> None:
    """Every contract in pyproject.toml holds: layers, the sandbox, who knows which library."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [str(linter), "--no-cache", "--no-logo"],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("pattern", PURE)
def test_conversion_and_policy_are_pure(pattern: str) -> None:
    """Parsers, renderers, markup, names and the retry policy contain nothing that waits."""
    files = sorted(PACKAGE.glob(pattern))
    assert files, f"matebot/{pattern} is gone: mend this table"
    waiting = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
    found = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, waiting)
    ]
    assert found == []


def test_files_stay_short() -> None:
    """No file of the package has more than 400 lines."""
    lengths = {file: len(file.read_bytes().splitlines()) for file in sources()}
    long = {str(file.relative_to(ROOT)): n for file, n in lengths.items() if n > LONGEST_FILE}
    assert long == {}


def test_functions_stay_short() -> None:
    """No function of the package has more than 50 lines."""
    long = {
        f"{file.relative_to(ROOT)}: {function.name}": length
        for file in sources()
        for function in functions(ast.parse(file.read_bytes()))
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}
