"""The files that `init` would write, each sealed, and what is at their places already.

A file of ours carries a hash of itself in its first lines: so long as it holds, nobody edited the file, and a later
`init` may renew it. Any other file is the user's, and is never written over.
"""

from __future__ import annotations

import difflib
import os
import re
from typing import TYPE_CHECKING, Any, Literal

from installer import __version__, files
from installer.errors import Conflict
from installer.frozen import dataclass
from installer.hashing import sha256
from installer.i18n import tr
from installer.model import RelPath
from installer.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from installer.model import Context

ABSENT = "absent"
_SEAL = re.compile(
    r"^# Written by `manage\.py init` of Surefoot \S+; renewed while unedited \(([0-9a-f]{16})\)\.$", re.MULTILINE
)
_SEAL_LINE = "# Written by `manage.py init` of Surefoot {version}; renewed while unedited ({seal})."


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file to be written.

    before   what is at `path` now: `absent`, or the sha256 of a regular file's bytes
    appends  `text` comes behind what is in the file, else in its place
    why      for people: what it is for
    instead  the path that it would have, were that not taken by a file of the user's
    """

    path: RelPath
    text: str
    why: str
    mode: int = 0o644
    before: str = ABSENT
    appends: bool = False
    instead: str = ""

    @property
    def action(self) -> Literal["create", "renew", "append"]:
        """What is done to what is there."""
        return "append" if self.appends else "create" if self.before == ABSENT else "renew"

    def held(self, root: Path) -> str:
        """The text of what is there."""
        return "" if self.before == ABSENT else _text(root / self.path)

    def diff(self, root: Path) -> list[str]:
        """The change as `diff -u` shows it, without secrets, and without the user's lines where ours come behind."""
        old = self.held(root)
        new = after(old, self.text) if self.appends else self.text
        names = ("/dev/null" if self.before == ABSENT else f"a/{self.path}", f"b/{self.path}")
        around = 0 if self.appends else 3  # lines: any password may stand in a file of the user's
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), *names, n=around, lineterm="")
        return [redact(line.rstrip("\r\n")) for line in lines]


def after(old: str, text: str) -> str:
    """`text` behind `old`, a blank line between them, with the line ends that `old` has."""
    end = "\r\n" if "\r\n" in old else "\n"
    gap = "" if not old else end if old.endswith("\n") else end + end
    return old + gap + text.replace("\n", end)


def seal(text: str) -> str:
    """`text` with the line that says whose it is, behind a `#!` line or at its top."""
    first, rest = (text.split("\n", 1)[0] + "\n", text.split("\n", 1)[1]) if text.startswith("#!") else ("", text)
    return first + _SEAL_LINE.format(version=__version__, seal=_digest(first + rest)) + "\n" + rest


def is_ours(text: str) -> bool:
    """Was it sealed, and not edited since? Line ends are git's business, and do not count."""
    text = text.replace("\r\n", "\n")
    found = _SEAL.search(text)
    return found is not None and _digest(text[: found.start()] + text[found.end() + 1 :]) == found[1]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def place(root: Path, names: tuple[str, ...]) -> tuple[RelPath, str]:
    """The first of `names` that is free or ours, and what is there. Raises `Conflict` where all are the user's."""
    for name in names:
        path = RelPath(name)
        if (found := standing(root, path)) == ABSENT or has_ours(root, name):
            return path, found
    raise taken(names)


def has_ours(root: Path, name: str) -> bool:
    """Is there a file of ours that nobody edited?"""
    return standing(root, RelPath(name)) not in {"", ABSENT} and is_ours(_text(root / name))


def taken(names: tuple[str, ...]) -> Conflict:
    """The error for files of the user's that are where ours would be."""
    return Conflict(
        "init.taken",
        tr("these files are yours, and stay as they are: {names}", names=", ".join(names)),
        hint=tr("move one of them away, or leave out what would be there, then run the same command again"),
        paths=list(names),
    )


def standing(root: Path, path: RelPath) -> str:
    """What is at `path`: `absent`, the sha256 of a file that can be read, or nothing for what is not ours to touch."""
    if not os.path.lexists(root / path):
        return "" if _blocked(root, path) else ABSENT
    try:
        return sha256(files.content(root / path)).hexdigest()
    except OSError:  # a folder, a link, a file that we may not read
        return ""


def must_stand(args: Mapping[str, Any], context: Context) -> None:
    """Raise `Conflict` for a file that came or changed since the steps were planned."""
    if standing(context.root, RelPath(args["path"])) != args.get("before", ABSENT):
        raise taken((args["path"],))


def _blocked(root: Path, path: RelPath) -> bool:
    """Is a file, or a link that may lead out, where a folder of ours would be?"""
    return any(
        os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()) for folder in _above(root, path)
    )


def _above(root: Path, path: RelPath) -> Iterator[Path]:
    folder = path.parent
    while folder != ".":
        yield root / folder
        folder = folder.parent


def _text(path: Path) -> str:
    try:
        return files.content(path).decode("utf-8", "replace")
    except OSError:
        return ""


def draft(
    root: Path, names: tuple[str, ...], text: str | Callable[[RelPath], str], why: str, mode: int = 0o644
) -> Draft | None:
    """What is to be written under the first of `names` that can be had; nothing where it stands there already.

    A `text` that names itself is given as a function of its path.
    """
    path, before = place(root, names)
    sealed = seal(text if isinstance(text, str) else text(path))
    if before != ABSENT and _text(root / path).replace("\r\n", "\n") == sealed:
        return None
    instead = "" if path == names[0] else names[0]
    return Draft(path=path, text=sealed, why=why, mode=mode, before=before, instead=instead)
