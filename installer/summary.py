"""Is a run unfinished, and how far did it come? The answer without reading the journal, for a script that asks often.

A view like the others, beside the journal, and a short one. It is believed of the very journal that it was made from:
same file, same size, same times. A changed byte changes at least the time of the last change, which no program can
set back; anything else that is not as it was written has the journal read. So it need not be synced, nor be
whole at every moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import files, sealed
from installer.layout import DISSOLVING
from installer.state import PhaseState, Run

if TYPE_CHECKING:
    from installer.layout import Layout


def write(at: Layout, run: Run) -> None:
    """Note how `run`, the one in the journal, stands now. The caller holds the lock."""
    phases = [[name, phase.status] for name, phase in run.phases.items()]
    told = {"journal": _identity(at), "run": run.install_id, "outcome": run.outcome, "phases": phases}
    files.overwrite(at.summary, sealed.dump(told))


def look(at: Layout) -> Run | None:
    """The current run, its id, outcome and phases only; None where the journal has to be asked."""
    if files.exists(at.note_of_script) or files.exists(at.folder / DISSOLVING):
        return None
    try:
        told = sealed.load(files.content(at.summary))
        if told["journal"] != _identity(at):
            return None
        phases = {name: PhaseState(name=name, status=status) for name, status in told["phases"]}
        return Run(install_id=told["run"], outcome=told["outcome"], phases=phases)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _identity(at: Layout) -> list[int]:
    status = at.journal.lstat()
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
