"""Pictures of a tree: every path with its kind, mode and contents. Two states are compared by what they hold."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path

Picture = dict[str, str]  # path -> "folder 755", "link TARGET", "file 644 SHA256", "other"

_GIT_GROWS = frozenset({"objects", "logs"})  # what git adds to and nobody sees: unreachable objects, reflogs

Essence = Callable[[str, bytes], bytes]  # (relative path, contents) -> what of them counts


@dataclass(frozen=True, slots=True)
class Difference:
    """One path that is not as it should be: `before` and `after` as a picture has them, empty for nothing there."""

    path: str
    before: str
    after: str

    def sentence(self) -> str:
        """The same for people."""
        one, other = self.before.split(" "), self.after.split(" ")
        if not self.before:
            return tr("came: {path}", path=self.path)
        if not self.after:
            return tr("went: {path}", path=self.path)
        if one[0] != other[0] or one[0] == "link":
            return tr("{path}: {before}, now {after}", path=self.path, before=self.before, after=self.after)
        if one[1] != other[1]:
            return tr("mode of {path}: {before}, now {after}", path=self.path, before=one[1], after=other[1])
        return tr("contents differ: {path}", path=self.path)


class Camera:
    """Takes pictures of the tree at `root`, less the relative paths in `without`; `but` is in it wherever it lies.

    `essence` gives the part of a file's contents that counts. A file whose status did not change (ctime included, which
    no program can set back) is not read again.
    """

    def __init__(self, root: Path, without: frozenset[str], *, but: str = "", essence: Essence | None = None) -> None:
        self._root = os.fspath(root)
        self._but = but
        self._essence = essence
        self._without = without
        self._known: dict[tuple[int, ...], str] = {}

    def take(self) -> Picture:
        """The tree as it is now; git's objects and reflogs apart."""
        picture = {".": f"folder {stat.S_IMODE(os.lstat(self._root).st_mode):o}"}
        pending = [("", self._root)]
        while pending:
            prefix, folder = pending.pop()
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda each: each.name)
            grows = _GIT_GROWS if any(each.name == "HEAD" for each in entries) else frozenset()
            for entry in entries:
                relative = prefix + entry.name
                if entry.name in grows and ".git" in relative.split("/"):
                    continue
                if not self._is_left_out(relative):
                    picture[relative] = self._word(relative, entry)
                elif not self._but.startswith(relative + "/"):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append((relative + "/", entry.path))
        return picture

    def _is_left_out(self, relative: str) -> bool:
        if self._but and (relative + "/").startswith(self._but + "/"):
            return False
        return any((relative + "/").startswith(each + "/") for each in self._without)

    def _word(self, relative: str, entry: os.DirEntry[str]) -> str:
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            return "link " + os.readlink(entry.path)
        if stat.S_ISDIR(status.st_mode):
            return f"folder {stat.S_IMODE(status.st_mode):o}"
        if not stat.S_ISREG(status.st_mode):
            return "other"
        return f"file {stat.S_IMODE(status.st_mode):o} {self._sum(relative, entry.path, status)}"

    def _sum(self, relative: str, path: str, status: os.stat_result) -> str:
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if key not in self._known:
            with open(path, "rb") as stream:
                data = stream.read()
            data = self._essence(relative, data) if self._essence else data
            self._known[key] = hashlib.sha256(data).hexdigest()
        return self._known[key]


def differences(before: Picture, after: Picture, variable: frozenset[str] = frozenset()) -> tuple[Difference, ...]:
    """What is not the same. Of a path in `variable` only kind and mode count, and that it is there."""
    found = []
    for path in sorted(before.keys() | after.keys()):
        one, other = before.get(path, ""), after.get(path, "")
        if one != other and not (path in variable and _shape(one) == _shape(other)):
            found.append(Difference(path, one, other))
    return tuple(found)


def outermost(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """What came or went with its folder is not named again."""
    whole = {each.path for each in found if not each.before or not each.after}
    return tuple(each for each in found if whole.isdisjoint(map(str, PurePosixPath(each.path).parents)))


def variable(one: Picture, other: Picture) -> frozenset[str]:
    """The paths that two undisturbed runs leave with other contents: times, ids."""
    return frozenset(
        path
        for path in one.keys() & other.keys()
        if one[path] != other[path] and _shape(one[path]) == _shape(other[path])
    )


def _shape(word: str) -> str:
    """Kind and mode, without the contents."""
    kind, _, rest = word.partition(" ")
    return kind if kind == "link" else f"{kind} {rest.partition(' ')[0]}"


Marks = dict[str, tuple[int, ...]]


def marks(root: Path) -> Marks:
    """Every path below `root` with what its status says, ctime included: any change at all shows.

    Git's objects are left out, whose names are their contents: those of a clone of this repository may be links to the
    very same files, and show when it tidies up.
    """
    found: Marks = {}
    pending = [os.fspath(root)]
    while pending:
        folder = pending.pop()
        with os.scandir(folder) as listed:
            entries = list(listed)
        is_git = any(each.name == "HEAD" for each in entries) and ".git" in folder.split(os.sep)
        for entry in entries:
            if is_git and entry.name == "objects":
                continue
            found[entry.path] = _mark(entry.stat(follow_symlinks=False))
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
    return found


def _mark(status: os.stat_result) -> tuple[int, ...]:
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    return (status.st_ino, status.st_mode, size, status.st_mtime_ns, status.st_ctime_ns)
