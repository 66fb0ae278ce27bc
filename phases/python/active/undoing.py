"""Brings back the versions that were in an active environment before a run. Run by that environment's own Python.

usage: python -I -B undo.py CHANGES

CHANGES is the JSON that the comparison wrote; the files that were replaced lie beside it. Plain Python 3.6, standard
library only, and no other file of ours: it works when the tool is gone. It may be run again after being cut short, and
for an installation that never began. Exit 0: all is as before; 5: something could not be brought back; 10: something
was changed since by somebody else, and stays. Each is told on standard error, a line each.
"""

# ruff: noqa: UP006, UP035 (the Python of an environment may be older than ours)

import errno
import hashlib
import json
import os
import re
import shutil
import sys
from typing import Any, Dict, List, Set

Change = Dict[str, Any]  # JSON
INCOMPLETE, CONFLICT = 5, 10


def main() -> int:
    """Take back every change, newest first; one that fails does not stop the others."""
    os.umask(0o022)  # rollback.sh has a stricter one for what it writes itself
    folder = os.path.dirname(os.path.abspath(sys.argv[1]))
    with open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as stream:
        told = json.load(stream)
    work = Work(folder, told)
    for change in reversed(told["changes"]):
        try:
            work.take_back(change)
        except OSError as error:
            work.problems.append("{}: {}".format(change["name"], error))
    work.remove_folders(told["folders"])
    if hasattr(os, "sync"):
        os.sync()
    for line in work.problems + work.conflicts:
        sys.stderr.write(line + "\n")
    return INCOMPLETE if work.problems else CONFLICT if work.conflicts else 0


class Work:
    """What is done for one file of changes, and what became of it."""

    def __init__(self, folder: str, told: Dict[str, Any]) -> None:
        self.folder = folder
        self.sites = told["sites"]
        self.prefix = told["prefix"]
        self.kept = os.path.normpath(os.path.join(folder, *told["kept"]))
        self.problems: List[str] = []
        self.conflicts: List[str] = []

    def take_back(self, change: Change) -> None:
        """Remove what came, bring back what went: but not where somebody installed another version since."""
        theirs = self.of_somebody_else(change)
        if theirs:
            self.conflicts.append("{} was changed since; it stays as you left it: {}".format(change["name"], theirs))
            return
        out = {path: os.path.join(self.folder, backup) for path, backup in change["out"]}
        for path, _source, digest, _mode in reversed(change["in"]):
            forget(temporary(path))
            if path in out and not os.path.lexists(out[path]):
                if sha256(path) == digest:
                    self.problems.append("{}: the copy of {} is gone".format(change["name"], path))
                continue  # it was not moved away yet, or is back already
            self.remove(change, path, digest)
        for path in sorted(out, key=lambda each: each.endswith(os.sep + "RECORD")):  # the RECORD vouches for all others
            if os.path.lexists(out[path]):
                bring_back(out[path], path)
            elif not os.path.lexists(path) and not path.endswith(".pyc"):
                self.problems.append("{} {}: {} is gone".format(change["name"], change["before"], path))

    def of_somebody_else(self, change: Change) -> str:
        """The metadata folder of a version that is neither what was there before nor what we installed."""
        for site in self.sites:
            for entry in sorted(listed(site)):
                stem, _, kind = entry.rpartition(".")
                if kind == "dist-info" and normal(stem.rpartition("-")[0]) == change["name"]:
                    record = sha256(os.path.join(site, entry, "RECORD"))
                    if record and record not in change["records"]:
                        return os.path.join(site, entry)
        return ""

    def remove(self, change: Change, path: str, digest: str) -> None:
        """What we put there goes; what somebody changed since is set aside."""
        forget_compiled(path)
        if not os.path.lexists(path):
            return
        if sha256(path) == digest:
            os.unlink(path)
            return
        target = free(os.path.join(self.kept, os.path.relpath(path, self.prefix).replace("..", "_")))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        move(path, target)
        self.conflicts.append("{}: {} was changed since; it is now {}".format(change["name"], path, target))

    def remove_folders(self, folders: List[str]) -> None:
        """Folders that were not there before go, unless somebody put something into them."""
        for folder in folders:
            cache = os.path.join(folder, "__pycache__")
            for each in (cache, folder):
                try:
                    os.rmdir(each)
                except OSError:
                    continue


def bring_back(backup: str, path: str) -> None:
    """Put a file that was replaced into its place."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    move(backup, path)


def move(source: str, target: str) -> None:
    """Rename, or where that cannot be, copy whole and then delete."""
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        unfinished = temporary(target)
        forget(unfinished)
        shutil.copy2(source, unfinished, follow_symlinks=False)
        os.replace(unfinished, target)
        os.unlink(source)


def temporary(path: str) -> str:
    """As installer/files.py names what is written first."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".surefoot-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}.tmp")


def forget(path: str) -> None:
    """Remove a file that may not be there."""
    try:
        os.unlink(path)
    except OSError:
        return


def forget_compiled(path: str) -> None:
    """Compiled files of a module belong to whoever wrote the module."""
    folder, name = os.path.split(path)
    stem, dot, kind = name.rpartition(".")
    if kind == "py":
        cache = os.path.join(folder, "__pycache__")
        for each in listed(cache):
            if each.startswith(stem + dot):
                forget(os.path.join(cache, each))


def listed(folder: str) -> Set[str]:
    """The names in a folder; none where it is not there."""
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def sha256(path: str) -> str:
    """Of a regular file; empty for anything else."""
    if os.path.islink(path) or not os.path.isfile(path):
        return ""
    total = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            total.update(block)
    return total.hexdigest()


def free(path: str) -> str:
    """A name that nothing has yet."""
    number, name = 1, path
    while os.path.lexists(name):
        number += 1
        name = f"{path}.{number}"
    return name


def normal(name: str) -> str:
    """As PEP 503 compares names."""
    return re.sub("[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
