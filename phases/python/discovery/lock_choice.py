"""Which lock file decides, when there are several, and which of them plainly do not belong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer import lazily
from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.python.needs import Because, Lock, LockFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phases.python.discovery.metadata import Metadata
    from phases.python.discovery.tree import Tree
    from phases.python.sections import DependenciesSection

ROOT = RelPath(".")
_BY_NAME: tuple[tuple[str, LockFormat], ...] = (("uv.lock", "uv"), ("poetry.lock", "poetry"), ("pdm.lock", "pdm"))
_NAMED = lazily.pattern(r"pylock\.([^.]+)\.toml")
_DEVELOPERS = ("dev", "develop", "test", "tests", "docs", "lint", "full", "all", "ci")
_MERGE = lazily.pattern(r"(?m)^(<{7}|>{7}|={7})( |$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The lock that decides, if any does."""

    lock: Lock | None = None
    because: tuple[Because, ...] = ()
    warnings: tuple[str, ...] = ()


def choose(tree: Tree, root: Metadata | None, section: DependenciesSection, mode: str) -> Choice:
    """The lock to go by: the manifest's, else the first that is there and belongs to the root's project.

    Raises `UsageError` for a lock that the manifest names and that is not there, and for one that is no lock file.
    """
    if section.lock is False:
        return Choice(because=(Because(what=tr("no lock"), why=tr("the manifest")),))
    if section.lock:
        return _checked(tree, _named(tree, section.lock), tr("the manifest"))
    warnings: list[str] = []
    for lock in _there(tree, mode):
        objection = _objection(lock, root)
        if not objection:
            choice = _checked(tree, lock, tr("of the locks in the project it ranks first"))
            return Choice(lock=choice.lock, because=choice.because, warnings=tuple(warnings))
        warnings.append(tr("{path} is passed over: {reason}", path=lock.path, reason=objection))
    return Choice(warnings=tuple(warnings))


def _there(tree: Tree, mode: str) -> Iterator[Lock]:
    """The locks at the root, in the order in which they count."""
    pylocks = {found[1]: RelPath(name) for name in tree.names(ROOT) if (found := _NAMED.fullmatch(name))}
    if mode in pylocks:
        yield Lock(format="pylock", path=pylocks[mode])
    if tree.is_file(ROOT / "pylock.toml"):
        yield Lock(format="pylock", path=ROOT / "pylock.toml")
    fitting = [path for name, path in pylocks.items() if mode in ("dev", "full") or name not in _DEVELOPERS]
    if len(fitting) == 1:
        yield Lock(format="pylock", path=fitting[0])
    for name, form in _BY_NAME:
        if tree.is_file(ROOT / name):
            yield Lock(format=form, path=ROOT / name)


def _objection(lock: Lock, root: Metadata | None) -> str:
    """Why `lock` cannot be the root's; empty where it may be."""
    if lock.format == "pylock":  # stands for itself
        return ""
    if root is None or root.source != "pyproject.toml":
        return tr("there is no pyproject.toml with a project beside it")
    if not root.is_project and lock.format != "uv":
        return tr("pyproject.toml holds no project")
    if not root.is_project and not (root.workspace or root.groups):
        return tr("pyproject.toml holds no project")
    return ""


def _named(tree: Tree, name: str) -> Lock:
    path = RelPath(name)
    if not tree.is_file(path):
        raise UsageError(
            "lock.missing", tr("the manifest names the lock {path}, which does not exist", path=path), path=path
        )
    form = next((form for known, form in _BY_NAME if path.rpartition("/")[2] == known), None)
    if form is None and not re.fullmatch(r"pylock(\.[^.]+)?\.toml", path.rpartition("/")[2]):
        raise UsageError(
            "lock.unknown",
            tr("{path} is no lock that we can read", path=path),
            hint=tr("known are pylock.toml, pylock.NAME.toml, uv.lock, poetry.lock and pdm.lock"),
        )
    return Lock(format=form or "pylock", path=path)


def _checked(tree: Tree, lock: Lock, why: str) -> Choice:
    """`lock`, once a look at both ends of it has shown that it is one. It is parsed where it is used."""
    text = tree.ends(lock.path)
    found = _MERGE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise UsageError(
            "lock.malformed",
            tr("{path}, line {line}: an unfinished merge", path=lock.path, line=line),
            hint=tr("finish the merge, or write the lock anew, and run the same command again"),
            path=lock.path,
            line=line,
        )
    if not re.search(r"(?m)^(lock-)?version\s*=|^\[\[?(package|metadata)", text):
        raise UsageError(
            "lock.malformed",
            tr("{path}, line {line}: this is no lock file", path=lock.path, line=1),
            path=lock.path,
            line=1,
        )
    return Choice(lock=lock, because=(Because(what=tr("{path} decides the versions", path=lock.path), why=why),))
