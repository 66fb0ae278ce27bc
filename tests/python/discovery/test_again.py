"""What a project needs is asked for many times in a run: it is read anew when anything of it changed, only then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.manifest import Manifest
from phases.python import sources

if TYPE_CHECKING:
    from phases.python.needs import Needs

Change = Callable[[Path], object]


def _same_look(path: Path, text: str) -> None:
    """Other bytes of the same number, and the times as they were: no look at the file would tell."""
    before = path.stat()
    assert len(text) == before.st_size
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _lock_of_another_python(root: Path) -> None:
    _same_look(root / "uv.lock", (root / "uv.lock").read_text().replace(">=3.11", ">=3.12"))


def _local_package(root: Path) -> None:
    (root / "lib").mkdir()
    (root / "lib" / "pyproject.toml").write_text('[project]\nname = "lib"\nversion = "1"\n')


def _other_link(root: Path) -> None:
    (root / ".python-version").unlink()
    (root / ".python-version").symlink_to("other")


CHANGES: dict[str, Change] = {
    "a file's bytes": lambda root: _same_look(
        root / "pyproject.toml", (root / "pyproject.toml").read_text().replace("3.11", "3.12")
    ),
    "the end of a lock": _lock_of_another_python,
    "the lock goes": lambda root: (root / "uv.lock").unlink(),
    "a requirement file comes": lambda root: (root / "requirements-dev.txt").write_text("pytest\n"),
    "a local package comes": _local_package,
    "a link leads elsewhere": _other_link,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["idna"]\n'
    )
    (tmp_path / "uv.lock").write_text('version = 1\nrequires-python = ">=3.11"\n' + "# filler\n" * 20_000)
    (tmp_path / "one").write_text("3.11\n")
    (tmp_path / "other").write_text("3.12\n")
    (tmp_path / ".python-version").symlink_to("one")
    return tmp_path


def test_what_did_not_change_is_not_parsed_again(project: Path) -> None:
    assert _needs(project) is _needs(project)
    assert sources.read_needs(project, Manifest(name="other"), "standard") is not _needs(project)


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_is_noticed(project: Path, what: str) -> None:
    before = _needs(project)
    CHANGES[what](project)
    after = _needs(project)
    sources._known.clear()  # noqa: SLF001 -- as another process reads it
    assert after == _needs(project)
    assert after is not before


def _needs(root: Path) -> Needs:
    return sources.read_needs(root, Manifest(), "standard")
