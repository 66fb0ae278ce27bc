from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from installer.copying import Extent, copy_tree, measure
from installer.selftest.pictures import Camera, differences
from phases.git.standalone import stand_alone

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "protocol.file.allow=always")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, env=variables, capture_output=True, text=True, check=True
    )
    return done.stdout


def repository(folder: Path, **contents: str) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for name, text in contents.items():
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=first")
    return folder


def picture(root: Path) -> dict[str, str]:
    return Camera(root, frozenset()).take()


def test_a_copy_has_contents_modes_times_and_links(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep" / "er").mkdir(parents=True)
    (source / "deep" / "tool").write_bytes(b"x" * 100_000)
    (source / "deep" / "tool").chmod(0o751)
    (source / "deep" / "er" / "loose").symlink_to("../tool")
    (source / "gone").symlink_to("nowhere")
    (source / "deep").chmod(0o555)
    os.utime(source / "deep" / "tool", ns=(1, 1_000_000_001))
    copy_tree(source, tmp_path / "copy")
    assert differences(picture(source), picture(tmp_path / "copy")) == ()
    assert (tmp_path / "copy" / "deep" / "tool").stat().st_mtime_ns == 1_000_000_001
    assert (tmp_path / "copy" / "deep").stat().st_mtime_ns == (source / "deep").stat().st_mtime_ns


def test_what_is_not_wanted_and_what_is_no_file_stays_where_it_is(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for folder in (".venv", "sub/.venv", "sub/node_modules"):
        (source / folder).mkdir(parents=True)
        (source / folder / "file").write_text("12345")
    os.mkfifo(source / "pipe")
    without, named = frozenset({".venv"}), frozenset({"node_modules"})
    assert measure(source, without=without, named=named) == Extent(1, 5)
    copy_tree(source, tmp_path / "copy", without=without, named=named)
    assert set(picture(tmp_path / "copy")) == {".", "sub", "sub/.venv", "sub/.venv/file"}


def test_a_link_by_full_name_leads_into_the_copy(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.mkdir()
    (source / "data").write_text("mine")
    (source / "inside").symlink_to(source / "data")
    (source / "outside").symlink_to(tmp_path / "source-of-others")
    copy_tree(source, copy)
    assert os.readlink(copy / "inside") == str(copy / "data")
    assert os.readlink(copy / "outside") == str(tmp_path / "source-of-others")


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    """A worktree, with a submodule, of a repository that lies elsewhere."""
    library = repository(tmp_path / "library", lib="1")
    main = repository(tmp_path / "main", file="1")
    git(main, "submodule", "--quiet", "add", str(library), "vendor/lib")
    git(main, "commit", "--quiet", "--message=second")
    git(main, "worktree", "add", "--quiet", "--detach", "../work")
    git(tmp_path / "work", "submodule", "--quiet", "update", "--init")
    return tmp_path / "work"


def test_the_copy_of_a_worktree_is_a_repository_of_its_own(worktree: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "work"
    copy.parent.mkdir()
    before = {each: picture(tmp_path / each) for each in ("main", "work", "library")}
    copy_tree(worktree, copy)
    stand_alone(worktree, copy)
    for folder in (copy, copy / "vendor" / "lib"):
        inside = git(folder, "rev-parse", "--absolute-git-dir", "--show-toplevel").split()
        assert inside[1] == str(folder)
        assert inside[0].startswith(str(copy / ".git"))
        assert git(folder, "status", "--porcelain") == ""
    (copy / "vendor" / "lib" / "lib").write_text("2")
    git(copy / "vendor" / "lib", "commit", "--quiet", "--all", "--message=third")
    git(copy, "commit", "--quiet", "--all", "--message=third")
    git(copy, "submodule", "--quiet", "deinit", "--all", "--force")
    assert {each: picture(tmp_path / each) for each in ("main", "work", "library")} == before


def test_no_configuration_of_the_copy_names_the_original(tmp_path: Path) -> None:
    original, copy = repository(tmp_path / "original", file="1"), tmp_path / "copy"
    git(original, "config", "core.worktree", str(original))
    copy_tree(original, copy)
    stand_alone(original, copy)
    (copy / "file").unlink()
    git(copy, "checkout", "--quiet", "--", "file")
    assert (copy / "file").read_text() == "1"
    (copy / "file").write_text("changed")
    assert git(copy, "status", "--porcelain").strip() == "M file"
    assert git(original, "status", "--porcelain") == ""


def test_a_git_file_that_leads_nowhere_known_is_not_followed(tmp_path: Path) -> None:
    other = repository(tmp_path / "other", file="1")
    original, copy = repository(tmp_path / "original", file="1"), tmp_path / "copy"
    (original / "nested").mkdir()
    (original / "nested" / ".git").write_text(f"gitdir: {other / '.git'}\n")
    copy_tree(original, copy)
    stand_alone(original, copy)
    assert not (copy / "nested" / ".git").exists()


def test_a_copied_index_is_fresh(tmp_path: Path) -> None:
    """`git describe --dirty`, which version plugins call, would rewrite it otherwise."""
    original, copy = repository(tmp_path / "original", file="1"), tmp_path / "copy"
    copy_tree(original, copy)
    stand_alone(original, copy)
    before = (copy / ".git" / "index").read_bytes()
    git(copy, "describe", "--always", "--dirty")
    assert (copy / ".git" / "index").read_bytes() == before
