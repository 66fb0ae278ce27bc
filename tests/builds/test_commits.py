from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from installer import process
from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, Unavailable
from installer.frozen import replace
from phases.builds import commits
from phases.builds.commits import Push, perform
from phases.git import command, config
from tests.builds.git_server import ADDRESS, Served, serving
from tests.whole.kit import picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from installer.model import Finished
    from phases.git.command import Git

PUSH = Push(remote="origin", branch="main", key="k-20261123.1", since="2026-11-23T04:00:00+00:00")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    with serving(tmp_path) as made:
        monkeypatch.setenv("HOME", str(made.home))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(made.home / ".config"))
        yield made


class Door:
    """The process door, cut off before or after the n-th git command with `word` in it."""

    def __init__(self, word: str, *, after: bool) -> None:
        self.word = word
        self.after = after

    def __call__(self, argv: Sequence[str], **given: Any) -> Finished:
        if self.word not in argv:
            return process.run(argv, **given)
        if self.after:
            process.run(argv, **given)
        raise KeyboardInterrupt


def unsaid(text: str) -> None:
    raise AssertionError(text)


def git(served: Served, door: Any = process.run) -> Git:
    found, _ = config.read(command.open_repository(served.clone))
    return replace(found, door=door)


def go(
    served: Served, scratch: Path, door: Any = process.run, push: Push = PUSH, warn: Callable[[str], None] = unsaid
) -> str:
    scratch.mkdir(exist_ok=True)
    return perform(git(served, door), push, scratch, warn)


def test_an_empty_commit_is_pushed_and_becomes_the_tip_here_too(served: Served, tmp_path: Path) -> None:
    (first,) = served.pushes()
    made = go(served, tmp_path / "scratch")
    assert served.pushes() == [first, made]
    assert served.git("rev-parse", "main", "origin/main").split() == [made, made]
    shown = served.git("show", "-s", "--format=%P|%T|%an|%ae|%cn|%aI|%s|%(trailers:key=Surefoot-Key,valueonly)", made)
    tree = served.git("rev-parse", f"{first}^{{tree}}")
    who = "Jörg Ünäl|j@example.org|Jörg Ünäl"
    assert shown == f"{first}|{tree}|{who}|2026-11-23T04:00:00+00:00|chore: trigger initial build|k-20261123.1"
    served.git("fsck", "--strict", at=served.bare)


def test_what_the_user_has_under_way_is_not_touched(served: Served, tmp_path: Path) -> None:
    (served.clone / "a").write_text("changed\n")
    (served.clone / "staged").write_text("staged\n")
    served.git("add", "staged")
    index, status = (served.clone / ".git" / "index").read_bytes(), served.git("status", "--porcelain")
    made = go(served, tmp_path / "scratch")
    assert (served.clone / ".git" / "index").read_bytes() == index
    assert served.git("status", "--porcelain") == status
    assert served.git("ls-tree", "--name-only", made) == "a"


def test_asked_again_it_finds_its_commit(served: Served, tmp_path: Path) -> None:
    made = go(served, tmp_path / "scratch")
    assert go(served, tmp_path / "scratch") == made
    assert len(served.pushes()) == 2


def test_another_wish_is_another_commit(served: Served, tmp_path: Path) -> None:
    first = go(served, tmp_path / "scratch")
    other = Push(remote="origin", branch="main", key="k-20261123.10", since=PUSH.since)
    assert go(served, tmp_path / "scratch", push=other) != first
    assert len(served.pushes()) == 3


@pytest.mark.parametrize("word", ["hash-object", "ls-remote", "push", "update-ref"])
@pytest.mark.parametrize("after", [False, True])
def test_cut_off_anywhere_and_done_again_it_is_pushed_once(
    served: Served,
    word: str,
    after: bool,  # noqa: FBT001 -- a column of the table
    tmp_path: Path,
) -> None:
    (first,) = served.pushes()
    with pytest.raises(KeyboardInterrupt):
        go(served, tmp_path / "scratch", Door(word, after=after))
    if (word, after) != ("update-ref", True):
        assert served.git("rev-parse", "main") == first, "no commit of ours here before it is there"
    made = go(served, tmp_path / "scratch")
    assert served.pushes() == [first, made]
    assert served.git("rev-parse", "main") == made


def test_it_is_found_although_the_name_of_the_user_changed_and_others_went_on(served: Served, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        go(served, tmp_path / "scratch", Door("push", after=True))
    made = served.pushes()[-1]
    other = tmp_path / "other"
    served.git("clone", "-q", f"{ADDRESS}demo.git", str(other), at=tmp_path)
    served.git("commit", "-q", "--allow-empty", "-m", "Another", at=other)
    served.git("push", "-q", at=other)
    served.git("config", "user.name", "Somebody Else")
    assert go(served, tmp_path / "scratch") == made
    assert len(served.pushes()) == 3
    assert served.git("rev-parse", "main") == made


def test_commits_of_others_are_not_pushed_over(served: Served, tmp_path: Path) -> None:
    other = tmp_path / "other"
    served.git("clone", "-q", f"{ADDRESS}demo.git", str(other), at=tmp_path)
    served.git("commit", "-q", "--allow-empty", "-m", "Another", at=other)
    served.git("push", "-q", at=other)
    before = served.git("rev-parse", "main")
    with pytest.raises(Conflict, match="not the same"):
        go(served, tmp_path / "scratch")
    assert len(served.pushes()) == 2
    assert served.git("rev-parse", "main") == before


def test_what_the_user_did_not_push_is_not_pushed_for_them(served: Served, tmp_path: Path) -> None:
    served.git("commit", "-q", "--allow-empty", "-m", "Mine")
    with pytest.raises(Conflict, match="not the same"):
        commits.check(served.clone, "origin", "main")
    with pytest.raises(Conflict, match="not the same"):
        go(served, tmp_path / "scratch")
    assert len(served.pushes()) == 1


def test_a_plan_looks_before(served: Served) -> None:
    before = picture(served.clone)
    assert commits.check(served.clone, "origin", "main") == served.pushes()[0]
    assert picture(served.clone) == before
    with pytest.raises(Precondition, match="no branch other"):
        commits.check(served.clone, "origin", "other")
    served.git("branch", "other")
    with pytest.raises(Precondition, match="not at origin yet") as caught:
        commits.check(served.clone, "origin", "other")
    assert "git push -u origin other" in caught.value.hint
    served.git("config", "user.useConfigOnly", "true")
    served.git("config", "--global", "--unset", "user.email")
    with pytest.raises(Precondition, match="does not know who you are"):
        commits.check(served.clone, "origin", "main")


def test_a_refused_push_leaves_nothing_behind(served: Served, tmp_path: Path) -> None:
    served.hook("pre-receive", "echo 'GH006: Protected branch update failed for refs/heads/main.' >&2; exit 1")
    before = picture(served.clone)
    with pytest.raises(NotAllowed, match="does not let you push to main"):
        go(served, tmp_path / "scratch")
    assert picture(served.clone) == before
    assert len(served.pushes()) == 1


def test_a_push_that_loses_a_race_is_a_conflict(served: Served, tmp_path: Path) -> None:
    served.git("branch", "ahead", at=served.bare)
    served.git("config", "receive.denyNonFastForwards", "true", at=served.bare)
    tree = served.git("rev-parse", "main^{tree}", at=served.bare)
    theirs = served.git("commit-tree", tree, "-p", "main", "-m", "Theirs", at=served.bare)

    class Race:
        def __call__(self, argv: Sequence[str], **given: Any) -> Finished:
            if "push" in argv:
                served.git("update-ref", "refs/heads/main", theirs, at=served.bare)
            return process.run(argv, **given)

    with pytest.raises(Conflict, match="not the same"):
        go(served, tmp_path / "scratch", Race())
    assert served.git("rev-parse", "main", at=served.bare) == theirs


def test_a_server_that_is_away_is_told_as_such(served: Served, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (served.home / ".gitconfig").open("a") as settings:
        settings.write(f'[url "git://127.0.0.1:{port}/"]\n\tinsteadOf = https://away.example/\n')
    served.git("remote", "set-url", "origin", "https://away.example/demo.git")
    with pytest.raises(Unavailable, match="cannot be reached"):
        go(served, tmp_path / "scratch")


@pytest.mark.parametrize("remote", ["ext::sh -c id", "--upload-pack=id", "file:///served/demo.git"])
def test_no_remote_is_a_command(served: Served, tmp_path: Path, remote: str) -> None:
    with pytest.raises(InstallerError) as caught:
        go(served, tmp_path / "scratch", push=Push(remote=remote, branch="main", key="k", since=PUSH.since))
    assert caught.value.code == "build.push"
    assert len(served.pushes()) == 1


def cut_after_the_push(served: Served, scratch: Path) -> str:
    """The commit that the server got, while nobody here knows."""
    with pytest.raises(KeyboardInterrupt):
        go(served, scratch, Door("push", after=True))
    return served.pushes()[-1]


def test_a_commit_of_the_users_that_came_meanwhile_stays_the_tip(served: Served, tmp_path: Path) -> None:
    made = cut_after_the_push(served, tmp_path / "scratch")
    served.git("commit", "-q", "--allow-empty", "-m", "Mine")
    mine, said = served.git("rev-parse", "main"), list[str]()
    assert go(served, tmp_path / "scratch", warn=said.append) == made
    assert served.git("rev-parse", "main") == mine
    assert len(served.pushes()) == 2
    assert "`git pull`" in said[0]


@pytest.mark.parametrize("pushed", [False, True])
def test_a_commit_of_ours_below_others_is_found(
    served: Served,
    pushed: bool,  # noqa: FBT001 -- a column of the table
    tmp_path: Path,
) -> None:
    made = go(served, tmp_path / "scratch")
    served.git("commit", "-q", "--allow-empty", "-m", "Mine")
    if pushed:
        served.git("push", "-q")
    mine = served.git("rev-parse", "main")
    pushes = served.pushes()
    assert go(served, tmp_path / "scratch") == made
    assert served.pushes() == pushes
    assert served.git("rev-parse", "main") == mine


def test_a_commit_of_ours_is_found_that_was_merged_at_the_server(served: Served, tmp_path: Path) -> None:
    """Here is an older branch; there the user pushed more on top of it from elsewhere."""
    made = cut_after_the_push(served, tmp_path / "scratch")
    other = tmp_path / "other"
    served.git("clone", "-q", f"{ADDRESS}demo.git", str(other), at=tmp_path)
    for text in ("One", "Two"):
        served.git("commit", "-q", "--allow-empty", "-m", text, at=other)
    served.git("push", "-q", at=other)
    served.git("pull", "-q")
    assert go(served, tmp_path / "scratch") == made
    assert len(served.pushes()) == 3
    assert served.git("rev-parse", "main") == served.pushes()[-1]
