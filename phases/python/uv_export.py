"""What `uv.lock` says for the chosen members, extras and groups. The lock is read, never written."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from installer import lazily
from installer.errors import InstallerError, StepFailed
from installer.i18n import tr
from installer.model import Context, RelPath
from phases.python import memory, pylock, uv_recalled
from phases.python.discovery.chosen import DEPENDENCIES
from phases.python.records import normalise
from phases.python.uv import call, executable, variables

if TYPE_CHECKING:
    from pathlib import Path

    from phases.python.wishes import Part, Wishes

_LOCAL = lazily.pattern(
    r'^\[\[package\]\]\nname = "([^"]+)"\n(?:version = "[^"]*"\n)?'
    r'source = \{ (editable|virtual|directory) = "([^"]+)" \}',
    re.MULTILINE,
)


def export(context: Context, python: str, wishes: Wishes, parts: tuple[Part, ...]) -> str:
    """A pylock.toml with what the lock has for `parts`; local paths in it begin at the scratch folder.

    Raises `StepFailed` for a stale lock under `locked`; otherwise a stale lock is a warning.
    """
    lock = RelPath(wishes.args["lock"][1])
    folder = context.root / lock.parent
    words = ["export", "--quiet", "--frozen", "--no-default-groups", "--no-emit-workspace", "--no-header"]
    words += ["--format", "pylock.toml", *_chosen(context.root, lock, wishes, parts)]
    strict = bool(wishes.args["locked"])

    def known() -> str:
        return uv_recalled.key(
            words,
            program=executable(),
            python=python,
            folder=folder,
            members=[path for _, _, path in _locals(context.root, lock)],
            variables=variables(context),
        )

    key = "" if strict or context.options.deep else known()
    if key and (text := memory.recall(uv_recalled.KIND, key)):
        return text.decode()
    fits = check(context, python, folder, lock, strict=strict)
    output = context.scratch / "pylock.exported.toml"
    places = ["--python", python, "--output-file", str(output)]
    call(context, [*words, *places], doing=tr("read {path}", path=lock), where=wishes.where, cwd=folder)
    exported = output.read_text(encoding="utf-8")
    if key and fits and not pylock.has_local(exported) and known() == key:
        memory.remember(uv_recalled.KIND, key, exported.encode())
    return exported


def _chosen(root: Path, lock: RelPath, wishes: Wishes, parts: tuple[Part, ...]) -> list[str]:
    """The members, groups and extras of the lock, in uv's words."""
    words = _members(root, lock, wishes)
    groups, optional = _defined(root, wishes)
    extras = dict.fromkeys(wishes.extra_names(parts))
    for name in wishes.group_names(parts):
        if name == DEPENDENCIES:  # no group of the lock's: the lock has it with its project
            continue
        if name in groups:
            words += ["--group", name]
        elif name in optional:  # an extra of a project that is not installed itself
            extras[name] = None
    for name in extras:
        words += ["--extra", name]
    return words


def covers(root: Path, wishes: Wishes) -> bool:
    """Does the lock know every project that is wanted? One beside its workspace it does not."""
    lock = RelPath(wishes.args["lock"][1])
    known = {lock.parent, *(lock.parent / path for _, _, path in _locals(root, lock))}
    wanted = (*(path for _, path, _ in wishes.args["members"]), *(path for _, path, _, _ in wishes.args["groups"]))
    return known.issuperset(map(RelPath, wanted))


def check(context: Context, python: str, folder: Path, lock: RelPath, *, strict: bool) -> bool:
    """Does the lock fit the project? Asked of uv, without the network unless `strict`. False where it is not known."""
    words = ["lock", "--check", "--python", python, *([] if strict else ["--offline", "--quiet"])]
    try:
        call(context, words, doing=tr("check {path}", path=lock), cwd=folder)
    except InstallerError as error:
        if not any("needs to be updated" in line for line in error.details):
            if strict:
                raise
            return False  # it cannot be told without the network
        message = tr("{path} is older than the project: its pyproject.toml asks for something else", path=lock)
        if strict:
            raise StepFailed("lock.stale", message, hint=tr("run `uv lock`, or run without --locked")) from error
        context.warn(tr("{message}; it is honoured as it stands", message=message))
        return False
    return True


def _members(root: Path, lock: RelPath, wishes: Wishes) -> list[str]:
    """All members of the workspace; just the wanted ones where the project leaves some out."""
    wanted = {RelPath(path) for _, path, _ in wishes.args["members"]}
    found = _locals(root, lock)
    chosen = [name for name, kind, path in found if kind == "virtual" or path == "." or (lock.parent / path) in wanted]
    if len(chosen) == len(found):
        return ["--all-packages"]
    return [word for name in chosen for word in ("--package", name)]


def _locals(root: Path, lock: RelPath) -> list[tuple[str, str, str]]:
    """The projects of the tree that the lock knows: name, kind, path."""
    return _LOCAL.findall((root / lock).read_text(encoding="utf-8"))


def _defined(root: Path, wishes: Wishes) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the dependency groups and of the extras that the projects with wanted groups define."""
    groups: set[str] = set()
    extras: set[str] = set()
    for file in {root / path / "pyproject.toml" for _, path, _, _ in wishes.args["groups"]}:
        document = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        groups |= set(map(normalise, document.get("dependency-groups", {})))
        extras |= set(map(normalise, document.get("project", {}).get("optional-dependencies", {})))
        if "dev-dependencies" in document.get("tool", {}).get("uv", {}):
            groups.add("dev")
    return frozenset(groups), frozenset(extras)
