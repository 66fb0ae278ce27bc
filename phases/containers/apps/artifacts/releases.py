"""Which release an app is to have, and which it has: a folder a version, and a link to the one in use."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

from installer import files
from installer.errors import Precondition, Refused
from installer.i18n import tr
from installer.model import RelPath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phases.containers.apps.places import Home
    from phases.containers.apps.section import App, Artifact

_SHOWN = 12  # hex digits of a hash in a version
_KEPT = 50  # versions remembered
_LEFT_OUT = frozenset((".git", "__pycache__"))


def wanted(name: str, app: App, root: Path, state: str) -> str:
    """The version of `name` that the manifest asks for; "" for an app that runs in the project's folder.

    It has the hash in it, so that two contents are never one version. Raises `Precondition` where there is nothing.
    """
    if app.artifact is not None:
        made = app.artifact
        sha256 = made.sha256 or files.sha256(local(made, root))
        return f"{made.version}-{sha256[:_SHOWN]}" if made.version else sha256[:_SHOWN]
    if app.source is not None:
        if not (root / app.source).is_dir():
            said = tr("`{key}`: there is no folder `{folder}`", key=f"apps.{name}.source", folder=app.source)
            raise Precondition("app.source", said)
        return of_tree(root / app.source, skip=root / state)[:_SHOWN]
    return ""


def local(made: Artifact, root: Path) -> Path:
    """The archive of an artifact that is a path. Raises `Precondition`."""
    path = root / RelPath(made.path)
    if not path.is_file():
        raise Precondition("artifact.missing", tr("there is no artifact `{path}`", path=made.path))
    return path


def history(home: Home, root: Path) -> list[str]:
    """The versions that were in use, the newest last."""
    try:
        return files.content(root / home.folder / "history").decode().split()
    except OSError:
        return []


def previous(home: Home, root: Path) -> str:
    """The version that was in use before this one and is still there; "" without one."""
    now = home.version(root)
    there = (each for each in reversed(history(home, root)) if each != now and (root / home.releases / each).is_dir())
    return next(there, "")


def held(home: Home, root: Path) -> str:
    """The version that the user went back from; "" without one."""
    try:
        return files.content(root / home.held).decode().strip()
    except OSError:
        return ""


def flip(home: Home, root: Path, version: str, *, hold: str) -> None:
    """Have `version` in use, at once; `hold` is the version that must not come back by itself."""
    lines = [*history(home, root), version][-_KEPT:]
    files.replace(root / home.folder / "history", ("\n".join(lines) + "\n").encode())
    if hold:
        files.replace(root / home.held, hold.encode())
    else:
        files.remove(root / home.held)
    files.link(os.path.join("releases", version), root / home.current)


def copy_tree(source: Path, target: Path, *, skip: Path) -> None:
    """Copy a folder of the user's; links stay links if they lead inside. Raises `Refused` for what is no file."""
    files.make_folder(target, mode=0o755, durable=False)
    for name, status in _entries(source, skip):
        here, there = source / name, target / name
        if stat.S_ISDIR(status.st_mode):
            files.make_folder(there, mode=0o755, durable=False)
        elif stat.S_ISLNK(status.st_mode):
            files.link(_link(here, source), there, durable=False)
        else:
            files.copy(here, there, mode=0o755 if status.st_mode & 0o100 else 0o644, durable=False)


def of_tree(folder: Path, *, skip: Path) -> str:
    """64 hex digits for all names, contents and rights to execute below `folder`."""
    total = hashlib.sha256()
    for name, status in _entries(folder, skip):
        if stat.S_ISDIR(status.st_mode):
            what = "folder"
        elif stat.S_ISLNK(status.st_mode):
            what = f"link {_link(folder / name, folder)}"
        else:
            what = f"file {bool(status.st_mode & 0o100)} {files.sha256(folder / name)}"
        total.update(os.fsencode(f"{name}\0{what}\0"))
    return total.hexdigest()


def _entries(folder: Path, skip: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Everything below `folder`, folders before what is in them, in the order of names."""
    waiting = [""]
    while waiting:
        above = waiting.pop()
        for name in sorted(os.listdir(folder / above)):
            path = folder / above / name
            if name in _LEFT_OUT or path == skip:
                continue
            status = path.lstat()
            if not (stat.S_ISDIR(status.st_mode) or stat.S_ISLNK(status.st_mode) or stat.S_ISREG(status.st_mode)):
                raise Refused("app.source", tr("{path} is neither file, folder nor link", path=path))
            yield os.path.join(above, name), status
            if stat.S_ISDIR(status.st_mode):
                waiting.append(os.path.join(above, name))


def _link(path: Path, folder: Path) -> str:
    target = os.readlink(path)
    inside = os.path.normpath(os.path.join(os.path.dirname(path), target))
    if os.path.isabs(target) or not (inside == str(folder) or inside.startswith(f"{folder}{os.sep}")):
        raise Refused("app.source", tr("the link {path} leads outside of the app", path=path))
    return target
