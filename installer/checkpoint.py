"""The checkpoint API for other people's installers: record phases, resume after a failure, return to a checkpoint.

    init_checkpoint_system(phases=("fetch", "build"))
    if "fetch" not in completed_phases():
        with phase("fetch"):
            ...
    create_rollback_point("Before the build")

Every call is whole: it takes the project's lock, appends to the same journal that Surefoot's own runs write, and renews
`install_progress.json` and `rollback.sh`. Killed at any moment, nothing is torn. The guide is docs/checkpoint-api.md.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from installer import brief, foresight, messages, points, script_phases, summary
from installer import files as tool_files
from installer.frozen import dataclass
from installer.ledger import PHASES, START, Project, kept_steps, phases_of, project, step_id
from installer.model import Checkpoint, Failed, PhaseStarted
from installer.returning import reach, ready, return_to
from installer.state import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from installer.engine import Outcome
    from installer.rollback_manager import RollbackManager, new_rollback_manager

__all__ = [
    "PHASES",
    "Progress",
    "RollbackManager",
    "check_resume_install",
    "completed_phases",
    "create_rollback_point",
    "damaged_backups",
    "execute_rollback",
    "init_checkpoint_system",
    "new_rollback_manager",
    "phase",
    "resume_state",
    "update_checkpoint",
]

Root = str | os.PathLike[str] | None

_last_root: Root = None  # the source's functions know one project a process; `root=` overrides it


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How the run stands that a script would go on with; `install_id` is empty if there is none."""

    install_id: str = ""
    current_phase: str = ""
    completed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def init_checkpoint_system(
    root: Root = None,
    *,
    phases: Sequence[str] | None = None,
    mode: str = "",
    environment: str = "",
    files: Iterable[str] = (),
    restart: bool = False,
) -> str:
    """Make what is needed and return the install id; call it at each start. An unfinished run goes on.

    `phases` are the script's own, in order (default: Surefoot's six); `files` are kept besides the configuration;
    `restart` takes an unfinished run back and begins anew. Returns "" when the system is switched off. Raises
    `UsageError` for names that cannot be, `Conflict` while an installation of Surefoot's own is unfinished.
    """
    global _last_root  # noqa: PLW0603 -- see there
    _last_root = root if root is None else os.path.abspath(root)
    of = project(root)
    wanted = script_phases.named(of, phases)
    if of.disabled:
        return ""
    if restart and check_resume_install(of.root):
        with ready(of) as ledger:
            _raise_for(return_to(ledger, ""))
    with ready(of) as ledger:
        script_phases.must_be_ours(ledger)
        if ledger.is_open and script_phases.all_completed(ledger.run):
            ledger.close_run("done")  # the call that completed the last phase was cut short before that
        result = {"phases": list(wanted), "python": os.environ.get("SUREFOOT_LAUNCHED_BY", "") or sys.executable}
        if not ledger.is_open:
            ledger.open_run(
                phases=wanted,
                mode=mode or of.brand.variable("RUN_MODE") or of.brand.mode,
                environment=environment or of.brand.environment,
            )
        ledger.note_resumed()
        if step_id(START) not in kept_steps(ledger.run):
            points.make(ledger, START, "Before the installation", files_named=files, result=result)
        elif phases is not None and wanted != phases_of(ledger.run):
            points.amend(ledger, START, result)
        ledger.renew_views()
        return ledger.run.install_id


def update_checkpoint(
    phase: str, status: str, additional_data: str | Mapping[str, Any] | None = None, *, root: Root = None
) -> None:
    """Record that `phase` was "started", "completed" or "failed"; on return it is durable.

    `additional_data` is a sentence, or a JSON object (as text or mapping) whose `message` is the sentence. A phase is
    never both completed and failed: the last word counts. Raises `UsageError` for an unknown phase or status,
    `Precondition` before `init_checkpoint_system`.
    """
    of = _project(root)
    foresight.check_status(status)
    message, data = messages.read(additional_data)
    error = {"code": "phase.failed", "message": message or "failed"} | ({"data": data} if data else {})

    def short(name: str) -> PhaseStarted | Failed:
        return PhaseStarted(phase=name) if status == "started" else Failed(step="", phase=name, error=error)

    if of.disabled or (status != "completed" and brief.update(of, phase, short)):
        return
    with ready(of) as ledger:
        name = script_phases.known(ledger, phase)
        if status != "completed":
            ledger.record(short(name))
        else:
            tool_files.sync_tree(of.root)  # what the phase wrote is to survive the note that it was completed
            ledger.completed_checkpoint(name, note=message)
            points.keep(ledger, name)
            if script_phases.all_completed(ledger.run):
                ledger.close_run("done")
        ledger.renew_views()


def check_resume_install(root: Root = None) -> bool:
    """Is there an unfinished installation, in which a phase was begun at least?"""
    run = _at_a_glance(_project(root))
    return _is_open(run) and bool(run.phases)


def resume_state(root: Root = None) -> Progress:
    """The unfinished run: where it stopped, what is completed. Names are those that the project shows."""
    of = _project(root)
    run = _at_a_glance(of)
    if not _is_open(run):
        return Progress()
    return Progress(
        install_id=run.install_id,
        current_phase=of.shown(run.current_phase),
        completed=tuple(of.shown(name) for name, each in run.phases.items() if each.status == "completed"),
        failed=tuple(of.shown(name) for name, each in run.phases.items() if each.status == "failed"),
    )


def completed_phases(root: Root = None) -> tuple[str, ...]:
    """The phases that the unfinished run need not do again."""
    return resume_state(root).completed


@contextmanager
def phase(name: str, *, root: Root = None) -> Iterator[None]:
    """Record `name` as started, then completed; as failed for whatever is raised inside, Ctrl-C included."""
    update_checkpoint(name, "started", root=root)
    try:
        yield
    except BaseException as error:
        with suppress(Exception):  # the failure of the work is the one to tell of
            update_checkpoint(name, "failed", f"{type(error).__name__}: {error}", root=root)
        raise
    update_checkpoint(name, "completed", root=root)


def create_rollback_point(description: str, files: Iterable[str] = (), *, root: Root = None) -> str:
    """Keep the configuration as it is now, and `files` of the project; return the name of the point.

    Works at any time, also between installations. Raises `Refused` for a path outside of the project.
    """
    of = _project(root)
    note = messages.sentence(description)
    if of.disabled:
        return ""
    with ready(of) as ledger:
        alone = ledger.run.outcome not in {"done", "degraded"} and not ledger.is_open
        if alone:  # no run to belong to: one of its own, which is over at once
            ledger.open_run(phases=PHASES, mode=of.brand.mode, environment=of.brand.environment)
        taken = {each.record.name for each in ledger.journal.entries if isinstance(each.record, Checkpoint)}
        name = next(each for each in (f"point-{number}" for number in range(1, len(taken) + 2)) if each not in taken)
        points.make(ledger, name, note, files_named=files)
        if alone:
            ledger.close_run("done")
        ledger.renew_views()
        return name


def execute_rollback(to: str | None = None, *, root: Root = None) -> Outcome:
    """Return to the last checkpoint, or to the one named (or described as) `to`: its files come back byte for byte.

    What those files held goes to the kept folder of the state folder (`Outcome.kept`). What was completed later is no
    longer completed. It may be repeated. Raises `RollbackIncomplete`, `Conflict`; `UsageError` for an
    unknown name, `Precondition` where there is nothing to return to.
    """
    from installer.engine import Outcome

    of = _project(root)
    if of.disabled:
        return Outcome(state="nothing")
    with ready(of) as ledger:
        reach(ledger)
        name = points.find(ledger.run, messages.sentence(of.own_name(to or ""))).name
        return _raise_for(return_to(ledger, name))


def damaged_backups(root: Root = None) -> list[str]:
    """The kept files whose backup is missing or no longer the one that was made."""
    of = _project(root)
    return points.damaged(of.root, of.store.current())


def _raise_for(outcome: Outcome) -> Outcome:
    if outcome.error is not None:
        raise outcome.error
    return outcome


def _project(root: Root) -> Project:
    return project(_last_root if root is None else root)


def _at_a_glance(of: Project) -> Run:
    """The current run as far as a question needs it, none where the system is switched off. Raises `Damaged`."""
    return Run() if of.disabled else summary.look(of.store) or of.store.current()


def _is_open(run: Run) -> bool:
    return bool(run.install_id) and not run.outcome


def __getattr__(name: str) -> object:
    """`RollbackManager` comes when it is asked for: most calls of this API have no use for it."""
    if name in {"RollbackManager", "new_rollback_manager"}:
        from installer import rollback_manager

        return getattr(rollback_manager, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
