"""Surefoot's own environment: where it is, what it is called, whether it is whole.

It lives in the user's cache folder under a key of everything it depends on, so that it is made once, works offline
afterwards, and an update of Surefoot or of Python makes another one beside it.
"""

from __future__ import annotations

import os
import sys
import time

from installer.hashing import sha256

MARKER = "surefoot-tools"  # the file that says an environment is ours and whole; written last
KEPT_WHEEL = "surefoot.whl"  # where a pinned wheel is run from (`pinned`), all of it lies for the next project
EXTRAS = "SUREFOOT_EXTRAS"  # outranks what the user recorded; empty: none
DAY = 24 * 60 * 60
_NO_EXTRAS = frozenset({"tool", "dev", "backend"})  # locks of other purposes


def tool_python(root: str) -> str:
    """The interpreter of the tool's own environment, which is made when it is missing or damaged."""
    base = base_interpreter()
    tools = tools_folder()
    locks = locks_of(root, extras(root))
    place = os.path.join(tools, key_of(locks, base))
    if not is_whole(place):
        place = _made(place, base, locks)
    _note_use(place)
    return python_of(place)


def _made(place: str, base: str, locks: tuple[str, ...]) -> str:
    """Make it. While extras that the user once chose cannot be had, the tool goes on without them."""
    from installer.errors import InstallerError
    from installer.toolbuild import make

    try:
        make(place, base, locks)
    except InstallerError as error:
        plain = os.path.join(os.path.dirname(place), key_of(locks[:1], base))
        if os.environ.get(EXTRAS) or len(locks) == 1 or not is_whole(plain):
            raise
        from installer.toolfail import without_extras

        sys.stderr.write(without_extras(error) + "\n")
        return plain
    return place


def tools_folder() -> str:
    """Where the tool's own environments are."""
    return os.path.join(_absolute(cache_folder()), "tools")


def extras(root: str) -> tuple[str, ...]:
    """The extras that the tool is to have: SUREFOOT_EXTRAS, else what the user recorded and this copy knows."""
    given = os.environ.get(EXTRAS)
    names = recorded_extras() if given is None else given.replace(",", " ").split()
    if not names:
        return ()
    known = known_extras(root)
    strange = sorted(set(names) - set(known))
    if strange and given is not None:
        from installer.toolfail import no_extra, speak

        speak()
        raise no_extra(strange[0], known)
    return tuple(name for name in known if name in names)


def known_extras(root: str) -> tuple[str, ...]:
    """The extras that this copy of Surefoot has a lock for."""
    try:
        found = os.listdir(locks_folder(root))
    except OSError:
        return ()  # that the tool's own lock is gone, too, is told when it is read
    names = (name[: -len(".txt")] for name in found if name.endswith(".txt"))
    return tuple(sorted(set(names) - _NO_EXTRAS))


def recorded_extras() -> list[str]:
    """What the user added for all copies of Surefoot; nothing where there is no such file."""
    try:
        with open(extras_file(), encoding="utf-8") as file:
            return file.read().split()
    except (OSError, ValueError):
        return []


def extras_file() -> str:
    """Where the names of the user's extras are recorded, by the platform's convention."""
    chosen = os.environ.get("SUREFOOT_CONFIG_DIR", "")
    if chosen:
        return os.path.join(os.path.abspath(chosen), "extras")
    if sys.platform == "win32":
        folder = os.environ.get("APPDATA") or os.path.expanduser(r"~\AppData\Roaming")
    elif sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Application Support")
    else:
        xdg = os.environ.get("XDG_CONFIG_HOME", "")
        folder = xdg if os.path.isabs(xdg) else os.path.expanduser("~/.config")
    return os.path.join(folder, "surefoot", "extras")


def locks_of(root: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The locks of the tool with these extras; the plain tool's comes first."""
    folder = locks_folder(root)
    return tuple(os.path.join(folder, f"{name}.txt") for name in ("tool", *names))


def locks_folder(root: str) -> str:
    """Where the locks of this copy are: beside the package in a clone, within it where a wheel brought it."""
    within = os.path.join(root, "installer", "locks")
    return within if os.path.isdir(within) else os.path.join(root, "locks")


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


def key_of(locks: tuple[str, ...], base: str) -> str:
    """The name of the environment that `locks` give on this interpreter and machine."""
    digest = sha256(_read(locks[0]))
    for lock in locks[1:]:
        digest.update(b"\0extra\0" + sha256(_read(lock)).digest())
    machine = os.uname().machine if hasattr(os, "uname") else sys.version
    abi = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"
    for part in (abi, sys.platform, machine, str(sys.maxsize), base):
        digest.update(b"\0" + os.fsencode(part))
    return digest.hexdigest()[:32]


def _read(lock: str) -> bytes:
    try:
        with open(lock, "rb") as file:
            return file.read()
    except OSError as error:
        from installer.toolfail import no_lock, speak

        speak()
        raise no_lock(lock, error) from None


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
