"""Which environment is active, and may it be installed into? Asked of its own interpreter; nothing is written."""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from installer import process
from installer.errors import InstallerError, Precondition
from installer.i18n import tr
from phases.python.discovery import specifiers
from phases.python.discovery.wanted import parse
from phases.python.environments.places import Layout, layout_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phases.python.needs import PythonWish

LAUNCHED_BY = "SUREFOOT_LAUNCHED_BY"  # set by installer/launcher.py: the interpreter that the user started us with
TOOLS = "surefoot-tools"  # the file that says: this environment is our own
OVERRIDES = ("UV_BREAK_SYSTEM_PACKAGES", "PIP_BREAK_SYSTEM_PACKAGES")  # as uv and pip document them
_PATIENCE = 20  # seconds
_TRUE = frozenset(("1", "true", "yes", "on", "t", "y"))
_ASK = """
import json, os, sys, sysconfig
path = sysconfig.get_path
marker = os.path.join(path("stdlib"), "EXTERNALLY-MANAGED")
own = sys.prefix == sys.base_prefix and os.path.exists(marker)
base = sys.executable if sys.prefix == sys.base_prefix else getattr(sys, "_base_executable", "") or sys.executable
print(json.dumps({"prefix": sys.prefix, "python": sys.executable, "base": os.path.realpath(base),
    "version": "%d.%d.%d" % sys.version_info[:3], "scripts": path("scripts"), "purelib": path("purelib"),
    "platlib": path("platlib"), "data": path("data"), "managed": marker if own else ""}))
"""


def choose(root: Path, wish: str = "", environ: Mapping[str, str] = os.environ) -> Layout:
    """The active environment: `wish` (--python) > VIRTUAL_ENV > CONDA_PREFIX > the interpreter that started us.

    A wish for a version is satisfied by the one that is active, or else by an interpreter of this machine. Shims are
    seen through, as the interpreter itself is asked where it is. Never the tool's own. Raises `Precondition`.
    """
    wanted = parse(wish, root)
    if wanted.path:
        return _asked(root, wanted.path, "--python")
    active = next(_active(root, environ), None)
    if active is None:
        raise _none()
    if wanted.text and not wanted.admits_version(active.numbers):
        from phases.python.interpreters import find
        from phases.python.needs import PythonWish

        return _asked(root, find(root, PythonWish(), explicit=wish)[0].executable, "--python")
    return active


def objections(active: Layout, wish: PythonWish, environ: Mapping[str, str] = os.environ) -> Iterator[Precondition]:
    """Everything that stands against installing into it, before anything is written."""
    if not specifiers.admits(wish.requires, active.numbers):
        because = tuple(tr("{what}: {why}", what=each.what, why=each.why) for each in wish.sources)
        yield Precondition(
            "python.active",
            tr(
                "the active environment {path} has Python {version}, and the project wants {wanted}",
                path=active.prefix,
                version=active.version,
                wanted=wish.requires,
            ),
            details=because,
            hint=tr("activate an environment with another Python, or name one with --python"),
        )
    if active.managed and not overruled(environ):
        yield Precondition(
            "environment.managed",
            tr("{path} belongs to the system's own package manager ({file})", path=active.prefix, file=active.managed),
            hint=tr(
                "make a virtual environment and activate it, or leave `environment` out of the manifest; in a container"
                " that nobody else uses, UV_BREAK_SYSTEM_PACKAGES=1 or PIP_BREAK_SYSTEM_PACKAGES=1 overrules it"
            ),
        )
    for folder in dict.fromkeys((*active.sites, active.scripts)):
        if not _is_writable(folder):
            yield Precondition(
                "environment.read_only",
                tr("the active environment cannot be written to: {path}", path=folder),
                hint=tr("activate one that is yours, or leave `environment` out of the manifest"),
            )


def overruled(environ: Mapping[str, str] = os.environ) -> bool:
    """Did the user set the documented variable of uv or pip for installing where the system's manager does?"""
    return any(environ.get(name, "").strip().lower() in _TRUE for name in OVERRIDES)


def is_shared(active: Layout, root: Path) -> bool:
    """Does it lie outside of the project, so that others may use it?"""
    return not Path(os.path.realpath(active.prefix)).is_relative_to(root.resolve())


def _active(root: Path, environ: Mapping[str, str]) -> Iterator[Layout]:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(name):
            found = _asked(root, _inside(root / environ[name]), name, may_be_ours=True)
            if not _is_ours(found):
                yield found
    starter = environ.get(LAUNCHED_BY, "") or sys.executable
    started = _ask(str(root), starter)
    if started is not None and not _is_ours(started):
        yield started


def _asked(root: Path, executable: str, by: str, *, may_be_ours: bool = False) -> Layout:
    """What `executable` says of itself. Raises `Precondition` if it does not start, or is ours."""
    found = _ask(str(root), executable)
    if found is None:
        raise Precondition(
            "python.unusable",
            tr("{path} is no Python that starts", path=executable),
            details=(tr("{what}: {why}", what=by, why=executable),),
            hint=tr("activate an environment, or name one with --python"),
        )
    if not may_be_ours and _is_ours(found):
        raise _none()
    return found


def _none() -> Precondition:
    return Precondition(
        "environment.none",
        tr("no environment is active but this tool's own, which is not to be installed into"),
        hint=tr("activate an environment, or name one with --python"),
    )


@functools.lru_cache(maxsize=32)
def _ask(root: str, executable: str) -> Layout | None:
    """Asked once a process: where the parts of an environment are does not change by what is installed."""
    try:
        done = process.run([executable, "-I", "-c", _ASK], cwd=Path(root), timeout=_PATIENCE, check=False)
        return layout_of(json.loads(done.stdout))
    except (OSError, ValueError, TypeError, InstallerError):
        return None


def _inside(prefix: Path) -> str:
    names = ("Scripts/python.exe", "python.exe") if sys.platform == "win32" else ("bin/python", "bin/python3")
    return str(next((place for name in names if (place := prefix / name).exists()), prefix / names[0]))


def _is_ours(active: Layout) -> bool:
    here = os.path.realpath(active.prefix)
    return here == os.path.realpath(sys.prefix) or os.path.isfile(os.path.join(here, TOOLS))


def _is_writable(folder: str) -> bool:
    """May files be put there, or the folder be made?"""
    place = Path(folder)
    while not place.exists() and place != place.parent:
        place = place.parent
    return os.access(place, os.W_OK | os.X_OK)
