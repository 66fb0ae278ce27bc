"""What the calls of the checkpoint API would do, told beforehand: each takes what its call takes and changes nothing.

Every function returns the deeds as sentences, none where there is nothing to do, and raises what the call itself would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import messages, points, script_phases
from installer.errors import UsageError
from installer.i18n import tr
from installer.ledger import START, Glance, kept_steps, phases_of, step_id
from installer.state import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from installer.ledger import Project

STATUSES = ("started", "completed", "failed")


def init(
    of: Project, *, phases: Sequence[str] | None = None, files: Iterable[str] = (), restart: bool = False
) -> list[str]:
    """What `init_checkpoint_system` would do."""
    names = script_phases.named(of, phases)
    if of.disabled:
        return []
    now = _glance(of)
    deeds = []
    if restart and now.is_open and now.run.phases:
        deeds.append(tr("would take back the run {run}", run=now.run.install_id))
        now = Glance(project=of, run=Run())
    script_phases.must_be_ours(now)
    if not now.is_open:
        deeds.append(tr("would begin a run with the phases: {names}", names=_shown(of, names)))
    elif phases is not None and names != phases_of(now.run):
        deeds.append(tr("would go on with the phases: {names}", names=_shown(of, names)))
    if step_id(START) not in kept_steps(now.run):
        deeds += _keeping(points.wanted(of, now.run, files))
    return deeds


def update(of: Project, phase: str, status: str, data: str | None = None) -> list[str]:
    """What `update_checkpoint` would do."""
    check_status(status)
    message, _ = messages.read(data)
    if of.disabled:
        return []
    now = _glance(of)
    name = of.shown(script_phases.known(now, phase))
    deeds = [tr("would note {phase}: {status}", phase=name, status=f"{status} {message}".rstrip())]
    return [*deeds, *_keeping(points.wanted(of, now.run))] if status == "completed" else deeds


def create(of: Project, files: Iterable[str] = ()) -> list[str]:
    """What `create_rollback_point` would do."""
    return [] if of.disabled else _keeping(points.wanted(of, _glance(of).run, files))


def rollback(of: Project, to: str | None = None) -> list[str]:
    """What `execute_rollback` would do, the newest step first."""
    if of.disabled:
        return []
    run = next((each for each in of.store.history() if each.outcome != "rolled back"), Run())
    name = points.find(run, messages.sentence(of.own_name(to or ""))).name
    point = kept_steps(run).get(step_id(name))
    again = [point] if point is not None and point.status == "undone" else []  # it can be returned to once more
    steps = {each.step.id: each.step for each in (*run.undo_order(name), *again)}
    return [tr("would take back: {title}", title=each.title) for each in steps.values()]


def check_status(status: str) -> None:
    """Raise `UsageError` for a status that there is not."""
    if status not in STATUSES:
        raise UsageError(
            "checkpoint.status",
            tr("there is no status `{status}`", status=messages.sentence(status)),
            hint=tr("there are: {names}", names=", ".join(STATUSES)),
        )


def _glance(of: Project) -> Glance:
    return Glance(project=of, run=of.store.current())


def _keeping(paths: Iterable[str]) -> list[str]:
    return list(_sentences(paths)) or [tr("would keep a rollback point without files")]


def _sentences(paths: Iterable[str]) -> Iterator[str]:
    return (tr("would keep: {path}", path=path) for path in paths)


def _shown(of: Project, names: Iterable[str]) -> str:
    return ", ".join(of.shown(name) for name in names)
