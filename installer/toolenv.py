"""Surefoot's own environment: where it is, what it is called, whether it is whole.

It lives in the user's cache folder under a key of everything it depends on, so that it is made once, works offline
afterwards, and an update of Surefoot or of Python makes another one beside it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time

MARKER = "surefoot-tools"  # the file that says an environment is ours and whole; written last
DAY = 24 * 60 * 60


def tool_python(root: str) -> str:
    """The interpreter of the tool's own environment, which is made when it is missing or damaged."""
    lock = os.path.join(root, "locks", "tool.txt")
    base = base_interpreter()
    place = os.path.join(_absolute(cache_folder()), "tools", key_of(lock, base))
    if not is_whole(place):
        from installer.toolbuild import make

        make(place, base, lock)
    _note_use(place)
    return python_of(place)


def cache_folder() -> str:
    """Surefoot's folder for what can be made again, by the platform's convention."""
    chosen = os.environ.get("SUREFOOT_CACHE_DIR", "")
    if chosen:
        return os.path.abspath(chosen)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
        return os.path.join(local, "surefoot", "Cache")
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "surefoot")
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    return os.path.join(xdg if os.path.isabs(xdg) else os.path.join(home, ".cache"), "surefoot")


def _absolute(folder: str) -> str:
    """`folder`, or the error that no home was found for it."""
    if os.path.isabs(folder):
        return folder
    from installer.toolfail import homeless, speak

    speak()
    raise homeless()


def base_interpreter() -> str:
    """The real executable behind the running one: no environment's, no link, no shim."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def key_of(lock: str, base: str) -> str:
    """The name of the environment that `lock` gives on this interpreter and machine."""
    try:
        with open(lock, "rb") as file:
            digest = hashlib.sha256(file.read())
    except OSError as error:
        from installer.toolfail import no_lock, speak

        speak()
        raise no_lock(lock, error) from None
    machine = os.uname().machine if hasattr(os, "uname") else sys.version
    abi = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"
    for part in (abi, sys.platform, machine, str(sys.maxsize), base):
        digest.update(b"\0" + os.fsencode(part))
    return digest.hexdigest()[:32]


def python_of(place: str) -> str:
    """The interpreter of the environment at `place`."""
    return os.path.join(place, *(("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")))


def is_whole(place: str) -> bool:
    """True when it was finished, its interpreter exists, nothing that was in it is gone, and no stranger owns it."""
    try:
        with open(os.path.join(place, MARKER), encoding="utf-8") as file:
            noted = file.read().split("\n")
            owner = os.fstat(file.fileno()).st_uid
        if sys.platform != "win32" and owner not in {0, os.geteuid()}:
            return False
        return os.path.exists(python_of(place)) and noted[-1] == "end" and set(noted[:-1]) <= set(contents(place))
    except (OSError, ValueError):
        return False


def contents(place: str) -> list[str]:
    """The names that an environment must not lose: its programs and its packages."""
    if sys.platform == "win32":
        folders = ("Scripts", "Lib/site-packages")
    else:
        folders = ("bin", f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages")
    names = [(folder, name) for folder in folders for name in sorted(os.listdir(os.path.join(place, folder)))]
    return [f"{folder}/{name}" for folder, name in names if name != "__pycache__"]


def _note_use(place: str) -> None:
    """Remember, once a day, that it is in use. A read-only cache folder serves as well."""
    marker = os.path.join(place, MARKER)
    try:
        if os.stat(marker).st_mtime < time.time() - DAY:
            os.utime(marker)
    except OSError:
        return
