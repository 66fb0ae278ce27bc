"""What `init` finds in a project, each with where it was found. Nothing is run, and nothing is written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from installer import files
from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.git import state
from phases.python.discovery import buildable
from phases.python.discovery.tree import Tree
from phases.python.sources import read_needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.manifest import Manifest

CI = ("github", "gitlab")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`because`: (what, where it says so). `server`: whose CI the project uses, "" if none; `told`: by what.

    `requires`: the versions of Python that hold. `takes_modules`: setuptools would take a launcher for the project's.
    """

    because: tuple[tuple[str, str], ...]
    server: str = ""
    told: str = ""
    requires: str = ""
    takes_modules: bool = False


def look(root: Path, manifest: Manifest, mode: str) -> Findings:
    """Look at all of it. Raises as `read_needs`, but not for a project in which nothing asks for Python packages."""
    server, told = _server(root)
    requires, because = _python(root, manifest, mode)
    return Findings(
        because=(*because, *_submodules(root)),
        server=server,
        told=told,
        requires=requires,
        takes_modules=buildable.takes_any_module(Tree(root), RelPath(".")),
    )


def _python(root: Path, manifest: Manifest, mode: str) -> tuple[str, list[tuple[str, str]]]:
    try:
        needs = read_needs(root, manifest, mode)
    except UsageError as error:
        if error.code != "project.unrecognised":
            raise
        return "", [(tr("an environment without packages"), tr("nothing says which Python packages it needs"))]
    wishes = [(f"Python {each.what}", each.why) for each in needs.python.sources]
    return needs.python.requires, wishes + [(each.what, each.why) for each in needs.because]


def _submodules(root: Path) -> Iterator[tuple[str, str]]:
    for path in re.findall(r"(?m)^\s*path\s*=\s*(.+?)\s*$", _text(root / ".gitmodules")):
        yield tr("submodule {path}", path=path), ".gitmodules"


def _server(root: Path) -> tuple[str, str]:
    """Whose CI: what the project has files for, else where it is pushed to."""
    if (root / ".github" / "workflows").is_dir():
        return "github", ".github/workflows"
    if (root / ".gitlab-ci.yml").is_file():
        return "gitlab", ".gitlab-ci.yml"
    host = _host(_origin(root))
    found = next((name for name in CI if name in host), "")
    return found, tr("the remote origin is at {host}", host=host) if found else ""


def _origin(root: Path) -> str:
    """The address of the remote `origin`; empty without one. Read from git's file: no git is needed to say it."""
    folder = state.git_folder(root)
    if folder is None:
        return ""
    common = _text(folder / "commondir").strip()
    text = _text(Path(os.path.normpath(folder / common), "config"))
    section = re.search(r'(?ms)^\s*\[remote "origin"\]\s*$(.*?)(?=^\s*\[|\Z)', text)
    found = re.search(r"(?m)^\s*url\s*=\s*(.+?)\s*$", section[1]) if section else None
    return found[1] if found else ""


def _host(address: str) -> str:
    """The machine in `https://host/…`, `ssh://git@host/…`, `git@host:…`; empty for a folder."""
    if "://" in address:
        try:
            return (urlsplit(address).hostname or "").lower()
        except ValueError:
            return ""
    found = re.match(r"(?:[^@/:]+@)?([\w.-]+):(?!\\)", address)
    return found[1].lower() if found else ""


def _text(path: Path) -> str:
    try:
        return files.content(path).decode("utf-8", "replace")
    except OSError:
        return ""
