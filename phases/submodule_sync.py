"""The phase that brings every submodule to the commit that the project records.

It plans nothing where all of them are there already: no process is started without a `.gitmodules`, three with one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from installer.errors import Conflict, InstallerError, Precondition
from installer.i18n import tr
from installer.model import Effect, RelPath, Step
from installer.redact import redact
from phases.git import command, config, modules, state, sync
from phases.git.sync import ACTIONS, Wishes

if TYPE_CHECKING:
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Facts, Planned
    from phases.git.command import Git
    from phases.git.modules import Level, Problem, Submodule

__all__ = ["ACTIONS", "Section", "plan"]

PHASE = "submodule_sync"
REGISTER = f"{PHASE}.01.register"


def _dashed(name: str) -> str:
    return name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`[submodules]`: how they are fetched. Names or paths, below the project, of submodules.

    optional   they may fail, with a warning
    skip       they are left alone
    shallow    fetch only the recorded commit (`false`: all of the history); else as `.gitmodules` says for each
    recursive  also submodules of submodules
    retries    how often a fetch is repeated when the network fails; else as `--retries` says
    """

    TABLE: ClassVar[str] = "submodules"
    # For pydantic: an unknown key is an error. Any: pydantic's own ConfigDict is not imported.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "alias_generator": _dashed}

    optional: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    shallow: bool | None = None
    recursive: bool = True
    retries: int | None = None


def plan(manifest: Manifest, facts: Facts) -> Planned:
    """One step that registers addresses, then one for each submodule that is not in place, side by side.

    Raises, before anything is touched: `Refused` for what must not be trusted, `Conflict` for submodules that hold work
    of the user's, `Unavailable` for what `--offline` forbids, `Precondition` without a usable git, `UsageError` for a
    `.gitmodules` that cannot be read.
    """
    if not os.path.lexists(facts.root / modules.FILE):
        return
    section = manifest.section(Section)
    wishes = Wishes(
        optional=tuple(sorted(section.optional)),
        skip=tuple(sorted(section.skip)),
        shallow=section.shallow,
        recursive=section.recursive,
        retries=section.retries,
    )
    if not os.path.lexists(facts.root / ".git"):
        yield from _archive(facts.root, section)
        return
    git = command.open_repository(facts.root)
    level = sync.survey(git, wishes, facts.options)
    level.refuse(wishes.optional)
    survey = _Survey(wishes=wishes, facts=facts)
    todo = [
        (step_id, each)
        for step_id, each in _numbered(level.modules)
        if step_id in facts.results or not survey.is_settled(git, each)
    ]
    if not todo and not level.problems:
        return
    survey.object(level, [each for _, each in todo])
    needs: tuple[str, ...] = ()
    if todo and (register := _register(level, wishes, facts, [each for _, each in todo])):
        needs = (register.id,)
        yield register
    updates = (_update(level, each, step_id, wishes, facts, needs) for step_id, each in todo)
    yield (*updates, *map(_refused, level.problems))


@dataclass(slots=True, kw_only=True)
class _Survey:
    """Looks at submodules and those inside of them."""

    wishes: Wishes
    facts: Facts

    def is_settled(self, git: Git, module: Submodule, prefix: str = "") -> bool:
        """Is the submodule at its commit, and so is everything inside of it?"""
        worktree = git.folder / module.path
        if not state.is_at(worktree, module.commit):
            return False
        inside = self._inside(git, module, prefix)
        return inside is None or all(
            self.is_settled(inside.git, each, f"{prefix}{module.path}/") for each in inside.modules
        )

    def object(self, level: Level, todo: list[Submodule]) -> None:
        """Raise all that speaks against moving these submodules, but for optional ones."""
        complaints = [error for each in todo for error in self._objections(level.git, each, "")]
        if len(complaints) > 1:
            raise _together(complaints)
        if complaints:
            raise complaints[0]

    def _objections(self, git: Git, module: Submodule, prefix: str) -> Iterator[InstallerError]:
        place = prefix + module.path
        if {module.name, place} & set(self.wishes.optional):
            return
        if not state.is_at(git.folder / module.path, module.commit):
            try:
                sync.refuse_offline(git.folder, module, place, self.facts.options)
                sync.refuse_to_lose_work(git, module, place)
            except InstallerError as error:
                yield error
        elif inside := self._inside(git, module, prefix):
            for each in inside.modules:
                yield from self._objections(inside.git, each, place + "/")

    def _inside(self, git: Git, module: Submodule, prefix: str) -> Level | None:
        worktree = git.folder / module.path
        if not self.wishes.recursive or not os.path.lexists(worktree / modules.FILE):
            return None
        level = sync.survey(git.at(worktree), self.wishes, self.facts.options, f"{prefix}{module.path}/")
        level.refuse(self.wishes.optional)
        return level

    def empty_inside(self, git: Git, module: Submodule, prefix: str = "") -> Iterator[RelPath]:
        """The empty folders inside of a submodule that others will be put into."""
        if (inside := self._inside(git, module, prefix)) is not None:
            for each in inside.modules:
                place = RelPath(f"{prefix}{module.path}/{each.path}")
                if state.is_empty(inside.git.folder / each.path):
                    yield place
                else:
                    yield from self.empty_inside(inside.git, each, f"{prefix}{module.path}/")


def _numbered(wanted: tuple[Submodule, ...]) -> list[tuple[str, Submodule]]:
    """The steps' ids: the same, as long as `.gitmodules` is, whatever is done already."""
    return [
        (f"{PHASE}.{number:02}.{re.sub(r'[^A-Za-z0-9._-]+', '-', each.name)}", each)
        for number, each in enumerate(wanted, start=2)
    ]


def _register(level: Level, wishes: Wishes, facts: Facts, todo: list[Submodule]) -> Step | None:
    absent = _outermost(
        folder for folder in sync.shared_folders(level.modules) if not os.path.lexists(facts.root / folder)
    )
    fresh = [each for each in todo if each.fresh]
    if not fresh and not absent and REGISTER not in facts.results:
        return None
    _refuse_elsewhere(facts.root)
    return Step(
        id=REGISTER,
        phase=PHASE,
        title=tr("Register {count} submodules", count=len(level.modules)),
        action="submodules.register",
        args={"wishes": asdict(wishes), "addresses": {each.name: redact(each.url) for each in level.modules}},
        effect=Effect(touches=(RelPath(".git/config"), *absent)),
    )


def _update(
    level: Level, module: Submodule, step_id: str, wishes: Wishes, facts: Facts, needs: tuple[str, ...]
) -> Step:
    inner = replace(
        wishes,
        optional=tuple(each for each in wishes.optional if each not in {module.name, module.path}),
        skip=wishes.skip,
    )
    return Step(
        id=step_id,
        phase=PHASE,
        title=tr("Bring the submodule {path} to {commit}", path=module.path, commit=module.commit[:10]),
        action="submodules.update",
        args={
            "name": module.name,
            "path": module.path,
            "commit": module.commit,
            "url": redact(module.url),
            "protocols": list(sync.transports(level.git, (module,)).protocols),
            "patience": config.PATIENCE[0] in level.git.settings,
            "wishes": asdict(inner),
        },
        effect=_effect(level, module, wishes, facts),
        on_failure="warn" if {module.name, module.path} & set(wishes.optional) else "stop",
        needs=needs,
    )


def _effect(level: Level, module: Submodule, wishes: Wishes, facts: Facts) -> Effect:
    """A submodule that was never cloned comes whole; of one that is there, anything may change."""
    _refuse_elsewhere(facts.root)
    worktree, home = facts.root / module.path, RelPath(f".git/modules/{module.name}")
    folder = sync.repository_of(facts.root, module)
    if folder is None:
        return Effect(touches=(home, module.path), volatile=("FETCH_HEAD",))
    if not folder.is_relative_to(facts.root.resolve()):
        raise _elsewhere(str(module.path))
    where = RelPath(folder.relative_to(facts.root.resolve()).as_posix())
    if state.git_folder(worktree) is None:
        return Effect(touches=(module.path,), guards=(where,), volatile=("FETCH_HEAD",))
    empty = tuple(_Survey(wishes=wishes, facts=facts).empty_inside(level.git, module))
    return Effect(touches=empty, guards=(module.path, where), volatile=("FETCH_HEAD",))


def _refuse_elsewhere(root: Path) -> None:
    """What lies outside of the project could not be taken back."""
    own = root / ".git"
    if not own.is_dir() or any(each.is_symlink() for each in (own, own / "config", own / "modules")):
        raise _elsewhere(".git")


def _elsewhere(place: str) -> Precondition:
    return Precondition(
        "git.elsewhere",
        tr(
            "the repository behind `{place}` lies outside of the project, where its submodules could not be taken back",
            place=place,
        ),
        hint=tr("run `git submodule update --init --recursive` yourself, then the same command again"),
    )


def _outermost(folders: Iterator[RelPath]) -> tuple[RelPath, ...]:
    chosen: list[RelPath] = []
    for folder in sorted(folders):
        if not any(folder.within(each) for each in chosen):
            chosen.append(folder)
    return tuple(chosen)


def _together(complaints: list[InstallerError]) -> InstallerError:
    """One error that says all: a choice of the user's is the first thing that is needed."""
    first = next((each for each in complaints if isinstance(each, Conflict)), complaints[0])
    details = tuple(
        f"{each.facts.get('submodule', '')}: {' '.join(each.details) or each.message}" for each in complaints
    )
    return type(first)(
        first.code,
        tr("{count} submodules cannot be brought to their commits", count=len(complaints)),
        hint=first.hint,
        details=details,
    )


def _refused(problem: Problem) -> Step:
    """An optional submodule that must not be trusted: the run goes on, and says so."""
    return Step(
        id=f"{PHASE}.99.{re.sub(r'[^A-Za-z0-9._-]+', '-', problem.path)}",
        phase=PHASE,
        title=tr("Leave out a submodule that must not be trusted"),
        action="submodules.refused",
        args={"path": problem.path, "why": problem.why},
        effect=Effect(repeatable=True),
        on_failure="warn",
    )


def _archive(root: Path, section: Section) -> Planned:
    """An unpacked archive cannot fetch its submodules: where they are missing, that is said."""
    try:
        text = (root / modules.FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    paths = [
        each
        for each in re.findall(r"^[ \t]*path[ \t]*=[ \t]*(\S+)[ \t]*$", text, re.MULTILINE)
        if each not in section.skip
    ]
    empty = sorted(each for each in paths if ".." not in each.split("/") and state.is_empty(root / each))
    if empty:
        yield Step(
            id=f"{PHASE}.01.missing",
            phase=PHASE,
            title=tr("Look for the submodules of an unpacked archive"),
            action="submodules.missing",
            args={"folders": empty},
            effect=Effect(repeatable=True),
            on_failure="warn",
        )
