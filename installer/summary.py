"""Is a run unfinished, and how far did it come? The answer without reading the journal, for a script that asks often.

A view like the others, beside the journal, and a short one. It is believed of the very journal that it was made from:
same file, same size, same times. A changed byte changes at least the time of the last change, which no program can
set back. Of a journal that went on since, as after a kill between a record and its views, it is believed for the
beginning that it was made from, if every byte of that is as it was (a CRC-32); only the records after it are read.
Anything else that is not as it was written has the journal read. So it need not be synced, nor be whole at every
moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer import files, looking, sealed, witness
from installer.errors import Damaged
from installer.layout import DISSOLVING
from installer.state import Folding, PhaseState, Run

if TYPE_CHECKING:
    from pathlib import Path

    from installer.journal import Reading
    from installer.layout import Layout
    from installer.model import Json

Seal = tuple[int, int]  # how many bytes of the journal, and their CRC-32

# What may follow and be understood without all that was before. A return to a checkpoint asks for the checkpoints.
_FOLLOWING = frozenset({"PhaseStarted", "Checkpoint", "Failed", "Intent", "Done", "Undone", "Resumed", "Closed"})


def write(at: Layout, run: Run, brief: Json, seal: Seal = (0, 0)) -> None:
    """Note how `run`, the one in the journal, stands now. The caller holds the lock.

    `brief` is what `installer.brief` wants to know the next time; `seal` a beginning that was looked at already.
    """
    phases = [[name, phase.status] for name, phase in run.phases.items()]
    told: Json = {"journal": identity(at.journal), "run": run.install_id, "outcome": run.outcome, "phases": phases}
    if run.head is not None:
        size = told["journal"][2]
        total = looking.crc32(at.journal, size, skip=seal[0], total=seal[1])[0]
        told |= {"seal": [size, total, run.head.seq, run.head.checksum], "brief": brief}
    files.overwrite(at.summary, sealed.dump(told))


def look(at: Layout) -> Run | None:
    """The current run, its id, outcome and phases only; None where the journal has to be asked."""
    try:
        told = _told(at)
        phases = {name: PhaseState(name=name, status=status) for name, status in told["phases"]}
        run = Run(install_id=told["run"], outcome=told["outcome"], phases=phases)
        return run if told["journal"] == identity(at.journal) else _gone_on(at, run, told["seal"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, Damaged):
        return None


def believed(at: Layout) -> Json | None:
    """All that was noted, if it was of the very journal that is there; None where that has to be read."""
    try:
        told = _told(at)
        return told if told["journal"] == identity(at.journal) else None
    except (OSError, ValueError, KeyError, RecursionError):
        return None


def _told(at: Layout) -> Json:
    """What was noted, of whatever journal. Raises `OSError`, `ValueError`."""
    if files.exists(at.note_of_script) or files.exists(at.folder / DISSOLVING):
        raise ValueError("the journal does not tell of what was done last")
    return sealed.load(files.content(at.summary))


def _gone_on(at: Layout, run: Run, seal: list[Any]) -> Run:
    """`run` with what came after the part of the journal that `seal` tells of. Raises `ValueError`, `Damaged`, …."""
    from installer import journal

    size, known, seq, checksum = seal
    total, rest = looking.crc32(at.journal, size)
    if total != known:
        raise ValueError("it does not begin with what it was made from")
    head = witness.Mark(run.install_id, seq, checksum)
    reading = journal.decode(rest, at.journal, head)
    _check_marks(at, head, reading)
    folding = Folding()
    folding.base, folding.phases = run, dict(run.phases)
    for entry in reading.entries:
        if type(entry.record).__name__ not in _FOLLOWING:
            raise ValueError("what was before it must be known")
        folding.take(entry)
    return folding.run()


def _check_marks(at: Layout, head: witness.Mark, reading: Reading) -> None:
    """Raise `ValueError` if another view tells of a record that is not in this journal: see `witness`."""
    sums = {head.seq: head.checksum} | {each.seq: each.checksum for each in reading.entries}
    for mark in witness.marks(at.progress, at.script):
        if mark.run != head.run or (mark.seq >= head.seq and sums.get(mark.seq) != mark.checksum):
            raise ValueError("the other views tell of another journal")


def identity(path: Path) -> list[int]:
    """What is another number when the file is another, or was written to. Raises `OSError`."""
    status = path.lstat()
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
