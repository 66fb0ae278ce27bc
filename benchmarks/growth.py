"""How time and memory grow: journals, trees under the guard, local packages. The submodules are in their own file."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks import journals
from benchmarks.figures import Curve, Point
from benchmarks.room import ROOT
from benchmarks.timing import environment, peak

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.room import Room

_RECORDS = (100, 1_000, 10_000, 100_000)
_FILES = (100, 1_000, 10_000, 50_000, 200_000)
_PACKAGES = (1, 10, 50, 200)
_PER_FOLDER = 100


def journal(room: Room) -> Iterator[Curve]:
    """What depends on the length of the journal: the resume check, one more record, a command."""
    found: dict[str, list[Point]] = {"check": [], "update": [], "status": []}
    for size in _sizes(room, _RECORDS):
        project = journals.unfinished(room.clean(f"journal-{size}"), size)
        for name in ("check", "update"):
            found[name].append(_probe(name, project, size))
        found["status"].append(Point(size=size, **peak(room.ours("manage", "status"), project)._asdict()))
        room.clean(project.name)
    for name, what in (
        ("check", "is a run unfinished?"),
        ("update", "an update of a phase"),
        ("status", "`manage.py status`, whole process"),
    ):
        yield Curve(what=what, axis="records in the journal", points=tuple(found[name]))


def tree(room: Room) -> Iterator[Curve]:
    """A tree in which a build runs: before it, and after."""
    before, after = [], []
    for size in _sizes(room, _FILES):
        place = room.clean(f"tree-{size}")
        _plant(place / "tree", size)
        before.append(_probe("note", place / "tree", size))
        after.append(_probe("changes", place / "tree", size))
        room.clean(place.name)
    axis = "files in the tree"
    yield Curve(what="the tree guard before a build", axis=axis, points=tuple(before))
    yield Curve(what="the tree guard after a build", axis=axis, points=tuple(after))


def packages(room: Room) -> Iterator[Curve]:
    """A new environment with so many local packages, whose backend does next to nothing; then nothing to do."""
    made: list[Point] = []
    again: list[Point] = []
    for size in _sizes(room, _PACKAGES):
        project = _monorepo(room.clean("monorepo"), size)
        for points, command in ((made, room.ours("quickstart", "-y")), (again, room.ours("quickstart"))):
            points.append(Point(size=size, **peak(command, project)._asdict()))
    axis = "local packages"
    yield Curve(what="a new environment", axis=axis, points=tuple(made))
    yield Curve(what="nothing to do", axis=axis, points=tuple(again))


def _sizes(room: Room, sizes: Sequence[int]) -> Sequence[int]:
    return sizes[:1] if room.quick else sizes


def _probe(name: str, folder: Path, size: int) -> Point:
    command = [sys.executable, "-I", str(ROOT / "benchmarks" / "probe.py"), name, str(folder)]
    said = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, check=True).stdout
    return Point(size=size, **json.loads(said))


def _plant(tree: Path, count: int) -> None:
    """Files of a few hundred bytes, a hundred to a folder."""
    tree.mkdir()
    for number in range(count):
        folder = tree / f"part-{number // _PER_FOLDER}"
        if number % _PER_FOLDER == 0:
            folder.mkdir()
        (folder / f"module_{number}.py").write_text(f"VALUE = {number}\n" * 20)


def _monorepo(project: Path, count: int) -> Path:
    (project / "surefoot.toml").write_text('[packages]\nmembers = ["packages/*"]\n')
    for number in range(count):
        name = f"part-{number:03}"
        folder = project / "packages" / name
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(_PYPROJECT.format(name=name))
        (folder / "backend.py").write_text(_BACKEND.replace("NAME", name.replace("-", "_")))
        (folder / f"{name.replace('-', '_')}.py").write_text(f"VALUE = {number}\n")
    return project


_PYPROJECT = """\
[project]
name = "{name}"
version = "1.0"

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

_BACKEND = '''\
"""The least that an editable installation needs: a wheel with a `.pth` file."""

import os
import zipfile

METADATA = "Metadata-Version: 2.1\\nName: NAME\\nVersion: 1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: backend\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "NAME-1.0-py3-none-any.whl"
    files = {"NAME.pth": os.getcwd() + "\\n"}
    files |= {"NAME-1.0.dist-info/METADATA": METADATA, "NAME-1.0.dist-info/WHEEL": WHEEL}
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        record = "".join(f"{path},,\\n" for path in files)
        archive.writestr("NAME-1.0.dist-info/RECORD", record + "NAME-1.0.dist-info/RECORD,,\\n")
    return name


build_wheel = build_editable
'''
