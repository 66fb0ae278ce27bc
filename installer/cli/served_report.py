"""On a build server: how a command ended, as annotations, outputs for later jobs, a page and a file."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer import ci, clock, settings
from installer.cli import verified
from installer.errors import InstallerError
from installer.i18n import tr
from installer.model import Facts
from installer.redact import redact_json
from installer.show.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.cli.session import Session
    from installer.engine import Outcome
    from installer.model import Json
    from installer.state import Run

_PROVEN = frozenset({"done", "nothing"})  # the states in which an environment was verified to the end


def report(error: InstallerError) -> None:
    """Point at what is to blame. Where no run ended with it, that is how the command ended."""
    facts = redact_json(error.as_json())
    if ci.in_use() == "github":
        from installer.show import places
        from installer.show.github import annotation
        from installer.show.harmless import command

        for place in places.of(facts):
            text = place.text or facts["message"]
            hint = "\n" + tr("hint: {hint}", hint=facts["hint"]) if facts["hint"] else ""
            command(sys.stderr, annotation("error", text + hint, place, ci.root()))
    if not ci.has_told():
        with _or_said():
            _tell(dict.fromkeys(ci.OUTPUTS, "") | {"state": "failed"}, {"state": "failed", "error": facts})


def ended(session: Session, outcome: Outcome, facts: Mapping[str, object], *, hint: str) -> None:
    """Tell how a run ended: `facts` are those of the event `outcome`, `hint` what to do next after a success."""
    with _or_said():
        told: Json = redact_json(_gathered(session, outcome, facts, hint))
        _tell(outputs(session, outcome, _kept(session, told) if _stays(session, outcome) else ""), told)


@contextmanager
def _or_said() -> Iterator[None]:
    """A file that cannot be written is no reason to fail: it is said, and later jobs find no outputs."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        sys.stderr.write(tr("the build server could not be told: {reason}", reason=reason) + "\n")


def outputs(session: Session, outcome: Outcome, report_file: str) -> dict[str, str]:
    """What later steps and jobs are told."""
    # after a failure, or unverified, what lies there is an earlier one, or one that a cache brought and nobody proved
    well = outcome.error is None and not verified.left_out(session)
    environment, python = _environment(session) if well else ("", "")
    return {
        "environment": environment,
        "python-path": python,
        "install-id": outcome.install_id or session.store.current().install_id,
        "state": outcome.state,
        "cache-key": _cache_key(session, outcome),
        "report": report_file,
    }


def _tell(told: Mapping[str, str], facts: Json) -> None:
    from installer.show import markdown

    server = ci.in_use()
    ci.give(server, told)
    ci.summarise(server, markdown.page(facts))


def _gathered(session: Session, outcome: Outcome, facts: Mapping[str, object], hint: str) -> Json:
    run = session.store.current()
    ran = outcome.state not in {"nothing", "dry-run"}
    return {
        **facts,
        "kind": run.kind,
        "hint": "" if outcome.error else hint,  # what lies there then is an earlier one
        "phases": _phases(session, run) if ran else [],
        "packages": _changes(session, run) if ran else {},
        **({"error": outcome.error.as_json()} if outcome.error else {}),
    }


def _phases(session: Session, run: Run) -> list[Json]:
    return [
        {"phase": session.phase_name(phase.name), "status": phase.status, "seconds": round(phase.seconds, 3)}
        for phase in run.phases.values()
    ]


def _changes(session: Session, run: Run) -> Json:
    """How the packages of `run` differ from those of the run before it."""
    from installer.cli.differences import difference, packages

    earlier = (session.store.archived(name) for name in reversed(session.store.run_ids()))
    try:
        before = next((found for each in earlier if (found := packages(each))), {})
    except InstallerError:  # a record of old that cannot be read says nothing of this run
        return {}
    after = packages(run)
    return difference(before, after) if after and not run.outcome.startswith("rolled") else {}


def _stays(session: Session, outcome: Outcome) -> bool:
    """Is there a state folder afterwards? One that `--no-state` was asked for goes with the end of its run."""
    run = session.store.current()
    return outcome.state not in _PROVEN or not run.outcome or not run.facts.get("no_state")


def _kept(session: Session, told: Json) -> str:
    """Leave the report in the state folder; returns where, nothing where there is no such folder."""
    from installer import files

    place = session.store.report
    if session.asked.dry_run or not place.parent.is_dir():
        return ""
    body = {"schema": 1, "time": clock.now(), "event": "report", **told}
    files.replace(place, (json.dumps(body, default=str, indent=1) + "\n").encode())
    return str(place)


def _environment(session: Session) -> tuple[str, str]:
    """The environment and its interpreter, where they are."""
    from installer.cli.interpreter import interpreter

    try:
        python = interpreter(session)
    except InstallerError:
        return "", ""
    return str(python.parent.parent), str(python)


def _cache_key(session: Session, outcome: Outcome) -> str:
    """What a cache of the environment may be saved under: nothing unless this very command proved it to be whole."""
    asked = session.asked
    if outcome.state not in _PROVEN or outcome.error is not None or asked.dry_run or asked.until or asked.skip:
        return ""
    if session.root not in _keys:  # it costs a look at every file, and is asked for twice
        _keys[session.root] = _computed(session)
    return _keys[session.root]


def _computed(session: Session) -> str:
    from phases.python import cache_key

    facts = Facts(
        root=session.root, state=session.store.state, install_id="-", options=settings.options(session.settings)
    )
    try:
        key = cache_key.key(session.manifest, facts)
        why = "" if key else cache_key.broken(session.manifest, facts)
    except (InstallerError, OSError, ImportError):  # a plain way back has no packages, and nothing new to save
        return ""
    if why:  # a run that took no more than a look says that all is well
        environment = session.manifest.environment
        _warn(
            session,
            tr("`{environment}` is not whole, so that no cache gets it: {why}", environment=environment, why=why),
        )
    return key


def _warn(session: Session, text: str) -> None:
    from installer.cli.output import emit

    hint = tr("hint: {hint}", hint=tr("`manage.py verify --deep --repair` installs it anew"))
    if session.asked.as_json:
        emit("note", level="warning", text=text)
    if ci.in_use() == "github":
        from installer.show.github import annotation
        from installer.show.harmless import command
        from installer.show.places import NOWHERE

        command(sys.stderr, annotation("warning", f"{text}\n{hint}", NOWHERE, ci.root()))
    elif not session.asked.as_json:
        sys.stderr.write(tr("warning: {text}", text=clean(text)) + f"\n{hint}\n")


_keys: dict[Path, str] = {}
