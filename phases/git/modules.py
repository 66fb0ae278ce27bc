"""The submodules that a repository records: `.gitmodules`, the index, the configuration, and whether to trust them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.errors import Conflict, Refused, UsageError
from installer.i18n import tr
from installer.model import RelPath
from installer.redact import redact
from phases.git import config, state, urls

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phases.git.command import Git
    from phases.git.config import Config

FILE = ".gitmodules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submodule:
    """One submodule that is to be there.

    path     its folder, below the repository that records it
    url      where it is fetched from: what the user registered, else what `.gitmodules` says
    commit   the commit that the repository records
    fresh    the configuration does not know it yet, or knows an address that `.gitmodules` once had: register it
    """

    name: str
    path: RelPath
    url: str
    commit: str
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A repository and its submodules; `problems` are those that must not be touched, by path, and why."""

    git: Git
    modules: tuple[Submodule, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    def refuse(self, tolerated: Iterable[str] = ()) -> None:
        """Raise `Refused` with every problem, but for those of the paths or names `tolerated`."""
        complaints = tuple(f"{path}: {why}" for path, why in self.problems if path not in tolerated)
        if complaints:
            raise Refused(
                "submodule.refused",
                tr("`.gitmodules` asks for what must not be trusted"),
                details=complaints,
                hint=tr("correct `.gitmodules`, or name what you can do without in `[tool.surefoot.submodules] skip`"),
            )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A section of `.gitmodules`."""

    name: str
    path: str
    url: str
    update: str


def read(git: Git, *, skip: frozenset[str], prefix: str, allow_file: bool) -> Level:
    """What the repository in `git.folder` asks for, without the submodules it or the user passes over.

    `prefix` is its own path below the project, with `/` at the end; `skip` holds names and paths below the project.
    Raises `UsageError` for a `.gitmodules` that cannot be read, `Conflict` for an index in the middle of a merge.
    """
    git, settings = config.read(git)
    entries = [each for each in _entries(git) if not {each.name, prefix + each.path} & skip]
    # A path that cannot be one is not shown to git at all.
    commits = _recorded(git, [each.path for each in entries if not _path_complaint(git.folder, each.path)], settings)
    problems: list[tuple[str, str]] = []
    modules: list[Submodule] = []
    past: frozenset[str] | None = None
    for entry in entries:
        wish = settings.submodule(entry.name)
        if wish.get("update", entry.update) == "none" or (entry.path not in commits and not _path_complaint(git.folder, entry.path)):
            continue
        url, registered = _absolute(entry.url, git, settings), wish.get("url", "")
        if registered and registered != url:
            past = former(git, settings) if past is None else past
            url = url if registered in past else registered
        if why := _complaint(entry, entries, git.folder) or urls.complaint(url, allow_file=allow_file):
            problems.append((prefix + entry.path, why))
            continue
        fresh = registered != url or wish.get("active", "").lower() not in {"true", "yes", "on", "1"}
        modules.append(Submodule(name=entry.name, path=RelPath(entry.path), url=url, commit=commits[entry.path], fresh=fresh))
    return Level(git=git, modules=tuple(modules), problems=tuple(problems))


def former(git: Git, settings: Config) -> frozenset[str]:
    """Every address that `.gitmodules` ever had: a registered one among them is out of date, any other the user's."""
    log = git("log", "--format=", "--patch", "--no-ext-diff", "--no-textconv", "--max-count=1000", "--", FILE, check=False)
    found = re.findall(r"^[-+]\s*url\s*=\s*(.+?)\s*$", log.stdout, re.MULTILINE)
    return frozenset(_absolute(each, git, settings) for each in found)


def _entries(git: Git) -> list[_Entry]:
    if (git.folder / FILE).is_symlink():
        raise Refused("submodule.refused", tr("`.gitmodules` is a link"))
    listed = git("config", "--file", FILE, "--list", "-z", check=False)
    if listed.status != 0:
        raise UsageError(
            "gitmodules.malformed",
            tr("`{file}` cannot be read", file=FILE),
            details=tuple(redact(line) for line in listed.stderr.splitlines()),
            hint=tr("mend it, then run the same command again"),
        )
    sections: dict[str, dict[str, str]] = {}
    for pair in listed.stdout.split("\0"):
        key, _, value = pair.partition("\n")
        section, _, rest = key.partition(".")
        name, dot, variable = rest.rpartition(".")
        if section == "submodule" and dot:
            sections.setdefault(name, {})[variable] = value
    return [
        _Entry(name, values["path"], values.get("url", ""), values.get("update", ""))
        for name, values in sections.items()
        if values.get("path")
    ]


def _recorded(git: Git, paths: list[str], settings: Config) -> dict[str, str]:
    """The commits that the index records, by path; without the submodules that the user did not make active."""
    if not paths:
        return {}
    listed = git("--literal-pathspecs", "ls-files", "--stage", "-z", "--", *paths).stdout
    commits: dict[str, str] = {}
    for line in filter(None, listed.split("\0")):
        head, _, path = line.partition("\t")
        mode, commit, stage = head.split(" ")
        if mode == "160000" and stage != "0":
            raise Conflict(
                "submodule.unmerged",
                tr("`{path}` is in the middle of a merge", path=path),
                hint=tr("finish or abort it, then run the same command again"),
            )
        if mode == "160000" and path in paths:
            commits[path] = commit
    return _active(git, commits, settings)


def _active(git: Git, commits: dict[str, str], settings: Config) -> dict[str, str]:
    """`submodule.active` (git clone --recurse-submodules=PATHSPEC) and `submodule.NAME.active` choose."""
    patterns = settings.all("submodule.active")
    if not patterns:
        chosen = set(commits)
    else:
        chosen = set(git("ls-files", "-z", "--", *patterns).stdout.split("\0"))
    named = {key[10:-7]: value for _, key, value in settings.values if re.fullmatch(r"submodule\..+\.active", key, re.DOTALL)}
    off = {name for name, value in named.items() if value.lower() in {"false", "no", "off", "0"}}
    on = named.keys() - off
    names = {each.path: each.name for each in _entries(git)} if named else {}
    return {path: commit for path, commit in commits.items() if names.get(path) in on or (path in chosen and names.get(path) not in off)}


def _absolute(url: str, git: Git, settings: Config) -> str:
    base = settings.remote_url(state.branch(git.folder)) or str(git.folder)
    try:
        return urls.resolve(url, base)
    except ValueError:
        return url  # `urls.complaint` says what is wrong with it


def _complaint(entry: _Entry, entries: list[_Entry], folder: Path) -> str:
    if why := _name_complaint(entry.name):
        return why
    if why := _path_complaint(folder, entry.path):
        return why
    if entry.update.startswith("!"):
        return tr("its `update` is a command")
    for other in entries:
        if other is not entry:
            for mine, theirs in ((entry.name, other.name), (entry.path, other.path)):
                if f"{mine}/".casefold().startswith(f"{theirs}/".casefold()):
                    return tr("it is the same as, or inside of, `{other}`", other=theirs)
    return ""


def _name_complaint(name: str) -> str:
    return tr("its name `{name}` is no proper name", name=ascii(name)) if not _is_plain(name) else ""


def _path_complaint(folder: Path, path: str) -> str:
    """Why `path` cannot be a submodule's: it leaves the project, is git's own, or passes through a link."""
    parts = re.split(r"[/\\]", path)
    if not _is_plain(path) or any(part.lower() in {".git", "git~1"} for part in parts):
        return tr("its path {path} is no proper path", path=ascii(path))
    for number in range(1, len(parts) + 1):
        if os.path.islink(folder.joinpath(*parts[:number])):
            return tr("its path {path} passes through a link", path=ascii(path))
    return ""


def _is_plain(text: str) -> bool:
    """A relative path of ordinary parts, spelt in the one normal way, without control characters."""
    parts = re.split(r"[/\\]", text)
    return (
        all(part not in {"", ".", ".."} for part in parts)
        and text.isprintable()
        and "\\" not in text
        and "\ufffd" not in text
        and not text.startswith("-")
        and not re.match(r"[A-Za-z]:", text)
    )
