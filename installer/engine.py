"""The loop: plan, run, resume, roll back. Knows steps and the journal, and nothing of what the steps are about.

For each step: capture, Intent (synced), rollback.sh, action, Done (synced). A step that was cut short is taken back and
run again. A phase that fails is taken back to the last checkpoint; what was completed stays, so that the same command
goes on from there.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from installer import files, guard, process, progress, rollback, script
from installer.errors import Conflict, InstallerError, RollbackIncomplete, StepFailed, UsageError
from installer.model import (
    Action,
    Checkpoint,
    Closed,
    Context,
    Done,
    Event,
    Facts,
    Failed,
    Finished,
    Guard,
    Intent,
    Json,
    Kept,
    Line,
    Note,
    Observer,
    Opened,
    Options,
    PhaseStarted,
    Planned,
    Progress,
    Record,
    RelPath,
    Resumed,
    RollbackEnded,
    RollbackStarted,
    Step,
    Undone,
)
from installer.rollback import Place, Undoing
from installer.state import Folding, Run, StepState, fold
from installer.store import Store, boot_id, root_identity

if TYPE_CHECKING:
    from pathlib import Path

    from installer.journal import Journal

OnPhaseFailure = Literal["phase", "keep", "run"]
Plan = Callable[[str, Facts], Planned]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended: what the CLI prints and what gives the exit code."""

    state: str
    install_id: str = ""
    steps: tuple[Step, ...] = ()
    error: InstallerError | None = None
    problems: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    warnings: tuple[Json, ...] = ()
    undone: int = 0
    completed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a run is given besides its plan.

    kind        "install", "restore", "clean-env", …: what `history` calls it
    skip        trees that no guard looks into (environments)
    shown       names that the project gives its phases
    facts       what goes into `Opened`: mode, environment, tool version
    on_failure  what is taken back when a phase fails: the phase, only the failed step ("keep"), or the whole run
    until, passed_over  the last phase to run; phases to leave out
    journaled   False switches the checkpoint system off: nothing survives this process
    """

    kind: str = "install"
    options: Options = field(default_factory=Options)
    skip: tuple[Path, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    facts: Json = field(default_factory=dict)
    on_failure: OnPhaseFailure = "phase"
    until: str = ""
    passed_over: tuple[str, ...] = ()
    lock: int = -1


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
        self.observers = tuple(observers)
        self.setting = setting or Setting()
        self._journal: Journal | None = None
        self._lock = threading.RLock()
        self._copies = guard.Copies()
        self._passed: list[str] = []
        self._renewed: dict[RelPath, int] = {}
        self._rendered: script.Rendered = {}
        self._folding = Folding()
        self._folded = 0

    # -- what the CLI calls -----------------------------------------------------------------------------------------

    def preview(self) -> Outcome:
        """The steps that `run` would take now, as far as they can be known before the first of them."""
        run = self.store.current()
        steps = []
        for phase in self._phases():
            for group in self.plan(phase, self._facts(run)):
                steps += [step for step in _group(group) if not self._already(step, run)]
        return Outcome(state="dry-run", install_id=run.install_id, steps=tuple(steps))

    def run(self) -> Outcome:
        """Go on with the open run, or begin one. Nothing to do leaves no trace."""
        try:
            return self._run()
        finally:
            self._close_journal()

    def rollback(self, to: str = "", *, why: str = "") -> Outcome:
        """Take back the current run down to the checkpoint `to` (empty: all of it), going on with an earlier attempt.

        Raises `UsageError` for an unknown checkpoint.
        """
        process.allow()
        try:
            self._open_existing()
            if not self._state().install_id:
                return Outcome(state="nothing")
            return self._rollback(to, why=why)
        finally:
            self._close_journal()

    # -- forwards ---------------------------------------------------------------------------------------------------

    def _run(self) -> Outcome:
        self._open_existing()
        run = self._state()
        if run.rolling_back is not None:
            outcome = self._rollback(run.rolling_back, why="resumed")
            if outcome.state == "rollback incomplete" or not run.rolling_back:
                return outcome
        if self._journal is not None and run.install_id and not run.outcome:
            self._record(Resumed(boot_id=boot_id(), tool_version=str(self.setting.facts.get("tool_version", ""))))
            self._take_back_unfinished(run)
        try:
            while not all(self._phase(name) for name in self._phases()):
                self._start_over()
        except _PhaseFailed as failure:
            return self._after_failure(failure)
        return self._finish()

    def _start_over(self) -> None:
        """Something was stale and is taken back: the phases are looked at again from the first."""
        self._passed.clear()
        self._renewed.clear()

    def _phases(self) -> list[str]:
        names = [name for name in self.order if name not in self.setting.passed_over]
        return names[: names.index(self.setting.until) + 1] if self.setting.until else names

    def _phase(self, name: str) -> bool:
        """Run one phase. False if a step of an earlier attempt was stale and had to be taken back."""
        started = time.monotonic()
        run = self._state()
        try:
            groups = [_group(each) for each in self.plan(name, self._facts(run))]
        except InstallerError as error:
            if self._journal is not None:
                self._record(Failed(step="", phase=name, error=error.as_json()))
            raise _PhaseFailed(name, error) from error
        steps = [step for group in groups for step in group]
        if stale := _first_stale(run, steps):
            self._undo_from(stale)
            return False
        if self._do_steps(name, groups):
            self._checkpoint(name, started)
            return True
        if self._journal is None:
            self._passed.append(name)
        elif name not in run.phases or run.phases[name].status != "completed":
            self._checkpoint(name, started)
        return True

    def _do_steps(self, name: str, groups: list[tuple[Step, ...]]) -> bool:
        """Run what is not done yet, group by group. False if all of it was."""
        any_done = False
        failed: list[str] = []
        for group in groups:
            run = self._state()
            wanted = [step for step in group if not self._already(step, run)]
            for step in group:
                if step not in wanted:
                    self._tell(Kept(step=step))
            if wanted and not any_done:
                any_done = True
                self._open_new()
                self._record(PhaseStarted(phase=name, steps=tuple(step.id for each in groups for step in each)))
            ready = [step for step in wanted if not self._missing_need(step, failed)]
            for step, error in self._do_group(ready):
                if step.on_failure == "stop":
                    raise _PhaseFailed(name, error, step)
                failed.append(step.id)
            self._note_scratch(group)
        return any_done

    def _note_scratch(self, group: tuple[Step, ...]) -> None:
        """What a step put into a scratch tree before that tree was made anew is gone: see `_already`."""
        done = self._state().done
        for step in group:
            for path in step.effect.scratch:
                if step.id in done:
                    self._renewed[path] = max(self._renewed.get(path, 0), done[step.id].seq)

    def _missing_need(self, step: Step, failed: list[str]) -> bool:
        missing = [need for need in step.needs if need in failed]
        if not missing:
            return False
        failed.append(step.id)
        error = StepFailed("step.needs", f"{step.title}: passed over, as {missing[0]} failed", needs=missing)
        self._record(Failed(step=step.id, phase=step.phase, error=error.as_json(), on_failure=step.on_failure))
        self._tell(Kept(step=step, why=error.message))
        return True

    def _do_group(self, steps: list[Step]) -> list[tuple[Step, InstallerError]]:
        """Run steps, several at once if there are; every one ends before this returns the failures."""
        if len(steps) <= 1:
            return [failure for step in steps if (failure := self._try(step))]
        from concurrent.futures import ThreadPoolExecutor

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
            self._step_failed(step, error)
            return step, error
        except OSError as error:
            failure = StepFailed("step.os", f"{step.title}: {error.strerror or error}", path=str(error.filename or ""))
            self._step_failed(step, failure)
            return step, failure
        return None

    def _do(self, step: Step) -> None:
        started = time.monotonic()
        run = self._state()
        attempt = sum(each.step.id == step.id for each in run.attempts) + 1
        place = self._place()
        undo = rollback.capture(step, attempt, place)
        self._record(Intent(step=step, attempt=attempt, undo=undo))
        self._write_script()
        result = self.actions[step.action](step.args, self._context(step))
        digests = rollback.left(step, attempt, undo, place)
        self._remove_scratch(step)
        self._record(
            Done(step=step.id, seconds=round(time.monotonic() - started, 3), digests=digests, result=dict(result or {}))
        )

    def _step_failed(self, step: Step, error: InstallerError) -> None:
        digests = self._left_by_failure(step)
        self._record(
            Failed(step=step.id, phase=step.phase, error=error.as_json(), on_failure=step.on_failure, digests=digests)
        )
        if step.on_failure != "stop":
            for state in self._state().unfinished:
                if state.step.id == step.id:
                    self._undo(state)

    def _left_by_failure(self, step: Step) -> dict[str, str]:
        """What is there now is ours: nobody else can have been at it yet. A guarded tree is the user's, too."""
        state = next((each for each in self._state().unfinished if each.step.id == step.id), None)
        if state is None or state.status != "open":
            return {}
        undo = tuple(each for each in state.undo if not isinstance(each, Guard))
        try:
            return rollback.left(step, state.attempt, undo, self._place())
        except (OSError, InstallerError):
            return {}  # then it is as after a cut: what is there is set aside

    def _checkpoint(self, name: str, started: float) -> None:
        self._write_script()
        self._record(Checkpoint(name=name, seconds=round(time.monotonic() - started, 3)))
        self._write_progress()

    def _finish(self) -> Outcome:
        if self._journal is None:
            run = self.store.current()
            self._heal_progress(run)
            return Outcome(state="nothing", install_id=run.install_id)
        run = self._state()
        if run.outcome:
            return Outcome(state="nothing", install_id=run.install_id)
        degraded = any(each["on_failure"] == "degrade" for each in run.warnings)
        outcome = "degraded" if degraded else "done"
        if not self.setting.until:
            self._record(Closed(outcome=outcome))
            self._write_progress()
        return Outcome(
            state=outcome,
            install_id=run.install_id,
            steps=tuple(each.step for each in run.done.values()),
            warnings=run.warnings,
            completed=tuple(run.phases),
        )

    # -- what an earlier attempt left -------------------------------------------------------------------------------

    def _already(self, step: Step, run: Run) -> bool:
        """Was this very step done in the open run, and is what it left still there?"""
        state = run.done.get(step.id)
        if state is None or run.outcome or not state.step.same_as(step):
            return False
        inside = (*step.effect.scratch, *step.effect.grows)
        if inside and state.boot_id != boot_id():
            return False  # what was not synced before the switch may be lost: it is made anew from the cache
        renewed = any(path.within(tree) and seq > state.seq for tree, seq in self._renewed.items() for path in inside)
        later = [each for each in run.standing if each.seq > state.seq and each.status == "done"]
        return not renewed and rollback.holds(state, later, self.store.root)

    def _take_back_unfinished(self, run: Run) -> None:
        """Steps that were cut short: undone, unless they may simply be run again."""
        for state in run.unfinished:
            if not state.step.effect.repeatable:
                self._undo(state)

    def _undo_from(self, stale: StepState) -> None:
        """Take back `stale` and all that came after it, newest first."""
        self._tell(Note(level="info", text=f"{stale.step.title}: its inputs changed, so it is done anew"))
        for state in self._state().undo_order():
            if state.seq >= stale.seq:
                self._undo(state)

    # -- backwards --------------------------------------------------------------------------------------------------

    def _after_failure(self, failure: _PhaseFailed) -> Outcome:
        """Take back the failed phase (or what `on_failure` says) and tell what is kept."""
        if self._journal is None:
            return Outcome(state="failed", error=failure.error)
        run = self._state()
        undoing = Undoing()
        if self.setting.on_failure == "run":
            outcome = self._rollback("", why=failure.error.code)
            return replace(outcome, error=failure.error)
        last = run.checkpoints[-1].name if run.checkpoints and self.setting.on_failure == "phase" else None
        floor = run.checkpoint_seqs[-1] if last else 0
        for state in run.undo_order():
            wanted = state.seq > floor if self.setting.on_failure == "phase" else state.status != "done"
            if wanted:
                undoing = _merge(undoing, self._undo(state))
        with suppress(OSError):  # both are views; on a full disk the script that is there takes back what is left, too
            self._write_script()
            self._write_progress()
        run = self._state()
        return Outcome(
            state="failed",
            install_id=run.install_id,
            error=failure.error,
            problems=undoing.problems,
            conflicts=undoing.conflicts,
            kept=undoing.kept,
            warnings=run.warnings,
            completed=tuple(name for name, phase in run.phases.items() if phase.status == "completed"),
        )

    def _rollback(self, to: str, *, why: str) -> Outcome:
        run = self._state()
        try:
            order = run.undo_order(to)
        except KeyError:
            known = ", ".join(each.name for each in run.checkpoints)
            raise UsageError("checkpoint.unknown", f"there is no checkpoint `{to}`; there are: {known}") from None
        if run.rolling_back != to:
            self._record(RollbackStarted(to=to, why=why))
        with suppress(OSError):  # the one that is there may be of a later run, that is taken back already
            self._write_script()
        undoing = Undoing()
        for state in order:
            undoing = _merge(undoing, self._undo(state))
        self._record(RollbackEnded(to=to))
        outcome = "rollback incomplete" if undoing.problems else "rolled back"
        if not to or undoing.problems:
            self._record(Closed(outcome=outcome))
        with suppress(OSError):
            self._write_script()
            self._write_progress()
        error: InstallerError | None = None
        if undoing.problems:
            error = RollbackIncomplete(
                "rollback.incomplete", "not everything could be taken back", details=undoing.problems
            )
        elif undoing.conflicts:
            error = Conflict(
                "rollback.conflict", "files that you changed since were left alone", details=undoing.conflicts
            )
        return Outcome(
            state=outcome,
            install_id=run.install_id,
            problems=undoing.problems,
            conflicts=undoing.conflicts,
            kept=undoing.kept,
            undone=len(order),
            error=error,
        )

    def _undo(self, state: StepState) -> Undoing:
        """Take back one attempt and note it. What could not be done is in the note."""
        undoing = Undoing()
        place = self._place()
        self._remove_scratch(state.step)
        for each in state.undo:
            undoing = _merge(undoing, rollback.perform(each, state.digests, state.step.effect, place, self._command))
        self._record(
            Undone(
                step=state.step.id,
                attempt=state.attempt,
                problems=undoing.problems,
                kept=undoing.kept,
                conflicts=undoing.conflicts,
            )
        )
        return undoing

    def _command(self, argv: tuple[str, ...]) -> None:
        process.run(argv, cwd=self.store.root, keep_open=self._descriptors())

    # -- the journal and its views ----------------------------------------------------------------------------------

    def _open_existing(self) -> None:
        """Open the journal of an unfinished run; a finished one is only read."""
        if self._journal is not None or not self.store.journal.exists():
            return
        self._adopt_script_rollback()
        run = self.store.current()
        self._journal = self.store.open_journal() if run.install_id else None
        if run.outcome and self.setting.kind != "rollback":
            self._close_journal()

    def _open_new(self) -> None:
        """Begin a run if none is open. Phases that had nothing to do before are completed at once."""
        if self._journal is not None:
            return
        self.store.prepare()
        install_id = self._facts(Run()).install_id
        self.store.archive()
        self._journal = self.store.open_journal()
        facts = {
            "boot_id": boot_id(),
            "root": root_identity(self.store.root),
            "platform": platform.platform(),
        } | self.setting.facts
        self._record(Opened(install_id=install_id, kind=self.setting.kind, facts=facts))
        for name in self._passed:
            self._record(Checkpoint(name=name))

    def _adopt_script_rollback(self) -> None:
        """`rollback.sh` ran to its end: what it took back is noted, so that nobody takes it back again."""
        flag = self.store.folder / "checkpoints" / script.FLAG
        try:
            install_id = flag.read_text(encoding="utf-8").strip()
        except OSError:
            return
        journal = self.store.open_journal()
        run = fold(journal.entries)
        if run.install_id == install_id and run.outcome != "rolled back":
            journal.append(RollbackStarted(why="rollback.sh"))
            for state in run.undo_order():
                journal.append(Undone(step=state.step.id))
            journal.append(RollbackEnded())
            journal.append(Closed(outcome="rolled back"))
        journal.close()
        files.remove(flag)

    def _close_journal(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._folding, self._folded = Folding(), 0
        self._rendered.clear()

    def _state(self) -> Run:
        """The run as the journal tells it: folded on from where the last look ended."""
        if self._journal is None:
            return Run()
        with self._lock:
            for entry in self._journal.entries[self._folded :]:
                self._folding.take(entry)
            self._folded = len(self._journal.entries)
            return self._folding.run()

    def _record(self, record: Record) -> None:
        with self._lock:
            if self._journal is None:
                return
            self._journal.append(record)
        self._tell(record)

    def _write_script(self) -> None:
        with self._lock:
            script.write(self._state(), self._place(), self.store.script, self._rendered)

    def _write_progress(self) -> None:
        with self._lock:
            run = self._state()
            progress.write(self.store.progress, progress.view(run, self.order, dict(self.setting.shown)))

    def _heal_progress(self, run: Run) -> None:
        """The progress file is a view of the journal: one that says anything else is written anew."""
        if not run.install_id or run.kind != self.setting.kind:
            return
        content = progress.view(run, self.order, dict(self.setting.shown))
        if progress.differs(self.store.progress, content):
            progress.write(self.store.progress, content)

    # -- what steps are given ---------------------------------------------------------------------------------------

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
        if not hasattr(self, "_id"):
            self._id = self.store.new_id()
        return self._id

    def _place(self) -> Place:
        run = self._state()
        return Place(
            root=self.store.root,
            state=self.store.state,
            install_id=run.install_id,
            skip=frozenset({self.store.folder, *self.setting.skip}),
            copies=self._copies,
        )

    def _context(self, step: Step) -> Context:
        scratch = self._scratch(step)
        self._remove_scratch(step)
        files.make_folder(scratch)

        def run_in(
            argv: Sequence[str],
            *,
            cwd: Path | None = None,
            env: Mapping[str, str] | None = None,
            timeout: float | None = None,
            check: bool = True,
            quiet: bool = False,
            on_line: Callable[[str], None] | None = None,
        ) -> Finished:
            def line(text: str) -> None:
                if not quiet:
                    self._tell(Line(step=step.id, text=text))
                if on_line is not None:
                    on_line(text)

            return process.run(
                argv,
                cwd=cwd or self.store.root,
                env=env,
                timeout=timeout,
                check=check,
                on_line=line,
                keep_open=self._descriptors(),
            )

        run = self._state()
        return Context(
            root=self.store.root,
            state=self.store.state,
            install_id=run.install_id,
            options=self.setting.options,
            scratch=scratch,
            run=run_in,
            report=lambda done, total: self._tell(Progress(step=step.id, done=done, total=total)),
            note=lambda text: self._tell(Note(level="info", text=text)),
            warn=lambda text: self._tell(Note(level="warning", text=text)),
        )

    def _scratch(self, step: Step) -> Path:
        return self.store.folder / "scratch" / step.id

    def _remove_scratch(self, step: Step) -> None:
        with suppress(OSError):  # a leftover in a folder of ours is no reason to fail
            files.remove_tree(self._scratch(step))

    def _descriptors(self) -> tuple[int, ...]:
        return (self.setting.lock,) if self.setting.lock >= 0 else ()

    def _tell(self, event: Event) -> None:
        with self._lock:
            for observer in self.observers:
                with suppress(OSError):  # a closed terminal or a full disk for the log must not stop the run
                    observer(event)


class _PhaseFailed(Exception):
    """A phase cannot go on."""

    def __init__(self, phase: str, error: InstallerError, step: Step | None = None) -> None:
        super().__init__(phase)
        self.phase = phase
        self.error = error
        self.step = step


def _group(planned: Step | tuple[Step, ...]) -> tuple[Step, ...]:
    return (planned,) if isinstance(planned, Step) else planned


def _first_stale(run: Run, steps: list[Step]) -> StepState | None:
    """The oldest done step that the plan now wants otherwise.

    One that the plan no longer names is not stale: a phase yields nothing for what is right already.
    """
    if run.outcome:
        return None
    done = [run.done[step.id] for step in steps if step.id in run.done and not run.done[step.id].step.same_as(step)]
    return min(done, key=lambda each: each.seq, default=None)


def _merge(one: Undoing, other: Undoing) -> Undoing:
    return Undoing(
        problems=one.problems + other.problems, conflicts=one.conflicts + other.conflicts, kept=one.kept + other.kept
    )
