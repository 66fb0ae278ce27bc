"""The tree guard: whatever a build does to a tree, it comes back; and what is the user's is not touched."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from installer import guard, sealed
from installer.guard import capture
from tests.engine.plug import Cut, Plug
from tests.engine.toys import Picture, picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Watched:
    """A tree under guard."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.kept = folder / "kept"
        self.listing = folder / "stash" / "1.json"
        (self.tree / "sub" / "deep").mkdir(parents=True, exist_ok=True)
        (self.tree / "hollow").mkdir(mode=0o2750)
        for name in ("a", "b", "sub/c", "sub/deep/d", "-rf", "new\nline", "\udcff"):
            (self.tree / name).write_text(name.encode(errors="surrogateescape").hex())
        (self.tree / "a").chmod(0o4751)
        (self.tree / "link").symlink_to("a")
        (self.tree / "dir link").symlink_to("sub")
        self.before = self.picture()
        self.listed = guard.note(self.tree, self.listing, skip=frozenset(), copies=guard.Copies())

    def picture(self) -> Picture:
        return picture(self.tree)

    def left(self) -> dict[str, str]:
        return guard.left_behind(self.tree, self.listed, skip=frozenset())

    def revert(self, ours: dict[str, str] | None) -> guard.Outcome:
        return guard.revert(self.tree, self.listing, self.kept, skip=frozenset(), ours=ours, suffix=".before-x")


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def _swap_kinds(tree: Path) -> None:
    """Files, folders and links in each other's places."""
    (tree / "a").unlink()
    (tree / "a").mkdir()
    (tree / "a" / "x").write_text("x")
    shutil.rmtree(tree / "sub" / "deep")
    (tree / "sub" / "deep").write_text("now a file")
    (tree / "b").unlink()
    (tree / "b").symlink_to("sub")
    (tree / "link").unlink()
    (tree / "link").mkdir()
    (tree / "dir link").unlink()
    (tree / "dir link").write_text("file")
    (tree / "hollow").rmdir()
    (tree / "hollow").symlink_to("sub")


def _everything_goes(tree: Path) -> None:
    shutil.rmtree(tree)


def _modes(tree: Path) -> None:
    (tree / "a").chmod(0o600)
    (tree / "sub").chmod(0o700)
    (tree / "hollow").chmod(0o777)
    tree.chmod(0o700)


def _new_things(tree: Path) -> None:
    (tree / "node_modules" / "x").mkdir(parents=True)
    (tree / "node_modules" / "x" / "y").write_text("y")
    (tree / "venv").mkdir()
    (tree / "venv" / "pyvenv.cfg").write_text("home")
    os.mkfifo(tree / "pipe")
    (tree / "sub" / "new").mkdir()
    (tree / "build").mkdir()
    (tree / "build" / "x.o").write_text("o")


@pytest.mark.parametrize("deed", [_swap_kinds, _everything_goes, _modes, _new_things])
@pytest.mark.parametrize("finished", [True, False])
def test_whatever_was_done_comes_back_also_twice(
    watched: Watched, deed: Callable[[Path], None], *, finished: bool
) -> None:
    deed(watched.tree)
    ours = watched.left() if finished else None
    mode = watched.tree.parent / "tree"
    for _ in range(2):
        outcome = watched.revert(ours)
        assert (outcome.problems, outcome.conflicts) == ((), ())
        assert watched.picture() == watched.before
    assert mode.stat().st_mode & 0o7777 == watched.listed.mode


@pytest.mark.parametrize("deed", [_swap_kinds, _everything_goes])
@pytest.mark.parametrize("finished", [True, False])
def test_cut_short_anywhere_it_is_done_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: Callable[[Path], None], *, finished: bool
) -> None:
    plug = Plug(monkeypatch)
    for number in range(1, 200):
        watched = Watched(tmp_path / str(number))
        deed(watched.tree)
        ours = watched.left() if finished else None
        try:
            with plug.pulled(number):
                watched.revert(ours)
        except Cut:
            outcome = watched.revert(ours)
            assert (outcome.problems, outcome.conflicts) == ((), ()), number
            assert watched.picture() == watched.before, number
        else:
            break
    assert 10 < number < 199


def test_after_a_cut_nothing_is_overwritten_but_set_aside(watched: Watched) -> None:
    (watched.tree / "a").write_text("mine")
    (watched.tree / "link").unlink()
    (watched.tree / "link").symlink_to("mine")
    shutil.rmtree(watched.tree / "sub")
    (watched.tree / "sub").write_text("mine too")
    watched.revert(None)
    assert watched.picture() == watched.before
    assert (watched.kept / "a").read_text() == "mine"
    assert os.readlink(watched.kept / "link") == "mine"
    assert (watched.kept / "sub").read_text() == "mine too"


def test_names_that_are_taken_in_the_kept_folder_are_passed_by(watched: Watched) -> None:
    (watched.kept / "sub").parent.mkdir()
    (watched.kept / "sub").write_text("from before")
    (watched.tree / "sub" / "new").write_text("new")
    outcome = watched.revert(None)
    assert outcome.problems == ()
    assert (watched.kept / "sub").read_text() == "from before"
    assert (watched.kept / "sub_2" / "new").read_text() == "new"


def test_what_the_user_did_after_a_finished_build_stays(watched: Watched) -> None:
    (watched.tree / "a").write_text("built")
    (watched.tree / "made").write_text("built")
    ours = watched.left()
    (watched.tree / "a").write_text("mine")
    (watched.tree / "b").write_text("mine")
    (watched.tree / "mine").write_text("mine")
    outcome = watched.revert(ours)
    assert (outcome.conflicts, outcome.kept, outcome.problems) == (("a",), ("made",), ())
    assert [(watched.tree / name).read_text() for name in ("a", "b", "mine")] == ["mine"] * 3
    assert (watched.tree / "a.before-x").stat().st_mode & 0o7777 == 0o4751


def test_a_file_too_large_to_be_copied_is_named_only_if_it_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "_LARGEST", 5)
    watched = Watched(tmp_path)
    (watched.tree / "new\nline").chmod(0o600)
    assert watched.revert(None).problems == ()
    assert watched.picture() == watched.before
    (watched.tree / "new\nline").write_text("changed by the build")
    assert len(watched.revert(None).problems) == 1


def test_a_damaged_copy_is_not_believed(watched: Watched) -> None:
    for path in watched.listing.with_suffix(".files").iterdir():
        path.write_text("rotten")
    (watched.tree / "b").write_text("built")
    assert "missing or damaged" in watched.revert(None).problems[0]
    assert (watched.tree / "b").read_text() == "built"


def test_a_pipe_that_went_is_not_called_brought_back(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    os.mkfifo(tmp_path / "tree" / "pipe")
    watched = Watched(tmp_path)
    (watched.tree / "pipe").unlink()
    assert len(watched.revert(None).problems) == 1


def test_a_listing_of_an_earlier_version_without_lines_is_read(watched: Watched) -> None:
    data = sealed.load(watched.listing.read_bytes())
    data["entries"] = dict(reversed(data["entries"].items()))
    watched.listing.write_bytes(sealed.dump(data))
    assert watched.listing.read_bytes().count(b"\n") == 0
    _swap_kinds(watched.tree)
    _new_things(watched.tree)
    assert watched.revert(None).problems == ()
    assert watched.picture() == watched.before


def test_a_listing_with_any_line_gone_or_cut_off_is_damaged(watched: Watched) -> None:
    lines = watched.listing.read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        watched.listing.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
        with pytest.raises((ValueError, KeyError)):
            guard.load(watched.listing)
        watched.listing.write_bytes(b"".join(lines[:number]))
        with pytest.raises((ValueError, KeyError)):
            guard.load(watched.listing)


def test_what_is_named_alike_is_told_apart_wherever_it_lies(tmp_path: Path) -> None:
    """The listing and the tree are read side by side: both must have one order."""
    names = ["a", "a b", "a-b", "a.b", "a/b", "a/b.c", "a/b/c", "a0", "A", "é", "a\nb"]
    tree = tmp_path / "tree"
    for name in names:
        (tree / f"{name}.d" / "x").mkdir(parents=True)
        (tree / f"{name}.d" / "file").touch()
    listed = guard.note(tree, tmp_path / "stash" / "1.json", skip=frozenset(), copies=guard.Copies())
    assert guard.changes(tree, listed, skip=frozenset()) == guard.Changes(before={})
    for name in names:
        (tree / f"{name}.d" / "file").unlink()
        (tree / f"{name}.d" / "new").touch()
    found = guard.changes(tree, listed, skip=frozenset())
    assert set(found.went) == {f"{name}.d/file" for name in names}
    assert set(found.came) == {f"{name}.d/new" for name in names}
