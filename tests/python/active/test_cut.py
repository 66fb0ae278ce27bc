"""An installation in place that is cut off after any number of its changes is taken back file by file."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from installer import files, process
from installer.errors import Precondition
from installer.model import Context, Finished, Options, RelPath
from phases.python import records
from phases.python.active import transfer, undoing
from phases.python.environments.places import LAYOUT, Layout, layout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIBRARY = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
COMMAND = "#!{python}\nprint('{version}')\n"


class Cut(BaseException):
    """Stands in for a signal or a power cut: nothing catches it."""


def put_distribution(env: Path, name: str, version: str, contents: Mapping[str, str], *, record: bool = True) -> None:
    """As an installer would leave it."""
    info = f"{name}-{version}.dist-info"
    written = {**contents, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    lines = []
    for path, text in written.items():
        place = Path(os.path.normpath(env / LIBRARY / path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        lines.append(f"{path},sha256={digest},{len(text.encode())}")
    if record:
        (env / LIBRARY / info / "RECORD").write_text("\n".join([*lines, f"{info}/RECORD,,", ""]))


class Stage:
    """A project with a staging environment, and an active one that holds other versions."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.env = folder / "active env"
        self.staging = self.root / ".surefoot/staging/x"
        for env in (self.env, self.staging):
            (env / "bin").mkdir(parents=True)
            (env / LIBRARY).mkdir(parents=True)
        (self.env / "bin" / "python").symlink_to(sys.executable)
        (self.root / ".surefoot/runs/x").mkdir(parents=True)
        names = ('name = "one"', 'name = "two"', 'name = "new"')
        (self.root / ".surefoot/runs/x/pylock.toml").write_text("\n".join(names))
        self.layout = Layout(
            prefix=str(self.env),
            python=str(self.env / "bin" / "python"),
            base=os.path.realpath(sys.executable),
            version=".".join(map(str, sys.version_info[:3])),
            scripts=str(self.env / "bin"),
            purelib=str(self.env / LIBRARY),
            platlib=str(self.env / LIBRARY),
            data=str(self.env),
        )
        self.fill()

    def fill(self) -> None:
        """`one` gains a module and loses one, `two` has a file at which it did not change, `new` is not there yet."""
        here, there = str(self.staging / "bin" / "python"), self.layout.python
        for env, python, version in ((self.env, there, "1.0"), (self.staging, here, "2.0")):
            only = "gone" if version == "1.0" else "came"
            command = COMMAND.format(python=python, version=version)
            content = {
                "one/__init__.py": f"v = {version!r}\n",
                "one/same.py": "same\n",
                f"one/{only}/module.py": "x\n",
                "../../../bin/one": command,
            }
            put_distribution(env, "one", version, content)
            put_distribution(env, "two", version, {"two.py": f"v = {version!r}\n", f"{only}.txt": ""})
        put_distribution(self.staging, "new", "1.0", {"new/__init__.py": "", "../../../share/new/data.txt": "data\n"})
        put_distribution(self.env, "theirs", "1.0", {"theirs.py": ""})
        (self.env / LIBRARY / "one" / "note.txt").write_text("the user's")

    @property
    def folder(self) -> RelPath:
        return RelPath(".surefoot/stash/x/active-1")

    def context(self) -> Context:
        def no(*_: object, **__: object) -> NoReturn:
            raise AssertionError("no program is run")

        return Context(
            root=self.root,
            state=RelPath(".surefoot"),
            install_id="x",
            options=Options(deep=True),
            scratch=self.root,
            run=no,
            report=lambda _done, _total: None,
            note=lambda _text: None,
            warn=lambda _text: None,
        )

    def args(self) -> dict[str, Any]:
        return {
            "environment": ".surefoot/staging/x",
            "layout": self.layout.as_json(),
            "folder": self.folder,
            "members": [],
            "stands_for": ".surefoot/active",
        }

    def compare(self) -> None:
        transfer.compare(self.args(), self.context())

    def install(self) -> None:
        transfer.transfer(self.args(), self.context())

    def undo(self) -> Finished:
        words = [sys.executable, "-I", "-B", f"{self.folder}/undo.py", f"{self.folder}/changes.json"]
        return process.run(["sh", "-c", 'umask 077; exec "$@"', "sh", *words], cwd=self.root, check=False)

    def picture(self) -> dict[str, str]:
        found = {}
        for path in sorted(self.env.rglob("*")):
            name = path.relative_to(self.env).as_posix()
            if not path.is_symlink():
                found[name] = f"{path.lstat().st_mode:o} {'' if path.is_dir() else path.read_text()}"
        return found


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def cut_after(count: int, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    """Raise `Cut` before, or after, the change number `count`."""
    left = [count]

    def wrapped(change: Callable[..., None]) -> Callable[..., None]:
        def do(*args: Any, **words: Any) -> None:
            left[0] -= 1
            if left[0] < 0 and not after:
                raise Cut
            change(*args, **words)
            if left[0] < 0:
                raise Cut

        return do

    for name in ("put", "displace"):
        monkeypatch.setattr(files, name, wrapped(getattr(files, name)))


def test_all_comes_and_all_goes_back(stage: Stage) -> None:
    before = stage.picture()
    stage.compare()
    stage.install()
    assert records.check(stage.env / LIBRARY, deep=True) == []
    assert records.installed(stage.env / LIBRARY) == {"one": "2.0", "two": "2.0", "new": "1.0", "theirs": "1.0"}
    assert (stage.env / "share/new/data.txt").read_text() == "data\n"
    assert (stage.env / "bin/one").read_text().splitlines()[1].startswith("'''exec' \""), "its folder has a space"
    assert str(stage.staging) not in (stage.env / "bin/one").read_text()
    assert not (stage.env / LIBRARY / "one/gone").exists()
    assert (stage.env / LIBRARY / "one/note.txt").exists()
    for _ in range(2):
        assert stage.undo().status == 0
        assert stage.picture() == before


@pytest.mark.parametrize("after", [False, True])
def test_cut_after_any_change_it_is_taken_back_and_can_be_done_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    before = stage.picture()
    count = 0
    while True:
        stage.compare()
        with monkeypatch.context() as patch:
            cut_after(count, patch, after=after)
            try:
                stage.install()
            except Cut:
                pass
            else:
                break
        ended = stage.undo()
        assert (ended.status, ended.stderr) == (0, ""), count
        assert stage.picture() == before, count
        count += 1
    assert count > 15
    assert records.check(stage.env / LIBRARY, deep=True) == []
    assert layout(stage.root / ".surefoot/active") == stage.layout
    assert (stage.root / ".surefoot/active" / LAYOUT).is_file()
    assert stage.undo().status == 0
    assert stage.picture() == before


def test_an_undo_that_is_cut_after_any_change_is_finished_by_the_next(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stage.picture()
    words = ["undo.py", str(stage.root / stage.folder / "changes.json")]
    count = 0
    while True:
        stage.compare()
        stage.install()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", words)
            left = count

            def cut(*args: Any, real: Callable[..., None]) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Cut
                real(*args)

            for name in ("replace", "unlink"):
                patch.setattr(os, name, partial(cut, real=getattr(os, name)))
            try:
                undoing.main()
            except Cut:
                pass
            else:
                break
        assert stage.undo().status == 0, count
        assert stage.picture() == before, count
        count += 1
    assert count > 20
    assert stage.picture() == before


def test_an_undo_that_never_had_anything_to_do_does_nothing(stage: Stage) -> None:
    before = stage.picture()
    stage.compare()
    assert stage.undo().status == 0
    assert stage.picture() == before


def test_a_file_that_somebody_changed_since_is_set_aside(stage: Stage) -> None:
    stage.compare()
    stage.install()
    (stage.env / LIBRARY / "one/__init__.py").write_text("edited\n")
    ended = stage.undo()
    assert ended.status == 10
    assert "one/__init__.py was changed since" in ended.stderr
    (kept,) = (stage.root / ".surefoot/kept/x/active").rglob("__init__.py")
    assert kept.read_text() == "edited\n"
    assert records.check(stage.env / LIBRARY, deep=True) == []
    assert records.installed(stage.env / LIBRARY) == {"one": "1.0", "two": "1.0", "theirs": "1.0"}


def test_what_another_tool_put_there_without_a_list_is_not_replaced(stage: Stage) -> None:
    info = stage.env / LIBRARY / "two-1.0.dist-info"
    (info / "RECORD").unlink()
    (info / "INSTALLER").write_text("conda\n")
    before = stage.picture()
    with pytest.raises(Precondition) as refused:
        stage.compare()
    assert "two 1.0 → 2.0" in str(refused.value.details)
    assert stage.picture() == before


def test_the_version_that_another_tool_installed_is_taken_as_it_is(stage: Stage) -> None:
    put_distribution(stage.env, "new", "1.0", {"new/other.py": ""}, record=False)
    (stage.env / LIBRARY / "new-1.0.dist-info/INSTALLER").write_text("debian\n")
    stage.compare()
    told = json.loads((stage.root / stage.folder / "changes.json").read_bytes())
    assert [each["name"] for each in told["changes"]] == ["one", "two"]


def test_a_half_installed_distribution_is_replaced_and_comes_back_as_it_was(stage: Stage) -> None:
    put_distribution(stage.env, "new", "1.0", {"new/half.py": "half"}, record=False)
    before = stage.picture()
    stage.compare()
    stage.install()
    assert records.check(stage.env / LIBRARY, deep=True) == []
    assert stage.undo().status == 0
    assert stage.picture() == before


def test_the_undo_runs_on_old_interpreters() -> None:
    source = Path(transfer.__file__).with_name("undoing.py").read_text(encoding="utf-8")
    import ast

    ast.parse(source, feature_version=(3, 6))


def test_the_script_needs_nothing_of_ours(stage: Stage) -> None:
    stage.compare()
    stage.install()
    done = subprocess.run(
        [sys.executable, "-I", "-S", f"{stage.folder}/undo.py", f"{stage.folder}/changes.json"],
        cwd=stage.root,
        env={},
        check=False,
    )
    assert done.returncode == 0
