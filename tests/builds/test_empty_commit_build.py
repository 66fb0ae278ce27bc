"""`build trigger` with the strategy `empty_commit`: a commit is pushed once, without a token of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Unavailable
from phases.builds import commits
from tests.builds import git_server, kit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from phases.builds.commits import Push
    from phases.git.command import Git


def test_an_empty_commit_is_pushed_once_with_the_credentials_that_git_has(tmp_path: Path) -> None:
    with git_server.serving(tmp_path) as served:
        (served.bare.parent / "me").symlink_to(".")
        served.git("remote", "set-url", "origin", f"{git_server.ADDRESS}me/demo.git")
        (served.clone / "surefoot.toml").write_text('[build]\nprovider = "github"\nstrategy = "empty_commit"\n')
        clone, before = kit.Clone.at(served.clone, served.home), served.pushes()
        assert clone.manage("build", "trigger", "--dry-run").status == 0
        assert served.pushes() == before
        ended = clone.manage("build", "trigger")
        assert ended.status == 0, ended.err
        (pushed,) = served.pushes()[len(before) :]
        assert served.git("log", "-1", "--format=%H %s") == f"{pushed} chore: trigger initial build"
        note = clone.note()
        assert (note["stage"], note["commit"]) == ("begun", pushed)


def test_a_push_whose_answer_was_lost_is_not_pushed_again_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    perform, limits = commits.perform, []

    def unanswered(git: Git, push: Push, scratch: Path, warn: Callable[[str], None]) -> str:
        limits.append(git.timeout)
        made = perform(git, push, scratch, warn)
        served.git("update-ref", "refs/heads/main", f"{made}^")  # as if it had not come to that either
        raise Unavailable("build.push", "no answer")

    with git_server.serving(tmp_path) as served:
        (served.bare.parent / "me").symlink_to(".")
        served.git("remote", "set-url", "origin", f"{git_server.ADDRESS}me/demo.git")
        (served.clone / "surefoot.toml").write_text('[build]\nprovider = "github"\nstrategy = "empty_commit"\n')
        clone, before = kit.Clone.at(served.clone, served.home), served.pushes()
        monkeypatch.setattr(commits, "perform", unanswered)
        assert clone.manage("build", "trigger").status == 7
        monkeypatch.setattr(commits, "perform", perform)
        clone.commit()  # and the user goes on
        mine = clone.head
        ended = clone.manage("build", "trigger")
        assert ended.status == 0, ended.err
        assert "`git pull` brings it" in ended.err
        assert clone.head == mine
        (pushed,) = served.pushes()[len(before) :]
        assert (clone.note()["stage"], clone.note()["commit"]) == ("begun", pushed)
        assert limits[0] is not None
