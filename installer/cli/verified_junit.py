"""The verification as a JUnit report: one test case a check, and one a package whose files were looked at."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from installer.cli import junit, verified
from installer.errors import InstallerError, Precondition, UsageError
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cli.session import Session
    from installer.state import Run, StepState

_PHASE = "verification"
_CHECKS = ("environment.check_", "environment.run_command")
_SUITE = "surefoot"


@contextmanager
def reporting(file: str) -> Iterator[list[junit.Case]]:
    """Write the cases that the block gathers to `file`, whatever ends it: that is a case, too.

    Without a `file` nothing is written. Raises `UsageError` before the block for one that cannot be written.
    """
    started, cases = time.monotonic(), list[junit.Case]()
    if file:
        unfinished = ("unfinished", tr("it did not come to its end"))
        _write(file, [junit.Case(group=_SUITE, name="unfinished", failures=(unfinished,))], 0)  # what a kill leaves
    try:
        yield cases
    except BaseException as error:
        code, text = getattr(error, "code", type(error).__name__), getattr(error, "message", str(error))
        cases.append(junit.Case(group=_SUITE, name="error", failures=((str(code), str(text)),)))
        raise
    finally:
        if file:
            with suppress(UsageError):  # it could be written before; an error of the block is the one to be told
                _write(file, cases, time.monotonic() - started)


def note(file: str, error: InstallerError) -> None:
    """Write to `file`, if that can be, that nothing began because of `error`."""
    with suppress(InstallerError), reporting(file):
        raise error


def _write(file: str, cases: list[junit.Case], seconds: float) -> None:
    path = Path(file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        junit.write(path, _SUITE, cases, seconds)
    except OSError as error:
        raise UsageError(
            "junit.file", tr("the report {path} cannot be written: {reason}", path=file, reason=error.strerror)
        ) from error


def of_session(session: Session, *, well: bool) -> Iterator[junit.Case]:
    """What was checked, in this run or in the one that left nothing to do; if all is `well`, the environment, too.

    Of one that nobody verified (left out; a run that stays unfinished, or went back) nothing is said.
    """
    run = session.store.current()
    yield from of_run(run)
    if well and (run.outcome or not run.install_id) and not verified.left_out(session) and _is_there(session):
        yield from of_environment(session, deep=False)


def _is_there(session: Session) -> bool:
    from installer.cli.interpreter import interpreter

    with suppress(Precondition):
        return bool(interpreter(session))
    return False


def of_run(run: Run) -> Iterator[junit.Case]:
    """What the run of the journal checked, and the phase that failed, if one did."""
    checks = {each.step.id: each for each in run.attempts if each.step.action.startswith(_CHECKS)}
    error = run.phases[_PHASE].error if _PHASE in run.phases and run.phases[_PHASE].status == "failed" else {}
    yield from (_case(each, run, error) for each in checks.values())
    for phase in run.phases.values():
        if phase.status == "failed" and not any(_blamed(each, error) for each in checks.values()):
            what = (str(phase.error.get("code", "")), str(phase.error.get("message", "")))
            yield junit.Case(group=phase.name, name=phase.name, failures=(what,))


def _case(check: StepState, run: Run, error: dict[str, object]) -> junit.Case:
    warned = [each for each in run.warnings if each.get("step") == check.step.id]
    blamed = [error] if _blamed(check, error) else warned
    return junit.Case(
        group=check.step.phase,
        name=check.step.title,
        seconds=check.seconds,
        failures=tuple((str(each.get("code", "")), _sentence(each)) for each in blamed),
    )


def _blamed(check: StepState, error: dict[str, object]) -> bool:
    """Is it this check that failed its phase? Those that came to their end noted where and how long they ran."""
    return bool(error) and not (check.status == "done" or check.boot_id or check.seconds)


def _sentence(error: dict[str, object]) -> str:
    details = error.get("details")
    return "; ".join((str(error.get("message", "")), *map(str, details if isinstance(details, list | tuple) else ())))


def of_environment(session: Session, *, deep: bool) -> Iterator[junit.Case]:
    """The environment as it is: by itself, and each package in it by its files. Raises `Precondition` without one."""
    from installer.cli.health import environment_problems
    from installer.cli.interpreter import interpreter
    from phases.python import environment, records

    name = session.manifest.environment
    if name == environment.ACTIVE:
        yield _looked_at(name, environment_problems(session, deep=deep))
        return
    place = interpreter(session).parent.parent
    yield _looked_at(name, environment.whole(place, session.root))
    for site in environment.site_packages(place):
        problems = records.check(site, deep=deep)
        for package, version in sorted(records.installed(site).items()):
            found = [str(each) for each in problems if each.distribution == package]
            yield _looked_at(f"{package} {version}", found)


def _looked_at(name: str, problems: list[str]) -> junit.Case:
    return junit.Case(group="environment", name=name, failures=tuple(("environment", each) for each in problems))
