"""The submodules that a repository records: `.gitmodules`, the index, the configuration, and whether to trust them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from installer.errors import Conflict, Refused, UsageError
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.model import RelPath
from installer.redact import redact
from phases.git import config, places, trust
from phases.git.addresses import Addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phases.git.command import Git
    from phases.git.config import Config
    from phases.git.wishes import Wishes

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

    def refuse(self, wishes: Wishes) -> None:
        """Raise `Refused` with every problem, but for those of optional submodules."""
        complaints = tuple(
            f"{each.path}: {each.why}" for each in self.problems if not wishes.is_optional(each.name, each.path)
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


def read(git: Git, wishes: Wishes, prefix: str = "") -> Level:
    """What the repository in `git.folder` asks for, without the submodules that it or the user passes over.

    `prefix` is its own path below the project, with `/` at the end.
    Raises `UsageError` for a `.gitmodules` that cannot be read, `Conflict` for an index in the middle of a merge.
    """
    git, settings = config.read(git)
    entries = [each for each in _entries(git) if not wishes.is_skipped(each.name, prefix + each.path)]
    commits = _active(git, _recorded(git, entries), entries, settings)
    addresses = Addresses(git, settings)
    reading = _Reading(git=git, addresses=addresses, wishes=wishes, commits=commits, prefix=prefix)
    judged = [reading.judge(each, entries) for each in entries]
    return Level(
        git=git,
        modules=tuple(each for each in judged if isinstance(each, Submodule)),
        problems=tuple(each for each in judged if isinstance(each, Problem)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one section of `.gitmodules` is judged by."""

    git: Git
    addresses: Addresses
    wishes: Wishes
    commits: Mapping[str, str]
    prefix: str

    def judge(self, entry: _Entry, entries: list[_Entry]) -> Submodule | Problem | None:
        """A submodule that is wanted, one that must not be touched, or none."""
        if entry.path not in self.commits:
            why = trust.path_complaint(entry.path)  # git ignores it too; but who writes such a thing?
            return Problem(entry.name, self.prefix + entry.path, why) if why else None
        if self.addresses.settings.submodule(entry.name).get("update", entry.update) == "none":
            return None
        if why := self._complaint(entry, entries):
            return Problem(entry.name, self.prefix + entry.path, why)
        return self._complete(entry)

    def _complaint(self, entry: _Entry, entries: list[_Entry]) -> str:
        if why := trust.name_complaint(entry.name) or trust.link_complaint(self.git.folder, entry.path):
            return why
        if entry.update.startswith("!"):
            return tr("its `update` is a command")
        for other in entries:
            if other.path in self.commits and (
                trust.collision(entry.name, other.name) or trust.collision(entry.path, other.path)
            ):
                return tr("it is the same as, or inside of, `{other}`", other=other.path)
        return ""

    def _complete(self, entry: _Entry) -> Submodule | Problem:
        url, commit = self.addresses.wanted(entry.name, entry.url), self.commits[entry.path]
        module = Submodule(name=entry.name, path=RelPath(entry.path), url=url, commit=commit)
        if places.is_in_place(self.git, module):
            return module  # nothing will be fetched, wherever it came from
        if why := self.addresses.complaint(url, allow_file=self.wishes.allow_file):
            return Problem(entry.name, self.prefix + entry.path, why)
        active = self.addresses.settings.submodule(entry.name).get("active", "").lower() in _TRUE
        return replace(module, fresh=self.addresses.registered(entry.name) != url or not active)


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
    by_path = {
        values["path"]: _Entry(name, values["path"], values.get("url", ""), values.get("update", ""))
        for name, values in sections.items()
        if values.get("path")
    }
    return list(by_path.values())  # of two for one path, git goes by the last


def _recorded(git: Git, entries: list[_Entry]) -> dict[str, str]:
    """The commits that the index records, by path."""
    # A path that leaves the project is not even shown to git.
    paths = [each.path for each in entries if not trust.path_complaint(each.path)]
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
