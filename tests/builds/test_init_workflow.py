from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from installer import actions, files
from installer.cli.main import manage
from installer.errors import Conflict, Refused, UsageError
from installer.model import Facts, Options, RelPath
from phases.builds import workflow_files

GITHUB = ".github/workflows/build-project-image.yml"
GITLAB = ".gitlab/build-project-image.yml"


def picture(root: Path) -> dict[str, bytes | None]:
    """Everything in the project but our own folder, folders too."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
        if ".surefoot" not in path.parts
    }


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "a project"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\n")
    return folder


def init(root: Path, *words: str) -> int:
    return manage(["build", "init-workflow", "-C", str(root), *words])


def template(provider: str) -> Any:
    text = (Path(workflow_files.__file__).parent / "templates" / f"{provider}.yml").read_text()
    return yaml.load(text, yaml.BaseLoader)  # noqa: S506 -- as text: YAML 1.1 takes `on` for a truth


def test_a_workflow_is_written_once_and_rollback_leaves_nothing_of_it(root: Path) -> None:
    before = picture(root)
    assert init(root, "--provider", "github") == 0
    assert yaml.load((root / GITHUB).read_text(), yaml.BaseLoader) == template("github")  # noqa: S506 -- as above
    after = picture(root)
    assert init(root, "--provider", "github") == 0
    assert picture(root) == after
    assert manage(["rollback", "-C", str(root), "--yes"]) == 0
    assert picture(root) == before


def test_a_dry_run_shows_the_difference_and_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = picture(root)
    assert init(root, "--provider", "github", "--dry-run", "--detailed-exitcode") == 11
    said = capsys.readouterr().out
    assert "+++ b/" + GITHUB in said
    assert "+  workflow_dispatch:" in said
    assert picture(root) == before
    assert not (root / ".surefoot").exists()


def test_a_file_of_the_users_is_shown_and_only_replaced_if_they_agree(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / GITHUB).parent.mkdir(parents=True)
    (root / GITHUB).write_bytes(b"name: mine\r\n# \xff\r\n")
    before = picture(root)
    assert init(root) == 2
    assert "-name: mine" in capsys.readouterr().out
    assert picture(root) == before
    assert init(root, "--yes") == 0
    assert "workflow_dispatch" in (root / GITHUB).read_text()
    assert manage(["rollback", "-C", str(root), "--yes"]) == 0
    assert picture(root) == before


def test_gitlab_gets_a_file_of_ours_and_an_include(root: Path) -> None:
    before = picture(root)
    assert init(root, "--provider", "gitlab") == 0
    assert yaml.safe_load((root / ".gitlab-ci.yml").read_text()) == {"include": [{"local": GITLAB}]}
    assert yaml.load((root / GITLAB).read_text(), yaml.BaseLoader) == template("gitlab")  # noqa: S506 -- as above
    assert manage(["rollback", "-C", str(root), "--yes"]) == 0
    assert picture(root) == before


def test_what_gitlabs_own_file_says_stays_and_the_include_comes_below(root: Path) -> None:
    own = b"stages: [build, test]\r\n# \xe9 is no UTF-8\r\ntest:\r\n  script: [make]"
    (root / ".gitlab-ci.yml").write_bytes(own)
    assert init(root) == 2, "it is the user's: it is asked about"
    assert init(root, "--yes") == 0
    assert (root / ".gitlab-ci.yml").read_bytes() == own + f"\r\n\r\ninclude:\r\n  - local: {GITLAB}\r\n".encode()
    assert init(root) == 0, "and there is nothing more to do"
    assert manage(["rollback", "-C", str(root), "--yes"]) == 0
    assert (root / ".gitlab-ci.yml").read_bytes() == own


def test_an_include_of_the_users_own_is_left_to_them(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / ".gitlab-ci.yml").write_text("include:\n  - local: other.yml\n")
    assert init(root) == 0
    assert f"add the line `- local: {GITLAB}`" in capsys.readouterr().out
    for words in ((), ("--dry-run",)):
        assert init(root, *words) == 0
        said = capsys.readouterr().out
        assert f"add the line `- local: {GITLAB}`" in said, "as long as it is not there"
        assert "Nothing to do" not in said
    assert (root / ".gitlab-ci.yml").read_text() == "include:\n  - local: other.yml\n"
    (root / ".gitlab-ci.yml").write_text(f"include:\n  - local: /{GITLAB}\n")
    assert workflow_files.propose(root, "gitlab").notes == ()


def test_stages_without_ours_are_named(root: Path) -> None:
    (root / ".gitlab-ci.yml").write_text("stages:\n  - test\n  - deploy\ntest:\n  script: [make build]\n")
    assert workflow_files.propose(root, "gitlab").notes == ("`.gitlab-ci.yml` names its stages: add `build` to them",)


def test_a_missing_dockerfile_is_named(root: Path) -> None:
    (root / "Dockerfile").unlink()
    assert workflow_files.propose(root, "github").notes == ("there is no `Dockerfile` yet, which the build needs",)


def test_the_end_says_what_is_still_missing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "Dockerfile").unlink()
    assert init(root, "--provider", "github") == 0
    said = capsys.readouterr().out
    assert "and the provider can build" not in said
    assert "✓ Done: commit and push it; the provider can build as soon as there is a `Dockerfile` (" in said
    (root / "Dockerfile").touch()
    (root / ".gitlab-ci.yml").write_text("stages: [test]\n")
    assert init(root, "--provider", "gitlab", "--yes") == 0
    assert "✓ Done: do what was noted, then commit and push it, and the provider can build (" in capsys.readouterr().out


def test_a_file_that_was_changed_after_it_was_shown_stays(root: Path) -> None:
    shown = workflow_files.propose(root, "github").seen()
    facts = Facts(root=root, state=RelPath(".surefoot"), install_id="x", options=Options())
    args = {"provider": "github", "file": workflow_files.NAME, "seen": shown}
    assert [step.args["path"] for step in workflow_files.plan(args, facts)] == [GITHUB]  # type: ignore[union-attr]
    (root / GITHUB).parent.mkdir(parents=True)
    (root / GITHUB).write_text("name: mine\n")
    with pytest.raises(Conflict, match="changed meanwhile"):
        list(workflow_files.plan(args, facts))


def test_a_link_in_the_way_is_not_written_through(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / ".github").symlink_to(outside)
    with pytest.raises(Refused):
        workflow_files.propose(root, "github")
    (root / ".gitlab-ci.yml").symlink_to(outside / "ci.yml")
    assert init(root, "--provider", "gitlab", "--yes") == 10
    assert list(outside.iterdir()) == []


def test_a_run_that_was_cut_short_goes_on_with_what_was_agreed_to(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".gitlab-ci.yml").write_text("test:\n  script: [make]\n")
    write, written = actions.ACTIONS["files.write"], []

    def cut(args: Any, context: Any) -> None:
        written.append(args["path"])
        if len(written) == 2:
            files.make_folder(root / "half", mode=0o755)
            raise KeyboardInterrupt
        write(args, context)

    with monkeypatch.context() as patch:
        patch.setitem(actions.ACTIONS, "files.write", cut)
        assert init(root, "--yes") == 130
    assert written == [GITLAB, ".gitlab-ci.yml"]
    assert init(root) == 0, "no question again"
    assert (root / ".gitlab-ci.yml").read_text().endswith(f"include:\n  - local: {GITLAB}\n")
    (root / "half").rmdir()
    assert manage(["rollback", "-C", str(root), "--yes"]) == 0
    assert sorted(picture(root)) == [".gitlab-ci.yml", "Dockerfile"]


def test_json_has_the_difference_and_the_notes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "Dockerfile").unlink()
    assert init(root, "--provider", "github", "--json") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (shown,) = [each for each in events if each["event"] == "workflow"]
    assert [(each["path"], each["new"]) for each in shown["files"]] == [(GITHUB, True)]
    assert shown["files"][0]["diff"][:2] == ["--- /dev/null", f"+++ b/{GITHUB}"]
    assert len(shown["notes"]) == 1


@pytest.mark.parametrize("name", ["../x.yml", "a/b.yml", "-x.yml", "x.txt", ".yml", "x.yml\n"])
def test_a_name_that_leads_elsewhere_is_none(root: Path, name: str) -> None:
    with pytest.raises(UsageError):
        workflow_files.propose(root, "github", name)


@pytest.mark.parametrize(
    ("there", "origin", "guessed"),
    [
        ((".github/workflows",), "", "github"),
        ((".github/ISSUE_TEMPLATE",), "", ""),
        ((".github/workflows",), "git@gitlab.com:o/r", "gitlab"),
        ((".gitlab-ci.yml",), "git@git.example.org:o/r", "gitlab"),
        ((".gitlab-ci.yml",), "git@github.com:o/r", "github"),
        ((".github/workflows", ".gitlab-ci.yml"), "", ""),
        ((), "git@github.com:o/r.git", "github"),
        ((), "https://user:pw@gitlab.example.org:8443/github/x@y.git", "gitlab"),
        ((), "ssh://git@git.example.org/github/x.git", ""),
        ((), "", ""),
    ],
)
def test_the_provider_is_known_by_origin_or_by_its_files(
    root: Path, there: tuple[str, ...], origin: str, guessed: str
) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "init", "-q", str(root)], check=True, env=environment)
    if origin:
        subprocess.run(["git", "-C", str(root), "remote", "add", "origin", origin], check=True, env=environment)
    for name in there:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    assert workflow_files.guess(root) == guessed


def test_the_manifest_says_whose_workflow_and_what_it_is_called(root: Path) -> None:
    (root / "surefoot.toml").write_text('[build]\nprovider = "github"\nworkflow = "image.yml"\n')
    (root / ".gitlab-ci.yml").write_text("include: []\n")
    assert init(root) == 0
    assert (root / ".github" / "workflows" / "image.yml").is_file()
    assert (root / ".gitlab-ci.yml").read_text() == "include: []\n"


def test_without_a_provider_nothing_is_guessed(root: Path) -> None:
    assert init(root) == 2
    assert list(picture(root)) == ["Dockerfile"]


def test_githubs_workflow_has_the_events_and_inputs_that_a_build_asks_for() -> None:
    on = template("github")["on"]
    assert on["push"] == {"branches": ["main", "master"], "paths-ignore": ["**.md", "docs/**"]}
    assert on["repository_dispatch"] == {"types": ["build-image"]}
    inputs = on["workflow_dispatch"]["inputs"]
    assert inputs["project_slug"] == {"description": "Project slug", "required": "true", "type": "string"}
    assert inputs["tag"] == {"description": "Image tag", "required": "false", "default": "latest", "type": "string"}
    assert inputs["surefoot_key"]["required"] == "false"
    assert "surefoot_key" in template("github")["run-name"]


def test_nothing_from_outside_is_put_into_a_script() -> None:
    scripts = [step["run"] for step in template("github")["jobs"]["image"]["steps"] if "run" in step]
    assert len(scripts) == 3
    assert [script for script in scripts if re.search(r"\$\{\{", script)] == []


def test_gitlabs_job_has_the_same_names_as_variables() -> None:
    made = template("gitlab")
    assert list(made["variables"]) == ["PROJECT_SLUG", "TAG", "SUREFOOT_KEY"]
    assert made["variables"]["TAG"] == {"value": "latest", "description": "Image tag"}
    assert [rule["if"] for rule in made["build-image"]["rules"]] == [
        '$CI_PIPELINE_SOURCE == "api" || $CI_PIPELINE_SOURCE == "trigger" || $CI_PIPELINE_SOURCE == "web"',
        '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH =~ /^(main|master)$/',
    ]


@pytest.mark.parametrize(
    ("slug", "tag", "fine"),
    [("web", "latest", True), ("a.b-c_d", "1.0_x", True), ("a/b", "x", False), ("x", "$(id)", False), ("", "x", False)],
)
def test_githubs_names_are_checked_before_they_are_used(slug: str, tag: str, fine: bool, tmp_path: Path) -> None:  # noqa: FBT001 -- a column of the table
    (script,) = [
        step["run"] for step in template("github")["jobs"]["image"]["steps"] if "Check" in step.get("name", "")
    ]
    ended = subprocess.run(
        ["bash", "-e", "-c", script], env={**os.environ, "SLUG": slug, "TAG": tag}, cwd=tmp_path, check=False
    )
    assert (ended.returncode == 0) is fine
