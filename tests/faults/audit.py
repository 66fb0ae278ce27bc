"""Does the interposer see all that strace sees? Both watch one and the same run; the counts are set side by side."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.interposer import Call

WATCHED = (
    "open,openat,openat2,creat,write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,splice,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,mknod,mknodat,"
    "chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,truncate,ftruncate,fallocate,"
    "utime,utimes,futimesat,utimensat,setxattr,chdir,fchdir"
)
_BEGUN = re.compile(r"^(\d+) +(\w+)\((.*)$")
_WORKING = re.compile(r"AT_FDCWD<([^>]*)>")
_HELD = re.compile(r"\d+<([^>]*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ON_FILES = frozenset(
    "write pwrite64 writev pwritev pwritev2 sendfile splice fchmod fchown ftruncate fallocate".split()
)
_WORDS = {
    **dict.fromkeys(("openat", "openat2", "creat", "mkstemp", "mkstemp64", "mkostemp64", "mkstemps64"), "open"),
    **dict.fromkeys(("renameat", "renameat2"), "rename"),
    **dict.fromkeys(("unlinkat", "rmdir", "remove"), "unlink"),
    **dict.fromkeys(("mkdirat", "mkdtemp"), "mkdir"),
    **dict.fromkeys(("fchmod", "fchmodat"), "chmod"),
    **dict.fromkeys(("chown", "lchown", "fchown"), "fchownat"),
    **dict.fromkeys(
        ("pwrite64", "pwrite", "writev", "fflush", "fclose", "fwrite", "fseek", "fseeko", "fseeko64", "sendfile"),
        "write",
    ),
    **dict.fromkeys(("utime", "utimes", "futimens"), "utimensat"),
    **dict.fromkeys(("fallocate64", "posix_fallocate"), "fallocate"),
    "link": "linkat",
    "symlinkat": "symlink",
    "ftruncate64": "ftruncate",
}


def through(folder: Path) -> tuple[str, ...]:
    """The words before a command that have strace write what it sees to `folder`, which is not below the root."""
    return ("strace", "-f", "-y", "-qq", "-s", "4096", "-e", f"trace={WATCHED}", "-o", str(folder / "strace"))


def seen_by_strace(folder: Path, root: Path) -> Counter[str]:
    """How many changes below `root` of each kind strace saw."""
    with (folder / "strace").open(errors="replace") as lines:
        return Counter(_changes(lines, os.fspath(root)))


def seen_by_interposer(calls: list[Call]) -> Counter[str]:
    """The same of the interposer's own list, in strace's words."""
    return Counter(_WORDS.get(call.name, call.name) for call in calls if call.kind != "sync")


def _changes(lines: Iterator[str], root: str) -> Iterator[str]:
    working: dict[str, str] = {}
    for line in lines:
        match = _BEGUN.match(line)
        if match is None:
            continue
        process, name, rest = match.groups()
        if found := _WORKING.search(rest):
            working[process] = found[1]  # every program opens its libraries from where it is
        if name == "chdir" and (found := _TEXT.match(rest)):
            working[process] = posixpath.join(working.get(process, "/"), found[1])
        if name in {"chdir", "fchdir"} or (name.startswith("open") and not _makes(rest)):
            continue
        path = posixpath.normpath(_path(name, rest, working.get(process, "/")))
        if path == root or path.startswith(root + "/"):
            yield _WORDS.get(name, name)


def _makes(rest: str) -> bool:
    return bool(re.search(r"O_(?:WRONLY|RDWR)", rest) and re.search(r"O_(?:CREAT|TRUNC)", rest))


def _path(name: str, rest: str, working: str) -> str:
    """Where it changes something: an open file's path, or the last path named, from the folder named before it."""
    held = _HELD.match(rest)
    if name in _ON_FILES or (name == "utimensat" and held and ">, NULL, " in rest):
        return held[1] if held else "/"
    if name == "copy_file_range":
        held_ones = _HELD.findall(rest)
        return held_ones[1] if len(held_ones) > 1 else "/"
    texts = _TEXT.findall(rest)
    path = texts[-1] if texts else "/"
    folders = re.findall(r"(?:AT_FDCWD|\d+)<([^>]*)>", rest)
    return posixpath.join(folders[-1] if folders else working, path)
