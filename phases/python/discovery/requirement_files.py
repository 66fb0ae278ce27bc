"""Requirement files as pip reads them: `-r`, `-c`, `-e`, hashes, continued lines. Nothing is resolved here."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from installer import lazily
from installer.errors import Refused, UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery.metadata import LocalPath, Requirements, extras_of, name_of, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phases.python.discovery.tree import Tree

_COMMENT = lazily.pattern(r"(^|\s)#.*$")
_OPTION = lazily.pattern(r"(-[a-z]|--[a-z][a-z-]*)\s*=?\s*(.*)")
_NESTED = {"-r": "-r", "--requirement": "-r", "-c": "-c", "--constraint": "-c", "-e": "-e", "--editable": "-e"}
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tar.bz2", ".tgz")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementFile:
    """What a requirement file asks for, that of the files it includes as well.

    requirements  each with its hashes and options, as it is written
    options       options of the whole file (`--index-url …`), once each
    local         projects of the tree: `-e .`, `./libs/x`
    files         this file and all that it includes, this one first
    constraints   files that it names with `-c`
    """

    path: RelPath
    requirements: Requirements = ()
    options: tuple[str, ...] = ()
    local: tuple[LocalPath, ...] = ()
    files: tuple[RelPath, ...] = ()
    constraints: tuple[RelPath, ...] = ()

    @property
    def hashed(self) -> bool:
        """Does every requirement carry a hash?"""
        return bool(self.requirements) and all("--hash" in line for line in self.requirements)

    @property
    def names(self) -> frozenset[str]:
        """The normalised names it asks for."""
        return names_of(self.requirements)

    @property
    def text(self) -> str:
        """The same as one file: options first, no includes, no comments, no projects of the tree."""
        return "".join(f"{line}\n" for line in (*self.options, *self.requirements))


def read(tree: Tree, path: RelPath) -> RequirementFile:
    """`path` and all that it includes. Raises `Refused` for a file or a project outside, `UsageError` for none."""
    lines = list(_lines(tree, path, ()))
    return RequirementFile(
        path=path,
        requirements=_once(text for kind, text, _ in lines if kind == "requirement"),
        options=_once(text for kind, text, _ in lines if kind == "option"),
        local=tuple(dict.fromkeys(_local(text) for kind, text, _ in lines if kind == "local")),
        files=tuple(dict.fromkeys((path, *(file for _, _, file in lines)))),
        constraints=tuple(dict.fromkeys(RelPath(text) for kind, text, _ in lines if kind == "constraint")),
    )


def _once(lines: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _lines(tree: Tree, path: RelPath, above: tuple[RelPath, ...]) -> Iterator[tuple[str, str, RelPath]]:
    """Every entry as (kind, text, the file it stands in)."""
    text = tree.text(path)
    if text is None:
        raise UsageError("requirements.missing", _missing(path, above), path=path)
    if "\0" in text:
        raise UsageError("requirements.binary", tr("{path} is no text file", path=path), path=path)
    yield "file", "", path
    for line in _logical(text):
        yield from _entry(tree, path, line, (*above, path))


def _missing(path: RelPath, above: tuple[RelPath, ...]) -> str:
    if above:
        return tr("{path}, which {other} includes, does not exist", path=path, other=above[-1])
    return tr("the requirement file {path} does not exist", path=path)


def _logical(text: str) -> Iterator[str]:
    """Lines without comments, continued ones joined, empty ones left out. A comment ends a continuation."""
    begun = ""
    for line in text.split("\n"):
        bare = _COMMENT.sub("", line)
        if bare.endswith("\\"):
            begun += bare[:-1].strip() + " "
            continue
        whole, begun = (begun + bare.strip()).strip(), ""
        if whole:
            yield whole
    if begun.strip():
        yield begun.strip()


def _entry(tree: Tree, path: RelPath, line: str, above: tuple[RelPath, ...]) -> Iterator[tuple[str, str, RelPath]]:
    option = _OPTION.match(line)
    kind = _NESTED.get(option[1], "option") if option else ""
    value = option[2].strip().strip("'\"") if option else line
    if kind in ("-r", "-c") and "://" not in value:
        nested = _beside(path, value)
        if kind == "-c":
            tree.text(nested)
            yield "constraint", nested, path
        elif nested not in above:
            yield from _lines(tree, nested, above)
    elif (kind == "-e" or not kind) and (folder := _folder(tree, path, value, editable=kind == "-e")):
        yield "local", folder, path
    else:
        yield ("requirement" if kind in ("", "-e") else "option"), line, path


def _beside(path: RelPath, value: str) -> RelPath:
    """A file named in `path`, relative to it. Raises `Refused` where that leads out of the project."""
    try:
        return RelPath(posixpath.join(path.parent, value.replace("\\", "/")))
    except Refused as error:
        raise Refused(
            "path.outside", tr("{path} includes {other}, which is outside the project", path=path, other=value)
        ) from error


def _folder(tree: Tree, path: RelPath, value: str, *, editable: bool) -> str:
    """The folder of a project of the tree, with its extras (`libs/x[a]`); empty if the line asks for no such thing."""
    bare = value.partition(";")[0].strip()
    named, _, url = bare.partition("@")
    place = url.strip() if name_of(named) and url.strip().startswith(("file:", "./", "../")) else bare
    is_path = editable or place.startswith((".", "file:", "/")) or place.partition("[")[0].endswith("/")
    if not is_path or re.match(r"(git|hg|svn|bzr)\+|https?:", place):
        return ""
    spelt, extras = re.sub(r"#.*$", "", re.sub(r"\[[^\]]*\]", "", place)), extras_of(place)
    for base in (".", path.parent):  # pip goes by the folder it runs in, many authors by that of the file
        folder = _below(tree, base, spelt)
        if folder is not None and _holds_project(tree, folder):
            return f"{folder}[{','.join(extras)}]" if extras else folder
        if folder is not None and spelt.endswith(_ARCHIVES) and tree.has(folder):
            tree.is_file(folder)  # another one of the same name is another input
    if spelt.endswith(_ARCHIVES) or not _leaves(path, spelt):
        return ""
    raise Refused("path.outside", tr("{path} asks for {other}, which is outside the project", path=path, other=value))


def _below(tree: Tree, base: str, spelt: str) -> RelPath | None:
    text = unquote(re.sub(r"^file:(//)?", "", spelt)) if spelt.startswith("file:") else spelt
    if text.startswith("/"):
        text = os.path.relpath(text, tree.root)
    try:
        return RelPath(posixpath.join(base, text.replace("\\", "/")))
    except Refused:
        return None


def _leaves(path: RelPath, spelt: str) -> bool:
    """Does it lead out of the project, from wherever it is read?"""
    text = re.sub(r"^file:(//)?", "", spelt)
    return text.startswith("/") or posixpath.normpath(posixpath.join(path.parent, text)).startswith("..")


def _holds_project(tree: Tree, folder: RelPath) -> bool:
    return any(tree.has(folder / name) for name in ("pyproject.toml", "setup.py", "setup.cfg"))


def _local(text: str) -> LocalPath:
    return LocalPath(path=text.partition("[")[0], extras=extras_of(text))
