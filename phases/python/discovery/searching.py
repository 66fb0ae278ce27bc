"""Where Pythons are on a machine: PATH, pyenv, uv, asdf, mise, Homebrew, the system. Never those of environments."""

# Hundreds of names are looked at: with os.path, as pathlib would take longer than all the rest.

from __future__ import annotations

import functools
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from installer import lazily
from phases.python.discovery import probing
from phases.python.needs import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMAND = lazily.pattern(r"(python|pypy|graalpy)(\d+(\.\d+)?t?)?(\.exe)?$", re.IGNORECASE)
_PLAIN = lazily.pattern(r"(\d+)\.(\d+)\.(\d+)$")  # pyenv, asdf, mise: a folder so named is a CPython of it
_MANAGED = lazily.pattern(r"cpython-(\d+)\.(\d+)\.(\d+)-")  # uv
_POSIX = os.name == "posix"
SYSTEM_ROOTS = ("/opt/python", "/opt/hostedtoolcache/Python") if _POSIX else ()
SYSTEM_COMMANDS = (
    ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin") if _POSIX else ()
)
_ODD = (
    "miniconda",
    "anaconda",
    "miniforge",
    "mambaforge",
    "micropython",
    "stackless",
    "jython",
    "ironpython",
    "cinder",
)


def everywhere() -> tuple[Interpreter, ...]:
    """All interpreters of this machine, each once, the tool's own first."""
    found = {own().executable: own()}
    unknown: dict[str, None] = {}
    for executable, version in _candidates():
        real = os.path.realpath(executable)
        if real in found or real in unknown:
            continue
        if version:
            found[real] = Interpreter(executable=real, version=version, origin=executable)
        else:
            unknown[real] = None
    for python in probing.probe_all(unknown).values():
        found.setdefault(python.executable, python)
    return tuple(found.values())


@functools.cache
def own() -> Interpreter:
    """The interpreter that this tool runs in, or the one behind its environment."""
    free = "+freethreaded" if "t" in getattr(sys, "abiflags", "") else ""
    executable = getattr(sys, "_base_executable", "") or sys.executable
    major, minor, micro = sys.version_info[:3]
    return Interpreter(
        executable=os.path.realpath(executable),
        version=(major, minor, micro),
        implementation=sys.implementation.name + free,
        prerelease=sys.version_info.releaselevel != "final",
        origin=executable,
    )


def _candidates() -> Iterator[tuple[str, tuple[int, int, int] | None]]:
    """Executables, each with its version where its place tells."""
    for folder in _installations():
        name = os.path.basename(folder)
        found = _PLAIN.match(name) or _MANAGED.match(name)
        if name.lower().startswith(_ODD) or not (executable := _inside(folder)):
            continue
        known = found is not None and "freethreaded" not in name
        yield executable, (int(found[1]), int(found[2]), int(found[3])) if found and known else None
    yield from ((executable, None) for folder in _command_folders() for executable in _commands(folder))


def _installations() -> Iterator[str]:
    """The folders in which version managers keep one installation each."""
    home = os.path.expanduser("~")
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    roots = (
        os.path.join(os.environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv"), "versions"),
        os.environ.get("UV_PYTHON_INSTALL_DIR") or os.path.join(data, "uv", "python"),
        os.path.join(os.environ.get("ASDF_DATA_DIR") or os.path.join(home, ".asdf"), "installs", "python"),
        os.path.join(os.environ.get("MISE_DATA_DIR") or os.path.join(data, "mise"), "installs", "python"),
        os.path.join(os.environ.get("APPDATA", ""), "uv", "python") if sys.platform == "win32" else "",
        "/Library/Frameworks/Python.framework/Versions" if sys.platform == "darwin" else "",
        *SYSTEM_ROOTS,
    )
    for root in filter(None, roots):
        yield from (entry for entry in _folders(root) if not os.path.islink(entry))


def _folders(root: str) -> list[str]:
    try:
        with os.scandir(root) as entries:
            return sorted(entry.path for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []


def _inside(folder: str) -> str:
    """The executable of an installation; empty where it has none that is there."""
    names = (
        "bin/python3",
        "bin/python",
        "bin/pypy3",
        "bin/python2",
        "install/bin/python3",
        "x64/bin/python3",
        "python.exe",
    )
    if _is_environment(folder):  # pyenv keeps the environments of its plugin beside its installations
        return ""
    return next((path for name in names if os.access(path := os.path.join(folder, name), os.X_OK)), "")


def _command_folders() -> Iterator[str]:
    for folder in dict.fromkeys((*os.environ.get("PATH", "").split(os.pathsep), *SYSTEM_COMMANDS)):
        # Shims stand for what the version managers keep, which is found there. A relative entry may lie in the project.
        if os.path.isabs(folder) and os.path.basename(folder) != "shims":
            yield folder


def _commands(folder: str) -> Iterator[str]:
    above = os.path.dirname(folder.rstrip("/\\"))
    if os.path.isdir(os.path.join(above, "conda-meta")) or (sys.platform == "darwin" and folder == "/usr/bin"):
        return  # of conda only by its path; Apple's may open a dialogue
    if _is_environment(above):
        base = _base_of(above)
        yield from [base] if base else []
        return
    try:
        names = sorted(name for name in os.listdir(folder) if _COMMAND.match(name))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK) and _is_program(path):
            yield path


def _is_environment(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "pyvenv.cfg"))


def _base_of(environment: str) -> str:
    """The interpreter that an environment was made with."""
    try:
        text = Path(environment, "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    keys = dict(re.findall(r"(?m)^\s*([\w-]+)\s*=\s*(.+?)\s*$", text))
    home = keys.get("home", "")
    places = (
        keys.get("base-executable", ""),
        keys.get("executable", ""),
        *(os.path.join(home, name) for name in ("python3", "python", "python.exe")),
    )
    return next((path for path in places if os.path.isabs(path) and os.access(path, os.X_OK)), "")


def _is_program(path: str) -> bool:
    """Not a script that stands for another program, nor the empty file by which Windows offers its store."""
    try:
        with open(path, "rb") as file:
            begin = file.read(2)
    except OSError:
        return False
    return bool(begin) and begin != b"#!"
