"""`manage.py init`: what it writes into projects of several shapes, what it leaves alone, and that it goes back."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from typing import TYPE_CHECKING

import pexpect
import pytest
import yaml

from installer import __version__, extras, i18n
from installer.cli import verified
from installer.cli.asked import Asked
from installer.cli.session import open_session
from installer.cli.tree import VERBS
from installer.model import RelPath
from phases.init import workflows
from tests.engine.toys import picture
from tests.init import kit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.init.kit import Project

WRITTEN = {"surefoot.toml", "quickstart.py", "manage.py"}
GITHUB, GITLAB = ".github/workflows/surefoot.yml", ".gitlab-ci.yml"
FOUND = {
    "requirements": "requirements.txt is installed",
    "pyproject": "demo is installed from .",
    "uv.lock": "uv.lock decides the versions",
    "monorepo": "two is installed from packages/two",
    "no python": "an environment without packages",
}


def reshape(project: Project, shape: str) -> None:
    (project.root / "requirements.txt").unlink()
    project.write(kit.SHAPES[shape])
    project.git("add", "-A")
    project.git("commit", "-qm", "as it was")


@pytest.mark.parametrize("shape", kit.SHAPES)
def test_a_project_of_any_shape_gets_its_files_and_gives_them_back(project: Project, shape: str) -> None:
    reshape(project, shape)
    before = picture(project.root)
    said = project.init()
    assert FOUND[shape] in said
    launcher = "quickstart-surefoot.py" if shape == "pyproject" else "quickstart.py"
    assert project.new_files() == WRITTEN - {"quickstart.py"} | {launcher}
    manifest = (project.root / "surefoot.toml").read_text()
    assert tomllib.loads(manifest) == {"mode": "standard"}
    assert FOUND[shape] in manifest
    assert os.access(project.root / launcher, os.X_OK)
    assert project.init() == "Nothing to do.\n"
    assert f"`python3 {launcher}` then installs" in said
    assert project.manage("config")[0] == 0

    assert [line.split()[1] for line in project.manage("history")[1].splitlines() if "init" in line]
    assert project.manage("rollback")[0] == 0
    assert picture(project.root) == before


def test_the_launcher_pins_the_wheel_by_version_and_hash(project: Project) -> None:
    project.init()
    text = (project.root / "quickstart.py").read_text()
    assert f'\nSHA256 = "{kit.sha256(project.wheel)}"\n' in text
    assert f'\nVERSION = "{__version__}"\n' in text
    assert not re.search(r"\w://", text)
    assert len(text.splitlines()) < 200


def test_everything_is_shown_before_it_is_written_and_a_dry_run_writes_nothing(project: Project) -> None:
    before = picture(project.root, without=())
    code, out, _ = project.manage("init", "--dry-run", "--tool", str(project.wheel))
    assert code == 0
    assert picture(project.root, without=()) == before
    assert "requirements.txt is installed  (no project at the root says what it needs)" in out
    for name in WRITTEN:
        assert f"+++ b/{name}" in out
    assert '+mode = "standard"' in out
    pending = project.manage("init", "--dry-run", "--detailed-exitcode", "--json", "--tool", str(project.wheel))
    events = [json.loads(line) for line in pending[1].splitlines()]
    told = next(each for each in events if each["event"] == "init")
    assert pending[0] == 11
    assert {each["path"] for each in told["files"]} == WRITTEN
    assert told["tool"]["sha256"] == kit.sha256(project.wheel)
    assert picture(project.root, without=()) == before


def test_without_a_terminal_it_needs_a_yes(project: Project) -> None:
    before = picture(project.root)
    assert project.manage("init", "--tool", str(project.wheel))[0] == 2
    assert picture(project.root) == before


@pytest.mark.parametrize(("answer", "written"), [("y", WRITTEN), ("n", set())])
def test_on_a_terminal_one_question_is_asked(project: Project, answer: str, written: set[str]) -> None:
    import sys

    code = "import sys; from installer.cli.main import manage; sys.exit(manage(sys.argv[1:]))"
    words = ["-c", code, "-C", str(project.root), "init", "--tool", str(project.wheel)]
    child = pexpect.spawn(sys.executable, words, cwd=str(kit.ROOT), encoding="utf-8", timeout=60, dimensions=(400, 200))
    with child:
        child.expect_exact("Write these files? [y/N]")
        child.sendline(answer)
        child.expect(pexpect.EOF)
    assert project.new_files() == written | {"requirements.txt"}


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("git@github.com:me/demo.git", {GITHUB}),
        ("https://gitlab.example.org/me/demo.git", {GITLAB}),
        ("ssh://git@gitlab.com:22/me/demo", {GITLAB}),
        ("https://example.org/github/demo.git", set()),
        ("/srv/github/demo", set()),
    ],
)
def test_the_remote_says_for_whose_ci_a_file_is_written(project: Project, address: str, written: set[str]) -> None:
    project.git("remote", "add", "origin", address)
    project.init()
    assert project.new_files() == {*WRITTEN, "requirements.txt", *written}


@pytest.mark.parametrize(
    ("flag", "written"), [("none", set()), ("github", {GITHUB}), ("gitlab", {GITLAB}), ("both", {GITHUB, GITLAB})]
)
def test_a_flag_outranks_the_remote(project: Project, flag: str, written: set[str]) -> None:
    project.git("remote", "add", "origin", "git@github.com:me/demo.git")
    project.init("--provider", flag)
    assert project.new_files() == {*WRITTEN, "requirements.txt", *written}
    for name in written:
        assert "python3 quickstart.py --ci auto" in (project.root / name).read_text()


def test_the_workflow_saves_only_what_was_proven_under_the_key_that_says_so(project: Project) -> None:
    project.init("--provider", "both")
    job = yaml.safe_load((project.root / GITHUB).read_text())["jobs"]["install"]
    kinds = [each.get("uses", "").partition("@")[0] or each["run"].splitlines()[0] for each in job["steps"]]
    assert kinds == [
        "actions/checkout",
        "actions/setup-python",
        'python3 manage.py cache-key --restore > "$RUNNER_TEMP/keys"',
        "actions/cache/restore",
        "python3 quickstart.py --ci auto",
        'echo "key=$(python3 manage.py cache-key)" >> "$GITHUB_OUTPUT"',
        "actions/cache/save",
    ]
    assert job["steps"][-1]["if"].startswith("steps.proven.outputs.key != ''")
    assert {each["with"]["path"] for each in job["steps"] if "cache/" in each.get("uses", "")} == {".venv"}
    assert "cache-key" in VERBS
    pipeline = yaml.safe_load((project.root / GITLAB).read_text())["install"]
    assert pipeline["script"] == ["python3 quickstart.py --ci auto"]
    assert (pipeline["image"], pipeline["cache"]["paths"]) == ("python:3.12", [".venv"])


@pytest.mark.parametrize(
    ("requires", "python"),
    [(">=3.11", "3.12"), (">=3.13", "3.13"), ("<3.12", "3.11"), (">=3.14", "3.14"), ("==2.7", "3.12")],
)
def test_the_workflow_starts_with_a_python_that_the_project_takes(requires: str, python: str) -> None:
    words = workflows.words(RelPath("quickstart.py"), RelPath("manage.py"), ".venv", requires)
    assert words["PYTHON"] == python


def test_an_active_environment_is_not_cached(project: Project) -> None:
    project.write({"surefoot.toml": 'environment = "active"\n'})
    project.init("--provider", "both")
    assert all("cache" not in (project.root / name).read_text() for name in (GITHUB, GITLAB))


def test_submodules_are_named(project: Project) -> None:
    project.write({".gitmodules": '[submodule "x"]\n\tpath = vendor/x\n\turl = ../x\n'})
    assert "submodule vendor/x  (.gitmodules)" in project.init()


def test_files_of_the_user_stay_and_ours_lie_beside(project: Project) -> None:
    theirs = {
        "manage.py": "import django\n",
        "quickstart.py": "print()\n",
        GITLAB: "stages: []\n",
        GITHUB: "on: push\n",
    }
    project.write(theirs)
    said = project.init("--provider", "both")
    assert {name: (project.root / name).read_text() for name in theirs} == theirs
    beside = {
        "manage_surefoot.py",
        "quickstart_surefoot.py",
        ".gitlab-ci.surefoot.yml",
        ".github/workflows/surefoot-install.yml",
    }
    assert beside <= project.new_files()
    assert "manage.py is yours and stays: manage_surefoot.py instead" in said
    assert '"quickstart_surefoot.py")' in (project.root / "manage_surefoot.py").read_text()
    assert "python3 quickstart_surefoot.py" in (project.root / ".gitlab-ci.surefoot.yml").read_text()
    assert project.init("--provider", "both") == "Nothing to do.\n"


def test_the_hint_after_an_installation_names_our_door_and_not_the_users(project: Project) -> None:
    (project.root / ".venv" / "bin").mkdir(parents=True)
    (project.root / ".venv" / "bin" / "activate").touch()
    (project.root / ".venv" / "lib" / "python3.11" / "site-packages" / "pytest").mkdir(parents=True)
    session = open_session(Asked(directory=str(project.root), flags={}))
    assert "`manage.py test` runs the tests" in verified.next_step(session)
    project.write({"manage.py": "import django\n"})
    project.init()
    assert "`manage_surefoot.py test` runs the tests" in verified.next_step(session)


def test_nobody_agreed_to_names_beside(project: Project) -> None:
    project.write({"manage.py": "import django\n"})
    before = picture(project.root)
    code, _, err = project.manage("init", "--tool", str(project.wheel))
    assert code == 10
    assert "manage.py" in err
    assert picture(project.root) == before


@pytest.mark.parametrize("kind", ["file", "folder", "link", "blocked"])
def test_where_both_names_are_the_users_nothing_is_written(project: Project, kind: str) -> None:
    project.write({"manage.py": "theirs"})
    second = project.root / "manage_surefoot.py"
    match kind:
        case "file":
            second.write_text("theirs")
        case "folder":
            second.mkdir()
        case "link":
            second.symlink_to("/etc/passwd")
        case _:
            second.write_text("theirs")
            (project.root / ".github").write_text("a file")
    before = picture(project.root)
    code, _, err = project.manage("init", "-y", "--provider", "github", "--tool", str(project.wheel))
    assert code == 10
    assert "manage.py, manage_surefoot.py" in err
    assert picture(project.root) == before


def test_a_linked_folder_for_workflows_is_not_followed(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "workflows").mkdir(parents=True)
    (project.root / ".github").symlink_to(tmp_path / "elsewhere")
    assert project.manage("init", "-y", "--provider", "github", "--tool", str(project.wheel))[0] == 10
    assert list((tmp_path / "elsewhere" / "workflows").iterdir()) == []


def test_a_manifest_that_is_there_stays(project: Project) -> None:
    project.write({"surefoot.toml": 'name = "Mine"\n'})
    project.init()
    assert (project.root / "surefoot.toml").read_text() == 'name = "Mine"\n'
    assert "quickstart.py" in project.new_files()


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_the_manifest_can_be_a_table_of_pyproject_toml(project: Project, end: str) -> None:
    reshape(project, "pyproject")
    file = project.root / "pyproject.toml"
    file.write_bytes(b'[project]\nname = "demo"\nversion = "1"'.replace(b"\n", end.encode() or b"\n") + end.encode())
    file.chmod(0o640)
    before = picture(project.root)
    project.init("--in-pyproject")
    held = file.read_bytes()
    assert held.startswith(before["pyproject.toml"][2])
    assert tomllib.loads(held.decode())["tool"]["surefoot"] == {"mode": "standard"}
    assert (b"\r\n" in held, file.stat().st_mode & 0o777) == (end == "\r\n", 0o640)
    assert "surefoot.toml" not in project.new_files()
    assert project.init("--in-pyproject") == "Nothing to do.\n"
    assert project.manage("rollback")[0] == 0
    assert picture(project.root) == before


@pytest.mark.parametrize("words", [("-y",), ("--dry-run", "--json")])
def test_no_line_of_the_users_is_shown_for_an_addition(project: Project, words: tuple[str, ...]) -> None:
    (project.root / "requirements.txt").write_text("six @ https://me:s3cr3tpw98@example.org/six.whl\n")
    held = '[[tool.uv.index]]\nurl = "https://ci:s3cr3tpw99@example.org/simple"\n[tool.mine]\npassword = "s3cr3tpw97"\n'
    project.write({"pyproject.toml": held})
    code, out, err = project.manage("init", "--in-pyproject", "--tool", str(project.wheel), *words)
    assert (code, "[tool.surefoot]" in out) == (0, True), err
    assert "s3cr3tpw9" not in out + err
    if "-y" in words:
        assert (project.root / "pyproject.toml").read_text().startswith(held)


def test_a_pyproject_toml_that_takes_no_table_is_left_alone(project: Project) -> None:
    assert project.manage("init", "-y", "--in-pyproject", "--tool", str(project.wheel))[0] == 2
    project.write({"pyproject.toml": 'tool = {a = 1}\n[project]\nname = "x"\nversion = "1"\n'})
    code, _, err = project.manage("init", "-y", "--in-pyproject", "--tool", str(project.wheel))
    assert (code, "cannot be added" in err) == (2, True)


def test_a_launcher_of_an_older_pin_is_renewed_unless_it_was_edited(project: Project, tmp_path: Path) -> None:
    project.init()
    old = (project.root / "quickstart.py").read_bytes()
    newer = tmp_path / "newer" / kit.WHEEL
    newer.parent.mkdir()
    shutil.copy(project.wheel, newer)
    with newer.open("ab") as file:
        file.write(b"\0")  # what follows a zip is a comment to it, and another wheel to a hash
    project.git("add", "-A")
    project.git("commit", "-qm", "initialised")
    assert project.manage("init", "-y", "--tool", str(newer))[0] == 0
    assert kit.sha256(newer) in (project.root / "quickstart.py").read_text()
    assert project.git("diff", "--name-only").split() == ["quickstart.py"]
    assert project.manage("rollback")[0] == 0
    assert (project.root / "quickstart.py").read_bytes() == old

    (project.root / "quickstart.py").write_bytes(old + b"# mine\n")
    assert project.manage("init", "-y", "--tool", str(newer))[0] == 0
    assert (project.root / "quickstart.py").read_bytes() == old + b"# mine\n"
    assert "quickstart_surefoot.py" in project.new_files()


def test_what_is_no_wheel_of_ours_is_not_pinned(project: Project, tmp_path: Path) -> None:
    strange = tmp_path / "surefoot-0.1.0-py3-none-any.whl"
    strange.write_bytes(b"no zip")
    before = picture(project.root)
    assert project.manage("init", "-y", "--tool", str(strange))[0] == 2
    assert project.manage("init", "-y", "--tool", str(tmp_path / "nowhere.whl"))[0] == 2
    assert picture(project.root) == before


@pytest.mark.slow
def test_a_clone_that_no_index_knows_brings_its_own_wheel_along(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    before = picture(project.root)
    assert project.manage("init", "-y")[0] == 0
    wheel = project.root / kit.WHEEL
    assert f'SHA256 = "{kit.sha256(wheel)}"' in (project.root / "quickstart.py").read_text()
    assert project.manage("init", "-y")[:2] == (0, "Nothing to do.\n")  # built anew, it is the same
    wheel.write_bytes(b"mine")
    assert project.manage("init", "-y")[:2] == (0, "Nothing to do.\n")
    assert wheel.read_bytes() == b"mine"
    wheel.unlink()
    assert project.manage("rollback", "-y")[0] == 0
    assert picture(project.root) == before
    assert list((tmp_path / "cache" / "built").glob("*/*.whl"))


def test_files_that_git_ignores_are_told_as_a_clone_would_not_have_them(project: Project) -> None:
    project.write({".gitignore": "*.whl\nmanage.py\nsurefoot.toml\n"})
    project.git("add", ".")
    add = "git add -f surefoot.toml manage.py"
    event = json.loads(project.manage("init", "--dry-run", "--json", "--tool", str(project.wheel))[1].splitlines()[0])
    assert (event["event"], event["ignored"]) == ("init", ["surefoot.toml", "manage.py"])
    said = project.init()
    assert f"git ignores surefoot.toml, manage.py: a clone will not have them (`{add}`)" in said
    assert f"hint: git ignores some of these files: `{add}`; commit these files; `python3 quickstart.py`" in said
    assert "Python 3.11 or newer" in said
    project.git("add", "-f", "surefoot.toml", "manage.py")
    project.manage("rollback", "-y")
    assert "git ignores" not in project.init()  # what is tracked is in every clone


def test_without_a_repository_nothing_is_ignored(project: Project) -> None:
    shutil.rmtree(project.root / ".git")
    project.write({".gitignore": "manage.py\n"})
    assert "git ignores" not in project.init()


def test_without_what_builds_a_clone_the_wheel_is_to_be_named(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "an empty cache"))
    before = picture(project.root)
    code, out, _ = project.manage("init", "--dry-run", "--json")
    error = json.loads(out.splitlines()[-1])["error"]
    assert (code, error["code"]) == (6, "init.no-wheel")
    assert any("hatchling" in line for line in error["details"])
    assert "manage.py init --tool WHEEL" in error["hint"]
    assert picture(project.root) == before


def test_a_clone_is_built_by_what_its_lock_holds(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    (clone / "locks").mkdir(parents=True)
    lock = (kit.ROOT / "locks" / "backend.txt").read_text()
    (clone / "locks" / "backend.txt").write_text(re.sub(r"sha256:.{8}", "sha256:00000000", lock))
    shutil.copy(kit.ROOT / "pyproject.toml", clone)
    monkeypatch.setattr(extras, "clone", lambda: str(clone))
    code, _, err = project.manage("init", "--dry-run")
    assert (code, "Hash mismatch" in err) == (6, True), err
    (requires,) = tomllib.loads((kit.ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert lock.partition("\n")[2].startswith(requires.partition(">")[0] + "==")


def test_surefoot_does_not_initialise_itself(project: Project) -> None:
    from installer.cli.main import manage

    assert manage(["-C", str(kit.ROOT), "init", "--dry-run"]) == 2
    assert "this is Surefoot itself" in project.capture.readouterr().err


def test_a_project_that_needs_conda_is_told_so(project: Project) -> None:
    (project.root / "requirements.txt").unlink()
    project.write({"environment.yml": "name: x\n"})
    assert project.manage("init", "-y", "--tool", str(project.wheel))[0] == 6
    assert project.new_files() == {"environment.yml"}


def test_it_speaks_chinese(project: Project) -> None:
    try:
        code, out, _ = project.manage("--lang", "zh", "init", "-y", "--tool", str(project.wheel))
    finally:
        i18n.use("en")
    assert code == 0
    assert "将要写入：" in out
    assert tomllib.loads((project.root / "surefoot.toml").read_text()) == {"mode": "standard"}


def test_every_lock_but_those_of_developers_and_builders_is_in_the_wheel() -> None:
    text = tomllib.loads((kit.ROOT / "pyproject.toml").read_text())
    included = text["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    locks = {path.name for path in (kit.ROOT / "locks").glob("*.txt")} - {"dev.txt", "backend.txt"}
    assert included == {f"locks/{name}": f"installer/locks/{name}" for name in locks}
