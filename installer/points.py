"""Rollback points: the configuration as it is at a checkpoint, kept so that it can be brought back byte for byte.

A point is a `Checkpoint` followed by a step of ours that changes nothing: its undo, read off the disk by `capture`, is
what brings the files back. What a file held when it is brought back may be the user's, so it is set aside, not lost.
"""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

from installer import files, guard, messages, rollback
from installer.errors import Precondition, Refused, UsageError
from installer.frozen import replace
from installer.i18n import tr
from installer.ledger import KIND, START, kept_steps, step_id
from installer.model import Checkpoint, Delete, Done, Effect, Intent, Json, RelPath, Restore, Step, Undo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from installer.ledger import Ledger, Project
    from installer.state import Run, StepState

_PATTERNS = ("requirements*.txt", "requirements/*.txt", "constraints*.txt", "pyproject.toml")
_ACTION = "checkpoint.point"  # no action of that name: a point does nothing, it can only be taken back


def make(ledger: Ledger, name: str, note: str, *, files_named: Iterable[str] = (), result: Json | None = None) -> None:
    """Make the rollback point `name`, with copies for people in `backups/`."""
    ledger.record(Checkpoint(name=name, point=True, note=note))
    keep(ledger, name, files_named=files_named, result=result)
    _copies_for_people(ledger, name, note)


def keep(ledger: Ledger, name: str, *, files_named: Iterable[str] = (), result: Json | None = None) -> None:
    """Keep the configuration as it is now for the checkpoint `name`, which was recorded just before."""
    before = _newest(ledger.run)
    paths = wanted(ledger.project, ledger.run, files_named)
    if before is not None and before.status == "done":
        _note_what_was_left(ledger, before)
    step = _step(name, paths)
    attempt = sum(each.step.id == step.id for each in ledger.run.attempts) + 1
    undo = _captured(ledger, step, attempt, before)
    ledger.record(Intent(step=step, attempt=attempt, undo=undo))
    ledger.record(Done(step=step.id, seconds=0.0, result=result or {}))


def wanted(project: Project, run: Run, files_named: Iterable[str] = ()) -> tuple[RelPath, ...]:
    """What a point made now would keep: the configuration, the files named, and what the last point kept."""
    before = _newest(run)
    known = before.step.effect.touches if before else ()
    return tuple(dict.fromkeys((*_configuration(project), *(_named(project, each) for each in files_named), *known)))


def rearm(ledger: Ledger, name: str) -> None:
    """Let the point `name`, which was taken back, be taken back again: its copies are still there."""
    state = kept_steps(ledger.run).get(step_id(name))
    if state is not None and state.status == "undone":
        ledger.record(Intent(step=state.step, attempt=state.attempt + 1, undo=state.undo))
        ledger.record(Done(step=state.step.id, seconds=0.0, result=dict(state.result)))


def amend(ledger: Ledger, name: str, result: Json) -> None:
    """Replace what the point `name` remembers besides files."""
    rearm(ledger, name)
    state = kept_steps(ledger.run)[step_id(name)]
    ledger.record(Done(step=state.step.id, seconds=0.0, digests=state.digests, result=result))


def whole(run: Run) -> tuple[Checkpoint, ...]:
    """The checkpoints that can be returned to, oldest first.

    A call that was cut short may have left one without its step; one whose step was begun has its copies.
    """
    if run.kind != KIND:
        return run.checkpoints
    kept = kept_steps(run)
    return tuple(each for each in run.checkpoints if step_id(each.name) in kept)


def find(run: Run, wanted: str) -> Checkpoint:
    """The checkpoint that is called `wanted`, or described so; the last one for an empty name.

    Raises `UsageError` for one that is not there, `Precondition` where there is none at all.
    """
    known = whole(run)
    if not known or run.outcome == "rolled back":
        raise Precondition(
            "rollback.nothing", tr("there is nothing to return to"), hint=tr("init_checkpoint_system comes first")
        )
    for each in reversed(known):
        if wanted in {"", each.name} or (each.point and wanted == each.note):
            return each
    names = ", ".join(each.name for each in known) or "-"
    raise UsageError(
        "checkpoint.unknown",
        tr("there is no checkpoint `{name}`", name=wanted),
        hint=tr("there are: {names}", names=names),
        known=names,
    )


def set_aside(ledger: Ledger, steps: Iterable[StepState]) -> None:
    """Move what came where nothing was to the kept folder: `Delete` would remove it, and it may be the user's."""
    place = ledger.place
    for state in steps:
        for undo in state.undo:
            if state.step.action == _ACTION and isinstance(undo, Delete) and files.exists(place.root / undo.path):
                guard.move_aside(files.below(place.root, undo.path), place.kept / undo.path)


def damaged(root: Path, run: Run) -> list[str]:
    """The backups that are no longer what was kept."""
    return [
        undo.path
        for state in run.standing
        for undo in state.undo
        if isinstance(undo, Restore) and undo.kind == "file" and not _sound(root, undo)
    ]


def _step(name: str, paths: tuple[RelPath, ...]) -> Step:
    return Step(
        id=step_id(name),
        phase="checkpoint",
        title=f"Keep the configuration at {name}",
        action=_ACTION,
        effect=Effect(touches=paths, repeatable=True),
    )


def _newest(run: Run) -> StepState | None:
    """The point that was kept last and still stands; else the last one there was, for its list of files."""
    ours = [each for each in run.attempts if each.step.action == _ACTION]
    return next((each for each in reversed(ours) if each.status == "done"), ours[-1] if ours else None)


def _captured(ledger: Ledger, step: Step, attempt: int, before: StepState | None) -> tuple[Undo, ...]:
    """The undo of a point. A file that did not change since the last one shares its backup: most cost nothing."""
    root = ledger.project.root
    shared = {undo.path: undo for undo in before.undo if isinstance(undo, Restore)} if before else {}
    same = {path: undo for path, undo in shared.items() if path in step.effect.touches and _still(root, undo)}
    rest = [path for path in step.effect.touches if path not in same]
    trees = tuple(path for path in rest if files.digest(root / path) == "folder")
    effect = Effect(touches=tuple(path for path in rest if path not in trees), guards=trees)
    return (*same.values(), *rollback.capture(replace(step, effect=effect), attempt, ledger.place))


def _still(root: Path, undo: Restore) -> bool:
    """Is the file what its backup is, and is the backup sound?"""
    if undo.kind != "file":
        return False
    path = files.below(root, undo.path)
    same = files.digest(path) == f"sha256:{undo.sha256}" and stat.S_IMODE(path.lstat().st_mode) == undo.mode
    return same and _sound(root, undo)


def _sound(root: Path, undo: Restore) -> bool:
    return files.digest(root / undo.backup) == f"sha256:{undo.sha256}"


def _note_what_was_left(ledger: Ledger, before: StepState) -> None:
    """What the files are now, at the next point, was left by the script: going further back need not set it aside."""
    root = ledger.project.root
    digests: dict[str, str] = {
        undo.path: now
        for undo in before.undo
        if isinstance(undo, Restore)
        and undo.kind != "folder"
        and (now := files.digest(root / undo.path)) not in {"folder", "absent", "other", f"sha256:{undo.sha256}"}
    }
    for path in digests:
        files.settle(root / path)
    if digests:
        ledger.record(Done(step=before.step.id, seconds=0.0, digests=digests, result=dict(before.result)))


def _configuration(project: Project) -> Iterator[RelPath]:
    """The files of the project that say what is to be installed, and how its environment was made."""
    found = sorted(path for pattern in _PATTERNS for path in project.root.glob(pattern))
    if project.brand.environment != "active":
        found.append(project.root / project.brand.environment / "pyvenv.cfg")
    for path in found:
        try:
            name = RelPath(path.relative_to(project.root).as_posix())
            if files.below(project.root, name).is_file() or path.is_symlink():
                yield name
        except Refused:  # an environment behind a link is not below the project; odd names are not ours to guess
            continue


def _named(project: Project, name: str) -> RelPath:
    """A file that the script names, relative to the project or absolute. Raises `Refused` if it lies outside."""
    text = os.fspath(name)
    if os.path.isabs(text):
        folder = os.path.realpath(os.path.dirname(text))
        text = os.path.relpath(os.path.join(folder, os.path.basename(text)), project.root)
    path = RelPath(text)
    if path == "." or path.within(project.brand.state):
        raise Refused(
            "path.own",
            tr("cannot keep `{path}`: name single files or folders of the project", path=messages.sentence(text)),
        )
    files.below(project.root, path)
    return path


def _copies_for_people(ledger: Ledger, name: str, note: str) -> None:
    """Readable copies in `backups/`, named after the run, and a list with their sha256."""
    run, root = ledger.run, ledger.project.root
    folder = ledger.project.store.checkpoints / "backups"
    mark = run.install_id if name == START else f"{run.install_id}_{name}"
    kept = []
    for undo in kept_steps(run)[step_id(name)].undo:
        if isinstance(undo, Restore) and undo.kind == "file":
            stem, dot, suffix = undo.path.replace("/", "-").rpartition(".")
            copy = f"{stem}_{mark}{dot}{suffix}" if stem else f"{suffix}_{mark}"
            files.copy(root / undo.backup, folder / copy, durable=False)
            kept.append({"path": undo.path, "backup": copy, "sha256": undo.sha256, "mode": f"{undo.mode:o}"})
    content = {"schema": 1, "install_id": run.install_id, "point": name, "description": note, "files": kept}
    files.replace(folder / f"backup_{mark}.json", (json.dumps(content, indent=2) + "\n").encode(), lasting="bytes")
