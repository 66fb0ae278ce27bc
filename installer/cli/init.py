"""`init`: a manifest, a launcher of its own and files for CI, for a project that is there."""

from __future__ import annotations

import os
import shlex
import sys
import time
from typing import TYPE_CHECKING

import click

from installer.cli import plans, prompts
from installer.cli.options import Asked, verb
from installer.cli.outcome import finish
from installer.cli.output import emit, say
from installer.cli.session import Session, open_session
from installer.errors import Conflict, UsageError
from installer.i18n import tr
from installer.redact import redact
from installer.show.words import clean, marks

if TYPE_CHECKING:
    from installer.model import Json
    from phases.init.drafts import Draft
    from phases.init.pin import Pin
    from phases.init.survey import Findings

SERVERS = {"none": (), "github": ("github",), "gitlab": ("gitlab",), "both": ("github", "gitlab")}


@verb(
    tr(
        "Write a manifest, a launcher and files for CI into this project, so that it installs itself anywhere.\n\n"
        "Shows what was found and every change, and asks once. No file of yours is written over. "
        "`manage.py rollback` takes it back."
    ),
    example="manage.py init --provider github",
    changing=True,
)
@click.option(
    "--provider",
    type=click.Choice(("auto", *SERVERS)),
    default="auto",
    help=tr("For whose CI a file is written; default: whose the project uses."),
)
@click.option("--tool", default="", metavar="WHEEL", help=tr("The wheel of Surefoot to pin, or the folder with it."))
@click.option("--in-pyproject", is_flag=True, help=tr("Write the manifest into pyproject.toml, as [tool.surefoot]."))
def init(asked: Asked, *, provider: str, tool: str, in_pyproject: bool) -> int:
    """Have a project install itself."""
    session = open_session(asked)
    wish = {"provider": provider, "tool": os.path.abspath(tool) if tool else "", "in_pyproject": in_pyproject}
    with session.locked():
        return _init(session, wish)


def _init(session: Session, wish: dict[str, object]) -> int:
    run = session.store.current()
    if plans.is_open(run) and run.kind == "init" and run.facts.get("wish", {}).get("asked") == wish:
        session.store.check_owner(run)
        return _carry_out(session, run.facts["wish"])
    plans.refuse_while_open(run)
    from phases.init import pin, survey
    from phases.init import plans as planning

    _not_ourselves(session)
    findings = survey.look(session.root, session.manifest, session.settings.text("mode"))
    if not session.asked.as_json and session.asked.volume != "quiet":
        click.echo(tr("Looking for the Surefoot that is to be pinned …"), err=True)
    pinned = pin.choose(str(wish["tool"]))
    servers = SERVERS.get(str(wish["provider"]), (findings.server,) if findings.server else ())
    found = planning.decide(
        session.root, session.manifest, findings, pinned, servers, in_pyproject=bool(wish["in_pyproject"])
    )
    wheels = planning.wheels_of(session.root, found, pinned)
    _show(session, findings, pinned, found, wheels, chosen=wish["provider"] != "auto")
    _must_agree(session, found)
    return _carry_out(session, {"asked": wish, "files": planning.as_args(found) + wheels})


def _carry_out(session: Session, wish: Json) -> int:
    from phases.init import ignored
    from phases.init import plans as planning

    plan, started = plans.init(wish), time.monotonic()
    left_out = ignored.among(session.root, _brought(wish["files"]))
    with session.engine(plan) as engine:
        outcome = engine.preview() if session.asked.dry_run else engine.run()
    done = "" if session.asked.dry_run else tr("The project installs itself now")
    hint = tr(
        "commit these files; `python3 {quickstart}` then installs the project, "
        "on any machine with Python 3.11 or newer",
        quickstart=planning.launcher_in(session.root),
    )
    if left_out:
        hint = tr("git ignores some of these files: `git add -f {names}`", names=shlex.join(left_out)) + "; " + hint
    return finish(session, outcome, seconds=time.monotonic() - started, done=done, hint=hint)


def _brought(files: list[Json]) -> list[str]:
    """Those of the noted files that will be there."""
    return [each["path"] for each in files if "text" in each or "source" in each]


def _not_ourselves(session: Session) -> None:
    """Raise `UsageError` in Surefoot's own clone, whose launcher is the real one."""
    import installer

    if os.path.realpath(os.path.dirname(installer.__path__[0])) == os.path.realpath(session.root):
        raise UsageError(
            "init.ourselves",
            tr("this is Surefoot itself; its launcher is there"),
            hint=tr("name the project: `manage.py init -C DIR`"),
        )


def _must_agree(session: Session, found: list[Draft]) -> None:
    """Ask once. Raises `Conflict` where nobody can be asked about names of the user's, `UsageError` for a no."""
    if not found:
        return
    beside = [each for each in found if each.instead]
    nobody = session.asked.as_json or not prompts.interactive()
    if beside and nobody and not (session.agreed or session.asked.dry_run):
        raise Conflict(
            "init.beside",
            tr(
                "these files are yours, and stay as they are: {names}", names=", ".join(each.instead for each in beside)
            ),
            details=tuple(tr("{path} would be written beside", path=each.path) for each in beside),
            hint=tr("agree to that with --yes, or move yours away"),
            paths=[each.instead for each in beside],
        )
    session.must_agree(tr("Write these files? [y/N]"))


def _show(
    session: Session, findings: Findings, pinned: Pin, found: list[Draft], wheels: list[Json], *, chosen: bool
) -> None:
    """What was found, what is to be written and why, and every change."""
    from phases.init import ignored

    left_out = ignored.among(session.root, [*(each.path for each in found), *_brought(wheels)])
    brought, gone = ([each["path"] for each in wheels if ("source" in each) == comes] for comes in (True, False))
    if session.asked.as_json:
        emit(
            "init",
            root=str(session.root),
            found=[{"what": redact(what), "why": redact(why)} for what, why in findings.because],
            server=findings.server,
            tool={
                "version": pinned.version,
                "sha256": pinned.sha256,
                "why": pinned.why,
                "brought": bool(brought),
                "removed": gone,
            },
            files=[
                {
                    "path": each.path,
                    "action": each.action,
                    "why": each.why,
                    "instead": each.instead,
                    "diff": each.diff(session.root),
                }
                for each in found
            ],
            ignored=left_out,
        )
        return
    if session.asked.volume == "quiet" or not found:
        return
    say(tr("Found in {root}:", root=clean(str(session.root))))
    say(*(f"  {clean(redact(what))}  ({clean(redact(why))})" for what, why in findings.because))
    if findings.server:
        say(f"  {findings.server}  ({clean(findings.told)})")
    elif not chosen:
        say("  " + tr("nothing says whose CI it uses, so none is written (--provider names one)"))
    say(f"  Surefoot {pinned.version}  ({clean(pinned.why)})", "", tr("To be written:"))
    say(*(f"  {each.path}  ({clean(each.why)})" for each in found))
    say(
        *(
            f"  {each}  ({tr('Surefoot itself, as no index has it; the launcher takes it from there')})"
            for each in brought
        )
    )
    say(*(f"  {each}  ({tr('goes: the launcher does not pin it any more')})" for each in gone))
    sign = marks(sys.stdout)["warning"]
    beside = [each for each in found if each.instead]
    say(
        *(
            f"  {sign} " + tr("{name} is yours and stays: {path} instead", name=each.instead, path=each.path)
            for each in beside
        )
    )
    if left_out:
        said = tr("git ignores {names}: a clone will not have them", names=", ".join(left_out))
        say(f"  {sign} {said} (`git add -f {shlex.join(left_out)}`)")
    for each in found:
        say("", *map(clean, each.diff(session.root)))
    say("")
