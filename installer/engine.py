"""The loop: plan, run, resume, roll back. Knows steps and the journal, and nothing of what the steps are about.

For each step: capture, Intent (synced), rollback.sh, action, Done (synced). A step that was cut short is taken back and
run again. A phase that fails is taken back to the last checkpoint; what was completed stays, so that the same command
goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from installer import files, pins, rollback
from installer.errors import Conflict, InstallerError, StepFailed
from installer.frozen import replace
from installer.i18n import tr
from installer.logbook import Logbook
from installer.model import (
    Action,
    Checkpoint,
    Closed,
    Done,
    Facts,
    Failed,
    Guard,
    Intent,
    Kept,
    Note,
    Observer,
    PhaseStarted,
    Planned,
    RelPath,
    Resumed,
    Step,
    Undone,
)
from installer.outcome import Outcome
from installer.reversal import Reversal
from installer.setting import OnPhaseFailure, Setting
from installer.state import Run, StepState
from installer.store import Store, boot_id
from installer.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.journal import Reading

Plan = Callable[[str, Facts], Planned]
Group = tuple[Step, ...]  # steps that may run at once

__all__ = ["Engine", "OnPhaseFailure", "Outcome", "Plan", "Setting"]


class Engine:
    """Runs one plan over one store. The caller holds the store's lock."""

    def __init__(
        self,
        store: Store,
        *,
        order: Sequence[str],
        actions: Mapping[str, Action],
        plan: Plan,
        observers: Iterable[Observer] = (),
        setting: Setting | None = None,
    ) -> None:
        self.store = store
        self.order = tuple(order)
        self.actions = actions
        self.plan = plan
        self.setting = setting or Setting()
        self._logbook = Logbook(store, self.setting, self.order, tuple(observers))
        self._workbench = Workbench(self._logbook)
        self._reversal = Reversal(self._logbook, self._workbench)
        self._id = ""
        self._idle: list[str] = []  # phases that had nothing to do before a run was open
        self._renewed: dict[RelPath, int] = {}  # scratch trees and the number of the step that made them last

    def preview(self) -> Outcome:
        """The steps that `run` would take now, as far as they can be known before the first of them."""
        run = self.store.current()
        if not run.outcome:
            self.store.check_owner(run)
        groups = [_group(each) for phase in self._phases() for each in self.plan(phase, self._facts(run))]
        steps = tuple(step for group in groups for step in group if not self._already(step, run))
        return Outcome(state="dry-run", install_id=run.install_id, steps=steps)

    def run(self) -> Outcome:
        """Go on with the open run, or begin one. Nothing to do leaves no trace."""
        with pins.pinned(self.store.root), closing(self._logbook):
            self._logbook.open_existing()
            return self._finish_rollback() or self._run()

    def rollback(self, to: str = "", *, why: str = "", known: tuple[Run, Reading] | None = None) -> Outcome:
        """Take back the current run down to the checkpoint `to` (empty: all of it), going on with an earlier attempt.

        `known` is what `Store.look` just said, with the lock in hand. Raises `UsageError` for an unknown checkpoint.
        """
        with pins.pinned(self.store.root), closing(self._logbook):
            self._logbook.open_existing(known)
            return self._reversal.to(to, why=why) if self._logbook.is_open else Outcome(state="nothing")

    def _finish_rollback(self) -> Outcome | None:
        """End a rollback that was cut short; its outcome, unless the run goes on after it."""
        to = self._logbook.state().rolling_back
        if to is None:
            return None
        outcome = self._reversal.to(to, why="resumed")
        return outcome if outcome.state == "rollback incomplete" or not to else None

    def _run(self) -> Outcome:
        run = self._logbook.state()
        if run.install_id and not run.outcome:
            version = str(self.setting.facts.get("tool_version", ""))
            self._logbook.record(Resumed(boot_id=boot_id(), tool_version=version))
            self._reversal.unfinished()
        try:
            while not all(self._phase(name) for name in self._phases()):
                self._idle.clear()  # something was stale and is taken back: look again from the first phase
                self._renewed.clear()
        except _PhaseFailedError as failure:
            if not self._logbook.is_open:
                return Outcome(state="failed", error=failure.error)
            return self._reversal.after_failure(failure.error)
        return self._finish()

    def _finish(self) -> Outcome:
        if not self._logbook.is_open:
            run = self.store.current()
            self._logbook.heal_progress(run)
            return Outcome(state="nothing", install_id=run.install_id)
        run = self._logbook.state()
        if run.outcome:
            return Outcome(state="nothing", install_id=run.install_id)
        outcome = "degraded" if any(each["on_failure"] == "degrade" for each in run.warnings) else "done"
        if not self.setting.until:
            if any(each.step.effect.grows or each.step.effect.scratch for each in run.done.values()):
                files.sync_tree(self.store.root)  # what was written there was not synced step by step
            self._logbook.record(Closed(outcome=outcome))
        self._logbook.write_progress()
        if not self.setting.until:
            self._logbook.write_report()
        return Outcome(
            state=outcome,
            install_id=run.install_id,
            steps=tuple(each.step for each in run.done.values()),
            warnings=run.warnings,
            completed=tuple(run.phases),
        )

    # -- phases -----------------------------------------------------------------------------------------------------

    def _phases(self) -> list[str]:
        names = [name for name in self.order if name not in self.setting.passed_over]
        return names[: names.index(self.setting.until) + 1] if self.setting.until else names

    def _phase(self, name: str) -> bool:
        """Run one phase. False if a step of an earlier attempt was stale and had to be taken back."""
        started = time.monotonic()
        run = self._logbook.state()
        try:
            groups = [_group(each) for each in self.plan(name, self._facts(run))]
        except InstallerError as error:
            self._logbook.record(Failed(step="", phase=name, error=error.as_json(), phase_back=self._phase_goes_back))
            raise _PhaseFailedError(error) from error
        if stale := _first_stale(run, groups):
            self._take_back_from(stale)
            return False
        if self._do_phase(name, groups):
            self._checkpoint(name, started)
        elif not self._logbook.is_open:
            self._idle.append(name)
        elif name not in run.phases or run.phases[name].status != "completed":
            self._checkpoint(name, started, shown=False)
        return True

    def _do_phase(self, name: str, groups: list[Group]) -> bool:
        """Run what is not done yet, group by group. False if all of it was."""
        begun = False
        failed: dict[str, str] = {}  # step ids and titles
        for group in groups:
            wanted = [step for step in group if not (self._logbook.attempts_at(step.id) and self._is_done(step))]
            for step in group:
                if step not in wanted:
                    self._logbook.tell(Kept(step=step))
            if wanted and not begun:
                begun = True
                self._begin_phase(name, groups)
            for step, error in self._do_group([step for step in wanted if not self._lacks(step, failed)]):
                if step.on_failure == "stop":
                    raise _PhaseFailedError(error)
                failed[step.id] = step.title
            self._note_scratch(group)
        return begun

    def _begin_phase(self, name: str, groups: list[Group]) -> None:
        """Note it; where no run is open yet, begin one, in which the idle phases before are completed."""
        if not self._logbook.is_open:
            self._logbook.begin(self._new_id())
            for idle in self._idle:
                self._logbook.record(Checkpoint(name=idle))
        self._logbook.record(PhaseStarted(phase=name, steps=tuple(step.id for group in groups for step in group)))
        self._logbook.write_progress()

    def _checkpoint(self, name: str, started: float, *, shown: bool = True) -> None:
        """Note it. Where nothing was done, what comes next at once, a phase or the end, renews the progress file."""
        self._logbook.write_script()
        self._logbook.record(Checkpoint(name=name, seconds=round(time.monotonic() - started, 3)))
        if shown:
            self._logbook.write_progress()

    def _facts(self, run: Run) -> Facts:
        if not run.install_id or run.outcome:
            run = Run()
        return Facts(
            root=self.store.root,
            state=self.store.state,
            install_id=run.install_id or self._new_id(),
            options=self.setting.options,
            results=run.results,
            failed=tuple(str(each["step"]) for each in run.warnings),
        )

    def _new_id(self) -> str:
        self._id = self._id or self.store.new_id()
        return self._id

    # -- steps ------------------------------------------------------------------------------------------------------

    def _do_group(self, steps: list[Step]) -> list[tuple[Step, InstallerError]]:
        """Run steps, several at once if there are; every one ends before this returns the failures."""
        if len(steps) <= 1:
            return [failure for step in steps if (failure := self._try(step))]
        from concurrent.futures import ThreadPoolExecutor

        from installer import process

        with ThreadPoolExecutor(max_workers=max(1, self.setting.options.jobs)) as pool:
            try:
                return [failure for failure in pool.map(self._try, steps) if failure]
            except BaseException:
                process.stop_all()  # an interruption: the workers' children must end before the pool can
                raise

    def _try(self, step: Step) -> tuple[Step, InstallerError] | None:
        try:
            self._do(step)
        except InstallerError as error:
            self._failed(step, error)
            return step, error
        except OSError as error:
            text = tr("{title}: {reason}", title=step.title, reason=error.strerror or str(error))
            named = str(error.filename or "")
            failure = StepFailed("step.os", text, details=(named,) if named else (), path=named)
            self._failed(step, failure)
            return step, failure
        return None

    def _do(self, step: Step) -> None:
        started = time.monotonic()
        attempt = self._logbook.attempts_at(step.id) + 1
        place = self._logbook.place()
        left_out = place.copies.left_out
        undo = rollback.capture(step, attempt, place)
        if count := place.copies.left_out - left_out:
            text = tr("{count} files are too large to be copied: only your version control has them", count=count)
            self._logbook.tell(Note(level="warning", text=text))
        self._logbook.record(Intent(step=_recorded(step), attempt=attempt, undo=undo))
        self._logbook.write_script()
        self._must_be_untouched(step, attempt, rollback.changed_since(step, undo, place))
        result = self.actions[step.action](step.args, self._workbench.context(step))
        digests = rollback.left(step, attempt, undo, place)
        self._workbench.clear(step)
        seconds = round(time.monotonic() - started, 3)
        self._logbook.record(Done(step=step.id, seconds=seconds, digests=digests, result=dict(result or {})))

    def _must_be_untouched(self, step: Step, attempt: int, changed: list[str]) -> None:
        """Raise `Conflict`, nothing done, if what the step would write over was `changed` since it was captured."""
        if changed:
            self._logbook.record(Undone(step=step.id, attempt=attempt))
            text = tr("{path} was changed at this very moment; it stays as you left it", path=changed[0])
            hint = tr("run the same command again, when nothing else writes there")
            raise Conflict("step.changed", text, hint=hint, paths=changed)

    def _failed(self, step: Step, error: InstallerError) -> None:
        """Note it; a step that the run can go on without is taken back at once."""
        self._logbook.record(
            Failed(
                step=step.id,
                phase=step.phase,
                error=error.as_json(),
                on_failure=step.on_failure,
                digests=self._left_by_failure(step),
                phase_back=step.on_failure == "stop" and self._phase_goes_back,
            )
        )
        if step.on_failure != "stop":
            self._reversal.take_back(each for each in self._logbook.state().unfinished if each.step.id == step.id)

    @property
    def _phase_goes_back(self) -> bool:
        return self.setting.on_failure == "phase"

    def _left_by_failure(self, step: Step) -> dict[str, str]:
        """What is there now is ours: nobody else can have been at it yet. A guarded tree is the user's, too."""
        state = next((each for each in self._logbook.state().unfinished if each.step.id == step.id), None)
        if state is None or state.status != "open":
            return {}
        undo = tuple(each for each in state.undo if not isinstance(each, Guard))
        try:
            return rollback.left(step, state.attempt, undo, self._logbook.place())
        except (OSError, InstallerError):
            return {}  # then it is as after a cut: what is there is set aside

    def _lacks(self, step: Step, failed: dict[str, str]) -> bool:
        """Note that `step` is passed over, if one that it needs failed."""
        missing = [need for need in step.needs if need in failed]
        if not missing:
            return False
        failed[step.id] = step.title
        why = tr("passed over, as this failed: {title}", title=failed[missing[0]])
        error = StepFailed("step.needs", f"{step.title}: {why}", needs=missing)
        self._logbook.tell(Kept(step=step, why=why))
        self._logbook.record(Failed(step=step.id, phase=step.phase, error=error.as_json(), on_failure=step.on_failure))
        return True

    # -- what an earlier attempt left -------------------------------------------------------------------------------

    def _is_done(self, step: Step) -> bool:
        return self._already(step, self._logbook.state())

    def _already(self, step: Step, run: Run) -> bool:
        """Was this very step done in the open run, and is what it left still there?"""
        state = run.done.get(step.id)
        if state is None or run.outcome or not state.step.same_as(_recorded(step)):
            return False
        inside = (*step.effect.scratch, *step.effect.grows)
        if inside and state.boot_id != boot_id():
            return False  # what was not synced before the switch may be lost: it is made anew from the cache
        if any(path.within(tree) and seq > state.seq for tree, seq in self._renewed.items() for path in inside):
            return False
        return rollback.holds(state, [each for each in run.shifting if each.seq > state.seq], self.store.root)

    def _note_scratch(self, group: Group) -> None:
        """What a step put into a scratch tree before that tree was made anew is gone: see `_already`."""
        scratch = list(_scratch_of(group))
        done = self._logbook.state().done if scratch else {}
        for path, name in scratch:
            if name in done:
                self._renewed[path] = max(self._renewed.get(path, 0), done[name].seq)

    def _take_back_from(self, stale: StepState) -> None:
        """Take back `stale` and all that came after it, newest first."""
        text = tr("{title}: its inputs changed, so it is done anew", title=stale.step.title)
        self._logbook.tell(Note(level="info", text=text))
        self._reversal.take_back(each for each in self._logbook.state().undo_order() if each.seq >= stale.seq)


class _PhaseFailedError(Exception):
    """A phase cannot go on."""

    def __init__(self, error: InstallerError) -> None:
        super().__init__(error.code)
        self.error = error


def _group(planned: Step | Group) -> Group:
    return (planned,) if isinstance(planned, Step) else planned


def _recorded(step: Step) -> Step:
    """The step as the journal has it: without the secrets that an address in its arguments may carry."""
    from installer.redact import redact, redact_json

    return replace(step, title=redact(step.title), args=redact_json(step.args))


def _scratch_of(group: Group) -> Iterator[tuple[RelPath, str]]:
    return ((path, step.id) for step in group for path in step.effect.scratch)


def _first_stale(run: Run, groups: list[Group]) -> StepState | None:
    """The oldest done step that the plan now wants otherwise.

    One that the plan no longer names is not stale: a phase yields nothing for what is right already.
    """
    if run.outcome:
        return None
    done = ((run.done[step.id], step) for group in groups for step in group if step.id in run.done)
    stale = (state for state, step in done if not state.step.same_as(_recorded(step)))
    return min(stale, key=lambda each: each.seq, default=None)
