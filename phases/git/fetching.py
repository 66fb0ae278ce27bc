"""Fetching one submodule, and what is inside of it, to the recorded commits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from installer.errors import InstallerError, StepFailed
from installer.frozen import replace
from installer.i18n import tr
from phases.git import command, config, failures, modules, obstacles, places, registering, state, urls
from phases.git.addresses import former

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from installer.model import Context, Finished
    from phases.git.command import Git
    from phases.git.modules import Submodule
    from phases.git.wishes import Wishes

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0


class Fetching:
    """One submodule and what is inside of it; counts what is done, for the progress line."""

    def __init__(self, *, wishes: Wishes, context: Context) -> None:
        self.wishes = wishes
        self.context = context
        self.done = 0
        self.known = 1

    def bring(self, git: Git, module: Submodule, prefix: str) -> None:
        """The submodule of the repository `git.folder`, which lies at `prefix` below the project."""
        worktree = git.folder / module.path
        if not places.is_in_place(git, module):
            self._move(git, module, prefix)
        self.done += 1
        self.context.report(self.done, self.known)
        if self.wishes.recursive and (worktree / modules.FILE).exists():
            self._inside(git.at(worktree), f"{prefix}{module.path}/")

    def _inside(self, git: Git, prefix: str) -> None:
        level = modules.read(replace(git, protocols=command.SAFE_PROTOCOLS), self.wishes, prefix)
        registering.register(level, self.wishes)
        self.known += len(level.modules)
        for module in level.modules:
            try:
                self.bring(with_transport(level.git, module), module, prefix)
            except InstallerError as error:
                place = prefix + module.path
                if not self.wishes.is_optional(module.name, place):
                    raise
                why = " ".join((error.message, *error.details[-1:]))
                self.context.warn(tr("the optional submodule `{path}` was left out: {why}", path=place, why=why))

    def _move(self, git: Git, module: Submodule, prefix: str) -> None:
        place = prefix + module.path
        if self.wishes.offline:
            obstacles.refuse_offline(git.folder, module, place)
        obstacles.refuse_to_lose_work(git, module, place)
        git = _obeying_the_user_only(git, module)
        _follow_owner(git, module)
        fresh = places.repository_of(git.folder, module) is None
        finished = persist(lambda: self._fetch(git, module, fresh=fresh), retries=self.wishes.retries or 0)
        if fresh and _lacks_commit(finished):
            finished = persist(lambda: self._fetch(git, module), retries=self.wishes.retries or 0)
        if _lacks_commit(finished) and _is_shallow(git, module):
            # A server that gives out branches only: the commit lies deeper.
            replace(git, folder=git.folder / module.path)("fetch", "--unshallow", "--quiet", check=False)
            finished = self._fetch(git, module)
        if finished.status != 0 or failures.is_refused(finished) or failures.is_unsettled(finished):
            raise failures.explain(finished, place=place, url=module.url)
        if not places.is_in_place(git, module):
            wanted = (module.commit,)
            raise StepFailed(
                "submodule.unmoved", tr("`{place}` is not at its recorded commit", place=place), details=wanted
            )

    def _fetch(self, git: Git, module: Submodule, *, fresh: bool = False) -> Finished:
        """`fresh`: a new clone has what any branch of its server reaches; git need not look twice whether it does."""
        depth = {True: ("--depth=1",), False: ("--no-recommend-shallow",), None: ()}[self.wishes.shallow]
        offline = self.wishes.offline and urls.transport(module.url) != "file"
        local = ("--no-fetch",) if fresh or offline else ()
        force = ("--force",) if state.is_unfinished(git.folder / module.path) else ()  # else git takes it for done
        return registering.submodule(git, "update", "--checkout", *depth, *local, *force, paths=(module.path,))


def with_transport(git: Git, module: Submodule) -> Git:
    """`git` that may use what the (checked) address needs, and nothing else."""
    return replace(git, protocols=tuple(sorted({*git.protocols, urls.transport(module.url)})))


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


def _obeying_the_user_only(git: Git, module: Submodule) -> Git:
    """`git` that runs no program which only the clone's own configuration names: it works inside of the clone."""
    if (folder := places.repository_of(git.folder, module)) is None:
        return git
    return replace(git, settings=config.read(git.inside(folder))[0].settings)


def _follow_owner(git: Git, module: Submodule) -> None:
    """Where the clone still fetches from an address that `.gitmodules` once had, let it fetch from the new one."""
    if (folder := places.repository_of(git.folder, module)) is None:
        return
    level, settings = config.read(git)
    registered = settings.submodule(module.name).get("url", "")
    now = config.read(git.inside(folder))[1].last("remote.origin.url")
    if registered and now and now != registered and now in former(level, settings):
        git.inside(folder)("config", "--local", "remote.origin.url", registered)


def _lacks_commit(finished: Finished) -> bool:
    return finished.status != 0 and failures.explain(finished, place="").code == "submodule.commit"


def _is_shallow(git: Git, module: Submodule) -> bool:
    folder = state.git_folder(git.folder / module.path)
    return folder is not None and (folder / "shallow").exists()
