"""One walk through an environment serves all checks that follow at once."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from installer import process
from phases.python import looks, records

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _made(tmp_path: Path) -> Path:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    info = site / "it-1.dist-info"
    info.mkdir(parents=True)
    (site / "it.py").write_text("x = 1\n")
    (info / "RECORD").write_text("it.py,sha256=,6\nit-1.dist-info/RECORD,,\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (site / "__pycache__").mkdir()
    (site / "__pycache__" / "it.pyc").write_bytes(b"")
    return site


def test_a_walk_finds_every_ordinary_file_but_commands_and_bytecode(tmp_path: Path) -> None:
    site = _made(tmp_path)
    look = looks.at(tmp_path)
    assert set(look.files) == {f"{site}/it.py", f"{site}/it-1.dist-info/RECORD"}
    assert not look.strange


def test_it_is_walked_again_after_a_program_ran(tmp_path: Path) -> None:
    site = _made(tmp_path)
    before = looks.at(tmp_path)
    line = f"open({str(site / 'it.py')!r}, 'w').write('longer than before')"
    process.run([sys.executable, "-I", "-c", line], cwd=tmp_path)
    after = looks.at(tmp_path)
    assert before.files[f"{site}/it.py"].st_size == 6
    assert after.files[f"{site}/it.py"].st_size == 18
    assert [each.fault for each in records.check(site, seen=after.files)] == ["size"]


def test_it_is_walked_again_after_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = _made(tmp_path)
    first = looks.at(tmp_path)
    monkeypatch.setattr(looks, "_SECONDS", -1.0)
    (site / "it.py").unlink()
    assert f"{site}/it.py" in first.files
    assert f"{site}/it.py" not in looks.at(tmp_path).files


def test_what_was_not_seen_is_looked_for(tmp_path: Path) -> None:
    site = _made(tmp_path)
    assert records.check(site, seen={}) == []
    (site / "it.py").unlink()
    assert [each.fault for each in records.check(site, seen={})] == ["missing"]
    assert looks.last(tmp_path / "none") is None


def test_deep_believes_no_walk(tmp_path: Path) -> None:
    site = _made(tmp_path)
    seen = looks.at(tmp_path).files
    (site / "it.py").write_text("y = 2, no more")
    assert "size" in [each.fault for each in records.check(site, deep=True, seen=seen)]


def test_a_link_in_it_is_strange(tmp_path: Path) -> None:
    site = _made(tmp_path)
    os.symlink("it.py", site / "other.py")
    assert looks.at(tmp_path).strange
