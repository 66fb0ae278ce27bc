"""A run, told in events: what every observer is shown in these tests."""

from __future__ import annotations

from installer.model import (
    Checkpoint,
    Closed,
    Done,
    Effect,
    Event,
    Failed,
    Intent,
    Kept,
    Line,
    Note,
    Opened,
    PhaseStarted,
    Progress,
    Resumed,
    RollbackEnded,
    RollbackStarted,
    Step,
    Undone,
)

PHASES = ("environment_setup", "python_deps", "packages", "cleanup")
NAMES = {"packages": "sage_packages"}


def step(name: str, title: str) -> Step:
    return Step(id=name, phase=name.partition(".")[0], title=title, action="toy", effect=Effect())


MAKE = step("environment_setup.01.make", "Make an environment")
DEPS = step("python_deps.02.install", "Install 12 packages")
DOCS = step("python_deps.03.docs", "Install the group docs")
BUILD = step("packages.01.demo", "Install demo from .")

STORY: tuple[Event, ...] = (
    Opened(install_id="20251115_143000", kind="install", facts={"mode": "dev"}),
    PhaseStarted(phase="environment_setup", steps=(MAKE.id,)),
    Intent(step=MAKE, attempt=1, undo=()),
    Note(level="info", text="Python 3.11.7 was chosen:\nit is named in .python-version"),
    Done(step=MAKE.id, seconds=1.25, result={"python": "/usr/bin/python3.11"}),
    Checkpoint(name="environment_setup", seconds=1.3),
    PhaseStarted(phase="python_deps", steps=(DEPS.id, DOCS.id)),
    Intent(step=DEPS, attempt=1, undo=()),
    Progress(step=DEPS.id, done=7, total=12),
    Line(step=DEPS.id, text="\x1b[32mInstalled\x1b[0m six==1.16\r"),
    Done(step=DEPS.id, seconds=2.0),
    Intent(step=DOCS, attempt=1, undo=()),
    Failed(step=DOCS.id, phase="python_deps", error={"message": "sphinx: not found\nmore"}, on_failure="degrade"),
    Undone(step=DOCS.id),
    Note(level="warning", text="going on without the group docs"),
    Checkpoint(name="python_deps", seconds=12.4),
    Checkpoint(name="before-vllm", point=True, note="Before installing vLLM"),
    PhaseStarted(phase="packages", steps=(BUILD.id,)),
    Kept(step=MAKE),
    Kept(step=DOCS, why="it needs what failed"),
    Intent(step=BUILD, attempt=2, undo=()),
    Failed(step=BUILD.id, phase="packages", error={"message": "the build failed"}),
    Undone(step=BUILD.id, problems=("build/x: busy",), kept=("notes.txt",), conflicts=("setup.cfg",)),
    RollbackStarted(to="environment_setup", why="asked"),
    Undone(step=DEPS.id),
    RollbackEnded(to="environment_setup"),
    Resumed(boot_id="b", tool_version="0.1.0"),
    Closed(outcome="rolled back"),
)
