"""The projects that are measured with: a `uv.lock` each, and the same with older versions of what was asked for."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.timing import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# A web service with its client, its tests and its documentation; small: the client alone; big: with what a team that
# works on data beside it adds. Each by its name and, after a space, what an older state of the project asked for.
_SMALL = ("requests <2.32",)
_APPLICATION = (
    *_SMALL,
    "aiohttp <3.11",
    "cookiecutter <2.6",
    "flask <3.1",
    "httpx <0.28",
    "jsonschema <4.22",
    "pytest <8",
    "sphinx <7.3",
)
_DATA = ("django <5", "fastapi <0.110", "sqlalchemy <2.0.30", "jupyterlab <4.2", "celery <5.4", "mkdocs <1.6")
SETS: Mapping[str, tuple[str, ...]] = {"small": _SMALL, "application": _APPLICATION, "big": (*_APPLICATION, *_DATA)}
_NEWER = {"sphinx": "<8"}  # from 8 on it needs a newer Python than the oldest that is measured with
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
    modules: tuple[str, ...]

    @property
    def packages(self) -> int:
        """How many packages the lock of the new state has, the project itself left out."""
        return (self.new / "uv.lock").read_text(encoding="utf-8").count("\n[[package]]") - 1

    def put(self, state: Path, project: Path) -> Path:
        """Write one of the two states into `project`."""
        project.mkdir(exist_ok=True)
        for name in ("pyproject.toml", "uv.lock"):
            shutil.copyfile(state / name, project / name)
        return project


def make(folder: Path, uv: str, wanted: Iterable[str], *, extra: str = "") -> Subject:
    """Resolve both states once; needs the package index. `extra` is TOML for the end of both `pyproject.toml`."""
    names = [each.split(" ") for each in wanted]
    made = Subject(new=folder / "new", old=folder / "old", modules=tuple(name for name, *_ in names))
    lock(made.new, [name + _NEWER.get(name, "") for name, *_ in names], uv, extra=extra)
    lock(made.old, ["".join(each) for each in names], uv, extra=extra)
    return made


def lock(folder: Path, dependencies: Iterable[str], uv: str, *, extra: str = "") -> None:
    """Write a project that asks for `dependencies`, and its `uv.lock`."""
    folder.mkdir(parents=True)
    listed = ", ".join(f'"{each}"' for each in dependencies)
    (folder / "pyproject.toml").write_text(_PROJECT.format(dependencies=listed) + extra, encoding="utf-8")
    subprocess.run([uv, "lock", "--quiet", "--directory", str(folder)], check=True, env=environment())
