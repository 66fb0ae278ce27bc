"""`history`: the runs there were, what each did, and how their packages differ."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from installer.cli.differences import difference, packages
from installer.cli.options import Asked, group, verb
from installer.cli.output import emit, say, table
from installer.cli.session import Session, open_session
from installer.cli.views import kind_word, state_word
from installer.errors import Precondition, UsageError
from installer.i18n import tr
from installer.nearest import nearest
from installer.show.words import clean, duration, marks, moment

if TYPE_CHECKING:
    from installer.model import Json
    from installer.state import Run, StepState


@verb(tr("List the runs, newest first."), example="manage.py history list --json")
def list_(asked: Asked) -> int:
    """List the runs."""
    runs = list(open_session(asked).store.history())
    if asked.as_json:
        emit("history", runs=[_short(run) for run in runs])
    elif not runs:
        say(tr("There were no runs yet."))
    else:
        head = (tr("Install ID"), tr("Kind"), tr("Mode"), tr("State"), tr("Begun"))
        say(*table([head, *map(_row, runs)]))
    return 0


@verb(tr("Tell what a run did: every step, how it ended, how long it took."), example="manage.py history show")
@click.argument("run", default="")
def show(asked: Asked, run: str) -> int:
    """Tell what a run did."""
    session = open_session(asked)
    found = _run(session, run)
    if asked.as_json:
        steps = [_step(each) for each in found.attempts]
        emit("run", **_short(found), facts=found.facts, steps=steps, packages=packages(found))
        return 0
    mark = marks(sys.stdout)
    signs = {"done": mark["done"], "failed": mark["failed"], "undone": mark["undone"], "open": mark["running"]}
    rows = [
        (f"{signs[each.status]} {session.phase_name(each.step.phase)}", clean(each.step.title), duration(each.seconds))
        for each in found.attempts
    ]
    say(*table([_row(found)]), "", *table(rows))
    return 0


@verb(
    tr("Tell how the packages of two runs differ: added, removed, changed."),
    example="manage.py history diff 20251115_143000 20251116_090000",
)
@click.argument("one")
@click.argument("other", default="")
def diff(asked: Asked, one: str, other: str) -> int:
    """Compare the packages of two runs; without a second one, with the current."""
    session = open_session(asked)
    before, after = (_packages_after(session, _run(session, name)) for name in (one, other))
    found = difference(before, after)
    if asked.as_json:
        emit("diff", **found)
        return 0
    rows = [("+", name, version) for name, version in found["added"].items()]
    rows += [("-", name, version) for name, version in found["removed"].items()]
    rows += [("~", name, f"{old} -> {new}") for name, (old, new) in found["changed"].items()]
    say(*(table(rows) or [tr("The packages are the same.")]))
    return 0


history = group(
    tr("List the runs; `show` tells what one did, `diff` how the packages of two differ."),
    example="manage.py history",
    default=list_,
    verbs=(show, diff),
)


def _packages_after(session: Session, run: Run) -> dict[str, str]:
    """The packages that were there after `run`; one that restored an environment brought that one's."""
    if run.kind == "restore":
        return packages(_run(session, str(run.facts.get("target", ""))))
    return packages(run)


def _run(session: Session, name: str) -> Run:
    """The run `name`, the newest for an empty one. Raises `UsageError`, or `Precondition` without any."""
    now = session.store.current()
    if name in {"", now.install_id} and now.install_id:
        return now
    known = session.store.run_ids()
    if name in known or (not name and known):
        return session.store.archived(name or known[-1])
    if not name:
        raise Precondition("run.none", tr("there were no runs yet"), hint=tr("run `quickstart.py` first"))
    near = nearest(name, known)
    hint = tr("did you mean `{near}`?", near=near) if near else tr("`manage.py history` lists the runs")
    raise UsageError("run.unknown", tr("there is no run `{run}`", run=name), hint=hint)


def _row(run: Run) -> tuple[str, ...]:
    begun = moment(run.started)[:16]  # to the minute: five columns fit on 60
    return run.install_id, kind_word(run.kind), str(run.facts.get("mode", "")), state_word(run), begun


def _short(run: Run) -> Json:
    return {
        "install_id": run.install_id,
        "kind": run.kind,
        "mode": run.facts.get("mode", ""),
        "state": run.outcome or "unfinished",
        "start_time": moment(run.started),
        "last_update": moment(run.updated),
    }


def _step(state: StepState) -> Json:
    return {
        "step": state.step.id,
        "phase": state.step.phase,
        "title": state.step.title,
        "attempt": state.attempt,
        "status": state.status,
        "seconds": state.seconds,
        "problems": list(state.problems),
    }
