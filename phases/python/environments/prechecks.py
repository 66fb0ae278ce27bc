"""What would stop an environment from being made or switched in, found before anything is written. Reads only."""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.model import RelPath

_MEGABYTE = 1_000_000
_FILES = 5_000  # files that an environment of a few packages has
_LONGEST = 180  # the longest path that ordinary packages have below site-packages


def objections(root: Path, state: RelPath, environment: str, *, free_megabytes: int) -> Iterator[str]:
    """Everything that stands against an environment at `environment`, a sentence each."""
    yield from _writable(root)
    yield from _room(root, free_megabytes)
    yield from _lengths(root, state)
    yield from place(root, state, environment)


def limits(root: Path, environment: str, backend: str) -> Iterator[str]:
    """What the installers cannot work with."""
    if any("\udc80" <= each <= "\udcff" for each in str(root)):
        yield tr("neither uv nor pip works in a folder whose name is not UTF-8; rename it")
    if backend == "pip" and not re.fullmatch(r"[\w./@+-]+", environment):
        yield tr("with pip, the name of the `environment` may hold letters, digits and `./@+-_` only")


def concerns(root: Path, environment: str) -> Iterator[str]:
    """What is worth knowing and stops nothing."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and root.stat().st_uid != 0:
        yield tr("this runs as root in somebody else's project: the environment will belong to root")
    if processes := in_use(root / environment):
        yield tr(
            "{count} running programs use `{path}` ({names}); they go on with the old one until they are started again",
            count=len(processes),
            path=environment,
            names=", ".join(processes[:5]),
        )


def in_use(env: Path) -> list[str]:
    """Programs that run from `env`, as "name (pid)"; best effort, only where there is /proc."""
    if not sys.platform.startswith("linux") or not env.is_dir():
        return []
    prefix = os.fsencode(os.path.realpath(env)) + b"/"
    own = str(os.getpid())
    return [
        f"{_name(pid)} ({pid})" for pid in os.listdir("/proc") if pid.isdecimal() and pid != own and _uses(pid, prefix)
    ]


def _uses(pid: str, prefix: bytes) -> bool:
    """Does the process have a file of the environment mapped, or was it started by a name in there?"""
    try:
        with open(f"/proc/{pid}/maps", "rb") as maps:
            if prefix in maps.read():
                return True
        with open(f"/proc/{pid}/cmdline", "rb") as command:
            return command.read().startswith(prefix)
    except OSError:
        return False


def _name(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return tr("a program")


def _writable(root: Path) -> Iterator[str]:
    if not os.access(root, os.W_OK | os.X_OK):
        yield tr("the project folder {path} cannot be written to", path=root)


def _room(root: Path, megabytes: int) -> Iterator[str]:
    import shutil  # with every kind of archive: 3 ms, of which going back to an earlier environment needs nothing

    seen: set[int] = set()
    for folder in (root, cache_folder()):
        place = _nearest(folder)
        if place.stat().st_dev in seen:
            continue
        seen.add(place.stat().st_dev)
        free = shutil.disk_usage(place).free // _MEGABYTE
        if free < megabytes:
            yield tr(
                "only {free} MB are free at {path}, {wanted} are wanted (`free-space` of `[tool.surefoot.prechecks]`)",
                free=free,
                path=folder,
                wanted=megabytes,
            )
        if hasattr(os, "statvfs") and os.statvfs(place).f_files > 0 and os.statvfs(place).f_favail < _FILES:
            yield tr("the file system at {path} has no room for more files (inodes)", path=folder)


def cache_folder() -> Path:
    """Where the installers keep what they download."""
    home = Path(os.path.expanduser("~"))
    if told := os.environ.get("UV_CACHE_DIR"):
        return Path(told).absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home))
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _lengths(root: Path, state: RelPath) -> Iterator[str]:
    limit = 260 if sys.platform == "win32" else os.pathconf(_nearest(root), "PC_PATH_MAX")
    longest = len(os.fsencode(root / state / "generations" / "00000000_000000")) + _LONGEST
    if longest > limit:
        yield tr(
            "the path of the project is too long: files of packages would have {longest} characters,"
            " the system allows {limit}",
            longest=longest,
            limit=limit,
        )


def place(root: Path, state: RelPath, environment: str) -> Iterator[str]:
    """What keeps the place of the environment from being free, or from holding a folder that can be moved aside."""
    path = root
    for part in environment.split("/"):
        path = path / part
        if path.is_symlink():
            yield tr(
                "`{path}` is a link to {target}; remove the link, or name another `environment` in the manifest",
                path=path.relative_to(root),
                target=os.readlink(path),
            )
            return
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        if _nearest(path).stat().st_dev != _nearest(root / state).stat().st_dev:
            yield tr(
                "`{path}` would be on another file system than `{state}`: it could not be switched in by rename;"
                " name another `environment` or `state-dir` in the manifest, so that both are on one",
                path=environment,
                state=state,
            )
        return
    if not stat.S_ISDIR(status.st_mode):
        yield tr("`{path}` is a file, not an environment; move it away", path=environment)
    elif os.path.ismount(path) or status.st_dev != _nearest(root / state).stat().st_dev:
        yield tr(
            "`{path}` is a mount point, or on another file system than the project: it cannot be switched by rename;"
            " unmount it, or name another `environment` in the manifest",
            path=environment,
        )
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        yield tr("the folder {path} cannot be written to", path=path.parent)
