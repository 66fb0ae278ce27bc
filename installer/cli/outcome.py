"""How a command ended: the last lines for people, one object for scripts, and the exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from installer import ci
from installer.cli.output import PENDING, emit, say
from installer.i18n import tr
from installer.show.words import clean, clean_lines, duration, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.cli.session import Session
    from installer.engine import Outcome
    from installer.errors import InstallerError
    from installer.model import Json, Step


def finish(
    session: Session, outcome: Outcome, *, seconds: float = 0.0, done: str = "", nothing: str = "", hint: str = ""
) -> int:
    """Say how it ended (`done`: the sentence for success, or for the end of a plan); returns the exit code.

    `nothing` is said where no step was to be done, and yet something is or was; `hint` is what to do next after a
    success.
    """
    code = _code(session, outcome)
    if outcome.state == "rolled back" and outcome.error is not None:
        _begins_anew(outcome.error)
    if outcome.state == "rollback incomplete" and session.manifest.notify:
        _tell_elsewhere(session)
    if ci.in_use():
        from installer.cli.served_report import ended

        ended(session, outcome, _facts(session, outcome, code, seconds), hint=hint)
    if outcome.error is not None:
        from installer.cli.failure import show
    if session.asked.as_json:
        emit("outcome", **_facts(session, outcome, code, seconds))
        if outcome.error is not None:
            show(outcome.error, as_json=True, state=_state(session, outcome))
        return code
    if outcome.error is not None:
        show(outcome.error, as_json=False, state=_state(session, outcome))
        return code
    if nothing and not outcome.steps and outcome.state in {"nothing", "dry-run"}:
        say(nothing, *_aside(session, outcome, marks(sys.stdout)))
        return code
    say(*_sentences(session, outcome, seconds, done))
    if hint and outcome.state in {"done", "degraded"} and session.asked.volume != "quiet":
        say("", tr("hint: {hint}", hint=hint))
    return code


def _begins_anew(error: InstallerError) -> None:
    """Where the whole run was taken back there is nothing to go on with: no hint promises it."""
    meant = {
        tr("the same command goes on from here once it answers"): tr(
            "the same command begins anew; run it once it answers"
        ),
        tr("check the network and the address, then run the same command again; it goes on from here"): tr(
            "check the network and the address, then run the same command again; it begins anew"
        ),
        tr("make room, or mend it; then run the same command again: it goes on where it stopped"): tr(
            "make room, or mend it; then run the same command again: it begins anew"
        ),
    }
    error.hint = meant.get(error.hint, error.hint)


def _tell_elsewhere(session: Session) -> None:
    """Whoever wants notices is told that a rollback is incomplete; a notice that fails is a sentence here."""
    from phases.builds import notices

    notice = notices.Notice(event=notices.Event.ROLLBACK_FAILED, project=session.root.name)
    for complaint in notices.send(notice, session.manifest.notify):
        if session.asked.as_json:
            emit("note", level="warning", text=complaint)
        else:
            sys.stderr.write(f"{marks(sys.stderr)['warning']} {clean(complaint)}\n")


def _code(session: Session, outcome: Outcome) -> int:
    if outcome.error is not None:
        return outcome.error.exit_code
    if outcome.state == "dry-run":
        return PENDING if session.asked.detailed and outcome.steps else 0
    return {"degraded": 1, "rollback incomplete": 5}.get(outcome.state, 0)


def _sentences(session: Session, outcome: Outcome, seconds: float, done: str) -> list[str]:
    mark = marks(sys.stdout)
    match outcome.state:
        case "dry-run":
            return plan_lines(session, outcome.steps, done)
        case "nothing":
            return [tr("Nothing to do."), *_aside(session, outcome, mark)]
        case "rolled back":
            return [
                f"{mark['done']} "
                + tr("Steps taken back: {count} ({time}).", count=outcome.undone, time=duration(seconds)),
                *_in_place(session),
                *_aside(session, outcome, mark),
            ]
        case "degraded":
            first = tr("Done, but not all of it ({time}):", time=duration(seconds))
            return [f"{mark['warning']} {first}", *_warnings(outcome), *_said(session, outcome)]
        case _:
            return [
                f"{mark['done']} "
                + tr("{done} ({time}).", done=done.rstrip(".。") or tr("Done"), time=duration(seconds)),
                *_warnings(outcome),
                *_aside(session, outcome, mark),
            ]


def _in_place(session: Session) -> list[str]:
    """What a rollback promises where the environment is none of ours."""
    if session.manifest.environment != "active":
        return []
    return ["  " + tr("The active environment has the package versions from before; that is not each of its bytes.")]


def plan_lines(session: Session, steps: Sequence[Step], note: str = "") -> list[str]:
    """The plan, phase by phase, with what cannot be taken back said so, and a `note` at the end."""
    if not steps:
        return [tr("Nothing to do.")]
    lines: list[str] = []
    phase = ""
    for step in steps:
        if step.phase != phase:
            phase = step.phase
            lines.append(session.phase_name(phase))
        title = clean(step.title)
        if reason := step.effect.lasting:
            title = tr("{what} ({note})", what=title, note=tr("cannot be taken back: {reason}", reason=reason))
        lines.append(f"  {title}")
    return [*lines, "", note or tr("A dry run: nothing was changed. Later steps may depend on what earlier ones find.")]


def _state(session: Session, outcome: Outcome) -> list[str]:
    """What is kept, what was taken back, what is in the way."""
    import phases

    lines = []
    if outcome.state == "failed" and outcome.completed:
        names = ", ".join(session.phase_name(name) for name in phases.ORDER if name in outcome.completed)
        lines.append(
            tr("nothing was changed; these phases are kept: {names}", names=names)
            if _did_nothing(session)
            else tr("what it had changed was taken back; these phases are kept: {names}", names=names)
        )
    elif outcome.state == "failed" and (not outcome.install_id or _did_nothing(session)):
        lines.append(tr("nothing was changed"))
    elif outcome.state == "failed" and session.settings.text("on_failure") == "keep":
        lines.append(tr("what was done before is kept"))
    elif outcome.state == "failed":
        lines.append(tr("what it had changed was taken back"))
    elif outcome.state == "rolled back":
        lines.append(tr("the whole run was taken back"))
    lines += [tr("could not be taken back: {what}", what=clean(each)) for each in outcome.problems]
    lines += [clean(each) for each in outcome.conflicts]
    return lines + ([line.strip() for line in _said(session, outcome)] if outcome.state == "failed" else [])


def _did_nothing(session: Session) -> bool:
    """Did the phase that failed never begin a step? Then its plan could not be made."""
    run = session.store.current()
    return all(each.step.phase != run.current_phase for each in run.attempts)


def _aside(session: Session, outcome: Outcome, mark: dict[str, str]) -> list[str]:
    paths = [_where_kept(session, outcome.install_id, path) for path in outcome.kept]
    return [f"  {mark['kept']} {tr('set aside for you: {path}', path=clean(path))}" for path in paths]


def _where_kept(session: Session, install_id: str, path: str) -> str:
    """Where what was at `path` is now, below the project."""
    place = session.store.folder / "kept" / install_id / path
    return os.path.normpath(place.relative_to(session.root) if os.path.lexists(place) else path)


def _warnings(outcome: Outcome) -> list[str]:
    """What the run went on without: each with the end of what its command said, and with what mends it."""
    return [line for each in outcome.warnings for line in _warning(each)]


def _warning(error: Json) -> list[str]:
    import textwrap

    from installer.redact import redact

    first, *rest = clean_lines(redact(str(error.get("message", ""))))
    below = [line for detail in error.get("details", ()) for line in clean_lines(redact(str(detail)))]
    hint = redact(str(error.get("hint", "")))
    return [
        f"  {first}",
        *(f"      {line}".rstrip() for line in (*rest, *textwrap.dedent("\n".join(below)).split("\n")) if line.strip()),
        *([f"    {tr('hint: {hint}', hint=clean(hint))}"] if hint else []),
    ]


def _said(session: Session, outcome: Outcome) -> list[str]:
    """Where all of it can be read."""
    log = session.store.log(outcome.install_id)
    if not log.is_file():
        return []
    return ["  " + tr("all that was said is in {path}", path=clean(str(log.relative_to(session.root))))]


def _facts(session: Session, outcome: Outcome, code: int, seconds: float) -> dict[str, object]:
    return {
        "state": outcome.state,
        "exit_code": code,
        "install_id": outcome.install_id,
        "seconds": round(seconds, 3),
        "steps": [{"step": step.id, "phase": step.phase, "title": step.title} for step in outcome.steps],
        "completed": [session.phase_name(name) for name in outcome.completed],
        "warnings": list(outcome.warnings),
        "problems": list(outcome.problems),
        "conflicts": list(outcome.conflicts),
        "kept": list(outcome.kept),
        "undone": outcome.undone,
    }
