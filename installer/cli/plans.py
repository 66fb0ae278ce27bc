"""The plans besides installing: `restore`, `clean-env`; and which plan an unfinished run is going on with."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.frozen import dataclass, field, replace
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.cli.session import Session
    from installer.engine import OnPhaseFailure
    from installer.model import Action, Facts, Json, Planned
    from installer.state import Run

_WAITING = 8  # steps at once that wait for an engine: all of a group should be away for the same short while


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the engine is to do.

    `kind` is what `history` calls it; `facts` are noted, so that it can be resumed; `deep`: contents are compared;
    `on_failure` outranks the setting; `jobs` is how many steps are done at once if the user does not say; `actions` are
    the plan's own, besides the phases'.
    """

    kind: str
    order: tuple[str, ...]
    steps: Callable[[str, Facts], Planned]
    facts: Mapping[str, object] = field(default_factory=dict)
    deep: bool = False
    on_failure: OnPhaseFailure | None = None
    jobs: int = 0
    actions: Mapping[str, Action] = field(default_factory=dict)


def install(session: Session, *, no_state: bool = False) -> Plan:
    """All phases. `no_state`: the state folder goes after them, which is noted, so that it may go later if need be."""
    import phases

    return Plan(
        kind="install",
        order=phases.ORDER,
        steps=lambda phase, facts: phases.plan(phase, session.manifest, facts),
        facts={"no_state": True} if no_state else {},
    )


def restore(session: Session, target: str) -> Plan:
    """Go back to the environment of the run `target`."""
    from phases import restore as phase

    return Plan(
        kind="restore",
        order=(phase.RESTORE,),
        steps=lambda _phase, facts: phase.plan(session.manifest, facts, target),
        facts={"target": target},
        actions=phase.ACTIONS,  # to look for them in the table of all phases would import these
    )


def clean_env(session: Session, *, everything: bool) -> Plan:
    """Take the environment out of use; with `everything`, delete it and all earlier ones."""
    from phases import restore as phase

    return Plan(
        kind="clean-env",
        order=(phase.CLEAN,),
        steps=lambda _phase, facts: phase.clean_env(session.manifest, facts, everything=everything),
        facts={"everything": everything},
    )


def repair(session: Session) -> Plan:
    """Put a broken environment out of use and make it anew; a failure brings the old one back."""
    import phases
    from phases import restore as phase

    def steps(name: str, facts: Facts) -> Planned:
        if name == phase.CLEAN:
            return phase.clean_env(session.manifest, facts)
        return phases.plan(name, session.manifest, facts)

    return Plan(kind="repair", order=(phase.CLEAN, *phases.ORDER), steps=steps, deep=True, on_failure="run")


def containers(session: Session, kind: str, verb: str, args: Json) -> Plan:
    """A plan about images, apps, volumes, servers (`kind`): its `verb` with its `args`, noted for a resume."""
    from phases.containers import kinds

    wish: Json = {"verb": verb, "args": args}
    return Plan(
        kind=kind,
        order=(kind,),
        steps=lambda _phase, facts: kinds.plan(kind, wish, session.manifest, facts),
        facts={"wish": wish},
        on_failure="run",  # an update that failed leaves what was before it, not half of itself
        jobs=_WAITING,
        actions=kinds.actions(kind),
    )


def build(session: Session, args: Json) -> Plan:
    """Have the project's image built; `args` are what the command line says otherwise than the manifest."""
    from installer.redact import redact_json
    from phases.builds import planning

    return Plan(
        kind="build",
        order=(planning.PHASE,),
        steps=lambda _phase, facts: planning.plan(args, session.manifest, facts),
        facts={"wish": redact_json(args)},
        actions=planning.ACTIONS,
    )


def build_wish(run: Run) -> Json:
    """The `args` of the unfinished `run` of a build. Raises `Precondition` where a secret was among them."""
    from installer.redact import HIDDEN

    wish: Json = run.facts["wish"]
    if HIDDEN not in json.dumps(wish):
        return wish
    raise Precondition(
        "run.secret",
        tr("the run {run} was begun with a secret, which is noted nowhere", run=run.install_id),
        hint=tr("run the same command again, or take it back with `manage.py rollback`"),
    )


def workflow(wish: Json) -> Plan:
    """Write the files of a provider's pipeline; `wish` is noted for a resume (`phases.builds.workflow_files.plan`)."""
    from phases.builds import workflow_files

    return Plan(
        kind="workflow",
        order=(workflow_files.PHASE,),
        steps=lambda _phase, facts: workflow_files.plan(wish, facts),
        facts={"wish": wish},
        on_failure="run",
    )


def init(wish: Json) -> Plan:
    """The files that make a project install itself: `wish` holds them, and what was asked for; noted for a resume."""
    from phases.init import plans as planning

    return Plan(
        kind=planning.KIND,
        order=(planning.KIND,),
        steps=lambda _phase, facts: planning.plan(wish["files"], facts),
        facts={"wish": wish},
        on_failure="run",
        actions=planning.ACTIONS,
    )


def back(session: Session) -> Plan:
    """The way back: the journal says what is to be done."""
    return replace(install(session), kind="rollback")


def of(session: Session, run: Run) -> Plan:
    """The plan that the unfinished `run` was begun with. Raises `Precondition` for one that is not ours."""
    begin = _BEGUN.get(run.kind)
    if begin is not None:
        return begin(session, run)
    raise Precondition(
        "run.foreign",
        tr("the run {run} ({kind}) is unfinished; only what began it can go on", run=run.install_id, kind=run.kind),
        hint=tr("finish it, or take it back with `manage.py rollback`"),
    )


def _of_wish(session: Session, run: Run) -> Plan:
    wish = run.facts["wish"]
    return containers(session, run.kind, wish["verb"], wish["args"])


# the kind of a run, as `history` shows it: the plan, made again from what the run noted when it began
_BEGUN: Mapping[str, Callable[[Session, Run], Plan]] = MappingProxyType(
    {
        "install": lambda session, _run: install(session),
        "restore": lambda session, run: restore(session, str(run.facts.get("target", ""))),
        "repair": lambda session, _run: repair(session),
        "clean-env": lambda session, run: clean_env(session, everything=bool(run.facts.get("everything"))),
        **dict.fromkeys(("images", "apps", "volumes", "servers"), _of_wish),
        "build": lambda session, run: build(session, build_wish(run)),
        "workflow": lambda _session, run: workflow(run.facts["wish"]),
        "init": lambda _session, run: init(run.facts["wish"]),
    }
)


def is_open(run: Run) -> bool:
    """Was the run begun and not ended? One that only holds rollback points is no unfinished installation."""
    return bool(run.install_id) and not run.outcome and (run.kind != "script" or bool(run.phases))


def refuse_while_open(run: Run) -> None:
    """Raise `Precondition` while another run is unfinished."""
    if is_open(run):
        raise Precondition(
            "run.unfinished",
            tr("the run {run} is unfinished", run=run.install_id),
            hint=tr("`manage.py resume` goes on with it, `manage.py rollback` takes it back"),
        )
