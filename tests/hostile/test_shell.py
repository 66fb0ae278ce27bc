"""Any string in rollback.sh is a string: names, commands, titles; in three shells, with an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from installer import script, shell_api
from installer.actions import ACTIONS, write_file
from installer.engine import Engine
from installer.model import Effect, Facts, Lasting, Planned, RelPath, Step
from installer.store import Store
from tests.engine.toys import picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHELLS = (("dash",), ("bash", "--posix"), ("busybox", "sh"))
BARE = {"PATH": "/usr/bin:/bin"}
HOSTILE = (
    "$(touch CANARY)",
    "`touch CANARY`",
    "'; touch CANARY; '",
    '"; touch CANARY; "',
    "\n touch CANARY\n",
    "\r\ntouch CANARY\r\n",
    "x\n}\ntouch CANARY\n{",
    "x; exit 0; touch CANARY",
    "| touch CANARY",
    "&& touch CANARY &",
    "> CANARY",
    "-rf",
    "--help",
    "--",
    "-",
    "~root",
    "*",
    "[a-z]?",
    "{a,b}",
    "!!",
    "#x",
    "\\",
    "\\'",
    "a\\nb",
    "\t",
    " ",
    "\x07\x1b[2J",
    "${IFS}touch${IFS}CANARY",
    "$((1/0))",
    "%s%n",
    "EOF",
    "é 中文 🐍 \u202e",
    "\udcff\udc80",
    "a=b",
    "\x7f",
)
# What shellcheck says of every script, and why it stays. None may be added without its reason.
ALLOWED = {
    "SC2317": "functions that a certain script happens not to call",
    "SC2016": "a name with a dollar sign in it is meant to stay as it is",
    "SC1003": "a name that is a backslash and a quote, quoted",
    "SC2119": "the same, at the place of a call",
    "SC2120": "functions whose arguments come from the user's script",
}


def _names() -> Iterator[str]:
    yield from (name.replace("/", "_") for name in HOSTILE)


def _engine(root: Path, *steps: Step) -> Engine:
    def plan(phase: str, _facts: Facts) -> Planned:
        return (each for each in steps if each.phase == phase)

    def build(args: object, context: object) -> None:
        for name in _names():
            (root / "src" / name).write_text("changed")
            (root / "src" / f"{name}.new").write_text("new")

    actions = {**ACTIONS, "toy.build": build, "toy.nothing": lambda *_: None}
    return Engine(Store(root, RelPath(".surefoot")), order=("first",), actions=actions, plan=plan)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project, in a folder of a hostile name, with files of hostile names."""
    root = tmp_path / "a $(touch CANARY) 'x'\n-project"
    (root / "src").mkdir(parents=True)
    for name in _names():
        (root / "src" / name).write_text("old")
    return root


def _steps() -> list[Step]:
    files = [
        write_file("first", f"{n:02}", path=RelPath(f"made {name}"), text="made")
        for n, name in enumerate(_names())
        if "\\" not in name
    ]
    said = [
        Step(
            id=f"first.said.{n}",
            phase="first",
            title=text,
            action="toy.nothing",
            effect=Effect(lasting=text, inverse=("printf", "%s", text) if text.isprintable() else ()),
        )
        for n, text in enumerate(HOSTILE)
    ]
    build = Step(
        id="first.99.build",
        phase="first",
        title="x\ntouch CANARY",
        action="toy.build",
        effect=Effect(guards=(RelPath("src"),)),
    )
    return [*files, *said, build]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_no_string_is_run_by_a_shell(tree: Path, tmp_path: Path, shell: tuple[str, ...]) -> None:
    was = picture(tree)
    _engine(tree, *_steps()).run()
    here = tmp_path / "here"
    here.mkdir()
    rollback = tree / ".surefoot" / "checkpoints" / "rollback.sh"
    done = subprocess.run([*shell, str(rollback)], env=BARE, cwd=here, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert picture(tree) == was
    assert [path for path in tmp_path.rglob("*") if path.name == "CANARY"] == []
    assert list(here.iterdir()) == []


def test_a_linter_finds_nothing_in_it(tree: Path) -> None:
    _engine(tree, *_steps()).run()
    rollback = tree / ".surefoot" / "checkpoints" / "rollback.sh"
    plain = rollback.with_name("plain.sh")
    plain.write_bytes(rollback.read_bytes().decode("utf-8", "replace").encode())  # it reads UTF-8 only
    command = ["shellcheck", "--shell=sh", "--severity=style", f"--exclude={','.join(ALLOWED)}", str(plain)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_the_functions_for_scripts_hold_no_string_that_is_run(tmp_path: Path, shell: tuple[str, ...]) -> None:
    for text in HOSTILE:
        if "\0" in text:
            continue
        name = text.replace("/", "_").strip(".")
        made = shell_api.render(f"/nowhere/{name}/python", f"/nowhere/{name}/manage.py", root=f"/nowhere/{name}")
        script_file = tmp_path / "api.sh"
        script_file.write_bytes(os.fsencode(made) + b'\ncheckpoint_completed "$1" || :\necho fine\n')
        done = subprocess.run(
            [*shell, str(script_file), text], env=BARE, cwd=tmp_path, capture_output=True, check=False
        )
        assert done.stdout.decode(errors="replace").endswith("fine\n"), (text, done.stderr)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["api.sh"], text


def test_the_functions_for_scripts_please_a_linter(tmp_path: Path) -> None:
    made = tmp_path / "api.sh"
    made.write_text(shell_api.render("/usr/bin/python3", "/x/manage.py", root="/x"))
    command = ["shellcheck", "--shell=sh", "--severity=style", f"--exclude={','.join(ALLOWED)}", str(made)]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(
        st.text(st.characters(exclude_characters="/\0\\", codec="utf-8"), min_size=1, max_size=40).filter(
            lambda name: name not in {".", ".."} and len(name.encode()) < 200
        ),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    title=st.text(max_size=40),
)
def test_whatever_the_names_are_dash_takes_them_back(tmp_path: Path, names: list[str], title: str) -> None:
    root = tmp_path / "p"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    steps = [
        Step(
            id=f"first.{n}",
            phase="first",
            title=title,
            action=made.action,
            args=made.args,
            effect=made.effect,
        )
        for n, made in enumerate(write_file("first", "x", path=RelPath(f"d/{name}"), text="x") for name in names)
    ]
    _engine(root, *steps).run()
    rollback = root / ".surefoot" / "checkpoints" / "rollback.sh"
    done = subprocess.run(["dash", str(rollback)], env=BARE, cwd="/", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in root.iterdir()) == [".surefoot"]


def test_a_reason_that_cannot_be_taken_back_is_quoted() -> None:
    lines = list(script._lines(Lasting(reason="$(touch CANARY)\n'"), _NOBODY, _NOBODY))  # type: ignore[arg-type]  # noqa: SLF001 -- neither is asked
    assert lines == ["""say 'stays: $(touch CANARY)\n'"'"''"""]


class _Nobody:
    digests: dict[str, str] = {}  # noqa: RUF012 -- empty


_NOBODY = _Nobody()
