"""`build trigger` with the strategy `empty_commit`: a commit is pushed once, without a token of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builds import git_server, kit

if TYPE_CHECKING:
    from pathlib import Path


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
