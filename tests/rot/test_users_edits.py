"""Whatever the user does to the tree after a run, rollback loses none of it: it is in place, or set aside.

Random edits (hypothesis) in every place that the toy plan touches: what it wrote, a tree that a build ran in, a folder
that it filled, one that it made. No file of the user's that was there before, or came since, is lost (I3), paths that
nobody edited are as they were before, nothing outside the project is touched, a second rollback adds nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from installer import guard
from tests.engine.plug import run_script
from tests.engine.toys import picture
from tests.rot.lab import STATES, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.toys import Picture

Edit = tuple[str, int, int]
KINDS = ("write", "add", "add below", "delete", "chmod", "link", "link inside", "folder", "rename", "touch", "pipe")
EDITS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 1 << 10), st.integers(0, 1 << 10)), max_size=5)
EXAMPLES = int(os.environ.get("ROT_EXAMPLES", "20"))
pytestmark = pytest.mark.slow


class Edits:
    """What the user did: the paths, and what was written.

    Not edited: what lies in the environment (tests/whole/test_users_changes.py has a real one); and, unless the run was
    finished, what only build tools make (docs/architecture.md: of a build that was cut short it is deleted).
    """

    def __init__(self, lab: Lab, *, finished: bool) -> None:
        self.lab = lab
        self.finished = finished
        self.paths: set[str] = set()
        self.count = 0
        self.outside = lab.root.parent / "outside"
        shutil.rmtree(self.outside, ignore_errors=True)
        self.outside.mkdir()
        (self.outside / "precious").write_text("precious")

    def do(self, edit: Edit) -> None:  # noqa: C901 -- one arm a kind
        """One edit; one that cannot be done where it falls is none."""
        kind, which, other = edit
        places = sorted(name for name in picture(self.lab.root) if self._is_open(name))
        name = places[which % len(places)]
        path = self.lab.root / name
        if path.is_symlink() and kind == "add below":
            return
        beside = path.with_name(f"mine {self.count}")
        folder = path if _is_folder(path) else path.parent
        match kind:
            case "write" if path.is_file() and not path.is_symlink():
                path.write_text(self._token())
            case "touch" if path.is_file() and not path.is_symlink():
                os.utime(path)
            case "add" | "add below":
                beside = folder / ("mine" if kind == "add" else "build" if self.finished else "lib") / f"{other}.txt"
                if not _is_free(beside) or not (_is_free(beside.parent) or _is_folder(beside.parent)):
                    return
                beside.parent.mkdir(exist_ok=True)
                beside.write_text(self._token())
                self._did(beside.parent)
                path = beside
            case "delete":
                _remove(path)
            case "chmod" if not path.is_symlink():
                path.chmod(0o751 if path.is_dir() else 0o604)
            case "link" | "link inside":
                _remove(path)
                path.symlink_to(self.outside if kind == "link" else "config.ini")
            case "folder":
                _remove(path)
                path.mkdir()
                (path / "inside").write_text(self._token())
            case "rename":
                path.rename(beside)
                self._did(beside)
            case "pipe":
                _remove(path)
                os.mkfifo(path)
            case _:
                return
        self.count += 1
        self._did(path)

    def _is_open(self, name: str) -> bool:
        if name.partition("/")[0] == "env":
            return False
        return self.finished or not guard.is_artefact(self.lab.root, name)

    def _did(self, path: Path) -> None:
        self.paths.add(str(path.relative_to(self.lab.root)))

    def _token(self) -> str:
        self.count += 1
        return f"written by the user, {self.count}"

    def near(self, name: str) -> bool:
        """Was this path, or one above or below it, edited?"""
        return any(name == each or name.startswith(each + "/") or each.startswith(name + "/") for each in self.paths)


def _is_free(path: Path) -> bool:
    return not os.path.lexists(path)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _remove(path: Path) -> None:
    shutil.rmtree(path) if _is_folder(path) else path.unlink()


def contents(root: Path, *, without: tuple[str, ...] = ()) -> set[str]:
    """The sha256 of every file below `root`."""
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(root, without)}


def _files(root: Path, without: tuple[str, ...]) -> Iterator[Path]:
    for folder, names, leaves in os.walk(root):
        names[:] = [name for name in names if os.path.relpath(os.path.join(folder, name), root) not in without]
        for leaf in leaves:
            path = Path(folder, leaf)
            if path.is_file() and not path.is_symlink():
                yield path


def users(lab: Lab) -> set[str]:
    """The digests of all that is the user's: what was there before the run, and every text of an edit."""
    original = {hashlib.sha256(content).hexdigest() for kind, _, content in lab.before.values() if kind == "file"}
    texts = {f"written by the user, {number}" for number in range(100)}
    return original | {hashlib.sha256(text.encode()).hexdigest() for text in texts}


@pytest.mark.parametrize("way", ["rollback", "rollback --all", "script"])
@pytest.mark.parametrize("state", STATES)
def test_no_edit_and_no_byte_from_before_is_lost(lab: Lab, state: str, way: str) -> None:
    lab.prepare(state)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(EDITS)
    def check(edits: list[Edit]) -> None:
        lab.again()
        done = Edits(lab, finished=state == "finished")
        for each in edits:
            done.do(each)
        note(f"edited: {sorted(done.paths)}")
        stash = (".surefoot/stash",) if way == "rollback --all" else ()
        had = contents(lab.root, without=stash) & users(lab)
        status = _back(lab, way)
        _compare(lab, done, had)
        again = picture(lab.root)
        assert _back(lab, way) in {0, 5, 10}
        assert picture(lab.root) == again or status == 5, "I4: a second rollback adds nothing"
        _compare(lab, done, had)

    check()


def _back(lab: Lab, way: str) -> int:
    if way == "script":
        if not lab.store.script.exists():
            return 0
        ended = run_script(lab.root)
        assert ended.returncode in {0, 5, 10}, ended.stderr
        return ended.returncode
    result = lab.manage(*way.split(), "--yes")
    assert result.status in {0, 5, 10}, result.said
    return result.status


def _compare(lab: Lab, done: Edits, had: set[str]) -> None:
    lost = had - contents(lab.root)
    assert not lost, sorted(lost)
    assert (done.outside / "precious").read_text() == "precious"
    assert os.listdir(done.outside) == ["precious"]
    after = picture(lab.root)
    assert _far(after, done) == _far(lab.before, done)


def _far(found: Picture, done: Edits) -> Picture:
    """The paths that the user had nothing to do with."""
    return {name: word for name, word in found.items() if not done.near(name) and ".before-" not in name}
