from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.selftest.pictures import Camera, Picture, differences, marks, outermost, variable
from phases.python.timeless import timeless

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

import pytest

OLD, NEW = "0" * 64, "1" * 64


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda root: (root / "file").write_text("other"), "contents differ: file"),
        (lambda root: (root / "file").chmod(0o755), "mode of file: 644, now 755"),
        (lambda root: (root / "file").unlink(), "went: file"),
        (lambda root: (root / "new").write_text(""), "came: new"),
        (lambda root: ((root / "link").unlink(), (root / "link").symlink_to("else")), "link: link file, now link else"),
        (lambda root: ((root / "link").unlink(), (root / "link").mkdir(0o755)), "link: link file, now folder 755"),
        (lambda root: root.chmod(0o700), "mode of .: 755, now 700"),
    ],
)
def test_every_kind_of_change_is_seen_and_said(change: Callable[[Path], object], sentence: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    root.chmod(0o755)
    (root / "file").write_text("text")
    (root / "file").chmod(0o644)
    (root / "link").symlink_to("file")
    camera = Camera(root, frozenset())
    before = camera.take()
    change(root)
    assert [each.sentence() for each in differences(before, camera.take())] == [sentence]


def test_a_file_whose_time_was_set_back_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    status = file.stat()
    camera = Camera(tmp_path, frozenset())
    before = camera.take()
    file.write_text("two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert [each.path for each in differences(before, camera.take())] == ["file"]


def test_what_git_adds_to_unseen_does_not_count_but_a_folder_of_that_name_does(tmp_path: Path) -> None:
    for folder in (".git/objects", ".git/modules/logs/objects", "src/objects"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref")
    (tmp_path / ".git" / "modules" / "logs" / "HEAD").write_text("ref")
    camera = Camera(tmp_path, frozenset())
    before = camera.take()
    for folder in (".git/objects", ".git/modules/logs/objects", "src/objects"):
        (tmp_path / folder / "new").write_text("x")
    assert [each.path for each in differences(before, camera.take())] == ["src/objects/new"]


def test_what_two_undisturbed_runs_leave_differently_counts_by_kind_and_mode_only() -> None:
    one: Picture = {"id": f"file 644 {OLD}", "same": f"file 644 {OLD}", "here": f"file 644 {OLD}"}
    other: Picture = {"id": f"file 644 {NEW}", "same": f"file 644 {OLD}"}
    volatile = variable(one, other)
    assert volatile == {"id"}
    assert [each.path for each in differences(one, other, volatile)] == ["here"]
    assert [each.path for each in differences(one, {**one, "id": f"file 755 {NEW}"}, volatile)] == ["id"]
    assert [each.path for each in differences(one, {**one, "same": f"file 644 {NEW}"}, volatile)] == ["same"]


def test_marks_show_a_touch(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    before = marks(tmp_path)
    (tmp_path / "file").chmod(0o644)
    (tmp_path / "file").chmod(0o600)
    (tmp_path / "file").chmod(0o644)
    assert marks(tmp_path) != before


def test_a_folder_that_came_or_went_is_named_once() -> None:
    before: Picture = {"a": "folder 755", "a/b": "folder 755", "a/b/c": "other", "z": "folder 755"}
    after: Picture = {"n": "folder 755", "n/x": "other", "n.txt": "other", "z": "folder 755", "z/y": "other"}
    found = outermost(differences(before, after))
    assert [each.sentence() for each in found] == ["went: a", "came: n", "came: n.txt", "came: z/y"]


def test_marks_pass_over_the_objects_that_a_clone_may_share(tmp_path: Path) -> None:
    for folder in (".git/objects/00", "src/objects"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").write_text("x")
    (tmp_path / ".git" / "HEAD").write_text("ref")
    before = marks(tmp_path)
    (tmp_path / ".git" / "objects" / "00" / "file").chmod(0o600)
    assert marks(tmp_path) == before
    (tmp_path / "src" / "objects" / "file").chmod(0o600)
    assert marks(tmp_path) != before


def test_an_environment_in_the_state_folder_is_looked_at(tmp_path: Path) -> None:
    for name in (".sage/venv/bin", ".sage/staging", ".sage/venv2"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text("x")
    picture = Camera(tmp_path, frozenset({".sage"}), but=".sage/venv").take()
    assert set(picture) == {".", ".sage/venv", ".sage/venv/bin", ".sage/venv/bin/file"}


def test_what_an_installer_notes_about_the_time_does_not_count() -> None:
    record = b"a.py,sha256=x,1\nsmall-1.dist-info/uv_cache.json,sha256=y,2\nsmall-1.dist-info/RECORD,,\n"
    place = "lib/small-1.dist-info"
    assert timeless(f"{place}/RECORD", record) == b"a.py,sha256=x,1\nsmall-1.dist-info/RECORD,,\n"
    assert timeless(f"{place}/uv_cache.json", b"{}") == b""
    for path in (f"{place}/METADATA", "RECORD", "src/RECORD", "src/uv_cache.json"):
        assert timeless(path, record) == record
