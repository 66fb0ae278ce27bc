"""What Surefoot costs, side by side with uv: `python3 benchmarks/compare.py --pairs 5`.

Standard library only. Every comparison is A B A B in one go, in folders of its own below a temporary one; what is
printed are the medians, and the median of the pairs' ratios. The caches are the user's own, and warm.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import subject  # noqa: E402 -- the folder is known only now
from timing import Compared, by_turns, peak, run  # noqa: E402

from installer import toolenv  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Benches:
    """The comparisons, on one subject."""

    def __init__(self, folder: Path, pairs: int, uv: str, python: str) -> None:
        self.folder = folder
        self.pairs = pairs
        self.python = python
        self.sync = [uv, "sync", "--frozen", "--python", python]
        self.subject = subject.make(folder / "subject", uv)

    def all(self) -> dict[str, Callable[[], Iterator[str]]]:
        """Every comparison of whole processes: lines of a table."""
        return {
            "nothing_to_do": self.nothing_to_do,
            "fresh": self.fresh,
            "back": self.back,
            "memory": self.memory,
        }

    def nothing_to_do(self) -> Iterator[str]:
        """The same command again; and how much of that is the start of the interpreter itself."""
        ours, theirs = self._project("idle-ours"), self._project("idle-theirs")
        run(self._ours("quickstart", "-y"), ours)
        run(self.sync, theirs)
        again = self._ours("quickstart")
        pairs = max(20, self.pairs)
        measured = by_turns(pairs, lambda: run(again, ours), lambda: run(self.sync, theirs))
        yield _compared("nothing to do", "`uv sync --frozen`", "≤ 1.0", measured)
        bare = [self.python, "-c", "pass"]
        measured = by_turns(pairs, lambda: run(again, ours), lambda: run(bare, ours))
        yield _compared("nothing to do", "the same interpreter doing nothing at all", "–", measured)

    def fresh(self) -> Iterator[str]:
        """From nothing to an environment. Ours is verified; so, in the second comparison, is uv's."""
        measured = by_turns(self.pairs, self._fresh_ours, self._fresh_theirs)
        yield _compared(
            f"a new environment, {self.subject.packages} packages", "`uv sync --frozen`", "≤ 1.25", measured
        )
        measured = by_turns(self.pairs, self._fresh_ours, self._fresh_and_imported)
        against = "`uv sync --frozen`, then an import of every module that ours imports"
        yield _compared("the same", against, "–", measured)

    def _fresh_ours(self) -> float:
        return run(self._ours("quickstart", "-y"), self._project("fresh-ours"))

    def _fresh_theirs(self) -> float:
        return run(self.sync, self._project("fresh-theirs"))

    def _fresh_and_imported(self) -> float:
        seconds = self._fresh_theirs()
        project = self.folder / "fresh-theirs"
        python = project / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        return seconds + run([str(python), "-I", "-B", "-c", f"import {', '.join(subject.MODULES)}"], project)

    def back(self) -> Iterator[str]:
        """From the newer state to the older one."""

        def ours() -> float:
            project = self._project("back-ours", self.subject.old)
            run(self._ours("quickstart", "-y"), project)
            self.subject.put(self.subject.new, project)
            run(self._ours("quickstart", "-y"), project)
            return run(self._ours("manage", "rollback", "-y"), project)

        def theirs() -> float:
            project = self._project("back-theirs", self.subject.old)
            run(self.sync, project)
            self.subject.put(self.subject.new, project)
            run(self.sync, project)
            self.subject.put(self.subject.old, project)
            return run(self.sync, project)

        measured = by_turns(self.pairs, ours, theirs)
        yield _compared("an upgrade taken back", "`uv sync --frozen` to the old lock", "≤ 0.3", measured)

    def memory(self) -> Iterator[str]:
        """The most memory that the processes themselves held while making a new environment."""
        ours = peak(self._ours("quickstart", "-y"), self._project("memory-ours"))
        theirs = peak(self.sync, self._project("memory-theirs"))
        what, sizes = "memory of the process itself, a new environment", (f"{ours:.0f} MiB", f"{theirs:.0f} MiB")
        yield f"| {what} | {sizes[0]} | `uv sync --frozen` | {sizes[1]} | {ours / theirs:.2f} | ≤ 60 MiB |"

    def _ours(self, door: str, *words: str) -> list[str]:
        """Our command as a plain interpreter starts it, no shim in between."""
        return [self.python, str(ROOT / f"{door}.py"), *words]

    def _project(self, name: str, state: Path | None = None) -> Path:
        """A fresh working copy."""
        project = self.folder / name
        shutil.rmtree(project, ignore_errors=True)
        self.subject.put(state or self.subject.new, project)
        return project


def _compared(what: str, against: str, goal: str, measured: tuple[tuple[float, ...], tuple[float, ...]]) -> str:
    return Compared(what=what, against=against, goal=goal, ours=measured[0], theirs=measured[1]).row()


def _uv() -> str:
    """The very uv that Surefoot installs with."""
    return str(Path(toolenv.tool_python(str(ROOT))).with_name("uv.exe" if os.name == "nt" else "uv"))


def _heading(uv: str, pairs: int) -> str:
    version = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout.split("(")[0].strip()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count() or 1} cores"
    return (
        f"{version} · Python {platform.python_version()} · {machine} · {pairs} pairs · {_load()}\n\n"
        "| what | Surefoot | against | it takes | ratio (range) | goal |\n|---|---|---|---|---|---|"
    )


def _load() -> str:
    return "load " + " ".join(f"{each:.1f}" for each in os.getloadavg())


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="how often each comparison is made (default: 5)")
    parser.add_argument("--only", choices=("nothing_to_do", "fresh", "back", "memory", "inside"))
    asked = parser.parse_args()
    uv = _uv()
    print(_heading(uv, asked.pairs), flush=True)
    with tempfile.TemporaryDirectory(prefix="surefoot-benchmark-") as folder:
        if asked.only != "inside":
            _whole_processes(Benches(Path(folder), asked.pairs, uv, toolenv.base_interpreter()), asked.only)
        if asked.only in {None, "inside"}:
            inside = str(ROOT / "benchmarks" / "inside.py")
            subprocess.run([toolenv.tool_python(str(ROOT)), "-I", inside, folder], check=True)
    print(f"\nafterwards: {_load()}")


def _whole_processes(benches: Benches, only: str | None) -> None:
    for name, measure in benches.all().items():
        if only in {None, name}:
            for row in measure():
                print(row, flush=True)


if __name__ == "__main__":
    main()
