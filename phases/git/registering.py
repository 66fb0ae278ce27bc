"""Registering submodules: `git submodule init`, and the new address where an owner moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import StepFailed
from installer.i18n import tr
from installer.redact import redact
from phases.git import command, config, failures, modules

if TYPE_CHECKING:
    from installer.model import Finished
    from phases.git.command import Git
    from phases.git.modules import Level
    from phases.git.wishes import Wishes

_HELPER_SINCE = (2, 38)


def register(level: Level, wishes: Wishes) -> None:
    """Note the addresses of `level` in its repository's configuration, where they are absent or out of date.

    Raises `Refused`, before anything is written, for what must not be trusted.
    """
    level.refuse(wishes)
    fresh = [each for each in level.modules if each.fresh]
    if not fresh:
        return
    _, before = config.read(level.git)
    for module in fresh:
        if before.submodule(module.name).get("url", module.url) != module.url:
            level.git("config", "--local", f"submodule.{module.name}.url", module.url)
    initialised = submodule(level.git, "init", paths=tuple(each.path for each in fresh))
    if initialised.status != 0 or failures.is_refused(initialised) or failures.is_unsettled(initialised):
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


def submodule(git: Git, verb: str, *options: str, paths: tuple[str, ...]) -> Finished:
    """`git submodule VERB`. The porcelain is a shell script that takes longer to start than a small clone.

    What it calls in the end takes the same options since 2.38.
    """
    words = (verb, "--quiet", *options, "--", *paths)
    if command.version(git.program) >= _HELPER_SINCE:
        finished = git("submodule--helper", *words, check=False)
        if "usage: " not in finished.stderr and "is not a git command" not in finished.stderr:
            return finished
    return git("submodule", *words, check=False)
