"""What `doctor` looks at: one small check a subject, each with its remedy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer import progress
from installer.cli import checkup_engine, machine
from installer.cli.machine import Check
from installer.errors import InstallerError
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.cli.session import Session


def checks(session: Session) -> Iterator[Check]:
    """Every check of what there is to be looked at. One that fails itself is reported as what it found."""
    for check in _CHECKS:
        try:
            found = check(session)
        except InstallerError as error:
            yield Check(
                key=check.__name__.strip("_"),
                name=check.__name__.strip("_"),
                what=error.message,
                well=False,
                serious=True,
                remedy=error.hint,
            )
        else:
            if found is not None:
                yield found


def can_mend(check: Check) -> bool:
    """Is there a safe way to mend what `check` found?"""
    return check.key in _MENDERS


def mend(session: Session, check: Check) -> bool:
    """Mend what `check` found; says whether that went well."""
    try:
        _MENDERS[check.key](session)
    except OSError:
        return False
    return True


def _folder(session: Session) -> Check:
    """May we write, and may others not read?"""
    name, folder = tr("project folder"), session.store.folder
    if not os.access(session.root, os.W_OK | os.X_OK):
        return Check(
            key="folder",
            name=name,
            what=tr("{path} cannot be written to", path=session.root),
            well=False,
            serious=True,
            remedy=tr("make it writable, or work in a copy"),
        )
    if os.name == "posix" and folder.is_dir() and folder.stat().st_mode & 0o077:
        return Check(
            key="folder",
            name=name,
            what=tr("others may read {path}", path=folder),
            well=False,
            remedy=f"chmod 700 {folder}",
        )
    return Check(key="folder", name=name, what=str(session.root))


def _lock(session: Session) -> Check:
    name = tr("lock")
    if not (session.store.folder / "lock").exists():
        return Check(key="lock", name=name, what=tr("free"))
    try:
        session.store.check_free()
        return Check(key="lock", name=name, what=tr("free"))
    except InstallerError as error:
        return Check(
            key="lock", name=name, what=error.message, well=False, remedy=tr("wait for it, or end that process")
        )


def _journal(session: Session) -> Check:
    name = tr("journal")
    run = session.store.current()
    if not run.install_id:
        return Check(key="journal", name=name, what=tr("no run yet"))
    if not run.outcome:
        return Check(
            key="journal",
            name=name,
            what=tr("the run {run} is unfinished", run=run.install_id),
            well=False,
            remedy=tr("`quickstart.py` goes on, `manage.py rollback` takes it back"),
        )
    problems = [problem for attempt in run.attempts for problem in attempt.problems]
    if run.outcome == "rollback incomplete":
        return Check(
            key="journal",
            name=name,
            what="; ".join((tr("rollback incomplete"), *problems)),
            well=False,
            serious=True,
            remedy=tr("mend what is named, then run `manage.py rollback` again"),
        )
    return Check(key="journal", name=name, what=tr("the run {run} is whole", run=run.install_id))


def _progress(session: Session) -> Check:
    """The progress file is a view of the journal: it can be written anew at any time."""
    name, path = tr("progress file"), session.store.progress
    run = session.store.current()
    well = not run.install_id or progress.read(path).get("install_id") == run.install_id
    what = tr("agrees with the journal") if well else tr("missing or damaged: {path}", path=path)
    return Check(key="progress", name=name, what=what, well=well, remedy="manage.py doctor --fix")


def _environment(session: Session) -> Check:
    from installer.cli.health import environment_problems

    name = tr("environment")
    if session.manifest.environment != "active" and not (session.root / session.manifest.environment).exists():
        return Check(key="environment", name=name, what=tr("none yet"), well=False, remedy=tr("run `quickstart.py`"))
    problems = environment_problems(session, deep=False)
    what = "; ".join(problems[:3]) or tr("`{environment}` is whole", environment=session.manifest.environment)
    return Check(
        key="environment",
        name=name,
        what=what,
        well=not problems,
        remedy=tr("`manage.py verify --repair` installs it anew"),
    )


def _close_folder(session: Session) -> None:
    session.store.folder.chmod(0o700)


def _rewrite_progress(session: Session) -> None:
    session.renew_progress()


_CHECKS: tuple[Callable[[Session], Check | None], ...] = (
    machine.tool,
    machine.interpreter,
    machine.git,
    machine.uv,
    machine.disk,
    checkup_engine.engine,
    _folder,
    _lock,
    _journal,
    _progress,
    _environment,
)
_MENDERS: dict[str, Callable[[Session], None]] = {"folder": _close_folder, "progress": _rewrite_progress}
