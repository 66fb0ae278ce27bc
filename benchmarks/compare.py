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
    from collections.abc import Iterator

class Benches:
    """The comparisons, on one subject."""

    def __init__(self, folder: Path, pairs: int, uv: str) -> None:
        self.folder = folder
        self.pairs = pairs
        self.sync = [uv, "sync", "--frozen", "--python", toolenv.base_interpreter()]
        self.subject = subject.make(folder / "subject", uv)

    def all(self) -> Iterator[Compared]:
        """Every comparison of whole processes."""
        yield self.nothing_to_do()
        yield self.fresh()
        yield self.back()

    def nothing_to_do(self) -> Compared:
        """The same command again."""
        ours, theirs = self._project("idle-ours"), self._project("idle-theirs")
        run(_ours("quickstart", "-y"), ours)
        run(self.sync, theirs)
        measured = by_turns(
            max(20, self.pairs), lambda: run(_ours("quickstart"), ours), lambda: run(self.sync, theirs)
        )
        return _compared("nothing to do", "`uv sync --frozen`", "≤ 1.0", measured)

    def fresh(self) -> Compared:
        """From nothing to an environment; ours verifies it, too."""

        def ours() -> float:
            return run(_ours("quickstart", "-y"), self._project("fresh-ours"))

        def theirs() -> float:
            return run(self.sync, self._project("fresh-theirs"))

        what = f"a new environment, {self.subject.packages} packages in the lock, warm cache"
        return _compared(what, "`uv sync --frozen`", "≤ 1.25", by_turns(self.pairs, ours, theirs))

    def back(self) -> Compared:
        """From the newer state to the older one."""

        def ours() -> float:
            project = self._project("back-ours", self.subject.old)
            run(_ours("quickstart", "-y"), project)
            self.subject.put(self.subject.new, project)
            run(_ours("quickstart", "-y"), project)
            return run(_ours("manage", "rollback", "-y"), project)

        def theirs() -> float:
            project = self._project("back-theirs", self.subject.old)
            run(self.sync, project)
            self.subject.put(self.subject.new, project)
            run(self.sync, project)
            self.subject.put(self.subject.old, project)
            return run(self.sync, project)

        measured = by_turns(self.pairs, ours, theirs)
        return _compared("an upgrade taken back", "`uv sync --frozen` to the old lock", "≤ 0.3", measured)

    def memory(self) -> str:
        """The most memory that the processes themselves held while making a new environment."""
        ours = peak(_ours("quickstart", "-y"), self._project("memory-ours"))
        theirs = peak(self.sync, self._project("memory-theirs"))
        return f"| memory of the process itself, a new environment | {ours:.0f} MiB | `uv sync --frozen` | {theirs:.0f} MiB | {ours / theirs:.2f} | ≤ 60 MiB |"

    def _project(self, name: str, state: Path | None = None) -> Path:
        """A fresh working copy."""
        project = self.folder / name
        shutil.rmtree(project, ignore_errors=True)
        self.subject.put(state or self.subject.new, project)
        return project


def _compared(
    what: str, against: str, goal: str, measured: tuple[tuple[float, ...], tuple[float, ...]]
) -> Compared:
    return Compared(what=what, against=against, goal=goal, ours=measured[0], theirs=measured[1])


def _ours(door: str, *words: str) -> list[str]:
    """Our command as a plain interpreter starts it, no shim in between."""
    return [toolenv.base_interpreter(), str(ROOT / f"{door}.py"), *words]


def _uv() -> str:
    """The very uv that Surefoot installs with."""
    return str(Path(toolenv.tool_python(str(ROOT))).with_name("uv.exe" if os.name == "nt" else "uv"))


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="how often each comparison is made (default: 5)")
    parser.add_argument("--only", metavar="NAME", help="nothing_to_do, fresh, back, memory or inside")
    asked = parser.parse_args()
    uv = _uv()
    version = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout.split("(")[0].strip()
    cores = os.cpu_count() or 1
    print(f"{version} · Python {platform.python_version()} · {platform.system()} {platform.machine()} · {cores} cores")
    print(f"pairs: {asked.pairs} · load before: {' '.join(f'{each:.1f}' for each in os.getloadavg())}\n")
    print("| what | Surefoot | against | it takes | ratio (range) | goal |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="surefoot-benchmark-") as folder:
        if asked.only != "inside":
            benches = Benches(Path(folder), asked.pairs, uv)
            if asked.only in {"nothing_to_do", "fresh", "back"}:
                print(getattr(benches, asked.only)().row(), flush=True)
            elif asked.only is None:
                for compared in benches.all():
                    print(compared.row(), flush=True)
            if asked.only in {None, "memory"}:
                print(benches.memory(), flush=True)
        if asked.only in {None, "inside"}:
            subprocess.run([toolenv.tool_python(str(ROOT)), "-I", str(ROOT / "benchmarks" / "inside.py"), folder], check=True)
    print(f"\nload after: {' '.join(f'{each:.1f}' for each in os.getloadavg())}")


if __name__ == "__main__":
    main()
