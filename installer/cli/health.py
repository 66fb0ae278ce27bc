"""`doctor` and `verify`: is all well with the machine, the state folder, the environment?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from installer.cli.checkup import can_mend, checks, mend
from installer.cli.options import Asked, verb
from installer.cli.output import emit, foretell, say
from installer.cli.session import Session, open_session
from installer.errors import Precondition, UsageError
from installer.i18n import tr
from installer.show.words import clean, marks

if TYPE_CHECKING:
    from pathlib import Path

    from installer.cli.machine import Check
    from installer.state import Run


@verb(
    tr(
        "Look for what stands in the way: interpreter, git, uv, disk, lock, journal, environment; each has its remedy."
        "\n\n"
        "--fix mends what can be mended without touching anything of yours."
    ),
    example="manage.py doctor --fix",
    changing=True,
)
@click.option("--fix", is_flag=True, help=tr("Mend what can be mended safely."))
def doctor(asked: Asked, *, fix: bool) -> int:
    """Look for what stands in the way; exit 6 if something does."""
    session, unusable = _opened(asked)
    fix = fix and not unusable  # what is there is not to be mended by the names of another manifest
    found = [*unusable, *checks(session)]
    ill = [each for each in found if fix and not each.well and can_mend(each)]
    if asked.dry_run and fix:
        return foretell(asked, "doctor", "fix", [tr("would mend: {what}", what=each.name) for each in ill])
    mended = [each.name for each in ill if mend(session, each)]
    if mended:
        found = list(checks(session))
    ill = [each for each in found if not each.well]
    if asked.as_json:
        emit("doctor", checks=[each.as_json() for each in found], mended=mended)
    else:
        mark = marks(sys.stdout)
        say(*(line for each in found for line in _lines(each, mark)))
        say(*(tr("mended: {what}", what=name) for name in mended))
    return Precondition.exit_code if any(each.serious for each in ill) else 0


def _opened(asked: Asked) -> tuple[Session, list[Check]]:
    """The session, and what to say of a manifest that cannot be used: the default one stands in for it."""
    try:
        return open_session(asked), []
    except UsageError as error:
        if not error.code.startswith("manifest."):
            raise
        from installer.cli import unusable

        return open_session(asked, without_manifest=True), [unusable.check(error)]


def _lines(check: Check, mark: dict[str, str]) -> list[str]:
    sign = mark["done"] if check.well else mark["failed"] if check.serious else mark["warning"]
    lines = [f"{sign} {tr('{name}: {text}', name=check.name, text=clean(check.what))}"]
    return lines if check.well or not check.remedy else [*lines, f"    {tr('hint: {hint}', hint=check.remedy)}"]


@verb(
    tr(
        "Check that the environment is whole: every file that its packages brought is there, with its size.\n\n"
        "--deep compares contents, too; --repair installs anew, beside the old one, when something is wrong."
    ),
    example="manage.py verify --deep --repair",
    changing=True,
)
@click.option("--deep", is_flag=True, help=tr("Compare the contents of every file."))
@click.option("--repair", is_flag=True, help=tr("Install anew when something is wrong."))
@click.option(
    "--junit", metavar="FILE", default="", help=tr("Write the verification as a JUnit report; a dry run writes none.")
)
def verify(asked: Asked, *, deep: bool, repair: bool, junit: str) -> int:
    """Check the environment; exit 1 if it is not whole."""
    if not junit or asked.dry_run:
        return _verify(open_session(asked), deep=deep, repair=repair)
    from installer.cli import verified_junit as report

    with report.reporting(junit) as cases:
        session = open_session(asked)
        code = _verify(session, deep=deep, repair=repair)
        cases.extend(report.of_environment(session, deep=deep))
        return code


def _verify(session: Session, *, deep: bool, repair: bool) -> int:
    asked = session.asked
    if repair and (code := _gone_on(session)) is not None:
        return code
    problems = environment_problems(session, deep=deep)
    if problems and repair:
        if not asked.as_json:
            say(*_shown(problems))
        from installer.cli import installing, plans
        from installer.cli.as_made import as_made

        in_place = session.manifest.environment == "active"
        plans.refuse_while_open(session.store.current())
        session = as_made(session)
        if asked.dry_run:
            note = tr("A dry run: nothing was changed. After this the environment is made anew.")
            return installing.preview(session, plans.repair(session), "" if in_place else note)
        return installing.install(session, plans.repair(session))
    if asked.as_json:
        emit("verify", environment=session.manifest.environment, deep=deep, whole=not problems, problems=problems)
    elif problems:
        again = tr("`manage.py verify --deep --repair` installs it anew")  # what only --deep sees, only it repairs
        hint = again if deep else tr("`manage.py verify --repair` installs it anew")
        say(*_shown(problems), "", tr("hint: {hint}", hint=hint))
    else:
        say(tr("`{environment}` is whole.", environment=session.manifest.environment))
    return 1 if problems else 0


def _gone_on(session: Session) -> int | None:
    """Go on with a repair that was cut short; None if there is none, or if it only had to be taken back to its end.

    It put the environment out of use: to look at what is in its place says nothing.
    """
    from installer.cli import installing, plans
    from installer.cli.outcome import finish

    if not _is_repair(session.store.current()):
        return None
    with session.locked():
        run = session.store.current()  # once more: what another one was doing is not unfinished
        if not _is_repair(run):
            return None
        session.store.check_owner(run)
        session = session.going_on(run)
        if session.asked.dry_run:
            return installing.preview(session, plans.repair(session))
        if run.rolling_back != "":
            return installing.install(session, plans.repair(session))
        with session.engine(plans.back(session)) as engine:
            outcome = engine.rollback(why="resumed")
        return None if outcome.error is None else finish(session, outcome)


def _is_repair(run: Run) -> bool:
    from installer.cli import plans

    return run.kind == "repair" and plans.is_open(run)


def environment_problems(session: Session, *, deep: bool) -> list[str]:
    """What is wrong with the environment, a sentence each. Raises `Precondition` if there is none."""
    from phases.python import environment, records

    if session.manifest.environment == environment.ACTIVE:
        from installer.cli.interpreter import active
        from phases.python.active import marker

        found = marker.problems(session.root, session.store.state, active(session), deep=deep)
        return list(dict.fromkeys(found))
    place = _environment(session)
    problems = environment.whole(place, session.root)
    for site in environment.site_packages(place):
        problems += [str(each) for each in records.check(site, deep=deep)]
    return list(dict.fromkeys(problems))


def _environment(session: Session) -> Path:
    from installer.cli.interpreter import interpreter

    return interpreter(session).parent.parent


def _shown(problems: list[str]) -> list[str]:
    mark = marks(sys.stdout)
    shown = [f"{mark['failed']} {in_words(clean(each))}" for each in problems[:_MOST]]
    more = len(problems) - len(shown)
    return shown + ([tr("… and {count} more", count=more)] if more else [])


def in_words(problem: str) -> str:
    """A fault of a RECORD, which scripts get as it is, in the reader's language."""
    for template in _FAULTS:
        if problem.endswith(fault := template.removeprefix("{what}")):
            return tr(template, what=problem.removesuffix(fault))
    return problem


_FAULTS = (
    "{what} (missing)",
    "{what} (size)",
    "{what} (hash)",
    "{what} (outside)",
    "{what}: no record",
    "{what}: twice",
)
_MOST = 20  # lines of problems that are of use to a reader
