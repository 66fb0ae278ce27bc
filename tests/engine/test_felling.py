"""A tree is removed whole, whatever its permissions forbid, and nothing that a link in it leads to."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from installer import files

if TYPE_CHECKING:
    from pathlib import Path

UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--") if os.geteuid() == 0 else ()
REMOVE = "import sys; from pathlib import Path; from installer import files; files.remove_tree(Path(sys.argv[1]))"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "above" / "tree"
    (made / "a" / "b" / "c").mkdir(parents=True)
    for name in ("1", "a/2", "a/b/3", "a/b/c/4", "-rf", "\udcff", "new\nline"):
        (made / name).write_text(name.encode(errors="surrogateescape").hex())
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "victim").write_text("mine")
    (made / "a" / "way").symlink_to(tmp_path / "outside")
    (made / "way").symlink_to(tmp_path / "outside" / "victim")
    return made


@pytest.mark.parametrize("locked", [("a",), ("a/b", "a"), ("a/b/c", "a/b", "a", "."), ("a/b/c",)], ids="-".join)
@pytest.mark.parametrize("mode", [0o555, 0o300, 0o444, 0o000], ids=oct)
def test_a_locked_tree_goes_and_what_it_lies_in_keeps_its_mode(tree: Path, mode: int, locked: tuple[str, ...]) -> None:
    for name in locked:
        (tree / name).chmod(mode)
    tree.parent.chmod(0o555)
    root = os.path.dirname(os.path.dirname(files.__file__))
    subprocess.run([*UNPRIVILEGED, sys.executable, "-c", REMOVE, str(tree)], cwd=root, check=True)
    assert list(tree.parent.iterdir()) == []
    assert tree.parent.stat().st_mode & 0o777 == 0o555
    assert (tree.parent.parent / "outside" / "victim").read_text() == "mine"


def test_a_link_to_a_tree_goes_and_the_tree_stays(tree: Path) -> None:
    link = tree.with_name("link")
    link.symlink_to(tree)
    files.remove_tree(link)
    assert not files.exists(link)
    assert (tree / "a" / "b" / "c" / "4").exists()


def test_a_tree_deeper_than_any_path_may_be_long_goes(tmp_path: Path) -> None:
    name, held = "d" * 100, os.open(tmp_path, os.O_RDONLY)
    for _ in range(60):
        os.mkdir(name, dir_fd=held)
        below = os.open(name, os.O_RDONLY, dir_fd=held)
        os.close(held)
        held = below
    os.close(held)
    files.remove_tree(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    for path in (tmp_path / "no", tmp_path / "no" / "er"):
        files.remove_tree(path)
        files.remove(path)
        assert files.remove_folder(path)


def test_an_error_names_the_whole_path(tree: Path) -> None:
    (tree / "a" / "b").rename(tree / "b")
    with pytest.raises(FileExistsError) as taken:
        files.rename(tree / "b", tree / "a")
    assert taken.value.filename == str(tree / "a")
    with pytest.raises(OSError, match="No such file") as gone:
        files.change_mode(tree / "none", 0o600)
    assert gone.value.filename == str(tree / "none")
    with pytest.raises(OSError, match="Not a directory") as no_folder:
        files.replace(tree / "1" / "x" / "y", b"")
    assert str(no_folder.value.filename).startswith(str(tree / "1" / "x"))
