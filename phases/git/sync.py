"""The two actions that change a repository's submodules: register their addresses, bring one to its commit.

Both may be cut off at any line, and both do nothing where there is nothing left to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from installer.errors import Conflict, InstallerError, StepFailed, Unavailable
from installer.i18n import tr
from installer.model import RelPath
from installer.redact import redact
from phases.git import command, config, failures, local_work, modules, state, urls
from phases.git.modules import Submodule

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Action, Context, Finished, Options
    from phases.git.command import Git
    from phases.git.modules import Level

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_HELPER_SINCE = (2, 38)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How submodules are brought to their commits; the `args` of the steps as a type.

    optional  names and paths of those that may fail
    skip      names and paths of those that are left alone
    shallow   fetch the recorded commit only; None: those whose `.gitmodules` says so
    """

    optional: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    shallow: bool | None = None
    recursive: bool = True
    retries: int | None = None

    @classmethod
    def of(cls, noted: Mapping[str, Any]) -> Wishes:
        """As they were noted in a step."""
        return cls(**{**noted, "optional": tuple(noted["optional"]), "skip": tuple(noted["skip"])})


def survey(git: Git, wishes: Wishes, options: Options, prefix: str = "") -> Level:
    """The submodules of one repository that are wished for, and those that must be refused."""
    return modules.read(git, skip=frozenset(wishes.skip), prefix=prefix, allow_file=options.allow_file_submodules)


def transports(git: Git, wanted: tuple[Submodule, ...]) -> Git:
    """`git` that may use what the (checked) addresses need, and nothing else."""
    return replace(git, protocols=tuple(sorted({*git.protocols, *(urls.transport(each.url) for each in wanted)})))


def register(args: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Note the addresses of the project's submodules in `.git/config`, where they are absent or out of date.

    Makes the folders that several of them lie in as well: they are fetched side by side.
    """
    wishes = Wishes.of(args["wishes"])
    level = survey(_git(context), wishes, context.options)
    _register(level, tolerated=frozenset(wishes.optional))
    for folder in shared_folders(level.modules):
        (context.root / folder).mkdir(parents=True, exist_ok=True)
    return {"registered": len(level.modules)}


def update(args: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Bring one submodule of the project, and those inside of it, to the recorded commits.

    Raises `Conflict` before it touches a submodule that holds work of the user's.
    """
    settings = config.PATIENCE if args["patience"] else ()
    git = replace(_git(context), protocols=tuple(args["protocols"]), settings=settings)
    module = Submodule(name=args["name"], path=RelPath(args["path"]), url=args["url"], commit=args["commit"])
    work = _Work(wishes=Wishes.of(args["wishes"]), context=context)
    work.bring(git, module, prefix="")
    return {"commit": module.commit, "submodules": work.done}


def refused(args: Mapping[str, Any], context: Context) -> None:
    """An optional submodule that must not be trusted: raise `Refused`."""
    modules.Level(git=_git(context), problems=(modules.Problem("", args["path"], args["why"]),)).refuse()


def missing(args: Mapping[str, Any], context: Context) -> None:
    """Say that the submodules of an unpacked archive are not there."""
    context.warn(
        tr(
            "this is not a git repository, so its submodules cannot be fetched; these folders are empty: {folders}",
            folders=", ".join(args["folders"]),
        )
    )


ACTIONS: Mapping[str, Action] = {
    "submodules.register": register,
    "submodules.update": update,
    "submodules.refused": refused,
    "submodules.missing": missing,
}


def shared_folders(wanted: tuple[Submodule, ...]) -> tuple[RelPath, ...]:
    """The folders that hold the worktrees and the git folders of these submodules of the project."""
    places = [each.path for each in wanted] + [RelPath(f".git/modules/{each.name}") for each in wanted]
    return tuple(dict.fromkeys(parent for each in places if (parent := each.parent) != "."))


def _git(context: Context) -> Git:
    return command.open_repository(context.root, partial(context.run, quiet=True))


def _register(level: Level, tolerated: frozenset[str] = frozenset()) -> None:
    """`git submodule init` for those that are not registered, the new address for those whose owner moved."""
    level.refuse(tolerated)
    fresh = [each for each in level.modules if each.fresh]
    if not fresh:
        return
    _, before = config.read(level.git)
    for module in fresh:
        if before.submodule(module.name).get("url", module.url) != module.url:
            level.git("config", "--local", f"submodule.{module.name}.url", module.url)
    initialised = _submodule(level.git, "init", paths=tuple(each.path for each in fresh))
    if initialised.status != 0 or failures.is_refused(initialised):
        raise failures.explain(initialised, place=modules.FILE)
    _, after = config.read(level.git)
    for module in fresh:
        # What git made of the address is what it will fetch: it must be the one that was checked.
        if (registered := after.submodule(module.name).get("url", "")) != module.url:
            raise StepFailed(
                "submodule.address",
                tr("git took the address of `{path}` for another one", path=module.path),
                details=(redact(registered), redact(module.url)),
                hint=tr("register it yourself: `git submodule init`, then run the same command again"),
            )


def _submodule(git: Git, verb: str, *options: str, paths: tuple[str, ...]) -> Finished:
    """`git submodule VERB`. The porcelain is a shell script that takes longer to start than a small clone.

    What it calls in the end takes the same options since 2.38.
    """
    words = (verb, "--quiet", *options, "--", *paths)
    if command.version(git.program) >= _HELPER_SINCE:
        finished = git("submodule--helper", *words, check=False)
        if "usage: " not in finished.stderr and "is not a git command" not in finished.stderr:
            return finished
    return git("submodule", *words, check=False)


class _Work:
    """One submodule and what is inside of it; counts what is done, for the progress line."""

    def __init__(self, *, wishes: Wishes, context: Context) -> None:
        self.wishes = wishes
        self.context = context
        self.done = 0
        self.known = 1

    def bring(self, git: Git, module: Submodule, prefix: str) -> None:
        """The submodule of the repository `git.folder`, which lies at `prefix` below the project."""
        worktree = git.folder / module.path
        if not state.is_at(worktree, module.commit):
            self._move(git, module, prefix)
        self.done += 1
        self.context.report(self.done, self.known)
        if self.wishes.recursive and (worktree / modules.FILE).exists():
            self._inside(git.at(worktree), f"{prefix}{module.path}/")

    def _inside(self, git: Git, prefix: str) -> None:
        level = survey(replace(git, protocols=command.SAFE_PROTOCOLS), self.wishes, self.context.options, prefix)
        _register(level, tolerated=frozenset(self.wishes.optional))
        self.known += len(level.modules)
        for module in level.modules:
            try:
                self.bring(transports(level.git, (module,)), module, prefix)
            except InstallerError as error:
                if not {module.name, prefix + module.path} & set(self.wishes.optional):
                    raise
                self.context.warn(
                    tr(
                        "the optional submodule `{path}` was left out: {why}",
                        path=prefix + module.path,
                        why=error.message,
                    )
                )

    def _move(self, git: Git, module: Submodule, prefix: str) -> None:
        place = prefix + module.path
        refuse_offline(git.folder, module, place, self.context.options)
        refuse_to_lose_work(git, module, place)
        git = _obeying_the_user_only(git, module)
        _follow_owner(git, module)
        finished = persist(lambda: self._fetch(git, module), retries=self._retries)
        if (
            _lacks_commit(finished)
            and (folder := state.git_folder(git.folder / module.path))
            and (folder / "shallow").exists()
        ):
            # A server that gives out branches only: the commit lies deeper.
            replace(git, folder=git.folder / module.path)("fetch", "--unshallow", "--quiet", check=False)
            finished = self._fetch(git, module)
        if finished.status != 0 or failures.is_refused(finished):
            raise failures.explain(finished, place=place, url=module.url)
        if not state.is_at(git.folder / module.path, module.commit):
            raise StepFailed(
                "submodule.unmoved",
                tr("`{place}` is not at its recorded commit", place=place),
                details=(module.commit,),
            )

    @property
    def _retries(self) -> int:
        return self.context.options.retries if self.wishes.retries is None else self.wishes.retries

    def _fetch(self, git: Git, module: Submodule) -> Finished:
        depth = {True: ("--depth=1",), False: ("--no-recommend-shallow",), None: ()}[self.wishes.shallow]
        local = ("--no-fetch",) if self.context.options.offline and urls.transport(module.url) != "file" else ()
        force = ("--force",) if state.is_unfinished(git.folder / module.path) else ()  # else git takes it for done
        return _submodule(git, "update", "--checkout", *depth, *local, *force, paths=(module.path,))


def refuse_offline(root: Path, module: Submodule, place: str, options: Options) -> None:
    """Raise `Unavailable` if the submodule is to be fetched from the network without a network."""
    if options.offline and urls.transport(module.url) != "file" and repository_of(root, module) is None:
        raise Unavailable(
            "submodule.offline",
            tr("the submodule `{place}` was never fetched, and `--offline` forbids it", place=place),
            hint=tr("run once without `--offline`"),
            submodule=place,
        )


def refuse_to_lose_work(git: Git, module: Submodule, place: str) -> None:
    """Raise `Conflict` if moving the submodule to its recorded commit would endanger work of the user's."""
    worktree = git.folder / module.path
    if (folder := repository_of(git.folder, module)) is not None:
        why = local_work.in_the_way(git.at(worktree), folder, module.commit)
    else:
        why = "" if state.is_empty(worktree) else tr("files that belong to no repository")
    if why:
        raise Conflict(
            "submodule.changed",
            tr("`{place}` is to be moved to its recorded commit, but holds work of yours", place=place),
            details=(why,),
            hint=tr(
                "commit and push it (then `git add` the folder), or stash it; `[tool.surefoot.submodules] skip` leaves it alone"
            ),
            submodule=place,
        )


def repository_of(root: Path, module: Submodule) -> Path | None:
    """The git folder of a submodule of the repository at `root`; None if it was never cloned."""
    if (folder := state.git_folder(root / module.path)) is not None:
        return folder
    own = state.git_folder(root)
    folder = own / "modules" / module.name if own else None
    return folder if folder and (folder / "HEAD").is_file() and not folder.is_symlink() else None


def _obeying_the_user_only(git: Git, module: Submodule) -> Git:
    """`git` that runs no program which only the clone's own configuration names: the update works inside of the clone."""
    if (folder := repository_of(git.folder, module)) is None:
        return git
    return replace(git, settings=config.read(git.inside(folder))[0].settings)


def _follow_owner(git: Git, module: Submodule) -> None:
    """Where the clone still fetches from an address that `.gitmodules` once had, let it fetch from the new one."""
    if (folder := repository_of(git.folder, module)) is None:
        return
    level, settings = config.read(git)
    registered = settings.submodule(module.name).get("url", "")
    now = config.read(git.inside(folder))[1].last("remote.origin.url")
    if registered and now and now != registered and now in modules.former(level, settings):
        git.inside(folder)("config", "--local", "remote.origin.url", registered)


def _lacks_commit(finished: Finished) -> bool:
    return finished.status != 0 and failures.explain(finished, place="").code == "submodule.commit"


def persist(attempt: Callable[[], Finished], *, retries: int, wait: Callable[[float], None] = time.sleep) -> Finished:
    """Run `attempt` until it succeeds, fails for good, or was repeated `retries` times; longer pauses between."""
    for pause in _pauses(retries):
        finished = attempt()
        if finished.status == 0 or not failures.is_passing(finished):
            return finished
        wait(pause)
    return attempt()


def _pauses(count: int) -> Iterator[float]:
    for number in range(count):
        yield min(_FIRST_PAUSE * 2**number, _LONGEST_PAUSE)
