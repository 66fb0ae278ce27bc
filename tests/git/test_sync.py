"""Bringing submodules to their commits, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import Conflict, InstallerError, Precondition, StepFailed, Unavailable, UsageError
from installer.model import Finished, Options, RelPath
from phases import submodule_sync
from phases.git import places, sync
from phases.git.command import Git
from phases.git.modules import Submodule
from phases.submodule_sync import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.git.conftest import Lab

PREFIX = "submodule_sync"


def test_without_gitmodules_nothing_is_planned_and_no_process_started(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lab.repository("plain")
    monkeypatch.setenv("PATH", "")
    assert lab.plan(root) == []


def test_submodules_come_to_their_commits_side_by_side(lab: Lab) -> None:
    root = lab.project("libs/one", "libs/two", "three")
    outcome = lab.run(root)
    assert outcome.ids == [
        f"{PREFIX}.01.register",
        f"{PREFIX}.02.libs-one",
        f"{PREFIX}.03.libs-two",
        f"{PREFIX}.04.three",
    ]
    assert lab.git(root, "status", "--porcelain") == ""
    assert (root / "libs/one/file.txt").read_text() == "this is up/libs/one\n"
    assert lab.plan(root) == []


def test_submodules_come_to_their_commits_then_rollback(lab: Lab) -> None:
    root = lab.project("libs/one", "libs/two", "three")
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert lab.snapshot(root) != before
    undone = lab.undo(root, outcome)
    assert lab.snapshot(root) == before
    assert [each for each in undone if each.problems or each.conflicts or each.kept] == []


def test_a_folder_that_was_absent_is_absent_after_rollback(lab: Lab) -> None:
    root = lab.project("libs/one")
    (root / "libs/one").rmdir()
    (root / "libs").rmdir()
    before = lab.snapshot(root)
    lab.undo(root, lab.run(root))
    assert lab.snapshot(root) == before


def test_only_the_first_step_writes_the_configuration_and_none_the_index(lab: Lab) -> None:
    root = lab.project("one", "two")
    index = (root / ".git/index").stat().st_mtime_ns
    steps = lab.plan(root)
    outcome = lab.run(root)
    assert [step.id for step in steps if ".git/config" in step.effect.touches] == [f"{PREFIX}.01.register"]
    for step, _, left in outcome.undo[1:]:
        assert set(left) == {f".git/modules/{step.args['name']}", step.args["path"]}
    assert (root / ".git/index").stat().st_mtime_ns == index


@pytest.mark.parametrize("path", ["with space", "quo'te\"s", "ünïcode/日本", "$(touch x);&|", "[a]*?"])
def test_any_printable_path_works_then_rollback(lab: Lab, path: str) -> None:
    origin = lab.repository("origin")
    lab.git(
        origin,
        "--literal-pathspecs",
        "-c",
        "core.quotePath=false",
        "submodule",
        "--quiet",
        "add",
        f"file://{lab.repository('up')}",
        path,
    )
    lab.git(origin, "commit", "-q", "-m", "add")
    root = lab.clone(origin)
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert (root / path / "file.txt").is_file()
    assert lab.plan(root) == []
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def _nested(lab: Lab) -> Path:
    inner = lab.repository("inner")
    middle = lab.repository("middle")
    lab.add(middle, inner, "deep/inner")
    origin = lab.repository("origin")
    lab.add(origin, middle, "middle")
    return lab.clone(origin)


def test_submodules_of_submodules_come_too_then_rollback(lab: Lab) -> None:
    root = _nested(lab)
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert (root / "middle/deep/inner/file.txt").is_file()
    assert outcome.results[f"{PREFIX}.02.middle"]["submodules"] == 2
    assert lab.git(root, "status", "--porcelain") == ""
    assert lab.plan(root) == []
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def test_recursive_false_leaves_inner_ones_alone(lab: Lab) -> None:
    root = _nested(lab)
    lab.run(root, Section(recursive=False))
    assert list((root / "middle/deep/inner").iterdir()) == []
    assert lab.plan(root, Section(recursive=False)) == []
    assert len(lab.plan(root)) == 1


def test_an_inner_one_that_is_missing_comes_then_rollback(lab: Lab) -> None:
    root = _nested(lab)
    lab.run(root, Section(recursive=False))
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert (root / "middle/deep/inner/file.txt").is_file()
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def _moved(lab: Lab) -> Path:
    """A project whose submodule `one` is at an earlier commit than the one recorded since."""
    root = lab.project("one")
    lab.run(root)
    commit = lab.commit(lab.base / "up/one", {"file.txt": "newer\n", "more.txt": "more\n"})
    _record(lab, root, "one", commit)
    return root


def _record(lab: Lab, root: Path, path: str, commit: str) -> None:
    lab.git(root, "update-index", "--cacheinfo", f"160000,{commit},{path}")
    lab.git(root, "commit", "-q", "-m", "move")


def test_a_moved_pointer_is_followed_then_rollback(lab: Lab) -> None:
    root = _moved(lab)
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert outcome.ids == [f"{PREFIX}.02.one"]
    assert (root / "one/file.txt").read_text() == "newer\n"
    assert lab.plan(root) == []
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def test_a_submodule_that_was_deinitialised_comes_back_then_rollback(lab: Lab) -> None:
    root = lab.project("one")
    lab.run(root)
    lab.git(root, "submodule", "--quiet", "deinit", "one")
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert (root / "one/file.txt").is_file()
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def test_a_repository_inside_its_folder_is_followed_too_then_rollback(lab: Lab) -> None:
    root = lab.project("one")
    (root / "one").rmdir()
    lab.git(root, "clone", "-q", str(lab.base / "up/one"), "one")
    _record(lab, root, "one", lab.commit(lab.base / "up/one", {"file.txt": "newer\n"}))
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert (root / "one/file.txt").read_text() == "newer\n"
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def _change_a_file(lab: Lab, root: Path) -> str:
    (root / "one/file.txt").write_text("mine\n")
    return "changed files: file.txt"


def _stage_a_file(lab: Lab, root: Path) -> str:
    (root / "one/mine.txt").write_text("mine\n")
    lab.git(root / "one", "add", "mine.txt")
    return "changed files: mine.txt"


def _commit_on_no_branch(lab: Lab, root: Path) -> str:
    commit = lab.commit(root / "one", {"mine.txt": "mine\n"})
    return f"commits that are on no server: {commit[:10]} “change mine.txt” ("


def _commit_on_a_branch(lab: Lab, root: Path) -> str:
    lab.git(root / "one", "checkout", "-q", "-b", "mine")
    return _commit_on_no_branch(lab, root)


def _commit_and_deinitialise(lab: Lab, root: Path) -> str:
    said = _commit_on_no_branch(lab, root)
    lab.git(root, "submodule", "--quiet", "deinit", "-f", "one")
    return said


def _begin_a_merge(lab: Lab, root: Path) -> str:
    (root / ".git/modules/one/MERGE_HEAD").write_text("0" * 40 + "\n")
    return "a merge, rebase or bisection is under way (MERGE_HEAD)"


WORK = (
    _change_a_file,
    _stage_a_file,
    _commit_on_no_branch,
    _commit_on_a_branch,
    _commit_and_deinitialise,
    _begin_a_merge,
)


@pytest.mark.parametrize("work", WORK)
def test_work_of_the_users_is_a_conflict_and_nothing_is_touched(lab: Lab, work: Callable[[Lab, Path], str]) -> None:
    root = _moved(lab)
    said = work(lab, root)
    before = lab.snapshot(root)
    with pytest.raises(Conflict) as caught:
        lab.run(root)
    assert (caught.value.code, caught.value.facts["submodule"]) == ("submodule.changed", "one")
    assert caught.value.details[0].startswith(said)
    assert lab.snapshot(root) == before


def test_all_conflicts_are_named_at_once(lab: Lab) -> None:
    root = lab.project("one", "two")
    (root / "one/mine.txt").write_text("mine\n")
    (root / "two/mine.txt").write_text("mine\n")
    with pytest.raises(Conflict) as caught:
        lab.plan(root)
    assert [line.partition(":")[0] for line in caught.value.details] == ["one", "two"]


def test_changes_in_a_submodule_at_its_commit_are_nobodys_business(lab: Lab) -> None:
    root = lab.project("one")
    lab.run(root)
    (root / "one/file.txt").write_text("mine\n")
    assert lab.plan(root) == []


def test_work_in_an_inner_submodule_is_a_conflict_even_where_only_the_outer_one_moves(lab: Lab) -> None:
    root = _nested(lab)
    lab.run(root)
    inner, middle = lab.base / "inner", lab.base / "middle"
    lab.git(middle / "deep/inner", "fetch", "-q")
    lab.commit(inner, {"file.txt": "newer\n"})
    lab.git(middle, "submodule", "--quiet", "update", "--remote")
    _record(lab, root, "middle", lab.commit(middle, {"x": "x"}))
    mine = lab.commit(root / "middle/deep/inner", {"mine.txt": "mine\n"})
    before = lab.snapshot(root)
    with pytest.raises(Conflict) as caught:
        lab.run(root)
    assert caught.value.facts["submodule"] == "middle/deep/inner"
    assert lab.git(root / "middle/deep/inner", "rev-parse", "HEAD") == mine
    assert before["middle/deep/inner/mine.txt"] == lab.snapshot(root)["middle/deep/inner/mine.txt"]


def test_an_untracked_file_in_the_way_is_a_conflict_and_stays(lab: Lab) -> None:
    root = _moved(lab)
    (root / "one/more.txt").write_text("mine\n")
    with pytest.raises(Conflict):
        lab.run(root)
    assert (root / "one/more.txt").read_text() == "mine\n"
    assert (root / "one/file.txt").read_text() == "this is up/one\n"


def test_a_pushed_commit_is_no_conflict(lab: Lab) -> None:
    root = _moved(lab)
    lab.git(root / "one", "checkout", "-q", "-b", "mine")
    lab.commit(root / "one", {"mine.txt": "mine\n"})
    lab.git(root / "one", "push", "-q", "origin", "mine")
    lab.run(root)
    assert (root / "one/file.txt").read_text() == "newer\n"


@pytest.mark.parametrize("how", ["gitmodules", "config"])
def test_update_none_is_respected(lab: Lab, how: str) -> None:
    root = lab.project("one", "two")
    where = ("--file", ".gitmodules") if how == "gitmodules" else ("--local",)
    lab.git(root, "config", *where, "submodule.one.update", "none")
    assert lab.run(root).ids == [f"{PREFIX}.01.register", f"{PREFIX}.02.two"]


def test_what_the_user_made_inactive_stays_away(lab: Lab) -> None:
    root = lab.project("one", "two", "three")
    lab.git(root, "config", "submodule.active", ":(exclude)two")
    lab.git(root, "config", "--add", "submodule.active", ".")
    lab.git(root, "config", "submodule.three.active", "false")
    lab.run(root)
    assert [(root / each / "file.txt").exists() for each in ("one", "two", "three")] == [True, False, False]
    assert lab.plan(root) == []


def test_skipped_ones_stay_away(lab: Lab) -> None:
    root = lab.project("one", "libs/two")
    lab.run(root, Section(skip=("libs/two",)))
    assert not (root / "libs/two/file.txt").exists()
    assert lab.plan(root, Section(skip=("libs/two",))) == []


def _depth(lab: Lab, folder: Path) -> int:
    return int(lab.git(folder, "rev-list", "--count", "HEAD"))


@pytest.mark.parametrize(
    ("asked", "wish", "expected"), [(True, None, 1), (False, None, 2), (False, True, 1), (True, False, 2)]
)
def test_history_is_as_short_as_asked(lab: Lab, *, asked: bool, wish: bool | None, expected: int) -> None:
    origin, source = lab.repository("origin"), lab.repository("up")
    lab.commit(source, {"file.txt": "second\n"})
    lab.add(origin, source, "one")
    if asked:
        lab.git(origin, "config", "--file", ".gitmodules", "submodule.one.shallow", "true")
        lab.git(origin, "commit", "-q", "-a", "-m", "shallow")
    root = lab.clone(origin)
    lab.run(root, Section(shallow=wish))
    assert _depth(lab, root / "one") == expected


def test_a_shallow_one_follows_a_moved_pointer(lab: Lab) -> None:
    root = lab.project("one")
    lab.commit(lab.base / "up/one", {"file.txt": "second\n"})
    lab.run(root, Section(shallow=True))
    _record(lab, root, "one", lab.commit(lab.base / "up/one", {"file.txt": "third\n"}))
    lab.run(root, Section(shallow=True))
    assert (root / "one/file.txt").read_text() == "third\n"


def test_a_server_that_gives_out_branches_only_costs_the_shallowness(lab: Lab, home: Path) -> None:
    root = lab.project("one")
    lab.commit(lab.base / "up/one", {"file.txt": "second\n"})
    with (home / ".gitconfig").open("a") as stream:
        stream.write("[protocol]\n\tversion = 0\n")
    lab.run(root, Section(shallow=True))
    assert (root / "one/file.txt").read_text() == "this is up/one\n"


def test_optional_ones_fail_with_a_warning_and_leave_nothing(lab: Lab) -> None:
    root = lab.project("one", "two", "three")
    before = lab.snapshot(root)
    (lab.base / "up/two").rename(lab.base / "gone")
    outcome = lab.run(root, Section(optional=("two",)))
    assert {name: type(error) for name, error in outcome.failures.items()} == {f"{PREFIX}.03.two": Unavailable}
    assert [(root / each / "file.txt").exists() for each in ("one", "two", "three")] == [True, False, True]
    assert not (root / ".git/modules/two").exists()
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def test_an_optional_one_inside_of_another_is_left_out_with_a_warning(lab: Lab) -> None:
    root = _nested(lab)
    (lab.base / "inner").rename(lab.base / "gone")
    outcome = lab.run(root, Section(optional=("middle/deep/inner",)))
    assert (root / "middle/file.txt").is_file()
    assert [each for each in outcome.warnings if "middle/deep/inner" in each] != []


def test_a_commit_that_is_not_on_the_server_is_named(lab: Lab) -> None:
    root = lab.project("one")
    _record(lab, root, "one", "1" * 40)
    with pytest.raises(StepFailed) as caught:
        lab.run(root)
    assert caught.value.code == "submodule.commit"


def test_offline_forbids_what_was_never_fetched(lab: Lab) -> None:
    origin = lab.repository("origin")
    lab.add(origin, lab.repository("up"), "one")
    lab.git(origin, "config", "--file", ".gitmodules", "submodule.one.url", "https://host.invalid/up")
    lab.git(origin, "commit", "-q", "-a", "-m", "elsewhere")
    with pytest.raises(Unavailable) as caught:
        lab.run(lab.clone(origin), options=Options(offline=True))
    assert caught.value.code == "submodule.offline"


def test_planned_again_after_a_kill_the_steps_are_the_same(lab: Lab) -> None:
    root = lab.project("one", "two")
    first = lab.plan(root)
    outcome = lab.run(root)
    again = lab.plan(root, results=outcome.results)
    assert len(first) == len(again)
    assert all(one.same_as(other) for one, other in zip(first, again, strict=True))


def test_a_linked_worktree_is_refused_in_words_but_left_alone_when_all_is_in_place(lab: Lab) -> None:
    main = lab.project("one")
    root = lab.base / "linked"
    lab.git(main, "worktree", "add", "-q", str(root))
    with pytest.raises(Precondition) as caught:
        lab.plan(root)
    assert caught.value.code == "git.elsewhere"
    lab.git(root, "submodule", "--quiet", "update", "--init")
    assert lab.plan(root) == []


def test_an_unpacked_archive_is_told_of_its_empty_folders(lab: Lab) -> None:
    root = lab.base / "archive"
    (root / "libs/one").mkdir(parents=True)
    (root / ".gitmodules").write_text('[submodule "one"]\n\tpath = libs/one\n\turl = https://host.invalid/one\n')
    outcome = lab.run(root)
    assert "libs/one" in outcome.warnings[0]
    (root / "libs/one/file").touch()
    assert lab.plan(root) == []


def test_a_malformed_gitmodules_is_named_with_its_line(lab: Lab) -> None:
    root = lab.project("one")
    (root / ".gitmodules").write_text("[submodule\n")
    with pytest.raises(UsageError) as caught:
        lab.plan(root)
    assert "line 1" in caught.value.details[0]


def test_an_unmerged_pointer_is_a_conflict(lab: Lab) -> None:
    root = lab.project("one")
    lab.git(root, "rm", "-q", "--cached", "one")
    entries = f"160000 {'1' * 40} 2\tone\n160000 {'2' * 40} 3\tone\n"
    lab.feed(root, entries, "update-index", "--index-info")
    with pytest.raises(Conflict) as caught:
        lab.plan(root)
    assert caught.value.code == "submodule.unmerged"


def test_a_clone_that_was_cut_short_before_its_checkout_is_finished(lab: Lab) -> None:
    root = lab.project("one")
    lab.git(root, "submodule", "--quiet", "init")
    (root / ".git/modules").mkdir()
    lab.git(
        root, "clone", "-q", "--no-checkout", "--separate-git-dir=.git/modules/one", str(lab.base / "up/one"), "one"
    )
    assert [step.id for step in lab.plan(root)] == [f"{PREFIX}.02.one"]
    lab.run(root)
    assert (root / "one/file.txt").is_file()


def test_every_error_says_what_to_do(lab: Lab) -> None:
    root = lab.project("one")
    (lab.base / "up/one").rename(lab.base / "gone")
    with pytest.raises(InstallerError) as caught:
        lab.run(root)
    assert caught.value.hint
    assert "`one`" in caught.value.message


def test_the_table_of_actions_is_whole() -> None:
    assert submodule_sync.ACTIONS.keys() == sync.ACTIONS.keys()


def test_an_optional_one_that_holds_work_of_the_users_is_left_alone_with_a_warning(lab: Lab) -> None:
    root = _moved(lab)
    (root / "one/file.txt").write_text("mine\n")
    outcome = lab.run(root, Section(optional=("one",)))
    assert [type(error) for error in outcome.failures.values()] == [Conflict]
    assert (root / "one/file.txt").read_text() == "mine\n"


def test_what_is_in_place_needs_no_permission(lab: Lab) -> None:
    root = lab.project("one")
    lab.run(root)
    assert lab.plan(root, options=Options()) == []


def test_of_two_sections_for_one_path_the_last_counts_as_for_git(lab: Lab) -> None:
    root = lab.project("one")
    text = (root / ".gitmodules").read_text()
    (root / ".gitmodules").write_text('[submodule "old"]\n\tpath = one\n\turl = https://host.invalid/old\n' + text)
    lab.run(root)
    assert (root / ".git/modules/one").is_dir()


@pytest.mark.parametrize("line", ["path = gone", "path = ./one/", "path = libs//two"])
def test_a_section_for_nothing_that_is_recorded_is_passed_over(lab: Lab, line: str) -> None:
    root = lab.project("one")
    with (root / ".gitmodules").open("a") as stream:
        stream.write(f'[submodule "stale"]\n\t{line}\n\turl = http://host.invalid/stale\n')
    assert lab.run(root).ids == [f"{PREFIX}.01.register", f"{PREFIX}.02.one"]
    assert lab.plan(root) == []


def test_a_reference_format_that_only_git_reads_is_left_to_git(lab: Lab) -> None:
    root = lab.project("one")
    lab.run(root)
    (root / ".git/modules/one/reftable").mkdir()
    (root / ".git/modules/one/HEAD").write_text("ref: refs/heads/.invalid\n")
    asked: list[str] = []

    def door(argv: Sequence[str], **_: object) -> Finished:
        asked.append(argv[-1])
        return Finished(argv=tuple(argv), status=0, stdout="1" * 40 + "\n", stderr="")

    git = Git(program="/usr/bin/git", folder=root, door=door)
    module = Submodule(name="one", path=RelPath("one"), url="", commit="1" * 40)
    assert places.is_in_place(git, module)
    assert asked == ["HEAD"]


def test_without_the_internal_helper_the_porcelain_does_the_same(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    root = lab.project("one")
    before = lab.snapshot(root)
    monkeypatch.setattr("phases.git.command.version", lambda program: (2, 30, 0))
    outcome = lab.run(root)
    assert (root / "one/file.txt").is_file()
    assert [argv for argv in outcome.commands if "submodule--helper" in argv] == []
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before


def test_an_inner_one_that_appears_with_a_moved_pointer_comes_then_rollback(lab: Lab) -> None:
    root = lab.project("one")
    lab.run(root)
    source = lab.base / "up/one"
    lab.add(source, lab.repository("inner"), "deep/inner")
    _record(lab, root, "one", lab.git(source, "rev-parse", "HEAD"))
    before = lab.snapshot(root)
    outcome = lab.run(root)
    assert (root / "one/deep/inner/file.txt").is_file()
    lab.undo(root, outcome)
    assert lab.snapshot(root) == before
