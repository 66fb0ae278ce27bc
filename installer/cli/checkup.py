"""What `doctor` looks at: one small check a subject, each with its remedy."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from installer.errors import InstallerError
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.cli.session import Session
    from installer.model import Json

_LOW = 1 << 30  # bytes free below which an installation may well fail
_OLDEST_GIT = (2, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found of one subject. `serious`: an installation would fail on it."""

    key: str
    name: str
    what: str
    well: bool = True
    serious: bool = False
    remedy: str = ""

    def as_json(self) -> Json:
        """The same for scripts."""
        return asdict(self)


def checks(session: Session) -> Iterator[Check]:
    """Every check. One that fails itself is reported as what it found."""
    for check in _CHECKS:
        try:
            yield check(session)
        except InstallerError as error:
            yield Check(
                key=check.__name__[1:],
                name=check.__name__[1:],
                what=error.message,
                well=False,
                serious=True,
                remedy=error.hint,
            )


def mend(session: Session, check: Check) -> bool:
    """Mend what `check` found, if that is safe; says whether it did."""
    if check.key not in _MENDERS:
        return False
    try:
        _MENDERS[check.key](session)
    except OSError:
        return False
    return True


def _tool(_session: Session) -> Check:
    """The interpreter that runs us."""
    return Check(key="tool", name=tr("this tool"), what=f"Python {platform.python_version()} ({sys.executable})")


def _interpreter(session: Session) -> Check:
    from phases.python import interpreters
    from phases.python.sources import read_needs

    name = tr("interpreter")
    needs = read_needs(session.root, session.manifest, session.settings.text("mode"))
    found = interpreters.find(session.root, needs.python, explicit=session.settings.text("python"))
    if found:
        version = ".".join(map(str, found[0].version))
        return Check(key="interpreter", name=name, what=f"Python {version} ({found[0].executable})")
    return Check(
        key="interpreter",
        name=name,
        what=tr("no Python on this machine satisfies {wish}", wish=needs.python.requires or "3"),
        well=False,
        serious=True,
        remedy=tr("install one (for example `uv python install 3.12`), or name it with `--python PATH`"),
    )


def _git(session: Session) -> Check:
    needed = (session.root / ".gitmodules").exists()
    program = shutil.which("git")
    if program is None:
        return Check(
            key="git",
            name="git",
            what=tr("not found"),
            well=not needed,
            serious=needed,
            remedy=tr("install git: the project has submodules"),
        )
    version = _version(program)
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    return Check(
        key="git",
        name="git",
        what=f"{version} ({program})",
        well=numbers >= _OLDEST_GIT,
        remedy=tr("update git: this one is old"),
    )


def _uv(session: Session) -> Check:
    if session.settings.text("backend") == "pip":
        return Check(key="uv", name="uv", what=tr("not needed: pip installs"))
    try:
        from uv import find_uv_bin

        program = find_uv_bin()
    except (ImportError, FileNotFoundError):
        return Check(
            key="uv",
            name="uv",
            what=tr("not among the tool's packages"),
            well=False,
            remedy=tr("use `--backend pip`, or run quickstart.py with a Python that uv has a build for"),
        )
    return Check(key="uv", name="uv", what=f"{_version(program)} ({program})")


def _disk(session: Session) -> Check:
    free = shutil.disk_usage(session.root).free
    return Check(
        key="disk",
        name=tr("disk"),
        what=tr("{size} GB free", size=f"{free / 1e9:.1f}"),
        well=free >= _LOW,
        serious=free < _LOW // 4,
        remedy=tr("make room, for example with `manage.py checkpoint prune` or `uv cache prune`"),
    )


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
        with session.store.lock(wait=False, waiting=lambda _holder: None):
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
    import json

    name, path = tr("progress file"), session.store.progress
    run = session.store.current()
    try:
        well = not run.install_id or json.loads(path.read_bytes())["install_id"] == run.install_id
    except (OSError, ValueError, KeyError, TypeError):
        well = False
    what = tr("agrees with the journal") if well else tr("missing or damaged: {path}", path=path)
    return Check(key="progress", name=name, what=what, well=well, remedy="manage.py doctor --fix")


def _environment(session: Session) -> Check:
    from installer.cli.health import environment_problems

    name = tr("environment")
    if not (session.root / session.manifest.environment).exists():
        return Check(key="environment", name=name, what=tr("none yet"), well=False, remedy=tr("run `quickstart.py`"))
    problems = environment_problems(session, deep=False)
    what = "; ".join(problems[:3]) or tr("`{environment}` is whole.", environment=session.manifest.environment)
    return Check(
        key="environment",
        name=name,
        what=what,
        well=not problems,
        remedy=tr("`manage.py verify --repair` installs it anew"),
    )


def _version(program: str) -> str:
    finished = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, errors="replace")
    words = finished.stdout.split()
    return next((word for word in words if word[:1].isdecimal()), "?")


def _close_folder(session: Session) -> None:
    session.store.folder.chmod(0o700)


def _rewrite_progress(session: Session) -> None:
    session.renew_progress()


_CHECKS: tuple[Callable[[Session], Check], ...] = (
    _tool,
    _interpreter,
    _git,
    _uv,
    _disk,
    _folder,
    _lock,
    _journal,
    _progress,
    _environment,
)
_MENDERS: dict[str, Callable[[Session], None]] = {"folder": _close_folder, "progress": _rewrite_progress}
