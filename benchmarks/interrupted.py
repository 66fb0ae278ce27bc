"""Killed at half of the installation, then to its end: ours to a proven environment, uv's with `--reinstall`.

A plain `uv sync` after such a kill may leave an environment broken: benchmarks/killed.py counts how often. To
uv, `--reinstall` is to ask the index about every package as well, and to unpack it anew: so each side has a cache of
its own, and there is a second row in which uv may ask nobody.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.figures import Goal, Row
from benchmarks.timing import Failed, Took, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.room import Room

_TRIES = 40


def resume(room: Room) -> Iterator[Row]:
    """The second run, after the first was killed with half of the packages in place."""
    made = room.subject("application")
    ours, again = room.ours("quickstart", "-y"), [*room.sync, "--reinstall"]
    half = _entries(made.put(made.new, room.clean("half")), room) // 2

    def killed(name: str, command: list[str], then: list[str]) -> Took:
        cache = {"UV_CACHE_DIR": str(room.folder / f"{name}-cache")}
        for _ in range(_TRIES):
            project = made.put(made.new, room.clean(name))
            if kill(command, project, half, cache):
                try:
                    return run(then, project, extra=cache)
                except Failed:  # now and then uv cannot uninstall what its killed run left: that is no time to measure
                    if command == ours:
                        raise
        sys.exit(f"{command[0]} was never caught at half of its work, to be gone on with")

    def row(then: list[str], shown: str, goal: Goal | None = None) -> Row:
        return room.compare(
            f"going on after `kill -9` at half of {made.packages} packages, to a proven environment",
            lambda: killed("resume-ours", ours, ours),
            f"`{shown}` after the same kill",
            lambda: killed("resume-theirs", room.sync, then),
            goal,
        )

    yield row(again, "uv sync --frozen --reinstall", Goal(1.0))
    yield row([*again, "--offline"], "uv sync --frozen --reinstall --offline")


def _entries(project: Path, room: Room) -> int:
    """How many entries a finished site-packages has."""
    run(room.sync, project)
    return max(_count(site) for site in _sites(project))


def kill(command: Sequence[str], project: Path, entries: int, extra: Mapping[str, str] | None = None) -> bool:
    """Run `command`, kill it when a site-packages below the project has that many entries. Was it in time?"""
    with subprocess.Popen(
        command, cwd=project, env=environment(extra), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            if any(_count(site) >= entries for site in _sites(project)):
                process.send_signal(signal.SIGKILL)
                break
    return int(process.returncode) == -signal.SIGKILL


def _sites(project: Path) -> list[Path]:
    below = (project / ".venv", *(project / ".surefoot" / "staging").glob("*"))
    return [site for each in below for site in (each / "lib").glob("python*/site-packages")]


def _count(folder: Path) -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0
