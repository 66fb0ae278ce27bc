"""Names and paths of submodules that must not be trusted: they come from whoever wrote `.gitmodules`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from installer.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path


def name_complaint(name: str) -> str:
    """Why `name`, a path below `.git/modules`, must not be used; empty if it may."""
    if _is_plain(name.rstrip("/")):
        return ""
    return tr("its name {name} is no proper name", name=ascii(name))


def path_complaint(path: str) -> str:
    """Why `path` cannot be a submodule's, by its spelling: it leaves the project, or is git's own."""
    normal = posixpath.normpath(path)
    if _is_plain(normal) and not {part.lower() for part in normal.split("/")} & {".git", "git~1"}:
        return ""
    return tr("its path {path} is no proper path", path=ascii(path))


def link_complaint(folder: Path, path: str) -> str:
    """Why nothing may be put at `path` below `folder`: a link leads elsewhere."""
    parts = path.split("/")
    if any(folder.joinpath(*parts[:number]).is_symlink() for number in range(1, len(parts) + 1)):
        return tr("its path {path} passes through a link", path=ascii(path))
    return ""


def collision(mine: str, theirs: str) -> bool:
    """Whether two different names or paths are one, or one inside of the other, on some file systems at least."""
    return mine != theirs and f"{mine}/".casefold().startswith(f"{theirs}/".casefold())


def _is_plain(text: str) -> bool:
    """A relative path of ordinary parts, without control characters, backslashes or a drive."""
    return (
        all(part not in {"", ".", ".."} for part in text.split("/"))
        and text.isprintable()
        and "\\" not in text
        and "\ufffd" not in text  # it was not UTF-8
        and not text.startswith("-")
        and not re.match(r"[A-Za-z]:", text)
    )
