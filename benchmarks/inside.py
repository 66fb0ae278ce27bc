"""What a checkpoint costs, in process: run by compare.py with the interpreter of the tool's own environment."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from timing import Compared, by_turns, shown  # noqa: E402 -- the folder is known only now

from installer import checkpoint, files, journal, process  # noqa: E402
from installer.journal import Journal  # noqa: E402
from installer.model import (  # noqa: E402
    Checkpoint,
    Context,
    Delete,
    Done,
    Effect,
    Intent,
    Opened,
    Options,
    PhaseStarted,
    RelPath,
    Step,
)
from phases.python.environments import backups  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.model import Record, Run

TIMES = 200
PHASES = ("fetch", "build", "check")


def main(folder: Path) -> None:
    """Measure in `folder`, which goes afterwards, and print lines of a Markdown table."""
    print(append(folder).row())
    for line in alone(folder):
        print(line)


def append(folder: Path) -> Compared:
    """A record in the journal against a line of the same length in a file, each synced."""
    ours, plain = Journal(folder / "journal.jsonl"), os.open(folder / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    records = _records()
    line = journal.encode(next(records), None)[1]

    def in_journal() -> float:
        record = next(records)
        return _seconds(lambda: ours.append(record))

    def in_file() -> float:
        return _seconds(lambda: files.append(plain, line))

    measured = by_turns(TIMES, in_journal, in_file)
    ours.close()
    os.close(plain)
    what, against = "a record in the journal, durable", "a line of that length and `fsync`"
    return Compared(what=what, against=against, goal="≤ 2", ours=measured[0], theirs=measured[1])


def alone(folder: Path) -> Iterator[str]:
    """What has no counterpart: the source design gives a time for each."""
    update, point = script_run(folder / "script")
    yield _row("an update of a phase, progress file and `rollback.sh` included", update, "< 100 ms")
    yield _row("a rollback point with 20 files", point, "< 500 ms")
    yield _row("the backup of 20 configuration files before an installation", backup(folder / "backup"), "< 500 ms")
    for count in (1_000, 100_000):
        yield _row(
            f"is a run unfinished? With {count:,} records", resume_check(folder / f"many-{count}", count), "< 50 ms"
        )


def script_run(project: Path) -> tuple[list[float], list[float]]:
    """Updates and rollback points through the public functions."""
    names = _twenty(project)
    checkpoint.init_checkpoint_system(project, phases=PHASES)
    update = [_seconds(lambda: checkpoint.update_checkpoint("fetch", "started")) for _ in range(TIMES // 4)]
    point = []
    for number in range(10):
        (project / names[number]).write_text(f"changed {number}\n")
        point.append(_seconds(lambda: checkpoint.create_rollback_point("measured", names)))
    return update, point


def backup(project: Path) -> list[float]:
    """The action of the installation's first step."""
    names = _twenty(project)
    step = backups.backup_step("environment_setup", RelPath(".surefoot"), "20251115_143000", names)

    def warn(text: str) -> None:
        sys.exit(text)

    context = Context(
        root=project,
        state=RelPath(".surefoot"),
        install_id="20251115_143000",
        scratch=project / "scratch",
        run=cast("Run", process.run),
        report=lambda _done, _total: None,
        note=warn,
        warn=warn,
        options=Options(),
    )
    return [_seconds(lambda: backups.backup(step.args, context)) for _ in range(20)]


def resume_check(project: Path, count: int) -> list[float]:
    """`check_resume_install` on a journal of that many records."""
    project.mkdir()
    checkpoint.init_checkpoint_system(project, phases=PHASES)
    path = project / ".surefoot" / "checkpoints" / "journal.jsonl"
    entry = journal.read(path).entries[-1]
    records, lines = _records(), []
    for _ in range(count - entry.seq):
        entry, line = journal.encode(next(records), entry)
        lines.append(line)
    with path.open("ab") as stream:
        stream.writelines(lines)
    if not checkpoint.check_resume_install(project):
        sys.exit("the run that was written is not found unfinished")
    return [_seconds(lambda: checkpoint.check_resume_install(project)) for _ in range(5)]


def _records() -> Iterator[Record]:
    """What a long run writes: steps that begin and end, a checkpoint now and then."""
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


def _twenty(project: Path) -> list[str]:
    """A project with twenty files of 4 KiB to be kept."""
    project.mkdir()
    names = [f"requirements-{number}.txt" for number in range(20)]
    for name in names:
        (project / name).write_text(f"# {name}\n" * 200)
    return names


def _row(what: str, seconds: list[float], goal: str) -> str:
    return f"| {what} | {shown(statistics.median(seconds))} | – | – | most: {shown(max(seconds))} | {goal} |"


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]))
