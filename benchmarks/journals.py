"""Journals of any length, as a long run writes them; for the benchmarks in process and for those of growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import checkpoint, journal
from installer.model import Checkpoint, Delete, Done, Effect, Intent, Opened, PhaseStarted, RelPath, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.model import Record

PHASES = ("fetch", "build", "check")


def records() -> Iterator[Record]:
    """Steps that begin and end, a checkpoint now and then; without end."""
    yield Opened(install_id="20251115_143000", kind="install", facts={})
    yield PhaseStarted(phase="fetch")
    number = 0
    while True:
        number += 1
        path = RelPath(f"data/part-{number}.bin")
        step = Step(
            id=f"fetch.{number:06}.download",
            phase="fetch",
            title=f"Download part {number}",
            action="files.write",
            args={"path": path, "sha256": f"{number:064x}"},
            effect=Effect(touches=(path,)),
        )
        yield Intent(step=step, attempt=1, undo=(Delete(path=path),))
        yield Done(step=step.id, seconds=0.1, digests={path: f"{number:064x}"})
        if number % 50 == 0:
            yield Checkpoint(name="fetch", seconds=1.0)


def unfinished(project: Path, count: int) -> Path:
    """A project with an unfinished run of at least `count` records, and everything beside it as the API leaves it."""
    project.mkdir(exist_ok=True)
    checkpoint.init_checkpoint_system(project, phases=PHASES)
    path = project / ".surefoot" / "checkpoints" / "journal.jsonl"
    entry = journal.read(path).entries[-1]
    more = records()
    next(more)  # the run was begun above
    lines = []
    for _ in range(count - entry.seq - 1):
        entry, line = journal.encode(next(more), entry)
        lines.append(line)
    with path.open("ab") as stream:
        stream.writelines(lines)
    checkpoint.update_checkpoint("fetch", "started", root=project)
    return project
