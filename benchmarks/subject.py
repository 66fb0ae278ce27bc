"""The project that is measured with: about fifty packages in a `uv.lock`, and the same with older versions."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DIRECT = ("aiohttp", "cookiecutter", "flask", "httpx", "jsonschema", "pytest", "requests", "sphinx<8")
OLDER = (
    "aiohttp<3.11",
    "cookiecutter<2.6",
    "flask<3.1",
    "httpx<0.28",
    "jsonschema<4.22",
    "pytest<8",
    "requests<2.32",
    "sphinx<7.3",
)
MODULES = ("aiohttp", "cookiecutter", "flask", "httpx", "jsonschema", "pytest", "requests", "sphinx")
_PROJECT = """\
[project]
name = "measured"
version = "1.0"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[tool.uv]
package = false
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A folder with the two states of the project, to be put into any number of working copies."""

    new: Path
    old: Path

    @property
    def packages(self) -> int:
        """How many packages the lock of the new state has, the project itself left out."""
        return (self.new / "uv.lock").read_text(encoding="utf-8").count("\n[[package]]") - 1

    def put(self, state: Path, project: Path) -> None:
        """Write one of the two states into `project`."""
        project.mkdir(exist_ok=True)
        for name in ("pyproject.toml", "uv.lock"):
            shutil.copyfile(state / name, project / name)


def make(folder: Path, uv: str) -> Subject:
    """Resolve both states once; needs the package index."""
    subject = Subject(new=folder / "new", old=folder / "old")
    _lock(subject.new, DIRECT, uv)
    _lock(subject.old, OLDER, uv)
    return subject


def _lock(folder: Path, dependencies: Iterable[str], uv: str) -> None:
    folder.mkdir(parents=True)
    listed = ", ".join(f'"{each}"' for each in dependencies)
    (folder / "pyproject.toml").write_text(_PROJECT.format(dependencies=listed), encoding="utf-8")
    subprocess.run([uv, "lock", "--quiet", "--directory", str(folder)], check=True)
