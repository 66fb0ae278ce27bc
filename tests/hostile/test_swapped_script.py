"""`rollback.sh` where a folder is swapped for a link between its look and its deed: nothing is changed behind it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from itertools import product
from typing import TYPE_CHECKING

import pytest

from installer import files, script
from installer.state import Run, StepState
from tests.hostile.swapping import STEPS, Scene, Told, of_kind

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("src", "src/deep", ".surefoot")
SHELLS = (("dash",), ("bash",), ("bash", "--posix"), ("busybox", "sh"))
pytestmark = pytest.mark.slow

TOOLS = ("cp", "mv", "rm", "mkdir", "rmdir", "chmod", "ln", "ls", "pwd", "readlink", "sha256sum", "sync")
SHIM = """\
#!/bin/sh
read -r count < {counter}
count=$((count + 1))
echo "$count" > {counter}
if [ "$count" -eq {at} ]; then {mv} {folder} {aside}; {ln} -s {to} {folder}; fi
exec {tool} "$@"
"""


@pytest.fixture(autouse=True)
def _unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power cut comes into it."""
    for name in ("sync", "sync_tree"):
        monkeypatch.setattr(files, name, lambda _: None)


def _written(step: Told, *, done: bool) -> Path:
    """The script that takes it back."""
    scene = step.scene
    state = StepState(
        step=step.step,
        attempt=1,
        undo=step.undo,
        status="done" if done else "open",
        digests=step.digests,
        seq=1,
    )
    target = scene.root / ".surefoot" / "checkpoints" / "rollback.sh"
    target.parent.mkdir()
    (target.parent / "journal.jsonl").write_bytes(b"")
    script.write(Run(install_id=scene.place.install_id, attempts=(state,)), scene.place, target)
    return target


def _run(shell: tuple[str, ...], target: Path, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*shell, str(target)], env={"PATH": path}, capture_output=True, text=True, check=False, cwd="/"
    )


class Shims:
    """Tools of which the one that is called as number `at` first swaps the scene's folder."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self.folder = folder
        self._scene = scene

    def set(self, at: int) -> None:
        """From now on."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        counter = self.folder / "counter"
        counter.write_text("0\n")
        for name in TOOLS:
            path = self.folder / name
            tools = {each: str(shutil.which(each)) for each in ("mv", "ln")}
            words = {"folder": self._scene.folder, "aside": self._scene.aside, "to": self._scene.link_to, **tools}
            path.write_text(SHIM.format(counter=counter, at=at, tool=shutil.which(name), **words))
            path.chmod(0o755)

    def count(self) -> int:
        """How often tools were called."""
        return int((self.folder / "counter").read_text())


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("kind", STEPS)
def test_a_folder_swapped_before_any_tool_is_called_leads_nothing_out(tmp_path: Path, kind: str, folder: str) -> None:
    scene = Scene(tmp_path / "scene", folder)
    shims = Shims(tmp_path / "shims", scene)
    at, reached = 1, True
    while reached:
        scene.make()
        before = scene.inside()
        step = of_kind(kind, scene)
        step.do()
        target = _written(step, done=True)
        outside = scene.double()
        shims.set(at)
        _run(("dash",), target, f"{shims.folder}:{os.environ['PATH']}")
        reached = shims.count() >= at
        assert scene.outside() == outside, at
        scene.mend()
        again = _run(("dash",), target, os.environ["PATH"])
        assert (again.returncode, again.stderr, scene.inside()) == (0, "", before), at
        at += 1
    assert at > 5, "there was a call to be before"


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_folder_that_flickers_leads_no_shell_out(
    tmp_path: Path, shell: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    swaps = tries = astray = 0
    for kind, done, folder in product(STEPS, (True, False), FOLDERS):
        scene = Scene(tmp_path / "scene", folder)
        scene.make()
        step = of_kind(kind, scene)
        step.do(done=done)
        target = _written(step, done=done)
        outside = scene.double()
        shutil.copy(target, tmp_path / "rollback.sh")  # it is read from where nothing moves
        with scene.flickering() as swapped:
            while not swapped():
                time.sleep(0)
            ended = _run(shell, tmp_path / "rollback.sh", os.environ["PATH"])
        assert scene.outside() == outside, (kind, done, folder)
        swaps, tries, astray = swaps + swapped(), tries + 1, astray + bool(ended.returncode)
    with capsys.disabled():
        print(f"\n{' '.join(shell)}: {swaps} swaps during {tries} scripts, {astray} of which refused or failed")  # noqa: T201
    assert astray, "some met the link, and said so"
