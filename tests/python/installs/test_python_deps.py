from __future__ import annotations

import os
import subprocess
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from installer.errors import InstallerError, NotAllowed, Refused, StepFailed, Unavailable, UsageError
from phases import python_deps
from phases.python import resolving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.python.installs.conftest import Project, Wheels

PYPROJECT = """[project]
name = "demo"
version = "1"
requires-python = ">=3.9"
dependencies = ["red"]

[project.optional-dependencies]
more = ["blue"]

[dependency-groups]
dev = ["green"]
"""


def _tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".surefoot" not in path.parts
    }


def test_nothing_to_install_is_no_step(project: Project) -> None:
    project.file(
        "pyproject.toml", '[project]\nname = "demo"\nversion = "1"\n[tool.surefoot.packages]\ninstall = false\n'
    )
    assert project.steps() == []


def test_the_steps_say_what_they_touch(project: Project) -> None:
    project.file("requirements.txt", "red\n")
    first, second = project.steps()
    assert (first.id, first.action, first.effect.touches, first.effect.repeatable) == (
        "python_deps.01.resolve",
        "python.resolve",
        (".surefoot/runs/20260101_000000/pylock.toml",),
        True,
    )
    assert (second.id, second.action, second.effect.scratch, second.needs) == (
        "python_deps.02.install",
        "python.install",
        (".surefoot/staging/20260101_000000",),
        ("python_deps.01.resolve",),
    )


def test_the_same_project_gives_the_same_steps(project: Project) -> None:
    project.file("requirements.txt", "red\n")
    assert project.steps() == project.steps()


def test_another_requirement_gives_other_steps(project: Project) -> None:
    project.file("requirements.txt", "red\n")
    before = project.steps()
    project.file("requirements.txt", "red>1\n")
    assert not any(old.same_as(new) for old, new in zip(before, project.steps(), strict=True))


def test_a_member_whose_metadata_must_be_built_is_guarded(project: Project) -> None:
    project.file("setup.py", "from setuptools import setup\nsetup(name='demo')\n")
    assert project.steps()[0].effect.guards == (".",)


def test_a_member_whose_metadata_can_be_read_is_not_guarded(project: Project) -> None:
    project.file("pyproject.toml", PYPROJECT)
    project.file("demo.py", "")
    assert project.steps()[0].effect.guards == ()


def test_requirements_are_resolved_and_installed(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0", ("blue<2",))
    wheels.add("blue", "1.0")
    wheels.add("blue", "2.0")
    project.file("requirements.txt", "red\n")
    before = _tree(project.root)
    results = project.run(python_deps)
    expected = {"red": "1.0", "blue": "1.0"}
    assert results["python_deps.01.resolve"]["packages"] == expected
    assert results["python_deps.02.install"]["packages"] == expected
    assert (project.installed(), project.imports("blue"), project.counts[-1]) == (expected, True, (2, 2))
    assert _tree(project.root) == before


def test_the_runs_lock_has_every_hash(project: Project, wheels: Wheels) -> None:
    digest = wheels.add("red", "1.0")
    project.file("requirements.txt", "red\n")
    project.run(python_deps)
    (package,) = tomllib.loads(project.lock)["packages"]
    assert package["wheels"][0]["hashes"] == {"sha256": digest}


def test_a_file_changed_after_it_was_resolved_is_refused(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    project.file("requirements.txt", "red\n")
    resolve, install = project.steps()
    project.do(resolve)
    wheels.add("red", "1.0", python=">=3.7")
    with pytest.raises(Refused) as caught:
        project.do(install)
    assert (caught.value.exit_code, project.installed()) == (9, {})


def test_listed_hashes_are_enforced(project: Project, wheels: Wheels) -> None:
    digest = wheels.add("red", "1.0")
    project.file("requirements.txt", f"red==1.0 --hash=sha256:{digest}\n")
    project.run(python_deps)
    assert project.installed() == {"red": "1.0"}


def test_a_wrong_listed_hash_is_refused(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    project.file("requirements.txt", f"red==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(Refused) as caught:
        project.do(project.steps()[0])
    assert caught.value.code == "python.hash"


def test_a_dependency_without_a_hash_is_refused_among_hashed_ones(project: Project, wheels: Wheels) -> None:
    digest = wheels.add("red", "1.0", ("blue",))
    wheels.add("blue", "1.0")
    project.file("requirements.txt", f"red==1.0 --hash=sha256:{digest}\n")
    with pytest.raises(Refused) as caught:
        project.do(project.steps()[0])
    assert (caught.value.code, caught.value.exit_code) == ("python.no-hash", 6)
    assert caught.value.facts["name"] == "blue"


def test_under_require_hashes_a_bare_requirement_is_refused(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    project.file("requirements.txt", "red\n")
    project.set(require_hashes=True)
    with pytest.raises(Refused) as caught:
        project.do(project.steps()[0])
    assert caught.value.message == "requirements.txt gives no hash for `red`"
    assert "uv pip compile --generate-hashes" in caught.value.hint


def test_a_requirement_that_is_not_there_is_named_with_its_line(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    project.file("requirements.txt", "red\n\nno_such.Thing==9\n")
    with pytest.raises(StepFailed) as caught:
        project.do(project.steps()[0])
    assert (caught.value.code, "requirements.txt:3" in caught.value.message) == ("python.not_found", True)


def test_contradicting_requirements_are_a_conflict(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0", ("blue>=2",))
    wheels.add("blue", "1.0")
    wheels.add("blue", "2.0")
    project.file("requirements.txt", "red\nblue<2\n")
    with pytest.raises(StepFailed) as caught:
        project.do(project.steps()[0])
    assert caught.value.code == "python.conflict"


def test_constraints_only_narrow(project: Project, wheels: Wheels) -> None:
    for version in ("1.0", "2.0"):
        wheels.add("red", version)
        wheels.add("blue", version)
    project.file("requirements.txt", "-c constraints.txt\nred\n")
    project.file("constraints.txt", "red<2\nblue<2\n")
    project.run(python_deps)
    assert project.installed() == {"red": "1.0"}


def test_a_file_in_another_encoding_is_read(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    project.file("requirements.txt", "red  # grün\n".encode("utf-16"))
    project.run(python_deps)
    assert project.installed() == {"red": "1.0"}


def test_a_default_group_that_cannot_be_resolved_is_left_out(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    project.file("pyproject.toml", PYPROJECT)
    project.file("demo.py", "")
    project.set(mode="dev")
    result = project.run(python_deps)["python_deps.02.install"]
    assert (result["packages"], "group dev" in result["left_out"]) == ({"red": "1.0"}, True)
    assert any("group dev is left out" in warning for warning in project.warnings)


def test_of_two_optional_parts_only_the_bad_one_is_left_out(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    wheels.add("blue", "1.0")
    project.file("pyproject.toml", PYPROJECT + 'test = ["blue"]\n')
    project.file("demo.py", "")
    project.set(mode="full")
    result = project.run(python_deps)["python_deps.01.resolve"]
    assert (result["packages"], result["left_out"]) == ({"red": "1.0", "blue": "1.0"}, ["group dev"])


def test_what_must_be_there_is_never_left_out(project: Project, wheels: Wheels) -> None:
    wheels.add("green", "1.0")
    project.file("pyproject.toml", PYPROJECT)
    project.file("demo.py", "")
    project.set(mode="dev")
    with pytest.raises(StepFailed) as caught:
        project.do(project.steps()[0])
    assert (caught.value.code, caught.value.facts["name"]) == ("python.not_found", "red")


def test_an_optional_part_that_cannot_be_built_is_left_out_when_installing(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    broken = wheels.folder / "green-1.0"
    broken.mkdir()
    (broken / "PKG-INFO").write_text("Metadata-Version: 2.2\nName: green\nVersion: 1.0\n")
    (broken / "pyproject.toml").write_text(
        '[project]\nname = "green"\nversion = "1.0"\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (broken / "backend.py").write_text("def build_wheel(*_, **__):\n    raise SystemExit('cannot')\n")
    subprocess.run(["tar", "-czf", "green-1.0.tar.gz", "green-1.0"], cwd=wheels.folder, check=True)
    wheels.list(wheels.folder / "green-1.0.tar.gz")
    project.file("pyproject.toml", PYPROJECT)
    project.file("demo.py", "")
    project.set(mode="dev")
    results = project.run(python_deps)
    assert results["python_deps.01.resolve"]["left_out"] == []
    assert results["python_deps.02.install"]["left_out"] == ["group dev"]
    assert project.installed() == {"red": "1.0"}


def test_another_interpreter_is_taken_where_the_dependencies_refuse_the_first(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0", python=">=3.12")
    project.file("requirements.txt", "red\n")
    results = project.run(python_deps)
    assert results["python_deps.02.install"]["packages"] == {"red": "1.0"}
    assert "Python" in project.warnings[0]
    assert not list((project.staging / "lib").glob("python3.11"))


def test_without_any_interpreter_that_fits_the_demand_is_told(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0", python=">=3.99")
    project.file("requirements.txt", "red\n")
    with pytest.raises(StepFailed) as caught:
        project.do(project.steps()[0])
    assert (caught.value.code, caught.value.facts["needs"]) == ("python.unsuitable", ">=3.99")


def test_offline_without_a_cache_says_what_lacks(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://127.0.0.1:1/simple")
    project.file("requirements.txt", "red\n")
    project.set(offline=True)
    with pytest.raises(Unavailable) as caught:
        project.do(project.steps()[0])
    assert (caught.value.code, caught.value.exit_code) == ("python.offline", 7)


def test_an_index_that_does_not_answer_is_unavailable(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    project.file("requirements.txt", "red\n")
    with pytest.raises(Unavailable) as caught:
        project.do(project.steps()[0])
    assert (caught.value.code, caught.value.exit_code) == ("python.unavailable", 7)


def test_a_damaged_installation_is_not_taken_for_done(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    project.file("requirements.txt", "red\n")
    resolve, install = project.steps()
    project.do(resolve)
    project.do(install)
    next(project.staging.glob("lib/*/site-packages/red.py")).unlink()
    with pytest.raises(StepFailed) as caught:
        project.do(install)  # uv finds nothing to do: every dist-info is there
    assert (caught.value.code, caught.value.details) == ("python.records", ("red: red.py (missing)",))


def test_a_local_folder_that_is_no_member_is_built_from_a_copy(project: Project) -> None:
    project.file("requirements.txt", "./thing\n")
    project.file("thing/setup.py", "from setuptools import setup\nsetup(name='thing', py_modules=['thing'])\n")
    project.file("thing/thing.py", "")
    resolve, install = (replace(step, args={**step.args, "members": []}) for step in project.steps())
    project.do(resolve)
    before = _tree(project.root)
    project.do(install)
    assert (project.imports("thing"), _tree(project.root)) == (True, before)


def test_as_of_takes_a_date_as_it_is(project: Project) -> None:
    assert resolving.as_moment(project.context(), "2024-01-01") == "2024-01-01"


def test_as_of_takes_the_date_of_a_commit(project: Project) -> None:
    when = {**os.environ, "GIT_COMMITTER_DATE": "2024-02-03T04:05:06+00:00", "GIT_CONFIG_GLOBAL": "/dev/null"}
    for words in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *words], cwd=project.root, env=when, check=True)
    assert resolving.as_moment(project.context(), "HEAD").startswith("2024-02-03T04:05:06")


@pytest.mark.parametrize("word", ["yesterday", "--output=x", "HEAD; rm"])
def test_as_of_refuses_what_is_neither(project: Project, word: str) -> None:
    with pytest.raises(UsageError):
        resolving.as_moment(project.context(), word)


def test_as_of_resolves_as_the_index_was(project: Project) -> None:
    project.file("requirements.txt", "six\n")
    project.set(as_of="2021-01-01")
    assert project.do(project.steps()[0])["packages"] == {"six": "1.15.0"}


def test_wrong_credentials_are_not_a_missing_package(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, locked_door: str
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", locked_door)
    project.file("requirements.txt", "red\n")
    with pytest.raises(NotAllowed) as caught:
        project.do(project.steps()[0])
    assert (caught.value.exit_code, "wrongword" in str(caught.value.as_json())) == (8, False)


def test_every_failure_is_one_of_ours(project: Project, wheels: Wheels) -> None:
    project.file("requirements.txt", "red @ file:///no/such/thing.whl\n")
    with pytest.raises(InstallerError):
        project.do(project.steps()[0])


def test_locked_without_a_lock_is_a_usage_error(project: Project) -> None:
    project.file("requirements.txt", "red\n")
    project.set(locked=True)
    with pytest.raises(UsageError) as caught:
        project.steps()
    assert caught.value.exit_code == 2
