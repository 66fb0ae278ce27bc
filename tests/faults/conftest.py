"""The subjects, made once a session in memory where there is room, and the labs on them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults import subject as subjects
from tests.faults.lab import RUN, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.subject import Subject

# LD_PRELOAD and /proc are Linux's; the model of the disk and the failpoints of the other rooms run everywhere.
collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]

_MEMORY = Path("/dev/shm")  # noqa: S108 -- a folder of our own is made in it
_ROOM = 2 << 30
_FOR_PIP = 12  # packages: it takes many times longer


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder for all of it: in memory, else where temporary files go. FAULT_PLACE names another."""
    fast = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    parent = os.environ.get("FAULT_PLACE") or (str(_MEMORY) if fast else None)
    folder = Path(tempfile.mkdtemp(prefix="surefoot-faults-", dir=parent)).resolve()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def subject(place: Path) -> Subject:
    """The repository; uv's cache is warmed by one run at the older and one at the newer versions."""
    made = subjects.make(place)
    lab = Lab(made, made.clone, place / "warm", place / "warming", words=("-y", "-q"))
    for age in ("older", "newer"):
        lab.fresh()
        subjects.set_age(lab.project, age)
        ended = lab.run()
        assert ended.status == 0, ended.said
    shutil.rmtree(lab.project)
    return made


@pytest.fixture(scope="session")
def fresh(subject: Subject, place: Path) -> Lab:
    """A first installation."""
    lab = Lab(subject, subject.clone, place / "fresh", place / "lab-fresh")
    lab.learn()
    return lab


@pytest.fixture(scope="session")
def upgrade(subject: Subject, place: Path) -> Lab:
    """From the older versions to the newer."""
    return _upgrade(subject, place, RUN)


@pytest.fixture(scope="session")
def upgrade_by_pip(subject: Subject, place: Path) -> Lab:
    """The same by pip, from a folder of wheels: it has no cache that would do without the index."""
    more = subjects.wheels(place / "wheels")
    return _upgrade(replace(subject, more=more), place, ("-y", "-q", "--backend", "pip"), locked=False)


def _upgrade(subject: Subject, place: Path, words: tuple[str, ...], *, locked: bool = True) -> Lab:
    name = "uv" if locked else "pip"
    lab = Lab(subject, subject.clone, place / f"upgrade-{name}", place / f"lab-{name}", words=words)
    lab.fresh()
    _ask_for(lab, "older", locked=locked)
    ended = lab.run()
    assert ended.status == 0, ended.said
    _ask_for(lab, "newer", locked=locked)
    lab.pristine = place / f"installed-{name}"
    lab.put(lab.project, lab.pristine)
    lab.learn()
    return lab


def _ask_for(lab: Lab, age: str, *, locked: bool) -> None:
    subjects.set_age(lab.project, age)
    if not locked:
        (lab.project / "uv.lock").unlink()
        (lab.project / "pyproject.toml").write_text(subjects.top(age, most=_FOR_PIP))
