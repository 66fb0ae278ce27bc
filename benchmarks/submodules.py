"""Submodules, from repositories on the same disk, against git's own command with as many jobs."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from benchmarks.figures import Curve, Goal, Point, Row
from benchmarks.timing import environment, peak, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.room import Room
    from benchmarks.timing import Took

_COUNT = 50
_SIZES = (1, 10, 50, 200)
_FILES = 20  # in each
_WHO = {
    "GIT_AUTHOR_NAME": "b",
    "GIT_AUTHOR_EMAIL": "b@example.org",
    "GIT_COMMITTER_NAME": "b",
    "GIT_COMMITTER_EMAIL": "b@example.org",
}


class _Sides:
    """A project with so many submodules, and the two commands that fetch them into a new clone of it."""

    def __init__(self, room: Room, count: int) -> None:
        self.room = room
        self.jobs = str(min(os.cpu_count() or 1, 8))  # what ours takes by itself
        self.source = _project(room.clean(f"submodules-{count}"), count)

    def ours(self) -> list[str]:
        """The submodules alone: no environment is made, nor begun."""
        phases = ("--until", "submodule_sync", "--skip", "environment_setup")
        words = ("-y", *phases, "--allow-file-submodules", "--jobs", self.jobs)
        return self.room.ours("quickstart", *words)

    def theirs(self) -> list[str]:
        """What a person would type."""
        allowed = ("-c", "protocol.file.allow=always")
        return ["git", *allowed, "submodule", "update", "--init", "--jobs", self.jobs]

    def clone(self, name: str) -> Path:
        """A clone without submodules."""
        target = self.room.clean(name)
        _git(target, "clone", "--quiet", str(self.source), ".")
        return target

    def run_ours(self) -> Took:
        """By turns with `run_theirs`."""
        return run(self.ours(), self.clone("clone-ours"))

    def run_theirs(self) -> Took:
        """By turns with `run_ours`."""
        return run(self.theirs(), self.clone("clone-theirs"))


def fifty(room: Room) -> Iterator[Row]:
    """The row of the budget."""
    count = 2 if room.quick else _COUNT
    sides = _Sides(room, count)
    against = f"`git submodule update --init --jobs {sides.jobs}`"
    yield room.compare(f"{count} submodules", sides.run_ours, against, sides.run_theirs, Goal(1.1))


def growth(room: Room) -> Iterator[Curve]:
    """From one submodule to two hundred."""
    points, against = [], ""
    for count in _SIZES[:1] if room.quick else _SIZES:
        sides = _Sides(room, count)
        took = peak(sides.ours(), sides.clone("clone-ours"))
        points.append(Point(size=count, **took._asdict(), theirs=sides.run_theirs().seconds))
        against = f"`git submodule update --init --jobs {sides.jobs}`"
        shutil.rmtree(sides.source.parent)
    yield Curve(what="submodules fetched", axis="submodules", points=tuple(points), against=against)


def _project(folder: Path, count: int) -> Path:
    """A repository with `count` submodules, each from a repository of its own, all with the same commit."""
    one, source = folder / "one", folder / "project"
    one.mkdir()
    for number in range(_FILES):
        (one / f"part_{number}.py").write_text(f"VALUE = {number}\n" * 50)
    _git(one, "init", "--quiet")
    _git(one, "add", ".")
    _git(one, "commit", "--quiet", "-m", "All of it")
    commit = _git(one, "rev-parse", "HEAD")
    source.mkdir()
    _git(source, "init", "--quiet")
    sections = []
    for number in range(count):
        shutil.copytree(one / ".git", folder / f"lib-{number}.git")
        url = (folder / f"lib-{number}.git").as_uri()
        sections.append(f'[submodule "lib-{number}"]\n\tpath = libs/lib-{number}\n\turl = {url}\n')
        _git(source, "update-index", "--add", "--cacheinfo", f"160000,{commit},libs/lib-{number}")
    (source / ".gitmodules").write_text("".join(sections))
    (source / "requirements.txt").touch()
    _git(source, "add", ".gitmodules", "requirements.txt")
    _git(source, "commit", "--quiet", "-m", "All of them")
    return source


def _git(folder: Path, *words: str) -> str:
    words = ("git", *words)
    done = subprocess.run(words, cwd=folder, env=environment(_WHO), capture_output=True, text=True, check=True)
    return done.stdout.strip()
