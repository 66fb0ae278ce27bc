"""What becomes of an environment of ours that was not made where it is: a build server's cache brought it, or a copy.

It is proven before it is used. Whole, it is used as it is. Else another is made beside it, as ever: from its sound
packages where those would work here, or from nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import Action, Context, Effect, Facts, Json, Step
from phases.python.environments import contents, freshness, places, proven, proving, stale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.manifest import Manifest
    from phases.python.environments.contents import Contents
    from phases.python.needs import Needs

Verdict = Literal["used", "repaired", "thrown away"]
_STEP = "00.restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is to be done with it, why (a sentence; empty where it is used as it is), and which packages are sound."""

    verdict: Verdict
    reason: str
    sound: Mapping[str, str]


def judge(manifest: Manifest, facts: Facts, needs: Needs) -> Judgement | None:
    """None for an environment that was proven here, is not ours, or is not there: the phases decide as ever."""
    env = facts.root / manifest.environment
    if manifest.environment == places.ACTIVE:
        return None
    marker, sealed = places.read_marker(env), contents.read(env)
    if marker is None or sealed is None or proven.holds(facts.root, facts.state, env):
        return None
    if fatal := next(_unusable(env, sealed, facts), ""):
        return Judgement(verdict="thrown away", reason=fatal, sound={})
    proof = proving.of(env, sealed)
    reason = next(freshness.reasons(env, manifest, facts, needs), "") or proof.sentence() or stale.reason(sealed, needs)
    if not reason:
        return Judgement(verdict="used", reason="", sound=proof.sound)
    local = stale.names_of(sealed, needs)
    sound = {name: version for name, version in proof.sound.items() if name in sealed.origins and name not in local}
    if proof.broken:
        reason = proof.sentence()  # says more than a name that is missing
    return Judgement(verdict="repaired" if sound else "thrown away", reason=reason, sound=sound)


def judge_step(phase: str, manifest: Manifest, facts: Facts, judged: Judgement) -> Step:
    """A step that says what becomes of it, and notes an environment that is used as it is as proven."""
    return Step(
        id=f"{phase}.{_STEP}",
        phase=phase,
        title=_title(manifest.environment, judged),
        action="environment.judge",
        args={
            "environment": manifest.environment,
            "verdict": judged.verdict,
            "reason": judged.reason,
            "sound": dict(judged.sound),
        },
        effect=Effect(
            touches=(proven.path(facts.state),) if judged.verdict == "used" else (),
            volatile=(proven.NAME,),
            repeatable=True,
        ),
    )


def sound(facts: Facts) -> dict[str, str]:
    """The packages that this run takes over, as its first step found them: package -> version."""
    return dict(_found(facts).get("sound", {}))


def is_replaced(facts: Facts) -> bool:
    """Does this run replace a restored one? Then the installer's cache may have come the same way, and be as ill."""
    return bool(_found(facts))


def _found(facts: Facts) -> Json:
    return next((result for step, result in facts.results.items() if step.endswith(f".{_STEP}")), {})


def _title(path: str, judged: Judgement) -> str:
    count = len(judged.sound)
    if judged.verdict == "used":
        return tr("Use the restored `{path}` as it is: it is proven (packages: {count})", path=path, count=count)
    if judged.verdict == "repaired":
        return tr(
            "Repair the restored `{path}`: {reason}; packages that are sound, and taken over: {count}",
            path=path,
            reason=judged.reason,
            count=count,
        )
    return tr("Throw the restored `{path}` away: {reason}", path=path, reason=judged.reason)


def _unusable(env: Path, sealed: Contents, facts: Facts) -> Iterator[str]:
    """Why nothing in it can be of use here."""
    yield from freshness.unusable(env, sealed, facts.options.python)
    yield from proving.unusable(env, sealed)


def _judge(args: Mapping[str, Any], context: Context) -> Json:
    """Note what was decided while it was planned."""
    if args["verdict"] == "used":
        proven.note(context.root, context.state, context.root / args["environment"])
    return {name: args[name] for name in ("verdict", "reason", "sound")}


ACTIONS: Mapping[str, Action] = {"environment.judge": _judge}
