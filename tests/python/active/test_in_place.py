"""Whole runs into environments that are active: what comes, what stays, and that the versions before come back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.python.active.prefixes import LIBRARY, broken, files, installation, site, versions, virtual
from tests.whole.kit import Ended, picture, run, start, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")
MEMBER = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "the-member"
version = "1.0"
dependencies = ["idna==3.7"]
[project.scripts]
say-hello = "the_member:main"
[tool.setuptools]
packages = ["the_member"]
[tool.surefoot]
environment = "active"
[tool.surefoot.verification]
commands = [["say-hello"]]
""",
    "the_member/__init__.py": "def main() -> None:\n    print('hello')\n",
}


def into(env: Path, door: str, *words: str, cwd: Path, through: tuple[str, ...] = ()) -> Ended:
    """Run it with `env` active."""
    return run(door, *words, cwd=cwd, env={"VIRTUAL_ENV": str(env)}, through=through)


def test_what_is_missing_comes_and_what_nobody_declares_stays(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env", "six==1.15.0")
    before = files(env)
    planned = into(env, "quickstart.py", "--dry-run", cwd=project)
    assert planned.status == 0, planned.said
    assert f"Install in place into {env}: a rollback brings back versions, not bytes" in planned.said
    assert "lies outside of the project" in planned.said
    assert files(env) == before
    done = into(env, "quickstart.py", "-y", cwd=project)
    assert done.status == 0, done.said
    assert "installed: idna 3.7" in done.said
    assert "a rollback brings back its versions, not its bytes" in done.said
    assert versions(env) == {"six": "1.15.0", "idna": "3.7"}
    assert broken(env) == []
    assert not (project / ".venv").exists()
    assert not any((project / ".surefoot" / "staging").iterdir())
    back = into(env, "manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert "has the package versions from before" in back.said
    assert files(env) == before


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_an_upgrade_is_taken_back_to_the_very_versions(project: Path, tmp_path: Path, backend: str) -> None:
    env = virtual(tmp_path / "env with space", "idna==3.6", "pygments==2.17.2", "six==1.15.0")
    write(project, {"requirements.txt": "idna==3.7\npygments==2.18.0\n"})
    before = versions(env), files(env)
    done = into(env, "quickstart.py", "-y", "--backend", backend, cwd=project)
    assert done.status == 0, done.said
    assert "replaced: idna 3.6 → 3.7, pygments 2.17.2 → 2.18.0" in done.said
    assert versions(env) == {"idna": "3.7", "pygments": "2.18.0", "six": "1.15.0"}
    assert broken(env) == []
    command = subprocess.run([env / "bin" / "pygmentize", "-V"], capture_output=True, text=True, check=True)
    assert "2.18.0" in command.stdout
    back = into(env, "manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert (versions(env), files(env)) == before
    assert broken(env) == []


def test_a_second_run_does_nothing_until_something_changes(project: Path, tmp_path: Path) -> None:
    env, other = virtual(tmp_path / "env"), virtual(tmp_path / "other")
    assert into(env, "quickstart.py", "-y", cwd=project).status == 0
    journal = (project / ".surefoot/checkpoints/journal.jsonl").read_bytes()
    for words in (("-y",), ("-y", "--json"), ("-y", "-v")):  # the first one asks the fingerprint alone
        again = into(env, "quickstart.py", *words, cwd=project)
        assert again.status == 0, again.said
    assert (project / ".surefoot/checkpoints/journal.jsonl").read_bytes() == journal
    assert into(other, "quickstart.py", "--dry-run", "--detailed-exitcode", cwd=project).status == 11
    assert run("quickstart.py", "--python", str(env), "--dry-run", "--detailed-exitcode", cwd=project).status == 0
    (site(env) / "idna" / "core.py").write_text("")
    said = into(env, "manage.py", "verify", cwd=project)
    assert said.status == 1, said.said
    assert "idna: idna/core.py (size)" in said.said
    mended = into(env, "manage.py", "verify", "--repair", "--yes", cwd=project)
    assert mended.status == 0, mended.said
    assert broken(env) == []
    assert versions(env) == {"idna": "3.7"}


def test_runs_of_a_moved_project_are_all_taken_back(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env", "idna==3.6")
    before, clone = files(env), picture(project)
    assert into(env, "quickstart.py", "-y", cwd=project).status == 0
    write(project, {"requirements.txt": "idna==3.8\nsix\n"})
    assert into(env, "quickstart.py", "-y", cwd=project).status == 0
    assert versions(env)["idna"] == "3.8"
    compared = into(env, "manage.py", "history", "diff", _runs(project)[-1], "--json", cwd=project)
    assert json.loads(compared.said.splitlines()[-1])["changed"] == {"idna": ["3.7", "3.8"]}
    write(project, {"requirements.txt": "idna==3.7\n"})
    moved = project.rename(tmp_path / "moved")
    back = into(env, "manage.py", "rollback", "--all", "--yes", cwd=moved)
    assert back.status == 0, back.said
    assert files(env) == before
    assert picture(moved) == clone


@pytest.mark.parametrize("way", ["resume", "rollback", "script"])
def test_killed_in_the_middle_it_resumes_or_reverts(project: Path, tmp_path: Path, way: str) -> None:
    env = virtual(tmp_path / "env", "pygments==2.17.2", "six==1.15.0")
    before = versions(env), files(env)
    write(project, {"requirements.txt": "pygments==2.18.0\nidna==3.7\n"})
    active = {"VIRTUAL_ENV": str(env)}
    new = site(env) / "pygments-2.18.0.dist-info"
    with start("quickstart.py", "-y", cwd=project, env=active) as process:
        while not new.exists():
            assert process.poll() is None, "it ended before anything came"
        os.killpg(process.pid, 9)
    assert broken(env) or len(versions(env)) < 3, "it was cut in the middle"
    if way == "resume":
        other = into(virtual(tmp_path / "other"), "manage.py", "resume", cwd=project)
        assert other.status == 6, other.said
        assert f"this run was begun in {env}" in other.said
        resumed = into(env, "manage.py", "resume", cwd=project)
        assert resumed.status == 0, resumed.said
        assert versions(env) == {"pygments": "2.18.0", "idna": "3.7", "six": "1.15.0"}
        assert broken(env) == []
        assert into(env, "manage.py", "rollback", "--yes", cwd=project).status == 0
    elif way == "rollback":
        back = into(env, "manage.py", "rollback", "--yes", cwd=project)
        assert back.status == 0, back.said
    else:
        for _ in range(2):  # it may be run again
            subprocess.run(["sh", project / ".surefoot/checkpoints/rollback.sh"], check=True)
    assert (versions(env), files(env)) == before
    assert broken(env) == []


def test_a_distribution_that_was_cut_short_before_is_not_believed(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env", "idna==3.7")
    whole = files(env)
    (site(env) / "idna-3.7.dist-info" / "RECORD").unlink()
    (site(env) / "idna" / "core.py").unlink()
    half = files(env)
    done = into(env, "quickstart.py", "-y", cwd=project)
    assert done.status == 0, done.said
    assert broken(env) == []
    assert files(env).keys() == whole.keys()
    assert into(env, "manage.py", "rollback", "--yes", cwd=project).status == 0
    assert files(env) == half


def test_what_somebody_installed_since_stays_and_the_rest_goes_back(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env", "idna==3.6", "six==1.15.0")
    write(project, {"requirements.txt": "idna==3.7\nsix==1.16.0\n"})
    assert into(env, "quickstart.py", "-y", cwd=project).status == 0
    virtual_pip(env, "install", "idna==3.8")
    back = into(env, "manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 10, back.said
    assert "idna was changed since" in back.said
    assert versions(env) == {"idna": "3.8", "six": "1.15.0"}
    assert broken(env) == []


def test_what_cannot_be_had_again_is_named_and_the_rest_goes_back(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env", "idna==3.6", "six==1.15.0")
    write(project, {"requirements.txt": "idna==3.7\nsix==1.16.0\n"})
    assert into(env, "quickstart.py", "-y", cwd=project).status == 0
    (stash,) = (project / ".surefoot" / "stash").iterdir()
    changes = json.loads((stash / "active-1" / "changes.json").read_bytes())["changes"]
    lost = next(each for each in changes if each["name"] == "idna")["out"]
    for _, backup in lost:
        (stash / "active-1" / backup).rename(stash / backup.replace("/", "-"))
    for _ in range(2):
        back = into(env, "manage.py", "rollback", "--yes", cwd=project)
        assert back.status == 5, back.said
        assert "idna" in back.said
        assert versions(env)["six"] == "1.15.0"
    for _, backup in lost:
        (stash / backup.replace("/", "-")).rename(stash / "active-1" / backup)
    back = into(env, "manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert versions(env) == {"idna": "3.6", "six": "1.15.0"}
    assert broken(env) == []


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_local_packages_come_editable_with_their_commands(tmp_path: Path, backend: str) -> None:
    root, env = tmp_path / "member", virtual(tmp_path / "env", "six==1.15.0")
    write(root, MEMBER)
    before, tree = files(env), picture(root)
    done = into(env, "quickstart.py", "-y", "--backend", backend, cwd=root)
    assert done.status == 0, done.said
    assert versions(env) == {"six": "1.15.0", "the-member": "1.0", "idna": "3.7"}
    assert broken(env) == []
    write(root, {"the_member/__init__.py": "def main() -> None:\n    print('edited')\n"})
    said = subprocess.run([env / "bin" / "say-hello"], capture_output=True, text=True, check=True).stdout
    assert said == "edited\n"
    write(root, {"the_member/__init__.py": MEMBER["the_member/__init__.py"]})
    assert into(env, "quickstart.py", "-y", cwd=root).status == 0
    shutil.rmtree(root / "the_member" / "__pycache__", ignore_errors=True)
    back = into(env, "manage.py", "rollback", "--all", "--yes", cwd=root)
    assert back.status == 0, back.said
    assert files(env) == before
    assert picture(root) == tree


def test_a_check_that_fails_leaves_the_environment_as_it_was(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env", "idna==3.6")
    before = files(env)
    write(project, {"surefoot.toml": 'environment = "active"\n[verification]\ncommands = [["false"]]\n'})
    failed = into(env, "quickstart.py", "-y", cwd=project)
    assert failed.status == 1, failed.said
    assert files(env) == before
    write(project, {"surefoot.toml": 'environment = "active"\n'})
    assert into(env, "quickstart.py", "-y", cwd=project).status == 0
    assert versions(env) == {"idna": "3.7"}


def test_an_installation_like_condas_is_installed_into_by_its_variable(project: Path, tmp_path: Path) -> None:
    env = installation(tmp_path / "conda", "idna==3.6")
    before = versions(env), files(env)
    done = run("quickstart.py", "-y", cwd=project, env={"CONDA_PREFIX": str(env)})
    assert done.status == 0, done.said
    assert versions(env) == {"idna": "3.7"}
    told = run("manage.py", "status", cwd=project, env={"CONDA_PREFIX": str(env)})
    assert f"active ({env})" in told.said
    back = run("manage.py", "rollback", "--yes", cwd=project, env={"CONDA_PREFIX": str(env)})
    assert back.status == 0, back.said
    assert (versions(env), files(env)) == before


def test_the_systems_own_is_refused_unless_the_documented_variable_says_otherwise(
    project: Path, tmp_path: Path
) -> None:
    env = installation(tmp_path / "system")
    (env / LIBRARY / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=ask the distribution\n")
    before = files(env), picture(project)
    refused = run("quickstart.py", "-y", "--python", str(env), cwd=project)
    assert refused.status == 6, refused.said
    assert "belongs to the system's own package manager" in refused.said
    assert "make a virtual environment" in refused.said
    assert (files(env), picture(project)) == before
    overruled = {"UV_BREAK_SYSTEM_PACKAGES": "1"}
    done = run("quickstart.py", "-y", "--python", str(env), cwd=project, env=overruled)
    assert done.status == 0, done.said
    assert "a variable of yours overrules that" in done.said
    assert versions(env) == {"idna": "3.7"}


def test_one_that_cannot_be_written_to_is_refused_before_anything(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env")
    site(env).chmod(0o555)
    before = picture(project)
    through = UNPRIVILEGED if os.geteuid() == 0 else ()  # permission bits bind root without these rights
    refused = into(env, "quickstart.py", "-y", cwd=project, through=through)
    site(env).chmod(0o755)
    assert refused.status == 6, refused.said
    assert f"cannot be written to: {site(env)}" in refused.said
    assert picture(project) == before


def test_one_with_another_python_than_the_project_wants_is_refused(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env")
    write(project, {"surefoot.toml": 'environment = "active"\n[python]\nrequires = ">=3.99"\n'})
    before = picture(project)
    refused = into(env, "quickstart.py", "-y", cwd=project)
    assert refused.status == 6, refused.said
    version = ".".join(map(str, sys.version_info[:3]))
    assert f"the active environment {env} has Python {version}, and the project wants >=3.99" in refused.said
    assert picture(project) == before


def test_what_is_for_environments_of_our_own_says_so(project: Path, tmp_path: Path) -> None:
    env = virtual(tmp_path / "env")
    assert into(env, "quickstart.py", "-y", cwd=project).status == 0
    refused = into(env, "manage.py", "restore", _runs(project)[0], "--yes", cwd=project)
    assert refused.status == 6, refused.said
    tests = into(env, "manage.py", "test", cwd=project)
    assert "no tests found" in tests.said
    cleaned = into(env, "manage.py", "clean-env", "--all", "--yes", cwd=project)
    assert cleaned.status == 0, cleaned.said
    assert versions(env) == {"idna": "3.7"}
    assert not (project / ".surefoot").exists()


def virtual_pip(env: Path, *words: str) -> None:
    """What a user does by hand."""
    from tests.python.active.prefixes import uv

    uv("pip", *words, "--python", str(env / "bin" / "python"))


def _runs(project: Path) -> list[str]:
    """The ids of the runs, newest first."""
    listed = run("manage.py", "history", "list", "--json", cwd=project).said
    told = [json.loads(line) for line in listed.splitlines() if line.startswith("{")]
    return [each["install_id"] for each in told[-1]["runs"]]
