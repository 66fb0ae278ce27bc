"""Killed while it installs, run again: is every file of every package there? `python3 benchmarks/killed.py --times 8`.

The same for `uv sync --frozen` and for Surefoot: `kill -9` once some packages are in place, a few more each time; then
the same command again, to its end; then every RECORD is compared with the disk.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING

from benchmarks.interrupted import kill
from benchmarks.room import ROOT, Room
from benchmarks.timing import environment
from installer import toolenv
from phases.python import records

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, MORE = 20, 6  # entries in site-packages at the first kill, and how many more at each of the next


def broken(command: Sequence[str], project: Path) -> tuple[int, bool]:
    """The exit code of the same command run again, and whether files are missing nevertheless."""
    again = subprocess.run(command, cwd=project, env=environment(), capture_output=True, check=False)
    (site,) = (project / ".venv" / "lib").glob("python*/site-packages")
    return again.returncode, bool(list(records.check(site, deep=False)))


def outcomes(room: Room, command: Sequence[str], times: int) -> list[tuple[int, bool]]:
    """What came of each run that was killed in time."""
    made, found = room.subject("application"), []
    for number in range(times):
        project = made.put(made.new, room.clean("project"))
        if kill(command, project, FIRST + MORE * number):
            found.append(broken(command, project))
    return found


def main() -> None:
    """Try both, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=8)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory(prefix="surefoot-killed-") as name:
        room = Room(Path(name).resolve(), 1)
        commands = {"uv sync --frozen": room.sync, "quickstart.py": room.ours("quickstart", "-y")}
        for shown, command in commands.items():
            found = outcomes(room, command, times)
            good, bad = sum(code == 0 for code, _ in found), sum(each for _, each in found)
            print(
                f"{shown}: killed {len(found)} times; the next run exited 0 {good} times; {bad} were broken", flush=True
            )


if __name__ == "__main__":
    python = toolenv.tool_python(str(ROOT))
    if Path(sys.prefix) != Path(python).parents[1]:  # what reads the RECORDs is among the tool's own packages
        os.execv(python, [python, "-I", *sys.argv])  # noqa: S606
    main()
