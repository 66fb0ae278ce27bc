"""`quickstart.py` or `manage.py` with toy phases in place of the real ones: `python toy.py quickstart -C DIR …`.

The engine, the store, the observers and the command line are the real ones; only what the phases do is small: each
writes a file below `out/`, and `python_deps` has a step that the environment makes slow (TOY_WAIT names a file to wait
for) or fail (TOY_FAIL=1; TOY_FAIL=degrade; TOY_HINT is its hint); with TOY_NEEDS another one needs it. TOY_PLAN names
a phase whose plan cannot be made; TOY_SAYS is what a program says; TOY_BUG makes planning fail as only a bug would.
TOY_INVERSE is a command that takes the work back.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import phases
from installer import actions
from installer.errors import Precondition, StepFailed
from installer.model import Context, Effect, Facts, RelPath, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.manifest import Manifest

QUIET = ("submodule_sync", "cleanup")


def work(args: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Report progress, say a line, and do what the environment asks."""
    context.report(1, 3)
    context.run(["sh", "-c", "printf 'hello \\033[31mred\\033[0m\\n'"])
    if says := os.environ.get("TOY_SAYS"):
        context.run(["printf", "%s\\n", says])
        context.warn(says)
    while (wait := os.environ.get("TOY_WAIT")) and not Path(wait).exists():
        time.sleep(0.01)
    if os.environ.get("TOY_FAIL"):
        raise StepFailed(
            "toy.failed",
            "could not install `numpy==9.9` into `.venv`",
            details=(os.environ.get("TOY_SAYS", "no matching version"),),
            hint=os.environ.get("TOY_HINT", "fix the version"),
        )
    context.report(3, 3)
    return {"packages": {"six": os.environ.get("TOY_SIX", "1.16")}, **args}


def plan(phase: str, _manifest: Manifest, facts: Facts) -> Iterator[Step]:
    """One file a phase, and the work in python_deps. Nothing when the last file is there and no run is open."""
    if os.environ.get("TOY_BUG"):
        raise RuntimeError(f"a bug with https://user:{os.environ['TOY_BUG']}@index.example/simple")
    if phase == os.environ.get("TOY_PLAN"):
        raise Precondition("toy.none", "there is no compiler")
    if phase in QUIET or (not facts.results and (facts.root / "out" / "verification.txt").exists()):
        return
    yield actions.write_file(phase, "01.write", path=RelPath(f"out/{phase}.txt"), text=phase, title=f"Write {phase}")
    if phase == "python_deps":
        yield Step(
            id="python_deps.02.install",
            phase=phase,
            title="Install 3 packages",
            action="toy.work",
            effect=Effect(repeatable=True, inverse=tuple(os.environ.get("TOY_INVERSE", "").split())),
            on_failure="degrade" if os.environ.get("TOY_FAIL") == "degrade" else "stop",
        )
    if phase == "python_deps" and os.environ.get("TOY_NEEDS"):
        yield Step(
            id="python_deps.03.more",
            phase=phase,
            title="Install 2 more",
            action="toy.work",
            effect=Effect(repeatable=True),
            on_failure="degrade",
            needs=("python_deps.02.install",),
        )


def main() -> int:
    """Run the door named by the first argument."""
    phases.plan = plan  # type: ignore[assignment]  # the toy's plan
    phases.ACTIONS = {**phases.ACTIONS, "toy.work": work}
    from installer.cli import main as doors

    code: int = getattr(doors, sys.argv[1])(sys.argv[2:])
    return code


if __name__ == "__main__":
    sys.exit(main())
