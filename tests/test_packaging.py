"""What is built from this tree is whole, and the lock file names public places alone."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

from matebot import __version__

ROOT = Path(__file__).parent.parent
PUBLIC = {"https://pypi.org", "https://files.pythonhosted.org"}


def test_the_wheel_holds_everything(tmp_path: Path) -> None:
    """Each file of the package is in the wheel: words, schema, unit file and page, too."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(ZipFile(wheel).namelist())
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "matebot").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - held == set()
    needed = {".ftl", ".sql", ".service", ".html", ".js"}
    assert needed <= {Path(name).suffix for name in held}


def test_the_version_is_one() -> None:
    """The program, the package and the changelog tell the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
    assert f"\n## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_lock_file_names_public_registries_alone() -> None:
    """Whoever installs from uv.lock asks PyPI and nobody else."""
    text = (ROOT / "uv.lock").read_text("utf-8")
    assert set(re.findall(r"https?://[^/\"]+", text)) == PUBLIC


def test_the_lock_file_fits_the_project() -> None:
    """Every direct dependency is locked, and in a version that the project allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    (own,) = (package for package in lock["package"] if package["name"] == "matebot")
    stated = own["metadata"]["requires-dist"] + own["metadata"]["requires-dev"]["dev"]
    locked = {f"{each['name']}{each['specifier']}" for each in stated}
    assert {_normal(requirement) for requirement in wanted} == {_normal(each) for each in locked}


def _normal(requirement: str) -> str:
    """A requirement without what may be written in several ways."""
    name, rest = re.fullmatch(r"([A-Za-z0-9._-]+)(.*)", requirement.replace(" ", "")).groups()  # type: ignore[union-attr]  # they all match
    parts = ",".join(sorted(rest.split(",")))
    return re.sub(r"[-_.]+", "-", name).lower() + parts
