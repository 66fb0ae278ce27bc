"""What a checkpoint costs, in this process: a record, a progress file, a question, a backup."""

from __future__ import annotations

import itertools
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, cast

from benchmarks import journals
from benchmarks.figures import Goal, Row
from benchmarks.timing import by_turns, call
from installer import checkpoint, files, journal, process, progress
from installer.checkpoint import check_resume_install
from installer.journal import Journal
from installer.model import Context, Options, RelPath
from installer.state import fold
from phases.python.environments import backups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.room import Room
    from installer.model import Run

_MANY, _SOME, _FEW = 200, 50, 5  # how often: below a millisecond, some milliseconds, more
_COUNTS = (1_000, 100_000)


def append(room: Room) -> Iterator[Row]:
    """A record in the journal against a line of the same length in a file, each synced."""
    folder = room.clean("append")
    ours = Journal(folder / "journal.jsonl")
    plain = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    more = journals.records()
    line = journal.encode(next(more), None)[1]
    turns = by_turns(
        1 if room.quick else _MANY,
        lambda: call(lambda: ours.append(next(more))),
        lambda: call(lambda: files.append(plain, line)),
    )
    ours.close()
    os.close(plain)
    yield Row(
        what="a record in the journal, durable",
        ours=tuple(each.seconds for each in turns.ours),
        against="a line of that length and `fsync`",
        theirs=tuple(each.seconds for each in turns.theirs),
        goal=Goal(2.0),
    )


def progress_file(room: Room) -> Iterator[Row]:
    """The progress file alone; and all that a shell script's `update_checkpoint` writes."""
    project = room.clean("progress")
    checkpoint.init_checkpoint_system(project, phases=journals.PHASES)
    run = fold(journal.read(project / ".surefoot" / "checkpoints" / "journal.jsonl").entries)
    path = project / ".surefoot" / "checkpoints" / "install_progress.json"

    def renew() -> None:
        progress.write(path, progress.view(run, journals.PHASES))

    yield _alone(room, "the progress file, written anew", _MANY, renew, Goal(0.001, "s"))
    what = "an update of a phase: record, progress file, `rollback.sh`"
    yield _alone(room, what, _SOME, lambda: checkpoint.update_checkpoint("fetch", "started", root=project))


def resume_check(room: Room) -> Iterator[Row]:
    """`check_resume_install` on a journal of that many records."""
    for count, limit in zip(_COUNTS[:1] if room.quick else _COUNTS, (0.005, 0.05), strict=False):
        project = journals.unfinished(room.clean(f"many-{count}"), count)
        if not check_resume_install(project):
            sys.exit("the run that was written is not found unfinished")
        what = f"is a run unfinished? With {count:,} records"
        yield _alone(room, what, _FEW, partial(check_resume_install, project), Goal(limit, "s"))


def backup(room: Room) -> Iterator[Row]:
    """The action of the installation's first step; and a rollback point of as many files."""
    project = room.clean("backup")
    names = [f"requirements-{number}.txt" for number in range(20)]
    for name in names:
        (project / name).write_text(f"# {name}\n" * 200)
    step = backups.backup_step("environment_setup", RelPath(".surefoot"), "20251115_143000", names)
    # a run never backs up twice
    runs = (_context(project, f"20251115_143000_{number}") for number in itertools.count(2))
    what = "the backup of 20 configuration files"
    yield _alone(room, what, _SOME, lambda: backups.backup(step.args, next(runs)), Goal(0.01, "s"))
    checkpoint.init_checkpoint_system(project, phases=journals.PHASES)
    point = "a rollback point with 20 files: record, copies, progress file, `rollback.sh`"
    yield _alone(room, point, _SOME, lambda: checkpoint.create_rollback_point("measured", names, root=project), quick=2)


def _context(project: Path, install_id: str) -> Context:
    def warn(text: str) -> None:
        sys.exit(text)

    return Context(
        root=project,
        state=RelPath(".surefoot"),
        install_id=install_id,
        scratch=project / "scratch",
        run=cast("Run", process.run),
        report=lambda _done, _total: None,
        note=warn,
        warn=warn,
        options=Options(),
    )


def _alone(
    room: Room, what: str, times: int, work: Callable[[], object], goal: Goal | None = None, *, quick: int = 1
) -> Row:
    """What has no counterpart, measured by itself after one call that is not counted."""
    if not room.quick:
        work()
    took = [call(work) for _ in range(quick if room.quick else times)]
    seconds, cpu = tuple(each.seconds for each in took), tuple(each.cpu for each in took)
    return Row(what=what, ours=seconds, cpu=cpu, goal=goal)
