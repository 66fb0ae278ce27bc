"""Reading repositories: commits, tracked files, and that an independent reader (GitPython) sees the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.errors import UsageError
from phases.git import command, history, modules, state
from phases.git.wishes import Wishes

if TYPE_CHECKING:
    from tests.git.conftest import Lab


def test_the_date_of_a_commit_by_any_name(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-03-01T12:00:00+0100")
    root = lab.repository("dated")
    lab.git(root, "tag", "v1")
    names = ("HEAD", "v1", "main", lab.git(root, "rev-parse", "HEAD")[:10])
    assert {history.commit_date(root, name) for name in names} == {"2024-03-01T12:00:00+01:00"}


@pytest.mark.parametrize("revision", ["nothing", "HEAD~9", "--output=PWNED", "-h", "", "file.txt"])
def test_an_unknown_commit_is_a_wrong_use(lab: Lab, revision: str) -> None:
    root = lab.repository("dated")
    with pytest.raises(UsageError):
        history.commit_date(root, revision)
    assert not (root / "PWNED").exists()


def test_tracked_files_are_listed_whatever_their_names(lab: Lab) -> None:
    names = {"a": "", "with space": "", "ünï\ncode": "", "sub/b": ""}
    assert sorted(history.tracked_files(lab.repository("many", names))) == sorted(names)


def test_an_independent_reader_sees_the_same_submodules(lab: Lab) -> None:
    import git

    root = lab.project("libs/one", "two")
    level = modules.read(command.open_repository(root), Wishes(allow_file=True))
    ours = {(each.name, each.path, each.url, each.commit) for each in level.modules}
    with git.Repo(root) as repository:
        theirs = {(each.name, each.path, each.url, each.hexsha) for each in repository.submodules}
    assert ours == theirs


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("detach", [False, True])
def test_head_is_read_from_the_files(lab: Lab, *, pack: bool, detach: bool) -> None:
    root = lab.repository("some")
    if pack:
        lab.git(root, "pack-refs", "--all")
    if detach:
        lab.git(root, "checkout", "-q", "--detach")
    assert state.head(root / ".git") == lab.git(root, "rev-parse", "HEAD")
    assert state.branch(root) == ("" if detach else "main")


def test_head_of_a_linked_worktree_is_its_own(lab: Lab) -> None:
    root = lab.repository("some")
    lab.git(root, "worktree", "add", "-q", "-b", "other", str(lab.base / "linked"))
    commit = lab.commit(lab.base / "linked", {"x": "x"})
    folder = state.git_folder(lab.base / "linked")
    assert folder is not None
    assert state.head(folder) == commit
    assert state.branch(lab.base / "linked") == "other"


def test_an_unborn_or_damaged_head_is_no_commit(lab: Lab) -> None:
    folder = lab.base / "empty"
    folder.mkdir(parents=True)
    lab.git(folder, "init", "-q")
    assert state.head(folder / ".git") == ""
    (folder / ".git/HEAD").write_text("ref: HEAD\n")
    assert state.head(folder / ".git") == ""
    assert state.git_folder(lab.base) is None


def test_a_git_folder_that_is_a_link_is_none(lab: Lab) -> None:
    root = lab.repository("some")
    (root / ".git").rename(root / "elsewhere")
    (root / ".git").symlink_to("elsewhere")
    assert state.git_folder(root) is None


def test_the_version_is_known_and_new_enough() -> None:
    program = command.find(Path(os.devnull))
    assert program is not None
    assert command.version(program) >= command.OLDEST
