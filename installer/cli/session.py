"""The glue: from parsed flags to a store, a manifest, settings, observers and an engine."""

from __future__ import annotations

import os
import sys
from collections import ChainMap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from installer import __version__, ci, i18n, locking, pins, settings
from installer.cli import prompts
from installer.errors import InstallerError, UsageError
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.manifest import Manifest, load
from installer.project import find_root
from installer.show import Audience, Stage, observer
from installer.store import Store, check_names

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from installer.cli.options import Asked
    from installer.cli.plans import Plan
    from installer.engine import Engine, OnPhaseFailure, Setting
    from installer.manifest import SectionType
    from installer.model import Action
    from installer.settings import Settings
    from installer.state import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One command on one project."""

    asked: Asked
    root: Path
    manifest: Manifest
    settings: Settings
    store: Store

    @property
    def agreed(self) -> bool:
        """Were all questions answered with yes beforehand?"""
        return self.settings.on("yes")

    def phase_name(self, phase: str) -> str:
        """A phase as people know it."""
        return self.manifest.phase_name(phase)

    def completed(self, run: Run) -> list[str]:
        """The completed phases of a run, in their order."""
        import phases

        done = {name for name, phase in run.phases.items() if phase.status == "completed"}
        return [name for name in phases.ORDER if name in done]

    def going_on(self, run: Run) -> Session:
        """This session with the wishes that the unfinished `run` was begun with, where none were made now."""
        if not run.install_id or run.outcome:
            return self
        return replace(self, settings=settings.going_on(self.settings, run.facts.get("settings", {})))

    def renew_progress(self) -> None:
        """Write the progress file anew from the journal."""
        self._write_progress(self.store.current())

    def renew_views(self, run: Run) -> None:
        """Write the progress file and rollback.sh as `run` has it; without a run there is nothing to view."""
        from installer import files, guard, script
        from installer.rollback import Place

        if not run.install_id:
            files.remove(self.store.progress)
            files.remove(self.store.script)
            return
        skip = frozenset({self.store.folder, self.root / self.manifest.environment})
        place = Place(
            root=self.root, state=self.store.state, install_id=run.install_id, skip=skip, copies=guard.Copies()
        )
        script.write(run, place, self.store.script)
        self._write_progress(run)

    def _write_progress(self, run: Run) -> None:
        import phases
        from installer import progress

        progress.write(self.store.progress, progress.view(run, phases.ORDER, dict(self.manifest.phase_names)))

    def own_phase(self, name: str) -> str:
        """The own name of the phase that the project calls `name`; other names stay."""
        return {shown: phase for phase, shown in self.manifest.phase_names.items()}.get(name, name)

    def must_agree(self, question: str) -> None:
        """Ask before something is given up; without a terminal `--yes` is needed. Raises `UsageError` for a no."""
        if self.agreed or self.asked.dry_run:
            return
        if not prompts.interactive() or self.asked.as_json:
            about = (question.removesuffix("[y/N]").rstrip(),)
            raise UsageError("not.agreed", tr("this needs your agreement"), details=about, hint=tr("add --yes"))
        if not prompts.confirm(question, default=False):
            raise UsageError("not.agreed", tr("nothing was changed"), answer="no")

    @contextmanager
    def engine(self, plan: Plan, now: Run | None = None) -> Iterator[Engine]:
        """An engine that holds the project's lock and talks to the observers; both end with the block.

        `now` is the current run, if it was just read, with the lock in hand.
        """
        import phases
        from installer.engine import Engine

        theirs = cast("MutableMapping[str, Action]", phases.ACTIONS)  # a chain of maps writes to the first one only
        if plan.kind == "install" and not self.asked.dry_run:
            from installer import process

            process.while_waiting(phases.ahead)
        with self._watchers(plan, now or self.store.current()) as audience, self.locked() as descriptor:
            yield Engine(
                self.store,
                order=plan.order,
                actions=plan.actions if plan.kind == "rollback" else ChainMap(dict(plan.actions), theirs),
                plan=plan.steps,
                observers=(audience,),
                setting=self._setting(plan, descriptor),
            )

    def _setting(self, plan: Plan, descriptor: int) -> Setting:
        from installer.engine import Setting

        environment = self.manifest.environment
        return Setting(
            kind=plan.kind,
            options=replace(settings.options(self.settings, jobs=plan.jobs), deep=plan.deep),
            skip=self._no_guard_looks_into(environment),
            shown=self.manifest.phase_names,
            facts={
                "mode": self.settings.text("mode"),
                "environment": environment,
                "tool_version": __version__,
                "settings": {key.name: self.settings[key.name].value for key in settings.KEYS if key.recorded},
                **plan.facts,
            },
            on_failure=plan.on_failure or cast("OnPhaseFailure", self.settings.text("on_failure")),
            until=self._phase(self.asked.until),
            passed_over=tuple(self._phase(name) for name in self.asked.skip),
            lock=descriptor,
        )

    def _no_guard_looks_into(self, environment: str) -> tuple[Path, ...]:
        """Environments, also an active one that lies in the project."""
        if environment != "active":
            return (self.root / environment,)
        from phases.python.active import chosen

        try:
            return (Path(chosen.choose(self.root, self.settings.text("python")).prefix),)
        except InstallerError:
            return ()  # the plan says so; what was done before is taken back without it

    def _phase(self, name: str) -> str:
        """The phase that is called `name`, by its own name or the project's. Raises `UsageError`."""
        import phases

        phase = self.own_phase(name)
        if phase and phase not in phases.ORDER:
            from installer.nearest import nearest

            near = nearest(phase, phases.ORDER)
            raise UsageError(
                "phase.unknown",
                tr("there is no phase `{name}`", name=name),
                hint=tr("did you mean `{near}`?", near=near)
                if near
                else tr("there are: {names}", names=", ".join(phases.ORDER)),
            )
        return phase

    def _watchers(self, plan: Plan, run: Run) -> Audience:
        goes_on = not run.outcome or plan.kind == "rollback"  # then its log goes on, too
        drawn = "terminal" if can_draw() and self.asked.volume != "quiet" else "plain"
        kind = "json" if self.asked.as_json else ci.in_use() or drawn
        stage = Stage(
            stream=sys.stdout if self.asked.as_json else sys.stderr,
            phases=plan.order,
            names=self.manifest.phase_names,
            volume=self.asked.volume,
            logs=None if self.asked.dry_run else self.store.log("x").parent,
            install_id=run.install_id if goes_on else "",
            before=self.completed(run) if plan.kind == run.kind == "install" and not run.outcome else (),
            titles={each.step.id: each.step.title for each in run.attempts},
            root=str(self.root),
            alone=plan.kind == "build",
        )
        return Audience([observer(kind, stage), observer("log", stage)])

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the project; yields a descriptor for children, or -1. A dry run holds and makes nothing."""
        if self.asked.dry_run:
            yield -1
            return
        with pins.pinned(self.store.root):
            yield from self._locked()

    def _locked(self) -> Iterator[int]:
        if not locking.is_held(self.store):
            self.store.enter()
        with self.store.lock(wait=not self.settings.on("no_wait"), waiting=self._waiting) as descriptor:
            yield descriptor

    def _waiting(self, holder: str) -> None:
        if self.asked.as_json:
            from installer.cli.output import emit

            emit("waiting", holder=holder)
        else:
            sys.stderr.write(tr("waiting for another run: {holder}", holder=holder) + "\n")


def open_session(asked: Asked, *, without_manifest: bool = False) -> Session:
    """The session for a command line. Raises `UsageError` for a folder, a manifest or settings that cannot be used.

    `without_manifest`: it cannot be used; the default one stands in for it.
    """
    start = Path(asked.directory or ".")
    if not start.is_dir():
        raise UsageError("folder.missing", tr("there is no folder `{folder}`", folder=asked.directory))
    root = find_root(start)
    ci.point_from(str(root))
    manifest = _manifest(root, without=without_manifest)
    check_names(manifest.environment)
    i18n.use(i18n.choose(asked.flags.get("lang") or "", manifest.language, prefix=manifest.env_prefix))
    settled = settings.settle(asked.flags, manifest)
    # as `ledger.project` has it: one journal, whoever asks and from wherever
    elsewhere = settled.text("checkpoint_dir") or os.environ.get("SUREFOOT_CHECKPOINT_DIR", "")
    store = Store(root, manifest.state_dir, root / elsewhere if elsewhere else None)
    store.check_place()
    return Session(asked=asked, root=root, manifest=manifest, settings=settled, store=store)


def _manifest(root: Path, *, without: bool) -> Manifest:
    import phases

    try:
        if not without:
            return load(root, _sections(), phases.ORDER)
    except UsageError as error:
        from installer.cli.unusable import with_a_way_out

        with_a_way_out(error, root)
        raise
    from installer.cli.unusable import stand_in

    return stand_in(root)


def _sections() -> Iterator[type[SectionType]]:
    """The phases' own tables; the phases are imported where there is a manifest to read."""
    import phases

    yield from phases.SECTIONS


def can_draw() -> bool:
    """Is standard error a terminal that can move its cursor?"""
    try:
        return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"} and not prompts.in_ci()
    except ValueError:
        return False
