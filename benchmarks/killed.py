"""Killed while it installs, run again: is every file of every package there? `python3 benchmarks/killed.py --times 8`.

The same for `uv sync --frozen` and for Surefoot: `kill -9` once some packages are in place, a few more each time; then
the same command again, to its end; then every RECORD is compared with the disk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import subject  # noqa: E402 -- the folder is known only now

from installer import toolenv  # noqa: E402
from phases.python import records  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, MORE = 20, 6  # entries in site-packages at the first kill, and how many more at each of the next


def killed(command: Sequence[str], project: Path, entries: int) -> bool:
    """Run `command`, kill it when a site-packages below the project has that many entries. Was it in time?"""
    with subprocess.Popen(command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if any(_count(site) > entries for site in _sites(project)):
                process.send_signal(signal.SIGKILL)
                break
    return process.returncode == -signal.SIGKILL


def broken(command: Sequence[str], project: Path) -> tuple[int, bool]:
    """The exit code of the same command run again, and whether files are missing nevertheless."""
    again = subprocess.run(command, cwd=project, capture_output=True, check=False)
    (site,) = (project / ".venv" / "lib").glob("python*/site-packages")
    return again.returncode, bool(list(records.check(site, deep=False)))


def _sites(project: Path) -> list[Path]:
    below = (project / ".venv", *(project / ".surefoot" / "staging").glob("*"))
    return [site for each in below for site in (each / "lib").glob("python*/site-packages")]


def _count(folder: Path) -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0


def main() -> None:
    """Try both, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=8)
    times = parser.parse_args().times
    python = toolenv.base_interpreter()
    uv = str(Path(toolenv.tool_python(str(ROOT))).with_name("uv"))
    commands = {
        "uv sync --frozen": [uv, "sync", "--frozen", "--python", python],
        "quickstart.py": [python, str(ROOT / "quickstart.py"), "-y"],
    }
    with tempfile.TemporaryDirectory(prefix="surefoot-killed-") as name:
        folder = Path(name)
        made = subject.make(folder / "subject", uv)
        for shown, command in commands.items():
            outcomes = []
            for number in range(times):
                project = folder / "project"
                shutil.rmtree(project, ignore_errors=True)
                made.put(made.new, project)
                if killed(command, project, FIRST + MORE * number):
                    outcomes.append(broken(command, project))
            good = sum(code == 0 for code, _ in outcomes)
            bad = sum(each for _, each in outcomes)
            print(
                f"{shown}: killed {len(outcomes)} times; the next run exited 0 {good} times; {bad} were broken",
                flush=True,
            )


if __name__ == "__main__":
    main()
