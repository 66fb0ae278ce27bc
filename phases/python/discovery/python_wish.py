"""All the places where a repository says which Python it wants: what must hold, and what would be liked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer import lazily
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery import poetry, specifiers
from phases.python.needs import Because, Lock, PythonWish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phases.python.discovery.metadata import Metadata
    from phases.python.discovery.tree import Table, Tree
    from phases.python.sections import PythonSection

_CLASSIFIER = lazily.pattern(r"Programming Language :: Python :: (\d+\.\d+)$")
_FROM = lazily.pattern(r"(?im)^\s*FROM\s+(?:--platform=\S+\s+)?(?:\S+/)?python:(\d+(?:\.\d+)*)")
_OLDEST = (3, 8)  # what newer installers still serve; who names only older ones has long stopped to keep the list
_LOCK_SAYS = {
    "uv": re.compile(r"(?m)^requires-python\s*=\s*\"([^\"]*)\""),
    "pylock": re.compile(r"(?m)^requires-python\s*=\s*\"([^\"]*)\""),
    # Packages have such a line too: only that of the lock's own table counts.
    "poetry": re.compile(r"(?m)^\[metadata\]\n(?:[^\[\n].*\n|\n)*?python-versions\s*=\s*\"([^\"]*)\""),
    "pdm": re.compile(r"(?m)^\[metadata\]\n(?:[^\[\n].*\n|\n)*?requires_python\s*=\s*\"([^\"]*)\""),
}


def read(tree: Tree, projects: Sequence[Metadata], lock: Lock | None, section: PythonSection) -> PythonWish:
    """The wish of a repository with these `projects`; what the manifest says replaces what was found."""
    walls = [] if section.requires else list(_walls(tree, projects, lock))
    wishes = list(_wishes(tree))
    if section.requires:
        walls = [(section.requires, tr("the manifest"))]
    wishes = [(each, tr("the manifest")) for each in section.prefers] + wishes
    if not walls and not wishes:
        wishes = list(_classified(projects))
    return PythonWish(
        requires=specifiers.joined(*(wall for wall, _ in walls)),
        prefers=tuple(dict.fromkeys(wish for wish, _ in wishes)),
        sources=tuple(dict.fromkeys(Because(what=what, why=why) for what, why in (*walls, *wishes))),
    )


def _walls(tree: Tree, projects: Sequence[Metadata], lock: Lock | None) -> Iterator[tuple[str, str]]:
    for about in projects:
        if about.requires_python and specifiers.is_valid(about.requires_python):
            yield about.requires_python, tr("what {path} requires", path=about.source)
    if lock and (found := _LOCK_SAYS[lock.format].search(tree.ends(lock.path))):
        said = poetry.python(found[1])
        if said:
            yield said, tr("what {path} was locked for", path=lock.path)


def _wishes(tree: Tree) -> Iterator[tuple[str, str]]:
    for name, read_file in (
        (".python-version", _python_version),
        (".tool-versions", _tool_versions),
        ("mise.toml", _mise),
        (".mise.toml", _mise),
        ("runtime.txt", _runtime),
        ("Pipfile", _pipfile),
    ):
        path = RelPath(name)
        yield from ((wish, tr("{path} asks for it", path=path)) for wish in read_file(tree, path))
    yield from _conda(tree)
    for name in ("Dockerfile", ".devcontainer/Dockerfile", "docker/Dockerfile"):
        path = RelPath(name)
        found = _FROM.findall(tree.text(path) or "") if tree.has(path) else []
        yield from ((version, tr("{path} builds on it", path=path)) for version in found[-1:] if "." in version)


def _python_version(tree: Tree, path: RelPath) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in (tree.text(path) or "").splitlines())
    return [wish for line in lines if (wish := _spelt(line))]


def _spelt(text: str) -> str:
    """`cpython@3.12`, `python-3.11.7`, `pypy3.10-7.3.12`, `3.13t` as we write them; names of environments are none."""
    found = re.match(r"(?:(?:cpython|python)[-@]?)?(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?t?)(-dev)?$", text)
    if found:
        return found[1] if not found[2] else found[1].removesuffix("t")
    other = re.match(r"(pypy|graalpy)[-@]?(\d+(?:\.\d+)?)", text)
    return f"{other[1]}{other[2]}" if other else ""


def _tool_versions(tree: Tree, path: RelPath) -> list[str]:
    for line in (tree.text(path) or "").splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["python"]:
            return [wish for word in words[1:] if (wish := _spelt(word))]
    return []


def _mise(tree: Tree, path: RelPath) -> list[str]:
    tools = (tree.toml(path) or {}).get("tools", {})
    asked = tools.get("python", []) if isinstance(tools, dict) else []
    each = [
        item.get("version") if isinstance(item, dict) else item
        for item in (asked if isinstance(asked, list) else [asked])
    ]
    return [wish for item in each if (wish := _spelt(str(item)))]


def _runtime(tree: Tree, path: RelPath) -> list[str]:
    wish = _spelt((tree.text(path) or "").strip())
    return [wish] if wish else []


def _pipfile(tree: Tree, path: RelPath) -> list[str]:
    requires: Table = (tree.toml(path) or {}).get("requires", {})
    if not isinstance(requires, dict):
        return []
    return [
        str(requires[key]) for key in ("python_full_version", "python_version") if _spelt(str(requires.get(key, "")))
    ]


def _conda(tree: Tree) -> Iterator[tuple[str, str]]:
    for name in ("environment.yml", "environment.yaml"):
        found = re.search(r"(?m)^\s*-\s*['\"]?python\s*=+\s*(\d+\.\d+)", tree.text(RelPath(name)) or "")
        if found:
            yield found[1], tr("{path} asks for it", path=name)


def _classified(projects: Sequence[Metadata]) -> Iterator[tuple[str, str]]:
    """The range from the oldest to the newest Python that the classifiers name: no wall, as they are seldom kept up."""
    for about in projects:
        named = sorted(specifiers.numbers(found[1]) for each in about.classifiers if (found := _CLASSIFIER.match(each)))
        if named and named[-1] >= _OLDEST:
            lowest, (major, minor, *_) = named[0], named[-1]
            yield f">={lowest[0]}.{lowest[1]},<{major}.{minor + 1}", tr("the classifiers in {path}", path=about.source)
