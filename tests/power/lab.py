"""A small project on a disk of its own, the machine that works on it, and what it must look like before and after."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.engine.plug import run_script
from tests.engine.toys import Picture, picture
from tests.power.disk import disk

if TYPE_CHECKING:
    from types import TracebackType

    from tests.power.surge import Loss

ROOT = Path(__file__).resolve().parents[2]


class Lab:
    """Everything of it ends with the block."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.cases = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.disk = stack.enter_context(disk())
            self._machine = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.power.worker"],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(self._machine.kill)
            self._prepare()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def project(self) -> Path:
        """Where the project is."""
        return self.disk.top / "project"

    def _prepare(self) -> None:
        furnish(self.project)
        self.before = picture(self.project)
        self.disk.unmount()
        self.disk.save("before")
        self.disk.mount()
        self.changes = int(self.do("resume", boot="one")["changes"])
        self.after = picture(self.project)

    def do(self, way: str, *, at: int = 0, loss: Loss = "all lost", boot: str = "two", lying: bool = False) -> Any:
        """Let a fresh process go `way`, up to the change `at`; what it says, or {"cut": True}."""
        assert self._machine.stdin is not None
        assert self._machine.stdout is not None
        job = {"project": str(self.project), "way": way, "at": at, "loss": loss, "boot": boot, "lying": lying}
        self._machine.stdin.write(json.dumps(job) + "\n")
        self._machine.stdin.flush()
        return json.loads(self._machine.stdout.readline())

    def cut(self, at: int, loss: Loss, *, lying: bool = False) -> None:
        """A run on the project as it was at first whose power is cut; the disk is kept as "cut", and unmounted."""
        self.disk.load("before")
        said = self.do("resume", at=at, loss=loss, boot="one", lying=lying)
        assert said == {"cut": True}, f"{at}: {said}"
        self._restart()

    def cut_again(self, way: str, at: int, loss: Loss) -> None:
        """The power is cut a second time, in the recovery, if that has as many changes."""
        self.disk.load("cut")
        self.do(way, at=at, loss=loss, boot="two")
        self._restart()

    def _restart(self) -> None:
        self.disk.unmount()
        self.disk.mount()  # the journal is replayed
        self.disk.unmount()
        self.disk.save("cut")

    def recovered(self, way: str) -> str:
        """Start the machine after a cut and recover; what is wrong then, in a sentence, or nothing."""
        self.cases += 1
        self.disk.load("cut")
        if way == "script":
            return self._script() or self._differs(self.before)
        said = self.do(way, boot="three")
        if said.get("state") not in {"done", "nothing", "rolled back"} or said.get("told"):
            return f"{way}: {said}"
        return self._differs(self.before if way == "rollback" else self.after)

    def _script(self) -> str:
        """Take back with the script, which may not have come to be."""
        if not (self.project / ".surefoot" / "checkpoints" / "rollback.sh").exists():
            return ""
        done = run_script(self.project)
        return f"rollback.sh: {done}" if done.returncode or done.stderr else ""

    def _differs(self, wanted: Picture) -> str:
        found = picture(self.project)
        return "" if found == wanted else f"the tree differs: {sorted(set(found.items()) ^ set(wanted.items()))}"


def furnish(root: Path) -> None:
    """Files, links, modes and an odd name, as the plan of the toys wants them."""
    (root / "src").mkdir(parents=True)
    (root / "hollow").mkdir(mode=0o750)
    (root / "config.ini").write_text("old")
    (root / "config.ini").chmod(0o640)
    (root / "src" / "version.txt").write_text("1")
    (root / "src" / "old.txt").write_text("old")
    (root / "src" / "link").symlink_to("version.txt")
    (root / "src" / "odd $(name) 'x'\n.py").write_text("odd")
