"""What can be done to the project on a machine, each as of a new process: run, resume, take back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from installer import checkpoint
from installer.engine import Engine, Setting
from installer.errors import Precondition
from installer.model import Facts, Planned, RelPath
from installer.store import Store
from tests.engine.toys import Picture, picture
from tests.model import toys
from tests.model.machine import Machine

Plan = Callable[[str, Facts], Planned]
BACK = Setting(kind="rollback")


class Bench(Machine):
    """A machine with the commands."""

    @property
    def store(self) -> Store:
        """The project's."""
        return Store(self.root, RelPath(".surefoot"))

    def outcome(self) -> str:
        """How the current run stands."""
        return self.store.current().outcome

    def picture(self) -> Picture:
        """The project without the tool's own state."""
        return picture(self.root)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The lock, as every command takes it."""
        self.store.prepare()
        with self.store.lock(wait=False, waiting=_nobody):
            yield

    def run(self, plan: Plan = toys.whole_plan, *, wanted: str = "done", setting: Setting | None = None) -> str:
        """Go on, or begin; it must end as wanted."""
        with self.held():
            outcome = self._engine(plan, setting or Setting()).run()
        assert outcome.state == wanted, outcome
        assert (outcome.problems, outcome.conflicts) == ((), ()), outcome
        return outcome.state

    def resume(self, plan: Plan = toys.whole_plan) -> str:
        """Go on with a run that is not over; how it stands then."""
        if not self.outcome():
            with self.held():
                outcome = self._engine(plan, Setting()).run()
            assert outcome.state != "failed", outcome
            assert (outcome.problems, outcome.conflicts) == ((), ()), outcome
        return self.outcome()

    def back(self) -> str:
        """Take back the current run."""
        with self.held():
            outcome = self._engine(toys.whole_plan, BACK).rollback()
        assert (outcome.problems, outcome.conflicts) == ((), ()), outcome
        return "rolled back"

    def back_all(self) -> str:
        """Take back every run, as `manage.py rollback --all` does."""
        with self.held():
            store = self.store
            for run in [run for run in store.history() if run.standing and run.outcome != "rolled back"]:
                if store.current().install_id != run.install_id:
                    store.archive()
                    store.unarchive(run.install_id)
                outcome = self._engine(toys.whole_plan, BACK).rollback()
                assert (outcome.problems, outcome.conflicts) == ((), ()), outcome
        return "rolled back"

    def anew(self) -> str:
        """The next command, whatever it is, ends what was begun; then everything is installed again."""
        self.back_all()
        return "done" if self.resume() == "done" else self.run()

    def dissolve(self) -> str:
        """Remove the state folder, as every run is taken back."""
        with self.held():
            self.store.dissolve()
        assert self.is_dissolved()
        return " and dissolved"

    def is_dissolved(self) -> bool:
        """Is nothing of the tool's left but what it set aside for the user?"""
        kept = {path.read_bytes() for path in (self.store.folder / "kept").rglob("*") if path.is_file()}
        return set(os.listdir(self.store.folder)) == {".gitignore", "kept"} and kept == {b"made by the build", b"z"}

    def by_script(self) -> str:
        """Take back with the script, which may not have come to be."""
        if self.store.script.exists():
            done = subprocess.run(
                ["sh", str(self.store.script)],
                env={"PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, ""), done
        return "rolled back"

    def somebodys_installer(self) -> str:
        """Somebody else's installer that uses the checkpoint API: it goes on where it was cut short."""
        if self.outcome() == "done":
            return "done"
        kept = ["config.ini", "tool.lock"]
        checkpoint.init_checkpoint_system(self.root, phases=("fetch", "build"), files=kept)
        if "fetch" not in checkpoint.completed_phases(self.root):
            checkpoint.update_checkpoint("fetch", "started", root=self.root)
            toys.put(self.root / "config.ini", "fetched")
            checkpoint.update_checkpoint("fetch", "completed", root=self.root)
        toys.put(self.root / "config.ini", "configured")
        checkpoint.create_rollback_point("between", root=self.root)
        if "build" not in checkpoint.completed_phases(self.root):
            toys.put(self.root / "tool.lock", "built")
            checkpoint.update_checkpoint("build", "completed", root=self.root)
        return self.outcome()

    def back_to_start(self) -> str:
        """Return to what was before somebody else's installer began."""
        with suppress(Precondition):  # it had not begun to change anything
            checkpoint.execute_rollback("start", root=self.root)
        return "rolled back"

    def through_and_back(self) -> str:
        """Go on to the end; that can be taken back, too. A run that had come to its end is followed by another."""
        before = self.store.current().install_id
        self.somebodys_installer()
        after = self.store.current().install_id
        ended = self.back_to_start()
        return ended if after == before or not before else "done"

    def _engine(self, plan: Plan, setting: Setting) -> Engine:
        return Engine(self.store, order=toys.ORDER, actions=toys.TOYS, plan=plan, setting=setting)


def _nobody(holder: str) -> None:
    raise AssertionError(holder)
