"""The files of a project as they are on disk: each read once, all that was looked at remembered. Never written."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import lazily
from installer.errors import Refused, UsageError
from installer.frozen import dataclass, field
from installer.i18n import tr
from installer.model import RelPath
from phases.python import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 16 * 1024 * 1024  # no file that people write is larger; only locks are, and of those we read the ends
_END = 64 * 1024
_WHERE = lazily.pattern(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
Table = dict[str, Any]  # what tomllib returns; its shape is checked where it is read


@dataclass(frozen=True, slots=True)
class Tree:
    """Reads below `root` only: a link that leads out of it is refused."""

    root: Path
    _texts: dict[RelPath, str | None] = field(default_factory=dict)
    _tables: dict[RelPath, Table | None] = field(default_factory=dict)
    _names: dict[RelPath, dict[str, bool]] = field(default_factory=dict)
    _reals: dict[RelPath, Path] = field(default_factory=dict)
    _looked_at: dict[RelPath, None] = field(default_factory=dict)
    _ends: dict[RelPath, str] = field(default_factory=dict)

    def holds(self) -> bool:
        """Is all that was read here the same now, to the byte? Nothing is parsed again."""
        again = Tree(self.root)
        try:
            return (
                all(again._real(path) == real for path, real in self._reals.items())
                and all(again.names(folder) == names for folder, names in self._names.items())
                and all(again.text(path) == text for path, text in self._texts.items())
                and all(again.ends(path) == text for path, text in self._ends.items())
            )
        except (OSError, Refused, UsageError):
            return False

    @property
    def looked_at(self) -> tuple[RelPath, ...]:
        """Every file that was asked for, there or not, in that order."""
        return tuple(self._looked_at)

    @property
    def listed(self) -> tuple[RelPath, ...]:
        """Every folder whose entries were asked for."""
        return tuple(self._names)

    def names(self, folder: RelPath) -> dict[str, bool]:
        """The entries of `folder`, sorted, each with: is it a folder? Empty where there is no such folder."""
        if folder not in self._names:
            self._names[folder] = self._scan(folder)
        return self._names[folder]

    def is_file(self, path: RelPath) -> bool:
        """Is there a file? Remembered: its coming or going would change what the project needs."""
        self._looked_at[path] = None
        return self.has(path)

    def has(self, path: RelPath) -> bool:
        """Is there a file? Not remembered: nothing but its being there was asked."""
        return self.names(path.parent).get(path.rpartition("/")[2]) is False

    def text(self, path: RelPath) -> str | None:
        """The text of `path`; nothing where it is no file. Raises `Refused` for a link out of the project."""
        if path not in self._texts:
            data = self._bytes(path)
            self._texts[path] = None if data is None else texts.decode(data)
        return self._texts[path]

    def ends(self, path: RelPath) -> str:
        """The beginning and the end of a file of any size: where lock files carry what concerns all of them."""
        self._looked_at[path] = None
        if path not in self._ends:
            self._ends[path] = self._read_ends(path)
        return self._ends[path]

    def _read_ends(self, path: RelPath) -> str:
        with self._readable(path):
            if not stat.S_ISREG(self._real(path).stat().st_mode):
                return ""
            with self._real(path).open("rb") as file:
                begin = file.read(_END)
                file.seek(max(len(begin), file.seek(0, os.SEEK_END) - _END))
                return texts.decode(begin + file.read())

    def toml(self, path: RelPath) -> Table | None:
        """The document in `path`; nothing where it is no file. Raises `UsageError` with line and column."""
        if path not in self._tables:
            text = self.text(path)
            self._tables[path] = None if text is None else parse_toml(text, path)
        return self._tables[path]

    def _scan(self, folder: RelPath) -> dict[str, bool]:
        try:
            with os.scandir(self._real(folder)) as entries:
                found = {entry.name: _leads_to_folder(entry) for entry in entries}
        except (OSError, Refused):  # a link that leads out of the project: there is nothing of the project's in it
            return {}
        return {name: found[name] for name in sorted(found) if "\\" not in name}

    def _bytes(self, path: RelPath) -> bytes | None:
        if not self.is_file(path):
            return None
        with self._readable(path):
            try:
                about = self._real(path).stat()
            except FileNotFoundError:  # a link to nowhere
                return None
            if not stat.S_ISREG(about.st_mode):  # opening a pipe would wait for ever
                return None
            if about.st_size > LARGEST:
                what = tr("{path} is too large to be read ({size} bytes)", path=path, size=about.st_size)
                raise UsageError("file.too-large", what, path=path)
            return self._real(path).read_bytes()

    @contextmanager
    def _readable(self, path: RelPath) -> Iterator[None]:
        """What the system objects to is an error of the project's."""
        try:
            yield
        except OSError as error:
            what = tr("{path} cannot be read: {reason}", path=path, reason=error.strerror)
            raise UsageError("file.unreadable", what, path=path) from error

    def _real(self, path: RelPath) -> Path:
        """Where `path` really is. Raises `Refused` where a link leads out of the project."""
        if path not in self._reals:
            self._reals[path] = self._resolved(path)
        return self._reals[path]

    def _resolved(self, path: RelPath) -> Path:
        """Part by part, as only links cost more than one look."""
        if path == ".":
            return Path(os.path.realpath(self.root))
        place = self._real(path.parent) / path.rpartition("/")[2]
        if not place.is_symlink():
            return place
        real, root = os.path.realpath(place), str(self._real(RelPath(".")))
        if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
            raise Refused(
                "path.outside", tr("{path} is a link that leaves the project, to {target}", path=path, target=real)
            )
        return Path(real)


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle, or to where we may not look
        return False


def parse_toml(text: str, path: str) -> Table:
    """`text` as TOML. Raises `UsageError` that names the file, line and column."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _malformed(error, text, path) from error
    except RecursionError as error:
        raise UsageError("toml.malformed", tr("{path}: nested too deeply", path=path)) from error


def _malformed(error: Exception, text: str, path: str) -> UsageError:
    found = _WHERE.search(str(error))
    reason = _WHERE.sub("", str(error)).strip()
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    column = int(found[2]) if found and found[2] else 1
    return UsageError(
        "toml.malformed",
        tr("{path}, line {line}, column {column}: {reason}", path=path, line=line, column=column, reason=reason),
        hint=tr("mend {path} and run the same command again", path=path),
        path=path,
        line=line,
        column=column,
    )
