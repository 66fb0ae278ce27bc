"""`status` and `logs`: how things stand, read from the journal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from installer import identity, progress, rollback
from installer.cli import activation, plans
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say, table
from installer.cli.session import Session, open_session
from installer.errors import Damaged, Precondition
from installer.i18n import tr
from installer.ledger import phases_of
from installer.show.words import clean, duration, marks, moment

if TYPE_CHECKING:
    from installer.state import Run
    from phases.builds.manual import Manual


@verb(
    tr("Show how the project's installation stands: its phases, its environment, what is left to do."),
    example="manage.py status --json",
)
def status(asked: Asked) -> int:
    """Show the current run."""
    import phases

    session = open_session(asked)
    try:
        run = session.store.current()
    except Damaged as error:
        if error.code != "journal.newer":
            raise
        return _newer(session, error)
    if asked.as_json:
        view = progress.view(run, phases.ORDER, dict(session.manifest.phase_names))
        by_hand = {"manual": open_.as_json()} if (open_ := _by_hand(session)) else {}
        emit("status", root=str(session.root), problems=_problems(run), **view, **by_hand)
    elif not run.install_id:
        say(
            tr("Nothing is installed here yet: {root}", root=session.root),
            *_unknown(session),
            "",
            tr("hint: {hint}", hint=tr("run `quickstart.py`")),
        )
    else:
        say(*_summary(session, run), "", *_phases(session, run), *_stranger(session, run), *_remarks(run))
        if open_ := _by_hand(session):
            say("", *map(clean, open_.lines()))
    return 0


def _by_hand(session: Session) -> Manual | None:
    """What is left for a person: a build that could not be begun. None of it is imported where none was asked for."""
    if not (session.store.folder / "builds").is_dir():
        return None
    from phases.builds import manual

    return manual.action(session.store.folder, session.root)


def _newer(session: Session, error: Damaged) -> int:
    """What the progress file tells of a run whose journal only a newer version can read: it is plain JSON."""
    view = progress.read(session.store.progress)
    if session.asked.as_json:
        emit("status", root=str(session.root), problems=[error.message], **view)
        return 0
    told = [
        (tr("Project"), str(session.root)),
        (tr("Install ID"), view.get("install_id", "")),
        (tr("State"), view.get("state", "")),
        (tr("Mode"), view.get("install_mode", "")),
        (tr("Environment"), view.get("environment_name", "")),
    ]
    rows = [(name, clean(str(value))) for name, value in told if value]
    say(*table(rows), "", error.message, "", tr("hint: {hint}", hint=error.hint))
    return 0


def _unknown(session: Session) -> list[str]:
    """An environment of ours of which no record is left: it is used, and never deleted, but cannot be taken back."""
    made = rollback.generation(session.root / session.manifest.environment)
    if not made:
        return []
    environment = session.manifest.environment
    text = tr(
        "`{environment}` was made by the run {run}, whose records are gone", environment=environment, run=clean(made)
    )
    return [text]


def _stranger(session: Session, run: Run) -> list[str]:
    """Records that are not this folder's are shown, and said to be not."""
    if session.store.owns(run):
        return []
    place = clean(identity.told(run.facts.get("root")))
    return ["", tr("These records were made for another folder or machine: {path}", path=place)]


def _summary(session: Session, run: Run) -> list[str]:
    facts = run.facts
    rows = [
        (tr("Project"), str(session.root)),
        (tr("Install ID"), run.install_id),
        (tr("State"), state_word(run)),
        (tr("Mode"), str(facts.get("mode", ""))),
        (tr("Environment"), _environment(session, run)),
        (tr("Begun"), moment(run.started)),
        (tr("Last change"), moment(run.updated)),
        (tr("Activate"), _activation(session)),
    ]
    return table([row for row in rows if row[1]])


def _in_vain(run: Run) -> bool:
    """Did it do nothing but ask for a build, and did that fail? There was nothing to go on with."""
    return run.kind == "build" and bool(run.warnings) and run.outcome in {"done", "degraded"}


def _environment(session: Session, run: Run) -> str:
    """Where it is; of the active one, where that was."""
    named = str(run.facts.get("environment", ""))
    if named != "active":
        return named
    from phases.python.environments import places

    layout = places.layout(session.root / places.folder(named, session.store.state))
    return f"{named} ({layout.prefix})" if layout else named


def _activation(session: Session) -> str:
    return activation.command(session.root / session.manifest.environment, here=Path.cwd())


def kind_word(kind: str) -> str:
    """What kind of run it was; one that we do not know by its own name."""
    words = {
        "install": tr("install"),
        "restore": tr("restore"),
        "clean-env": tr("clean-env"),
        "repair": tr("repair"),
        "build": tr("build"),
        "workflow": tr("workflow"),
        "init": tr("init"),
        "pull": tr("pull"),
        "script": tr("script"),
        "images": tr("images"),
        "apps": tr("apps"),
        "volumes": tr("volumes"),
        "servers": tr("servers"),
    }
    return words.get(kind, clean(kind))


def state_word(run: Run) -> str:
    """How a run ended, or that it has not."""
    if run.rolling_back is not None:
        return tr("rollback unfinished")
    if _in_vain(run):
        return tr("failed")
    words = {
        "": tr("unfinished"),
        "done": tr("done"),
        "degraded": tr("done, but not all of it"),
        "rolled back": tr("taken back"),
        "rollback incomplete": tr("rollback incomplete"),
    }
    return words.get(run.outcome, run.outcome)


def _phases(session: Session, run: Run) -> list[str]:
    import phases

    mark = marks(sys.stdout)
    signs = {"completed": mark["done"], "failed": mark["failed"], "running": mark["running"]}
    rows = []
    begun = {each.step.phase for each in run.attempts}
    expected = phases.ORDER if run.kind in {"install", "repair"} else phases_of(run) if run.kind == "script" else ()
    for name in (*(name for name in run.phases if name not in expected), *expected):
        phase = run.phases.get(name)
        sign = signs[phase.status] if phase else " "
        what = ""
        if _in_vain(run):
            sign = mark["failed"]
        if phase and phase.status == "completed":
            idle = run.kind != "script" and name not in begun
            what = phase.message or (tr("nothing to do") if idle else duration(phase.seconds))
        elif phase and phase.status == "failed":
            what = clean(str(phase.error.get("message", "")).split("\n")[0])
        rows.append((f"{sign} {session.phase_name(name)}", what))
    return table(rows)


def _remarks(run: Run) -> list[str]:
    warned = () if _in_vain(run) else run.warnings  # what is left to a person says it
    lines = [tr("went on without: {what}", what=clean(str(each.get("message", each["step"])))) for each in warned]
    problems = _problems(run)
    if problems:
        lines += [tr("could not be taken back: {what}", what=clean(each)) for each in problems]
    points = [point for point in run.checkpoints if point.point]
    lines += [tr("rollback point {name}: {note}", name=point.name, note=clean(point.note)) for point in points]
    if plans.is_open(run):
        lines += ["", tr("hint: {hint}", hint=tr("`quickstart.py` goes on, `manage.py rollback` takes it back"))]
    return ["", *lines] if lines and lines[0] else lines


def _problems(run: Run) -> list[str]:
    return [problem for attempt in run.attempts for problem in attempt.problems]


@verb(tr("Show the log of a run: everything it said, commands' output included."), example="manage.py logs -n 50")
@click.argument("run", default="")
@click.option("-n", "--lines", type=click.IntRange(min=1), help=tr("Only the last lines."))
@click.option("--path", "only_path", is_flag=True, help=tr("Only say where the log is."))
def logs(asked: Asked, *, run: str, lines: int | None, only_path: bool) -> int:
    """Show a run's log."""
    session = open_session(asked)
    path = _log(session, run)
    if asked.as_json:
        emit("log", path=str(path), lines=_tail(path, lines))
    elif only_path:
        say(str(path))
    else:
        say(*_tail(path, lines))
    return 0


def _log(session: Session, run: str) -> Path:
    install_id = run or session.store.current().install_id
    path = session.store.log(install_id)
    for place in (path, session.store.runs / install_id / path.name):
        if install_id and place.is_file():
            return place
    raise Precondition(
        "log.missing",
        tr("there is no log of the run `{run}`", run=run) if run else tr("there is no log yet"),
        hint=tr("`manage.py history` lists the runs") if run else tr("run `quickstart.py` first"),
    )


def _tail(path: Path, count: int | None) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return list(map(clean, text.splitlines()[-count if count else 0 :]))
