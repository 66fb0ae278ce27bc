"""The submodules that a repository records: `.gitmodules`, the index, the configuration, and whether to trust them."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

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
_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}


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


class Problem(NamedTuple):
    """A submodule that must not be touched; `path` is below the project."""

    name: str
    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A repository and its submodules, and those that must not be touched."""

    git: Git
    modules: tuple[Submodule, ...] = ()
    problems: tuple[Problem, ...] = ()

    def refuse(self, tolerated: Iterable[str] = ()) -> None:
        """Raise `Refused` with every problem, but for those of the paths or names `tolerated`."""
        accepted = set(tolerated)
        complaints = tuple(
            f"{each.path}: {each.why}" for each in self.problems if not accepted & {each.name, each.path}
        )
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
    commits = _active(git, _recorded(git, entries), entries, settings)
    problems: list[Problem] = []
    wanted: list[Submodule] = []
    addresses = _Addresses(git, settings)
    for entry in entries:
        if entry.path in commits and settings.submodule(entry.name).get("update", entry.update) == "none":
            continue
        why = _complaint(entry, entries, git.folder)
        if entry.path in commits and not why:
            module = addresses.complete(entry, commits[entry.path])
            in_place = state.is_at(git.folder / entry.path, module.commit)  # nothing will be fetched
            why = "" if in_place else addresses.complaint(module, allow_file=allow_file)
            wanted += [] if why else [replace(module, fresh=module.fresh and not in_place)]
        if why:
            problems.append(Problem(entry.name, prefix + entry.path, why))
    return Level(git=git, modules=tuple(wanted), problems=tuple(problems))


class _Addresses:
    """Where submodules are fetched from: what the user registered, else what `.gitmodules` says."""

    def __init__(self, git: Git, settings: Config) -> None:
        self.git = git
        self.settings = settings
        self._former: frozenset[str] | None = None

    def complete(self, entry: _Entry, commit: str) -> Submodule:
        """The submodule with its address; `fresh` if the configuration does not have that."""
        wish = self.settings.submodule(entry.name)
        url, registered = _absolute(entry.url, self.git, self.settings), wish.get("url", "")
        if registered and registered != url and not self._is_out_of_date(registered):
            url = registered
        active = wish.get("active", "").lower() in _TRUE
        return Submodule(
            name=entry.name, path=RelPath(entry.path), url=url, commit=commit, fresh=registered != url or not active
        )

    def complaint(self, module: Submodule, *, allow_file: bool) -> str:
        """Why it must not be fetched. Where the user's `insteadOf` leads is the user's choice."""
        effective = self.settings.rewritten(module.url)
        chosen = effective != module.url
        return urls.complaint(effective, allow_file=allow_file or chosen, allow_plain=chosen)

    def _is_out_of_date(self, url: str) -> bool:
        if self._former is None:
            self._former = former(self.git, self.settings)
        return url in self._former


def former(git: Git, settings: Config) -> frozenset[str]:
    """Every address that `.gitmodules` ever had: a registered one among them is out of date, any other the user's."""
    log = git(
        "log", "--format=", "--patch", "--no-ext-diff", "--no-textconv", "--max-count=1000", "--", FILE, check=False
    )
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


def _recorded(git: Git, entries: list[_Entry]) -> dict[str, str]:
    """The commits that the index records, by path."""
    # A path that leaves the project is not even shown to git.
    paths = [each.path for each in entries if not _path_complaint(git.folder, each.path)]
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
    return commits


def _active(git: Git, commits: dict[str, str], entries: list[_Entry], settings: Config) -> dict[str, str]:
    """Without those that the user did not choose (git clone --recurse-submodules=PATHSPEC) or switched off."""
    patterns = settings.all("submodule.active")
    chosen = set(git("ls-files", "-z", "--", *patterns).stdout.split("\0")) if patterns else set(commits)
    named = {each.path: settings.submodule(each.name).get("active", "").lower() for each in entries}
    return {
        path: commit
        for path, commit in commits.items()
        if named[path] in _TRUE or (path in chosen and named[path] not in _FALSE)
    }


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
    if _is_plain(name.rstrip("/")):
        return ""
    return tr("its name {name} is no proper name", name=ascii(name))


def _path_complaint(folder: Path, path: str) -> str:
    """Why `path` cannot be a submodule's: it leaves the project, is git's own, or passes through a link."""
    normal = posixpath.normpath(path)
    parts = normal.split("/")
    if not _is_plain(normal) or any(part.lower() in {".git", "git~1"} for part in parts):
        return tr("its path {path} is no proper path", path=ascii(path))
    for number in range(1, len(parts) + 1):
        if folder.joinpath(*parts[:number]).is_symlink():
            return tr("its path {path} passes through a link", path=ascii(path))
    return ""


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
